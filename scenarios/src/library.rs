//! The scenarios that come with the program, embedded in the binary.
//!
//! To add one, put its file into `networks/`, `hospitals/` or `regions/` and its name into `EMBEDDED`: one line.

use crate::load::FormatKind;
use crate::reader::Document;
use onetrip_models::text::Text;

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// What it describes.
    pub kind: FormatKind,
    /// Its file.
    pub text: &'static str,
}

macro_rules! network {
    ($name:literal) => {
        Embedded {
            name: $name,
            kind: FormatKind::Network,
            text: include_str!(concat!("../networks/", $name, ".toml")),
        }
    };
}

macro_rules! hospital {
    ($name:literal) => {
        Embedded {
            name: $name,
            kind: FormatKind::Hospital,
            text: include_str!(concat!("../hospitals/", $name, ".toml")),
        }
    };
}

macro_rules! region {
    ($name:literal) => {
        Embedded {
            name: $name,
            kind: FormatKind::Region,
            text: include_str!(concat!("../regions/", $name, ".toml")),
        }
    };
}

/// In the order in which lists show them.
static EMBEDDED: &[Embedded] = &[
    hospital!("hangzhou-2018-12"),
    hospital!("hangzhou-2018-06"),
    hospital!("county-2016"),
    hospital!("district-hospital"),
    hospital!("township"),
    hospital!("village-clinic"),
    region!("china-day"),
    region!("zhejiang-day"),
    region!("hangzhou-city"),
    network!("mm1-pharmacy"),
    network!("mm1-simmer"),
    network!("mm1-benchmark"),
    network!("mm3-ciw"),
    network!("mm2-3-loss"),
    network!("erlang-b"),
    network!("erlang-c"),
    network!("kiosks-5"),
    network!("kiosks-6"),
    network!("kiosks-7"),
    network!("erlang-a"),
    network!("md1"),
    network!("me2"),
    network!("mg1-uniform"),
    network!("mg1-lognormal"),
    network!("mh2"),
    network!("dm1-appointments-20"),
    network!("dm1-appointments-25"),
    network!("clinic-transient"),
    network!("priority-nonpreemptive"),
    network!("priority-preemptive"),
    network!("er-triage"),
    network!("cafe-jackson"),
    network!("finite-source"),
    network!("finite-source-two"),
    network!("batches"),
    network!("mt-m-infinity"),
    network!("mt-m3-transient"),
    network!("balking-ciw"),
    network!("no-queue-half"),
    network!("no-queue-ties"),
    network!("strict-order"),
    network!("shift-utilisation"),
    network!("tandem-blocking"),
    network!("processor-sharing"),
    network!("morning-clinic"),
    network!("model-a"),
    network!("model-b"),
];

/// Every scenario that comes with the program.
pub fn all() -> &'static [Embedded] {
    EMBEDDED
}

/// The one with this name.
pub fn find(name: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|scenario| scenario.name == name)
}

impl Embedded {
    /// Its text, parsed, ready for [`crate::load::load`]; messages call it `NAME.toml`.
    pub fn document(&self) -> Document {
        Document::parse(format!("{}.toml", self.name), self.text)
    }

    /// Its title, as its file gives it.
    pub fn title(&self) -> Text {
        let table: toml::Table = toml::from_str(self.text).unwrap_or_default();
        let text =
            |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).unwrap_or(self.name).to_owned();
        match table.get("title") {
            Some(toml::Value::Table(both)) => Text::new(text(both.get("en")), text(both.get("zh"))),
            one => Text::same(text(one)),
        }
    }
}

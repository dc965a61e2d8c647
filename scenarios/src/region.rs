//! Regions in files (`format = "region/1"`): a city, a province, a country, as numbers of facilities of each kind and the
//! parts they are dealt out to. What one facility is like is a hospital that comes with the program, with a few values
//! set.
//!
//! ```
//! use onetrip_scenarios::reader::EvidenceRule;
//! use onetrip_scenarios::{library, region::read_region};
//!
//! let document = library::find("hangzhou-city").unwrap().document();
//! let region = read_region(document, EvidenceRule::Optional).unwrap().value;
//! assert_eq!(region.facilities.iter().map(|kind| kind.count).sum::<u64>(), 10 + 23 + 197);
//! ```

use crate::hospital::{HospitalScenario, SHIPPED, hospital_text, read_hospital};
use crate::reader::key::{Declared, Defaulted, Optional, Required, TableSpec, defaulted, optional, required};
use crate::reader::kinds::{Choice, List, Located, Name, Number, Shown, Text, Whole};
use crate::reader::{
    At, Diagnostics, Document, EvidenceRule, Mistake, Provenance, Reading, Record, Table, read,
};
use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_models::text::Text as Words;

/// The word under the key `format` of these files.
pub const FORMAT: &str = "region/1";

/// A region as a file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionSpec {
    /// Name, that of the document.
    pub id: String,
    /// Title.
    pub title: Words,
    /// One line about it.
    pub about: Words,
    /// Its parts.
    pub shards: Vec<ShardSpec>,
    /// Its facilities by kind.
    pub facilities: Vec<FacilitySpec>,
}

/// A part of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct ShardSpec {
    /// Short name.
    pub id: String,
    /// Shown name.
    pub title: Words,
    /// Weight by which facilities are dealt out.
    pub weight: f64,
}

/// Facilities of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct FacilitySpec {
    /// Short name.
    pub id: String,
    /// Shown name.
    pub title: Words,
    /// How many there are.
    pub count: u64,
    /// The shipped hospital that each is like, but for what is set.
    pub scenario: String,
    /// What each is like.
    pub hospital: HospitalSpec,
    /// Where the numbers of that hospital come from.
    pub provenance: Vec<Provenance>,
}

static KIND: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[(FORMAT, (), "facilities of a region")] },
    "what kind of file this is",
);
static TITLE: Required<Shown> = required("title", Shown, "what the region is, in a few words");
static ABOUT: Optional<Shown> = optional("about", Shown, "one line about it");
static SHARDS: Required<List<Record<RawShard>>> =
    required("shard", List::at_least(1, Record { spec: &SHARD, read: read_shard }), "its parts");
static FACILITIES: Required<List<Record<RawFacility>>> = required(
    "facility",
    List::at_least(1, Record { spec: &FACILITY, read: read_facility }),
    "its facilities, by kind",
);

/// The keys of a region file.
pub static REGION: TableSpec = TableSpec {
    name: "region",
    doc: "a region: kinds of facility, how many of each, and the parts they are dealt out to",
    keys: &[&KIND, &TITLE, &ABOUT, &SHARDS, &FACILITIES],
};

static SHARD_ID: Required<Located<Name>> = required("id", Located(Name), "short name of the part");
static SHARD_TITLE: Required<Shown> = required("title", Shown, "its name");
static WEIGHT: Defaulted<Number> =
    defaulted("weight", Number::NOT_NEGATIVE, "1.0", "its weight when facilities are dealt out");
static SHARD: TableSpec = TableSpec {
    name: "shard",
    doc: "a part of the region, reported by itself",
    keys: &[&SHARD_ID, &SHARD_TITLE, &WEIGHT],
};

struct RawShard {
    id: At<String>,
    title: Words,
    weight: f64,
}

fn read_shard(table: &Table<'_>) -> Option<RawShard> {
    let (id, title, weight) = (table.read(&SHARD_ID), table.read(&SHARD_TITLE), table.read(&WEIGHT));
    Some(RawShard { id: id?, title: title?, weight: weight? })
}

static ID: Required<Located<Name>> = required("id", Located(Name), "short name of the kind");
static NAME: Required<Shown> = required("title", Shown, "its name");
static COUNT: Required<Whole> = required("count", Whole, "how many there are");
static SCENARIO: Required<Located<Text>> = required(
    "scenario",
    Located(Text),
    "the hospital that each of them is like; one that comes with the program",
);
static SET: Optional<List<Located<Text>>> = optional(
    "set",
    List::of(Located(Text)),
    "values of that hospital that are different here, each as `path=value`, as after `--set`",
);
static FACILITY: TableSpec = TableSpec {
    name: "facility",
    doc: "facilities of one kind",
    keys: &[&ID, &NAME, &COUNT, &SCENARIO, &SET],
};

struct RawFacility {
    id: At<String>,
    title: Words,
    count: u64,
    scenario: String,
    hospital: Reading<HospitalScenario>,
}

fn read_facility(table: &Table<'_>) -> Option<RawFacility> {
    let (id, title, count) = (table.read(&ID), table.read(&NAME), table.read(&COUNT));
    let (scenario, settings) = (table.read(&SCENARIO), table.read(&SET));
    let (id, scenario, settings) = (id?, scenario?, settings?.unwrap_or_default());
    let hospital = describe(table, &id.value, &scenario, &settings);
    Some(RawFacility { id, title: title?, count: count?, scenario: scenario.value, hospital: hospital? })
}

/// The hospital that facilities of a kind are like.
fn describe(
    table: &Table<'_>,
    id: &str,
    scenario: &At<String>,
    settings: &[At<String>],
) -> Option<Reading<HospitalScenario>> {
    let names = SHIPPED.map(|(name, _)| name);
    let Some(text) = hospital_text(&scenario.value) else {
        let mistake = Mistake::new(format!("no hospital named `{}` comes with the program", scenario.value));
        table.report(
            &scenario.place,
            mistake.accepted(names.join(", ")).nearest(&scenario.value, names.iter().copied()),
        );
        return None;
    };
    let mut document = Document::parse(format!("{id}.toml"), text);
    settings.iter().for_each(|setting| document.set(&setting.value));
    match read_hospital(document, EvidenceRule::Optional) {
        Ok(reading) => Some(reading),
        Err(diagnostics) => {
            // A mistake of a setting is at the setting; anything else would be a defect of the shipped file.
            for diagnostic in diagnostics.iter() {
                let at = settings.iter().find(|setting| setting.value.contains(&diagnostic.key));
                let place = at.map_or(&scenario.place, |setting| &setting.place);
                table.report(place, Mistake::new(format!("{}: {}", diagnostic.key, diagnostic.message)));
            }
            None
        }
    }
}

static ROOT: Record<RegionSpec> = Record { spec: &REGION, read: read_root };

fn read_root(table: &Table<'_>) -> Option<RegionSpec> {
    let format = table.read(&KIND);
    let (title, about) = (table.read(&TITLE), table.read(&ABOUT));
    let (shards, facilities) = (table.read(&SHARDS), table.read(&FACILITIES));
    table.distinct_elements(SHARDS.name(), "shard");
    table.distinct_elements(FACILITIES.name(), "kind of facility");
    format?;
    let (shards, facilities) = (shards?, facilities?);
    if shards.iter().all(|shard| shard.weight == 0.0) {
        table.report(
            &table.place(),
            Mistake::new("every shard has the weight 0; at least one above 0 is needed"),
        );
        return None;
    }
    let shards =
        shards.into_iter().map(|raw| ShardSpec { id: raw.id.value, title: raw.title, weight: raw.weight });
    let facilities = facilities.into_iter().map(|raw| FacilitySpec {
        id: raw.id.value,
        title: raw.title,
        count: raw.count,
        scenario: raw.scenario,
        hospital: raw.hospital.value.hospital,
        provenance: raw.hospital.provenance,
    });
    Some(RegionSpec {
        id: String::new(),
        title: title?,
        about: about?.unwrap_or_default(),
        shards: shards.collect(),
        facilities: facilities.collect(),
    })
}

/// Reads a region. The region is named after the document.
///
/// # Errors
/// All mistakes at once.
pub fn read_region(document: Document, rule: EvidenceRule) -> Result<Reading<RegionSpec>, Diagnostics> {
    let id = document.stem().to_owned();
    let mut reading = read(document, &ROOT, rule)?;
    reading.value.id = id;
    Ok(reading)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;
    use crate::load::FormatKind;

    #[test]
    fn every_shipped_region_reads_and_says_where_its_numbers_come_from() {
        let shipped = library::all().iter().filter(|scenario| scenario.kind == FormatKind::Region);
        assert_eq!(shipped.clone().count(), 3);
        for scenario in shipped {
            let region = match read_region(scenario.document(), EvidenceRule::Required) {
                Ok(reading) => reading.value,
                Err(diagnostics) => panic!("{}: {diagnostics}", scenario.name),
            };
            assert_eq!(region.id, scenario.name);
        }
    }

    #[test]
    fn the_country_adds_up_to_the_published_totals() {
        let document = library::find("china-day").expect("shipped").document();
        let region = read_region(document, EvidenceRule::Optional).expect("reads").value;
        assert_eq!(region.facilities.iter().map(|kind| kind.count).sum::<u64>(), 1_070_785);
        let visits: f64 = region
            .facilities
            .iter()
            .map(|kind| kind.count as f64 * kind.hospital.demand.visits_per_day)
            .sum();
        assert!((visits - 9.55e9 / 365.0).abs() < 0.01 * visits, "{visits} visits a day");
        assert_eq!(region.shards.len(), 31);
    }

    #[test]
    fn mistakes_in_settings_are_shown_where_they_are() {
        let text = "format = \"region/1\"\ntitle = \"t\"\n[[shard]]\nid = \"a\"\ntitle = \"a\"\n[[facility]]\n\
                    id = \"x\"\ntitle = \"x\"\ncount = 3\nscenario = \"townshp\"\n[[facility]]\nid = \"y\"\ntitle = \"y\"\n\
                    count = 1\nscenario = \"township\"\nset = [\"demand.visits_per_dy=3\"]\n";
        let diagnostics =
            read_region(Document::parse("r.toml", text), EvidenceRule::Optional).expect_err("two mistakes");
        let lines: Vec<String> = diagnostics.iter().map(|d| format!("{}: {}", d.line, d.message)).collect();
        assert!(lines.iter().any(|line| line.starts_with("10: no hospital named `townshp`")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("16: ")), "{lines:?}");
    }

    #[test]
    fn an_id_that_stands_twice_does_not_hide_behind_other_mistakes() {
        let text = "format = \"region/1\"\ntitle = \"t\"\n[[shard]]\nid = \"a\"\ntitle = \"a\"\n[[facility]]\n\
                    id = \"x\"\ntitle = \"x\"\ncount = -3\nscenario = \"township\"\n[[facility]]\nid = \"x\"\n\
                    title = \"y\"\ncount = 1\nscenario = \"township\"\n";
        let found =
            read_region(Document::parse("r.toml", text), EvidenceRule::Optional).expect_err("two mistakes");
        let lines: Vec<usize> = found.iter().map(|one| one.line).collect();
        assert_eq!(lines, [9, 12], "{found}");
    }
}

//! Hospitals in files (`format = "hospital/1"`): one hospital on one kind of day, in the order in which a patient walks
//! through it.
//!
//! ```
//! use onetrip_scenarios::hospital::{read_hospital, starter};
//! use onetrip_scenarios::reader::{Document, EvidenceRule};
//!
//! let mut document = Document::parse("my-hospital.toml", starter());
//! document.set("registration.windows.shifts.\"07:30-12:00\"=3");
//! let reading = read_hospital(document, EvidenceRule::Optional).unwrap();
//! assert_eq!(reading.value.hospital.id, "my-hospital");
//! assert_eq!(reading.value.hospital.registration.windows.shifts[0].count, 3);
//!
//! // A hospital that differs from another in a few places says only where.
//! let text = "format = \"hospital/1\"\nextends = \"township\"\nname = \"ours\"\ndemand.visits_per_day = 90\n";
//! let ours = read_hospital(Document::parse("ours.toml", text), EvidenceRule::Optional).unwrap().value;
//! assert_eq!(ours.hospital.demand.visits_per_day, 90.0);
//! ```

mod consultation;
mod demand;
mod examination;
mod facts;
mod format;
mod kinds;
mod places;
mod registration;
mod settlement;
mod shift_table;
pub(crate) mod stress;
#[cfg(test)]
mod tests;

pub use format::HOSPITAL;
pub use shift_table::ShiftTable;

use crate::reader::{Diagnostics, Document, EvidenceRule, Reading, read};
use onetrip_models::hospital::spec::HospitalSpec;
use onetrip_models::text::Text;

/// The word under the key `format` of these files.
pub const FORMAT: &str = "hospital/1";

/// The hospitals that come with the program, by name, with the text of their files.
pub const SHIPPED: [(&str, &str); 6] = [
    ("hangzhou-2018-06", include_str!("../hospitals/hangzhou-2018-06.toml")),
    ("hangzhou-2018-12", include_str!("../hospitals/hangzhou-2018-12.toml")),
    ("county-2016", include_str!("../hospitals/county-2016.toml")),
    ("township", include_str!("../hospitals/township.toml")),
    ("district-hospital", include_str!("../hospitals/district-hospital.toml")),
    ("village-clinic", include_str!("../hospitals/village-clinic.toml")),
];

/// A hospital as a file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct HospitalScenario {
    /// The scenario in one line.
    pub title: Text,
    /// The hospital.
    pub hospital: HospitalSpec,
}

/// The text of a hospital that comes with the program, as its file has it.
pub fn hospital_text(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

/// A commented file to begin a hospital of one's own with; it reads without mistakes.
pub fn starter() -> &'static str {
    include_str!("../hospitals/starter.toml")
}

/// The same file with its remarks in Chinese.
pub fn starter_in_chinese() -> &'static str {
    include_str!("../hospitals/starter.zh.toml")
}

/// Reads a hospital. Values of the command line are set on the document before ([`Document::set`]), where `NAME.count`
/// stands for a whole [`ShiftTable`]. A file may extend a hospital that comes with the program. The hospital is named after the document: `county-2016.toml` describes
/// `county-2016`.
///
/// # Errors
/// All mistakes at once: what does not fit the format, names of sessions and examinations that do not exist, shares that
/// do not add up, and what keeps the hospital from being simulated
/// ([`HospitalSpec::validate`]), each at the place in the file that says it.
pub fn read_hospital(
    document: Document,
    rule: EvidenceRule,
) -> Result<Reading<HospitalScenario>, Diagnostics> {
    let id = document.stem().to_owned();
    let names = SHIPPED.map(|(name, _)| name);
    let find = |name: &str| Some(Document::parse(format!("{name}.toml"), hospital_text(name)?));
    let document = shift_table::with_counts(document.extended(&HOSPITAL, &names, &find), rule);
    let mut reading = read(document, &format::ROOT, rule)?;
    reading.value.hospital.id = id;
    Ok(reading)
}

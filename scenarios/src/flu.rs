//! The week of influenza that comes with the program: which departments see more people, and how many more.

use crate::hospital::stress::{SURGE_TABLE, SurgeRecord};
use crate::reader::key::{Required, TableSpec, required};
use crate::reader::kinds::{Choice, List};
use crate::reader::{Document, EvidenceRule, Record, Table, read};
use onetrip_models::hospital::spec::{HospitalSpec, Surge};

static FORMAT: Required<Choice<()>> = required(
    "format",
    Choice { what: "format", options: &[("flu/1", (), "first version of this format")] },
    "which format the file is in",
);
static SURGES: Required<List<SurgeRecord>> =
    required("surge", List::at_least(1, SURGE_TABLE), "departments that more people come to");
static FLU: TableSpec = TableSpec { name: "flu", doc: "a week of influenza", keys: &[&FORMAT, &SURGES] };
static ROOT: Record<Vec<Surge>> = Record { spec: &FLU, read: read_root };

fn read_root(table: &Table<'_>) -> Option<Vec<Surge>> {
    let (format, surges) = (table.read(&FORMAT), table.read(&SURGES));
    format?;
    Some(surges?.into_iter().map(|(_, surge)| surge).collect())
}

/// What a week of influenza brings to this hospital, as the shipped file `flu-week.toml` has it.
pub fn flu_week(hospital: &HospitalSpec) -> Vec<Surge> {
    let text = include_str!("../overlays/flu-week.toml");
    let reading = read(Document::parse("flu-week.toml", text), &ROOT, EvidenceRule::Required);
    let all = reading.expect("the shipped file is read by a test").value;
    let has = |surge: &Surge| hospital.departments.iter().any(|one| one.id == surge.department);
    all.into_iter().filter(has).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hospital::{SHIPPED, read_hospital};

    #[test]
    fn every_shipped_hospital_has_departments_that_influenza_reaches() {
        for (name, text) in SHIPPED {
            let document = Document::parse(format!("{name}.toml"), text);
            let hospital =
                read_hospital(document, EvidenceRule::Optional).expect("it is shipped").value.hospital;
            let surges = flu_week(&hospital);
            assert!(!surges.is_empty(), "{name}");
            assert!(surges.iter().all(|surge| surge.factor > 1.0));
        }
    }
}

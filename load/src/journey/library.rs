//! The journeys that come with the program.

use onetrip_scenarios::reader::Document;

/// A journey that comes with the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shipped {
    /// Its name, as on the command line.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),*) => {
        &[$(Shipped { name: $name, text: include_str!(concat!("../../journeys/", $name, ".toml")) }),*]
    };
}

static SHIPPED: &[Shipped] = shipped!(
    "desk",
    "fhir-if-match",
    "fhir-transaction",
    "fhir-conditional-create",
    "fhir-hold-book",
    "fhir-naive",
    "pretix"
);

/// Every journey that comes with the program.
pub fn shipped() -> &'static [Shipped] {
    SHIPPED
}

/// The one with this name.
pub fn find(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|journey| journey.name == name)
}

impl Shipped {
    /// Its text, parsed; messages call it `NAME.toml`.
    pub fn document(&self) -> Document {
        Document::parse(format!("{}.toml", self.name), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_journey;
    use super::*;

    #[test]
    fn every_journey_reads_without_findings() {
        for journey in shipped() {
            let reading = read_journey(journey.document()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            assert!(reading.warnings.is_empty(), "{}", reading.warnings);
            assert_eq!(reading.value.name, journey.name);
        }
    }

    #[test]
    fn all_mistakes_of_a_file_are_told_at_once() {
        let text = "format = \"journey/1\"\nname = \"x\"\npatience = \"soon\"\n[[step]]\nname = \"a\"\n\
                    action = \"hld\"\npath = \"/slots/{slott}\"\n[[step.answer]]\nstatus = 900\noutcome = \"ok\"\n";
        let mistakes = read_journey(Document::parse("x.toml", text)).err().unwrap();
        assert_eq!(mistakes.len(), 3, "{mistakes}");
        let text = "format = \"journey/1\"\nname = \"x\"\n[[step]]\nname = \"a\"\naction = \"hold\"\n\
                    path = \"/slots/{slot}/{patient}\"\npick = \"slots\"\n\
                    [[step.answer]]\nstatus = 409\noutcome = \"taken\"\nthen = \"b\"\n";
        let mistakes = read_journey(Document::parse("x.toml", text)).err().unwrap();
        assert_eq!(mistakes.len(), 3, "{mistakes}");
    }
}

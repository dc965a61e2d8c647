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
    use super::super::{JOURNEY, read_journey};
    use super::*;
    use onetrip_scenarios::reader::extensible_json_schema;

    #[test]
    fn every_journey_reads_without_findings() {
        for journey in shipped() {
            let reading = read_journey(journey.document()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            assert!(reading.warnings.is_empty(), "{}", reading.warnings);
            assert_eq!(reading.value.name, journey.name);
        }
    }

    #[test]
    fn a_journey_that_extends_another_says_only_how_it_differs() {
        let steps = |name: &str| -> Vec<String> {
            let journey = read_journey(find(name).unwrap().document()).unwrap().value;
            journey.steps.into_iter().map(|step| step.name).take(6).collect()
        };
        assert_eq!(
            steps("fhir-transaction"),
            ["sign-in", "find", "look", "book", "my-appointment", "arrive"]
        );
        assert_eq!(steps("fhir-naive"), ["sign-in", "find", "look", "claim", "book", "my-appointment"]);
        let naive = read_journey(find("fhir-naive").unwrap().document()).unwrap().value;
        assert!(naive.steps[3].form.headers.iter().all(|(name, _)| name != "if-match"));
    }

    #[test]
    fn steps_come_behind_the_ones_they_name_in_the_order_of_the_file() {
        let step = |name: &str, after: &str| {
            format!("[[step]]\nname = \"{name}\"\n{after}action = \"other\"\npath = \"/\"\n")
        };
        let read = |steps: &[(&str, &str)]| {
            let steps: String = steps.iter().map(|(name, after)| step(name, after)).collect();
            read_journey(Document::parse("x.toml", format!("format = \"journey/1\"\nname = \"x\"\n{steps}")))
        };
        let behind = |name: &str| format!("after = \"{name}\"\n");
        let journey =
            read(&[("e", &behind("d")), ("b", &behind("a")), ("c", &behind("a")), ("a", ""), ("d", "")]);
        let names: Vec<String> = journey.unwrap().value.steps.into_iter().map(|step| step.name).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
        let circle = read(&[("a", ""), ("b", &behind("c")), ("c", &behind("b")), ("d", &behind("d"))]);
        let mistakes = circle.err().unwrap();
        assert_eq!(mistakes.len(), 3, "{mistakes}");
        let unknown = read(&[("look", ""), ("b", &behind("lok"))]).err().unwrap();
        assert!(unknown.to_string().contains("did you mean `look`?"), "{unknown}");
        let text = "format = \"journey/1\"\nextends = \"fhir-naive\"\nname = \"x\"\n[[step]]\nname = \"more\"\n\
                    after = \"lok\"\naction = \"read\"\npath = \"/{slott}\"\n";
        let all = read_journey(Document::parse("x.toml", text)).err().unwrap();
        assert_eq!(all.len(), 2, "{all}");
        let text = "format = \"journey/1\"\nextends = \"fhir-naiv\"\nname = \"x\"\n";
        let unknown = read_journey(Document::parse("x.toml", text)).err().unwrap();
        assert_eq!(unknown.len(), 1, "{unknown}");
        assert!(unknown.to_string().contains("there is no journey `fhir-naiv` to extend"), "{unknown}");
    }

    #[test]
    fn the_schema_asks_less_of_a_journey_that_extends_another() {
        let schema = extensible_json_schema("onetrip journey", JOURNEY.spec);
        assert_eq!(schema["then"]["$ref"], "#/$defs/changed_journey");
        let needed = |definition: &str| schema["$defs"][definition]["required"].clone();
        assert_eq!(needed("journey"), serde_json::json!(["format", "name", "step"]));
        assert_eq!(needed("changed_journey"), serde_json::json!(["format"]));
        assert_eq!(needed("changed_step"), serde_json::json!(["name"]));
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

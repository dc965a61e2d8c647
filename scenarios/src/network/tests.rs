//! Shipped networks read without a finding, fit their schema, and the reference page says what the reader knows.

use super::{NETWORK, network_schema, read_network};
use crate::library;
use crate::load::FormatKind;
use crate::reader::schema::reference_markdown;
use crate::reader::{Document, Ink, Origin};

#[test]
fn every_shipped_network_reads_without_a_finding() {
    for scenario in library::all().iter().filter(|scenario| scenario.kind == FormatKind::Network) {
        let reading = read_network(scenario.document())
            .unwrap_or_else(|mistakes| panic!("{}:\n{}", scenario.name, mistakes.render(Ink::Plain)));
        assert!(reading.warnings.is_empty(), "{}:\n{}", scenario.name, reading.warnings.render(Ink::Plain));
        assert_eq!(reading.value.name, scenario.name);
        assert_eq!(reading.value.title, scenario.title());
        for number in reading.provenance.iter().filter(|number| number.origin == Origin::File) {
            assert!(
                number.evidence.source.is_some() || number.evidence.assumption,
                "{}: {} says nothing of where it comes from",
                scenario.name,
                number.path
            );
        }
    }
}

fn json_of(text: &str) -> serde_json::Value {
    let table: toml::Table = toml::from_str(text).expect("TOML");
    serde_json::to_value(table).expect("JSON")
}

#[test]
fn the_schema_accepts_every_shipped_network_and_refuses_misspelt_keys() {
    let validator = jsonschema::draft202012::new(&network_schema()).expect("a schema");
    for scenario in library::all().iter().filter(|scenario| scenario.kind == FormatKind::Network) {
        let document = json_of(scenario.text);
        let mistakes: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(mistakes.is_empty(), "{}: {}", scenario.name, mistakes.join("\n"));
    }
    let pharmacy = library::find("mm1-pharmacy").expect("shipped").text;
    for (written, wrong) in [
        ("servers = 1", "servrs = 1"),
        ("servers = 1", "servers = \"many\""),
        ("journey = [\"pharmacist\"]", "journey = [{ vist = \"pharmacist\" }]"),
        ("law = \"exponential\"", "law = \"exponental\""),
    ] {
        let broken = pharmacy.replace(written, wrong);
        assert_ne!(broken, pharmacy);
        assert!(!validator.is_valid(&json_of(&broken)), "{wrong}");
    }
}

/// The reference in `docs/` is made from the declarations; set `ONETRIP_WRITE_DOCS` to write it anew.
#[test]
fn the_reference_page_says_what_the_reader_knows() {
    const MARK: &str = "<!-- from here on made from the reader's declarations -->\n";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/network-format.md");
    let page = std::fs::read_to_string(file).expect("the page is there");
    let (written, made) = page.split_once(MARK).expect("the page has its mark");
    let reference = reference_markdown(&NETWORK);
    if std::env::var_os("ONETRIP_WRITE_DOCS").is_some() {
        std::fs::write(file, format!("{written}{MARK}\n{reference}")).expect("writable");
        return;
    }
    assert!(
        made.trim() == reference.trim(),
        "docs/network-format.md is out of date: run the tests of this crate with ONETRIP_WRITE_DOCS=1"
    );
}

#[test]
fn the_example_of_the_reference_page_reads() {
    let page = include_str!("../../../docs/network-format.md");
    let mut examples =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let whole = examples.next().expect("a whole file");
    let reading = read_network(Document::parse("example.toml", whole));
    assert!(reading.is_ok_and(|reading| reading.warnings.is_empty()));
}

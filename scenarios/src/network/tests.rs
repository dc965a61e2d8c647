//! Shipped networks read without a finding, fit their schema, and the reference page says what the reader knows.

use super::read_network;
use crate::library;
use crate::load::FormatKind;
use crate::reader::{Ink, Origin};

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

//! The one door for scenarios: a file says under the key `format` what it describes, and the reader of that format
//! reads it.
//!
//! ```
//! use onetrip_scenarios::{library, load::{self, Scenario}};
//!
//! let mut document = library::find("mm1-pharmacy").unwrap().document();
//! document.set("run.replications=5");
//! let reading = load::load(document).unwrap();
//! let Scenario::Network(network) = reading.value else { panic!("it is a network") };
//! assert_eq!(network.run.replications, Some(5));
//! ```

use crate::hospital::{self, HospitalScenario, read_hospital};
use crate::network::{self, read_network};
use crate::reader::{Diagnostics, Document, EvidenceRule, KeyPath, Mistake, Place, Reading};
use crate::region;
use crate::targets;
use onetrip_models::network::NetworkSpec;

/// A scenario of any kind, read and checked.
#[derive(Clone, Debug)]
pub enum Scenario {
    /// A plain queueing network.
    Network(Box<NetworkSpec>),
    /// A hospital.
    Hospital(Box<HospitalScenario>),
}

/// The kinds of scenario there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatKind {
    /// A plain queueing network.
    Network,
    /// A hospital.
    Hospital,
    /// A region of many facilities; read by [`crate::region::read_region`], since it is no system by itself.
    Region,
}

const FORMAT_KEY: &str = "format";

type Reader = fn(Document) -> Result<Reading<Scenario>, Diagnostics>;

/// The word under `format`, the kind, and how a file of that format is read.
static FORMATS: [(&str, FormatKind, Reader); 3] = [
    (network::FORMAT, FormatKind::Network, |document| {
        let Reading { value, provenance, warnings } = read_network(document)?;
        Ok(Reading { value: Scenario::Network(Box::new(value)), provenance, warnings })
    }),
    (hospital::FORMAT, FormatKind::Hospital, |document| {
        let Reading { value, provenance, warnings } = read_hospital(document, EvidenceRule::Optional)?;
        Ok(Reading { value: Scenario::Hospital(Box::new(value)), provenance, warnings })
    }),
    (region::FORMAT, FormatKind::Region, refuse_region),
];

/// A region where one hospital or network is wanted.
fn refuse_region(document: Document) -> Result<Reading<Scenario>, Diagnostics> {
    let Document { sources, root, mut mistakes, .. } = document;
    let node = root.get(FORMAT_KEY).map_or(&root, |entry| &entry.node);
    let path = KeyPath::default().key(FORMAT_KEY);
    let place = Place { path, source: node.source, span: node.span.clone() };
    let mistake = Mistake::new("a region of many facilities, where one hospital or network is wanted")
        .accepted("a hospital or a network; regions are for `run`, `show` and `check`");
    mistakes.push(mistake.at(&place, &sources));
    Err(Diagnostics::new(sources, mistakes))
}

/// Reads a scenario of any kind. Values of the command line are set on the document before ([`Document::set`]).
///
/// # Errors
/// All mistakes at once; when the format is missing or unknown, that and the mistakes of syntax.
pub fn load(document: Document) -> Result<Reading<Scenario>, Diagnostics> {
    match format_of(&document) {
        Some((.., read)) => read(document),
        None => Err(unknown_format(document, &FORMATS.each_ref().map(|(word, ..)| *word))),
    }
}

/// The kind of scenario that a document says it is.
pub fn kind_of(document: &Document) -> Option<FormatKind> {
    format_of(document).map(|(_, kind, _)| *kind)
}

/// What stands under a key of a document's root, such as `format`, on one line: tells what a file is before it is read.
pub fn written_at(document: &Document, key: &str) -> Option<String> {
    Some(document.root.get(key)?.node.summary())
}

fn format_of(document: &Document) -> Option<&'static (&'static str, FormatKind, Reader)> {
    let written = written_at(document, FORMAT_KEY)?;
    FORMATS.iter().find(|(word, ..)| *word == written)
}

/// The words under `format` of all files that there are readers for: scenarios, target documents, answers.
pub fn format_words() -> Vec<&'static str> {
    let scenarios = FORMATS.iter().map(|(word, ..)| *word);
    scenarios.chain([targets::FORMAT, targets::ANSWERS_FORMAT]).collect()
}

/// What is wrong with a document whose format is none of these words, with its mistakes of syntax.
pub fn unknown_format(document: Document, words: &[&str]) -> Diagnostics {
    let Document { sources, root, mut mistakes, .. } = document;
    let accepted: Vec<String> = words.iter().map(|word| format!("`{FORMAT_KEY} = \"{word}\"`")).collect();
    let mut accepted = accepted.join(", or ");
    let entry = root.get(FORMAT_KEY);
    let mistake = match entry {
        Some(entry) => {
            let written = entry.node.summary();
            let elsewhere = [
                (targets::FORMAT, "a target document", "--targets"),
                (targets::ANSWERS_FORMAT, "a file of answers", "--answers"),
            ];
            match elsewhere.iter().find(|(word, ..)| *word == written) {
                Some((_, what, argument)) => {
                    accepted.push_str(&format!("; such a file goes behind `{argument}`"));
                    Mistake::new(format!("this is {what}, where a scenario is wanted"))
                }
                None => Mistake::new(format!("`{written}` is not a known format"))
                    .nearest(&written, words.iter().copied()),
            }
        }
        None => Mistake::missing(format!("`{FORMAT_KEY}` is missing, which says what the file describes")),
    };
    // A broken text may well have lost the key.
    if entry.is_some() || mistakes.is_empty() {
        let node = entry.map_or(&root, |entry| &entry.node);
        let path = KeyPath::default().key(FORMAT_KEY);
        let place = Place { path, source: node.source, span: node.span.clone() };
        mistakes.push(mistake.accepted(accepted).at(&place, &sources));
    }
    Diagnostics::new(sources, mistakes)
}

//! What is asked of hospitals: five policy documents as targets, documents of the user's own, and the answers a
//! person gives to what no run can measure.
//!
//! ```
//! use onetrip_scenarios::targets::{self, HospitalClass};
//!
//! let form = targets::document("shaoxing-2018").unwrap();
//! assert_eq!(form.targets.len(), 31);
//! let (item, check) = form.check("shaoxing-2018/3a").unwrap();
//! assert_eq!(check.measure.as_deref(), Some("registration.on_site.wait_time.mean"));
//! assert!(matches!(
//!     item.demand(check, HospitalClass::County.into(), None),
//!     targets::Demand::Now { .. }
//! ));
//! ```

mod answers;
mod date;
mod document;
mod fit;
mod format;
mod kinds;
mod standing;
mod threshold;

pub use answers::{ANSWERS, Answer, Answers, answers_template, answers_to_nothing, read_answers};
pub use date::{Date, DateError};
pub use document::{
    Addition, Basis, Check, Deadline, Deduction, Demand, EvidenceKind, Exemption, Group, Observed, Points,
    Target, TargetDocument,
};
pub use format::DOCUMENT;
pub use kinds::AnswerValue;
pub(crate) use kinds::MeasureId;
pub use standing::{Audience, Grade, HospitalClass, HospitalStanding};
pub use threshold::{Comparison, Quantity, Threshold, Unit};

use crate::reader::{Diagnostics, Document, EvidenceRule, Ink, Reading, read};
use std::sync::LazyLock;

/// The word under the key `format` of target documents.
pub const FORMAT: &str = "onetrip-targets-1";
/// The word under the key `format` of answers.
pub const ANSWERS_FORMAT: &str = "onetrip-answers-1";

const EMBEDDED: [(&str, &str); 5] = [
    ("shaoxing-2018.toml", include_str!("../../seeds/shaoxing-2018.toml")),
    ("hangzhou-2018.toml", include_str!("../../seeds/hangzhou-2018.toml")),
    ("ningbo-2016.toml", include_str!("../../seeds/ningbo-2016.toml")),
    ("zhangdian-2020.toml", include_str!("../../seeds/zhangdian-2020.toml")),
    ("shaoxing-tcm-2022.toml", include_str!("../../seeds/shaoxing-tcm-2022.toml")),
];

static DOCUMENTS: LazyLock<Vec<TargetDocument>> = LazyLock::new(|| {
    let read_embedded = |(name, text)| match read_document(Document::parse(name, text)) {
        Ok(reading) => reading.value,
        Err(mistakes) => {
            panic!("a document that comes with the program is broken:\n{}", mistakes.render(Ink::Plain))
        }
    };
    EMBEDDED.into_iter().map(read_embedded).collect()
});

/// The documents that come with the program.
pub fn documents() -> &'static [TargetDocument] {
    &DOCUMENTS
}

/// The document with this name that comes with the program.
pub fn document(name: &str) -> Option<&'static TargetDocument> {
    documents().iter().find(|document| document.id == name)
}

/// Reads a target document of the user's own.
///
/// # Errors
/// All mistakes of the text at once: what does not fit the format, ids that repeat or do not begin with the document's,
/// unknown groups and words, thresholds that do not fit their comparison, points that do not add up.
pub fn read_document(document: Document) -> Result<Reading<TargetDocument>, Diagnostics> {
    read(document, &format::ROOT, EvidenceRule::Optional)
}

#[cfg(test)]
mod tests;

//! What a person or a machine reads of an inspection: the form as page, document and sheet, the story of each visit, the
//! chances to pass, the bulletin.
//!
//! An [`document::InspectionDocument`] is made once from the study; everything else is made from it. Forms are in Chinese
//! with English beside it, in our own layout and words; the rest is in both languages or in the person's.

pub mod document;
pub mod folder;
mod page;
mod parts;
mod sheet;
mod story;
pub mod terminal;
mod wording;
mod writing;

pub use folder::{FOLDER, write_folder};
pub use parts::{HospitalFacts, InspectionFacts};

#[cfg(test)]
mod tests;

//! The cause of waiting: every instant of every visit is put down to one cause, so that the causes of a visit add up to the
//! time from arrival to departure, to the microsecond.
//!
//! What a cause is stands in [`Cause`]; the rule that decides between them for someone who waits in line is
//! `desk::Desk::explain`. `attribution::Attribution` follows a run as it happens and keeps whole numbers in a
//! `ledger::Ledger`, so memory holds those who are inside and of those who were only how long it took. `study` spreads that
//! over replications and watches the days of the median and of the worst visit once more to tell them step by step: the
//! same luck gives the same visits.

mod attribution;
mod cause;
mod desk;
mod ledger;
mod naming;
mod study;
mod times;

pub use attribution::{Ended, Others, Piece, Told};
pub use cause::Cause;
pub use ledger::Ledger;
pub use naming::{booking, find_patient, name_of_patient};
pub use study::{By, Day, Teller, ToldVisit, Why, WhyError, WhySettings, find_causes};
pub use times::Times;

#[cfg(test)]
mod tests;

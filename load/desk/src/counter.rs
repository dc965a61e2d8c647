//! The counter: loads records, applies the rules, stores them again. Both faces act only through it.
//!
//! Locks are taken in one order (slot, booking, order, charge, invoice, payment) so that two commands in a
//! store with many writers do not wait for each other in a ring. Expiry is a write like any other: readers see
//! what is stored, and the first command or sweep after the instant stores the expiry.

mod booking;
mod order;
mod payment;
mod set_up;
mod visit;

use serde_json::{Map, Value};

pub(crate) use booking::{Fee, NewBooking};
pub(crate) use order::NewOrder;
pub(crate) use payment::NewPayment;
pub(crate) use set_up::SetUp;

use crate::domain::{Entity, Kind};
use crate::ledger::{Answer, CommandError, Ledger, Record};
use crate::options::Rules;
use crate::refusal::Refusal;

/// Elements of a FHIR resource that the desk only keeps.
pub(crate) type Body = Map<String, Value>;

/// One command's hands: the rules and the open transaction.
pub(crate) struct Counter<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) ledger: &'a mut dyn Ledger,
}

impl Counter<'_> {
    /// A record to change, or a 404.
    pub(crate) fn require<T: Entity>(&mut self, id: &str) -> Result<Record<T>, CommandError> {
        let row = self.ledger.get(T::KIND, id)?.ok_or_else(|| Refusal::missing(T::KIND.name(), id))?;
        Ok(Record::from_row(row)?)
    }

    /// A record to look at, or a 404.
    pub(crate) fn peek<T: Entity>(&mut self, id: &str) -> Result<Record<T>, CommandError> {
        let row = self.ledger.peek(T::KIND, id)?.ok_or_else(|| Refusal::missing(T::KIND.name(), id))?;
        Ok(Record::from_row(row)?)
    }

    /// Makes sure that what a request refers to exists; 422 when not.
    pub(crate) fn expect_known(&mut self, kind: Kind, id: &str) -> Result<(), CommandError> {
        if self.ledger.peek(kind, id)?.is_none() {
            let message = format!("the request refers to {} `{id}`, which does not exist", kind.name());
            return Err(Refusal::invalid(message, format!("the id of a known {}", kind.name())).into());
        }
        Ok(())
    }

    /// Stores a new record under the client's id or, without one, the next number.
    pub(crate) fn insert<T: Entity>(
        &mut self,
        facts: T,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<T>, CommandError> {
        let (next_id, serial) = self.next_id(T::KIND)?;
        let mut record = Record::new(id.unwrap_or(next_id), serial, facts, body);
        record.save(self.ledger)?;
        Ok(record)
    }

    /// The next id of a kind and its number.
    pub(crate) fn next_id(&mut self, kind: Kind) -> Result<(String, i64), CommandError> {
        let serial = self.ledger.next_serial()?;
        Ok((format!("{}-{serial}", kind.prefix()), serial))
    }

    /// Stores a changed record.
    pub(crate) fn save<T: Entity>(&mut self, record: &mut Record<T>) -> Result<(), CommandError> {
        Ok(record.save(self.ledger)?)
    }
}

/// Runs a command at most once per key. A refusal is remembered like a success; a failure of the store is not.
pub(crate) fn once(
    counter: &mut Counter<'_>,
    key: &str,
    request: &str,
    act: &mut dyn FnMut(&mut Counter<'_>) -> Result<Answer, CommandError>,
    refuse: fn(&Refusal) -> Answer,
) -> Result<Answer, CommandError> {
    if let Some(known) = counter.ledger.claim_key(key, request)? {
        return if known.request == request {
            Ok(known.answer)
        } else {
            Err(Refusal::key_reused(key).into())
        };
    }
    counter.ledger.mark()?;
    let answer = match act(counter) {
        Ok(answer) => answer,
        Err(CommandError::Refused(refusal)) => {
            counter.ledger.rewind()?;
            refuse(&refusal)
        }
        Err(error) => return Err(error),
    };
    counter.ledger.remember(key, request, &answer)?;
    Ok(answer)
}

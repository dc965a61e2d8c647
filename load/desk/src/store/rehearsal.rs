//! A ledger that keeps its writes to itself: for reads, and for faults that check now and act later.

use std::collections::BTreeMap;

use crate::domain::{Kind, Moment};
use crate::ledger::{Answer, Ledger, LinkChange, Remembered, Row, StoreError};

/// Reads come from the ledger below, writes stay in memory and are seen by this rehearsal only.
/// `find` and `list` do not see them.
pub(crate) struct Rehearsal<'a> {
    below: &'a mut dyn Ledger,
    written: BTreeMap<(Kind, String), Row>,
    serial: i64,
}

impl<'a> Rehearsal<'a> {
    pub(crate) fn new(below: &'a mut dyn Ledger) -> Self {
        Self { below, written: BTreeMap::new(), serial: i64::MAX / 2 }
    }
}

impl Ledger for Rehearsal<'_> {
    fn now(&mut self) -> Moment {
        self.below.now()
    }

    fn next_serial(&mut self) -> Result<i64, StoreError> {
        self.serial += 1;
        Ok(self.serial)
    }

    fn get(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        self.peek(kind, id)
    }

    fn peek(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, StoreError> {
        match self.written.get(&(kind, id.to_owned())) {
            Some(row) => Ok(Some(row.clone())),
            None => self.below.peek(kind, id),
        }
    }

    fn put(&mut self, row: &Row, _links: &LinkChange) -> Result<(), StoreError> {
        self.written.insert((row.kind, row.id.clone()), row.clone());
        Ok(())
    }

    fn find(
        &mut self,
        kind: Kind,
        link: (&str, &str),
        after_serial: i64,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.below.find(kind, link, after_serial, limit)
    }

    fn list(&mut self, kind: Kind, after_serial: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.below.list(kind, after_serial, limit)
    }

    fn due(&mut self, now: Moment, limit: usize) -> Result<Vec<(Kind, String)>, StoreError> {
        self.below.due(now, limit)
    }

    fn reserve(&mut self, _name: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn claim_key(&mut self, _key: &str, _request: &str) -> Result<Option<Remembered>, StoreError> {
        Ok(None)
    }

    fn remember(&mut self, _key: &str, _request: &str, _answer: &Answer) -> Result<(), StoreError> {
        Ok(())
    }

    fn mark(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn rewind(&mut self) -> Result<(), StoreError> {
        self.written.clear();
        Ok(())
    }
}

//! Customers inside: 64 bytes each in one arena, reused when they leave.

use crate::time::{SimSpan, SimTime};

/// Marks the end of a linked list.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What a customer is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub(crate) enum Whereabouts {
    /// The record is free.
    #[default]
    Outside,
    /// Between stations.
    Pausing,
    Waiting,
    InService,
    /// Served, but the next place is full.
    Blocked,
}

/// One customer inside. `S` is what the model keeps of a customer; 16 bytes of it fill the record to 64, one cache line.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
pub struct Customer<S> {
    /// When the customer came in.
    pub arrived_at: SimTime,
    /// When the present waiting, service or pause began.
    pub(crate) since_at: SimTime,
    /// Work still to be done by the station.
    pub(crate) work: SimSpan,
    /// The model's own record.
    pub state: S,
    /// Ticket of the live event, 0 when none.
    pub(crate) ticket: u32,
    pub(crate) next: u32,
    /// Who is before in the queue; while in service, the place in the station's list.
    pub(crate) previous: u32,
    /// Place within the lane: smaller first.
    pub(crate) order: u32,
    pub(crate) station: u16,
    /// Servers seized together.
    pub(crate) server_count: u16,
    pub(crate) class: u8,
    pub(crate) lane: u8,
    pub(crate) hour: u8,
    pub(crate) whereabouts: Whereabouts,
}

impl<S> Customer<S> {
    /// The class under which the customer is counted.
    pub fn class(&self) -> usize {
        usize::from(self.class)
    }

    /// When the present waiting, service or pause began.
    pub fn since_at(&self) -> SimTime {
        self.since_at
    }

    /// Whether the customer is between stations.
    pub fn is_pausing(&self) -> bool {
        self.whereabouts == Whereabouts::Pausing
    }

    /// The rank in the queue of the station last asked for; 0 before the first.
    pub fn rank(&self) -> u8 {
        if self.station == u16::MAX { 0 } else { self.lane }
    }
}

/// All customers inside.
pub(crate) struct Arena<S> {
    pub(crate) records: Vec<Customer<S>>,
    free: u32,
    pub(crate) inside_count: u64,
    /// Ever admitted in this run.
    pub(crate) admitted_count: u64,
}

impl<S: Copy + Default> Arena<S> {
    pub(crate) fn new() -> Self {
        Arena { records: Vec::new(), free: NOBODY, inside_count: 0, admitted_count: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.free = NOBODY;
        self.inside_count = 0;
        self.admitted_count = 0;
    }

    /// A fresh record; the one last freed first, since it is warm.
    #[inline(always)]
    pub(crate) fn admit(&mut self) -> usize {
        self.inside_count += 1;
        self.admitted_count += 1;
        if self.free == NOBODY {
            self.records.push(Customer::default());
            return self.records.len() - 1;
        }
        let index = self.free as usize;
        self.free = self.records[index].next;
        index
    }

    #[inline(always)]
    pub(crate) fn dismiss(&mut self, index: usize) {
        let record = &mut self.records[index];
        record.whereabouts = Whereabouts::Outside;
        record.ticket = 0;
        record.next = self.free;
        self.free = index as u32;
        // Last, where who asks whether anybody is left need not compare.
        self.inside_count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_with_sixteen_bytes_of_state_fills_one_cache_line() {
        assert_eq!((size_of::<Customer<[u32; 4]>>(), align_of::<Customer<[u32; 4]>>()), (64, 64));
    }
}

//! Queues as linked lists through the arena: joining, leaving from anywhere and calling the next take O(1), sorted
//! joining as many steps as it overtakes.
//!
//! What the first of a lane says of the one before is out of date: calling the next does not touch who becomes the first.

use crate::customer::{Customer, NOBODY};

/// One lane of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    pub(crate) head: u32,
    pub(crate) tail: u32,
}

impl Lane {
    pub(crate) const EMPTY: Lane = Lane { head: NOBODY, tail: NOBODY };

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.head == NOBODY
    }

    #[inline(always)]
    pub(crate) fn push_back<S>(&mut self, records: &mut [Customer<S>], customer: usize) {
        let record = &mut records[customer];
        record.previous = self.tail;
        record.next = NOBODY;
        if self.tail == NOBODY {
            self.head = customer as u32;
        } else {
            records[self.tail as usize].next = customer as u32;
        }
        self.tail = customer as u32;
    }

    pub(crate) fn push_front<S>(&mut self, records: &mut [Customer<S>], customer: usize) {
        let record = &mut records[customer];
        record.next = self.head;
        if self.head == NOBODY {
            self.tail = customer as u32;
        } else {
            records[self.head as usize].previous = customer as u32;
        }
        self.head = customer as u32;
    }

    /// Joins behind everyone whose order is not larger.
    pub(crate) fn push_sorted<S>(&mut self, records: &mut [Customer<S>], customer: usize) {
        let order = records[customer].order;
        let mut behind = self.tail;
        while behind != NOBODY && records[behind as usize].order > order {
            if behind == self.head {
                return self.push_front(records, customer);
            }
            behind = records[behind as usize].previous;
        }
        if behind == self.tail {
            return self.push_back(records, customer);
        }
        let before = records[behind as usize].next;
        records[customer].previous = behind;
        records[customer].next = before;
        records[behind as usize].next = customer as u32;
        records[before as usize].previous = customer as u32;
    }

    #[inline(always)]
    pub(crate) fn pop_front<S>(&mut self, records: &mut [Customer<S>]) -> usize {
        let customer = self.head as usize;
        self.head = records[customer].next;
        if self.head == NOBODY {
            self.tail = NOBODY;
        }
        customer
    }

    pub(crate) fn remove<S>(&mut self, records: &mut [Customer<S>], customer: usize) {
        let (previous, next) = (records[customer].previous, records[customer].next);
        let is_head = customer as u32 == self.head;
        if is_head {
            self.head = next;
        } else {
            records[previous as usize].next = next;
        }
        if next == NOBODY {
            self.tail = if is_head { NOBODY } else { previous };
        } else {
            records[next as usize].previous = previous;
        }
    }

    pub(crate) fn iter<'a, S>(&self, records: &'a [Customer<S>]) -> impl Iterator<Item = usize> + 'a {
        let mut next = self.head;
        std::iter::from_fn(move || {
            if next == NOBODY {
                return None;
            }
            let customer = next as usize;
            next = records[customer].next;
            Some(customer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(lane: &Lane, records: &[Customer<()>]) -> Vec<usize> {
        lane.iter(records).collect()
    }

    #[test]
    fn customers_join_and_leave_anywhere() {
        let mut records = vec![Customer::<()>::default(); 6];
        let mut lane = Lane::EMPTY;
        for customer in [3, 1, 4] {
            lane.push_back(&mut records, customer);
        }
        lane.push_front(&mut records, 5);
        assert_eq!(members(&lane, &records), [5, 3, 1, 4]);
        lane.remove(&mut records, 1);
        lane.remove(&mut records, 4);
        assert_eq!(members(&lane, &records), [5, 3]);
        assert_eq!(lane.pop_front(&mut records), 5);
        assert_eq!(lane.pop_front(&mut records), 3);
        assert!(lane.is_empty());
        lane.push_back(&mut records, 2);
        assert_eq!(members(&lane, &records), [2]);
    }

    #[test]
    fn sorted_joining_keeps_order_and_is_first_come_first_served_among_equals() {
        let mut records = vec![Customer::<()>::default(); 6];
        let mut lane = Lane::EMPTY;
        for (customer, order) in [(0, 30), (1, 10), (2, 20), (3, 20), (4, 40), (5, 10)] {
            records[customer].order = order;
            lane.push_sorted(&mut records, customer);
        }
        assert_eq!(members(&lane, &records), [1, 5, 2, 3, 0, 4]);
    }
}

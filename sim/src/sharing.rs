//! Processor sharing: everyone present is served at once, each at the same share of the station's speed.
//!
//! The station keeps one clock of attained service that runs at min(1, servers ÷ customers) of real time, in units of
//! 2⁻¹⁶ µs; a customer's service ends when that clock has advanced by the work brought. Whole numbers throughout.

use crate::time::{SimSpan, SimTime};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FINE_BITS: u32 = 16;

#[derive(Default)]
pub(crate) struct Sharing {
    /// Attained service of anyone present since the station was last empty.
    attained: u128,
    updated_at: SimTime,
    /// (attained service at which it ends, order of joining, customer)
    ends: BinaryHeap<Reverse<(u128, u64, u32)>>,
    joined_count: u64,
}

impl Sharing {
    pub(crate) fn clear(&mut self) {
        self.attained = 0;
        self.updated_at = SimTime::ZERO;
        self.ends.clear();
        self.joined_count = 0;
    }

    fn advance(&mut self, now: SimTime, server_count: u64) {
        let present = self.ends.len() as u128;
        let elapsed = u128::from((now - self.updated_at).as_micros()) << FINE_BITS;
        let shared = elapsed * u128::from(server_count).min(present);
        self.attained += shared.checked_div(present).unwrap_or(0);
        self.updated_at = now;
    }

    pub(crate) fn join(&mut self, now: SimTime, server_count: u64, customer: usize, work: SimSpan) {
        self.advance(now, server_count);
        if self.ends.is_empty() {
            self.attained = 0;
        }
        self.joined_count += 1;
        let end = self.attained + (u128::from(work.as_micros()) << FINE_BITS);
        self.ends.push(Reverse((end, self.joined_count, customer as u32)));
    }

    /// When the next service ends if nobody joins before.
    pub(crate) fn next_end_at(&self, server_count: u64) -> Option<SimTime> {
        let &Reverse((end, _, _)) = self.ends.peek()?;
        let present = self.ends.len() as u128;
        let rate = u128::from(server_count).min(present);
        if rate == 0 {
            return None;
        }
        let needed = (end.saturating_sub(self.attained) * present).div_ceil(rate);
        let micros = needed.div_ceil(1 << FINE_BITS);
        Some(self.updated_at + SimSpan::from_micros(micros as u64))
    }

    /// The customer whose service ends at `now`.
    pub(crate) fn finish(&mut self, now: SimTime, server_count: u64) -> Option<usize> {
        self.advance(now, server_count);
        self.ends.pop().map(|Reverse((_, _, customer))| customer as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_customers_share_one_server() {
        let mut sharing = Sharing::default();
        let at = SimTime::from_micros;
        sharing.join(at(0), 1, 7, SimSpan::from_micros(100));
        assert_eq!(sharing.next_end_at(1), Some(at(100)));
        // At 40 the first has 60 left; both then advance at half speed, the second ends first.
        sharing.join(at(40), 1, 8, SimSpan::from_micros(20));
        assert_eq!(sharing.next_end_at(1), Some(at(80)));
        assert_eq!(sharing.finish(at(80), 1), Some(8));
        assert_eq!(sharing.next_end_at(1), Some(at(120)));
        assert_eq!(sharing.finish(at(120), 1), Some(7));
        assert_eq!(sharing.next_end_at(1), None);
    }

    #[test]
    fn with_a_server_each_nobody_slows_down() {
        let mut sharing = Sharing::default();
        let at = SimTime::from_micros;
        sharing.join(at(0), 2, 1, SimSpan::from_micros(100));
        sharing.join(at(10), 2, 2, SimSpan::from_micros(100));
        assert_eq!(sharing.next_end_at(2), Some(at(100)));
        assert_eq!(sharing.finish(at(100), 2), Some(1));
        assert_eq!(sharing.next_end_at(2), Some(at(110)));
    }
}

//! Choice of one of several in constant time (Walker's alias method, tables built after Vose 1991).

use crate::stream::Stream;

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Of 2⁶⁴: below it the entry itself is chosen, else its alias.
    keep_below: u64,
    alias: u32,
}

/// A table that gives index i with the i-th of the shares it was made from.
#[derive(Clone, Debug)]
pub struct AliasTable {
    entries: Box<[Entry]>,
}

impl AliasTable {
    /// `shares` are not negative and sum to 1 (within rounding); there are fewer than 2³² of them.
    pub fn new(shares: &[f64]) -> Self {
        let count = shares.len();
        let mut left: Vec<f64> = shares.iter().map(|share| share * count as f64).collect();
        let mut entries: Vec<Entry> =
            (0..count).map(|index| Entry { keep_below: u64::MAX, alias: index as u32 }).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|&index| left[index] < 1.0);
        while let (Some(under), Some(&over)) = (small.pop(), large.last()) {
            entries[under] =
                Entry { keep_below: (left[under] * 2.0_f64.powi(64)) as u64, alias: over as u32 };
            left[over] -= 1.0 - left[under];
            if left[over] < 1.0 {
                large.pop();
                small.push(over);
            }
        }
        // What stays in either list is 1 but for rounding, and keeps itself; a share of 0 is always paired, as the
        // columns before it leave some other one above 1.
        AliasTable { entries: entries.into_boxed_slice() }
    }

    /// An index, from one number of the stream: its high part picks the column, the rest decides within it.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> usize {
        let product = u128::from(stream.bits()) * self.entries.len() as u128;
        let column = (product >> 64) as usize;
        let entry = self.entries[column];
        // Nobody can foretell which of the two it is.
        std::hint::select_unpredictable((product as u64) < entry.keep_below, column, entry.alias as usize)
    }
}

//! What a run counts. Everything here is a whole number, so that adding up runs in any order gives the same bits.

use crate::time::SimSpan;

/// Observations of a duration, sorted into bins of equal relative width (1/32 of a power of two, at most 3.2 %).
///
/// The layout is that of an HDR histogram with a unit of 1.024 ms. Quantiles are interpolated within a bin; their
/// error is far below the bin's width for smooth laws. Kept as a slice of counts so that recording is one shift, one
/// leading-zero count and one increment.
pub mod bins {
    use super::SimSpan;

    const UNIT_BITS: u32 = 10;
    const SUB_BITS: u32 = 5;
    const LINEAR: u64 = 1 << (SUB_BITS + 1);
    const OCTAVES: u64 = 35;
    /// What the float of 2⁵ units has above its last 47 bits, less its bin.
    const FIRST_FLOAT: usize = ((1023 + SUB_BITS as usize) << SUB_BITS) - (1 << SUB_BITS);
    /// Bins of one histogram.
    pub const COUNT: usize = (LINEAR + OCTAVES * (1 << SUB_BITS)) as usize;

    /// The bin of a duration.
    #[inline(always)]
    pub fn index(span: SimSpan) -> usize {
        let units = span.as_micros() >> UNIT_BITS;
        if units < LINEAR {
            return units as usize;
        }
        // A float's exponent and first bits of fraction number the bins from 2⁵ on; 54 bits of units round up at most
        // into the bins beyond the last.
        let octaves_and_sub = (units as i64 as f64).to_bits() >> (52 - SUB_BITS);
        (octaves_and_sub as usize - FIRST_FLOAT).min(COUNT - 1)
    }

    /// The shortest duration of a bin; `lower_edge(COUNT)` is the end of the last.
    pub fn lower_edge(bin: usize) -> SimSpan {
        let bin = bin as u64;
        let units = if bin < LINEAR {
            bin
        } else {
            let octave = (bin - LINEAR) >> SUB_BITS;
            let sub = (bin - LINEAR) & ((1 << SUB_BITS) - 1);
            ((1 << SUB_BITS) + sub) << (octave + 1)
        };
        SimSpan::from_micros(units << UNIT_BITS)
    }
}

/// A count and a sum of durations.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Cell {
    /// How many.
    pub count: u64,
    /// Their sum, in microseconds.
    pub sum_micros: u64,
}

impl Cell {
    /// Adds one duration.
    #[inline(always)]
    pub fn record(&mut self, span: SimSpan) {
        self.count += 1;
        self.sum_micros += span.as_micros();
    }

    /// Adds another cell. Panics when a sum passes 584,000 years of waiting.
    pub fn merge(&mut self, other: &Cell) {
        self.count += other.count;
        self.sum_micros =
            self.sum_micros.checked_add(other.sum_micros).expect("a sum of durations passes 2^64 µs");
    }

    /// The mean in seconds, when there is anyone to speak of.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_micros as f64 / self.count as f64 / 1e6)
    }
}

/// A view of the observations of one kind: counts by bin.
#[derive(Clone, Copy)]
pub struct Histogram<'a> {
    counts: &'a [u64],
}

impl<'a> Histogram<'a> {
    /// A view of the counts of one histogram, [`bins::COUNT`] of them.
    pub fn new(counts: &'a [u64]) -> Self {
        assert_eq!(counts.len(), bins::COUNT, "a histogram has bins::COUNT bins");
        Histogram { counts }
    }

    /// How many observations.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The `share`-quantile (0 to 1) in seconds: the value below which that share lies, interpolated within its bin.
    pub fn quantile_seconds(&self, share: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let wanted = share.clamp(0.0, 1.0) * total as f64;
        let mut below = 0.0;
        for (bin, &count) in self.counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
            let count = count as f64;
            if below + count >= wanted {
                if bin == 0 {
                    return Some(0.0);
                }
                let (low, high) =
                    (bins::lower_edge(bin).as_seconds(), bins::lower_edge(bin + 1).as_seconds());
                return Some(low + (high - low) * ((wanted - below) / count).clamp(0.0, 1.0));
            }
            below += count;
        }
        self.counts.iter().rposition(|&count| count > 0).map(|bin| bins::lower_edge(bin + 1).as_seconds())
    }

    /// The share (0 to 1) of observations at or below `limit`, interpolated within the limit's bin.
    pub fn share_within(&self, limit: SimSpan) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let bin = bins::index(limit);
        let below: u64 = self.counts[..bin].iter().sum();
        let (low, high) =
            (bins::lower_edge(bin).as_micros() as f64, bins::lower_edge(bin + 1).as_micros() as f64);
        let inside =
            if bin == 0 { 1.0 } else { ((limit.as_micros() as f64 - low) / (high - low)).clamp(0.0, 1.0) };
        Some((below as f64 + self.counts[bin] as f64 * inside) / total as f64)
    }

    /// The bins that hold anything: (shortest duration, end of the bin, count).
    pub fn occupied(&self) -> impl Iterator<Item = (SimSpan, SimSpan, u64)> + 'a {
        let counts = self.counts;
        counts
            .iter()
            .enumerate()
            .filter(|&(_, &count)| count > 0)
            .map(|(bin, &count)| (bins::lower_edge(bin), bins::lower_edge(bin + 1), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_in_its_bin() {
        for shift in 0..46 {
            for offset in [0_u64, 1, 3, 511, 1023] {
                let span = SimSpan::from_micros((1 << shift) + offset);
                let bin = bins::index(span);
                assert!(bins::lower_edge(bin) <= span, "{span:?}");
                assert!(span < bins::lower_edge(bin + 1), "{span:?}");
            }
        }
    }

    #[test]
    fn bins_are_no_wider_than_a_thirty_second_of_their_value() {
        for bin in 64..bins::COUNT {
            let (low, high) = (bins::lower_edge(bin).as_micros(), bins::lower_edge(bin + 1).as_micros());
            assert!((high - low) * 32 <= low, "bin {bin}: {low}..{high}");
        }
    }

    #[test]
    fn quantiles_of_a_uniform_sample_are_interpolated() {
        let mut counts = vec![0; bins::COUNT];
        for second in 0..100_000_u64 {
            counts[bins::index(SimSpan::from_micros(second * 10_000))] += 1;
        }
        let distribution = Histogram::new(&counts);
        for share in [0.05, 0.5, 0.9, 0.99] {
            let quantile = distribution.quantile_seconds(share).expect("not empty");
            assert!((quantile - 1000.0 * share).abs() < 1000.0 * share * 1e-3, "{share}: {quantile}");
            let back = distribution.share_within(SimSpan::from_seconds(1000.0 * share)).expect("not empty");
            assert!((back - share).abs() < 1e-3, "{share}: {back}");
        }
    }
}

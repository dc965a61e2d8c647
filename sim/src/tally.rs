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

/// A view of the observations of one kind: counts by bin, as far as any is in use.
#[derive(Clone, Copy)]
pub struct Histogram<'a> {
    counts: &'a [u64],
    total: u64,
}

/// Bins that are added up at a time on the way to a quantile.
const STRIDE: usize = 32;

impl<'a> Histogram<'a> {
    /// A view of the counts of the first bins; the bins beyond are empty.
    pub fn new(counts: &'a [u64]) -> Self {
        Histogram::of_total(counts, counts.iter().sum())
    }

    /// The same, by one who knows the sum of the counts.
    pub(crate) fn of_total(counts: &'a [u64], total: u64) -> Self {
        assert!(counts.len() <= bins::COUNT, "a histogram has at most bins::COUNT bins");
        debug_assert_eq!(total, counts.iter().sum::<u64>(), "every observation is in a bin");
        Histogram { counts, total }
    }

    /// How many observations.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The `share`-quantile (0 to 1) in seconds: the value below which that share lies, interpolated within its bin.
    pub fn quantile_seconds(&self, share: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let wanted = share.clamp(0.0, 1.0) * self.total as f64;
        let mut below = 0;
        for (stride, counts) in self.counts.chunks(STRIDE).enumerate() {
            let inside = counts.iter().sum::<u64>();
            if inside == 0 || ((below + inside) as f64) < wanted {
                below += inside;
                continue;
            }
            for (place, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
                if (below + count) as f64 >= wanted {
                    let bin = STRIDE * stride + place;
                    if bin == 0 {
                        return Some(0.0);
                    }
                    let (low, high) =
                        (bins::lower_edge(bin).as_seconds(), bins::lower_edge(bin + 1).as_seconds());
                    let part = ((wanted - below as f64) / count as f64).clamp(0.0, 1.0);
                    return Some(low + (high - low) * part);
                }
                below += count;
            }
        }
        self.counts.iter().rposition(|&count| count > 0).map(|bin| bins::lower_edge(bin + 1).as_seconds())
    }

    /// The share (0 to 1) of observations at or below `limit`, interpolated within the limit's bin.
    pub fn share_within(&self, limit: SimSpan) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let bin = bins::index(limit);
        let Some(&in_bin) = self.counts.get(bin) else { return Some(1.0) };
        let below: u64 = self.counts[..bin].iter().sum();
        let (low, high) =
            (bins::lower_edge(bin).as_micros() as f64, bins::lower_edge(bin + 1).as_micros() as f64);
        let inside =
            if bin == 0 { 1.0 } else { ((limit.as_micros() as f64 - low) / (high - low)).clamp(0.0, 1.0) };
        Some((below as f64 + in_bin as f64 * inside) / self.total as f64)
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

/// Histograms added up. Keeps its memory, and touches only bins in use.
#[derive(Clone, Debug, Default)]
pub struct PooledHistogram {
    counts: Vec<u64>,
    total: u64,
}

impl PooledHistogram {
    /// Forgets all observations.
    pub fn clear(&mut self) {
        self.counts.clear();
        self.total = 0;
    }

    /// Adds the observations of another histogram.
    pub fn add(&mut self, other: Histogram<'_>) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(other.counts).for_each(|(sum, count)| *sum += count);
        self.total += other.total;
    }

    /// All of them.
    pub fn view(&self) -> Histogram<'_> {
        Histogram::of_total(&self.counts, self.total)
    }
}

impl<'a> Extend<Histogram<'a>> for PooledHistogram {
    fn extend<I: IntoIterator<Item = Histogram<'a>>>(&mut self, histograms: I) {
        histograms.into_iter().for_each(|histogram| self.add(histogram));
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

    #[test]
    fn added_histograms_hold_the_observations_of_both() {
        let histogram = |seconds: std::ops::Range<u64>| {
            let mut counts = vec![0; bins::COUNT];
            seconds.for_each(|second| counts[bins::index(SimSpan::from_whole_seconds(second))] += 1);
            counts
        };
        let (short, long, both) = (histogram(0..50), histogram(50..3000), histogram(0..3000));
        let used = bins::index(SimSpan::from_whole_seconds(50)) + 1;
        let mut pooled = PooledHistogram::default();
        for round in 0..2 {
            pooled.clear();
            pooled.extend([Histogram::new(&short[..used]), Histogram::new(&long)]);
            let (view, whole) = (pooled.view(), Histogram::new(&both));
            assert_eq!(view.count(), 3000, "round {round}");
            for share in [0.0, 0.01, 0.5, 0.9, 0.999, 1.0] {
                assert_eq!(view.quantile_seconds(share), whole.quantile_seconds(share), "{share}");
            }
            assert!(view.occupied().eq(whole.occupied()));
        }
    }

    #[test]
    fn bins_that_are_left_out_are_empty() {
        let mut counts = vec![0; bins::COUNT];
        (0..100).for_each(|second| counts[bins::index(SimSpan::from_whole_seconds(second))] += second);
        let used = bins::index(SimSpan::from_whole_seconds(99)) + 1;
        let (short, whole) = (Histogram::new(&counts[..used]), Histogram::new(&counts));
        for seconds in [0, 1, 50, 99, 100, 5000] {
            let limit = SimSpan::from_whole_seconds(seconds);
            assert_eq!(short.share_within(limit), whole.share_within(limit), "{seconds} s");
        }
        assert_eq!(Histogram::new(&[]).quantile_seconds(0.5), None);
        assert_eq!(Histogram::new(&[]).share_within(SimSpan::HOUR), None);
    }
}

//! Drawing by inversion: the quantile function of a law as a table of polynomials.
//!
//! One word of a stream names a probability, and the law's quantile function there is the draw: no rejection that a
//! processor could mispredict, no logarithm, no exponential, always one word. The draw grows with the word's place among
//! all words, so that two laws drawn by the same word are as alike as they can be (common random numbers stay in step,
//! also for gamma times).
//!
//! **Cells.** The lowest bit of a word chooses the half of the law below or above the median, the highest 53 the
//! probability p of what lies beyond the draw. Each octave of p, down to 2⁻⁵⁵, is divided into eight cells; the cell is
//! read from the exponent and three bits of the mantissa of p as a float. In a cell the quantile function is a polynomial
//! of the fifth degree around its middle. Far tails are therefore as exact as the middle; a cell is one cache line,
//! and nine draws in ten fall into the 4 KiB of the first four octaves.
//!
//! **Polynomials.** Inversion by interpolation is Hörmann and Leydold's (*Continuous random variate generation by fast
//! numerical inversion*, ACM TOMACS 13, 2003). Ours are not interpolated but come from the Taylor series around the
//! middle of each cell (`quantile/series.rs`), which Steinbrecher and Shaw (*Quantile mechanics*, European Journal of
//! Applied Mathematics 19, 2008) get from the differential equation that a quantile function obeys. Lanczos's economisation
//! then takes the series from degree 11 to degree 5. What is lost that way is known when the table is made, and must
//! not exceed a part in 10⁹ of the value, or of the law's median where that is larger ([`TOLERANCE`]); a law too skewed for
//! that gets no table. Times are rounded to the microsecond: up to a quarter of an hour, such a draw is the exact one, but for
//! a microsecond.
//!
//! **Bits across machines.** Tables are made, and read, by IEEE arithmetic and functions written in Rust.

mod series;
#[cfg(test)]
mod tests;

use crate::stream::Stream;
use series::{Curve, Series};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

/// Probabilities are counted in units of 2⁻⁵⁴; the first octave begins at half a unit, the last ends at the median.
const OCTAVES: usize = 54;
/// Cells an octave.
const PARTS: usize = 8;
/// Bits of a float below those that choose the cell.
const CELL_SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - PARTS.trailing_zeros();
/// Rows of a half; the exponent and the bits after it, in so many bits, tell all cells of a half apart.
const HALF: usize = 512;
const DEGREE: usize = 5;
/// Most that may be lost by cutting a series short, as a part of the value or of the median.
const TOLERANCE: f64 = 1e-9;

/// The quantile function around one point: `coefficients` of powers of the distance from `middle`, in units of
/// probability.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Cell {
    coefficients: [f64; DEGREE + 1],
    middle: f64,
}

/// By row; below and above the median.
type Cells = [[Cell; 2]; HALF];

/// The quantile function of one law. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct QuantileTable {
    cells: Arc<Cells>,
}

/// What tells laws apart that have a table, but for their scale.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    Lognormal { sigma: f64 },
    Gamma { shape: f64 },
}

/// Tables in use, so that laws of one shape share theirs. What a table holds depends on its shape alone.
static IN_USE: Mutex<Vec<(Shape, Weak<Cells>)>> = Mutex::new(Vec::new());

/// The standard normal law: the series of its lower half, from which lognormal laws are made, and its table.
static NORMAL: LazyLock<(Vec<Series>, QuantileTable)> = LazyLock::new(|| {
    let [low, high] = Curve::Normal.halves().expect("both halves meet at 0");
    let table = QuantileTable::new(1.0, &low, &high).expect("the normal law is not skewed");
    (low, table)
});

impl QuantileTable {
    /// The standard normal law.
    pub(super) fn normal() -> Self {
        NORMAL.1.clone()
    }

    /// exp(`sigma` z) of a standard normal z; `None` for a law too wide.
    pub(super) fn lognormal(sigma: f64) -> Option<Self> {
        // Above the median, the law is the inverse of what it is below.
        let half = |sigma: f64| -> Vec<Series> {
            NORMAL.0.iter().map(|series| series::exponential(series, sigma)).collect()
        };
        Self::shared(Shape::Lognormal { sigma }, || Self::new(1.0, &half(sigma), &half(-sigma)))
    }

    /// The gamma law of scale 1; `None` for a shape too small or too large.
    pub(super) fn gamma(shape: f64) -> Option<Self> {
        Self::shared(Shape::Gamma { shape }, || {
            let [low, high] = Curve::gamma(shape)?.halves()?;
            let median = low.last()?.iter().sum();
            Self::new(median, &low, &high)
        })
    }

    /// The table of a shape, made unless it is in use already.
    fn shared(shape: Shape, make: impl FnOnce() -> Option<Self>) -> Option<Self> {
        // What a panic elsewhere left is a whole list: tables are made before they are added.
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        let known = in_use.iter().find(|(other, _)| *other == shape).and_then(|(_, cells)| cells.upgrade());
        if let Some(cells) = known {
            return Some(QuantileTable { cells });
        }
        let table = make()?;
        in_use.retain(|(_, cells)| cells.strong_count() > 0);
        in_use.push((shape, Arc::downgrade(&table.cells)));
        Some(table)
    }

    /// From the series of both halves, in the order of the cells; errors count as parts of the value, or of `usual`, the size
    /// of usual values, where that is larger.
    fn new(usual: f64, low: &[Series], high: &[Series]) -> Option<Self> {
        let mut cells = vec![[Cell { coefficients: [0.0; DEGREE + 1], middle: 0.0 }; 2]; HALF];
        for (side, half) in [low, high].into_iter().enumerate() {
            for (place, series) in series::places().zip(half) {
                let size = usual.max(series[0].abs());
                let coefficients = series::economised(series, place.half_width, TOLERANCE * size)?;
                cells[row(place.middle)][side] = Cell { coefficients, middle: place.middle };
            }
        }
        Some(QuantileTable { cells: Arc::<[[Cell; 2]]>::from(cells).try_into().ok()? })
    }

    /// A draw from the law.
    #[inline(always)]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.at(stream.bits())
    }

    /// The draw that belongs to a word.
    #[inline(always)]
    fn at(&self, word: u64) -> f64 {
        // The conversion is exact, and one instruction, as the number is below 2⁵³; 0 stands for half a unit.
        let probability = ((word >> 11) as i64 as f64).max(0.5);
        let cell = &self.cells[row(probability)][(word & 1) as usize];
        let x = probability - cell.middle;
        let [c0, c1, c2, c3, c4, c5] = cell.coefficients;
        // Even and odd powers apart, which are two lanes of one register.
        let squared = x * x;
        let even = c0 + squared * (c2 + squared * c4);
        let odd = c1 + squared * (c3 + squared * c5);
        even + x * odd
    }
}

/// The row of a half in which a probability lies: rows follow one another but for a jump from the last to the first.
#[inline(always)]
fn row(probability: f64) -> usize {
    (probability.to_bits() >> CELL_SHIFT) as usize % HALF
}

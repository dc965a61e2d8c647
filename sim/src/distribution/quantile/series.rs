//! Taylor series of quantile functions, cell by cell.
//!
//! A quantile function y(p) has the slope 1/f(y), f being the density; differentiating once more gives y″ = g(y) y′² with
//! g = -(ln f)′, the same for both tails. For the normal law g(y) = y; for the gamma law of shape a, g(y) = 1 - (a - 1)/y.
//! From a value and a slope, this gives the coefficients of the series one after another.
//!
//! The series of one cell gives the value in the middle of the next. The march begins at the far end of a tail and goes
//! inwards: an error made at p is one of so much probability, and counts for less and less as p grows. (Outwards it would be
//! the other way round, and ruin the tail.) That both tails arrive at the same median checks the whole way.

use super::super::solve::bisect;
use super::{DEGREE, OCTAVES, PARTS};
use libm::{erfc, exp, lgamma, log};
use std::f64::consts::{SQRT_2, TAU};

const TERMS: usize = 12;

/// Coefficients of the powers of the distance from the middle of a cell, in half-widths of the cell.
pub(super) type Series = [f64; TERMS];

/// Where a cell lies, in units of probability.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) middle: f64,
    pub(super) half_width: f64,
}

/// Units of probability in the whole law.
const UNITS: f64 = (1_u64 << OCTAVES) as f64;

/// The cells of a half, from the far tail inwards.
pub(super) fn places() -> impl Iterator<Item = Place> {
    (0..OCTAVES * PARTS).map(|cell| {
        let half_width = (1_u64 << (cell / PARTS)) as f64 / (4 * PARTS) as f64;
        Place { middle: half_width * (2 * (PARTS + cell % PARTS) + 1) as f64, half_width }
    })
}

/// A law by its density.
#[derive(Clone, Copy, Debug)]
pub(super) enum Curve {
    /// The standard normal law.
    Normal,
    /// Of scale 1.
    Gamma { shape: f64, log_gamma: f64 },
}

impl Curve {
    /// The gamma law of a shape, unless that is so large that the start of the march would take long.
    pub(super) fn gamma(shape: f64) -> Option<Self> {
        (shape <= 1e6).then(|| Curve::Gamma { shape, log_gamma: lgamma(shape) })
    }

    /// The lower and the upper half, each from its far end to the median; `None` where they do not meet there, because
    /// numbers in the tail are too small to be told from 0.
    pub(super) fn halves(self) -> Option<[Vec<Series>; 2]> {
        let first = places().next()?.middle / UNITS;
        let [low, high] = self.starts(first);
        let (low, median_from_below) = self.march(low, 1.0);
        let (high, median_from_above) = self.march(high, -1.0);
        let gap = (median_from_below - median_from_above).abs();
        (gap <= 1e-10 * median_from_below.abs().max(1.0)).then_some([low, high])
    }

    fn density(self, y: f64) -> f64 {
        match self {
            Curve::Normal => exp(-y * y / 2.0) / TAU.sqrt(),
            Curve::Gamma { shape, log_gamma } => exp((shape - 1.0) * log(y) - y - log_gamma),
        }
    }

    /// The quantiles beyond which the small probability `p` lies, below and above.
    fn starts(self, p: f64) -> [f64; 2] {
        match self {
            Curve::Normal => {
                let y = bisect(0.0, 40.0, |y| erfc(y / SQRT_2) / 2.0 - p);
                [-y, y]
            }
            Curve::Gamma { shape, log_gamma } => {
                let log_density = |y: f64| shape * log(y) - y - log_gamma;
                let below = |log_y: f64| {
                    let y = exp(log_y);
                    log_density(y) + log(lower_sum(shape, y)) - log(p)
                };
                // Below, the whole power series is at least its first term, and at most e^y times that.
                let least = (log(p) + log(shape) + log_gamma) / shape;
                let above = |y: f64| log_density(y) + log(upper_fraction(shape, y)) - log(p);
                [
                    exp(bisect(least - 1.0, log(shape + 1.0), below)),
                    bisect(shape + 1.0, shape + 10.0 * shape.sqrt() + 100.0, above),
                ]
            }
        }
    }

    /// The series of all cells of a half, from the value in the middle of the first, rising or falling with p by `sign`; and
    /// the value at the median.
    fn march(self, mut value: f64, sign: f64) -> (Vec<Series>, f64) {
        let mut all = Vec::with_capacity(OCTAVES * PARTS);
        let mut places = places().peekable();
        while let Some(here) = places.next() {
            let series = self.series(value, sign * here.half_width / UNITS / self.density(value));
            all.push(series);
            let next_middle = places.peek().map_or(UNITS / 2.0, |next| next.middle);
            let x = (next_middle - here.middle) / here.half_width;
            value = series.iter().rev().fold(0.0, |sum, term| sum * x + term);
        }
        (all, value)
    }

    /// The series with this value and slope.
    fn series(self, value: f64, slope: f64) -> Series {
        let mut y = [0.0; TERMS];
        let mut squared_slope = [0.0; TERMS];
        let mut bend = [0.0; TERMS];
        (y[0], y[1]) = (value, slope);
        for n in 0..TERMS - 2 {
            squared_slope[n] =
                (0..=n).map(|i| ((i + 1) * (n - i + 1)) as f64 * y[i + 1] * y[n - i + 1]).sum();
            let product: f64 = (0..=n).map(|i| y[i] * squared_slope[n - i]).sum();
            bend[n] = match self {
                Curve::Normal => product,
                Curve::Gamma { shape, .. } => {
                    let rest: f64 = (1..=n).map(|i| y[i] * bend[n - i]).sum();
                    (product - (shape - 1.0) * squared_slope[n] - rest) / y[0]
                }
            };
            y[n + 2] = bend[n] / ((n + 1) * (n + 2)) as f64;
        }
        y
    }
}

/// γ(a, y) e^y / y^a: the power series of the lower incomplete gamma function.
fn lower_sum(a: f64, y: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    while term > sum * f64::EPSILON / 8.0 {
        n += 1.0;
        term *= y / n;
        sum += term;
    }
    sum
}

/// Γ(a, y) e^y / y^a: Legendre's continued fraction of the upper incomplete gamma function, by Lentz's method, for y > a + 1.
fn upper_fraction(a: f64, y: f64) -> f64 {
    let mut b = y + 1.0 - a;
    let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
    let mut fraction = d;
    for n in 1..100_000 {
        let n = f64::from(n);
        b += 2.0;
        let factor = -n * (n - a);
        d = 1.0 / (factor * d + b);
        c = b + factor / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// The series of exp(`rate` y) from that of y: w′ = rate y′ w.
pub(super) fn exponential(y: &Series, rate: f64) -> Series {
    let mut w = [0.0; TERMS];
    w[0] = exp(rate * y[0]);
    for n in 1..TERMS {
        let sum: f64 = (1..=n).map(|i| i as f64 * y[i] * w[n - i]).sum();
        w[n] = rate * sum / n as f64;
    }
    w
}

/// The coefficients of a polynomial of degree [`DEGREE`] that differs from the series by no more than `allowed` anywhere in
/// the cell, in units of probability; `None` where there is none to be had this way.
///
/// From the highest power down, the multiple of Chebyshev's polynomial that has that power's coefficient is taken off, the
/// least change on the cell that makes the power vanish.
pub(super) fn economised(series: &Series, half_width: f64, allowed: f64) -> Option<[f64; DEGREE + 1]> {
    let mut terms = *series;
    let mut lost = 0.0;
    for power in (DEGREE + 1..TERMS).rev() {
        let chebyshev = &CHEBYSHEV[power];
        let multiple = terms[power] / chebyshev[power];
        lost += multiple.abs();
        for (term, coefficient) in terms[..=power].iter_mut().zip(chebyshev) {
            *term -= multiple * coefficient;
        }
    }
    let mut unit = 1.0;
    let coefficients = std::array::from_fn(|power| {
        let coefficient = terms[power] / unit;
        unit *= half_width;
        coefficient
    });
    // Also false where numbers too small or too large have made nonsense of the series.
    (lost <= allowed).then_some(coefficients)
}

/// Coefficients of Chebyshev's polynomials: Tₙ = 2x Tₙ₋₁ - Tₙ₋₂.
const CHEBYSHEV: [[f64; TERMS]; TERMS] = {
    let mut all = [[0.0; TERMS]; TERMS];
    all[0][0] = 1.0;
    all[1][1] = 1.0;
    let mut n = 2;
    while n < TERMS {
        let mut power = 0;
        while power < TERMS {
            let raised = if power > 0 { 2.0 * all[n - 1][power - 1] } else { 0.0 };
            all[n][power] = raised - all[n - 2][power];
            power += 1;
        }
        n += 1;
    }
    all
};

//! The normal law between two cuts: its moments by quadrature, its draws by rejection.

use crate::stream::Stream;
use rand_distr::{Distribution as _, Exp1, StandardNormal};

/// Moments of the standard normal law between two cuts.
pub(super) struct StandardMoments {
    /// Probability of falling between the cuts.
    pub(super) mass: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
}

/// The point of the interval where the density is greatest.
fn peak(low: f64, high: f64) -> f64 {
    0.0_f64.clamp(low, high)
}

/// Moments of the standard normal law between `low` and `high`.
///
/// The usual formulas by φ and Φ cancel for narrow or far intervals; five-point Gauss–Legendre on 64 panels does
/// not, and is good to about 14 digits.
pub(super) fn standard_moments(low: f64, high: f64) -> StandardMoments {
    let peak = peak(low, high);
    // Beyond this the density is e⁻⁴⁰ of its peak.
    let reach = (peak * peak + 80.0).sqrt();
    let (low, high) = (low.max(-reach), high.min(reach));
    let weight = |z: f64| ((peak - z) * (peak + z) / 2.0).exp();
    let mass = integrate(low, high, weight);
    let from_peak = integrate(low, high, |z| (z - peak) * weight(z)) / mass;
    let variance = integrate(low, high, |z| (z - peak - from_peak).powi(2) * weight(z)) / mass;
    let density_at_peak = (-peak * peak / 2.0).exp() / std::f64::consts::TAU.sqrt();
    StandardMoments { mass: mass * density_at_peak, mean: peak + from_peak, variance }
}

fn integrate(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const PANELS: u32 = 64;
    let root = (10.0_f64 / 7.0).sqrt();
    let (inner, outer) = ((5.0 - 2.0 * root).sqrt() / 3.0, (5.0 + 2.0 * root).sqrt() / 3.0);
    let irrational = 13.0 * 70.0_f64.sqrt();
    let (inner_weight, outer_weight) = ((322.0 + irrational) / 900.0, (322.0 - irrational) / 900.0);
    let half = (high - low) / f64::from(2 * PANELS);
    let sum: f64 = (0..PANELS)
        .map(|panel| {
            let middle = low + half * f64::from(2 * panel + 1);
            128.0 / 225.0 * f(middle)
                + inner_weight * (f(middle - inner * half) + f(middle + inner * half))
                + outer_weight * (f(middle - outer * half) + f(middle + outer * half))
        })
        .sum();
    sum * half
}

/// Where candidates for a draw come from; chosen so that about one in three or more is accepted.
#[derive(Clone, Copy, Debug)]
enum Proposal {
    /// The uncut normal law.
    Normal,
    /// Uniform between the cuts; `peak` is where the density is greatest.
    Uniform { peak: f64 },
    /// Exponential from the lower cut on, with this rate (Robert, *Simulation of truncated normal variables*, 1995).
    Tail { rate: f64 },
}

/// Draws from the normal law between two cuts.
#[derive(Clone, Copy, Debug)]
pub(super) struct TruncatedNormalSampler {
    centre: f64,
    /// Negative when the interval lies below the centre and is drawn as its mirror image.
    signed_sd: f64,
    low: f64,
    high: f64,
    proposal: Proposal,
}

impl TruncatedNormalSampler {
    pub(super) fn new(centre: f64, sd: f64, low: f64, high: f64) -> Self {
        let (mut low, mut high, mut signed_sd) = ((low - centre) / sd, (high - centre) / sd, sd);
        if high < 0.0 {
            (low, high, signed_sd) = (-high, -low, -sd);
        }
        let proposal = if standard_moments(low, high).mass >= 0.3 {
            Proposal::Normal
        } else {
            let rate = (low + (low * low + 4.0).sqrt()) / 2.0;
            if low <= 0.0 || (high - low) * rate <= 2.0 {
                Proposal::Uniform { peak: peak(low, high) }
            } else {
                Proposal::Tail { rate }
            }
        };
        TruncatedNormalSampler { centre, signed_sd, low, high, proposal }
    }

    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.centre + self.signed_sd * self.draw_standard(stream)
    }

    fn draw_standard(&self, stream: &mut Stream) -> f64 {
        loop {
            match self.proposal {
                Proposal::Normal => {
                    let z: f64 = StandardNormal.sample(stream);
                    if z >= self.low && z <= self.high {
                        return z;
                    }
                }
                Proposal::Uniform { peak } => {
                    let z = self.low + (self.high - self.low) * stream.unit();
                    if stream.unit() <= ((peak - z) * (peak + z) / 2.0).exp() {
                        return z;
                    }
                }
                Proposal::Tail { rate } => {
                    let excess: f64 = Exp1.sample(stream);
                    let z = self.low + excess / rate;
                    if z <= self.high && stream.unit() <= (-(z - rate).powi(2) / 2.0).exp() {
                        return z;
                    }
                }
            }
        }
    }
}

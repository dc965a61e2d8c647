//! Laws compiled for the hot loop: no allocation, no dynamic dispatch, the common laws first.
//!
//! Exponential and normal numbers come from `rand_distr`'s ziggurat; gamma ones are made from them after Marsaglia and Tsang
//! (ACM TOMS 26, 2000).
//!
//! **Bits across machines.** The commonest laws (exponential, lognormal, gamma of a shape above 1) use nothing but IEEE
//! arithmetic, `sqrt` and functions written in Rust, and give the same bits everywhere. The others call `powf` and `exp`
//! of the standard library, which takes them from the platform; these may differ in the last bit between platforms.
//! Results repeat to the bit on one platform, whatever the number of threads.

use super::truncated_normal::TruncatedNormalSampler;
use super::{AliasTable, Law};
use crate::stream::Stream;
use crate::time::SimSpan;
use rand_distr::{Beta, Distribution as _, Exp1, Gamma, Open01, StandardNormal, Triangular};
use std::sync::Arc;

/// Microseconds to a second: what one unit of a law becomes in its sampler.
pub(super) const MICROS_PER_UNIT: f64 = 1e6;

/// A law ready to be drawn from. Cheap to clone; tables are shared.
#[derive(Clone, Debug)]
pub struct Sampler {
    kernel: Kernel,
}

#[derive(Clone, Debug)]
enum Kernel {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// Of a shape above 1: the cube of a normal number, accepted mostly at once.
    Gamma {
        /// Shape - 1/3.
        third_less: f64,
        /// 1 / √(9 (shape - 1/3)).
        slope: f64,
        /// Scale × (shape - 1/3).
        scale: f64,
    },
    SmallGamma(Arc<Gamma<f64>>),
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular(Triangular<f64>),
    Weibull {
        inverse_shape: f64,
        scale: f64,
    },
    LogLogistic {
        inverse_shape: f64,
        scale: f64,
    },
    /// Two exponential branches; the first when the bits drawn are below `first_below`.
    TwoExponentials {
        first_below: u64,
        first_mean: f64,
        second_mean: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    TruncatedNormal(Arc<TruncatedNormalSampler>),
    Beta(Arc<BetaSampler>),
    Sample(Arc<[f64]>),
    InterpolatedSample(Arc<[f64]>),
    Histogram(Arc<HistogramSampler>),
    Mixture(Arc<MixtureSampler>),
    Shifted(Arc<(f64, Sampler)>),
}

#[derive(Debug)]
struct BetaSampler {
    low: f64,
    width: f64,
    beta: Beta<f64>,
}

#[derive(Debug)]
struct HistogramSampler {
    bins: AliasTable,
    edges: Box<[f64]>,
}

#[derive(Debug)]
struct MixtureSampler {
    choice: AliasTable,
    components: Box<[Sampler]>,
}

impl Sampler {
    /// A draw as a span of time, rounded to the microsecond; negative values give [`SimSpan::ZERO`].
    #[inline(always)]
    pub fn draw(&self, stream: &mut Stream) -> SimSpan {
        SimSpan::from_micros_rounded(self.draw_micros(stream))
    }

    /// A draw in the unit of the law (seconds, where it is a time), with its sign.
    #[inline]
    pub fn draw_value(&self, stream: &mut Stream) -> f64 {
        self.draw_micros(stream) / MICROS_PER_UNIT
    }

    /// A draw in microseconds, neither rounded nor cut at 0.
    #[inline(always)]
    pub fn draw_micros(&self, stream: &mut Stream) -> f64 {
        match &self.kernel {
            Kernel::Constant(value) => *value,
            Kernel::Exponential { mean } => mean * unit_exponential(stream),
            Kernel::Lognormal { mu, sigma } => exp(mu + sigma * unit_normal(stream)),
            Kernel::Gamma { third_less, slope, scale } => scale * unit_gamma(*third_less, *slope, stream),
            _ => self.draw_rarer(stream),
        }
    }

    #[inline(never)]
    fn draw_rarer(&self, stream: &mut Stream) -> f64 {
        match &self.kernel {
            Kernel::Constant(_)
            | Kernel::Exponential { .. }
            | Kernel::Lognormal { .. }
            | Kernel::Gamma { .. } => self.draw_micros(stream),
            Kernel::SmallGamma(gamma) => gamma.sample(stream),
            Kernel::Uniform { low, width } => low + width * stream.unit(),
            Kernel::Triangular(triangular) => triangular.sample(stream),
            Kernel::Weibull { inverse_shape, scale } => scale * unit_exponential(stream).powf(*inverse_shape),
            Kernel::LogLogistic { inverse_shape, scale } => {
                let unit = stream.unit();
                scale * (unit / (1.0 - unit)).powf(*inverse_shape)
            }
            Kernel::TwoExponentials { first_below, first_mean, second_mean } => {
                let mean = if stream.bits() < *first_below { first_mean } else { second_mean };
                mean * unit_exponential(stream)
            }
            Kernel::Normal { mean, sd } => mean + sd * unit_normal(stream),
            Kernel::TruncatedNormal(sampler) => sampler.draw(stream),
            Kernel::Beta(sampler) => sampler.low + sampler.width * sampler.beta.sample(stream),
            Kernel::Sample(values) => values[stream.below(values.len() as u32) as usize],
            Kernel::InterpolatedSample(values) => {
                let position = stream.unit() * (values.len() - 1) as f64;
                let index = (position as usize).min(values.len() - 2);
                values[index] + (values[index + 1] - values[index]) * (position - index as f64)
            }
            Kernel::Histogram(histogram) => {
                let bin = histogram.bins.draw(stream);
                let (low, high) = (histogram.edges[bin], histogram.edges[bin + 1]);
                low + (high - low) * stream.unit()
            }
            Kernel::Mixture(mixture) => mixture.components[mixture.choice.draw(stream)].draw_micros(stream),
            Kernel::Shifted(shifted) => shifted.0 + shifted.1.draw_micros(stream),
        }
    }

    /// Whether every draw is the same, so that nothing is taken from the stream.
    pub fn is_constant(&self) -> bool {
        matches!(self.kernel, Kernel::Constant(_))
    }

    /// The law's values are taken to be microseconds already.
    pub(super) fn compile(law: &Law) -> Sampler {
        let kernel = match law {
            Law::Constant(value) => Kernel::Constant(*value),
            Law::Uniform { low, high } => Kernel::Uniform { low: *low, width: high - low },
            Law::Triangular { low, mode, high } => Kernel::Triangular(
                Triangular::new(*low, *high, *mode).expect("the mode was checked to be inside"),
            ),
            Law::Exponential { mean } => Kernel::Exponential { mean: *mean },
            Law::Gamma { shape, scale } if *shape > 1.0 => {
                let third_less = shape - 1.0 / 3.0;
                Kernel::Gamma {
                    third_less,
                    slope: 1.0 / (9.0 * third_less).sqrt(),
                    scale: third_less * scale,
                }
            }
            Law::Gamma { shape, scale } => Kernel::SmallGamma(Arc::new(
                Gamma::new(*shape, *scale).expect("shape and scale were checked to be positive"),
            )),
            Law::Lognormal { mu, sigma } => Kernel::Lognormal { mu: *mu, sigma: *sigma },
            Law::Weibull { shape, scale } => Kernel::Weibull { inverse_shape: 1.0 / shape, scale: *scale },
            Law::LogLogistic { shape, scale } => {
                Kernel::LogLogistic { inverse_shape: 1.0 / shape, scale: *scale }
            }
            Law::Hyperexponential { shares, means } => match (shares.as_slice(), means.as_slice()) {
                ([first_share, _], [first_mean, second_mean]) => Kernel::TwoExponentials {
                    first_below: (first_share * 2.0_f64.powi(64)) as u64,
                    first_mean: *first_mean,
                    second_mean: *second_mean,
                },
                _ => Kernel::Mixture(Arc::new(MixtureSampler {
                    choice: AliasTable::new(shares),
                    components: means
                        .iter()
                        .map(|&mean| Sampler { kernel: Kernel::Exponential { mean } })
                        .collect(),
                })),
            },
            Law::Normal { mean, sd } => Kernel::Normal { mean: *mean, sd: *sd },
            Law::TruncatedNormal { centre, sd, low, high } => {
                Kernel::TruncatedNormal(Arc::new(TruncatedNormalSampler::new(*centre, *sd, *low, *high)))
            }
            Law::Beta { alpha, beta, low, high } => Kernel::Beta(Arc::new(BetaSampler {
                low: *low,
                width: high - low,
                beta: Beta::new(*alpha, *beta).expect("alpha and beta were checked to be positive"),
            })),
            Law::Sample { sorted } => Kernel::Sample(sorted.as_slice().into()),
            Law::InterpolatedSample { sorted } => Kernel::InterpolatedSample(sorted.as_slice().into()),
            Law::Histogram { edges, shares } => Kernel::Histogram(Arc::new(HistogramSampler {
                bins: AliasTable::new(shares),
                edges: edges.as_slice().into(),
            })),
            Law::Mixture { shares, components } => Kernel::Mixture(Arc::new(MixtureSampler {
                choice: AliasTable::new(shares),
                components: components.iter().map(Sampler::compile).collect(),
            })),
            Law::Shifted { offset, law } => Kernel::Shifted(Arc::new((*offset, Sampler::compile(law)))),
        };
        Sampler { kernel }
    }
}

/// An exponential number of mean 1.
#[inline(always)]
pub(crate) fn unit_exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}

#[inline(always)]
fn unit_normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

/// A gamma number over (shape - 1/3), by Marsaglia and Tsang's squeeze; about one in fifty asks for logarithms.
#[inline(always)]
fn unit_gamma(third_less: f64, slope: f64, stream: &mut Stream) -> f64 {
    loop {
        let normal = unit_normal(stream);
        let root = 1.0 + slope * normal;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        let unit: f64 = Open01.sample(stream);
        let square = normal * normal;
        if unit < 1.0 - 0.0331 * square * square || is_accepted(third_less, cube, square, unit) {
            return cube;
        }
    }
}

#[inline(never)]
fn is_accepted(third_less: f64, cube: f64, square: f64, unit: f64) -> bool {
    libm::log(unit) < 0.5 * square + third_less * (1.0 - cube + libm::log(cube))
}

/// eˣ for |x| ≤ 700, to about 10⁻¹⁵ of it, of additions and multiplications only; beyond 700 the nearest of ±700.
/// x = k ln 2 / 64 + r with |r| ≤ ln 2 / 128; the power of two from a table, eʳ by its series to r⁵.
#[inline(always)]
fn exp(x: f64) -> f64 {
    /// Adding it rounds to a whole number, which stands in the last bits of the sum.
    const ROUNDING: f64 = 6_755_399_441_055_744.0;
    /// ln 2 / 64 as the sum of two, of which the first has its last 21 bits clear: its multiples by k are exact.
    const STEP: [f64; 2] = [6.931_471_803_691_238e-1 / 64.0, 1.908_214_929_270_587_7e-10 / 64.0];
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * (64.0 * std::f64::consts::LOG2_E) + ROUNDING;
    let k = shifted - ROUNDING;
    let r = (x - k * STEP[0]) - k * STEP[1];
    let squared = r * r;
    let series = r + squared * ((0.5 + r * (1.0 / 6.0)) + squared * (1.0 / 24.0 + r * (1.0 / 120.0)));
    let bits = shifted.to_bits();
    // 2^(k / 64): what is left of k beyond the table goes into the exponent.
    let power = f64::from_bits(POWERS[(bits & 63) as usize].wrapping_add(bits >> 6 << 52));
    power + power * series
}

/// The bits of 2^(i / 64).
const POWERS: [u64; 64] = {
    let mut powers = [0; 64];
    let mut i = 0;
    while i < powers.len() {
        let x = i as f64 * (std::f64::consts::LN_2 / 64.0);
        // Horner's rule for the series, its smallest terms first.
        let mut sum = 1.0;
        let mut n = 20;
        while n > 0 {
            sum = 1.0 + x * sum / n as f64;
            n -= 1;
        }
        powers[i] = sum.to_bits();
        i += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_the_standard_library_to_four_units_in_the_last_place() {
        for step in -1_000_000..=1_000_000_i64 {
            let x = step as f64 * 7.000_001e-4;
            let (ours, theirs) = (exp(x), x.clamp(-700.0, 700.0).exp());
            assert!((ours - theirs).abs() <= 4.0 * f64::EPSILON * theirs, "{x}: {ours:e} and {theirs:e}");
        }
    }
}

//! Laws compiled for the hot loop: no allocation, no dynamic dispatch, the common laws first.
//!
//! Lognormal, gamma and normal numbers are quantiles looked up in a table (`distribution/quantile.rs`); exponential ones come
//! from `rand_distr`'s ziggurat, which is quicker still.
//!
//! **Bits across machines.** The commonest laws (exponential, lognormal, gamma, normal) use nothing but IEEE arithmetic and
//! functions written in Rust, once their parameters are given, and give the same bits everywhere. Others call `powf` and
//! `exp` of the standard library, which takes them from the platform; these may differ in the last bit between platforms.
//! Results repeat to the bit on one platform, whatever the number of threads.

use super::quantile::QuantileTable;
use super::truncated_normal::TruncatedNormalSampler;
use super::{AliasTable, Law};
use crate::stream::Stream;
use crate::time::SimSpan;
use rand_distr::{Beta, Distribution as _, Exp1, Gamma, Triangular};
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
    /// Lognormal and gamma laws: the commonest, and therefore the first that is looked for.
    Inverted {
        table: QuantileTable,
        scale: f64,
    },
    Constant(f64),
    Exponential {
        mean: f64,
    },
    /// Too wide a law for a table.
    WideLognormal {
        normal: QuantileTable,
        mu: f64,
        sigma: f64,
    },
    /// Of too small or too large a shape for a table.
    Gamma(Arc<Gamma<f64>>),
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
        normal: QuantileTable,
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
    /// A draw as a span of time, rounded to the microsecond; negative values give [`SimSpan::ZERO`], values beyond 142 years
    /// that many.
    #[inline(always)]
    pub fn draw(&self, stream: &mut Stream) -> SimSpan {
        rounded(self.draw_micros(stream))
    }

    /// The only draw from a stream, by a function of its own: laws are long, and were there a copy wherever a hospital
    /// draws, its rooms would not fit the cache that holds instructions.
    #[inline(never)]
    pub fn draw_once(&self, mut stream: Stream) -> SimSpan {
        rounded(match &self.kernel {
            Kernel::Constant(value) => *value,
            Kernel::Inverted { table, scale } => scale * table.draw(&mut stream),
            _ => self.draw_rarer(stream).0,
        })
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
            Kernel::Inverted { table, scale } => scale * table.draw(stream),
            _ => {
                let (micros, after) = self.draw_rarer(stream.clone());
                *stream = after;
                micros
            }
        }
    }

    /// The draw, and the stream after it: handed over and back, the stream needs no place in memory for the common laws.
    #[inline(never)]
    fn draw_rarer(&self, mut after: Stream) -> (f64, Stream) {
        let stream = &mut after;
        let micros = match &self.kernel {
            Kernel::Constant(_) | Kernel::Exponential { .. } | Kernel::Inverted { .. } => {
                self.draw_micros(stream)
            }
            Kernel::WideLognormal { normal, mu, sigma } => libm::exp(mu + sigma * normal.draw(stream)),
            Kernel::Gamma(gamma) => gamma.sample(stream),
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
            Kernel::Normal { normal, mean, sd } => mean + sd * normal.draw(stream),
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
        };
        (micros, after)
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
            Law::Gamma { shape, scale } => match QuantileTable::gamma(*shape) {
                Some(table) => Kernel::Inverted { table, scale: *scale },
                None => Kernel::Gamma(Arc::new(
                    Gamma::new(*shape, *scale).expect("shape and scale were checked to be positive"),
                )),
            },
            Law::Lognormal { mu, sigma } => match QuantileTable::lognormal(*sigma) {
                Some(table) => Kernel::Inverted { table, scale: libm::exp(*mu) },
                None => Kernel::WideLognormal { normal: QuantileTable::normal(), mu: *mu, sigma: *sigma },
            },
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
            Law::Normal { mean, sd } => {
                Kernel::Normal { normal: QuantileTable::normal(), mean: *mean, sd: *sd }
            }
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

/// Microseconds as a span of time: those below 0 are none, those beyond 142 years that many.
#[inline(always)]
fn rounded(micros: f64) -> SimSpan {
    // Adding 2⁵² leaves no room for a fraction: the whole number then stands in the mantissa. Six instructions, where a
    // conversion that looks out for every number takes ten.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    #[expect(clippy::manual_clamp, reason = "`clamp` leaves NaN as it is; here it becomes 0")]
    let micros = micros.max(0.0).min(WHOLE - 1.0);
    SimSpan::from_micros((micros + WHOLE).to_bits() ^ WHOLE.to_bits())
}

/// An exponential number of mean 1.
#[inline(always)]
pub(crate) fn unit_exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}

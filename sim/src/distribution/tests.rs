//! Every law against its exact cumulative curve and moments.

mod construction;
mod fit;

use super::Law;
use statrs::distribution::{self as reference, ContinuousCDF};

/// The exact cumulative curve of a law without atoms, from an independent library where it has one.
pub(super) fn cdf(law: &Law, x: f64) -> f64 {
    match law {
        Law::Constant(_) | Law::Sample { .. } => panic!("a law with atoms has no smooth curve"),
        Law::Uniform { low, high } => reference::Uniform::new(*low, *high).unwrap().cdf(x),
        Law::Triangular { low, mode, high } => reference::Triangular::new(*low, *high, *mode).unwrap().cdf(x),
        Law::Exponential { mean } => reference::Exp::new(1.0 / mean).unwrap().cdf(x),
        Law::Gamma { shape, scale } => reference::Gamma::new(*shape, 1.0 / scale).unwrap().cdf(x),
        Law::Lognormal { mu, sigma } => reference::LogNormal::new(*mu, *sigma).unwrap().cdf(x),
        Law::Weibull { shape, scale } => reference::Weibull::new(*shape, *scale).unwrap().cdf(x),
        Law::LogLogistic { shape, scale } => 1.0 / (1.0 + (x / scale).powf(-shape)),
        Law::Hyperexponential { shares, means } => {
            shares.iter().zip(means).map(|(share, mean)| share * -(-x / mean).exp_m1()).sum()
        }
        Law::Normal { mean, sd } => reference::Normal::new(*mean, *sd).unwrap().cdf(x),
        Law::TruncatedNormal { centre, sd, low, high } => {
            let normal = reference::Normal::new(*centre, *sd).unwrap();
            if x >= *high {
                1.0
            } else if low > centre {
                // By the upper tails, as the lower ones are all but 1.
                let (all, end) = (normal.sf(*low), normal.sf(*high));
                (all - normal.sf(x)) / (all - end)
            } else {
                (normal.cdf(x) - normal.cdf(*low)) / (normal.cdf(*high) - normal.cdf(*low))
            }
        }
        Law::Beta { alpha, beta, low, high } => {
            reference::Beta::new(*alpha, *beta).unwrap().cdf(((x - low) / (high - low)).clamp(0.0, 1.0))
        }
        Law::InterpolatedSample { sorted } => {
            let piece = 1.0 / (sorted.len() - 1) as f64;
            sorted.windows(2).map(|pair| piece * ((x - pair[0]) / (pair[1] - pair[0])).clamp(0.0, 1.0)).sum()
        }
        Law::Histogram { edges, shares } => {
            let bins = edges.windows(2).zip(shares);
            bins.map(|(bin, share)| share * ((x - bin[0]) / (bin[1] - bin[0])).clamp(0.0, 1.0)).sum()
        }
        Law::Mixture { shares, components } => {
            shares.iter().zip(components).map(|(share, law)| share * cdf(law, x)).sum()
        }
        Law::Shifted { offset, law } => cdf(law, x - offset),
    }
}

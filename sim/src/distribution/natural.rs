//! Laws by their natural parameters.

use super::error::{finite, positive, require, same_count, shares};
use super::{Distribution, DistributionError, Law};

type Made = Result<Distribution, DistributionError>;

/// Laws by their natural parameters. Each refuses parameters that are not finite, besides what it says itself.
impl Distribution {
    /// Always `value`, which may be negative.
    pub fn constant(value: f64) -> Made {
        finite("constant", "value", value)?;
        Ok(Distribution { law: Law::Constant(value) })
    }

    /// Uniform between `low` and `high`, either of which may be negative. Refuses `high` below `low`.
    pub fn uniform(low: f64, high: f64) -> Made {
        const LAW: &str = "uniform";
        finite(LAW, "low", low)?;
        finite(LAW, "high", high)?;
        require(LAW, "high", high, high >= low, format!("a number of {low} (low) or more"))?;
        Ok(Distribution { law: if low == high { Law::Constant(low) } else { Law::Uniform { low, high } } })
    }

    /// Triangular between `low` and `high` with its peak at `mode`. Refuses a mode outside the two.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Made {
        const LAW: &str = "triangular";
        finite(LAW, "low", low)?;
        finite(LAW, "mode", mode)?;
        finite(LAW, "high", high)?;
        require(LAW, "high", high, high >= low, format!("a number of {low} (low) or more"))?;
        require(LAW, "mode", mode, (low..=high).contains(&mode), format!("a number from {low} to {high}"))?;
        let law = if low == high { Law::Constant(low) } else { Law::Triangular { low, mode, high } };
        Ok(Distribution { law })
    }

    /// Exponential with a positive `mean`.
    pub fn exponential(mean: f64) -> Made {
        positive("exponential", "mean", mean)?;
        Ok(Distribution { law: Law::Exponential { mean } })
    }

    /// Erlang's law: the sum of `stage_count` exponential stages, `mean` in all. Refuses 0 stages.
    pub fn erlang(stage_count: u32, mean: f64) -> Made {
        const LAW: &str = "Erlang";
        require(LAW, "number of stages", f64::from(stage_count), stage_count > 0, "1 or more")?;
        positive(LAW, "mean", mean)?;
        Distribution::gamma(f64::from(stage_count), mean / f64::from(stage_count))
    }

    /// Gamma with positive `shape` and `scale`: mean shape · scale, variance shape · scale².
    pub fn gamma(shape: f64, scale: f64) -> Made {
        positive("gamma", "shape", shape)?;
        positive("gamma", "scale", scale)?;
        let exponential = shape == 1.0;
        Ok(Distribution {
            law: if exponential { Law::Exponential { mean: scale } } else { Law::Gamma { shape, scale } },
        })
    }

    /// Lognormal: exp(`mu` + `sigma` z) with z standard normal. `sigma` is 0 or more.
    pub fn lognormal(mu: f64, sigma: f64) -> Made {
        const LAW: &str = "lognormal";
        finite(LAW, "mu", mu)?;
        require(LAW, "sigma", sigma, sigma.is_finite() && sigma >= 0.0, "a number of 0 or more")?;
        let mean = (mu + sigma * sigma / 2.0).exp();
        positive(LAW, "mean exp(mu + sigma²/2)", mean)?;
        let law = if sigma == 0.0 { Law::Constant(mean) } else { Law::Lognormal { mu, sigma } };
        Ok(Distribution { law })
    }

    /// Weibull with positive `shape` and `scale`: P(X > x) = exp(-(x / scale)^shape). The shape is at least 0.05.
    pub fn weibull(shape: f64, scale: f64) -> Made {
        const LAW: &str = "Weibull";
        require(LAW, "shape", shape, (0.05..=1e30).contains(&shape), "a number of 0.05 or more")?;
        positive(LAW, "scale", scale)?;
        let law = if shape == 1.0 { Law::Exponential { mean: scale } } else { Law::Weibull { shape, scale } };
        Ok(Distribution { law })
    }

    /// Log-logistic with positive `shape` and `scale` (its median): P(X ≤ x) = 1 / (1 + (x / scale)^-shape).
    /// Refuses a shape of 1 or less, whose mean is infinite; up to 2 the variance is.
    pub fn log_logistic(shape: f64, scale: f64) -> Made {
        const LAW: &str = "log-logistic";
        let holds = shape > 1.0 && shape <= 1e30;
        require(LAW, "shape", shape, holds, "a number above 1 (the mean is infinite up to 1)")?;
        positive(LAW, "scale", scale)?;
        Ok(Distribution { law: Law::LogLogistic { shape, scale } })
    }

    /// Hyperexponential: with the chance given by its weight, an exponential of that mean. Means are positive.
    pub fn hyperexponential(weights: &[f64], means: &[f64]) -> Made {
        const LAW: &str = "hyperexponential";
        same_count(LAW, "number of means", means.len(), weights.len(), "as many as weights")?;
        let shares = shares(LAW, weights)?;
        for &mean in means {
            positive(LAW, "mean", mean)?;
        }
        if let [mean] = means {
            return Distribution::exponential(*mean);
        }
        Ok(Distribution { law: Law::Hyperexponential { shares, means: means.to_vec() } })
    }

    /// Normal on the whole real line, for what may be negative, such as punctuality. `sd` is 0 or more.
    pub fn normal(mean: f64, sd: f64) -> Made {
        const LAW: &str = "normal";
        finite(LAW, "mean", mean)?;
        require(LAW, "sd", sd, (0.0..=1e30).contains(&sd), "a number of 0 or more")?;
        Ok(Distribution { law: if sd == 0.0 { Law::Constant(mean) } else { Law::Normal { mean, sd } } })
    }

    /// Normal(`centre`, `sd`) given that it falls between `low` and `high`, which may be infinite.
    /// `centre` and `sd` are those of the normal law before it is cut. The cut must come within 30 `sd` of the
    /// centre.
    pub fn truncated_normal(centre: f64, sd: f64, low: f64, high: f64) -> Made {
        const LAW: &str = "truncated normal";
        finite(LAW, "centre", centre)?;
        positive(LAW, "sd", sd)?;
        require(LAW, "low", low, !low.is_nan() && low < f64::INFINITY, "a number, or minus infinity")?;
        let wide = high - low >= 1e-6 * sd;
        require(
            LAW,
            "high",
            high,
            wide,
            format!("a number above {low} (low), by a millionth of the sd or more"),
        )?;
        let (nearest, farthest) = (centre - 30.0 * sd, centre + 30.0 * sd);
        let accepted =
            || format!("an interval that reaches into {nearest} to {farthest} (30 sd about the centre)");
        require(LAW, "low", low, low <= farthest, accepted())?;
        require(LAW, "high", high, high >= nearest, accepted())?;
        Ok(Distribution { law: Law::TruncatedNormal { centre, sd, low, high } })
    }

    /// Beta(`alpha`, `beta`) stretched from 0..1 to `low`..`high`. `alpha` and `beta` are positive.
    pub fn beta(alpha: f64, beta: f64, low: f64, high: f64) -> Made {
        const LAW: &str = "beta";
        positive(LAW, "alpha", alpha)?;
        positive(LAW, "beta", beta)?;
        finite(LAW, "low", low)?;
        require(LAW, "high", high, high > low, format!("a number above {low} (low)"))?;
        finite(LAW, "high", high)?;
        Ok(Distribution { law: Law::Beta { alpha, beta, low, high } })
    }

    /// One of `values`, each as likely as the next. Refuses an empty sample.
    pub fn sample(values: &[f64]) -> Made {
        let sorted = sorted_sample(values, 1)?;
        let constant = sorted[0] == sorted[sorted.len() - 1];
        Ok(Distribution { law: if constant { Law::Constant(sorted[0]) } else { Law::Sample { sorted } } })
    }

    /// The continuous law whose cumulative curve runs straight from each of the n sorted values to the next, 1/(n-1)
    /// at a time (Law, *Simulation Modeling and Analysis*). Needs two values or more.
    pub fn interpolated_sample(values: &[f64]) -> Made {
        let sorted = sorted_sample(values, 2)?;
        let constant = sorted[0] == sorted[sorted.len() - 1];
        Ok(Distribution {
            law: if constant { Law::Constant(sorted[0]) } else { Law::InterpolatedSample { sorted } },
        })
    }

    /// A histogram: bin i lies between `edges[i]` and `edges[i + 1]`, is hit in proportion to `weights[i]`, and is
    /// uniform inside. Edges must rise; there is one more of them than of weights.
    pub fn histogram(edges: &[f64], weights: &[f64]) -> Made {
        const LAW: &str = "histogram";
        same_count(LAW, "number of edges", edges.len(), weights.len() + 1, "one more than weights")?;
        let shares = shares(LAW, weights)?;
        finite(LAW, "edge", edges[0])?;
        for pair in edges.windows(2) {
            let accepted = || format!("a number above {}, the edge before it", pair[0]);
            require(LAW, "edge", pair[1], pair[1] > pair[0], accepted())?;
            finite(LAW, "edge", pair[1])?;
        }
        Ok(Distribution { law: Law::Histogram { edges: edges.to_vec(), shares } })
    }

    /// One of `components`, chosen in proportion to its weight; components of weight 0 are left out.
    pub fn mixture(weights: &[f64], components: &[Distribution]) -> Made {
        const LAW: &str = "mixture";
        same_count(LAW, "number of components", components.len(), weights.len(), "as many as weights")?;
        let shares = shares(LAW, weights)?;
        let (shares, components): (Vec<f64>, Vec<Law>) = shares
            .into_iter()
            .zip(components)
            .filter(|(share, _)| *share > 0.0)
            .map(|(share, component)| (share, component.law.clone()))
            .unzip();
        if let [law] = components.as_slice() {
            return Ok(Distribution { law: law.clone() });
        }
        Ok(Distribution { law: Law::Mixture { shares, components } })
    }
}

fn sorted_sample(values: &[f64], at_least: usize) -> Result<Vec<f64>, DistributionError> {
    const LAW: &str = "sample";
    let holds = values.len() >= at_least && values.len() <= u32::MAX as usize;
    require(LAW, "number of values", values.len() as f64, holds, format!("{at_least} or more"))?;
    for (index, &value) in values.iter().enumerate() {
        let accepted = "a number from -1e30 to 1e30";
        require(LAW, format!("value {}", index + 1), value, value.abs() <= 1e30, accepted)?;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

//! Numerical integration and root finding for the constants of selection procedures.

use std::f64::consts::PI;

/// Gauss–Legendre rule: exact for polynomials up to degree 2n − 1 on an interval.
#[derive(Clone, Debug)]
pub struct GaussLegendre {
    nodes: Vec<(f64, f64)>,
}

impl GaussLegendre {
    /// The rule with `node_count` nodes; nodes are the roots of the Legendre polynomial, found by Newton's method.
    pub fn new(node_count: usize) -> Self {
        let n = node_count as f64;
        let nodes = (0..node_count)
            .map(|index| {
                let mut x = (PI * (index as f64 + 0.75) / (n + 0.5)).cos();
                let mut slope = 1.0;
                for _ in 0..100 {
                    let (mut previous, mut current) = (1.0, x);
                    for degree in 2..=node_count {
                        let d = degree as f64;
                        let next = ((2.0 * d - 1.0) * x * current - (d - 1.0) * previous) / d;
                        previous = current;
                        current = next;
                    }
                    slope = n * (x * current - previous) / (x * x - 1.0);
                    let step = current / slope;
                    x -= step;
                    if step.abs() < 1e-15 {
                        break;
                    }
                }
                (x, 2.0 / ((1.0 - x * x) * slope * slope))
            })
            .collect();
        GaussLegendre { nodes }
    }

    /// The rule's points and weights moved to the interval from `low` to `high`.
    pub fn on(&self, low: f64, high: f64) -> Vec<(f64, f64)> {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        self.nodes.iter().map(|&(x, weight)| (middle + half * x, half * weight)).collect()
    }

    /// The integral of `f` from `low` to `high`.
    pub fn integral(&self, low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
        self.on(low, high).into_iter().map(|(x, weight)| weight * f(x)).sum()
    }
}

/// Where an increasing function crosses zero, above 0: the bracket doubles from 1, then closes in by the Illinois
/// rule (false position that halves the weight of an end kept twice; Dowell and Jarratt, *BIT* 11, 1971), with every
/// third step a plain halving. A function that never crosses below 2⁴⁰ gives that bound.
pub fn root_of_increasing(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut at_low = f(low);
    let mut at_high = f(high);
    while at_high < 0.0 {
        if high >= (1u64 << 40) as f64 {
            return high;
        }
        (low, at_low) = (high, at_high);
        high *= 2.0;
        at_high = f(high);
    }
    let mut kept_low = false;
    for step in 1..=200 {
        let secant = low - at_low * (high - low) / (at_high - at_low);
        let is_inside = secant > low && secant < high;
        let next = if step % 3 == 0 || !is_inside { 0.5 * (low + high) } else { secant };
        if next <= low || next >= high || high - low <= 1e-12 * high {
            break;
        }
        let value = f(next);
        if value < 0.0 {
            (low, at_low) = (next, value);
            if !kept_low {
                at_high *= 0.5;
            }
            kept_low = false;
        } else {
            (high, at_high) = (next, value);
            if kept_low {
                at_low *= 0.5;
            }
            kept_low = true;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauss_legendre_is_exact_for_polynomials_and_close_for_the_bell() {
        let five = GaussLegendre::new(5);
        assert!((five.integral(0.0, 2.0, |x| x.powi(9)) - 102.4).abs() < 1e-11);
        let many = GaussLegendre::new(96);
        let bell = many.integral(-9.0, 9.0, |x| (-0.5 * x * x).exp());
        assert!((bell - (2.0 * PI).sqrt()).abs() < 1e-13);
    }

    #[test]
    fn a_root_is_found_on_either_side_of_one() {
        assert!((root_of_increasing(|x| x * x - 2.0) - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((root_of_increasing(|x| x - 0.003) - 0.003).abs() < 1e-14);
        assert!((root_of_increasing(|x| x - 777.0) - 777.0).abs() < 1e-9);
    }
}

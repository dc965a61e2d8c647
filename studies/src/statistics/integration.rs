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

/// Where an increasing function crosses zero, above 0: the bracket doubles from 1, then halves to full precision.
/// A function that never crosses below 2⁴⁰ gives that bound.
pub fn root_of_increasing(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while f(high) < 0.0 && high < (1u64 << 40) as f64 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-13 * high {
            break;
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
        assert!((root_of_increasing(|x| x - 0.003) - 0.003).abs() < 1e-15);
        assert!((root_of_increasing(|x| x - 777.0) - 777.0).abs() < 1e-9);
    }
}

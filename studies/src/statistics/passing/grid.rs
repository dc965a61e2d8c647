//! Sums of visits on a grid: the empirical law convolved with itself.

/// Cells of the grid from 0 to the limit on the sum, at least and at most.
const CELLS_MIN: usize = 2400;
const CELLS_MAX: usize = 16_384;

/// How far from a grid point, in cells, a value may be and still count as on it.
const ON_POINT: f64 = 1e-7;

/// The law of the sum of n − 1 visits up to n·limit.
///
/// The step divides the limit, so that 0, the limit and the limit on the sum are grid points. If all values lie on
/// the points of such a grid (whole minutes) the law is exact. Otherwise a value's weight is split between its two
/// neighbours in inverse proportion to distance, which keeps every mean and adds at most step²/4 to a variance; the
/// step is at most a quarter of the standard deviation as long as `CELLS_MAX` allows.
///
/// On the last point, sums of values between points are half below and half above; sums of values that lie on
/// points exactly are known, and are followed apart.
pub(super) struct Grid {
    step: f64,
    /// Chance that the sum of n − 1 lies below each point, and that it lies on it.
    below: Vec<f64>,
    on: Vec<f64>,
    /// Of the latter, by values that all lie on points exactly.
    exactly_on: Vec<f64>,
}

impl Grid {
    /// The law of `visit_count` − 1 visits, each of a day drawn at random and drawn from its visits, for sums of up to
    /// `visit_count`·`limit`. `visit_count` is at least 2, values are at least 0, no day is empty.
    pub(super) fn new(days: &[&[f64]], limit: f64, visit_count: usize) -> Grid {
        let per_limit = points_per_limit(&days.concat(), limit, visit_count);
        let step = limit / per_limit as f64;
        let last = per_limit * visit_count;
        let weighed = days.iter().flat_map(|visits| {
            let weight = 1.0 / (days.len() * visits.len()) as f64;
            visits.iter().map(move |&value| (value, weight))
        });
        let (mut one, mut one_exactly) = (vec![0.0; last + 1], vec![0.0; last + 1]);
        for (value, weight) in weighed {
            match place(value, step, last) {
                Place::Beyond => {}
                Place::On(point) => {
                    one[point] += weight;
                    one_exactly[point] += weight;
                }
                Place::Between(point, fraction) => {
                    one[point] += (1.0 - fraction) * weight;
                    one[point + 1] += fraction * weight;
                }
            }
        }
        let exactly_on = power(&one_exactly, visit_count - 1);
        let on = if one == one_exactly { exactly_on.clone() } else { power(&one, visit_count - 1) };
        let mut whole = 0.0;
        let below = on
            .iter()
            .map(|share| {
                let before = whole;
                whole += share;
                before
            })
            .collect();
        Grid { step, below, on, exactly_on }
    }

    fn last(&self) -> usize {
        self.on.len() - 1
    }

    /// The chance that a visit of `value` and n − 1 others add up to at most n·limit.
    pub(super) fn share_at_most(&self, value: f64) -> f64 {
        match place(value, self.step, self.last()) {
            Place::Beyond => 0.0,
            Place::On(point) => {
                let room = self.last() - point;
                self.below[room] + 0.5 * (self.on[room] + self.exactly_on[room])
            }
            Place::Between(point, fraction) => self.half_counted(point, fraction),
        }
    }

    /// The chance that a visit of `value` and n − 1 others add up to at least n·limit.
    pub(super) fn share_at_least(&self, value: f64) -> f64 {
        match place(value, self.step, self.last()) {
            Place::Beyond => 1.0,
            Place::On(point) => {
                let room = self.last() - point;
                1.0 - self.below[room] - 0.5 * (self.on[room] - self.exactly_on[room])
            }
            Place::Between(point, fraction) => 1.0 - self.half_counted(point, fraction),
        }
    }

    fn half_counted(&self, point: usize, fraction: f64) -> f64 {
        let at = |point: usize| self.below[self.last() - point] + 0.5 * self.on[self.last() - point];
        (1.0 - fraction) * at(point) + fraction * at(point + 1)
    }
}

enum Place {
    /// Above the limit on the sum.
    Beyond,
    /// On a point.
    On(usize),
    /// Between a point and the next, at a fraction of the step.
    Between(usize, f64),
}

fn place(value: f64, step: f64, last: usize) -> Place {
    let position = value / step;
    let nearest = position.round();
    if nearest > last as f64 {
        Place::Beyond
    } else if (position - nearest).abs() <= ON_POINT {
        Place::On(nearest as usize)
    } else if position > last as f64 {
        Place::Beyond
    } else {
        Place::Between(position.floor() as usize, position - position.floor())
    }
}

/// How many steps make the limit: the fewest by which all values lie on points, else enough for the spread, in
/// multiples of 60 so that single values at round fractions of the limit stay on points.
fn points_per_limit(values: &[f64], limit: f64, visit_count: usize) -> usize {
    let count_max = (CELLS_MAX / visit_count).max(1);
    let sum_max = limit * visit_count as f64 * (1.0 + 1e-12);
    let is_on_points = |count: usize| {
        values.iter().filter(|&&value| value <= sum_max).all(|value| {
            let position = value / limit * count as f64;
            (position - position.round()).abs() <= ON_POINT
        })
    };
    if let Some(count) = (1..=count_max).find(|&count| is_on_points(count)) {
        return count;
    }
    let within: Vec<f64> = values.iter().copied().filter(|&value| value <= sum_max).collect();
    let mean = within.iter().sum::<f64>() / within.len() as f64;
    let variance = within.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / within.len() as f64;
    let for_spread = (4.0 * limit / variance.sqrt()).ceil();
    let wanted = CELLS_MIN.div_ceil(visit_count).max(for_spread.min(count_max as f64) as usize);
    wanted.min(count_max).div_ceil(60) * 60
}

/// The convolution of two laws on the grid, cut at its last point.
fn convolved(left: &[f64], right: &[f64]) -> Vec<f64> {
    let length = left.len();
    let mut sum = vec![0.0; length];
    for (offset, &share) in left.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        for (cell, other) in sum[offset..].iter_mut().zip(&right[..length - offset]) {
            *cell += share * other;
        }
    }
    sum
}

/// The `exponent`-fold convolution of a law with itself (exponent at least 1), by repeated squaring.
fn power(law: &[f64], exponent: usize) -> Vec<f64> {
    let mut square = law.to_vec();
    let mut product: Option<Vec<f64>> = None;
    let mut left = exponent;
    loop {
        if left & 1 == 1 {
            product = Some(product.map_or_else(|| square.clone(), |product| convolved(&product, &square)));
        }
        left >>= 1;
        match product {
            Some(product) if left == 0 => return product,
            _ => square = convolved(&square, &square),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_repeated_convolutions() {
        let law = [0.5, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0];
        let mut step_by_step = law.to_vec();
        for exponent in 2..=7 {
            step_by_step = convolved(&step_by_step, &law);
            assert_eq!(power(&law, exponent), step_by_step);
        }
    }

    #[test]
    fn whole_values_get_the_coarsest_grid_that_holds_them() {
        assert_eq!(points_per_limit(&[0.0, 5.0, 7.5, 12.0], 10.0, 3), 20);
        assert_eq!(points_per_limit(&[0.0, 600.0, 1200.0], 600.0, 50), 1);
        assert_eq!(points_per_limit(&[1.0, 2.0_f64.sqrt()], 3.0, 2) % 60, 0);
    }
}

//! Exact answers of queueing theory: what an engine must reproduce, and what a sized station is compared with.
//!
//! Every formula names its source. Times and rates share one unit of the caller's choice: rates per minute give
//! times in minutes. Results that are not exact are in [`approximation`] and in the docs of [`staffing`], nowhere
//! else. [`cases()`] computes the table of published cases that `onetrip validate` holds the engine to.
//!
//! In formulas: λ arrival rate, μ service rate of one server, c servers, A = λ/μ offered load, ρ = A/c, θ the rate
//! at which one waiting customer gives up, C Erlang's probability of waiting.

pub mod approximation;
pub mod batch;
mod birth_death;
pub mod cases;
pub mod erlang;
pub mod finite;
pub mod infinite;
pub mod law;
pub mod multi_server;
pub mod network;
pub mod priority;
pub mod session;
pub mod single_server;
pub mod staffing;
pub mod transient;
pub mod worked;

pub use cases::{Case, Quantity, cases};
pub use law::Law;
pub use multi_server::Mmc;

/// Why a formula has no answer for these parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TheoryError {
    /// A number lies outside the values for which the quantity has a meaning.
    #[error("{name} is {value}; accepted: {accepted}")]
    OutOfRange {
        /// The parameter, in the words of the function that takes it.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// More work arrives than the servers can do, so there is no steady state.
    #[error(
        "unstable: work for {offered_load} servers arrives at {server_count}; accepted: less work than servers"
    )]
    Unstable {
        /// Work arriving per unit of time, in servers.
        offered_load: f64,
        /// Servers there are.
        server_count: u32,
    },
    /// A list is empty, or two lists that belong together differ in length.
    #[error("{name} has {found} entries; accepted: {accepted}")]
    WrongLength {
        /// The list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// What would be accepted.
        accepted: String,
    },
    /// The computation would need more states or steps than it allows itself.
    #[error("{quantity} needs more than {limit} states; accepted: a smaller load or a faster departure rate")]
    TooLarge {
        /// What was being computed.
        quantity: &'static str,
        /// States the computation allows itself.
        limit: usize,
    },
}

/// `value` if it is finite and above zero.
fn positive(name: &'static str, value: f64) -> Result<f64, TheoryError> {
    in_range(name, value, value > 0.0, "a finite number above 0")
}

/// `value` if it is finite and not below zero.
fn not_negative(name: &'static str, value: f64) -> Result<f64, TheoryError> {
    in_range(name, value, value >= 0.0, "a finite number of at least 0")
}

/// `value` if it is a share in 0..=1.
fn share(name: &'static str, value: f64) -> Result<f64, TheoryError> {
    in_range(name, value, (0.0..=1.0).contains(&value), "a share between 0 and 1")
}

/// `value` if it is a probability below one, at which every law here has a finite quantile.
fn quantile_level(value: f64) -> Result<f64, TheoryError> {
    in_range("quantile level", value, (0.0..1.0).contains(&value), "a probability of at least 0 and below 1")
}

/// `count` if it is not zero.
fn at_least_one(name: &'static str, count: u32) -> Result<u32, TheoryError> {
    in_range(name, f64::from(count), count > 0, "a count of at least 1").map(|_| count)
}

fn in_range(name: &'static str, value: f64, holds: bool, accepted: &'static str) -> Result<f64, TheoryError> {
    if holds && value.is_finite() {
        Ok(value)
    } else {
        Err(TheoryError::OutOfRange { name, value, accepted })
    }
}

/// An error unless less work arrives than `server_count` servers can do.
fn stable(offered_load: f64, server_count: u32) -> Result<(), TheoryError> {
    if offered_load < f64::from(server_count) {
        Ok(())
    } else {
        Err(TheoryError::Unstable { offered_load, server_count })
    }
}

/// The smallest `t >= 0` with `tail(t) <= 1 - level` for a continuous decreasing tail, by doubling and bisection to
/// the last bit.
fn quantile_of(tail: impl Fn(f64) -> f64, level: f64, scale: f64) -> f64 {
    let beyond = 1.0 - level;
    if tail(0.0) <= beyond {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, scale);
    while tail(high) > beyond && high < f64::MAX / 4.0 {
        low = high;
        high *= 2.0;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if tail(middle) > beyond { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod close {
    /// Whether `value` is `printed` to every digit that is printed (half a unit of the last place).
    pub(crate) fn agrees_with(value: f64, printed: &str) -> bool {
        let (mantissa, exponent) = printed.split_once('e').unwrap_or((printed, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len() as i32);
        let exponent: i32 = exponent.parse().expect("a printed exponent");
        let half_unit = 0.5 * 10f64.powi(exponent - decimals);
        let target: f64 = printed.parse().expect("a printed number");
        (value - target).abs() <= half_unit * (1.0 + 1e-6) + 1e-15 * target.abs()
    }

    /// Panics unless `value` is `printed` to every printed digit.
    #[track_caller]
    pub(crate) fn assert_printed(value: f64, printed: &str) {
        assert!(agrees_with(value, printed), "computed {value:.12e}, printed {printed}");
    }

    /// Panics unless the two differ by at most `relative` of the larger.
    #[track_caller]
    pub(crate) fn assert_close(left: f64, right: f64, relative: f64) {
        let scale = left.abs().max(right.abs());
        assert!((left - right).abs() <= relative * scale, "{left:.15e} and {right:.15e}");
    }
}

#[cfg(test)]
mod tests {
    use super::close::agrees_with;
    use super::*;

    #[test]
    fn printed_digits_are_compared_to_half_a_unit_of_the_last() {
        assert!(agrees_with(0.049_360_154, ".04936015"));
        assert!(!agrees_with(0.049_360_162, ".04936015"));
        assert!(agrees_with(7.472_72e-5, "7.4727e-5"));
        assert!(!agrees_with(7.4726e-5, "7.4727e-5"));
    }

    #[test]
    fn errors_say_what_was_read_and_what_is_accepted() {
        let error = positive("arrival rate", -1.0).unwrap_err();
        assert_eq!(error.to_string(), "arrival rate is -1; accepted: a finite number above 0");
        assert!(positive("arrival rate", f64::NAN).is_err());
        assert!(positive("arrival rate", f64::INFINITY).is_err());
        let error = stable(3.0, 3).unwrap_err();
        assert!(error.to_string().starts_with("unstable: work for 3 servers arrives at 3"), "{error}");
    }

    #[test]
    fn a_quantile_by_bisection_is_exact_to_the_last_bits() {
        let quantile = quantile_of(|t| (-t).exp(), 0.9, 0.01);
        close::assert_close(quantile, 10f64.ln(), 1e-15);
        assert_eq!(quantile_of(|t| 0.05 * (-t).exp(), 0.9, 1.0), 0.0);
    }
}

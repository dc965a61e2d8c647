//! A clinic session with appointments: one doctor, punctual patients, some of whom stay away.
//!
//! The exact recursion for exponential service, and a convolution on a grid for any other law.

use super::law::Law;
use super::{TheoryError, in_range, not_negative, positive, share};

/// Appointments and the planned length of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    appointment_times: Vec<f64>,
    session_time: f64,
    no_show_share: f64,
}

/// What a session is like in the mean.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionOutcome {
    /// The mean wait of each patient, given that the patient comes.
    pub wait_times: Vec<f64>,
    /// The mean of [`SessionOutcome::wait_times`].
    pub mean_wait_time: f64,
    /// Work beyond the planned end: E\[max(finish − session time, 0)\].
    pub overtime: f64,
    /// Time between start and the later of finish and planned end in which the doctor serves nobody.
    pub idle_time: f64,
}

impl Session {
    /// The session from 0 to `session_time` with patients planned at `appointment_times`, each of whom stays away
    /// with probability `no_show_share`, independently.
    ///
    /// # Errors
    /// No appointment, times that are negative or go back, an end before the last appointment, or a share outside
    /// 0..=1.
    pub fn new(
        appointment_times: Vec<f64>,
        session_time: f64,
        no_show_share: f64,
    ) -> Result<Self, TheoryError> {
        let Some(&last) = appointment_times.last() else {
            return Err(TheoryError::WrongLength {
                name: "appointments",
                found: 0,
                accepted: "at least 1".to_owned(),
            });
        };
        let mut earlier = 0.0;
        for &time in &appointment_times {
            in_range("appointment time", time, time >= earlier, "at least 0, and not before the one ahead")?;
            earlier = time;
        }
        in_range("session time", session_time, session_time >= last, "not before the last appointment")?;
        share("no-show share", no_show_share)?;
        Ok(Session { appointment_times, session_time, no_show_share })
    }

    /// `counts[i]` patients planned together at i·`slot_time`; the session ends after `counts.len()` slots.
    ///
    /// # Errors
    /// As [`Session::new`], and a slot that is not above zero.
    pub fn of_slots(slot_time: f64, counts: &[u32], no_show_share: f64) -> Result<Self, TheoryError> {
        positive("slot time", slot_time)?;
        let times = counts
            .iter()
            .enumerate()
            .flat_map(|(slot, &count)| (0..count).map(move |_| slot as f64 * slot_time))
            .collect();
        Session::new(times, counts.len() as f64 * slot_time, no_show_share)
    }

    /// The session when services are exponential.
    ///
    /// Between appointments a busy doctor finishes a Poisson number of patients, so the number present just before
    /// each appointment follows a short recursion (Pegden and Rosenshine 1990; Kaandorp and Koole 2007). It only adds
    /// positive terms; overtime is Σ_{j<n} P(Poisson(μa) ≤ j)/μ for n present a time a before the end.
    ///
    /// # Errors
    /// A service time that is not above zero.
    pub fn with_exponential_service(&self, mean_service_time: f64) -> Result<SessionOutcome, TheoryError> {
        positive("mean service time", mean_service_time)?;
        let mut present = vec![1.0];
        let mut wait_times = Vec::with_capacity(self.appointment_times.len());
        let mut overtime = 0.0;
        for (index, &time) in self.appointment_times.iter().enumerate() {
            wait_times.push(mean_of(&present) * mean_service_time);
            present = self.joined(&present);
            let next = self.appointment_times.get(index + 1);
            let gap = (next.unwrap_or(&self.session_time) - time) / mean_service_time;
            let served = poisson_up_to(gap, present.len());
            if next.is_some() {
                present = after_departures(&present, &served);
            } else {
                let mut at_most = 0.0;
                let mut unfinished = 0.0;
                for (n, probability) in present.iter().enumerate() {
                    overtime += probability * unfinished * mean_service_time;
                    at_most += served[n];
                    unfinished += at_most;
                }
            }
        }
        Ok(self.outcome(wait_times, overtime, mean_service_time))
    }

    /// The number present after one more patient was due.
    fn joined(&self, present: &[f64]) -> Vec<f64> {
        let mut joined = vec![0.0; present.len() + 1];
        for (n, probability) in present.iter().enumerate() {
            joined[n] += self.no_show_share * probability;
            joined[n + 1] += (1.0 - self.no_show_share) * probability;
        }
        joined
    }

    /// The session when services follow `service`.
    ///
    /// Lindley's recursion on the law of the work waiting, on a grid of `step_time` and of half of it, extrapolated
    /// to no step at all (Richardson). Probabilities are put on the grid so that means stay exact, which leaves an
    /// error of second order in the step before extrapolation. With a step of a fiftieth of the mean service, results
    /// are right to about six digits for laws with a smooth density, to four for [`Law::Constant`] off the grid.
    ///
    /// # Errors
    /// A law without meaning, or a step that is not above zero or divides the session into 100,000 or more.
    pub fn with_service(&self, service: Law, step_time: f64) -> Result<SessionOutcome, TheoryError> {
        let service = service.checked()?;
        positive("step time", step_time)?;
        let most = (self.session_time + service.mean() * self.appointment_times.len() as f64) / step_time;
        in_range(
            "step time",
            step_time,
            most < 1e5,
            "a step that divides the session into less than 100,000",
        )?;
        let (coarse, fine) = (self.on_grid(service, step_time), self.on_grid(service, 0.5 * step_time));
        let refined = |coarse: f64, fine: f64| (4.0 * fine - coarse) / 3.0;
        let wait_times = coarse.0.iter().zip(&fine.0).map(|(&coarse, &fine)| refined(coarse, fine)).collect();
        Ok(self.outcome(wait_times, refined(coarse.1, fine.1), service.mean()))
    }

    /// Mean wait of each patient and overtime, on one grid.
    fn on_grid(&self, service: Law, step: f64) -> (Vec<f64>, f64) {
        let service = on_grid(service, step);
        let mut work = vec![1.0];
        let mut wait_times = Vec::with_capacity(self.appointment_times.len());
        for (index, &time) in self.appointment_times.iter().enumerate() {
            wait_times.push(mean_of(&work) * step);
            let mut joined = vec![0.0; work.len() + service.len() - 1];
            for (at, &probability) in work.iter().enumerate() {
                joined[at] += self.no_show_share * probability;
                let weight = (1.0 - self.no_show_share) * probability;
                for (sum, mass) in joined[at..].iter_mut().zip(&service) {
                    *sum += weight * mass;
                }
            }
            while joined.len() > 1 && joined[joined.len() - 1] < 1e-16 {
                joined.pop();
            }
            let next = self.appointment_times.get(index + 1).unwrap_or(&self.session_time);
            work = worked_off(&joined, (next - time) / step);
        }
        // What is left at the planned end is overtime.
        (wait_times, mean_of(&work) * step)
    }

    fn outcome(&self, wait_times: Vec<f64>, overtime: f64, service_time: f64) -> SessionOutcome {
        let count = wait_times.len() as f64;
        let work = count * (1.0 - self.no_show_share) * service_time;
        SessionOutcome {
            mean_wait_time: wait_times.iter().sum::<f64>() / count,
            wait_times,
            overtime,
            idle_time: self.session_time + overtime - work,
        }
    }
}

/// The gap between two patients with exponential services that costs least when a unit of the patient's time costs
/// `waiting_cost` and one of the doctor's `server_cost`.
///
/// With gap x the second patient waits e^(−μx)/μ in the mean and the doctor is idle for x − (1 − e^(−μx))/μ, whence
/// x = ln((c_w + c_s)/c_s)/μ (Pegden and Rosenshine 1990).
///
/// # Errors
/// A cost that is negative (waiting) or not above zero (doctor), or a rate that is not above zero.
pub fn best_gap_of_two(waiting_cost: f64, server_cost: f64, service_rate: f64) -> Result<f64, TheoryError> {
    not_negative("cost of waiting", waiting_cost)?;
    positive("cost of the server", server_cost)?;
    positive("service rate", service_rate)?;
    Ok((waiting_cost / server_cost).ln_1p() / service_rate)
}

fn mean_of(probabilities: &[f64]) -> f64 {
    probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
}

/// P(Poisson(mean) = k) for k in 0..count, also where e^(−mean) is zero in floating point.
fn poisson_up_to(mean: f64, count: usize) -> Vec<f64> {
    if mean == 0.0 {
        return (0..count).map(|k| f64::from(u8::from(k == 0))).collect();
    }
    let mut log_weight = -mean;
    (0..count)
        .map(|k| {
            if k > 0 {
                log_weight += (mean / k as f64).ln();
            }
            log_weight.exp()
        })
        .collect()
}

/// The number present when a Poisson number of services could be completed.
fn after_departures(present: &[f64], served: &[f64]) -> Vec<f64> {
    let mut left = vec![0.0; present.len()];
    for (n, probability) in present.iter().enumerate() {
        let mut some_left = 0.0;
        for (k, weight) in served.iter().enumerate().take(n) {
            left[n - k] += probability * weight;
            some_left += weight;
        }
        left[0] += probability * (1.0 - some_left).max(0.0);
    }
    left
}

/// The work left after `steps` of a grid, a part of a step being shared between two points.
fn worked_off(work: &[f64], steps: f64) -> Vec<f64> {
    let nearest = steps.round();
    let steps = if (steps - nearest).abs() < 1e-9 * (1.0 + steps) { nearest } else { steps };
    let whole = steps.floor();
    let part = steps - whole;
    let mut left = vec![0.0; work.len()];
    for (at, probability) in work.iter().enumerate() {
        let remaining = at as f64 - whole;
        if remaining < 1.0 {
            // At 0 < remaining < 1 there is nothing: grid positions are whole.
            left[0] += probability;
        } else {
            let at = remaining as usize;
            left[at] += probability * (1.0 - part);
            left[at - 1] += probability * part;
        }
    }
    left
}

/// The law on the points 0, step, 2·step, …: each duration is shared between its two neighbours so that its mean is
/// kept. Mass at i is (I(i) − I(i−1))/step with I(i) the integral of the distribution function over the i-th cell.
fn on_grid(law: Law, step: f64) -> Vec<f64> {
    if let Law::Constant { mean } = law {
        let at = (mean / step).floor() as usize;
        let part = mean / step - at as f64;
        let mut masses = vec![0.0; at + 2];
        masses[at] = 1.0 - part;
        masses[at + 1] = part;
        return masses;
    }
    // Gauss–Legendre, four points: exact to the seventh degree within a cell.
    const NODES: [(f64, f64); 4] = [
        (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
        (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
        (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
        (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
    ];
    let above = |cell: usize| -> f64 {
        NODES.iter().map(|(at, weight)| weight * (1.0 - law.distribution((cell as f64 + at) * step))).sum()
    };
    let mut masses = Vec::new();
    let (mut last, mut cell) = (1.0, 0);
    loop {
        let current = above(cell);
        masses.push(last - current);
        if current < 1e-14 {
            return masses;
        }
        (last, cell) = (current, cell + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    #[test]
    fn a_morning_of_sixteen_has_the_published_waits_and_overtime() {
        let times = (0..16).map(|slot| 30.0 * f64::from(slot)).collect();
        let morning = Session::new(times, 480.0, 0.0).unwrap().with_exponential_service(25.0).unwrap();
        assert_printed(morning.mean_wait_time, "24.25475234");
        assert_printed(morning.wait_times[15], "36.33727121");
        assert_printed(morning.overtime, "37.19630881");
    }

    fn bailey_welch() -> Session {
        let times = [0.0, 0.0].into_iter().chain((1..19).map(f64::from)).collect();
        Session::new(times, 20.0, 0.0).unwrap()
    }

    #[test]
    fn bailey_and_welch_trade_waiting_for_idling() {
        let single = Session::of_slots(1.0, &[1; 20], 0.0).unwrap().with_exponential_service(1.0).unwrap();
        assert_printed(single.mean_wait_time, "1.743");
        assert_printed(single.idle_time, "2.961");
        let double = bailey_welch().with_exponential_service(1.0).unwrap();
        assert_printed(double.mean_wait_time, "1.990");
        assert_printed(double.idle_time, "2.361");
    }

    /// Every way to share `patients` among `slots`, the first slot first.
    fn plans(patients: u32, slots: usize) -> Vec<Vec<u32>> {
        if slots == 1 {
            return vec![vec![patients]];
        }
        (0..=patients)
            .flat_map(|first| {
                plans(patients - first, slots - 1)
                    .into_iter()
                    .map(move |rest| std::iter::once(first).chain(rest).collect())
            })
            .collect()
    }

    #[test]
    fn kaandorp_and_koole_plans_are_the_best_of_all() {
        let cases = [
            (0.0, [1.0, 1.0, 1.0], [2, 1, 1, 1, 1, 1, 1, 0], "37.659284"),
            (0.0, [1.0, 2.0, 2.0], [3, 1, 1, 1, 1, 1, 0, 0], "63.102350"),
            (0.15, [1.0, 10.0, 10.0], [4, 1, 1, 1, 1, 0, 0, 0], "270.866461"),
        ];
        for (no_shows, [waiting, idle, tardy], best_plan, printed) in cases {
            let objective = |plan: &[u32]| {
                let session = Session::of_slots(10.0, plan, no_shows).unwrap();
                let outcome = session.with_exponential_service(10.0).unwrap();
                waiting * outcome.mean_wait_time + idle * outcome.idle_time + tardy * outcome.overtime
            };
            assert_printed(objective(&best_plan), printed);
            let best = plans(8, 8)
                .into_iter()
                .min_by(|left, right| objective(left).total_cmp(&objective(right)))
                .unwrap();
            assert_eq!(best, best_plan);
        }
    }

    #[test]
    fn ho_and_lau_rules_have_their_waits_idle_and_overtime() {
        let service = Law::Lognormal { mean: 1.0, cv: 0.5 };
        let single = Session::of_slots(1.0, &[1; 20], 0.1).unwrap().with_service(service, 0.02).unwrap();
        assert_printed(single.mean_wait_time, ".6158");
        assert_printed(single.idle_time, "2.9225");
        assert_printed(single.overtime, ".9225");
        let times = [0.0, 0.0].into_iter().chain((1..19).map(f64::from)).collect();
        let double = Session::new(times, 20.0, 0.1).unwrap().with_service(service, 0.02).unwrap();
        assert_printed(double.mean_wait_time, ".8556");
        assert_printed(double.idle_time, "2.4900");
        assert_printed(double.overtime, ".4900");
    }

    #[test]
    fn the_grid_agrees_with_the_exact_recursion() {
        let session = Session::of_slots(0.9, &[2, 1, 1, 0, 1, 1, 1, 1], 0.2).unwrap();
        let exact = session.with_exponential_service(1.0).unwrap();
        let grid = session.with_service(Law::Exponential { mean: 1.0 }, 0.02).unwrap();
        assert_close(grid.overtime, exact.overtime, 1e-6);
        for (grid, exact) in grid.wait_times.iter().zip(&exact.wait_times).skip(1) {
            assert_close(*grid, *exact, 1e-6);
        }
        // A gap that no grid point meets.
        let odd = Session::new(vec![0.0, 0.777, 1.9], 3.1, 0.0).unwrap();
        let exact = odd.with_exponential_service(1.0).unwrap();
        let grid = odd.with_service(Law::Exponential { mean: 1.0 }, 0.02).unwrap();
        assert_close(grid.mean_wait_time, exact.mean_wait_time, 1e-4);
    }

    #[test]
    fn constant_services_as_long_as_slots_wait_for_nobody() {
        let session = Session::of_slots(1.0, &[1; 6], 0.0).unwrap();
        let outcome = session.with_service(Law::Constant { mean: 1.0 }, 0.1).unwrap();
        assert!(outcome.mean_wait_time.abs() < 1e-12 && outcome.overtime.abs() < 1e-12);
        let late = session.with_service(Law::Constant { mean: 1.5 }, 0.1).unwrap();
        assert_close(late.mean_wait_time, 0.5 * 2.5, 1e-9);
        assert_close(late.overtime, 3.0, 1e-9);
    }

    #[test]
    fn the_best_gap_of_two_minimises_the_cost() {
        let cost = |gap: f64| {
            let outcome =
                Session::new(vec![0.0, gap], gap, 0.0).unwrap().with_exponential_service(5.0).unwrap();
            let idle_between = gap - (5.0 - outcome.wait_times[1]);
            2.0 * outcome.wait_times[1] + 3.0 * idle_between
        };
        let best = best_gap_of_two(2.0, 3.0, 0.2).unwrap();
        assert_close(best, 5.0 * (5f64 / 3.0).ln(), 1e-14);
        assert!(cost(best) < cost(best * 1.01) && cost(best) < cost(best * 0.99));
    }

    #[test]
    fn sessions_without_meaning_are_refused() {
        assert!(Session::new(Vec::new(), 10.0, 0.0).is_err());
        assert!(Session::new(vec![5.0, 1.0], 10.0, 0.0).is_err());
        assert!(Session::new(vec![5.0], 4.0, 0.0).is_err());
        assert!(Session::new(vec![5.0], 6.0, 1.2).is_err());
        let session = Session::new(vec![5.0], 6.0, 0.0).unwrap();
        assert!(session.with_exponential_service(0.0).is_err());
        assert!(session.with_service(Law::Exponential { mean: 1.0 }, 1e-9).is_err());
    }
}

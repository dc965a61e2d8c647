//! When a queue is itself again.
//!
//! The day is cut into steps of [`STEP`]. The *band* of a station in a step is what is usual: up to the longest queue
//! seen in that step on 19 of 20 undisturbed days. A station has recovered at the first instant from the end of the
//! disturbance on (or, where its queue grows only later, from then on) from which its queue stays within the band for the
//! length of a step. A day on which it is within the band at that very start needs no time.

use onetrip_sim::time::{SimSpan, SimTime};

/// The length of a step: ten minutes.
pub const STEP: SimSpan = SimSpan::from_whole_minutes(10);

/// The share of undisturbed days whose longest queue of a step is within the band.
pub const BAND_SHARE: f64 = 0.95;

/// How many waited at a station, from each instant on; at most one entry an instant, in order of time.
pub type QueueCourse = Vec<(SimTime, u32)>;

/// The step in which an instant lies.
pub(super) fn step_of(at: SimTime) -> usize {
    (at.as_micros() / STEP.as_micros()) as usize
}

/// When a step begins.
pub fn step_begins_at(step: usize) -> SimTime {
    SimTime::from_micros(STEP.as_micros() * step as u64)
}

/// For each step the longest queue and the mean number waiting; nobody waits after the last entry of the course.
pub(super) fn by_step(course: &QueueCourse, step_count: usize) -> (Vec<u32>, Vec<f64>) {
    let (mut longest, mut areas) = (vec![0_u32; step_count], vec![0_u64; step_count]);
    for (index, &(at, queue)) in course.iter().enumerate() {
        let until = course.get(index + 1).map_or(at, |next| next.0);
        let (mut from, mut step) = (at, step_of(at));
        while queue > 0 && from < until && step < step_count {
            let end = step_begins_at(step + 1).min(until);
            areas[step] += u64::from(queue) * (end - from).as_micros();
            longest[step] = longest[step].max(queue);
            (from, step) = (end, step + 1);
        }
    }
    let mean = |area: &u64| *area as f64 / STEP.as_micros() as f64;
    (longest, areas.iter().map(mean).collect())
}

/// The band of each step: the value that so many of the days stay at or below.
pub(super) fn band(longest_of_days: &[Vec<u32>], step_count: usize) -> Vec<u32> {
    (0..step_count)
        .map(|step| {
            let mut days: Vec<u32> = longest_of_days.iter().map(|day| day[step]).collect();
            days.sort_unstable();
            let rank = (BAND_SHARE * days.len() as f64).ceil() as usize;
            days.get(rank.clamp(1, days.len().max(1)) - 1).copied().unwrap_or(0)
        })
        .collect()
}

/// The first instant from `from` on from which the queue stays within the band for a whole step.
pub fn recovered_at(course: &QueueCourse, band: &[u32], from: SimTime) -> SimTime {
    let most = |step: usize| band.get(step).copied().unwrap_or(0);
    let mut within_since = from;
    for (index, &(at, queue)) in course.iter().enumerate() {
        let until = course.get(index + 1).map_or(at, |next| next.0);
        let (mut begins, mut step) = (at.max(from), step_of(at.max(from)));
        while begins < until {
            let end = step_begins_at(step + 1).min(until);
            if queue > most(step) {
                if within_since.saturating_add(STEP) <= begins {
                    return within_since;
                }
                within_since = end;
            }
            (begins, step) = (end, step + 1);
        }
    }
    within_since
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> SimTime {
        SimTime::ZERO + SimSpan::from_whole_minutes(minutes)
    }

    #[test]
    fn a_step_knows_its_longest_queue_and_its_mean() {
        // 3 wait from 5 to 15, 1 from 15 to 18.
        let (longest, mean) = by_step(&vec![(at(5), 3), (at(15), 1), (at(18), 0)], 3);
        assert_eq!(longest, [3, 3, 0]);
        assert_eq!(mean, [1.5, 1.8, 0.0]);
    }

    #[test]
    fn the_band_leaves_out_one_day_of_twenty() {
        let days: Vec<Vec<u32>> = (1..=20).map(|longest| vec![longest]).collect();
        assert_eq!(band(&days, 1), [19]);
        assert_eq!(band(&days[..3], 1), [3]);
    }

    #[test]
    fn a_queue_has_recovered_when_it_stays_within_the_band() {
        let course = vec![(at(0), 9), (at(20), 2), (at(24), 5), (at(31), 3), (at(50), 0)];
        // A queue of 2 that lasts four minutes is no recovery; from 31 on it is.
        assert_eq!(recovered_at(&course, &[3; 9], at(10)), at(31));
        // A wider band: the first dip counts.
        assert_eq!(recovered_at(&course, &[5; 9], at(10)), at(20));
        // Never beyond the band after the end: recovered at once.
        assert_eq!(recovered_at(&course, &[9; 9], at(10)), at(10));
        // A band that the queue keeps only once it is gone.
        assert_eq!(recovered_at(&course, &[0; 9], at(10)), at(50));
        // The band changes in the middle of a stretch: wider from 40 on.
        assert_eq!(recovered_at(&course, &[0, 0, 0, 0, 3, 3], at(10)), at(40));
    }
}

//! Cases without chance, worked by hand-sized recursions that share no code with the engine.
//!
//! At equal times a departure comes before an arrival: who leaves makes room for who comes.

/// What became of planned arrivals at a single server.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleServerAccount {
    /// Start and end of each service, in order, also of those that end after the last arrival.
    pub services: Vec<(f64, f64)>,
    /// When those came who did not enter.
    pub refused_at: Vec<f64>,
}

/// One server, first come first served, each service of `service_time`; who finds `room` customers present (in
/// service or waiting) goes away. `room` of 1 is a loss system; a balking limit of n is `room` = n.
pub fn single_server(arrivals: &[f64], service_time: f64, room: usize) -> SingleServerAccount {
    let mut account = SingleServerAccount { services: Vec::new(), refused_at: Vec::new() };
    for &arrived_at in arrivals {
        let present = account.services.iter().filter(|(_, ends_at)| *ends_at > arrived_at).count();
        if present >= room {
            account.refused_at.push(arrived_at);
        } else {
            let free_at = account.services.last().map_or(arrived_at, |(_, ends_at)| *ends_at);
            let starts_at = free_at.max(arrived_at);
            account.services.push((starts_at, starts_at + service_time));
        }
    }
    account
}

/// When each request starts that asks for an amount of `capacity` for `service_time`, in strict order of arrival: a
/// small request never passes a large one ahead of it. Requests are (time, amount), in order of time; an amount above
/// the capacity never starts, nor does anything behind it.
pub fn strict_order_starts(capacity: u32, requests: &[(f64, u32)], service_time: f64) -> Vec<f64> {
    let mut held: Vec<(f64, u32)> = Vec::new();
    let mut starts = Vec::new();
    let mut earliest = 0.0f64;
    for &(asked_at, amount) in requests {
        if amount > capacity {
            break;
        }
        let mut starts_at = earliest.max(asked_at);
        loop {
            held.retain(|(ends_at, _)| *ends_at > starts_at);
            let in_use: u32 = held.iter().map(|(_, amount)| amount).sum();
            if in_use + amount <= capacity {
                break;
            }
            starts_at = held.iter().map(|(ends_at, _)| *ends_at).fold(f64::INFINITY, f64::min);
        }
        held.push((starts_at + service_time, amount));
        starts.push(starts_at);
        earliest = starts_at;
    }
    starts
}

/// Utilisation over shifts: busy server time ÷ on-duty server time, each shift given as
/// (length, servers on duty, busy server time). `None` when nobody was on duty.
pub fn utilisation_over_shifts(shifts: &[(f64, u32, f64)]) -> Option<f64> {
    let on_duty: f64 = shifts.iter().map(|(span_time, servers, _)| span_time * f64::from(*servers)).sum();
    let busy: f64 = shifts.iter().map(|(_, _, busy_time)| busy_time).sum();
    (on_duty > 0.0).then(|| busy / on_duty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_three_present_goes_away() {
        let arrivals: Vec<f64> = (1..=10).map(|index| 5.0 * f64::from(index)).collect();
        let account = single_server(&arrivals, 21.0, 3);
        assert_eq!(account.refused_at, [20.0, 25.0, 35.0, 40.0, 45.0]);
        assert_eq!(account.services[..2], [(5.0, 26.0), (26.0, 47.0)]);
    }

    #[test]
    fn without_a_queue_every_other_arrival_is_refused_unless_the_end_meets_the_next() {
        let arrivals: Vec<f64> = (1..=100).map(f64::from).collect();
        let account = single_server(&arrivals, 1.5, 1);
        assert_eq!((account.services.len(), account.refused_at.len()), (50, 50));
        assert_eq!(account.services[49].1, 100.5);
        let arrivals: Vec<f64> = (0..10).map(f64::from).collect();
        assert!(single_server(&arrivals, 1.0, 1).refused_at.is_empty());
    }

    #[test]
    fn a_small_request_waits_behind_a_large_one() {
        assert_eq!(strict_order_starts(10, &[(0.0, 7), (1.0, 7), (2.0, 1)], 10.0), [0.0, 10.0, 10.0]);
        assert_eq!(strict_order_starts(10, &[(0.0, 11), (1.0, 1)], 10.0), [0.0; 0]);
    }

    #[test]
    fn servers_off_shift_do_not_count() {
        assert_eq!(utilisation_over_shifts(&[(10.0, 2, 4.0), (5.0, 1, 4.0)]), Some(8.0 / 25.0));
        assert_eq!(utilisation_over_shifts(&[(10.0, 0, 0.0)]), None);
    }
}

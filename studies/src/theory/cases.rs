//! The table of published cases: what `onetrip validate` and the documentation compare the engine with.
//!
//! Every value is computed here from its formula; the tests hold each to the digits its source prints.

use super::batch::BatchArrivals;
use super::erlang::{ErlangA, erlang_b};
use super::finite::FiniteSource;
use super::infinite::SinusoidalLoad;
use super::law::Law;
use super::multi_server::{Mmc, MmcK};
use super::network::{JacksonNetwork, NetworkNode};
use super::priority::{self, PriorityClass};
use super::session::Session;
use super::single_server::{Gm1, Mg1};
use super::transient::{StaffedSegment, TransientStation};
use super::worked::{single_server, strict_order_starts, utilisation_over_shifts};
use super::{TheoryError, erlang};

/// A system whose answers are known exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The row of the table of cases; several cases may share one.
    pub id: u32,
    /// Which of the cases of a row, such as `5 kiosks`; empty when there is one only.
    pub variant: &'static str,
    /// The system and its parameters.
    pub title: &'static str,
    /// The textbook, paper or tool the case is from.
    pub source: &'static str,
    /// The unit of time in the quantities of this case, such as `min`.
    pub time_unit: &'static str,
    /// What is known about it.
    pub quantities: Vec<Quantity>,
}

/// One number that is known exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// What it is, such as `wait_time.mean`, `wait_time.p90`, `occupancy.mean` or `loss_share`. Times are in the
    /// case's unit; counts and shares have none.
    pub name: String,
    /// Its exact value.
    pub exact: f64,
}

impl Case {
    /// The exact value of the quantity of this name, if the case has it.
    pub fn exact(&self, name: &str) -> Option<f64> {
        self.quantities.iter().find(|quantity| quantity.name == name).map(|quantity| quantity.exact)
    }
}

/// All cases, in the order of their rows.
pub fn cases() -> Vec<Case> {
    // The parameters are fixed below and every formula accepts them, as the tests show.
    published().expect("the published cases have parameters their formulas accept")
}

fn published() -> Result<Vec<Case>, TheoryError> {
    let mut cases = single_server_cases()?;
    cases.extend(multi_server_cases()?);
    cases.extend(general_law_cases()?);
    cases.extend(clinic_cases()?);
    cases.extend(priority_cases()?);
    cases.extend(network_cases()?);
    cases.extend(varying_cases()?);
    cases.extend(worked_cases());
    Ok(cases)
}

/// A case without quantities, to be given some by [`Case::with`].
fn case(
    id: u32,
    variant: &'static str,
    title: &'static str,
    source: &'static str,
    time_unit: &'static str,
) -> Case {
    Case { id, variant, title, source, time_unit, quantities: Vec::new() }
}

impl Case {
    fn with(mut self, name: impl Into<String>, exact: f64) -> Self {
        self.quantities.push(Quantity { name: name.into(), exact });
        self
    }
}

fn single_server_cases() -> Result<Vec<Case>, TheoryError> {
    let pharmacy = Mmc::new(1.0 / 6.0, 1.0 / 3.0, 1)?;
    let quarter = Mmc::new(2.0, 4.0, 1)?;
    let benchmark = Mmc::new(0.9, 1.0, 1)?;
    Ok(vec![
        case(1, "", "M/M/1, λ = 1/6, μ = 1/3", "drive-through pharmacy, Rossetti open textbook, 2.6", "min")
            .with("queue_length.mean", pharmacy.mean_queue_length())
            .with("wait_time.mean", pharmacy.mean_wait_time())
            .with("sojourn_time.mean", pharmacy.mean_sojourn_time())
            .with("occupancy.mean", pharmacy.mean_occupancy()),
        case(3, "", "M/M/1, λ = 2, μ = 4", "simmer, Journal of Statistical Software", "unit")
            .with("occupancy.mean", quarter.mean_occupancy())
            .with("wait_time.mean", quarter.mean_wait_time()),
        case(4, "", "M/M/1, λ = 0.9, μ = 1", "Cimba and SimPy benchmark", "unit")
            .with("sojourn_time.mean", benchmark.mean_sojourn_time())
            .with("sojourn_time.sd", benchmark.sojourn_time_sd())
            .with("wait_time.p50", benchmark.wait_quantile(0.5)?)
            .with("wait_time.p90", benchmark.wait_quantile(0.9)?)
            .with("wait_time.p95", benchmark.wait_quantile(0.95)?)
            .with("wait_time.p99", benchmark.wait_quantile(0.99)?),
    ])
}

fn multi_server_cases() -> Result<Vec<Case>, TheoryError> {
    let parallel = Mmc::new(0.2, 0.1, 3)?;
    let limited = MmcK::new(3.0, 4.0, 2, 3)?;
    let ten = Mmc::new(8.0, 1.0, 10)?;
    let impatient = ErlangA::new(100.0, 20.0, 5, 30.0)?;
    let mut cases = vec![
        case(6, "", "M/M/3, λ = 0.2, μ = 0.1", "Ciw, parallel processes", "unit")
            .with("wait_time.mean", parallel.mean_wait_time())
            .with("wait_probability", parallel.wait_probability())
            .with("empty_probability", parallel.occupancy_probability(0)),
        case(7, "", "M/M/2/3, λ = 3, μ = 4", "simmer, queueing article", "unit")
            .with("occupancy.mean", limited.mean_occupancy())
            .with("loss_share", limited.loss_share())
            .with("wait_time.mean", limited.mean_wait_time()),
        case(9, "", "M/M/10/10, A = 8", "Erlang B", "mean service").with("loss_share", erlang_b(8.0, 10)?),
        case(10, "", "M/M/10, A = 8", "Erlang C", "mean service")
            .with("wait_probability", erlang::erlang_c(8.0, 10)?)
            .with("wait_time.mean", ten.mean_wait_time()),
    ];
    for (variant, kiosks) in [("5 kiosks", 5), ("6 kiosks", 6), ("7 kiosks", 7)] {
        let station = Mmc::new(120.0 / 3600.0, 1.0 / 120.0, kiosks)?;
        cases.push(
            case(11, variant, "kiosks: 120 arrivals per hour, 2 min each", "Erlang C", "s")
                .with("wait_time.mean", station.mean_wait_time())
                .with("wait_time.share_over_300", station.wait_tail(300.0)?),
        );
    }
    cases.push(
        case(12, "", "Erlang A: 100/h, 3 min, 5 servers, patience 2 min", "Palm; Mandelbaum and Zeltyn", "h")
            .with("renege_share", impatient.abandonment_share())
            .with("queue_length.mean", impatient.mean_queue_length())
            .with("wait_probability", impatient.wait_probability()),
    );
    Ok(cases)
}

fn general_law_cases() -> Result<Vec<Case>, TheoryError> {
    [
        ("constant", Law::Constant { mean: 1.0 }),
        ("Erlang-2", Law::Erlang { mean: 1.0, stage_count: 2 }),
        ("uniform on 0..2", Law::Uniform { low: 0.0, high: 2.0 }),
        ("lognormal, cv 0.5", Law::Lognormal { mean: 1.0, cv: 0.5 }),
        ("hyperexponential, cv 2", Law::Hyperexponential { mean: 1.0, cv: 2.0 }),
    ]
    .into_iter()
    .map(|(variant, law)| {
        let station = Mg1::new(0.8, law)?;
        Ok(case(15, variant, "M/G/1, λ = 0.8, mean service 1", "Pollaczek-Khinchine", "unit")
            .with("wait_time.mean", station.mean_wait_time()))
    })
    .collect()
}

fn clinic_cases() -> Result<Vec<Case>, TheoryError> {
    let mut cases = Vec::new();
    for (variant, mean) in [("exponential 20 min", 20.0), ("exponential 25 min", 25.0)] {
        let clinic = Gm1::new(Law::Constant { mean: 30.0 }, 1.0 / mean)?;
        cases.push(
            case(17, variant, "D/M/1, one patient every 30 min, steady state", "Kendall", "min")
                .with("wait_probability", clinic.wait_probability())
                .with("wait_time.mean", clinic.mean_wait_time()),
        );
    }
    let times = (0..16).map(|slot| 30.0 * f64::from(slot)).collect();
    let morning = Session::new(times, 480.0, 0.0)?.with_exponential_service(25.0)?;
    let title = "clinic: 16 patients every 30 min, exponential 25 min, one doctor, 480 min";
    cases.push(
        case(19, "", title, "exact recursion; Pegden and Rosenshine", "min")
            .with("wait_time.mean", morning.mean_wait_time)
            .with("wait_time.mean[16]", morning.wait_times[15])
            .with("overtime.mean", morning.overtime),
    );
    Ok(cases)
}

fn priority_cases() -> Result<Vec<Case>, TheoryError> {
    let classes = |rates: &[f64], service_rate: f64| -> Vec<PriorityClass> {
        let service = Law::Exponential { mean: 1.0 / service_rate };
        rates.iter().map(|&arrival_rate| PriorityClass { arrival_rate, service }).collect()
    };
    let mut waiting_their_turn =
        case(21, "", "M/M/1, two ranks, λ = 0.2 and 0.6, μ = 1, no preemption", "Ciw; Cobham", "unit");
    let mut preempting =
        case(22, "", "M/M/1, two ranks, λ = 0.2 and 0.6, μ = 1, preemptive-resume", "Ciw; Jaiswal", "unit");
    let two_ranks = classes(&[0.2, 0.6], 1.0);
    for (rank, outcome) in priority::non_preemptive(&two_ranks)?.iter().enumerate() {
        waiting_their_turn =
            waiting_their_turn.with(format!("sojourn_time.mean[{rank}]"), outcome.mean_sojourn_time);
    }
    for (rank, outcome) in priority::preemptive_resume(&two_ranks)?.iter().enumerate() {
        preempting = preempting.with(format!("sojourn_time.mean[{rank}]"), outcome.mean_sojourn_time);
    }
    let mut emergency = case(
        23,
        "",
        "emergency room, three ranks, λ = 0.2, 0.6, 1.2, μ = 3, one doctor, no preemption",
        "Hillier and Lieberman, County Hospital",
        "h",
    );
    for (rank, outcome) in priority::non_preemptive(&classes(&[0.2, 0.6, 1.2], 3.0))?.iter().enumerate() {
        emergency = emergency.with(format!("wait_time.mean[{rank}]"), outcome.mean_wait_time);
    }
    Ok(vec![waiting_their_turn, preempting, emergency])
}

fn network_cases() -> Result<Vec<Case>, TheoryError> {
    let node =
        |external_rate, service_rate, server_count| NetworkNode { external_rate, service_rate, server_count };
    let cafe = JacksonNetwork::new(
        &[node(0.3, 1.0, 1), node(0.2, 0.4, 2), node(0.0, 0.5, 2)],
        &[vec![0.0, 0.3, 0.7], vec![0.0, 0.0, 1.0], vec![0.0; 3]],
    )?;
    let mut served = case(27, "", "café: three stations in a Jackson network", "Ciw, tutorial II", "unit");
    for (index, occupancy) in cafe.mean_occupancies().into_iter().enumerate() {
        served = served.with(format!("occupancy.mean[{}]", index + 1), occupancy);
    }
    let one = FiniteSource::new(5, 0.1, 1.0, 1)?;
    let two = FiniteSource::new(6, 0.25, 1.0, 2)?;
    let pairs = BatchArrivals::of_size(0.4, 2, 1.0)?;
    Ok(vec![
        served.with("sojourn_time.mean", cafe.mean_sojourn_time()),
        case(28, "M/M/1//5", "finite source, λ = 0.1 each, μ = 1", "Palm, machine repair", "unit")
            .with("occupancy.mean", one.mean_occupancy()),
        case(28, "M/M/2//6", "finite source, λ = 0.25 each, μ = 1", "Palm, machine repair", "unit")
            .with("occupancy.mean", two.mean_occupancy()),
        case(34, "", "M[X]/M/1, pairs at rate 0.4, μ = 1", "Gross and others, bulk arrivals", "unit")
            .with("occupancy.mean", pairs.mean_occupancy())
            .with("sojourn_time.mean", pairs.mean_sojourn_time()),
    ])
}

fn varying_cases() -> Result<Vec<Case>, TheoryError> {
    let wave = SinusoidalLoad::new(10.0, 5.0, 24.0, 0.5)?;
    let mut daily =
        case(37, "", "M_t/M/∞, λ(t) = 10 + 5 sin(2πt/24), μ = 0.5", "Eick, Massey and Whitt", "h");
    for hour in [6, 12, 18, 24] {
        daily = daily.with(format!("occupancy.mean.at_{hour}"), wave.mean_at(f64::from(hour)));
    }
    let peak =
        [1.0, 2.0, 0.5].map(|arrival_rate| StaffedSegment { span_time: 60.0, arrival_rate, server_count: 3 });
    let outcomes = TransientStation::new(0.5, 0.0, peak.to_vec())?.from_empty()?;
    let mut hours = case(
        38,
        "",
        "M_t/M/3 from empty, λ = 1, 2, 0.5 for 60 min each, μ = 0.5",
        "Kolmogorov equations",
        "min",
    );
    for (minute, outcome) in [60, 120, 180].into_iter().zip(&outcomes) {
        hours = hours.with(format!("occupancy.mean.at_{minute}"), outcome.mean_occupancy_at_end);
    }
    let average = outcomes.iter().map(|outcome| outcome.mean_occupancy).sum::<f64>() / outcomes.len() as f64;
    Ok(vec![daily.with("occupancy.lag_time", wave.lag_time()), hours.with("occupancy.mean", average)])
}

fn worked_cases() -> Vec<Case> {
    let every_five: Vec<f64> = (1..=10).map(|index| 5.0 * f64::from(index)).collect();
    let balking = single_server(&every_five, 21.0, 3);
    let mut balked = case(41, "", "D(5)/D(21)/1, who finds 3 balks, to 51", "Ciw, balking", "unit");
    for (index, at) in balking.refused_at.iter().enumerate() {
        balked = balked.with(format!("balked_at[{}]", index + 1), *at);
    }
    for (index, (starts_at, ends_at)) in balking.services.iter().take(2).enumerate() {
        balked = balked
            .with(format!("service_started_at[{}]", index + 1), *starts_at)
            .with(format!("service_ended_at[{}]", index + 1), *ends_at);
    }
    let every_one: Vec<f64> = (1..=100).map(f64::from).collect();
    let half = single_server(&every_one, 1.5, 1);
    let from_zero: Vec<f64> = (0..10).map(f64::from).collect();
    let tied = single_server(&from_zero, 1.0, 1);
    let last_end = half.services.last().map_or(0.0, |(_, ends_at)| *ends_at);
    let mut strict = case(
        45,
        "",
        "capacity 10; 7 asked at 0, 7 at 1, 1 at 2, for 10 each, strict order",
        "simmer, issue 116",
        "unit",
    );
    let starts = strict_order_starts(10, &[(0.0, 7), (1.0, 7), (2.0, 1)], 10.0);
    for (index, starts_at) in starts.into_iter().enumerate() {
        strict = strict.with(format!("service_started_at[{}]", index + 1), starts_at);
    }
    let shifts = [(10.0, 2, 4.0), (5.0, 1, 4.0)];
    let utilisation = utilisation_over_shifts(&shifts).unwrap_or(0.0);
    vec![
        balked,
        case(44, "arrivals 1..100, service 1.5", "D/D/1 without a queue", "simmer", "unit")
            .with("served_count", half.services.len() as f64)
            .with("refused_count", half.refused_at.len() as f64)
            .with("ended_at", last_end),
        case(44, "arrivals 0..9, service 1", "D/D/1 without a queue", "simmer", "unit")
            .with("served_count", tied.services.len() as f64)
            .with("refused_count", tied.refused_at.len() as f64),
        strict,
        case(47, "", "2 servers for 10 min (3 + 1 busy), then 1 for 5 min (4 busy)", "Ciw, issue 125", "min")
            .with("utilisation_share", utilisation),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::close::agrees_with;
    use super::*;

    /// id, variant, quantity, digits as the table of cases prints them.
    const PRINTED: &[(u32, &str, &str, &str)] = &[
        (1, "", "queue_length.mean", "0.5"),
        (1, "", "wait_time.mean", "3"),
        (1, "", "sojourn_time.mean", "6"),
        (1, "", "occupancy.mean", "1"),
        (3, "", "occupancy.mean", "1"),
        (3, "", "wait_time.mean", "0.25"),
        (4, "", "sojourn_time.mean", "10"),
        (4, "", "sojourn_time.sd", "10"),
        (4, "", "wait_time.p50", "5.877867"),
        (4, "", "wait_time.p90", "21.97225"),
        (4, "", "wait_time.p95", "28.90372"),
        (4, "", "wait_time.p99", "44.99810"),
        (6, "", "wait_time.mean", "4.444444"),
        (6, "", "wait_probability", ".4444444"),
        (6, "", "empty_probability", ".1111111"),
        (7, "", "occupancy.mean", ".7623400"),
        (7, "", "loss_share", ".04936015"),
        (7, "", "wait_time.mean", ".01730769"),
        (9, "", "loss_share", ".121661064253"),
        (10, "", "wait_probability", ".4091801508"),
        (10, "", "wait_time.mean", ".2045900754"),
        (11, "5 kiosks", "wait_time.mean", "66.4935"),
        (11, "5 kiosks", "wait_time.share_over_300", ".04548433"),
        (11, "6 kiosks", "wait_time.mean", "17.0857"),
        (11, "6 kiosks", "wait_time.share_over_300", ".001918703"),
        (11, "7 kiosks", "wait_time.mean", "5.40441"),
        (11, "7 kiosks", "wait_time.share_over_300", "7.4727e-5"),
        (12, "", "renege_share", ".1923703015"),
        (12, "", "queue_length.mean", ".6412343"),
        (12, "", "wait_probability", ".5170736"),
        (15, "constant", "wait_time.mean", "2"),
        (15, "Erlang-2", "wait_time.mean", "3"),
        (15, "uniform on 0..2", "wait_time.mean", "2.666667"),
        (15, "lognormal, cv 0.5", "wait_time.mean", "2.5"),
        (15, "hyperexponential, cv 2", "wait_time.mean", "10"),
        (17, "exponential 20 min", "wait_probability", ".4171883561"),
        (17, "exponential 20 min", "wait_time.mean", "14.31640"),
        (17, "exponential 25 min", "wait_probability", ".6863016690"),
        (17, "exponential 25 min", "wait_time.mean", "54.69440"),
        (19, "", "wait_time.mean", "24.25475234"),
        (19, "", "wait_time.mean[16]", "36.33727121"),
        (19, "", "overtime.mean", "37.19630881"),
        (21, "", "sojourn_time.mean[0]", "2.0"),
        (21, "", "sojourn_time.mean[1]", "6.0"),
        (22, "", "sojourn_time.mean[0]", "1.25"),
        (22, "", "sojourn_time.mean[1]", "6.25"),
        (23, "", "wait_time.mean[0]", ".2380952"),
        (23, "", "wait_time.mean[1]", ".3246753"),
        (23, "", "wait_time.mean[2]", ".9090909"),
        (27, "", "occupancy.mean[1]", ".4285714"),
        (27, "", "occupancy.mean[2]", ".8346825"),
        (27, "", "occupancy.mean[3]", "1.333333"),
        (27, "", "sojourn_time.mean", "5.193174518"),
        (28, "M/M/1//5", "occupancy.mean", ".6395217686"),
        (28, "M/M/2//6", "occupancy.mean", "1.388624612"),
        (34, "", "occupancy.mean", "6"),
        (34, "", "sojourn_time.mean", "7.5"),
        (37, "", "occupancy.mean.at_6", "27.84833453"),
        (37, "", "occupancy.mean.at_12", "24.10937835"),
        (37, "", "occupancy.mean.at_18", "12.15166547"),
        (37, "", "occupancy.mean.at_24", "15.89062165"),
        (37, "", "occupancy.lag_time", "1.842433"),
        (38, "", "occupancy.mean.at_60", "2.881348"),
        (38, "", "occupancy.mean.at_120", "35.01316"),
        (38, "", "occupancy.mean.at_180", "1.599114"),
        (38, "", "occupancy.mean", "11.67511"),
        (41, "", "balked_at[1]", "20"),
        (41, "", "balked_at[2]", "25"),
        (41, "", "balked_at[3]", "35"),
        (41, "", "balked_at[4]", "40"),
        (41, "", "balked_at[5]", "45"),
        (41, "", "service_started_at[1]", "5"),
        (41, "", "service_ended_at[1]", "26"),
        (41, "", "service_started_at[2]", "26"),
        (41, "", "service_ended_at[2]", "47"),
        (44, "arrivals 1..100, service 1.5", "served_count", "50"),
        (44, "arrivals 1..100, service 1.5", "refused_count", "50"),
        (44, "arrivals 1..100, service 1.5", "ended_at", "100.5"),
        (44, "arrivals 0..9, service 1", "served_count", "10"),
        (44, "arrivals 0..9, service 1", "refused_count", "0"),
        (45, "", "service_started_at[1]", "0"),
        (45, "", "service_started_at[2]", "10"),
        (45, "", "service_started_at[3]", "10"),
        (47, "", "utilisation_share", ".32"),
    ];

    #[test]
    fn every_case_has_the_digits_its_source_prints() {
        let cases = cases();
        for (id, variant, name, printed) in PRINTED {
            let case = cases.iter().find(|case| case.id == *id && case.variant == *variant);
            let exact = case.and_then(|case| case.exact(name));
            // What is printed as a whole or short number is exact.
            let exactly = (exact.unwrap_or(f64::NAN) - printed.parse::<f64>().unwrap()).abs() < 1e-11;
            let short = printed.trim_start_matches(['0', '.']).len() < 5;
            let agrees = exact.is_some_and(|exact| agrees_with(exact, printed)) && (!short || exactly);
            assert!(agrees, "case {id} {variant} {name}: computed {exact:?}, printed {printed}");
        }
    }

    #[test]
    fn no_case_goes_without_a_printed_value() {
        let mut known =
            PRINTED.iter().map(|(id, variant, name, _)| (*id, *variant, *name)).collect::<Vec<_>>();
        for case in cases() {
            for quantity in &case.quantities {
                let at = known.iter().position(|(id, variant, name)| {
                    (*id, *variant, *name) == (case.id, case.variant, quantity.name.as_str())
                });
                let at = at.unwrap_or_else(|| panic!("case {} has an unproven {}", case.id, quantity.name));
                known.remove(at);
            }
        }
        assert!(known.is_empty(), "printed but not computed: {known:?}");
    }

    #[test]
    fn cases_come_in_the_order_of_their_rows() {
        assert!(cases().is_sorted_by_key(|case| case.id));
    }
}

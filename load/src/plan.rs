//! The plan: every patient of a run with the instants at which their steps are intended, made before the first request.
//!
//! A step's intended instant is that of its predecessor plus the response the journey expects plus the patient's own
//! time; a step that goes with a moment of the simulated visit is not before that moment. The server's slowness is no
//! part of it, so it can never thin the load.
//!
//! A plan is JSON lines: `{"plan":{…}}`, then one patient a line in the order of arrival. The same scenario, rng seed,
//! day and journey give the same bytes.

mod crowd;
mod file;
mod visits;

pub use crowd::{Arrivals, Crowd};
pub use file::{PlanError, PlanReader, write_plan};
pub use visits::visits_of;

use crate::journey::{Journey, Moment, Step};
use onetrip_sim::stream::{EntityKey, Purpose, RunKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PATIENTS: Purpose = Purpose::named("load.patient");
const PATIENCE: Purpose = Purpose::named("load.patience");
const OWN_TIME: Purpose = Purpose::named("load.own_time");
const SHARE: Purpose = Purpose::named("load.share");
const DAWDLE: Purpose = Purpose::named("load.dawdle");
const MOMENT: Purpose = Purpose::named("load.moment");

/// What a plan was made of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanHeader {
    /// Version of the format.
    pub version: u32,
    /// Scenario the patients come from.
    pub scenario: String,
    /// The run's one random number.
    pub rng_seed: u64,
    /// Which day of the scenario.
    pub day: u32,
    /// Journey by name.
    pub journey: String,
    /// Names of its steps, which patients refer to by number.
    pub steps: Vec<String>,
    /// Time of day of instant 0, in µs after midnight.
    pub from_us: u64,
    /// How many times faster than the clock.
    pub speed: f64,
    /// How many times the patients of the scenario.
    pub demand: f64,
    /// How many patients follow.
    pub patient_count: u64,
    /// How many steps they have together.
    pub step_count: u64,
}

/// One patient of a plan.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatientPlan {
    /// Number within the plan, in the order of arrival.
    pub patient: u64,
    /// Class in the scenario.
    pub class: u8,
    /// How long the patient waits for a step before going home, in µs.
    pub patience_us: u64,
    /// The steps: number in the journey and intended instant in µs from the start of the run.
    pub steps: Vec<(u32, u64)>,
}

/// A visit as the simulator (or a plain crowd) gives it, in µs after midnight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Number by which its luck is drawn.
    pub number: u64,
    /// Class in the scenario.
    pub class: u8,
    /// When the patient comes in.
    pub arrive_at: u64,
    /// When what happens; `None` when nothing but the arrival is known: every step then follows the one before, and the
    /// journey says which share of patients has a moment.
    pub moments: Option<Vec<(Moment, u64)>>,
}

/// How a plan is made of visits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PlanOptions {
    /// The run's one random number.
    pub rng_seed: u64,
    /// Which day of the scenario.
    pub day: u32,
    /// How many times faster than the clock. Patience and the server's own times are not compressed.
    pub speed: f64,
    /// How many times the patients of the scenario: whole further days of it laid over the first, the last one thinned.
    pub demand: f64,
    /// Only patients who arrive from here on, in µs after midnight.
    pub from_us: Option<u64>,
    /// Only patients who arrive before, in µs after midnight.
    pub to_us: Option<u64>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions { rng_seed: 1, day: 0, speed: 1.0, demand: 1.0, from_us: None, to_us: None }
    }
}

/// A plan in memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// What it was made of.
    pub header: PlanHeader,
    /// The patients in the order of arrival.
    pub patients: Vec<PatientPlan>,
}

/// The luck of a patient of a run; steps draw from it at run time too.
pub(crate) fn luck(rng_seed: u64, patient: u64) -> EntityKey {
    RunKey::new(rng_seed, 0, 0).entity(PATIENTS, patient)
}

/// The patient's own time before a step: half to one and a half times what the journey says, more for dawdlers, in µs.
pub(crate) fn own_time_us(step: &Step, number: usize, luck: EntityKey, round: u32) -> u64 {
    let draw = luck.stream_of_round(OWN_TIME.item(number as u64), round).unit();
    let own = (step.own_time_us as f64 * (0.5 + draw)).round() as u64;
    let dawdling = step
        .dawdle
        .filter(|(share, _)| luck.stream_of_round(DAWDLE.item(number as u64), round).unit() < *share);
    own + dawdling.map_or(0, |(_, time_us)| time_us)
}

impl Plan {
    /// Makes a plan of visits. `scenario` is what the header says of them.
    pub fn new(scenario: &str, mut visits: Vec<Visit>, journey: &Journey, options: &PlanOptions) -> Plan {
        let within =
            |at: u64| options.from_us.is_none_or(|from| at >= from) && options.to_us.is_none_or(|to| at < to);
        visits.retain(|visit| within(visit.arrive_at));
        visits.sort_by_key(|visit| (visit.arrive_at, visit.number));
        let from_us = options.from_us.or(visits.first().map(|visit| visit.arrive_at)).unwrap_or(0);
        let run_at = |at: u64| (at.saturating_sub(from_us) as f64 / options.speed).round() as u64;
        let patients: Vec<PatientPlan> = visits
            .iter()
            .zip(0..)
            .map(|(visit, patient)| {
                let luck = luck(options.rng_seed, patient);
                let patience = -luck.stream(PATIENCE).unit().ln() * journey.patience_us as f64;
                PatientPlan {
                    patient,
                    class: visit.class,
                    patience_us: patience.round() as u64,
                    steps: steps_of(visit, journey, luck, options.speed, &run_at),
                }
            })
            .collect();
        let header = PlanHeader {
            version: file::VERSION,
            scenario: scenario.to_owned(),
            rng_seed: options.rng_seed,
            day: options.day,
            journey: journey.name.clone(),
            steps: journey.steps.iter().map(|step| step.name.clone()).collect(),
            from_us,
            speed: options.speed,
            demand: options.demand,
            patient_count: patients.len() as u64,
            step_count: patients.iter().map(|patient| patient.steps.len() as u64).sum(),
        };
        Plan { header, patients }
    }

    /// When the last step is intended, in µs.
    pub fn length_us(&self) -> u64 {
        let ends = self.patients.iter().filter_map(|patient| patient.steps.last());
        ends.map(|&(_, at)| at).max().unwrap_or(0)
    }
}

/// Whether a visit has a moment: as simulated, or by the journey's share of a plain crowd.
fn has_moment(visit: &Visit, journey: &Journey, luck: EntityKey, wanted: Moment) -> bool {
    match &visit.moments {
        Some(moments) => moments.iter().any(|(moment, _)| *moment == wanted),
        None => {
            let share = journey.crowd.iter().find(|(moment, _)| *moment == wanted).map(|(_, share)| *share);
            share.is_none_or(|share| luck.stream(MOMENT.item(wanted as u64)).unit() < share)
        }
    }
}

fn steps_of(
    visit: &Visit,
    journey: &Journey,
    luck: EntityKey,
    speed: f64,
    run_at: &impl Fn(u64) -> u64,
) -> Vec<(u32, u64)> {
    let mut steps: Vec<(u32, u64)> = Vec::with_capacity(journey.steps.len());
    let mut earliest = run_at(visit.arrive_at);
    let mut lacks_moment = false;
    for (number, step) in journey.steps.iter().enumerate() {
        // What follows a step that is left out is left out with it.
        if let Some(needed) = step.only_if.or(step.moment) {
            lacks_moment = !has_moment(visit, journey, luck, needed);
        }
        let moment = visit.moments.as_ref().zip(step.moment).and_then(|(moments, wanted)| {
            moments.iter().find(|(moment, _)| *moment == wanted).map(|&(_, at)| run_at(at))
        });
        if lacks_moment || luck.stream(SHARE.item(number as u64)).unit() >= step.share {
            continue;
        }
        let own = (own_time_us(step, number, luck, 0) as f64 / speed).round() as u64;
        // The first request goes out as the patient arrives.
        let at = if steps.is_empty() { earliest } else { earliest + own };
        let at = at.max(moment.unwrap_or(0));
        steps.push((number as u32, at));
        earliest = at + step.expected_us;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::read_journey;
    use onetrip_scenarios::reader::Document;

    const TEXT: &str =
        "format = \"journey/1\"\nname = \"x\"\ncrowd = { examine = \"40 %\", dispense = \"0 %\" }
[[step]]\nname = \"book\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"order\"\nmoment = \"order\"\nonly_if = \"examine\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"bill\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"pay\"\nmoment = \"pay\"\nonly_if = \"examine\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"examine\"\nmoment = \"examine\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"dispense\"\nmoment = \"dispense\"\naction = \"other\"\npath = \"/\"
[[step]]\nname = \"go\"\nmoment = \"leave\"\naction = \"other\"\npath = \"/\"
";

    fn steps(moments: impl Fn(u64) -> Option<Vec<(Moment, u64)>>, count: u64) -> Vec<Vec<(u32, u64)>> {
        let journey = read_journey(Document::parse("x.toml", TEXT)).unwrap().value;
        let visit = |number| Visit { number, class: 0, arrive_at: 0, moments: moments(number) };
        let plan = Plan::new("x", (0..count).map(visit).collect(), &journey, &PlanOptions::default());
        plan.patients.into_iter().map(|patient| patient.steps).collect()
    }

    #[test]
    fn patients_do_what_their_visit_has_and_when_it_has_it() {
        let examined =
            || vec![(Moment::Order, 5_000_000), (Moment::Examine, 9_000_000), (Moment::Leave, 9_900_000)];
        let steps = steps(
            |number| {
                Some(if number == 0 { examined() } else { vec![(Moment::Order, 5), (Moment::Leave, 7)] })
            },
            2,
        );
        // Nobody saw this patient pay: the payment follows the bill.
        let expected =
            [(0, 0), (1, 5_000_000), (2, 5_050_000), (3, 5_100_000), (4, 9_000_000), (6, 9_900_000)];
        assert_eq!(steps[0], expected);
        let numbers: Vec<u32> = steps[1].iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 6]);
    }

    #[test]
    fn of_a_plain_crowd_the_shares_of_the_journey_have_a_moment() {
        let all = steps(|_| None, 2_000);
        let has =
            |number: u32| all.iter().filter(|steps| steps.iter().any(|(step, _)| *step == number)).count();
        assert_eq!((has(0), has(6), has(5)), (2_000, 2_000, 0));
        // 40 % of 2,000, within four standard deviations.
        assert!((712..=888).contains(&has(1)), "{}", has(1));
        assert!(
            [has(2), has(3), has(4)].iter().all(|&count| count == has(1)),
            "all steps of an examination or none"
        );
    }
}

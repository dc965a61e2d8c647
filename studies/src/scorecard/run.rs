//! A target document held against a run of a hospital: what the description says and what the run measured, brought
//! together.

use super::{Counted, Findings, MeasuredValue, Scorecard, evaluate};
use crate::replicate::RunResults;
use onetrip_models::hospital::spec::{Fact, HospitalGrade, HospitalRank, HospitalSpec};
use onetrip_models::measure::Measure;
use onetrip_scenarios::targets::{Answers, Date, Grade, HospitalClass, HospitalStanding, TargetDocument};

/// What a hospital is, as far as targets ask. A hospital that states no grade has the one usual for its rank.
pub fn standing_of(hospital: &HospitalSpec) -> HospitalStanding {
    let class = match hospital.rank {
        HospitalRank::Municipal => HospitalClass::Municipal,
        HospitalRank::County => HospitalClass::County,
        HospitalRank::Township => HospitalClass::Township,
        HospitalRank::MaternalChild => HospitalClass::MaternalChild,
    };
    let grade = hospital.grade.map_or(class.usual_grade(), |grade| match grade {
        HospitalGrade::TertiaryGeneral => Grade::TertiaryGeneral,
        HospitalGrade::TertiarySpecial => Grade::TertiarySpecial,
        HospitalGrade::SecondaryGeneral => Grade::SecondaryGeneral,
        HospitalGrade::SecondarySpecial => Grade::SecondarySpecial,
    });
    HospitalStanding { class, grade }
}

/// Holds a document against a hospital and a run of it: on a day, or, without one, when all stages are past. `measures`
/// are those of the system that was run, in the order of its results.
///
/// A figure without an interval (one replication) settles nothing. A figure that was the same in every replication is
/// its own interval when there were at least three; a share of something counted has the interval of its count then
/// ([`crate::statistics::share::mean_of_shares`]).
pub fn of_run(
    document: &TargetDocument,
    hospital: &HospitalSpec,
    measures: &[Measure],
    results: &RunResults,
    answers: &Answers,
    on: Option<Date>,
) -> Scorecard {
    let facts = hospital.counted_facts();
    let counted = |id: &str| facts.get(id).map(counted_of);
    let measured = |id: &str| {
        let index = measures.iter().position(|measure| measure.id == id)?;
        let Some(estimate) = results.measures.get(index)?.estimate else {
            // The run computes it, and had nobody to count.
            return Some(MeasuredValue { value: f64::NAN, low: f64::NAN, high: f64::NAN, n: 0 });
        };
        let (low, high) = match estimate.interval {
            Some(interval) => (interval.low, interval.high),
            None if estimate.observation_count >= 3 => (estimate.value, estimate.value),
            None => (f64::NEG_INFINITY, f64::INFINITY),
        };
        Some(MeasuredValue { value: estimate.value, low, high, n: estimate.observation_count as u64 })
    };
    evaluate(
        document,
        standing_of(hospital),
        on,
        &Findings { measured: &measured, counted: &counted, answers },
    )
}

fn counted_of(fact: &Fact) -> Counted {
    match fact {
        Fact::YesNo(flag) => Counted::Flag(*flag),
        Fact::Number(number) => Counted::Number(*number),
        Fact::Time(time) => Counted::Number(time.as_seconds()),
        Fact::List(words) => Counted::Words(words.clone()),
    }
}

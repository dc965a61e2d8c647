//! Arrival rates in files: constant or by the day as everywhere, or a wave.

use crate::profile::DailyRate;
use crate::quantity::Rate;
use crate::reader::key::{Defaulted, Kind, Numbers, Required, Shape, TableSpec, defaulted, required};
use crate::reader::kinds::{Duration, Frequency, Located};
use crate::reader::{Group, Item, Mistake, Table};
use onetrip_sim::arrival::RateProfile;
use onetrip_sim::time::{SimSpan, SimTime};
use std::f64::consts::TAU;

/// The rate of a Poisson source.
pub(super) struct ArrivalRate;

static MEAN: Required<Frequency> = required("mean", Frequency, "the rate averaged over a period");
static AMPLITUDE: Required<Located<Frequency>> =
    required("amplitude", Located(Frequency), "how far the rate swings above and below its mean");
static PERIOD: Defaulted<Duration> =
    defaulted("period", Duration::POSITIVE, "\"24 h\"", "from one peak to the next");
static WAVE: TableSpec = TableSpec {
    name: "wave",
    doc: "a rate that swings about its mean, mean + amplitude · sin(2πt/period), t from the start of the run; in \
          steps of 1/1440 of the period with the average of each",
    keys: &[&MEAN, &AMPLITUDE, &PERIOD],
};
const TABLE: Group<RateProfile> = Group { spec: &WAVE, read: read_wave };

const STEPS: u64 = 1440;

fn read_wave(table: &Table<'_>) -> Option<RateProfile> {
    let (mean, amplitude, period) = (table.read(&MEAN), table.read(&AMPLITUDE), table.read(&PERIOD));
    let (mean, amplitude, period) = (mean?, amplitude?, period?);
    if amplitude.value.per_hour() > mean.per_hour() {
        let mistake = Mistake::new("the rate would fall below zero");
        table.report(&amplitude.place, mistake.accepted(format!("at most the mean, {mean}")));
        return None;
    }
    let profile = wave(mean, amplitude.value, period);
    profile
        .map_err(|error| {
            let mistake = Mistake::new(error.to_string());
            table.report(&table.place(), mistake.accepted("a period of at least 1440 microseconds"));
        })
        .ok()
}

fn wave(
    mean: Rate,
    amplitude: Rate,
    period: SimSpan,
) -> Result<RateProfile, onetrip_sim::arrival::ArrivalError> {
    let starts_at =
        |step: u64| (u128::from(period.as_micros()) * u128::from(step) / u128::from(STEPS)) as u64;
    let phase = |step: u64| TAU * starts_at(step) as f64 / period.as_micros() as f64;
    let segments: Vec<(SimTime, f64)> = (0..STEPS)
        .map(|step| {
            let (from, to) = (phase(step), phase(step + 1));
            // The mean of the sine between two phases, by the product form that does not cancel.
            let mean_of_sine = (0.5 * (from + to)).sin() * (0.5 * (to - from)).sin() / (0.5 * (to - from));
            let rate = mean.per_hour() + amplitude.per_hour() * mean_of_sine;
            (SimTime::from_micros(starts_at(step)), rate.max(0.0))
        })
        .collect();
    RateProfile::repeating(&segments, period)
}

impl Kind for ArrivalRate {
    type Out = RateProfile;

    fn read(&self, item: &Item<'_>) -> Option<RateProfile> {
        let is_wave = item.has("amplitude") || (item.has("mean") && !item.is_sourced_value());
        if is_wave { TABLE.read(item) } else { DailyRate.read(item) }
    }

    fn shape(&self) -> Shape {
        Shape::Any(vec![DailyRate.shape(), TABLE.shape()])
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

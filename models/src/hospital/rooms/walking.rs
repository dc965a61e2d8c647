//! Walking between places.

use crate::hospital::patient::Patient;
use crate::hospital::spec::{Place, Walking};
use onetrip_sim::distribution::Sampler;
use onetrip_sim::stream::{EntityKey, Purpose};
use onetrip_sim::time::SimSpan;

const PACE: Purpose = Purpose::named("walking.pace");
/// A pace is kept in 32nds, up to almost 8.
const PACE_UNIT: f64 = 32.0;

/// Mean times between all places, and how patients' paces differ.
#[derive(Debug)]
pub(in crate::hospital) struct Ways {
    means: [[u64; Place::COUNT]; Place::COUNT],
    pace: Sampler,
}

impl Ways {
    pub(in crate::hospital) fn build(walking: &Walking) -> Self {
        let mut means = [[walking.default_time.as_micros(); Place::COUNT]; Place::COUNT];
        for way in &walking.between {
            means[way.from as usize][way.to as usize] = way.time.as_micros();
            means[way.to as usize][way.from as usize] = way.time.as_micros();
        }
        Ways { means, pace: walking.pace.sampler() }
    }

    /// The pace of a patient whose class walks `factor` times as long as others.
    pub(in crate::hospital) fn pace(&self, key: EntityKey, factor: f64) -> u8 {
        let pace = self.pace.draw_value(&mut key.stream(PACE)) * factor;
        (pace * PACE_UNIT + 0.5).clamp(0.0, 255.0) as u8
    }

    #[inline(always)]
    pub(in crate::hospital) fn time(&self, patient: &Patient, to: Place) -> SimSpan {
        let mean = self.means[patient.place()][to as usize];
        SimSpan::from_micros(mean * u64::from(patient.pace) / PACE_UNIT as u64)
    }
}

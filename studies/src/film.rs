//! Runs kept whole: happening by happening, or visit by visit.

use onetrip_models::account::Account;
use onetrip_models::hospital::Hospital;
use onetrip_models::watch::{Record, Watcher};
use onetrip_sim::engine::RunError;
use onetrip_sim::stream::RunKey;

/// Who a customer of a run is: the same person in every system that shares the rng seed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PatientId {
    /// The arrival source; of a hospital 0 for those who booked, 1 for walk-ins.
    pub source: u8,
    /// Number within the source.
    pub number: u32,
}

impl PatientId {
    /// Whom a happening is about.
    pub fn of(record: &Record) -> PatientId {
        PatientId { source: record.source, number: record.customer }
    }

    /// Came to a hospital with a booking.
    pub fn is_booked(self) -> bool {
        self.source == 0
    }
}

/// Everything that happened in one run, in the order in which it happened.
#[derive(Clone, Default, Debug)]
pub struct Film {
    records: Vec<Record>,
}

impl Watcher for Film {
    fn watch(&mut self, record: Record) {
        self.records.push(record);
    }
}

impl Film {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.records.clear();
    }

    /// The happenings.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The same by patient.
    pub fn into_visits(self) -> Visits {
        let mut records = self.records;
        records.sort_by_key(PatientId::of);
        Visits { records }
    }
}

/// Everything that happened in one run, visit by visit.
#[derive(Clone, Debug)]
pub struct Visits {
    records: Vec<Record>,
}

impl Visits {
    /// Watches one day of a hospital.
    ///
    /// # Errors
    /// When the run was given up.
    pub fn of_day(hospital: &Hospital, run: RunKey) -> Result<(Visits, Account), RunError> {
        let (mut account, mut film) = (hospital.account(), Film::default());
        hospital.runner().run_watched(run, &mut account, &mut film)?;
        Ok((film.into_visits(), account))
    }

    /// All of them, each as its records in the order in which they happened, by patient.
    pub fn iter(&self) -> impl Iterator<Item = (PatientId, &[Record])> {
        self.records
            .chunk_by(|a, b| PatientId::of(a) == PatientId::of(b))
            .filter_map(|records| Some((PatientId::of(records.first()?), records)))
    }

    /// The visit of one patient.
    pub fn of(&self, patient: PatientId) -> Option<&[Record]> {
        let from = self.records.partition_point(|record| PatientId::of(record) < patient);
        let length = self.records[from..].partition_point(|record| PatientId::of(record) == patient);
        (length > 0).then(|| &self.records[from..from + length])
    }
}

//! The log as a table: one row an event, in the order of time.

use super::{Case, Event, Names};
use std::fs::File;
use std::io::{self, BufWriter};

const HEADER: [&str; 7] =
    ["patient", "class", "activity", "lifecycle", "station", "timestamp", "encounter_status"];

pub(super) struct CsvLog {
    writer: csv::Writer<BufWriter<File>>,
}

impl CsvLog {
    pub(super) fn begin(file: BufWriter<File>) -> io::Result<CsvLog> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(HEADER)?;
        Ok(CsvLog { writer })
    }

    pub(super) fn write(&mut self, names: &Names, case: &Case, event: Event) -> io::Result<()> {
        let row = [
            case.id.as_str(),
            &names.classes[usize::from(case.class)],
            names.activity(event.activity),
            event.transition.word(),
            names.station(event.activity),
            &names.timestamp(event.at),
            event.status.word(),
        ];
        Ok(self.writer.write_record(row)?)
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

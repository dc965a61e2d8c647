//! Event logs for process mining: every happening of a watched run, as CSV or as XES (IEEE 1849).
//!
//! Rows of CSV are written as they happen. XES keeps the events of a case together, so a case is written when its
//! customer leaves; those still inside at the end come last. Memory holds only who is inside. The log is written beside
//! its place and moved there when it is finished, so there is never half a log.

mod csv_log;
mod xes_log;

use crate::document::PauseKind;
use crate::whole_file::WholeFile;
use crate::words::Language;
use csv_log::CsvLog;
use jiff::civil::Date as CivilDate;
use onetrip_models::system::System;
use onetrip_models::watch::{Record, Watcher};
use onetrip_scenarios::targets::Date;
use onetrip_sim::model::{Exit, StationId};
use onetrip_sim::observer::Happening;
use onetrip_sim::time::{SimSpan, SimTime};
use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use xes_log::XesLog;

/// Why a log was not written.
#[derive(Debug, thiserror::Error)]
#[error("event log `{}`: {source}", path.display())]
pub struct EventLogError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// How happenings are written down.
#[derive(Clone, Debug)]
pub struct EventLogSettings<'a> {
    /// The day on which the first run begins, at midnight, eight hours ahead of UTC.
    pub day: Date,
    /// The language of activities and classes.
    pub language: Language,
    /// The kinds of pause by number.
    pub pause_kinds: &'a [PauseKind],
}

/// What an event tells of an activity, in the words of the XES lifecycle extension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Transition {
    Schedule,
    Start,
    Suspend,
    Resume,
    Complete,
    /// Saw the queue and did not join.
    ManualSkip,
    /// Was not let in.
    AutoSkip,
    /// Left the queue.
    Withdraw,
    /// Was sent away at closing.
    AbortByClosing,
    /// The machine failed.
    AbortByFailure,
}

impl Transition {
    fn word(self) -> &'static str {
        match self {
            Transition::Schedule => "schedule",
            Transition::Start => "start",
            Transition::Suspend => "suspend",
            Transition::Resume => "resume",
            Transition::Complete => "complete",
            Transition::ManualSkip => "manualskip",
            Transition::AutoSkip => "autoskip",
            Transition::Withdraw => "withdraw",
            Transition::AbortByClosing => "ate_abort",
            Transition::AbortByFailure => "pi_abort",
        }
    }
}

/// Status of the visit, in the words of FHIR R4's `Encounter.status`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Arrived,
    InProgress,
    Finished,
    Cancelled,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Arrived => "arrived",
            Status::InProgress => "in-progress",
            Status::Finished => "finished",
            Status::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Activity {
    Arrival,
    Departure,
    HeldUp,
    Station(StationId),
    Pause(u8),
}

#[derive(Clone, Copy, Debug)]
struct Event {
    activity: Activity,
    transition: Transition,
    status: Status,
    at: SimTime,
}

/// Names as they are written.
struct Names {
    stations: Vec<(String, String)>,
    classes: Vec<String>,
    pauses: Vec<String>,
    language: Language,
    /// The day on which the run begins.
    day: CivilDate,
}

impl Names {
    fn activity(&self, activity: Activity) -> &str {
        match activity {
            Activity::Arrival => self.language.pick("arrival", "到达"),
            Activity::Departure => self.language.pick("departure", "离开"),
            Activity::HeldUp => self.language.pick("held up", "受阻滞留"),
            Activity::Station(station) => &self.stations[station.index()].1,
            Activity::Pause(kind) => {
                self.pauses.get(usize::from(kind)).map_or(self.language.pick("pause", "停留"), String::as_str)
            }
        }
    }

    fn station(&self, activity: Activity) -> &str {
        match activity {
            Activity::Station(station) => &self.stations[station.index()].0,
            _ => "",
        }
    }

    /// `2018-12-03T08:41:07.250+08:00`.
    fn timestamp(&self, at: SimTime) -> String {
        let micros = at.as_micros();
        let (days, rest) = (micros / SimSpan::DAY.as_micros(), micros % SimSpan::DAY.as_micros());
        let day = later(self.day, days);
        let (millis, seconds) = (rest / 1000 % 1000, rest / 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{day}T{hour:02}:{minute:02}:{second:02}.{millis:03}+08:00")
    }
}

/// So many days later; the calendar's last day where it would end.
fn later(day: CivilDate, days: u64) -> CivilDate {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    let span = jiff::Span::new().try_days(days);
    span.and_then(|span| day.checked_add(span)).unwrap_or(CivilDate::MAX)
}

/// The case of one customer inside.
struct Case {
    id: String,
    class: u8,
    status: Status,
    /// A pause, or being held up, that ends with the next happening (a pause at its own end).
    under_way: Option<(Activity, Option<SimTime>)>,
    is_interrupted: bool,
}

enum Form {
    Csv(Box<CsvLog>),
    Xes(Box<XesLog>),
}

/// Writes the happenings of runs that it watches.
pub struct EventLog {
    path: PathBuf,
    whole: WholeFile,
    form: Form,
    names: Names,
    run: (u32, u32),
    latest: SimTime,
    inside: BTreeMap<(u8, u32), Case>,
    failure: Option<io::Error>,
}

impl EventLog {
    /// Begins a log: XES when the name ends in `.xes`, else CSV.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(
        path: &Path,
        system: &System,
        settings: &EventLogSettings<'_>,
    ) -> Result<EventLog, EventLogError> {
        let failed = |source| EventLogError { path: path.to_owned(), source };
        let is_xes = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xes"));
        let (whole, file) = WholeFile::begin(path).map_err(failed)?;
        let file = BufWriter::new(file);
        let form = if is_xes {
            XesLog::begin(file).map(|log| Form::Xes(Box::new(log)))
        } else {
            CsvLog::begin(file).map(|log| Form::Csv(Box::new(log)))
        };
        let text = |en: &str, zh: &str| {
            let chosen = settings.language.pick(en, zh);
            if chosen.is_empty() { en.to_owned() } else { chosen.to_owned() }
        };
        let shown = |id: &str, en: &str, zh: &str| {
            let title = text(en, zh);
            if title.is_empty() { id.to_owned() } else { title }
        };
        let station = |label: &onetrip_models::system::StationLabel| {
            (label.id.clone(), shown(&label.id, &label.title.en, &label.title.zh))
        };
        let names = Names {
            stations: system.stations().iter().map(station).collect(),
            classes: system.classes().iter().map(|class| text(&class.en, &class.zh)).collect(),
            pauses: settings
                .pause_kinds
                .iter()
                .map(|kind| shown(&kind.id, &kind.title.en, &kind.title.zh))
                .collect(),
            language: settings.language,
            day: settings.day.to_string().parse().unwrap_or(CivilDate::ZERO),
        };
        Ok(EventLog {
            path: path.to_owned(),
            whole,
            form: form.map_err(failed)?,
            names,
            run: (0, 0),
            latest: SimTime::ZERO,
            inside: BTreeMap::new(),
            failure: None,
        })
    }

    /// A new run is about to be watched. It begins on the first day after everything that was written before.
    pub fn begin_run(&mut self, replication: u32, day: u32) {
        self.close_cases();
        if self.latest > SimTime::ZERO {
            self.names.day = later(self.names.day, self.latest.as_micros() / SimSpan::DAY.as_micros() + 1);
            self.latest = SimTime::ZERO;
        }
        self.run = (replication, day);
    }

    /// Ends the log and moves it to its place.
    ///
    /// # Errors
    /// The first thing that went wrong since the log was begun. Then there is no log.
    pub fn finish(mut self) -> Result<(), EventLogError> {
        self.close_cases();
        let EventLog { path, whole, form, failure, .. } = self;
        let ended = match (failure, form) {
            (Some(failure), _) => Err(failure),
            (None, Form::Csv(log)) => log.end(),
            (None, Form::Xes(log)) => log.end(),
        };
        ended.and_then(|()| whole.finish()).map_err(|source| EventLogError { path, source })
    }

    /// Writes the cases of those still inside, in the order of their sources and numbers.
    fn close_cases(&mut self) {
        for (key, _) in std::mem::take(&mut self.inside) {
            if let Form::Xes(log) = &mut self.form {
                let closed = log.close(key);
                self.failure = self.failure.take().or(closed.err());
            }
        }
    }

    fn write(&mut self, key: (u8, u32), event: Event) {
        let Some(case) = self.inside.get(&key) else { return };
        self.latest = self.latest.max(event.at);
        let written = match &mut self.form {
            Form::Csv(log) => log.write(&self.names, case, event),
            Form::Xes(log) => {
                log.add(key, &self.names, event);
                Ok(())
            }
        };
        self.failure = self.failure.take().or(written.err());
    }

    fn arrive(&mut self, key: (u8, u32), record: Record) {
        let (replication, day) = self.run;
        let id = format!("{replication}-{day}-{}-{}", record.source, record.customer);
        if let Form::Xes(log) = &mut self.form {
            log.open(key, &id, &self.names.classes[usize::from(record.class)]);
        }
        let class = record.class;
        let case = Case { id, class, status: Status::Arrived, under_way: None, is_interrupted: false };
        self.inside.insert(key, case);
        let status = Status::Arrived;
        let event =
            Event { activity: Activity::Arrival, transition: Transition::Complete, status, at: record.at };
        self.write(key, event);
    }

    fn leave(&mut self, key: (u8, u32), exit: Exit, at: SimTime) {
        let status = if exit == Exit::Completed { Status::Finished } else { Status::Cancelled };
        let event = Event { activity: Activity::Departure, transition: Transition::Complete, status, at };
        self.write(key, event);
        self.inside.remove(&key);
        if let Form::Xes(log) = &mut self.form {
            let closed = log.close(key);
            self.failure = self.failure.take().or(closed.err());
        }
    }
}

impl Watcher for EventLog {
    fn watch(&mut self, record: Record) {
        let key = (record.source, record.customer);
        if self.failure.is_some() {
            return;
        }
        if record.happening == Happening::Arrived {
            return self.arrive(key, record);
        }
        let Some(case) = self.inside.get_mut(&key) else { return };
        if let Some((activity, ends_at)) = case.under_way.take() {
            let at = ends_at.unwrap_or(record.at);
            let event = Event { activity, transition: Transition::Complete, status: case.status, at };
            self.write(key, event);
        }
        let Some(case) = self.inside.get_mut(&key) else { return };
        let (activity, transition) = match record.happening {
            Happening::Arrived => return,
            Happening::Joined(station) => (Activity::Station(station), Transition::Schedule),
            Happening::Started(station) => {
                case.status = Status::InProgress;
                let is_resumed = std::mem::take(&mut case.is_interrupted);
                let transition = if is_resumed { Transition::Resume } else { Transition::Start };
                (Activity::Station(station), transition)
            }
            Happening::Interrupted(station) | Happening::Undone(station) => {
                case.is_interrupted = true;
                (Activity::Station(station), Transition::Suspend)
            }
            Happening::Served(station) => (Activity::Station(station), Transition::Complete),
            Happening::Balked(station) => (Activity::Station(station), Transition::ManualSkip),
            Happening::Reneged(station) => (Activity::Station(station), Transition::Withdraw),
            Happening::Refused(station) => (Activity::Station(station), Transition::AutoSkip),
            Happening::SentAway(station) => (Activity::Station(station), Transition::AbortByClosing),
            Happening::BrokenDown(station) => (Activity::Station(station), Transition::AbortByFailure),
            Happening::Blocked(_) => {
                case.under_way = Some((Activity::HeldUp, None));
                (Activity::HeldUp, Transition::Start)
            }
            Happening::Paused { time, kind } => {
                case.under_way = Some((Activity::Pause(kind), Some(record.at + time)));
                (Activity::Pause(kind), Transition::Start)
            }
            Happening::Left(exit) => return self.leave(key, exit, record.at),
        };
        let event = Event { activity, transition, status: case.status, at: record.at };
        self.write(key, event);
    }
}

//! Before the run: requests that make things ready and fill the pools. After it: lists of what is there.

use super::clock::Clock;
use super::target::Target;
use super::transport::{SendFailure, Transport};
use crate::journey::{
    Answered, FinalRead, Incoming, Journey, MissingValue, Paging, Preparation, RequestForm, Source,
    StateSource, Values, WireRequest,
};
use jiff::{Span, Timestamp};
use onetrip_history::{FinalState, ObjectKind, State};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use thiserror::Error;

/// Rows of a pool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PoolRows {
    /// Numbers of the values that a row gives.
    pub(crate) columns: Vec<usize>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Arc<str>>>,
}

/// What the preparations of a journey made.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Values that all patients share.
    pub(crate) values: Values,
    pub(crate) pools: Vec<PoolRows>,
    /// Slots of which capacity and places taken were told.
    pub(crate) slots: Vec<(String, u32, u32)>,
}

impl Prepared {
    /// The slots that were made or found: the first values of all rows.
    pub fn slots(&self) -> impl Iterator<Item = String> {
        let rows = self.pools.iter().flat_map(|pool| &pool.rows);
        rows.filter_map(|row| row.first()).map(|id| id.to_string())
    }

    /// How many rows a pool has.
    pub fn row_count(&self, pool: usize) -> usize {
        self.pools[pool].rows.len()
    }
}

/// Why a list was not read or a preparation not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No answer.
    #[error("`{what}`: {source}")]
    NoAnswer {
        /// The preparation or list.
        what: String,
        /// Why.
        source: SendFailure,
    },
    /// No answer in time.
    #[error("`{what}`: no answer within {timeout_ms} ms")]
    Timeout {
        /// The preparation or list.
        what: String,
        /// How long was waited, in ms.
        timeout_ms: u64,
    },
    /// An answer with which it cannot go on.
    #[error("`{what}`: the server answered {status}: {text}")]
    Refused {
        /// The preparation or list.
        what: String,
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        text: String,
    },
    /// The answer lacks something.
    #[error("`{what}`: the answer has nothing at `{place}`")]
    Lacks {
        /// The preparation or list.
        what: String,
        /// Where something should be.
        place: String,
    },
    /// A request needs a value that nothing gave.
    #[error(transparent)]
    Missing(#[from] MissingValue),
    /// A value of the journey is no instant or no number.
    #[error("the value `{name}` of the journey is `{text}`; accepted: {accepted}")]
    BadValue {
        /// Its name.
        name: &'static str,
        /// What was read.
        text: String,
        /// What would be accepted.
        accepted: &'static str,
    },
}

/// How many preparations are under way at once.
const AT_ONCE: usize = 16;

/// Who asks outside the plan: whom, how, and by which clock.
#[derive(Debug)]
pub struct Asker<'a, C, T> {
    /// Clock.
    pub clock: &'a C,
    /// How requests go out.
    pub transport: &'a Arc<T>,
    /// Where they go, for pages that follow by address.
    pub target: Option<&'a Target>,
}

impl<C, T> Clone for Asker<'_, C, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, T> Copy for Asker<'_, C, T> {}

impl<C: Clock, T: Transport> Asker<'_, C, T> {
    async fn exchange(
        self,
        request: WireRequest<'_>,
        what: &str,
        timeout_us: u64,
    ) -> Result<Incoming, FetchError> {
        let answered = self.clock.within(timeout_us, self.transport.send(request)).await;
        answered
            .ok_or_else(|| FetchError::Timeout { what: what.to_owned(), timeout_ms: timeout_us / 1000 })?
            .map_err(|source| FetchError::NoAnswer { what: what.to_owned(), source })
    }
}

fn refused(what: &str, page: &Incoming) -> FetchError {
    let text = String::from_utf8_lossy(page.body()).chars().take(300).collect();
    FetchError::Refused { what: what.to_owned(), status: page.status(), text }
}

/// Makes the requests that come before a run, in the order of the journey.
///
/// # Errors
/// [`FetchError`] of the first that fails.
pub async fn prepare<C: Clock, T: Transport>(
    asker: Asker<'_, C, T>,
    journey: &Arc<Journey>,
    run: &str,
) -> Result<Prepared, FetchError> {
    let mut values = journey.fresh_values();
    values.set_by_name("run", run);
    values.set_by_name("now", now_text());
    let pools = vec![PoolRows::default(); journey.pools.len()];
    let mut prepared = Prepared { values, pools, slots: Vec::new() };
    for preparation in &journey.preparations {
        let calendar = Calendar::of(&prepared.values)?;
        let mut index = 0;
        while index < preparation.repeat_count {
            let until = preparation.repeat_count.min(index + AT_ONCE as u32);
            let batch: Vec<_> = (index..until)
                .map(|index| {
                    let mut values = prepared.values.clone();
                    calendar.set(&mut values, index);
                    let (clock, transport) = (asker.clock.clone(), Arc::clone(asker.transport));
                    let (preparation, target) = (preparation.clone(), asker.target.cloned());
                    let timeout_us = journey.timeout_us;
                    tokio::spawn(async move {
                        let asker = Asker { clock: &clock, transport: &transport, target: target.as_ref() };
                        pages_of(asker, &preparation, values, timeout_us).await
                    })
                })
                .collect();
            index = until;
            for pages in batch {
                let pages =
                    pages.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
                for page in pages {
                    prepared.take(preparation, &page)?;
                }
            }
        }
    }
    Ok(prepared)
}

async fn pages_of<C: Clock, T: Transport>(
    asker: Asker<'_, C, T>,
    preparation: &Preparation,
    values: Values,
    timeout_us: u64,
) -> Result<Vec<Incoming>, FetchError> {
    let paging = preparation.rows.as_ref().map(|rows| rows.paging.clone()).unwrap_or_default();
    let accepts = |status| preparation.accept.has(status);
    let asked = Asked { what: &preparation.name, form: &preparation.form, paging: &paging, timeout_us };
    all_pages(asker, &asked, values, accepts).await
}

struct Asked<'a> {
    what: &'a str,
    form: &'a RequestForm,
    paging: &'a Paging,
    timeout_us: u64,
}

async fn all_pages<C: Clock, T: Transport>(
    asker: Asker<'_, C, T>,
    asked: &Asked<'_>,
    mut values: Values,
    accepts: impl Fn(u16) -> bool,
) -> Result<Vec<Incoming>, FetchError> {
    if let Some(next) = &asked.paging.next
        && values.get(next.value).is_none()
    {
        values.set(next.value, "");
    }
    let mut pages = Vec::new();
    let mut followed: Option<String> = None;
    loop {
        let mut request = asked.form.fill(&values)?;
        if let Some(path) = followed.take() {
            request.path = path.into();
        }
        let page = asker.exchange(request, asked.what, asked.timeout_us).await?;
        if !accepts(page.status()) {
            return Err(refused(asked.what, &page));
        }
        let answered = Answered::from(&page);
        let next = asked.paging.next.as_ref().and_then(|next| Some((next.value, next.from.read(&answered)?)));
        let follow = asked.paging.follow.as_ref().and_then(|follow| follow.read(&answered));
        pages.push(page);
        if let Some((value, text)) = next {
            values.set(value, text);
        } else if let Some(path) = follow.and_then(|address| asker.target?.path_of(&address)) {
            followed = Some(path);
        } else {
            return Ok(pages);
        }
    }
}

/// The elements of a list in an answer, or the answer itself.
fn elements<'p>(page: &'p Incoming, list: Option<&str>, what: &str) -> Result<Vec<&'p Value>, FetchError> {
    let Some(pointer) = list else { return Ok(vec![page.json()]) };
    match page.json().pointer(pointer) {
        Some(Value::Array(elements)) => Ok(elements.iter().collect()),
        // FHIR leaves an empty list out.
        None if page.json().is_object() => Ok(Vec::new()),
        _ => Err(FetchError::Lacks { what: what.to_owned(), place: pointer.to_owned() }),
    }
}

impl Prepared {
    fn take(&mut self, preparation: &Preparation, page: &Incoming) -> Result<(), FetchError> {
        let what = &preparation.name;
        let lacks = |from: &Source| FetchError::Lacks { what: what.clone(), place: from.notation() };
        for capture in &preparation.captures {
            let value = capture.from.read(&page.into()).ok_or_else(|| lacks(&capture.from))?;
            self.values.set(capture.value, value);
        }
        let Some(rows) = &preparation.rows else { return Ok(()) };
        for element in elements(page, rows.list.as_deref(), what)? {
            let answered = Answered { incoming: page, element: Some(element) };
            let mut row = Vec::with_capacity(rows.columns.len());
            for column in &rows.columns {
                row.push(Arc::from(column.from.read(&answered).ok_or_else(|| lacks(&column.from))?));
            }
            let number = |source: &Option<Source>| -> Option<u32> {
                source.as_ref().and_then(|source| source.read(&answered)?.parse().ok())
            };
            if let (Some(capacity), Some(id)) = (number(&rows.capacity), row.first()) {
                let id: &Arc<str> = id;
                self.slots.push((id.to_string(), capacity, number(&rows.taken).unwrap_or(0)));
            }
            let pool = &mut self.pools[rows.pool];
            pool.columns = rows.columns.iter().map(|column| column.value).collect();
            pool.rows.push(row);
        }
        Ok(())
    }
}

/// The times of the slots that a journey makes.
struct Calendar {
    first: Timestamp,
    minutes: i64,
}

impl Calendar {
    fn of(values: &Values) -> Result<Calendar, FetchError> {
        let read = |name: &'static str, usual: &str| values.by_name(name).unwrap_or(usual).to_owned();
        let text = read("first_start", "2027-03-01T00:00:00Z");
        let accepted = "an instant such as 2027-03-01T08:00:00+08:00";
        let first: Timestamp = text.parse().map_err(|_| FetchError::BadValue {
            name: "first_start",
            text: text.clone(),
            accepted,
        })?;
        let text = read("slot_minutes", "10");
        let minutes = text.parse().ok().filter(|minutes| (1..=100_000).contains(minutes));
        let accepted = "a whole number of minutes";
        let minutes = minutes.ok_or_else(|| FetchError::BadValue {
            name: "slot_minutes",
            text: text.clone(),
            accepted,
        })?;
        Ok(Calendar { first, minutes })
    }

    fn set(&self, values: &mut Values, index: u32) {
        values.set_by_name("index", index.to_string());
        let at = |number: i64| {
            let span = Span::new().try_minutes(number * self.minutes);
            span.and_then(|span| self.first.checked_add(span)).unwrap_or(self.first).to_string()
        };
        values.set_by_name("index_start", at(i64::from(index)));
        values.set_by_name("index_end", at(i64::from(index) + 1));
    }
}

/// The wall clock, RFC 3339 to the second.
pub(super) fn now_text() -> String {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// What was read after a run.
pub(super) struct FinalLists {
    pub(super) states: Vec<FinalState<'static>>,
    /// Kinds of which everything was read.
    pub(super) listed: Vec<ObjectKind>,
    /// Lists that could not be read.
    pub(super) failures: Vec<FetchError>,
}

/// Reads what is there after a run.
pub(super) async fn read_finals<C: Clock, T: Transport>(
    asker: Asker<'_, C, T>,
    journey: &Journey,
    prepared: &Prepared,
    patient_of: &HashMap<(usize, String), u64>,
) -> FinalLists {
    let mut lists = FinalLists { states: Vec::new(), listed: Vec::new(), failures: Vec::new() };
    let mut known: BTreeSet<(ObjectKind, String)> = BTreeSet::new();
    let mut patient_column = 0;
    for read in &journey.finals {
        let column = read.patient.is_some().then(|| {
            patient_column += 1;
            patient_column - 1
        });
        match pages_of_final(asker, journey, prepared, read).await {
            Ok((pages, absent)) => {
                let what = read.kind.name();
                for id in absent {
                    if known.insert((read.kind, id.clone())) {
                        lists.states.push(FinalState::new(read.kind, id, State::Absent));
                    }
                }
                for page in &pages {
                    match elements(page, read.list.as_deref(), what) {
                        Ok(elements) => {
                            for element in elements {
                                let answered = Answered { incoming: page, element: Some(element) };
                                if !is_wanted(read, &answered, &prepared.values) {
                                    continue;
                                }
                                let state = final_state(read, &answered, |text| {
                                    patient_of.get(&(column?, text)).copied()
                                });
                                if let Some(state) = state
                                    && known.insert((read.kind, state.id.to_string()))
                                {
                                    lists.states.push(state);
                                }
                            }
                        }
                        Err(failure) => lists.failures.push(failure),
                    }
                }
                if read.is_complete && !lists.listed.contains(&read.kind) {
                    lists.listed.push(read.kind);
                }
            }
            Err(failure) => lists.failures.push(failure),
        }
    }
    if !lists.failures.is_empty() {
        lists.listed.clear();
    }
    lists
}

async fn pages_of_final<C: Clock, T: Transport>(
    asker: Asker<'_, C, T>,
    journey: &Journey,
    prepared: &Prepared,
    read: &FinalRead,
) -> Result<(Vec<Incoming>, Vec<String>), FetchError> {
    let asked = Asked {
        what: read.kind.name(),
        form: &read.form,
        paging: &read.paging,
        timeout_us: journey.timeout_us,
    };
    let good = |status| (200..300).contains(&status);
    let (mut pages, mut absent) = (Vec::new(), Vec::new());
    let Some(pool) = read.per else {
        let values = prepared.values.clone();
        return Ok((all_pages(asker, &asked, values, good).await?, absent));
    };
    for row in &prepared.pools[pool].rows {
        let mut values = prepared.values.clone();
        for (column, value) in prepared.pools[pool].columns.iter().zip(row) {
            values.set(*column, Arc::clone(value));
        }
        match all_pages(asker, &asked, values, good).await {
            Ok(more) => pages.extend(more),
            // A thing the run was given and that is there no more is a finding, not a failure to read.
            Err(FetchError::Refused { status: 404 | 410, .. }) if read.list.is_none() => {
                absent.extend(row.first().map(|id| id.to_string()));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok((pages, absent))
}

/// Whether an element is one of those that the list is read for.
fn is_wanted(read: &FinalRead, answered: &Answered<'_>, values: &Values) -> bool {
    let Some((at, is)) = &read.only else { return true };
    is.fill(values).is_ok_and(|wanted| at.read(answered).as_deref() == Some(wanted.as_str()))
}

fn final_state(
    read: &FinalRead,
    answered: &Answered<'_>,
    patient_of: impl Fn(String) -> Option<u64>,
) -> Option<FinalState<'static>> {
    let state = match &read.state {
        StateSource::Is(state) => *state,
        StateSource::At(at) => {
            let word = at.read(answered)?;
            let other = read.states.iter().find(|(known, _)| *known == word).map(|(_, state)| *state);
            other.or_else(|| State::from_code(&word))?
        }
    };
    let text = |source: &Option<Source>| source.as_ref().and_then(|source| source.read(answered));
    let amount = |source: &Option<Source>| text(source).and_then(|text| text.parse().ok());
    let mut found = FinalState::new(read.kind, read.id.read(answered)?, state);
    found.slot = text(&read.slot).map(Into::into);
    found.patient = read.patient.as_ref().and_then(|(at, _)| patient_of(at.read(answered)?));
    found.invoice = text(&read.invoice).map(Into::into);
    found.key = text(&read.key).map(Into::into);
    found.amount = amount(&read.amount);
    found.refunded_amount = match state {
        State::Refunded => amount(&read.refunded).or(found.amount),
        _ => amount(&read.refunded),
    };
    Some(found)
}

//! Sending a log again: the same requests at the same distances, with the values the target now hands out, on slots that are
//! free again and under idempotency keys of their own, so that no answer of the recorded run stands in for a new one.

use crate::engine::{Clock, Transport};
use crate::journey::{Incoming, Source, WireRequest};
use http::header::HeaderName;
use onetrip_history::{Outcome, Rebinding, Replay, ReplayStep};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What came of one request of a replay.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replayed {
    /// The recorded operation.
    pub operation: u64,
    /// Name of its step.
    pub step: String,
    /// Method and path as sent.
    pub request: String,
    /// The recorded outcome.
    pub recorded: Outcome,
    /// The status that came now; `None` without an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub failure: Option<String>,
}

/// What a replay puts in place of what was recorded, before its first request: `mark` makes new keys of the old, and the
/// slots, in the order of their first use, are those of `fresh_slots` as far as these go.
pub fn rebinding(replay: &Replay, mark: &str, fresh_slots: impl IntoIterator<Item = String>) -> Rebinding {
    let mut rebinding = Rebinding::new();
    let mut fresh_slots = fresh_slots.into_iter();
    let mut known = BTreeSet::new();
    for operation in replay.steps.iter().map(|step| &step.operation) {
        if let Some(key) = &operation.key {
            rebinding.bind(&**key, format!("{}-{mark}", &**key));
        }
        if let Some(slot) = operation.slot.as_deref().filter(|slot| known.insert((*slot).to_owned()))
            && let Some(fresh) = fresh_slots.next()
        {
            rebinding.bind(slot, fresh);
        }
    }
    rebinding
}

/// Sends a replay's requests. A request waits for those whose recorded answers had come before it was sent, so that what
/// followed follows and what overlapped overlaps again.
pub async fn replay<C: Clock, T: Transport>(
    replay: Replay,
    rebinding: Rebinding,
    clock: C,
    transport: Arc<T>,
    timeout: Duration,
) -> Vec<Replayed> {
    let rebinding = Arc::new(Mutex::new(rebinding));
    let timeout_us = timeout.as_micros() as u64;
    let origin = replay.steps.first().map_or(0, |step| step.operation.at.sent_at);
    let mut under_way: Vec<(u64, tokio::task::JoinHandle<Replayed>)> = Vec::new();
    let mut done = Vec::new();
    let mut known = BTreeSet::new();
    for step in replay.steps {
        let operation = &step.operation;
        // One request that means two things is in the log twice.
        let arguments: Vec<String> =
            operation.arguments.iter().map(|argument| argument.to_string()).collect();
        if !known.insert((operation.at.sent_at, operation.patient, operation.template, arguments)) {
            continue;
        }
        let sent_at = operation.at.sent_at;
        let mut still = Vec::new();
        for (answered_at, task) in under_way {
            if answered_at <= sent_at {
                done.push(joined(task).await);
            } else {
                still.push((answered_at, task));
            }
        }
        under_way = still;
        clock.wait_until(sent_at - origin).await;
        let (clock, transport, rebinding) = (clock.clone(), Arc::clone(&transport), Arc::clone(&rebinding));
        let answered_at = operation.at.done_at;
        let sending = send(step, (clock, transport), rebinding, timeout_us);
        under_way.push((answered_at, tokio::spawn(sending)));
    }
    for (_, task) in under_way {
        done.push(joined(task).await);
    }
    done
}

async fn joined(task: tokio::task::JoinHandle<Replayed>) -> Replayed {
    task.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn send<C: Clock, T: Transport>(
    step: ReplayStep,
    (clock, transport): (C, Arc<T>),
    rebinding: Arc<Mutex<Rebinding>>,
    timeout_us: u64,
) -> Replayed {
    let operation = &step.operation;
    let mut replayed = Replayed {
        operation: operation.id,
        step: operation.step.to_string(),
        request: String::new(),
        recorded: operation.outcome,
        status: None,
        failure: None,
    };
    let request = rebinding.lock().unwrap_or_else(PoisonError::into_inner).request(&step);
    let request = match request {
        Ok(request) => request,
        Err(error) => return Replayed { failure: Some(error.to_string()), ..replayed },
    };
    replayed.request = format!("{} {}", request.method, request.path);
    let wire = match wire(request) {
        Ok(wire) => wire,
        Err(error) => return Replayed { failure: Some(error.to_string()), ..replayed },
    };
    match clock.within(timeout_us, transport.send(wire)).await {
        None => replayed.failure = Some("no answer in time".to_owned()),
        Some(Err(failure)) => replayed.failure = Some(failure.to_string()),
        Some(Ok(incoming)) => {
            replayed.status = Some(incoming.status());
            learn(&step, &incoming, &rebinding);
        }
    }
    replayed
}

fn wire(request: onetrip_history::Request) -> Result<WireRequest<'static>, http::Error> {
    let header =
        |(name, value): (String, String)| Ok((Cow::Owned(HeaderName::try_from(name)?), value.into()));
    Ok(WireRequest {
        method: request.method.parse()?,
        path: request.path.into(),
        headers: request.headers.into_iter().map(header).collect::<Result<_, http::Error>>()?,
        body: request.body.into(),
    })
}

fn learn(step: &ReplayStep, incoming: &Incoming, rebinding: &Mutex<Rebinding>) {
    let answered = incoming.into();
    let captured: Vec<(String, String)> = step
        .captures
        .iter()
        .filter_map(|capture| Some((capture.name.clone(), Source::parse(&capture.from)?.read(&answered)?)))
        .collect();
    rebinding.lock().unwrap_or_else(PoisonError::into_inner).learn(step, &captured);
}

impl Replayed {
    /// The recorded outcome in one word: the status, or why there was none.
    pub fn recorded_word(&self) -> String {
        match self.recorded {
            Outcome::Ok(status) | Outcome::Refused(status, _) => status.to_string(),
            Outcome::Unknown(_) => "unknown".to_owned(),
            Outcome::NotSent => "not sent".to_owned(),
        }
    }

    /// The outcome of the replay in one word: the status, or why there was none.
    pub fn word(&self) -> String {
        match (&self.status, &self.failure) {
            (Some(status), _) => status.to_string(),
            (None, Some(failure)) => failure.clone(),
            (None, None) => "nothing".to_owned(),
        }
    }
}

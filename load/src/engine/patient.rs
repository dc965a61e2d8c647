//! One patient at the gate: every step at its intended instant, retries, questions, patience.

use super::clock::Clock;
use super::lists::PoolRows;
use super::recorder::{PatientEnd, Recorder, locked};
use super::stop::{Listener, Stop};
use super::transport::{SendFailure, Transport};
use crate::journey::{
    Answered, Argument, Capture, Incoming, Journey, Meaning, MissingValue, Pattern, PoolChoice, RequestForm,
    Sight, StateSource, Step, Then, Values, meaning_of,
};
use crate::plan::{self, PatientPlan};
use onetrip_history::{Action, Instants, Lost, Operation, Outcome, Seen, State, Text};
use onetrip_sim::stream::{EntityKey, Purpose};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const PICK: Purpose = Purpose::named("load.pick");
const TAP: Purpose = Purpose::named("load.double_tap");
const AGAIN: Purpose = Purpose::named("load.again");

/// A request form as the log knows it.
pub(super) struct LoggedForm {
    pub(super) template: u32,
    pub(super) arguments: Vec<Argument>,
}

/// What all patients of a run share.
pub(super) struct Shared<C, T> {
    pub(super) clock: C,
    pub(super) transport: T,
    pub(super) journey: Arc<Journey>,
    pub(super) pools: Vec<PoolRows>,
    pub(super) values: Values,
    pub(super) forms: Vec<LoggedForm>,
    pub(super) questions: Vec<Option<LoggedForm>>,
    pub(super) run: String,
    /// Number of the value that is a request's idempotency key, where the journey uses one.
    pub(super) key: Option<usize>,
    pub(super) recorder: Arc<Mutex<Recorder>>,
    pub(super) rng_seed: u64,
    pub(super) speed: f64,
    pub(super) next_id: AtomicU64,
    pub(super) in_flight: Arc<AtomicU64>,
    pub(super) in_flight_most: AtomicU64,
    pub(super) places: Option<Semaphore>,
    pub(super) bounded_count: AtomicU64,
    pub(super) exhausted_count: AtomicU64,
    pub(super) limiter: Option<Limiter>,
}

/// Holds requests back to a rate.
pub(super) struct Limiter {
    gap_us: f64,
    next_at: Mutex<f64>,
    pub(super) held_count: AtomicU64,
}

impl Limiter {
    pub(super) fn new(per_second: f64) -> Limiter {
        Limiter { gap_us: 1e6 / per_second, next_at: Mutex::new(0.0), held_count: AtomicU64::new(0) }
    }

    /// The instant at which a request may go that is ready now. A tenth of a second of unused rate may be caught up.
    fn admit(&self, now: u64) -> u64 {
        let mut next_at = self.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next_at.max(now as f64 - 100_000.0);
        *next_at = at + self.gap_us;
        if at > now as f64 {
            self.held_count.fetch_add(1, Ordering::Relaxed);
        }
        at.max(now as f64) as u64
    }
}

/// What came of one request.
struct Reply {
    at: Instants,
    outcome: Outcome,
    meaning: Meaning,
    then: Then,
    answer: Option<Box<Incoming>>,
    lag_us: Option<u64>,
}

impl Reply {
    fn answered(&self) -> Option<Answered<'_>> {
        self.answer.as_deref().map(Answered::from)
    }
}

/// How a step ended.
enum StepEnd {
    Then(Then),
    GaveUp,
    Stopped,
}

pub(super) struct Patient<C, T> {
    shared: Arc<Shared<C, T>>,
    stop: Stop,
    stopped: Listener,
    plan: PatientPlan,
    /// The last idempotency key, and how long the part of it is that all of the patient's have in common.
    key: String,
    key_stem: usize,
    luck: EntityKey,
    values: Values,
    rounds: Vec<u32>,
    /// Since when a slot was wanted, and how long it took.
    slot_wanted_at: Option<u64>,
    slot_wait_us: Option<u64>,
    taps: Vec<JoinHandle<()>>,
}

impl<C: Clock, T: Transport> Patient<C, T> {
    pub(super) fn new(shared: Arc<Shared<C, T>>, stop: Stop, plan: PatientPlan) -> Self {
        let luck = plan::luck(shared.rng_seed, plan.patient);
        let mut values = shared.values.clone();
        let mut digits = itoa::Buffer::new();
        let name = digits.format(plan.patient);
        values.set_by_name("patient", name);
        let key = [&shared.run, "-", name, "-"].concat();
        let rounds = vec![0; shared.journey.steps.len()];
        let stopped = stop.listener();
        Patient {
            shared,
            stop,
            stopped,
            plan,
            key_stem: key.len(),
            key,
            luck,
            values,
            rounds,
            slot_wanted_at: None,
            slot_wait_us: None,
            taps: Vec::new(),
        }
    }

    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        locked(&self.shared.recorder)
    }

    /// Goes through the journey.
    pub(super) async fn live(mut self) {
        let end = match self.walk().await {
            Ok(end) => end,
            Err(missing) => PatientEnd::BrokenOff(missing.to_string()),
        };
        for tap in std::mem::take(&mut self.taps) {
            // A tap that panicked has told nothing; the log's count shows it.
            let _ = tap.await;
        }
        self.recorder().patient_gone(end, self.slot_wait_us);
    }

    async fn walk(&mut self) -> Result<PatientEnd, MissingValue> {
        let journey = Arc::clone(&self.shared.journey);
        let Some(&(_, mut intended_at)) = self.plan.steps.first() else { return Ok(PatientEnd::Done) };
        let (mut index, mut tries) = (0, 0);
        loop {
            let (number, _) = self.plan.steps[index];
            let number = number as usize;
            let ready_at = if index == 0 && tries == 0 { 0 } else { self.shared.clock.now_us() };
            if !self.wait_until(intended_at).await {
                return Ok(PatientEnd::Stopped);
            }
            let end = self.step(number, intended_at, ready_at).await?;
            let then = match end {
                StepEnd::Then(then) => then,
                StepEnd::GaveUp => return Ok(PatientEnd::GaveUp),
                StepEnd::Stopped => return Ok(PatientEnd::Stopped),
            };
            index = match then {
                Then::Next => index + 1,
                Then::Leave | Then::Retry => return Ok(PatientEnd::TurnedAway),
                Then::Step(target) => {
                    tries += 1;
                    if tries > journey.try_count {
                        return Ok(PatientEnd::TurnedAway);
                    }
                    // A patient who leaves that step out goes on with the one behind it.
                    let found = self.plan.steps.iter().position(|&(step, _)| step as usize >= target);
                    found.unwrap_or(self.plan.steps.len())
                }
            };
            let Some(&(next, planned_at)) = self.plan.steps.get(index) else { return Ok(PatientEnd::Done) };
            let next = next as usize;
            let own_us = plan::own_time_us(&journey.steps[next], next, self.luck, self.rounds[next]);
            let own_us = (own_us as f64 / self.shared.speed).round() as u64;
            intended_at = planned_at.max(intended_at + journey.steps[number].expected_us + own_us);
        }
    }

    /// False when the run was stopped before.
    async fn wait_until(&mut self, at: u64) -> bool {
        self.stopped.unless_stopped(self.shared.clock.wait_until(at)).await.is_some()
    }

    /// Takes a row of a pool.
    fn pick(&mut self, pool: usize, number: usize, round: u32) {
        let rows = &self.shared.pools[pool];
        if rows.rows.is_empty() {
            return;
        }
        let draw = self.luck.stream_of_round(PICK.item(number as u64), round).unit();
        let place = match self.shared.journey.pools[pool].choice {
            PoolChoice::Uniform => draw,
            PoolChoice::Popular => draw * draw,
        };
        let row = &rows.rows[(place * rows.rows.len() as f64) as usize];
        for (column, value) in rows.columns.iter().zip(row) {
            self.values.set(*column, Arc::clone(value));
        }
    }

    fn set_key(&mut self, number: usize, round: u32, suffix: &str) {
        let Some(value) = self.shared.key else { return };
        let mut digits = itoa::Buffer::new();
        let step = &self.shared.journey.steps[number].name;
        self.key.truncate(self.key_stem);
        [step, "-", digits.format(round), suffix].into_iter().for_each(|part| self.key.push_str(part));
        self.values.set(value, self.key.as_str());
    }

    async fn step(
        &mut self,
        number: usize,
        intended_at: u64,
        ready_at: u64,
    ) -> Result<StepEnd, MissingValue> {
        let journey = Arc::clone(&self.shared.journey);
        let step = &journey.steps[number];
        let round = self.rounds[number];
        self.rounds[number] += 1;
        if let Some(pool) = step.pick {
            self.pick(pool, number, round);
        }
        self.set_key(number, round, "");
        let takes_slot = matches!(step.action, Action::Hold | Action::Book);
        if takes_slot {
            self.slot_wanted_at.get_or_insert(intended_at);
        }
        let deadline = intended_at.saturating_add(self.plan.patience_us);
        if self.shared.clock.now_us() > deadline {
            self.recorder().step_over(number, intended_at, deadline, true);
            return Ok(StepEnd::GaveUp);
        }
        let taps = step.double_tap > 0.0
            && self.luck.stream_of_round(TAP.item(number as u64), round).unit() < step.double_tap;
        let end = self.settle(step, number, (intended_at, ready_at, deadline), taps).await?;
        let end_at = self.shared.clock.now_us();
        let repeats = step.again > 0.0
            && matches!(end, StepEnd::Then(Then::Next))
            && self.luck.stream_of_round(AGAIN.item(number as u64), round).unit() < step.again;
        if takes_slot && matches!(end, StepEnd::Then(Then::Next)) && self.slot_wait_us.is_none() {
            self.slot_wait_us = self.slot_wanted_at.map(|from| end_at.saturating_sub(from));
        }
        if repeats {
            let values = self.values.clone();
            self.set_key(number, round, "-again");
            // Kept apart, as all that few patients do: nobody else holds the room it takes.
            Box::pin(self.repeat(step, number)).await?;
            self.values = values;
        }
        Ok(end)
    }

    /// Does a step once more, for no outcome but the log's, and until it is known.
    async fn repeat(&mut self, step: &Step, number: usize) -> Result<(), MissingValue> {
        let (retry_count, pause_us) = (self.shared.journey.retry_count, self.shared.journey.retry_pause_us);
        for attempt in 1.. {
            let now = self.shared.clock.now_us();
            let reply = self.send(&step.form, &step.rules, (now, now, u64::MAX)).await?;
            self.note(step, number, attempt, &reply);
            let is_open =
                reply.meaning == Meaning::Unknown && reply.outcome != Outcome::Unknown(Lost::Stopped);
            let may_retry = is_open && step.is_repeatable && attempt <= retry_count;
            if !may_retry || !self.wait_until(reply.at.done_at + (pause_us << (attempt - 1).min(10))).await {
                break;
            }
        }
        Ok(())
    }

    /// Sends until the outcome is known, the retries are used up or the run is stopped. Going home does not end it:
    /// an unknown outcome is followed up all the same.
    async fn settle(
        &mut self,
        step: &Step,
        number: usize,
        (intended_at, ready_at, deadline): (u64, u64, u64),
        taps: bool,
    ) -> Result<StepEnd, MissingValue> {
        let (retry_count, pause_us) = (self.shared.journey.retry_count, self.shared.journey.retry_pause_us);
        let mut attempt = 1;
        let mut times = (intended_at, ready_at, deadline);
        let mut is_told = false;
        loop {
            if attempt == 1 && taps {
                self.tap(step, number)?;
            }
            let reply = self.send(&step.form, &step.rules, times).await?;
            let id = self.note(step, number, attempt, &reply);
            let now = reply.at.done_at;
            let is_gone = now >= deadline && reply.meaning == Meaning::Unknown;
            // What only reads changes nothing, so nobody asks for it once the patient has gone.
            let is_repeatable = if step.action.is_write() { step.is_repeatable } else { now < deadline };
            let may_retry = attempt <= retry_count && is_repeatable;
            let follows_up = match (reply.meaning, reply.then) {
                (Meaning::Unknown, _) => may_retry || (attempt == 1 && step.asking.is_some()),
                (_, Then::Retry) => attempt <= retry_count,
                _ => false,
            };
            let stopped = reply.outcome == Outcome::Unknown(Lost::Stopped);
            if !is_told && (is_gone || !follows_up || stopped) {
                self.recorder().step_over(number, intended_at, now, is_gone);
                is_told = true;
            }
            if stopped {
                return Ok(StepEnd::Stopped);
            }
            let was_home = now >= deadline;
            if !follows_up {
                return Ok(match reply.meaning {
                    _ if is_told && was_home && reply.meaning == Meaning::Unknown => StepEnd::GaveUp,
                    Meaning::Unknown => StepEnd::Then(Then::Leave),
                    _ if times.2 == u64::MAX => StepEnd::GaveUp,
                    _ => StepEnd::Then(reply.then),
                });
            }
            let patience_over = was_home || times.2 == u64::MAX;
            if reply.meaning == Meaning::Unknown && !may_retry {
                let found = Box::pin(self.ask(step, number, id, now)).await?;
                let end_at = self.shared.clock.now_us();
                if !is_told {
                    self.recorder().step_over(number, intended_at, end_at, end_at >= deadline);
                }
                return Ok(match found {
                    Some(true) if end_at < deadline => StepEnd::Then(Then::Next),
                    Some(_) if end_at >= deadline => StepEnd::GaveUp,
                    Some(_) => StepEnd::Then(Then::Leave),
                    None => StepEnd::Stopped,
                });
            }
            // Each pause is twice the one before, so that a server that restarts is met again.
            let again_at = now + (pause_us << (attempt - 1).min(10));
            if !self.wait_until(again_at).await {
                if !is_told {
                    self.recorder().step_over(number, intended_at, now, false);
                }
                return Ok(StepEnd::Stopped);
            }
            times = (again_at, now, if patience_over { u64::MAX } else { deadline });
            attempt += 1;
        }
    }

    /// Asks what came of a request until it is found, or until the last question says that it is not there.
    /// `None` when the run was stopped before.
    async fn ask(
        &mut self,
        step: &Step,
        number: usize,
        resolves: u64,
        from: u64,
    ) -> Result<Option<bool>, MissingValue> {
        let Some(asking) = &step.asking else { return Ok(Some(false)) };
        let (retry_count, pause_us) = (self.shared.journey.retry_count, self.shared.journey.retry_pause_us);
        let mut at = from;
        for question in 0..retry_count.max(1) {
            at += pause_us << question.min(10);
            if !self.wait_until(at).await {
                return Ok(None);
            }
            let reply = self.send(&asking.form, &[], (at, at, u64::MAX)).await?;
            if reply.outcome == Outcome::Unknown(Lost::Stopped) {
                return Ok(None);
            }
            let found = reply.meaning == Meaning::Ok
                && reply.answered().is_some_and(|answer| asking.found.read(&answer).is_some());
            let captured = if found { self.capture(&asking.captures, &reply) } else { Vec::new() };
            let logged = self.shared.questions[number].as_ref();
            let mut operation =
                self.operation(step, (asking.action, question + 1), &reply, &asking.sights, logged, found);
            operation.resolves = found.then_some(resolves);
            operation.captured = self.told(&captured);
            operation.key = None;
            operation.amount = None;
            self.recorder().request(&operation, None, None);
            if found {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }

    /// The same request a second time, at once.
    fn tap(&mut self, step: &Step, number: usize) -> Result<(), MissingValue> {
        let mut twin = Patient::new(
            Arc::clone(&self.shared),
            self.stop.clone(),
            PatientPlan { steps: Vec::new(), ..self.plan.clone() },
        );
        twin.values = self.values.clone();
        step.form.fill(&self.values)?;
        let step = step.clone();
        self.taps.push(tokio::spawn(async move {
            let now = twin.shared.clock.now_us();
            if let Ok(reply) = twin.send(&step.form, &step.rules, (now, now, u64::MAX)).await {
                twin.note(&step, number, 2, &reply);
            }
        }));
        Ok(())
    }

    /// Sends one request and waits for what comes of it, no longer than the patience lasts.
    async fn send(
        &mut self,
        form: &RequestForm,
        rules: &[crate::journey::AnswerRule],
        (intended_at, ready_at, deadline): (u64, u64, u64),
    ) -> Result<Reply, MissingValue> {
        let shared = Arc::clone(&self.shared);
        let wire = form.fill(&self.values)?;
        if let Some(limiter) = &shared.limiter {
            let at = limiter.admit(shared.clock.now_us());
            shared.clock.wait_until(at).await;
        }
        let _place = match &shared.places {
            None => None,
            Some(places) => Some(match places.try_acquire() {
                Ok(place) => Ok(place),
                Err(_) => {
                    shared.bounded_count.fetch_add(1, Ordering::Relaxed);
                    places.acquire().await
                }
            }),
        };
        let sent_at = shared.clock.now_us();
        let in_flight = shared.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        shared.in_flight_most.fetch_max(in_flight, Ordering::Relaxed);
        let allowed_us = shared.journey.timeout_us.min(deadline.saturating_sub(sent_at));
        let mut answered = pin!(shared.transport.send(wire));
        let mut timed_out = pin!(shared.clock.wait_until(sent_at + allowed_us));
        let stopped = &mut self.stopped;
        let result = poll_fn(|context| {
            if let Poll::Ready(answer) = answered.as_mut().poll(context) {
                return Poll::Ready(Ok(answer));
            }
            match stopped.poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(Lost::Stopped)),
                Poll::Pending => timed_out.as_mut().poll(context).map(|()| Err(Lost::Timeout)),
            }
        })
        .await;
        shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        let done_at = shared.clock.now_us();
        let at = Instants { intended_at, sent_at, done_at };
        let lag_us = Some(sent_at.saturating_sub(intended_at.max(ready_at)));
        let lost = |outcome| Reply {
            at,
            outcome,
            meaning: Meaning::Unknown,
            then: Then::Leave,
            answer: None,
            lag_us,
        };
        Ok(match result {
            Err(lost_by) => lost(Outcome::Unknown(lost_by)),
            Ok(Err(SendFailure::NotSent(_))) => lost(Outcome::NotSent),
            Ok(Err(SendFailure::Exhausted(_))) => {
                shared.exhausted_count.fetch_add(1, Ordering::Relaxed);
                lost(Outcome::NotSent)
            }
            Ok(Err(SendFailure::Broken(_))) => lost(Outcome::Unknown(Lost::Broken)),
            Ok(Ok(incoming)) => {
                let (meaning, then) = meaning_of(rules, &Answered::from(&incoming));
                let outcome = match meaning {
                    Meaning::Ok => Outcome::Ok(incoming.status()),
                    Meaning::Refused(refusal) => Outcome::Refused(incoming.status(), refusal),
                    Meaning::Unknown => Outcome::Unknown(Lost::ServerError),
                };
                Reply { at, outcome, meaning, then, answer: Some(Box::new(incoming)), lag_us }
            }
        })
    }

    /// Takes values from an answer; gives the numbers of those that it had.
    fn capture(&mut self, captures: &[Capture], reply: &Reply) -> Vec<usize> {
        let Some(answered) = reply.answered() else { return Vec::new() };
        let mut captured = Vec::with_capacity(captures.len());
        for capture in captures {
            if let Some(text) = capture.from.read(&answered) {
                self.values.set(capture.value, text);
                captured.push(capture.value);
            }
        }
        captured
    }

    /// Values with their names, for the log.
    fn told(&self, numbers: &[usize]) -> Vec<(Text<'_>, Text<'_>)> {
        let named =
            |&number: &usize| Some((self.values.name(number).into(), self.values.get(number)?.into()));
        numbers.iter().filter_map(named).collect()
    }

    /// Takes the values of an answer and has the request recorded; gives the operation's number.
    fn note(&mut self, step: &Step, number: usize, attempt: u32, reply: &Reply) -> u64 {
        for capture in &step.captures {
            self.values.clear(capture.value);
        }
        let is_ok = reply.meaning == Meaning::Ok;
        let captured = if is_ok { self.capture(&step.captures, reply) } else { Vec::new() };
        let logged = Some(&self.shared.forms[number]);
        let mut operation = self.operation(step, (step.action, attempt), reply, &step.sights, logged, is_ok);
        operation.captured = self.told(&captured);
        if let Some(also) = step.also {
            let mut besides = operation.clone();
            besides.id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
            besides.action = also;
            besides.seen = Vec::new();
            besides.key = operation.key.as_ref().map(|key| format!("{}/{}", &**key, also.name()).into());
            (besides.invoice, besides.payment, besides.amount) = (None, None, None);
            self.recorder().request(&besides, None, None);
        }
        self.recorder().request(&operation, Some(number), reply.lag_us);
        operation.id
    }

    fn operation<'o>(
        &'o self,
        step: &'o Step,
        (action, attempt): (Action, u32),
        reply: &Reply,
        sights: &'o [Sight],
        logged: Option<&LoggedForm>,
        is_ok: bool,
    ) -> Operation<'o> {
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let subjects = &step.subjects;
        let mut operation =
            Operation::new(id, self.plan.patient, step.name.as_str(), action, reply.at, reply.outcome);
        operation.attempt = attempt;
        let fill = |pattern: &'o Option<Pattern>| pattern.as_ref()?.text(&self.values).ok().map(Text::from);
        operation.slot = fill(&subjects.slot);
        operation.hold = fill(&subjects.hold);
        operation.appointment = fill(&subjects.appointment);
        operation.invoice = fill(&subjects.invoice);
        operation.payment = fill(&subjects.payment);
        operation.order = fill(&subjects.order);
        operation.amount = fill(&subjects.amount).and_then(|amount| amount.parse().ok());
        operation.object =
            subjects.object.as_ref().and_then(|(kind, id)| Some((*kind, id.text(&self.values).ok()?.into())));
        operation.wants = subjects.wants;
        if step.has_key {
            operation.key = self.shared.key.and_then(|key| self.values.get(key)).map(Text::from);
        }
        if is_ok && action == Action::Hold {
            operation.hold_time_us = subjects.hold_time_us;
        }
        if is_ok && let Some(answered) = reply.answered() {
            operation.place_count =
                subjects.place_count.as_ref().and_then(|places| places.read(&answered)?.parse().ok());
            operation.seen = sights.iter().filter_map(|sight| self.see(sight, &answered)).collect();
        }
        if let Some(form) = logged {
            operation.template = Some(form.template);
            let read = |argument: &Argument| argument.read(&self.values).unwrap_or_default().into();
            operation.arguments = form.arguments.iter().map(read).collect();
        }
        operation
    }

    fn see<'o>(&'o self, sight: &'o Sight, answered: &Answered<'_>) -> Option<Seen<'o>> {
        let state = match &sight.state {
            StateSource::Is(state) => *state,
            StateSource::At(at) => State::from_code(&at.read(answered)?)?,
        };
        Some(Seen { kind: sight.kind, id: sight.id.text(&self.values).ok()?.into(), state })
    }
}

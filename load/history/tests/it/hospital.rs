//! Patients whose requests overlap, time out, take effect late or never, and are tried again, before a system in
//! memory. It writes the log a load engine would write.

use crate::system::{Answer, Fault, HOLD_TIME_US, PRICE, Request, Step, System};
use onetrip_history::{
    Action, FinalState, Header, Instants, LogWriter, Lost, ObjectKind, Operation, Outcome, Seen,
    SlotDeclaration, State,
};
use onetrip_sim::stream::{Purpose, RunKey, Stream};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    pub(crate) rng_seed: u64,
    pub(crate) patient_count: u64,
    pub(crate) slot_count: u64,
    pub(crate) capacity: u32,
    /// Patients arrive over this span, in microseconds.
    pub(crate) span_us: u64,
    /// Share of requests that are never answered.
    pub(crate) unanswered_share: f64,
    pub(crate) fault: Option<Fault>,
}

const SLACK_US: u64 = 1_000;
const TIMEOUT_US: u64 = 60_000;

struct Patient {
    luck: Stream,
    slot: u64,
    hold: Option<u64>,
    appointment: Option<u64>,
    payment: Option<u64>,
    tries: u32,
}

enum Event {
    Send(u64, Step),
    Apply(Request, Option<u64>),
    Answer(Request, Answer),
}

impl Day {
    /// A small, crowded, unreliable day.
    pub(crate) fn small(rng_seed: u64) -> Day {
        let mut luck =
            RunKey::new(rng_seed, 0, 0).entity(Purpose::named("day"), 0).stream(Purpose::named("shape"));
        Day {
            rng_seed,
            patient_count: 10 + u64::from(luck.below(50)),
            slot_count: 1 + u64::from(luck.below(8)),
            capacity: 1 + luck.below(3),
            span_us: 50_000 + u64::from(luck.below(1_500_000)),
            unanswered_share: 0.15 * luck.unit(),
            fault: None,
        }
    }

    /// A day of about `operation_count` operations.
    pub(crate) fn large(rng_seed: u64, operation_count: u64) -> Day {
        let patient_count = operation_count / 8;
        Day {
            rng_seed,
            patient_count,
            slot_count: patient_count / 2,
            capacity: 1,
            span_us: patient_count * 200,
            unanswered_share: 0.01,
            fault: None,
        }
    }

    pub(crate) fn with(self, fault: Fault) -> Day {
        Day { fault: Some(fault), ..self }
    }

    /// Runs the day and returns its log; `None` if the fault found no occasion.
    pub(crate) fn log(&self) -> Option<Vec<u8>> {
        let mut run = Run::new(self);
        run.play();
        let system = &run.system;
        let occasion = match self.fault {
            None | Some(Fault::LateExpiry | Fault::LateSweep | Fault::NoIdempotency) => true,
            Some(_) => system.fault_at.is_some(),
        };
        occasion.then(|| run.finish())
    }
}

struct Run {
    day: Day,
    system: System,
    patients: Vec<Patient>,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    event_count: u64,
    operation_count: u64,
    log: LogWriter<Vec<u8>>,
}

impl Run {
    fn new(day: &Day) -> Run {
        let key = RunKey::new(day.rng_seed, 0, 0);
        let mut header =
            Header::new("simulated", day.rng_seed, "test", "http://127.0.0.1:1", "2027-03-01T08:00:00Z");
        header.expiry_slack_us = SLACK_US;
        header.slot_capacity = day.capacity;
        let mut log = LogWriter::new(Vec::new(), &header).unwrap();
        log.slot(&SlotDeclaration { id: "s0".into(), capacity: day.capacity, taken_count: 0 }).unwrap();
        let mut run = Run {
            day: *day,
            system: System::new(day.slot_count, day.capacity, day.fault, day.span_us / 3),
            patients: Vec::new(),
            agenda: BinaryHeap::new(),
            events: BTreeMap::new(),
            event_count: 0,
            operation_count: 0,
            log,
        };
        for number in 0..day.patient_count {
            let mut luck = key.entity(Purpose::named("patient"), number).stream(Purpose::named("all"));
            let at = (luck.unit() * day.span_us as f64) as u64;
            let slot = u64::from(luck.below(day.slot_count as u32));
            let first = if luck.unit() < 0.3 { Step::ReadSlot } else { Step::Hold };
            run.patients.push(Patient { luck, slot, hold: None, appointment: None, payment: None, tries: 0 });
            run.plan(at, Event::Send(number, first));
        }
        run
    }

    fn plan(&mut self, at: u64, event: Event) {
        self.agenda.push(Reverse((at, self.event_count)));
        self.events.insert(self.event_count, event);
        self.event_count += 1;
    }

    fn play(&mut self) {
        while let Some(Reverse((now, number))) = self.agenda.pop() {
            match self.events.remove(&number) {
                Some(Event::Send(patient, step)) => self.send(patient, step, 1, None, now),
                Some(Event::Apply(request, answered_at)) => {
                    let answer = self.system.apply(&request, now);
                    if let Some(at) = answered_at {
                        self.plan(at, Event::Answer(request, answer));
                    }
                }
                Some(Event::Answer(request, answer)) => self.answered(request, answer, now),
                None => {}
            }
        }
    }

    fn send(&mut self, patient: u64, step: Step, attempt: u32, resolves: Option<u64>, now: u64) {
        self.operation_count += 1;
        let share = self.day.unanswered_share;
        let who = &mut self.patients[patient as usize];
        // Every other patient books without a key, and asks instead of trying again.
        let keyed = matches!(step, Step::Hold | Step::Issue | Step::Pay | Step::Confirm | Step::Refund)
            || step == Step::Book && patient.is_multiple_of(2);
        let request = Request {
            id: self.operation_count,
            patient,
            step,
            attempt,
            slot: who.slot,
            hold: who.hold,
            appointment: who.appointment,
            payment: who.payment,
            key: keyed.then(|| format!("{step:?}-{patient}-{}", who.tries)),
            resolves,
            sent_at: now,
        };
        let to_server = 50 + (-(who.luck.unit().ln()) * 4_000.0) as u64;
        let back = 50 + (-(who.luck.unit().ln()) * 2_000.0) as u64;
        let lost = who.luck.unit() < share || to_server + back > TIMEOUT_US;
        let late = (who.luck.unit() * 3.0 * TIMEOUT_US as f64) as u64;
        let happens = who.luck.unit() < 0.6;
        if lost {
            if happens {
                self.plan(now + 1 + late, Event::Apply(request.clone(), None));
            }
            let unknown = Answer { outcome: Outcome::Unknown(Lost::Timeout), ..Answer::ok() };
            self.plan(now + TIMEOUT_US, Event::Answer(request, unknown));
        } else {
            self.plan(now + to_server, Event::Apply(request, Some(now + to_server + back)));
        }
    }

    fn write(&mut self, request: &Request, answer: &Answer, now: u64) {
        use Action as A;
        let action = match request.step {
            Step::ReadSlot => A::ReadSlot,
            Step::Hold => A::Hold,
            Step::Book => A::Book,
            Step::AskBook | Step::ReadAppointment => A::ReadAppointment,
            Step::Issue => A::IssueInvoice,
            Step::Pay => A::Pay,
            Step::Confirm => A::Confirm,
            Step::CheckIn => A::CheckIn,
            Step::Fulfil | Step::Propose => A::Change,
            Step::Dispense => A::Dispense,
            Step::Cancel => A::Cancel,
            Step::Refund => A::Refund,
            Step::Release => A::Release,
        };
        let at = Instants { intended_at: request.sent_at, sent_at: request.sent_at, done_at: now };
        let mut op = Operation::new(
            request.id,
            request.patient,
            format!("{:?}", request.step),
            action,
            at,
            answer.outcome,
        );
        op.attempt = request.attempt;
        op.key = request.key.clone().map(Into::into);
        op.resolves = request.resolves.filter(|_| matches!(answer.outcome, Outcome::Ok(_)));
        let id = |letter: char, number: Option<u64>| number.map(|n| format!("{letter}{n}").into());
        let on_slot =
            matches!(action, A::ReadSlot | A::Hold | A::Book | A::Release) || request.step == Step::AskBook;
        op.slot = if on_slot { id('s', Some(request.slot)) } else { None };
        if matches!(action, A::Hold | A::Confirm | A::Release) {
            op.hold = id('h', answer.hold.or(request.hold));
        }
        if !matches!(action, A::Hold | A::Release | A::Pay | A::Refund | A::IssueInvoice | A::Dispense) {
            op.appointment = id('a', answer.appointment.or(request.appointment));
        }
        if matches!(action, A::IssueInvoice | A::Pay | A::Refund | A::Dispense) {
            op.invoice = id('i', Some(request.patient));
        }
        if matches!(action, A::Pay | A::Refund) {
            op.payment = id('p', answer.payment.or(request.payment));
        }
        match action {
            A::IssueInvoice | A::Pay => op.amount = Some(PRICE),
            A::Refund => op.amount = Some(PRICE / 2),
            A::Hold if matches!(answer.outcome, Outcome::Ok(_)) => op.hold_time_us = Some(HOLD_TIME_US),
            A::Hold => op.hold_time_us = None,
            A::Change => {
                op.wants =
                    Some(if request.step == Step::Propose { State::Proposed } else { State::Fulfilled });
            }
            _ => {}
        }
        if let Some((kind, number, state)) = answer.seen {
            let letter = if kind == ObjectKind::Slot { 's' } else { 'a' };
            op.seen.push(Seen { kind, id: format!("{letter}{number}").into(), state });
        }
        self.log.operation(&op).unwrap();
    }

    fn answered(&mut self, request: Request, answer: Answer, now: u64) {
        self.write(&request, &answer, now);
        let patient = request.patient;
        let who = &mut self.patients[patient as usize];
        let pause = 100 + (-(who.luck.unit().ln()) * 8_000.0) as u64;
        let chance = who.luck.unit();
        let next = match answer.outcome {
            Outcome::Unknown(_) if request.step == Step::Book && request.key.is_none() => {
                // Nothing takes effect later than three time-outs, so the answer is final.
                let resolved = request.id;
                self.plan_ask(patient, resolved, now + 4 * TIMEOUT_US);
                return;
            }
            Outcome::Unknown(_) => {
                if request.attempt < 4 {
                    let resolves = request.resolves;
                    self.send(patient, request.step, request.attempt + 1, resolves, now);
                    return;
                }
                None
            }
            Outcome::Ok(_) => {
                who.hold = answer.hold.or(who.hold);
                who.appointment = answer.appointment.or(who.appointment);
                who.payment = answer.payment.or(who.payment);
                match request.step {
                    Step::ReadSlot => Some(if chance < 0.3 { Step::Book } else { Step::Hold }),
                    Step::Hold if chance < 0.1 => Some(Step::Release),
                    // Some patients think for so long that their hold lapses.
                    Step::Hold if chance < 0.2 => {
                        let at = now + HOLD_TIME_US + (chance * 1_000_000.0) as u64;
                        return self.plan(at, Event::Send(patient, Step::Confirm));
                    }
                    Step::Hold | Step::Book => Some(Step::Issue),
                    Step::AskBook => Some(Step::Issue),
                    Step::Issue => Some(Step::Pay),
                    Step::Pay if who.appointment.is_some() => Some(Step::ReadAppointment),
                    Step::Pay => Some(Step::Confirm),
                    Step::Confirm if who.payment.is_none() => Some(Step::Cancel),
                    Step::Confirm => Some(Step::ReadAppointment),
                    Step::ReadAppointment if chance < 0.3 => Some(Step::Cancel),
                    Step::ReadAppointment => Some(Step::CheckIn),
                    Step::CheckIn => Some(Step::Fulfil),
                    Step::Fulfil if who.payment.is_some() => Some(Step::Dispense),
                    Step::Cancel if who.payment.is_some() => Some(Step::Refund),
                    Step::Dispense if self.day.fault == Some(Fault::IllegalMove) => Some(Step::Propose),
                    _ => None,
                }
            }
            Outcome::Refused(..) | Outcome::NotSent => {
                who.tries += 1;
                let again = matches!(request.step, Step::Hold | Step::Book) && who.tries < 4;
                if again {
                    who.slot = u64::from(who.luck.below(self.day.slot_count as u32));
                }
                again.then_some(if chance < 0.5 { Step::ReadSlot } else { Step::Hold })
            }
        };
        if let Some(step) = next {
            self.plan(now + pause, Event::Send(patient, step));
        }
    }

    /// Asks what became of a booking, at once in the order of events.
    fn plan_ask(&mut self, patient: u64, resolves: u64, at: u64) {
        self.operation_count += 1;
        let who = &self.patients[patient as usize];
        let request = Request {
            id: self.operation_count,
            patient,
            step: Step::AskBook,
            attempt: 1,
            slot: who.slot,
            hold: None,
            appointment: None,
            payment: None,
            key: None,
            resolves: Some(resolves),
            sent_at: at,
        };
        self.plan(at + 1_000, Event::Apply(request, Some(at + 2_000)));
    }

    fn finish(mut self) -> Vec<u8> {
        let end = u64::MAX / 2;
        let system = &self.system;
        for slot in 0..self.day.slot_count {
            let state =
                if system.live_count(slot, end) >= system.capacity { State::Busy } else { State::Free };
            self.log.final_state(&FinalState::new(ObjectKind::Slot, format!("s{slot}"), state)).unwrap();
        }
        for (id, appointment) in &system.appointments {
            let mut state = FinalState::new(ObjectKind::Appointment, format!("a{id}"), appointment.state);
            state.slot = Some(format!("s{}", appointment.slot).into());
            state.patient = Some(appointment.patient);
            self.log.final_state(&state).unwrap();
        }
        for (id, &state) in &system.invoices {
            let mut state = FinalState::new(ObjectKind::Invoice, format!("i{id}"), state);
            state.amount = Some(PRICE);
            self.log.final_state(&state).unwrap();
        }
        for (payment, id) in system.payments.iter().zip(1..) {
            let mut state = FinalState::new(ObjectKind::Payment, format!("p{id}"), State::Settled);
            state.invoice = Some(format!("i{}", payment.invoice).into());
            state.key = Some(payment.key.clone().into());
            state.amount = Some(PRICE);
            state.refunded_amount = Some(payment.refunded);
            self.log.final_state(&state).unwrap();
        }
        let listed = [ObjectKind::Slot, ObjectKind::Appointment, ObjectKind::Invoice, ObjectKind::Payment];
        self.log.end(&listed).unwrap()
    }
}

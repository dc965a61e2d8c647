//! A booking and payment system in memory, correct unless told otherwise.

use onetrip_history::{ObjectKind, Outcome, Refusal, State};
use std::collections::BTreeMap;

/// A mistake the system makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Grants a hold on a full slot, once.
    DoubleSale,
    /// Books one payment twice, once.
    DoubleSettlement,
    /// Answers a confirmation and forgets it, once.
    LostConfirmation,
    /// Lets one fulfilled appointment become proposed again.
    IllegalMove,
    /// Refuses a hold although a place is free, once.
    NeedlessRefusal,
    /// Tells a full slot as free, once.
    StaleRead,
    /// Honours lapsed holds for ten times their time.
    LateExpiry,
    /// Refuses to confirm lapsed holds, but keeps their places for ten times their time.
    LateSweep,
    /// Does not look at idempotency keys.
    NoIdempotency,
    /// Gives a refund twice, once.
    DoubleRefund,
    /// Gives the place of a cancelled appointment away but keeps it booked, once.
    LostCancellation,
}

pub(crate) const HOLD_TIME_US: u64 = 400_000;
pub(crate) const PRICE: i64 = 2_500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    ReadSlot,
    Hold,
    Book,
    AskBook,
    Issue,
    Pay,
    Confirm,
    ReadAppointment,
    CheckIn,
    Fulfil,
    Dispense,
    Cancel,
    Refund,
    Release,
    Propose,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) hold: Option<u64>,
    pub(crate) appointment: Option<u64>,
    pub(crate) payment: Option<u64>,
    pub(crate) seen: Option<(ObjectKind, u64, State)>,
}

impl Answer {
    pub(crate) fn ok() -> Answer {
        Answer { outcome: Outcome::Ok(200), hold: None, appointment: None, payment: None, seen: None }
    }

    pub(crate) fn refused(reason: Refusal) -> Answer {
        Answer { outcome: Outcome::Refused(409, reason), ..Answer::ok() }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: u64,
    pub(crate) patient: u64,
    pub(crate) step: Step,
    pub(crate) attempt: u32,
    pub(crate) slot: u64,
    pub(crate) hold: Option<u64>,
    pub(crate) appointment: Option<u64>,
    pub(crate) payment: Option<u64>,
    pub(crate) key: Option<String>,
    pub(crate) resolves: Option<u64>,
    pub(crate) sent_at: u64,
}

pub(crate) struct Hold {
    pub(crate) slot: u64,
    pub(crate) expires_at: u64,
    pub(crate) open: bool,
}

pub(crate) struct Appointment {
    pub(crate) slot: u64,
    pub(crate) patient: u64,
    pub(crate) state: State,
}

pub(crate) struct Payment {
    pub(crate) invoice: u64,
    pub(crate) key: String,
    pub(crate) refunded: i64,
}

/// The system.
pub(crate) struct System {
    pub(crate) capacity: u32,
    pub(crate) fault: Option<Fault>,
    pub(crate) fault_from: u64,
    pub(crate) fault_at: Option<u64>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) holds_of: Vec<Vec<u64>>,
    pub(crate) appointments: BTreeMap<u64, Appointment>,
    pub(crate) next_appointment: u64,
    pub(crate) booked_count: Vec<u32>,
    pub(crate) invoices: BTreeMap<u64, State>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) answers: BTreeMap<String, Answer>,
}

impl System {
    /// An empty system that makes its mistake at the first occasion after `fault_from`.
    pub(crate) fn new(slot_count: u64, capacity: u32, fault: Option<Fault>, fault_from: u64) -> System {
        System {
            capacity,
            fault,
            fault_from,
            fault_at: None,
            holds: Vec::new(),
            holds_of: (0..slot_count).map(|_| Vec::new()).collect(),
            appointments: BTreeMap::new(),
            next_appointment: 0,
            booked_count: vec![0; slot_count as usize],
            invoices: BTreeMap::new(),
            payments: Vec::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Whether the mistake is made now; most are made once.
    pub(crate) fn errs(&mut self, fault: Fault, now: u64) -> bool {
        let now_first = self.fault == Some(fault) && self.fault_at.is_none() && now >= self.fault_from;
        if now_first {
            self.fault_at = Some(now);
        }
        now_first
    }

    pub(crate) fn live_count(&self, slot: u64, now: u64) -> u32 {
        let held = self.holds_of[slot as usize]
            .iter()
            .map(|&id| &self.holds[id as usize - 1])
            .filter(|hold| hold.open && hold.expires_at > now)
            .count();
        held as u32 + self.booked_count[slot as usize]
    }

    pub(crate) fn apply(&mut self, request: &Request, now: u64) -> Answer {
        if let Some(answer) = request.key.as_ref().and_then(|key| self.answers.get(key)) {
            return answer.clone();
        }
        let answer = self.act(request, now);
        if let (Some(key), Outcome::Ok(_)) = (&request.key, answer.outcome)
            && self.fault != Some(Fault::NoIdempotency)
        {
            self.answers.insert(key.clone(), answer.clone());
        }
        answer
    }

    pub(crate) fn book(&mut self, slot: u64, patient: u64) -> u64 {
        self.next_appointment += 1;
        self.appointments.insert(self.next_appointment, Appointment { slot, patient, state: State::Booked });
        self.booked_count[slot as usize] += 1;
        self.next_appointment
    }

    pub(crate) fn act(&mut self, request: &Request, now: u64) -> Answer {
        let slot = request.slot;
        let is_full = self.live_count(slot, now) >= self.capacity;
        match request.step {
            Step::ReadSlot => {
                let told_free = !is_full || self.errs(Fault::StaleRead, now);
                let state = if told_free { State::Free } else { State::Busy };
                Answer { seen: Some((ObjectKind::Slot, slot, state)), ..Answer::ok() }
            }
            Step::Hold => {
                if is_full && !self.errs(Fault::DoubleSale, now)
                    || !is_full && self.errs(Fault::NeedlessRefusal, now)
                {
                    return Answer::refused(Refusal::Taken);
                }
                let is_late = matches!(self.fault, Some(Fault::LateExpiry | Fault::LateSweep));
                let time = if is_late { 10 } else { 1 } * HOLD_TIME_US;
                self.holds.push(Hold { slot, expires_at: now + time, open: true });
                let id = self.holds.len() as u64;
                self.holds_of[slot as usize].push(id);
                Answer { hold: Some(id), ..Answer::ok() }
            }
            Step::Book if is_full => Answer::refused(Refusal::Taken),
            Step::Book => {
                let id = self.book(slot, request.patient);
                Answer {
                    appointment: Some(id),
                    seen: Some((ObjectKind::Appointment, id, State::Booked)),
                    ..Answer::ok()
                }
            }
            Step::AskBook => {
                let found = self.appointments.iter().find(|(_, a)| {
                    a.slot == slot && a.patient == request.patient && a.state == State::Booked
                });
                match found {
                    Some((&id, a)) => Answer {
                        appointment: Some(id),
                        seen: Some((ObjectKind::Appointment, id, a.state)),
                        ..Answer::ok()
                    },
                    None => Answer::refused(Refusal::NotFound),
                }
            }
            Step::Confirm => {
                let Some(hold) = request.hold.map(|id| &mut self.holds[id as usize - 1]) else {
                    return Answer::refused(Refusal::Invalid);
                };
                let is_swept_late = self.fault == Some(Fault::LateSweep);
                let early = if is_swept_late { 9 * HOLD_TIME_US } else { 0 };
                if !hold.open || hold.expires_at - early <= now {
                    return Answer::refused(Refusal::Expired);
                }
                hold.open = false;
                let slot = hold.slot;
                let id = self.book(slot, request.patient);
                if self.errs(Fault::LostConfirmation, now) {
                    self.appointments.remove(&id);
                    self.booked_count[slot as usize] -= 1;
                }
                Answer { appointment: Some(id), ..Answer::ok() }
            }
            Step::Release => {
                if let Some(id) = request.hold {
                    self.holds[id as usize - 1].open = false;
                }
                Answer::ok()
            }
            Step::Issue => {
                self.invoices.insert(request.patient, State::Issued);
                Answer::ok()
            }
            Step::Pay => {
                let key = request.key.clone().unwrap_or_default();
                self.payments.push(Payment { invoice: request.patient, key: key.clone(), refunded: 0 });
                if self.errs(Fault::DoubleSettlement, now) {
                    self.payments.push(Payment { invoice: request.patient, key, refunded: 0 });
                }
                self.invoices.insert(request.patient, State::Balanced);
                Answer { payment: Some(self.payments.len() as u64), ..Answer::ok() }
            }
            Step::Refund => {
                let Some(id) = request.payment else { return Answer::refused(Refusal::Invalid) };
                let twice = self.errs(Fault::DoubleRefund, now);
                self.payments[id as usize - 1].refunded += if twice { 2 } else { 1 } * PRICE / 2;
                Answer { payment: Some(id), ..Answer::ok() }
            }
            Step::Dispense => Answer::ok(),
            Step::ReadAppointment | Step::CheckIn | Step::Fulfil | Step::Cancel | Step::Propose => {
                self.move_appointment(request, now)
            }
        }
    }

    pub(crate) fn move_appointment(&mut self, request: &Request, now: u64) -> Answer {
        let id = request.appointment.unwrap_or(0);
        let forgets = request.step == Step::Cancel && self.errs(Fault::LostCancellation, now);
        let accepts = request.step == Step::Propose && self.errs(Fault::IllegalMove, now);
        let Some(appointment) = self.appointments.get_mut(&id) else {
            return Answer::refused(Refusal::NotFound);
        };
        let from = appointment.state;
        let to = match (request.step, from) {
            (Step::ReadAppointment, from) => from,
            (Step::CheckIn, State::Booked | State::CheckedIn) => State::CheckedIn,
            (Step::Fulfil, State::CheckedIn | State::Fulfilled) => State::Fulfilled,
            (Step::Cancel, State::Booked | State::Cancelled) => State::Cancelled,
            (Step::Propose, _) if accepts => State::Proposed,
            _ => return Answer::refused(Refusal::Invalid),
        };
        if to == State::Cancelled && from == State::Booked {
            // A system that forgets a cancellation may be told of it again.
            let count = &mut self.booked_count[appointment.slot as usize];
            *count = count.saturating_sub(1);
        }
        if !forgets {
            appointment.state = to;
        }
        Answer { appointment: Some(id), seen: Some((ObjectKind::Appointment, id, to)), ..Answer::ok() }
    }
}

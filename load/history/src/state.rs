//! The states of the things a hospital's system keeps, and the moves between them that are legal.
//!
//! The codes are those of HL7 FHIR R4 (slot status, appointment status, encounter status, charge item status, invoice
//! status, request status, medication dispense status); holds and payments, which R4 leaves to others, have their own.

use serde::{Deserialize, Serialize};

/// What kind of thing an id names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// A place in time that can be booked, of a stated capacity.
    Slot,
    /// A temporary claim on a slot, which lapses by itself.
    Hold,
    /// A patient's claim on a slot.
    Appointment,
    /// One patient's stay at one station.
    Encounter,
    /// One line of a bill.
    Charge,
    /// A bill.
    Invoice,
    /// Money moved for a bill.
    Payment,
    /// A request for an examination or for medicines.
    Order,
    /// Medicines handed over.
    Dispense,
}

/// How many kinds of object there are.
pub(crate) const KIND_COUNT: usize = 9;

/// All kinds, in the order of their indices.
pub(crate) const KINDS: [ObjectKind; KIND_COUNT] = [
    ObjectKind::Slot,
    ObjectKind::Hold,
    ObjectKind::Appointment,
    ObjectKind::Encounter,
    ObjectKind::Charge,
    ObjectKind::Invoice,
    ObjectKind::Payment,
    ObjectKind::Order,
    ObjectKind::Dispense,
];

impl ObjectKind {
    /// The word of the log format, such as `appointment`.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Slot => "slot",
            ObjectKind::Hold => "hold",
            ObjectKind::Appointment => "appointment",
            ObjectKind::Encounter => "encounter",
            ObjectKind::Charge => "charge",
            ObjectKind::Invoice => "invoice",
            ObjectKind::Payment => "payment",
            ObjectKind::Order => "order",
            ObjectKind::Dispense => "dispense",
        }
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// The state of an object as its system told it, in the codes of the log format. Adapters translate.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum State {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl State {
            /// Every state, in declaration order.
            pub const ALL: &[State] = &[$(State::$variant),*];

            /// The code of the log format, such as `busy-tentative`.
            pub fn code(self) -> &'static str {
                match self { $(State::$variant => $code),* }
            }

            /// The state with this code, if there is one.
            pub fn from_code(code: &str) -> Option<State> {
                match code { $($code => Some(State::$variant),)* _ => None }
            }
        }
    };
}

states! {
    /// Slot: can be booked.
    Free = "free",
    /// Slot: held by somebody for a while.
    BusyTentative = "busy-tentative",
    /// Slot: all its places are taken.
    Busy = "busy",
    /// Slot: closed.
    BusyUnavailable = "busy-unavailable",
    /// Appointment: asked for.
    Proposed = "proposed",
    /// Appointment: held, not yet confirmed. Payment: under way.
    Pending = "pending",
    /// Appointment: waits for a place.
    Waitlist = "waitlist",
    /// Appointment: firm.
    Booked = "booked",
    /// Appointment: the patient has reported at the desk or a machine.
    CheckedIn = "checked-in",
    /// Appointment, encounter: the patient is there.
    Arrived = "arrived",
    /// Appointment: took place.
    Fulfilled = "fulfilled",
    /// Appointment: the patient never came.
    NoShow = "noshow",
    /// Appointment, encounter, invoice: called off.
    Cancelled = "cancelled",
    /// Encounter: announced.
    Planned = "planned",
    /// Encounter, dispense: under way.
    InProgress = "in-progress",
    /// Encounter: over.
    Finished = "finished",
    /// Charge: may go on a bill.
    Billable = "billable",
    /// Charge: is on a bill.
    Billed = "billed",
    /// Charge: will never be billed.
    NotBillable = "not-billable",
    /// Charge: given up.
    Aborted = "aborted",
    /// Invoice, order: being written.
    Draft = "draft",
    /// Invoice: sent to the payer.
    Issued = "issued",
    /// Invoice: completely paid.
    Balanced = "balanced",
    /// Order, hold: in force.
    Active = "active",
    /// Order: paused.
    OnHold = "on-hold",
    /// Order, dispense: done.
    Completed = "completed",
    /// Order: taken back.
    Revoked = "revoked",
    /// Order, dispense: broken off.
    Stopped = "stopped",
    /// Dispense: being put together.
    Preparation = "preparation",
    /// Payment: the money has moved.
    Settled = "settled",
    /// Payment: no money moved.
    Failed = "failed",
    /// Payment: all the money went back.
    Refunded = "refunded",
    /// Hold: lapsed by time.
    Expired = "expired",
    /// Hold: given back.
    Released = "released",
    /// Hold: became a booking.
    Confirmed = "confirmed",
    /// Any: was recorded by mistake.
    EnteredInError = "entered-in-error",
    /// Any: the system answered that there is no such thing.
    Absent = "absent",
}

/// A set of states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StateSet(u64);

impl StateSet {
    pub(crate) const EVERY: StateSet = StateSet(u64::MAX);

    pub(crate) fn of(states: &[State]) -> StateSet {
        StateSet(states.iter().fold(0, |set, &state| set | 1 << state as u64))
    }

    pub(crate) fn has(self, state: State) -> bool {
        self.0 >> (state as u64) & 1 == 1
    }

    pub(crate) fn or(self, other: StateSet) -> StateSet {
        StateSet(self.0 | other.0)
    }

    pub(crate) fn and(self, other: StateSet) -> StateSet {
        StateSet(self.0 & other.0)
    }
}

/// The legal single moves of each kind, apart from `any → entered-in-error`.
fn moves_of(kind: ObjectKind) -> &'static [(State, State)] {
    use State::*;
    match kind {
        ObjectKind::Slot => &[
            (Free, BusyTentative),
            (Free, Busy),
            (BusyTentative, Busy),
            (BusyTentative, Free),
            (Busy, Free),
            (Free, BusyUnavailable),
            (BusyUnavailable, Free),
        ],
        ObjectKind::Hold => &[
            (Active, Confirmed),
            (Active, Expired),
            (Active, Released),
            (Active, Cancelled),
            (Expired, Absent),
        ],
        ObjectKind::Appointment => &[
            (Proposed, Pending),
            (Proposed, Booked),
            (Pending, Booked),
            (Waitlist, Booked),
            (Booked, CheckedIn),
            (Booked, Arrived),
            (CheckedIn, Arrived),
            (Arrived, Fulfilled),
            (CheckedIn, Fulfilled),
            (Booked, NoShow),
            (Proposed, Cancelled),
            (Pending, Cancelled),
            (Booked, Cancelled),
            (Waitlist, Cancelled),
        ],
        ObjectKind::Encounter => &[
            (Planned, Arrived),
            (Planned, InProgress),
            (Arrived, InProgress),
            (InProgress, Finished),
            (Planned, Cancelled),
            (Arrived, Cancelled),
        ],
        ObjectKind::Charge => &[
            (Planned, Billable),
            (Billable, Billed),
            (Planned, NotBillable),
            (Billable, NotBillable),
            (Planned, Aborted),
            (Billable, Aborted),
        ],
        ObjectKind::Invoice => {
            &[(Draft, Issued), (Issued, Balanced), (Issued, Cancelled), (Draft, Cancelled)]
        }
        ObjectKind::Payment => {
            &[(Pending, Settled), (Pending, Failed), (Pending, Cancelled), (Settled, Refunded)]
        }
        ObjectKind::Order => &[
            (Draft, Active),
            (Active, Completed),
            (Active, OnHold),
            (OnHold, Active),
            (Draft, Revoked),
            (Active, Revoked),
            (OnHold, Revoked),
            (Active, Stopped),
            (OnHold, Stopped),
        ],
        ObjectKind::Dispense => &[
            (Preparation, InProgress),
            (Preparation, Completed),
            (InProgress, Completed),
            (Preparation, Stopped),
            (InProgress, Stopped),
            (Preparation, Cancelled),
        ],
    }
}

/// The moves a system makes by itself, without a request: a hold lapses, a bill is balanced by its payment.
fn is_automatic(kind: ObjectKind, from: State, to: State) -> bool {
    use State::*;
    matches!(
        (kind, from, to),
        (ObjectKind::Appointment, Pending, Cancelled)
            | (ObjectKind::Hold, Active, Expired)
            | (ObjectKind::Invoice, Issued, Balanced)
            | (ObjectKind::Payment, Pending, Settled | Failed)
            | (ObjectKind::Charge, Billable, Billed)
    )
}

/// The moves of one kind: which are single steps, and what can be reached by several.
pub(crate) struct Moves {
    reach: Vec<StateSet>,
    one_step: Vec<StateSet>,
    by_itself: Vec<StateSet>,
}

impl Moves {
    pub(crate) fn new(kind: ObjectKind) -> Moves {
        let every = State::ALL;
        let mut one_step = vec![StateSet(0); every.len()];
        let mut by_itself = vec![StateSet(0); every.len()];
        for &from in every {
            one_step[from as usize] = StateSet::of(&[from, State::EnteredInError]);
            by_itself[from as usize] = StateSet::of(&[from]);
        }
        for &(from, to) in moves_of(kind) {
            one_step[from as usize].0 |= 1 << to as u64;
            if is_automatic(kind, from, to) {
                by_itself[from as usize].0 |= 1 << to as u64;
            }
        }
        let mut reach = one_step.clone();
        for &via in every {
            for &from in every {
                if reach[from as usize].has(via) {
                    reach[from as usize].0 |= reach[via as usize].0;
                }
            }
        }
        Moves { reach, one_step, by_itself }
    }

    /// What may be seen after `from`, by any number of legal moves (including none).
    pub(crate) fn reachable(&self, from: State) -> StateSet {
        self.reach[from as usize]
    }

    /// What the system may make of `from` without being asked (including leaving it).
    pub(crate) fn by_itself(&self, from: State) -> StateSet {
        self.by_itself[from as usize]
    }

    /// Whether one request may take the object from `from` to `to`, after moves the system made by itself.
    pub(crate) fn one_request(&self, from: State, to: State) -> bool {
        State::ALL
            .iter()
            .any(|&via| self.by_itself[from as usize].has(via) && self.one_step[via as usize].has(to))
    }
}

/// Whether an appointment in this state takes a place of its slot for sure; `pending` takes one only as long as its
/// hold lasts and does not count.
pub(crate) fn takes_place(state: State) -> bool {
    matches!(state, State::Booked | State::CheckedIn | State::Arrived | State::Fulfilled | State::NoShow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fulfilled_appointment_never_becomes_proposed_again() {
        let moves = Moves::new(ObjectKind::Appointment);
        assert!(!moves.reachable(State::Fulfilled).has(State::Proposed));
        assert!(moves.reachable(State::Proposed).has(State::Fulfilled));
        assert!(!moves.one_request(State::Proposed, State::Fulfilled));
        assert!(moves.one_request(State::Booked, State::Arrived));
        assert!(moves.one_request(State::Fulfilled, State::EnteredInError));
        assert!(!moves.one_request(State::EnteredInError, State::Booked));
    }

    #[test]
    fn a_slot_goes_round_for_ever() {
        let moves = Moves::new(ObjectKind::Slot);
        for from in [State::Free, State::BusyTentative, State::Busy] {
            for to in [State::Free, State::BusyTentative, State::Busy] {
                assert!(moves.reachable(from).has(to));
            }
        }
    }

    #[test]
    fn every_code_reads_back_and_fits_a_set() {
        assert!(State::ALL.len() <= 64);
        for &state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
        assert_eq!(KINDS.map(|kind| kind as usize), std::array::from_fn(|index| index));
    }
}

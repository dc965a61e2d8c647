//! A slot: so many places at one time, some booked, some held until an instant, never more than its capacity.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Entity, Kind, Link, Moment, SlotStatus, Status};
use crate::refusal::Refusal;

/// A place kept for one booking until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The pending booking it is kept for.
    pub booking_id: String,
    /// From this instant the place is free again.
    pub expires_at: Moment,
}

/// A FHIR client's `PUT Slot` to busy before its Appointment exists: it warns others off but names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The state the client wrote.
    pub status: SlotStatus,
    /// Without an appointment by then, the claim lapses.
    pub lapses_at: Moment,
}

/// What a claim means to the booking at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    /// The claim is somebody else's: refuse.
    Respected,
    /// The client writes Slot and Appointment itself, so the claim may be its own: use it up.
    Consumed,
}

/// One time of a schedule with `capacity` places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The schedule it belongs to.
    pub schedule_id: String,
    /// Start.
    pub start_at: Moment,
    /// End.
    pub end_at: Moment,
    /// How many patients may be booked into it.
    pub capacity: u32,
    /// Registration fee in hundredths; 0 needs no payment.
    pub price_cents: i64,
    /// Follows from the rest, except `busy-unavailable` and `entered-in-error`, which close the slot.
    pub status: SlotStatus,
    /// Places sold.
    pub booked_count: u32,
    /// Places held.
    pub holds: Vec<Hold>,
    /// See [`Claim`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<Claim>,
    /// Business identifiers, `system|value`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub identifiers: Vec<String>,
}

impl Slot {
    /// Gives back what has run out by `now`; answers the bookings that lost their hold and whether anything
    /// changed.
    pub fn expire(&mut self, now: Moment) -> (Vec<String>, bool) {
        let (expired, live): (Vec<Hold>, Vec<Hold>) =
            std::mem::take(&mut self.holds).into_iter().partition(|hold| hold.expires_at <= now);
        self.holds = live;
        let lapsed = self.claim.as_ref().is_some_and(|claim| claim.lapses_at <= now);
        if lapsed {
            self.claim = None;
        }
        let changed = lapsed || !expired.is_empty();
        if changed {
            self.settle_status();
        }
        (expired.into_iter().map(|hold| hold.booking_id).collect(), changed)
    }

    /// Keeps a place for `booking_id`. `capacity_checked: false` is the desk with a fault switched on.
    ///
    /// # Errors
    /// 409 when closed, claimed or without a free place.
    pub fn hold(
        &mut self,
        slot_id: &str,
        hold: Hold,
        claims: Claims,
        capacity_checked: bool,
    ) -> Result<(), Refusal> {
        self.take_place(slot_id, claims, capacity_checked)?;
        self.holds.push(hold);
        self.settle_status();
        Ok(())
    }

    /// Sells a place to `booking_id`: its own hold if it has one, else a free place.
    ///
    /// # Errors
    /// 409 when closed, claimed or without a free place.
    pub fn book(
        &mut self,
        slot_id: &str,
        booking_id: &str,
        claims: Claims,
        capacity_checked: bool,
    ) -> Result<(), Refusal> {
        if !self.release(booking_id) {
            self.take_place(slot_id, claims, capacity_checked)?;
        }
        self.booked_count += 1;
        self.settle_status();
        Ok(())
    }

    /// Drops the hold of `booking_id`; false when it had none.
    pub fn release(&mut self, booking_id: &str) -> bool {
        let before = self.holds.len();
        self.holds.retain(|hold| hold.booking_id != booking_id);
        self.settle_status();
        self.holds.len() < before
    }

    /// Takes back a sold place.
    pub fn unbook(&mut self) {
        self.booked_count = self.booked_count.saturating_sub(1);
        self.settle_status();
    }

    /// A FHIR client writes the state itself.
    ///
    /// # Errors
    /// 409 for an illegal move, or for one that contradicts the bookings.
    pub fn write_status(
        &mut self,
        slot_id: &str,
        to: SlotStatus,
        now: Moment,
        claim_time: Duration,
    ) -> Result<(), Refusal> {
        let from = self.status;
        if from == to {
            return Ok(());
        }
        if !from.may_become(to) {
            return Err(Refusal::illegal_move("Slot", slot_id, from.code(), to.code(), &from.next_codes()));
        }
        let taken = self.booked_count as usize + self.holds.len();
        let contradicts = match to {
            SlotStatus::Busy | SlotStatus::BusyTentative => taken >= self.capacity as usize,
            SlotStatus::Free | SlotStatus::BusyUnavailable | SlotStatus::EnteredInError => taken > 0,
        };
        if contradicts {
            let message = format!("Slot `{slot_id}` is `{}` because of its appointments", from.code());
            return Err(Refusal::conflict(
                "slot-has-appointments",
                message,
                "change the Appointment (book, cancel): the slot follows",
            ));
        }
        match to {
            SlotStatus::Busy | SlotStatus::BusyTentative => {
                self.claim = Some(Claim { status: to, lapses_at: now.after(claim_time) });
            }
            SlotStatus::Free => self.claim = None,
            SlotStatus::BusyUnavailable | SlotStatus::EnteredInError => {
                self.claim = None;
                self.status = to;
            }
        }
        self.settle_status();
        Ok(())
    }

    fn take_place(&mut self, slot_id: &str, claims: Claims, capacity_checked: bool) -> Result<(), Refusal> {
        let taken = self.booked_count as usize + self.holds.len();
        if self.is_closed() {
            let message = format!("slot `{slot_id}` is closed (`{}`)", self.status.code());
            return Err(Refusal::conflict("slot-closed", message, "a slot whose status is `free`"));
        }
        if capacity_checked && taken >= self.capacity as usize {
            let message = format!("slot `{slot_id}` has no place left: {taken} of {} taken", self.capacity);
            return Err(Refusal::conflict("sold-out", message, "a slot whose status is `free`"));
        }
        if claims == Claims::Respected && self.claim.is_some() && capacity_checked {
            let message = format!("slot `{slot_id}` was claimed by a client that set it to busy");
            return Err(Refusal::conflict("slot-claimed", message, "a slot whose status is `free`"));
        }
        self.claim = None;
        Ok(())
    }

    fn is_closed(&self) -> bool {
        matches!(self.status, SlotStatus::BusyUnavailable | SlotStatus::EnteredInError)
    }

    fn settle_status(&mut self) {
        if self.is_closed() {
            return;
        }
        self.status = if self.booked_count >= self.capacity {
            SlotStatus::Busy
        } else if self.booked_count as usize + self.holds.len() >= self.capacity as usize {
            SlotStatus::BusyTentative
        } else {
            self.claim.as_ref().map_or(SlotStatus::Free, |claim| claim.status)
        };
    }
}

impl Entity for Slot {
    const KIND: Kind = Kind::Slot;

    fn status_code(&self) -> &'static str {
        self.status.code()
    }

    fn links(&self) -> Vec<Link> {
        let mut links =
            vec![Link::indexed("schedule", &self.schedule_id), Link::indexed("status", self.status.code())];
        Link::push_identifiers(&mut links, &self.identifiers);
        links
    }

    fn due_at(&self) -> Option<Moment> {
        self.claim.as_ref().map(|claim| claim.lapses_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment(1_000_000);
    const HOLD_TIME: Duration = Duration::from_secs(60);

    fn slot(capacity: u32) -> Slot {
        Slot {
            schedule_id: "c-1".into(),
            start_at: NOON,
            end_at: NOON.after(HOLD_TIME),
            capacity,
            price_cents: 0,
            status: SlotStatus::Free,
            booked_count: 0,
            holds: Vec::new(),
            claim: None,
            identifiers: Vec::new(),
        }
    }

    fn hold(booking_id: &str) -> Hold {
        Hold { booking_id: booking_id.into(), expires_at: NOON.after(HOLD_TIME) }
    }

    #[test]
    fn places_are_sold_up_to_capacity_and_no_further() {
        let mut slot = slot(2);
        slot.book("s-1", "b-1", Claims::Respected, true).unwrap();
        assert_eq!(slot.status, SlotStatus::Free);
        slot.hold("s-1", hold("b-2"), Claims::Respected, true).unwrap();
        assert_eq!(slot.status, SlotStatus::BusyTentative);
        assert_eq!(slot.book("s-1", "b-3", Claims::Respected, true).unwrap_err().code, "sold-out");
        slot.book("s-1", "b-2", Claims::Respected, true).unwrap();
        assert_eq!((slot.status, slot.booked_count, slot.holds.len()), (SlotStatus::Busy, 2, 0));
        slot.unbook();
        assert_eq!(slot.status, SlotStatus::Free);
    }

    #[test]
    fn a_hold_is_gone_at_its_expiry_and_not_a_millisecond_before() {
        let mut slot = slot(1);
        slot.hold("s-1", hold("b-1"), Claims::Respected, true).unwrap();
        let end = NOON.after(HOLD_TIME);
        assert_eq!(slot.expire(Moment(end.0 - 1)), (vec![], false));
        assert_eq!(slot.expire(end), (vec!["b-1".to_owned()], true));
        assert_eq!(slot.status, SlotStatus::Free);
    }

    #[test]
    fn a_claim_warns_others_off_lapses_and_is_used_up_by_its_appointment() {
        let mut slot = slot(1);
        slot.write_status("s-1", SlotStatus::Busy, NOON, HOLD_TIME).unwrap();
        assert_eq!(slot.status, SlotStatus::Busy);
        assert_eq!(slot.hold("s-1", hold("b-1"), Claims::Respected, true).unwrap_err().code, "slot-claimed");
        let mut forgotten = slot.clone();
        assert_eq!(forgotten.expire(NOON.after(HOLD_TIME)), (vec![], true));
        assert_eq!(forgotten.status, SlotStatus::Free);
        slot.book("s-1", "b-2", Claims::Consumed, true).unwrap();
        assert_eq!((slot.claim.is_none(), slot.status), (true, SlotStatus::Busy));
    }

    #[test]
    fn a_slot_with_appointments_cannot_be_written_free_or_closed() {
        let mut slot = slot(1);
        slot.book("s-1", "b-1", Claims::Respected, true).unwrap();
        for to in [SlotStatus::Free, SlotStatus::EnteredInError] {
            let refusal = slot.write_status("s-1", to, NOON, HOLD_TIME).unwrap_err();
            assert_eq!(refusal.code, "slot-has-appointments");
        }
        let refusal = slot.write_status("s-1", SlotStatus::BusyTentative, NOON, HOLD_TIME).unwrap_err();
        assert_eq!(refusal.code, "illegal-move");
    }

    #[test]
    fn a_closed_slot_sells_nothing() {
        let mut slot = slot(1);
        slot.write_status("s-1", SlotStatus::BusyUnavailable, NOON, HOLD_TIME).unwrap();
        assert_eq!(slot.book("s-1", "b-1", Claims::Consumed, true).unwrap_err().code, "slot-closed");
    }
}

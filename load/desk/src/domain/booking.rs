//! A booking: one patient's claim on one place of a slot, from the hold to the visit.

use serde::{Deserialize, Serialize};

use super::{BookingStatus, Entity, Kind, Link, Moment, Status};
use crate::refusal::Refusal;

/// The reason the desk writes into a booking whose hold ran out.
pub const EXPIRED: &str = "expired";

/// FHIR Appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Where it stands.
    pub status: BookingStatus,
    /// The slot, if it names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot_id: Option<String>,
    /// The patient, if it names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub patient_id: Option<String>,
    /// Start of the slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_at: Option<Moment>,
    /// End of the slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_at: Option<Moment>,
    /// While pending: when the hold ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Moment>,
    /// The registration order, once made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// The visit, once checked in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub encounter_id: Option<String>,
    /// Why it was cancelled: `expired`, `released`, or the client's words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Business identifiers, `system|value`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub identifiers: Vec<String>,
}

impl Booking {
    /// Whether it has or had a place that nobody else may have: everything between hold and end, visits included.
    pub fn is_live(&self) -> bool {
        matches!(
            self.status,
            BookingStatus::Pending
                | BookingStatus::Booked
                | BookingStatus::CheckedIn
                | BookingStatus::Arrived
                | BookingStatus::Fulfilled
                | BookingStatus::NoShow
        )
    }

    /// Whether its place counts as sold rather than held.
    pub fn is_sold(&self) -> bool {
        self.is_live() && self.status != BookingStatus::Pending
    }

    /// Whether it was cancelled because its hold ran out.
    pub fn has_expired(&self) -> bool {
        self.status == BookingStatus::Cancelled && self.reason.as_deref() == Some(EXPIRED)
    }

    /// Goes to `to`, or says why not. `moves_checked: false` is the desk with a fault switched on.
    ///
    /// # Errors
    /// 410 for an expired hold, 409 for any other illegal move.
    pub fn go(&mut self, id: &str, to: BookingStatus, moves_checked: bool) -> Result<(), Refusal> {
        if moves_checked && !self.status.may_become(to) {
            if self.has_expired() {
                return Err(Refusal::expired(id));
            }
            let next = self.status.next_codes();
            return Err(Refusal::illegal_move("booking", id, self.status.code(), to.code(), &next));
        }
        self.status = to;
        if to != BookingStatus::Pending {
            self.expires_at = None;
        }
        Ok(())
    }
}

impl Entity for Booking {
    const KIND: Kind = Kind::Booking;

    fn status_code(&self) -> &'static str {
        self.status.code()
    }

    fn links(&self) -> Vec<Link> {
        let mut links = vec![Link::plain("status", self.status.code())];
        links.extend(self.slot_id.as_deref().map(|id| Link::indexed("slot", id)));
        links.extend(self.patient_id.as_deref().map(|id| Link::indexed("patient", id)));
        Link::push_identifiers(&mut links, &self.identifiers);
        links
    }

    fn due_at(&self) -> Option<Moment> {
        self.expires_at.filter(|_| self.status == BookingStatus::Pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(status: BookingStatus, reason: Option<&str>) -> Booking {
        Booking {
            status,
            slot_id: None,
            patient_id: None,
            start_at: None,
            end_at: None,
            expires_at: Some(Moment(1)),
            order_id: None,
            encounter_id: None,
            reason: reason.map(str::to_owned),
            identifiers: Vec::new(),
        }
    }

    #[test]
    fn an_expired_hold_is_gone_and_any_other_dead_booking_is_a_conflict() {
        let refusal = booking(BookingStatus::Cancelled, Some(EXPIRED)).go("b-1", BookingStatus::Booked, true);
        assert_eq!(refusal.unwrap_err().status, 410);
        let refusal = booking(BookingStatus::Cancelled, Some("ill")).go("b-1", BookingStatus::Booked, true);
        assert_eq!(refusal.unwrap_err().status, 409);
    }

    #[test]
    fn only_a_pending_booking_is_due() {
        let mut booking = booking(BookingStatus::Pending, None);
        assert_eq!(booking.due_at(), Some(Moment(1)));
        booking.go("b-1", BookingStatus::Booked, true).unwrap();
        assert_eq!((booking.due_at(), booking.expires_at), (None, None));
    }
}

//! The day of the visit: check-in, with the doctor, over.

use super::{Body, Counter};
use crate::domain::{Booking, BookingStatus, Encounter, EncounterStatus, Kind, Order, OrderStatus, Status};
use crate::ledger::{CommandError, Record};
use crate::refusal::Refusal;

impl Counter<'_> {
    /// The patient is here: the booking is `arrived` and a visit begins. Again is no mistake.
    pub(crate) fn check_in(
        &mut self,
        booking_id: &str,
    ) -> Result<(Record<Booking>, Record<Encounter>), CommandError> {
        let (_, mut booking) = self.load_booking(booking_id)?;
        if let (BookingStatus::Arrived, Some(encounter_id)) =
            (booking.facts.status, &booking.facts.encounter_id)
        {
            let encounter = self.require(encounter_id)?;
            return Ok((booking, encounter));
        }
        booking.facts.go(booking_id, BookingStatus::Arrived, self.rules.moves_checked)?;
        let encounter = Encounter {
            status: EncounterStatus::Arrived,
            booking_id: Some(booking_id.to_owned()),
            patient_id: booking.facts.patient_id.clone(),
            identifiers: Vec::new(),
        };
        let encounter = self.insert(encounter, Body::new(), None)?;
        booking.facts.encounter_id = Some(encounter.id.clone());
        self.save(&mut booking)?;
        if let Some(order_id) = &booking.facts.order_id {
            let mut order: Record<Order> = self.require(order_id)?;
            if order.facts.status == OrderStatus::Active && order.facts.paid {
                order.facts.status = OrderStatus::Completed;
                self.save(&mut order)?;
            }
        }
        Ok((booking, encounter))
    }

    /// Moves a visit; when it is finished, its booking is fulfilled.
    pub(crate) fn move_encounter(
        &mut self,
        encounter_id: &str,
        to: EncounterStatus,
    ) -> Result<Record<Encounter>, CommandError> {
        let booking_id = self.peek::<Encounter>(encounter_id)?.facts.booking_id;
        let booking = match &booking_id {
            Some(booking_id) => Some(self.load_booking(booking_id)?.1),
            None => None,
        };
        let mut encounter: Record<Encounter> = self.require(encounter_id)?;
        if encounter.facts.status == to {
            return Ok(encounter);
        }
        self.step(Kind::Encounter, encounter_id, &mut encounter.facts.status, to)?;
        self.save(&mut encounter)?;
        if let Some(mut booking) = booking.filter(|_| to == EncounterStatus::Finished)
            && booking.facts.status == BookingStatus::Arrived
        {
            booking.facts.status = BookingStatus::Fulfilled;
            self.save(&mut booking)?;
        }
        Ok(encounter)
    }

    /// A FHIR visit; the appointment it comes from must be a living one.
    pub(crate) fn encounter(
        &mut self,
        facts: Encounter,
        body: Body,
        id: Option<String>,
    ) -> Result<Record<Encounter>, CommandError> {
        self.expect_patient(facts.patient_id.as_deref())?;
        let booking = match &facts.booking_id {
            Some(booking_id) => {
                self.expect_known(Kind::Booking, booking_id)?;
                Some(self.load_booking(booking_id)?.1)
            }
            None => None,
        };
        if let Some(booking) = &booking
            && self.rules.moves_checked
            && !(booking.facts.is_sold() && booking.facts.status != BookingStatus::NoShow)
        {
            let message = format!("appointment `{}` is `{}`", booking.id, booking.facts.status.code());
            let accepted = "an appointment that is booked, checked-in, arrived or fulfilled";
            return Err(Refusal::conflict("not-booked", message, accepted).into());
        }
        let encounter = self.insert(facts, body, id)?;
        if let Some(mut booking) = booking.filter(|booking| booking.facts.encounter_id.is_none()) {
            booking.facts.encounter_id = Some(encounter.id.clone());
            self.save(&mut booking)?;
        }
        Ok(encounter)
    }
}

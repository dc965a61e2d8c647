//! The states of everything at the desk and the legal moves between them (FHIR R4 code sets).

use serde::{Deserialize, Serialize};

/// A closed set of states with its legal moves.
pub trait Status: Copy + Eq + Sized + 'static {
    /// Every state.
    const ALL: &'static [Self];
    /// States a thing may be created in.
    const FIRST: &'static [Self];

    /// The code on the wire.
    fn code(self) -> &'static str;

    /// States that may follow this one.
    fn next(self) -> &'static [Self];

    /// The state with this code.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }

    /// Whether going to `to` is legal; staying is not a move and always is.
    fn may_become(self, to: Self) -> bool {
        self == to || self.next().contains(&to)
    }

    /// The codes of [`Status::next`].
    fn next_codes(self) -> Vec<&'static str> {
        self.next().iter().map(|status| status.code()).collect()
    }

    /// All codes, for messages.
    fn codes(statuses: &[Self]) -> String {
        statuses.iter().map(|status| status.code()).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident, first [$($first:ident),*] {
        $($(#[$state_doc:meta])* $state:ident = $code:literal => [$($next:ident),*],)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$state_doc])* #[serde(rename = $code)] $state,)*
        }

        impl Status for $name {
            const ALL: &'static [Self] = &[$(Self::$state),*];
            const FIRST: &'static [Self] = &[$(Self::$first),*];

            fn code(self) -> &'static str {
                match self { $(Self::$state => $code,)* }
            }

            fn next(self) -> &'static [Self] {
                match self { $(Self::$state => &[$(Self::$next),*],)* }
            }
        }
    };
}

statuses! {
    /// A slot. The desk sets it from the bookings; `free -> busy` directly is a booking without a hold.
    SlotStatus, first [Free, BusyUnavailable] {
        /// At least one place left.
        Free = "free" => [BusyTentative, Busy, BusyUnavailable, EnteredInError],
        /// No place left, but some are only held.
        BusyTentative = "busy-tentative" => [Busy, Free, EnteredInError],
        /// Every place is booked.
        Busy = "busy" => [Free, EnteredInError],
        /// Closed by the hospital.
        BusyUnavailable = "busy-unavailable" => [EnteredInError],
        /// Should never have existed.
        EnteredInError = "entered-in-error" => [],
    }
}

statuses! {
    /// A booking, FHIR Appointment.
    BookingStatus, first [Proposed, Pending, Waitlist, Booked] {
        /// Asked for; takes no place.
        Proposed = "proposed" => [Pending, Cancelled, EnteredInError],
        /// Holds a place until its expiry.
        Pending = "pending" => [Booked, Cancelled, EnteredInError],
        /// Wants a place should one come free; takes none.
        Waitlist = "waitlist" => [Booked, EnteredInError],
        /// Has a place.
        Booked = "booked" => [CheckedIn, Arrived, NoShow, Cancelled, EnteredInError],
        /// Registered on the day.
        CheckedIn = "checked-in" => [Arrived, EnteredInError],
        /// The patient is here.
        Arrived = "arrived" => [Fulfilled, EnteredInError],
        /// The visit took place.
        Fulfilled = "fulfilled" => [EnteredInError],
        /// Given back beforehand, or the hold expired.
        Cancelled = "cancelled" => [EnteredInError],
        /// Booked and absent.
        NoShow = "noshow" => [EnteredInError],
        /// Should never have existed.
        EnteredInError = "entered-in-error" => [],
    }
}

statuses! {
    /// A visit, FHIR Encounter.
    EncounterStatus, first [Planned, Arrived, InProgress] {
        /// Expected.
        Planned = "planned" => [Arrived, Cancelled],
        /// Here, waiting.
        Arrived = "arrived" => [InProgress, Cancelled],
        /// With the doctor.
        InProgress = "in-progress" => [Finished],
        /// Over.
        Finished = "finished" => [],
        /// Did not take place.
        Cancelled = "cancelled" => [],
    }
}

statuses! {
    /// An order, FHIR ServiceRequest or MedicationRequest.
    OrderStatus, first [Draft, Active] {
        /// Being written.
        Draft = "draft" => [Active],
        /// To be done.
        Active = "active" => [Completed, Revoked, Stopped],
        /// Done.
        Completed = "completed" => [],
        /// Taken back (services).
        Revoked = "revoked" => [],
        /// Taken back (medication).
        Stopped = "stopped" => [],
    }
}

statuses! {
    /// What an order costs, FHIR ChargeItem.
    ChargeStatus, first [Planned, Billable] {
        /// Will cost, once done.
        Planned = "planned" => [Billable],
        /// May be put on an invoice.
        Billable = "billable" => [Billed, NotBillable, Aborted],
        /// On an invoice.
        Billed = "billed" => [],
        /// Free of charge after all.
        NotBillable = "not-billable" => [],
        /// Dropped.
        Aborted = "aborted" => [],
    }
}

statuses! {
    /// An invoice.
    InvoiceStatus, first [Draft, Issued] {
        /// Being written.
        Draft = "draft" => [Issued],
        /// To be paid.
        Issued = "issued" => [Balanced, Cancelled],
        /// Completely paid.
        Balanced = "balanced" => [],
        /// Never to be paid.
        Cancelled = "cancelled" => [],
    }
}

statuses! {
    /// A payment, FHIR PaymentNotice. A refund does not undo that it was settled.
    PaymentStatus, first [Settled] {
        /// The money arrived.
        Settled = "settled" => [Refunded],
        /// The money went back because the booking was cancelled.
        Refunded = "refunded" => [],
    }
}

statuses! {
    /// Medication handed over, FHIR MedicationDispense.
    DispenseStatus, first [Preparation, InProgress, Completed] {
        /// Being picked.
        Preparation = "preparation" => [InProgress],
        /// At the window.
        InProgress = "in-progress" => [Completed],
        /// In the patient's hands.
        Completed = "completed" => [],
    }
}

statuses! {
    /// Things without a state machine of their own.
    RecordStatus, first [Active] {
        /// In use.
        Active = "active" => [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves<S: Status>() -> Vec<String> {
        S::ALL.iter().map(|from| format!("{} -> {}", from.code(), S::codes(from.next()))).collect()
    }

    #[test]
    fn a_fulfilled_booking_never_becomes_proposed_again() {
        assert!(!BookingStatus::Fulfilled.may_become(BookingStatus::Proposed));
        assert!(BookingStatus::Pending.may_become(BookingStatus::Booked));
        assert!(!BookingStatus::Proposed.may_become(BookingStatus::Booked));
    }

    #[test]
    fn every_booking_may_be_entered_in_error_but_an_invoice_may_not() {
        let others = BookingStatus::ALL.iter().filter(|status| **status != BookingStatus::EnteredInError);
        assert!(others.into_iter().all(|status| status.may_become(BookingStatus::EnteredInError)));
        assert_eq!(
            moves::<InvoiceStatus>(),
            ["draft -> issued", "issued -> balanced, cancelled", "balanced -> ", "cancelled -> "]
        );
    }

    #[test]
    fn codes_read_back() {
        for status in EncounterStatus::ALL {
            assert_eq!(EncounterStatus::from_code(status.code()), Some(*status));
        }
        assert_eq!(SlotStatus::from_code("sold"), None);
    }
}

//! What the model keeps of a patient inside: 16 bytes. Everything else a patient is follows from keyed luck, drawn again
//! where it is needed.

use super::spec::Place;
use onetrip_sim::stream::{EntityKey, Purpose, RunKey, SourceKey};
use onetrip_sim::time::SimTime;

/// Bookings, numbered by department, segment and place in the segment.
const BOOKED: Purpose = Purpose::named("demand.booked");
/// Walk-ins, numbered in the order of being drawn.
const WALK_INS: Purpose = Purpose::named("demand.walk_ins");

const BOOKED_BIT: u32 = 1 << 31;
const DEPARTMENT_SHIFT: u32 = 23;
const SEGMENT_SHIFT: u32 = 15;
/// Most bookings of one segment.
pub(super) const MOST_PLACES: u32 = 1 << SEGMENT_SHIFT;
/// Most walk-ins of a day; the numbers from here on are of those who come on top, surge by surge.
pub(super) const MOST_WALK_INS: u32 = 1 << (DEPARTMENT_SHIFT - 1);
const SURGE_SHIFT: u32 = 16;
/// Most patients of one surge.
pub(super) const MOST_IN_SURGE: u32 = 1 << SURGE_SHIFT;
/// Most surges of a day.
pub(super) const MOST_SURGES: usize = (MOST_WALK_INS >> SURGE_SHIFT) as usize;
/// The bits that number walk-ins and those who come on top, and those that number bookings.
const INDEX_MASKS: [u32; 2] = [(1 << DEPARTMENT_SHIFT) - 1, !BOOKED_BIT];

/// A segment that there is none of: not booked to a time.
pub(super) const UNTIMED: u8 = u8::MAX;

/// Who a patient is: the source, the department, and the number within the source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct PatientNumber(u32);

impl PatientNumber {
    pub(super) fn booked(department: usize, segment: usize, place: u32) -> Self {
        PatientNumber(
            BOOKED_BIT
                | ((department as u32) << DEPARTMENT_SHIFT)
                | ((segment as u32) << SEGMENT_SHIFT)
                | place,
        )
    }

    /// Department, segment and place of the booking with this number within the source.
    pub(super) fn parts_of_booked(number: u32) -> (usize, usize, u32) {
        let patient = PatientNumber(BOOKED_BIT | number);
        (patient.department(), patient.segment(), number & (MOST_PLACES - 1))
    }

    pub(super) fn walk_in(index: u32) -> Self {
        PatientNumber(index)
    }

    /// The `index`-th walk-in of those who come on top.
    pub(super) fn in_surge(surge: usize, index: u32) -> Self {
        PatientNumber(MOST_WALK_INS | ((surge as u32) << SURGE_SHIFT) | index)
    }

    /// Whether this is a walk-in who comes on top, for a department that is settled.
    #[inline(always)]
    pub(super) fn is_in_surge(self) -> bool {
        self.0 & (BOOKED_BIT | MOST_WALK_INS) == MOST_WALK_INS
    }

    /// Sent to a department; the luck of walk-ins stays the same.
    pub(super) fn at_department(self, department: usize) -> Self {
        PatientNumber(self.0 & !(0xFF << DEPARTMENT_SHIFT) | ((department as u32) << DEPARTMENT_SHIFT))
    }

    #[inline(always)]
    pub(super) fn is_booked(self) -> bool {
        self.0 & BOOKED_BIT != 0
    }

    #[inline(always)]
    pub(super) fn department(self) -> usize {
        ((self.0 >> DEPARTMENT_SHIFT) & 0xFF) as usize
    }

    /// Of a booked patient.
    #[inline(always)]
    pub(super) fn segment(self) -> usize {
        ((self.0 >> SEGMENT_SHIFT) & 0xFF) as usize
    }

    /// Number within the source.
    #[inline(always)]
    pub(super) fn index(self) -> u32 {
        self.0 & INDEX_MASKS[usize::from(self.is_booked())]
    }

    /// The patient's luck.
    #[inline(always)]
    pub(super) fn key(self, luck: &PatientLuck) -> EntityKey {
        let (source, mask) = luck.sources[usize::from(self.is_booked())];
        source.entity(u64::from(self.0 & mask))
    }
}

/// The luck of all patients of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct PatientLuck {
    /// Of walk-ins and of bookings, with the bits that number them.
    sources: [(SourceKey, u32); 2],
}

impl PatientLuck {
    pub(super) fn new(run: RunKey) -> Self {
        let [walk_ins, booked] = INDEX_MASKS;
        PatientLuck { sources: [(run.source(WALK_INS), walk_ins), (run.source(BOOKED), booked)] }
    }
}

macro_rules! stages {
    ($($(#[$about:meta])* $stage:ident,)*) => {
        /// Where in the visit a patient is: what ends when the engine asks where to next.
        #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
        #[repr(u8)]
        pub(super) enum Stage {
            $($(#[$about])* $stage,)*
        }

        impl Stage {
            /// All, in the order of their numbers.
            pub(super) const ALL: &[Stage] = &[$(Stage::$stage),*];
        }
    };
}

stages! {
    /// On the way to registration.
    #[default]
    WalkingToRegistration,
    /// At an ordinary or a priority window.
    AtRegistrationWindow,
    /// At a kiosk.
    AtRegistrationKiosk,
    /// The phone asks the booking system for a number.
    RegisteringByPhone,
    /// The kiosk asks the booking system for a number.
    RegisteringAtKiosk,
    /// At the help counter, after a kiosk failed.
    AtHelp,
    /// On the way to check-in.
    WalkingToCheckIn,
    /// At the machine or the desk.
    CheckingIn,
    /// Early: the session has not begun.
    AwaitingSession,
    /// In the queue of the department or with the doctor.
    AtConsultation,
    /// On the way to pay.
    WalkingToSettlement,
    /// At a cashier's window.
    AtSettlementWindow,
    /// At a payment machine.
    AtSettlementKiosk,
    /// Paying by phone.
    PayingByPhone,
    /// The phone has the booking system take the payment.
    PayingInSystemByPhone,
    /// The payment machine has the booking system take the payment.
    PayingAtKiosk,
    /// On the way to where examinations are booked.
    WalkingToBooking,
    /// Booking examinations at the centre or a kiosk.
    Booking,
    /// On the way to the booking desk of an examination.
    WalkingToDesk,
    /// Booking one examination at its desk.
    AtDesk,
    /// On the way to an examination.
    WalkingToExamination,
    /// Getting ready for it.
    Preparing,
    /// Early for the booked time.
    AwaitingSlot,
    /// In the queue of the examination or being examined.
    AtExamination,
    /// Waiting for reports.
    AwaitingResults,
    /// On the way back to the doctor.
    WalkingBack,
    /// On the way to the pharmacy.
    WalkingToPharmacy,
    /// Waiting for medicine that is being prepared.
    AwaitingMedicine,
    /// In the queue of the pharmacy or at its window.
    AtPharmacy,
}

/// At what a patient pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum PaymentPoint {
    AfterConsultation = 0,
    BeforeExamination = 1,
    BeforePharmacy = 2,
}

/// Bits of [`Patient::flags`].
pub(super) mod flag {
    /// Lost the booked place by coming too late.
    pub(in crate::hospital) const LATE: u16 = 1;
    /// Checked in before the booked segment began.
    pub(in crate::hospital) const ON_TIME: u16 = 1 << 1;
    /// Brings results: comes back to the doctor, or came to the hospital with them.
    pub(in crate::hospital) const HAS_RESULTS: u16 = 1 << 2;
    /// Was seen by a doctor.
    pub(in crate::hospital) const CONSULTED: u16 = 1 << 3;
    /// Goes back to the doctor after the examinations.
    pub(in crate::hospital) const RETURNS: u16 = 1 << 4;
    /// Was prescribed medicine.
    pub(in crate::hospital) const MEDICINE: u16 = 1 << 5;
    /// Settles everything after care.
    pub(in crate::hospital) const AFTER_CARE: u16 = 1 << 6;
    /// Cannot have everything done today.
    pub(in crate::hospital) const ANOTHER_TRIP: u16 = 1 << 7;
    /// Was ordered examinations in this consultation.
    pub(in crate::hospital) const ORDERED: u16 = 1 << 8;
    /// Books each examination at its desk.
    pub(in crate::hospital) const BOOKS_AT_DESKS: u16 = 1 << 9;
    /// Paid for all examinations.
    pub(in crate::hospital) const EXAMINATIONS_PAID: u16 = 1 << 10;
    /// Medicine is prepared ahead.
    pub(in crate::hospital) const PREPARED: u16 = 1 << 11;
    /// Pays at a kiosk (once on the way there).
    pub(in crate::hospital) const PAYS_AT_KIOSK: u16 = 1 << 12;
    /// Where the two bits of the payment point are.
    pub(in crate::hospital) const POINT_SHIFT: u32 = 13;
    /// Would pay for the consultation in the room.
    pub(in crate::hospital) const PAYS_IN_ROOM: u16 = 1 << 15;
}

/// One patient inside.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Patient {
    pub(super) number: PatientNumber,
    /// The latest joining of a queue, or when results or medicine will be ready, in marks.
    mark: u32,
    /// Examinations still to be done today, as bits.
    pub(super) examinations: u16,
    pub(super) flags: u16,
    pub(super) stage: Stage,
    /// For booked patients the segment (also in the number), for others the session; during an examination the
    /// segment of the booked time.
    pub(super) segment: u8,
    /// Factor on walking times, in 32nds.
    pub(super) pace: u8,
    /// Payments in the lower five bits, place in the upper three.
    tally: u8,
}

/// A mark is 64 µs, so that 32 bits span three days and whole seconds are exact.
const MARK_BITS: u32 = 6;

impl Patient {
    pub(super) fn new(number: PatientNumber, segment: u8, pace: u8) -> Self {
        Patient { number, segment, pace, ..Patient::default() }
    }

    #[inline(always)]
    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    #[inline(always)]
    pub(super) fn set(&mut self, flag: u16) {
        self.flags |= flag;
    }

    #[inline(always)]
    pub(super) fn clear(&mut self, flag: u16) {
        self.flags &= !flag;
    }

    #[inline(always)]
    pub(super) fn marked_at(&self) -> SimTime {
        SimTime::from_micros(u64::from(self.mark) << MARK_BITS)
    }

    /// Marks an instant, to the next 64 µs.
    #[inline(always)]
    pub(super) fn mark(&mut self, at: SimTime) {
        self.mark = at.as_micros().div_ceil(1 << MARK_BITS) as u32;
    }

    /// Marks the joining of a queue, rounded down so that no wait is negative.
    #[inline(always)]
    pub(super) fn mark_joining(&mut self, now: SimTime) {
        self.mark = (now.as_micros() >> MARK_BITS) as u32;
    }

    #[inline(always)]
    pub(super) fn payment_count(&self) -> u32 {
        u32::from(self.tally & 0x1F)
    }

    /// One more payment (of at most 31).
    #[inline(always)]
    pub(super) fn count_payment(&mut self) {
        if self.tally & 0x1F < 0x1F {
            self.tally += 1;
        }
    }

    #[inline(always)]
    pub(super) fn place(&self) -> usize {
        usize::from(self.tally >> 5)
    }

    #[inline(always)]
    pub(super) fn be_at(&mut self, place: Place) {
        self.tally = self.tally & 0x1F | ((place as u8) << 5);
    }

    #[inline(always)]
    pub(super) fn payment_point(&self) -> PaymentPoint {
        match (self.flags >> flag::POINT_SHIFT) & 3 {
            0 => PaymentPoint::AfterConsultation,
            1 => PaymentPoint::BeforeExamination,
            _ => PaymentPoint::BeforePharmacy,
        }
    }

    #[inline(always)]
    pub(super) fn pay_at(&mut self, point: PaymentPoint) {
        self.flags = self.flags & !(3 << flag::POINT_SHIFT) | ((point as u16) << flag::POINT_SHIFT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_inside_takes_sixteen_bytes() {
        assert_eq!(size_of::<Patient>(), 16);
    }

    #[test]
    fn a_number_tells_source_department_and_segment() {
        let booked = PatientNumber::booked(200, 17, 30_000);
        assert!(booked.is_booked());
        assert_eq!((booked.department(), booked.segment()), (200, 17));
        let walk_in = PatientNumber::walk_in(5_000_000).at_department(249);
        assert!(!walk_in.is_booked());
        assert_eq!((walk_in.department(), walk_in.index()), (249, 5_000_000));
    }

    #[test]
    fn payments_and_place_do_not_disturb_each_other() {
        let mut patient = Patient::default();
        for _ in 0..40 {
            patient.count_payment();
        }
        patient.be_at(Place::Pharmacy);
        assert_eq!((patient.payment_count(), patient.place()), (31, Place::Pharmacy as usize));
        patient.be_at(Place::Entrance);
        assert_eq!((patient.payment_count(), patient.place()), (31, 0));
    }
}

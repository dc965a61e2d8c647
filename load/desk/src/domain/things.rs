//! The other things the desk keeps: patients, schedules, visits, orders, charges, invoices, payments, dispenses.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    ChargeStatus, DispenseStatus, EncounterStatus, InvoiceStatus, Moment, OrderStatus, PaymentStatus,
    RecordStatus, Status,
};

/// What kind of thing a record is. The order is the order in which a transaction creates them, so that a
/// reference always points to something earlier; the number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A person.
    Patient = 1,
    /// One department's opening hours.
    Schedule,
    /// One time of a schedule.
    Slot,
    /// FHIR Appointment.
    Booking,
    /// A visit.
    Encounter,
    /// FHIR ServiceRequest or MedicationRequest.
    Order,
    /// FHIR ChargeItem.
    Charge,
    /// A bill.
    Invoice,
    /// FHIR PaymentReconciliation: kept as sent, without rules.
    Reconciliation,
    /// FHIR PaymentNotice.
    Payment,
    /// FHIR MedicationDispense.
    Dispense,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 11] = [
        Self::Patient,
        Self::Schedule,
        Self::Slot,
        Self::Booking,
        Self::Encounter,
        Self::Order,
        Self::Charge,
        Self::Invoice,
        Self::Reconciliation,
        Self::Payment,
        Self::Dispense,
    ];

    /// The word for one of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Schedule => "schedule",
            Self::Slot => "slot",
            Self::Booking => "booking",
            Self::Encounter => "encounter",
            Self::Order => "order",
            Self::Charge => "charge",
            Self::Invoice => "invoice",
            Self::Reconciliation => "reconciliation",
            Self::Payment => "payment",
            Self::Dispense => "dispense",
        }
    }

    /// The collection's name in `/api/…`.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Patient => "patients",
            Self::Schedule => "schedules",
            Self::Slot => "slots",
            Self::Booking => "bookings",
            Self::Encounter => "encounters",
            Self::Order => "orders",
            Self::Charge => "charges",
            Self::Invoice => "invoices",
            Self::Reconciliation => "reconciliations",
            Self::Payment => "payments",
            Self::Dispense => "dispenses",
        }
    }

    /// First letter of the ids the desk gives out, `b-17`.
    pub fn prefix(self) -> char {
        match self {
            Self::Schedule => 'c',
            Self::Charge => 'h',
            Self::Payment => 'y',
            _ => self.name().chars().next().unwrap_or('x'),
        }
    }

    /// The number it is stored under.
    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }
}

/// A search key of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Name of the key, e.g. `patient`.
    pub name: &'static str,
    /// What it points to.
    pub value: String,
    /// Whether the store keeps an index of it; others are only filtered by.
    pub indexed: bool,
}

impl Link {
    /// A key the store can find by.
    pub fn indexed(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned(), indexed: true }
    }

    /// A key to filter by.
    pub fn plain(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned(), indexed: false }
    }

    /// An identifier is found by `system|value` and by `value` alone.
    pub fn push_identifiers(links: &mut Vec<Self>, identifiers: &[String]) {
        for identifier in identifiers {
            links.push(Self::indexed("identifier", identifier));
            if let Some((_, value)) = identifier.split_once('|') {
                links.push(Self::indexed("identifier", value));
            }
        }
    }
}

/// What the desk knows about a kind of thing, as it is stored and shown on its own face.
pub trait Entity: Serialize + DeserializeOwned + Clone {
    /// Which kind.
    const KIND: Kind;

    /// Its state's code.
    fn status_code(&self) -> &'static str;

    /// Its search keys.
    fn links(&self) -> Vec<Link>;

    /// When the desk must look at it again by itself.
    fn due_at(&self) -> Option<Moment> {
        None
    }
}

/// A field that may point to another record.
trait Pointer {
    fn target(&self) -> Option<&str>;
}

impl Pointer for String {
    fn target(&self) -> Option<&str> {
        Some(self)
    }
}

impl Pointer for Option<String> {
    fn target(&self) -> Option<&str> {
        self.as_deref()
    }
}

macro_rules! things {
    ($($(#[$doc:meta])* $name:ident: $status:ty {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(=> $link:ident)?,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Where it stands.
            pub status: $status,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Business identifiers, `system|value`.
            #[serde(skip_serializing_if = "Vec::is_empty", default)]
            pub identifiers: Vec<String>,
        }

        impl Entity for $name {
            const KIND: Kind = Kind::$name;

            fn status_code(&self) -> &'static str {
                self.status.code()
            }

            fn links(&self) -> Vec<Link> {
                let mut links = vec![Link::plain("status", self.status.code())];
                $($(links.extend(self.$field.target().map(|id| Link::indexed(stringify!($link), id)));)?)*
                Link::push_identifiers(&mut links, &self.identifiers);
                links
            }
        }
    )*};
}

things! {
    /// A person.
    Patient: RecordStatus {
        /// As written by the client.
        name: String,
    }

    /// One department's opening hours.
    Schedule: RecordStatus {
        /// The department, FHIR actor's display.
        department: String,
    }

    /// A visit.
    Encounter: EncounterStatus {
        /// The booking it came from.
        booking_id: Option<String> => appointment,
        /// Who.
        patient_id: Option<String> => patient,
    }

    /// An order: the registration itself, an exam, or medication.
    Order: OrderStatus {
        /// What is ordered.
        kind: OrderKind,
        /// Code of the exam or drug.
        code: String,
        /// For which booking.
        booking_id: Option<String> => appointment,
        /// In which visit.
        encounter_id: Option<String> => encounter,
        /// Who.
        patient_id: Option<String> => patient,
        /// The bill, on the desk's own face.
        invoice_id: Option<String> => invoice,
        /// Charges that name this order.
        charge_ids: Vec<String>,
        /// Price in hundredths.
        amount_cents: i64,
        /// All its charges are settled.
        paid: bool,
    }

    /// What an order costs.
    Charge: ChargeStatus {
        /// The order it is for.
        order_id: Option<String> => order,
        /// In which visit.
        encounter_id: Option<String> => context,
        /// Who.
        patient_id: Option<String> => patient,
        /// The bill it is on.
        invoice_id: Option<String>,
        /// Price in hundredths.
        amount_cents: i64,
        /// ISO 4217 code.
        currency: String,
    }

    /// A bill.
    Invoice: InvoiceStatus {
        /// Who.
        patient_id: Option<String> => patient,
        /// What is on it.
        charge_ids: Vec<String>,
        /// Sum to pay in hundredths.
        total_cents: i64,
        /// Settled so far in hundredths: 0 or the total.
        paid_cents: i64,
        /// ISO 4217 code.
        currency: String,
        /// The payments that settled it: at most one, unless a fault is on.
        payment_ids: Vec<String>,
    }

    /// Money that arrived for an invoice.
    Payment: PaymentStatus {
        /// For which bill.
        invoice_id: String => request,
        /// Hundredths.
        amount_cents: i64,
        /// ISO 4217 code.
        currency: String,
        /// The payment provider's number; a second notice with it is the same payment.
        transaction_id: Option<String> => transaction,
        /// When the desk settled it.
        paid_at: Moment,
    }

    /// Kept as sent.
    Reconciliation: RecordStatus {
    }

    /// Medication handed over.
    Dispense: DispenseStatus {
        /// The medication order.
        order_id: Option<String> => prescription,
        /// Who.
        patient_id: Option<String> => patient,
    }
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// The place in the slot: paying it books.
    Registration,
    /// An examination.
    Exam,
    /// Drugs, handed over by a dispense.
    Medication,
}

impl OrderKind {
    /// Its word on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Exam => "exam",
            Self::Medication => "medication",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_of_different_kinds_never_look_alike() {
        let prefixes: BTreeSet<char> = Kind::ALL.iter().map(|kind| kind.prefix()).collect();
        assert_eq!(prefixes.len(), Kind::ALL.len());
    }

    #[test]
    fn an_identifier_is_found_with_and_without_its_system() {
        let patient = Patient {
            status: RecordStatus::Active,
            name: "Li".into(),
            identifiers: vec!["urn:card|77".into()],
        };
        let values: Vec<String> = patient.links().into_iter().map(|link| link.value).collect();
        assert_eq!(values, ["active", "urn:card|77", "77"]);
    }
}

//! The booking and payment system behind phones and machines.

/// What a load test found of the system through which phones and machines register and pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BookingSystem {
    /// How many patients an hour it serves; every registration and every payment by phone or machine counts as one.
    pub patients_per_hour: f64,
}

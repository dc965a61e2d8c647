//! What the benches share: shipped scenarios ready to run, small systems made to measure, and a clock of processor time.

pub mod clock;
pub mod systems;

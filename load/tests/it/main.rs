//! Tests of the load tester as a whole: tail truth under paused time, and real runs against the reference desk.

mod again;
mod crash;
mod desk;
mod ground;
mod tail;
mod wire;

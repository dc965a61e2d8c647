//! The binary `onetrip`.
fn main() {}

//! Tests of the load tester as a whole.

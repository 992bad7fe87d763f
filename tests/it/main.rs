//! Tests of the crate from outside: the built program on real directories, with real Pythons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the whole crate is tests: it may fail, say what it skips and look at the environment"
)]

mod cases;
mod program_lines;
mod support;

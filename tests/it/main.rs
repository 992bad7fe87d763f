//! Tests of the crate from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that can't go on says so by its panic; it reads the environment and prints what it skips"
)]

mod differential;
mod program_lines;

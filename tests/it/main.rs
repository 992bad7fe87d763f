//! Tests of the crate from outside: the built program on real directories, with real Pythons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that can't go on says so by its panic; it reads the environment and prints what it skips"
)]

mod ahead;
mod bad_index;
mod beginnings;
mod bootstrapped;
mod bridge;
mod buildouts;
mod cache;
mod cases;
mod checking;
mod checkouts;
mod colours;
mod custom;
mod develop;
mod differences;
mod differential;
mod docs;
mod errors;
mod explain;
mod find_links;
mod fuzz;
mod generations;
mod interpreters;
mod keyring;
mod kill;
mod losses;
mod mistakes;
mod packages;
mod program_lines;
mod progress;
mod quickstart;
mod reader;
mod reports;
mod sdists;
mod sources;
mod spellings;
mod supervisord;
mod support;
mod tidy;
mod urls;
mod why;
mod zipped_eggs;

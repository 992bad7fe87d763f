//! Tests of the crate from outside.

mod differences;
mod docs;
mod program_lines;
mod site;

//! Tests of the crate from outside.

mod program_lines;

//! Other programs: run and capture.

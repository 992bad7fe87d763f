//! `rbuildout check --conf FILE` as a process.

//! Facts about the interpreter that a buildout is for. No recipes here, and no decision which interpreter that is.

mod facts;
mod remembered;
mod tags;

pub use facts::Facts;

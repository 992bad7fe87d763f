//! What the tests of this crate share: throw-away buildouts, Pythons, small wheels, chance, files with cases.

pub(crate) mod case_file;
pub(crate) mod chance;
pub(crate) mod files;
pub(crate) mod index;
pub(crate) mod pythons;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod texts;
pub(crate) mod wheels;

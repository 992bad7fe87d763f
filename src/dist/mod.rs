//! Python distributions: what a buildout names, picks, fetches and puts into its eggs directory.
//!
//! The flow: requirements → [`installer`] (what is there? what is on offer? which one?) → [`index`] (what is on offer) →
//! [`fetch`] (download, check, unpack into the eggs directory) → [`working_set`]. zc.buildout: easy_install.py.

mod cache;
mod candidate;
mod compile;
pub mod distribution;
mod egg;
pub mod fetch;
pub mod index;
mod index_page;
pub mod name;
mod page_source;
mod record;
pub mod requirement;
pub mod version;
pub mod working_set;
mod wheel;
mod working_sets;

pub use working_sets::{EggsRequest, WorkingSets};

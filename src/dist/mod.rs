//! Python distributions: what a buildout names, picks, fetches and puts into its eggs directory.
//!
//! The flow: requirements → [`installer`] (what is there? what is on offer? which one?) → [`index`] (what is on offer) →
//! [`fetch`] (download, check, unpack into the eggs directory) → [`working_set`]. zc.buildout: easy_install.py.

mod build;
pub mod builder;
mod cache;
pub mod cache_care;
mod candidate;
mod compile;
pub mod develop;
pub mod distribution;
mod egg;
mod egg_info;
pub mod entry_points;
mod environment;
mod evidence;
pub mod fetch;
mod fitness;
#[cfg(test)]
mod fuzz_tests;
pub mod index;
mod index_page;
pub mod installer;
mod kept_builds;
pub mod legacy;
pub mod link_mode;
pub mod marker;
pub mod metadata;
pub mod name;
pub mod name_order;
mod offers;
mod page_source;
mod pages;
pub mod pattern;
pub mod picked_versions;
mod pip_script;
mod ready_made;
mod record;
mod remains;
pub mod requirement;
mod requirement_reader;
#[cfg(test)]
mod sample;
mod scan;
mod sdist;
pub mod seen;
pub mod specifier;
mod stamps;
pub mod tooling;
pub mod version;
mod wheel;
pub mod working_set;
mod working_sets;
pub mod zipped_egg;

pub use build::BuildOptions;
pub use working_sets::{
    CustomRequest, EggsRequest, PolicyChange, Waiting, WorkingSets, buildout_path,
};

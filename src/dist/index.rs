//! The package index and find-links: what is on offer.

use std::rc::Rc;

use super::distribution::Distribution;
use super::requirement::Requirement;
use crate::error::Result;
use crate::log::Log;
use crate::python::Facts;
use crate::sys::http::Network;

/// Where to look. Values of `[buildout]` or of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IndexSettings {
    /// URL or directory; none when nobody names one.
    pub index: Option<String>,
    pub find_links: Vec<String>,
    /// Patterns of `allow-hosts`.
    pub allow_hosts: Vec<String>,
}

/// What the index and the find-links offer, page by page as it is asked for.
#[derive(Debug)]
pub struct Index {}

impl Index {
    pub fn new(
        _settings: IndexSettings,
        _network: Rc<Network>,
        _facts: Rc<Facts>,
        _log: Log,
    ) -> Self {
        Self {}
    }

    /// Reads the pages of these projects at once, without a word, so that [`Index::find`] need not wait.
    pub fn prefetch(&mut self, _names: &[String]) {}

    /// All that is on offer for the project of `requirement`, of any version, with zc.buildout's log lines.
    pub fn find(&mut self, _requirement: &Requirement) -> Result<Vec<Distribution>> {
        Ok(Vec::new())
    }
}

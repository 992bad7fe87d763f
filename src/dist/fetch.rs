//! From a distribution on offer to an egg in the eggs directory.

use std::rc::Rc;

use super::distribution::Distribution;
use crate::error::{Error, Result};
use crate::log::Log;
use crate::python::Facts;
use crate::sys::http::Network;

/// Downloads, checks, unpacks.
#[derive(Debug)]
pub struct Fetcher {}

impl Fetcher {
    /// `cache`: the directory that all projects of the user share.
    pub fn new(_network: Rc<Network>, _cache: &str, _facts: Rc<Facts>, _log: Log) -> Self {
        Self {}
    }

    /// Downloads these at once, without a word, so that [`Fetcher::into_eggs`] need not wait.
    pub fn prefetch(&mut self, _distributions: &[Distribution]) {}

    /// Puts a distribution on offer into the eggs directory and returns it as installed.
    pub fn into_eggs(
        &mut self,
        distribution: &Distribution,
        _eggs_directory: &str,
    ) -> Result<Distribution> {
        Err(Error::user(format!(
            "Couldn't download distribution {distribution}."
        )))
    }
}

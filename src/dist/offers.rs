//! [`Offers`]: an index that can be asked ahead of time without a word being said too early.
//!
//! Downloads run side by side only if what to download is known before it is needed. What the index says while it is
//! asked ahead is kept back until the moment at which zc.buildout asks. Nothing is chosen here.

use std::rc::Rc;

use indexmap::IndexMap;

use super::distribution::Distribution;
use super::index::{Index, IndexSettings};
use super::requirement::Requirement;
use crate::error::Result;
use crate::log::{Captured, Entry, Log};
use crate::python::Facts;
use crate::sys::http::Network;

/// One index with its find-links.
#[derive(Debug)]
pub(super) struct Offers {
    index: Index,
    /// What the index has said.
    said: Captured,
    /// Answers that nobody has heard yet, by the text of the requirement.
    early: IndexMap<String, (Result<Vec<Distribution>>, Vec<Entry>)>,
    log: Log,
}

impl Offers {
    pub(super) fn new(
        settings: IndexSettings,
        network: Rc<Network>,
        facts: Rc<Facts>,
        log: Log,
    ) -> Self {
        let (own, said) = log.captured();
        Self {
            index: Index::new(settings, network, facts, own),
            said,
            early: IndexMap::new(),
            log,
        }
    }

    /// All that is on offer for a requirement's project. zc.buildout: easy_install.py, `Installer._obtain`.
    pub(super) fn find(&mut self, requirement: &Requirement) -> Result<Vec<Distribution>> {
        let (found, said) = match self.early.shift_remove(&requirement.to_string()) {
            Some(answer) => answer,
            None => self.ask(requirement),
        };
        for entry in &said {
            self.log.show(entry);
        }
        found
    }

    /// Asks for several at once and keeps the answers back.
    pub(super) fn ask_ahead(&mut self, requirements: &[Requirement]) {
        let names: Vec<String> = requirements
            .iter()
            .map(|requirement| requirement.project_name().to_owned())
            .collect();
        self.index.prefetch(&names);
        for requirement in requirements {
            let text = requirement.to_string();
            if !self.early.contains_key(&text) {
                let answer = self.ask(requirement);
                self.early.insert(text, answer);
            }
        }
    }

    /// What was answered ahead of time and is not heard yet.
    pub(super) fn early(&self, requirement: &Requirement) -> Option<&[Distribution]> {
        let (found, _) = self.early.get(&requirement.to_string())?;
        found.as_deref().ok()
    }

    /// What was tried for a project. See [`Index::evidence`].
    pub(super) fn evidence(&self, project: &str) -> Vec<String> {
        self.index.evidence(project)
    }

    /// Why the index could not be read. See [`Index::trouble`].
    pub(super) fn trouble(&self, project: &str) -> Option<(String, &'static str)> {
        self.index.trouble(project)
    }

    /// Why a file has been withdrawn. See [`Index::yanked`].
    pub(super) fn yanked(&self, location: &str) -> Option<&str> {
        self.index.yanked(location)
    }

    fn ask(&mut self, requirement: &Requirement) -> (Result<Vec<Distribution>>, Vec<Entry>) {
        let found = self.index.find(requirement);
        (found, self.said.take())
    }
}

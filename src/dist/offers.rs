//! [`Offers`]: an index that can be asked ahead of time without a word being said too early.
//!
//! Downloads run side by side only if what to download is known before it is needed. What the index says while it is
//! asked ahead is kept back until the moment at which zc.buildout asks; where what it says depends on the order of the
//! questions, it is not asked. Nothing is chosen here.

use std::rc::Rc;

use indexmap::IndexMap;

use super::distribution::Distribution;
use super::fetch::has_hash;
use super::index::{Index, IndexSettings};
use super::name;
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
    /// Answers that nobody has heard yet, by canonical name.
    early: IndexMap<String, Early>,
    /// What was said about find-links, to come before all else.
    first: Vec<Entry>,
    log: Log,
}

/// An answer.
#[derive(Debug)]
struct Early {
    /// As it was asked for.
    project: String,
    found: Result<Vec<Distribution>>,
    said: Vec<Entry>,
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
            first: Vec::new(),
            log,
        }
    }

    /// Says what the local find-links have said: it comes when they are named, not when a project is asked for.
    // zc.buildout: easy_install.py, `_get_index`; _package_index.py, `add_find_links`.
    pub(super) fn tell_links(&self) {
        for entry in &self.said.take() {
            self.log.show(entry);
        }
    }

    /// All that is on offer for a requirement's project. zc.buildout: easy_install.py, `Installer._obtain`.
    pub(super) fn find(&mut self, requirement: &Requirement) -> Result<Vec<Distribution>> {
        let early = self
            .early
            .shift_remove(&name::canonical(requirement.name()));
        let mut said = std::mem::take(&mut self.first);
        let found = match early {
            Some(early) if early.project == requirement.name() => {
                said.extend(early.said);
                Some(early.found)
            }
            // A page with a canonical name is read once, whatever the project is called. What a directory says, and another
            // page, nobody has asked for by this name.
            Some(early) if self.index.is_on_server() && !self.index.names_as_written() => {
                said.extend(early.said);
                None
            }
            _ => None,
        };
        let found = found.unwrap_or_else(|| {
            let found = self.index.find(requirement);
            said.extend(self.said.take());
            found
        });
        for entry in &said {
            self.log.show(entry);
        }
        found
    }

    /// Begins to read the pages of these.
    pub(super) fn prefetch(&mut self, requirements: &[Requirement]) {
        let names: Vec<String> = requirements
            .iter()
            .map(|requirement| requirement.project_name().to_owned())
            .collect();
        self.index.prefetch(&names);
    }

    /// What will be found for a project, as far as it can be told without a word that belongs elsewhere.
    pub(super) fn ahead(&mut self, requirement: &Requirement) -> Vec<Distribution> {
        self.index.scan_links();
        self.first.extend(self.said.take());
        let key = name::canonical(requirement.name());
        if !self.index.is_sure_of(requirement.name()) {
            return self.index.known(requirement.name());
        }
        let early = self.early.entry(key).or_insert_with(|| Early {
            project: requirement.name().to_owned(),
            found: self.index.find(requirement),
            said: self.said.take(),
        });
        early.found.as_ref().map(Vec::clone).unwrap_or_default()
    }

    /// Begins to read the metadata of a distribution, if the index has it by itself.
    pub(super) fn want_metadata(&mut self, distribution: &Distribution) -> bool {
        let place = self.index.metadata_of(&distribution.location);
        let Some(url) = place.map(|(url, _)| url) else {
            return false;
        };
        self.index.want_text(&url);
        true
    }

    /// Metadata that was begun; waits for it. None if it did not come, or is not as the index says.
    pub(super) fn metadata(&mut self, distribution: &Distribution) -> Option<String> {
        let (url, hash) = self.index.metadata_of(&distribution.location)?;
        let hash = hash.to_owned();
        let bytes = has_hash(&hash, self.index.take_text(&url)?)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
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

    /// For which other Python a file is. See [`Index::other_python`].
    pub(super) fn other_python(&self, location: &str) -> Option<&str> {
        self.index.other_python(location)
    }
}

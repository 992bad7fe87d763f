//! [`Environment`]: the distributions on a search path, the best of each project first.
//!
//! Directories are listed once and looked into only for the projects that are asked for: an eggs directory may hold
//! hundreds of eggs. zc.buildout: easy_install.py, `Environment`, `Installer._make_env`, `_eggify_env_dest_dists`.

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::distribution::{Distribution, Precedence};
use super::requirement::Requirement;
use super::scan::{Directory, Look};
use super::seen::Seen;
use super::working_set::{Conflict, WorkingSet};
use crate::error::Result;
use crate::python::Facts;
use crate::sys::fs;

/// What is on a search path.
#[derive(Debug)]
pub(super) struct Environment {
    facts: Rc<Facts>,
    /// The eggs directory, looked into before the rest.
    eggs: Option<String>,
    path: Vec<String>,
    /// Listed when first needed.
    directories: Option<Vec<Directory>>,
    found: IndexMap<String, Vec<Distribution>>,
    seen: Seen,
    /// Paths that are to go, without links.
    gone: Rc<IndexSet<String>>,
}

impl Environment {
    /// `eggs`: the eggs directory; all in it counts as egg, whatever its format.
    pub(super) fn new(facts: Rc<Facts>, eggs: Option<&str>, path: Vec<String>, seen: Seen) -> Self {
        Self {
            facts,
            eggs: eggs.map(|eggs| seen.real(eggs).to_string()),
            path,
            seen,
            directories: None,
            found: IndexMap::new(),
            gone: Rc::default(),
        }
    }

    /// As if these paths were not there.
    #[must_use]
    pub(super) fn without(mut self, gone: Rc<IndexSet<String>>) -> Self {
        self.gone = gone;
        self
    }

    /// Forgets what was seen: an egg has come.
    pub(super) fn rescan(&mut self) {
        self.seen.forget();
        self.directories = None;
        self.found.clear();
    }

    /// The distributions of a requirement's project that this interpreter can use, of whatever version, best first.
    pub(super) fn of(&mut self, requirement: &Requirement) -> Result<&[Distribution]> {
        let key = requirement.environment_key();
        if !self.found.contains_key(key) {
            let found = self.look_for(key)?;
            self.found.insert(key.to_owned(), found);
        }
        Ok(self.found.get(key).map_or(&[], Vec::as_slice))
    }

    fn look_for(&mut self, key: &str) -> Result<Vec<Distribution>> {
        let mut found: Vec<Distribution> = Vec::new();
        self.list()?;
        for directory in self.directories.iter().flatten() {
            for distribution in directory.of(key)? {
                if !found.contains(&distribution) {
                    found.push(distribution);
                }
            }
        }
        found.retain(|distribution| can_use(distribution, &self.facts));
        found.sort_by(|a, b| b.cmp(a));
        // After sorting: a .dist-info in the eggs directory sorts as what lies open and counts as an egg.
        // zc.buildout: easy_install.py, `Installer._eggify_env_dest_dists`.
        if let Some(eggs) = &self.eggs {
            for distribution in &mut found {
                let parent = distribution.location.rsplit_once('/').map(|(dir, _)| dir);
                if parent == Some(eggs) {
                    distribution.precedence = Precedence::Egg;
                }
            }
        }
        Ok(found)
    }

    fn list(&mut self) -> Result<()> {
        if self.directories.is_some() {
            return Ok(());
        }
        let eggs = self.eggs.iter().map(|eggs| (eggs, Look::Eggs));
        let path = self.path.iter().map(|path| (path, Look::All));
        let there = path.filter(|(path, _)| fs::is_dir(if path.is_empty() { "." } else { path }));
        let mut all = Vec::new();
        for (path, look) in eggs.chain(there) {
            all.push(Directory::read_but(path, look, &self.seen, &self.gone)?);
        }
        self.directories = Some(all);
        Ok(())
    }

    /// The active distribution, or else the best on the path.
    // pkg_resources: `Environment.best_match`.
    pub(super) fn best_match(
        &mut self,
        requirement: &Requirement,
        working_set: &WorkingSet,
    ) -> Result<std::result::Result<Option<Distribution>, Box<Conflict>>> {
        match working_set.find_requirement(requirement) {
            Err(conflict) => return Ok(Err(conflict)),
            Ok(Some(active)) => return Ok(Ok(Some(active.clone()))),
            Ok(None) => {}
        }
        let best = self
            .of(requirement)?
            .iter()
            .find(|distribution| requirement.accepts(distribution));
        Ok(Ok(best.cloned()))
    }
}

/// Whether the interpreter is of the version and platform that a file's name says.
// pkg_resources: `Environment.can_add`, `compatible_platforms`; zc.buildout: easy_install.py, `Environment.can_add`.
fn can_use(distribution: &Distribution, facts: &Facts) -> bool {
    let python = distribution.py_version.as_ref();
    if python.is_some_and(|python| *python != facts.python_version) {
        return false;
    }
    let Some(platform) = &distribution.platform else {
        return true;
    };
    // On a Mac the machine decides, not the version of the system.
    let machine = |platform: &str| {
        platform
            .strip_prefix("macosx-")
            .and_then(|rest| rest.split_once('-'))
            .map(|(_, machine)| machine.to_owned())
    };
    *platform == facts.platform
        || machine(platform).is_some_and(|m| Some(m) == machine(&facts.platform))
}

//! [`WorkingSet`]: distributions in the order in which they go on `sys.path`.
//!
//! pkg_resources' `WorkingSet` with its quirks, because the order of `sys.path` in every script is made by them.
//! What is on the disk but not active is `environment.rs`'s; installing is `installer.rs`'s.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::environment::Environment;
use crate::dist::metadata::Metadata;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::error::{Error, Result};
use crate::sys::fs;

/// Active distributions by key, in the order of their locations.
#[derive(Clone, Debug, Default)]
pub struct WorkingSet {
    /// Locations, in order; may repeat.
    entries: Vec<String>,
    /// The same without links; empty ones stay empty.
    real: Vec<Rc<str>>,
    /// Keys of the distributions of each location.
    entry_keys: IndexMap<String, Vec<String>>,
    /// The active distribution of each key.
    by_key: IndexMap<String, Distribution>,
    /// Keys by canonical name.
    keys: IndexMap<String, String>,
    /// Locations that came for nothing but a distribution of whose project another one was active.
    hidden: HashSet<String>,
    seen: Seen,
}

/// An active distribution is not what a requirement asks for. pkg_resources: `VersionConflict`.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub active: Distribution,
    pub requirement: Requirement,
}

impl WorkingSet {
    /// Nothing is active.
    pub fn new(seen: &Seen) -> Self {
        Self {
            seen: seen.clone(),
            ..Self::default()
        }
    }

    /// What is active with these entries of `sys.path`.
    pub fn of_path(entries: &[String], seen: &Seen) -> Result<Self> {
        let mut set = Self::new(seen);
        for entry in entries {
            set.add_entry(entry)?;
        }
        Ok(set)
    }

    /// The distributions in the order of their locations, each once.
    pub fn iter(&self) -> impl Iterator<Item = &Distribution> {
        let mut seen = HashSet::new();
        self.entries
            .iter()
            .filter_map(|entry| self.entry_keys.get(entry))
            .flatten()
            .filter(move |key| seen.insert(key.as_str()))
            .filter_map(|key| self.by_key.get(key))
    }

    /// The distributions by version, then as pkg_resources compares them. Python: `ws.sort()`.
    pub fn sorted(&self) -> Vec<&Distribution> {
        let mut all: Vec<&Distribution> = self.iter().collect();
        all.sort();
        all
    }

    /// Keys by location.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.entry_keys
            .iter()
            .map(|(entry, keys)| (entry.as_str(), keys.as_slice()))
    }

    /// The active distributions in the order in which their keys came.
    pub fn active(&self) -> impl Iterator<Item = &Distribution> {
        self.by_key.values()
    }

    /// The locations, in order; may repeat.
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// When a location became active, beside others.
    pub fn turn(&self, location: &str) -> Option<usize> {
        let mut all = self.by_key.values();
        all.position(|distribution| distribution.location == location)
    }

    /// Whether a location is none that Python looks into: what is there never became active.
    // pkg_resources: `WorkingSet.add`, `add_activation_listener`.
    pub fn is_hidden(&self, location: &str) -> bool {
        self.hidden.contains(location)
    }

    /// What is in its locations.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The active distribution of a project; any version.
    // pkg_resources: `WorkingSet.find`.
    pub fn find(&self, name: &str) -> Option<&Distribution> {
        self.with_key(&name::key(&name::safe(name)))
    }

    fn with_key(&self, key: &str) -> Option<&Distribution> {
        self.by_key
            .get(key)
            .or_else(|| self.keys.get(key).and_then(|key| self.by_key.get(key)))
            .or_else(|| self.by_key.get(&key.replace('.', "-")))
    }

    /// The active distribution of a requirement's project; any version.
    pub fn find_any(&self, requirement: &Requirement) -> Option<&Distribution> {
        self.with_key(requirement.key())
    }

    /// The active distribution of a requirement's project; a conflict if it is of another version.
    pub fn find_requirement(
        &self,
        requirement: &Requirement,
    ) -> std::result::Result<Option<&Distribution>, Box<Conflict>> {
        match self.find_any(requirement) {
            Some(active) if !requirement.accepts(active) => Err(Box::new(Conflict {
                active: active.clone(),
                requirement: requirement.clone(),
            })),
            found => Ok(found),
        }
    }

    /// Whether it is the active distribution of its project.
    pub fn is_active(&self, distribution: &Distribution) -> bool {
        self.by_key.get(&distribution.key()) == Some(distribution)
    }

    /// Appends a location, with what is active in it.
    pub fn add_entry(&mut self, entry: &str) -> Result<()> {
        self.entry_keys.entry(entry.to_owned()).or_default();
        let folder = self.seen.folder(entry)?;
        self.put(self.entries.len(), entry, self.real(entry));
        for distribution in &folder.active {
            self.note(distribution.clone(), entry, false);
        }
        Ok(())
    }

    /// Takes over the locations that Python's own installer has made active since. What is in the eggs directory is an egg.
    pub fn take_over(&mut self, entries: &[String], eggs_directory: &str) -> Result<()> {
        let eggs = self.seen.real(eggs_directory);
        for entry in entries.iter().rev() {
            if self.entry_keys.contains_key(entry) {
                continue;
            }
            for distribution in &self.seen.folder(entry)?.active {
                let mut distribution = distribution.clone();
                let parent = distribution.location.rsplit_once('/').map(|(dir, _)| dir);
                if parent == Some(&*eggs) {
                    distribution.precedence = Precedence::Egg;
                }
                if !self.by_key.contains_key(&distribution.key()) {
                    self.replace(distribution);
                }
            }
        }
        Ok(())
    }

    /// Makes a distribution active unless another of its project is; its location goes to the end.
    pub fn add(&mut self, distribution: Distribution) {
        self.insert(distribution, false);
    }

    /// Makes a distribution active whatever was; its location goes to the front.
    pub fn replace(&mut self, distribution: Distribution) {
        self.insert(distribution, true);
    }

    fn insert(&mut self, distribution: Distribution, replace: bool) {
        let location = distribution.location.clone();
        if replace || !self.by_key.contains_key(&distribution.key()) {
            self.hidden.remove(&location);
        } else if !self.entries.contains(&location) {
            self.hidden.insert(location.clone());
        }
        self.insert_location(&distribution, replace);
        self.note(distribution, &location, replace);
    }

    // pkg_resources: `WorkingSet.add`.
    fn note(&mut self, distribution: Distribution, entry: &str, replace: bool) {
        let key = distribution.key();
        let is_new = replace || !self.by_key.contains_key(&key);
        let elsewhere = Some(distribution.location.as_str()).filter(|place| *place != entry);
        for place in std::iter::once(entry).chain(elsewhere) {
            let keys = match self.entry_keys.get_mut(place) {
                Some(keys) => keys,
                None => self.entry_keys.entry(place.to_owned()).or_default(),
            };
            if is_new && !keys.contains(&key) {
                keys.push(key.clone());
            }
        }
        if is_new {
            self.keys.insert(name::canonical(&key), key.clone());
            self.by_key.insert(key, distribution);
        }
    }

    // pkg_resources: `Distribution.insert_on`.
    fn insert_location(&mut self, distribution: &Distribution, replace: bool) {
        let location = &distribution.location;
        if location.is_empty() {
            return;
        }
        let real = self.real(location);
        let parent = real.rsplit_once('/').map_or("", |(parent, _)| parent);
        let parent = if parent.is_empty() { "/" } else { parent };
        let is_egg = distribution.precedence == Precedence::Egg;
        let found = self
            .real
            .iter()
            .position(|item| *item == real || (is_egg && **item == *parent));
        let Some(at) = found else {
            let at = if replace { 0 } else { self.entries.len() };
            self.put(at, location, real);
            return;
        };
        let there = self.real.get(at..).unwrap_or_default();
        let is_there = there.first() == Some(&real);
        if !replace && there.contains(&real) {
            return;
        }
        if !is_there {
            self.put(at, location, Rc::clone(&real));
        }
        // What is behind it and the same goes; the search resumes at the place of what went.
        let mut from = at + 1;
        while let Some(again) = self.real.iter().skip(from).position(|item| *item == real) {
            let again = from + again;
            self.real.remove(again);
            self.entries.remove(again);
            from = again + 1;
        }
    }

    fn put(&mut self, at: usize, entry: &str, real: Rc<str>) {
        self.entries.insert(at, entry.to_owned());
        self.real.insert(at, real);
    }

    fn real(&self, entry: &str) -> Rc<str> {
        if entry.is_empty() {
            return Rc::default();
        }
        self.seen.real(entry)
    }

    /// All distributions that some requirements need, themselves first, breadth first; nothing becomes active.
    // pkg_resources: `WorkingSet.resolve`.
    pub fn resolve(
        &self,
        requirements: &[Requirement],
        metadata: &Metadata,
    ) -> Result<Vec<Distribution>> {
        let markers = &metadata.facts().markers;
        let mut environment = Environment::new(
            metadata.facts().clone(),
            None,
            self.entries.clone(),
            self.seen.clone(),
        );
        // With what asks for it: its extras count too.
        let mut pending: VecDeque<(Requirement, Option<Requirement>)> = requirements
            .iter()
            .rev()
            .map(|requirement| (requirement.clone(), None))
            .collect();
        let mut processed = HashSet::new();
        let mut best: IndexMap<String, Distribution> = IndexMap::new();
        let mut needed = Vec::new();
        while let Some((requirement, parent)) = pending.pop_front() {
            let required_by = parent.as_ref().map(Requirement::project_name);
            if processed.contains(&requirement) {
                continue;
            }
            let mut applies = requirement.holds(markers, "")?;
            for extra in parent.iter().flat_map(Requirement::extras) {
                applies = applies || requirement.holds(markers, extra)?;
            }
            if !applies {
                continue;
            }
            let key = requirement.environment_key();
            let distribution = if let Some(found) = best.get(key) {
                found.clone()
            } else {
                let found = match self.by_key.get(requirement.key()) {
                    Some(active) => Some(active.clone()),
                    None => environment
                        .best_match(&requirement, self)?
                        .map_err(|conflict| conflict.error(required_by))?,
                };
                let Some(found) = found else {
                    return Err(Error::user(format!(
                        "The '{requirement}' distribution was not found and is required by {}",
                        required_by.unwrap_or("the application")
                    )));
                };
                best.insert(key.to_owned(), found.clone());
                needed.push(found.clone());
                found
            };
            if !requirement.accepts(&distribution) {
                let conflict = Conflict {
                    active: distribution,
                    requirement,
                };
                return Err(conflict.error(required_by));
            }
            let dependencies = metadata.dependencies(&distribution)?;
            for dependency in dependencies
                .requires(requirement.extras())
                .into_iter()
                .rev()
            {
                pending.push_back((dependency, Some(requirement.clone())));
            }
            processed.insert(requirement);
        }
        Ok(needed)
    }
}

impl Conflict {
    // pkg_resources: `VersionConflict.report`.
    pub(in crate::dist) fn error(&self, required_by: Option<&str>) -> Box<Error> {
        let by = required_by.map_or_else(String::new, |by| format!(" by {by}"));
        Error::user(format!(
            "{} is installed but {} is required{by}",
            self.active, self.requirement
        ))
    }
}

/// A working set with develop eggs first, then eggs of the eggs directory, then the rest.
// zc.buildout: easy_install.py, `sort_working_set`.
pub fn sort_working_set(
    set: &WorkingSet,
    eggs_directory: &str,
    develop_eggs_directory: &str,
) -> Result<WorkingSet> {
    let mut develop = HashSet::new();
    for name in fs::list(develop_eggs_directory)? {
        if name.ends_with(".egg-link") && !name.starts_with('.') {
            let text = fs::read_lossy(format!("{develop_eggs_directory}/{name}"))?;
            let first = crate::pystr::strip(text.split(['\n', '\r']).next().unwrap_or(""));
            develop.insert(first.to_owned());
        }
    }
    let rank = |location: &str| {
        if !location.is_empty() && develop.contains(location) {
            0
        } else if location.starts_with(eggs_directory) {
            1
        } else {
            2
        }
    };
    let mut locations: Vec<String> = set.iter().map(|d| d.location.clone()).collect();
    locations.sort_by_key(|location| rank(location));
    WorkingSet::of_path(&locations, set.seen())
}

#[cfg(test)]
mod tests;

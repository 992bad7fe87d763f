//! The package index and find-links: what is on offer.
//!
//! The order in which pages are read, and every line about it, are those of zc.buildout's `PackageIndex`; the pages
//! themselves may have been read before, several at once ([`Index::prefetch`]). Which of the offers is taken is not
//! decided here. How links and pages are read is in `reading.rs`. zc.buildout: _package_index.py, patches.py, easy_install.py (`_get_index`). Links of old indexes that
//! point to pages elsewhere (`rel="homepage"`) are not followed.

mod ahead;
mod known_pages;
mod reading;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::str::FromStr;

use self::known_pages::KnownPages;
use crate::dist::candidate::{self, Candidates};
use crate::dist::distribution::Distribution;
use crate::dist::evidence::Evidence;
use crate::dist::name;
use crate::dist::pages::Pages;
use crate::dist::requirement::Requirement;
use crate::dist::version::Version;
use crate::error::Result;
use crate::log::{INFO, Log, WARNING};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;
use crate::sys::url;
use crate::wording::did_you_mean;

/// Where to look. Values of `[buildout]` or of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IndexSettings {
    /// URL or directory; where nobody names one, the one that the interpreter's pip knows.
    pub index: Option<String>,
    pub find_links: Vec<String>,
    /// Patterns of `allow-hosts`; none allows all.
    pub allow_hosts: Vec<String>,
    /// Whether pages are asked for by the names as requirements write them, not by canonical ones.
    pub names_as_written: bool,
    /// Whether wheels are on offer that the index says to be for other versions of Python.
    pub wheels_for_any_python: bool,
}

/// What the index and the find-links offer, page by page as it is asked for.
#[derive(Debug)]
pub struct Index {
    /// The URL or directory of the index, with `/` at its end. Empty where there is none at all.
    base: String,
    names_as_written: bool,
    wheels_for_any_python: bool,
    allow_hosts: Vec<String>,
    network: Rc<Network>,
    log: Log,
    facts: Rc<Facts>,
    candidates: Option<Candidates>,
    python: Option<pep440_rs::Version>,
    /// Links looked at, and pages read: each once a run.
    scanned: HashSet<String>,
    fetched: HashSet<String>,
    /// Pages that the index is known to have.
    pages: KnownPages,
    /// What is on offer, by canonical name.
    offers: HashMap<String, Vec<Distribution>>,
    /// Pages of find-links, to be read before the first project; none once they are.
    to_scan: Option<Vec<String>>,
    /// Pages and metadata that are read in advance.
    coming: Pages,
    /// What was tried, by what it was tried for.
    evidence: Evidence,
    /// Why files were withdrawn, by URL.
    yanked: HashMap<String, String>,
    /// For which versions of Python files on offer are, by URL, if not for this one.
    other_python: HashMap<String, String>,
    /// Hashes of metadata that can be had without the file, by URL of the file; empty where the index tells none.
    metadata: HashMap<String, String>,
}

impl Index {
    pub fn new(settings: IndexSettings, network: Rc<Network>, facts: Rc<Facts>, log: Log) -> Self {
        let is_named = settings.index.is_some();
        let index = settings.index.or_else(|| facts.pip_index.clone());
        let mut index = index.unwrap_or_default();
        network.note_index(&index);
        // zc.buildout: easy_install.py, `_get_index`.
        if let Some(path) = index.strip_prefix("file://") {
            index = path.to_owned();
        }
        // One that is named as nothing is the root of the disk, and hardly has anything: only find-links are left.
        if (is_named || !index.is_empty()) && !index.ends_with('/') {
            index.push('/');
        }
        let mut new = Self {
            base: index,
            names_as_written: settings.names_as_written,
            wheels_for_any_python: settings.wheels_for_any_python,
            allow_hosts: settings.allow_hosts,
            coming: Pages::new(&network),
            network,
            log,
            python: pep440_rs::Version::from_str(&facts.python_full_version).ok(),
            facts,
            candidates: None,
            scanned: HashSet::new(),
            fetched: HashSet::new(),
            pages: KnownPages::default(),
            offers: HashMap::new(),
            to_scan: Some(Vec::new()),
            evidence: Evidence::default(),
            yanked: HashMap::new(),
            other_python: HashMap::new(),
            metadata: HashMap::new(),
        };
        for link in settings.find_links {
            new.add_find_link(link);
        }
        new
    }

    /// What is local is looked at now, pages when the first project is asked for. zc.buildout: `add_find_links`.
    fn add_find_link(&mut self, mut link: String) {
        // zc.buildout: easy_install.py, `_fix_file_links`.
        if let Some(path) = link.strip_prefix("file://")
            && !link.ends_with('/')
            && fs::is_dir(path)
        {
            link.push('/');
        }
        let local = url::scheme(&link).is_none()
            || link.starts_with("file:")
            || !self.candidates().of_url(&link).distributions.is_empty();
        match &mut self.to_scan {
            Some(later) if !local => later.push(link),
            _ => self.process(&link, true),
        }
    }

    /// All that is on offer for the project of `requirement`, of any version, with zc.buildout's log lines.
    pub fn find(&mut self, requirement: &Requirement) -> Result<Vec<Distribution>> {
        Ok(self.find_project(requirement.name()))
    }

    /// As [`Index::find`], by the name as written.
    pub fn find_project(&mut self, project: &str) -> Vec<Distribution> {
        self.scan_links();
        let canonical = name::canonical(project);
        self.evidence.now.clone_from(&canonical);
        self.find_pages(project);
        let found = self.offers.get(&canonical);
        let mut found = found.cloned().unwrap_or_default();
        // zc.buildout: easy_install.py, `EnvironmentMixin.add`: newest first, each once.
        found.sort_by(|a, b| b.cmp(a));
        found.dedup();
        self.evidence.now.clear();
        found
    }

    /// What was tried for a project, for a message that nothing was found: pages with their status, files seen and passed
    /// over, versions that are there.
    pub fn evidence(&self, name: &str) -> Vec<String> {
        let canonical = name::canonical(name);
        let mut lines = self.evidence.of(&canonical);
        let offers = self.offers.get(&canonical).map_or(&[][..], Vec::as_slice);
        let mut versions: Vec<&Version> = offers.iter().map(|d| &d.version).collect();
        versions.sort();
        versions.dedup();
        if let (Some(first), Some(last)) = (versions.first(), versions.last()) {
            let shown: Vec<String> = versions
                .iter()
                .rev()
                .take(8)
                .map(ToString::to_string)
                .collect();
            lines.push(if versions.len() > shown.len() {
                format!(
                    "on offer are {} versions from {first} to {last}; the newest: {}",
                    versions.len(),
                    shown.join(", ")
                )
            } else {
                format!("on offer: {}", shown.join(", "))
            });
        } else {
            let pages = self.pages.keys(&self.base);
            let known = self.offers.keys().chain(&pages);
            if let Some(nearest) = did_you_mean(&canonical, known.map(String::as_str)) {
                lines.push(format!("did you mean `{nearest}`?"));
            }
        }
        lines
    }

    /// Why the index could not be read for a project, and what to do about it.
    pub fn trouble(&self, name: &str) -> Option<(String, &'static str)> {
        self.evidence.trouble_of(&name::canonical(name)).cloned()
    }

    /// Why a file on offer has been withdrawn, if it has; the reason may be empty.
    pub fn yanked(&self, location: &str) -> Option<&str> {
        self.yanked.get(location).map(String::as_str)
    }

    /// For which versions of Python a file on offer is, if the index says that this is none of them.
    pub fn other_python(&self, location: &str) -> Option<&str> {
        self.other_python.get(location).map(String::as_str)
    }

    /// zc.buildout: `find_packages`.
    fn find_pages(&mut self, project: &str) {
        if self.base.is_empty() {
            let line =
                "no index: [buildout] names none, and the interpreter has no pip to ask for one";
            self.evidence.add(line.to_owned());
            return;
        }
        let canonical = name::canonical(project);
        let safe = name::safe(project);
        let key = safe.to_lowercase();
        let page = self.page_name(project);
        self.process(&format!("{}{page}/", self.base), true);
        if !self.names_as_written && self.has_page(&canonical) {
            self.read_pages(&canonical);
            return;
        }
        if !self.has_page(&key) && (self.names_as_written || key != canonical) {
            self.process(&format!("{}{safe}/", self.base), true);
        }
        if !self.has_page(&key) {
            self.not_found(project, &canonical);
        }
        self.read_pages(&key);
    }

    fn has_page(&self, key: &str) -> bool {
        self.pages.has(&self.base, key)
    }

    fn read_pages(&mut self, key: &str) {
        for page in self.pages.of(&self.base, key) {
            self.process(&page, true);
        }
    }

    /// zc.buildout: `not_found_in_index`, `scan_all`.
    fn not_found(&mut self, project: &str, canonical: &str) {
        let project = crate::pystr::repr(project);
        if self.offers.get(canonical).is_some_and(|o| !o.is_empty()) {
            let line = format!("Couldn't retrieve index page for {project}");
            self.log.say_as("root", INFO, &line);
        } else {
            let line = format!("Couldn't find index page for {project} (maybe misspelled?)");
            self.log.say_as("root", WARNING, &line);
        }
        if !self.fetched.contains(&self.base) {
            let line = "Scanning index of all packages (this may take a while)";
            self.log.say_as("root", INFO, line);
        }
        self.process(&self.base.clone(), true);
    }
}

/// The file name of what a distribution's location names.
pub(super) fn file_name(location: &str) -> String {
    if url::scheme(location).is_some() {
        candidate::base_and_fragment(location).0
    } else {
        location.rsplit('/').next().unwrap_or(location).to_owned()
    }
}

#[cfg(test)]
mod tests;

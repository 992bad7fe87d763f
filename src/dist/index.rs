//! The package index and find-links: what is on offer.
//!
//! The order in which pages are read, and every line about it, are those of zc.buildout's `PackageIndex`; the pages
//! themselves may have been read before, several at once ([`Index::prefetch`]). Which of the offers is taken is not
//! decided here. zc.buildout: _package_index.py, patches.py, easy_install.py (`_get_index`). Links of old indexes that
//! point to pages elsewhere (`rel="homepage"`) are not followed.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::str::FromStr;

use indexmap::{IndexMap, IndexSet};

use super::candidate::{self, Candidates};
use super::distribution::Distribution;
use super::evidence::{Evidence, Tally};
use super::index_page::{self, Links};
use super::name;
use super::page_source::{self, Answer};
use super::requirement::Requirement;
use super::version::Version;
use crate::error::Result;
use crate::log::{DEBUG, INFO, Log, WARNING};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::{Failure, Network};
use crate::sys::url;
use crate::wording::{did_you_mean, redacted};

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
}

/// What the index and the find-links offer, page by page as it is asked for.
#[derive(Debug)]
pub struct Index {
    /// The URL or directory of the index, with `/` at its end. Empty where there is none at all.
    base: String,
    names_as_written: bool,
    allow_hosts: Vec<String>,
    network: Rc<Network>,
    log: Log,
    facts: Rc<Facts>,
    candidates: Option<Candidates>,
    python: Option<pep440_rs::Version>,
    /// Links looked at, and pages read: each once a run.
    scanned: HashSet<String>,
    fetched: HashSet<String>,
    /// Pages that the index is known to have, by project.
    pages: IndexMap<String, IndexSet<String>>,
    /// What is on offer, by canonical name.
    offers: HashMap<String, Vec<Distribution>>,
    /// Pages of find-links, to be read before the first project; none once they are.
    to_scan: Option<Vec<String>>,
    /// Pages read in advance.
    ready: HashMap<String, Answer>,
    /// What was tried, by what it was tried for.
    evidence: Evidence,
    /// Why files were withdrawn, by URL.
    yanked: HashMap<String, String>,
}

impl Index {
    pub fn new(settings: IndexSettings, network: Rc<Network>, facts: Rc<Facts>, log: Log) -> Self {
        let index = settings.index.or_else(|| facts.pip_index.clone());
        let mut index = index.unwrap_or_default();
        // zc.buildout: easy_install.py, `_get_index`.
        if let Some(path) = index.strip_prefix("file://") {
            index = path.to_owned();
        }
        if !index.is_empty() && !index.ends_with('/') {
            index.push('/');
        }
        let mut new = Self {
            base: index,
            names_as_written: settings.names_as_written,
            allow_hosts: settings.allow_hosts,
            network,
            log,
            python: pep440_rs::Version::from_str(&facts.python_full_version).ok(),
            facts,
            candidates: None,
            scanned: HashSet::new(),
            fetched: HashSet::new(),
            pages: IndexMap::new(),
            offers: HashMap::new(),
            to_scan: Some(Vec::new()),
            ready: HashMap::new(),
            evidence: Evidence::default(),
            yanked: HashMap::new(),
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

    /// Reads the pages of these projects at once, without a word, so that [`Index::find`] need not wait.
    pub fn prefetch(&mut self, names: &[String]) {
        let index = if url::scheme(&self.base).is_some() {
            self.base.as_str()
        } else {
            ""
        };
        let of_index = names
            .iter()
            .filter(|_| !index.is_empty())
            .map(|project| format!("{index}{}/", self.page_name(project)));
        let of_links = self.to_scan.iter().flatten().cloned();
        let mut urls: Vec<String> = of_links
            .chain(of_index)
            .filter(|url| !self.fetched.contains(url) && !self.ready.contains_key(url))
            .filter(|url| self.allows(url))
            .collect();
        urls.sort_unstable();
        urls.dedup();
        if urls.is_empty() {
            return;
        }
        let answers = page_source::read_all(&self.network, &urls);
        self.ready.extend(urls.into_iter().zip(answers));
    }

    /// What a project is called in the URL of its page.
    // zc.buildout: _package_index.py, `find_packages`; before version 4.1.11: setuptools, package_index.py.
    fn page_name(&self, project: &str) -> String {
        if self.names_as_written {
            project.to_owned()
        } else {
            name::canonical(project)
        }
    }

    /// All that is on offer for the project of `requirement`, of any version, with zc.buildout's log lines.
    pub fn find(&mut self, requirement: &Requirement) -> Result<Vec<Distribution>> {
        Ok(self.find_project(requirement.name()))
    }

    /// As [`Index::find`], by the name as written.
    pub fn find_project(&mut self, project: &str) -> Vec<Distribution> {
        for link in self.to_scan.take().unwrap_or_default() {
            self.process(&link, true);
        }
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
            let known = self.offers.keys().chain(self.pages.keys());
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
        if !self.names_as_written && self.pages.contains_key(&canonical) {
            self.read_pages(&canonical);
            return;
        }
        if !self.pages.contains_key(&key) && (self.names_as_written || key != canonical) {
            self.process(&format!("{}{safe}/", self.base), true);
        }
        if !self.pages.contains_key(&key) {
            self.not_found(project, &canonical);
        }
        self.read_pages(&key);
    }

    fn read_pages(&mut self, key: &str) {
        for page in self.pages.get(key).cloned().unwrap_or_default() {
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

    /// Looks at a link: a file on offer, a directory, or with `retrieve` a page. zc.buildout: `process_url`.
    fn process(&mut self, link: &str, retrieve: bool) {
        if !self.scanned.insert(link.to_owned()) && !retrieve {
            return;
        }
        if url::scheme(link).is_none() {
            self.process_path(link);
            return;
        }
        let (found, refused) = self.take_offer(link);
        if refused || found || !retrieve || self.fetched.contains(link) {
            return;
        }
        self.fetched.insert(link.to_owned());
        if self.allows(link) {
            self.read_page(link);
        } else {
            self.evidence.add(format!(
                "{}: not read, allow-hosts excludes the host",
                redacted(link)
            ));
        }
    }

    /// Adds what a link offers by its name: whether that is anything, and whether allow-hosts refused it.
    fn take_offer(&mut self, link: &str) -> (bool, bool) {
        let read = self.candidates().of_url(link);
        if read.distributions.is_empty() {
            // An egg is one for whatever system; a wheel that does not fit is nothing, so zc.buildout reads it as a page.
            let base = url::without_fragment(link);
            return (read.other_platform && !base.ends_with(".whl"), false);
        }
        if !self.allows(link) {
            return (true, true);
        }
        if self.log.enabled(DEBUG) {
            let line = format!("Found link: {}", redacted(link));
            self.log.say_as("root", DEBUG, &line);
        }
        self.add(read.distributions);
        (true, false)
    }

    fn add(&mut self, distributions: Vec<Distribution>) {
        for distribution in distributions {
            let key = name::canonical(&distribution.project_name);
            self.offers.entry(key).or_default().push(distribution);
        }
    }

    fn read_page(&mut self, link: &str) {
        let shown = redacted(link);
        self.log.say_as("root", INFO, &format!("Reading {shown}"));
        let answer = match self.ready.remove(link) {
            Some(answer) => answer,
            None if link == self.base => page_source::read_root(&self.network, link),
            None => page_source::read(&self.network, link),
        };
        match answer {
            Answer::Failed(failure) => {
                let line = format!(
                    "Download error on {shown}: {} -- Some packages may not be found!",
                    failure.reason
                );
                self.log.say_as("root", WARNING, &line);
                self.evidence.add(format!("{shown}: {failure}"));
                if self.is_of_index(link) {
                    let what = format!("the index can't be asked: {}", failure.reason);
                    self.evidence.trouble(what, failure.advice());
                }
            }
            Answer::Page {
                status,
                message,
                at,
                content_type,
                links,
            } => {
                // zc.buildout: `local_open` answers with an HTTPError, whatever the status.
                if status >= 400 || link.starts_with("file:") {
                    let kind = if status == 401 {
                        "Authentication error"
                    } else {
                        "HTTP error"
                    };
                    self.log.say_as("root", INFO, &format!("{kind}: {message}"));
                }
                if status >= 400 {
                    self.evidence.add(format!("{shown}: {status} {message}"));
                    if !matches!(status, 404 | 410) && self.is_of_index(link) {
                        let what = format!("the index answers {status} {message}");
                        let advice = Failure::of_status(status).advice();
                        self.evidence.trouble(what, advice);
                    }
                }
                self.fetched.insert(at);
                if !index_page::is_readable(&content_type) {
                    if status < 400 {
                        let kind = match content_type.as_str() {
                            "" => "no content type",
                            kind => kind,
                        };
                        self.evidence
                            .add(format!("{shown}: no page with links ({kind})"));
                    }
                    return;
                }
                if let Some(why) = &links.broken {
                    self.evidence.add(format!("{shown}: {why}"));
                    if self.is_of_index(link) {
                        let what = format!("the index answers what is no page: {why}");
                        let advice =
                            "look whether the URL is that of an index; a proxy may be in between";
                        self.evidence.trouble(what, advice);
                    }
                    return;
                }
                self.take_links(&links, &shown, status);
                if self.is_of_index(link) && status != 404 {
                    self.take_pages(link, &links);
                }
            }
        }
    }

    fn is_of_index(&self, link: &str) -> bool {
        !self.base.is_empty() && link.starts_with(&self.base)
    }

    fn take_links(&mut self, links: &Links, shown: &str, status: u16) {
        let mut tally = Tally::default();
        for link in &links.files {
            let requires = link.requires_python.as_deref();
            let refused = self
                .python
                .as_ref()
                .is_some_and(|python| !index_page::allows_python(requires, python));
            if refused {
                tally.files += 1;
                tally.other_python.note(requires.unwrap_or(""));
                continue;
            }
            if let Some(why) = &link.yanked {
                tally.yanked += 1;
                self.yanked.insert(link.url.clone(), why.clone());
            }
            if !self.scanned.insert(link.url.clone()) {
                continue;
            }
            let read = self.candidates().of_url(&link.url);
            if read.other_platform {
                tally.files += 1;
                tally.other_platform.note(&read.made_for);
            } else if !read.distributions.is_empty() {
                tally.files += 1;
                let (_, refused) = self.take_offer(&link.url);
                tally.other_host += usize::from(refused);
            }
        }
        if status < 400 {
            self.evidence.add(format!("{shown}: {}", tally.told()));
        }
    }

    /// Remembers which pages of the index a page names, itself among them. zc.buildout: `process_index`, `_scan`.
    fn take_pages(&mut self, link: &str, links: &Links) {
        for page in links.pages.iter().map(String::as_str).chain([link]) {
            let Some(rest) = page.strip_prefix(&self.base) else {
                continue;
            };
            if let Some((project, version)) = rest.split_once('/')
                && !url::unquote(version).contains(['/', '#'])
            {
                let key = name::safe(&url::unquote(project)).to_lowercase();
                self.pages.entry(key).or_default().insert(page.to_owned());
            }
        }
    }

    /// A file or a directory of files. zc.buildout: `process_filename`.
    fn process_path(&mut self, path: &str) {
        if !fs::exists(path) {
            self.log
                .say_as("root", WARNING, &format!("Not found: {path}"));
            self.evidence
                .add(format!("{path}: no such file or directory"));
            return;
        }
        let mut tally = Tally::default();
        if fs::is_dir(path) {
            let folder = fs::real_path(path);
            for item in fs::list(&folder).unwrap_or_default() {
                self.process_file(&folder.join(item).display().to_string(), &mut tally);
            }
        }
        self.process_file(path, &mut tally);
        self.evidence.add(format!("{path}: {}", tally.told()));
    }

    fn process_file(&mut self, path: &str, tally: &mut Tally) {
        let base = path.rsplit('/').next().unwrap_or(path);
        if base.is_empty() {
            return;
        }
        // pkg_resources: `normalize_path`.
        let real = fs::real_path(path).display().to_string();
        let read = self.candidates().of_file(&real, base);
        tally.files += usize::from(read.other_platform || !read.distributions.is_empty());
        if read.other_platform {
            tally.other_platform.note(&read.made_for);
        }
        if !read.distributions.is_empty() {
            self.log.say_as("root", DEBUG, &format!("Found: {path}"));
            self.add(read.distributions);
        }
    }

    fn candidates(&mut self) -> &Candidates {
        let facts = &self.facts;
        self.candidates
            .get_or_insert_with(|| Candidates::new(facts))
    }

    /// zc.buildout: `url_ok`.
    fn allows(&self, link: &str) -> bool {
        let pieces = url::parts(link);
        pieces.scheme.eq_ignore_ascii_case("file")
            || self.allow_hosts.is_empty()
            || self
                .allow_hosts
                .iter()
                .any(|pattern| matches(pattern, pieces.netloc.unwrap_or("")))
    }
}

/// Python's `fnmatch`: `*`, `?`, `[…]`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    let Some(first) = rest.next() else {
        return text.is_empty();
    };
    let rest = rest.as_str();
    let mut after = text.chars();
    let next = after.next();
    match first {
        '*' => matches(rest, text) || (next.is_some() && matches(pattern, after.as_str())),
        '?' => next.is_some() && matches(rest, after.as_str()),
        '[' if set(rest).is_some() => set(rest).zip(next).is_some_and(|((not, set, rest), c)| {
            within(set, c) != not && matches(rest, after.as_str())
        }),
        _ => next == Some(first) && matches(rest, after.as_str()),
    }
}

/// What stands in brackets: negated, the characters, what follows.
fn set(text: &str) -> Option<(bool, &str, &str)> {
    let (not, text) = match text.strip_prefix('!') {
        Some(text) => (true, text),
        None => (false, text),
    };
    // A bracket that comes first stands for itself.
    let skip = usize::from(text.starts_with(']'));
    let end = text.get(skip..)?.find(']')? + skip;
    Some((not, &text[..end], &text[end + 1..]))
}

fn within(set: &str, c: char) -> bool {
    let set: Vec<char> = set.chars().collect();
    let mut rest = set.as_slice();
    while let [first, after @ ..] = rest {
        if let ['-', last, after @ ..] = after {
            if (*first..=*last).contains(&c) {
                return true;
            }
            rest = after;
        } else {
            if *first == c {
                return true;
            }
            rest = after;
        }
    }
    false
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
#[path = "index_tests.rs"]
mod tests;

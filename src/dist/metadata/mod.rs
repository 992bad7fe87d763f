//! What the metadata of an installed distribution says of its dependencies, extras and namespaces.
//!
//! `.dist-info/METADATA`, `EGG-INFO/requires.txt` and `.egg-info`. Not the entry points (`entry_points.rs`) and not where
//! metadata is (`scan.rs`). pkg_resources: `Distribution._dep_map`, `DistInfoDistribution._compute_dependencies`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::distribution::Distribution;
use crate::dist::marker::Marker;
use crate::dist::requirement::{self, Requirement};
use crate::error::{Error, Result};
use crate::python::Facts;
use crate::sys::fs;

/// Requirements of a distribution by extra; those of `None` always count.
#[derive(Debug, Default)]
pub struct Dependencies {
    by_extra: IndexMap<Option<String>, Vec<Requirement>>,
}

impl Dependencies {
    /// The extras that the distribution has, in pkg_resources' spelling.
    pub fn extras(&self) -> impl Iterator<Item = &str> {
        self.by_extra.keys().filter_map(Option::as_deref)
    }

    /// What is needed with some extras: the common requirements first. An extra that is not there has none.
    // pkg_resources: `Distribution.requires`.
    pub fn requires<'a>(&self, extras: impl IntoIterator<Item = &'a String>) -> Vec<Requirement> {
        let mut all = self.by_extra.get(&None).cloned().unwrap_or_default();
        for extra in extras {
            let extra = Some(requirement::safe_extra(extra));
            all.extend(self.by_extra.get(&extra).into_iter().flatten().cloned());
        }
        all
    }
}

/// Reads dependencies once a distribution and remembers them. Cheap to clone; clones share what was read.
#[derive(Clone, Debug)]
pub struct Metadata {
    facts: Rc<Facts>,
    read: Rc<RefCell<HashMap<PathBuf, Rc<Dependencies>>>>,
}

impl Metadata {
    pub fn new(facts: Rc<Facts>) -> Self {
        Self {
            facts,
            read: Rc::default(),
        }
    }

    pub fn facts(&self) -> &Rc<Facts> {
        &self.facts
    }

    /// The dependencies of an installed distribution.
    pub fn dependencies(&self, distribution: &Distribution) -> Result<Rc<Dependencies>> {
        let Some(place) = &distribution.metadata else {
            return Ok(Rc::default());
        };
        if let Some(read) = self.read.borrow().get(place) {
            return Ok(Rc::clone(read));
        }
        let read = if is_dist_info(place) {
            of_dist_info(place, &self.facts.markers)
        } else {
            self.of_egg_info(place)
        };
        let read = Rc::new(read.map_err(|error| {
            error.hint(
                "bad-metadata",
                format!(
                    "the metadata of {distribution} can't be read: {}",
                    place.display()
                ),
                "remove it and run buildout again, or install another version",
            )
        })?);
        self.read
            .borrow_mut()
            .insert(place.clone(), Rc::clone(&read));
        Ok(read)
    }

    /// Forgets what was read below a directory that has changed.
    pub fn forget(&self) {
        self.read.borrow_mut().clear();
    }

    // pkg_resources: `Distribution._build_dep_map`, `_filter_extras`.
    fn of_egg_info(&self, place: &Path) -> Result<Dependencies> {
        let mut written: IndexMap<Option<String>, Vec<Requirement>> = IndexMap::new();
        for name in ["requires.txt", "depends.txt"] {
            let Some(text) = text_of(place, name)? else {
                continue;
            };
            for (section, lines) in sections(&text)? {
                written
                    .entry(section.filter(|section| !section.is_empty()))
                    .or_default()
                    .extend(requirement::parse_all(&lines.join("\n"))?);
            }
        }
        let mut by_extra: IndexMap<Option<String>, Vec<Requirement>> = IndexMap::new();
        if let Some(common) = written.shift_remove(&None) {
            by_extra.insert(None, common);
        }
        for (section, mut requirements) in written {
            let section = section.unwrap_or_default();
            let (extra, marker) = section.split_once(':').unwrap_or((&section, ""));
            // A marker that makes no sense holds nowhere.
            let holds = marker.is_empty()
                || Requirement::parse(&format!("x; {marker}"))
                    .and_then(|r| r.holds(&self.facts.markers, ""))
                    .unwrap_or(false);
            if !holds {
                requirements.clear();
            }
            let extra = Some(requirement::safe_extra(extra)).filter(|extra| !extra.is_empty());
            by_extra.entry(extra).or_default().extend(requirements);
        }
        Ok(Dependencies { by_extra })
    }
}

/// All that a `.dist-info` requires, with its markers.
pub(in crate::dist) fn required(place: &Path) -> Result<Vec<Requirement>> {
    let header = Header::read(&place.join("METADATA"), &[REQUIRES])?;
    let mut all = Vec::new();
    for text in header.all(REQUIRES) {
        all.extend(requirement::parse_all(text)?);
    }
    Ok(all)
}

/// The dependencies that a `.dist-info` tells.
// pkg_resources: `DistInfoDistribution._compute_dependencies`.
pub(in crate::dist) fn of_dist_info(
    place: &Path,
    markers: &IndexMap<String, String>,
) -> Result<Dependencies> {
    let header = Header::read(&place.join("METADATA"), &[REQUIRES, EXTRA])?;
    let mut all = Vec::new();
    for text in header.all(REQUIRES) {
        all.extend(requirement::parse_all(text)?);
    }
    let mut common: Vec<Requirement> = Vec::new();
    for requirement in &all {
        if requirement.holds(markers, "")? && !common.contains(requirement) {
            common.push(requirement.clone());
        }
    }
    // What does not ask for an extra and holds with one holds without it, and is common.
    all.retain(|requirement| requirement.marker().is_some_and(Marker::names_extra));
    let mut by_extra = IndexMap::new();
    for extra in header.all(EXTRA) {
        let mut own = Vec::new();
        for requirement in &all {
            if requirement.holds(markers, extra)? && !common.contains(requirement) {
                own.push(requirement.clone());
            }
        }
        let name = requirement::safe_extra(crate::pystr::strip(extra));
        by_extra.insert(Some(name), own);
    }
    by_extra.insert(None, common);
    Ok(Dependencies { by_extra })
}

fn is_dist_info(place: &Path) -> bool {
    place
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("dist-info"))
}

/// A file of the metadata; `None` where it is not there, or the metadata is one file.
pub(in crate::dist) fn text_of(place: &Path, name: &str) -> Result<Option<String>> {
    let bytes = fs::read_if_there(place.join(name))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Lines that count of a file of the metadata of a distribution.
pub(in crate::dist) fn lines_of(
    distribution: &Distribution,
    name: &str,
) -> Result<Option<Vec<String>>> {
    let Some(place) = &distribution.metadata else {
        return Ok(None);
    };
    Ok(text_of(place, name)?.map(|text| {
        requirement::content_lines(&text)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }))
}

/// Sections `[name]` with their lines; lines before the first have none.
// pkg_resources: `split_sections`.
pub(in crate::dist) fn sections(text: &str) -> Result<Vec<(Option<String>, Vec<&str>)>> {
    let mut sections = vec![(None, Vec::new())];
    for line in requirement::content_lines(text) {
        if let Some(rest) = line.strip_prefix('[') {
            let Some(name) = rest.strip_suffix(']') else {
                return Err(Error::user(format!(
                    "Invalid section heading: {}",
                    crate::pystr::repr(line)
                )));
            };
            sections.push((Some(crate::pystr::strip(name).to_owned()), Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    Ok(sections)
}

/// The version that METADATA or PKG-INFO names.
// pkg_resources: `_version_from_file`; it is content with a line of the description.
pub(in crate::dist) fn version_in(file: &Path) -> Option<String> {
    let head = head(file);
    if let Some(version) = version_line(&head) {
        return Some(version).filter(|version| !version.is_empty());
    }
    let whole = fs::head(file, u64::MAX);
    version_line(whole.get(head.len()..)?).filter(|version| !version.is_empty())
}

fn version_line(text: &[u8]) -> Option<String> {
    requirement::content_lines(&String::from_utf8_lossy(text))
        .into_iter()
        .find(|line| {
            line.get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case("version:"))
        })
        .and_then(|line| line.get(8..))
        .map(|version| crate::pystr::strip(version).to_owned())
}

/// A file up to its first blank line.
fn head(file: &Path) -> Vec<u8> {
    const ENOUGH: u64 = 8192;
    let mut head = fs::head(file, ENOUGH);
    let mut end = blank_line(&head);
    if end.is_none() && head.len() as u64 >= ENOUGH {
        head = fs::head(file, u64::MAX);
        end = blank_line(&head);
    }
    head.truncate(end.unwrap_or(head.len()));
    head
}

/// Where the first blank line begins.
fn blank_line(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let is_last = at + line.len() == text.len();
        if matches!(line, b"" | b"\r") && !is_last {
            return Some(at);
        }
        at += line.len() + 1;
    }
    None
}

const REQUIRES: &str = "Requires-Dist";
const EXTRA: &str = "Provides-Extra";

/// Some fields of the header of METADATA. Python: `email.parser.Parser`.
struct Header {
    fields: Vec<(&'static str, String)>,
}

impl Header {
    fn read(file: &Path, names: &[&'static str]) -> Result<Self> {
        let head = head(file);
        if head.is_empty() && !fs::is_file(file) {
            return Err(Error::user(format!("There is no {}.", file.display())));
        }
        let text = String::from_utf8_lossy(&head);
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        // Whether the field that a line goes on with is one of those.
        let mut is_wanted = false;
        for line in text.split('\n') {
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut().filter(|_| is_wanted) {
                    value.push('\n');
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                let wanted = names.iter().find(|n| n.eq_ignore_ascii_case(name));
                is_wanted = wanted.is_some();
                let value = value.trim_start_matches([' ', '\t']);
                fields.extend(wanted.map(|name| (*name, value.to_owned())));
            } else {
                break;
            }
        }
        Ok(Self { fields })
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(field, _)| *field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Whether a distribution's namespace packages need `pkg_resources` when they are imported.
// zc.buildout: easy_install.py, `dist_needs_pkg_resources`, `namespace_packages_need_pkg_resources`.
pub(in crate::dist) fn needs_pkg_resources(distribution: &Distribution) -> Result<bool> {
    let Some(namespaces) = lines_of(distribution, "namespace_packages.txt")? else {
        return Ok(false);
    };
    for namespace in namespaces {
        let init = Path::new(&distribution.location)
            .join(namespace.replace('.', "/"))
            .join("__init__.py");
        if let Some(source) = fs::read_if_there(&init)? {
            let source = String::from_utf8_lossy(&source);
            if source.contains("pkg_resources") && !source.contains("pkgutil") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;

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

/// The dependencies that a `.dist-info` tells.
// pkg_resources: `DistInfoDistribution._compute_dependencies`.
pub(in crate::dist) fn of_dist_info(
    place: &Path,
    markers: &IndexMap<String, String>,
) -> Result<Dependencies> {
    let header = Header::read(&place.join("METADATA"))?;
    let mut all = Vec::new();
    for text in header.all("Requires-Dist") {
        all.extend(requirement::parse_all(text)?);
    }
    let applying = |extra: &str| -> Result<Vec<Requirement>> {
        let mut applying = Vec::new();
        for requirement in &all {
            if requirement.holds(markers, extra)? {
                applying.push(requirement.clone());
            }
        }
        Ok(applying)
    };
    let mut common: Vec<Requirement> = Vec::new();
    for requirement in applying("")? {
        if !common.contains(&requirement) {
            common.push(requirement);
        }
    }
    let mut by_extra = IndexMap::new();
    for extra in header.all("Provides-Extra") {
        let mut own = applying(extra)?;
        own.retain(|requirement| !common.contains(requirement));
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
// pkg_resources: `_version_from_file`.
pub(in crate::dist) fn version_in(file: &Path) -> Option<String> {
    let header = String::from_utf8_lossy(&head(file)).into_owned();
    requirement::content_lines(&header)
        .into_iter()
        .find(|line| {
            line.get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case("version:"))
        })
        .and_then(|line| line.get(8..))
        .map(|version| crate::pystr::strip(version).to_owned())
        .filter(|version| !version.is_empty())
}

/// A file up to its first blank line, and perhaps some more.
fn head(file: &Path) -> Vec<u8> {
    const ENOUGH: u64 = 8192;
    let start = fs::head(file, ENOUGH);
    let whole = (start.len() as u64) < ENOUGH
        || start.windows(2).any(|two| two == b"\n\n")
        || start.windows(4).any(|four| four == b"\r\n\r\n");
    if whole {
        start
    } else {
        fs::head(file, u64::MAX)
    }
}

/// The header of METADATA. Python: `email.parser.Parser`.
struct Header {
    fields: Vec<(String, String)>,
}

impl Header {
    fn read(file: &Path) -> Result<Self> {
        if !fs::is_file(file) {
            return Err(Error::user(format!("There is no {}.", file.display())));
        }
        let text = String::from_utf8_lossy(&head(file)).into_owned();
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.split('\n') {
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((
                    name.to_owned(),
                    value.trim_start_matches([' ', '\t']).to_owned(),
                ));
            } else {
                break;
            }
        }
        Ok(Self { fields })
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
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

//! What the metadata of an installed distribution says of its dependencies, extras and namespaces.
//!
//! `.dist-info/METADATA`, `EGG-INFO/requires.txt` and `.egg-info`. Not the entry points (`entry_points.rs`) and not where
//! metadata is (`scan.rs`). pkg_resources: `Distribution._dep_map`, `DistInfoDistribution._compute_dependencies`.

mod header;
mod lines;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::distribution::Distribution;
use crate::dist::legacy::Grammar;
use crate::dist::requirement::{self, Requirement};
use crate::dist::zipped_egg;
use crate::error::{Error, Result};
use crate::pystr;
use crate::python::Facts;
pub(in crate::dist) use header::version_in;
use header::{EXTRA, Header, REQUIRES};
use lines::Lines;

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
    read: Rc<RefCell<HashMap<OsString, Rc<Dependencies>>>>,
    lines: Rc<Lines>,
}

impl Metadata {
    pub fn new(facts: Rc<Facts>) -> Self {
        Self {
            facts,
            read: Rc::default(),
            lines: Rc::default(),
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
        if let Some(read) = self.read.borrow().get(place.as_os_str()) {
            return Ok(Rc::clone(read));
        }
        let read = if is_dist_info(place) {
            self.of_dist_info(place)
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
            .insert(place.clone().into_os_string(), Rc::clone(&read));
        Ok(read)
    }

    /// Forgets what was read below a directory that has changed.
    pub fn forget(&self) {
        self.read.borrow_mut().clear();
    }

    // pkg_resources: `DistInfoDistribution._compute_dependencies`.
    pub(in crate::dist) fn of_dist_info(&self, place: &Path) -> Result<Dependencies> {
        self.of_header(&Header::read(&place.join("METADATA"), &[REQUIRES, EXTRA])?)
    }

    /// What a text of `METADATA` says.
    pub(in crate::dist) fn of_text(&self, metadata: &str) -> Result<Dependencies> {
        self.of_header(&Header::of_text(metadata, &[REQUIRES, EXTRA]))
    }

    fn of_header(&self, header: &Header) -> Result<Dependencies> {
        let markers = &self.facts.markers;
        let grammar = Grammar::of(&self.facts);
        let mut all = Vec::new();
        for text in header.all(REQUIRES) {
            all.push(self.lines.read(text, grammar)?);
        }
        let mut common: Vec<Requirement> = Vec::new();
        let mut conditional = Vec::new();
        for line in all.iter().flat_map(|lines| lines.iter()) {
            if line.holds(markers)? && !common.contains(&line.requirement) {
                common.push(line.requirement.clone());
            }
            // What does not ask for an extra and holds with one holds without it, and is common.
            if line.names_extra {
                conditional.push(&line.requirement);
            }
        }
        let mut by_extra = IndexMap::new();
        for extra in header.all(EXTRA) {
            let mut own = Vec::new();
            for &requirement in &conditional {
                if requirement.holds(markers, extra)? && !common.contains(requirement) {
                    own.push(requirement.clone());
                }
            }
            let name = requirement::safe_extra(pystr::strip(extra));
            by_extra.insert(Some(name), own);
        }
        by_extra.insert(None, common);
        Ok(Dependencies { by_extra })
    }

    // pkg_resources: `Distribution._build_dep_map`, `_filter_extras`.
    fn of_egg_info(&self, place: &Path) -> Result<Dependencies> {
        let mut written: IndexMap<Option<String>, Vec<Requirement>> = IndexMap::new();
        let grammar = Grammar::of(&self.facts);
        for name in ["requires.txt", "depends.txt"] {
            let Some(text) = text_of(place, name)? else {
                continue;
            };
            for (section, lines) in sections(&text)? {
                written
                    .entry(section.filter(|section| !section.is_empty()))
                    .or_default()
                    .extend(requirement::parse_all(&lines.join("\n"), grammar)?);
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
pub(in crate::dist) fn required(place: &Path, facts: &Facts) -> Result<Vec<Requirement>> {
    let header = Header::read(&place.join("METADATA"), &[REQUIRES])?;
    let mut all = Vec::new();
    for text in header.all(REQUIRES) {
        all.extend(requirement::parse_all(text, Grammar::of(facts))?);
    }
    Ok(all)
}

fn is_dist_info(place: &Path) -> bool {
    place
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("dist-info"))
}

/// A file of the metadata; `None` where it is not there, or the metadata is one file.
pub(in crate::dist) fn text_of(place: &Path, name: &str) -> Result<Option<String>> {
    let bytes = zipped_egg::read(&place.join(name))?;
    Ok(bytes.map(pystr::lossy))
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
                    pystr::repr(line)
                )));
            };
            sections.push((Some(pystr::strip(name).to_owned()), Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    Ok(sections)
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
        if let Some(source) = zipped_egg::read(&init)? {
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

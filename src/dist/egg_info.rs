//! From an unpacked wheel to an egg with EGG-INFO, as setuptools made it for zc.buildout before version 5.
//!
//! Only what differs from pip's layout (`egg.rs`) is here: the name, where files go, what is written. A wheel is known to
//! setuptools by the name of its file, in later generations by that of its metadata; with that name it looks for the
//! directory `.data`, and leaves it where it is if it is called otherwise. setuptools: wheel.py, `Wheel.install_as_egg`;
//! zc.buildout: easy_install.py, `unpack_wheel`, `_maybe_copy_and_rename_wheel`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::cache::{Unpacked, walk};
use super::candidate::safe_version;
use super::marker::Marker;
use super::metadata::{self, Metadata};
use super::name;
use super::record;
use super::requirement::Requirement;
use super::tooling::Tooling;
use super::wheel::beside;
use crate::error::Result;
use crate::python::Facts;
use crate::sys::fs;

/// What setuptools reads in the name of a wheel's file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WheelName {
    pub(super) project: String,
    pub(super) version: String,
    /// Whether it says that it is for any platform.
    pub(super) is_pure: bool,
}

impl WheelName {
    /// `file`: the file's name. `renamed`: the project's name in the metadata, where the file is called after that.
    // setuptools: wheel.py, `WHEEL_NAME`.
    pub(super) fn read(file: &str, renamed: Option<&str>) -> Option<Self> {
        let stem = file.strip_suffix(".whl")?;
        let pieces: Vec<&str> = stem.split('-').collect();
        let is_number = |piece: &&str| piece.starts_with(|c: char| c.is_ascii_digit());
        let at = pieces.iter().skip(1).position(is_number)? + 1;
        let project = pieces.get(..at)?.join("-");
        let version = (*pieces.get(at)?).to_owned();
        let rest = pieces.get(at + 1..)?;
        let has_build = rest.len() > 3 && rest.first().is_some_and(is_number);
        let platform = rest.get(if has_build { 3 } else { 2 }..)?.join("-");
        Some(Self {
            project: renamed.map_or(project, str::to_owned),
            version,
            is_pure: platform == "any",
        })
    }

    /// `NAME-VERSION-pyX.Y` or `NAME-VERSION-pyX.Y-PLATFORM`. setuptools: wheel.py, `Wheel.egg_name`.
    pub(super) fn base(&self, facts: &Facts) -> String {
        let name = name::safe(&self.project).replace('-', "_");
        let version = safe_version(&self.version).replace('-', "_");
        let python = &facts.python_version;
        if self.is_pure {
            format!("{name}-{version}-py{python}")
        } else {
            format!("{name}-{version}-py{python}-{}", facts.build_platform)
        }
    }

    /// The directory whose files setuptools moves to where they belong.
    fn data(&self) -> String {
        format!("{}-{}.data", self.project, self.version)
    }
}

/// What goes into an egg.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Files: from where, and to where in the egg.
    pub(super) files: Vec<(PathBuf, String)>,
    /// Texts that are written.
    pub(super) texts: Vec<(String, String)>,
}

/// All of an egg but its `.pyc` files.
pub(super) fn contents(
    wheel: &Unpacked,
    name: &WheelName,
    facts: &Facts,
    tooling: &Tooling,
) -> Result<Contents> {
    let mut made = Contents::default();
    let info = format!("{}/", wheel.dist_info);
    let moved = moved(wheel, name);
    for file in &wheel.files {
        let to = match file.strip_prefix(&info) {
            Some("METADATA") => "EGG-INFO/PKG-INFO".to_owned(),
            Some(rest) => format!("EGG-INFO/{rest}"),
            None => moved.get(file).unwrap_or(file).clone(),
        };
        made.files.push((wheel.tree.join(file), to));
    }
    for kind in ["scripts", "data", "headers"] {
        let place = beside(&wheel.tree, kind);
        let mut files = Vec::new();
        if fs::is_dir(&place) {
            walk(&place, "", &mut files)?;
        }
        for file in files {
            let to = match (stays(wheel, name), kind) {
                (Some(data), _) => format!("{data}/{kind}/{file}"),
                // They are compiled nowhere else.
                (None, "scripts") if file.ends_with(".pyc") => continue,
                (None, "scripts") => format!("EGG-INFO/scripts/{file}"),
                (None, _) => file.clone(),
            };
            made.files.push((place.join(&file), to));
        }
    }
    let requires = requires(wheel, facts, tooling)?;
    if !requires.is_empty() {
        made.texts
            .push(("EGG-INFO/requires.txt".to_owned(), requires));
    }
    let there: HashSet<&str> = made.files.iter().map(|(_, to)| to.as_str()).collect();
    let namespaces = namespaces(wheel, &there, tooling);
    made.texts.extend(namespaces);
    Ok(made)
}

/// The wheel's directory `.data` where setuptools does not find it.
fn stays(wheel: &Unpacked, name: &WheelName) -> Option<String> {
    let rows = record::read(&wheel.info("RECORD"));
    rows.iter()
        .filter_map(|row| row.path.split('/').next())
        .find(|first| first.ends_with(".data"))
        .filter(|first| **first != name.data())
        .map(str::to_owned)
}

/// Where files stay that pip has moved out of a `.data`.
fn moved(wheel: &Unpacked, name: &WheelName) -> HashMap<String, String> {
    let Some(data) = stays(wheel, name) else {
        return HashMap::new();
    };
    record::read(&wheel.info("RECORD"))
        .into_iter()
        .filter_map(|row| {
            let rest = row.path.strip_prefix(&format!("{data}/"))?;
            let (kind, file) = rest.split_once('/')?;
            matches!(kind, "purelib" | "platlib").then(|| (file.to_owned(), row.path.clone()))
        })
        .collect()
}

/// The text of requires.txt: what holds for this interpreter, without markers.
// setuptools: wheel.py, `Wheel._convert_metadata`; command/egg_info.py, `write_requirements`.
fn requires(wheel: &Unpacked, facts: &Facts, tooling: &Tooling) -> Result<String> {
    let place = wheel.tree.join(&wheel.dist_info);
    let (common, extras) = if tooling.has_setuptools("80.8.0") {
        by_markers(&place, facts)?
    } else {
        by_extras(&place, facts, tooling)?
    };
    let mut text = String::new();
    for line in &common {
        text.push_str(&format!("{line}\n"));
    }
    for (extra, lines) in extras {
        text.push_str(&format!("\n[{extra}]\n"));
        for line in lines {
            text.push_str(&format!("{line}\n"));
        }
    }
    Ok(text)
}

type Sections = (Vec<String>, BTreeMap<String, Vec<String>>);

/// As pkg_resources sees the dependencies of the wheel: of an extra, what is not required anyway.
fn by_extras(place: &Path, facts: &Facts, tooling: &Tooling) -> Result<Sections> {
    let dependencies = Metadata::new(Rc::new(facts.clone())).of_dist_info(place)?;
    let is_sorted = !tooling.has_setuptools("60.4.0");
    let lines = |requirements: Vec<Requirement>| {
        let mut lines = plain(&requirements);
        if is_sorted {
            lines.sort_unstable();
        }
        lines
    };
    let common = lines(dependencies.requires(&[]));
    let mut extras = BTreeMap::new();
    for extra in dependencies.extras() {
        let mut own = lines(dependencies.requires([&extra.to_owned()]));
        own.retain(|line| !common.contains(line));
        extras.insert(extra.to_owned(), own);
    }
    Ok((common, extras))
}

/// As the markers have it: an extra is what one of them names.
// setuptools: wheel.py, `Wheel._convert_requires`.
fn by_markers(place: &Path, facts: &Facts) -> Result<Sections> {
    let all = metadata::required(place, facts)?;
    let mut common = Vec::new();
    let mut of_extras = Vec::new();
    let mut extras = BTreeMap::new();
    for requirement in &all {
        let named: Vec<&str> = requirement
            .marker()
            .into_iter()
            .flat_map(Marker::extras)
            .collect();
        if named.is_empty() && requirement.holds(&facts.markers, "")? {
            common.push(requirement.clone());
        } else if !named.is_empty() {
            of_extras.push(requirement);
        }
        for extra in named {
            extras.insert(extra.to_owned(), Vec::new());
        }
    }
    for (extra, lines) in &mut extras {
        let mut own = Vec::new();
        for requirement in &of_extras {
            if requirement.holds(&facts.markers, extra)? {
                own.push((*requirement).clone());
            }
        }
        *lines = plain(&own);
    }
    Ok((plain(&common), extras))
}

/// Each once, without markers.
fn plain(requirements: &[Requirement]) -> Vec<String> {
    let mut lines: Vec<String> = requirements
        .iter()
        .map(|requirement| requirement.without_marker().to_string())
        .collect();
    let mut seen = HashSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    lines
}

/// `__init__.py` of namespace packages that lack one.
// setuptools: wheel.py, `Wheel._fix_namespace_packages`.
fn namespaces(wheel: &Unpacked, there: &HashSet<&str>, tooling: &Tooling) -> Vec<(String, String)> {
    let text = if tooling.has_setuptools("47.1.0") {
        "__import__('pkg_resources').declare_namespace(__name__)\n"
    } else {
        "try:\n    __import__('pkg_resources').declare_namespace(__name__)\nexcept ImportError:\n    \
         __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    };
    let said = wheel.info("namespace_packages.txt");
    said.split_whitespace()
        .filter(|namespace| is_dotted(namespace))
        .filter_map(|namespace| {
            let directory = namespace.replace('.', "/");
            let has_directory = || {
                there
                    .iter()
                    .any(|file| Path::new(file).starts_with(&directory))
            };
            let init = format!("{directory}/__init__.py");
            let wanted = !there.contains(init.as_str())
                && (tooling.has_setuptools("42.0.0") || has_directory());
            wanted.then(|| (init, text.to_owned()))
        })
        .collect()
}

/// Whether it names a package, and no place elsewhere.
pub(super) fn is_dotted(name: &str) -> bool {
    name.split('.')
        .all(|piece| !piece.is_empty() && piece.chars().all(|c| c == '_' || c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_wheels() {
        let read = |file: &str, renamed| {
            let read = WheelName::read(file, renamed).unwrap();
            (read.project, read.version, read.is_pure)
        };
        let of = |project: &str, version: &str, is_pure| {
            (project.to_owned(), version.to_owned(), is_pure)
        };
        assert_eq!(
            read("zope_proxy-7.3-cp310-cp310-manylinux1_x86_64.whl", None),
            of("zope_proxy", "7.3", false)
        );
        assert_eq!(
            read("zope_proxy-7.3-1-py3-none-any.whl", Some("zope.proxy")),
            of("zope.proxy", "7.3", true)
        );
        assert_eq!(
            read("a.b-1.0.post1-py2.py3-none-any.whl", None),
            of("a.b", "1.0.post1", true)
        );
        assert_eq!(WheelName::read("a-b-c.whl", None), None);
        assert_eq!(WheelName::read("a-1.tar.gz", None), None);
    }
}

//! [`Requirement`]: what asks for a distribution: `superlance[web]>=1 ; python_version > "3"`.
//!
//! The type, its text as `packaging` writes it (zc.buildout's messages quote it), and what it accepts. The grammar is in
//! `requirement_reader.rs`. pkg_resources: `Requirement`; zc.buildout: patches.py, `patch_pkg_resources_requirement_contains`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::dist::distribution::Distribution;
use crate::dist::legacy::Grammar;
use crate::dist::marker::Marker;
use crate::dist::name;
use crate::dist::requirement_reader;
use crate::dist::specifier::Specifier;
use crate::dist::version::Version;
use crate::error::{Error, Result};
use crate::pystr;
use crate::python::Facts;

/// One requirement. Cheap to clone, to compare and to look up: a run does all three thousands of times.
#[derive(Clone, Debug)]
pub struct Requirement(Arc<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    names: Arc<Names>,
    extras: Arc<[String]>,
    specifiers: Vec<Specifier>,
    url: Option<String>,
    marker: Option<Arc<Marker>>,
}

/// The name as it is written, and as others have it.
#[derive(Debug)]
struct Names {
    written: String,
    project: String,
    key: String,
    environment_key: String,
}

impl Names {
    fn of(written: String) -> Self {
        let project = name::safe(&written);
        Self {
            key: name::key(&project),
            environment_key: name::environment_key(&project),
            project,
            written,
        }
    }
}

impl Requirement {
    /// The one requirement that `text` is.
    // pkg_resources: `Requirement.parse`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_as(text, Grammar::Current)
    }

    /// The same, where it may be an old one.
    pub fn parse_as(text: &str, grammar: Grammar) -> Result<Self> {
        let mut all = parse_all(text, grammar)?;
        match (all.pop(), all.is_empty()) {
            (Some(requirement), true) => Ok(requirement),
            (found, _) => Err(Error::user(format!(
                "{} where one requirement should be: {}.",
                if found.is_some() {
                    "More than one"
                } else {
                    "Nothing"
                },
                pystr::repr(text)
            ))
            .hint(
                "bad-requirement",
                format!("{} is not one requirement", pystr::repr(text)),
                "write one requirement a line, such as superlance or superlance==2.0.0",
            )),
        }
    }

    fn of_line(line: &str, grammar: Grammar) -> Result<Self> {
        let parts = requirement_reader::read(line, grammar).map_err(|wrong| {
            let what = wrong.lines().next().unwrap_or("").to_owned();
            Error::user(wrong).hint(
                "bad-requirement",
                format!("{} is not a requirement: {what}", pystr::repr(line)),
                "a requirement is a project's name, then perhaps versions: superlance or superlance>=2,<3",
            )
        })?;
        let mut extras: Vec<String> = parts.extras.iter().map(|e| safe_extra(e)).collect();
        extras.sort();
        extras.dedup();
        Ok(Self(Arc::new(Parts {
            names: Arc::new(Names::of(parts.name)),
            extras: extras.into(),
            specifiers: sorted(parts.specifiers),
            url: parts.url,
            marker: parts.marker.map(Arc::new),
        })))
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.0.names.written
    }

    /// pkg_resources' name: runs of odd characters as one `-`.
    pub fn project_name(&self) -> &str {
        &self.0.names.project
    }

    /// pkg_resources' key: the project name in lower case.
    pub fn key(&self) -> &str {
        &self.0.names.key
    }

    /// The key of zc.buildout's environments. See [`name::environment_key`].
    pub fn environment_key(&self) -> &str {
        &self.0.names.environment_key
    }

    /// Extras in pkg_resources' spelling, sorted.
    pub fn extras(&self) -> &[String] {
        &self.0.extras
    }

    /// Clauses for the version, sorted by their text; empty for any version.
    pub fn specifiers(&self) -> &[Specifier] {
        &self.0.specifiers
    }

    /// What it asks of the interpreter, or of the extras that are wanted.
    pub fn marker(&self) -> Option<&Marker> {
        self.0.marker.as_deref()
    }

    /// Whether a version is in; prereleases always count.
    pub fn contains(&self, version: &Version) -> bool {
        self.specifiers().iter().all(|s| s.contains(version))
    }

    /// Whether a distribution is what is asked for. Names compare in their canonical spelling.
    pub fn accepts(&self, distribution: &Distribution) -> bool {
        // Most names are the same to the letter.
        let is_same = distribution.project_name == self.project_name()
            || name::environment_key(&distribution.project_name) == self.environment_key();
        is_same && self.contains(&distribution.version)
    }

    /// Whether the marker holds for an interpreter, without an extra; one that makes no sense does not.
    pub fn applies(&self, facts: &Facts) -> bool {
        self.holds(&facts.markers, "").unwrap_or(false)
    }

    /// Whether the marker holds for the interpreter with these values, for an extra (`""` for none).
    pub fn holds(&self, environment: &IndexMap<String, String>, extra: &str) -> Result<bool> {
        match self.marker() {
            Some(marker) => marker.holds(environment, extra),
            None => Ok(true),
        }
    }

    /// Whether it names one version by `==`: then nobody had to pick one.
    pub fn is_pinned(&self) -> bool {
        matches!(self.specifiers(), [only] if only.operator() == "==")
    }

    /// The same, whatever it asks of the interpreter.
    #[must_use]
    pub(in crate::dist) fn without_marker(&self) -> Self {
        Self(Arc::new(Parts {
            marker: None,
            ..(*self.0).clone()
        }))
    }

    /// The same with other clauses.
    #[must_use]
    pub(in crate::dist) fn with_specifiers(&self, specifiers: Vec<Specifier>) -> Self {
        Self(Arc::new(Parts {
            specifiers: sorted(specifiers),
            ..(*self.0).clone()
        }))
    }
}

/// packaging sorts clauses by their text and drops repeated ones.
fn sorted(mut specifiers: Vec<Specifier>) -> Vec<Specifier> {
    specifiers.sort_by_cached_key(ToString::to_string);
    specifiers.dedup_by(|a, b| a.is_same(b));
    specifiers
}

/// The requirements in a text, one a line; comments, blank lines and continuations as setuptools has them.
// pkg_resources: `parse_requirements`; jaraco.text: `yield_lines`, `drop_comment`, `join_continuation`.
pub fn parse_all(text: &str, grammar: Grammar) -> Result<Vec<Requirement>> {
    let mut lines = content_lines(text)
        .into_iter()
        .map(|line| line.split(" #").next().unwrap_or(line));
    let mut requirements = Vec::new();
    while let Some(line) = lines.next() {
        let mut line = line.to_owned();
        while line.ends_with('\\') {
            // The character before the backslash goes with it.
            line.pop();
            line.pop();
            let Some(next) = lines.next() else {
                return Ok(requirements);
            };
            line = format!("{}{next}", pystr::strip(&line));
        }
        requirements.push(Requirement::of_line(&line, grammar)?);
    }
    Ok(requirements)
}

/// Lines that are neither blank nor comments, stripped. jaraco.text: `yield_lines`.
pub(in crate::dist) fn content_lines(text: &str) -> Vec<&str> {
    pystr::split_lines(text)
        .into_iter()
        .map(pystr::strip)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// Runs of odd characters as one `_`, in lower case. pkg_resources: `safe_extra`.
pub(in crate::dist) fn safe_extra(extra: &str) -> String {
    let mut out = String::with_capacity(extra.len());
    for c in extra.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
            out.extend(c.to_lowercase());
        } else if c != '_' || !out.ends_with('_') {
            // A run becomes one `_`; an underscore is such a character itself.
            if !out.ends_with('_') {
                out.push('_');
            }
        }
    }
    out
}

/// As packaging writes it: what `%s` and `str()` show in zc.buildout's messages.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            names,
            extras,
            specifiers,
            url,
            marker,
        } = &*self.0;
        f.write_str(&names.written)?;
        if !extras.is_empty() {
            write!(f, "[{}]", extras.join(","))?;
        }
        for (i, specifier) in specifiers.iter().enumerate() {
            write!(f, "{}{specifier}", if i > 0 { "," } else { "" })?;
        }
        if let Some(url) = url {
            write!(f, " @ {url}")?;
            if marker.is_some() {
                f.write_str(" ")?;
            }
        }
        if let Some(marker) = marker {
            write!(f, "; {marker}")?;
        }
        Ok(())
    }
}

// pkg_resources: `Requirement.hashCmp`.
impl PartialEq for Requirement {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        Arc::ptr_eq(&self.0, &other.0)
            || a.names.key == b.names.key
                && a.url == b.url
                && a.extras == b.extras
                && same_clauses(&a.specifiers, &b.specifiers)
                && same_markers(a.marker.as_deref(), b.marker.as_deref())
    }
}
impl Eq for Requirement {}

fn same_clauses(a: &[Specifier], b: &[Specifier]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
}

fn same_markers(a: Option<&Marker>, b: Option<&Marker>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is_same(b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// What differs between most requirements that differ: the rest of what [`PartialEq`] looks at costs more than it tells.
impl Hash for Requirement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.names.key.hash(state);
        self.0.extras.hash(state);
        self.0.specifiers.len().hash(state);
    }
}

#[cfg(test)]
mod tests;

//! Versions as `packaging` orders them, with the text they were written as.
//!
//! PEP 440 itself is the crate `pep440_rs`'s; here is only what it does not have: the raw text beside the value, and
//! versions that PEP 440 refuses. zc.buildout: `parsed_version` of pkg_resources' distributions.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version: the text, and its value where PEP 440 knows one.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    parsed: Option<pep440_rs::Version>,
}

impl Version {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parsed: pep440_rs::Version::from_str(text.trim()).ok(),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value; `None` for what PEP 440 refuses (`2010e`, `1.2.7-20070827-preview`).
    pub fn parsed(&self) -> Option<&pep440_rs::Version> {
        self.parsed.as_ref()
    }

    /// Neither alpha, beta, candidate nor development version. zc.buildout: easy_install.py, `_final_version`.
    pub fn is_final(&self) -> bool {
        self.parsed.as_ref().is_some_and(|v| !v.any_prerelease())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Versions without a value come before all others, by their text.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.parsed, &other.parsed) {
            (Some(a), Some(b)) => a.cmp(b),
            (None, None) => self.text.cmp(&other.text),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        }
    }
}

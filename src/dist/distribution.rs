//! [`Distribution`]: one version of one project, installed or on offer.
//!
//! The fields and their order are pkg_resources' (`Distribution`, `hashcmp`), because zc.buildout's choices hang on
//! them: which of two files wins, in which order a signature names its eggs. What the metadata of an installed one
//! says is read in `metadata.rs` and `entry_points.rs`.

use std::cmp::Ordering;
use std::path::PathBuf;

use super::name;
use super::version::Version;

/// How near to its user's hands a distribution is; greater wins between equal versions. pkg_resources: `DEVELOP_DIST` to
/// `EGG_DIST`; wheels on offer count one more (zc.buildout: _package_index.py, `distros_for_location`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precedence {
    Develop,
    Checkout,
    Source,
    Binary,
    Egg,
    Wheel,
}

#[derive(Clone, Debug)]
pub struct Distribution {
    /// As pkg_resources names it: from the file name, runs of other characters than letters, digits and dots as `-`.
    pub project_name: String,
    pub version: Version,
    /// `3.11` where the file name says so.
    pub py_version: Option<String>,
    /// `linux-x86_64` where the file name says so.
    pub platform: Option<String>,
    /// The directory for `sys.path`; for one on offer its URL (with `#sha256=…` where the index gives one) or path.
    pub location: String,
    /// Its `.dist-info`, `.egg-info` or `EGG-INFO`; none while on offer.
    pub metadata: Option<PathBuf>,
    pub precedence: Precedence,
}

impl Distribution {
    /// pkg_resources' key: the name in lower case.
    pub fn key(&self) -> String {
        name::key(&self.project_name)
    }

    /// Of Python and of the platform, empty where the file name says nothing.
    fn tags(&self) -> (&str, &str) {
        (
            self.py_version.as_deref().unwrap_or(""),
            self.platform.as_deref().unwrap_or(""),
        )
    }
}

/// `supervisor 4.3.0`, as messages name it.
impl std::fmt::Display for Distribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.project_name, self.version)
    }
}

impl PartialEq for Distribution {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Distribution {}

impl PartialOrd for Distribution {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

// pkg_resources: `Distribution.hashcmp`.
impl Ord for Distribution {
    fn cmp(&self, other: &Self) -> Ordering {
        self.version
            .cmp(&other.version)
            .then_with(|| self.precedence.cmp(&other.precedence))
            .then_with(|| self.key().cmp(&other.key()))
            .then_with(|| self.location.cmp(&other.location))
            .then_with(|| self.tags().cmp(&other.tags()))
    }
}

//! [`Tooling`]: what zc.buildout works with in a project: its own generation, and setuptools, pip and wheel beside it.
//!
//! Older generations leave to setuptools how wheels become eggs, and to pip or setuptools how sources are built; what
//! comes out depends on their versions. The questions are asked here, in the words of those who act on the answers.
//! What depends on zc.buildout alone is [`Generation`]'s. pip: pyproject.py, `load_pyproject_toml`; setuptools: wheel.py.

use super::name_order::NameOrder;
use super::version::Version;
use super::working_set::WorkingSet;
use crate::generation::{Generation, WheelNames};

/// What a project's zc.buildout works with.
#[derive(Clone, Debug, Default)]
pub struct Tooling {
    pub generation: Generation,
    setuptools: Option<Version>,
    pip: Option<Version>,
    has_wheel: bool,
    /// Where these are, for `sys.path`; empty where no zc.buildout is at hand.
    path: Vec<String>,
}

/// The first pip that builds nothing with the setuptools that is installed beside it.
const ISOLATES: &str = "25.3";
/// The first setuptools whose `develop` makes no `.egg-link`.
pub(super) const WITHOUT_LINKS: &str = "80";

impl Tooling {
    /// `path`: where zc.buildout and what it needs are. `pinned`: what `[versions]` says of setuptools, where none is at
    /// hand.
    pub fn new(
        generation: Generation,
        running: &WorkingSet,
        path: Vec<String>,
        pinned: Option<&str>,
    ) -> Self {
        let version = |project: &str| running.find(project).map(|d| d.version.clone());
        let said = pinned.map(|pin| pin.trim().trim_start_matches("==").trim());
        let said = said.filter(|pin| pin.starts_with(|c: char| c.is_ascii_digit()));
        Self {
            generation,
            setuptools: version("setuptools").or_else(|| said.map(Version::new)),
            pip: version("pip"),
            has_wheel: version("wheel").is_some(),
            path,
        }
    }

    /// Where the project's own setuptools is to be imported from; nothing where it has none.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// The pip at hand.
    pub(super) fn pip(&self) -> Option<&Version> {
        self.pip.as_ref()
    }

    /// Whether the setuptools of the project is of this version or later. Where it is not known it is taken for one of the
    /// time of its zc.buildout.
    pub(super) fn has_setuptools(&self, version: &str) -> bool {
        let version = Version::new(version);
        match &self.setuptools {
            Some(here) => *here >= version,
            None => Version::new(self.usual_setuptools()) >= version,
        }
    }

    fn usual_setuptools(&self) -> &'static str {
        if !self.generation.builds_with_pip() {
            "44.1.1"
        } else if self.generation.wheel_names() == WheelNames::OfFile {
            "75.2.0"
        } else if !self.generation.installs_wheels_with_pip() {
            "75.8.2"
        } else {
            "80.9.0"
        }
    }

    /// Whether what is read and downloaded is told by distutils, and so only where it fails.
    // setuptools: package_index.py, _distutils/log.py.
    pub fn leaves_log_to_distutils(&self) -> bool {
        !self.generation.has_package_index() && !self.has_setuptools("65.6.0")
    }

    /// In which order distributions of one directory come.
    // pkg_resources: `find_on_path`; zc.buildout 6 brings its own.
    pub fn name_order(&self) -> NameOrder {
        if self.generation.brings_pkg_resources() || self.has_setuptools("66") {
            NameOrder::ByName
        } else if self.has_setuptools("59.1") {
            NameOrder::ByVersion
        } else {
            NameOrder::ByLegacyVersion
        }
    }

    /// Whether pip builds a project without pyproject.toml by the setuptools and wheel that are installed, not in
    /// isolation.
    pub(super) fn builds_in_place(&self, has_pyproject: bool) -> bool {
        let isolates = |pip: &Version| *pip >= Version::new(ISOLATES);
        !has_pyproject
            && self.setuptools.is_some()
            && self.has_wheel
            && !self.path.is_empty()
            && self.pip.as_ref().is_some_and(|pip| !isolates(pip))
    }

    /// Whether a project under development becomes a link that setuptools makes.
    // zc.buildout: easy_install.py, `develop`.
    pub(super) fn links_by_setuptools(&self, has_pyproject: bool) -> bool {
        if self.has_setuptools(WITHOUT_LINKS) && self.generation.makes_egg_links() {
            return false;
        }
        !self.generation.develops_with_pip() || self.builds_in_place(has_pyproject)
    }

    /// A word for what builds of archives depend on; empty where nothing of the project's counts.
    pub(super) fn mark(&self) -> String {
        let version = self.setuptools.as_ref().map_or("", Version::text);
        if !self.generation.builds_with_pip() {
            format!("-egg-{version}")
        } else if self.builds_in_place(false) {
            format!("-by-{version}")
        } else {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tooling(generation: &str, setuptools: &str, pip: &str) -> Tooling {
        Tooling {
            generation: Generation::read(generation).unwrap(),
            setuptools: Some(Version::new(setuptools)),
            pip: Some(Version::new(pip)),
            has_wheel: true,
            path: vec!["/site".to_owned()],
        }
    }

    #[test]
    fn who_builds_what() {
        // Seen with these three: the link of setuptools ends in `../`, that of zc.buildout in `..`.
        assert!(tooling("5.2.0", "75.8.2", "25.0.1").links_by_setuptools(false));
        assert!(!tooling("5.2.0", "80.10.2", "25.2").links_by_setuptools(false));
        assert!(!tooling("4.1.12", "80.9.0", "25.1.1").links_by_setuptools(true));
        assert!(tooling("3.3", "75.2.0", "24.2").links_by_setuptools(true));
        assert!(!tooling("6.0.1", "75.8.2", "25.0.1").links_by_setuptools(true));
        assert!(tooling("3.3", "75.2.0", "24.2").builds_in_place(false));
        assert!(!tooling("3.3", "75.2.0", "25.3").builds_in_place(false));
        assert_eq!(tooling("2.13.8", "42.0.2", "20").mark(), "-egg-42.0.2");
        assert_eq!(tooling("6.0.1", "80.9.0", "25.3").mark(), "");
        assert!(Tooling::default().has_setuptools("80.8") && Tooling::default().mark().is_empty());
    }
}

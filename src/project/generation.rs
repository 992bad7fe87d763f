//! Which zc.buildout a project means.
//!
//! The one that would run: that of the interpreter or of the lines of bin/buildout; or, where zc.buildout would upgrade
//! itself before it installs, the one that `[versions]` pins. Where there is none at all, the pin says what the project is
//! for; what only looks at the configuration is then done as by the newest.
//! zc.buildout: buildout.py, `Buildout._maybe_upgrade`.

use std::rc::Rc;

use super::{Surroundings, own_buildout};
use crate::config::RawConfig;
use crate::config::defaults;
use crate::config::history::Setter;
use crate::dist::name;
use crate::dist::seen::Seen;
use crate::dist::working_set::WorkingSet;
use crate::generation::Generation;
use crate::pypath;
use crate::python::Facts;
use crate::sys::fs;

/// What the interpreter and bin/buildout say of zc.buildout, whatever the configuration says. An interpreter that can't be
/// asked is told of when it is needed.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    executable: String,
    bin: String,
    facts: Option<Rc<Facts>>,
    running: Option<WorkingSet>,
    seen: Seen,
}

/// What was found out about the zc.buildout of a project.
#[derive(Debug, Default)]
pub(super) struct Means {
    pub(super) generation: Generation,
    /// Its version, where there is one.
    version: Option<String>,
    /// Where the interpreter could be asked.
    pub(super) facts: Option<Rc<Facts>>,
    /// What is active where zc.buildout runs, and the `bin` that was looked into.
    pub(super) running: Option<(String, WorkingSet)>,
    pub(super) seen: Seen,
}

impl AtHand {
    /// `bin`: the directory of the buildout's scripts.
    pub(super) fn look(bin: String, executable: &str, around: &Surroundings) -> Self {
        let facts = Facts::load(executable, &around.cache()).ok().map(Rc::new);
        let seen = Seen::default();
        let running = facts
            .as_ref()
            .and_then(|facts| own_buildout::running(&bin, around, executable, facts, &seen).ok());
        Self {
            executable: executable.to_owned(),
            bin,
            facts,
            running,
            seen,
        }
    }

    fn version(&self) -> Option<String> {
        let here = self.running.as_ref()?.find("zc.buildout")?;
        Some(here.version.text().to_owned())
    }

    /// The generation of what is there.
    pub(super) fn generation(&self) -> Generation {
        let version = self.version();
        version
            .as_deref()
            .and_then(Generation::read)
            .unwrap_or_default()
    }

    /// With what the configuration says.
    pub(super) fn decide(
        self,
        config: &RawConfig,
        executable: &str,
        around: &Surroundings,
        upgrades: bool,
    ) -> Means {
        let bin = config.value("buildout", "bin-directory");
        let bin = bin.map_or_else(String::new, |bin| pypath::join(&config.directory, bin));
        let there = if (bin.as_str(), executable) == (self.bin.as_str(), self.executable.as_str()) {
            self
        } else {
            Self::look(bin, executable, around)
        };
        let pinned = pin(config).filter(|_| upgrades);
        let version = match (there.version(), pinned) {
            (Some(_), Some(pinned)) if upgrades_itself(config, &there.bin, executable) => {
                Some(pinned)
            }
            (Some(here), _) => Some(here),
            (None, pinned) => pinned,
        };
        let generation = version.as_deref().and_then(Generation::read);
        let bin = there.bin;
        Means {
            generation: generation.unwrap_or_default(),
            version: version.filter(|_| generation.is_some()),
            facts: there.facts,
            running: there.running.map(|running| (bin, running)),
            seen: there.seen,
        }
    }
}

impl Means {
    /// Makes the built-in values of a configuration those of that zc.buildout.
    pub(super) fn follow(&self, config: &mut RawConfig) {
        if let Some(version) = &self.version {
            defaults::follow(config, self.generation, version);
        }
    }
}

/// The one version that `[versions]` gives zc.buildout.
fn pin(config: &RawConfig) -> Option<String> {
    let versions = config.sections.get(&config.versions_section)?;
    let said = versions
        .iter()
        .filter(|(project, _)| name::canonical(project) == "zc-buildout")
        .find(|(_, value)| !matches!(value.setter(), Setter::Default))?;
    let version = said.1.value.as_str().trim();
    Generation::read(version)?;
    Some(version.trim_start_matches("==").trim().to_owned())
}

/// Whether zc.buildout installs what is pinned and starts again with it: when it looks for what is newest, and when it is
/// called as the buildout's own script.
fn upgrades_itself(config: &RawConfig, bin: &str, executable: &str) -> bool {
    let is = |option: &str, word: &str| {
        let value = config.value("buildout", option);
        value.is_some_and(|value| value.as_str() == word)
    };
    if is("newest", "false") || is("offline", "true") {
        return false;
    }
    let own = pypath::join(bin, "buildout");
    // Beside the interpreter lies the one that is called, unless that is the buildout's own.
    let other = pypath::join(pypath::dirname(executable), "buildout");
    fs::exists(&own) && (!fs::exists(&other) || fs::real_path(&own) == fs::real_path(&other))
}

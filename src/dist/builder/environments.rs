//! [`Environments`]: what builds run with: working sets of their own, put together from what backends require.
//!
//! What pyproject.toml requires is chosen and installed by the same installer as eggs are, but into `CACHE/builders`, by
//! what pip is told and without `[versions]`, as pip does it for zc.buildout. Neither pip nor setuptools need be on the
//! machine. pip: `BuildEnvironment`.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::build::{self, BuildEnvironment, Contents};
use crate::dist::entry_points::console_scripts;
use crate::dist::installer::{Formats, InstallPolicy, Installer, Order, Supplies};
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::dist::tooling::Tooling;
use crate::dist::version::Version;
use crate::dist::working_set::WorkingSet;
use crate::error::{Doing, Error, Result};
use crate::log::{self, Log};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;

/// Where build requirements come from: what pip is told, and the buildout's index after it.
#[derive(Clone, Debug, Default)]
pub struct BuildSettings {
    /// Each is asked if the one before has not all; empty for find-links alone.
    pub indexes: Vec<String>,
    pub find_links: Vec<String>,
    /// The buildout's own, which pip does not know: looked at where all else has not what is needed.
    pub own_find_links: Vec<String>,
    /// The user's PATH.
    pub search_path: String,
    /// Whether what is there already will do where the index might have something newer.
    pub newest: bool,
    /// The environment that builds run in.
    pub variables: IndexMap<String, String>,
    /// What zc.buildout itself would build with.
    pub tooling: Tooling,
}

/// setuptools where a project does not say which: the same sources give the same wheel, whenever they are built. The
/// last ones for old Pythons; for the others the last series whose pkg_resources no setup.py is warned of, since many
/// import it. pip would take the newest there is. Python, setuptools, and the wheel that it needs beside it.
const SETUPTOOLS: &[((u32, u32), &str, Option<&str>)] = &[
    ((3, 9), "80.9.0", None),
    ((3, 8), "75.3.2", None),
    ((3, 7), "68.0.0", Some("0.42.0")),
    ((3, 0), "59.6.0", Some("0.37.1")),
    ((2, 7), "44.1.1", Some("0.37.1")),
];

/// With which setuptools, where a project does not say it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::dist) enum Tools {
    /// With one that is the same today and tomorrow: [`SETUPTOOLS`].
    Certain,
    /// With the newest that the index has, as pip does; with the certain one where that fails.
    Newest,
    /// With the project's own, if it has one.
    Project,
}

/// Puts build environments together and remembers them.
#[derive(Debug)]
pub(super) struct Environments {
    root: PathBuf,
    network: Rc<Network>,
    facts: Rc<Facts>,
    settings: BuildSettings,
    supplies: Option<Box<Supplies>>,
    made: IndexMap<(Vec<String>, bool, Tools), BuildEnvironment>,
    /// What is being built that these are for.
    waiting: Vec<String>,
}

impl Environments {
    pub(super) fn new(
        network: Rc<Network>,
        root: PathBuf,
        facts: Rc<Facts>,
        settings: BuildSettings,
    ) -> Self {
        Self {
            root,
            network,
            facts,
            settings,
            supplies: None,
            made: IndexMap::new(),
            waiting: Vec::new(),
        }
    }

    /// What zc.buildout itself would build with.
    pub(super) fn tooling(&self) -> &Tooling {
        &self.settings.tooling
    }

    /// The user's PATH.
    pub(super) fn search_path(&self) -> &str {
        &self.settings.search_path
    }

    /// The environment that builds run in.
    pub(super) fn variables(&self) -> &IndexMap<String, String> {
        &self.settings.variables
    }

    /// What the build of `name` needs. `is_setuptools`: whether its backend is setuptools.
    pub(super) fn provide(
        &mut self,
        name: &str,
        requires: &[String],
        is_setuptools: bool,
        tools: Tools,
    ) -> Result<BuildEnvironment> {
        if self.waiting.iter().any(|waiting| waiting == name) {
            let chain = self.waiting.join(", ");
            return Err(Error::user(format!("Couldn't build {name}.")).hint(
                "build",
                format!("it is needed to build what it needs itself: {chain}"),
                "put a wheel of it into a directory that find-links names",
            ));
        }
        self.environment(requires, is_setuptools, tools, name)
            .doing(|| format!("Getting what is needed to build {name}."))
    }

    fn environment(
        &mut self,
        requires: &[String],
        is_setuptools: bool,
        tools: Tools,
        name: &str,
    ) -> Result<BuildEnvironment> {
        if tools == Tools::Project && !self.settings.tooling.path().is_empty() {
            return self.of_project(requires, name);
        }
        let key = (requires.to_vec(), is_setuptools, tools);
        if let Some(made) = self.made.get(&key) {
            return Ok(made.clone());
        }
        let mut variants = vec![self.with_own_setuptools(requires, is_setuptools)];
        if variants.first().is_some_and(|first| first != requires) {
            variants.push(requires.to_vec());
        }
        if tools == Tools::Newest {
            variants.reverse();
        }
        let mut waiting = self.waiting.clone();
        waiting.push(name.to_owned());
        let mut indexes = self.settings.indexes.clone();
        if indexes.is_empty() {
            indexes.push(String::new());
        }
        let mut failed = None;
        // All that fits best is looked for everywhere before less will do.
        let mut links = vec![self.settings.find_links.clone()];
        if !self.settings.own_find_links.is_empty() {
            let own = self.settings.own_find_links.iter();
            links.push(
                self.settings
                    .find_links
                    .iter()
                    .chain(own)
                    .cloned()
                    .collect(),
            );
        }
        for links in &links {
            for variant in &variants {
                for index in &indexes {
                    match self.install(variant, index, links, tools, &waiting) {
                        Ok(set) => {
                            let made = Self::described(&set, requires)?;
                            self.made.insert(key, made.clone());
                            return Ok(made);
                        }
                        Err(error) => failed = Some(error),
                    }
                }
            }
        }
        Err(failed.unwrap_or_else(|| Error::user("There is no index to ask.")))
    }

    /// What the project's zc.buildout stands on, and what else is required. setuptools and wheel are there, or nobody
    /// would build with them.
    fn of_project(&mut self, requires: &[String], name: &str) -> Result<BuildEnvironment> {
        let others: Vec<String> = requires
            .iter()
            .filter(|text| {
                let known = Requirement::parse(text).map(|r| name::canonical(r.name()));
                !known.is_ok_and(|known| known == "setuptools" || known == "wheel")
            })
            .cloned()
            .collect();
        let mut made = if others.is_empty() {
            BuildEnvironment::default()
        } else {
            self.environment(&others, false, Tools::Certain, name)?
        };
        made.path
            .splice(0..0, self.settings.tooling.path().iter().cloned());
        for project in ["setuptools", "wheel"] {
            made.have.extend(build::spellings(project));
        }
        made.have
            .extend(requires.iter().map(|text| text.trim().to_lowercase()));
        Ok(made)
    }

    /// The requirements with our setuptools in place of one of any version.
    fn with_own_setuptools(&self, requires: &[String], is_setuptools: bool) -> Vec<String> {
        let version = numbers(&self.facts.python_version);
        let Some((_, setuptools, wheel)) = SETUPTOOLS.iter().find(|(from, ..)| version >= *from)
        else {
            return requires.to_vec();
        };
        let own = [("setuptools", Some(*setuptools)), ("wheel", *wheel)];
        let mut names = Vec::new();
        let mut all: Vec<String> = requires
            .iter()
            .map(|text| {
                let Ok(requirement) = Requirement::parse(text) else {
                    return text.clone();
                };
                let key = name::canonical(requirement.name());
                names.push(key.clone());
                let pin = own
                    .iter()
                    .find(|(project, _)| *project == key)
                    .and_then(|(_, version)| *version)
                    .filter(|pin| requirement.contains(&Version::new(pin)))
                    .filter(|_| requirement.extras().is_empty() && !text.contains([';', '@']));
                pin.map_or_else(|| text.clone(), |pin| format!("{key}=={pin}"))
            })
            .collect();
        if is_setuptools {
            for (project, pin) in own {
                if let Some(pin) = pin.filter(|_| !names.iter().any(|name| name == project)) {
                    all.push(format!("{project}=={pin}"));
                }
            }
        }
        all
    }

    /// Chooses and installs into the directory of build requirements.
    fn install(
        &mut self,
        requires: &[String],
        index: &str,
        links: &[String],
        tools: Tools,
        waiting: &[String],
    ) -> Result<WorkingSet> {
        let facts = Rc::clone(&self.facts);
        // The newest ones have a directory of their own: there the newest that is there was the newest that there was when
        // an index was last asked.
        let directory = self.root.join("builders").join(format!(
            "py{}-{}{}",
            facts.python_version,
            facts.soabi.as_deref().unwrap_or(&facts.platform),
            if tools == Tools::Newest {
                "-newest"
            } else {
                ""
            }
        ));
        let order = Order {
            eggs_directory: directory.display().to_string(),
            develop_eggs_directory: self.root.join("nothing").display().to_string(),
            offline: false,
            newest: self.settings.newest && !self.network.is_offline(),
            index: Some(index.to_owned()),
            find_links: links.to_vec(),
            allow_hosts: vec!["*".to_owned()],
            allow_unknown_extras: true,
            formats: Formats::Any,
        };
        let supplies = self.supplies.get_or_insert_with(|| {
            // What is said while build requirements are chosen is for nobody: pip is silent too.
            let policy = InstallPolicy {
                use_dependency_links: false,
                build: self.settings.clone(),
                ..InstallPolicy::default()
            };
            let (silent, _) = Log::new(log::WARNING, |_| {}).captured();
            let cache = self.root.display().to_string();
            let network = Rc::clone(&self.network);
            let seen = Seen::default();
            let mut supplies = Supplies::new(policy, facts, network, &cache, silent, seen);
            supplies.fetcher.keep_programs();
            Box::new(supplies)
        });
        supplies.fetcher.builder().environments.waiting = waiting.to_vec();
        // Builds have run since the last time.
        supplies.seen.forget();
        Installer::new(supplies, order).install(requires, None)
    }

    fn described(set: &WorkingSet, requires: &[String]) -> Result<BuildEnvironment> {
        let mut made = BuildEnvironment::default();
        made.have
            .extend(requires.iter().map(|text| text.trim().to_lowercase()));
        for distribution in set.iter() {
            // Only for those who tidy up.
            drop(fs::touch(&distribution.location));
            made.path.push(distribution.location.clone());
            made.have
                .extend(build::spellings(&distribution.project_name));
            for script in console_scripts(distribution)? {
                let (module, attrs) = (script.module, script.attrs);
                let first = attrs.split('.').next().unwrap_or_default();
                made.programs.push((
                    script.name,
                    Contents::Text(format!(
                        "#!python\nimport sys\nfrom {module} import {first}\nsys.exit({attrs}())\n"
                    )),
                ));
            }
            let programs = Path::new(&distribution.location).join(PROGRAMS);
            for name in fs::list(&programs)? {
                let file = programs.join(&name);
                made.programs.push((name, Contents::File(file)));
            }
        }
        Ok(made)
    }
}

/// Where an egg of the build environment keeps the programs of its wheel.
pub(in crate::dist) const PROGRAMS: &str = "rbuildout-programs";

/// `3.11` as numbers.
fn numbers(version: &str) -> (u32, u32) {
    let mut pieces = version.split('.').map(|piece| piece.parse().unwrap_or(0));
    (pieces.next().unwrap_or(0), pieces.next().unwrap_or(0))
}

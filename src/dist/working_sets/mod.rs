//! [`WorkingSets`]: working sets on request, each made once a run, what is missing installed on the way.
//!
//! The door to this folder for recipes and for the run itself. zc.recipe.egg: egg.py, `Eggs._working_set`; zc.buildout:
//! buildout.py, `_install_and_load`.

mod custom;

pub use custom::{CustomRequest, Waiting};

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::dist::arrivals::Arrivals;
use crate::dist::build::BuildOptions;
use crate::dist::develop::{self, Developed};
use crate::dist::installer::{Formats, InstallPolicy, Installer, Order, Supplies};
use crate::dist::metadata::Metadata;
use crate::dist::picked_versions::PickedVersions;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::dist::working_set::{WorkingSet, sort_working_set};
use crate::error::{Doing, Error, Result};
use crate::log::{Captured, Entry, Log};
use crate::pystr;
use crate::python::Facts;
use crate::sys::http::Network;

/// What zc.recipe.egg asks for; equal requests have one answer. zc.recipe.egg: egg.py, `Eggs._working_set`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct EggsRequest {
    /// Requirements, in order.
    pub eggs: Vec<String>,
    pub eggs_directory: String,
    pub develop_eggs_directory: String,
    pub offline: bool,
    pub newest: bool,
    pub find_links: Vec<String>,
    pub index: Option<String>,
    pub allow_hosts: Vec<String>,
    pub allow_unknown_extras: bool,
}

/// Settings that a Python recipe may have changed for its own installations.
#[derive(Clone, Debug)]
pub struct PolicyChange {
    pub versions: IndexMap<String, String>,
    pub prefer_final: bool,
    pub allow_picked_versions: bool,
    pub use_dependency_links: bool,
}

impl EggsRequest {
    fn order(&self) -> Order {
        Order {
            eggs_directory: self.eggs_directory.clone(),
            develop_eggs_directory: self.develop_eggs_directory.clone(),
            offline: self.offline,
            newest: self.newest,
            index: self.index.clone(),
            find_links: self.find_links.clone(),
            allow_hosts: self.allow_hosts.clone(),
            allow_unknown_extras: self.allow_unknown_extras,
            formats: Formats::Any,
        }
    }
}

/// Makes and remembers working sets. The default one installs nothing: it only knows what it was told.
#[derive(Debug, Default)]
pub struct WorkingSets {
    made: IndexMap<EggsRequest, Rc<WorkingSet>>,
    supplies: Option<Supplies>,
    picked: Rc<RefCell<PickedVersions>>,
    /// Whether what is said is kept in `said` instead of being shown.
    keeps: Rc<Cell<bool>>,
    said: Captured,
    /// The directory that all projects of the user share.
    cache: PathBuf,
    staging: Option<custom::Staging>,
    /// Scripts that are files of a project under development, by the project's key.
    developed_scripts: IndexMap<String, Vec<(String, String)>>,
}

impl WorkingSets {
    /// `cache`: the directory that all projects of the user share.
    pub fn new(
        policy: InstallPolicy,
        facts: Rc<Facts>,
        network: Rc<Network>,
        cache: &str,
        log: Log,
        seen: Seen,
    ) -> Self {
        let keeps = Rc::new(Cell::new(false));
        let (log, said) = log.captured_while(&keeps);
        let supplies = Supplies::new(policy, facts, network, cache, log, seen);
        let picked = Rc::clone(&supplies.picked);
        Self {
            made: IndexMap::new(),
            supplies: Some(supplies),
            picked,
            keeps,
            said,
            cache: PathBuf::from(cache),
            staging: None,
            developed_scripts: IndexMap::new(),
        }
    }

    /// Tells what came to these.
    #[must_use]
    pub fn with_arrivals(mut self, arrivals: &Arrivals) -> Self {
        if let Some(supplies) = &mut self.supplies {
            supplies.fetcher.note_in(arrivals.clone());
        }
        self
    }

    /// What was made for a request before.
    pub fn made(&self, request: &EggsRequest) -> Option<Rc<WorkingSet>> {
        self.made.get(request).map(Rc::clone)
    }

    /// A recipe has made the sorted working set for a request itself.
    pub fn remember(&mut self, request: EggsRequest, set: Rc<WorkingSet>) {
        self.made.insert(request, set);
    }

    /// The working set for a request, sorted for `sys.path`.
    pub fn working_set(&mut self, request: &EggsRequest) -> Result<Rc<WorkingSet>> {
        if let Some(made) = self.made.get(request) {
            return Ok(Rc::clone(made));
        }
        let set = Installer::new(self.supplies()?, request.order()).install(&request.eggs, None)?;
        let sorted = sort_working_set(
            &set,
            &request.eggs_directory,
            &request.develop_eggs_directory,
        )?;
        let sorted = Rc::new(sorted);
        self.made.insert(request.clone(), Rc::clone(&sorted));
        Ok(sorted)
    }

    /// Makes a recipe (or an extension) active in the running environment, unless it is. Of `settings` everything but the
    /// eggs counts.
    // zc.buildout: buildout.py, `_install_and_load`.
    pub fn install_recipe(
        &mut self,
        spec: &str,
        running: &mut WorkingSet,
        settings: &EggsRequest,
    ) -> Result<()> {
        let find = |running: &WorkingSet| {
            let requirement = Requirement::parse(spec)?;
            match running.find_requirement(&requirement) {
                Ok(found) => Ok(found.is_some()),
                Err(conflict) => Err(conflict.error(None)),
            }
        };
        if find(running).doing(|| format!("Loading recipe {}.", pystr::repr(spec)))? {
            return Ok(());
        }
        let mut order = settings.order();
        order.allow_unknown_extras = false;
        let supplies = self.supplies()?;
        *running = Installer::new(supplies, order)
            .install(&[spec.to_owned()], Some(running.clone()))
            .doing(|| format!("Installing recipe {spec}."))?;
        Ok(())
    }

    /// Looks at the local find-links of the buildout before all parts, as zc.buildout does when it checks for upgrades.
    // zc.buildout: buildout.py, `Buildout._maybe_upgrade`; easy_install.py, `Installer.__init__`.
    pub fn look_at_links(&mut self, settings: &EggsRequest) -> Result<()> {
        Installer::new(self.supplies()?, settings.order());
        Ok(())
    }

    /// Installs what a Python recipe asks for, under the settings that easy_install has by then. `running` is completed
    /// where it is given.
    // zc.buildout: easy_install.py, `install`, `working_set`.
    pub fn install(
        &mut self,
        settings: &EggsRequest,
        changed: PolicyChange,
        running: Option<WorkingSet>,
    ) -> Result<WorkingSet> {
        let supplies = self.supplies()?;
        let policy = supplies.policy.clone();
        supplies.policy.set_versions(
            changed
                .versions
                .iter()
                .map(|(project, version)| (project.as_str(), version.as_str())),
        );
        supplies.policy.prefer_final = changed.prefer_final;
        supplies.policy.allow_picked_versions = changed.allow_picked_versions;
        supplies.policy.use_dependency_links = changed.use_dependency_links;
        let installed = Installer::new(supplies, settings.order()).install(&settings.eggs, running);
        supplies.policy = policy;
        installed
    }

    /// Python code has changed what holds for all installations from now on.
    pub fn change_policy(&mut self, policy: InstallPolicy) {
        self.made.clear();
        if let Some(supplies) = &mut self.supplies {
            supplies.policy = policy;
        }
    }

    /// What holds for all installations of the run.
    pub fn policy(&self) -> Option<&InstallPolicy> {
        self.supplies.as_ref().map(|supplies| &supplies.policy)
    }

    /// Builds these directories for editing; the answers are in their order.
    // zc.buildout: easy_install.py, `develop`.
    pub fn develop(&mut self, directories: &[String]) -> Result<Vec<Result<Developed>>> {
        let supplies = self.supplies()?;
        let facts = Rc::clone(supplies.metadata.facts());
        let options = BuildOptions::default();
        let built = develop::develop(supplies.fetcher.builder(), directories, &options, &facts);
        self.forget();
        let built: Vec<Result<Developed>> = built.into_iter().map(|(made, _)| made).collect();
        for made in built.iter().flatten() {
            self.note_scripts(made);
        }
        Ok(built)
    }

    fn note_scripts(&mut self, made: &Developed) {
        let scripts = made.scripts.clone();
        self.developed_scripts.insert(made.project.clone(), scripts);
    }

    /// Scripts that are files of projects under development, by the project's key.
    pub fn developed_scripts(&self) -> &IndexMap<String, Vec<(String, String)>> {
        &self.developed_scripts
    }

    /// From now on what is said is kept for [`WorkingSets::take_log`]: something else has to be shown before it. Or it is
    /// shown at once again: an installation may take its time.
    pub fn keep_log(&mut self, keeps: bool) {
        self.keeps.set(keeps);
    }

    /// The log lines that were kept, for their place among a part's effects.
    pub fn take_log(&mut self) -> Vec<Entry> {
        self.said.take()
    }

    /// The versions picked so far, and who asked for them.
    pub fn picked_versions(&self) -> PickedVersions {
        self.picked.borrow().clone()
    }

    /// Forgets working sets and metadata: something was installed by others.
    pub fn forget(&mut self) {
        self.made.clear();
        if let Some(supplies) = &self.supplies {
            supplies.metadata.forget();
            supplies.seen.forget();
        }
    }

    fn supplies(&mut self) -> Result<&mut Supplies> {
        self.supplies
            .as_mut()
            .ok_or_else(|| Error::user("There is nowhere to install eggs from."))
    }
}

/// Where zc.buildout and what it needs are in the interpreter, sorted; nowhere if it is not there.
// zc.buildout: easy_install.py, `buildout_and_setuptools_path`.
pub fn buildout_path(running: &WorkingSet, metadata: &Metadata) -> Vec<String> {
    let needed = Requirement::parse("zc.buildout")
        .and_then(|buildout| running.resolve(&[buildout], metadata))
        .unwrap_or_default();
    let mut locations: Vec<String> = needed.into_iter().map(|d| d.location).collect();
    locations.sort();
    locations.dedup();
    locations
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dist::sample::{facts, network};
    use crate::log;

    fn egg(root: &Path, egg: &str, metadata: &str) {
        let name = format!("{egg}-py3.11");
        let info = root.join(format!("eggs/{name}.egg/{name}.dist-info"));
        std::fs::create_dir_all(&info).unwrap();
        std::fs::write(info.join("METADATA"), format!("{metadata}\n")).unwrap();
    }

    fn request(root: &Path, eggs: &[&str]) -> EggsRequest {
        let at = |path: &str| root.join(path).to_string_lossy().into_owned();
        EggsRequest {
            eggs: eggs.iter().map(|&egg| egg.to_owned()).collect(),
            eggs_directory: at("eggs"),
            develop_eggs_directory: at("develop"),
            offline: false,
            newest: false,
            find_links: Vec::new(),
            index: Some(at("index")),
            allow_hosts: vec!["*".to_owned()],
            allow_unknown_extras: false,
        }
    }

    fn sets() -> WorkingSets {
        let mut sets = shown_by(Log::new(log::DEBUG, |_| {}));
        sets.keep_log(true);
        sets
    }

    fn shown_by(log: Log) -> WorkingSets {
        WorkingSets::new(
            InstallPolicy::default(),
            facts(),
            network(),
            "cache",
            log,
            Seen::default(),
        )
    }

    #[test]
    fn a_request_is_answered_once() {
        let there = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(there.path()).unwrap();
        egg(&root, "a-1", "Requires-Dist: b");
        egg(&root, "b-1", "");
        let mut sets = sets();
        let first = sets.working_set(&request(&root, &["a"])).unwrap();
        assert_eq!(first.iter().count(), 2);
        assert_eq!(sets.take_log().len(), 5);
        let second = sets.working_set(&request(&root, &["a"])).unwrap();
        assert!(Rc::ptr_eq(&first, &second));
        assert!(sets.take_log().is_empty());
        let picked = sets.picked_versions();
        assert_eq!(picked.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "1")]);
    }

    #[test]
    fn what_is_said_is_shown_at_once_unless_it_is_kept() {
        let there = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(there.path()).unwrap();
        egg(&root, "a-1", "");
        egg(&root, "b-1", "");
        let shown = Rc::new(Cell::new(0));
        let count = Rc::clone(&shown);
        let mut sets = shown_by(Log::new(log::DEBUG, move |_| count.set(count.get() + 1)));
        sets.working_set(&request(&root, &["a"])).unwrap();
        assert_eq!((shown.get(), sets.take_log().len()), (2, 0));
        sets.keep_log(true);
        sets.working_set(&request(&root, &["b"])).unwrap();
        assert_eq!((shown.get(), sets.take_log().len()), (2, 2));
    }

    #[test]
    fn recipes_become_active() {
        let there = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(there.path()).unwrap();
        egg(&root, "my.recipe-1", "");
        let mut sets = sets();
        let mut running = WorkingSet::default();
        let settings = request(&root, &[]);
        sets.install_recipe("my.recipe", &mut running, &settings)
            .unwrap();
        assert_eq!(
            running.find("my.recipe").unwrap().to_string(),
            "my.recipe 1"
        );
        drop(sets.take_log());
        sets.install_recipe("my_recipe>=1", &mut running, &settings)
            .unwrap();
        assert!(sets.take_log().is_empty());
        let failed = |sets: &mut WorkingSets, spec: &str, running: &mut WorkingSet| {
            let error = sets.install_recipe(spec, running, &settings).unwrap_err();
            (error.doing.join(" "), error.message)
        };
        assert_eq!(
            failed(&mut sets, "my.recipe>1", &mut running),
            (
                "Loading recipe 'my.recipe>1'.".to_owned(),
                "my.recipe 1 is installed but my.recipe>1 is required".to_owned()
            )
        );
        assert_eq!(
            failed(&mut sets, "gone", &mut running),
            (
                "Installing recipe gone. Getting distribution for 'gone'.".to_owned(),
                "Couldn't find a distribution for 'gone'.".to_owned()
            )
        );
    }
}

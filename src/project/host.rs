//! [`RecipeHost`]: which recipe a part has, and what it stands on: interpreter, working sets, network.
//!
//! Recipes that rbuildout knows run natively, unless the part says `rbuildout-native = false`; all others run in Python
//! ([`super::foreign`]). Where the interpreter holds zc.buildout, their eggs are fetched as
//! zc.buildout would fetch them, so that a run of either tool finds what the other left. Everything here is made when it
//! is first needed. zc.buildout: buildout.py, `_install_and_load`, `Options.initialize`.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;

use super::Surroundings;
use super::foreign::Foreign;
use super::own_path;
use super::pip::PipSettings;
use super::settings::{download_cache, lines, words};
use crate::config::defaults::IMITATED_VERSION;
use crate::dist::develop::Developed;
use crate::dist::distribution::Distribution;
use crate::dist::installer::InstallPolicy;
use crate::dist::link_mode::LinkMode;
use crate::dist::metadata::Metadata;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::dist::working_set::WorkingSet;
use crate::dist::{EggsRequest, WorkingSets, buildout_path};
use crate::error::{Diagnostic, Error, Result};
use crate::log::{EASY_INSTALL, Entry, Log};
use crate::options::{Buildout, PartLoader};
use crate::python::Facts;
use crate::recipe::{PartContext, Recipe, RecipeEntry, Rendering};
use crate::recipes;
use crate::sys::fs;
use crate::sys::http::{Network, ProgressSink};
use crate::text::Text;

/// The option of a part that sends it to Python though its recipe is native.
const SWITCH: &str = "rbuildout-native";

/// What zc.buildout keeps new for itself.
pub const OWN_PROJECTS: [&str; 4] = ["zc.buildout", "wheel", "pip", "setuptools"];

/// What a recipe consists of, for the signature of a part.
#[derive(Debug)]
pub enum Closure {
    /// Its distribution and all that it needs, in the interpreter or in eggs.
    Distributions(Vec<Distribution>),
    /// Nothing but our own code: the interpreter holds no zc.buildout.
    Native(&'static RecipeEntry),
}

/// Starts recipes and serves them.
pub struct RecipeHost {
    pub(super) executable: String,
    surroundings: Rc<Surroundings>,
    pub(super) log: Log,
    progress: Option<ProgressSink>,
    pub(super) foreign: Foreign,
    facts: OnceCell<Rc<Facts>>,
    pub(super) tools: RefCell<Option<Tools>>,
    recipes: RefCell<IndexMap<String, Rc<dyn Recipe>>>,
    /// What directories of `sys.path` hold, until Python code may have changed it.
    pub(super) seen: Seen,
}

/// What is made once a run, from `[buildout]`.
pub(super) struct Tools {
    pub(super) working_sets: WorkingSets,
    /// What the interpreter holds, and the lines of bin/buildout; recipes are added to it.
    pub(super) running: WorkingSet,
    /// Whether there is a zc.buildout in it.
    holds_buildout: bool,
}

impl std::fmt::Debug for RecipeHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecipeHost")
            .field("executable", &self.executable)
            .finish_non_exhaustive()
    }
}

/// The recipe of a part: requirement and entry point.
pub(super) struct Named {
    pub(super) spec: Text,
    pub(super) requirement: Requirement,
    pub(super) entry: String,
}

impl RecipeHost {
    pub(super) fn new(
        executable: String,
        surroundings: Rc<Surroundings>,
        log: Log,
        progress: Option<ProgressSink>,
        foreign: Foreign,
    ) -> Self {
        Self {
            executable,
            surroundings,
            log,
            progress,
            foreign,
            facts: OnceCell::new(),
            tools: RefCell::new(None),
            recipes: RefCell::default(),
            seen: Seen::default(),
        }
    }

    /// The process's surroundings.
    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The user's cache directory.
    pub fn cache(&self) -> String {
        self.surroundings.cache()
    }

    /// What the interpreter says of itself.
    pub fn facts(&self) -> Result<Rc<Facts>> {
        if let Some(facts) = self.facts.get() {
            return Ok(Rc::clone(facts));
        }
        let facts = Rc::new(Facts::load(&self.executable, &self.cache())?);
        Ok(Rc::clone(self.facts.get_or_init(|| facts)))
    }

    /// Renders what a part wants.
    pub fn render(
        &self,
        buildout: &mut Buildout,
        part: &str,
        rendering: &mut Rendering,
    ) -> Result<()> {
        let facts = self.facts()?;
        let recipe = self.recipes.borrow().get(part).cloned();
        let Some(recipe) = recipe else { return Ok(()) };
        let mut tools = self.take_tools(buildout)?;
        let mut cx = PartContext {
            part,
            buildout,
            working_sets: &mut tools.working_sets,
            facts: &facts,
        };
        let rendered = recipe.render(&mut cx, rendering);
        *self.tools.borrow_mut() = Some(tools);
        rendered
    }

    /// Builds directories for editing, as `develop` names them.
    pub fn develop(
        &self,
        buildout: &mut Buildout,
        directories: &[String],
    ) -> Result<Vec<Result<Developed>>> {
        let mut tools = self.take_tools(buildout)?;
        let built = tools.working_sets.develop(directories);
        *self.tools.borrow_mut() = Some(tools);
        built
    }

    /// These paths in the develop-eggs directory are in place now, or uninstalled, though they are there until the run
    /// is over.
    pub fn develop_eggs_changed(
        &self,
        buildout: &mut Buildout,
        paths: &[&str],
        are_there: bool,
    ) -> Result<()> {
        let mut tools = self.take_tools(buildout)?;
        if are_there {
            tools.working_sets.installed(paths);
        } else {
            tools.working_sets.uninstalled(paths);
        }
        *self.tools.borrow_mut() = Some(tools);
        Ok(())
    }

    /// The distributions that a part's recipe consists of.
    // zc.buildout: buildout.py, Buildout._compute_part_signatures
    pub fn closure(&self, buildout: &mut Buildout, part: &str) -> Result<Closure> {
        let named = named(buildout, part)?;
        let entry = self.native(buildout, part, &named)?;
        let tools = self.take_tools(buildout)?;
        let closure = match entry {
            Some(entry) if !tools.holds_buildout => Ok(Closure::Native(entry)),
            _ => {
                let metadata = Metadata::new(self.facts()?);
                tools
                    .running
                    .resolve(&[named.requirement], &metadata)
                    .map(Closure::Distributions)
            }
        };
        *self.tools.borrow_mut() = Some(tools);
        closure
    }

    /// What zc.buildout consists of, itself first: the one at hand, or else one that is put among the eggs.
    // zc.buildout: easy_install.py, `buildout_and_setuptools_dists`
    pub fn own_distributions(&self, buildout: &mut Buildout) -> Result<Vec<Distribution>> {
        self.distributions_for(buildout, "zc.buildout")
    }

    /// Those of [`OWN_PROJECTS`] that are at hand, and what `[versions]` says where it says something else.
    pub fn own_versions(
        &self,
        buildout: &mut Buildout,
    ) -> Result<Vec<(Distribution, Option<String>)>> {
        let versions = versions(buildout)?;
        let tools = self.take_tools(buildout)?;
        let otherwise = |here: &Distribution| {
            let key = name::canonical(&here.project_name);
            let said = versions
                .iter()
                .find(|(name, _)| name::canonical(name) == key)?;
            if is_built_in(said.1) {
                return None;
            }
            let said = said.1.trim();
            let is_plain = said.starts_with(|c: char| c.is_ascii_digit());
            let operator = if is_plain { "==" } else { "" };
            let requirement = Requirement::parse(&format!("{}{operator}{said}", here.project_name));
            (!requirement.ok()?.accepts(here)).then(|| said.to_owned())
        };
        let found = OWN_PROJECTS
            .iter()
            .filter_map(|name| tools.running.find(name));
        let own = found.map(|here| (here.clone(), otherwise(here))).collect();
        self.give_back(tools);
        Ok(own)
    }

    /// Whether the interpreter or bin/buildout know a zc.buildout.
    pub(super) fn holds_buildout(&self, buildout: &mut Buildout) -> Result<bool> {
        let tools = self.take_tools(buildout)?;
        let holds = tools.holds_buildout;
        self.give_back(tools);
        Ok(holds)
    }

    /// A project of those that the interpreter or bin/buildout know, with all that it needs; else as eggs.
    pub(super) fn distributions_for(
        &self,
        buildout: &mut Buildout,
        project: &str,
    ) -> Result<Vec<Distribution>> {
        let metadata = Metadata::new(self.facts()?);
        let mut settings = egg_settings(buildout)?;
        let mut tools = self.take_tools(buildout)?;
        let found = if tools.running.find(project).is_some() {
            Requirement::parse(project).and_then(|it| tools.running.resolve(&[it], &metadata))
        } else {
            settings.eggs = vec![project.to_owned()];
            let made = tools.working_sets.working_set(&settings);
            for entry in tools.working_sets.take_log() {
                self.log.show(&entry);
            }
            made.map(|set| set.iter().cloned().collect())
        };
        self.give_back(tools);
        found
    }

    pub(super) fn take_tools(&self, buildout: &mut Buildout) -> Result<Tools> {
        let made = self.tools.borrow_mut().take();
        match made {
            Some(tools) => Ok(tools),
            None => self.make_tools(buildout),
        }
    }

    pub(super) fn give_back(&self, tools: Tools) {
        *self.tools.borrow_mut() = Some(tools);
    }

    fn make_tools(&self, buildout: &mut Buildout) -> Result<Tools> {
        let facts = self.facts()?;
        let bin = buildout.require("buildout", "bin-directory")?;
        let mut path = own_path::read(&bin, &self.surroundings, &self.executable);
        // A script that runs the interpreter's own zc.buildout, as a part with the scripts of all dependencies writes it, has
        // other eggs beside it that have nothing to do with it.
        let place = |path: &[String]| -> Result<Option<String>> {
            let found = WorkingSet::of_path(path, &self.seen)?;
            Ok(found.find("zc.buildout").map(|d| d.location.clone()))
        };
        let in_interpreter = place(&facts.sys_path)?;
        if in_interpreter.is_some() && !path.is_empty() {
            let in_script = place(&path)?;
            if in_script.is_none() || in_script == in_interpreter {
                path.clear();
            }
        }
        path.extend(facts.sys_path.iter().cloned());
        let running = WorkingSet::of_path(&path, &self.seen)?;
        let holds_buildout = running.find("zc.buildout").is_some();
        let pip = PipSettings::read(&self.surroundings);
        let offline = buildout.boolean("buildout", "offline", false)?;
        let timeout = buildout
            .get("buildout", "socket-timeout")?
            .and_then(|t| t.trim().parse().ok());
        let mut network = Network::new(pip.network(offline, timeout));
        if let Some(progress) = &self.progress {
            network = network.with_progress(progress.clone());
        }
        // What zc.buildout's own tests put in the place of the default index.
        let testing = self.surroundings.variable("buildout_testing_index_url");
        let index = testing
            .map(str::to_owned)
            .or_else(|| pip.index())
            .or_else(|| facts.pip_index.clone())
            .or_else(|| option_env!("RBUILDOUT_DEFAULT_INDEX").map(str::to_owned));
        let own_index = buildout.get("buildout", "index")?;
        let mut build = pip.build_settings(index.as_deref(), own_index.as_deref());
        build
            .own_find_links
            .extend(words(buildout.get("buildout", "find-links")?));
        build.newest = buildout.boolean("buildout", "newest", true)?;
        let metadata = Metadata::new(Rc::clone(&facts));
        let mut policy = InstallPolicy {
            prefer_final: buildout.boolean("buildout", "prefer-final", true)?,
            allow_picked_versions: buildout.boolean("buildout", "allow-picked-versions", true)?,
            use_dependency_links: buildout.boolean("buildout", "use-dependency-links", true)?,
            store_required_by: buildout.boolean("buildout", "show-picked-versions", false)?
                || buildout
                    .get("buildout", "update-versions-file")?
                    .is_some_and(|file| !file.is_empty()),
            site_path: if holds_buildout {
                buildout_path(&running, &metadata)
            } else {
                Vec::new()
            },
            default_index: index,
            build,
            link_mode: LinkMode::parse(
                self.surroundings
                    .variable("RBUILDOUT_LINK_MODE")
                    .unwrap_or(""),
            )?,
            download_cache: download_cache(buildout)?,
            install_from_cache: buildout.boolean("buildout", "install-from-cache", false)?,
            ..InstallPolicy::default()
        };
        let mut versions = versions(buildout)?;
        // What nobody has pinned is at least as new as what is at hand, which may be older than what we stand for.
        if let Some(pin) = versions.get_mut("zc.buildout")
            && is_built_in(pin)
            && let Some(here) = running.find("zc.buildout")
        {
            *pin = Text::from(format!(">={}", here.version.text()));
        }
        policy.set_versions(
            versions
                .iter()
                .map(|(project, constraint)| (project.as_str(), constraint.as_str())),
        );
        let working_sets = WorkingSets::new(
            policy,
            facts,
            Rc::new(network),
            &self.cache(),
            self.log.named(EASY_INSTALL),
            self.seen.clone(),
        );
        Ok(Tools {
            working_sets,
            running,
            holds_buildout,
        })
    }

    /// The native recipe for a part; none where eggs have become a matter of Python since.
    fn native(
        &self,
        buildout: &mut Buildout,
        part: &str,
        named: &Named,
    ) -> Result<Option<&'static RecipeEntry>> {
        let entry = native(buildout, part, named)?;
        let stays = !self.foreign.installs_in_python() || self.recipes.borrow().contains_key(part);
        Ok(entry.filter(|_| stays))
    }

    /// Puts a recipe's egg in place where the interpreter has it not. A native recipe needs it only for the sake of
    /// zc.buildout.
    // zc.buildout: buildout.py, _install_and_load
    pub(super) fn install_egg(
        &self,
        buildout: &mut Buildout,
        spec: &str,
        is_native: bool,
    ) -> Result<()> {
        let mut tools = self.take_tools(buildout)?;
        if self.foreign.installs_in_python() {
            let is_there = Requirement::parse(spec)
                .is_ok_and(|spec| matches!(tools.running.find_requirement(&spec), Ok(Some(_))));
            self.give_back(tools);
            return if is_there {
                Ok(())
            } else {
                self.install_in_python(buildout, spec)
            };
        }
        let mut installed = Ok(());
        if tools.holds_buildout || !is_native {
            let settings = egg_settings(buildout)?;
            let running = &mut tools.running;
            let known = running.entries().to_vec();
            installed = tools.working_sets.install_recipe(spec, running, &settings);
            for entry in tools.working_sets.take_log() {
                self.log.show(&entry);
            }
            let new: Vec<String> = running
                .entries()
                .iter()
                .filter(|e| !known.contains(e))
                .cloned()
                .collect();
            if tools.holds_buildout {
                self.namespace_warnings(&tools.running, &new);
            }
        }
        self.give_back(tools);
        installed
    }

    /// Python warns when an egg brings a part of the namespace `zc`, which zc.buildout itself has already imported.
    // pkg_resources: Distribution.check_version_conflict, called by easy_install.py, Installer._get_dist
    fn namespace_warnings(&self, running: &WorkingSet, locations: &[String]) {
        if self.surroundings.ignores_warnings() {
            return;
        }
        let site = running
            .find("zc.buildout")
            .filter(|d| d.version.text() == IMITATED_VERSION)
            .map(|d| &d.location);
        let Some(site) = site else { return };
        for location in locations {
            if fs::is_dir(format!("{location}/zc")) {
                let text = format!(
                    "{site}/zc/buildout/easy_install.py:759: UserWarning: Module zc was already imported from None, but {location} is being added to sys.path\n  ws.add(dist)\n"
                );
                self.log.show(&Entry::Stderr(text));
            }
        }
    }
}

impl PartLoader for RecipeHost {
    fn load(&self, buildout: &mut Buildout, part: &str) -> Result<()> {
        let named = named(buildout, part)?;
        let Some(entry) = self.native(buildout, part, &named)? else {
            return self.load_foreign(buildout, part, &named);
        };
        self.install_egg(buildout, &named.spec, true)?;
        let recipe: Rc<dyn Recipe> = Rc::from((entry.new)(buildout, part, &named.entry)?);
        self.recipes.borrow_mut().insert(part.to_owned(), recipe);
        Ok(())
    }
}

/// What `recipe =` says.
// zc.buildout: buildout.py, _recipe
fn named(buildout: &mut Buildout, part: &str) -> Result<Named> {
    parse_recipe(&buildout.require(part, "recipe")?)
}

pub(super) fn parse_recipe(recipe: &Text) -> Result<Named> {
    let (spec, entry) = match recipe.split(':').as_slice() {
        [spec] => (spec.clone(), "default".to_owned()),
        [spec, entry] => (spec.clone(), entry.to_string()),
        _ => {
            let diagnostic =
                Diagnostic::error("recipe", "a recipe is `project` or `project:entry`").at(recipe);
            return Err(Error::user(format!("Invalid recipe: {recipe}")).with(diagnostic));
        }
    };
    let requirement = Requirement::parse(&spec)?;
    Ok(Named {
        spec,
        requirement,
        entry,
    })
}

/// The native recipe for a part, if it has one and wants it.
pub(super) fn native(
    buildout: &mut Buildout,
    part: &str,
    named: &Named,
) -> Result<Option<&'static RecipeEntry>> {
    let Some(entry) = recipes::find(named.requirement.name(), &named.entry) else {
        return Ok(None);
    };
    Ok(buildout.boolean(part, SWITCH, true)?.then_some(entry))
}

pub(super) fn same_project(entry: &RecipeEntry, requirement: &Requirement) -> bool {
    name::canonical(entry.project) == name::canonical(requirement.name())
}

/// Whether a pin of zc.buildout is the one that is there where nobody gave one.
fn is_built_in(pin: &Text) -> bool {
    pin.start().is_none() && pin.as_str() == format!(">={IMITATED_VERSION}")
}

/// The section that `[buildout] versions` names.
fn versions(buildout: &mut Buildout) -> Result<BTreeMap<String, Text>> {
    let section = buildout.get("buildout", "versions")?.unwrap_or_default();
    if section.is_empty() {
        Ok(BTreeMap::new())
    } else {
        buildout.all(&section)
    }
}

pub(super) fn egg_settings(buildout: &mut Buildout) -> Result<EggsRequest> {
    Ok(EggsRequest {
        eggs: Vec::new(),
        eggs_directory: buildout.require("buildout", "eggs-directory")?.to_string(),
        develop_eggs_directory: buildout
            .require("buildout", "develop-eggs-directory")?
            .to_string(),
        offline: buildout.boolean("buildout", "offline", false)?,
        newest: buildout.boolean("buildout", "newest", true)?,
        find_links: words(buildout.get("buildout", "find-links")?),
        index: buildout
            .get("buildout", "index")?
            .map(|index| index.to_string()),
        allow_hosts: lines(buildout.get("buildout", "allow-hosts")?),
        allow_unknown_extras: false,
    })
}

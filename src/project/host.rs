//! [`RecipeHost`]: which recipe a part has, and what it stands on: interpreter, working sets, network.
//!
//! Recipes that rbuildout knows run natively, unless the part says `rbuildout-native = false`; all others run in Python
//! ([`super::foreign`]). Where the interpreter holds zc.buildout, their eggs are fetched as
//! zc.buildout would fetch them, so that a run of either tool finds what the other left. Everything here is made when it
//! is first needed. zc.buildout: buildout.py, `_install_and_load`, `Options.initialize`.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use indexmap::IndexMap;

use super::foreign::Foreign;
use super::generation::Means;
use super::named::{Named, named, native};
use super::tools::Tools;
use super::{Surroundings, python_warnings};
use crate::dist::arrivals::Arrivals;
use crate::dist::develop::Developed;
use crate::dist::distribution::Distribution;
use crate::dist::metadata::Metadata;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::dist::working_set::WorkingSet;
use crate::error::Result;
use crate::generation::Generation;
use crate::log::{Entry, Log};
use crate::options::{Answered, Buildout, PartLoader};
use crate::python::Facts;
use crate::recipe::{PartContext, Recipe, RecipeEntry, Rendering};
use crate::sys::fs;
use crate::sys::http::ProgressSink;

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
    pub(super) progress: Option<ProgressSink>,
    pub(super) foreign: Foreign,
    facts: OnceCell<Rc<Facts>>,
    /// What was found out already about the zc.buildout of the project.
    means: Means,
    pub(super) tools: RefCell<Option<Tools>>,
    /// Python code has changed the environment since the network was set up.
    pub(super) is_reached_otherwise: Cell<bool>,
    recipes: RefCell<IndexMap<String, Rc<dyn Recipe>>>,
    /// What directories of `sys.path` hold, until Python code may have changed it.
    pub(super) seen: Seen,
    /// What was put into eggs directories.
    pub arrivals: Arrivals,
}

impl std::fmt::Debug for RecipeHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecipeHost")
            .field("executable", &self.executable)
            .finish_non_exhaustive()
    }
}

impl RecipeHost {
    pub(super) fn new(
        executable: String,
        surroundings: Rc<Surroundings>,
        log: Log,
        progress: Option<ProgressSink>,
        foreign: Foreign,
        means: Means,
    ) -> Self {
        let facts = means
            .facts
            .clone()
            .map_or_else(OnceCell::new, OnceCell::from);
        Self {
            executable,
            surroundings,
            log,
            progress,
            foreign,
            facts,
            tools: RefCell::new(None),
            is_reached_otherwise: Cell::new(false),
            recipes: RefCell::default(),
            seen: means.seen.clone(),
            arrivals: Arrivals::default(),
            means,
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

    /// Which zc.buildout the project means.
    pub fn generation(&self) -> Generation {
        self.means.generation
    }

    /// What is active where zc.buildout runs, if it was found out for this `bin`.
    pub(super) fn running_in(&self, bin_directory: &str) -> Option<WorkingSet> {
        let (bin, running) = self.means.running.as_ref()?;
        (bin == bin_directory).then(|| running.clone())
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
            generation: self.generation(),
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
        let is_there = Requirement::parse(spec)
            .is_ok_and(|spec| matches!(tools.running.find_requirement(&spec), Ok(Some(_))));
        if self.foreign.installs_in_python() {
            self.give_back(tools);
            return if is_there {
                Ok(())
            } else {
                self.install_in_python(buildout, spec)
            };
        }
        let mut installed = Ok(());
        if tools.holds_buildout || !is_native {
            let known = tools.running.entries().to_vec();
            let before = if tools.holds_buildout && !is_there {
                fs::list(&*buildout.require("buildout", "eggs-directory")?)?
            } else {
                Vec::new()
            };
            installed = tools.install_recipe(buildout, spec);
            if tools.holds_buildout && !is_there {
                self.tell_already_imported(&tools.running, &known, &before);
            }
        }
        self.give_back(tools);
        installed
    }

    /// What Python says on standard error when recipes come beside a zc.buildout that is already imported.
    fn tell_already_imported(&self, running: &WorkingSet, known: &[String], before: &[String]) {
        if self.surroundings.ignores_warnings() {
            return;
        }
        for text in python_warnings::already_imported(running, known, before) {
            self.log.show(&Entry::Stderr(text));
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

    fn answer(&self, buildout: &mut Buildout, part: &str, option: &str) -> Result<Answered> {
        self.answer_of_recipe(buildout, part, option)
    }
}

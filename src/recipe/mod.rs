//! What a recipe is, and what it may see.
//!
//! A native recipe is two functions: `new` stands for Python's `__init__` and may set options of its part; `render` is
//! `install` and `update` in one: a pure function from options and working sets to a [`Rendering`]. Neither touches the
//! disk. Python recipes are not these: they live behind the bridge.

mod rendering;

pub use rendering::{Effect, FileMode, Rendering, When};

use std::rc::Rc;

use crate::dist::develop::Developed;
use crate::dist::working_set::WorkingSet;
use crate::dist::{BuildOptions, CustomRequest, EggsRequest, Waiting, WorkingSets};
use crate::error::Result;
use crate::generation::Generation;
use crate::options::{Buildout, OptionNames};
use crate::python::Facts;

/// One native recipe.
#[derive(Debug)]
pub struct RecipeEntry {
    /// The distribution that it stands for, as `recipe =` names it: `zc.recipe.egg`.
    pub project: &'static str,
    /// Its entry points: the words after the colon; `default` without one.
    pub entries: &'static [&'static str],
    /// The version imitated; part of the signature where the real recipe is not there.
    pub version: &'static str,
    pub summary: &'static str,
    /// The options that an entry point reads.
    pub options: fn(entry: &str) -> OptionNames,
    /// `__init__`: may set options of the part.
    pub new: fn(&mut Buildout, part: &str, entry: &str) -> Result<Box<dyn Recipe>>,
}

/// A recipe that was given its part.
pub trait Recipe {
    /// What `install()` would do, and `update()`: [`When`] tells them apart.
    /// What is wanted is added to `rendering`; on an error what was added so far is still shown as log.
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()>;
}

/// What a recipe sees while it renders.
#[derive(Debug)]
pub struct PartContext<'a> {
    /// The part's name.
    pub part: &'a str,
    /// Options of all sections; reading marks them as used.
    pub buildout: &'a mut Buildout,
    /// Working sets on request: installs what is missing into the eggs directory.
    pub working_sets: &'a mut WorkingSets,
    /// Markers and `#!` line of the interpreter of the buildout.
    pub facts: &'a Facts,
    /// Which zc.buildout the project means.
    pub generation: Generation,
}

impl PartContext<'_> {
    /// The working set for a request; what is logged on the way comes behind the effects so far.
    pub fn working_set(
        &mut self,
        rendering: &mut Rendering,
        request: &EggsRequest,
    ) -> Result<Rc<WorkingSet>> {
        self.keep_log(rendering);
        let made = self.working_sets.working_set(request);
        self.take_log(rendering);
        made
    }

    /// Builds an egg for this buildout alone, unless what is there will do; gives its location.
    pub fn custom_egg(
        &mut self,
        rendering: &mut Rendering,
        request: &CustomRequest,
    ) -> Result<String> {
        self.keep_log(rendering);
        let made = self.working_sets.custom(request);
        self.take_log(rendering);
        let (location, waiting) = made?;
        rendering.effects.extend(waiting.map(tree));
        Ok(location)
    }

    /// Makes a directory importable from where it is; gives the paths that belong to it.
    pub fn develop_egg(
        &mut self,
        rendering: &mut Rendering,
        directory: &str,
        develop_eggs: &str,
        options: &BuildOptions,
    ) -> Result<(Developed, Vec<String>)> {
        self.keep_log(rendering);
        let made = self
            .working_sets
            .develop_with(directory, develop_eggs, options);
        self.take_log(rendering);
        let (developed, waiting) = made?;
        let paths = waiting.iter().map(|entry| entry.path.clone()).collect();
        rendering.effects.extend(waiting.into_iter().map(tree));
        Ok((developed, paths))
    }

    /// What is logged is shown at once, unless the part has wanted something before: that comes first.
    fn keep_log(&mut self, rendering: &Rendering) {
        self.working_sets.keep_log(!rendering.effects.is_empty());
    }

    fn take_log(&mut self, rendering: &mut Rendering) {
        self.working_sets.keep_log(false);
        let said = self.working_sets.take_log();
        rendering.effects.extend(said.into_iter().map(Effect::Say));
    }
}

fn tree(waiting: Waiting) -> Effect {
    Effect::Tree {
        path: waiting.path,
        from: waiting.from,
    }
}

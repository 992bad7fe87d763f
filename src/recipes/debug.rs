//! `zc.buildout:debug`: prints the options of its part, and installs nothing. For looking at what a configuration comes to.
//!
//! zc.buildout: testrecipes.py, `Debug`.

use crate::config::defaults::IMITATED_VERSION;
use crate::error::Result;
use crate::log::Entry;
use crate::options::Buildout;
use crate::pystr::repr;
use crate::recipe::{Effect, PartContext, Recipe, RecipeEntry, Rendering};

pub(super) const RECIPE: RecipeEntry = RecipeEntry {
    project: "zc.buildout",
    entries: &["debug"],
    version: IMITATED_VERSION,
    summary: "Prints the options of the part",
    options: |_| None,
    new,
};

struct Debug;

fn new(_: &mut Buildout, _: &str, _: &str) -> Result<Box<dyn Recipe>> {
    Ok(Box::new(Debug))
}

impl Recipe for Debug {
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        for (option, value) in cx.buildout.all(cx.part)? {
            let line = format!("  {option}={}", repr(&value));
            rendering.effects.push(Effect::Say(Entry::Line(line)));
        }
        Ok(())
    }
}

//! zc.recipe.egg 6.0.0: eggs, their scripts, and eggs with build settings of their own. An entry point a file.
//!
//! Other recipes ask for eggs and scripts through [`Eggs`] too, as their Python originals do through
//! `zc.recipe.egg.Egg`. zc.recipe.egg: egg.py, custom.py.

mod build_options;
mod custom;
mod develop;
mod eggs;
mod option_names;
mod scripts;

pub(super) use eggs::{Eggs, requirements};
pub(super) use scripts::{render_scripts, script_names};

use crate::error::Result;
use crate::options::Buildout;
use crate::pypath;
use crate::pystr;
use crate::recipe::{Recipe, RecipeEntry};
use crate::text::Text;

pub(super) static RECIPE: RecipeEntry = RecipeEntry {
    project: "zc.recipe.egg",
    entries: &["default", "eggs", "script", "scripts", "custom", "develop"],
    version: "6.0.0",
    summary: "eggs and their scripts",
    options: option_names::option_names,
    new,
};

/// The section that every buildout has.
const BUILDOUT: &str = "buildout";

fn new(buildout: &mut Buildout, part: &str, entry: &str) -> Result<Box<dyn Recipe>> {
    match entry {
        "eggs" => eggs::new(buildout, part),
        "custom" => custom::new(buildout, part),
        "develop" => develop::new(buildout, part),
        _ => scripts::new(buildout, part),
    }
}

/// `find-links` of the part or else of `[buildout]`, split at blanks; set to one a line.
fn find_links(buildout: &mut Buildout, part: &str) -> Result<Vec<String>> {
    let links = match buildout.get(part, "find-links")? {
        Some(links) => links,
        None => buildout.require(BUILDOUT, "find-links")?,
    };
    if !links.is_empty() {
        buildout.set(
            part,
            "find-links",
            lines(pystr::split(&links).map(|l| links.piece(l))),
        );
    }
    Ok(words(&links))
}

/// `index` of the part or else of `[buildout]`.
fn index(buildout: &mut Buildout, part: &str) -> Result<Option<Text>> {
    let index = match buildout.get(part, "index")? {
        Some(index) => Some(index),
        None => buildout.get(BUILDOUT, "index")?,
    };
    if let Some(index) = &index {
        buildout.set(part, "index", index.clone());
    }
    Ok(index)
}

/// A piece of an option as a path from the buildout's directory; what was written keeps its place.
fn from_base(directory: &Text, option: &Text, piece: &str) -> Text {
    let joined = pypath::join(directory, piece);
    let mut text = Text::from(joined.strip_suffix(piece).unwrap_or_default());
    text.push(&option.piece(piece));
    text
}

/// `[r.strip() for r in value.split('\n') if r.strip()]`.
fn non_empty_lines(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('\n')
        .map(pystr::strip)
        .filter(|line| !line.is_empty())
}

fn words(value: &str) -> Vec<String> {
    pystr::split(value).map(str::to_owned).collect()
}

fn lines(texts: impl Iterator<Item = Text>) -> Text {
    let mut all = Text::new();
    for (index, text) in texts.enumerate() {
        if index > 0 {
            all.push_str("\n");
        }
        all.push(&text);
    }
    all
}

fn is_true(buildout: &mut Buildout, option: &str) -> Result<bool> {
    Ok(buildout
        .get(BUILDOUT, option)?
        .is_some_and(|value| value.as_str() == "true"))
}

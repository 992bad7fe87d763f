//! `zc.recipe.egg:eggs`, and what the other entry points have in common: working sets. zc.recipe.egg: egg.py, `Eggs`.

use std::rc::Rc;

use super::{BUILDOUT, find_links, index, is_true, non_empty_lines, words};
use crate::dist::EggsRequest;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Error, Result};
use crate::options::Buildout;
use crate::pystr;
use crate::recipe::{PartContext, Recipe, Rendering};
use crate::scripts::ScriptRequest;
use crate::sys::url;
use crate::text::Text;

pub(super) fn new(buildout: &mut Buildout, part: &str) -> Result<Box<dyn Recipe>> {
    let eggs = Eggs::of_part(buildout, part, Some(Text::from("false")))?;
    Ok(Box::new(EggsRecipe { eggs }))
}

/// `zc.recipe.egg:eggs`: the working set is made, and that is all.
#[derive(Debug)]
struct EggsRecipe {
    eggs: Eggs,
}

impl Recipe for EggsRecipe {
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        let wanted = wanted_eggs(cx)?;
        self.eggs.working_set(cx, rendering, &wanted)?;
        Ok(())
    }
}

/// `eggs`, one a line; without it the part's own name.
pub(super) fn wanted_eggs(cx: &mut PartContext<'_>) -> Result<Vec<Text>> {
    // "Backward compat. :(", says the original; made while the part is installed, so never saved.
    cx.buildout.set(
        cx.part,
        "executable",
        Text::from(cx.facts.executable.as_str()),
    );
    Ok(match cx.buildout.get(cx.part, "eggs")? {
        Some(eggs) => requirements(&eggs),
        None => requirements(&Text::from(cx.part)),
    })
}

/// The requirements of an option, one a line.
pub(in crate::recipes) fn requirements(option: &Text) -> Vec<Text> {
    non_empty_lines(option)
        .map(|line| option.piece(line))
        .collect()
}

/// Where eggs come from and go to, and their scripts: what `zc.recipe.egg.Egg(…)` takes from `[buildout]`.
#[derive(Clone, Debug)]
pub(in crate::recipes) struct Eggs {
    links: Vec<String>,
    index: Option<Text>,
    allow_hosts: Vec<String>,
    directory: String,
    develop_directory: String,
    bin_directory: String,
    pub(super) extra_paths: Vec<String>,
    pub(super) relative_to: Option<String>,
}

impl Eggs {
    /// As a part without options of its own has it.
    pub(in crate::recipes) fn of_buildout(buildout: &mut Buildout) -> Result<Self> {
        Self::new(buildout, None)
    }

    /// With the part's own `find-links` and `index`. `relative_paths`: the part's own option.
    pub(super) fn of_part(
        buildout: &mut Buildout,
        part: &str,
        relative_paths: Option<Text>,
    ) -> Result<Self> {
        let links = find_links(buildout, part)?;
        let index = index(buildout, part)?;
        let mut eggs = Self::new(buildout, relative_paths)?;
        eggs.links = links;
        eggs.index = index;
        // Each has a second name for old recipes that read it.
        for (option, old) in [("eggs-directory", "_e"), ("develop-eggs-directory", "_d")] {
            hand_down(buildout, part, option, old)?;
        }
        Ok(eggs)
    }

    /// `relative_paths`: the part's own option.
    fn new(buildout: &mut Buildout, relative_paths: Option<Text>) -> Result<Self> {
        let base = buildout.require(BUILDOUT, "directory")?;
        let relative = match relative_paths {
            Some(own) => Some(own),
            None => buildout.get(BUILDOUT, "relative-paths")?,
        };
        Ok(Self {
            links: words(&buildout.require(BUILDOUT, "find-links")?),
            index: buildout.get(BUILDOUT, "index")?,
            allow_hosts: non_empty_lines(&buildout.require(BUILDOUT, "allow-hosts")?)
                .map(str::to_owned)
                .collect(),
            directory: buildout.require(BUILDOUT, "eggs-directory")?.to_string(),
            develop_directory: buildout
                .require(BUILDOUT, "develop-eggs-directory")?
                .to_string(),
            bin_directory: buildout.require(BUILDOUT, "bin-directory")?.to_string(),
            extra_paths: Vec::new(),
            relative_to: match relative {
                Some(setting) => relative_to(&setting, &base)?,
                None => None,
            },
        })
    }

    /// The sorted working set of these requirements.
    pub(in crate::recipes) fn working_set(
        &self,
        cx: &mut PartContext<'_>,
        rendering: &mut Rendering,
        eggs: &[Text],
    ) -> Result<Rc<WorkingSet>> {
        let request = EggsRequest {
            eggs: eggs.iter().map(ToString::to_string).collect(),
            eggs_directory: self.directory.clone(),
            develop_eggs_directory: self.develop_directory.clone(),
            offline: is_true(cx.buildout, "offline")?,
            newest: is_true(cx.buildout, "newest")?,
            find_links: self.links.clone(),
            index: self.index.as_ref().map(ToString::to_string),
            allow_hosts: self.allow_hosts.clone(),
            allow_unknown_extras: bool_option(cx.buildout, "allow-unknown-extras")?,
        };
        cx.working_set(rendering, &request)
            .map_err(|error| with_place_of_bad_requirement(error, eggs))
            .map_err(|error| with_place_of_index(error, self.index.as_ref()))
    }

    /// A request with the places filled in.
    pub(in crate::recipes) fn script_request(&self) -> ScriptRequest {
        ScriptRequest {
            directory: self.bin_directory.clone(),
            extra_paths: self.extra_paths.clone(),
            relative_to: self.relative_to.clone(),
            ..ScriptRequest::default()
        }
    }
}

fn with_place_of_bad_requirement(error: Box<Error>, eggs: &[Text]) -> Box<Error> {
    let Some(bad) = eggs.iter().find(|egg| Requirement::parse(egg).is_err()) else {
        return error;
    };
    error.with(
        Diagnostic::error("requirement", format!("`{bad}` is not a requirement"))
            .at(bad)
            .help("one distribution a line: its name, perhaps [extras] and versions, as in `superlance >= 1.0`"),
    )
}

/// Points at the option that names the index, where what is said is about the index or a file from the same server.
fn with_place_of_index(mut error: Box<Error>, index: Option<&Text>) -> Box<Error> {
    let Some(index) = index.filter(|index| !index.is_empty()) else {
        return error;
    };
    let (bare, _) = url::split_credentials(index);
    let server = url::parts(&bare).netloc.unwrap_or("");
    let is_of_server = !server.is_empty() && error.message.contains(&format!("//{server}/"));
    for diagnostic in &mut error.diagnostics {
        if diagnostic.id == "index" || (diagnostic.id == "download" && is_of_server) {
            *diagnostic = diagnostic.clone().at(index);
        }
    }
    error
}

// zc.buildout: buildout.py, `bool_option`.
fn bool_option(buildout: &mut Buildout, option: &str) -> Result<bool> {
    match buildout.get(BUILDOUT, option)? {
        None => Ok(false),
        Some(value) => match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(Error::user(format!(
                "Invalid value for {} option: {}",
                pystr::repr(option),
                pystr::repr(other)
            ))
            .with(true_or_false(&value, option))),
        },
    }
}

/// Sets an option of the part, under two names, to that of `[buildout]`.
pub(super) fn hand_down(
    buildout: &mut Buildout,
    part: &str,
    option: &str,
    old: &str,
) -> Result<()> {
    let value = buildout.require(BUILDOUT, option)?;
    buildout.set(part, option, value.clone());
    buildout.set(part, old, value);
    Ok(())
}

/// The directory that paths are relative to, if they are.
fn relative_to(setting: &Text, directory: &str) -> Result<Option<String>> {
    match setting.as_str() {
        "true" => Ok(Some(directory.to_owned())),
        "false" => Ok(None),
        // An AssertionError without a word in the original.
        other => Err(
            Error::user(format!("Invalid value for relative-paths option: {other}"))
                .with(true_or_false(setting, "relative-paths")),
        ),
    }
}

pub(super) fn true_or_false(value: &Text, option: &str) -> Diagnostic {
    Diagnostic::error(
        "invalid-option",
        format!("`{option}` is neither `true` nor `false`"),
    )
    .at(value)
    .help("write `true` or `false`, in lower case")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_or_not() {
        assert_eq!(
            relative_to(&"true".into(), "/b").unwrap(),
            Some("/b".into())
        );
        assert_eq!(relative_to(&"false".into(), "/b").unwrap(), None);
        let error = relative_to(&"yes".into(), "/b").unwrap_err();
        assert_eq!(
            error.message,
            "Invalid value for relative-paths option: yes"
        );
    }
}

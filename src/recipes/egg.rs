//! zc.recipe.egg 6.0.0: eggs, and their scripts.
//!
//! Other recipes ask for eggs and scripts through [`Eggs`] too, as their Python originals do through
//! `zc.recipe.egg.Egg`. Its `custom` and `develop` compile code: they are left to Python. zc.recipe.egg: egg.py.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::EggsRequest;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Error, Result};
use crate::log;
use crate::options::Buildout;
use crate::pypath;
use crate::pystr;
use crate::recipe::{Effect, PartContext, Recipe, RecipeEntry, Rendering, When};
use crate::scripts::{EntryPoint, Made, ScriptRequest, Wanted, scripts};
use crate::sys::url;
use crate::text::Text;

pub(super) static RECIPE: RecipeEntry = RecipeEntry {
    project: "zc.recipe.egg",
    entries: &["default", "eggs", "script", "scripts"],
    version: "6.0.0",
    summary: "eggs and their scripts",
    new,
};

/// The section that every buildout has.
const BUILDOUT: &str = "buildout";

fn new(buildout: &mut Buildout, part: &str, entry: &str) -> Result<Box<dyn Recipe>> {
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
    let index = match buildout.get(part, "index")? {
        Some(index) => Some(index),
        None => buildout.get(BUILDOUT, "index")?,
    };
    if let Some(index) = &index {
        buildout.set(part, "index", index.clone());
    }
    let own_relative = match entry {
        "eggs" => Some(Text::from("false")),
        _ => buildout.get(part, "relative-paths")?,
    };
    let mut eggs = Eggs::new(buildout, own_relative)?;
    eggs.links = words(&links);
    eggs.index = index;
    // Each has a second name for old recipes that read it.
    for (option, old) in [("eggs-directory", "_e"), ("develop-eggs-directory", "_d")] {
        hand_down(buildout, part, option, old)?;
    }
    if entry == "eggs" {
        return Ok(Box::new(EggsRecipe { eggs }));
    }

    hand_down(buildout, part, "bin-directory", "_b")?;
    let directory = buildout.require(BUILDOUT, "directory")?;
    let mut extra_paths = Vec::new();
    if let Some(paths) = buildout.get(part, "extra-paths")? {
        extra_paths = non_empty_lines(&paths)
            .map(|path| {
                let joined = pypath::join(&directory, path);
                let mut text = Text::from(joined.strip_suffix(path).unwrap_or_default());
                text.push(&paths.piece(path));
                text
            })
            .collect();
    }
    if !extra_paths.is_empty() {
        buildout.set(part, "extra-paths", lines(extra_paths.iter().cloned()));
    }
    eggs.extra_paths = extra_paths.iter().map(ToString::to_string).collect();
    if eggs.relative_to.is_some() {
        buildout.set(part, "buildout-directory", directory);
    }
    Ok(Box::new(ScriptsRecipe { eggs }))
}

/// Sets an option of the part, under two names, to that of `[buildout]`.
fn hand_down(buildout: &mut Buildout, part: &str, option: &str, old: &str) -> Result<()> {
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

fn true_or_false(value: &Text, option: &str) -> Diagnostic {
    Diagnostic::error(
        "invalid-option",
        format!("`{option}` is neither `true` nor `false`"),
    )
    .at(value)
    .help("write `true` or `false`, in lower case")
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

/// `zc.recipe.egg` and `zc.recipe.egg:scripts`.
#[derive(Debug)]
struct ScriptsRecipe {
    eggs: Eggs,
}

impl Recipe for ScriptsRecipe {
    // zc.recipe.egg: egg.py, `Scripts.install`, in its order: the eggs first, then what may be wrong with the options.
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        let eggs = wanted_eggs(cx)?;
        let working_set = self.eggs.working_set(cx, rendering, &eggs)?;
        let option = |cx: &mut PartContext<'_>, name: &str| cx.buildout.get(cx.part, name);

        let scripts = option(cx, "scripts")?;
        if scripts.as_ref().is_some_and(|scripts| scripts.is_empty()) {
            return Ok(());
        }
        let mut wanted: Vec<Wanted> = eggs
            .iter()
            .map(|egg| Wanted::Requirement(egg.to_string()))
            .collect();
        if let Some(entry_points) = option(cx, "entry-points")? {
            for word in pystr::split(&entry_points) {
                wanted.push(Wanted::EntryPoint(entry_point(word).ok_or_else(|| {
                    rendering.effects.push(Effect::Log {
                        level: log::ERROR,
                        message: format!("{}: Cannot parse the entry point {word}.", cx.part),
                    });
                    invalid_entry_point(&entry_points.piece(word))
                })?));
            }
        }
        match option(cx, "dependent-scripts")? {
            Some(all) if all.as_str() == "true" => wanted.extend(dependencies(&eggs, &working_set)),
            Some(other) if !other.is_empty() && other.as_str() != "false" => {
                return Err(Error::user(format!(
                    "Invalid value for dependent-scripts option: {other}"
                ))
                .with(true_or_false(&other, "dependent-scripts")));
            }
            _ => {}
        }
        let request = ScriptRequest {
            wanted,
            scripts: scripts.map(|scripts| script_names(&scripts)),
            interpreter: option(cx, "interpreter")?.map(|name| name.to_string()),
            initialization: option(cx, "initialization")?.unwrap_or_default(),
            arguments: option(cx, "arguments")?.unwrap_or_default(),
            ..self.eggs.script_request()
        };
        render_scripts(cx, rendering, &request, &working_set)
    }
}

/// `eggs`, one a line; without it the part's own name.
fn wanted_eggs(cx: &mut PartContext<'_>) -> Result<Vec<Text>> {
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
pub(super) fn requirements(option: &Text) -> Vec<Text> {
    non_empty_lines(option)
        .map(|line| option.piece(line))
        .collect()
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

/// `scripts = a b=c`: what is on offer and what to call it; of a name that comes twice the last counts.
pub(super) fn script_names(scripts: &str) -> IndexMap<String, String> {
    pystr::split(scripts)
        .map(|word| word.split_once('=').unwrap_or((word, word)))
        .map(|(name, target)| (name.to_owned(), target.to_owned()))
        .collect()
}

/// `NAME=MODULE:ATTRS`. zc.recipe.egg: egg.py, `Scripts.parse_entry_point`.
fn entry_point(word: &str) -> Option<EntryPoint> {
    let (name, target) = word.split_once('=')?;
    let (module, attrs) = target.split_once(':')?;
    let dotted = |path: &str| {
        path.split('.')
            .all(|name| !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric()))
    };
    (!name.is_empty() && dotted(module) && dotted(attrs)).then(|| EntryPoint {
        name: name.to_owned(),
        module: module.to_owned(),
        attrs: attrs.to_owned(),
    })
}

fn invalid_entry_point(word: &Text) -> Box<Error> {
    Error::user("Invalid entry point").with(
        Diagnostic::error(
            "entry-point",
            format!("`{word}` is not of the form NAME=MODULE:FUNCTION"),
        )
        .at(word)
        .help("such as `mycommand=my.package.module:main`, without blanks"),
    )
}

/// The other distributions, but setuptools, as requirements.
fn dependencies(eggs: &[Text], working_set: &WorkingSet) -> Vec<Wanted> {
    working_set
        .iter()
        .map(|distribution| &distribution.project_name)
        .filter(|name| *name != "setuptools" && !eggs.iter().any(|egg| egg.as_str() == **name))
        .map(|name| Wanted::Requirement(name.clone()))
        .collect()
}

/// Turns scripts into effects and installed files.
pub(super) fn render_scripts(
    cx: &PartContext<'_>,
    rendering: &mut Rendering,
    request: &ScriptRequest,
    working_set: &WorkingSet,
) -> Result<()> {
    for made in scripts(request, working_set, cx.facts)? {
        let (path, text, announcement) = match made {
            Made::Warning(message) => {
                let level = log::WARNING;
                rendering.effects.push(Effect::Log { level, message });
                continue;
            }
            Made::Script { path, text } => (path, text, "Generated script"),
            Made::Interpreter { path, text } => (path, text, "Generated interpreter"),
        };
        // A name with a slash: the original has no such directory to write to and fails.
        let directory = pypath::dirname(&path);
        if directory != pypath::dirname(&pypath::join(&request.directory, "x")) {
            rendering.effects.push(Effect::Directory {
                path: directory.to_owned(),
                when: When::Always,
            });
        }
        rendering.installed.push(path.clone());
        rendering.effects.push(Effect::Script {
            path,
            text,
            announcement,
        });
    }
    Ok(())
}

/// Where eggs come from and go to, and their scripts: what `zc.recipe.egg.Egg(…)` takes from `[buildout]`.
#[derive(Clone, Debug)]
pub(super) struct Eggs {
    links: Vec<String>,
    index: Option<Text>,
    allow_hosts: Vec<String>,
    directory: String,
    develop_directory: String,
    bin_directory: String,
    extra_paths: Vec<String>,
    relative_to: Option<String>,
}

impl Eggs {
    /// As a part without options of its own has it.
    pub(super) fn of_buildout(buildout: &mut Buildout) -> Result<Self> {
        Self::new(buildout, None)
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
    pub(super) fn working_set(
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
    pub(super) fn script_request(&self) -> ScriptRequest {
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

fn is_true(buildout: &mut Buildout, option: &str) -> Result<bool> {
    Ok(buildout
        .get(BUILDOUT, option)?
        .is_some_and(|value| value.as_str() == "true"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points_are_read_as_the_original_does() {
        let two = entry_point("two=a.b.c:D.e").unwrap();
        assert_eq!((two.name.as_str(), two.module.as_str()), ("two", "a.b.c"));
        assert_eq!(two.attrs, "D.e");
        for bad in ["one=a.b", "=a:b", "x=a.:b", "x=a:b:c", "x=a-b:c", "x=a=b:c"] {
            assert_eq!(entry_point(bad), None, "{bad}");
        }
    }

    #[test]
    fn of_a_script_named_twice_the_last_counts_in_the_first_place() {
        let names = script_names("memmon=mm crashsms=a httpok crashsms=b=c x=");
        let names: Vec<_> = names
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("memmon", "mm"),
            ("crashsms", "b=c"),
            ("httpok", "httpok"),
            ("x", ""),
        ];
        assert_eq!(names, expected);
    }

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

//! `zc.recipe.egg` and `zc.recipe.egg:scripts`: the working set and the scripts of its distributions.
//! zc.recipe.egg: egg.py, `Scripts`.

use indexmap::IndexMap;

use super::eggs::{Eggs, hand_down, true_or_false, wanted_eggs};
use super::{BUILDOUT, from_base, lines, non_empty_lines};
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Error, Result};
use crate::log;
use crate::options::Buildout;
use crate::pypath;
use crate::pystr;
use crate::recipe::{Effect, PartContext, Recipe, Rendering, When};
use crate::scripts::{EntryPoint, Made, ScriptRequest, Wanted, scripts};
use crate::text::Text;

pub(super) fn new(buildout: &mut Buildout, part: &str) -> Result<Box<dyn Recipe>> {
    let own_relative = buildout.get(part, "relative-paths")?;
    // Read whether it counts or not: it is no option that nobody uses.
    let relative = buildout.get(BUILDOUT, "relative-paths")?;
    let mut eggs = Eggs::of_part(buildout, part, own_relative.or(relative))?;
    hand_down(buildout, part, "bin-directory", "_b")?;
    let directory = buildout.require(BUILDOUT, "directory")?;
    let mut extra_paths = Vec::new();
    if let Some(paths) = buildout.get(part, "extra-paths")? {
        extra_paths = non_empty_lines(&paths)
            .map(|path| from_base(&directory, &paths, path))
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

/// `scripts = a b=c`: what is on offer and what to call it; of a name that comes twice the last counts.
pub(in crate::recipes) fn script_names(scripts: &str) -> IndexMap<String, String> {
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
pub(in crate::recipes) fn render_scripts(
    cx: &mut PartContext<'_>,
    rendering: &mut Rendering,
    request: &ScriptRequest,
    working_set: &WorkingSet,
) -> Result<()> {
    let generation = cx.generation;
    let imports_pkg_resources = generation.has_import_pkg_resources()
        && cx
            .buildout
            .boolean("buildout", "import-pkg-resources", true)?;
    let request = &ScriptRequest {
        generation,
        imports_pkg_resources,
        developed: cx.working_sets.developed_scripts().clone(),
        ..request.clone()
    };
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
}

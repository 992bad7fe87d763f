//! The scripts in `bin`: which ones, with which text. Nothing is written here; recipes turn the answer into effects.
//!
//! The flow: requirements and entry points → what they offer → what `scripts =` picks of it, and under which name → text.
//! Old-fashioned scripts (`EGG-INFO/scripts`) and an interpreter come after. zc.buildout: easy_install.py, `scripts`.

mod interpreter;
mod old_style;
mod python2;
mod relative;
mod search_path;
mod template;

use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::distribution::Distribution;
use crate::dist::legacy::Grammar;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::{Error, Result};
use crate::generation::Generation;
use crate::pypath;
use crate::python::Facts;
use crate::sys::fs;
use crate::text::Text;

/// Where scripts come from.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// All that the distribution of this requirement offers.
    Requirement(String),
    /// One that the configuration itself declares: `entry-points`.
    EntryPoint(EntryPoint),
}

/// What a script calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    pub name: String,
    pub module: String,
    /// Dotted: `main`, `Class.method`.
    pub attrs: String,
}

/// What scripts are to be made of.
#[derive(Clone, Debug, Default)]
pub struct ScriptRequest {
    pub wanted: Vec<Wanted>,
    /// Where they go.
    pub directory: String,
    /// Names on offer and what to call them; none: all, by their own names.
    pub scripts: Option<IndexMap<String, String>>,
    /// Directories for `sys.path` after those of the working set.
    pub extra_paths: Vec<String>,
    /// Python statements before the import.
    pub initialization: Text,
    /// Python expressions, the arguments of the call.
    pub arguments: Text,
    /// The name of an interpreter with the same `sys.path`.
    pub interpreter: Option<String>,
    /// The directory below which paths are written relative to the script.
    pub relative_to: Option<String>,
    /// Whose texts they are to have.
    pub generation: Generation,
    /// Scripts that are files of projects under development, by the project's key: names and texts.
    pub developed: IndexMap<String, Vec<(String, String)>>,
    /// Whether they import `pkg_resources` where the working set has namespaces of the old style.
    pub imports_pkg_resources: bool,
}

/// What became of a request, in zc.buildout's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    Script {
        path: String,
        text: Text,
    },
    Interpreter {
        path: String,
        text: Text,
    },
    /// A line for the log, at level WARNING.
    Warning(String),
}

/// Decides which scripts there shall be.
pub fn scripts(
    request: &ScriptRequest,
    working_set: &WorkingSet,
    facts: &Facts,
) -> Result<Vec<Made>> {
    let follows = request.generation.follows_pth_files();
    let search_path = search_path::search_path(working_set, &request.extra_paths, follows)?;
    let (entry_points, old_scripts) = on_offer(request, working_set, facts)?;
    let absolute: Rc<str> = template::path_list(&search_path).into();
    let place = |name: &str| Place::new(request, &search_path, &absolute, name);
    let mut initialization = template::initialization(&request.initialization);
    if request.imports_pkg_resources && has_old_namespaces(working_set) {
        let mut before = Text::from("\nimport pkg_resources\n");
        before.push(&initialization);
        initialization = before;
    }

    let mut made = Vec::new();
    for entry_point in &entry_points {
        let Some(name) = request.name_for(&entry_point.name) else {
            continue;
        };
        let place = place(name)?;
        let text = template::script(
            &facts.executable,
            &place,
            &initialization,
            entry_point,
            &request.arguments,
        );
        made.push(Made::Script {
            path: place.script,
            text,
        });
    }
    if request.generation.tells_missing_scripts() {
        let missing = missing(request, &entry_points, facts);
        made.extend(missing.into_iter().map(Made::Warning));
    }
    for (name, content) in &old_scripts {
        let Some(name) = request.name_for(name) else {
            continue;
        };
        let place = place(name)?;
        if let Some(text) = old_style::script(&facts.executable, &place, &initialization, content) {
            made.push(Made::Script {
                path: place.script,
                text,
            });
        }
    }
    if let Some(name) = request
        .interpreter
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        let place = place(name)?;
        let kind = request.generation.interpreter();
        let text = interpreter::script(facts, &place, &initialization, kind);
        made.push(Made::Interpreter {
            path: place.script,
            text,
        });
    }
    Ok(made)
}

impl ScriptRequest {
    /// What a script on offer is to be called; none: it is not wanted.
    fn name_for<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match &self.scripts {
            Some(scripts) => scripts.get(name).map(String::as_str),
            None => Some(name),
        }
    }
}

/// Where a script goes, and what that makes of its `sys.path`.
#[derive(Debug)]
struct Place {
    script: String,
    /// The paths for `sys.path[0:0]` as Python source.
    paths: Rc<str>,
    /// Statements that find `base`; empty with absolute paths.
    setup: String,
}

impl Place {
    // zc.buildout: easy_install.py, `_relative_path_and_setup`.
    fn new(
        request: &ScriptRequest,
        search_path: &[String],
        absolute_paths: &Rc<str>,
        name: &str,
    ) -> Result<Self> {
        let script = pypath::join(&request.directory, name);
        let (paths, setup) = match request.relative_to.as_deref() {
            Some(base) if !base.is_empty() => {
                let absolute = pypath::normalized(&script);
                (
                    relative::paths(search_path, &absolute, base)?.into(),
                    relative::setup(&absolute, base)?,
                )
            }
            _ => (Rc::clone(absolute_paths), String::new()),
        };
        Ok(Self {
            script,
            paths,
            setup,
        })
    }
}

type OldScript = (String, String);

/// All entry points and old scripts of what is wanted, in order, double ones too.
fn on_offer(
    request: &ScriptRequest,
    working_set: &WorkingSet,
    facts: &Facts,
) -> Result<(Vec<EntryPoint>, Vec<OldScript>)> {
    let mut entry_points = Vec::new();
    let mut old_scripts = Vec::new();
    for wanted in &request.wanted {
        match wanted {
            Wanted::EntryPoint(entry_point) => entry_points.push(entry_point.clone()),
            Wanted::Requirement(text) => {
                let requirement = Requirement::parse_as(text, Grammar::of(facts))?;
                if !requirement.applies(facts) {
                    continue;
                }
                let distribution = find(working_set, requirement.name())?;
                let offered = distribution.entry_points("console_scripts")?;
                entry_points.extend(in_order(offered, facts).into_iter().map(|(name, script)| {
                    EntryPoint {
                        name,
                        module: script.module,
                        attrs: script.attributes.join("."),
                    }
                }));
                let mut old = old_style::of_distribution(distribution)?;
                if old.is_empty() {
                    let key = distribution.project_name.to_lowercase();
                    old.extend(request.developed.get(&key).into_iter().flatten().cloned());
                }
                old_scripts.extend(old);
            }
        }
    }
    Ok((entry_points, old_scripts))
}

/// A dictionary of Python's, in the order in which Python goes through it.
fn in_order<V>(named: IndexMap<String, V>, facts: &Facts) -> IndexMap<String, V> {
    if facts.python_version.starts_with("2.") {
        python2::in_dict_order(named)
    } else {
        named
    }
}

// zc.buildout: easy_install.py, `scripts` of 4.2.0.
fn has_old_namespaces(working_set: &WorkingSet) -> bool {
    working_set.iter().any(|distribution| {
        let metadata = distribution.metadata.as_ref();
        let file = metadata.map(|metadata| metadata.join("namespace_packages.txt"));
        file.and_then(|file| fs::read_text(file).ok())
            .is_some_and(|text| !text.is_empty())
    })
}

fn find<'a>(working_set: &'a WorkingSet, wanted: &str) -> Result<&'a Distribution> {
    let canonical = name::canonical(wanted);
    if let Some(distribution) = working_set
        .find(&canonical)
        .or_else(|| working_set.find(wanted))
    {
        return Ok(distribution);
    }
    Err(Error::user(if canonical == wanted {
        format!("Could not find requirement '{wanted}' in working set. ")
    } else {
        format!(
            "Could not find requirement '{wanted}' in working set. Could not find it with normalized '{canonical}' either."
        )
    }))
}

/// Warnings about names in `scripts =` that no entry point has. Old scripts don't count, and the two names stand the wrong
/// way round, as in zc.buildout.
fn missing(request: &ScriptRequest, entry_points: &[EntryPoint], facts: &Facts) -> Vec<String> {
    let Some(scripts) = request.scripts.clone() else {
        return Vec::new();
    };
    in_order(scripts, facts)
        .iter()
        .filter(|(name, _)| !entry_points.iter().any(|e| e.name == **name))
        .map(|(name, target)| {
            if name == target {
                format!(
                    "Could not generate script '{name}' as it is not defined in the egg entry points."
                )
            } else {
                format!(
                    "Could not generate script '{name}' as script '{target}' is not defined in the egg entry points."
                )
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;

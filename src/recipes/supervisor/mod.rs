//! collective.recipe.supervisor 2.0.0 (and 1.0.0, which writes the same): supervisord.conf and its scripts.
//!
//! [`settings`] says what is read, [`conf`] what is written of it; [`programs`], [`listeners`] and [`groups`] know the
//! lines of the three line options. The recipe accepts much that it then drops or takes for something else: its output is
//! kept to the byte, and [`line_losses`] and [`setting_losses`] tell what came of it. What supervisord makes of the conf
//! is not looked at here. collective.recipe.supervisor: `__init__.py`.

mod conf;
mod faults;
pub mod groups;
mod line_losses;
pub mod listeners;
mod option_names;
pub mod outline;
mod pattern;
mod process_options;
pub mod programs;
mod setting_losses;
mod settings;
mod template;

use self::conf::Conf;
use self::settings::Settings;
use super::egg::{Eggs, render_scripts, requirements, script_names};
use crate::error::{Diagnostic, Error, Result};
use crate::log::Entry;
use crate::options::Buildout;
use crate::pypath;
use crate::recipe::{Effect, FileMode, PartContext, Recipe, RecipeEntry, Rendering, When};
use crate::scripts::{ScriptRequest, Wanted};
use crate::text::Text;

pub(super) static RECIPE: RecipeEntry = RecipeEntry {
    project: "collective.recipe.supervisor",
    entries: &["default"],
    version: "2.0.0",
    summary: "supervisord.conf, supervisord, supervisorctl",
    options: |_| Some(&[option_names::OPTIONS]),
    new,
};

fn new(buildout: &mut Buildout, part: &str, _entry: &str) -> Result<Box<dyn Recipe>> {
    if buildout.get(part, "supervisord-conf")?.is_none() {
        let mut path = buildout.require("buildout", "parts-directory")?;
        for name in [part, "supervisord.conf"] {
            path = Text::from(pypath::join(&path, name));
        }
        buildout.set(part, "supervisord-conf", path);
    }
    Ok(Box::new(Supervisor))
}

#[derive(Debug)]
struct Supervisor;

impl Recipe for Supervisor {
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        let directory = cx.buildout.require("buildout", "directory")?;
        let part = cx.part;
        let settings = Settings::read(|option| cx.buildout.get(part, option), &directory)?;
        render_conf(&settings, &directory, rendering)?;
        for script in script_groups(part, &settings) {
            let eggs = Eggs::of_buildout(cx.buildout)?;
            let working_set = eggs.working_set(cx, rendering, &script.eggs)?;
            let request = ScriptRequest {
                wanted: script
                    .eggs
                    .iter()
                    .map(|egg| Wanted::Requirement(egg.to_string()))
                    .collect(),
                scripts: script.scripts.as_deref().map(script_names),
                initialization: script.initialization,
                arguments: script.arguments.into(),
                ..eggs.script_request()
            };
            render_scripts(cx, rendering, &request, &working_set)?;
        }
        rendering.installed.push(settings.conf.to_string());
        Ok(())
    }
}

/// The log directories and the conf; on a first install only, or when the part changed.
fn render_conf(settings: &Settings, directory: &str, rendering: &mut Rendering) -> Result<()> {
    if let Some(daemon) = &settings.daemon {
        if daemon.childlogdir.is_empty() {
            return Err(empty("childlogdir", &daemon.childlogdir));
        }
        let directories = daemon.directories(directory).into_iter();
        rendering
            .effects
            .extend(directories.map(|path| Effect::Directory {
                path,
                when: When::Install,
            }));
    }
    let conf = Conf::new(settings);
    if let Some(error) = faults::error(conf.faults) {
        return Err(error);
    }
    if settings.conf.is_empty() {
        return Err(empty("supervisord-conf", &settings.conf));
    }
    let losses = setting_losses::of(settings, directory)
        .into_iter()
        .chain(conf.losses);
    let losses = losses.map(|loss| Effect::Say(Entry::Diagnostic(loss)));
    rendering.effects.extend(losses);

    // A bare name has the buildout's directory here; the original tries to make a directory of no name and fails.
    let path = pypath::join(directory, &settings.conf);
    rendering.effects.push(Effect::Directory {
        path: pypath::dirname(&path).to_owned(),
        when: When::Install,
    });
    rendering.effects.push(Effect::File {
        path,
        text: conf.text,
        mode: FileMode::Plain,
        when: When::Install,
    });
    Ok(())
}

/// The original ends in `FileNotFoundError: [Errno 2] No such file or directory: ''`.
fn empty(option: &str, value: &Text) -> Box<Error> {
    Error::user(format!(
        "The option {option} is empty; it must name a path."
    ))
    .with(
        Diagnostic::error("empty-option", format!("`{option}` is empty"))
            .at(value)
            .help("give it a path, or remove it to have the default"),
    )
}

/// One call of `zc.recipe.egg.Egg(…).install()`.
struct ScriptGroup {
    eggs: Vec<Text>,
    /// `None`: all.
    scripts: Option<String>,
    initialization: Text,
    arguments: &'static str,
}

/// The scripts, in the order in which they are written and counted as installed. The conf's path gets into them as it
/// stands: a quote in it is a mistake in the script. collective.recipe.supervisor: `__init__.py`, `_install_scripts`.
fn script_groups(part: &str, settings: &Settings) -> Vec<ScriptGroup> {
    let of_supervisor =
        |scripts: String, initialization: Text, arguments: &'static str| ScriptGroup {
            eggs: vec!["supervisor".into()],
            scripts: Some(scripts),
            initialization,
            arguments,
        };
    let with_conf = |before: &str| {
        let mut text = Text::from(before);
        text.push(&settings.conf);
        text.push_str("\"]");
        text
    };
    let mut groups = Vec::new();
    if settings.sections.has("global") {
        let mut statement = with_conf("import sys; sys.argv.extend([\"-c\",\"");
        statement.push_str(")");
        groups.push(of_supervisor(format!("supervisord={part}d"), statement, ""));
    }
    // supervisor has had no such script since 2009; the warning about it is part of every run.
    groups.push(of_supervisor("memmon=memmon".into(), Text::new(), ""));
    if settings.sections.has("ctl") {
        let statement = with_conf("import sys; sys.argv[1:1] = [\"-c\", \"");
        groups.push(of_supervisor(
            format!("supervisorctl={part}ctl"),
            statement,
            "sys.argv[1:]",
        ));
    }
    if !settings.plugins.is_empty() {
        groups.push(ScriptGroup {
            eggs: requirements(&settings.plugins),
            scripts: None,
            initialization: Text::new(),
            arguments: "",
        });
    }
    groups
}

/// The names of the scripts that a part writes, as far as no egg has to be asked.
fn script_names_of(part: &str, settings: &Settings) -> Vec<String> {
    let mut names = Vec::new();
    if settings.sections.has("global") {
        names.push(format!("{part}d"));
    }
    if settings.sections.has("ctl") {
        names.push(format!("{part}ctl"));
    }
    names
}

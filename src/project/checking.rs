//! [`look`]: a project as checks see it, with nothing made, nothing installed and no Python recipe started.
//!
//! Native recipes begin as they do in an installation, and render what needs no egg. Options that only a recipe in Python
//! knows are stood for by their own references; what holds one is not judged.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::named::{native, parse_recipe};
use super::planned::PlannedMachine;
use super::{Project, Request, Surroundings, ThisMachine};
use crate::checks::{self, Finding, Part, Present, Subject, SupervisorPart};
use crate::config::{RawConfig, reader};
use crate::error::{Diagnostic, Error, Result};
use crate::log::Log;
use crate::options::{Buildout, PartLoader, reference_places};
use crate::pypath;
use crate::pystr::split;
use crate::recipe::Recipe;
use crate::recipes;
use crate::recipes::supervisor::outline::{Outline, outline, written};
use crate::supervisord::{Checked, Version};
use crate::sys::fs;
use crate::text::{Source, Text};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The parts; all of `parts` where none is named.
    pub parts: Vec<String>,
    /// The release of supervisor; that of the eggs where none is named.
    pub version: Option<Version>,
    /// Ids that are not wanted.
    pub ignored: Vec<String>,
}

/// What a check came to.
#[derive(Debug)]
pub struct Looked {
    pub findings: Vec<Finding>,
    /// What supervisor makes of each supervisor part.
    pub supervisors: Vec<(String, Checked)>,
    /// The configuration as it was read.
    pub config: RawConfig,
}

/// Starts native recipes, and no others.
struct Looker {
    /// Options that are referred to and nowhere written, by section.
    missing: BTreeMap<String, Vec<String>>,
}

impl PartLoader for Looker {
    fn load(&self, buildout: &mut Buildout, part: &str) -> Result<()> {
        let recipe = buildout.require(part, "recipe")?;
        let named = parse_recipe(&recipe)?;
        if let Some(entry) = native(buildout, part, &named)? {
            // What it is like afterwards stands in the options.
            let _recipe: Box<dyn Recipe> = (entry.new)(buildout, part, &named.entry)?;
            return Ok(());
        }
        for option in self.missing.get(part).into_iter().flatten() {
            let value = if option == "location" {
                let parts = buildout.require("buildout", "parts-directory")?;
                Text::from(pypath::join(&parts, part))
            } else {
                Text::from(unknown(part, option))
            };
            buildout.set(part, option, value);
        }
        Ok(())
    }
}

/// What stands for a value that only a recipe knows.
fn unknown(section: &str, option: &str) -> String {
    format!("${{{section}:{option}}}")
}

/// Opens a project and runs all checks on it; what keeps it from being read is a finding too. An error: there is nothing
/// to check, or what was asked for is not there.
pub fn check(
    request: &Request,
    surroundings: &Surroundings,
    wanted: &Wanted,
    log: Log,
) -> Result<Looked> {
    check_with(request, &Rc::default(), surroundings, wanted, log)
}

/// The same, but these files, by path, have these texts.
pub(super) fn check_with(
    request: &Request,
    texts: &Rc<IndexMap<String, String>>,
    surroundings: &Surroundings,
    wanted: &Wanted,
    log: Log,
) -> Result<Looked> {
    match Project::open_with(request, Rc::clone(texts), surroundings.clone(), log) {
        Ok(mut project) => {
            let there = |part: &&String| project.buildout.has_section(part);
            if let Some(part) = wanted.parts.iter().find(|part| !there(part)) {
                return Err(project.buildout.missing_section(part));
            }
            Ok(look(&mut project, surroundings, wanted))
        }
        Err(error) if error.diagnostics.iter().any(|d| d.at.is_some()) => Ok(Looked {
            findings: unreadable(*error, &wanted.ignored),
            supervisors: Vec::new(),
            config: RawConfig::default(),
        }),
        Err(error) => Err(error),
    }
}

/// Runs all checks on a project that was opened.
fn look(project: &mut Project, surroundings: &Surroundings, wanted: &Wanted) -> Looked {
    let missing = missing(&project.buildout);
    let mut unknowns = Vec::new();
    for (section, options) in &missing {
        unknowns.extend(options.iter().map(|option| unknown(section, option)));
    }
    project.buildout.set_loader(Rc::new(Looker { missing }));
    let mut problems = Vec::new();
    if let Err(error) = project.resolve() {
        problems.extend(diagnostics(*error));
    }
    resolve(project, &wanted.parts, &mut problems);
    let directory = project.config.directory.clone();
    let path_of = |buildout: &mut Buildout, option: &str, default: &str| {
        let value = buildout.get("buildout", option).ok().flatten();
        pypath::join(&directory, value.as_deref().unwrap_or(default))
    };
    let bin = path_of(&mut project.buildout, "bin-directory", "bin");
    let parts_directory = path_of(&mut project.buildout, "parts-directory", "parts");

    let mut outlines = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for name in project.buildout.parts().to_vec() {
        let recipe = project.buildout.get(&name, "recipe").ok().flatten();
        let recipe = recipe.unwrap_or_default();
        let kind =
            parse_recipe(&recipe).and_then(|named| native(&mut project.buildout, &name, &named));
        let kind = kind.ok().flatten();
        let supervisor = kind.is_some_and(|kind| kind.project == "collective.recipe.supervisor");
        let mut scripts = Vec::new();
        if supervisor {
            match outline(&mut project.buildout, &name) {
                Ok(made) => {
                    scripts.clone_from(&made.scripts);
                    outlines.push((name.clone(), made));
                }
                Err(error) => problems.extend(diagnostics(*error)),
            }
        }
        parts.push(Part {
            name,
            recipe,
            foreign: kind.is_none(),
            supervisor: None,
            scripts,
        });
    }
    let machine = machine(
        project,
        surroundings,
        &bin,
        &parts_directory,
        &parts,
        &outlines,
    );
    let version = wanted.version.unwrap_or_else(|| version(project));
    let records = records(&directory, &mut project.buildout);
    for (name, outline) in outlines {
        let made = supervisor_part(project, &name, outline, &machine, version, &records);
        if let Some(part) = parts.iter_mut().find(|part| part.name == name) {
            part.supervisor = Some(made);
        }
    }
    let (expanded, resolved) = sections(&mut project.buildout, &mut problems);
    let subject = Subject {
        config: &project.config,
        files: checks::files_of(&project.config),
        expanded,
        resolved,
        parts,
        problems,
        unknown: unknowns,
        known_options: recipes::option_names,
        machine: &machine,
        bin_directory: bin,
        parts_directory,
    };
    let findings = checks::run(&subject, &wanted.ignored);
    let supervisors = subject.parts.into_iter().filter_map(|part| {
        let supervisor = part.supervisor?;
        Some((part.name, supervisor.checked))
    });
    Looked {
        supervisors: supervisors.collect(),
        findings,
        config: project.config.clone(),
    }
}

/// Starts the native recipes of all parts, and no others. What is wrong is left for a check.
pub(super) fn begin(project: &mut Project) {
    let missing = missing(&project.buildout);
    project.buildout.set_loader(Rc::new(Looker { missing }));
    resolve(project, &[], &mut Vec::new());
}

/// What supervisord and supervisorctl would refuse of the conf that a part is about to write. Whatever is below the
/// directory of the buildout may still come, so nothing is missed there. `losses`: what was told already.
pub fn refused(
    project: &mut Project,
    name: &str,
    path: &str,
    text: Text,
    losses: &[Diagnostic],
) -> Vec<Finding> {
    let directory = project.config.directory.clone();
    let host = Rc::clone(&project.host);
    let machine = PlannedMachine {
        real: ThisMachine::new(host.surroundings(), &directory).standing_in(&directory),
        directories: Vec::new(),
        scripts: Vec::new(),
        unknown: vec![directory],
    };
    let version = version(project);
    let mut supervisor = SupervisorPart::new(path.to_owned(), text, &machine, version);
    supervisor.at = checks::header_of(&project.config, name);
    supervisor.losses = losses.to_vec();
    let part = Part {
        name: name.to_owned(),
        recipe: Text::new(),
        foreign: false,
        supervisor: Some(supervisor),
        scripts: Vec::new(),
    };
    let mut found = checks::refused(&part);
    found.retain(|finding| {
        let told = &finding.told.diagnostic;
        let mut losses = losses.iter();
        !losses.any(|loss| loss.id == told.id && loss.at == told.at)
    });
    found
}

/// What can be said where the files could not even be read.
fn unreadable(error: Error, ignored: &[String]) -> Vec<Finding> {
    let found = diagnostics(error).into_iter().map(Finding::new);
    checks::of_files(found.collect(), ignored)
}

/// The diagnostics of an error; where it has none, its message.
fn diagnostics(error: Error) -> Vec<Diagnostic> {
    if error.diagnostics.is_empty() {
        return vec![Diagnostic::error("resolution", error.message.trim_end())];
    }
    error.diagnostics
}

/// Initialises the parts and resolves all that they need.
fn resolve(project: &mut Project, named: &[String], problems: &mut Vec<Diagnostic>) {
    let buildout = &mut project.buildout;
    let mut parts = named.to_vec();
    if parts.is_empty() {
        match buildout.get("buildout", "parts") {
            Ok(value) => {
                let value = value.unwrap_or_default();
                parts = split(&value).map(str::to_owned).collect();
            }
            Err(error) => problems.extend(diagnostics(*error)),
        }
    }
    for part in &parts {
        // A part that is nowhere is told where it is named.
        if buildout.has_section(part)
            && let Err(error) = buildout.initialise(part)
        {
            problems.extend(diagnostics(*error));
        }
    }
}

type Expanded = IndexMap<String, crate::config::macros::RawOptions>;
type Resolved = IndexMap<String, BTreeMap<String, Text>>;

/// All sections that are needed by now, before and after substitution.
fn sections(buildout: &mut Buildout, problems: &mut Vec<Diagnostic>) -> (Expanded, Resolved) {
    let mut expanded = Expanded::new();
    let mut resolved = Resolved::new();
    for section in buildout.initialised() {
        if let Ok(options) = buildout.expanded(&section) {
            for option in options.keys() {
                if let Err(error) = buildout.get(&section, option) {
                    problems.extend(diagnostics(*error));
                }
            }
            expanded.insert(section.clone(), options);
        }
    }
    for section in buildout.initialised() {
        resolved.insert(section.clone(), buildout.copy(&section));
    }
    (expanded, resolved)
}

/// Options that are referred to and that no file gives, by section.
fn missing(buildout: &Buildout) -> BTreeMap<String, Vec<String>> {
    let names: Vec<String> = buildout.section_names().map(str::to_owned).collect();
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut given = IndexMap::new();
    for name in &names {
        given.insert(name.as_str(), buildout.expanded(name).unwrap_or_default());
    }
    for (name, options) in &given {
        for value in options.values().filter(|value| value.contains("${")) {
            for (section, option, _) in reference_places(value) {
                let section = if section.is_empty() {
                    name
                } else {
                    section.as_str()
                };
                let there = given
                    .get(section)
                    .is_none_or(|options| options.contains_key(&option));
                let known = all.entry(section.to_owned()).or_default();
                if !there && !known.contains(&option) {
                    known.push(option);
                }
            }
        }
    }
    all.retain(|_, options| !options.is_empty());
    all
}

fn machine<'a>(
    project: &mut Project,
    surroundings: &'a Surroundings,
    bin: &str,
    parts_directory: &str,
    parts: &[Part],
    outlines: &[(String, Outline)],
) -> PlannedMachine<'a> {
    let mut directories = vec![bin.to_owned(), parts_directory.to_owned()];
    for option in ["eggs-directory", "develop-eggs-directory"] {
        let value = project.buildout.get("buildout", option).ok().flatten();
        directories.extend(value.map(|value| value.to_string()));
    }
    let mut scripts = Vec::new();
    let mut unknown = Vec::new();
    for part in parts {
        scripts.extend(part.scripts.iter().map(|name| pypath::join(bin, name)));
        let own = pypath::join(parts_directory, &part.name);
        if part.foreign {
            directories.push(own.clone());
            unknown.push(own);
        }
        // Which scripts it makes is known when its eggs are there.
        if part.supervisor.is_none() && !outlines.iter().any(|(name, _)| *name == part.name) {
            unknown.push(bin.to_owned());
        }
    }
    for (_, outline) in outlines {
        directories.extend(outline.directories.iter().cloned());
        if !outline.plugins.is_empty() {
            unknown.push(bin.to_owned());
        }
    }
    let directory = &project.config.directory;
    let real = ThisMachine::new(surroundings, directory).standing_in(directory);
    PlannedMachine {
        real,
        directories,
        scripts,
        unknown,
    }
}

/// The release of supervisor that the eggs will be of: the pin, else what is there.
fn version(project: &mut Project) -> Version {
    let buildout = &mut project.buildout;
    let section = project.config.versions_section.clone();
    let pinned = buildout.get(&section, "supervisor").ok().flatten();
    if let Some(pinned) = pinned.filter(|_| !section.is_empty()) {
        return Version::parse(pinned.trim_start_matches('=').trim()).unwrap_or(Version::CURRENT);
    }
    let eggs = buildout.get("buildout", "eggs-directory").ok().flatten();
    let names = fs::list(eggs.as_deref().unwrap_or_default()).unwrap_or_default();
    let found = names.iter().filter_map(|name| {
        let version = name.strip_prefix("supervisor-")?.split('-').next()?;
        Version::parse(version)
    });
    found.max().unwrap_or(Version::CURRENT)
}

fn supervisor_part(
    project: &Project,
    name: &str,
    outline: Outline,
    machine: &PlannedMachine<'_>,
    version: Version,
    records: &IndexMap<String, BTreeMap<String, Text>>,
) -> SupervisorPart {
    let directory = &project.config.directory;
    let mut part = SupervisorPart::new(outline.path, outline.text, machine, version);
    part.faults = outline.faults;
    part.losses = outline.losses;
    part.at = checks::header_of(&project.config, name);
    part.present = fs::read_if_there(&part.path)
        .ok()
        .flatten()
        .and_then(|bytes| {
            let mode = fs::stat(&part.path)?.mode;
            Some(Present { bytes, mode })
        });
    part.written = records
        .get(name)
        .filter(|record| {
            let conf = record.get("supervisord-conf").map(Text::as_str);
            conf.is_some_and(|conf| pypath::join(directory, conf) == part.path)
        })
        .and_then(|record| written(record, directory));
    part
}

/// The options of installed parts, as the last run recorded them.
pub(super) fn records(
    directory: &str,
    buildout: &mut Buildout,
) -> IndexMap<String, BTreeMap<String, Text>> {
    let named = buildout.get("buildout", "installed").ok().flatten();
    let path = pypath::join(directory, named.as_deref().unwrap_or(".installed.cfg"));
    let Ok(text) = fs::read_text(&path) else {
        return IndexMap::new();
    };
    let source = Arc::new(Source {
        name: path.clone(),
        text,
        extended_from: None,
    });
    let Ok(read) = reader::read(&source, &path, &mut |_| Ok(true)) else {
        return IndexMap::new();
    };
    let blanks = |value: &Text| Text::from(value.replace("%(__buildout_space__)s", " "));
    read.into_iter()
        .map(|(section, options)| {
            let options = options.into_iter();
            let options = options.map(|(option, a)| (option, blanks(&a.value)));
            (section, options.collect())
        })
        .collect()
}

//! [`Subject`]: all that checks look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::RawConfig;
use crate::config::macros::RawOptions;
use crate::config::outline::{Line, outline};
use crate::error::Diagnostic;
use crate::options::OptionNames;
use crate::supervisord::{self, Checked, Machine, Version};
use crate::text::{Origin, Source, Text};

/// At most so many changes of one option are looked at for the files that they came from.
const MOST_CHANGES: usize = 200;

/// A configuration and what it comes to.
#[derive(Debug)]
pub struct Subject<'a> {
    pub config: &'a RawConfig,
    /// The files that the configuration was read from, with their lines.
    pub files: Vec<(Arc<Source>, Vec<Line>)>,
    /// Sections that are needed, with `<=` carried out, before substitution.
    pub expanded: IndexMap<String, RawOptions>,
    /// The same, resolved, with what recipes set.
    pub resolved: IndexMap<String, BTreeMap<String, Text>>,
    /// Parts that would be installed, in order.
    pub parts: Vec<Part>,
    /// What could not be resolved.
    pub problems: Vec<Diagnostic>,
    /// What stands for values that only a recipe in Python knows.
    pub unknown: Vec<String>,
    /// Options that each native recipe reads, by what `recipe` says.
    pub known_options: fn(recipe: &str) -> OptionNames,
    pub machine: &'a dyn Machine,
    pub bin_directory: String,
    pub parts_directory: String,
}

/// A part that would be installed.
#[derive(Debug)]
pub struct Part {
    pub name: String,
    pub recipe: Text,
    /// Whether its recipe is not known here.
    pub foreign: bool,
    /// The conf that it would write.
    pub supervisor: Option<SupervisorPart>,
    /// The scripts that it is known to write into the bin directory.
    pub scripts: Vec<String>,
}

/// What a part of collective.recipe.supervisor would write.
#[derive(Debug)]
pub struct SupervisorPart {
    /// The path of the conf.
    pub path: String,
    pub text: Text,
    /// Lines at which the recipe stops.
    pub faults: Vec<Diagnostic>,
    /// What the recipe drops or takes for something else.
    pub losses: Vec<Diagnostic>,
    pub checked: Checked,
    /// The conf that is there now.
    pub present: Option<Present>,
    /// What the last run wrote, by the options that it recorded.
    pub written: Option<String>,
    /// Where the part is written: what has no place of its own is told there.
    pub at: Option<Origin>,
}

/// A conf on the disk.
#[derive(Debug)]
pub struct Present {
    pub bytes: Vec<u8>,
    pub mode: u32,
}

impl SupervisorPart {
    /// Where something of the conf was written, with its width; else where the part is.
    pub(super) fn place_or_own(&self, place: Option<(Origin, usize)>) -> (Option<Origin>, usize) {
        match place {
            Some((at, width)) => (Some(at), width),
            None => (self.at.clone(), 1),
        }
    }

    /// With what supervisor makes of it.
    pub fn new(path: String, text: Text, machine: &dyn Machine, version: Version) -> Self {
        let checked = supervisord::check(&path, text.as_bytes(), machine, version);
        Self {
            path,
            text,
            faults: Vec::new(),
            losses: Vec::new(),
            checked,
            present: None,
            written: None,
            at: None,
        }
    }
}

impl Subject<'_> {
    /// An option of a section, resolved, if it is not one of those that only a recipe knows.
    pub fn option(&self, section: &str, option: &str) -> Option<&Text> {
        let value = self.resolved.get(section)?.get(option)?;
        (!self.is_unknown(value)).then_some(value)
    }

    /// Whether a text holds what only a recipe in Python knows.
    pub fn is_unknown(&self, text: &str) -> bool {
        self.unknown.iter().any(|unknown| text.contains(unknown))
    }

    /// The part of this name, if it would be installed.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The parts that write a supervisord.conf, and what they write.
    pub fn supervisors(&self) -> impl Iterator<Item = (&Part, &SupervisorPart)> {
        let parts = self.parts.iter();
        parts.filter_map(|part| Some((part, part.supervisor.as_ref()?)))
    }

    /// Whether a part lies outside of what is known: it may write whatever file.
    pub fn has_foreign(&self) -> bool {
        self.parts.iter().any(|part| part.foreign)
    }

    /// Where a section is written last: its header or, failing that, its first option.
    pub fn header(&self, section: &str) -> Option<Origin> {
        header_of(self.config, section)
    }
}

/// Where a section begins: the header above the option of it that was read first.
pub fn header_of(config: &RawConfig, section: &str) -> Option<Origin> {
    let options = config.sections.get(section)?;
    let mut places = options.values().filter_map(|value| value.at());
    let first = places.next()?;
    let lines = outline(&first.source);
    let mut above = lines.iter().rev().filter(|line| line.number <= first.line);
    let header =
        above.find(|line| matches!(line.kind, crate::config::outline::Kind::Header { .. }));
    let line = header.map_or(first.line, |line| line.number);
    Some(Origin {
        source: Arc::clone(&first.source),
        line,
        column: 1,
    })
}

/// The files that values of a configuration came from, each once.
pub fn files_of(config: &RawConfig) -> Vec<(Arc<Source>, Vec<Line>)> {
    let mut files: IndexMap<String, Arc<Source>> = IndexMap::new();
    let values = config.sections.values().flat_map(IndexMap::values);
    for value in values {
        for change in value.history.latest_first().take(MOST_CHANGES) {
            let Some(at) = &change.at else { continue };
            if at.source.name != "command line" && !files.contains_key(&at.source.name) {
                files.insert(at.source.name.clone(), Arc::clone(&at.source));
            }
        }
    }
    let with_lines = |source: Arc<Source>| {
        let lines = outline(&source);
        (source, lines)
    };
    files.into_values().map(with_lines).collect()
}

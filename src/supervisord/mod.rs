//! supervisor's configuration language: what supervisord and supervisorctl make of a file, and what is wrong with it.
//!
//! [`check`] reads a configuration as supervisord 4.3 does, in its order and with its words, but goes on behind the first
//! error. It gives [`Finding`]s and, where supervisord would start, the [`Model`] of what would run. It knows nothing of
//! buildouts, touches no disk (what hangs on the machine comes in through [`Machine`]) and starts nothing. supervisor:
//! options.py, `ServerOptions.read_config` and `ClientOptions.read_config`.

mod control;
mod daemon;
mod datatypes;
mod encoding;
mod expand;
mod finding;
mod groups;
mod keys;
mod losses;
mod machine;
mod meaning;
mod model;
mod numbers;
mod pairs;
mod plugins;
mod processes;
mod reader;
mod refusal;
mod servers;
mod sockets;
mod start;

pub use datatypes::{AutoRestart, LogFile};
pub use expand::TABLE;
pub use finding::{Finding, Program, Version};
pub use machine::{Kind, Machine};
pub use model::{Address, Control, Group, GroupKind, Model, Output, Process, Server};

use indexmap::IndexMap;

use crate::error::Diagnostic;
use crate::pypath;
use crate::text::Text;
use datatypes::Bad;
use expand::{Local, Names, Value, expand};
use finding::Findings;
use reader::Ini;

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// Refusals in the order in which supervisord meets them, then supervisorctl's, then warnings and notes by place.
    pub findings: Vec<Finding>,
    /// What would run; `None` where supervisord refuses.
    pub model: Option<Model>,
    /// What supervisorctl would do; `None` where it refuses.
    pub control: Option<Control>,
}

/// Checks the configuration `conf`, whose bytes these are.
pub fn check(conf: &str, bytes: &[u8], machine: &dyn Machine, version: Version) -> Checked {
    let mut reading = Reading {
        ini: Ini::default(),
        machine,
        version,
        environment: machine.environment().clone(),
        here: pypath::absolute(pypath::dirname(conf), machine.directory()),
        conf: conf.to_owned(),
        found: Findings::default(),
        behind: String::new(),
        unsure: false,
    };
    let (text, model) = daemon::read(&mut reading, bytes);
    let refused = reading.found.refused() > 0;
    losses::find(&mut reading);
    meaning::find(&mut reading, &model);
    start::find(&mut reading, &model);
    let control = control::read(&mut reading, bytes, &text, &model);
    Checked {
        findings: reading.found.finish(),
        model: (!refused).then_some(model),
        control,
    }
}

/// A check under way.
#[derive(Debug)]
struct Reading<'a> {
    ini: Ini,
    machine: &'a dyn Machine,
    version: Version,
    /// The variables that `%(ENV_…)s` knows.
    environment: IndexMap<String, String>,
    /// The directory of the configuration.
    here: String,
    /// The configuration as it was named.
    conf: String,
    found: Findings,
    /// What supervisord puts behind its words while it reads a process's section.
    behind: String,
    /// An `environment` could not be read: what an unknown variable means is not sure.
    unsure: bool,
}

/// A key that has no usable value: it was said why.
struct Refused;

impl Reading<'_> {
    /// `%(here)s` alone.
    fn here(&self) -> Local {
        Local::from([("here".to_owned(), Value::Text(self.here.clone()))])
    }

    /// Where a value was written; its key, or the header, where it is empty or missing.
    fn place(&self, section: &str, key: &str) -> Text {
        match self.ini.get(section, key) {
            Some(entry) if entry.value.is_empty() => entry.key.clone(),
            Some(entry) => entry.value.clone(),
            None => self.header(section),
        }
    }

    fn header(&self, section: &str) -> Text {
        let section = self.ini.sections.get(section);
        section.map_or_else(Text::new, |section| section.header.clone())
    }

    /// supervisord refuses the value of a key.
    fn refuse(&mut self, section: &str, key: &str, bad: Bad) {
        if bad.id == "S12" && self.unsure {
            return;
        }
        let at = self.place(section, key);
        self.refuse_at(&at, refusal::message(section, key, &bad), bad);
    }

    /// supervisord refuses what stands at a place.
    fn refuse_at(&mut self, at: &Text, message: String, bad: Bad) {
        let words = format!("{}{}", bad.words, self.behind);
        let mut diagnostic = Diagnostic::error(bad.id, message).at(at);
        if let Some(help) = refusal::help(bad.id) {
            diagnostic = diagnostic.help(help);
        }
        self.found.refuse(Program::Supervisord, words, diagnostic);
    }

    /// The value of a key, expanded; `None` where it is not given.
    fn get(&mut self, section: &str, key: &str, local: &Local) -> Result<Option<String>, Refused> {
        let Some(entry) = self.ini.get(section, key) else {
            return Ok(None);
        };
        let names = Names {
            environment: &self.environment,
            local,
        };
        match expand(&entry.value, &format!("{section}.{key}"), names) {
            Ok(value) => Ok(Some(value)),
            Err(bad) => {
                self.refuse(section, key, bad);
                Err(Refused)
            }
        }
    }

    /// The value of a key as its type; `default` where it is not given, and where it is refused.
    fn typed<T>(
        &mut self,
        section: &str,
        key: &str,
        local: &Local,
        default: T,
        convert: impl Fn(&str, &dyn Machine) -> Result<T, Bad>,
    ) -> T {
        match self.get(section, key, local) {
            Ok(Some(value)) => match convert(&value, self.machine) {
                Ok(value) => value,
                Err(bad) => {
                    self.refuse(section, key, bad);
                    default
                }
            },
            Ok(None) | Err(Refused) => default,
        }
    }

    /// supervisord accepts it, and it was hardly meant.
    fn warn(&mut self, at: &Text, id: &'static str, message: String, help: impl Into<String>) {
        let diagnostic = Diagnostic::warning(id, message).at(at).help(help);
        self.found.note(diagnostic, None);
    }

    fn advise(&mut self, at: &Text, id: &'static str, message: String, help: impl Into<String>) {
        let diagnostic = Diagnostic::note(id, message).at(at).help(help);
        self.found.note(diagnostic, None);
    }

    /// The names of the sections that begin so.
    fn sections(&self, prefix: &str) -> Vec<String> {
        let names = self.ini.sections.keys();
        names
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect()
    }
}

/// Turns a conversion that asks no machine into one that could.
fn plain<T>(
    convert: impl Fn(&str) -> Result<T, Bad>,
) -> impl Fn(&str, &dyn Machine) -> Result<T, Bad> {
    move |text, _| convert(text)
}

/// What follows the first colon of a section's name; all of it where there is none.
fn name_of(section: &str) -> &str {
    section.split_once(':').map_or(section, |(_, name)| name)
}

//! Sections that name something to import: rpc interfaces, plugins of supervisorctl, handlers of events.
//!
//! No Python is started: supervisor's own modules are known here, for others the machine looks whether they are there.
//! supervisor: options.py, `get_plugins`; CPython: importlib.metadata, `EntryPoint`.

use super::datatypes::Bad;
use super::expand::Local;
use super::finding::Version;
use super::machine::Machine;
use super::{Reading, name_of};
use crate::pystr::repr;

/// The modules of supervisor.
const MODULES: &[&str] = &[
    "childutils",
    "compat",
    "confecho",
    "datatypes",
    "dispatchers",
    "events",
    "http",
    "http_client",
    "loggers",
    "medusa",
    "options",
    "pidproxy",
    "poller",
    "process",
    "rpcinterface",
    "scripts",
    "skel",
    "socket_manager",
    "states",
    "supervisorctl",
    "supervisord",
    "templating",
    "tests",
    "ui",
    "web",
    "xmlrpc",
];

/// The names in those that configurations refer to; of the other modules they are not looked at.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    (
        "rpcinterface",
        &[
            "API_VERSION",
            "Automatic",
            "BadCommand",
            "Faults",
            "NOT_DONE_YET",
            "NoPermission",
            "NotExecutable",
            "NotFound",
            "ProcessStates",
            "RPCError",
            "RUNNING_STATES",
            "RemoteCommunicationEvent",
            "SIGNALLABLE_STATES",
            "STOPPED_STATES",
            "SupervisorNamespaceRPCInterface",
            "SupervisorStates",
            "VERSION",
            "_total_seconds",
            "as_bytes",
            "as_string",
            "capped_int",
            "datetime",
            "errno",
            "getProcessStateDescription",
            "getSupervisorStateDescription",
            "isNotRunning",
            "isRunning",
            "isSignallable",
            "make_allfunc",
            "make_main_rpcinterface",
            "make_namespec",
            "notify",
            "os",
            "readFile",
            "signal_number",
            "split_namespec",
            "tailFile",
            "time",
            "types",
            "unicode",
        ],
    ),
    (
        "dispatchers",
        &[
            "ANSI_ESCAPE_BEGIN",
            "ANSI_TERMINATORS",
            "EventListenerStates",
            "EventRejectedEvent",
            "PDispatcher",
            "PEventListenerDispatcher",
            "PInputDispatcher",
            "POutputDispatcher",
            "ProcessLogStderrEvent",
            "ProcessLogStdoutEvent",
            "RejectEvent",
            "as_string",
            "compact_traceback",
            "default_handler",
            "errno",
            "find_prefix_at_end",
            "getEventListenerStateDescription",
            "loggers",
            "notify",
            "stripEscapes",
        ],
    ),
];

/// Whether Python would get at `module:attribute`.
pub(super) fn can_import(spec: &str, machine: &dyn Machine) -> bool {
    let Some((module, attribute)) = parts(spec) else {
        return false;
    };
    let mut names = module.split('.');
    if names.next() != Some("supervisor") {
        return machine.can_import(module, attribute);
    }
    let Some(module) = names.next() else {
        return true;
    };
    let known = ATTRIBUTES.iter().find(|(name, _)| *name == module);
    MODULES.contains(&module)
        && known.is_none_or(|(_, names)| attribute.is_none_or(|a| leads(names, a)))
}

/// Whether one of these names leads to `a.b.c`.
fn leads(names: &[&str], attribute: &str) -> bool {
    // Python takes empty names away.
    let mut steps = attribute.split('.').filter(|step| !step.is_empty());
    let Some(first) = steps.next() else {
        return true;
    };
    // Of what is in a function only its own attributes are known.
    let function = first.contains('_') && first.starts_with(char::is_lowercase);
    names.contains(&first) && steps.all(|step| !function || step.starts_with("__"))
}

/// `module:attribute [extra]`, as the pattern of entry points takes it apart.
fn parts(spec: &str) -> Option<(&str, Option<&str>)> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let blank = crate::pystr::is_space;
    let end = spec.find(|c| !word(c)).unwrap_or(spec.len());
    let (module, rest) = spec.split_at(end);
    let rest = rest.trim_start_matches(blank);
    let (attribute, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let rest = rest.trim_start_matches(blank);
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            let (attribute, rest) = rest.split_at(end);
            (Some(attribute), rest.trim_matches(blank))
        }
        None => (None, rest.trim_end_matches(blank)),
    };
    let extras = rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']'));
    let named = !module.is_empty() && attribute.is_none_or(|attribute| !attribute.is_empty());
    (named && extras).then_some((module, attribute))
}

/// What supervisord says of a thing that it can't import.
pub(super) fn unresolved(reading: &Reading<'_>, spec: &str, section: &str) -> Bad {
    let mut words = format!("{spec} cannot be resolved within [{section}]");
    let parts = parts(spec);
    if let Some((module, _)) = parts
        && module.starts_with('.')
    {
        // A traceback.
        let module = repr(module);
        words = format!(
            "TypeError: the 'package' argument is required to perform a relative import for {module}"
        );
    } else if reading.version < Version::new(4, 3, 0) && parts.is_none() {
        // Of setuptools, with two arguments, so that its text is that of a tuple.
        let spec = repr(&format!("x={spec}"));
        words = format!("(\"EntryPoint must be in 'name=module:attrs [extras]' format\", {spec})");
    } else if reading.version >= Version::new(4, 4, 0) {
        words.push_str(": ");
        words.push_str(&match parts {
            None => "'NoneType' object has no attribute 'group'".to_owned(),
            Some((module, _)) => {
                let top = module.split('.').next().unwrap_or(module);
                format!("No module named '{top}'")
            }
        });
    }
    Bad::new("S46", words)
}

/// A plugin's section: its name, and what it names.
#[derive(Debug)]
pub(super) struct Plugin {
    pub(super) name: String,
    pub(super) factory: String,
    pub(super) section: String,
    /// The keys that the factory gets.
    pub(super) keys: Vec<String>,
}

/// The plugins whose sections begin with `prefix`.
pub(super) fn read(reading: &mut Reading<'_>, key: &str, prefix: &str) -> Vec<Plugin> {
    let none = Local::new();
    let mut plugins = Vec::new();
    for section in reading.sections(prefix) {
        let factory = match reading.get(&section, key, &none) {
            Ok(Some(factory)) => factory,
            Ok(None) => {
                let words = format!("section [{section}] does not specify a {key}");
                let at = reading.header(&section);
                reading.refuse_at(&at, words.clone(), Bad::new("S46", words));
                continue;
            }
            Err(_) => continue,
        };
        if !can_import(&factory, reading.machine) {
            let bad = unresolved(reading, &factory, &section);
            reading.refuse(&section, key, bad);
        }
        let keys: Vec<String> = reading.ini.keys(&section);
        let keys: Vec<String> = keys.into_iter().filter(|other| other != key).collect();
        for key in &keys {
            // Only to see whether it can be expanded.
            drop(reading.get(&section, key, &none));
        }
        plugins.push(Plugin {
            name: name_of(&section).to_owned(),
            factory,
            section,
            keys,
        });
    }
    plugins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points_are_taken_apart() {
        assert_eq!(parts("a.b:c"), Some(("a.b", Some("c"))));
        assert_eq!(parts("a : c [x]"), Some(("a", Some("c"))));
        assert_eq!(parts("a"), Some(("a", None)));
        for wrong in ["", "a-b:c", "a:", "a:b c"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}

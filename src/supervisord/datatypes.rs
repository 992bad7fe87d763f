//! The types of values: what each accepts and supervisor's words for what it does not.
//!
//! Each function answers to the one of that name in supervisor's datatypes.py. What hangs on the machine (users, groups,
//! directories) is asked of a [`Machine`].

use super::machine::Machine;
use super::numbers::{integer, parse};
use crate::pypath;
use crate::pystr::{repr, strip};

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    /// The id of the finding.
    pub(super) id: &'static str,
    /// Supervisor's words.
    pub(super) words: String,
}

impl Bad {
    pub(super) fn new(id: &'static str, words: impl Into<String>) -> Self {
        Self {
            id,
            words: words.into(),
        }
    }
}

fn bad<T>(id: &'static str, words: String) -> Result<T, Bad> {
    Err(Bad::new(id, words))
}

/// The name of a program, group or process.
pub(super) fn process_or_group_name(name: &str) -> Result<String, Bad> {
    let stripped = strip(name);
    match [' ', ':', '/'].into_iter().find(|c| stripped.contains(*c)) {
        Some(c) => bad(
            "S07",
            format!("Invalid name: {} because of character: '{c}'", repr(name)),
        ),
        None => Ok(stripped.to_owned()),
    }
}

pub(super) fn boolean(text: &str) -> Result<bool, Bad> {
    truth(&text.to_lowercase()).map_or_else(
        || bad("S20", format!("not a valid boolean value: {}", repr(text))),
        Ok,
    )
}

fn truth(lower: &str) -> Option<bool> {
    match lower {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// When an exited process is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoRestart {
    Never,
    Unexpected,
    Always,
}

pub(super) fn auto_restart(text: &str) -> Result<AutoRestart, Bad> {
    let lower = text.to_lowercase();
    match truth(&lower) {
        Some(true) => Ok(AutoRestart::Always),
        Some(false) => Ok(AutoRestart::Never),
        None if lower == "unexpected" => Ok(AutoRestart::Unexpected),
        None => bad(
            "S21",
            format!("invalid 'autorestart' value {}", repr(&lower)),
        ),
    }
}

/// `[x.strip() for x in text.split(',')]`, none of an empty text.
pub(super) fn list_of_strings(text: &str) -> Vec<&str> {
    if text.is_empty() {
        Vec::new()
    } else {
        text.split(',').map(strip).collect()
    }
}

pub(super) fn list_of_exitcodes(text: &str) -> Result<Vec<i128>, Bad> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',')
        .map(|code| parse(code, 10).filter(|code| (0..=255).contains(code)))
        .collect::<Option<_>>()
        .map_or_else(
            || {
                bad(
                    "S23",
                    format!("not a valid list of exit codes: {}", repr(text)),
                )
            },
            Ok,
        )
}

pub(super) fn octal_type(text: &str) -> Result<i128, Bad> {
    parse(text, 8).map_or_else(
        || {
            bad(
                "S23",
                format!("{text} can not be converted to an octal type"),
            )
        },
        Ok,
    )
}

/// A number of bytes, with `KB`, `MB` or `GB` behind it.
pub(super) fn byte_size(text: &str) -> Result<i128, Bad> {
    let lower = text.to_lowercase();
    let factors = [("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30)];
    let (number, factor) = factors
        .iter()
        .find_map(|(suffix, factor)| Some((lower.strip_suffix(suffix)?, *factor)))
        .unwrap_or((&lower, 1));
    integer(number)
        .map(|n| n.saturating_mul(factor))
        .map_err(|b| Bad::new("S18", b.words))
}

/// Names that Python's `getattr` finds on any class: accepted as levels, whatever they then do.
const CLASS_ATTRIBUTES: &[&str] = &[
    "__annotations__",
    "__base__",
    "__bases__",
    "__basicsize__",
    "__call__",
    "__class__",
    "__delattr__",
    "__dict__",
    "__dictoffset__",
    "__dir__",
    "__eq__",
    "__flags__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__instancecheck__",
    "__itemsize__",
    "__le__",
    "__lt__",
    "__module__",
    "__mro__",
    "__name__",
    "__ne__",
    "__new__",
    "__or__",
    "__prepare__",
    "__qualname__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__ror__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasscheck__",
    "__subclasses__",
    "__subclasshook__",
    "__weakref__",
    "__weakrefoffset__",
    "mro",
];

/// The number of a level; `None` for a word that is accepted and is no level.
pub(super) fn logging_level(text: &str) -> Result<Option<u32>, Bad> {
    match text.to_lowercase().as_str() {
        "critical" => Ok(Some(50)),
        "error" => Ok(Some(40)),
        "warn" => Ok(Some(30)),
        "info" => Ok(Some(20)),
        "debug" => Ok(Some(10)),
        "trace" => Ok(Some(5)),
        "blather" => Ok(Some(3)),
        other if CLASS_ATTRIBUTES.contains(&other) => Ok(None),
        _ => bad("S44", format!("bad logging level name {}", repr(text))),
    }
}

/// Linux's signals, and the other names of Python's `signal` module that begin like them.
const SIGNALS: &[(&str, i128)] = &[
    ("SIGABRT", 6),
    ("SIGALRM", 14),
    ("SIGBUS", 7),
    ("SIGCHLD", 17),
    ("SIGCLD", 17),
    ("SIGCONT", 18),
    ("SIGFPE", 8),
    ("SIGHUP", 1),
    ("SIGILL", 4),
    ("SIGINT", 2),
    ("SIGIO", 29),
    ("SIGIOT", 6),
    ("SIGKILL", 9),
    ("SIGPIPE", 13),
    ("SIGPOLL", 29),
    ("SIGPROF", 27),
    ("SIGPWR", 30),
    ("SIGQUIT", 3),
    ("SIGRTMAX", 64),
    ("SIGRTMIN", 34),
    ("SIGSEGV", 11),
    ("SIGSTKFLT", 16),
    ("SIGSTOP", 19),
    ("SIGSYS", 31),
    ("SIGTERM", 15),
    ("SIGTRAP", 5),
    ("SIGTSTP", 20),
    ("SIGTTIN", 21),
    ("SIGTTOU", 22),
    ("SIGURG", 23),
    ("SIGUSR1", 10),
    ("SIGUSR2", 12),
    ("SIGVTALRM", 26),
    ("SIGWINCH", 28),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIG_BLOCK", 0),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("SIG_SETMASK", 2),
    ("SIG_UNBLOCK", 1),
];

pub(super) fn signal_number(text: &str) -> Result<i128, Bad> {
    let number = if let Some(number) = parse(text, 10) {
        number
    } else {
        let mut name = strip(text).to_uppercase();
        if !name.starts_with("SIG") {
            name.insert_str(0, "SIG");
        }
        match SIGNALS.iter().find(|(known, _)| *known == name) {
            Some((_, number)) => *number,
            None => {
                return bad(
                    "S23",
                    format!("value {} is not a valid signal name", repr(text)),
                );
            }
        }
    };
    if SIGNALS.iter().any(|(_, known)| *known == number) {
        Ok(number)
    } else {
        bad(
            "S23",
            format!("value {} is not a valid signal number", repr(text)),
        )
    }
}

fn port_number(text: &str) -> Result<i128, Bad> {
    let number = integer(text).map_err(|b| Bad::new("S30", b.words))?;
    match number {
        ..1 => bad("S30", format!("{number} is below lower bound (1)")),
        1..=65535 => Ok(number),
        _ => bad("S30", format!("{number} is above upper bound (65535)")),
    }
}

/// `[host:]port`; the host is empty for all addresses.
pub(super) fn inet_address(text: &str) -> Result<(String, i128), Bad> {
    let (host, port) = match text.rsplit_once(':') {
        Some((_, "")) => return bad("S30", "no port number specified in ''".to_owned()),
        Some((host, port)) => (host.to_lowercase(), port_number(port)?),
        None => {
            let port = port_number(text).map_err(|_| {
                Bad::new("S30", format!("not a valid port number: {} ", repr(text)))
            })?;
            (String::new(), port)
        }
    };
    Ok((if host == "*" { String::new() } else { host }, port))
}

/// The host and port of `tcp://host:port`.
pub(super) fn tcp_address(text: &str) -> Option<Result<(String, i128), Bad>> {
    let (host, port) = text.strip_prefix("tcp://")?.split_once(':')?;
    let plain = !host.is_empty() && !host.contains(crate::pystr::is_space);
    let digits = !port.is_empty() && port.chars().all(crate::pystr::is_digit);
    (plain && digits).then(|| Ok((host.to_lowercase(), port_number(port)?)))
}

pub(super) fn name_to_uid(name: &str, machine: &dyn Machine) -> Result<i128, Bad> {
    match parse(name, 10) {
        Some(id) if machine.has_user_id(id) => Ok(id),
        Some(_) => bad("S26", format!("Invalid user id {name}")),
        None => match machine.user_id(name) {
            Some(id) => Ok(id.into()),
            None => bad("S26", format!("Invalid user name {name}")),
        },
    }
}

/// `user[:group]` as their ids; `None` where one is unknown.
pub(super) fn user_and_group(text: &str, machine: &dyn Machine) -> Option<(i128, i128)> {
    let (user, group) = match text.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    };
    let uid = name_to_uid(user, machine).ok()?;
    let gid = match group {
        None => -1,
        Some(group) => match parse(group, 10) {
            Some(id) if machine.has_group_id(id) => id,
            Some(_) => return None,
            None => machine.group_id(group)?.into(),
        },
    };
    Some((uid, gid))
}

/// `os.path.expanduser(path)`.
pub(super) fn expand_user(path: &str, machine: &dyn Machine) -> String {
    let Some(rest) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let user = (end > 0).then(|| &rest[..end]);
    match machine.home(user) {
        Some(home) => pypath::expand_user(&format!("~{}", &rest[end..]), &home),
        None => path.to_owned(),
    }
}

/// `~` replaced, absolute and without `.` and `..`.
pub(super) fn normalize_path(path: &str, machine: &dyn Machine) -> String {
    pypath::absolute(&expand_user(path, machine), machine.directory())
}

fn is_directory(path: &str, machine: &dyn Machine) -> bool {
    !path.is_empty() && machine.has_directory(path)
}

pub(super) fn existing_directory(path: &str, machine: &dyn Machine) -> Result<String, Bad> {
    let expanded = expand_user(path, machine);
    if is_directory(&expanded, machine) {
        Ok(expanded)
    } else {
        bad("S16", format!("{path} is not an existing directory"))
    }
}

/// A file whose directory must be there.
pub(super) fn existing_dirpath(path: &str, machine: &dyn Machine) -> Result<String, Bad> {
    let expanded = expand_user(path, machine);
    let directory = pypath::dirname(&expanded);
    if directory.is_empty() || is_directory(directory, machine) {
        Ok(expanded)
    } else {
        bad(
            "S16",
            format!("The directory named as part of the path {path} does not exist"),
        )
    }
}

/// Where the output of a process goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFile {
    Nowhere,
    /// A file that supervisord names itself, below childlogdir.
    Automatic,
    Syslog,
    File(String),
}

pub(super) fn logfile_name(text: &str, machine: &dyn Machine) -> Result<LogFile, Bad> {
    match text.to_lowercase().as_str() {
        "none" | "off" => Ok(LogFile::Nowhere),
        "auto" => Ok(LogFile::Automatic),
        "syslog" => Ok(LogFile::Syslog),
        _ => existing_dirpath(text, machine).map(LogFile::File),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: std::fmt::Debug>(result: Result<T, Bad>) -> String {
        result.unwrap_err().words
    }

    #[test]
    fn sizes_and_ports() {
        assert_eq!(byte_size("10 mB"), Ok(10 << 20));
        assert_eq!(
            words(byte_size("50M")),
            "invalid literal for int() with base 10: '50m'"
        );
        assert_eq!(inet_address("*:80"), Ok((String::new(), 80)));
        assert_eq!(inet_address("[::1]:80"), Ok(("[::1]".to_owned(), 80)));
        assert_eq!(words(inet_address("h:")), "no port number specified in ''");
        assert_eq!(words(inet_address("0")), "not a valid port number: '0' ");
        assert_eq!(words(inet_address("h:0")), "0 is below lower bound (1)");
    }

    #[test]
    fn words_and_signals() {
        assert_eq!(signal_number(" sigint "), Ok(2));
        assert_eq!(signal_number("_dfl"), Ok(0));
        assert_eq!(auto_restart("On"), Ok(AutoRestart::Always));
        assert_eq!(logging_level("__module__"), Ok(None));
        assert_eq!(list_of_strings("a, b,"), ["a", "b", ""]);
        assert_eq!(list_of_exitcodes("0, 2"), Ok(vec![0, 2]));
    }
}

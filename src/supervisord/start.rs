//! What would go wrong when supervisord starts, as far as this machine shows it: commands, directories, sockets.
//!
//! The configuration is accepted all the same, so these are warnings. Another machine may have what is missing here.

use super::Reading;
use super::machine::Kind;
use super::model::{Address, Model, Process};
use crate::pypath;

/// A socket is bound as PATH.PID first; with the longest process ids this is the longest path that always works.
const LONGEST_SOCKET: usize = 99;

pub(super) fn find(reading: &mut Reading<'_>, model: &Model) {
    let mut told = "";
    for process in model.groups.iter().flat_map(|g| &g.processes) {
        if told == process.section {
            continue;
        }
        told = &process.section;
        command(reading, process);
        directory(reading, process);
    }
    for server in &model.http {
        match &server.address {
            Address::Unix { file, .. } => socket(reading, &server.section, file),
            Address::Inet { host, .. } if host.contains(':') => {
                let at = reading.place(&server.section, "port");
                let message = format!(
                    "supervisord does not start with the host `{host}`: it knows IPv4 only"
                );
                reading.warn(&at, "S30", message, "name an IPv4 address");
            }
            Address::Inet { .. } => {}
        }
    }
    for (key, path) in [("logfile", &model.logfile), ("pidfile", &model.pidfile)] {
        if path.starts_with('/') && reading.machine.kind(path) == Kind::Directory {
            let at = reading.place("supervisord", key);
            let message = format!("`{key}` of [supervisord] is a directory");
            reading.warn(&at, "S16", message, "name a file");
        }
    }
}

/// The first word of a command, quotes aside; `Err` where its quotes do not close.
fn first_word(command: &str) -> Result<Option<String>, ()> {
    let mut word = String::new();
    let mut begun = false;
    let mut ended = false;
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        let escape = c == '\\' && quote != Some('\'');
        if escape {
            let next = characters.next().ok_or(())?;
            if !ended {
                if quote == Some('"') && !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            begun = true;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            quote = Some(c);
            begun = true;
        } else if quote.is_none() && " \t\r\n".contains(c) {
            ended |= begun;
        } else {
            begun = true;
            if !ended {
                word.push(c);
            }
        }
    }
    if quote.is_some() {
        return Err(());
    }
    Ok(begun.then_some(word))
}

fn command(reading: &mut Reading<'_>, process: &Process) {
    let section = &process.section;
    let at = &process.at;
    // Of a command that was refused nothing is left.
    let raw = reading.ini.get(section, "command");
    if raw.is_none_or(|entry| process.command.is_empty() && !entry.value.is_empty()) {
        return;
    }
    let word = match first_word(&process.command) {
        Ok(Some(word)) => word,
        Ok(None) => {
            let message = format!("the command of [{section}] is empty: it never starts");
            return reading.warn(at, "S08", message, "write the program to run");
        }
        Err(()) => {
            let message = format!(
                "the command of [{section}] has a quote that does not close: it never starts"
            );
            return reading.warn(at, "S10", message, "close the quote");
        }
    };
    if !word.contains('/') {
        let path = process
            .environment
            .get("PATH")
            .or_else(|| reading.environment.get("PATH"));
        let path = path.map_or("/bin:/usr/bin:/usr/local/bin", String::as_str);
        let mut places = path
            .split(':')
            .map(|directory| pypath::join(directory, &word));
        if !places.any(|file| matches!(reading.machine.kind(&file), Kind::File { .. })) {
            let message = format!("the command `{word}` of [{section}] is not in PATH");
            reading.warn(at, "S09", message, "write its whole path");
        }
        return;
    }
    if !pypath::is_absolute(&word) {
        if process.directory.is_some() {
            let message = format!(
                "the command `{word}` of [{section}] is looked for in supervisord's directory, then run in `directory`"
            );
            reading.warn(at, "S09", message, "write its whole path");
        }
        return;
    }
    let wrong = match reading.machine.kind(&word) {
        Kind::Missing => "is not there",
        Kind::Directory => "is a directory",
        Kind::File { executable: false } => "is not executable",
        _ => return,
    };
    let message = format!("the command `{word}` of [{section}] {wrong}");
    let help = match wrong {
        "is not there" => "it never starts unless the file is made before supervisord runs",
        _ => "it never starts",
    };
    reading.warn(at, "S09", message, help);
}

fn directory(reading: &mut Reading<'_>, process: &Process) {
    let Some(directory) = &process.directory else {
        return;
    };
    let section = &process.section;
    let at = reading.place(section, "directory");
    if directory.is_empty() {
        let message = format!("`directory` of [{section}] is empty: it never starts");
        reading.warn(
            &at,
            "S27",
            message,
            "name a directory, or take the key away",
        );
    } else if pypath::is_absolute(directory) && !reading.machine.has_directory(directory) {
        let message = format!("the directory `{directory}` of [{section}] is not there");
        reading.warn(
            &at,
            "S27",
            message,
            "it never starts unless the directory is made",
        );
    }
}

fn socket(reading: &mut Reading<'_>, section: &str, file: &str) {
    let at = reading.place(section, "file");
    if reading
        .ini
        .get(section, "file")
        .is_some_and(|entry| entry.value.is_empty())
    {
        let message = format!(
            "`file` of [{section}] is empty: supervisord tries for ever to open a socket, and never starts"
        );
        return reading.warn(&at, "R12", message, "name a file for the socket");
    }
    match reading.machine.kind(file) {
        Kind::File { .. } => {
            let message =
                format!("`{file}` is a file: supervisord deletes it and puts its socket there");
            reading.warn(&at, "S33", message, "name a file that is not there");
        }
        Kind::Directory => {
            let message = format!(
                "`{file}` is a directory: supervisord tries for ever to open its socket, and never starts"
            );
            reading.warn(&at, "S33", message, "name a file in it");
        }
        _ => {}
    }
    let directory = pypath::dirname(file);
    if !reading.machine.has_directory(directory) {
        let message = format!(
            "supervisord does not start: the directory of the socket `{file}` is not there"
        );
        reading.warn(&at, "S33", message, "make it");
    }
    if file.len() > LONGEST_SOCKET {
        let message = format!(
            "the path of the socket has {} bytes: supervisord fails to start where its process id is long",
            file.len()
        );
        reading.warn(
            &at,
            "S32",
            message,
            format!("{LONGEST_SOCKET} bytes are safe"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_shlexs() {
        let word = |text: &str| first_word(text).map(Option::unwrap_or_default);
        assert_eq!(word("\"/a b\"c -x 'y"), Err(()));
        assert_eq!(word(" \"/a b\"c 'y'"), Ok("/a bc".to_owned()));
        assert_eq!(word("/a\\ b"), Ok("/a b".to_owned()));
        assert_eq!(first_word("  "), Ok(None));
    }
}

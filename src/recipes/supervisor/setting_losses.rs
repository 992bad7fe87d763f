//! What the options of the part ask for that does not come about, or not as it was meant.
//!
//! Only what is certain from the options alone: whether supervisord takes every value is `check`'s. Ids R11 to R19.
//! Values that may be secrets are never quoted.

use super::settings::{Daemon, Settings, Socket};
use crate::error::Diagnostic;
use crate::pypath;
use crate::pystr;
use crate::sys::fs;
use crate::text::Text;

fn warn(id: &'static str, at: &Text, message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::warning(id, message).at(at).help(help)
}

/// All findings about options; `directory` is the buildout's.
pub(super) fn of(settings: &Settings, directory: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    several_lines(settings, &mut found);
    if let Some(daemon) = &settings.daemon {
        of_daemon(daemon, directory, &mut found);
    }
    if settings.sections.has("http") && !settings.sections.has("ctl") {
        let sections = settings.sections_option.clone().unwrap_or_default();
        found.push(warn(
            "R13",
            &word(&sections, "http"),
            "without `ctl`, `http` gives no server: nothing can talk to this supervisord",
            "add `ctl` to `sections`",
        ));
    }
    if settings.sections.has_server() {
        match settings.socket() {
            Socket::Inet => of_port(settings, &mut found),
            Socket::Unix => of_socket_file(settings, &mut found),
            Socket::Unknown => {}
        }
    }
    if settings.sections.has("ctl") {
        of_credentials(settings, &mut found);
        of_serverurl(settings, &mut found);
    }
    of_listener_quotes(settings, &mut found);
    of_conf(settings, &mut found);
    found
}

/// The word of a text, for its place; the whole text where it is not there.
fn word(text: &Text, word: &str) -> Text {
    let found = pystr::split(text).find(|w| *w == word);
    found.map_or_else(|| text.clone(), |w| text.piece(w))
}

/// Values over several lines: the conf gets them at column 0, where each line is a key of its own, or nothing at all.
fn several_lines(settings: &Settings, found: &mut Vec<Diagnostic>) {
    let mut values: Vec<(&str, &Text)> = Vec::new();
    if let Some(daemon) = &settings.daemon {
        values.extend([
            ("logfile", &daemon.logfile),
            ("pidfile", &daemon.pidfile),
            ("childlogdir", &daemon.childlogdir),
        ]);
        values.extend(
            daemon
                .values
                .iter()
                .chain(&daemon.lines)
                .map(|(o, v)| (*o, v)),
        );
        values.extend(daemon.env_path.iter().map(|value| ("env-path", value)));
    }
    if settings.sections.has("ctl") {
        values.extend([
            ("user", &settings.user),
            ("password", &settings.password),
            ("serverurl", &settings.serverurl),
        ]);
    }
    if settings.sections.has_server() {
        match settings.socket() {
            Socket::Inet => values.push(("port", &settings.port)),
            Socket::Unix => values.extend([
                ("file", &settings.file),
                ("chmod", &settings.chmod),
                ("chown", &settings.chown),
            ]),
            Socket::Unknown => {}
        }
    }
    for (option, value) in values {
        let lines = value.split('\n');
        if let Some(second) = lines.get(1) {
            found.push(warn(
                "several-lines",
                second,
                format!("`{option}` goes over several lines; each becomes a line of its own in the conf, not of this value"),
                "write it in one line",
            ));
        }
    }
}

fn of_daemon(daemon: &Daemon, directory: &str, found: &mut Vec<Diagnostic>) {
    let set = |option: &str| {
        let line = daemon.lines.iter().find(|(o, _)| *o == option)?;
        (!line.1.is_empty()).then_some(&line.1)
    };
    if let Some(path) = &daemon.env_path {
        if path.is_empty() {
            found.push(warn(
                "env-path-empty",
                path,
                "`env-path` is empty, and supervisord refuses `environment=PATH=`",
                "remove the option or give it a value",
            ));
        }
        if let Some(environment) = set("supervisord-environment") {
            found.push(warn(
                "R11",
                environment,
                "`env-path` gives the conf a second `environment`, and the variables of this one are lost",
                "put PATH=\"…\" into `supervisord-environment` and remove `env-path`",
            ));
        }
    }
    let pid_directory = pypath::absolute(pypath::dirname(&daemon.pidfile), directory);
    let made = |path: &String| {
        let path = pypath::normalized(path);
        path == pid_directory || path.starts_with(&pypath::join(&pid_directory, ""))
    };
    if !daemon.directories(directory).iter().any(made) && !fs::is_dir(&pid_directory) {
        found.push(warn(
            "R15",
            &daemon.pidfile,
            format!("the directory of `pidfile`, {pid_directory}, is not there and nothing makes it: supervisord won't start"),
            "make the directory, or put the file beside the log file",
        ));
    }
}

fn of_port(settings: &Settings, found: &mut Vec<Diagnostic>) {
    let (port, host) = (
        &settings.port,
        settings.port.rsplit_once(':').map_or("", |(host, _)| host),
    );
    let open = settings.user.is_empty();
    if matches!(host, "" | "*" | "0.0.0.0") && !port.is_empty() {
        let number = port.rsplit(':').next().unwrap_or_default();
        let message = if open {
            format!(
                "port `{port}` is open on all network interfaces, without a password: who reaches it can run any command here"
            )
        } else {
            format!("port `{port}` is open on all network interfaces")
        };
        found.push(Diagnostic::warning("R14", message).at(port).help(format!(
            "write `127.0.0.1:{number}` to keep it to this machine"
        )));
    }
}

fn of_socket_file(settings: &Settings, found: &mut Vec<Diagnostic>) {
    if settings.file.is_empty() {
        found.push(warn(
            "R12",
            &settings.http_socket,
            "a unix socket needs `file`: without it supervisord hangs at its start for ever",
            "set `file = ${buildout:directory}/var/supervisor.sock`",
        ));
    }
    if settings.chmod.is_empty() {
        found.push(warn(
            "chmod-empty",
            &settings.chmod,
            "`chmod` is empty, which supervisord refuses",
            "remove the option: the default is 0700",
        ));
    }
}

fn of_credentials(settings: &Settings, found: &mut Vec<Diagnostic>) {
    if settings.user.is_empty() && !settings.password.is_empty() {
        found.push(warn(
            "password-without-user",
            &settings.password,
            "there is a password but no `user`, so supervisord asks for neither: the server is open",
            "set `user`",
        ));
    }
    for (option, value) in [("user", &settings.user), ("password", &settings.password)] {
        let mut before = ' ';
        let comment = value.chars().any(|c| {
            let begins = matches!(c, ';' | '#') && pystr::is_space(before);
            before = c;
            begins
        });
        if comment {
            found.push(warn(
                "R17",
                value,
                format!("`;` or `#` after a blank begins a comment in the conf: the rest of `{option}` is cut off"),
                "choose one without a blank before `;` and `#`, and without them in front",
            ));
        }
        // Doubled they are meant for supervisord.
        if value.replace("%%", "").contains('%') {
            found.push(warn(
                "R18",
                value,
                format!("supervisord expands `%` in `{option}`: it is refused, or becomes something else, perhaps the whole environment"),
                "choose one without `%`",
            ));
        }
    }
    if settings.password.starts_with("{SHA}") {
        found.push(warn(
            "R19",
            &settings.password,
            "supervisorctl sends this very text, and supervisord takes it for a hash: they won't agree",
            "set the password itself, or log in with `supervisorctl -p`",
        ));
    }
}

fn of_serverurl(settings: &Settings, found: &mut Vec<Diagnostic>) {
    let url = &settings.serverurl;
    if settings.socket() == Socket::Unknown && settings.sections.has("http") {
        return;
    }
    if !(url.starts_with("http://") || url.starts_with("unix://")) {
        let shown = crate::wording::redacted(url);
        found.push(warn(
            "serverurl",
            url,
            format!("supervisorctl can't use the server URL `{shown}`"),
            "it begins with http:// or unix://; set `serverurl`, or `http-socket` to inet or unix",
        ));
    } else if url.starts_with("http://:") {
        found.push(warn(
            "serverurl",
            url,
            "supervisorctl can't use a server URL without a host",
            "set `port = 127.0.0.1:NUMBER`, or `serverurl`",
        ));
    }
}

/// Listeners get the credentials in single quotes, unescaped.
fn of_listener_quotes(settings: &Settings, found: &mut Vec<Diagnostic>) {
    let listeners = settings.services.as_ref().map(|s| &s.eventlisteners);
    if listeners.is_none_or(|lines| pystr::strip(lines).is_empty()) {
        return;
    }
    for (option, value) in [
        ("user", &settings.user),
        ("password", &settings.password),
        ("serverurl", &settings.serverurl),
    ] {
        if value.contains('\'') {
            found.push(warn(
                "R16",
                value,
                format!(
                    "`{option}` holds a `'`, which breaks the environment of the event listeners"
                ),
                "choose one without `'`",
            ));
        }
    }
}

/// The scripts name the conf in Python source, between double quotes, as it stands.
fn of_conf(settings: &Settings, found: &mut Vec<Diagnostic>) {
    let conf = &settings.conf;
    if conf.contains(['"', '\\', '\n']) {
        found.push(warn(
            "conf-path",
            conf,
            "the path of the conf is pasted into the scripts, where a quote or a backslash breaks it",
            "choose a path without them",
        ));
    } else if !conf.starts_with('/') {
        found.push(warn(
            "conf-relative",
            conf,
            "the scripts name the conf by a relative path: they work in one directory only",
            "begin it with ${buildout:directory}/",
        ));
    }
}

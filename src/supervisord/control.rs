//! What supervisorctl makes of the file: `[supervisorctl]` and its plugins, of the named file alone, without what it
//! includes. supervisor: options.py, `ClientOptions.read_config`; xmlrpc.py, `SupervisorTransport`.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::daemon::inline_comments;
use super::datatypes::{Bad, normalize_path};
use super::encoding::decode;
use super::expand::Local;
use super::finding::{Findings, Program};
use super::model::{Address, Control, Model};
use super::reader::Ini;
use super::{Reading, plugins, refusal};
use crate::error::Diagnostic;
use crate::pystr::repr;
use crate::text::Text;

const SECTION: &str = "supervisorctl";
const DEFAULT_URL: &str = "http://localhost:9001";

/// Reads the named file once more, as the client does.
pub(super) fn read(
    reading: &mut Reading<'_>,
    bytes: &[u8],
    text: &str,
    model: &Model,
) -> Option<Control> {
    let mut client = Reading {
        ini: Ini::default(),
        machine: reading.machine,
        version: reading.version,
        environment: reading.machine.environment().clone(),
        here: reading.here.clone(),
        conf: reading.conf.clone(),
        found: Findings::default(),
        behind: String::new(),
        unsure: false,
    };
    let conf = client.conf.clone();
    let inline = inline_comments(client.version);
    let unreadable = client.ini.read(&conf, text, inline);
    let undecodable = decode(bytes).wrong;
    let unread = !unreadable.is_empty() || undecodable.is_some();
    if let Some(wrong) = undecodable {
        let message = "supervisorctl can't read the file either".to_owned();
        refuse(reading, &Text::new(), message, wrong.bad);
    }
    for each in &unreadable {
        let words = format!("{}: {}", each.exception, each.words);
        let message = "supervisorctl can't read the file either".to_owned();
        let at = each.places.first().cloned().unwrap_or_default();
        refuse(reading, &at, message, Bad::new("S43", words));
    }
    if !client.ini.sections.contains_key(SECTION) {
        // supervisord runs without it, and another file may be meant for supervisorctl: no error.
        let at = client.first_header();
        let message = "there is no [supervisorctl] section in this file";
        let diagnostic = Diagnostic::warning("S35", message)
            .at(&at)
            .help("add one, or give supervisorctl a file of its own with -c");
        let words = ".ini file does not include supervisorctl section".to_owned();
        reading
            .found
            .note_of(Program::Supervisorctl, diagnostic, Some(words));
        return None;
    }
    let refused = reading.found.refused();
    let control = section(&mut client, reading);
    let url = &control.serverurl;
    if let Err(words) = protocol(url) {
        let at = client.place(SECTION, "serverurl");
        let message = format!("supervisorctl can't talk to `{url}`");
        let words = format!("ValueError: {words}");
        let bad = Bad::new("S34", words);
        refuse(reading, &at, message, bad);
    } else if refused == 0 {
        meets(reading, &client, &control, model);
    }
    for finding in client.found.finish() {
        let words = finding.supervisor.unwrap_or_default();
        reading
            .found
            .refuse(Program::Supervisorctl, words, finding.diagnostic);
    }
    (reading.found.refused() == refused && !unread).then_some(control)
}

fn refuse(reading: &mut Reading<'_>, at: &Text, message: String, bad: Bad) {
    let mut diagnostic = Diagnostic::error(bad.id, message).at(at);
    if let Some(help) = refusal::help(bad.id) {
        diagnostic = diagnostic.help(help);
    }
    reading
        .found
        .refuse(Program::Supervisorctl, bad.words, diagnostic);
}

fn section(client: &mut Reading<'_>, reading: &Reading<'_>) -> Control {
    let here = client.here();
    let none = Local::new();
    let value = |client: &mut Reading<'_>, key: &str, local: &Local| {
        client.get(SECTION, key, local).ok().flatten()
    };
    let url = value(client, "serverurl", &here).unwrap_or_else(|| DEFAULT_URL.to_owned());
    let serverurl = match url.strip_prefix("unix://") {
        Some(path) => format!("unix://{}", normalize_path(path, reading.machine)),
        None => url,
    };
    let prompt = value(client, "prompt", &none).unwrap_or_else(|| "supervisor".to_owned());
    let username = value(client, "username", &none);
    let password = value(client, "password", &none);
    let history = value(client, "history_file", &here).filter(|file| !file.is_empty());
    plugins::read(client, "supervisor.ctl_factory", "ctlplugin:");
    Control {
        serverurl,
        username,
        password,
        prompt,
        history_file: history.map(|file| normalize_path(&file, reading.machine)),
        at: client.place(SECTION, "serverurl"),
    }
}

/// What Python says of a URL when supervisorctl opens it.
fn protocol(url: &str) -> Result<(), String> {
    if url.starts_with("unix://") {
        return Ok(());
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(format!("Unknown protocol for serverurl {url}"));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let place = rest[..end].replace(['\t', '\r', '\n'], "");
    if place.contains('[') != place.contains(']') {
        return Err("Invalid IPv6 URL".to_owned());
    }
    if let Some((_, bracketed)) = place.split_once('[') {
        bracketed_host(bracketed.split(']').next().unwrap_or_default())?;
    }
    if place.contains(UNFOLDED) {
        return Err(format!(
            "netloc '{place}' contains invalid characters under NFKC normalization"
        ));
    }
    let host = place.rsplit('@').next().unwrap_or_default();
    let port = match host.split_once('[') {
        Some((_, bracketed)) => {
            let (_, behind) = bracketed.split_once(']').unwrap_or((bracketed, ""));
            behind.split_once(':').map_or("", |(_, port)| port)
        }
        None => host.split_once(':').map_or("", |(_, port)| port),
    };
    if port.is_empty() {
        return Ok(());
    }
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        let port = repr(port);
        return Err(format!("Port could not be cast to integer value as {port}"));
    }
    let number = port.trim_start_matches('0');
    if number.len() > 5 || number.parse::<u32>().is_ok_and(|n| n > 65535) {
        return Err("Port out of range 0-65535".to_owned());
    }
    Ok(())
}

/// What stands in brackets must be an IPv6 address, or one of a later kind.
fn bracketed_host(inside: &str) -> Result<(), String> {
    if let Some(later) = inside.strip_prefix('v') {
        let fits = later.split_once('.').is_some_and(|(version, rest)| {
            let hex = |c: char| c.is_ascii_hexdigit();
            !version.is_empty() && version.chars().all(hex) && !rest.is_empty()
        });
        return if fits {
            Ok(())
        } else {
            Err("IPvFuture address is invalid".to_owned())
        };
    }
    if inside.parse::<Ipv4Addr>().is_ok() {
        return Err("An IPv4 address cannot be in brackets".to_owned());
    }
    let (address, scoped) = match inside.split_once('%') {
        Some((address, scope)) => (address, !scope.is_empty() && !scope.contains('%')),
        None => (inside, true),
    };
    if scoped && address.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    let inside = repr(inside);
    Err(format!(
        "{inside} does not appear to be an IPv4 or IPv6 address"
    ))
}

/// Characters that stand for others with one of `/?#@:` among them.
const UNFOLDED: &[char] = &[
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}',
    '\u{fe13}', '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}',
    '\u{ff1a}', '\u{ff1f}', '\u{ff20}',
];

/// The host and port that a URL names.
fn host_and_port(url: &str) -> Option<(&str, i128)> {
    let rest = url.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let place = rest[..end].rsplit('@').next()?;
    match place.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((place, 80)),
    }
}

/// Whether supervisorctl and supervisord meet, and with which credentials.
fn meets(reading: &mut Reading<'_>, client: &Reading<'_>, control: &Control, model: &Model) {
    if model.http.is_empty() {
        return;
    }
    let at = &control.at;
    let url = &control.serverurl;
    let server = model.http.iter().find(|server| match &server.address {
        Address::Unix { file, .. } => url.strip_prefix("unix://") == Some(file.as_str()),
        Address::Inet { port, .. } => host_and_port(url).is_some_and(|(_, other)| other == *port),
    });
    match host_and_port(url) {
        Some(("", _)) => {
            reading.warn(
                at,
                "S34",
                format!("supervisorctl fails with `{url}`: there is no host in it"),
                "name the host: http://127.0.0.1:PORT",
            );
            return;
        }
        Some(("*", _)) => {
            reading.warn(
                at,
                "S34",
                format!(
                    "`{url}` has `*` for a host, which only some systems take for this machine"
                ),
                "name the host: http://127.0.0.1:PORT",
            );
        }
        _ => {}
    }
    let Some(server) = server else {
        // The URL of another machine's supervisord is none of ours.
        let local = host_and_port(url).is_none_or(|(host, _)| {
            matches!(host, "localhost" | "127.0.0.1" | "*") || host == reading.machine.host_name()
        });
        if local {
            let message =
                format!("supervisord does not listen where supervisorctl looks for it: `{url}`");
            let listens: Vec<String> = model
                .http
                .iter()
                .map(|s| format!("[{}]", s.section))
                .collect();
            reading.warn(
                at,
                "S34",
                message,
                format!("let `serverurl` name what {} says", listens.join(" or ")),
            );
        }
        return;
    };
    let protected = server
        .username
        .as_deref()
        .is_some_and(|name| !name.is_empty());
    if !protected {
        return;
    }
    let hashed = server
        .password
        .as_deref()
        .is_some_and(|p| p.starts_with("{SHA}"));
    let given = client.ini.get(SECTION, "password").is_some();
    let at = client.place(SECTION, "password");
    if hashed && control.password == server.password {
        reading.warn(
            &at,
            "R19",
            "supervisorctl needs the password itself: it can't use the hash of it".to_owned(),
            "write the password into [supervisorctl], or leave it out and be asked",
        );
    } else if given
        && !hashed
        && (control.username != server.username || control.password != server.password)
    {
        let message = format!(
            "[supervisorctl] has other credentials than [{}]",
            server.section
        );
        reading.warn(
            &at,
            "S34",
            message,
            "let both have the same `username` and `password`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expectations were taken from CPython 3.11.
    #[test]
    fn urls_are_refused_as_python_refuses_them() {
        for (url, words) in [
            ("https://h", "Unknown protocol for serverurl https://h"),
            (
                "http://h:abc",
                "Port could not be cast to integer value as 'abc'",
            ),
            ("http://h:70000", "Port out of range 0-65535"),
            ("http://[::1", "Invalid IPv6 URL"),
            (
                "http://[x]:1",
                "'x' does not appear to be an IPv4 or IPv6 address",
            ),
        ] {
            assert_eq!(protocol(url), Err(words.to_owned()), "{url}");
        }
        for url in [
            "unix:///x",
            "http://*:9001",
            "http://:9001",
            "http://[::1]:1/",
            "http://h",
        ] {
            assert_eq!(protocol(url), Ok(()), "{url}");
        }
    }
}

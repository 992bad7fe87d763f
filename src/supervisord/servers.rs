//! `[inet_http_server]` and `[unix_http_server]`: where supervisord listens. supervisor: options.py,
//! `server_configs_from_parser`.

use super::Reading;
use super::datatypes::{Bad, inet_address, normalize_path, octal_type, user_and_group};
use super::expand::Local;
use super::model::{Address, Server};
use crate::pystr::strip;

/// All servers; those on ports first.
pub(super) fn read(reading: &mut Reading<'_>) -> Vec<Server> {
    let mut servers = Vec::new();
    for section in reading.sections("inet_http_server") {
        let (username, password) = credentials(reading, &section);
        let none = Local::new();
        let port = match reading.get(&section, "port", &none) {
            Ok(Some(port)) => port,
            Ok(None) => {
                missing(reading, &section, "port");
                continue;
            }
            Err(_) => continue,
        };
        match inet_address(&port) {
            Ok((host, port)) => {
                let address = Address::Inet { host, port };
                servers.push(server(reading, &section, address, username, password));
            }
            Err(bad) => reading.refuse(&section, "port", bad),
        }
    }
    for section in reading.sections("unix_http_server") {
        let here = reading.here();
        let none = Local::new();
        let file = match reading.get(&section, "file", &here) {
            Ok(Some(file)) => Some(normalize_path(strip(&file), reading.machine)),
            Ok(None) => {
                missing(reading, &section, "file");
                None
            }
            Err(_) => None,
        };
        let (username, password) = credentials(reading, &section);
        let chown = reading.typed(&section, "chown", &none, (-1, -1), |text, machine| {
            let words = || Bad::new("S26", format!("Invalid sockchown value {text}"));
            user_and_group(text, machine).ok_or_else(words)
        });
        let chmod = reading.typed(&section, "chmod", &none, 0o700, |text, _| {
            let words = format!("Invalid chmod value {text}");
            octal_type(text).map_err(|_| Bad::new("S23", words))
        });
        if let Some(file) = file {
            let address = Address::Unix { file, chmod, chown };
            servers.push(server(reading, &section, address, username, password));
        }
    }
    servers
}

fn server(
    reading: &Reading<'_>,
    section: &str,
    address: Address,
    username: Option<String>,
    password: Option<String>,
) -> Server {
    Server {
        address,
        name: section.split_once(':').map(|(_, name)| name.to_owned()),
        username,
        password,
        section: section.to_owned(),
        at: reading.header(section),
    }
}

fn missing(reading: &mut Reading<'_>, section: &str, key: &str) {
    let words = format!("section [{section}] has no {key} value");
    let at = reading.header(section);
    reading.refuse_at(
        &at,
        format!("[{section}] has no `{key}`"),
        Bad::new("S30", words),
    );
}

fn credentials(reading: &mut Reading<'_>, section: &str) -> (Option<String>, Option<String>) {
    let none = Local::new();
    let username = reading.get(section, "username", &none);
    let password = reading.get(section, "password", &none);
    let (Ok(username), Ok(password)) = (username, password) else {
        return (None, None);
    };
    if username.is_some() != password.is_some() {
        let words = format!(
            "Section [{section}] contains incomplete authentication: If a username or a password is specified, both \
             the username and password must be specified"
        );
        let given = if username.is_some() {
            "username"
        } else {
            "password"
        };
        let at = reading.place(section, given);
        let message = format!("[{section}] has only one of `username` and `password`");
        reading.refuse_at(&at, message, Bad::new("S31", words));
    }
    (username, password)
}

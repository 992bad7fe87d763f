//! supervisord.conf: the sections that are wanted, in the recipe's order, and what is wrong with the lines behind them.
//!
//! Every piece of the text keeps the origin of the option it was made of.
//! collective.recipe.supervisor: `__init__.py`, `Recipe.install`.

use super::faults::{self, Fault};
use super::listeners::Access;
use super::settings::{Daemon, Settings, Socket};
use super::template::{self, fill};
use super::{groups, line_losses, listeners, programs};
use crate::error::Diagnostic;
use crate::pystr;
use crate::text::Text;

/// The conf and what there is to say of the lines it was made of.
#[derive(Debug, Default)]
pub(super) struct Conf {
    pub(super) text: Text,
    /// What the recipe stops at, in the order in which it would.
    pub(super) faults: Vec<Fault>,
    pub(super) losses: Vec<Diagnostic>,
}

impl Conf {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut conf = Self::default();
        if let Some(daemon) = &settings.daemon {
            conf.daemon(daemon);
        }
        if settings.sections.has("ctl") {
            conf.server_and_client(settings);
        }
        if settings.sections.has("rpc") {
            conf.text.push_str(template::RPC_INTERFACE);
        }
        if settings.services.is_some() {
            conf.services(settings);
        }
        conf
    }

    fn daemon(&mut self, daemon: &Daemon) {
        let mut values = vec![
            ("childlogdir", &daemon.childlogdir),
            ("logfile", &daemon.logfile),
            ("pidfile", &daemon.pidfile),
        ];
        let others = daemon.values.iter().chain(&daemon.lines);
        values.extend(others.map(|(option, value)| (*option, value)));
        self.text.push(&fill(template::SUPERVISORD, &values));
        if let Some(path) = &daemon.env_path {
            self.text
                .push(&fill(template::ENV_PATH, &[("env-path", path)]));
        }
    }

    fn server_and_client(&mut self, settings: &Settings) {
        let mut chown = Text::new();
        if !settings.chown.is_empty() {
            chown.push_str("chown = ");
            chown.push(&settings.chown);
        }
        let values = [
            ("user", &settings.user),
            ("password", &settings.password),
            ("port", &settings.port),
            ("file", &settings.file),
            ("chmod", &settings.chmod),
            ("chown", &chown),
            ("serverurl", &settings.serverurl),
        ];
        if settings.sections.has("http") {
            match settings.socket() {
                Socket::Inet => self.text.push(&fill(template::INET_HTTP_SERVER, &values)),
                Socket::Unix => self.text.push(&fill(template::UNIX_HTTP_SERVER, &values)),
                Socket::Unknown => self.faults.push(faults::http_socket(&settings.http_socket)),
            }
        }
        self.text.push(&fill(template::SUPERVISORCTL, &values));
    }

    fn services(&mut self, settings: &Settings) {
        let Some(services) = &settings.services else {
            return;
        };
        let lines = lines(&settings.programs);
        for (index, line) in lines.iter().enumerate() {
            if let Some(fields) = programs::scan(line) {
                self.text.push(&programs::section(line, &fields));
                self.losses.extend(line_losses::of_program(line, &fields));
            } else {
                self.faults.push(faults::PROGRAM.explain(&lines, index));
            }
        }
        let access = Access {
            user: &settings.user,
            password: &settings.password,
            serverurl: &settings.serverurl,
        };
        let lines = self::lines(&services.eventlisteners);
        for (index, line) in lines.iter().enumerate() {
            if let Some(fields) = listeners::scan(line) {
                self.text.push(&listeners::section(line, &fields, &access));
                self.losses.extend(line_losses::of_listener(line, &fields));
            } else {
                self.faults.push(faults::LISTENER.explain(&lines, index));
            }
        }
        let lines = self::lines(&services.groups);
        for (index, line) in lines.iter().enumerate() {
            if let Some(fields) = groups::scan(line) {
                self.text.push(&groups::section(line, &fields));
                self.losses.extend(line_losses::of_group(line, &fields));
            } else {
                self.faults.push(faults::GROUP.explain(&lines, index));
            }
        }
        let files = self::lines(&services.include);
        if !files.is_empty() {
            let mut all = Text::new();
            for (index, file) in files.iter().enumerate() {
                if index > 0 {
                    all.push_str(" ");
                }
                all.push(file);
            }
            self.text.push(&fill(template::INCLUDE, &[("files", &all)]));
        }
    }
}

/// `[line for line in value.splitlines() if line]`.
fn lines(value: &Text) -> Vec<Text> {
    pystr::split_lines(value)
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(|line| value.piece(line))
        .collect()
}

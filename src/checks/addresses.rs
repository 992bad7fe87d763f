//! Ports and sockets of all parts, and files that two supervisors would share.
//!
//! Of recipes that run in Python only the options are known; those that name addresses are in [`LISTENERS`].

use super::Check;
use super::back::Generated;
use super::finding::Finding;
use super::subject::{Part, Subject};
use crate::dist::name;
use crate::error::Diagnostic;
use crate::supervisord::{Address, Server};
use crate::text::{Origin, Text};

pub(super) const CHECK: Check = Check {
    ids: &[
        ("address-twice", "two parts listen on one port or socket"),
        (
            "shared-file",
            "two supervisors have one log file or one pid file",
        ),
    ],
    run,
};

/// Recipes, their options that are addresses, and what holds where the option is not set.
const LISTENERS: &[(&str, &str, Option<&str>)] = &[
    ("plone.recipe.zope2instance", "http-address", Some("8080")),
    ("plone.recipe.zope2instance", "ftp-address", None),
    ("plone.recipe.zope2instance", "webdav-address", None),
    ("plone.recipe.zope2instance", "icp-address", None),
    ("plone.recipe.zeoserver", "zeo-address", Some("8100")),
    ("plone.recipe.zeoserver", "monitor-address", None),
    ("plone.recipe.varnish", "bind", None),
    ("plone.recipe.varnish:configuration", "bind", None),
    ("collective.recipe.solrinstance", "port", None),
];

/// An address that will listen.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) part: String,
    pub(super) option: &'static str,
    /// Empty for all addresses of the machine.
    pub(super) host: String,
    /// The path of a socket where there is no port.
    pub(super) port: Result<u16, String>,
    pub(super) at: Option<Origin>,
    pub(super) width: usize,
    /// Who may connect to it, where supervisord listens.
    pub(super) server: Option<Server>,
}

impl Listening {
    /// Whether both can't be there at one time.
    fn meets(&self, other: &Self) -> bool {
        self.port == other.port
            && (self.port.is_err()
                || self.host.is_empty()
                || other.host.is_empty()
                || self.host == other.host)
    }

    pub(super) fn shown(&self) -> String {
        match &self.port {
            Ok(port) if self.host.is_empty() => format!("*:{port}"),
            Ok(port) => format!("{}:{port}", self.host),
            Err(path) => path.clone(),
        }
    }
}

/// All addresses of all parts.
pub(super) fn listening(subject: &Subject<'_>) -> Vec<Listening> {
    let mut all = Vec::new();
    for part in &subject.parts {
        of_supervisor(part, &mut all);
        let recipe = name::canonical(&part.recipe);
        for (project, option, default) in LISTENERS {
            if name::canonical(project) != recipe || part.supervisor.is_some() {
                continue;
            }
            let given = subject
                .resolved
                .get(&part.name)
                .and_then(|o| o.get(*option));
            let value = match (given, default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => Text::from(*default),
                (None, None) => continue,
            };
            if let Some((host, port)) = address(&value) {
                all.push(Listening {
                    part: part.name.clone(),
                    option,
                    host,
                    port: Ok(port),
                    at: value.start().or_else(|| subject.header(&part.name)),
                    width: given.map_or(1, |value| value.chars().count()),
                    server: None,
                });
            }
        }
    }
    all
}

fn of_supervisor(part: &Part, all: &mut Vec<Listening>) {
    let Some(supervisor) = &part.supervisor else {
        return;
    };
    let generated = Generated::new(&supervisor.text);
    let servers = supervisor
        .checked
        .model
        .iter()
        .flat_map(|model| &model.http);
    for server in servers {
        let (host, port, option) = match &server.address {
            Address::Inet { host, port } => match u16::try_from(*port) {
                Ok(port) => (local(host), Ok(port), "port"),
                Err(_) => continue,
            },
            Address::Unix { file, .. } => (String::new(), Err(file.clone()), "file"),
        };
        let place = generated.key(&server.section, option);
        let (at, width) = supervisor.place_or_own(place);
        all.push(Listening {
            part: part.name.clone(),
            option,
            host,
            port,
            at,
            width,
            server: Some(server.clone()),
        });
    }
}

/// One name for what is one address.
fn local(host: &str) -> String {
    match host {
        "localhost" => "127.0.0.1".to_owned(),
        "0.0.0.0" | "*" => String::new(),
        host => host.to_owned(),
    }
}

/// `[host:]port`, as Zope and ZEO read it: a port alone is that of all addresses.
pub(super) fn address(value: &str) -> Option<(String, u16)> {
    let value = value.trim();
    let (host, port) = value.rsplit_once(':').unwrap_or(("", value));
    Some((local(host), port.parse().ok()?))
}

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let all = listening(subject);
    for (index, one) in all.iter().enumerate() {
        let Some(first) = all[..index].iter().find(|other| other.meets(one)) else {
            continue;
        };
        let message = format!(
            "[{}] and [{}] both listen on {}",
            first.part,
            one.part,
            one.shown()
        );
        let place = first
            .at
            .as_ref()
            .map(|at| format!("{}:{}", at.source.name, at.line));
        let help = match place {
            Some(place) => format!(
                "give one of them another; the other is `{}` at {place}",
                first.option
            ),
            None => "give one of them another".to_owned(),
        };
        let diagnostic = Diagnostic::warning("address-twice", message)
            .at_origin(one.at.clone(), one.width)
            .help(help);
        found.push(Finding::new(diagnostic).of(&one.part));
    }
    shared_files(subject, found);
}

fn shared_files(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let supervisors: Vec<_> = subject
        .parts
        .iter()
        .filter_map(|part| {
            let supervisor = part.supervisor.as_ref()?;
            Some((part, supervisor, supervisor.checked.model.as_ref()?))
        })
        .collect();
    for (index, (part, supervisor, model)) in supervisors.iter().enumerate() {
        let files = |model: &crate::supervisord::Model| {
            [
                ("logfile", model.logfile.clone()),
                ("pidfile", model.pidfile.clone()),
            ]
        };
        for (option, file) in files(model) {
            let earlier = supervisors[..index]
                .iter()
                .find(|(_, _, other)| files(other).contains(&(option, file.clone())));
            let Some((other, ..)) = earlier else { continue };
            let generated = Generated::new(&supervisor.text);
            let place = generated.key("supervisord", option);
            let own = place.filter(|(at, _)| at.line > 0);
            let (at, width) = supervisor.place_or_own(own);
            let message = format!(
                "[{}] and [{}] have one {option}, {file}",
                other.name, part.name
            );
            let diagnostic = Diagnostic::warning("shared-file", message)
                .at_origin(at, width)
                .help(format!("set `{option}` in one of them"));
            found.push(Finding::new(diagnostic).of(&part.name));
        }
    }
}

//! Clients of a ZEO server that look for it where none listens.

use super::Check;
use super::addresses::address;
use super::finding::Finding;
use super::subject::{Part, Subject};
use crate::dist::name;
use crate::error::Diagnostic;
use crate::text::Text;

pub(super) const CHECK: Check = Check {
    ids: &[(
        "zeo-address",
        "a client looks for ZEO where no part listens",
    )],
    run,
};

/// What both recipes take where nothing is set.
const DEFAULT: &str = "8100";

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let is =
        |part: &&Part, project: &str| name::canonical(&part.recipe) == name::canonical(project);
    let address_of = |part: &Part| {
        let given = subject
            .resolved
            .get(&part.name)
            .and_then(|options| options.get("zeo-address").cloned());
        given.unwrap_or_else(|| Text::from(DEFAULT))
    };
    let servers: Vec<(&str, Text)> = subject
        .parts
        .iter()
        .filter(|part| is(part, "plone.recipe.zeoserver"))
        .map(|part| (part.name.as_str(), address_of(part)))
        .collect();
    if servers.is_empty() || servers.iter().any(|(_, value)| address(value).is_none()) {
        return;
    }
    let clients = subject
        .parts
        .iter()
        .filter(|part| is(part, "plone.recipe.zope2instance"));
    for client in clients {
        let on = subject
            .option(&client.name, "zeo-client")
            .is_some_and(|value| {
                matches!(
                    value.to_lowercase().as_str(),
                    "yes" | "y" | "true" | "t" | "on" | "1"
                )
            });
        let wanted = address_of(client);
        let Some((host, port)) = address(&wanted).filter(|_| on) else {
            continue;
        };
        // Another machine's server is none of ours.
        if !matches!(host.as_str(), "" | "127.0.0.1") {
            continue;
        }
        let there = servers
            .iter()
            .filter_map(|(_, value)| address(value))
            .any(|(_, other)| other == port);
        if there {
            continue;
        }
        let listens: Vec<String> = servers
            .iter()
            .map(|(name, value)| format!("[{name}] listens on {value}"))
            .collect();
        let message = format!(
            "[{}] looks for its ZEO server at {wanted}, where none listens",
            client.name
        );
        let diagnostic = Diagnostic::warning("zeo-address", message)
            .at(&wanted)
            .help(listens.join(", "));
        let diagnostic = if diagnostic.at.is_none() {
            diagnostic.at_origin(
                subject.header(&client.name),
                client.name.chars().count() + 2,
            )
        } else {
            diagnostic
        };
        found.push(Finding::new(diagnostic).of(&client.name));
    }
}

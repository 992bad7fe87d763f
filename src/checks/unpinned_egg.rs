//! Eggs without a version in `[versions]`, where a site pins the others.

use std::collections::BTreeSet;

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::error::Diagnostic;
use crate::pypath;
use crate::pystr::{split, strip};
use crate::text::Text;

pub(super) const CHECK: Check = Check {
    ids: &[(
        "unpinned-egg",
        "an egg has no version, though others are pinned",
    )],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let versions = subject
        .config
        .sections
        .get(&subject.config.versions_section);
    let pinned: BTreeSet<String> = versions
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.at().is_some())
        .map(|(project, _)| name::canonical(project))
        .collect();
    let must = subject
        .option("buildout", "allow-picked-versions")
        .is_some_and(|value| value.as_str() == "false");
    if pinned.is_empty() && !must {
        return;
    }
    let developed: BTreeSet<String> = subject
        .option("buildout", "develop")
        .map(|value| {
            split(value)
                .map(|path| name::canonical(pypath::basename(path)))
                .collect()
        })
        .unwrap_or_default();
    let mut told = BTreeSet::new();
    for part in &subject.parts {
        let mut wanted = Vec::new();
        for option in ["eggs", "plugins"] {
            let known = option == "eggs" || part.supervisor.is_some();
            if let Some(value) = subject.option(&part.name, option).filter(|_| known) {
                wanted.extend(lines(value));
            }
        }
        for egg in wanted {
            let Ok(requirement) = Requirement::parse(&egg) else {
                continue;
            };
            let project = name::canonical(requirement.name());
            let exact = egg.contains("==");
            if exact
                || pinned.contains(&project)
                || developed.contains(&project)
                || !told.insert(project)
            {
                continue;
            }
            let message = format!(
                "`{}` has no version in [{}]",
                requirement.name(),
                subject.config.versions_section
            );
            let diagnostic = if must {
                Diagnostic::warning("unpinned-egg", message)
                    .help("`allow-picked-versions = false` stops the installation here: pin it")
            } else {
                Diagnostic::note("unpinned-egg", message)
                    .help("pin it as the others are, so that the next installation gets the same")
            };
            found.push(Finding::new(diagnostic.at(&egg)).of(&part.name));
        }
    }
}

fn lines(value: &Text) -> Vec<Text> {
    let lines = value.as_str().split('\n').map(strip);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| value.piece(line))
        .collect()
}

//! Why an installation fails, in zc.buildout's words, with our advice beside them.
//!
//! zc.buildout: easy_install.py, `MissingDistribution`, `VersionConflict`, `NOT_PICKED_AND_NOT_ALLOWED`,
//! `Installer._version_conflict_information`.

use super::Installer;
use super::asked::Asked;
use crate::dist::distribution::Distribution;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::version::Version;
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Error};
use crate::{pystr, wording};

/// `zc.recipe.egg:custom` found no sources. zc.buildout: easy_install.py, `Installer.build`.
pub(super) fn no_sources(requirement: &Requirement) -> Box<Error> {
    Error::user(format!(
        "Couldn't find a source distribution for {}.",
        pystr::repr(&requirement.to_string())
    ))
    .hint(
        "no-sources",
        format!("no archive of the sources of {requirement} is on offer"),
        "a part of zc.recipe.egg:custom builds; wheels and eggs do not count for it",
    )
}

impl Installer<'_> {
    /// Pins and requests that name a project, in which a conflict may be found.
    pub(super) fn conflict_information(&self, project: &str) -> String {
        let mut lines = vec![format!(
            "Version and requirements information containing {project}:"
        )];
        let constraint = self.supplies.policy.versions.get(&name::canonical(project));
        if let Some(constraint) = constraint.filter(|constraint| !constraint.is_empty()) {
            lines.push(format!("[versions] constraint on {project}: {constraint}"));
        }
        let lower = project.to_lowercase();
        let asked = self.asked.iter().map(ToString::to_string);
        lines.extend(asked.filter(|line| line.to_lowercase().contains(&lower)));
        lines.join("\n  ")
    }

    /// Two ask for different versions.
    pub(super) fn conflict(
        &self,
        active: &Distribution,
        requirement: &Requirement,
        set: &WorkingSet,
    ) -> Box<Error> {
        let mut lines = vec![
            "There is a version conflict.".to_owned(),
            format!("We already have: {active}"),
        ];
        let requirers = self.requirers(requirement, set).unwrap_or_default();
        lines.extend(requirers.iter().map(|requirer| {
            format!(
                "but {requirer} requires {}.",
                pystr::repr(&requirement.to_string())
            )
        }));
        let mut diagnostic = Diagnostic::error(
            "version-conflict",
            format!("{active} was chosen before {requirement} was asked for"),
        );
        let key = name::canonical(requirement.name());
        let asked = self.asked.iter().map(ToString::to_string);
        for asked in asked.filter(|asked| asks_for(asked, &key)) {
            diagnostic = diagnostic.help(asked);
        }
        let name = self.supplies.policy.pin_name(requirement.project_name());
        let diagnostic = self.supplies.policy.at_pin(&name, diagnostic);
        Error::user(lines.join("\n")).with(diagnostic.help(format!(
            "pin a version of {} in [versions] that all can work with",
            requirement.project_name()
        )))
    }

    /// Where the pin stands, and who asks for something else.
    pub(super) fn with_reasons(
        &self,
        mut error: Box<Error>,
        name: &str,
        requirement: &Requirement,
    ) -> Box<Error> {
        for diagnostic in &mut error.diagnostics {
            let mut told = self.supplies.policy.at_pin(name, diagnostic.clone());
            let asked = self.asked.iter().filter(
                |asked| matches!(asked, Asked::By(_, dependency) if dependency == requirement),
            );
            for asked in asked {
                told.help.insert(0, asked.to_string());
            }
            *diagnostic = told;
        }
        error
    }

    /// Neither there nor on offer.
    pub(super) fn missing(&mut self, requirement: &Requirement, set: &WorkingSet) -> Box<Error> {
        let key = name::canonical(requirement.name());
        let message = format!(
            "Couldn't find a distribution for {}.",
            pystr::repr(&requirement.to_string())
        );
        let mut diagnostic = Diagnostic::error(
            "missing-distribution",
            format!("no distribution fits {requirement}"),
        );
        let requirers: Vec<String> = set
            .sorted()
            .into_iter()
            .filter(|distribution| {
                let needed = self.supplies.metadata.dependencies(distribution);
                needed.is_ok_and(|needed| {
                    let all = needed.requires([]);
                    all.iter().any(|r| name::canonical(r.name()) == key)
                })
            })
            .map(ToString::to_string)
            .collect();
        if !requirers.is_empty() {
            diagnostic = diagnostic.help(format!("required by {}", requirers.join(", ")));
        }
        let policy = &self.supplies.policy;
        let name = policy.pin_name(requirement.project_name());
        if let Some(constraint) = policy.versions.get(&name) {
            diagnostic = policy.at_pin(&name, diagnostic);
            diagnostic = diagnostic.help(format!("[versions] pins it: {name} = {constraint}"));
        }
        let evidence = self.offers().evidence(requirement.name());
        if evidence.is_empty() {
            diagnostic = diagnostic.help("no index and no find-links were asked");
        }
        for line in evidence {
            diagnostic = diagnostic.help(line);
        }
        let error = Error::user(message).with(diagnostic);
        match self.offers().trouble(requirement.name()) {
            Some((what, advice)) => error.hint("index", what, advice),
            None => error,
        }
    }
}

/// Whether a line about a request names a project.
fn asks_for(line: &str, key: &str) -> bool {
    let (_, wanted) = line.split_once(": ").unwrap_or(("", line));
    wanted.split(", ").any(|wanted| {
        Requirement::parse(wanted.trim_matches('\''))
            .is_ok_and(|r| name::canonical(r.name()) == key)
    })
}

/// Not there, and nothing may be fetched.
pub(super) fn offline(requirement: &Requirement) -> Box<Error> {
    Error::user(format!(
        "We don't have a distribution for {requirement}\nand can't install one in offline (no-install) mode.\n"
    ))
    .hint(
        "offline",
        format!("{requirement} is not in the eggs directory"),
        "run buildout once without -o",
    )
}

/// A version had to be picked, and must not.
pub(super) fn picked(project: &str, version: &Version, explains: bool) -> Box<Error> {
    if !explains {
        return Error::user(format!("Picked: {project} = {version}")).hint(
            "unpinned-egg",
            format!("{project} has no pin, and `allow-picked-versions` is false"),
            format!("add `{project} = {version}` to the [versions] section"),
        );
    }
    Error::user(format!(
        "Picked: {project} = {version}\n\nThe `{project}` egg does not have a version pin and \
         `allow-picked-versions = false`.\n\nTo resolve this, add\n\n    {project} = {version}\n\nto the [versions] \
         section,\n\nOR set `allow-picked-versions = true`."
    ))
}

pub(super) fn unknown_extra<'a>(
    distribution: &Distribution,
    requirement: &Requirement,
    missing: &[&String],
    known: impl Iterator<Item = &'a str>,
) -> Box<Error> {
    let known: Vec<&str> = known.collect();
    let meant = missing
        .first()
        .and_then(|extra| wording::did_you_mean(extra, known.iter().copied()));
    let help = match (meant, known.as_slice()) {
        (Some(meant), _) => format!("did you mean {}[{meant}]?", requirement.name()),
        (None, []) => format!("{distribution} has no extras: write {}", requirement.name()),
        (None, known) => format!("{distribution} has the extras {}", known.join(", ")),
    };
    Error::user(
        "Couldn't find the required extra. This means the requirement is incorrect. If the requirement is itself from \
         software you requested, then there might be a bug in requested software. You can ignore this by using \
         'allow-unknown-extras=true', however that may simply cause needed software to be omitted.",
    )
    .hint(
        "unknown-extra",
        format!("{requirement} asks for an extra that {distribution} does not have"),
        help,
    )
}

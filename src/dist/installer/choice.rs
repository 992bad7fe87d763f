//! Which distribution is best for a requirement: one that is there, or one on offer.
//!
//! zc.buildout: easy_install.py, `Installer._satisfied`, `_obtain`, `_constrain`, `_constrained_requirement`.

use super::{Formats, Installer, parent_of};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::legacy::Grammar;
use crate::dist::requirement::Requirement;
use crate::dist::specifier::Specifier;
use crate::dist::version::Version;
use crate::error::{Error, Result};
use crate::generation::WheelNames;
use crate::pystr;

/// What there is for a requirement.
#[derive(Debug)]
pub(in crate::dist) enum Choice {
    Installed(Distribution),
    /// To be fetched.
    Offered(Distribution),
    Nothing,
}

impl Installer<'_> {
    /// What is there for a requirement, else what is on offer; the index is asked only where its answer may count.
    // zc.buildout: easy_install.py, `Installer._satisfied`.
    pub(super) fn satisfied(&mut self, requirement: &Requirement) -> Result<Choice> {
        let quoted = || pystr::repr(&requirement.to_string());
        let there = self.environment.of(requirement)?.to_vec();
        let mut there: Vec<Distribution> = there
            .iter()
            .filter(|distribution| self.accepts(requirement, distribution))
            .cloned()
            .collect();
        if there.is_empty() {
            self.debug(|| {
                let project = requirement.project_name();
                format!(
                    "We have no distributions for {project} that satisfies {}.",
                    quoted()
                )
            });
            let offered = self.obtain(requirement)?;
            return Ok(offered.map_or(Choice::Nothing, Choice::Offered));
        }
        if let Some(develop) = there.iter().find(|d| d.precedence == Precedence::Develop) {
            self.debug(|| format!("We have a develop egg: {develop}"));
            return Ok(Choice::Installed(develop.clone()));
        }
        if requirement.is_pinned() {
            self.debug(|| format!("We have the distribution that satisfies {}.", quoted()));
            return Ok(Choice::Installed(there.swap_remove(0)));
        }
        if self.supplies.policy.prefer_final {
            keep_final(&mut there);
        }
        let ours = there.swap_remove(0);
        if !self.order.newest {
            return Ok(Choice::Installed(ours));
        }
        let Some(offered) = self.obtain(requirement)? else {
            self.debug(|| {
                let quoted = quoted();
                format!(
                    "There are no distros available that meet {quoted}.\nUsing our best, {ours}."
                )
            });
            return Ok(Choice::Installed(ours));
        };
        if is_better(
            &offered.version,
            &ours.version,
            self.supplies.policy.prefer_final,
        ) {
            return Ok(Choice::Offered(offered));
        }
        self.debug(|| format!("We have the best distribution that satisfies {}.", quoted()));
        Ok(Choice::Installed(ours))
    }

    /// The best on offer.
    // zc.buildout: easy_install.py, `Installer._obtain`; offline it asks the index nevertheless, for nothing.
    fn obtain(&mut self, requirement: &Requirement) -> Result<Option<Distribution>> {
        if self.order.offline {
            return Ok(None);
        }
        let offered = self.offers().find(requirement)?;
        Ok(self.best_of(requirement, &offered))
    }

    /// Whether a distribution will do. Older generations took no name for another that is only spelt otherwise.
    // zc.buildout: easy_install.py, `Environment`; patches.py, `patch_pkg_resources_requirement_contains`.
    fn accepts(&self, requirement: &Requirement, distribution: &Distribution) -> bool {
        requirement.accepts(distribution)
            && (self.supplies.policy.generation().equates_names()
                || distribution.key() == requirement.key())
    }

    pub(super) fn best_of(
        &self,
        requirement: &Requirement,
        offered: &[Distribution],
    ) -> Option<Distribution> {
        let mut fitting: Vec<Distribution> = offered
            .iter()
            .filter(|distribution| self.accepts(requirement, distribution))
            .filter(|d| self.order.formats == Formats::Any || d.precedence == Precedence::Source)
            .cloned()
            .collect();
        if self.supplies.policy.prefer_final {
            keep_final(&mut fitting);
        }
        let newest = fitting.iter().map(|d| &d.version).max()?.clone();
        fitting.retain(|distribution| distribution.version == newest);
        if let Some(cache) = &self.supplies.policy.download_cache
            && fitting.len() > 1
            && let Some(cached) = fitting.iter().find(|d| parent_of(&d.location) == *cache)
        {
            return Some(self.called_as_asked(cached.clone(), requirement));
        }
        fitting.sort();
        let best = fitting.pop()?;
        Some(self.called_as_asked(best, requirement))
    }

    /// Some generations name an egg after the requirement: whoever makes it, ahead or in its turn, has to know that name.
    fn called_as_asked(&self, mut best: Distribution, requirement: &Requirement) -> Distribution {
        if self.supplies.policy.generation().wheel_names() == WheelNames::OfRequirement {
            requirement
                .project_name()
                .clone_into(&mut best.project_name);
        }
        best
    }

    /// The requirement with what `[versions]` says.
    // zc.buildout: easy_install.py, `Installer._constrain`.
    pub(super) fn constrain(&self, requirement: &Requirement) -> Result<Requirement> {
        self.constraint(requirement).map_err(|error| {
            let name = self.supplies.policy.pin_name(requirement.project_name());
            if error.message.starts_with("The requirement ") {
                self.info(&self.conflict_information(&name));
            }
            self.with_reasons(error, &name, requirement)
        })
    }

    /// Whether `[versions]` says something of a requirement's project.
    pub(super) fn is_pinned(&self, requirement: &Requirement) -> bool {
        let policy = &self.supplies.policy;
        let pin = policy
            .versions
            .get(&policy.pin_name(requirement.project_name()));
        pin.is_some_and(|constraint| !constraint.is_empty())
    }

    pub(super) fn constraint(&self, requirement: &Requirement) -> Result<Requirement> {
        // Equal requirements may spell the name in two ways; what is told and asked for has that of this one.
        if let Some(known) = self.constrained.borrow().get(requirement)
            && known.name() == requirement.name()
        {
            return Ok(known.clone());
        }
        let policy = &self.supplies.policy;
        let grammar = Grammar::of(self.supplies.metadata.facts());
        let name = policy.pin_name(requirement.project_name());
        let constrained = match policy.versions.get(&name) {
            Some(constraint) if !constraint.is_empty() => {
                self.constrained_by(&name, constraint, requirement)?
            }
            _ if policy.generation().limits_setuptools()
                && requirement.project_name() == "setuptools" =>
            {
                constrained("<82", requirement, grammar)?
            }
            _ => requirement.clone(),
        };
        let mut known = self.constrained.borrow_mut();
        known.insert(requirement.clone(), constrained.clone());
        Ok(constrained)
    }

    fn constrained_by(
        &self,
        name: &str,
        constraint: &str,
        requirement: &Requirement,
    ) -> Result<Requirement> {
        if let Some(pin) = self.pins.borrow().get(name)
            && requirement.contains(&pin.version)
        {
            return Ok(requirement.with_specifiers(pin.clauses.clone()));
        }
        let grammar = Grammar::of(self.supplies.metadata.facts());
        let constrained = constrained(constraint, requirement, grammar)?;
        if let Some(version) = pinned(constraint) {
            let pin = Pin {
                version: Version::new(version),
                clauses: constrained.specifiers().to_vec(),
            };
            self.pins.borrow_mut().insert(name.to_owned(), pin);
        }
        Ok(constrained)
    }
}

/// Only final versions, if there is one.
fn keep_final(distributions: &mut Vec<Distribution>) {
    if distributions.iter().any(|d| d.version.is_final()) {
        distributions.retain(|d| d.version.is_final());
    }
}

/// Whether what is on offer is to replace what is there.
pub(super) fn is_better(offered: &Version, ours: &Version, prefer_final: bool) -> bool {
    match (prefer_final, offered.is_final(), ours.is_final()) {
        (true, true, false) => true,
        (true, false, true) => false,
        _ => ours < offered,
    }
}

/// What `[versions]` pins a project to, as it was read: many ask for the same one.
#[derive(Debug)]
pub(super) struct Pin {
    version: Version,
    clauses: Vec<Specifier>,
}

/// The version, where a constraint gives no bounds.
fn pinned(constraint: &str) -> Option<&str> {
    if constraint.starts_with(['<', '>']) {
        return None;
    }
    Some(constraint.strip_prefix("==").unwrap_or(constraint))
}

// zc.buildout: easy_install.py, `_constrained_requirement`.
fn constrained(
    constraint: &str,
    requirement: &Requirement,
    grammar: Grammar,
) -> Result<Requirement> {
    let clauses = |text: &str| -> Result<Vec<Specifier>> {
        text.split(',')
            .map(str::trim)
            .filter(|clause| !clause.is_empty())
            .map(|clause| {
                Specifier::parse_as(clause, grammar).ok_or_else(|| {
                    Error::user(format!("Invalid specifier: {}", pystr::repr(clause))).hint(
                        "bad-version",
                        format!(
                            "[versions] asks for {} = {constraint}, which is no version",
                            requirement.project_name()
                        ),
                        "write a version such as 2.0.0, or bounds such as >=2,<3",
                    )
                })
            })
            .collect()
    };
    let Some(version) = pinned(constraint) else {
        let mut specifiers = requirement.specifiers().to_vec();
        specifiers.extend(clauses(constraint)?);
        return Ok(requirement.with_specifiers(specifiers));
    };
    if constraint.starts_with('=') && !constraint.starts_with("==") {
        clauses(constraint)?;
    }
    let whole = format!("=={version}");
    if !requirement.contains(&Version::new(version)) {
        return Err(Error::user(format!(
            "The requirement ({}) is not allowed by your [versions] constraint ({version})",
            pystr::repr(&requirement.to_string())
        ))
        .hint(
            "version-constraint",
            format!(
                "[versions] pins {} to {version}, but {requirement} is required",
                requirement.project_name()
            ),
            "change one of the two so that they agree",
        ));
    }
    Ok(requirement.with_specifiers(clauses(&whole)?))
}

//! Puts the best distribution for a requirement into the working set, fetched where it is not there.
//!
//! Which one is best is `choice.rs`'s; what it needs in turn is the walk's in `mod.rs`. zc.buildout: easy_install.py,
//! `Installer._get_dist`, `_maybe_add_setuptools`.

use super::{Choice, Installer, failure};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::metadata;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Doing, Result};
use crate::{log, pystr};

impl Installer<'_> {
    /// Puts the best distribution for a requirement into the working set.
    // zc.buildout: easy_install.py, `Installer._get_dist`.
    pub(super) fn get(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
    ) -> Result<Distribution> {
        self.get_with_key(requirement, set).map(|(got, _)| got)
    }

    /// The same, with the key that the working set knows it by, if it was looked up there: it was where it came anew.
    // pkg_resources: `WorkingSet.find` gives the requirement that key.
    pub(super) fn get_with_key(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
    ) -> Result<(Distribution, Option<String>)> {
        let doing = || {
            let quoted = pystr::repr(&requirement.to_string());
            format!("Getting distribution for {quoted}.")
        };
        self.get_one(requirement, set, &doing).doing(doing)
    }

    fn get_one(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
        doing: &dyn Fn() -> String,
    ) -> Result<(Distribution, Option<String>)> {
        let mut key = None;
        let distribution = match self.satisfied(requirement)? {
            Choice::Installed(there) => {
                if !set.is_active(&there) {
                    set.add(there.clone());
                }
                there
            }
            _ if self.order.offline => return Err(failure::offline(requirement)),
            Choice::Offered(offered) => {
                self.info(&doing());
                self.tell_yanked(&offered);
                self.tell_other_python(&offered);
                let egg = self
                    .supplies
                    .fetcher
                    .into_eggs(&offered, &self.order.eggs_directory)?;
                if !set.is_active(&egg) {
                    set.replace(egg.clone());
                }
                self.environment.rescan();
                let got = match self.environment.best_match(requirement, set)? {
                    Ok(Some(got)) => got,
                    _ => egg.clone(),
                };
                key = set.find_any(requirement).map(Distribution::key);
                self.info(&format!("Got {got}."));
                egg
            }
            Choice::Nothing => {
                self.info(&doing());
                return Err(self.missing(requirement, set));
            }
        };
        if !self.supplies.policy.install_from_cache && self.supplies.policy.use_dependency_links {
            self.add_dependency_links(&distribution)?;
        }
        self.check_picked(requirement, &distribution)?;
        Ok((distribution, key))
    }

    /// zc.buildout knows nothing of withdrawn files: it takes them, and so do we, not without a word.
    fn tell_yanked(&mut self, offered: &Distribution) {
        let Some(why) = self.offers().yanked(&offered.location) else {
            return;
        };
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        let message = format!("{offered} has been withdrawn by its makers{why}");
        self.supplies.log.diagnose(
            Diagnostic::warning("yanked", message)
                .help("pin another version in [versions], unless this one is meant"),
        );
    }

    /// Before 3.0 zc.buildout does not ask for which Python a wheel is.
    fn tell_other_python(&mut self, offered: &Distribution) {
        let Some(requires) = self.offers().other_python(&offered.location) else {
            return;
        };
        let message = format!("{offered} is for Python {requires}, by what the index says");
        self.supplies.log.diagnose(
            Diagnostic::warning("other-python", message)
                .help("pin an older version in [versions], unless this one is known to work"),
        );
    }

    // zc.buildout: easy_install.py, `Installer._add_dependency_links_from_dists`.
    fn add_dependency_links(&mut self, distribution: &Distribution) -> Result<()> {
        for link in metadata::lines_of(distribution, "dependency_links.txt")?.unwrap_or_default() {
            if !self.links.contains(&link) {
                self.debug(|| {
                    let link = pystr::repr(&crate::wording::redacted(&link));
                    format!("Adding find link {link} from {distribution}")
                });
                self.links.push(link);
            }
        }
        Ok(())
    }

    // zc.buildout: easy_install.py, `Installer._maybe_add_setuptools`.
    pub(super) fn maybe_add_setuptools(
        &mut self,
        set: &mut WorkingSet,
        distribution: &Distribution,
    ) -> Result<()> {
        if !metadata::needs_pkg_resources(distribution)? {
            return Ok(());
        }
        let prefers = self
            .supplies
            .policy
            .generation()
            .prefers_setuptools_with_pkg_resources();
        if !prefers {
            let dependencies = self.supplies.metadata.dependencies(distribution)?;
            let mut own = dependencies.requires([]).into_iter();
            if own.any(|requirement| requirement.project_name() == "setuptools") {
                return Ok(());
            }
        }
        if distribution.precedence == Precedence::Develop {
            self.supplies.log.say(
                log::WARNING,
                &format!(
                    "Develop distribution: {distribution}\nuses namespace packages but the distribution does not \
                     require setuptools."
                ),
            );
        }
        let requirement = self.constrain(&Requirement::parse("setuptools")?)?;
        if prefers && requirement.specifiers().is_empty() {
            // The last ones that have pkg_resources.
            let preferred = Requirement::parse("setuptools<82")?;
            match set.find_requirement(&preferred) {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {
                    if self.get(&preferred, set).is_ok() {
                        return Ok(());
                    }
                    self.debug(|| {
                        format!(
                            "Could not get setuptools<82 (the last version that ships pkg_resources) for \
                             {distribution}; falling back to any setuptools version."
                        )
                    });
                }
                // A newer one is active already: zc.buildout fails here by accident.
                Err(_) => {}
            }
        }
        match set.find_requirement(&requirement) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => self.get(&requirement, set).map(|_| ()),
            Err(conflict) => Err(self.conflict(&conflict.active, &requirement, set)),
        }
    }
}

//! What nobody had pinned, and who asked for it: noted for the report, or refused.
//!
//! The report itself is `picked_versions.rs`'s. zc.buildout: easy_install.py, `Installer._log_requirement`,
//! `_check_picked_requirement_versions`.

use super::{Installer, failure};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::Result;
use crate::log;

impl Installer<'_> {
    // zc.buildout: easy_install.py, `Installer._check_picked_requirement_versions`.
    pub(super) fn check_picked(
        &self,
        requirement: &Requirement,
        distribution: &Distribution,
    ) -> Result<()> {
        if distribution.precedence == Precedence::Develop || requirement.is_pinned() {
            return Ok(());
        }
        let (project, version) = (&distribution.project_name, &distribution.version);
        self.debug(|| format!("Picked: {project} = {version}"));
        self.supplies
            .picked
            .borrow_mut()
            .pick(project, version.text());
        if self.supplies.policy.allow_picked_versions {
            Ok(())
        } else {
            let explains = self.supplies.policy.generation().explains_picked_versions();
            Err(failure::picked(project, version, explains))
        }
    }

    // zc.buildout: easy_install.py, `Installer._log_requirement`.
    pub(super) fn note_requirers(&self, requirement: &Requirement, set: &WorkingSet) -> Result<()> {
        let store = self.supplies.policy.store_required_by;
        if !store && !self.supplies.log.enabled(log::DEBUG) {
            return Ok(());
        }
        for distribution in self.requirers(requirement, set)? {
            self.debug(|| format!("  required by {distribution}."));
            self.supplies.picked.borrow_mut().require(
                &requirement.to_string(),
                &format!(
                    "{}=={}",
                    distribution.project_name,
                    distribution.version.normal()
                ),
            );
        }
        Ok(())
    }

    /// The distributions of a working set that ask for exactly this.
    pub(super) fn requirers<'s>(
        &self,
        requirement: &Requirement,
        set: &'s WorkingSet,
    ) -> Result<Vec<&'s Distribution>> {
        let mut requirers = Vec::new();
        for distribution in set.sorted() {
            let dependencies = self.supplies.metadata.dependencies(distribution)?;
            if dependencies.requires([]).contains(requirement) {
                requirers.push(distribution);
            }
        }
        Ok(requirers)
    }
}

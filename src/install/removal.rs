//! What goes before anything comes: parts that are not wanted any more, or that are to be installed anew.
//!
//! Files of the latter stay where they are until the turn of the part. zc.buildout: buildout.py,
//! `Buildout._uninstall_part`; it removes them at once.

use super::Run;
use super::installed::{Begun, SIGNATURE};
use super::plan::{Plan, Reason};
use super::signature::UNINSTALLED;
use crate::error::{Doing, Result};
use crate::log::{DEBUG, INFO};
use crate::project::Project;

impl Run {
    // zc.buildout: buildout.py, Buildout._uninstall_part
    pub(super) fn uninstall(&mut self, project: &mut Project, plan: &Plan) -> Result<()> {
        let mut left = self.installed.parts();
        for removal in &plan.removals {
            let mut begun = Begun::new(&removal.part);
            self.begun.push(begun.clone());
            let doing = format!("Uninstalling {}.", removal.part);
            let options = self.installed.options(&removal.part);
            let is_told = options
                .get(SIGNATURE)
                .is_some_and(|word| word.as_str() == UNINSTALLED);
            // Else an earlier run has said and done all but the last of it.
            if !is_told {
                if let Reason::Changed(changes) = &removal.reason
                    && project.log.threshold() < DEBUG
                {
                    for change in changes {
                        project.log.say(DEBUG, change);
                    }
                }
                project.log.say(INFO, &doing);
                self.run_uninstaller(project, &removal.part, &options)
                    .doing(|| doing)?;
            }
            begun.uninstalled = true;
            self.note_uninstalled(&removal.part, true);
            if removal.reason != Reason::Unwanted {
                self.pending.push(begun);
            }
            for file in &removal.files {
                self.files.remove(file);
            }
            self.hide_develop_eggs(project, &removal.files)?;
            left.retain(|part| *part != removal.part);
            self.installed.append_parts(&left);
        }
        Ok(())
    }

    /// An egg that goes with its part must not be taken for one that is there.
    fn hide_develop_eggs(&self, project: &mut Project, files: &[String]) -> Result<()> {
        let eggs = format!("{}/", self.settings.develop_eggs_directory);
        let gone: Vec<&str> = files
            .iter()
            .map(String::as_str)
            .filter(|path| path.starts_with(&eggs))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let buildout = &mut project.buildout;
        project.host.develop_eggs_changed(buildout, &gone, false)
    }
}

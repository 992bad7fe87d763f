//! The end of the run: what was worked out is put in place, or the record says what was begun.
//!
//! zc.buildout: buildout.py, `Buildout._print_picked_versions`, `Buildout._save_installed_options`.

use super::Run;
use super::transaction::{TAKING_BACK, Transaction};
use crate::dist::picked_versions::PickedVersions;
use crate::error::{Diagnostic, Result};
use crate::log::Entry;
use crate::project::Project;
use crate::pypath;
use crate::recipe::FileMode;
use crate::sys::fs;

impl Run {
    // zc.buildout: buildout.py, Buildout._print_picked_versions
    pub(super) fn picked_versions(&mut self, project: &mut Project) -> Result<()> {
        let (show, update) = project.host.listing();
        let show = show.unwrap_or(self.settings.show_picked_versions);
        let update = update.unwrap_or_else(|| self.settings.update_versions_file.clone());
        if !show && update.is_empty() {
            return Ok(());
        }
        let picked = project.host.picked_versions(&mut project.buildout)?;
        if let Some(report) = picked.report().filter(|_| show) {
            project.log.show(&Entry::Line(report));
        }
        if update.is_empty() {
            return Ok(());
        }
        let path = pypath::join(&self.settings.directory, &update);
        let old = fs::read_if_there(&path).ok().flatten();
        if let Some(addition) = picked.addition(old.is_some(), &project.now) {
            let mut text = old
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default();
            text.push_str(&addition);
            self.files.write(&path, &text, FileMode::Plain);
            project
                .log
                .show(&Entry::Line(PickedVersions::written(&update)));
        }
        Ok(())
    }

    /// After a failure no file has changed. Only the record says which parts the run had begun, so that the next one
    /// installs them anew: zc.buildout, which has removed them by then, does so too, and the record ends up the same.
    pub(super) fn remember_unfinished(&mut self) -> Result<()> {
        if self.has_committed {
            return self.save_record();
        }
        let record = &self.settings.installed;
        let Some(text) = self.installed.with_unfinished(&self.begun) else {
            return Ok(());
        };
        commit(&self.own, |transaction| {
            transaction.write_last(record, text.as_bytes())
        })
    }

    pub(super) fn put_in_place(&mut self) -> Result<()> {
        let anything_there = self.installed.existed() && !self.has_committed;
        let files = std::mem::take(&mut self.files);
        let put = commit(&self.own, |transaction| {
            files.stage(transaction)?;
            self.stage_final_record(transaction)
        });
        put.map_err(|error| {
            let taken_back = error.diagnostics.iter().all(|d| d.id != TAKING_BACK);
            if anything_there && taken_back {
                error.with(unchanged())
            } else {
                error
            }
        })
    }

    fn stage_final_record(&self, transaction: &mut Transaction) -> Result<()> {
        let record = &self.settings.installed;
        if !record.is_empty() {
            match self.installed.text() {
                Some(text) => transaction.write_last(record, text.as_bytes())?,
                None if fs::exists(record) => transaction.remove(record),
                None => {}
            }
        }
        Ok(())
    }
}

/// One transaction: all of what is staged, or nothing.
pub(super) fn commit(own: &str, stage: impl FnOnce(&mut Transaction) -> Result<()>) -> Result<()> {
    let mut transaction = Transaction::new(own);
    match stage(&mut transaction) {
        Ok(()) => transaction.commit(),
        Err(error) => {
            transaction.abandon();
            Err(error)
        }
    }
}

pub(super) fn unchanged() -> Diagnostic {
    Diagnostic::note(
        "unchanged",
        "what was installed is as it was; no file has been changed",
    )
}

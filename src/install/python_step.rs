//! Steps of the run that a Python recipe carries out itself, on the disk as it is.
//!
//! What native parts wanted so far is put in place first. Files of installed parts whose turn is still to come stay where
//! they are, and the record names them as unfinished, so that whatever happens nothing is lost and nothing is forgotten.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::Run;
use super::ending::commit;
use super::files::guard;
use super::installed::Begun;
use super::made::is_within;
use super::plan::Action;
use super::stash::{self, Stash};
use super::transaction::Transaction;
use crate::error::{Diagnostic, Result};
use crate::log::{DEBUG, WARNING};
use crate::project::{Project, Work};
use crate::pypath;
use crate::text::Text;

impl Run {
    /// Calls the recipe; gives its paths, and what it replaces, which waits until its success is on record.
    pub(super) fn python_step(
        &mut self,
        project: &mut Project,
        part: &str,
        action: Action,
    ) -> Result<(Option<Vec<String>>, Option<Stash>)> {
        if action == Action::Update {
            self.pending.push(Begun::new(part));
        }
        self.put_in_place_so_far()?;
        let is_there = self.pending.iter().any(|begun| begun.part == part);
        let mut stash = match action {
            Action::Install if is_there => self.move_aside(part)?,
            Action::Install => None,
            Action::Update => self.move_shared_aside(part)?,
        };
        if action == Action::Update && !project.host.has_update(part) {
            let message = format!(
                "The recipe for {part} doesn't define an update method. Using its install method."
            );
            project.log.say(WARNING, &message);
        }
        let work = match action {
            Action::Install => Work::Install,
            Action::Update => Work::Update,
        };
        let called = project.host.call(&mut project.buildout, part, work);
        match called {
            Ok(paths) => {
                if paths.is_none() && action == Action::Install {
                    let message = format!(
                        "The {part} install returned None.  A path or iterable os paths should be returned."
                    );
                    project.log.say(WARNING, &message);
                }
                for path in paths.iter().flatten() {
                    self.files
                        .forget(&pypath::join(&self.settings.directory, path));
                }
                if let (Action::Update, Some(stash)) = (action, &mut stash) {
                    for path in stash.give_back_missing()? {
                        self.files.forget(&path);
                        self.made.note(path);
                    }
                }
                Ok((paths, stash))
            }
            Err(error) => {
                let Some(stash) = stash else {
                    return Err(error);
                };
                stash.put_back()?;
                let note = Diagnostic::note(
                    "put-back",
                    format!("the files that {part} had before are back in place"),
                );
                Err(error.with(note))
            }
        }
    }

    fn move_aside(&mut self, part: &str) -> Result<Option<Stash>> {
        let paths = self.paths_of(part);
        for path in &paths {
            guard(path)?;
            self.files.forget(path);
        }
        self.stash(part, &paths)
    }

    /// What a part shares with parts that are still to come is gone by now with zc.buildout: an update writes it anew.
    fn move_shared_aside(&mut self, part: &str) -> Result<Option<Stash>> {
        let others: Vec<String> = self
            .pending
            .iter()
            .filter(|begun| begun.part != part)
            .flat_map(|begun| self.paths_of(&begun.part))
            .collect();
        let mut paths = self.paths_of(part);
        paths.retain(|path| others.iter().any(|other| is_within(path, other)));
        for path in &paths {
            guard(path)?;
        }
        self.stash(part, &paths)
    }

    fn paths_of(&self, part: &str) -> Vec<String> {
        let paths = self.installed.files(part);
        paths
            .iter()
            .map(|path| pypath::join(&self.settings.directory, path))
            .collect()
    }

    /// Moves what is there of these and not of this run.
    fn stash(&self, part: &str, paths: &[String]) -> Result<Option<Stash>> {
        let mut old = Vec::new();
        for path in paths {
            old.extend(self.made.old(path)?);
        }
        if old.is_empty() {
            return Ok(None);
        }
        let directory = stash::own_directory(&self.settings.directory);
        Stash::take(&directory, part, &old).map(Some)
    }

    /// The uninstaller of the recipe that had installed a part, if there is one.
    pub(super) fn run_uninstaller(
        &mut self,
        project: &mut Project,
        part: &str,
        options: &BTreeMap<String, Text>,
    ) -> Result<()> {
        let buildout = &mut project.buildout;
        let Some(uninstaller) = project.host.uninstaller(buildout, options.get("recipe"))? else {
            return Ok(());
        };
        self.put_in_place_so_far()?;
        let mut options = options.clone();
        options.insert(
            super::FILES.to_owned(),
            Text::from(self.installed.files(part).join("\n")),
        );
        project
            .host
            .run_uninstaller(&mut project.buildout, part, uninstaller, &options)
    }

    /// Puts on the disk what was only planned until now, but takes nothing away whose part is still to come.
    pub(super) fn put_in_place_so_far(&mut self) -> Result<()> {
        let held: IndexSet<String> = self
            .pending
            .iter()
            .flat_map(|begun| self.installed.files(&begun.part))
            .map(|path| pypath::join(&self.settings.directory, &path))
            .collect();
        let now = self.files.take_but(&held);
        self.has_committed = true;
        commit(&self.own, |transaction| {
            now.stage(transaction)?;
            self.stage_record(transaction)
        })
    }

    /// Saves the record of what is installed by now.
    pub(super) fn save_record(&mut self) -> Result<()> {
        commit(&self.own, |transaction| self.stage_record(transaction))
    }

    fn stage_record(&self, transaction: &mut Transaction) -> Result<()> {
        let record = &self.settings.installed;
        match self.installed.interim(&self.pending) {
            Some(text) if !record.is_empty() => transaction.write_last(record, text.as_bytes()),
            _ => Ok(()),
        }
    }

    /// With `-v`: where each part ran, and how long.
    pub(super) fn report_times(&self, project: &Project) {
        if self.settings.log_level > DEBUG || self.times.is_empty() {
            return;
        }
        let mut note = Diagnostic::note("parts", "where parts ran, and for how long");
        for (part, is_foreign, time) in &self.times {
            let place = if *is_foreign { "in Python" } else { "native" };
            note = note.help(format!("{part}: {place}, {:.3} s", time.as_secs_f64()));
        }
        project.log.diagnose(note);
    }
}

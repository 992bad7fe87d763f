//! One step of the run: a part is installed or updated, and the record says so.
//!
//! A native part only says what it wants ([`Rendering`]); that is carried out on the disk to be. A Python recipe works by
//! itself ([`super::python_step`]). zc.buildout: buildout.py, the loop of `Buildout.install`.

use std::time::Instant;

use super::installed::{Begun, FILES};
use super::plan::Action;
use super::{Run, plan, validation, warn_of_unused_options};
use crate::error::{Doing, Error, Kind, Result};
use crate::log::{EASY_INSTALL, INFO, Log};
use crate::project::Project;
use crate::pypath;
use crate::pystr::repr;
use crate::recipe::{Effect, Rendering, When};
use crate::sys::fs;
use crate::text::Text;

impl Run {
    pub(super) fn step(
        &mut self,
        project: &mut Project,
        part: &str,
        action: Action,
        parts: &mut Vec<String>,
    ) -> Result<()> {
        // What the recipe sets while it installs is seen by later parts but not saved.
        let mut saved = project.buildout.copy(part);
        let doing = match action {
            Action::Install => format!("Installing {part}."),
            Action::Update => format!("Updating {part}."),
        };
        project.log.say(INFO, &doing);
        if action == Action::Update {
            self.begun.push(Begun::new(part));
        }
        let mut before = self.installed.files(part);
        if before.is_empty() {
            // The empty text is one empty path in zc.buildout.
            before.push(String::new());
        }
        let started = Instant::now();
        let is_foreign = project.host.is_foreign(part);
        let mut stash = None;
        let mut trees = Vec::new();
        let made = if is_foreign {
            let (paths, moved) = self
                .python_step(project, part, action)
                .inspect_err(|error| self.note_failed_update(part, action, error))
                .doing(|| doing.clone())?;
            stash = moved;
            match paths {
                Some(paths) => paths,
                None if action == Action::Update => before.clone(),
                None => Vec::new(),
            }
        } else {
            let mut rendering = Rendering::default();
            let rendered = project
                .host
                .render(&mut project.buildout, part, &mut rendering);
            let valid = validation::validate(project, part, &rendering, action, self.strictness);
            let applied = valid.and_then(|()| self.apply(&rendering, action, &project.log));
            trees = trees_of(&rendering);
            rendered
                .and(applied)
                .inspect_err(|error| self.note_failed_update(part, action, error))
                .doing(|| doing)?;
            rendering.installed
        };
        self.times
            .push((part.to_owned(), is_foreign, started.elapsed()));
        self.note_made(action, is_foreign, &made, &before);
        let (files, to_save) = match action {
            Action::Install => (made, true),
            Action::Update => {
                // zc.buildout takes the order of the update, unless that brings a new one. What the update does not name
                // was installed all the same: zc.buildout forgets it here, and nobody ever removes it.
                let to_save = made.iter().any(|path| !before.contains(path));
                let (mut files, more) = if to_save {
                    (before, made)
                } else {
                    (made, before)
                };
                let more: Vec<String> = more
                    .into_iter()
                    .filter(|path| !files.contains(path))
                    .collect();
                files.extend(more);
                (files, to_save)
            }
        };
        saved.insert(FILES.to_owned(), Text::from(files.join("\n")));
        let saved = plan::signed(saved, self.signature(part));
        parts.retain(|name| name != part);
        parts.push(part.to_owned());
        warn_of_unused_options(project, part);
        if to_save {
            self.installed.save(parts, part, saved);
        } else {
            self.installed.note(part, saved);
            self.installed.append_parts(parts);
        }
        self.pending.retain(|begun| begun.part != part);
        // All of it is there anew: should it be taken back, it is worth another word.
        self.note_uninstalled(part, false);
        if self.files.has_trees() {
            // Later parts read what is in the egg.
            self.put_in_place_so_far()?;
            let trees: Vec<&str> = trees.iter().map(String::as_str).collect();
            let buildout = &mut project.buildout;
            project.host.develop_eggs_changed(buildout, &trees, true)?;
        }
        if is_foreign {
            self.save_record()?;
            if let Some(stash) = stash {
                stash.throw_away()?;
            }
        }
        Ok(())
    }

    /// Parts that are installed later must not take these for their own old files. What an update has found as it was
    /// is not of this run; of what a Python recipe's update has written, [`Self::python_step`] knows.
    fn note_made(&mut self, action: Action, is_foreign: bool, paths: &[String], before: &[String]) {
        for path in paths {
            let path = pypath::join(&self.settings.directory, path);
            let is_made = match action {
                Action::Install => true,
                Action::Update if is_foreign => !before
                    .iter()
                    .any(|old| pypath::join(&self.settings.directory, old) == path),
                Action::Update => self.files.exists(&path) && !fs::is_dir(&path),
            };
            if is_made {
                self.made.note(path);
            }
        }
    }

    pub(super) fn note_uninstalled(&mut self, part: &str, uninstalled: bool) {
        let all = self.begun.iter_mut().chain(&mut self.pending);
        for begun in all.filter(|begun| begun.part == part) {
            begun.uninstalled = uninstalled;
        }
    }

    /// zc.buildout uninstalls a part whose update has failed, without a word. Not so where the process has ended.
    fn note_failed_update(&mut self, part: &str, action: Action, error: &Error) {
        if action == Action::Update && !matches!(error.kind, Kind::Exit(_) | Kind::Interrupted) {
            self.note_uninstalled(part, true);
        }
    }

    /// Carries out what a part wants, as far as this action goes, on the disk to be.
    fn apply(&mut self, rendering: &Rendering, action: Action, log: &Log) -> Result<()> {
        // Scripts are what native recipes speak of.
        let log = log.named(EASY_INSTALL);
        let applies = |when: When| when == When::Always || action == Action::Install;
        for effect in &rendering.effects {
            match effect {
                Effect::Directory { path, when } if applies(*when) => {
                    self.files.make_directory(path);
                }
                Effect::File {
                    path,
                    text,
                    mode,
                    when,
                } if applies(*when) => self.files.write(path, text, *mode),
                Effect::Script {
                    path,
                    text,
                    announcement,
                } => {
                    if self.files.write_script(path, text)? {
                        log.say(INFO, &format!("{announcement} {}.", repr(path)));
                    }
                }
                Effect::Tree { path, from } => self.files.place(path, from)?,
                Effect::Say(entry) => log.show(entry),
                Effect::Log { level, message } => log.say(*level, message),
                Effect::Directory { .. } | Effect::File { .. } => {}
            }
        }
        Ok(())
    }
}

/// The places of files and directories that wait elsewhere.
fn trees_of(rendering: &Rendering) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::Tree { path, .. } => Some(path.clone()),
        _ => None,
    };
    rendering.effects.iter().filter_map(of).collect()
}

//! `install`: reads top to bottom like `Buildout.install`.
//!
//! Everything is worked out first: parts are rendered one after the other into [`files::Files`], what is installed into
//! [`installed::Installed`]. Only when all of it is known does one [`transaction`] put it in place, so that a mistake in the
//! last part leaves the first as it was. Python recipes write for themselves: before one of them works, what came before it
//! is put in place, and what it replaces is moved aside ([`stash`]). zc.buildout: buildout.py, `Buildout.install`; it removes and writes as it goes.

pub mod bootstrap;
mod develop;
pub mod files;
pub mod installed;
mod listing;
pub mod plan;
mod python_step;
pub mod signature;
pub mod stash;
pub mod transaction;
mod upgrade;
mod validation;

use std::time::{Duration, Instant};

use crate::dist::develop::Developed;
use crate::dist::picked_versions::PickedVersions;
use crate::error::{Diagnostic, Doing, Error, Kind, Result};
use crate::log::{DEBUG, EASY_INSTALL, Entry, INFO, Log, WARNING};
use crate::project::{Closure, Project, Settings};
use crate::pypath;
use crate::pystr::{repr, split};
use crate::recipe::{Effect, FileMode, Rendering, When};
use crate::sys::fs;
use crate::text::Text;
use files::Files;
use installed::{Begun, FILES, Installed, SIGNATURE};
use plan::{Action, Plan, Reason, Situation};
use signature::{DirectoryHashes, UNINSTALLED};
use transaction::{Recovered, TAKING_BACK, Transaction};
pub use validation::Strictness;

/// Installs these parts, or all of the configuration where none is named.
pub fn install(project: &mut Project, named: &[String]) -> Result<()> {
    install_with(project, named, Strictness::Warns)
}

/// The same, with a say on what is wrong with a supervisord.conf.
pub fn install_with(project: &mut Project, named: &[String], strictness: Strictness) -> Result<()> {
    let installed = install_parts(project, named, strictness);
    if let Err(error) = &installed {
        project.host.will_end(match error.kind {
            Kind::Exit(code) => code,
            _ => 1,
        });
    }
    installed
}

fn install_parts(project: &mut Project, named: &[String], strictness: Strictness) -> Result<()> {
    let mut settings = project.prepare()?;
    let own = transaction::own_directory(&settings.directory);
    let _lock = lock(&settings.directory, &project.log)?;
    let recovered = match transaction::recover(&own)? {
        Recovered::Nothing => None,
        Recovered::Finished => Some("an earlier run was stopped half-way; it has been finished"),
        Recovered::TakenBack => {
            Some("an earlier run failed and was stopped half-way; it has been taken back")
        }
    };
    if let Some(recovered) = recovered {
        project
            .log
            .diagnose(Diagnostic::warning("recovered", recovered));
    }
    let stopped_at = stash::recover(&stash::own_directory(&settings.directory))?;
    let has_extensions = project
        .load_extensions(&mut settings)
        .doing(|| "Installing.".to_owned())?;
    make_directories(project, &["bin", "parts", "develop-eggs"])?;
    upgrade::check(project, &settings)?;
    let mut run = Run {
        installed: load_installed(&settings, stopped_at.as_deref(), &project.log)?,
        files: Files::default(),
        signatures: Vec::new(),
        begun: Vec::new(),
        pending: Vec::new(),
        has_committed: false,
        times: Vec::new(),
        own,
        settings,
        strictness,
    };
    match run
        .carry_out(project, named)
        .doing(|| "Installing.".to_owned())
    {
        Ok(()) => {
            run.put_in_place()?;
            run.report_times(project);
            if has_extensions {
                project
                    .host
                    .unload_extensions(&mut project.buildout)
                    .doing(|| "Installing.".to_owned())?;
            }
            Ok(())
        }
        Err(mut error) => {
            unwind_trail(&mut error);
            run.remember_unfinished()?;
            if !run.begun.is_empty() && run.installed.exists() && !run.has_committed {
                error = error.with(unchanged());
            }
            Err(error)
        }
    }
}

/// The step of a part stands in place of `Installing.` in the trail, as the variable is the same in zc.buildout.
fn unwind_trail(error: &mut Error) {
    let steps = ["Installing ", "Updating ", "Uninstalling "];
    if error.doing.len() > 1
        && steps.iter().any(|step| {
            error
                .doing
                .get(1)
                .is_some_and(|doing| doing.starts_with(step))
        })
    {
        error.doing.remove(0);
    }
}

/// One run.
struct Run {
    /// Where transactions are staged.
    own: String,
    settings: Settings,
    strictness: Strictness,
    installed: Installed,
    files: Files,
    /// Signatures of parts, as they were computed.
    signatures: Vec<(String, String)>,
    /// Installed parts that zc.buildout would have touched by now.
    begun: Vec<Begun>,
    /// Parts that were installed, that zc.buildout would have taken away by now and that are to come back.
    pending: Vec<Begun>,
    /// Whether something was put in place already, for a Python recipe.
    has_committed: bool,
    /// How long each part took, and whether it ran in Python.
    times: Vec<(String, bool, Duration)>,
}

impl Run {
    fn carry_out(&mut self, project: &mut Project, named: &[String]) -> Result<()> {
        let developed = develop::develop(project, &self.settings, &mut self.installed, &self.own)?;
        project.host.tell_develop_eggs(&mut project.buildout)?;
        let configured = project.buildout.require("buildout", "parts")?;
        let asked: Vec<String> = if named.is_empty() {
            split(&configured).map(str::to_owned).collect()
        } else {
            named.to_vec()
        };
        for part in &asked {
            project.buildout.initialise(part)?;
            project.buildout.require(part, "recipe")?;
        }
        let wanted = if named.is_empty() {
            project.buildout.parts().to_vec()
        } else {
            asked
        };
        if self.settings.log_level < DEBUG {
            listing::list_options(project)?;
        }
        let mut hashes = DirectoryHashes::new(project.host.cache());
        for part in &wanted {
            let computed = match project.host.closure(&mut project.buildout, part)? {
                Closure::Distributions(distributions) => hashes.signature(distributions)?,
                Closure::Native(entry) => signature::own(entry.project, entry.version),
            };
            let before = self
                .installed
                .options(part)
                .get(SIGNATURE)
                .map(Text::to_string);
            self.signatures.push((
                part.clone(),
                signature::settled(&computed, before.as_deref()),
            ));
        }
        let plan = self.plan(project, &wanted, named.is_empty())?;
        self.uninstall(project, &plan)?;
        warn_of_unused_options(project, "buildout");
        let mut parts = plan.staying.clone();
        for (part, action) in &plan.steps {
            self.step(project, part, *action, &mut parts)?;
        }
        if self.installed.has_develop_eggs() {
            if !self.installed.exists() {
                self.installed.save_buildout();
            }
        } else if parts.is_empty() && self.installed.exists() {
            self.installed.remove();
        }
        self.picked_versions(project)?;
        if let Some(report) = Developed::report(&developed) {
            project.log.show(&report);
        }
        Ok(())
    }

    fn signature(&self, part: &str) -> &str {
        self.signatures
            .iter()
            .find(|(name, _)| name == part)
            .map_or("", |(_, signature)| signature)
    }

    fn plan(&self, project: &mut Project, wanted: &[String], all_parts: bool) -> Result<Plan> {
        let situation = Situation {
            installed: &self.installed,
            wanted,
            all_parts,
            directory: &self.settings.directory,
            exists: &|path| self.files.exists(path),
        };
        let buildout = &mut project.buildout;
        plan::plan(&situation, &mut |part| {
            Ok(plan::signed(buildout.all(part)?, self.signature(part)))
        })
    }

    // zc.buildout: buildout.py, Buildout._uninstall_part
    fn uninstall(&mut self, project: &mut Project, plan: &Plan) -> Result<()> {
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

    fn step(
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
        let before = self.installed.files(part);
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
        let (files, to_save) = match action {
            Action::Install => (made, true),
            Action::Update => {
                let new: Vec<String> = made
                    .into_iter()
                    .filter(|path| !before.contains(path))
                    .collect();
                let to_save = !new.is_empty();
                (before.into_iter().chain(new).collect(), to_save)
            }
        };
        saved.insert(FILES.to_owned(), Text::from(files.join("\n")));
        saved.insert(SIGNATURE.to_owned(), Text::from(self.signature(part)));
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

    fn note_uninstalled(&mut self, part: &str, uninstalled: bool) {
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

    // zc.buildout: buildout.py, Buildout._print_picked_versions
    fn picked_versions(&mut self, project: &mut Project) -> Result<()> {
        let update = self.settings.update_versions_file.clone();
        if !self.settings.show_picked_versions && update.is_empty() {
            return Ok(());
        }
        let picked = project.host.picked_versions(&mut project.buildout)?;
        if let Some(report) = picked
            .report()
            .filter(|_| self.settings.show_picked_versions)
        {
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
    fn remember_unfinished(&mut self) -> Result<()> {
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

    fn put_in_place(&mut self) -> Result<()> {
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

/// The places of files and directories that wait elsewhere.
fn trees_of(rendering: &Rendering) -> Vec<String> {
    let of = |effect: &Effect| match effect {
        Effect::Tree { path, .. } => Some(path.clone()),
        _ => None,
    };
    rendering.effects.iter().filter_map(of).collect()
}

/// One transaction: all of what is staged, or nothing.
fn commit(own: &str, stage: impl FnOnce(&mut Transaction) -> Result<()>) -> Result<()> {
    let mut transaction = Transaction::new(own);
    match stage(&mut transaction) {
        Ok(()) => transaction.commit(),
        Err(error) => {
            transaction.abandon();
            Err(error)
        }
    }
}

fn unchanged() -> Diagnostic {
    Diagnostic::note(
        "unchanged",
        "what was installed is as it was; no file has been changed",
    )
}

/// One run at a time in a buildout; a second one waits and says so.
fn lock(directory: &str, log: &Log) -> Result<fs::Lock> {
    if let Some(lock) = fs::lock(directory, false)? {
        return Ok(lock);
    }
    log.diagnose(Diagnostic::warning(
        "locked",
        "another rbuildout is at work in this buildout; waiting for it to end",
    ));
    let waited = fs::lock(directory, true)?;
    waited.ok_or_else(|| Error::user(format!("Couldn't lock {directory}.")))
}

/// `stopped_at`: the part that a killed run was at; its files have come back, and it is installed anew.
fn load_installed(settings: &Settings, stopped_at: Option<&str>, log: &Log) -> Result<Installed> {
    let path = &settings.installed;
    let mut text = if path.is_empty() || !fs::is_file(path) {
        None
    } else {
        Some(fs::read_text(path)?)
    };
    if let Some(part) = stopped_at {
        log.diagnose(Diagnostic::warning(
            "recovered",
            format!("an earlier run was stopped while it installed {part}; its old files are back"),
        ));
        if let Some(text) = &mut text {
            text.push_str(&installed::uninstalled(part));
        }
    }
    let (installed, warnings) = Installed::parse(path, text)?;
    for warning in warnings {
        log.diagnose(warning);
    }
    Ok(installed)
}

// zc.buildout: buildout.py, Buildout._setup_directories
fn make_directories(project: &mut Project, names: &[&str]) -> Result<()> {
    for name in names {
        let path = project
            .buildout
            .require("buildout", &format!("{name}-directory"))?;
        if !fs::exists(path.as_str()) {
            project
                .log
                .say(INFO, &format!("Creating directory {}.", repr(&path)));
            fs::make_directory(path.as_str())
                .doing(|| "Setting up buildout directories".to_owned())?;
        }
    }
    Ok(())
}

// zc.buildout: buildout.py, _check_for_unused_options_in_section
fn warn_of_unused_options(project: &Project, section: &str) {
    let unused = project.buildout.unused(section);
    if unused.is_empty() {
        return;
    }
    let names: Vec<String> = unused.iter().map(|name| repr(name)).collect();
    let message = format!(
        "Section `{section}` contains unused option(s): {}.\nThis may be an indication for either a typo in the option's name or a bug in the used recipe.",
        names.join(" ")
    );
    project.log.say(WARNING, &message);
}

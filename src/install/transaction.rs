//! [`Transaction`]: all files of a run, staged first, then put in place one rename after the other.
//!
//! Staged files lie in `.rbuildout/new` of the buildout. Once all are there and flushed, a journal names what is to be
//! done; from then on the run is decided: an error takes back what was done, a killed run is finished by the next one
//! ([`recover`]). Each single step is a rename, so that every path holds its old or its new file at any moment; files that
//! nothing replaces go last, after the record of what is installed. An error renames the journal before it takes anything
//! back: a run that is killed while it does so is taken back by the next one.
//! zc.buildout has nothing like it: it removes first and writes then.
//!
//! It knows neither parts nor recipes, only paths and bytes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, Error, Result};
use crate::pypath;
use crate::pystr::repr;
use crate::sys::fs;

const DIRECTORY: &str = ".rbuildout";

/// The id of the diagnostic that an error has where not all could be taken back.
pub const TAKING_BACK: &str = "taking-back";

/// How a file's permissions come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Those of the file that it replaces; 0666 less the umask where there is none.
    Kept,
    /// 0666 less the umask.
    Plain,
    /// 0777 less the umask.
    Script,
}

/// One step, as the journal keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Step {
    /// `staged` takes the place of `target`; the old file waits in `stash` in case it must come back.
    Write {
        staged: String,
        target: String,
        stash: String,
        /// Whether there is an old file.
        replaces: bool,
    },
    /// As `Write`, for a directory with all that is in it.
    Tree {
        staged: String,
        target: String,
        stash: String,
        replaces: bool,
    },
    /// `target` moves to `stash`.
    Remove { target: String, stash: String },
}

/// Files to be written and removed together.
#[derive(Debug)]
pub struct Transaction {
    /// `.rbuildout` of the buildout.
    directory: String,
    directories: Vec<String>,
    writes: Vec<Step>,
    last_writes: Vec<Step>,
    removals: Vec<Step>,
    count: usize,
}

/// Where a buildout's transactions are staged; there only while one is under way.
pub fn own_directory(buildout: &str) -> String {
    pypath::join(buildout, DIRECTORY)
}

/// What [`recover`] found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// No run had decided anything.
    Nothing,
    /// What a killed run had decided has been done.
    Finished,
    /// What a killed run was about to take back has been taken back.
    TakenBack,
}

/// Finishes what a killed run had decided, or its taking back; throws away what one had only staged.
pub fn recover(directory: &str) -> Result<Recovered> {
    if !fs::is_there(directory) {
        return Ok(Recovered::Nothing);
    }
    let mut recovered = Recovered::Nothing;
    let back = back_journal(directory);
    if let Some(steps) = read_journal(&back)? {
        steps.iter().rev().try_for_each(take_back)?;
        fs::remove_file(&back)?;
        recovered = Recovered::TakenBack;
    }
    let journal = journal(directory);
    if let Some(steps) = read_journal(&journal)? {
        recovered = if steps.iter().try_for_each(apply).is_ok() {
            fs::remove_file(&journal)?;
            Recovered::Finished
        } else {
            // It would fail in every run from now on.
            start_over(directory, &steps)?;
            Recovered::TakenBack
        };
    }
    clear(directory)?;
    Ok(recovered)
}

fn journal(directory: &str) -> String {
    pypath::join(directory, "journal")
}

/// The name of the journal while its steps are taken back.
fn back_journal(directory: &str) -> String {
    pypath::join(directory, "journal-back")
}

fn read_journal(path: &str) -> Result<Option<Vec<Step>>> {
    let bytes = fs::read_if_there(path)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// All is done, or nothing was decided. Whatever is left to lie there says nothing.
fn clear(directory: &str) -> Result<()> {
    if fs::is_there(directory) {
        fs::remove_tree(directory)
    } else {
        Ok(())
    }
}

impl Transaction {
    /// An empty one. `directory` is what [`own_directory`] gave.
    pub fn new(directory: &str) -> Self {
        Self {
            directory: directory.to_owned(),
            directories: Vec::new(),
            writes: Vec::new(),
            last_writes: Vec::new(),
            removals: Vec::new(),
            count: 0,
        }
    }

    /// A directory that must be there before files are put in place.
    pub fn make_directory(&mut self, path: &str) {
        if !self.directories.iter().any(|known| known == path) {
            self.directories.push(path.to_owned());
        }
    }

    /// Stages a file. With `follow` a link is written through, as Python's `open` does; else it is replaced.
    pub fn write(
        &mut self,
        path: &str,
        bytes: &[u8],
        permissions: Permissions,
        follow: bool,
    ) -> Result<()> {
        let target = if follow {
            fs::write_target(path)?
        } else {
            path.to_owned()
        };
        let step = self.stage(&target, bytes, permissions)?;
        self.writes.push(step);
        Ok(())
    }

    /// Stages a file or a directory with all that is in it, for the place of what is there.
    pub fn place(&mut self, path: &str, from: &Path) -> Result<()> {
        if !fs::is_dir(from) {
            let bytes = fs::read(from)?;
            return self.write(path, &bytes, Permissions::Plain, false);
        }
        let staged = self.numbered("new");
        let stash = self.numbered("old");
        fs::copy_tree(from, &staged)?;
        self.writes.push(Step::Tree {
            staged,
            target: path.to_owned(),
            stash,
            replaces: fs::is_there(path),
        });
        Ok(())
    }

    /// Stages the file that is put in place after all others: the record of what is installed.
    pub fn write_last(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let step = self.stage(&fs::write_target(path)?, bytes, Permissions::Kept)?;
        self.last_writes.push(step);
        Ok(())
    }

    /// Removes a file, link or directory at the end.
    pub fn remove(&mut self, path: &str) {
        let stash = self.numbered("old");
        self.removals.push(Step::Remove {
            target: path.to_owned(),
            stash,
        });
    }

    fn numbered(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{}/{kind}/{}", self.directory, self.count)
    }

    fn stage(&mut self, target: &str, bytes: &[u8], permissions: Permissions) -> Result<Step> {
        if fs::is_dir(target) {
            let message = format!("[Errno 21] Is a directory: {}", repr(target));
            let help = "move the directory away, or choose another name for the script or file";
            return Err(Error::user(message).hint(
                "is-a-directory",
                format!("{target} is a directory"),
                help,
            ));
        }
        let staged = self.numbered("new");
        let stash = self.numbered("old");
        fs::make_directory(format!("{}/new", self.directory))?;
        let mode = if permissions == Permissions::Script {
            0o777
        } else {
            0o666
        };
        fs::create(&staged, bytes, mode).map_err(|mut error| {
            error.message = error.message.replace(&staged, target);
            error
        })?;
        if let Some(old) = fs::stat(target) {
            if permissions == Permissions::Kept {
                fs::set_mode(&staged, old.mode)?;
            }
            fs::keep_owner(&staged, target);
        }
        Ok(Step::Write {
            staged,
            target: target.to_owned(),
            stash,
            replaces: fs::is_there(target),
        })
    }

    /// Throws away what was staged: nothing has happened.
    pub fn abandon(self) {
        // What can't be removed now is removed by the next run.
        drop(clear(&self.directory));
    }

    /// Puts everything in place. On an error all that was done is taken back.
    pub fn commit(self) -> Result<()> {
        let quiet = self.writes.is_empty() && self.removals.is_empty();
        let steps: Vec<Step> = self
            .writes
            .into_iter()
            .chain(self.last_writes)
            .chain(self.removals)
            .collect();
        let directory = self.directory.as_str();
        let decided = if quiet {
            // Only the record of what is installed: one rename needs no journal.
            self.directories
                .iter()
                .try_for_each(fs::make_directory)
                .and_then(|()| steps.iter().try_for_each(place_alone))
        } else {
            decide(directory, &self.directories, &steps)
        };
        if let Err(error) = decided {
            drop(clear(directory));
            return Err(error);
        }
        if quiet {
            return clear(directory);
        }
        for step in &steps {
            if let Err(error) = apply(step) {
                return Err(give_up(directory, &steps, error));
            }
        }
        fs::remove_file(journal(directory))?;
        clear(directory)
    }
}

/// Makes sure of all that was staged; with the journal in place the run is decided.
fn decide(directory: &str, directories: &[String], steps: &[Step]) -> Result<()> {
    for step in steps {
        match step {
            Step::Write { staged, .. } => fs::sync(staged)?,
            Step::Tree { staged, .. } => fs::sync_tree(staged)?,
            Step::Remove { .. } => {}
        }
    }
    directories.iter().try_for_each(fs::make_directory)?;
    fs::make_directory(format!("{directory}/old"))?;
    let journal = journal(directory);
    let written = serde_json::to_vec(steps)
        .map_err(|error| Error::user(format!("Couldn't write {journal}: {error}.")))?;
    let passing = format!("{journal}-new");
    fs::create(&passing, &written, 0o666)?;
    fs::sync(&passing)?;
    fs::rename(&passing, &journal)?;
    // Decided: no error any more that would say otherwise.
    drop(fs::sync(directory));
    Ok(())
}

/// Takes back what was done before the error. What does not succeed is left to the next run.
fn give_up(directory: &str, steps: &[Step], error: Box<Error>) -> Box<Error> {
    match start_over(directory, steps) {
        Ok(()) => error,
        Err(second) => error.with(
            Diagnostic::error(
                TAKING_BACK,
                format!("not all could be put back: {}", second.message),
            )
            .help("correct the cause and run rbuildout again: it goes on where this run ended"),
        ),
    }
}

/// Takes all steps back; from the new name of the journal on, a killed run is taken back too.
fn start_over(directory: &str, steps: &[Step]) -> Result<()> {
    let back = back_journal(directory);
    fs::rename(journal(directory), &back)?;
    steps.iter().rev().try_for_each(take_back)?;
    fs::remove_file(&back)?;
    clear(directory)
}

/// Can be done twice: a run may have been killed behind it.
fn apply(step: &Step) -> Result<()> {
    match step {
        Step::Write {
            staged,
            target,
            stash,
            ..
        } if fs::is_there(staged) => {
            keep(target, stash)?;
            place(staged, target)
        }
        Step::Tree {
            staged,
            target,
            stash,
            ..
        } if fs::is_there(staged) => {
            if fs::is_there(target) && !fs::is_there(stash) {
                set_aside(target, stash)?;
            }
            remove(target)?;
            place_tree(staged, target)
        }
        // A copy in the stash, over the border of a file system, does not tell that the file was removed.
        Step::Remove { target, stash }
            if fs::is_there(target)
                && !(fs::is_there(stash) && fs::same_file_system(target, stash)) =>
        {
            move_away(target, stash)
        }
        _ => Ok(()),
    }
}

fn place_alone(step: &Step) -> Result<()> {
    match step {
        Step::Write { staged, target, .. } => place(staged, target),
        Step::Tree { .. } | Step::Remove { .. } => Ok(()),
    }
}

/// Moves a directory, or what stands in the place of one, to the stash; that name is there only with all of it.
fn set_aside(target: &str, stash: &str) -> Result<()> {
    if fs::same_file_system(pypath::dirname(target), pypath::dirname(stash)) {
        return fs::rename(target, stash);
    }
    let passing = format!("{stash}-new");
    remove(&passing)?;
    fs::copy_tree(target, &passing)?;
    fs::rename(&passing, stash)
}

/// Moves a staged directory to its place; over the border of a file system by a copy beside it.
fn place_tree(staged: &str, target: &str) -> Result<()> {
    fs::make_directory(pypath::dirname(target))?;
    if fs::same_file_system(staged, pypath::dirname(target)) {
        return fs::rename(staged, target);
    }
    let beside = format!("{target}.rbuildout-new");
    remove(&beside)?;
    fs::copy_tree(staged, &beside)?;
    fs::sync_tree(&beside)?;
    fs::rename(&beside, target)?;
    remove(staged)
}

/// Removes whatever it is, if it is there.
fn remove(path: &str) -> Result<()> {
    if fs::is_dir(path) && !fs::is_link(path) {
        fs::remove_tree(path)
    } else {
        fs::remove_file_if_there(path)
    }
}

/// Has the old file under a second name, if there is one; that name is there only with the whole file.
fn keep(target: &str, stash: &str) -> Result<()> {
    if !fs::is_there(target) || fs::is_there(stash) || fs::hard_link(target, stash).is_ok() {
        return Ok(());
    }
    let passing = format!("{stash}-new");
    fs::copy(target, &passing)?;
    fs::rename(&passing, stash)
}

/// Moves a staged file to its place; over the border of a file system by a copy beside it.
fn place(staged: &str, target: &str) -> Result<()> {
    fs::make_directory(pypath::dirname(target))?;
    if fs::same_file_system(staged, pypath::dirname(target)) {
        return fs::rename(staged, target);
    }
    let beside = format!("{target}.rbuildout-new");
    fs::copy(staged, &beside)?;
    fs::sync(&beside)?;
    fs::rename(&beside, target)?;
    fs::remove_file(staged)
}

fn move_away(target: &str, stash: &str) -> Result<()> {
    if !fs::is_there(target) {
        return Ok(());
    }
    if fs::same_file_system(pypath::dirname(target), pypath::dirname(stash)) {
        fs::rename(target, stash)
    } else if fs::is_dir(target) && !fs::is_link(target) {
        fs::remove_tree(target)
    } else {
        keep(target, stash)?;
        fs::remove_file(target)
    }
}

/// Can be done twice: a run may be killed in the middle of it.
fn take_back(step: &Step) -> Result<()> {
    match step {
        Step::Write { target, stash, .. } if fs::is_there(stash) => place(stash, target),
        // It was new and had been put in place.
        Step::Write {
            staged,
            target,
            replaces: false,
            ..
        } if !fs::is_there(staged) => fs::remove_file_if_there(target),
        Step::Tree { target, stash, .. } if fs::is_there(stash) => {
            remove(target)?;
            place_tree(stash, target)
        }
        Step::Tree {
            staged,
            target,
            replaces: false,
            ..
        } if !fs::is_there(staged) => remove(target),
        Step::Remove { target, stash } if fs::is_there(stash) && !fs::is_there(target) => {
            place(stash, target)
        }
        Step::Write { .. } | Step::Tree { .. } | Step::Remove { .. } => Ok(()),
    }
}

//! [`Transaction`]: all files of a run, staged first, then put in place one rename after the other.
//!
//! Staged files lie in `.rbuildout/new` of the buildout. Once all are there and flushed, a journal names what is to be
//! done; from then on the run is decided: an error takes back what was done, a killed run is finished by the next one
//! ([`recover`]). Each single step is a rename, so that every path holds its old or its new file at any moment; files that
//! nothing replaces go last. zc.buildout has nothing like it: it removes first and writes then.
//!
//! It knows neither parts nor recipes, only paths and bytes.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::pypath;
use crate::pystr::repr;
use crate::sys::fs;

const DIRECTORY: &str = ".rbuildout";

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

/// Finishes what a killed run had decided; throws away what one had only staged. Tells whether there was something to finish.
pub fn recover(directory: &str) -> Result<bool> {
    if !fs::is_there(directory) {
        return Ok(false);
    }
    let journal = pypath::join(directory, "journal");
    let decided = fs::read_if_there(&journal)?;
    let mut finished = false;
    if let Some(steps) = decided.and_then(|bytes| serde_json::from_slice::<Vec<Step>>(&bytes).ok())
    {
        for step in &steps {
            redo(step)?;
        }
        finished = true;
    }
    fs::remove_file_if_there(&journal)?;
    clear(directory)?;
    Ok(finished)
}

fn redo(step: &Step) -> Result<()> {
    match step {
        Step::Write { staged, target, .. } if fs::is_there(staged) => place(staged, target),
        Step::Remove { target, stash } if fs::is_there(target) && !fs::is_there(stash) => {
            move_away(target, stash)
        }
        _ => Ok(()),
    }
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
        fs::create(&staged, bytes, mode)?;
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
        })
    }

    /// Puts everything in place. On an error all that was done is taken back.
    pub fn commit(self) -> Result<()> {
        for directory in &self.directories {
            fs::make_directory(directory)?;
        }
        let quiet = self.writes.is_empty() && self.removals.is_empty();
        let steps: Vec<Step> = self
            .writes
            .into_iter()
            .chain(self.last_writes)
            .chain(self.removals)
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        if quiet {
            // Only the record of what is installed: one rename needs no journal.
            for step in &steps {
                redo(step)?;
            }
            return clear(&self.directory);
        }
        for step in &steps {
            if let Step::Write { staged, .. } = step {
                fs::sync(staged)?;
            }
        }
        fs::make_directory(format!("{}/old", self.directory))?;
        let journal = format!("{}/journal", self.directory);
        let written = serde_json::to_vec(&steps)
            .map_err(|error| Error::user(format!("Couldn't write {journal}: {error}.")))?;
        fs::replace(&journal, &written)?;
        fs::sync(&journal)?;
        for (done, step) in steps.iter().enumerate() {
            if let Err(error) = apply(step) {
                for step in steps[..=done].iter().rev() {
                    take_back(step)?;
                }
                fs::remove_file(&journal)?;
                clear(&self.directory)?;
                return Err(error);
            }
        }
        fs::remove_file(&journal)?;
        clear(&self.directory)
    }
}

fn apply(step: &Step) -> Result<()> {
    match step {
        Step::Write {
            staged,
            target,
            stash,
        } => {
            if fs::is_there(target) && fs::hard_link(target, stash).is_err() {
                fs::copy(target, stash)?;
            }
            place(staged, target)
        }
        Step::Remove { target, stash } => move_away(target, stash),
    }
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
        fs::copy(target, stash)?;
        fs::remove_file(target)
    }
}

fn take_back(step: &Step) -> Result<()> {
    match step {
        Step::Write {
            target,
            stash,
            staged,
        } => {
            if fs::is_there(stash) {
                place(stash, target)
            } else if !fs::is_there(staged) {
                // It was new and had been put in place.
                fs::remove_file_if_there(target)
            } else {
                Ok(())
            }
        }
        Step::Remove { target, stash } if fs::is_there(stash) && !fs::is_there(target) => {
            place(stash, target)
        }
        Step::Remove { .. } => Ok(()),
    }
}

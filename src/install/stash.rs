//! [`Stash`]: the old files of a part while its Python recipe installs it anew.
//!
//! Such a recipe writes for itself, so what it replaces is moved aside before: it comes back if the recipe fails, and if
//! the run is killed, with the next run ([`recover`]). zc.buildout removes it first and can't give it back.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::pypath;
use crate::sys::fs;

const DIRECTORY: &str = ".rbuildout-stash";

/// What was moved: the place where it belongs and the one where it waits.
#[derive(Debug, Serialize, Deserialize)]
struct Moved {
    target: String,
    kept: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    part: String,
    moved: Vec<Moved>,
}

/// Files that wait.
#[derive(Debug)]
pub struct Stash {
    directory: String,
    journal: Journal,
}

/// Where a buildout's old files wait; there only while a Python recipe works.
pub fn own_directory(buildout: &str) -> String {
    pypath::join(buildout, DIRECTORY)
}

/// Puts back what a killed run had moved aside; tells which part it was at.
pub fn recover(directory: &str) -> Result<Option<String>> {
    if !fs::is_there(directory) {
        return Ok(None);
    }
    let journal = fs::read_if_there(journal_file(directory))?
        .and_then(|bytes| serde_json::from_slice::<Journal>(&bytes).ok());
    let Some(journal) = journal else {
        fs::remove_tree(directory)?;
        return Ok(None);
    };
    let part = journal.part.clone();
    let stash = Stash {
        directory: directory.to_owned(),
        journal,
    };
    stash.put_back()?;
    Ok(Some(part))
}

fn journal_file(directory: &str) -> String {
    pypath::join(directory, "journal")
}

impl Stash {
    /// Moves the files and directories of a part aside.
    pub fn take(directory: &str, part: &str, paths: &[String]) -> Result<Self> {
        let mut moved = Vec::new();
        fs::make_directory(directory)?;
        for (count, path) in paths.iter().filter(|path| fs::is_there(path)).enumerate() {
            // Over the border of a file system nothing can be renamed: then it waits where it is.
            let kept = if fs::same_file_system(pypath::dirname(path), directory) {
                format!("{directory}/{count}")
            } else {
                format!("{path}.rbuildout-stash")
            };
            moved.push(Moved {
                target: path.clone(),
                kept,
            });
        }
        let stash = Self {
            directory: directory.to_owned(),
            journal: Journal {
                part: part.to_owned(),
                moved,
            },
        };
        let written = serde_json::to_vec(&stash.journal)
            .map_err(|error| Error::user(format!("Couldn't write {directory}: {error}.")))?;
        fs::replace(journal_file(directory), &written)?;
        for moved in &stash.journal.moved {
            // A path may lie in one that has been moved already.
            if fs::is_there(&moved.target)
                && let Err(error) = fs::rename(&moved.target, &moved.kept)
            {
                stash.put_back()?;
                return Err(error);
            }
        }
        Ok(stash)
    }

    /// The recipe has failed: its half-made files go, the old ones come back.
    pub fn put_back(self) -> Result<()> {
        for moved in self.journal.moved.iter().rev() {
            if !fs::is_there(&moved.kept) {
                continue;
            }
            remove(&moved.target)?;
            fs::make_directory(pypath::dirname(&moved.target))?;
            fs::rename(&moved.kept, &moved.target)?;
        }
        fs::remove_tree(&self.directory)
    }

    /// The recipe has done its work, and need not have written all anew: what it has not comes back. Gives what it has.
    pub fn give_back_missing(&mut self) -> Result<Vec<String>> {
        let mut written = Vec::new();
        for moved in self.journal.moved.iter().rev() {
            if fs::is_there(&moved.target) {
                written.push(moved.target.clone());
            } else if fs::is_there(&moved.kept) {
                fs::make_directory(pypath::dirname(&moved.target))?;
                fs::rename(&moved.kept, &moved.target)?;
            }
        }
        Ok(written)
    }

    /// The recipe has done its work: nobody needs the old files any more.
    pub fn throw_away(self) -> Result<()> {
        // From here on there is nothing to come back to.
        fs::remove_file(journal_file(&self.directory))?;
        for moved in &self.journal.moved {
            remove(&moved.kept)?;
        }
        fs::remove_tree(&self.directory)
    }
}

fn remove(path: &str) -> Result<()> {
    if fs::is_dir(path) && !fs::is_link(path) {
        fs::remove_tree(path)
    } else {
        fs::remove_file_if_there(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place {
        _directory: tempfile::TempDir,
        root: String,
    }

    fn place() -> Place {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_string_lossy().into_owned();
        std::fs::create_dir_all(format!("{root}/parts/p")).unwrap();
        std::fs::write(format!("{root}/parts/p/old"), "old").unwrap();
        std::fs::write(format!("{root}/script"), "old").unwrap();
        Place {
            _directory: directory,
            root,
        }
    }

    fn taken(root: &str) -> Stash {
        let paths =
            ["parts/p", "parts/p/old", "script", "gone"].map(|path| format!("{root}/{path}"));
        let stash = Stash::take(&own_directory(root), "p", &paths).unwrap();
        assert!(!fs::exists(format!("{root}/parts/p")) && !fs::exists(format!("{root}/script")));
        std::fs::create_dir_all(format!("{root}/parts/p")).unwrap();
        std::fs::write(format!("{root}/parts/p/new"), "new").unwrap();
        stash
    }

    fn is_as_before(root: &str) {
        assert_eq!(
            std::fs::read(format!("{root}/parts/p/old")).unwrap(),
            b"old"
        );
        assert_eq!(std::fs::read(format!("{root}/script")).unwrap(), b"old");
        assert!(!fs::exists(format!("{root}/parts/p/new")));
        assert!(!fs::exists(own_directory(root)));
    }

    #[test]
    fn old_files_come_back() {
        let place = place();
        taken(&place.root).put_back().unwrap();
        is_as_before(&place.root);
    }

    #[test]
    fn old_files_come_back_after_a_kill() {
        let place = place();
        drop(taken(&place.root));
        let part = recover(&own_directory(&place.root)).unwrap();
        assert_eq!(part.as_deref(), Some("p"));
        is_as_before(&place.root);
        assert_eq!(recover(&own_directory(&place.root)).unwrap(), None);
    }

    #[test]
    fn old_files_go() {
        let place = place();
        taken(&place.root).throw_away().unwrap();
        assert!(fs::exists(format!("{}/parts/p/new", place.root)));
        assert!(!fs::exists(format!("{}/script", place.root)));
        assert!(!fs::exists(own_directory(&place.root)));
    }
}

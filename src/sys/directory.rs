//! What is in directories, and of what kind. Names alone are listed by [`super::fs::list`].
//!
//! [`OpenDirectory`] is for those that a run looks into by the hundred: it is asked for what is below it without walking
//! its own path again.

use std::path::Path;
use std::{fs, io};

use rustix::fs::{AtFlags, Dir, Mode, OFlags};

use super::fs::{Stat, failed, stat_of};
use crate::error::Result;

#[derive(Debug)]
pub struct OpenDirectory {
    directory: Dir,
    /// What is in it, sorted.
    pub names: Vec<String>,
}

impl OpenDirectory {
    /// Lists a directory; none where no such directory is.
    pub fn open(path: &str) -> Result<Option<Self>> {
        match Self::list(Path::new(path), OFlags::empty()) {
            Ok(listed) => Ok(Some(listed)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed("list", Path::new(path), &error)),
        }
    }

    /// Lists a directory; none where none is, or it is reached by a link, or can't be listed.
    pub fn open_unlinked(path: &str) -> Option<Self> {
        Self::list(Path::new(path), OFlags::NOFOLLOW).ok()
    }

    fn list(path: &Path, how: OFlags) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | how;
        let mut directory = Dir::new(rustix::fs::open(path, flags, Mode::empty())?)?;
        let mut names = Vec::new();
        while let Some(entry) = directory.read() {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !matches!(name.as_str(), "." | "..") {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(Self { directory, names })
    }

    /// Whether something is there, by its path from here; links are followed.
    pub fn holds(&self, below: &str) -> bool {
        let there = |directory| rustix::fs::statat(directory, below, AtFlags::empty());
        self.directory.fd().and_then(there).is_ok()
    }
}

/// One name in a directory.
#[derive(Clone, Debug)]
pub struct DirectoryEntry {
    pub name: String,
    /// A directory, or a link to one.
    pub is_dir: bool,
    pub is_link: bool,
}

/// What is in a directory, in no order; nothing where it can't be listed, as Python's `os.walk` has it.
pub fn entries(path: impl AsRef<Path>) -> Vec<DirectoryEntry> {
    listed(path).unwrap_or_default()
}

/// As [`entries`]; that it can't be listed is an error, unless it is not there.
pub fn listed(path: impl AsRef<Path>) -> Result<Vec<DirectoryEntry>> {
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed("list", path.as_ref(), &error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed("list", path.as_ref(), &error))?;
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        found.push(DirectoryEntry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_dir: if kind.is_symlink() {
                entry.path().is_dir()
            } else {
                kind.is_dir()
            },
            is_link: kind.is_symlink(),
        });
    }
    Ok(found)
}

/// The same, with what [`super::fs::stat`] says of files; nothing where a link leads nowhere.
pub fn entries_with_stats(path: impl AsRef<Path>) -> Vec<(DirectoryEntry, Option<Stat>)> {
    let Ok(entries) = fs::read_dir(&path) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            // What is no link is looked at from the directory that is open.
            let there = match (kind.is_symlink(), kind.is_dir()) {
                (true, _) => fs::metadata(entry.path()).ok(),
                (false, true) => None,
                (false, false) => entry.metadata().ok(),
            };
            let named = DirectoryEntry {
                name: entry.file_name().to_string_lossy().into_owned(),
                is_dir: kind.is_dir() || there.as_ref().is_some_and(fs::Metadata::is_dir),
                is_link: kind.is_symlink(),
            };
            Some((named, there.as_ref().map(stat_of)))
        })
        .collect()
}

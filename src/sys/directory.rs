//! [`OpenDirectory`]: a directory that is listed, and asked for what is below it without walking its own path again.
//!
//! For those that a run looks into by the hundred. All else lists with [`super::fs`].

use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, Mode, OFlags};

use super::fs::failed;
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
        match Self::list(Path::new(path)) {
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

    fn list(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
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

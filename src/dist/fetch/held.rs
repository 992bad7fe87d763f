//! [`Held`]: an archive that waits in the download cache, under a passing name, until its distribution is installed.
//!
//! Archives are fetched ahead; one that is then not wanted does not come into the cache, where `install-from-cache` would
//! find it. zc.buildout: easy_install.py, `Installer._fetch`.

use std::path::PathBuf;

use crate::error::Result;
use crate::sys::fs;

/// Where it waits and where it is to be; none where there is nothing to keep.
#[derive(Debug, Default)]
pub(super) struct Held(Option<(PathBuf, PathBuf)>);

impl Held {
    pub(super) fn new(passing: PathBuf, place: PathBuf) -> Self {
        Self(Some((passing, place)))
    }

    /// Gives it its name.
    pub(super) fn settle(mut self) -> Result<()> {
        match &self.0 {
            Some((passing, place)) => {
                fs::rename(passing, place)?;
                self.0 = None;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Nobody wants it.
impl Drop for Held {
    fn drop(&mut self) {
        if let Some((passing, _)) = &self.0
            && fs::is_there(passing)
        {
            drop(fs::remove_file(passing));
        }
    }
}

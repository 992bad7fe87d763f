//! Unfinished things in directories that several runs share: their names, and what becomes of those of runs that died.
//!
//! Whatever is not whole yet has a name that begins with `.rbuildout-`, beside the place to which one rename brings it. Who
//! makes such a thing holds the directory's lock together with others, until its process ends. Who finds that nobody holds
//! it, takes away what is there: it belongs to no living process, whatever number that had, on whatever machine. Where the
//! file system has no locks nothing is taken away.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::error::Result;
use crate::sys::fs;

/// What names of unfinished things begin with.
pub(super) const START: &str = ".rbuildout-";

static SERIAL: AtomicU64 = AtomicU64::new(0);
static BEGUN: OnceLock<u128> = OnceLock::new();

/// Directories that this process holds.
static HELD: Mutex<Vec<(PathBuf, Option<fs::Lock>)>> = Mutex::new(Vec::new());

/// A name that no other process and no other thread uses. Numbers of processes are not enough: in containers that share a
/// directory they are the same ones.
pub(super) fn own_name() -> String {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let begun = BEGUN.get_or_init(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.unwrap_or_default().as_nanos()
    });
    format!("{START}{}-{begun:x}-{serial}", std::process::id())
}

/// A path for something unfinished in a directory, which is made and held until the process ends.
pub(super) fn passing(directory: &Path) -> Result<PathBuf> {
    fs::make_directory(directory)?;
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if !held.iter().any(|(known, _)| known == directory) {
        let lock = hold(directory);
        held.push((directory.to_path_buf(), lock));
    }
    Ok(directory.join(own_name()))
}

/// Takes a directory's lock together with others; before that, if nobody has it, takes away what dead runs have left.
pub(super) fn hold(directory: &Path) -> Option<fs::Lock> {
    if let Ok(Some(_alone)) = fs::lock(directory, false) {
        for name in fs::list(directory).unwrap_or_default() {
            let path = directory.join(&name);
            if !name.starts_with(START) {
                continue;
            }
            // What can't be taken away harms nobody.
            if fs::is_dir(&path) && !fs::is_link(&path) {
                // Once more: a compiler whose run is dead may have put one last file there meanwhile.
                drop(fs::remove_tree(&path).or_else(|_| fs::remove_tree(&path)));
            } else {
                drop(fs::remove_file(&path));
            }
        }
    }
    fs::lock_shared(directory).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_living_make_stays() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("eggs");
        let names = || fs::list(&directory).unwrap();
        std::fs::create_dir_all(directory.join(".rbuildout-1-2-3/a")).unwrap();
        std::fs::write(directory.join(".rbuildout-1-2-4"), "half").unwrap();
        std::fs::write(directory.join("whole"), "").unwrap();
        let living = hold(&directory).unwrap();
        assert_eq!(names(), ["whole"]);
        let unfinished = directory.join(own_name());
        std::fs::create_dir(&unfinished).unwrap();
        let other = hold(&directory).unwrap();
        assert!(fs::is_dir(&unfinished));
        drop((living, other));
        // Now whoever made it is dead.
        let passing = passing(&directory).unwrap();
        assert_eq!(names(), ["whole"]);
        std::fs::create_dir(&passing).unwrap();
        assert!(super::passing(&directory).is_ok());
        assert!(fs::is_dir(&passing));
    }
}

//! Looking after the cache that all projects of a user share: how large it is, what nobody uses, what is broken.
//!
//! Not the cache's daily work, which is `cache.rs`. Who takes something away here holds the lock alone: it waits for runs
//! that are under way, and they for it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::cache::{Unpacked, walk};
use super::record;
use super::remains;
use crate::error::Result;
use crate::sys::base64;
use crate::sys::fs;

/// Files and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub files: usize,
    pub bytes: u64,
}

/// What the cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    pub wheels: usize,
    pub size: Size,
}

/// What was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub wheels: usize,
    /// What runs that were stopped had left.
    pub remains: usize,
    pub size: Size,
}

/// What was found to be broken, and is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// `NAME-VERSION`, or the hash where that can't be told.
    pub name: String,
    pub reason: String,
}

/// How much there is.
pub fn holdings(cache: &str) -> Result<Holdings> {
    Ok(Holdings {
        wheels: entries(cache)?.len(),
        size: size(Path::new(cache))?,
    })
}

/// Takes away wheels that no run has used for so many days, and what stopped runs have left; also what builds have left
/// that is as old: eggs of build requirements, logs, editable builds, and notes of wheels that are gone.
pub fn prune(cache: &str, days: u64) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    let Some(_lock) = alone(cache)? else {
        return Ok(pruned);
    };
    let mut take = |path: &Path| -> Result<()> {
        let was = size(path)?;
        pruned.size.files += was.files;
        pruned.size.bytes += was.bytes;
        if fs::is_dir(path) && !fs::is_link(path) {
            fs::remove_tree(path)
        } else {
            fs::remove_file(path)
        }
    };
    let mut wheels = 0;
    let mut remains = 0;
    for path in entries(cache)? {
        let limit = days.saturating_mul(24 * 60 * 60);
        if days == 0 || fs::age(&path).is_some_and(|age| age.as_secs() > limit) {
            take(&path)?;
            wheels += 1;
        }
    }
    for name in fs::list(wheels_of(cache))? {
        if name.starts_with(remains::START) {
            take(&wheels_of(cache).join(name))?;
            remains += 1;
        }
    }
    let root = Path::new(cache);
    let is_old = |path: &Path| {
        let limit = days.saturating_mul(24 * 60 * 60);
        days == 0 || fs::age(path).is_some_and(|age| age.as_secs() > limit)
    };
    for kind in fs::list(root.join("builders"))? {
        let eggs = root.join("builders").join(kind);
        for egg in fs::list(&eggs)? {
            let egg = eggs.join(egg);
            if is_old(&egg) {
                take(&egg)?;
            }
        }
    }
    for directory in ["logs", "developed"] {
        for name in fs::list(root.join(directory))? {
            let file = root.join(directory).join(name);
            if is_old(&file) {
                take(&file)?;
            }
        }
    }
    for archive in fs::list(root.join("built"))? {
        let notes = root.join("built").join(archive);
        for note in fs::list(&notes)? {
            let note = notes.join(note);
            let wheel = fs::read_lossy(&note)?;
            if !fs::is_dir(wheels_of(cache).join(wheel.trim())) {
                take(&note)?;
            }
        }
        if fs::list(&notes)?.is_empty() {
            take(&notes)?;
        }
    }
    pruned.wheels = wheels;
    pruned.remains = remains;
    Ok(pruned)
}

/// Compares every file of every wheel with the hash that its RECORD gives. What is broken is taken away: the next run
/// fetches it again. A file that differs from its RECORD in the same way after that was made so: it is not broken. Gives the
/// number of wheels that were looked at.
pub fn verify(cache: &str) -> Result<(usize, Vec<Broken>)> {
    let Some(_lock) = alone(cache)? else {
        return Ok((0, Vec::new()));
    };
    let all = entries(cache)?;
    let mut broken = Vec::new();
    for entry in &all {
        let note = Path::new(cache)
            .join("verified")
            .join(entry.file_name().unwrap_or_default());
        let known = fs::read_if_there(&note)?.unwrap_or_default();
        match whole(entry, &String::from_utf8_lossy(&known)) {
            Ok(differences) if differences.is_empty() => {}
            Ok(differences) => {
                let seen: String = differences.iter().map(|(line, _)| line.as_str()).collect();
                if let Some(parent) = note.parent() {
                    fs::make_directory(parent)?;
                }
                fs::replace(&note, seen.as_bytes())?;
                fs::remove_tree(entry)?;
                broken.extend(differences.into_iter().map(|(_, bad)| bad).take(1));
            }
            Err(bad) => {
                fs::remove_tree(entry)?;
                broken.push(bad);
            }
        }
    }
    Ok((all.len(), broken))
}

fn wheels_of(cache: &str) -> PathBuf {
    Path::new(cache).join("wheels")
}

fn alone(cache: &str) -> Result<Option<fs::Lock>> {
    let wheels = wheels_of(cache);
    if fs::is_dir(&wheels) {
        fs::lock(&wheels, true)
    } else {
        Ok(None)
    }
}

/// The directories of the wheels.
fn entries(cache: &str) -> Result<Vec<PathBuf>> {
    let wheels = wheels_of(cache);
    let names = fs::list(&wheels)?;
    let names = names.iter().filter(|name| !name.starts_with('.'));
    Ok(names.map(|name| wheels.join(name)).collect())
}

fn size(path: &Path) -> Result<Size> {
    let mut files = Vec::new();
    if !fs::is_dir(path) {
        return Ok(fs::stat_link(path).map_or_else(Size::default, |stat| Size {
            files: 1,
            bytes: stat.size,
        }));
    }
    walk(path, "", &mut files)?;
    let bytes = files
        .iter()
        .filter_map(|file| fs::stat_link(path.join(file)))
        .map(|stat| stat.size)
        .sum();
    Ok(Size {
        files: files.len(),
        bytes,
    })
}

/// The files that are not as RECORD has them, each with the line that notes it; none if all of them are `known`.
fn whole(entry: &Path, known: &str) -> std::result::Result<Vec<(String, Broken)>, Broken> {
    let hash = entry.file_name().unwrap_or_default().to_string_lossy();
    let wheel = Unpacked::open(&hash, entry.join("tree")).map_err(|error| Broken {
        name: hash.to_string(),
        reason: error.message,
    })?;
    let broken = |reason: String| Broken {
        name: wheel.dist_info.trim_end_matches(".dist-info").to_owned(),
        reason,
    };
    let mut differences = Vec::new();
    for row in record::read(&wheel.info("RECORD")) {
        let (Some(hash), Some(place)) = (row.hash.strip_prefix("sha256="), in_tree(&row.path))
        else {
            continue;
        };
        let Ok(bytes) = fs::read(wheel.tree.join(place)) else {
            return Err(broken(format!("{place} is missing")));
        };
        let is = base64::url_safe(&Sha256::digest(&bytes));
        if is != hash.trim_end_matches('=') {
            let line = format!("{is} {place}\n");
            differences.push((line, broken(format!("{place} has been changed"))));
        }
    }
    if differences
        .iter()
        .all(|(line, _)| known.contains(line.as_str()))
    {
        differences.clear();
    }
    Ok(differences)
}

/// Where a file of the archive is in the tree; none for what has no place in an egg.
fn in_tree(path: &str) -> Option<&str> {
    match path.split_once('/') {
        Some((first, rest)) if first.ends_with(".data") => ["purelib/", "platlib/"]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind)),
        _ if path.ends_with(".dist-info/RECORD") => None,
        _ => Some(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::cache::Cache;
    use crate::dist::wheel::Vouches;
    use crate::dist::wheel::tests::archive;
    use crate::sys::spool::Spool;

    const HASH: &str = "sha256=uU0nuZNNPgilLlLX2n2r-sSE7-N6U4DukIj3rOLvzek"; // of `hello world`

    fn filled(cache: &str) -> Unpacked {
        let record = format!("a.py,{HASH},11\na-1.dist-info/RECORD,,\n");
        let bytes = archive(&[
            ("a.py", "hello world"),
            ("a-1.dist-info/METADATA", "Name: a\n"),
            ("a-1.dist-info/WHEEL", ""),
            ("a-1.dist-info/RECORD", &record),
        ]);
        Cache::new(cache)
            .add(&Spool::of_bytes(bytes), "00ff", "a-1.whl", Vouches::Whole)
            .unwrap()
    }

    #[test]
    fn what_is_there_and_what_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        assert_eq!(holdings(&cache).unwrap(), Holdings::default());
        assert_eq!(verify(&cache).unwrap(), (0, vec![]));
        assert_eq!(prune(&cache, 0).unwrap(), Pruned::default());
        let wheel = filled(&cache);
        let held = holdings(&cache).unwrap();
        assert_eq!((held.wheels, held.size.files), (1, 5));
        assert_eq!(verify(&cache).unwrap(), (1, vec![]));
        fs::replace(wheel.tree.join("a.py"), b"hello WORLD").unwrap();
        let (_, broken) = verify(&cache).unwrap();
        assert_eq!(broken[0].name, "a-1");
        assert_eq!(broken[0].reason, "a.py has been changed");
        assert_eq!(holdings(&cache).unwrap().wheels, 0);
    }

    #[test]
    fn what_was_made_with_a_wrong_record_is_broken_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        let record = format!("a.py,{HASH},11\na-1.dist-info/RECORD,,\n");
        let bytes = archive(&[
            ("a.py", "another text"),
            ("a-1.dist-info/METADATA", "Name: a\n"),
            ("a-1.dist-info/WHEEL", ""),
            ("a-1.dist-info/RECORD", &record),
        ]);
        let bytes = Spool::of_bytes(bytes);
        let fetch = || {
            Cache::new(&cache)
                .add(&bytes, "00ff", "a-1.whl", Vouches::Whole)
                .unwrap()
        };
        fetch();
        assert_eq!(verify(&cache).unwrap().1.len(), 1);
        let wheel = fetch();
        assert_eq!(verify(&cache).unwrap(), (1, vec![]));
        fs::replace(wheel.tree.join("a.py"), b"a third text").unwrap();
        assert_eq!(verify(&cache).unwrap().1.len(), 1);
    }

    #[test]
    fn what_builds_have_left_goes_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("cache");
        let cache = root.display().to_string();
        filled(&cache);
        let put = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("builders/py3.11/a-1-py3.11.egg/a.py", "");
        put("logs/a-1-py3.11.log", "");
        put("built/11/cpython", "00ff");
        put("built/22/cpython", "gone");
        prune(&cache, 1).unwrap();
        assert!(root.join("builders/py3.11/a-1-py3.11.egg").exists());
        assert!(root.join("logs/a-1-py3.11.log").exists());
        assert_eq!(fs::list(root.join("built")).unwrap(), ["11"]);
        prune(&cache, 0).unwrap();
        assert_eq!(fs::list(root.join("builders/py3.11")).unwrap().len(), 0);
        assert_eq!(fs::list(root.join("logs")).unwrap().len(), 0);
        assert_eq!(fs::list(root.join("built")).unwrap().len(), 0);
    }

    #[test]
    fn what_was_used_lately_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        filled(&cache);
        std::fs::create_dir(folder.path().join("cache/wheels/.rbuildout-1-1")).unwrap();
        let pruned = prune(&cache, 1).unwrap();
        assert_eq!((pruned.wheels, pruned.remains), (0, 1));
        let old = std::time::SystemTime::now() - std::time::Duration::from_hours(48);
        let entry = folder.path().join("cache/wheels/00ff");
        std::fs::File::open(&entry)
            .unwrap()
            .set_modified(old)
            .unwrap();
        // Whoever takes it makes it young again.
        Cache::new(&cache).find("00ff").unwrap();
        assert_eq!(prune(&cache, 1).unwrap().wheels, 0);
        assert_eq!(prune(&cache, 0).unwrap().wheels, 1);
    }

    #[test]
    fn a_run_under_way_keeps_its_wheels() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        filled(&cache);
        let run = Cache::new(&cache);
        run.find("00ff").unwrap();
        std::thread::scope(|scope| {
            let tidied = scope.spawn(|| prune(&cache, 0).unwrap().wheels);
            std::thread::sleep(std::time::Duration::from_millis(100));
            assert!(run.find("00ff").is_some());
            drop(run);
            assert_eq!(tidied.join().unwrap(), 1);
        });
    }
}

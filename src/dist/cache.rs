//! The cache of unpacked wheels that all projects of a user share.
//!
//! `CACHE/wheels/SHA256/tree` are a wheel's files, `CACHE/wheels/SHA256/pyc-cpython-311` its `.pyc` files for one kind of
//! interpreter. Each comes into being by one rename of a directory that is whole, so that any number of processes may
//! use the cache at once; who comes second takes what is there. `stamps` beside the tree has size and time of each file:
//! what differs (a disk that was full, a crash of the machine, an edit through a hard link) is thrown away and made anew.
//! A run holds the cache's lock together with other runs, so that nothing is tidied away under it (`cache_care.rs`). The
//! time of `SHA256` itself is the day on which the wheel was last of use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::compile::{self, Compiler};
use super::remains;
use super::stamps;
use super::wheel::{self, Vouches};
use crate::error::{Error, Result};
use crate::python::Facts;
use crate::sys::directory;
use crate::sys::fs;
use crate::sys::spool::Spool;

/// The directory that all projects share.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    wheels: PathBuf,
    /// Taken when the cache is first of use; none where the file system has no locks.
    lock: Arc<OnceLock<Option<fs::Lock>>>,
}

/// Seconds after which the time of an entry is renewed.
const DAY: u64 = 24 * 60 * 60;

/// An unpacked wheel.
#[derive(Clone, Debug)]
pub(super) struct Unpacked {
    pub(super) sha256: String,
    /// Its files.
    pub(super) tree: PathBuf,
    /// All of them, relative, sorted.
    pub(super) files: Vec<String>,
    /// `NAME-VERSION.dist-info`.
    pub(super) dist_info: String,
}

impl Cache {
    pub(super) fn new(root: &str) -> Self {
        Self {
            wheels: Path::new(root).join("wheels"),
            lock: Arc::default(),
        }
    }

    fn hold(&self) {
        self.lock.get_or_init(|| {
            fs::make_directory(&self.wheels).ok()?;
            remains::hold(&self.wheels)
        });
    }

    /// A path for a file that is only needed for a moment.
    pub(super) fn passing(&self) -> Result<PathBuf> {
        fs::make_directory(&self.wheels)?;
        self.hold();
        Ok(self.wheels.join(remains::own_name()))
    }

    /// Whether there is a wheel with this hash, whole or not.
    pub(super) fn has(&self, sha256: &str) -> bool {
        fs::is_dir(self.wheels.join(sha256).join("tree"))
    }

    /// The wheel with this hash, if it is here.
    pub(super) fn find(&self, sha256: &str) -> Option<Unpacked> {
        let entry = self.wheels.join(sha256);
        let tree = entry.join("tree");
        if !fs::is_dir(&tree) {
            return None;
        }
        self.hold();
        let found = Unpacked::open(sha256, tree).ok();
        let whole = found.filter(|found| stamps::are_right(&entry, &found.files));
        if whole.is_some() {
            if fs::age(&entry).is_some_and(|age| age.as_secs() > DAY) {
                // Only for those who tidy up.
                drop(fs::touch(&entry));
            }
        } else {
            // Another process may be doing the same.
            drop(fs::remove_tree(&entry));
        }
        whole
    }

    /// Unpacks a wheel of this hash, unless it is here already. `name` is for messages.
    pub(super) fn add(
        &self,
        archive: &Spool,
        sha256: &str,
        name: &str,
        vouches: Vouches,
    ) -> Result<Unpacked> {
        if let Some(found) = self.find(sha256) {
            return Ok(found);
        }
        let passing = self.passing()?;
        let place = self.wheels.join(sha256);
        let made = wheel::unpack(archive, &passing.join("tree"), vouches)
            .and_then(|files| {
                Unpacked::of(sha256, place.join("tree"), files)
                    .and_then(|made| stamps::write(&passing, &made.files).map(|()| made))
                    .map_err(|error| error.message)
            })
            .map_err(|reason| Error::user(format!("Couldn't unpack {name}: {reason}.")))
            .and_then(|made| settle(&passing, &place).map(|()| made));
        if made.is_err() && fs::is_there(&passing) {
            drop(fs::remove_tree(&passing));
        }
        made
    }

    /// The directory for the `.pyc` files of a wheel's sources, and whether it is there.
    pub(super) fn compiled(&self, wheel: &Unpacked, facts: &Facts) -> (PathBuf, bool) {
        let tag = if facts.cache_tag.is_empty() {
            format!("py{}", facts.python_version)
        } else {
            facts.cache_tag.clone()
        };
        let place = self.wheels.join(&wheel.sha256).join(format!("pyc-{tag}"));
        let is_there = fs::is_dir(&place);
        (place, is_there)
    }

    /// Compiles those sources that an egg takes the `.pyc` files along for, and returns where these are.
    pub(super) fn compile(
        &self,
        wheel: &Unpacked,
        facts: &Facts,
        compiler: &mut Compiler,
    ) -> Result<PathBuf> {
        let (place, is_there) = self.compiled(wheel, facts);
        if is_there {
            return Ok(place);
        }
        let tops = wheel.top_levels();
        let is_taken = |file: &&String| file.ends_with(".py") && is_within(file, &tops);
        let files: Vec<&String> = wheel.files.iter().filter(is_taken).collect();
        let out = self.passing()?;
        let job = compile::Job {
            tree: &wheel.tree,
            out: &out,
            files: &files,
        };
        let made = compiler.compile(&job).and_then(|()| settle(&out, &place));
        if made.is_err() && fs::is_there(&out) {
            drop(fs::remove_tree(&out));
        }
        made.map(|()| place)
    }
}

/// Renames a directory that is whole to its name; one that another process put there meanwhile is as good.
fn settle(made: &Path, name: &Path) -> Result<()> {
    match fs::rename(made, name) {
        Err(_) if fs::is_dir(name) => fs::remove_tree(made),
        other => other,
    }
}

impl Unpacked {
    /// What is in a tree.
    pub(super) fn open(sha256: &str, tree: PathBuf) -> Result<Self> {
        let mut files = Vec::new();
        walk(&tree, "", &mut files)?;
        Self::of(sha256, tree, files)
    }

    /// `files`: all that are in the tree.
    fn of(sha256: &str, tree: PathBuf, files: Vec<String>) -> Result<Self> {
        let first = |file: &String| file.split('/').next().unwrap_or(file).to_owned();
        let mut infos: Vec<String> = files
            .iter()
            .map(first)
            .filter(|name| name.ends_with(".dist-info"))
            .collect();
        infos.dedup();
        let [dist_info] = infos.as_slice() else {
            let n = infos.len();
            return Err(Error::user(format!("it has {n} .dist-info directories")));
        };
        for needed in ["METADATA", "RECORD", "WHEEL"] {
            if !files.contains(&format!("{dist_info}/{needed}")) {
                return Err(Error::user(format!("it has no {needed}")));
            }
        }
        Ok(Self {
            sha256: sha256.to_owned(),
            dist_info: dist_info.clone(),
            tree,
            files,
        })
    }

    /// The text of a file of the `.dist-info`; empty where there is none.
    pub(super) fn info(&self, name: &str) -> String {
        fs::read_lossy(self.tree.join(&self.dist_info).join(name)).unwrap_or_default()
    }

    /// The lines of `top_level.txt`.
    pub(super) fn top_levels(&self) -> Vec<String> {
        let text = self.info("top_level.txt");
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// Whether a file lies in the directory of one of these packages.
pub(super) fn is_within(file: &str, tops: &[String]) -> bool {
    tops.iter().any(|top| {
        file.strip_prefix(top.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

/// All files under a directory, relative to the first one, sorted by directory.
pub(super) fn walk(root: &Path, below: &str, files: &mut Vec<String>) -> Result<()> {
    let mut entries = directory::listed(root.join(below))?;
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        let path = if below.is_empty() {
            entry.name
        } else {
            format!("{below}/{}", entry.name)
        };
        if entry.is_dir {
            walk(root, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

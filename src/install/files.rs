//! [`Files`]: the disk as it will be when the run is over.
//!
//! Parts are carried out here first: what they write and what is uninstalled is collected, and later parts see what
//! earlier ones did. Only at the end goes the difference to the disk, in one transaction. zc.buildout:
//! easy_install.py, `_create_script`; the recipes' own `open`.

use std::path::{Path, PathBuf};

use indexmap::{IndexMap, IndexSet};

use super::transaction::{Permissions, Transaction};
use crate::error::{Error, Result};
use crate::pypath;
use crate::pystr::{repr, universal_newlines};
use crate::recipe::FileMode;
use crate::sys::fs;

#[derive(Debug)]
struct Pending {
    bytes: Vec<u8>,
    permissions: Permissions,
}

/// What will be written and removed.
#[derive(Debug, Default)]
pub struct Files {
    directories: IndexSet<String>,
    writes: IndexMap<String, Pending>,
    removed: IndexSet<String>,
    /// Files and directories that wait elsewhere, by their place.
    trees: IndexMap<String, PathBuf>,
}

impl Files {
    /// Whether something of this path will be there.
    pub fn exists(&self, path: &str) -> bool {
        self.writes.contains_key(path)
            || self.trees.contains_key(path)
            || (!self.removed.contains(path) && fs::exists(path))
    }

    /// A path that an uninstalled part had made.
    pub fn remove(&mut self, path: &str) {
        self.writes.shift_remove(path);
        self.trees.shift_remove(path);
        self.removed.insert(path.to_owned());
    }

    /// What waits at `from` takes this place, unless it is there already.
    pub fn place(&mut self, path: &str, from: &Path) -> Result<()> {
        if !self.removed.contains(path) && fs::same_tree(path, from)? {
            return Ok(());
        }
        self.trees.insert(path.to_owned(), from.to_owned());
        Ok(())
    }

    /// Whether something waits elsewhere.
    pub fn has_trees(&self) -> bool {
        !self.trees.is_empty()
    }

    pub fn make_directory(&mut self, path: &str) {
        if !fs::is_dir(path) {
            self.directories.insert(path.to_owned());
        }
    }

    /// A file, whatever is there.
    pub fn write(&mut self, path: &str, text: &str, mode: FileMode) {
        let permissions = match mode {
            FileMode::Script => Permissions::Script,
            FileMode::Plain if self.removed.contains(path) => Permissions::Plain,
            FileMode::Plain => Permissions::Kept,
        };
        self.writes.insert(
            path.to_owned(),
            Pending {
                bytes: text.as_bytes().to_vec(),
                permissions,
            },
        );
    }

    /// A script, if it differs from what is there; tells whether it does. Line ends are not looked at.
    pub fn write_script(&mut self, path: &str, text: &str) -> Result<bool> {
        let is_same = |old: String| {
            if old.contains('\r') {
                universal_newlines(&old) == text
            } else {
                old == text
            }
        };
        if self.text(path)?.is_some_and(is_same) {
            return Ok(false);
        }
        self.write(path, text, FileMode::Script);
        Ok(true)
    }

    fn text(&self, path: &str) -> Result<Option<String>> {
        let bytes = match self.writes.get(path) {
            Some(pending) => Some(pending.bytes.clone()),
            None if self.removed.contains(path) => None,
            None if fs::is_dir(path) => {
                let help = "move the directory away, or give the script another name";
                return Err(
                    Error::user(format!("[Errno 21] Is a directory: {}", repr(path))).hint(
                        "is-a-directory",
                        format!("a directory stands where the script {path} belongs"),
                        help,
                    ),
                );
            }
            None => fs::read_if_there(path)?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("Couldn't read {path}: byte {at} is not UTF-8.");
                let help =
                    "it is no script of a buildout; move it away, or give the script another name";
                Err(Error::user(message).hint(
                    "foreign-file",
                    format!("another program's file stands at {path}"),
                    help,
                ))
            }
        }
    }

    /// What may go to the disk now, taken out: all but removals of what is held back.
    #[must_use]
    pub fn take_but(&mut self, held: &IndexSet<String>) -> Self {
        let mut now = std::mem::take(self);
        self.removed = now
            .removed
            .iter()
            .filter(|path| {
                held.contains(*path)
                    && !now.writes.contains_key(*path)
                    && !now.trees.contains_key(*path)
            })
            .cloned()
            .collect();
        let left = &self.removed;
        now.removed.retain(|path| !left.contains(path));
        now
    }

    /// A path that is on the disk as it shall be: somebody else has removed it, or written it anew.
    pub fn forget(&mut self, path: &str) {
        self.writes.shift_remove(path);
        self.trees.shift_remove(path);
        self.removed.shift_remove(path);
    }

    /// Hands everything to a transaction: directories, files in the order in which they were written, removals.
    pub fn stage(self, transaction: &mut Transaction) -> Result<()> {
        for directory in &self.directories {
            transaction.make_directory(directory);
        }
        for path in self
            .removed
            .iter()
            .filter(|path| !self.writes.contains_key(*path) && !self.trees.contains_key(*path))
        {
            if fs::is_there(path) {
                guard(path)?;
                transaction.remove(path);
            }
        }
        for (path, from) in &self.trees {
            if fs::is_there(path) {
                guard(path)?;
            }
            transaction.place(path, from)?;
        }
        for (path, pending) in &self.writes {
            // A link that was uninstalled is replaced itself; any other is written through.
            let follow = !self.removed.contains(path);
            transaction.write(path, &pending.bytes, pending.permissions, follow)?;
        }
        Ok(())
    }
}

/// A directory with a checkout in it is somebody's work, whatever the record says.
pub(super) fn guard(path: &str) -> Result<()> {
    let checkout = [".git", ".svn", ".hg", ".bzr", "CVS"]
        .iter()
        .find(|name| fs::exists(pypath::join(path, name)));
    match checkout {
        Some(name) if fs::is_dir(path) && !fs::is_link(path) => {
            let message = format!("Won't remove {path}: it holds a checkout ({name}).");
            Err(Error::user(message).hint(
                "checkout",
                "the directory is under version control",
                "move it away yourself",
            ))
        }
        _ => Ok(()),
    }
}

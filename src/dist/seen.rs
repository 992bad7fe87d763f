//! [`Seen`]: what directories of `sys.path` hold, each looked into once.
//!
//! A run comes back to the same hundreds of eggs: to see what is active, to choose, to sort, to write scripts. Nothing is
//! kept beyond the run, and nothing beyond the moment at which it may have changed: whoever puts an egg in place, or lets
//! Python code work, says so with [`Seen::forget`]. What the directories are good for is `scan.rs`'s.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::distribution::Distribution;
use super::name_order::NameOrder;
use super::scan;
use crate::error::Result;
use crate::sys::directory::OpenDirectory;
use crate::sys::fs;

/// Cheap to clone; clones share what was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen(Rc<RefCell<Places>>);

#[derive(Debug, Default)]
struct Places {
    /// Directories by their paths as they were given.
    folders: HashMap<String, Rc<Folder>>,
    /// Paths without links by the paths as they were given.
    real: HashMap<String, Rc<str>>,
    /// In which order a directory holds what it holds.
    order: NameOrder,
}

/// A directory of `sys.path`.
#[derive(Debug)]
pub(super) struct Folder {
    /// The names in it, sorted; none where it can't be listed.
    pub(super) names: Option<Vec<String>>,
    /// What is active with it.
    pub(super) active: Vec<Distribution>,
}

/// Nothing is there.
impl Default for Folder {
    fn default() -> Self {
        Self {
            names: Some(Vec::new()),
            active: Vec::new(),
        }
    }
}

impl Seen {
    /// All may have changed.
    pub fn forget(&self) {
        let mut places = self.0.borrow_mut();
        places.folders.clear();
        places.real.clear();
    }

    /// From now on with this order within a directory.
    pub fn order(&self, order: NameOrder) {
        if self.0.borrow().order != order {
            self.forget();
            self.0.borrow_mut().order = order;
        }
    }

    /// A directory of `sys.path`; the empty path is the current one.
    pub(super) fn folder(&self, path: &str) -> Result<Rc<Folder>> {
        if let Some(folder) = self.0.borrow().folders.get(path) {
            return Ok(Rc::clone(folder));
        }
        let order = self.0.borrow().order;
        let folder = Rc::new(match self.unlinked(path) {
            Some(folder) => folder,
            None => scan::look_into(&self.real(path), order)?,
        });
        let mut places = self.0.borrow_mut();
        places.folders.insert(path.to_owned(), Rc::clone(&folder));
        Ok(folder)
    }

    /// The same, for what is no link itself and can be listed: to open it tells both.
    fn unlinked(&self, path: &str) -> Option<Folder> {
        let real = self.beside(path)?;
        let listed = OpenDirectory::open_unlinked(&real)?;
        let order = self.0.borrow().order;
        let folder = scan::what_is_in(&real, listed, order);
        self.0.borrow_mut().real.insert(path.to_owned(), real);
        Some(folder)
    }

    /// The path without links, unless it is a link itself.
    fn beside(&self, path: &str) -> Option<Rc<str>> {
        let (parent, name) = path.rsplit_once('/')?;
        let mut names = path.split('/');
        let is_plain =
            names.next() == Some("") && names.all(|name| !["", ".", ".."].contains(&name));
        // The directories of most paths are the same ones.
        let real = || format!("{}/{name}", self.real(parent).trim_end_matches('/'));
        (is_plain && !parent.is_empty()).then(|| real().into())
    }

    /// The names in a directory that end so, sorted; none where no such directory is.
    pub fn names_ending(&self, path: &str, suffix: &str) -> Result<Vec<String>> {
        let wanted = |names: &[String]| {
            let names = names.iter().filter(|name| name.ends_with(suffix));
            names.cloned().collect()
        };
        match &self.folder(path)?.names {
            Some(names) => Ok(wanted(names)),
            None => Ok(wanted(&fs::list(path)?)),
        }
    }

    /// The path without links. See [`scan::normalised`].
    pub fn real(&self, path: &str) -> Rc<str> {
        if let Some(real) = self.0.borrow().real.get(path) {
            return Rc::clone(real);
        }
        let beside = self.beside(path).filter(|_| !fs::is_link(path));
        let real = beside.unwrap_or_else(|| scan::normalised(path).into());
        let mut places = self.0.borrow_mut();
        places.real.insert(path.to_owned(), Rc::clone(&real));
        real
    }
}

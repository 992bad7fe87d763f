//! Which pages an index is known to have, by project: each page of it that is read names some, itself among them.
//!
//! The page of all projects names more than half a million. What it says is kept as it came and gone through when a project
//! is asked for whose page has another name than the canonical one. zc.buildout: _package_index.py, `process_index`, `_scan`.

use indexmap::{IndexMap, IndexSet};

use super::Index;
use crate::dist::index_page::Urls;
use crate::dist::name;
use crate::sys::url;

/// Pages by the key of their project.
#[derive(Debug, Default)]
pub(super) struct KnownPages {
    pages: IndexMap<String, IndexSet<String>>,
    /// What the page of all projects names.
    of_root: Urls,
}

impl KnownPages {
    /// Whether there is a page of a project; `base` is the index.
    pub(super) fn has(&self, base: &str, key: &str) -> bool {
        self.pages.contains_key(key) || self.in_root(base, key).next().is_some()
    }

    /// All pages of a project.
    pub(super) fn of(&self, base: &str, key: &str) -> IndexSet<String> {
        let mut pages = self.pages.get(key).cloned().unwrap_or_default();
        pages.extend(self.in_root(base, key).map(str::to_owned));
        pages
    }

    fn in_root<'a>(&'a self, base: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
        let begins_otherwise = |page: &str| {
            let first = page.as_bytes().get(base.len()).copied().unwrap_or(b'/');
            first.is_ascii_alphanumeric()
                && !key.starts_with(char::from(first.to_ascii_lowercase()))
        };
        self.of_root.iter().filter(move |page| {
            !begins_otherwise(page) && project_of(base, page).as_deref() == Some(key)
        })
    }

    /// The keys of all projects.
    pub(super) fn keys(&self, base: &str) -> Vec<String> {
        let in_root = self.of_root.iter();
        let in_root = in_root.filter_map(|page| project_of(base, page));
        self.pages.keys().cloned().chain(in_root).collect()
    }
}

/// The key of the project whose page this is.
fn project_of(base: &str, page: &str) -> Option<String> {
    let (project, version) = page.strip_prefix(base)?.split_once('/')?;
    let is_page = !url::unquote(version).contains(['/', '#']);
    is_page.then(|| name::safe(&url::unquote(project)).to_lowercase())
}

impl Index {
    /// Remembers which pages of the index a page names, itself among them.
    pub(super) fn take_pages(&mut self, link: &str, named: Urls) {
        if link == self.base {
            self.pages.of_root = named;
            return;
        }
        for page in named.iter().chain([link]) {
            if let Some(key) = project_of(&self.base, page) {
                let pages = self.pages.pages.entry(key).or_default();
                pages.insert(page.to_owned());
            }
        }
    }
}

//! What an index can be asked before it is needed, without a word: pages, and metadata by itself (PEP 658).

use super::Index;
use crate::dist::distribution::Distribution;
use crate::dist::name;
use crate::sys::fs;
use crate::sys::url;

impl Index {
    /// Begins to read the pages of these projects, without a word, so that [`Index::find`] need not wait long.
    pub fn prefetch(&mut self, names: &[String]) {
        let of_links = self.to_scan.iter().flatten().cloned();
        let of_index = names.iter().filter_map(|project| self.page_of(project));
        let urls: Vec<String> = of_links
            .chain(of_index)
            .filter(|url| !self.fetched.contains(url) && self.allows(url))
            .collect();
        for url in urls {
            self.coming.want(&url);
        }
    }

    /// Whether each spelling of a project has a page of its own.
    pub(in crate::dist) fn names_as_written(&self) -> bool {
        self.names_as_written
    }

    /// What a project is called in the URL of its page.
    // zc.buildout: _package_index.py, `find_packages`; before version 4.1.11: setuptools, package_index.py.
    pub(super) fn page_name(&self, project: &str) -> String {
        if self.names_as_written {
            project.to_owned()
        } else {
            name::canonical(project)
        }
    }

    /// Whether the index is a server's, no directory.
    pub(in crate::dist) fn is_on_server(&self) -> bool {
        url::scheme(&self.base).is_some()
    }

    /// The page of a project, where the index is on a server.
    pub(super) fn page_of(&self, project: &str) -> Option<String> {
        self.is_on_server()
            .then(|| format!("{}{}/", self.base, self.page_name(project)))
    }

    /// Reads the pages of find-links, unless that was done. zc.buildout: `prescan`.
    pub(in crate::dist) fn scan_links(&mut self) {
        for link in self.to_scan.take().unwrap_or_default() {
            self.process(&link, true);
        }
    }

    /// Whether the page of a project is there, so that [`Index::find`] says of it nothing that depends on what was asked
    /// for before. Waits for the page, if it was begun.
    pub(in crate::dist) fn is_sure_of(&self, project: &str) -> bool {
        match self.page_of(project) {
            Some(page) => self.fetched.contains(&page) || self.coming.is_good(&page) == Some(true),
            None => {
                !self.base.is_empty()
                    && fs::is_dir(format!("{}{}", self.base, self.page_name(project)))
            }
        }
    }

    /// What is known to be on offer for a project, without asking for it.
    pub(in crate::dist) fn known(&self, project: &str) -> Vec<Distribution> {
        let found = self.offers.get(&name::canonical(project));
        found.cloned().unwrap_or_default()
    }

    /// Where the metadata of a file on offer is by itself, and its hash if there is one.
    pub(in crate::dist) fn metadata_of(&self, location: &str) -> Option<(String, &str)> {
        let hash = self.metadata.get(location)?;
        Some((beside(location), hash.as_str()))
    }

    /// Begins to read a text of the index.
    pub(in crate::dist) fn want_text(&mut self, url: &str) {
        if self.allows(url) {
            self.coming.want_text(url);
        }
    }

    /// A text that was begun; waits for it.
    pub(in crate::dist) fn take_text(&mut self, url: &str) -> Option<Vec<u8>> {
        self.coming.take_text(url)
    }
}

/// Where the metadata of a file is. PEP 658.
fn beside(location: &str) -> String {
    let bare = url::without_fragment(location);
    match bare.split_once('?') {
        Some((path, query)) => format!("{path}.metadata?{query}"),
        None => format!("{bare}.metadata"),
    }
}

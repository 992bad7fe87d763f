//! Files of a configuration that lie in memory, in `/b`, and under `http://h/` too.

use std::collections::BTreeMap;

use rbuildout::config::load::{DownloadOptions, Fetched, Opener};
use rbuildout::error::Result;

/// The files by their paths.
pub(crate) struct Files(pub(crate) BTreeMap<String, String>);

impl Opener for Files {
    fn open(&self, path: &str) -> Result<Option<String>> {
        Ok(self.0.get(path).cloned())
    }
    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
    fn fetch(&self, url: &str, _: &DownloadOptions) -> Result<Option<Fetched>> {
        let text = self.open(&url.replace("http://h/", "/b/"))?;
        Ok(text.map(|text| Fetched { text, copy: None }))
    }
    fn prefetch(&self, _: &[String], _: &DownloadOptions) {}
    fn notice(&self, _: &str) {}
    fn siblings(&self, _: &str) -> Vec<String> {
        let names = self.0.keys().filter_map(|path| path.strip_prefix("/b/"));
        names.map(str::to_owned).collect()
    }
}

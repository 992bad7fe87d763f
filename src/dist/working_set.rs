//! [`WorkingSet`]: distributions in the order in which they go on `sys.path`.
//!
//! pkg_resources' `WorkingSet` with its quirks, because the order of `sys.path` in every script is made by them.

use indexmap::IndexMap;

use super::distribution::Distribution;

/// Active distributions by key, in the order of their locations.
#[derive(Clone, Debug, Default)]
pub struct WorkingSet {
    /// Locations, in order; may repeat.
    pub(crate) entries: Vec<String>,
    /// Keys of the distributions of each location.
    pub(crate) entry_keys: IndexMap<String, Vec<String>>,
    /// The active distribution of each key.
    pub(crate) by_key: IndexMap<String, Distribution>,
}

impl WorkingSet {
    /// The distributions in the order of their locations, each once.
    pub fn iter(&self) -> impl Iterator<Item = &Distribution> {
        let mut keys: Vec<&String> = Vec::new();
        for key in self
            .entries
            .iter()
            .filter_map(|entry| self.entry_keys.get(entry))
            .flatten()
        {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().filter_map(|key| self.by_key.get(key))
    }

    /// The active distribution of a project; any version.
    pub fn find(&self, name: &str) -> Option<&Distribution> {
        self.by_key.get(&name.to_lowercase())
    }
}

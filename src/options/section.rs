//! [`Section`]: the options of one section in their three states: as read, substituted, used or set.
//!
//! Python's `Options` keeps `_raw`, `_cooked` and `_data`; which of them holds an option decides what counts as unused and
//! what is saved, so the three are kept here too.

use std::collections::BTreeMap;

use crate::config::macros::RawOptions;
use crate::text::Text;

/// One initialised section.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    /// As read, copies of `<=` included.
    pub(super) raw: RawOptions,
    /// After substitution, where there was something to substitute.
    pub(super) cooked: RawOptions,
    /// Read by somebody or set by a recipe.
    pub(super) data: RawOptions,
}

impl Section {
    pub(super) fn new(raw: RawOptions) -> Self {
        Self {
            raw,
            ..Self::default()
        }
    }

    /// The value to resolve when an option is first asked for.
    pub(super) fn unresolved(&self, option: &str) -> Option<&Text> {
        self.cooked.get(option).or_else(|| self.raw.get(option))
    }

    /// Names of all options, those that recipes set last.
    pub(super) fn names(&self) -> Vec<String> {
        let added = self.data.keys().filter(|key| !self.raw.contains_key(*key));
        self.raw.keys().chain(added).cloned().collect()
    }

    /// All options as they are now. Python: `Options.copy`.
    pub(super) fn copy(&self) -> BTreeMap<String, Text> {
        let layers = [&self.raw, &self.cooked, &self.data];
        layers
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Options that were given and that nobody read, sorted.
    pub(super) fn unused(&self) -> Vec<&str> {
        let mut unused: Vec<&str> = self
            .raw
            .keys()
            .filter(|key| !self.data.contains_key(*key))
            .map(String::as_str)
            .collect();
        unused.sort_unstable();
        unused
    }
}

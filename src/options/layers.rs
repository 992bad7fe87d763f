//! The layers of all sections, for a copy of them elsewhere: the recipe host's.
//!
//! Python's `Buildout._raw`, `Options._raw`, `_cooked` and `_data`. A recipe in Python changes them in its copy; the changes
//! are made here one by one. Nothing is resolved and nothing counts as used by it.

use super::{Buildout, Section};
use crate::config::macros::RawOptions;
use crate::text::Text;

/// Where an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// The section as it was read, whether or not somebody asked for it.
    File,
    /// The initialised section, copies of `<=` included.
    Read,
    /// After substitution.
    Cooked,
    /// Used or set.
    Data,
}

impl Buildout {
    /// The options of all sections as they were read.
    pub fn file_layers(&self) -> impl Iterator<Item = (&str, &RawOptions)> {
        self.raw
            .iter()
            .map(|(name, options)| (name.as_str(), options))
    }

    /// The layers of all sections that somebody asked for.
    pub fn section_layers(&self) -> impl Iterator<Item = (&str, [(Layer, &RawOptions); 3])> {
        self.sections.iter().map(|(name, section)| {
            let layers = [
                (Layer::Read, &section.raw),
                (Layer::Cooked, &section.cooked),
                (Layer::Data, &section.data),
            ];
            (name.as_str(), layers)
        })
    }

    /// Makes a section known that nobody had written.
    pub fn add_section(&mut self, section: &str) {
        self.raw.entry(section.to_owned()).or_default();
    }

    /// Makes a section unknown, as it was read; who has it already keeps it.
    pub fn forget_section(&mut self, section: &str) {
        self.raw.shift_remove(section);
    }

    /// Sets an option in a layer, or takes it away.
    pub fn change(&mut self, section: &str, layer: Layer, option: &str, value: Option<&str>) {
        let options = match (layer, self.sections.get_mut(section)) {
            (Layer::File, _) => self.raw.entry(section.to_owned()).or_default(),
            (Layer::Read, Some(Section { raw, .. })) => raw,
            (Layer::Cooked, Some(Section { cooked, .. })) => cooked,
            (Layer::Data, Some(Section { data, .. })) => data,
            (_, None) => return,
        };
        match value {
            // A value that is the same keeps its place in the files.
            Some(value) if options.get(option).is_some_and(|old| old.as_str() == value) => {}
            Some(value) => {
                options.insert(option.to_owned(), Text::from(value));
            }
            None => {
                options.shift_remove(option);
            }
        }
    }
}

//! From text to [`RawConfig`]: zc.buildout's configuration language, before substitution and recipes.
//!
//! A configuration is a chain of files. Each is read by [`reader`] into sections of assignments; [`load`] follows
//! `extends`, the user's defaults and the command line, and [`merge`]s one layer over the other; [`macros`] copies
//! sections for `<=`, later and on demand, because a macro may come from any layer. [`defaults`] are the built-in values
//! of `[buildout]`. What results still has its `${…}`: that is the work of `options`.
//!
//! ```text
//! [buildout]                  a section; [name:expression] counts only where the expression holds
//! parts = zeo instance        an option; blanks round the value go away
//! eggs =                      a block: the indent that all lines share goes away,
//!     Plone                   blank lines inside stay
//! eggs += Products.X          adds lines to what lower layers say; -= takes lines away
//! # and ; in the first column start a comment, nowhere else
//!
//! [client2]
//! <= client1                  starts as a copy of another section
//! ```
//!
//! No disk here: files come through [`load::Opener`]; [`chain`] follows `extends` through it. zc.buildout: configparser.py; buildout.py, `_open`, `_update`.

mod chain;
pub mod condition;
pub mod defaults;
pub mod download;
pub mod history;
pub mod load;
pub mod macros;
mod merge;
pub mod outline;
pub mod reader;
pub mod writer;

use indexmap::IndexMap;

use crate::text::Text;
use history::AnnotatedValue;

/// Options of one section with their histories, in the order in which Python's dictionaries would have them. While
/// layers are being merged a key may still end in `+` or `-`.
pub type Section = IndexMap<String, AnnotatedValue>;

/// Sections by name.
pub type Sections = IndexMap<String, Section>;

/// The merged configuration with the history of each value, before substitution: what `annotate` and `query` print.
#[derive(Clone, Debug, Default)]
pub struct RawConfig {
    pub sections: Sections,
    /// The directory of the buildout: that of its configuration file, or what `[buildout] directory` says.
    pub directory: String,
    /// The section that `[buildout] versions` names; empty for none.
    pub versions_section: String,
}

impl RawConfig {
    /// The value of an option, before substitution.
    pub fn value(&self, section: &str, option: &str) -> Option<&Text> {
        self.sections.get(section)?.get(option).map(|v| &v.value)
    }
}

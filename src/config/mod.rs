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
///
/// A library of its own for editors and checkers: [`load::load`] makes one of texts that an [`load::Opener`] hands out, from
/// wherever they are, and each value knows the file, line and column of all that made it. What `${…}` and `<=` come to
/// is told by [`crate::options::Buildout`].
///
/// ```
/// use rbuildout::config::download::DownloadOptions;
/// use rbuildout::config::load::{self, Condition, Environment, Evaluator, Fetched, Opener};
/// use rbuildout::error::Result;
/// use rbuildout::generation::Generation;
/// use rbuildout::options::Buildout;
///
/// /// Files of an editor; nothing is on the disk.
/// struct Open;
///
/// impl Opener for Open {
///     fn open(&self, path: &str) -> Result<Option<String>> {
///         Ok(match path {
///             "/site/buildout.cfg" => Some("[buildout]\nextends = base.cfg\n[site]\nport += 81\n".to_owned()),
///             "/site/base.cfg" => Some("[site]\nport = 80\nurl = http://${:host}\nhost = h\n".to_owned()),
///             _ => None,
///         })
///     }
///     fn exists(&self, path: &str) -> bool {
///         matches!(path, "/site/buildout.cfg" | "/site/base.cfg")
///     }
///     fn siblings(&self, _: &str) -> Vec<String> {
///         vec!["buildout.cfg".to_owned(), "base.cfg".to_owned()]
///     }
///     fn fetch(&self, _: &str, _: &DownloadOptions) -> Result<Option<Fetched>> {
///         Ok(None)
///     }
///     fn prefetch(&self, _: &[String], _: &DownloadOptions) {}
///     fn notice(&self, _: &str) {}
/// }
///
/// /// No section with a condition counts.
/// struct Never;
///
/// impl Evaluator for Never {
///     fn evaluate(&self, _: &Condition<'_>) -> Result<bool> {
///         Ok(false)
///     }
/// }
///
/// let environment = Environment {
///     cwd: "/site".to_owned(),
///     home: "/h".to_owned(),
///     user_defaults: None,
///     executable: "/usr/bin/python3".to_owned(),
///     generation: Generation::NEWEST,
/// };
/// let loaded = load::load(Some("buildout.cfg"), &[], &environment, &Open, &Never).expect("it can be read");
/// let config = loaded.config;
///
/// // The value, and where its second line was written.
/// let port = config.value("site", "port").expect("there is one");
/// assert_eq!(port.as_str(), "80\n81");
/// let at = port.split('\n')[1].start().expect("it was written somewhere");
/// assert_eq!((at.source.name.as_str(), at.line, at.column), ("buildout.cfg", 4, 9));
///
/// // All that was done to it, the latest first.
/// let history = &config.sections["site"]["port"].history;
/// let done: Vec<&str> = history.latest_first().map(|change| change.operation.name()).collect();
/// assert_eq!(done, ["ADD", "SET"]);
///
/// // With references filled in.
/// let mut buildout = Buildout::new(&config);
/// let url = buildout.get("site", "url").expect("it can be resolved");
/// assert_eq!(url.expect("there is one").as_str(), "http://h");
/// ```
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

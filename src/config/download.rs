//! [`DownloadOptions`]: how configuration is fetched, by what `[buildout]` says so far.
//!
//! Built-in values, the user's defaults and the command line govern the fetching of the file that was named first; its own
//! `[buildout]` governs what it extends. zc.buildout: buildout.py, `_open`; download.py, `Download.__init__`.

use super::Section;
use super::merge::merge_section;
use crate::error::{Diagnostic, Error, Result};
use crate::pystr::repr;
use crate::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DownloadOptions {
    /// What a relative `extends-cache` is meant from; may be empty.
    pub directory: String,
    /// As written; none where it is empty.
    pub extends_cache: Option<String>,
    pub offline: bool,
    /// Ask again for what the cache has.
    pub newest: bool,
}

impl DownloadOptions {
    /// What a `[buildout]` section says, the command line over it.
    pub(super) fn new(buildout: &Section, command_line: &Section) -> Result<Self> {
        let section = merge_section(buildout.clone(), command_line)?;
        let value = |name: &str| section.get(name).map(|value| &value.value);
        let is_true = |name: &str| value(name).is_some_and(|v| v.as_str() == "true");
        let newest = match value("newest") {
            None => false,
            Some(text) => match text.as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(no_boolean("newest", text)),
            },
        };
        let extends_cache = value("extends-cache").filter(|cache| !cache.is_empty());
        if let Some(cache) = extends_cache {
            let reference = cache
                .find("${")
                .is_some_and(|start| cache[start..].contains('}'));
            if reference {
                let message = format!(
                    "extends-cache '{cache}' may not contain ${{section:variable}} to expand."
                );
                let help =
                    "write the directory out: it is needed before references can be resolved";
                let diagnostic =
                    Diagnostic::error("extends-cache", "a reference can't be resolved yet here");
                return Err(Error::user(message).with(diagnostic.at(cache).help(help)));
            }
        }
        Ok(Self {
            directory: value("directory").map(Text::to_string).unwrap_or_default(),
            extends_cache: extends_cache.map(Text::to_string),
            offline: is_true("offline") || is_true("install-from-cache"),
            newest,
        })
    }
}

fn no_boolean(option: &str, value: &Text) -> Box<Error> {
    let message = format!(
        "Invalid value for {} option: {}",
        repr(option),
        repr(value.as_str())
    );
    let diagnostic = Diagnostic::error("boolean", format!("`{option}` is `true` or `false`"));
    Error::user(message).with(diagnostic.at(value))
}

//! [`InstallPolicy`]: what holds for all installations of a run.
//!
//! Which options say so is known to `project`. zc.buildout: the class attributes of easy_install.py, `Installer`.

use indexmap::IndexMap;

use crate::dist::builder::BuildSettings;
use crate::dist::link_mode::LinkMode;
use crate::dist::name;
use crate::error::Diagnostic;
use crate::generation::Generation;
use crate::text::Text;

/// What the `[buildout]` section decides for a whole run.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of [buildout] of its own"
)]
pub struct InstallPolicy {
    /// `[versions]`: constraints by the names of [`InstallPolicy::set_versions`].
    pub versions: IndexMap<String, String>,
    /// The same as it stands in the configuration, to point at.
    pub written: IndexMap<String, Text>,
    pub prefer_final: bool,
    pub allow_picked_versions: bool,
    pub use_dependency_links: bool,
    /// Notes who asked for what: `show-picked-versions` or `update-versions-file`.
    pub store_required_by: bool,
    /// `download-cache` with its `dist`, as Python's `realpath` has it.
    pub download_cache: Option<String>,
    pub install_from_cache: bool,
    /// The index where neither `[buildout]` nor a part names one; none where nobody knows any.
    pub default_index: Option<String>,
    /// Where zc.buildout and what it needs are in the interpreter; what is there may be used. See `buildout_path`.
    pub site_path: Vec<String>,
    /// Where what is needed for builds comes from.
    pub build: BuildSettings,
    /// How eggs come from the cache that all projects share.
    pub link_mode: LinkMode,
}

/// zc.buildout's defaults.
impl Default for InstallPolicy {
    fn default() -> Self {
        Self {
            versions: IndexMap::new(),
            written: IndexMap::new(),
            prefer_final: true,
            allow_picked_versions: true,
            use_dependency_links: true,
            store_required_by: false,
            download_cache: None,
            install_from_cache: false,
            default_index: None,
            site_path: Vec::new(),
            build: BuildSettings::default(),
            link_mode: LinkMode::default(),
        }
    }
}

impl InstallPolicy {
    /// Takes the `[versions]` section as written.
    // zc.buildout: easy_install.py, `normalize_versions`.
    pub fn set_versions<'a>(&mut self, versions: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.versions = versions
            .into_iter()
            .map(|(project, version)| (self.pin_name(project), version.to_owned()))
            .collect();
    }

    /// Notes where the pins stand.
    pub fn note_places(&mut self, versions: impl IntoIterator<Item = (String, Text)>) {
        self.written = versions
            .into_iter()
            .map(|(project, text)| (self.pin_name(&project), text))
            .collect();
    }

    /// The diagnostic, pointing at a project's pin if that holds as it was written.
    pub(in crate::dist) fn at_pin(&self, name: &str, diagnostic: Diagnostic) -> Diagnostic {
        match (self.written.get(name), self.versions.get(name)) {
            (Some(text), Some(pin)) if text.as_str() == pin && !pin.is_empty() => {
                diagnostic.at(text)
            }
            _ => diagnostic,
        }
    }

    /// How a project is called among the pins.
    pub(in crate::dist) fn pin_name(&self, project: &str) -> String {
        if self.generation().pins_by_canonical_name() {
            name::canonical(project)
        } else {
            project.to_lowercase()
        }
    }

    /// Which zc.buildout the project means.
    pub(in crate::dist) fn generation(&self) -> Generation {
        self.build.tooling.generation
    }
}

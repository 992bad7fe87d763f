//! Built-in values: those of `[buildout]`, the `[versions]` section, and the directories that are made absolute before
//! anything is resolved. zc.buildout: buildout.py, `_buildout_default_options` and the second half of `Buildout.__init__`.

use super::history::{AnnotatedValue, Setter};
use super::{RawConfig, Section, Sections};
use crate::error::{Diagnostic, Error, Result};
use crate::generation::Generation;
use crate::pypath;
use crate::pystr::repr;
use crate::text::Text;

/// The version of zc.buildout that this one stands for: [`Generation::NEWEST`].
pub const IMITATED_VERSION: &str = "6.0.1";

/// The option that only some generations have.
const EGGS_DIRECTORY_VERSION: &str = "eggs-directory-version";
/// The same.
const IMPORT_PKG_RESOURCES: &str = "import-pkg-resources";

/// `[buildout]` before any file is read. `executable` is the interpreter's.
const BUILDOUT: [(&str, &str); 21] = [
    ("allow-hosts", "*"),
    ("allow-picked-versions", "true"),
    ("bin-directory", "bin"),
    ("develop-eggs-directory", "develop-eggs"),
    ("eggs-directory", "eggs"),
    ("eggs-directory-version", "v5"),
    ("find-links", ""),
    ("install-from-cache", "false"),
    ("installed", ".installed.cfg"),
    ("log-format", ""),
    ("log-level", "INFO"),
    ("newest", "true"),
    ("offline", "false"),
    ("parts-directory", "parts"),
    ("prefer-final", "true"),
    ("python", "buildout"),
    ("show-picked-versions", "false"),
    ("socket-timeout", ""),
    ("update-versions-file", ""),
    ("use-dependency-links", "true"),
    ("allow-unknown-extras", "false"),
];

/// Names of the options of `[buildout]` that always have a value.
pub fn names(generation: Generation) -> impl Iterator<Item = &'static str> {
    let own = BUILDOUT.iter().map(|(name, _)| *name);
    own.filter(move |name| {
        *name != EGGS_DIRECTORY_VERSION || generation.has_eggs_directory_version()
    })
    .chain(
        generation
            .has_import_pkg_resources()
            .then_some(IMPORT_PKG_RESOURCES),
    )
    .chain(["executable"])
}

/// Makes the built-in values those of the zc.buildout that runs, or would run. `version`: its version as it is written.
pub fn follow(config: &mut RawConfig, generation: Generation, version: &str) {
    let is_built_in = |value: &AnnotatedValue| matches!(value.setter(), Setter::Default);
    if let Some(buildout) = config.sections.get_mut("buildout") {
        if !generation.has_eggs_directory_version()
            && buildout
                .get(EGGS_DIRECTORY_VERSION)
                .is_some_and(is_built_in)
        {
            buildout.shift_remove(EGGS_DIRECTORY_VERSION);
        }
        if generation.has_import_pkg_resources() && !buildout.contains_key(IMPORT_PKG_RESOURCES) {
            let value = AnnotatedValue::new(Text::from("true"), Setter::Default, None);
            buildout.insert(IMPORT_PKG_RESOURCES.to_owned(), value);
        }
    }
    let versions = config.sections.get_mut(&config.versions_section);
    if let Some(pin) = versions.and_then(|versions| versions.get_mut("zc.buildout"))
        && is_built_in(pin)
    {
        let text = Text::from(format!(">={version}"));
        *pin = AnnotatedValue::new(text, Setter::Default, None);
    }
}

/// The section `[buildout]` that all others are laid over.
pub(super) fn buildout(executable: &str, directory: Option<&str>) -> Section {
    let default = |value: &str| AnnotatedValue::new(Text::from(value), Setter::Default, None);
    let mut section: Section = BUILDOUT
        .iter()
        .map(|(name, value)| ((*name).to_owned(), default(value)))
        .collect();
    section.insert("executable".to_owned(), default(executable));
    if let Some(directory) = directory {
        section.insert(
            "directory".to_owned(),
            AnnotatedValue::new(Text::from(directory), Setter::Computed, None),
        );
    }
    section
}

/// What is added once all layers are merged. `cwd` and `home` are the process's.
pub(super) fn complete(mut sections: Sections, cwd: &str, home: &str) -> Result<RawConfig> {
    let versions_section = versions(&mut sections)?;
    let directory = sections
        .get("buildout")
        .and_then(|buildout| buildout.get("directory"))
        .map_or_else(|| cwd.to_owned(), |value| value.value.to_string());
    if let Some(buildout) = sections.get_mut("buildout") {
        for name in ["download-cache", "eggs-directory", "extends-cache"] {
            if let Some(value) = buildout.get_mut(name) {
                make_absolute(name, value, &directory, cwd, home)?;
            }
        }
    }
    Ok(RawConfig {
        sections,
        directory,
        versions_section,
    })
}

/// `[buildout] versions`, the section it names, and the two pins that are always there.
fn versions(sections: &mut Sections) -> Result<String> {
    let buildout = sections.entry("buildout".to_owned()).or_default();
    let named = buildout.get("versions").map(|value| value.value.clone());
    let name = if let Some(name) = named {
        name
    } else {
        let value = AnnotatedValue::new(Text::from("versions"), Setter::Default, None);
        buildout.insert("versions".to_owned(), value);
        sections.entry("versions".to_owned()).or_default();
        Text::from("versions")
    };
    if name.is_empty() {
        return Ok(String::new());
    }
    let Some(versions) = sections.get_mut(name.as_str()) else {
        let message = format!("The referenced section, {}, was not defined.", repr(&name));
        let diagnostic = Diagnostic::error(
            "unknown-section",
            format!("`versions` names the section [{name}], which is nowhere"),
        );
        return Err(Error::user(message).with(
            diagnostic
                .at(&name)
                .help(format!("add a section `[{name}]`")),
        ));
    };
    for (project, constraint) in [
        ("zc.buildout", format!(">={IMITATED_VERSION}")),
        ("zc.recipe.egg", ">=2.0.6".to_owned()),
    ] {
        if !versions.contains_key(project) {
            versions.insert(
                project.to_owned(),
                AnnotatedValue::new(Text::from(constraint), Setter::Default, None),
            );
        }
    }
    Ok(name.to_string())
}

/// A relative directory is meant from the file that says it; defaults and the command line mean the buildout's.
fn make_absolute(
    name: &str,
    value: &mut AnnotatedValue,
    directory: &str,
    cwd: &str,
    home: &str,
) -> Result<()> {
    let original = value.value.to_string();
    if original.contains("${") || pypath::is_absolute(&original) {
        return Ok(());
    }
    let base = match value.setter() {
        Setter::File(file) if is_url(file) => {
            let message = format!(
                "Setting \"{name}\" to a non absolute location (\"{original}\") within a\nremote configuration file (\"{file}\") is ambiguous."
            );
            return Err(Error::user(message));
        }
        Setter::File(file) => pypath::dirname(file).to_owned(),
        _ => directory.to_owned(),
    };
    let expanded = pypath::expand_user(&original, home);
    value.set_directory(&pypath::absolute(&pypath::join(&base, &expanded), cwd));
    Ok(())
}

/// Whether a name of a file is a URL. zc.buildout: buildout.py, `_isurl`.
pub fn is_url(name: &str) -> bool {
    name.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_meant_from_their_file() {
        let mut sections = Sections::new();
        let mut section = buildout("/py", Some("/b"));
        let at =
            |v: &str, f: &str| AnnotatedValue::new(Text::from(v), Setter::File(f.into()), None);
        section.insert("eggs-directory".into(), at("../eggs", "/b/profiles/x.cfg"));
        section.insert("download-cache".into(), at("~/cache", "/b/buildout.cfg"));
        sections.insert("buildout".into(), section);
        let config = complete(sections, "/cwd", "/h/joe").unwrap();
        assert_eq!(
            config.value("buildout", "eggs-directory").unwrap().as_str(),
            "/b/eggs"
        );
        assert_eq!(
            config.value("buildout", "download-cache").unwrap().as_str(),
            "/h/joe/cache"
        );
        assert_eq!(
            config.value("versions", "zc.recipe.egg").unwrap().as_str(),
            ">=2.0.6"
        );
    }

    #[test]
    fn urls() {
        assert!(is_url("https://h/x.cfg") && is_url("file:///x"));
        assert!(!is_url("base.cfg") && !is_url("/a://b"));
    }
}

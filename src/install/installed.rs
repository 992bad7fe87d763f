//! [`Installed`]: what `.installed.cfg` says, and what it will say.
//!
//! It owns the format of the file: reading it, and the very sequence of rewriting and appending that zc.buildout goes
//! through in a run, because the bytes that come out depend on it. It touches no disk; the text is put in place with
//! everything else by the transaction. zc.buildout: buildout.py, `_read_installed_part_options`, `_save_installed_options`,
//! `_update_installed`.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::signature::{UNFINISHED, UNINSTALLED};
use crate::config::{reader, writer};
use crate::error::{Diagnostic, Result};
use crate::pystr::{split, universal_newlines};
use crate::text::{Source, Text};

/// Options of an installed part, with the two that buildout adds.
pub type PartOptions = BTreeMap<String, Text>;

pub const FILES: &str = "__buildout_installed__";
pub const SIGNATURE: &str = "__buildout_signature__";
const DEVELOP_EGGS: &str = "installed_develop_eggs";

/// Lines for the end of the file: a part was uninstalled, and its new installation not finished.
pub fn uninstalled(part: &str) -> String {
    lines(part, UNINSTALLED)
}

fn lines(part: &str, signature: &str) -> String {
    format!("\n[{part}]\n{}", writer::option(SIGNATURE, signature))
}

/// A part that a run has taken up.
#[derive(Clone, Debug)]
pub struct Begun {
    pub part: String,
    /// Whether it was uninstalled on the way, by what the run has said and the recipe has done.
    pub uninstalled: bool,
}

impl Begun {
    pub fn new(part: &str) -> Self {
        Self {
            part: part.to_owned(),
            uninstalled: false,
        }
    }

    /// In place of a signature.
    fn signature(&self) -> &'static str {
        if self.uninstalled {
            UNINSTALLED
        } else {
            UNFINISHED
        }
    }
}

/// The parts that are installed.
#[derive(Debug)]
pub struct Installed {
    sections: IndexMap<String, PartOptions>,
    /// The text of the file; none while there is no file.
    text: Option<String>,
    /// The file as it was read, with the parts that it names.
    before: Option<(String, Vec<String>)>,
}

impl Installed {
    /// What a file says. `text` is none where there is no file. Warnings tell what was mended.
    pub fn parse(path: &str, text: Option<String>) -> Result<(Self, Vec<Diagnostic>)> {
        let mut warnings = Vec::new();
        let mut sections = IndexMap::new();
        if let Some(text) = &text {
            let source = Source {
                name: path.to_owned(),
                text: universal_newlines(text),
                extended_from: None,
            };
            let read = reader::read(&Arc::new(source), path, &mut |_| Ok(true)).map_err(|mut error| {
                if let Some(diagnostic) = error.diagnostics.first_mut() {
                    diagnostic.help =
                        vec!["the record of installed parts is damaged; move it away and all parts are installed anew".into()];
                }
                error
            })?;
            for (name, options) in read {
                let options = options
                    .into_iter()
                    .map(|(k, a)| (k, Text::from(writer::unquote(&a.value))))
                    .collect();
                sections.insert(name, options);
            }
            if !sections.contains_key("buildout") {
                warnings.push(
                    Diagnostic::warning(
                        "installed-damaged",
                        format!("{path} has no section [buildout]; it is written anew"),
                    )
                    .help("all parts are installed again; no file of an earlier run is removed"),
                );
                sections.clear();
            }
        }
        sections
            .entry("buildout".to_owned())
            .or_insert_with(PartOptions::new)
            .entry("parts".to_owned())
            .or_default();
        let mut installed = Self {
            sections,
            text,
            before: None,
        };
        installed.before = installed.text.clone().map(|text| (text, installed.parts()));
        Ok((installed, warnings))
    }

    /// Whether there is a file.
    pub fn exists(&self) -> bool {
        self.text.is_some()
    }

    /// Whether there was a file before this run.
    pub fn existed(&self) -> bool {
        self.before.is_some()
    }

    /// Names of installed parts, in the order of their installation.
    pub fn parts(&self) -> Vec<String> {
        self.buildout("parts")
            .map(|parts| split(&parts).map(str::to_owned).collect())
            .unwrap_or_default()
    }

    fn buildout(&self, option: &str) -> Option<Text> {
        self.sections.get("buildout")?.get(option).cloned()
    }

    /// Files of develop eggs of the last run.
    pub fn develop_eggs(&self) -> Vec<String> {
        let eggs = self.buildout(DEVELOP_EGGS).unwrap_or_default();
        eggs.as_str()
            .split('\n')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Options of an installed part, without its list of files.
    pub fn options(&self, part: &str) -> PartOptions {
        let mut options = self.sections.get(part).cloned().unwrap_or_default();
        options.remove(FILES);
        options
    }

    /// Paths that a part has made.
    pub fn files(&self, part: &str) -> Vec<String> {
        let files = self
            .sections
            .get(part)
            .and_then(|options| options.get(FILES))
            .cloned()
            .unwrap_or_default();
        let paths = files.as_str().split('\n');
        paths
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Notes the develop eggs of this run.
    pub fn set_develop_eggs(&mut self, eggs: &str) {
        self.set_buildout(DEVELOP_EGGS, eggs);
        if self.exists() {
            self.append(DEVELOP_EGGS, eggs);
        }
    }

    /// Appends the list of parts to the file: something went, or nothing had to be saved.
    pub fn append_parts(&mut self, parts: &[String]) {
        self.append("parts", &parts.join(" "));
    }

    /// Writes the whole file: a part was installed.
    pub fn save(&mut self, parts: &[String], part: &str, options: PartOptions) {
        self.sections.insert(part.to_owned(), options);
        self.set_buildout("parts", &parts.join(" "));
        let mut text = self
            .sections
            .get("buildout")
            .map(|options| writer::section("buildout", options))
            .unwrap_or_default();
        for part in parts {
            text.push('\n');
            if let Some(options) = self.sections.get(part) {
                text.push_str(&writer::section(part, options));
            }
        }
        self.text = Some(text);
    }

    /// Takes note of a part's options without writing the whole file.
    pub fn note(&mut self, part: &str, options: PartOptions) {
        self.sections.insert(part.to_owned(), options);
    }

    /// No part is left: neither is the file.
    pub fn remove(&mut self) {
        self.text = None;
    }

    /// The file as it was read, with a word that some installed parts were begun and not finished. None where there was no
    /// file or where it names none of them.
    pub fn with_unfinished(&self, parts: &[Begun]) -> Option<String> {
        let (text, installed) = self.before.as_ref()?;
        let mut text = text.clone();
        let before = text.len();
        for begun in parts.iter().filter(|begun| installed.contains(&begun.part)) {
            let told = [UNFINISHED, UNINSTALLED].map(|word| lines(&begun.part, word));
            let last = told.iter().max_by_key(|lines| text.rfind(*lines));
            let now = lines(&begun.part, begun.signature());
            // Once is enough, however often the run fails: a part that is installed has the file written anew.
            if last != Some(&now) || !text.contains(&now) {
                text.push_str(&now);
            }
        }
        (text.len() > before).then_some(text)
    }

    /// The file while a run goes on, or after one that failed when something was done already: what is installed by now, and
    /// these parts as they were, with a word that they were begun and not finished.
    pub fn interim(&self, unfinished: &[Begun]) -> Option<String> {
        let mut text = match (&self.text, unfinished) {
            (Some(text), _) => text.clone(),
            (None, []) => return None,
            (None, _) => String::new(),
        };
        let mut parts = Self::parts_of(&text);
        // They were taken up from the last to the first.
        for begun in unfinished.iter().rev() {
            let part = &begun.part;
            let Some(options) = self.sections.get(part) else {
                continue;
            };
            let mut options = options.clone();
            options.insert(SIGNATURE.to_owned(), Text::from(begun.signature()));
            text.push('\n');
            text.push_str(&writer::section(part, &options));
            if !parts.contains(part) {
                parts.push(part.clone());
            }
        }
        if !unfinished.is_empty() {
            text.push_str("\n[buildout]\n");
            text.push_str(&writer::option("parts", &parts.join(" ")));
        }
        Some(text)
    }

    /// The parts that a text of the file names.
    fn parts_of(text: &str) -> Vec<String> {
        Self::parse("", Some(text.to_owned()))
            .map(|(installed, _)| installed.parts())
            .unwrap_or_default()
    }

    /// Whether there is anything worth a file.
    pub fn has_develop_eggs(&self) -> bool {
        !self.develop_eggs().is_empty()
    }

    /// Writes the whole file though no part was installed.
    pub fn save_buildout(&mut self) {
        let options = self.sections.get("buildout");
        self.text = options.map(|options| writer::section("buildout", options));
    }

    /// The file on disk is what [`Installed::text`] says.
    pub fn is_written(&mut self) {
        if let (Some(text), Some(before)) = (&self.text, &mut self.before) {
            before.0.clone_from(text);
        }
    }

    /// What the file shall hold; none for no file.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    fn set_buildout(&mut self, option: &str, value: &str) {
        if let Some(buildout) = self.sections.get_mut("buildout") {
            buildout.insert(option.to_owned(), Text::from(value));
        }
    }

    fn append(&mut self, option: &str, value: &str) {
        if let Some(text) = &mut self.text {
            text.push_str("\n[buildout]\n");
            text.push_str(&writer::option(option, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> PartOptions {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), Text::from(*v)))
            .collect()
    }

    #[test]
    fn a_first_run_and_a_second_that_only_appends() {
        let (mut installed, _) = Installed::parse("i", None).unwrap();
        installed.set_develop_eggs("");
        installed.save(
            &["a".into()],
            "a",
            options(&[("recipe", "r"), (FILES, "/b/x\n/b/y")]),
        );
        let text = installed.text().unwrap().to_owned();
        assert_eq!(
            text,
            "[buildout]\ninstalled_develop_eggs = \nparts = a\n\n[a]\n__buildout_installed__ = /b/x\n\t/b/y\nrecipe = r\n"
        );
        let (mut again, _) = Installed::parse("i", Some(text.clone())).unwrap();
        assert_eq!(again.files("a"), ["/b/x", "/b/y"]);
        assert_eq!(again.options("a"), options(&[("recipe", "r")]));
        again.set_develop_eggs("");
        again.append_parts(&["a".into()]);
        assert_eq!(
            again.text().unwrap(),
            format!("{text}\n[buildout]\ninstalled_develop_eggs = \n\n[buildout]\nparts = a\n")
        );
    }

    #[test]
    fn parts_that_were_begun_keep_their_files() {
        let text = "[buildout]\nparts = a b\n\n[a]\n__buildout_installed__ = /b/a\nx = 1\n\n[b]\n__buildout_installed__ = \n";
        let (mut installed, _) = Installed::parse("i", Some(text.to_owned())).unwrap();
        installed.append_parts(&["b".into()]);
        assert_eq!(installed.interim(&[]).as_deref(), installed.text());
        let interim = installed.interim(&[Begun::new("a")]).unwrap();
        let (read, _) = Installed::parse("i", Some(interim)).unwrap();
        assert_eq!(read.parts(), ["b", "a"]);
        assert_eq!(read.files("a"), ["/b/a"]);
        assert_eq!(read.options("a")[SIGNATURE].as_str(), UNFINISHED);
    }

    #[test]
    fn an_empty_file_is_mended() {
        let (installed, warnings) = Installed::parse("i", Some(String::new())).unwrap();
        assert!(installed.parts().is_empty());
        assert_eq!(warnings.len(), 1);
    }
}

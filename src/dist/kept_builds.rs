//! What editable builds have made before, and by what a run knows that they would make the same again.
//!
//! A build that was watched (`watch.py`) has told which files it opened, which directories it listed and which variables it
//! read. While all of these are as they were, and what it wrote is as it left it, its wheel is taken again from
//! `CACHE/developed`, and no Python is started.
//! Where a build did what can't be followed, it is done in every run, as zc.buildout does it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::error::Result;
use crate::sys::directory;
use crate::sys::fs;
use crate::sys::process::changed_variable;

/// To be counted up when what is kept comes to mean something else.
const EDITION: &str = "3";

/// So many directories and files are compared with what they were; where it is more, building is no slower.
const MOST: usize = 4000;

/// What a build has looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// What can't be followed, if there is such.
    unsure: Option<String>,
    read: Vec<String>,
    /// Written before they were read, if they ever were: the project is as this build left it if these are.
    written: Vec<String>,
    listed: Vec<String>,
    /// Hashes of their values.
    variables: BTreeMap<String, Option<String>>,
}

/// A build as it was.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// What was built with what.
    subject: String,
    read: Vec<(String, Option<String>)>,
    /// An egg-info among the sources, which is asked for the project's version: zc.buildout, pip, or rbuildout for another
    /// Python may have built since.
    written: Vec<(String, Option<String>)>,
    listed: Vec<(String, Option<String>)>,
    variables: BTreeMap<String, Option<String>>,
    wheel: String,
}

/// The place of what is kept of one directory.
#[derive(Debug)]
pub(super) struct KeptBuild {
    /// `CACHE/developed/HASH`, to be continued with `.json` or `.whl`.
    place: PathBuf,
    subject: String,
}

impl KeptBuild {
    /// `subject`: all that a build depends on beside what it looks at.
    pub(super) fn of(root: &Path, source: &Path, subject: &str) -> Self {
        let source = source.display().to_string();
        let name = hex(&Sha256::digest(source.as_bytes()));
        Self {
            place: root.join("developed").join(name.get(..32).unwrap_or(&name)),
            subject: hex(&Sha256::digest(format!("{EDITION}\0{subject}").as_bytes())),
        }
    }

    /// Copies the wheel into `out`, if a build would make the same one now; gives its name.
    pub(super) fn take(&self, out: &Path, variables: &IndexMap<String, String>) -> Option<String> {
        let bytes = fs::read_if_there(self.place.with_extension("json")).ok()??;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        if kept.subject != self.subject || !kept.is_as_it_was(variables) {
            return None;
        }
        let place = self.place.with_extension("whl");
        let wheel = fs::read(&place).ok()?;
        // Only for those who tidy up.
        drop(fs::touch(&place));
        drop(fs::touch(self.place.with_extension("json")));
        fs::make_directory(out).ok()?;
        fs::create(out.join(&kept.wheel), &wheel, 0o666).ok()?;
        Some(kept.wheel)
    }

    /// Keeps what a build has made. A cache that can't be written only costs time.
    pub(super) fn keep(&self, seen: Option<Seen>, out: &Path, wheel: &str) {
        drop(self.try_to_keep(seen, out, wheel));
    }

    fn try_to_keep(&self, seen: Option<Seen>, out: &Path, wheel: &str) -> Result<()> {
        let note = self.place.with_extension("json");
        let seen = seen.filter(|seen| {
            let looked_at = seen.read.len() + seen.written.len() + seen.listed.len();
            seen.unsure.is_none() && looked_at <= MOST
        });
        let Some(seen) = seen else {
            return fs::remove_file_if_there(&note);
        };
        let kept = Kept {
            subject: self.subject.clone(),
            read: with_states(seen.read, content),
            written: with_states(seen.written, content),
            listed: with_states(seen.listed, names),
            variables: seen.variables,
            wheel: wheel.to_owned(),
        };
        let Ok(text) = serde_json::to_vec(&kept) else {
            return Ok(());
        };
        if let Some(directory) = note.parent() {
            fs::make_directory(directory)?;
        }
        fs::remove_file_if_there(&note)?;
        fs::replace(
            self.place.with_extension("whl"),
            &fs::read(out.join(wheel))?,
        )?;
        fs::replace(&note, &text)
    }
}

impl Kept {
    fn is_as_it_was(&self, variables: &IndexMap<String, String>) -> bool {
        self.variables.iter().all(|(name, value)| {
            let now = changed_variable(name).unwrap_or_else(|| variables.get(name).cloned());
            now.map(|now| hex(&Sha256::digest(now.as_bytes()))) == *value
        }) && self
            .written
            .iter()
            .all(|(path, left)| content(path) == *left)
            && self
                .listed
                .iter()
                .all(|(path, known)| names(path) == *known)
            && self
                .read
                .iter()
                .all(|(path, known)| content(path) == *known)
    }
}

/// A hash of what a file holds; none where there is no such file.
fn content(path: &str) -> Option<String> {
    if fs::is_dir(path) {
        return Some("a directory".to_owned());
    }
    Some(hex(&Sha256::digest(&fs::read(path).ok()?)))
}

/// A hash of what is in a directory by name, bytecode left out; none where there is no such directory.
fn names(path: &str) -> Option<String> {
    if !fs::is_dir(path) {
        return None;
    }
    let mut names: Vec<String> = directory::entries(path)
        .into_iter()
        .filter(|entry| {
            let name = entry.name.as_str();
            name != "__pycache__" && !name.ends_with(".pyc") && !name.ends_with(".pyo")
        })
        .map(|entry| format!("{}\0{}{}\n", entry.name, entry.is_dir, entry.is_link))
        .collect();
    names.sort_unstable();
    Some(hex(&Sha256::digest(names.concat().as_bytes())))
}

fn with_states<S>(paths: Vec<String>, state: impl Fn(&str) -> S) -> Vec<(String, S)> {
    let with_state = |path: String| {
        let state = state(&path);
        (path, state)
    };
    paths.into_iter().map(with_state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(root: &Path) -> Seen {
        let at = |name: &str| root.join(name).display().to_string();
        Seen {
            unsure: None,
            read: vec![at("setup.py"), at("setup.cfg")],
            written: vec![at("egg-info")],
            listed: vec![at("src")],
            variables: BTreeMap::from([
                ("WORD".to_owned(), Some(hex(&Sha256::digest(b"yes")))),
                ("NONE".to_owned(), None),
            ]),
        }
    }

    #[test]
    fn a_build_is_made_again_when_something_it_looked_at_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let put = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
        let setting = |value: &str| IndexMap::from([("WORD".to_owned(), value.to_owned())]);
        std::fs::create_dir_all(root.join("src/__pycache__")).unwrap();
        std::fs::create_dir_all(root.join("out")).unwrap();
        for (name, text) in [("setup.py", "1"), ("egg-info", "x"), ("out/a.whl", "wheel")] {
            put(name, text);
        }
        let build = KeptBuild::of(&root.join("cache"), root, "with this");
        let taken = || {
            drop(std::fs::remove_dir_all(root.join("new")));
            build.take(&root.join("new"), &setting("yes"))
        };
        assert_eq!(taken(), None);
        build.keep(Some(seen(root)), &root.join("out"), "a.whl");
        assert_eq!(taken(), Some("a.whl".to_owned()));
        assert_eq!(std::fs::read(root.join("new/a.whl")).unwrap(), b"wheel");
        // What does not count.
        put("src/__pycache__/a.pyc", "");
        put("egg-info", "x");
        put("setup.py", "1");
        assert!(taken().is_some());
        // What does.
        for (name, before, after) in [
            ("setup.py", Some("1"), "2"),
            ("setup.cfg", None, ""),
            ("src/new.py", None, ""),
            // Somebody else has built meanwhile.
            ("egg-info", Some("x"), "y"),
        ] {
            put(name, after);
            assert_eq!(taken(), None, "{name}");
            match before {
                Some(text) => put(name, text),
                None => std::fs::remove_file(root.join(name)).unwrap(),
            }
            assert!(taken().is_some(), "{name}");
        }
        assert_eq!(build.take(&root.join("new"), &setting("no")), None);
        let other = KeptBuild::of(&root.join("cache"), root, "with that");
        assert_eq!(other.take(&root.join("new"), &setting("yes")), None);
        std::fs::remove_file(root.join("egg-info")).unwrap();
        assert_eq!(taken(), None);
    }

    #[test]
    fn what_can_not_be_followed_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("a.whl"), "wheel").unwrap();
        let build = KeptBuild::of(&root.join("cache"), root, "");
        let nothing = || Seen {
            unsure: None,
            read: vec![],
            written: vec![],
            listed: vec![],
            variables: BTreeMap::new(),
        };
        build.keep(Some(nothing()), root, "a.whl");
        assert!(build.take(&root.join("new"), &IndexMap::new()).is_some());
        let unsure = Seen {
            unsure: Some("subprocess.Popen".to_owned()),
            ..nothing()
        };
        build.keep(Some(unsure), root, "a.whl");
        assert!(build.take(&root.join("again"), &IndexMap::new()).is_none());
    }
}

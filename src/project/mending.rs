//! [`mend`]: makes the edits that findings ask for, and keeps those that help.
//!
//! Each edit is tried on the texts in memory: only where its finding is gone and no error has come does it stay. Files
//! outside of the buildout, and those of URLs, are not touched. Nothing is written here but by [`Mended::write`].

use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::checking::{Looked, Wanted, check_with};
use super::{Request, Surroundings};
use crate::checks::Finding;
use crate::checks::fix::{self, Edit};
use crate::config::defaults::is_url;
use crate::error::{Diagnostic, Result, Severity};
use crate::log::Log;
use crate::pypath;
use crate::sys::fs;

/// What was mended.
#[derive(Debug)]
pub struct Mended {
    /// What is left.
    pub looked: Looked,
    /// What is gone.
    pub gone: Vec<Diagnostic>,
    /// Files by path: the name that people know, the text before, the text after.
    pub files: IndexMap<String, MendedFile>,
}

/// A file that was mended.
#[derive(Debug)]
pub struct MendedFile {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// More edits than this are left for the next run.
const MOST: usize = 1_000;

/// Mends what the findings of a check ask for. `named`: only these ids.
pub fn mend(
    request: &Request,
    surroundings: &Surroundings,
    wanted: &Wanted,
    named: &[String],
    log: &Log,
) -> Result<Mended> {
    let look = |texts: &Rc<IndexMap<String, String>>| {
        check_with(request, texts, surroundings, wanted, log.clone())
    };
    let mut texts: Rc<IndexMap<String, String>> = Rc::default();
    let mut mended = Mended {
        looked: look(&texts)?,
        gone: Vec::new(),
        files: IndexMap::new(),
    };
    let mut tried = IndexSet::new();
    while tried.len() < MOST {
        let directory = mended.looked.config.directory.clone();
        let next = mended.looked.findings.iter().find_map(|finding| {
            let edits = fix::edits(finding, &mended.looked.config, named)?;
            let key = key(finding);
            (!tried.contains(&key)).then(|| (key, finding.clone(), edits))
        });
        let Some((key, finding, edits)) = next else {
            break;
        };
        tried.insert(key);
        let Some(changed) = changed(&texts, &edits, surroundings, &directory)? else {
            continue;
        };
        let changed = Rc::new(changed);
        let Ok(looked) = look(&changed) else { continue };
        if !helps(&finding, &mended.looked, &looked) {
            continue;
        }
        for edit in &edits {
            let path = pypath::join(&surroundings.cwd, &edit.file);
            if !mended.files.contains_key(&path) {
                let file = MendedFile {
                    name: edit.file.clone(),
                    before: fs::read_text(&path)?,
                    after: String::new(),
                };
                mended.files.insert(path, file);
            }
        }
        texts = changed;
        mended.looked = looked;
        mended.gone.push(finding.told.diagnostic);
    }
    for (path, file) in &mut mended.files {
        if let Some(text) = texts.get(path) {
            file.after.clone_from(text);
        }
    }
    Ok(mended)
}

impl Mended {
    /// Writes the files, each whole or not at all.
    pub fn write(&self) -> Result<()> {
        for (path, file) in &self.files {
            let target = fs::write_target(path)?;
            fs::replace(&target, file.after.as_bytes())?;
        }
        Ok(())
    }
}

/// A finding, to know it again.
fn key(finding: &Finding) -> String {
    let diagnostic = &finding.told.diagnostic;
    format!(
        "{} {:?} {}",
        diagnostic.id, diagnostic.at, diagnostic.message
    )
}

/// The texts with edits made; `None` where one of them can't or must not be made.
fn changed(
    texts: &IndexMap<String, String>,
    edits: &[Edit],
    surroundings: &Surroundings,
    directory: &str,
) -> Result<Option<IndexMap<String, String>>> {
    let mut changed = texts.clone();
    let mut files: IndexMap<&str, Vec<Edit>> = IndexMap::new();
    for edit in edits {
        files.entry(&edit.file).or_default().push(edit.clone());
    }
    for (name, edits) in files {
        let path = pypath::join(&surroundings.cwd, name);
        let inside = pypath::normalized(&path)
            .strip_prefix(directory)
            .is_some_and(|rest| rest.starts_with('/'));
        if is_url(name) || !inside {
            return Ok(None);
        }
        let text = match changed.get(&path) {
            Some(text) => text.clone(),
            None => match fs::read_if_there(&path)?.map(String::from_utf8) {
                Some(Ok(text)) => text,
                _ => return Ok(None),
            },
        };
        let Some(text) = fix::apply(&text, &edits) else {
            return Ok(None);
        };
        changed.insert(path, text);
    }
    Ok(Some(changed))
}

/// Whether a finding is gone, and no error has come.
fn helps(finding: &Finding, before: &Looked, after: &Looked) -> bool {
    let told = &finding.told.diagnostic;
    let count = |looked: &Looked, id: &str| {
        let all = looked.findings.iter().map(|f| &f.told.diagnostic);
        all.filter(|d| d.id == id && d.message == told.message)
            .count()
    };
    let errors = |looked: &Looked| {
        let all = looked.findings.iter().map(|f| f.told.diagnostic.severity);
        all.filter(|severity| *severity == Severity::Error).count()
    };
    count(after, told.id) < count(before, told.id) && errors(after) <= errors(before)
}

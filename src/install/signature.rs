//! `__buildout_signature__`: words that change when the recipe of a part changes.
//!
//! zc.buildout names each distribution of the recipe's closure: an egg by its directory, one of site-packages by the MD5 of
//! the whole of site-packages. That hash is kept in the user's cache under the names, sizes and times of all files, so
//! that a run that changes nothing reads no file. Where the interpreter does not hold zc.buildout there is nothing to
//! name; the word is then our own, and a signature of zc.buildout's is left as it is. zc.buildout: buildout.py,
//! `_compute_part_signatures`, `_dists_sig`, `_dir_hash`.

use std::sync::Arc;

use indexmap::IndexMap;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::config::reader;
use crate::digest::hex;
use crate::dist::distribution::{Distribution, Precedence};
use crate::error::Result;
use crate::generation::Generation;
use crate::pypath;
use crate::pystr::{repr, universal_newlines};
use crate::sys::directory;
use crate::sys::fs;
use crate::text::Source;

const OWN: &str = "rbuildout:";

/// In place of the signature of a part whose installation failed: no signature ever equals it.
pub const UNFINISHED: &str = "rbuildout:unfinished";

/// The same, where that run had uninstalled the part, by its words and the recipe's: its files came back. The next run
/// takes them away without another word.
pub const UNINSTALLED: &str = "rbuildout:uninstalled";

/// Our own word, for a recipe that no interpreter holds.
pub fn own(project: &str, version: &str) -> String {
    format!("{OWN}{project}-{version}")
}

/// The signature to compare and to save: what zc.buildout wrote stands where we have no better word.
pub fn settled(computed: &str, installed: Option<&str>) -> String {
    match installed {
        Some(installed) if computed.starts_with(OWN) && !installed.starts_with(OWN) => {
            installed.to_owned()
        }
        _ => computed.to_owned(),
    }
}

/// Hashes of directories, each worked out once a run.
#[derive(Debug)]
pub struct DirectoryHashes {
    /// The user's cache directory.
    cache: String,
    /// Whether `.git` does not count.
    ignores_git: bool,
    known: IndexMap<String, String>,
}

impl DirectoryHashes {
    pub fn new(cache: String, generation: Generation) -> Self {
        Self {
            cache,
            ignores_git: generation.ignores_git(),
            known: IndexMap::new(),
        }
    }

    /// The words for the closure of a recipe.
    pub fn signature(&mut self, mut distributions: Vec<Distribution>) -> Result<String> {
        distributions.sort();
        distributions.dedup();
        let mut words = Vec::new();
        for distribution in &distributions {
            words.push(if distribution.precedence == Precedence::Develop {
                format!(
                    "{}-{}",
                    distribution.project_name,
                    self.of(&distribution.location)?
                )
            } else {
                pypath::basename(&distribution.location).to_owned()
            });
        }
        Ok(words.join(" "))
    }

    fn of(&mut self, directory: &str) -> Result<&str> {
        if !self.known.contains_key(directory) {
            let hash = directory_hash(directory, &self.cache, self.ignores_git)?;
            self.known.insert(directory.to_owned(), hash);
        }
        Ok(self.known.get(directory).map_or("", String::as_str))
    }
}

/// A hash as it was found, and of what.
#[derive(Serialize, Deserialize)]
struct Kept {
    directory: String,
    /// MD5 of names, sizes and times.
    seen: String,
    hash: String,
}

/// The MD5 of a directory with all that is in it.
// zc.buildout: buildout.py, _dir_hash
fn directory_hash(directory: &str, cache: &str, ignores_git: bool) -> Result<String> {
    let tree = walk(directory, ignores_git);
    let mut seen = Md5::new();
    for folder in &tree {
        seen.update(b"\0");
        seen.update(folder.summary.as_bytes());
        seen.update(b"\0");
        // Their names are in the summary.
        for (_, stat) in &folder.files {
            seen.update(b"f");
            seen.update(stat.size.to_le_bytes());
            seen.update(stat.modified.to_le_bytes());
            seen.update(stat.inode.to_le_bytes());
        }
    }
    let seen = hex(&seen.finalize());
    let name = hex(&Md5::digest(directory.as_bytes()));
    let file = format!("{cache}/directory-hashes/{name}.json");
    let kept = fs::read_if_there(&file)
        .ok()
        .flatten()
        .and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.seen == seen && kept.directory == directory) {
        return Ok(kept.hash);
    }
    let mut hash = Md5::new();
    for folder in &tree {
        hash.update(folder.summary.as_bytes());
        for (name, _) in &folder.files {
            hash.update(content(&pypath::join(&folder.path, name))?);
        }
    }
    let hash = hex(&hash.finalize());
    let kept = Kept {
        directory: directory.to_owned(),
        seen,
        hash: hash.clone(),
    };
    if let Ok(bytes) = serde_json::to_vec(&kept) {
        // A cache that can't be written only costs time.
        drop(fs::make_directory(pypath::dirname(&file)).and_then(|()| fs::replace(&file, &bytes)));
    }
    Ok(hash)
}

struct Folder {
    path: String,
    /// Names of directories and files, as they go into the hash.
    summary: String,
    files: Vec<(String, fs::Stat)>,
}

fn walk(directory: &str, ignores_git: bool) -> Vec<Folder> {
    let mut folders = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let mut directories = Vec::new();
        let mut links = Vec::new();
        let mut files = Vec::new();
        for (entry, stat) in directory::entries_with_stats(&directory) {
            if entry.is_dir {
                let is_ignored = match entry.name.as_str() {
                    ".svn" | "CVS" | "__pycache__" => true,
                    ".git" => ignores_git,
                    _ => false,
                };
                if !is_ignored {
                    if entry.is_link {
                        links.push(entry.name.clone());
                    }
                    directories.push(entry.name);
                }
            } else if !entry.name.ends_with("pyc") && !entry.name.ends_with("pyo") {
                files.extend(stat.map(|stat| (entry.name, stat)));
            }
        }
        directories.sort_unstable();
        files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let names: Vec<&str> = directories
            .iter()
            .chain(files.iter().map(|(name, _)| name))
            .map(String::as_str)
            .collect();
        let summary = names.join(" ");
        // Depth first, in order: the last pushed is the first walked. Links to directories are named but not entered.
        for name in directories
            .iter()
            .rev()
            .filter(|name| !links.contains(name))
        {
            pending.push(pypath::join(&directory, name));
        }
        folders.push(Folder {
            path: directory,
            summary,
            files,
        });
    }
    folders
}

/// What of a file goes into the hash: its bytes; for entry points, which no tool writes in a stable order, their sorted form.
fn content(path: &str) -> Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    if pypath::basename(path) != "entry_points.txt" {
        return Ok(bytes);
    }
    Ok(sorted_entry_points(path, &bytes).map_or(bytes, String::into_bytes))
}

fn sorted_entry_points(path: &str, bytes: &[u8]) -> Option<String> {
    let text = universal_newlines(std::str::from_utf8(bytes).ok()?);
    let source = Source {
        name: path.to_owned(),
        text,
        extended_from: None,
    };
    // Conditions make no sense here; Python would try to evaluate the expression and fall back to the bytes.
    let mut conditional = false;
    let sections = reader::read(&Arc::new(source), path, &mut |_| {
        conditional = true;
        Ok(true)
    })
    .ok()?;
    if conditional {
        return None;
    }
    let mut names: Vec<&String> = sections.keys().collect();
    names.sort_unstable();
    let sections: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let mut items: Vec<_> = sections.get(name)?.iter().collect();
            items.sort_unstable_by(|a, b| a.0.cmp(b.0));
            let items: Vec<String> = items
                .iter()
                .map(|(k, a)| format!("({}, {})", repr(k), repr(&a.value)))
                .collect();
            Some(format!("({}, [{}])", repr(name), items.join(", ")))
        })
        .collect();
    Some(format!("[{}]", sections.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_give_way_to_those_of_zc_buildout() {
        let own = own("zc.recipe.egg", "6.0.0");
        assert_eq!(
            settled(&own, Some("zc-recipe-egg-0123")),
            "zc-recipe-egg-0123"
        );
        assert_eq!(settled(&own, Some("rbuildout:zc.recipe.egg-5")), own);
        assert_eq!(settled("a-1", Some("a-2")), "a-1");
    }

    #[test]
    fn the_hash_of_a_directory_follows_its_content() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("site");
        std::fs::create_dir_all(site.join("pkg/__pycache__")).unwrap();
        std::fs::write(site.join("pkg/a.py"), "x").unwrap();
        std::fs::write(site.join("pkg/a.pyc"), "ignored").unwrap();
        let cache = root.path().join("cache").to_string_lossy().into_owned();
        let site_text = site.to_string_lossy().into_owned();
        // python3: md5(b'pkg' + b'a.py' + b'x')
        let hash = directory_hash(&site_text, &cache, true).unwrap();
        assert_eq!(hash, hex(&Md5::digest(b"pkga.pyx")));
        assert_eq!(directory_hash(&site_text, &cache, true).unwrap(), hash);
        std::fs::write(site.join("pkg/a.py"), "yy").unwrap();
        assert_ne!(directory_hash(&site_text, &cache, true).unwrap(), hash);
    }
}

//! The `develop` option: projects that are worked on, found in their own directories.
//!
//! All are built first; only when every one of them stands are the files of the last run replaced, in one transaction
//! with the record of what is installed. zc.buildout removes them before it builds. zc.buildout: buildout.py,
//! `Buildout._develop`, `_sanity_check_develop_eggs_files`.

use indexmap::IndexMap;

use super::installed::Installed;
use super::transaction::{Permissions, Transaction};
use crate::dist::develop::{Developed, directory_of};
use crate::dist::pattern::matches;
use crate::error::{Doing, Result};
use crate::log::{DEBUG, EASY_INSTALL, INFO, WARNING};
use crate::project::{Project, Settings};
use crate::pypath;
use crate::pystr::{repr, split};
use crate::sys::directory;
use crate::sys::fs;

/// Makes the develop eggs of this run and forgets those of the last one.
pub(super) fn develop(
    project: &mut Project,
    settings: &Settings,
    installed: &mut Installed,
    own: &str,
) -> Result<Vec<Developed>> {
    let made = build(project, settings)?;
    put_in_place(&made, settings, installed, own)?;
    Ok(made)
}

fn build(project: &mut Project, settings: &Settings) -> Result<Vec<Developed>> {
    let option = project
        .buildout
        .get("buildout", "develop")
        .doing(|| "Processing directories listed in the develop option".to_owned())?
        .unwrap_or_default();
    let found = find(&option, &settings.directory);
    let directories: Vec<String> = found
        .iter()
        .flat_map(|(_, all)| all)
        .map(|path| directory_of(path))
        .collect();
    let mut built = None;
    let mut made = Vec::new();
    for (pattern, paths) in &found {
        if paths.is_empty() {
            let message = format!("Couldn't develop {} (not found)", repr(pattern));
            project.log.say(WARNING, &message);
        }
        for path in paths {
            project.log.say(INFO, &format!("Develop: {}", repr(path)));
            let doing = || format!("Processing develop directory {}.", repr(path));
            // All are built side by side when it is the turn of the first.
            let all = match built.take() {
                Some(all) => all,
                None => project
                    .host
                    .develop(&mut project.buildout, &directories)
                    .doing(doing)?
                    .into_iter(),
            };
            let built = built.insert(all);
            let log = project.log.named(EASY_INSTALL);
            log.say(DEBUG, &format!("Making editable install of {path}"));
            let Some(one) = built.next() else { continue };
            let one: Developed = one.doing(doing)?;
            if let Some(warning) = one.namespace_warning() {
                log.say(WARNING, &warning);
            }
            let link = format!("{}.egg-link", one.project);
            let link = pypath::join(&settings.develop_eggs_directory, &link);
            log.say(
                DEBUG,
                &format!("Successfully made editable install: {link}"),
            );
            made.push(one);
        }
    }
    Ok(made)
}

/// The words of the option as absolute patterns, with what they match.
fn find(option: &str, base: &str) -> Vec<(String, Vec<String>)> {
    split(option)
        .map(|word| {
            let pattern = if word.contains("${") {
                word.to_owned()
            } else {
                pypath::join(base, word)
            };
            let mut paths = glob(&pattern);
            paths.sort_unstable();
            (pattern, paths)
        })
        .collect()
}

/// Python's `glob.glob`: names with a leading dot are matched only by patterns with one.
fn glob(pattern: &str) -> Vec<String> {
    let is_magic = |text: &str| text.contains(['*', '?', '[']);
    if !is_magic(pattern) {
        return if fs::is_there(pattern) {
            vec![pattern.to_owned()]
        } else {
            Vec::new()
        };
    }
    let (head, tail) = pypath::split(pattern);
    let heads = if is_magic(head) {
        glob(head)
    } else {
        vec![head.to_owned()]
    };
    let mut found = Vec::new();
    for head in heads {
        if !is_magic(tail) {
            let path = pypath::join(&head, tail);
            if fs::exists(&path) {
                found.push(path);
            }
            continue;
        }
        let names = directory::entries(&head);
        let fitting = names.iter().filter(|entry| {
            matches(tail, &entry.name) && (tail.starts_with('.') || !entry.name.starts_with('.'))
        });
        found.extend(fitting.map(|entry| pypath::join(&head, &entry.name)));
    }
    found
}

/// New files, then the record, then what is left of the last run goes.
fn put_in_place(
    made: &[Developed],
    settings: &Settings,
    installed: &mut Installed,
    own: &str,
) -> Result<()> {
    let eggs = &settings.develop_eggs_directory;
    let old: Vec<String> = installed
        .develop_eggs()
        .iter()
        .map(|path| pypath::join(&settings.directory, path))
        .collect();
    let mut entries: Vec<String> = made
        .iter()
        .flat_map(Developed::entries)
        .map(|entry| pypath::join(eggs, entry))
        .collect();
    entries.sort_unstable();
    entries.dedup();
    // All that is put there is on record, whoever made it first: zc.buildout leaves out what it finds to be there.
    installed.set_develop_eggs(&entries.join("\n"));
    let record = installed.text().filter(|_| !settings.installed.is_empty());
    let mut transaction = Transaction::new(own);
    let staged = stage(&mut transaction, made, eggs, &old, &entries).and_then(|changed| {
        if let Some(record) = record.filter(|_| changed) {
            transaction.write_last(&settings.installed, record.as_bytes())?;
        }
        Ok(changed)
    });
    match staged {
        Ok(true) => {
            transaction.commit()?;
            installed.is_written();
            Ok(())
        }
        Ok(false) => Ok(()),
        Err(error) => {
            transaction.abandon();
            Err(error)
        }
    }
}

/// Tells whether anything differs from what is there.
fn stage(
    transaction: &mut Transaction,
    made: &[Developed],
    eggs: &str,
    old: &[String],
    entries: &[String],
) -> Result<bool> {
    let mut changed = false;
    // Of two projects of one name the later one counts.
    let mut files: IndexMap<String, &[u8]> = IndexMap::new();
    for (path, bytes) in made.iter().flat_map(|one| &one.files) {
        files.insert(pypath::join(eggs, path), bytes);
    }
    for (path, bytes) in &files {
        let there = fs::read_if_there(path).ok().flatten();
        if fs::is_link(path) || there.as_deref() != Some(*bytes) {
            transaction.write(path, bytes, Permissions::Plain, false)?;
            changed = true;
        }
    }
    let gone = old
        .iter()
        .filter(|path| !entries.contains(path) && fs::is_there(path));
    for path in gone {
        super::files::guard(path)?;
        transaction.remove(path);
        changed = true;
    }
    for directory in entries.iter().filter(|entry| fs::is_dir(entry)) {
        let left = files_below(directory);
        for file in left.iter().filter(|file| !files.contains_key(*file)) {
            transaction.remove(file);
            changed = true;
        }
    }
    Ok(changed)
}

fn files_below(directory: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in directory::entries(directory) {
        let path = pypath::join(directory, &entry.name);
        if entry.is_dir && !entry.is_link {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_python() {
        let there = tempfile::tempdir().unwrap();
        let root = there.path().to_string_lossy().into_owned();
        for name in ["src/a", "src/b.c", "src/.hidden", "other/a"] {
            std::fs::create_dir_all(there.path().join(name)).unwrap();
        }
        let shown = |option: &str| -> Vec<String> {
            find(option, &root)
                .into_iter()
                .flat_map(|(_, paths)| paths)
                .map(|path| path.trim_start_matches(&root).to_owned())
                .collect()
        };
        assert_eq!(shown("src/*"), ["/src/a", "/src/b.c"]);
        assert_eq!(shown("src/.h*"), ["/src/.hidden"]);
        assert_eq!(shown("*/a src/[b]*"), ["/other/a", "/src/a", "/src/b.c"]);
        assert_eq!(shown("."), ["/."]);
        assert!(shown("gone go*").is_empty());
    }
}

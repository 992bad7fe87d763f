//! The order of `sys.path` in a script: eggs, what their `.pth` files name, extra paths; the first of equals counts.

use indexmap::IndexSet;

use crate::dist::seen::Seen;
use crate::dist::working_set::WorkingSet;
use crate::error::Result;
use crate::pypath;
use crate::pystr;
use crate::sys::{directory, fs};

/// The paths, links resolved. A path that only becomes equal to another when its links are resolved stays: equals are
/// taken out before. zc.buildout: easy_install.py, `scripts`.
/// `follows`: whether `.pth` files count.
pub(super) fn search_path(
    working_set: &WorkingSet,
    extra_paths: &[String],
    follows: bool,
) -> Result<Vec<String>> {
    let seen = working_set.seen();
    let mut unique: IndexSet<String> = working_set.iter().map(|d| d.location.clone()).collect();
    for distribution in working_set.iter().filter(|_| follows) {
        unique.extend(named_in_pth_files(&distribution.location, seen)?);
    }
    unique.extend(extra_paths.iter().cloned());
    Ok(unique.iter().map(|path| real(path, seen)).collect())
}

// zc.buildout: easy_install.py, `realpath`.
fn real(path: &str, seen: &Seen) -> String {
    let is_plain = path.starts_with('/') && !path.starts_with("//");
    if is_plain && pypath::normalized(path) == path {
        return seen.real(path).to_string();
    }
    pypath::normalized(&fs::real_path(path).to_string_lossy())
}

/// Directories that `.pth` files in an egg name, as for editable installs. A file that is no UTF-8 names none.
/// In the order in which the directory has them, as zc.buildout takes it: two runs in one place should write one script.
/// zc.buildout: utils.py, `get_pth_paths`.
fn named_in_pth_files(location: &str, seen: &Seen) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut names = seen.names_ending(location, ".pth")?;
    if names.len() > 1 {
        names = directory::entries(location)
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        names.retain(|name| name.ends_with(".pth"));
    }
    for name in names {
        let Ok(content) = fs::read_text(pypath::join(location, &name)) else {
            continue;
        };
        for line in pystr::universal_newlines(&content).split('\n') {
            let line = pystr::strip(line);
            if line.is_empty() || line.starts_with('#') || line.starts_with("import ") {
                continue;
            }
            let path = pypath::absolute(line, location);
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

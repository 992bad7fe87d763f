//! The order of `sys.path` in a script: eggs, what their `.pth` files name, extra paths; the first of equals counts.

use crate::dist::working_set::WorkingSet;
use crate::error::Result;
use crate::pypath;
use crate::pystr;
use crate::sys::fs;

/// The paths, links resolved. A path that only becomes equal to another when its links are resolved stays: equals are
/// taken out before. zc.buildout: easy_install.py, `scripts`.
/// `follows`: whether `.pth` files count.
pub(super) fn search_path(
    working_set: &WorkingSet,
    extra_paths: &[String],
    follows: bool,
) -> Result<Vec<String>> {
    let locations: Vec<String> = working_set.iter().map(|d| d.location.clone()).collect();
    let mut paths = locations.clone();
    for location in locations.iter().filter(|_| follows) {
        for path in named_in_pth_files(location)? {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths.extend(extra_paths.iter().cloned());
    let mut unique: Vec<String> = Vec::new();
    for path in paths {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    Ok(unique.iter().map(|path| real(path)).collect())
}

// zc.buildout: easy_install.py, `realpath`.
fn real(path: &str) -> String {
    pypath::normalized(&fs::real_path(path).to_string_lossy())
}

/// Directories that `.pth` files in an egg name, as for editable installs. A file that is no UTF-8 names none.
/// zc.buildout: utils.py, `get_pth_paths`.
fn named_in_pth_files(location: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for name in fs::list(location)? {
        if name.strip_suffix(".pth").is_none() {
            continue;
        }
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

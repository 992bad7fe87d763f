//! `relative-paths`: `sys.path` written relative to the script, so that a whole buildout can be moved.
//!
//! zc.buildout: easy_install.py, `_relative_depth`, `_relative_path`, `_relativitize`.

use crate::error::{Error, Result};
use crate::pypath;
use crate::pystr;

const SETUP: &str = "\nimport os\n\njoin = os.path.join\nbase = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))\n";

/// The statements that find `base`: the script's directory, then one step up for each level below `base`.
pub(super) fn setup(script: &str, base: &str) -> Result<String> {
    let mut setup = SETUP.to_owned();
    let mut at = pypath::dirname(script);
    while at != base {
        let above = pypath::dirname(at);
        if above == at {
            return Err(outside(script, base));
        }
        setup.push_str("base = os.path.dirname(base)\n");
        at = above;
    }
    Ok(setup)
}

/// The paths as the inside of a Python list.
pub(super) fn paths(paths: &[String], script: &str, base: &str) -> Result<String> {
    let list: Result<Vec<String>> = paths
        .iter()
        .map(|path| relative(path, script, base))
        .collect();
    Ok(list?.join(",\n  "))
}

fn relative(path: &str, script: &str, base: &str) -> Result<String> {
    if path == base {
        return Ok("base".into());
    }
    // Of characters, as in the original: `/b/bin` and `/b/bits` have `/b/bi` in common, whose directory is `/b`.
    let common = pypath::dirname(pypath::common_prefix(path, script));
    if common == base || common.starts_with(&pypath::join(base, "")) {
        let below = below(path, common).ok_or_else(|| outside(path, base))?;
        Ok(format!("join(base, {})", pystr::repr(&below)))
    } else {
        Ok(pystr::repr(path))
    }
}

/// `path` without the directory `common`, which is not always `base`: with a path and a script in the same deeper
/// directory, zc.buildout names the path from there, and so do we.
fn below(path: &str, common: &str) -> Option<String> {
    let mut names = Vec::new();
    let mut rest = path;
    loop {
        let (directory, name) = pypath::split(rest);
        names.push(name);
        if directory == common {
            break;
        }
        if directory == rest {
            return None;
        }
        rest = directory;
    }
    names.reverse();
    Some(
        names
            .into_iter()
            .fold(String::new(), |path, name| pypath::join(&path, name)),
    )
}

/// zc.buildout ends in an AssertionError here.
fn outside(path: &str, base: &str) -> Box<Error> {
    Error::user(format!(
        "relative-paths needs scripts below the buildout directory: {path} is not below {base}."
    ))
    .hint(
        "relative-paths",
        "The scripts can't name the buildout directory relative to themselves.",
        "set `bin-directory` to a directory below the buildout, or `relative-paths = false`",
    )
}

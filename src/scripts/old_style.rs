//! Scripts from before entry points: whole Python files in `EGG-INFO/scripts`, which get `sys.path` put in.
//!
//! zc.buildout: easy_install.py, `_distutils_script`, `distutils_script_template`.

use super::{Place, template};
use crate::dist::distribution::Distribution;
use crate::dist::zipped_egg;
use crate::error::Result;
use crate::pystr;
use crate::sys::{directory, fs};
use crate::text::Text;

/// Names and texts of the old scripts of an installed distribution.
pub(super) fn of_distribution(distribution: &Distribution) -> Result<Vec<(String, String)>> {
    let Some(directory) = distribution.metadata.as_ref().map(|m| m.join("scripts")) else {
        return Ok(Vec::new());
    };
    let mut scripts = Vec::new();
    // In the order of the directory, which is nobody's: so it is the one in which the original names them.
    let entries = directory::entries(&directory);
    let mut names: Vec<String> = entries
        .into_iter()
        .filter(|e| !e.is_dir)
        .map(|e| e.name)
        .collect();
    if names.is_empty() {
        names = zipped_egg::list(&directory)?;
    }
    for name in names {
        let path = directory.join(&name);
        // Directories are those of compiled files; `.exe` files are for Windows.
        if fs::is_dir(&path) || name.to_lowercase().ends_with(".exe") {
            continue;
        }
        let text = if fs::is_file(&path) {
            fs::read_text(&path)?
        } else {
            let text = zipped_egg::read(&path)?.unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        scripts.push((name, text));
    }
    Ok(scripts)
}

/// The script's text; none where its first line shows that it is no script of Python's.
pub(super) fn script(
    executable: &str,
    place: &Place,
    initialization: &Text,
    content: &str,
) -> Option<Text> {
    let mut lines = lines_with_ends(content).into_iter();
    // An empty file is an IndexError in zc.buildout; there is nothing to run in it.
    let first = lines.next()?;
    // As the original reads, though not as it means: a first line without `#!` that speaks of python.
    if !first.contains("#!") && first.contains("python") {
        return None;
    }
    let lines: Vec<&str> = lines.collect();
    let import = lines
        .iter()
        .position(|line| {
            (line.starts_with("import") || line.starts_with("from"))
                && line.contains("import")
                && !line.contains("__future__")
        })
        .unwrap_or(lines.len());
    let (before, after) = lines.split_at(import);

    let opening = format!("#!{executable}\n{}", before.concat());
    let mut text = template::paths(&opening, place, "", ",");
    text.push(initialization);
    text.push_str("\n\n");
    text.push_str(&after.concat());
    Some(text)
}

/// `content.splitlines(True)`.
fn lines_with_ends(content: &str) -> Vec<&str> {
    let starts: Vec<usize> = pystr::split_lines(content)
        .iter()
        .map(|line| line.as_ptr() as usize - content.as_ptr() as usize)
        .collect();
    let ends = starts
        .iter()
        .skip(1)
        .copied()
        .chain(std::iter::once(content.len()));
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| &content[start..end])
        .collect()
}

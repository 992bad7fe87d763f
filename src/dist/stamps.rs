//! `stamps`: size and modification time of each file of an unpacked wheel, by which a later run knows that nobody has
//! touched it.
//!
//! An edit in a hard-linked egg reaches the cache's own file and changes its time: that is what this is for. Who keeps
//! both size and time is not noticed here; `cache verify` compares hashes.

use std::collections::HashMap;
use std::path::Path;

use crate::error::Result;
use crate::sys::fs;

const FILE: &str = "stamps";

/// Notes what is in `ENTRY/tree`.
pub(super) fn write(entry: &Path, files: &[String]) -> Result<()> {
    let mut text = String::new();
    for file in files {
        text.push_str(&stamp(entry, file).unwrap_or_default());
        text.push(' ');
        text.push_str(file);
        text.push('\n');
    }
    fs::create(entry.join(FILE), text.as_bytes(), 0o666)
}

/// Whether `ENTRY/tree` still has these files and no others, as they were.
pub(super) fn are_right(entry: &Path, files: &[String]) -> bool {
    let Ok(text) = fs::read_text(entry.join(FILE)) else {
        return false;
    };
    let noted: HashMap<&str, &str> = text
        .lines()
        .filter_map(|line| {
            let (stamp, file) = line.split_once(' ')?;
            Some((file, stamp))
        })
        .collect();
    noted.len() == files.len()
        && files.iter().all(|file| {
            noted
                .get(file.as_str())
                .is_some_and(|noted| stamp(entry, file).as_deref() == Some(*noted))
        })
}

fn stamp(entry: &Path, file: &str) -> Option<String> {
    let stat = fs::stat(entry.join("tree").join(file))?;
    Some(format!("{}:{}", stat.size, stat.modified))
}

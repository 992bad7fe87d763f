//! The header of METADATA or PKG-INFO: the fields that count, without what comes behind it.
//!
//! Descriptions are long, and nobody asks for them here. Python: `email.parser.Parser`.

use std::path::Path;

use crate::dist::requirement;
use crate::dist::zipped_egg;
use crate::error::{Error, Result};
use crate::pystr;
use crate::sys::fs;

pub(super) const REQUIRES: &str = "Requires-Dist";
pub(super) const EXTRA: &str = "Provides-Extra";

/// As many bytes as hold most headers.
const ENOUGH: u64 = 8192;

/// Some fields, in their order.
#[derive(Debug, Default)]
pub(super) struct Header {
    fields: Vec<(&'static str, String)>,
}

impl Header {
    pub(super) fn read(file: &Path, names: &[&'static str]) -> Result<Self> {
        let start = fs::head(file, ENOUGH);
        if start.is_empty() && !fs::is_file(file) {
            let Some(all) = zipped_egg::read(file)? else {
                return Err(Error::user(format!("There is no {}.", file.display())));
            };
            return Ok(Self::of_text(&pystr::lossy(all), names));
        }
        let is_all = (start.len() as u64) < ENOUGH;
        let header = Self::of(&pystr::lossy(start), names, is_all).or_else(|| {
            let all = fs::head(file, u64::MAX);
            Self::of(&pystr::lossy(all), names, true)
        });
        Ok(header.unwrap_or_default())
    }

    /// What a whole text of METADATA says.
    pub(super) fn of_text(text: &str, names: &[&'static str]) -> Self {
        Self::of(text, names, true).unwrap_or_default()
    }

    /// None where the text ends before the header does, and is not all that there is.
    fn of(text: &str, names: &[&'static str], is_all: bool) -> Option<Self> {
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        // Whether the field that a line goes on with is one of those.
        let mut is_wanted = false;
        for line in text.split_inclusive('\n') {
            if !is_all && !line.ends_with('\n') {
                return None;
            }
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                return Some(Self { fields });
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut().filter(|_| is_wanted) {
                    value.push('\n');
                    value.push_str(line);
                }
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                return Some(Self { fields });
            };
            let wanted = names.iter().find(|n| n.eq_ignore_ascii_case(name));
            is_wanted = wanted.is_some();
            if let Some(name) = wanted {
                let value = value.trim_start_matches([' ', '\t']);
                fields.push((name, value.to_owned()));
            }
        }
        is_all.then_some(Self { fields })
    }

    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(field, _)| *field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The version that METADATA or PKG-INFO names.
// pkg_resources: `_version_from_file`; it is content with a line of the description.
pub(in crate::dist) fn version_in(file: &Path) -> Option<String> {
    let mut start = fs::head(file, ENOUGH);
    if start.is_empty() {
        let zipped = zipped_egg::read(file).ok().flatten();
        return zipped
            .and_then(version_line)
            .filter(|version| !version.is_empty());
    }
    let is_all = (start.len() as u64) < ENOUGH;
    if !is_all {
        let whole_lines = start.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        start.truncate(whole_lines);
    }
    let in_all = || {
        let all = (!is_all).then(|| fs::head(file, u64::MAX));
        all.and_then(version_line)
    };
    let version = version_line(start).or_else(in_all);
    version.filter(|version| !version.is_empty())
}

fn version_line(text: Vec<u8>) -> Option<String> {
    requirement::content_lines(&pystr::lossy(text))
        .into_iter()
        .find(|line| {
            line.get(..8)
                .is_some_and(|start| start.eq_ignore_ascii_case("version:"))
        })
        .and_then(|line| line.get(8..))
        .map(|version| pystr::strip(version).to_owned())
}

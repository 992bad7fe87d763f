//! The order of what a directory holds, as setuptools had it before version 66: by the versions in the names, newest first.
//!
//! It is the order of a working set within one directory, and so that of scripts made from all of it. Every piece of a
//! name counts as a version, `pip` as well as `20.3.4`; since version 59 what is none counts as `0`. pkg_resources:
//! `_by_version_descending`; packaging: version.py, `LegacyVersion`, `_legacy_cmpkey`.

use std::str::FromStr;

/// How the entries of a directory are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameOrder {
    /// setuptools 66 and later.
    #[default]
    ByName,
    /// By versions; what is none is `0`.
    ByVersion,
    /// By versions; what is none is one of the old kind.
    ByLegacyVersion,
}

/// One piece of a name: what PEP 440 knows comes after all else.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Legacy(Vec<String>),
    Version(pep440_rs::Version),
}

impl NameOrder {
    /// Sorts names of one directory, which come in the directory's own order.
    pub(super) fn sort(self, names: &mut [String]) {
        match self {
            Self::ByName => names.sort_unstable(),
            _ => names.sort_by_cached_key(|name| std::cmp::Reverse(pieces(name, self))),
        }
    }
}

fn pieces(name: &str, order: NameOrder) -> Vec<Piece> {
    // A dot at the beginning starts no ending.
    let dot = name.rfind('.').filter(|dot| *dot > 0).unwrap_or(name.len());
    let (stem, end) = name.split_at(dot);
    let piece = |text: &str| match pep440_rs::Version::from_str(text) {
        Ok(version) => Piece::Version(version),
        Err(_) if order == NameOrder::ByVersion => Piece::Version(pep440_rs::Version::new([0])),
        Err(_) => Piece::Legacy(legacy(text)),
    };
    stem.split('-').chain([end]).map(piece).collect()
}

fn legacy(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    for component in components(&text) {
        let part = match component {
            "pre" | "preview" | "rc" => "c",
            "-" => "final-",
            "dev" => "@",
            other => other,
        };
        if part == "." {
            continue;
        }
        if part.starts_with(|c: char| c.is_ascii_digit()) {
            parts.push(format!("{part:0>8}"));
            continue;
        }
        push_word(&mut parts, format!("*{part}"));
    }
    push_word(&mut parts, "*final".to_owned());
    parts
}

fn push_word(parts: &mut Vec<String>, word: String) {
    if word.as_str() < "*final" {
        while parts.last().is_some_and(|last| last == "*final-") {
            parts.pop();
        }
    }
    while parts.last().is_some_and(|last| last == "00000000") {
        parts.pop();
    }
    parts.push(word);
}

/// Runs of digits, runs of letters, dots and hyphens, and what is between them.
fn components(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        '.' => 2,
        '-' => 3,
        _ => 4,
    };
    let mut found = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        let kind = kind(c);
        // Dots and hyphens stand alone.
        if last.is_some_and(|last| last != kind || kind == 2 || kind == 3) {
            found.push(text.get(start..at).unwrap_or(""));
            start = at;
        }
        last = Some(kind);
    }
    found.push(text.get(start..).unwrap_or(""));
    found.retain(|piece| !piece.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lists were printed by setuptools 42.0.2.
    #[test]
    fn as_setuptools_sorts_them() {
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            NameOrder::ByLegacyVersion.sort(&mut names);
            names
        };
        assert_eq!(
            sorted(&[
                "pip-20.3.4.dist-info",
                "wheel-0.37.1.dist-info",
                "setuptools-42.0.2.dist-info",
                "zc.buildout-2.13.8.dist-info",
                "zc.recipe.egg-2.0.7.dist-info"
            ]),
            [
                "zc.recipe.egg-2.0.7.dist-info",
                "zc.buildout-2.13.8.dist-info",
                "wheel-0.37.1.dist-info",
                "setuptools-42.0.2.dist-info",
                "pip-20.3.4.dist-info"
            ]
        );
        assert_eq!(
            sorted(&[
                "Python-2.7.10.egg",
                "bar",
                "Python-2.7.2.egg",
                "foo",
                "Setuptools-1.2.3b1.egg",
                "Setuptools-1.2.3.egg",
                "Setuptools-1.2.3.post1.egg"
            ]),
            [
                "Setuptools-1.2.3.post1.egg",
                "Setuptools-1.2.3.egg",
                "Setuptools-1.2.3b1.egg",
                "Python-2.7.10.egg",
                "Python-2.7.2.egg",
                "foo",
                "bar"
            ]
        );
        assert_eq!(
            sorted(&[
                "a-1.0-py2.7.egg-info",
                "A_b-1.0.dev0.dist-info",
                "a.b-1.0rc1.dist-info",
                "a-1.0.dist-info",
                "pre-1.dist-info",
                "1-2.dist-info",
                "x",
                "dev-0.0.egg-info",
                "z_0-1.egg-info",
                "final-1.egg-info"
            ]),
            [
                "1-2.dist-info",
                "z_0-1.egg-info",
                "x",
                "final-1.egg-info",
                "pre-1.dist-info",
                "a-1.0-py2.7.egg-info",
                "a-1.0.dist-info",
                "a.b-1.0rc1.dist-info",
                "A_b-1.0.dev0.dist-info",
                "dev-0.0.egg-info"
            ]
        );
    }

    #[test]
    fn what_is_no_version_stays_where_it_is() {
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            NameOrder::ByVersion.sort(&mut names);
            names
        };
        // Printed by setuptools 65.7.0.
        assert_eq!(
            sorted(&["z-1.0.egg-info", "b-1.0.egg-info", "x-2.egg-info", "a"]),
            ["x-2.egg-info", "z-1.0.egg-info", "b-1.0.egg-info", "a"]
        );
    }
}

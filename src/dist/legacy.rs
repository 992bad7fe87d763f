//! Versions from before PEP 440, as the time that still had them compared them.
//!
//! Old distributions ask for `plone.app.contentmenu (>=1.1.6dev-r22380)` or `pytz (>dev)`. Until packaging 22, so with all
//! setuptools that Python 2.7 and 3.6 can have, such a clause was one of its own kind: both sides are cut into words and
//! numbers, and these are compared. packaging 20: specifiers.py, `LegacySpecifier`; version.py, `LegacyVersion`.

use std::cmp::Ordering;

use super::version::Version;
use crate::python::Facts;

/// Which clauses a requirement may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grammar {
    /// Those of PEP 440.
    #[default]
    Current,
    /// Old ones as well.
    Old,
}

impl Grammar {
    /// A Python that zc.buildout 6 does not run with may have an old setuptools; it is not asked which.
    pub fn of(facts: &Facts) -> Self {
        let mut numbers = facts.python_version.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(2)), _) => Self::Old,
            (Some(Ok(3)), Some(Ok(minor))) if minor < 10 => Self::Old,
            _ => Self::Current,
        }
    }
}

const OPERATORS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

/// The operator and the version of an old clause at the beginning of `text`, and how long it is.
pub(super) fn clause(text: &str) -> Option<(&'static str, &str, usize)> {
    let operator = OPERATORS.into_iter().find(|o| text.starts_with(o))?;
    let rest = text.get(operator.len()..)?;
    let version = rest.trim_start();
    let ends = |c: char| matches!(c, ',' | ';' | ')') || crate::pystr::is_space(c);
    let length = version.find(ends).unwrap_or(version.len());
    let version = version
        .get(..length)
        .filter(|version| !version.is_empty())?;
    // `===1` is no `==` of `=1`.
    if version.starts_with('=') {
        return None;
    }
    let blanks = rest.len() - rest.trim_start().len();
    Some((operator, version, operator.len() + blanks + length))
}

/// Whether a version is what an old clause asks for.
pub(super) fn contains(operator: &str, bound: &str, version: &Version) -> bool {
    let ordering = key(&version.spelt()).cmp(&key(bound));
    match operator {
        "==" => ordering == Ordering::Equal,
        "!=" => ordering != Ordering::Equal,
        "<=" => ordering != Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "<" => ordering == Ordering::Less,
        _ => ordering == Ordering::Greater,
    }
}

/// What sorts as the version does: numbers filled with zeros, words behind a star, so that words come before numbers.
fn key(version: &str) -> Vec<String> {
    const FINAL: &str = "*final";
    const AFTER: &str = "*final-";
    const ZERO: &str = "00000000";
    let lower = version.to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    let mut add = |part: String| {
        if part.starts_with('*') {
            if part.as_str() < FINAL {
                while parts.last().is_some_and(|last| last == AFTER) {
                    parts.pop();
                }
            }
            while parts.last().is_some_and(|last| last == ZERO) {
                parts.pop();
            }
        }
        parts.push(part);
    };
    for piece in pieces(&lower) {
        match piece {
            "." => {}
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                add(format!("{number:0>8}"));
            }
            "pre" | "preview" | "rc" => add("*c".to_owned()),
            "-" => add(AFTER.to_owned()),
            "dev" => add("*@".to_owned()),
            word => add(format!("*{word}")),
        }
    }
    add(FINAL.to_owned());
    parts
}

/// Runs of digits, runs of letters, single dots and dashes, and whatever is between them.
fn pieces(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        '.' | '-' => 2,
        _ => 3,
    };
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let of = kind(first);
        let length = if of == 2 {
            1
        } else {
            rest.find(|c| kind(c) != of).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(length);
        found.push(piece);
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses() {
        for (text, read) in [
            (">=1.1.6dev-r22380)", Some((">=", "1.1.6dev-r22380", 17))),
            ("> dev, <2", Some((">", "dev", 5))),
            ("==2012.*;x", Some(("==", "2012.*", 8))),
            ("===1", None),
            ("==", None),
            (">=,", None),
            ("~=x", None),
        ] {
            assert_eq!(clause(text), read, "{text}");
        }
    }

    /// The verdicts of packaging 20.9.
    #[test]
    fn verdicts() {
        let all = "0.1 1.0 1.0.0 1.0.dev0 1.0a1 1.0rc1 1.0.post1 2.0 2013b 1.0-final 1.0_X r12 dev 1.1.6 1.1.6dev-r22380";
        for (operator, bound, expected) in [
            (">=", "1.1.6dev-r22380", "2.0 2013b 1.1.6 1.1.6dev-r22380"),
            (
                ">",
                "dev",
                "0.1 1.0 1.0.0 1.0.dev0 1.0a1 1.0rc1 1.0.post1 2.0 2013b 1.0-final 1.0_X r12 1.1.6 1.1.6dev-r22380",
            ),
            ("==", "1.0-FINAL", "1.0-final"),
            (
                "!=",
                "r12",
                "0.1 1.0 1.0.0 1.0.dev0 1.0a1 1.0rc1 1.0.post1 2.0 2013b 1.0-final 1.0_X dev 1.1.6 1.1.6dev-r22380",
            ),
            (
                "<",
                "2.0-foo-1",
                "0.1 1.0 1.0.0 1.0.dev0 1.0a1 1.0rc1 1.0.post1 2.0 1.0-final 1.0_X r12 dev 1.1.6 1.1.6dev-r22380",
            ),
            ("<=", "1.0_x", "0.1 1.0.dev0 1.0_X r12 dev"),
            (
                ">=",
                "1.0-final",
                "1.0.post1 2.0 2013b 1.0-final 1.1.6 1.1.6dev-r22380",
            ),
            ("==", "1.0.*.*", ""),
        ] {
            let told: Vec<&str> = all
                .split(' ')
                .filter(|version| contains(operator, bound, &Version::new(version)))
                .collect();
            assert_eq!(told.join(" "), expected, "{operator}{bound}");
        }
    }
}

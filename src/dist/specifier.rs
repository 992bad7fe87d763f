//! [`Specifier`]: one clause of a requirement's versions: `>=1.0`, `==1.*`, `===2010e`.
//!
//! The grammar and the spelling are packaging's (`Specifier`), which messages quote; what a version is and how two
//! compare is `version.rs`'s and pep440_rs's.

use std::fmt;
use std::str::FromStr;

use super::legacy::{self, Grammar};
use super::version::Version;

/// An operator and a version.
#[derive(Clone, Debug)]
pub struct Specifier {
    operator: &'static str,
    version: String,
    /// What PEP 440 makes of it; none for `===` and old clauses.
    value: Option<pep440_rs::VersionSpecifier>,
    /// Whether it is one from before PEP 440.
    is_old: bool,
}

const OPERATORS: [&str; 8] = ["===", "==", "!=", "~=", "<=", ">=", "<", ">"];

impl Specifier {
    /// The clause that is exactly `text`, blanks around it aside.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (length(text)? == text.len()).then(|| Self::of(text))?
    }

    /// The same, where old clauses may be known too.
    pub(super) fn parse_as(text: &str, grammar: Grammar) -> Option<Self> {
        let old = || {
            let text = text.trim();
            let (operator, version, length) = legacy::clause(text)?;
            (length == text.len()).then(|| Self {
                operator,
                version: version.to_owned(),
                value: None,
                is_old: true,
            })
        };
        match Self::parse(text) {
            None if grammar == Grammar::Old => old(),
            parsed => parsed,
        }
    }

    fn of(text: &str) -> Option<Self> {
        let operator = operator(text)?;
        let version = text.get(operator.len()..)?.trim().to_owned();
        let value = if operator == "===" {
            None
        } else {
            pep440_rs::VersionSpecifier::from_str(&format!("{operator}{version}")).ok()
        };
        Some(Self {
            operator,
            version,
            value,
            is_old: false,
        })
    }

    pub fn operator(&self) -> &'static str {
        self.operator
    }

    /// The version as written.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a version is in; prereleases count like others.
    pub fn contains(&self, version: &Version) -> bool {
        if self.operator == "===" {
            return self.version.to_lowercase() == version.text().to_lowercase();
        }
        if self.is_old {
            return legacy::contains(self.operator, &self.version, version);
        }
        match (&self.value, version.parsed()) {
            (Some(clause), Some(version)) => match self.operator {
                "<" => is_below(version, clause.version()),
                ">" => is_above(version, clause.version()),
                _ => clause.contains(version),
            },
            _ => false,
        }
    }

    /// Whether packaging calls them equal: `==1.0` and `==1.0.0`, but not `~=1.0` and `~=1.0.0`.
    // packaging: `Specifier._canonical_spec`.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        if self.operator != other.operator {
            return false;
        }
        if self.version == other.version {
            return true;
        }
        let is_star = self.version.ends_with(".*") || other.version.ends_with(".*");
        match (&self.value, &other.value) {
            (Some(a), Some(b)) if !is_star => {
                let (a, b) = (a.version(), b.version());
                a == b && (self.operator != "~=" || a.release().len() == b.release().len())
            }
            _ => false,
        }
    }
}

/// `<1.0` leaves out the prereleases of 1.0, but `<1.0rc2` does not leave out 1.0rc1.
// packaging: _ranges.py, `standard_ranges`; pep440_rs leaves out prereleases in both.
fn is_below(version: &pep440_rs::Version, bound: &pep440_rs::Version) -> bool {
    if bound.any_prerelease() {
        version < bound
    } else {
        *version < bound.clone().with_dev(Some(0)).without_local()
    }
}

/// `>1.0` leaves out 1.0.post1 and 1.0+local.
fn is_above(version: &pep440_rs::Version, bound: &pep440_rs::Version) -> bool {
    if let Some(dev) = bound.dev() {
        return *version >= bound.clone().with_dev(Some(dev + 1)).without_local();
    }
    if let Some(post) = bound.post() {
        let next = bound.clone().with_post(Some(post + 1)).with_dev(Some(0));
        return *version >= next.without_local();
    }
    let family = |v: &pep440_rs::Version| v.clone().with_post(None).with_dev(None).without_local();
    version > bound && family(version) != family(bound)
}

/// As packaging writes it: no blank between operator and version.
impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator, self.version)
    }
}

fn operator(text: &str) -> Option<&'static str> {
    OPERATORS
        .into_iter()
        .find(|operator| text.starts_with(operator))
}

/// The same, where old clauses may be known too: the longer one counts.
// packaging 20: requirements.py, `VERSION_ONE`.
pub(super) fn length_as(text: &str, grammar: Grammar) -> Option<usize> {
    let current = length(text);
    if grammar == Grammar::Current {
        return current;
    }
    current.max(legacy::clause(text).map(|(.., length)| length))
}

/// How long the clause at the beginning of `text` is; none where there is no clause.
// packaging: `Specifier._specifier_regex_str`.
pub(super) fn length(text: &str) -> Option<usize> {
    let operator = operator(text)?;
    let mut at = Scan {
        text,
        at: operator.len(),
    };
    at.skip_while(crate::pystr::is_space);
    if operator == "===" {
        at.skip_while(|c| !(crate::pystr::is_space(c) || matches!(c, ';' | ')')));
        return Some(at.at);
    }
    let segments = at.release()?;
    match operator {
        "~=" if segments < 2 => return None,
        "==" | "!=" if at.take(".*") => return Some(at.at),
        _ => {}
    }
    at.pre_release();
    at.post_release();
    at.word(&["dev"]);
    if matches!(operator, "==" | "!=") {
        at.local();
    }
    Some(at.at)
}

/// A place in a version.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_while(&mut self, holds: impl Fn(char) -> bool) -> usize {
        let n = self
            .rest()
            .find(|c| !holds(c))
            .unwrap_or_else(|| self.rest().len());
        self.at += n;
        n
    }

    fn digits(&mut self) -> usize {
        self.skip_while(|c| c.is_ascii_digit())
    }

    /// Takes `word`, in whatever case.
    fn take(&mut self, word: &str) -> bool {
        let there = self
            .rest()
            .get(..word.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(word));
        if there {
            self.at += word.len();
        }
        there
    }

    fn separator(&mut self) {
        if self.rest().starts_with(['-', '_', '.']) {
            self.at += 1;
        }
    }

    /// `v?`, epoch, release: the number of segments.
    fn release(&mut self) -> Option<usize> {
        self.take("v");
        if self.digits() == 0 {
            return None;
        }
        let before = self.at;
        if self.take("!") && self.digits() == 0 {
            self.at = before;
        }
        let mut segments = 1;
        loop {
            let before = self.at;
            if self.take(".") && self.digits() > 0 {
                segments += 1;
            } else {
                self.at = before;
                return Some(segments);
            }
        }
    }

    /// A separator, one of the words, a separator, digits; or nothing.
    fn word(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        self.separator();
        if words.iter().any(|word| self.take(word)) {
            self.separator();
            self.digits();
            return true;
        }
        self.at = before;
        false
    }

    fn pre_release(&mut self) {
        self.word(&["alpha", "beta", "preview", "pre", "a", "b", "c", "rc"]);
    }

    fn post_release(&mut self) {
        let before = self.at;
        if self.take("-") && self.digits() > 0 {
            return;
        }
        self.at = before;
        self.word(&["post", "rev", "r"]);
    }

    fn local(&mut self) {
        let alphanumeric = |c: char| c.is_ascii_alphanumeric();
        let before = self.at;
        if !(self.take("+") && self.skip_while(alphanumeric) > 0) {
            self.at = before;
            return;
        }
        loop {
            let before = self.at;
            self.separator();
            if self.at == before || self.skip_while(alphanumeric) == 0 {
                self.at = before;
                return;
            }
        }
    }
}

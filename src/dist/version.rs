//! Versions as `packaging` orders them, with the text they were written as.
//!
//! PEP 440 itself is the crate `pep440_rs`'s; here is only what it does not have: the raw text beside the value, and
//! versions that PEP 440 refuses. zc.buildout: `parsed_version` of pkg_resources' distributions.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version: the text, and its value where PEP 440 knows one.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    parsed: Option<pep440_rs::Version>,
    /// Its place among others where PEP 440 refuses the text.
    stand_in: Option<pep440_rs::Version>,
}

impl Version {
    pub fn new(text: &str) -> Self {
        let parsed = pep440_rs::Version::from_str(text.trim()).ok();
        let stand_in = if parsed.is_none() {
            pep440_rs::Version::from_str(&forgiving(text)).ok()
        } else {
            None
        };
        Self {
            text: text.to_owned(),
            parsed,
            stand_in,
        }
    }

    /// As a file name or a `Version:` line gives it: in PEP 440's own spelling, or with `-` for what no version holds.
    // pkg_resources: `safe_version`.
    pub fn safe(text: &str) -> Self {
        match pep440_rs::Version::from_str(text.trim()) {
            Ok(parsed) => Self {
                text: parsed.to_string(),
                parsed: Some(parsed),
                stand_in: None,
            },
            Err(_) => Self::new(&super::name::safe(&text.replace(' ', "."))),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value; `None` for what PEP 440 refuses (`2010e`, `1.2.7-20070827-preview`).
    pub fn parsed(&self) -> Option<&pep440_rs::Version> {
        self.parsed.as_ref()
    }

    /// Neither alpha, beta, candidate nor development version. zc.buildout: easy_install.py, `_final_version`.
    pub fn is_final(&self) -> bool {
        self.parsed.as_ref().is_some_and(|v| !v.any_prerelease())
    }

    /// The text for `==`: PEP 440's own spelling. pkg_resources: `Distribution.as_requirement`.
    pub fn normal(&self) -> String {
        self.parsed
            .as_ref()
            .or(self.stand_in.as_ref())
            .map_or_else(|| self.text.clone(), ToString::to_string)
    }

    /// In PEP 440's own spelling where it is a version to it, else as written.
    pub(super) fn spelt(&self) -> String {
        let parsed = self.parsed.as_ref();
        parsed.map_or_else(|| self.text.clone(), ToString::to_string)
    }

    fn value(&self) -> Option<&pep440_rs::Version> {
        self.parsed.as_ref().or(self.stand_in.as_ref())
    }
}

/// The text of a valid version in place of one that is not: the leading release, `.dev0`, the rest as local version.
// pkg_resources: `_forgiving_version`, `_safe_segment`.
fn forgiving(text: &str) -> String {
    let text = text.replace(' ', ".");
    let unmarked = text.strip_prefix(['v', 'V']).unwrap_or(&text);
    let safe = &unmarked[..release_length(unmarked)];
    let (safe, rest) = if safe.is_empty() {
        ("0", text.as_str())
    } else {
        // With a leading v the rest is counted from the beginning of the text all the same.
        (safe, text.get(safe.len()..).unwrap_or(""))
    };
    let local = format!("sanitized.{}", safe_segment(rest));
    format!("{safe}.dev0+{}", local.trim_matches('.'))
}

/// The length of a leading epoch and release; 0 where there is none.
fn release_length(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if end == 0 {
        return 0;
    }
    if text[end..].starts_with('!') {
        match digits(end + 1) {
            0 => {}
            more => end += 1 + more,
        }
    }
    while text[end..].starts_with('.') {
        match digits(end + 1) {
            0 => break,
            more => end += 1 + more,
        }
    }
    end
}

fn safe_segment(text: &str) -> String {
    let mut out = String::new();
    let mut after = None;
    for c in super::name::safe(text).chars() {
        let separates = !c.is_ascii_alphanumeric();
        if separates && after.is_some() {
            continue;
        }
        after = separates.then_some(c);
        out.push(c);
    }
    out.trim_matches(['.', '-']).to_owned()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Versions that PEP 440 refuses stand just below their leading release.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.value(), other.value()) {
            (Some(a), Some(b)) => a.cmp(b),
            (None, None) => self.text.cmp(&other.text),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_versions_have_a_place() {
        // Recorded from pkg_resources' `_forgiving_version`.
        for (text, stand_in) in [
            ("0.23ubuntu1", "0.23.dev0+sanitized.ubuntu1"),
            ("0.-_", "0.dev0+sanitized"),
            ("42.+?1", "42.dev0+sanitized.1"),
            ("hello world", "0.dev0+sanitized.hello.world"),
            ("2010e", "2010.dev0+sanitized.e"),
            (
                "1.2.7-20070827-preview",
                "1.2.7.dev0+sanitized.20070827-preview",
            ),
        ] {
            assert_eq!(forgiving(text), stand_in);
        }
        assert!(Version::new("2010e") < Version::new("2010"));
        assert!(Version::new("2010e") > Version::new("2009"));
        assert!(!Version::new("2010e").is_final());
    }

    #[test]
    fn versions_of_file_names_are_normal() {
        assert_eq!(Version::safe("1.0-RC1").text(), "1.0rc1");
        assert_eq!(Version::safe("1.0_2").text(), "1.0-2");
        assert_eq!(Version::safe("3.4dev_r7 x").text(), "3.4dev-r7.x");
    }
}

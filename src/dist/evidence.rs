//! What was tried to find a project, for the message that nothing was found.
//!
//! The index fills it page by page; whether a file fits is not decided here.

use std::collections::HashMap;

use crate::wording::counted;

/// What was tried, by what it was tried for.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// By canonical name; what is not about one project is under the empty name.
    lines: HashMap<String, Vec<String>>,
    /// By canonical name: why the index could not be read, and what to do about it.
    troubles: HashMap<String, (String, &'static str)>,
    /// The project that pages are read for just now.
    pub(super) now: String,
}

/// What one page had of use.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) files: usize,
    /// By what they say of Python.
    pub(super) other_python: Refused,
    /// By what they are made for.
    pub(super) other_platform: Refused,
    pub(super) other_host: usize,
    pub(super) yanked: usize,
}

/// Files passed over for one reason.
#[derive(Debug, Default)]
pub(super) struct Refused {
    count: usize,
    kinds: Vec<String>,
}

/// So many kinds are told; the rest is an ellipsis.
const TOLD: usize = 4;

impl Evidence {
    pub(super) fn add(&mut self, line: String) {
        let lines = self.lines.entry(self.now.clone()).or_default();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }

    /// The index gave no page of use. Of several troubles the first counts.
    pub(super) fn trouble(&mut self, what: String, advice: &'static str) {
        self.troubles
            .entry(self.now.clone())
            .or_insert((what, advice));
    }

    /// Why the index could not be read for a project, and what to do about it.
    pub(super) fn trouble_of(&self, canonical: &str) -> Option<&(String, &'static str)> {
        self.troubles.get(canonical)
    }

    /// What was tried for a project, then what was read for all of them.
    pub(super) fn of(&self, canonical: &str) -> Vec<String> {
        let of = |name: &str| self.lines.get(name).cloned().unwrap_or_default();
        let mut lines = of(canonical);
        lines.extend(of(""));
        lines
    }
}

impl Refused {
    pub(super) fn note(&mut self, kind: &str) {
        self.count += 1;
        if !kind.is_empty() && !self.kinds.iter().any(|known| known == kind) {
            self.kinds.push(kind.to_owned());
        }
    }

    fn told(&self, why: &str) -> Option<String> {
        let n = self.count;
        if n == 0 {
            return None;
        }
        let mut kinds = self
            .kinds
            .iter()
            .take(TOLD)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        if self.kinds.len() > TOLD {
            kinds.push_str(" …");
        }
        Some(if kinds.is_empty() {
            format!(", {n} of them {why}")
        } else {
            format!(", {n} of them {why} ({kinds})")
        })
    }
}

impl Tally {
    pub(super) fn told(&self) -> String {
        let mut told = counted(self.files, "file");
        told.extend(self.other_python.told("for other versions of Python"));
        told.extend(
            self.other_platform
                .told("for other systems or versions of Python"),
        );
        for (n, why) in [
            (self.other_host, "on hosts that allow-hosts excludes"),
            (self.yanked, "withdrawn by their makers"),
        ] {
            if n > 0 {
                told.push_str(&format!(", {n} of them {why}"));
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_and_not_all_of_them() {
        let mut tally = Tally {
            files: 7,
            yanked: 1,
            ..Tally::default()
        };
        tally.other_python.note(">=3.12");
        for tag in ["a", "b", "a", "c", "d", "e"] {
            tally.other_platform.note(tag);
        }
        assert_eq!(
            tally.told(),
            "7 files, 1 of them for other versions of Python (>=3.12), 6 of them for other systems or versions of \
             Python (a b c d …), 1 of them withdrawn by their makers"
        );
    }
}

//! [`Finding`]: one thing that is wrong with a configuration, or that was hardly meant.

use std::collections::HashSet;
use std::fmt;

use crate::error::{Diagnostic, Severity};

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Supervisord,
    Supervisorctl,
}

/// One finding: the diagnostic, and what supervisor itself says or said of it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    /// Supervisor's exact words, without the `Error: ` before them.
    pub supervisor: Option<String>,
    /// Whose words they are, and who reads what the finding is about.
    pub program: Program,
    /// Whether this is where supervisord gives up: its first error.
    pub stops: bool,
}

/// What a check found: what is refused, in the order in which supervisor meets it, then all else.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    refusals: Vec<Finding>,
    others: Vec<Finding>,
    /// What was refused: the message, its line and column.
    refused: HashSet<(String, Option<(u32, u32)>)>,
    /// The messages of all others.
    said: HashSet<String>,
}

impl Findings {
    /// Supervisor refuses this. The same sentence of the same place is said once, in the words that come first.
    pub(super) fn refuse(&mut self, program: Program, words: String, diagnostic: Diagnostic) {
        let place = diagnostic.at.as_ref().map(|at| (at.line, at.column));
        let what = format!(
            "{program:?} {} {}",
            diagnostic.message,
            diagnostic
                .at
                .as_ref()
                .map_or("", |at| at.source.name.as_str())
        );
        if self.refused.insert((what, place)) {
            self.refusals.push(Finding {
                diagnostic,
                supervisor: Some(words),
                program,
                stops: false,
            });
        }
    }

    /// How many refusals there are.
    pub(super) fn refused(&self) -> usize {
        self.refusals.len()
    }

    /// Whether this was told already.
    pub(super) fn said(&self, message: &str) -> bool {
        self.said.contains(message)
    }

    /// Supervisor accepts this.
    pub(super) fn note(&mut self, diagnostic: Diagnostic, words: Option<String>) {
        self.note_of(Program::Supervisord, diagnostic, words);
    }

    pub(super) fn note_of(
        &mut self,
        program: Program,
        diagnostic: Diagnostic,
        words: Option<String>,
    ) {
        self.said.insert(diagnostic.message.clone());
        self.others.push(Finding {
            diagnostic,
            supervisor: words,
            program,
            stops: false,
        });
    }

    /// All findings: refusals as supervisor meets them, then the others by place.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        let first = |f: &&mut Finding| f.program == Program::Supervisord;
        if let Some(finding) = self.refusals.iter_mut().find(first) {
            finding.stops = true;
        }
        let place = |f: &Finding| {
            let at = f.diagnostic.at.as_ref();
            let rank = match f.diagnostic.severity {
                Severity::Error => 0,
                Severity::Warning => 1,
                Severity::Note => 2,
            };
            (
                rank,
                at.map(|at| (at.source.name.clone(), at.line, at.column)),
            )
        };
        self.others.sort_by_cached_key(place);
        self.refusals.extend(self.others);
        self.refusals
    }
}

/// A release of supervisor, where its rules hang on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    /// The one that the rules were taken from.
    pub const CURRENT: Self = Self::new(4, 3, 0);

    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `4.2.5`, `4.2` or `4.4.0.dev0`; a missing patch is the last one of its series.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        let patch = match numbers.next() {
            Some(patch) => patch.parse().ok()?,
            None => 99,
        };
        // Only the releases whose rules are known.
        (Self::new(3, 3, 0)..=Self::new(4, 4, 99))
            .contains(&Self::new(major, minor, patch))
            .then(|| Self::new(major, minor, patch))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.patch {
            99 => write!(f, "{}.{}", self.major, self.minor),
            patch => write!(f, "{}.{}.{patch}", self.major, self.minor),
        }
    }
}

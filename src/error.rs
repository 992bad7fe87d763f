//! The error of the whole crate, and the diagnostics that go beside zc.buildout's own words.
//!
//! One [`Error`] serves all stages: a kind that callers branch on, zc.buildout's message, the trail of what was being
//! done ("While:"), and [`Diagnostic`]s that say what a person has to change and where. It does not print itself:
//! `cli::render` does.

use std::fmt;

use crate::text::{Origin, Text};

/// The result of nearly everything here. The error is boxed: it is rare and not small.
pub type Result<T> = std::result::Result<T, Box<Error>>;

/// What callers and the exit code distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A mistake of the user or of the world outside: zc.buildout's `UserError`.
    User,
    /// An option was asked for that no section gives: `MissingOption`, which `get` swallows in Python.
    MissingOption,
    /// A section was asked for that is nowhere: `MissingSection`.
    MissingSection,
    /// The user stopped the run.
    Interrupted,
    /// A mistake in a Python recipe: the message is its traceback.
    Internal,
    /// A Python recipe ended the run with this exit code; there may be no message.
    Exit(u8),
}

/// Why something could not be done.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// zc.buildout's text where it has one; printed after `Error: `.
    pub message: String,
    /// What was being done, outermost first: the lines under `While:`.
    pub doing: Vec<String>,
    /// Ours, beside it.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of the Python exception that this was, where it came out of the recipe host.
    pub foreign: Option<u64>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            kind,
            message: message.into(),
            doing: Vec::new(),
            diagnostics: Vec::new(),
            foreign: None,
        })
    }

    /// A mistake of the user: exit code 1, no excuses.
    pub fn user(message: impl Into<String>) -> Box<Self> {
        Self::new(Kind::User, message)
    }

    /// Adds a diagnostic.
    #[must_use]
    pub fn with(mut self: Box<Self>, diagnostic: Diagnostic) -> Box<Self> {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Adds a diagnostic of no place that only gives advice.
    #[must_use]
    pub fn hint(
        self: Box<Self>,
        id: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Box<Self> {
        self.with(Diagnostic::error(id, message).help(help))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Adds what was being done to an error on its way out. Called where a step starts, as zc.buildout sets `__doing__`.
pub trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Self {
        self.map_err(|mut error| {
            error.doing.insert(0, what());
            error
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// One finding, with the place of its cause: `rbuildout: warning[R03]: …`, `  --> file:line:column`, the line, `  help:`.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable name: the ids of docs/checks.md where one exists, else a word.
    pub id: &'static str,
    pub message: String,
    /// Where the cause was written.
    pub at: Option<Origin>,
    /// How many characters to underline; at least 1.
    pub width: usize,
    /// What to do about it.
    pub help: Vec<String>,
}

impl Diagnostic {
    fn new(severity: Severity, id: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            id,
            message: message.into(),
            at: None,
            width: 1,
            help: Vec::new(),
        }
    }

    pub fn error(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, id, message)
    }

    pub fn warning(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, id, message)
    }

    pub fn note(id: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, id, message)
    }

    /// Points at the beginning of `text`, underlining its first line.
    #[must_use]
    pub fn at(mut self, text: &Text) -> Self {
        self.at = text.start();
        self.width = text
            .split('\n')
            .first()
            .map_or(1, |line| line.chars().count())
            .max(1);
        self
    }

    /// Points at a place.
    #[must_use]
    pub fn at_origin(mut self, origin: Option<Origin>, width: usize) -> Self {
        self.at = origin;
        self.width = width.max(1);
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

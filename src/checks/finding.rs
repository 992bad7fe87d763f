//! [`Finding`]: what a check says, whose words it has beside its own, and where in the generated conf it would bite.

use crate::error::Diagnostic;
use crate::supervisord::{self, Program};

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The diagnostic, placed in the configuration, with supervisor's words where there are any.
    pub told: supervisord::Finding,
    /// The part that it is about.
    pub part: Option<String>,
    /// Where in the conf of that part.
    pub generated: Option<Place>,
}

/// A place in a generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Finding {
    /// About the configuration alone.
    pub fn new(diagnostic: Diagnostic) -> Self {
        Self {
            told: supervisord::Finding {
                diagnostic,
                supervisor: None,
                program: Program::Supervisord,
                stops: false,
            },
            part: None,
            generated: None,
        }
    }

    /// About a part.
    #[must_use]
    pub fn of(mut self, part: &str) -> Self {
        self.part = Some(part.to_owned());
        self
    }
}

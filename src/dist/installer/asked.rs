//! [`Asked`]: what was asked for and why, for the report of a conflict.
//!
//! Kept as it came: of a thousand requests hardly one is ever told. zc.buildout: easy_install.py, `Installer._requirements_and_constraints`.

use std::fmt;

use crate::dist::requirement::Requirement;

/// A line of the report.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// What the installation began with, quoted.
    Base(String),
    /// A distribution for the first needs the second.
    By(Requirement, Requirement),
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(quoted) => write!(f, "Base installation request: {quoted}"),
            Self::By(asked, dependency) => write!(f, "Requirement of {asked}: {dependency}"),
        }
    }
}

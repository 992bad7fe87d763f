//! The commands: one file each, listed here in the order of the help.

mod annotate;
mod bootstrap;
mod cache;
mod check;
mod explain;
mod init;
mod install;
mod query;
mod setup;
mod why;

use crate::error::Result;
use crate::project::{Project, Request, Start, Surroundings};
use std::process::ExitCode;

use super::render::Style;

/// A command as `rbuildout COMMAND` names it.
#[derive(Debug)]
pub struct Command {
    pub name: &'static str,
    /// Its arguments, for the help.
    pub usage: &'static str,
    /// One line about it.
    pub summary: &'static str,
    pub run: Run,
}

/// What a command needs to run.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// A buildout, whose configuration was read.
    InProject(fn(&mut Project, arguments: &[String]) -> Result<()>),
    /// The same, but whose configuration is made first, or may be missing.
    Beginning(
        fn(arguments: &[String]) -> Start,
        fn(&mut Project, arguments: &[String]) -> Result<()>,
    ),
    /// As that, but it only tells: nothing is made, and what comes back is all that standard output has, so that programs can
    /// read it. Lines of the log go to standard error.
    Telling(fn(&mut Project, arguments: &[String]) -> Result<String>),
    /// A buildout, which it opens itself: what is wrong with it is what it tells.
    Opening(fn(&Request, &Surroundings, &[String], Style) -> Result<ExitCode>),
    /// No buildout. It says itself how the process ends.
    Alone(fn(&Surroundings, arguments: &[String], Style) -> Result<ExitCode>),
}

/// All commands.
pub const COMMANDS: &[&Command] = &[
    &install::COMMAND,
    &bootstrap::COMMAND,
    &init::COMMAND,
    &setup::COMMAND,
    &setup::OLD_NAME,
    &annotate::COMMAND,
    &query::COMMAND,
    &why::COMMAND,
    &check::COMMAND,
    &explain::COMMAND,
    &cache::COMMAND,
];

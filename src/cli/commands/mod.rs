//! The commands: one file each, listed here in the order of the help.

mod annotate;
mod install;
mod query;
mod why;

use crate::error::Result;
use crate::project::Project;

/// A command as `rbuildout COMMAND` names it.
#[derive(Debug)]
pub struct Command {
    pub name: &'static str,
    /// Its arguments, for the help.
    pub usage: &'static str,
    /// One line about it.
    pub summary: &'static str,
    pub run: fn(&mut Project, arguments: &[String]) -> Result<()>,
}

/// All commands.
pub const COMMANDS: &[&Command] = &[
    &install::COMMAND,
    &annotate::COMMAND,
    &query::COMMAND,
    &why::COMMAND,
];

/// Commands of zc.buildout that are not there yet, and what to do meanwhile.
pub(super) const NOT_YET: [&str; 4] = ["bootstrap", "init", "setup", "runsetup"];

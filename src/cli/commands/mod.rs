//! The commands: one file each, listed here in the order of the help.

mod annotate;
mod cache;
mod install;
mod query;

use crate::error::Result;
use crate::log::Log;
use crate::project::{Project, Surroundings};

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

/// A command that needs no configuration.
#[derive(Debug)]
pub struct OutsideCommand {
    pub name: &'static str,
    pub usage: &'static str,
    pub summary: &'static str,
    pub run: fn(&Surroundings, &Log, arguments: &[String]) -> Result<()>,
}

/// Commands that work in any directory.
pub const OUTSIDE_COMMANDS: &[&OutsideCommand] = &[&cache::COMMAND];

/// All commands of a buildout.
pub const COMMANDS: &[&Command] = &[&install::COMMAND, &annotate::COMMAND, &query::COMMAND];

/// Commands of zc.buildout that are not there yet, and what to do meanwhile.
pub(super) const NOT_YET: [&str; 4] = ["bootstrap", "init", "setup", "runsetup"];

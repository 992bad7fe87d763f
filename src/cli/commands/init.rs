//! `init [REQUIREMENT|DIRECTORY]...`: a new configuration, then `bootstrap`; with arguments `install`, too. zc.buildout:
//! buildout.py, `Buildout.init`.

use super::{Command, Run};
use crate::error::Result;
use crate::install::{self, bootstrap};
use crate::project::{Project, Start};

pub(super) const COMMAND: Command = Command {
    name: "init",
    usage: "[REQUIREMENT|DIRECTORY]...",
    summary: "Make a new configuration, for an interpreter with what is named; then `bootstrap`",
    run: Run::Beginning(start, run),
};

fn start(arguments: &[String]) -> Start {
    Start::New(arguments.to_vec())
}

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    project.prepare()?;
    bootstrap::bootstrap(project)?;
    if arguments.is_empty() {
        return Ok(());
    }
    install::install(project, &[])
}

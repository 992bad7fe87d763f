//! `install [PART…]`: installs all parts, or these. The command when none is named.

use super::{Command, Run};
use crate::error::Result;
use crate::install;
use crate::project::Project;

pub(super) const COMMAND: Command = Command {
    name: "install",
    usage: "[PART]...",
    summary: "Install the parts of the configuration, or those named; the default command",
    run: Run::InProject(run),
};

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    install::install(project, arguments)
}

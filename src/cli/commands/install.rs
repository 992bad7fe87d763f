//! `install [PART…]`: installs all parts, or these. The command when none is named. `--strict` is ours: a supervisord.conf
//! that supervisor would refuse, or that is hardly meant so, is not written.

use super::{Command, Run};
use crate::error::Result;
use crate::install::{self, Strictness};
use crate::project::Project;

pub(super) const COMMAND: Command = Command {
    name: "install",
    usage: "[--strict] [PART]...",
    summary: "Install the parts of the configuration, or those named; the default command",
    run: Run::InProject(run),
};

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    let (options, parts): (Vec<String>, Vec<String>) = arguments
        .iter()
        .cloned()
        .partition(|argument| argument == "--strict");
    let strictness = if options.is_empty() {
        Strictness::Warns
    } else {
        Strictness::Refuses
    };
    install::install_with(project, &parts, strictness)
}

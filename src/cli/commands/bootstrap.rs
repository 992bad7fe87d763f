//! `bootstrap`: gives a buildout a zc.buildout of its own, with `bin/buildout`. zc.buildout: buildout.py,
//! `Buildout.bootstrap`.

use super::{Command, Run};
use crate::error::Result;
use crate::install::bootstrap;
use crate::project::Project;

pub(super) const COMMAND: Command = Command {
    name: "bootstrap",
    usage: "",
    summary: "Make the directories, and a bin/buildout that runs zc.buildout",
    run: Run::InProject(run),
};

fn run(project: &mut Project, _: &[String]) -> Result<()> {
    project.prepare()?;
    bootstrap::bootstrap(project)
}

//! `setup SCRIPT [ARGUMENT]...`, `runsetup`: runs a setup script with setuptools in its path, in the interpreter of the
//! buildout. zc.buildout: buildout.py, `Buildout.setup`.

use super::{Command, Run};
use crate::error::{Error, Result};
use crate::log::INFO;
use crate::project::{Project, Start};
use crate::pypath;
use crate::pystr::repr;
use crate::sys::fs;

pub(super) const COMMAND: Command = Command {
    name: "setup",
    usage: "SCRIPT [ARGUMENT]...",
    summary: "Run a setup script, or that of a directory, with setuptools in its path",
    run: Run::Beginning(start, run),
};

pub(super) const OLD_NAME: Command = Command {
    name: "runsetup",
    usage: "SCRIPT [ARGUMENT]...",
    summary: "The old name of `setup`; wants a configuration",
    run: Run::InProject(run),
};

fn start(_: &[String]) -> Start {
    Start::Optional
}

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    let settings = project.prepare()?;
    let Some((script, arguments)) = arguments.split_first() else {
        return Err(Error::user(
            "The setup command requires the path to a setup script or \n\
             directory containing a setup script, and its arguments.",
        ));
    };
    // zc.buildout has gone to the buildout's directory by then.
    let here = project.absolute(&settings.directory);
    let mut script = script.clone();
    if fs::is_dir(pypath::join(&here, &script)) {
        script = pypath::join(&script, "setup.py");
    }
    project
        .log
        .say(INFO, &format!("Running setup script {}.", repr(&script)));
    project.run_setup_script(&pypath::absolute(&script, &here), arguments)
}

//! `query [SECTION:]OPTION`: one value as it was written. zc.buildout: buildout.py, `Buildout.query`.

use super::{Command, Run};
use crate::error::{Error, Result};
use crate::log::Entry;
use crate::project::Project;
use crate::wording::did_you_mean;

pub(super) const COMMAND: Command = Command {
    name: "query",
    usage: "SECTION:OPTION",
    summary: "Print one value before substitution",
    run: Run::InProject(run),
};

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    project.prepare()?;
    let [argument] = arguments else {
        return Err(Error::user("The query command requires a single argument."));
    };
    let (section, option) = match argument.split(':').collect::<Vec<_>>().as_slice() {
        [option] => ("buildout", *option),
        [section, option] => (*section, *option),
        _ => return Err(Error::user(format!("Invalid option: {argument}"))),
    };
    if project.is_verbose() {
        project
            .log
            .show(&Entry::Line(format!("${{{section}:{option}}}")));
    }
    if let Some(value) = project.raw_value(section, option) {
        project.log.show(&Entry::Line(value));
        return Ok(());
    }
    let (message, nearest) = if let Some(options) = project.config.sections.get(section) {
        (
            format!("Key not found: {option}"),
            did_you_mean(option, options.keys().map(String::as_str)),
        )
    } else {
        let names = project.config.sections.keys().map(String::as_str);
        (
            format!("Section not found: {section}"),
            did_you_mean(section, names),
        )
    };
    let error = Error::user(message);
    Err(match nearest {
        Some(nearest) => error.hint(
            "query",
            "there is no such value",
            format!("did you mean `{nearest}`?"),
        ),
        None => error,
    })
}

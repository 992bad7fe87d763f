//! R21: programs whose command is made by a part that is not installed.

use super::Check;
use super::back::Generated;
use super::finding::{Finding, Place};
use super::subject::{Part, Subject};
use crate::error::Diagnostic;
use crate::supervisord::Kind;

pub(super) const CHECK: Check = Check {
    ids: &[("R21", "a command points into a part that is not installed")],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let generated = Generated::new(&supervisor.text);
        for command in generated.commands() {
            let Some(path) = command.words.first() else {
                continue;
            };
            let Some((section, message)) = wrong(subject, part, &path.text) else {
                continue;
            };
            let width = path.text.chars().count();
            let origin = generated.origin(command.line, path.column, width);
            let (at, width) = supervisor.place_or_own(origin);
            let diagnostic = Diagnostic::warning("R21", message)
                .at_origin(at, width)
                .help(format!(
                    "add `{section}` to `parts`, or name another command"
                ));
            let mut finding = Finding::new(diagnostic).of(&part.name);
            finding.generated = Some(Place {
                line: command.line,
                column: path.column,
            });
            found.push(finding);
        }
    }
}

/// The section that should be a part, and what is wrong.
fn wrong(subject: &Subject<'_>, part: &Part, path: &str) -> Option<(String, String)> {
    let below = |directory: &str| {
        let rest = path.strip_prefix(directory)?.strip_prefix('/')?;
        Some(rest.split('/').next().unwrap_or(rest).to_owned())
    };
    let is_section = |name: &str| {
        let options = subject.config.sections.get(name);
        options.is_some_and(|options| options.contains_key("recipe") || options.contains_key("<"))
    };
    if let Some(name) = below(&subject.bin_directory) {
        if !is_section(&name) || subject.part(&name).is_some() || part.scripts.contains(&name) {
            return None;
        }
        let message = format!("`{path}` is made by [{name}], which is not among the parts");
        return Some((name, message));
    }
    let name = below(&subject.parts_directory)?;
    if subject.part(&name).is_some() {
        return None;
    }
    if is_section(&name) {
        let message = format!("`{path}` is in the part [{name}], which is not among the parts");
        return Some((name, message));
    }
    (subject.machine.kind(path) == Kind::Missing).then(|| {
        let message = format!("`{path}` is in the part [{name}], which there is not");
        (name, message)
    })
}

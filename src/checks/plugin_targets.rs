//! R23: event listeners of superlance that watch a program or group which there is not.

use std::collections::BTreeSet;

use super::Check;
use super::back::Generated;
use super::finding::{Finding, Place};
use super::subject::Subject;
use crate::error::Diagnostic;
use crate::pypath;
use crate::wording::did_you_mean;

pub(super) const CHECK: Check = Check {
    ids: &[("R23", "a listener watches a program that there is not")],
    run,
};

/// Listeners that take the names of programs with `-p`, and of groups with `-g`.
const WATCHERS: &[(&str, bool)] = &[
    ("memmon", true),
    ("httpok", true),
    ("crashmail", false),
    ("crashsms", false),
];

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let Some(model) = &supervisor.checked.model else {
            continue;
        };
        // What an included file brings is in the model too.
        let mut programs = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for group in &model.groups {
            groups.insert(group.name.clone());
            for process in &group.processes {
                programs.insert(process.name.clone());
                programs.insert(format!("{}:{}", group.name, process.name));
            }
        }
        let generated = Generated::new(&supervisor.text);
        for command in generated.commands() {
            let watcher = command.words.first().and_then(|word| {
                let name = pypath::basename(&word.text);
                WATCHERS.iter().find(|(watcher, _)| *watcher == name)
            });
            let Some((_, has_groups)) =
                watcher.filter(|_| command.section.starts_with("eventlistener:"))
            else {
                continue;
            };
            for pair in command.words.windows(2) {
                let [flag, word] = pair else { continue };
                let (known, what) = match flag.text.as_str() {
                    "-p" | "--program" => (&programs, "program"),
                    "-g" | "--group" if *has_groups => (&groups, "group"),
                    _ => continue,
                };
                let name = word.text.split('=').next().unwrap_or_default();
                if known.contains(name) || subject.is_unknown(name) || name.contains('%') {
                    continue;
                }
                let width = name.chars().count();
                let origin = generated.origin(command.line, word.column, width);
                let (at, width) = supervisor.place_or_own(origin);
                let help = match did_you_mean(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("name a {what} of this supervisor"),
                };
                let message = format!(
                    "[{}] watches the {what} `{name}`, which there is not",
                    command.section
                );
                let diagnostic = Diagnostic::warning("R23", message)
                    .at_origin(at, width)
                    .help(help);
                let mut finding = Finding::new(diagnostic).of(&part.name);
                finding.generated = Some(Place {
                    line: command.line,
                    column: word.column,
                });
                found.push(finding);
            }
        }
    }
}

//! `annotate [SECTION…]`: every value with the files that made it. zc.buildout: buildout.py, `Buildout.annotate`.
//!
//! As there, `[buildout]` is resolved first, and the directories of eggs and caches are made.

use std::fmt::Write as _;

use super::{Command, Run};
use crate::config::history::{AnnotatedValue, Change, Operation, Setter};
use crate::error::Result;
use crate::log::Entry;
use crate::project::Project;
use crate::pypath;
use crate::pystr::{split_lines, strip};

pub(super) const COMMAND: Command = Command {
    name: "annotate",
    usage: "[SECTION]...",
    summary: "Print sections with the files that their values come from; -v tells the whole history",
    run: Run::InProject(run),
};

fn run(project: &mut Project, arguments: &[String]) -> Result<()> {
    let directory = &project.prepare()?.directory;
    let verbose = project.is_verbose();
    let mut out = String::from("\nAnnotated sections\n==================\n");
    let mut names: Vec<&String> = project.config.sections.keys().collect();
    names.sort_unstable();
    for name in names
        .into_iter()
        .filter(|name| arguments.is_empty() || arguments.contains(name))
    {
        let _ = writeln!(out, "\n[{name}]");
        let mut options: Vec<_> = project
            .config
            .sections
            .get(name)
            .into_iter()
            .flatten()
            .collect();
        options.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in options {
            value_lines(&mut out, key, value);
            if verbose {
                history(&mut out, value, directory);
            } else {
                sources(&mut out, value, directory);
            }
        }
    }
    project.log.show(&Entry::Line(strip_last_line_end(out)));
    Ok(())
}

fn strip_last_line_end(mut text: String) -> String {
    text.pop();
    text
}

fn value_lines(out: &mut String, key: &str, value: &AnnotatedValue) {
    match split_lines(&value.value).as_slice() {
        [] | [_] if value.value.is_empty() => {
            let _ = writeln!(out, "{key}=");
        }
        [] | [_] => {
            let _ = writeln!(out, "{key}= {}", value.value);
        }
        [first, rest @ ..] => {
            let _ = writeln!(out, "{key}= {first}");
            for line in rest {
                let _ = writeln!(out, "{line}");
            }
        }
    }
}

/// A file below the buildout as people call it there.
fn shown<'a>(setter: &'a Setter, directory: &str) -> std::borrow::Cow<'a, str> {
    match setter.name() {
        name if name.starts_with(directory) => pypath::relative(name, directory).into(),
        name => name.into(),
    }
}

/// The last assignment and what was added to it, oldest first.
fn sources(out: &mut String, value: &AnnotatedValue, directory: &str) {
    let mut lines = Vec::new();
    for change in value.history.latest_first() {
        let source = shown(&change.setter, directory);
        match change.operation {
            Operation::Add => lines.push(format!("+=  {source}")),
            Operation::Remove => lines.push(format!("-=  {source}")),
            _ => {
                lines.push(format!("    {source}"));
                break;
            }
        }
    }
    for line in lines.iter().rev().filter(|line| !strip(line).is_empty()) {
        let _ = writeln!(out, "{line}");
    }
}

/// A file that is extended in very many ways changes an option once for each.
const MOST_CHANGES: usize = 10_000;

/// All that was done, latest first.
fn history(out: &mut String, value: &AnnotatedValue, directory: &str) {
    out.push('\n');
    for Change {
        operation,
        value,
        setter,
        ..
    } in value.history.latest_first().take(MOST_CHANGES)
    {
        let word = if matches!(
            setter,
            Setter::Default | Setter::Computed | Setter::CommandLine
        ) {
            "AS"
        } else {
            "IN"
        };
        let _ = writeln!(out, "   {word} {}", shown(setter, directory));
        match split_lines(value).as_slice() {
            [] | [_] => {
                let _ = writeln!(out, "   {} VALUE = {value}", operation.name());
            }
            lines => {
                let _ = writeln!(out, "   {} VALUE =", operation.name());
                for line in lines {
                    let _ = writeln!(out, "      {line}");
                }
            }
        }
    }
    out.push('\n');
}

//! `why SECTION:OPTION`: how an option came to its value. zc.buildout has no such command.

use std::fmt::Write as _;

use super::{Command, Run};
use crate::cli::why_path;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::why::{Explanation, Step, explain};
use crate::wording::did_you_mean;

pub(super) const COMMAND: Command = Command {
    name: "why",
    usage: "SECTION:OPTION | PATH[:LINE] [--format json]",
    summary: "Tell how an option came to its value: every line that made it, what was overridden, what it refers to",
    run: Run::Telling(run),
};

fn run(project: &mut Project, arguments: &[String]) -> Result<String> {
    let (named, json) = parse(arguments)?;
    if let Some((path, line)) = why_path::path_of(named) {
        return why_path::run(project, path, line, json);
    }
    let (section, option) = match named.split(':').collect::<Vec<_>>().as_slice() {
        [option] => ("buildout", *option),
        [section, option] => (*section, *option),
        _ => return Err(Error::user(format!("Invalid option: {named}"))),
    };
    project.resolve()?;
    let Some(explanation) = explain(project, section, option)? else {
        return Err(unknown(project, section, option));
    };
    if json {
        return serde_json::to_string_pretty(&explanation)
            .map_err(|error| Error::user(format!("Couldn't write JSON: {error}.")));
    }
    let mut out = String::new();
    tell(&mut out, &explanation, 0, "");
    Ok(out.trim_end().to_owned())
}

fn parse(arguments: &[String]) -> Result<(&str, bool)> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [named] if !named.starts_with("--") => Ok((named, false)),
        [named, "--format=json"]
        | [named, "--format", "json"]
        | ["--format=json", named]
        | ["--format", "json", named] => Ok((named, true)),
        _ => {
            let help = "say `rbuildout why SECTION:OPTION`, with `--format json` for programs";
            Err(
                Error::user("The why command requires a single argument.").hint(
                    "why",
                    "an option is asked for by its section and name",
                    help,
                ),
            )
        }
    }
}

fn unknown(project: &Project, section: &str, option: &str) -> Box<Error> {
    let sections = &project.config.sections;
    let (message, nearest) = if let Some(options) = sections.get(section) {
        let names = options.keys().map(String::as_str);
        (
            format!("Key not found: {option}"),
            did_you_mean(option, names),
        )
    } else {
        let names = sections.keys().map(String::as_str);
        (
            format!("Section not found: {section}"),
            did_you_mean(section, names),
        )
    };
    match nearest {
        Some(name) => Error::user(message).hint(
            "why",
            "there is no such value",
            format!("did you mean `{name}`?"),
        ),
        None => Error::user(message),
    }
}

/// Further lines of a value stand under its first.
fn indented(value: &str, margin: &str) -> String {
    value.replace('\n', &format!("\n{margin}    "))
}

fn tell(out: &mut String, explanation: &Explanation, depth: usize, how: &str) {
    let margin = "  ".repeat(depth);
    let name = format!("{}:{}", explanation.section, explanation.option);
    let value = match (&explanation.value, &explanation.problem) {
        (Some(value), _) => format!(" = {}", indented(value, &margin)),
        (None, Some(problem)) => format!(": {}", indented(problem.trim_end(), &margin)),
        (None, None) if how.is_empty() || how == "refers to " => {
            ": not in the configuration; a recipe may set it".to_owned()
        }
        (None, None) => String::new(),
    };
    let again = if explanation.repeated {
        "  (see above)"
    } else {
        ""
    };
    let _ = writeln!(out, "{margin}{how}{name}{value}{again}");
    if let Some(written) = &explanation.written {
        let _ = writeln!(out, "{margin}  written {}", indented(written, &margin));
    }
    for copied in &explanation.copied_from {
        tell(out, copied, depth + 1, "copied with <= from ");
    }
    for step in &explanation.changes {
        let _ = writeln!(out, "{margin}  {}", line(step, &margin));
    }
    for referred in &explanation.references {
        tell(out, referred, depth + 1, "refers to ");
    }
}

fn line(step: &Step, margin: &str) -> String {
    let sign = match step.operation {
        "add" => "+=",
        "remove" => "-=",
        "directory" => "made absolute:",
        _ => "=",
    };
    let mut place = step.source.clone();
    if let Some(line) = step.line {
        let _ = write!(place, ":{line}");
    }
    let condition = match &step.condition {
        Some(condition) => format!(" where {condition}"),
        None => String::new(),
    };
    let overridden = if step.overridden {
        "  (overridden)"
    } else {
        ""
    };
    let value = indented(&step.value, margin);
    format!("{place}{condition}: {sign} {value}{overridden}")
}

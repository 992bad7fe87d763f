//! `check --conf FILE`: what supervisord and supervisorctl would make of a configuration, without starting either.
//!
//! Exit status: 0 where both accept it, 1 where one refuses, 2 where the check itself could not run. zc.buildout and
//! supervisor have no such command.

use std::process::ExitCode;

use super::{Command, Run};
use crate::cli::findings::{self, Format};
use crate::cli::render::Style;
use crate::cli::{fail, print};
use crate::error::{Error, Result, Severity};
use crate::project::{Surroundings, ThisMachine};
use crate::pypath;
use crate::supervisord::{self, Version};
use crate::sys::fs;
use crate::wording::did_you_mean;

pub(super) const COMMAND: Command = Command {
    name: "check",
    usage: "--conf FILE",
    summary: "Say what is wrong with a supervisord.conf; --format, --supervisor VERSION, --strict",
    run: Run::Alone(run),
};

const USAGE: &str = "rbuildout check --conf FILE [--format text|json|sarif|github] [--supervisor VERSION] [--strict]";

const OPTIONS: [&str; 4] = ["--conf", "--format", "--supervisor", "--strict"];

/// What was asked for.
struct Request {
    conf: String,
    format: Format,
    version: Version,
    strict: bool,
}

fn run(surroundings: &Surroundings, arguments: &[String], style: Style) -> Result<ExitCode> {
    Ok(
        check(surroundings, arguments, style).unwrap_or_else(|error| {
            fail(&error, style);
            ExitCode::from(2)
        }),
    )
}

fn check(surroundings: &Surroundings, arguments: &[String], style: Style) -> Result<ExitCode> {
    let request = request(arguments)?;
    let path = pypath::join(&surroundings.cwd, &request.conf);
    let bytes = fs::read(&path)?;
    let directory = pypath::absolute(pypath::dirname(&path), &surroundings.cwd);
    let machine = ThisMachine::new(surroundings, &directory);
    let mut checked = supervisord::check(&request.conf, &bytes, &machine, request.version);
    if request.strict {
        for finding in &mut checked.findings {
            if finding.diagnostic.severity == Severity::Warning {
                finding.diagnostic.severity = Severity::Error;
            }
        }
    }
    print(&findings::text(
        &request.conf,
        &checked,
        request.format,
        style,
    ));
    let mut severities = checked.findings.iter().map(|f| f.diagnostic.severity);
    Ok(ExitCode::from(u8::from(
        severities.any(|severity| severity == Severity::Error),
    )))
}

fn request(arguments: &[String]) -> Result<Request> {
    let mut conf = None;
    let mut format = Format::Text;
    let mut version = Version::CURRENT;
    let mut strict = false;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, glued) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (argument.as_str(), None),
        };
        let mut value = || {
            let value = glued.or_else(|| arguments.next().map(String::as_str));
            value.ok_or_else(|| usage(format!("No value specified for option {name}")))
        };
        match name {
            "--conf" => conf = Some(value()?.to_owned()),
            "--format" => {
                let word = value()?;
                format = Format::named(word)
                    .ok_or_else(|| usage(format!("Invalid value for option --format: {word}")))?;
            }
            "--supervisor" => {
                let word = value()?;
                version = Version::parse(word).ok_or_else(|| {
                    usage(format!(
                        "Invalid value for option --supervisor: {word} (the rules of 3.3 to 4.4 are known)"
                    ))
                })?;
            }
            "--strict" if glued.is_none() => strict = true,
            _ => {
                let error = usage(format!("Invalid argument for check: {argument}"));
                return Err(match did_you_mean(name, OPTIONS) {
                    Some(near) => error.hint(
                        "option",
                        "there is no such option",
                        format!("did you mean `{near}`?"),
                    ),
                    None => error,
                });
            }
        }
    }
    let conf = conf.filter(|conf| !conf.is_empty());
    let conf = conf.ok_or_else(|| usage("No configuration specified for check"))?;
    Ok(Request {
        conf,
        format,
        version,
        strict,
    })
}

fn usage(message: impl Into<String>) -> Box<Error> {
    Error::user(message).hint("usage", "the command could not be read", USAGE)
}

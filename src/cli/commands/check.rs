//! `check [PART…]`: what is wrong with a buildout, before anything of it is touched; `check --conf FILE`: what supervisord
//! and supervisorctl would make of a configuration, without starting either.
//!
//! Exit status: 0 without errors, 1 with errors, 2 where the check itself could not run. zc.buildout and supervisor have no
//! such command.

use std::process::ExitCode;

use super::{Command, Run};
use crate::checks::fix;
use crate::cli::findings::{self, Format};
use crate::cli::render::Style;
use crate::cli::{fail, print, print_log, report};
use crate::error::{Error, Result, Severity};
use crate::log::Entry;
use crate::project::checking::{self, Wanted};
use crate::project::mending;
use crate::project::{Request, Surroundings, ThisMachine};
use crate::pypath;
use crate::supervisord::{self, Finding, Version};
use crate::sys::fs;
use crate::wording::did_you_mean;

pub(super) const COMMAND: Command = Command {
    name: "check",
    usage: "[PART]... | --conf FILE",
    summary: "Say what is wrong with the configuration, or with a supervisord.conf; --format, --strict, --fix and more",
    run: Run::Opening(run),
};

const USAGE: &str = "rbuildout check [PART]... or rbuildout check --conf FILE, with [--format text|json|sarif|github] [--supervisor VERSION] [--strict] [--ignore ID] [--fix[=ID,ID] [--diff]]";

const OPTIONS: [&str; 7] = [
    "--conf",
    "--format",
    "--supervisor",
    "--strict",
    "--ignore",
    "--fix",
    "--diff",
];

/// What was asked for.
struct Asked {
    /// A configuration of supervisor's own form, in place of the buildout.
    conf: Option<String>,
    parts: Vec<String>,
    format: Format,
    version: Option<Version>,
    strict: bool,
    ignored: Vec<String>,
    /// The ids that are to be mended; all that have one right answer where none is named.
    fix: Option<Vec<String>>,
    /// Only show what mending would change.
    diff: bool,
}

fn run(
    request: &Request,
    surroundings: &Surroundings,
    arguments: &[String],
    style: Style,
) -> Result<ExitCode> {
    let asked = asked(arguments);
    let done = asked.and_then(|asked| match &asked.conf {
        Some(conf) => check_conf(conf, &asked, surroundings, style),
        None => check(request, &asked, surroundings, style),
    });
    Ok(done.unwrap_or_else(|error| {
        fail(&error, style);
        ExitCode::from(2)
    }))
}

/// The whole configuration, and what its supervisor parts would write.
fn check(
    request: &Request,
    asked: &Asked,
    surroundings: &Surroundings,
    style: Style,
) -> Result<ExitCode> {
    let wanted = Wanted {
        parts: asked.parts.clone(),
        version: asked.version,
        ignored: asked.ignored.clone(),
    };
    let log = print_log(style);
    let mut looked = match &asked.fix {
        None => checking::check(request, surroundings, &wanted, log)?,
        Some(named) => {
            let mended = mending::mend(request, surroundings, &wanted, named, &log)?;
            if asked.diff {
                for file in mended.files.values() {
                    print(&fix::diff(&file.name, &file.before, &file.after));
                }
                return Ok(exit(mended.looked.findings.iter().map(|f| &f.told)));
            }
            mended.write()?;
            for diagnostic in mended.gone {
                log.show(&Entry::Line(report::mended(&diagnostic)));
            }
            mended.looked
        }
    };
    if asked.strict {
        looked.findings.iter_mut().for_each(|f| harden(&mut f.told));
    }
    print(&report::text(
        &request.config_file,
        &looked,
        asked.format,
        style,
    ));
    Ok(exit(looked.findings.iter().map(|finding| &finding.told)))
}

fn harden(finding: &mut Finding) {
    if finding.diagnostic.severity == Severity::Warning {
        finding.diagnostic.severity = Severity::Error;
    }
}

fn exit<'a>(mut findings: impl Iterator<Item = &'a Finding>) -> ExitCode {
    ExitCode::from(u8::from(
        findings.any(|finding| finding.diagnostic.severity == Severity::Error),
    ))
}

/// A configuration of supervisor's own form.
fn check_conf(
    conf: &str,
    asked: &Asked,
    surroundings: &Surroundings,
    style: Style,
) -> Result<ExitCode> {
    let path = pypath::join(&surroundings.cwd, conf);
    let bytes = fs::read(&path)?;
    let directory = pypath::absolute(pypath::dirname(&path), &surroundings.cwd);
    let machine = ThisMachine::new(surroundings, &directory);
    let version = asked.version.unwrap_or(Version::CURRENT);
    let mut checked = supervisord::check(conf, &bytes, &machine, version);
    checked
        .findings
        .retain(|finding| !asked.ignored.iter().any(|id| *id == finding.diagnostic.id));
    if asked.strict {
        checked.findings.iter_mut().for_each(harden);
    }
    print(&findings::text(conf, &checked, asked.format, style));
    Ok(exit(checked.findings.iter()))
}

fn asked(arguments: &[String]) -> Result<Asked> {
    let mut conf = None;
    let mut format = Format::Text;
    let mut version = None;
    let mut strict = false;
    let (mut parts, mut ignored) = (Vec::new(), Vec::new());
    let (mut fix, mut diff) = (None, false);
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
                let known = Version::parse(word).ok_or_else(|| {
                    usage(format!(
                        "Invalid value for option --supervisor: {word} (the rules of 3.3 to 4.4 are known)"
                    ))
                })?;
                version = Some(known);
            }
            "--strict" if glued.is_none() => strict = true,
            "--fix" => fix = Some(glued.map(ids).unwrap_or_default()),
            "--diff" if glued.is_none() => diff = true,
            "--ignore" => ignored.extend(ids(value()?)),
            part if !part.starts_with('-') && glued.is_none() => parts.push(part.to_owned()),
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
    if conf.as_ref().is_some_and(String::is_empty) {
        return Err(usage("No configuration specified for check"));
    }
    if let (Some(_), Some(part)) = (&conf, parts.first()) {
        return Err(usage(format!("Invalid argument for check: {part}")));
    }
    if let (Some(_), Some(_)) = (&conf, &fix) {
        return Err(usage("Only a buildout can be mended, no --conf"));
    }
    if diff && fix.is_none() {
        fix = Some(Vec::new());
    }
    Ok(Asked {
        conf,
        parts,
        format,
        version,
        strict,
        ignored,
        fix,
        diff,
    })
}

/// Ids, with commas between.
fn ids(words: &str) -> Vec<String> {
    let words = words.split(',').map(|word| word.trim().to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

fn usage(message: impl Into<String>) -> Box<Error> {
    Error::user(message).hint("usage", "the command could not be read", USAGE)
}

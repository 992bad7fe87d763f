//! The only place that reads argv and the environment and that prints.
//!
//! [`main`]: parse, open the project, run the command, print the error, give the exit code. Decisions are elsewhere.

mod args;
pub mod commands;
mod findings;
mod help;
pub mod pages;
mod progress;
mod render;
mod report;
mod why_path;

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::rc::Rc;

use crate::error::{Error, Kind, Result, Severity};
use crate::log::{Entry, INFO, Log};
use crate::project::{Project, Request, Start, Surroundings};
use crate::pypath;
use crate::wording::did_you_mean;
use args::{Color, Invocation, Parsed};
use commands::{COMMANDS, Run};
use render::Style;

/// The program.
pub fn main() -> ExitCode {
    let variables = environment();
    #[cfg(debug_assertions)]
    if let Some(step) = variables
        .get("RBUILDOUT_TEST_KILL_AT")
        .and_then(|n| n.parse().ok())
    {
        let signal = variables.get("RBUILDOUT_TEST_SIGNAL");
        crate::sys::fs::stop_at(step, signal.map_or("KILL", String::as_str));
    }
    #[expect(clippy::disallowed_methods, reason = "cli is where argv is read")]
    let mut arguments = std::env::args_os().map(|a| a.to_string_lossy().into_owned());
    let program = arguments.next().unwrap_or_default();
    let as_buildout = pypath::basename(&program) == "buildout";
    let invocation = match args::parse(arguments) {
        Ok(Parsed::Run(invocation)) => *invocation,
        Ok(Parsed::Help) => {
            print(&if as_buildout {
                help::text_of_buildout()
            } else {
                help::text()
            });
            return ExitCode::SUCCESS;
        }
        Ok(Parsed::Version) => {
            print(&help::version(as_buildout));
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error, style(Color::Auto, as_buildout, &variables)),
    };
    let style = style(invocation.color, as_buildout, &variables);
    run(&invocation, program, variables, style).unwrap_or_else(|error| fail(&error, style))
}

#[expect(
    clippy::disallowed_methods,
    reason = "cli is where the environment is read"
)]
fn environment() -> indexmap::IndexMap<String, String> {
    let text = |s: std::ffi::OsString| s.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

fn run(
    invocation: &Invocation,
    program: String,
    variables: indexmap::IndexMap<String, String>,
    style: Style,
) -> Result<ExitCode> {
    let command = COMMANDS
        .iter()
        .find(|c| c.name == invocation.command)
        .ok_or_else(|| unknown_command(&invocation.command))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "cli is where the process's surroundings are read"
    )]
    let cwd = std::env::current_dir().map_err(|error| {
        Error::user(format!("Couldn't find out the current directory: {error}."))
    })?;
    let surroundings = Surroundings {
        program,
        cwd: cwd.to_string_lossy().into_owned(),
        variables,
    };
    if let Run::Alone(run) = command.run {
        return run(&surroundings, &invocation.arguments, style);
    }
    let start = match command.run {
        Run::Beginning(start, _) => start(&invocation.arguments),
        _ => Start::Existing,
    };
    let request = Request {
        config_file: invocation.config_file.clone(),
        start,
        overrides: invocation.overrides.clone(),
        user_defaults: invocation.user_defaults,
        python: invocation.python.clone(),
        arguments: invocation.as_buildout.clone(),
        debug: invocation.debug,
        // zc.buildout: buildout.py, `_maybe_upgrade` is called by these.
        upgrades: matches!(command.name, "install" | "bootstrap"),
        now: crate::clock::now(),
        progress: progress::on_terminal(style),
    };
    match command.run {
        Run::InProject(run) | Run::Beginning(_, run) => {
            let log = Log::new(INFO, printer(style));
            let mut project = Project::open(&request, surroundings, log)?;
            run(&mut project, &invocation.arguments)?;
        }
        Run::Telling(run) => {
            let mut project = Project::open(&request, surroundings, print_log(style))?;
            print_line(&run(&mut project, &invocation.arguments)?);
        }
        Run::Opening(run) => {
            return run(&request, &surroundings, &invocation.arguments, style);
        }
        Run::Alone(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown_command(name: &str) -> Box<Error> {
    let error = Error::user(format!("invalid command: {name}"));
    let help = match did_you_mean(name, COMMANDS.iter().map(|c| c.name)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`rbuildout --help` lists the commands; to install one part, say `rbuildout install PART`".to_owned(),
    };
    error.hint("command", "there is no such command", help)
}

/// `as_buildout`: we were called by the name of zc.buildout's program. A program that reads what that writes finds nothing
/// more in it, unless RBUILDOUT_DIAGNOSTICS says otherwise.
fn style(color: Color, as_buildout: bool, variables: &indexmap::IndexMap<String, String>) -> Style {
    let diagnostics = match variables.get("RBUILDOUT_DIAGNOSTICS").map(String::as_str) {
        Some("always") => true,
        Some("never") => false,
        _ => !as_buildout || io::stderr().is_terminal(),
    };
    let wanted = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = variables.get("NO_COLOR").is_some_and(|v| !v.is_empty())
                || variables.get("TERM").is_some_and(|term| term == "dumb");
            !refused && io::stderr().is_terminal()
        }
    };
    Style {
        colored: wanted,
        diagnostics,
    }
}

/// Prints entries as they come; a diagnostic that was already shown is not shown again.
fn printer(style: Style) -> impl FnMut(&Entry) {
    let shown: Rc<RefCell<Vec<String>>> = Rc::default();
    move |entry| match entry {
        Entry::Line(line) => print_line(line),
        Entry::Stderr(text) => print_error(text),
        Entry::Diagnostic(_) if !style.diagnostics => {}
        Entry::Diagnostic(diagnostic) => {
            let text = render::diagnostic(diagnostic, style);
            let mut shown = shown.borrow_mut();
            if diagnostic.severity == Severity::Error || !shown.contains(&text) {
                print_error(&text);
                shown.push(text);
            }
        }
    }
}

/// A log whose lines go to standard error: for commands whose standard output is for programs.
fn print_log(style: Style) -> Log {
    let mut shown = printer(style);
    Log::new(INFO, move |entry| match entry {
        Entry::Line(line) => print_error(&format!("{line}\n")),
        other => shown(other),
    })
}

fn fail(error: &Error, style: Style) -> ExitCode {
    print_error(&render::error(error, style));
    match error.kind {
        Kind::Exit(code) => ExitCode::from(code),
        Kind::Interrupted => ExitCode::from(130),
        _ => ExitCode::FAILURE,
    }
}

/// Standard output. Whoever has closed it does not want it: no reason to fail.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// The listing of a large configuration is not copied for its last line end.
fn print_line(line: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(line.as_bytes());
    drop(
        written
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush()),
    );
}

fn print_error(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

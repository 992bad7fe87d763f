//! The last line of a run that has installed distributions: how many, where they came from, how long it took.
//!
//! For people: on a terminal, and elsewhere with `-v`. Not with `-q`. Not in zc.buildout.

use std::io::{self, IsTerminal};
use std::time::Duration;

use super::print_error;
use super::render::{self, Style};
use crate::error::Diagnostic;
use crate::log::{DEBUG, INFO};
use crate::project::Project;

/// Prints the summary, if there is anything to tell and anybody to read it.
pub(super) fn show(project: &Project, took: Duration, style: Style) {
    let log = &project.log;
    let is_read = log.enabled(DEBUG) || log.enabled(INFO) && io::stderr().is_terminal();
    if !style.diagnostics || !is_read {
        return;
    }
    if let Some(told) = project.host.arrivals.told() {
        let message = format!("{told}; {}", seconds(took));
        print_error(&render::diagnostic(
            &Diagnostic::note("summary", message),
            style,
        ));
    }
}

/// `0.4 s`, `2 min 5 s`.
fn seconds(took: Duration) -> String {
    match took.as_secs() {
        whole @ 60.. => format!("{} min {} s", whole / 60, whole % 60),
        whole => format!("{whole}.{} s", took.subsec_millis() / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_runs_are_told_in_minutes() {
        assert_eq!(seconds(Duration::from_millis(1_290)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}

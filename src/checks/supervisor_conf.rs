//! What supervisord and supervisorctl make of the conf that a part would write.
//!
//! Their rules are `supervisord`'s; here is only where in the configuration they bite.

use super::Check;
use super::back::Generated;
use super::finding::{Finding, Place};
use super::subject::{Part, Subject};

pub(super) const CHECK: Check = Check { ids: &[], run };

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for part in &subject.parts {
        of_part(part, &subject.unknown, found);
    }
}

/// Findings about one part. What holds one of the `unknown` texts is left out: nobody knows what will stand there.
pub(super) fn of_part(part: &Part, unknown: &[String], found: &mut Vec<Finding>) {
    let Some(supervisor) = &part.supervisor else {
        return;
    };
    let generated = Generated::new(&supervisor.text);
    for told in &supervisor.checked.findings {
        let mut finding = Finding {
            told: told.clone(),
            part: Some(part.name.clone()),
            generated: None,
        };
        let diagnostic = &mut finding.told.diagnostic;
        let mut place = diagnostic.at.take();
        // An included file is no part's.
        if let Some(at) = place.take_if(|at| at.source.name != supervisor.path) {
            diagnostic.at = Some(at);
            found.push(finding);
            continue;
        }
        if let Some(at) = place {
            let line = generated.line(at.line);
            if unknown.iter().any(|unknown| line.contains(unknown)) {
                continue;
            }
            finding.generated = Some(Place {
                line: at.line,
                column: at.column,
            });
            if matches!(diagnostic.id, "S03" | "S45") {
                diagnostic.message = with_place(&diagnostic.message, &generated);
            }
            if let Some((origin, width)) = generated.origin(at.line, at.column, diagnostic.width) {
                diagnostic.at = Some(origin);
                diagnostic.width = width;
            }
        }
        if diagnostic.at.is_none() {
            diagnostic.at.clone_from(&supervisor.at);
            diagnostic.width = part.name.chars().count() + 2;
        }
        found.push(finding);
    }
    for diagnostic in supervisor.faults.iter().chain(&supervisor.losses) {
        let mut diagnostic = diagnostic.clone();
        if diagnostic.at.is_none() {
            diagnostic.at.clone_from(&supervisor.at);
            diagnostic.width = part.name.chars().count() + 2;
        }
        found.push(Finding::new(diagnostic).of(&part.name));
    }
}

/// A message that names a line of the conf, with the line of the configuration in its place.
fn with_place(message: &str, generated: &Generated<'_>) -> String {
    const LINE: &str = "line ";
    let Some((before, after)) = message.split_once(LINE) else {
        return message.to_owned();
    };
    let end = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    let (number, rest) = after.split_at(end);
    let origin = number
        .parse()
        .ok()
        .and_then(|number| generated.origin(number, 1, 1));
    match origin {
        Some((origin, _)) => format!("{before}{}:{}{rest}", origin.source.name, origin.line),
        None => message.to_owned(),
    }
}

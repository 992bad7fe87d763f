//! R22: a conf that was changed by hand. A run that finds the options as they were leaves it as it is.

use super::Check;
use super::finding::{Finding, Place};
use super::subject::Subject;
use crate::error::Diagnostic;

pub(super) const CHECK: Check = Check {
    ids: &[(
        "R22",
        "the conf was changed by hand, and no run puts it right or keeps it for ever",
    )],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let (Some(present), Some(written)) = (&supervisor.present, &supervisor.written) else {
            continue;
        };
        let present = String::from_utf8_lossy(&present.bytes);
        let mut lines = (1u32..).zip(present.lines());
        let mut others = written.lines();
        let changed = lines.find(|(_, line)| others.next() != Some(*line));
        let line = match changed {
            Some((line, _)) => line,
            None if others.next().is_some() => {
                u32::try_from(present.lines().count()).unwrap_or(0) + 1
            }
            None => continue,
        };
        let message = format!(
            "{}:{line} was changed by hand: it is not what [{}] wrote",
            supervisor.path, part.name
        );
        let diagnostic = Diagnostic::warning("R22", message)
            .at_origin(supervisor.at.clone(), part.name.chars().count() + 2)
            .help("put the change into the configuration; the next run that changes an option of the part overwrites the file");
        let mut finding = Finding::new(diagnostic).of(&part.name);
        finding.generated = Some(Place { line, column: 1 });
        found.push(finding);
    }
}

//! S40, S41: what hangs on the user who starts supervisord, and on the limits of that user here.

use super::Check;
use super::back::Generated;
use super::finding::Finding;
use super::subject::Subject;
use crate::error::Diagnostic;

pub(super) const CHECK: Check = Check {
    ids: &[
        ("S40", "`minfds` is more than this machine allows"),
        ("S41", "supervisord would run as root"),
    ],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let Some(model) = &supervisor.checked.model else {
            continue;
        };
        let generated = Generated::new(&supervisor.text);
        let place = |key: &str| {
            let place = generated.key("supervisord", key);
            place.map_or(
                (supervisor.at.clone(), part.name.chars().count() + 2),
                |(at, w)| (Some(at), w),
            )
        };
        if let Some(most) = subject.machine.most_open_files()
            && model.minfds > most
        {
            let (at, width) = place("minfds");
            let message = format!(
                "supervisord does not start: `minfds = {}` is more than the {most} open files that are allowed here",
                model.minfds
            );
            let diagnostic = Diagnostic::warning("S40", message)
                .at_origin(at, width)
                .help("lower it, or raise the limit of the user who starts supervisord");
            found.push(Finding::new(diagnostic).of(&part.name));
        }
        if subject.machine.is_root() && model.user.is_none() {
            let (at, width) = place("user");
            let message =
                "supervisord would run as root, and so would all that has no user of its own";
            let diagnostic = Diagnostic::note("S41", message)
                .at_origin(at, width)
                .help("set `supervisord-user`, or start it as another user");
            found.push(Finding::new(diagnostic).of(&part.name));
        }
    }
}

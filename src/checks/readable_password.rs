//! Passwords that end up in a file which every user of the machine can read.

use super::Check;
use super::back::Generated;
use super::finding::Finding;
use super::subject::Subject;
use crate::error::Diagnostic;

pub(super) const CHECK: Check = Check {
    ids: &[(
        "readable-password",
        "a password stands in a file that every user can read",
    )],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let Some(model) = &supervisor.checked.model else {
            continue;
        };
        let secret = |password: &Option<String>| password.as_deref().is_some_and(|p| !p.is_empty());
        let Some(server) = model.http.iter().find(|server| secret(&server.password)) else {
            continue;
        };
        // 0666 less the usual umask, where the file is new; a file that is there keeps its mode.
        let mode = supervisor
            .present
            .as_ref()
            .map_or(0o644, |present| present.mode);
        if mode & 0o004 == 0 {
            continue;
        }
        let generated = Generated::new(&supervisor.text);
        let place = generated.key(&server.section, "password");
        let (at, width) = supervisor.place_or_own(place);
        let message = format!(
            "the password stands in {}, which every user of this machine can read",
            supervisor.path
        );
        let diagnostic = Diagnostic::note("readable-password", message)
            .at_origin(at, width)
            .help(format!(
                "run `chmod 600 {}`: the mode stays",
                supervisor.path
            ));
        found.push(Finding::new(diagnostic).of(&part.name));
    }
}

//! Every address that will listen, and who can reach it.

use super::Check;
use super::addresses::{Listening, listening};
use super::finding::Finding;
use super::subject::Subject;
use crate::error::Diagnostic;
use crate::supervisord::Address;

pub(super) const CHECK: Check = Check {
    ids: &[("listens", "an address that a part will listen on")],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for one in listening(subject) {
        let message = format!("[{}] listens on {}: {}", one.part, one.shown(), who(&one));
        let diagnostic = Diagnostic::note("listens", message).at_origin(one.at.clone(), one.width);
        found.push(Finding::new(diagnostic).of(&one.part));
    }
}

fn who(one: &Listening) -> String {
    let protected = one.server.as_ref().map(|server| {
        let name = server.username.as_deref();
        name.is_some_and(|name| !name.is_empty())
    });
    let behind = match protected {
        Some(true) => ", with a password",
        Some(false) => ", without a password",
        None => "",
    };
    if let Some(Address::Unix { chmod, .. }) = one.server.as_ref().map(|s| &s.address) {
        let users = match (chmod & 0o006 != 0, chmod & 0o060 != 0) {
            (true, _) => "every user of this machine",
            (_, true) => "its user and its group",
            _ => "its user alone",
        };
        return format!("{users}{behind}");
    }
    let reach = match one.host.as_str() {
        "" => "whoever reaches this machine over any network",
        "127.0.0.1" => "programs of this machine only",
        _ => "whoever reaches that address",
    };
    format!("{reach}{behind}")
}

//! What is wrong with a configuration, and with the supervisord.conf that it gives: one check a file, all in [`CHECKS`].
//!
//! A check is a pure function of a [`Subject`]: the merged configuration, the texts of its files, what sections resolve to
//! and what each supervisor part would write. It touches no disk. What Python recipes compute is not known here: no check
//! may call an error what hangs on it. zc.buildout and supervisor have no such thing.
//!
//! A new one: its file, a `mod` line, a line in [`CHECKS`], a chapter for each of its ids.

mod addresses;
mod back;
mod daemons;
mod dead_condition;
mod duplicate_option;
mod finding;
mod listens;
mod merged;
mod part_commands;
mod plugin_targets;
mod problems;
mod readable_password;
mod references;
mod subject;
mod supervisor_conf;
mod switched_off;
mod this_machine;
mod unknown_option;
mod unpinned_egg;
mod written_conf;
mod zeo_address;

pub use finding::{Finding, Place};
pub use subject::{Part, Present, Subject, SupervisorPart, files_of, header_of};

/// One check.
#[derive(Debug)]
pub struct Check {
    /// The ids of its findings that are no other stage's, each with a line about it.
    pub ids: &'static [(&'static str, &'static str)],
    pub run: fn(&Subject<'_>, &mut Vec<Finding>),
}

/// All checks, in the order in which they look.
pub const CHECKS: &[&Check] = &[
    &problems::CHECK,
    &references::CHECK,
    &duplicate_option::CHECK,
    &dead_condition::CHECK,
    &unknown_option::CHECK,
    &unpinned_egg::CHECK,
    &supervisor_conf::CHECK,
    &written_conf::CHECK,
    &part_commands::CHECK,
    &daemons::CHECK,
    &this_machine::CHECK,
    &plugin_targets::CHECK,
    &addresses::CHECK,
    &zeo_address::CHECK,
    &readable_password::CHECK,
    &listens::CHECK,
];

/// All findings, by place; those that were switched off are left out. `ignored`: ids that the caller does not want.
pub fn run(subject: &Subject<'_>, ignored: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in CHECKS {
        (check.run)(subject, &mut found);
    }
    let mut found = merged::merged(found);
    switched_off::retain(&mut found, subject, ignored);
    found
}

/// What is left of findings where nothing but the files could be read.
pub fn of_files(found: Vec<Finding>, ignored: &[String]) -> Vec<Finding> {
    let mut found = merged::merged(found);
    found.retain(|finding| !ignored.iter().any(|id| *id == finding.told.diagnostic.id));
    found
}

/// What supervisord and supervisorctl refuse of what a part is about to write, at its place in the configuration.
pub fn refused(part: &Part) -> Vec<Finding> {
    let mut found = Vec::new();
    supervisor_conf::of_part(part, &[], &mut found);
    let mut found = merged::merged(found);
    found.retain(|finding| finding.told.diagnostic.severity == crate::error::Severity::Error);
    found
}

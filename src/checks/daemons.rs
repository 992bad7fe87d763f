//! S38, S39, S29: programs that put themselves into the background, that need time to stop, and listeners with a queue
//! too short for all processes.

use super::Check;
use super::back::{Command, Generated};
use super::finding::{Finding, Place};
use super::subject::{Subject, SupervisorPart};
use crate::dist::name;
use crate::error::Diagnostic;
use crate::pypath;
use crate::supervisord::Model;

pub(super) const CHECK: Check = Check {
    ids: &[
        (
            "S29",
            "a listener's buffer is smaller than the number of processes",
        ),
        ("S38", "a program puts itself into the background"),
        ("S39", "Zope or ZEO has ten seconds to stop"),
    ],
    run,
};

/// Programs, and the words with which they leave the foreground.
const BACKGROUND: &[(&str, &[&str])] = &[
    ("memcached", &["-d"]),
    ("haproxy", &["-D"]),
    ("gunicorn", &["--daemon", "-D"]),
    ("celery", &["--detach", "multi"]),
    ("uwsgi", &["--daemonize", "-d"]),
    ("redis-server", &["--daemonize"]),
    ("apachectl", &["start"]),
    ("pg_ctl", &["start"]),
    ("supervisord", &["start"]),
    ("circusd", &["--daemon"]),
];

/// Recipes whose control scripts have `start` for the background and another word for the foreground.
const CONTROLLED: &[(&str, &str)] = &[
    ("plone.recipe.zope2instance", "console"),
    ("plone.recipe.zeoserver", "fg"),
    ("collective.recipe.solrinstance", "fg"),
];

/// Recipes of programs that write to a database when they stop.
const SLOW: &[&str] = &["plone.recipe.zope2instance", "plone.recipe.zeoserver"];

/// Events that each process sends when supervisord starts.
const AT_THE_START: &[&str] = &[
    "EVENT",
    "PROCESS_STATE",
    "PROCESS_STATE_STARTING",
    "PROCESS_STATE_RUNNING",
];

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (part, supervisor) in subject.supervisors() {
        let generated = Generated::new(&supervisor.text);
        for command in generated.commands() {
            let mut finding = |index: usize, diagnostic: Diagnostic| {
                let word = command.words.get(index);
                let column = word.map_or(1, |word| word.column);
                let width = word.map_or(1, |word| word.text.chars().count());
                let place = generated.origin(command.line, column, width);
                let (at, width) = supervisor.place_or_own(place);
                let mut made = Finding::new(diagnostic.at_origin(at, width)).of(&part.name);
                made.generated = Some(Place {
                    line: command.line,
                    column,
                });
                found.push(made);
            };
            if let Some((index, diagnostic)) = background(subject, &command) {
                finding(index, diagnostic);
            }
            if let Some(diagnostic) = slow(subject, supervisor, &command) {
                finding(0, diagnostic);
            }
        }
        if let Some(model) = &supervisor.checked.model {
            buffers(&part.name, supervisor, model, &generated, found);
        }
    }
}

/// The recipe of the part that makes the script of a command.
fn recipe_of(subject: &Subject<'_>, path: &str) -> Option<String> {
    let inside = path
        .strip_prefix(&subject.bin_directory)?
        .strip_prefix('/')?;
    let recipe = &subject.part(inside)?.recipe;
    Some(name::canonical(recipe.split(':').first()?))
}

fn background(subject: &Subject<'_>, command: &Command) -> Option<(usize, Diagnostic)> {
    let path = &command.words.first()?.text;
    let program = pypath::basename(path);
    let flags = BACKGROUND.iter().find(|(name, _)| *name == program);
    if let Some((_, flags)) = flags {
        let index = command
            .words
            .iter()
            .position(|word| flags.contains(&word.text.as_str()))?;
        let word = &command.words.get(index)?.text;
        let message = format!(
            "`{program} {word}` goes into the background: supervisord takes that for its end and starts it again and again"
        );
        let diagnostic = Diagnostic::warning("S38", message);
        return Some((
            index,
            diagnostic.help(format!(
                "take `{word}` away: supervised programs stay in the foreground"
            )),
        ));
    }
    let recipe = recipe_of(subject, path)?;
    let (_, foreground) = CONTROLLED
        .iter()
        .find(|(project, _)| name::canonical(project) == recipe)?;
    let word = command.words.get(1).filter(|word| word.text == "start")?;
    let message = format!(
        "`{program} {}` goes into the background: supervisord takes that for its end and starts it again and again",
        word.text
    );
    let diagnostic = Diagnostic::warning("S38", message);
    Some((
        1,
        diagnostic.help(format!(
            "write `{foreground}`, which stays in the foreground"
        )),
    ))
}

fn slow(
    subject: &Subject<'_>,
    supervisor: &SupervisorPart,
    command: &Command,
) -> Option<Diagnostic> {
    let path = &command.words.first()?.text;
    let recipe = recipe_of(subject, path)?;
    SLOW.iter()
        .find(|project| name::canonical(project) == recipe)?;
    let generated = Generated::new(&supervisor.text);
    if generated.has_key(&command.section, "stopwaitsecs") {
        return None;
    }
    let message = format!(
        "[{}] has ten seconds to stop before it is killed",
        command.section
    );
    let help = "give Zope and ZEO more: `(stopwaitsecs=60)` behind the program's name";
    Some(Diagnostic::note("S39", message).help(help))
}

fn buffers(
    part: &str,
    supervisor: &SupervisorPart,
    model: &Model,
    generated: &Generated<'_>,
    found: &mut Vec<Finding>,
) {
    let groups = model.groups.iter();
    let processes: usize = groups.map(|group| group.processes.len()).sum();
    for group in &model.groups {
        let Some(size) = group.buffer_size else {
            continue;
        };
        let Some(events) = generated.value(&group.section, "events") else {
            continue;
        };
        let mut words = events.split(',').into_iter();
        let hears_starts = words.any(|event| AT_THE_START.contains(&event.trim()));
        if !hears_starts || usize::try_from(size).is_ok_and(|size| size >= processes) {
            continue;
        }
        let message = format!(
            "[{}] keeps {size} events at most, and {processes} processes start at once: some are lost",
            group.section
        );
        let place = generated.key(&group.section, "events");
        let (at, width) = supervisor.place_or_own(place);
        let diagnostic = Diagnostic::note("S29", message)
            .at_origin(at, width)
            .help(format!(
                "say `(buffer_size={})` behind the listener's name",
                processes * 2
            ));
        found.push(Finding::new(diagnostic).of(part));
    }
}

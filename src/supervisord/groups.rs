//! Groups: those of `[group:x]`, then programs, event listeners and FastCGI programs by themselves.
//!
//! supervisor: options.py, `process_groups_from_parser`.

use indexmap::IndexSet;

use super::datatypes::{Bad, boolean, list_of_strings, process_or_group_name};
use super::finding::Version;
use super::keys::EVENTS;
use super::model::{Group, GroupKind};
use super::numbers::integer;
use super::plugins::{can_import, unresolved};
use super::processes::processes;
use super::{Reading, name_of, plain, sockets};

/// All groups, in the order in which they start. `own_events`: a plugin may have added event types.
pub(super) fn read(
    reading: &mut Reading<'_>,
    own_events: bool,
    warnings: &mut Vec<String>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut taken = IndexSet::new();
    for section in reading.sections("group:") {
        let group = mixed(reading, &section, &mut taken, warnings);
        groups.push(group);
    }
    for section in reading.sections("program:") {
        if !taken.contains(&section) {
            let group = single(reading, &section, GroupKind::Programs, warnings);
            groups.push(group);
        }
    }
    for section in reading.sections("eventlistener:") {
        let group = listener(reading, &section, own_events, warnings);
        groups.push(group);
    }
    for section in reading.sections("fcgi-program:") {
        if !taken.contains(&section) {
            let group = single(reading, &section, GroupKind::FastCgi, warnings);
            groups.push(group);
        }
    }
    groups.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    groups
}

/// A group's name; the section's where that is refused.
fn name(reading: &mut Reading<'_>, section: &str) -> String {
    match process_or_group_name(name_of(section)) {
        Ok(name) => name,
        Err(bad) => {
            let at = reading.header(section);
            let message = format!("the name of [{section}]: {}", bad.words);
            reading.refuse_at(&at, message, bad);
            name_of(section).to_owned()
        }
    }
}

fn empty(
    reading: &Reading<'_>,
    kind: GroupKind,
    name: &str,
    priority: i128,
    section: &str,
) -> Group {
    Group {
        kind,
        name: name.to_owned(),
        priority,
        processes: Vec::new(),
        events: None,
        buffer_size: None,
        result_handler: None,
        socket: None,
        section: section.to_owned(),
        at: reading.header(section),
    }
}

fn priority(reading: &mut Reading<'_>, section: &str, default: i128) -> i128 {
    let here = reading.here();
    reading.typed(section, "priority", &here, default, |text, _| {
        // Supervisor's words name neither section nor file.
        integer(text).map_err(|bad| Bad::new("S22", bad.words))
    })
}

fn mixed(
    reading: &mut Reading<'_>,
    section: &str,
    taken: &mut IndexSet<String>,
    warnings: &mut Vec<String>,
) -> Group {
    let here = reading.here();
    let name = name(reading, section);
    let programs = reading.get(section, "programs", &here).ok().flatten();
    let priority = priority(reading, section, 999);
    let mut group = empty(reading, GroupKind::Programs, &name, priority, section);
    let fcgi_too = reading.version >= Version::new(3, 4, 0);
    // supervisord names the section that it looked at last.
    let mut named = section.to_owned();
    for program in list_of_strings(programs.as_deref().unwrap_or_default()) {
        let [as_program, as_fcgi] =
            ["program", "fcgi-program"].map(|kind| format!("{kind}:{program}"));
        let is_program = reading.ini.sections.contains_key(&as_program);
        let is_fcgi = fcgi_too && reading.ini.sections.contains_key(&as_fcgi);
        let wrong = match (is_program, is_fcgi) {
            (false, false) if fcgi_too => {
                format!("[{named}] names unknown program or fcgi-program {program}")
            }
            (false, false) => format!("[{named}] names unknown program {program}"),
            (true, true) => format!(
                "[{named}] name {program} is ambiguous (exists as program and fcgi-program)"
            ),
            _ => String::new(),
        };
        if !wrong.is_empty() {
            let message = match program {
                "" => format!("`programs` of [{section}] has a comma with no name behind it"),
                _ if is_program => {
                    format!("[{section}] names `{program}`, which is a program and a fcgi-program")
                }
                _ => format!("[{section}] names the program `{program}`, which is not there"),
            };
            let at = place_of(reading, section, program);
            reading.refuse_at(&at, message, Bad::new("S06", wrong));
            continue;
        }
        named = if is_program { as_program } else { as_fcgi };
        taken.insert(named.clone());
        let members = processes(reading, &named, &name, warnings);
        group.processes.extend(members);
    }
    group
}

/// Where a name stands in the `programs` of a group.
fn place_of(reading: &Reading<'_>, section: &str, program: &str) -> crate::text::Text {
    let value = reading.place(section, "programs");
    let pieces = value.split(',');
    let found = pieces
        .iter()
        .map(|piece| piece.piece(crate::pystr::strip(piece)))
        .find(|piece| piece.as_str() == program && !program.is_empty());
    found.unwrap_or(value)
}

fn single(
    reading: &mut Reading<'_>,
    section: &str,
    kind: GroupKind,
    warnings: &mut Vec<String>,
) -> Group {
    let refused = reading.found.refused();
    let name = name(reading, section);
    let misnamed = reading.found.refused() > refused;
    let priority = priority(reading, section, 999);
    let mut group = empty(reading, kind, &name, priority, section);
    if kind == GroupKind::FastCgi {
        group.socket = sockets::read(reading, section, &name);
    }
    // A wrong name was told; supervisord would not have come this far.
    if !misnamed {
        group.processes = processes(reading, section, &name, warnings);
    }
    group
}

fn listener(
    reading: &mut Reading<'_>,
    section: &str,
    own_events: bool,
    warnings: &mut Vec<String>,
) -> Group {
    let here = reading.here();
    let name = name_of(section);
    let priority = priority(reading, section, -1);
    let mut group = empty(reading, GroupKind::Listeners, name, priority, section);
    let buffer_size = reading.typed(section, "buffer_size", &here, 10, |text, _| {
        let size = integer(text).map_err(|bad| Bad::new("S28", bad.words))?;
        if size < 1 {
            let words = format!("[{section}] section sets invalid buffer_size ({size})");
            return Err(Bad::new("S28", words));
        }
        Ok(size)
    });
    let handler = reading.get(section, "result_handler", &here).ok().flatten();
    let handler = handler.unwrap_or_else(|| "supervisor.dispatchers:default_handler".to_owned());
    if !can_import(&handler, reading.machine) {
        let bad = unresolved(reading, &handler, section);
        reading.refuse(section, "result_handler", bad);
    }
    let mut classes = Vec::new();
    if let Ok(events) = reading.get(section, "events", &here) {
        let events = events.unwrap_or_default();
        let names = list_of_strings(&events);
        if names.is_empty() {
            let words = format!("[{section}] section requires an \"events\" line");
            let at = reading.place(section, "events");
            reading.refuse_at(
                &at,
                format!("[{section}] listens to no `events`"),
                Bad::new("S28", words),
            );
        }
        for event in names {
            let upper = event.to_uppercase();
            match EVENTS.iter().find(|(name, _)| *name == upper) {
                Some((_, class)) => classes.push(*class),
                None => unknown_event(reading, section, &upper, own_events),
            }
        }
    }
    classes.sort_unstable();
    classes.dedup();
    if reading.typed(section, "redirect_stderr", &here, false, plain(boolean)) {
        let words = format!(
            "[{section}] section sets redirect_stderr=true but this is not allowed because it will interfere with the \
             eventlistener protocol"
        );
        let at = reading.place(section, "redirect_stderr");
        let message = format!(
            "`redirect_stderr = true` in [{section}]: a listener's standard output is its protocol"
        );
        reading.refuse_at(&at, message, Bad::new("S28", words));
    }
    group.processes = processes(reading, section, name, warnings);
    group.buffer_size = Some(buffer_size);
    group.events = Some(classes);
    group.result_handler = Some(handler);
    group
}

fn unknown_event(reading: &mut Reading<'_>, section: &str, event: &str, own_events: bool) {
    let words = format!("Unknown event type {event} in [{section}] events");
    let mut message = if event.is_empty() {
        format!("`events` of [{section}] has a comma with no name behind it")
    } else {
        format!("[{section}] listens to `{event}`, which supervisor does not have")
    };
    let known = EVENTS.iter().map(|(name, _)| *name);
    if let Some(near) = crate::wording::did_you_mean(event, known) {
        message.push_str(&format!("; did you mean `{near}`?"));
    }
    let at = reading.place(section, "events");
    if own_events {
        reading.warn(
            &at,
            "S28",
            message,
            "fine if an rpc interface of your own registers it",
        );
    } else {
        reading.refuse_at(&at, message, Bad::new("S28", words));
    }
}

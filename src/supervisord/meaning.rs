//! Configurations that supervisord accepts and that hardly mean what they do: names that meet, processes that are lost or
//! run twice, open servers, logs that grow or share a file.

use indexmap::IndexMap;

use super::Reading;
use super::datatypes::LogFile;
use super::expand::TABLE;
use super::model::{Address, Group, GroupKind, Model, Process};
use crate::text::Text;

pub(super) fn find(reading: &mut Reading<'_>, model: &Model) {
    names(reading, model);
    twice(reading, model);
    let processes = model.groups.iter().flat_map(|g| &g.processes);
    for process in first_of_each_section(processes) {
        values(reading, process);
    }
    log_files(reading, model);
    servers(reading, model);
    tables(reading);
    daemon(reading, model);
}

/// Processes of one section differ in their numbers only.
fn first_of_each_section<'a>(processes: impl Iterator<Item = &'a Process>) -> Vec<&'a Process> {
    let mut firsts: IndexMap<&str, &Process> = IndexMap::new();
    for process in processes {
        firsts.entry(&process.section).or_insert(process);
    }
    firsts.into_values().collect()
}

/// Groups of one name, processes of one name in a group, groups with nothing in them.
fn names(reading: &mut Reading<'_>, model: &Model) {
    let mut known: IndexMap<&str, &Group> = IndexMap::new();
    for group in &model.groups {
        if let Some(first) = known.get(group.name.as_str()) {
            let message = format!(
                "[{}] and [{}] have one name: supervisord forgets the processes of one of them",
                first.section, group.section
            );
            reading.warn(&group.at, "S05", message, "give one of them another name");
        } else {
            known.insert(&group.name, group);
        }
        if group.name.is_empty() {
            let message = format!("[{}] has no name", group.section);
            reading.warn(&group.at, "S07", message, "write a name behind the colon");
        }
        if group.processes.is_empty() && reading.found.refused() == 0 {
            let at = if group.section.starts_with("group:") {
                group.at.clone()
            } else {
                reading.place(&group.section, "numprocs")
            };
            let message = format!("[{}] runs nothing", group.section);
            let (id, help) = if group.section.starts_with("group:") {
                ("S06", "name its `programs`")
            } else {
                ("S25", "`numprocs` must be 1 or more for anything to run")
            };
            reading.warn(&at, id, message, help);
        }
        let mut seen: IndexMap<&str, &Process> = IndexMap::new();
        let mut told = false;
        for process in &group.processes {
            let Some(first) = seen.insert(&process.name, process) else {
                continue;
            };
            // What was refused may have cost a process its own name.
            if told || reading.found.refused() > 0 {
                continue;
            }
            told = true;
            let message = if first.section == process.section && group.section.starts_with("group:")
            {
                format!("[{}] names a program twice: it runs once", group.section)
            } else {
                format!(
                    "two processes of the group `{}` are called `{}`: one of them is lost",
                    group.name, process.name
                )
            };
            let at = if group.section.starts_with("group:") {
                reading.place(&group.section, "programs")
            } else {
                reading.place(&process.section, "process_name")
            };
            reading.warn(&at, "S25", message, "names in a group must differ");
        }
    }
}

/// Programs in two groups run twice.
fn twice(reading: &mut Reading<'_>, model: &Model) {
    let mut homes: IndexMap<&str, Vec<&Group>> = IndexMap::new();
    for group in &model.groups {
        for process in first_of_each_section(group.processes.iter()) {
            homes.entry(&process.section).or_default().push(group);
        }
    }
    for (section, groups) in homes {
        if let [first, .., last] = groups.as_slice() {
            let message = format!(
                "[{section}] is in the groups `{}` and `{}`: it runs twice",
                first.name, last.name
            );
            let at = reading.place(&last.section, "programs");
            reading.warn(&at, "S04", message, "a program belongs into one group");
        }
    }
}

fn values(reading: &mut Reading<'_>, process: &Process) {
    let section = &process.section;
    for (key, value) in [
        ("startsecs", process.startsecs),
        ("startretries", process.startretries),
        ("stopwaitsecs", process.stopwaitsecs),
    ] {
        if value < 0 {
            let at = reading.place(section, key);
            let message = format!("`{key}` of [{section}] is negative");
            reading.warn(&at, "S23", message, "0 or more");
        }
    }
    if process.stopsignal == 0 {
        let at = reading.place(section, "stopsignal");
        let message = format!(
            "`stopsignal` of [{section}] is no signal: the process is killed after stopwaitsecs"
        );
        reading.warn(
            &at,
            "S23",
            message,
            "TERM, INT, QUIT, HUP, USR1, USR2 or KILL",
        );
    }
    for (key, size) in [
        ("stdout_logfile_maxbytes", process.stdout.maxbytes),
        ("stderr_logfile_maxbytes", process.stderr.maxbytes),
    ] {
        if size < 0 {
            let at = reading.place(section, key);
            reading.warn(
                &at,
                "S18",
                format!("`{key}` of [{section}] is negative"),
                "0 for no limit",
            );
        }
    }
    for (stream, output) in [("stdout", &process.stdout), ("stderr", &process.stderr)] {
        let key = format!("{stream}_logfile");
        let at = reading.place(section, &key);
        match &output.logfile {
            LogFile::File(path)
                if path.starts_with("/dev/") && output.maxbytes != 0 && path != "/dev/null" =>
            {
                let message = format!("`{key}` of [{section}] is a device, which can't be rotated");
                reading.warn(&at, "S19", message, format!("say `{key}_maxbytes = 0`"));
            }
            LogFile::File(path) if path.contains(['"', '\'']) => {
                let message =
                    format!("`{key}` of [{section}] has quotes in it: they are part of the name");
                reading.warn(&at, "S16", message, "write the path without quotes");
            }
            LogFile::File(path) if path.is_empty() => {
                let message = format!("`{key}` of [{section}] is empty");
                reading.warn(&at, "S16", message, "name a file, or say NONE or AUTO");
            }
            _ => {}
        }
    }
}

/// Two processes that write to one file.
fn log_files(reading: &mut Reading<'_>, model: &Model) {
    let mut writers: IndexMap<&str, (&Process, &str)> = IndexMap::new();
    let mut told: Vec<(&str, &str)> = Vec::new();
    for process in model.groups.iter().flat_map(|g| &g.processes) {
        for (key, output) in [
            ("stdout_logfile", &process.stdout),
            ("stderr_logfile", &process.stderr),
        ] {
            let LogFile::File(path) = &output.logfile else {
                continue;
            };
            if path.starts_with("/dev/") || output.maxbytes == 0 {
                continue;
            }
            let Some((first, first_key)) = writers.get(path.as_str()).copied() else {
                writers.insert(path, (process, key));
                continue;
            };
            let pair = (first.section.as_str(), process.section.as_str());
            if told.contains(&pair) {
                continue;
            }
            told.push(pair);
            let at = reading.place(&process.section, key);
            let (message, help) = if std::ptr::eq(first, process) {
                (
                    format!(
                        "both streams of [{}] go to `{path}`, which each rotates on its own",
                        process.section
                    ),
                    "say `redirect_stderr = true` instead".to_owned(),
                )
            } else if first.section == process.section {
                (
                    format!(
                        "all processes of [{}] write to `{path}`, which each rotates on its own",
                        process.section
                    ),
                    "put %(process_num)d into the name".to_owned(),
                )
            } else {
                (
                    format!(
                        "[{}] and [{}] write to one file, `{path}`",
                        first.section, process.section
                    ),
                    format!(
                        "give each its own; the other is `{first_key}` of [{}]",
                        first.section
                    ),
                )
            };
            reading.warn(&at, "S17", message, help);
        }
    }
}

fn servers(reading: &mut Reading<'_>, model: &Model) {
    for server in &model.http {
        let protected = server
            .username
            .as_deref()
            .is_some_and(|name| !name.is_empty());
        if protected {
            if server.password.as_deref() == Some("") {
                let at = reading.place(&server.section, "password");
                let message = format!(
                    "the password of [{}] is empty: an empty password is right",
                    server.section
                );
                reading.warn(&at, "S31", message, "give it a password");
            }
            continue;
        }
        if server
            .password
            .as_deref()
            .is_some_and(|password| !password.is_empty())
        {
            let at = reading.place(&server.section, "username");
            let message = format!(
                "[{}] asks for no password though it has one: its `username` is empty",
                server.section
            );
            reading.warn(&at, "S31", message, "give it a `username`");
            continue;
        }
        match &server.address {
            Address::Inet { host, port } if host.is_empty() => {
                let at = reading.place(&server.section, "port");
                let message = format!(
                    "whoever reaches port {port} of any address of this machine controls supervisord, without a password"
                );
                reading.warn(
                    &at,
                    "S31",
                    message,
                    format!("say `port = 127.0.0.1:{port}`, and give `username` and `password`"),
                );
            }
            Address::Inet { .. } => {
                let at = reading.place(&server.section, "port");
                let message = format!("[{}] asks for no password", server.section);
                reading.advise(&at, "S31", message, "give it `username` and `password`");
            }
            Address::Unix { chmod, .. } if chmod & 0o002 != 0 => {
                let at = reading.place(&server.section, "chmod");
                let message = format!(
                    "every user of this machine controls supervisord through [{}]",
                    server.section
                );
                reading.warn(&at, "S31", message, "say `chmod = 0700`");
            }
            Address::Unix { .. } => {}
        }
    }
    if reading.found.refused() > 0 {
        // What was refused is no sign of what is missing.
    } else if model.http.is_empty() {
        let at = reading.header("supervisord");
        let message = "supervisord listens nowhere: supervisorctl can't reach it".to_owned();
        reading.warn(
            &at,
            "S35",
            message,
            "add [unix_http_server] or [inet_http_server]",
        );
    } else if !model.rpc.iter().any(|name| name == "supervisor") {
        let at = reading.header("supervisord");
        let message =
            "there is no [rpcinterface:supervisor]: supervisorctl gets no answers".to_owned();
        reading.warn(
            &at,
            "S35",
            message,
            "add it, with `supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface`",
        );
    }
}

/// `%s` and the like: the table of all names, with the environment, becomes part of a value.
fn tables(reading: &mut Reading<'_>) {
    let mut places: Vec<(String, String, Text)> = Vec::new();
    for (section, read) in &reading.ini.sections {
        let Some(kind) = super::keys::kind(section) else {
            continue;
        };
        for (key, entry) in &read.entries {
            if entry.value.contains('%') && (kind.open || kind.has(key)) {
                places.push((section.clone(), key.clone(), entry.value.clone()));
            }
        }
    }
    for (section, key, value) in places {
        if names_the_table(&value) {
            let message = format!(
                "`{key}` of [{section}] gets the table of all names, with the whole environment, for a `%` that is no expansion"
            );
            reading.warn(&value, "S11", message, "write `%%` for a percent sign");
        }
    }
}

/// Whether the expansion of a value has the table in it: `%s` and `%r`, without a name.
fn names_the_table(value: &str) -> bool {
    let environment = IndexMap::new();
    let local = super::expand::Local::new();
    let names = super::expand::Names {
        environment: &environment,
        local: &local,
    };
    // Names are of no interest here: what they stand for is not the table.
    let mut bare = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("%(") {
        bare.push_str(&rest[..at]);
        match rest[at..].find(')') {
            Some(end) => {
                let after =
                    rest[at + end + 1..].trim_start_matches(|c: char| !c.is_ascii_alphabetic());
                rest = after.get(1..).unwrap_or("");
            }
            None => return false,
        }
    }
    bare.push_str(rest);
    super::expand::expand(&bare, "", names).is_ok_and(|text| text.contains(TABLE))
}

fn daemon(reading: &mut Reading<'_>, model: &Model) {
    const SECTION: &str = "supervisord";
    if model.loglevel.is_none() {
        let at = reading.place(SECTION, "loglevel");
        let message = "`loglevel` of [supervisord] is accepted and is no level".to_owned();
        reading.warn(
            &at,
            "S44",
            message,
            "critical, error, warn, info, debug, trace or blather",
        );
    }
    if !(0..=0o777).contains(&model.umask) {
        let at = reading.place(SECTION, "umask");
        let message = "`umask` of [supervisord] is beyond 000 to 777 (octal)".to_owned();
        reading.warn(&at, "S23", message, "022 is the default");
    }
    for (key, value) in [
        ("logfile_maxbytes", model.logfile_maxbytes),
        ("logfile_backups", model.logfile_backups),
    ] {
        if value < 0 {
            let at = reading.place(SECTION, key);
            reading.warn(
                &at,
                "S18",
                format!("`{key}` of [supervisord] is negative"),
                "0 or more",
            );
        }
    }
    // One priority for all is how most live; of some it is no sign.
    let clients = model
        .groups
        .iter()
        .filter(|group| group.kind == GroupKind::Programs);
    let zeo: Vec<&Group> = clients
        .clone()
        .filter(|group| matches!(group.name.as_str(), "zeo" | "zeoserver"))
        .collect();
    for group in zeo {
        let same = clients.clone().find(|other| {
            other.priority == group.priority
                && other.name < group.name
                && other.section != group.section
        });
        if let Some(other) = same {
            let message = format!(
                "[{}] starts after [{}]: both have priority {}, then names decide",
                group.section, other.section, group.priority
            );
            let at = reading.place(&group.section, "priority");
            reading.warn(
                &at,
                "S37",
                message,
                "give the server a lower priority than its clients",
            );
        }
    }
}

//! The processes of a program's, listener's or FastCGI program's section. supervisor: options.py,
//! `processes_from_section`.

use super::datatypes::AutoRestart;
use super::datatypes::{
    Bad, LogFile, auto_restart, boolean, byte_size, list_of_exitcodes, logfile_name, name_to_uid,
    octal_type, process_or_group_name, signal_number,
};
use super::expand::{Local, Names, Value, expand};
use super::finding::Version;
use super::model::{Output, Process};
use super::numbers::integer;
use super::pairs::pairs;
use super::{Reading, name_of, plain};
use crate::pystr::{repr, strip};

/// More processes of one section than this are not looked at one by one.
const MOST: i128 = 10_000;

/// Reads a section; `warnings` gets what supervisord writes to its log.
pub(super) fn processes(
    reading: &mut Reading<'_>,
    section: &str,
    group: &str,
    warnings: &mut Vec<String>,
) -> Vec<Process> {
    let file = reading.ini.sections.get(section).map(|s| s.file.clone());
    let file = file.unwrap_or_else(|| reading.conf.clone());
    reading.behind = format!(" in section {} (file: {})", repr(section), repr(&file));
    let unsure = reading.unsure;
    let processes = all(reading, section, group, warnings);
    reading.unsure = unsure;
    reading.behind.clear();
    processes
}

fn all(
    reading: &mut Reading<'_>,
    section: &str,
    group: &str,
    warnings: &mut Vec<String>,
) -> Vec<Process> {
    let program = match process_or_group_name(name_of(section)) {
        Ok(name) => name,
        Err(bad) => {
            let at = reading.header(section);
            reading.refuse_at(&at, format!("the name of [{section}]: {}", bad.words), bad);
            return Vec::new();
        }
    };
    let mut local = reading.here();
    let host = reading.machine.host_name();
    for (name, value) in [
        ("program_name", program.as_str()),
        ("host_node_name", &host),
        ("group_name", group),
    ] {
        local.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    let integer = plain(integer);
    let boolean = plain(boolean);
    let size = plain(byte_size);
    let has_syslog = reading.version.major >= 4;

    let priority = reading.typed(section, "priority", &local, 999, &integer);
    let autostart = reading.typed(section, "autostart", &local, true, &boolean);
    let restart = AutoRestart::Unexpected;
    let autorestart = reading.typed(section, "autorestart", &local, restart, plain(auto_restart));
    let startsecs = reading.typed(section, "startsecs", &local, 1, &integer);
    let startretries = reading.typed(section, "startretries", &local, 3, &integer);
    let stopsignal = reading.typed(section, "stopsignal", &local, 15, plain(signal_number));
    let stopwaitsecs = reading.typed(section, "stopwaitsecs", &local, 10, &integer);
    let stopasgroup = reading.typed(section, "stopasgroup", &local, false, &boolean);
    let killasgroup = reading.typed(section, "killasgroup", &local, stopasgroup, &boolean);
    let codes = if has_syslog { vec![0] } else { vec![0, 2] };
    let exitcodes = reading.typed(
        section,
        "exitcodes",
        &local,
        codes,
        plain(list_of_exitcodes),
    );
    let redirect_stderr = reading.typed(section, "redirect_stderr", &local, false, &boolean);
    let numprocs = reading.typed(section, "numprocs", &local, 1, &integer);
    let numprocs_start = reading.typed(section, "numprocs_start", &local, 0, &integer);
    let capture = |stream: &str| format!("{stream}_capture_maxbytes");
    let enabled = |stream: &str| format!("{stream}_events_enabled");
    let stdout_capture = reading.typed(section, &capture("stdout"), &local, 0, &size);
    let stdout_events = reading.typed(section, &enabled("stdout"), &local, false, &boolean);
    let stderr_capture = reading.typed(section, &capture("stderr"), &local, 0, &size);
    let stderr_events = reading.typed(section, &enabled("stderr"), &local, false, &boolean);
    let serverurl = reading.get(section, "serverurl", &local).ok().flatten();
    let serverurl = serverurl.filter(|url| strip(url).to_uppercase() != "AUTO");
    let uid = reading.typed(section, "user", &local, None, |text, machine| {
        name_to_uid(text, machine).map(Some)
    });
    let umask = reading.typed(section, "umask", &local, None, |text, _| {
        octal_type(text).map(Some)
    });
    let process_name = reading.ini.get(section, "process_name");
    let process_name = process_name.map_or("%(program_name)s", |entry| entry.value.as_str());
    let process_name = match process_or_group_name(process_name) {
        Ok(name) => name,
        Err(bad) => {
            reading.refuse(section, "process_name", bad);
            return Vec::new();
        }
    };
    if numprocs > 1 && !process_name.contains("%(process_num)") {
        let words = "%(process_num) must be present within process_name when numprocs > 1";
        let at = reading.place(section, "numprocs");
        let message =
            format!("[{section}] has `numprocs = {numprocs}` and one name for all of them");
        reading.refuse_at(&at, message, Bad::new("S25", words));
    }
    if stopasgroup && !killasgroup {
        let words = "Cannot set stopasgroup=true and killasgroup=false";
        let at = reading.place(section, "killasgroup");
        let message = format!("`killasgroup` of [{section}] is off though `stopasgroup` is on");
        reading.refuse_at(&at, message, Bad::new("S24", words));
    }

    let mut processes = Vec::new();
    let end = numprocs.min(MOST).saturating_add(numprocs_start);
    for number in numprocs_start..end {
        let refused = reading.found.refused();
        local.insert("process_num".to_owned(), Value::Number(number));
        if reading.version >= Version::new(4, 2, 0) {
            local.insert("numprocs".to_owned(), Value::Number(numprocs));
        }
        let environment = environment(reading, section, &mut local);
        let directory = reading.get(section, "directory", &local).ok().flatten();
        let mut outputs = Vec::new();
        for stream in ["stdout", "stderr"] {
            outputs.push(output(reading, section, stream, &local, warnings));
        }
        let (Some(mut stderr), Some(stdout)) = (outputs.pop(), outputs.pop()) else {
            break;
        };
        if redirect_stderr {
            if !matches!(stderr.logfile, LogFile::Automatic | LogFile::Nowhere) {
                let words = format!(
                    "For [{section}], redirect_stderr=true but stderr_logfile has also been set to a filename, the \
                     filename has been ignored"
                );
                reading.warn_logged(section, "stderr_logfile", "S16", words, warnings);
            }
            stderr.logfile = LogFile::Nowhere;
        }
        let command = match reading.get(section, "command", &local) {
            Ok(Some(command)) => command,
            Ok(None) => {
                let words = format!("program section {section} does not specify a command");
                let at = reading.header(section);
                let message = format!("[{section}] has no `command`");
                reading.refuse_at(&at, message, Bad::new("S08", words));
                String::new()
            }
            Err(_) => String::new(),
        };
        let names = Names {
            environment: &reading.environment,
            local: &local,
        };
        let name = match expand(&process_name, "process_name", names) {
            Ok(name) => name,
            Err(bad) => {
                reading.refuse(section, "process_name", bad);
                process_name.clone()
            }
        };
        processes.push(Process {
            autorestart,
            autostart,
            command,
            directory,
            environment,
            exitcodes: exitcodes.clone(),
            killasgroup,
            name,
            priority,
            redirect_stderr,
            serverurl: serverurl.clone(),
            startretries,
            startsecs,
            stderr_capture_maxbytes: stderr_capture,
            stderr_events_enabled: stderr_events,
            stderr,
            stdout_capture_maxbytes: stdout_capture,
            stdout_events_enabled: stdout_events,
            stdout,
            stopasgroup,
            stopsignal,
            stopwaitsecs,
            uid,
            umask,
            section: section.to_owned(),
            at: reading.place(section, "command"),
        });
        // What is wrong with one is wrong with all.
        if reading.found.refused() > refused {
            break;
        }
    }
    processes.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    processes
}

/// The pairs of `environment`, which `%(ENV_…)s` knows from here on.
// supervisor: the names of one process stay for the next one, less those of the daemon's environment.
fn environment(
    reading: &mut Reading<'_>,
    section: &str,
    local: &mut Local,
) -> indexmap::IndexMap<String, String> {
    local.retain(|name, _| {
        name.strip_prefix("ENV_")
            .is_none_or(|variable| !reading.environment.contains_key(variable))
    });
    let raw = reading.ini.get(section, "environment");
    let raw = raw.map(|entry| entry.value.to_string()).unwrap_or_default();
    let names = Names {
        environment: &reading.environment,
        local,
    };
    let posix = reading.version >= Version::new(4, 4, 0);
    let read = expand(&raw, "environment", names).and_then(|text| pairs(&text, posix));
    match read {
        Ok(read) => {
            reading.warn_torn(section, &read);
            if reading.version >= Version::new(4, 2, 2) {
                for (key, value) in &read.values {
                    local.insert(format!("ENV_{key}"), Value::Text(value.clone()));
                }
            }
            read.values
        }
        Err(bad) => {
            reading.refuse(section, "environment", bad);
            reading.unsure = true;
            indexmap::IndexMap::new()
        }
    }
}

fn output(
    reading: &mut Reading<'_>,
    section: &str,
    stream: &str,
    local: &Local,
    warnings: &mut Vec<String>,
) -> Output {
    let key = format!("{stream}_logfile");
    let mut logfile = LogFile::Automatic;
    if let Ok(Some(once)) = reading.get(section, &key, local) {
        let names = Names {
            environment: &reading.environment,
            local,
        };
        let machine = reading.machine;
        let read = expand(&once, &key, names).and_then(|text| logfile_name(&text, machine));
        match read {
            Ok(file) => logfile = file,
            Err(bad) => reading.refuse(section, &key, bad),
        }
    }
    let backups = reading.typed(
        section,
        &format!("{key}_backups"),
        local,
        10,
        plain(integer),
    );
    let maxbytes = format!("{key}_maxbytes");
    let maxbytes = reading.typed(section, &maxbytes, local, 50 << 20, plain(byte_size));
    let mut syslog = false;
    if reading.version.major >= 4 {
        let key = format!("{stream}_syslog");
        syslog = reading.typed(section, &key, local, false, plain(boolean));
    }
    if logfile == LogFile::Syslog {
        if reading.version.major >= 4 {
            let words = format!(
                "For [{section}], {key}=syslog but this is deprecated and will be removed.  Use {stream}_syslog=true to \
                 enable syslog instead."
            );
            reading.warn_logged(section, &key, "S42", words, warnings);
        }
        logfile = LogFile::Nowhere;
        syslog = true;
    }
    if logfile == LogFile::Automatic && maxbytes == 0 {
        let words = format!(
            "For [{section}], AUTO logging used for {key} without rollover, set maxbytes > 0 to avoid filling up \
             filesystem unintentionally"
        );
        let maxbytes = format!("{key}_maxbytes");
        reading.warn_logged(section, &maxbytes, "S19", words, warnings);
    }
    Output {
        logfile,
        maxbytes,
        backups,
        syslog,
    }
}

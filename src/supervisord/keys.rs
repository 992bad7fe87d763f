//! The sections and keys that supervisor knows, and its event types: what is not here is ignored without a word.
//!
//! What type a key has is told by the code that reads it; here are only the names, for "did you mean".

use super::finding::Version;

/// A kind of section.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name; with a colon at the end where a name follows.
    pub(super) section: &'static str,
    pub(super) keys: &'static [&'static str],
    /// Every other key is the plugin's own.
    pub(super) open: bool,
}

/// Keys that came with a later release than 3.3.
const SINCE: &[(&str, Version)] = &[
    ("silent", Version::new(4, 2, 0)),
    ("stdout_syslog", Version::new(4, 0, 0)),
    ("stderr_syslog", Version::new(4, 0, 0)),
    ("socket_backlog", Version::new(3, 4, 0)),
];

impl Kind {
    /// The release that this key came with, where the one at hand is older.
    pub(super) fn too_new(key: &str, version: Version) -> Option<Version> {
        let since = SINCE.iter().find(|(name, _)| *name == key)?.1;
        (version < since).then_some(since)
    }
}

const SUPERVISORD: &[&str] = &[
    "minfds",
    "minprocs",
    "directory",
    "user",
    "umask",
    "logfile",
    "logfile_maxbytes",
    "logfile_backups",
    "loglevel",
    "pidfile",
    "identifier",
    "nodaemon",
    "silent",
    "childlogdir",
    "nocleanup",
    "strip_ansi",
    "environment",
];

const INET: &[&str] = &["port", "username", "password"];

const UNIX: &[&str] = &["file", "chmod", "chown", "username", "password"];

const CONTROL: &[&str] = &[
    "serverurl",
    "username",
    "password",
    "prompt",
    "history_file",
];

const GROUP: &[&str] = &["programs", "priority"];

const PROGRAM: &[&str] = &[
    "command",
    "process_name",
    "numprocs",
    "numprocs_start",
    "priority",
    "autostart",
    "autorestart",
    "startsecs",
    "startretries",
    "stopsignal",
    "stopwaitsecs",
    "stopasgroup",
    "killasgroup",
    "exitcodes",
    "redirect_stderr",
    "user",
    "umask",
    "directory",
    "environment",
    "serverurl",
    "stdout_logfile",
    "stdout_logfile_maxbytes",
    "stdout_logfile_backups",
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stdout_syslog",
    "stderr_logfile",
    "stderr_logfile_maxbytes",
    "stderr_logfile_backups",
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
    "stderr_syslog",
];

const FCGI: &[&str] = &[
    "command",
    "process_name",
    "numprocs",
    "numprocs_start",
    "priority",
    "autostart",
    "autorestart",
    "startsecs",
    "startretries",
    "stopsignal",
    "stopwaitsecs",
    "stopasgroup",
    "killasgroup",
    "exitcodes",
    "redirect_stderr",
    "user",
    "umask",
    "directory",
    "environment",
    "serverurl",
    "stdout_logfile",
    "stdout_logfile_maxbytes",
    "stdout_logfile_backups",
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stdout_syslog",
    "stderr_logfile",
    "stderr_logfile_maxbytes",
    "stderr_logfile_backups",
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
    "stderr_syslog",
    "socket",
    "socket_backlog",
    "socket_owner",
    "socket_mode",
];

const LISTENER: &[&str] = &[
    "command",
    "process_name",
    "numprocs",
    "numprocs_start",
    "priority",
    "autostart",
    "autorestart",
    "startsecs",
    "startretries",
    "stopsignal",
    "stopwaitsecs",
    "stopasgroup",
    "killasgroup",
    "exitcodes",
    "redirect_stderr",
    "user",
    "umask",
    "directory",
    "environment",
    "serverurl",
    "stdout_logfile",
    "stdout_logfile_maxbytes",
    "stdout_logfile_backups",
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stdout_syslog",
    "stderr_logfile",
    "stderr_logfile_maxbytes",
    "stderr_logfile_backups",
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
    "stderr_syslog",
    "events",
    "buffer_size",
    "result_handler",
];

/// All kinds; the first that a section's name begins with is its own.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        section: "supervisord",
        keys: SUPERVISORD,
        open: false,
    },
    Kind {
        section: "supervisorctl",
        keys: CONTROL,
        open: false,
    },
    Kind {
        section: "inet_http_server",
        keys: INET,
        open: false,
    },
    Kind {
        section: "unix_http_server",
        keys: UNIX,
        open: false,
    },
    Kind {
        section: "include",
        keys: &["files"],
        open: false,
    },
    Kind {
        section: "group:",
        keys: GROUP,
        open: false,
    },
    Kind {
        section: "program:",
        keys: PROGRAM,
        open: false,
    },
    Kind {
        section: "eventlistener:",
        keys: LISTENER,
        open: false,
    },
    Kind {
        section: "fcgi-program:",
        keys: FCGI,
        open: false,
    },
    Kind {
        section: "rpcinterface:",
        keys: &["supervisor.rpcinterface_factory"],
        open: true,
    },
    Kind {
        section: "ctlplugin:",
        keys: &["supervisor.ctl_factory"],
        open: true,
    },
];

/// The kind of a section; `None` for one that supervisor does not read.
pub(super) fn kind(section: &str) -> Option<&'static Kind> {
    // The servers' sections are told by how they begin, whatever follows; the rest of those without a colon is exact.
    KINDS.iter().find(|kind| {
        let prefix = kind.section.ends_with(':') || kind.section.ends_with("http_server");
        section == kind.section || (prefix && section.starts_with(kind.section))
    })
}

/// Event types and supervisor's classes for them.
pub(super) const EVENTS: &[(&str, &str)] = &[
    ("EVENT", "Event"),
    ("PROCESS_STATE", "ProcessStateEvent"),
    ("PROCESS_STATE_STOPPED", "ProcessStateStoppedEvent"),
    ("PROCESS_STATE_EXITED", "ProcessStateExitedEvent"),
    ("PROCESS_STATE_STARTING", "ProcessStateStartingEvent"),
    ("PROCESS_STATE_STOPPING", "ProcessStateStoppingEvent"),
    ("PROCESS_STATE_BACKOFF", "ProcessStateBackoffEvent"),
    ("PROCESS_STATE_FATAL", "ProcessStateFatalEvent"),
    ("PROCESS_STATE_RUNNING", "ProcessStateRunningEvent"),
    ("PROCESS_STATE_UNKNOWN", "ProcessStateUnknownEvent"),
    ("PROCESS_COMMUNICATION", "ProcessCommunicationEvent"),
    (
        "PROCESS_COMMUNICATION_STDOUT",
        "ProcessCommunicationStdoutEvent",
    ),
    (
        "PROCESS_COMMUNICATION_STDERR",
        "ProcessCommunicationStderrEvent",
    ),
    ("PROCESS_LOG", "ProcessLogEvent"),
    ("PROCESS_LOG_STDOUT", "ProcessLogStdoutEvent"),
    ("PROCESS_LOG_STDERR", "ProcessLogStderrEvent"),
    ("REMOTE_COMMUNICATION", "RemoteCommunicationEvent"),
    ("SUPERVISOR_STATE_CHANGE", "SupervisorStateChangeEvent"),
    ("SUPERVISOR_STATE_CHANGE_RUNNING", "SupervisorRunningEvent"),
    (
        "SUPERVISOR_STATE_CHANGE_STOPPING",
        "SupervisorStoppingEvent",
    ),
    ("TICK", "TickEvent"),
    ("TICK_5", "Tick5Event"),
    ("TICK_60", "Tick60Event"),
    ("TICK_3600", "Tick3600Event"),
    ("PROCESS_GROUP", "ProcessGroupEvent"),
    ("PROCESS_GROUP_ADDED", "ProcessGroupAddedEvent"),
    ("PROCESS_GROUP_REMOVED", "ProcessGroupRemovedEvent"),
];

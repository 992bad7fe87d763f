//! The sections and keys that supervisor knows, and its event types: what is not here is ignored without a word.
//!
//! What type a key has is told by the code that reads it; here are only the names, for "did you mean".

use super::finding::Version;

/// A kind of section.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name; with a colon at the end where a name follows.
    pub(super) section: &'static str,
    /// Its bit in [`KEYS`].
    bit: u16,
    /// Every other key is the plugin's own.
    pub(super) open: bool,
}

const DAEMON: u16 = 1 << 0;
const CONTROL: u16 = 1 << 1;
const INET: u16 = 1 << 2;
const UNIX: u16 = 1 << 3;
const INCLUDE: u16 = 1 << 4;
const GROUP: u16 = 1 << 5;
const PROGRAM: u16 = 1 << 6;
const LISTENER: u16 = 1 << 7;
const FCGI: u16 = 1 << 8;
const RPC: u16 = 1 << 9;
const PLUGIN: u16 = 1 << 10;

const SERVER: u16 = INET | UNIX;
const PROCESS: u16 = PROGRAM | LISTENER | FCGI;

/// All kinds; the first that a section's name begins with is its own.
#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    Kind { section: "supervisord",      bit: DAEMON,   open: false },
    Kind { section: "supervisorctl",    bit: CONTROL,  open: false },
    Kind { section: "inet_http_server", bit: INET,     open: false },
    Kind { section: "unix_http_server", bit: UNIX,     open: false },
    Kind { section: "include",          bit: INCLUDE,  open: false },
    Kind { section: "group:",           bit: GROUP,    open: false },
    Kind { section: "program:",         bit: PROGRAM,  open: false },
    Kind { section: "eventlistener:",   bit: LISTENER, open: false },
    Kind { section: "fcgi-program:",    bit: FCGI,     open: false },
    Kind { section: "rpcinterface:",    bit: RPC,      open: true },
    Kind { section: "ctlplugin:",       bit: PLUGIN,   open: true },
];

/// No release that is known here lacks it.
const ALWAYS: Version = Version::new(0, 0, 0);

/// Each key: its name, the kinds of sections that have it, the release that it came with.
#[rustfmt::skip]
const KEYS: &[(&str, u16, Version)] = &[
    ("minfds",                          DAEMON,            ALWAYS),
    ("minprocs",                        DAEMON,            ALWAYS),
    ("directory",                       DAEMON | PROCESS,  ALWAYS),
    ("user",                            DAEMON | PROCESS,  ALWAYS),
    ("umask",                           DAEMON | PROCESS,  ALWAYS),
    ("logfile",                         DAEMON,            ALWAYS),
    ("logfile_maxbytes",                DAEMON,            ALWAYS),
    ("logfile_backups",                 DAEMON,            ALWAYS),
    ("loglevel",                        DAEMON,            ALWAYS),
    ("pidfile",                         DAEMON,            ALWAYS),
    ("identifier",                      DAEMON,            ALWAYS),
    ("nodaemon",                        DAEMON,            ALWAYS),
    ("silent",                          DAEMON,            Version::new(4, 2, 0)),
    ("childlogdir",                     DAEMON,            ALWAYS),
    ("nocleanup",                       DAEMON,            ALWAYS),
    ("strip_ansi",                      DAEMON,            ALWAYS),
    ("environment",                     DAEMON | PROCESS,  ALWAYS),
    ("port",                            INET,              ALWAYS),
    ("username",                        SERVER | CONTROL,  ALWAYS),
    ("password",                        SERVER | CONTROL,  ALWAYS),
    ("file",                            UNIX,              ALWAYS),
    ("chmod",                           UNIX,              ALWAYS),
    ("chown",                           UNIX,              ALWAYS),
    ("serverurl",                       CONTROL | PROCESS, ALWAYS),
    ("prompt",                          CONTROL,           ALWAYS),
    ("history_file",                    CONTROL,           ALWAYS),
    ("files",                           INCLUDE,           ALWAYS),
    ("programs",                        GROUP,             ALWAYS),
    ("priority",                        GROUP | PROCESS,   ALWAYS),
    ("command",                         PROCESS,           ALWAYS),
    ("process_name",                    PROCESS,           ALWAYS),
    ("numprocs",                        PROCESS,           ALWAYS),
    ("numprocs_start",                  PROCESS,           ALWAYS),
    ("autostart",                       PROCESS,           ALWAYS),
    ("autorestart",                     PROCESS,           ALWAYS),
    ("startsecs",                       PROCESS,           ALWAYS),
    ("startretries",                    PROCESS,           ALWAYS),
    ("stopsignal",                      PROCESS,           ALWAYS),
    ("stopwaitsecs",                    PROCESS,           ALWAYS),
    ("stopasgroup",                     PROCESS,           ALWAYS),
    ("killasgroup",                     PROCESS,           ALWAYS),
    ("exitcodes",                       PROCESS,           ALWAYS),
    ("redirect_stderr",                 PROCESS,           ALWAYS),
    ("stdout_logfile",                  PROCESS,           ALWAYS),
    ("stdout_logfile_maxbytes",         PROCESS,           ALWAYS),
    ("stdout_logfile_backups",          PROCESS,           ALWAYS),
    ("stdout_capture_maxbytes",         PROCESS,           ALWAYS),
    ("stdout_events_enabled",           PROCESS,           ALWAYS),
    ("stdout_syslog",                   PROCESS,           Version::new(4, 0, 0)),
    ("stderr_logfile",                  PROCESS,           ALWAYS),
    ("stderr_logfile_maxbytes",         PROCESS,           ALWAYS),
    ("stderr_logfile_backups",          PROCESS,           ALWAYS),
    ("stderr_capture_maxbytes",         PROCESS,           ALWAYS),
    ("stderr_events_enabled",           PROCESS,           ALWAYS),
    ("stderr_syslog",                   PROCESS,           Version::new(4, 0, 0)),
    ("socket",                          FCGI,              ALWAYS),
    ("socket_backlog",                  FCGI,              Version::new(3, 4, 0)),
    ("socket_owner",                    FCGI,              ALWAYS),
    ("socket_mode",                     FCGI,              ALWAYS),
    ("events",                          LISTENER,          ALWAYS),
    ("buffer_size",                     LISTENER,          ALWAYS),
    ("result_handler",                  LISTENER,          ALWAYS),
    ("supervisor.rpcinterface_factory", RPC,               ALWAYS),
    ("supervisor.ctl_factory",          PLUGIN,            ALWAYS),
];

impl Kind {
    /// Its keys, in the order of the table.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        let own = |(_, kinds, _): &&(&str, u16, Version)| kinds & self.bit != 0;
        KEYS.iter().filter(own).map(|(name, ..)| *name)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys().any(|known| known == key)
    }

    /// The release that this key came with, where the one at hand is older.
    pub(super) fn too_new(key: &str, version: Version) -> Option<Version> {
        let (.., since) = KEYS.iter().find(|(name, ..)| *name == key)?;
        (version < *since).then_some(*since)
    }
}

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

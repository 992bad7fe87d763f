//! Values that are put together from pieces, for each type of supervisor's values: mostly refused, each in its own way.

use super::random::Random;

/// Pieces, and how many of them make a value at most.
type Pieces = (&'static [&'static str], usize);

#[rustfmt::skip]
const NUMBER: Pieces = (
    &["", "-", "+", "0", "1", "9", "12", "_", " ", "٣", "x", "0o", "8", ".", "e", "\u{a0}", "²", "１", "𝟗", "\u{1f}"], 5,
);
#[rustfmt::skip]
const SIZE: Pieces = (
    &["1", "10", "0", "-", "kb", "MB", "Gb", " mb", "m", "b", "\u{212a}B", "tb", " ", "_", "ＫＢ", "1"], 4,
);
#[rustfmt::skip]
const BOOLEAN: Pieces = (
    &["true", "FALSE", "On", "oFF", "yes", "nO", "1", "0", " ", "t", "İ", "unexpected", "Unexpected", "\u{a0}", "ſ"], 2,
);
#[rustfmt::skip]
const OCTAL: Pieces = (&["0", "7", "22", "8", "0o", "0O", "_", "-", "+", " ", "0x", "b", "٣", "é", "755"], 4);
#[rustfmt::skip]
const FORMAT: Pieces = (
    &[
        "%", "%(", "here", ")", "s", "d", "program_name", "process_num", "(", "é", " ", "0", "2", "5", ".", "-", "+",
        "#", "*", "x", "c", "r", "a", "ENV_A", "ENV_GREETING", "nope", "numprocs", "/bin/cat", "%(here)s",
        "%(process_num)02d", "l", "%s", "%%", "%(ENV_A)s", "%(ENV_GREETING)s", "%(group_name)s", "%(program_name)s",
        "%(process_num)", "f", "e", "g", "X", "o", "i", "u", "E", "G", "F", "h", "L", "'", "\"", "\\", "{}", "\t", "\u{7f}",
        "\u{ad}", "\u{301}", "\u{e000}", "😀", "\u{2028}",
    ],
    7,
);
#[rustfmt::skip]
const PAIRS: Pieces = (
    &[
        "A=", "B=", "=", "=", ",", ",", "\"", "'", "#", "\\", " ", "\n  ", "x", "1", "é", "@", "$", "%%", "%(here)s",
        "%(ENV_GREETING)s", ";", "a b", "*", "~", "\t", "A", "\"x y\"", "'z'", "A=1", ",B=2", ",C=\"3\"", "×", "ÿ", "\u{a0}",
        "%(process_num)d", "|", "()", "-", "+", ":", "\u{0}",
    ],
    8,
);
#[rustfmt::skip]
const ADDRESS: Pieces = (
    &["host", ":", "*", "9001", "0", "65535", "65536", "-", "[", "]", "É", "H", " ", "1", ":80", "_", "+", "\u{a0}", "::1"], 4,
);
#[rustfmt::skip]
const URL: Pieces = (
    &[
        "http://", "https://", "unix://", "/", "~", "host", ":", "[", "]", "::1", "80", "99999", "@", "?", "#", "x", "%%",
        "1.2.3.4", "v1.a", "é", "%(here)s", "HTTP://", " ", "-", "_", "http://h:", "http://[", "http://[::1]:", "٣", "v", "%25",
        "%", "..", "\t", "\\", "+1", "؟", "\u{2100}",
    ],
    6,
);
#[rustfmt::skip]
const PATH: Pieces = (
    &["/", "site", "log", "..", ".", "~", "root", "me", "nosuch", "a.log", "%(here)s", "%%", "//", " ", "é", "run", "/site/log/"],
    6,
);
#[rustfmt::skip]
const LOG: Pieces = (
    &["auto", "NONE", "off", "syslog", "SysLog", "/", "site", "log", "a.log", "%(program_name)s", "%%", "~", " ", "/run/", "ſ"], 4,
);
#[rustfmt::skip]
const NAMES: Pieces = (&["x", "y", "z", " ", ",", ",", "f", "é", "w", "\n  ", "\u{a0}", "x,", "%(here)s", "%%"], 6);
#[rustfmt::skip]
const SIGNAL: Pieces = (
    &["SIG", "TERM", "sig", "_", "DFL", "15", "9", " ", "int", "RTMIN", "34", "65", "+", "hup", "usr1", "ı", "ſ", "0", "-", "é"], 3,
);
#[rustfmt::skip]
const CODES: Pieces = (&["0", "2", "255", "256", ",", ",", " ", "-", "1", "_", "+", "x", "\n "], 5);
#[rustfmt::skip]
const SPEC: Pieces = (
    &[
        "supervisor", ".", "dispatchers", ":", "default_handler", "json", "loads", " ", "[", "]", "x", "os.path", "join", "é", ",",
        "json:loads", "supervisor.dispatchers:default_handler", "supervisor.rpcinterface:make_main_rpcinterface", "-",
    ],
    3,
);
#[rustfmt::skip]
const EVENTS: Pieces = (&["TICK", "_5", "_60", ",", ",", " ", "process_state", "EVENT", "é", "__doc__", "tick_3600", "ß"], 5);
#[rustfmt::skip]
const OWNER: Pieces = (&["root", "me", "www-data", ":", "0", "33", "1000", " ", "-", "nosuch", "_", "é", "+"], 4);
#[rustfmt::skip]
const NAME: Pieces = (
    &["x", "%(program_name)s", "%(process_num)d", "_", "/", ":", " ", "%(process_num)", "é", "%", "%%", "%(group_name)s", "s", "\u{a0}"],
    4,
);
#[rustfmt::skip]
const LEVEL: Pieces = (
    &["info", "WARN", "warning", "trace", "__module__", "__doc__", "mro", "blather", " ", "__", "class", "critical", "crit", "ı"], 2,
);
#[rustfmt::skip]
const SOCKET: Pieces = (
    &["tcp://", "unix://", "h", ":", "9000", "0", "/", "run", "..", "é", " ", "%(program_name)s", "٣", "\u{a0}", "\n", "~", "H", "70000"],
    6,
);
#[rustfmt::skip]
const FILES: Pieces = (
    &["inc", "/", "*", ".conf", " ", "a", "b", "/site/inc/", "%(here)s", "\n  ", "%(host_node_name)s", "nothing", "%%", "*.conf"], 6,
);

/// The pieces that a key's values are made of.
fn pieces(key: &str) -> Pieces {
    match key {
        "minfds"
        | "minprocs"
        | "logfile_backups"
        | "numprocs_start"
        | "priority"
        | "startsecs"
        | "startretries"
        | "stopwaitsecs"
        | "stdout_logfile_backups"
        | "stderr_logfile_backups"
        | "buffer_size"
        | "socket_backlog" => NUMBER,
        "logfile_maxbytes"
        | "stdout_logfile_maxbytes"
        | "stderr_logfile_maxbytes"
        | "stdout_capture_maxbytes"
        | "stderr_capture_maxbytes" => SIZE,
        "nodaemon"
        | "silent"
        | "nocleanup"
        | "strip_ansi"
        | "autostart"
        | "autorestart"
        | "stopasgroup"
        | "killasgroup"
        | "redirect_stderr"
        | "stdout_events_enabled"
        | "stdout_syslog"
        | "stderr_events_enabled"
        | "stderr_syslog" => BOOLEAN,
        "umask" | "chmod" | "socket_mode" => OCTAL,
        "environment" => PAIRS,
        "port" => ADDRESS,
        "serverurl" => URL,
        "directory" | "logfile" | "pidfile" | "childlogdir" | "file" | "history_file" => PATH,
        "stdout_logfile" | "stderr_logfile" => LOG,
        "programs" => NAMES,
        "stopsignal" => SIGNAL,
        "exitcodes" => CODES,
        "result_handler" | "supervisor.rpcinterface_factory" | "supervisor.ctl_factory" => SPEC,
        "events" => EVENTS,
        "user" | "chown" | "socket_owner" => OWNER,
        "process_name" => NAME,
        "loglevel" => LEVEL,
        "socket" => SOCKET,
        "files" => FILES,
        _ => FORMAT,
    }
}

/// A value for a key.
pub(super) fn value(random: &mut Random, key: &str) -> String {
    // Any value may be expanded.
    let (pieces, most) = if random.below(8) == 0 {
        FORMAT
    } else {
        pieces(key)
    };
    (0..=random.below(most))
        .map(|_| random.pick(pieces))
        .collect()
}

//! Configurations that nobody would write, the same in every run.

use super::{CONF, Files, soup};
use crate::support::chance::Chance;

pub(super) struct Random {
    chance: Chance,
    manner: Manner,
}

/// How odd a configuration is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Most of its values are right, so that there is a model.
    Plain,
    /// Each value is one of a list.
    Listed,
    /// Values are made of pieces.
    Soup,
}

#[rustfmt::skip]
const SECTIONS: &[&str] = &[
    "program:x", "program:x", "program:y", "program:z", "program:a b", "program:", "program: w", "program:a%b",
    "program:é", "group:g", "group:g", "group:x", "group:a:b", "eventlistener:m", "eventlistener:x",
    "eventlistener:a:b", "fcgi-program:f", "fcgi-program:x", "inet_http_server", "inet_http_server:2",
    "unix_http_server", "unix_http_server:u", "supervisorctl", "supervisorctl", "rpcinterface:supervisor",
    "rpcinterface:r", "ctlplugin:c", "include", "DEFAULT", "porgram:x", "supervisord",
];

/// Sections that go together.
#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "program:x", "program:y", "program:z", "program:é", "program:a%b", "program:a-b", "group:g", "group:h", "group:x",
    "eventlistener:m", "eventlistener:a:b", "fcgi-program:f", "fcgi-program:g", "inet_http_server", "inet_http_server:2",
    "unix_http_server", "unix_http_server:u", "supervisorctl", "rpcinterface:supervisor", "include", "DEFAULT", "porgram:x",
    "supervisord",
];

/// Keys and values for each kind of section: mostly such as are accepted.
#[rustfmt::skip]
const DAEMON: &[(&str, &[&str])] = &[
    ("minfds", NUMBERS), ("minprocs", NUMBERS), ("directory", PATHS), ("user", USERS), ("umask", OCTALS),
    ("logfile", FILES), ("logfile_maxbytes", SIZES), ("logfile_backups", NUMBERS),
    ("loglevel", &["info", "WARN", "warning", "", "trace", "__module__", "__doc__", "mro"]), ("pidfile", FILES),
    ("identifier", WORDS), ("nodaemon", BOOLEANS), ("silent", BOOLEANS), ("childlogdir", PATHS),
    ("nocleanup", BOOLEANS), ("strip_ansi", BOOLEANS), ("environment", PAIRS), ("environment", PAIRS),
    ("zzz", WORDS),
];

#[rustfmt::skip]
const PROGRAM: &[(&str, &[&str])] = &[
    ("command", WORDS), ("command", WORDS), ("command", WORDS),
    ("process_name", &["p", "%(program_name)s_%(process_num)02d", "%(process_num)s", "a:b", "%(group_name)s",
        "%s", "x y", "", "%(ENV_A)s%(process_num)d", "%(host_node_name)s",
        "%(numprocs)d-%(process_num)5.1f|%(process_num)x"]),
    ("numprocs", &["1", "2", "3", "0", "-1", "x", "2"]), ("numprocs_start", &["0", "5", "-2", "x"]),
    ("priority", NUMBERS), ("autostart", BOOLEANS),
    ("autorestart", &["true", "UNEXPECTED", "always", "no", "", "1"]), ("startsecs", NUMBERS),
    ("startretries", NUMBERS),
    ("stopsignal", &["TERM", "sigint", "15", "99", "0", "_DFL", "FOO", "", " kill", "SIG_BLOCK", "34", "-1",
        "1_5", "é"]),
    ("stopwaitsecs", NUMBERS), ("stopasgroup", BOOLEANS), ("killasgroup", BOOLEANS),
    ("exitcodes", &["0", "0,2", "", "256", "-1", "0 2", "1,", " 1 , 2 ", "x"]), ("redirect_stderr", BOOLEANS),
    ("user", USERS), ("umask", OCTALS), ("directory", PATHS), ("environment", PAIRS), ("environment", PAIRS),
    ("serverurl", &["AUTO", " auto", "http://x", "", "50%", "é'"]), ("stdout_logfile", LOGS),
    ("stdout_logfile_maxbytes", SIZES), ("stdout_logfile_backups", NUMBERS), ("stdout_capture_maxbytes", SIZES),
    ("stdout_events_enabled", BOOLEANS), ("stdout_syslog", BOOLEANS), ("stderr_logfile", LOGS),
    ("stderr_logfile_maxbytes", SIZES), ("stderr_logfile_backups", NUMBERS), ("stderr_capture_maxbytes", SIZES),
    ("stderr_events_enabled", BOOLEANS), ("stderr_syslog", BOOLEANS), ("zzz", WORDS),
];

#[rustfmt::skip]
const LISTENER: &[(&str, &[&str])] = &[
    ("events", &["TICK_5", "tick_60, PROCESS_STATE", "TICK_7", "", "EVENT,", "PROCESS_LOG,TICK", "a,b"]),
    ("events", &["TICK_5", "TICK"]), ("buffer_size", NUMBERS),
    ("result_handler", &["supervisor.dispatchers:default_handler", "json:loads", "no.such:thing", "a b", "", "é"]),
];

#[rustfmt::skip]
const FCGI: &[(&str, &[&str])] = &[
    ("socket", &["tcp://H:9000", "unix:///run/x/../s", "unix://a/b", "tcp://h:0", "tcp://h:70000", "nonsense",
        "", "tcp://:1", "tcp://%(program_name)s:1", "tcp://a b:1", "unix://%(here)s/é"]),
    ("socket", &["tcp://h:9000", "unix:///run/s"]), ("socket_backlog", NUMBERS), ("socket_owner", OWNERS),
    ("socket_mode", OCTALS),
];

#[rustfmt::skip]
const GROUP: &[(&str, &[&str])] = &[
    ("programs", &["x", "x,y", " x , y ", "y,q", "x,", "", "x,x", "f", "x,f", "z,y,x", "é", "w", " w"]),
    ("priority", NUMBERS),
];

#[rustfmt::skip]
const SERVER: &[(&str, &[&str])] = &[
    ("port", &["9001", "127.0.0.1:9001", "*:9001", "h:", "h:0", "h:70000", "http", "", "H:80", "[::1]:9001",
        "0", "a:b:1", ":5", "%(ENV_PATH)s", "%(here)s", "9_0"]),
    ("port", &["9001", "127.0.0.1:9001"]),
    ("file", &["/run/s.sock", "s.sock", "", "%(here)s/x", "~/s", "~root/s", "~nobody/s", "/run//a/../s"]),
    ("file", &["/run/s.sock", "%(here)s/s"]), ("chmod", OCTALS), ("chown", OWNERS), ("username", WORDS),
    ("password", WORDS), ("username", &["u"]), ("password", &["p", "{SHA}x"]),
];

#[rustfmt::skip]
const CONTROL: &[(&str, &[&str])] = &[
    ("serverurl", &["http://localhost:9001", "unix:///run/s.sock", "https://h", "", "http://h:abc",
        "http://*:9001", "http://[::1]:80", "http://[::1", "http://h:70000", "http://u:p@h:1/x?y",
        "unix://~/s", "%(here)s", "http://h:0x", "http://[1.2.3.4]", "http://h:", "HTTP://h"]),
    ("username", WORDS), ("password", WORDS), ("prompt", WORDS), ("history_file", FILES),
];

#[rustfmt::skip]
const FACTORY: &[(&str, &[&str])] = &[
    ("supervisor.rpcinterface_factory", &["supervisor.rpcinterface:make_main_rpcinterface", "no.such:thing"]),
    ("supervisor.rpcinterface_factory", &["supervisor.rpcinterface:make_main_rpcinterface"]),
    ("supervisor.ctl_factory", &["json:loads", "no.such:thing", "os.path:join"]), ("zzz", WORDS),
];

const INCLUDE: &[(&str, &[&str])] = &[(
    "files",
    &[
        "inc/*.conf",
        "/site/inc/*.conf",
        "/nonexistent/*.conf",
        "%(here)s/inc/a.conf inc/b.conf",
        "%(nope)s/x",
        "",
        "inc/*.conf\n  nothing",
        "%(host_node_name)s.conf",
        "%(ENV_NOPE)s",
    ],
)];

#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "1", "10", "0", "5", "999", "-1", "1_000", "x", "1.5", "", " 7 ", "10s", "+3", "٣", "0x10", "1__0", "70000",
    "999", "00012", "99999999999999999999",
];
#[rustfmt::skip]
const SIZES: &[&str] = &[
    "50MB", "0", "1kb", "10 mB", "50M", "1.5GB", "1TB", "", "-1MB", "1_0KB", "kb", "7",
];
#[rustfmt::skip]
const BOOLEANS: &[&str] = &[
    "true", "false", "on", "OFF", "1", "0", "yes", "maybe", "t", "", "2", "false,",
];
#[rustfmt::skip]
const OCTALS: &[&str] = &[
    "022", "0o22", "700", "8", "", "u=rwx", "-1", "0_7", "0O17", "0o_7", "é",
];
#[rustfmt::skip]
const USERS: &[&str] = &[
    "root", "me", "0", "33", "nosuch", "54321", "", "root:root", "-1", "me", "%(ENV_USER)s", "1e3",
];
#[rustfmt::skip]
const OWNERS: &[&str] = &[
    "root", "me:www-data", "0:33", "nosuch", "root:nosuch", "", ":", "root:", "root:99", "1000",
];
#[rustfmt::skip]
const PATHS: &[&str] = &[
    "/site", "/site/log", "/nonexistent", "", "%(here)s", "~", "~/x", "~root", "log", "%(here)s/log/", "50%",
];
#[rustfmt::skip]
const FILES: &[&str] = &[
    "/site/log/a.log", "a.log", "/nonexistent/a.log", "", "%(here)s/log/x", "~/x.log", "syslog", "/run/100%%",
    "../x/../y", "/a%", "/",
];
#[rustfmt::skip]
const LOGS: &[&str] = &[
    "AUTO", "NONE", "Off", "syslog", "/site/log/o.log", "/nonexistent/o.log",
    "%(here)s/log/%(program_name)s-%(process_num)d.log", "/site/log/a%%b.log", "/site/log/a%%%%b.log", "", "o.log",
    "%(ENV_A)s", "%%(process_num)s", "/run/%(numprocs)s",
];
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "/bin/true", "/bin/cat -v", "/bin/date +%Y", "%s", "50%", "100%%", "%(here)s/x", "%(program_name)s", "%(nope)s",
    "%(ENV_GREETING)s!", "%(ENV_A)s", "%(ENV_NOPE)s", "", "a ;b", "a #b", "a;b ;c #d", "é 😀", "\"x y\"", "it's",
    "%d", "%(here)d", "%5s|", "%(here).3s", "%(process_num)03d", "%(", "%(here", "%()s", "%(a(b)c)s", "%*d", "%.*f",
    "%hs%%", "%c", "%-5%", "%(host_node_name)s", "%(group_name)s/%(process_num)s", "a\n  b\n\n  c", "a\n ;c\n b",
    "%r", "%a", "%(here)s%s", "%s%s", "%(numprocs)d", "%é", "%99999999999999999999d",
    "%(numprocs)e %(numprocs)g %(numprocs)#x", "%(process_num)+d|% d", "%(process_num)-4d|%(process_num)c",
    "%(process_num).2f", "x\u{a0}y\u{1f}", "\u{200b}z", "v\t;x",
];
#[rustfmt::skip]
const PAIRS: &[&str] = &[
    "A=1", "A=1,B=2", "A=\"x, y\",B='z'", "A", "A=", "A=b=c", "A=me@host", "PW=a$B=c", "A=1;B=2", "A=\"x\"y",
    "A=\"a\\\"b\"", "A='\"x\"'", "1A-b=2", "A=1,", "A=1,\n  B=2", "A=1,\nB=2", "A=\"50%%\"", "A=50%", "A=café",
    "A=~/bin:/bin", "A=x#y,B=1", "A=\"x", "A=it's,B=1", "A='it''s'", "A=%(ENV_GREETING)s", "A=\"%(ENV_GREETING)s\"",
    "A=%(here)s", "A=%(process_num)d", "A=%(ENV_A)sx", "A=%(host_node_name)s", "A=%%(host_node_name)s", "", " ",
    ",", "A=1 B=2", "A=1,,B=2", "A=\"\",B=2", "A=()[]", "PATH=/x:%(ENV_PATH)s", "A=%s", "A=\"#\" #x",
    "A=b#c\n  D=e", "LANG=de,GREETING=x", "=", "A==1",
];

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            manner: Manner::Listed,
        }
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.chance.below(n)
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// One value in three of those that come first: such as are accepted more often than not.
    fn value(&mut self, key: &str, list: &'static [&'static str]) -> String {
        let odd = match self.manner {
            Manner::Plain => 120,
            Manner::Listed => 4,
            Manner::Soup => 5,
        };
        let right = if self.manner == Manner::Plain { 2 } else { 3 };
        if self.below(odd) > 0 {
            self.pick(&list[..list.len().min(right)]).to_owned()
        } else if self.manner == Manner::Soup {
            soup::value(self, key)
        } else {
            self.pick(list).to_owned()
        }
    }

    fn option(&mut self, out: &mut String, (key, values): (&str, &'static [&'static str])) {
        let value = self.value(key, values);
        let mut key = key.to_owned();
        if self.below(60) == 0 {
            key = self.pick(&["", " ", "\u{a0}", ";", "#", "["]).to_owned() + &key.to_uppercase();
        }
        let delimiter = self.pick(&["=", " = ", ": ", " =", "="]);
        let end = self.pick(&["", "", "", "", "", "", " ; remark", "\t#x", " "]);
        out.push_str(&format!("{key}{delimiter}{value}{end}\n"));
    }

    fn section(&mut self, out: &mut String, name: &str) {
        let tables: &[&[(&str, &'static [&'static str])]] = match name.split(':').next().unwrap() {
            "supervisord" => &[DAEMON],
            "program" => &[PROGRAM],
            "eventlistener" => &[LISTENER, LISTENER, PROGRAM],
            "fcgi-program" => &[FCGI, FCGI, PROGRAM],
            "group" => &[GROUP],
            "supervisorctl" => &[CONTROL],
            "include" => &[INCLUDE],
            "rpcinterface" | "ctlplugin" => &[FACTORY],
            "DEFAULT" => &[PROGRAM, DAEMON, GROUP],
            _ => &[SERVER],
        };
        out.push_str(&format!(
            "[{name}]{}\n",
            self.pick(&["", "", "", "", " junk", " ; x"])
        ));
        if matches!(
            name.split(':').next(),
            Some("program" | "eventlistener" | "fcgi-program")
        ) && self.below(9) > 0
        {
            out.push_str("command = /bin/cat\n");
        }
        if name.starts_with("eventlistener") && self.below(9) > 0 {
            out.push_str("events = TICK_5\n");
        }
        if name.starts_with("fcgi") && self.below(9) > 0 {
            out.push_str("socket = tcp://h:9000\n");
        }
        if name.starts_with("inet") && self.below(9) > 0 {
            out.push_str("port = 9001\n");
        }
        if name.starts_with("unix") && self.below(9) > 0 {
            out.push_str("file = /run/s.sock\n");
        }
        if name.starts_with("rpc") && self.below(9) > 0 {
            out.push_str("supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n");
        }
        let most = if self.manner == Manner::Plain { 12 } else { 5 };
        let start = out.len();
        for _ in 0..self.below(most) {
            let table = self.pick(tables);
            let option = self.pick(table);
            self.option(out, option);
        }
        if self.manner == Manner::Plain {
            for (key, needs) in [
                ("username", "password = p\n"),
                ("password", "username = u\n"),
                (
                    "numprocs",
                    "process_name = %(program_name)s_%(process_num)02d\n",
                ),
                ("stopasgroup", "killasgroup = true\n"),
                ("redirect_stderr", "redirect_stderr = off\n"),
            ] {
                if out[start..].contains(key) {
                    out.push_str(needs);
                }
            }
        }
        if self.below(25) == 0 {
            let odd = self.pick(&[
                "nonsense\n",
                "= x\n",
                "\n",
                "; remark\n",
                "  deeper\n",
                "[\n",
                "[]\n",
                "#\n",
                "\u{a0}x = 1\n",
            ]);
            out.push_str(odd);
        }
    }

    /// A configuration with what it may include.
    pub(super) fn files(&mut self) -> Files {
        let mut conf = String::new();
        self.manner = self.pick(&[Manner::Plain, Manner::Plain, Manner::Listed, Manner::Soup]);
        if self.below(60) == 0 {
            conf.push_str(self.pick(&["x = 1\n", " \n", "; remark\n", "\u{feff}\n"]));
        }
        if self.below(40) > 0 {
            self.section(&mut conf, "supervisord");
        }
        let most = if self.manner == Manner::Plain { 12 } else { 6 };
        let names = if self.manner == Manner::Plain {
            PLAIN
        } else {
            SECTIONS
        };
        if self.manner == Manner::Plain {
            self.section(&mut conf, "program:x");
            self.section(&mut conf, "program:y");
        }
        for _ in 0..self.below(most) {
            let name = self.pick(names);
            self.section(&mut conf, name);
        }
        match self.below(12) {
            0 => conf = conf.replace('\n', "\r\n"),
            1 => conf.truncate(conf.trim_end_matches('\n').len()),
            _ => {}
        }
        let mut files = Files::new();
        files.insert(CONF.to_owned(), conf);
        for name in ["a.conf", "b.conf"] {
            let mut text = String::new();
            for _ in 0..self.below(3) {
                let name = self.pick(names);
                self.section(&mut text, name);
            }
            files.insert(format!("/site/inc/{name}"), text);
        }
        if self.below(25) == 0 {
            let names: Vec<String> = files.keys().cloned().collect();
            let name = &names[self.below(names.len())];
            if let Some(text) = files.get_mut(name) {
                self.odd_bytes(text);
            }
        }
        files
    }

    /// Bytes that are no UTF-8, and texts longer than what Python reads at a time.
    fn odd_bytes(&mut self, text: &mut String) {
        if self.below(3) == 0 {
            let length = 8_150 + self.below(60);
            let letter = self.pick(&["x", "é", "😀"]);
            let line = format!("; {}\n", letter.repeat(length / letter.len()));
            if self.below(2) == 0 {
                text.insert_str(0, &line);
            } else {
                text.push_str(&line);
            }
        }
        for _ in 0..self.below(3) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if !places.is_empty() {
                let end = self.below(4) == 0;
                let at = if end { text.len() } else { self.pick(&places) };
                let byte = 0x80 + u32::try_from(self.below(0x80)).unwrap();
                text.insert(at, char::from_u32(0xf700 + byte).unwrap());
            }
        }
    }

    /// Every fifth configuration is damaged.
    pub(super) fn question(&mut self, number: usize) -> Files {
        if number % 5 == 4 {
            self.noise()
        } else {
            self.files()
        }
    }

    /// A configuration with characters of it changed.
    pub(super) fn noise(&mut self) -> Files {
        let mut files = self.files();
        let text = files.get_mut(CONF).unwrap();
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..self.below(12) {
            let at = self.below(characters.len() + 1);
            let c = self.pick(&[
                '%', '(', ')', '[', ']', '=', ':', ';', '#', '"', '\'', '\\', '\n', ' ', 'é', '😀',
                '\0', '\u{85}', ',', '~',
            ]);
            match self.below(3) {
                0 => characters.insert(at, c),
                1 if at < characters.len() => characters[at] = c,
                _ if at < characters.len() => {
                    characters.remove(at);
                }
                _ => {}
            }
        }
        *text = characters.into_iter().collect();
        files
    }
}

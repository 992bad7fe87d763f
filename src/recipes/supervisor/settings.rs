//! The options of a part as the recipe reads them: which, in which order, with which defaults.
//!
//! Which ones are read hangs on `sections`; those that are not read are unused options, and the user is told so.
//! collective.recipe.supervisor: `__init__.py`, `Recipe.install`, `_install_scripts`.

use crate::error::Result;
use crate::pypath;
use crate::pystr;
use crate::text::Text;

/// What `sections` asks for. Other words in it mean nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sections(Vec<String>);

impl Sections {
    fn new(words: &str) -> Self {
        Self(pystr::split(words).map(str::to_owned).collect())
    }

    /// `global`, `ctl`, `http`, `rpc` or `services`.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|w| w == word)
    }

    /// The section of the http server stands inside that of supervisorctl: without `ctl` there is neither.
    pub(super) fn has_server(&self) -> bool {
        self.has("ctl") && self.has("http")
    }
}

/// What `http-socket` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Socket {
    Inet,
    Unix,
    /// Neither; an error where a server is wanted.
    Unknown,
}

/// All that is read.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) sections: Sections,
    /// The option as it was written, if it was.
    pub(super) sections_option: Option<Text>,
    pub(super) user: Text,
    pub(super) password: Text,
    pub(super) port: Text,
    pub(super) file: Text,
    pub(super) chmod: Text,
    /// Empty: not set.
    pub(super) chown: Text,
    pub(super) http_socket: Text,
    pub(super) serverurl: Text,
    /// With `global`.
    pub(super) daemon: Option<Daemon>,
    /// Read even without `services`, where nothing comes of it.
    pub(super) programs: Text,
    /// With `services`.
    pub(super) services: Option<Services>,
    pub(super) conf: Text,
    pub(super) plugins: Text,
}

/// `[supervisord]`.
#[derive(Clone, Debug)]
pub(super) struct Daemon {
    pub(super) logfile: Text,
    pub(super) pidfile: Text,
    pub(super) childlogdir: Text,
    /// The others, by name, as they are written.
    pub(super) values: Vec<(&'static str, Text)>,
    /// Whole lines, or empty, by the names of their options.
    pub(super) lines: Vec<(&'static str, Text)>,
    /// `None` when it is not set: set but empty is written.
    pub(super) env_path: Option<Text>,
}

/// What else `services` reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Services {
    pub(super) eventlisteners: Text,
    pub(super) groups: Text,
    pub(super) include: Text,
}

impl Settings {
    /// `get` is `options.get`; `directory` the buildout's.
    pub(super) fn read(
        mut get: impl FnMut(&str) -> Result<Option<Text>>,
        directory: &str,
    ) -> Result<Self> {
        let mut or = |option: &str, default: &str| -> Result<Text> {
            Ok(get(option)?.unwrap_or_else(|| default.into()))
        };
        let user = or("user", "")?;
        let password = or("password", "")?;
        let port = or("port", "127.0.0.1:9001")?;
        let file = or("file", "")?;
        let chmod = or("chmod", "0700")?;
        let chown = or("chown", "")?;
        let http_socket = or("http-socket", "inet")?;
        let serverurl = get("serverurl")?
            .unwrap_or_else(|| default_serverurl(socket(&http_socket), &port, &file));
        let sections_option = get("sections")?;
        let sections = Sections::new(
            sections_option
                .as_deref()
                .unwrap_or("global ctl http rpc services"),
        );
        let daemon = if sections.has("global") {
            Some(Daemon::read(&mut get, directory)?)
        } else {
            None
        };
        let mut or_empty = |option: &str| -> Result<Text> { Ok(get(option)?.unwrap_or_default()) };
        let programs = or_empty("programs")?;
        let services = if sections.has("services") {
            Some(Services {
                eventlisteners: or_empty("eventlisteners")?,
                groups: or_empty("groups")?,
                include: or_empty("include")?,
            })
        } else {
            None
        };
        Ok(Self {
            sections,
            sections_option,
            user,
            password,
            port,
            file,
            chmod,
            chown,
            http_socket,
            serverurl,
            daemon,
            programs,
            services,
            conf: or_empty("supervisord-conf")?,
            plugins: or_empty("plugins")?,
        })
    }

    pub(super) fn socket(&self) -> Socket {
        socket(&self.http_socket)
    }
}

fn socket(http_socket: &str) -> Socket {
    match http_socket {
        "inet" => Socket::Inet,
        "unix" => Socket::Unix,
        _ => Socket::Unknown,
    }
}

/// With a bad `http-socket` this is the bare port, which supervisorctl can't use: so the original.
fn default_serverurl(socket: Socket, port: &Text, file: &Text) -> Text {
    let (prefix, rest) = match socket {
        Socket::Inet if port.contains(':') => ("http://", port),
        Socket::Inet => ("http://localhost:", port),
        Socket::Unix => ("unix://", file),
        Socket::Unknown => ("", port),
    };
    let mut url = Text::from(prefix);
    url.push(rest);
    url
}

impl Daemon {
    fn read(get: &mut impl FnMut(&str) -> Result<Option<Text>>, directory: &str) -> Result<Self> {
        let var = pypath::join(directory, "var");
        let log = pypath::join(&var, "log");
        let logfile = get("logfile")?;
        let pidfile = get("pidfile")?;
        let childlogdir = get("childlogdir")?;
        let mut values = Vec::new();
        for (option, default) in [
            ("logfile-maxbytes", "50MB"),
            ("logfile-backups", "10"),
            ("loglevel", "info"),
            ("umask", "022"),
            ("nodaemon", "false"),
            ("nocleanup", "false"),
        ] {
            values.push((option, get(option)?.unwrap_or_else(|| default.into())));
        }
        let mut lines = Vec::new();
        for (option, key) in [
            ("supervisord-user", "user"),
            ("supervisord-directory", "directory"),
            ("supervisord-environment", "environment"),
        ] {
            let mut line = Text::new();
            if let Some(value) = get(option)?.filter(|value| !value.is_empty()) {
                line.push_str(&format!("{key} = "));
                line.push(&value);
            }
            lines.push((option, line));
        }
        Ok(Self {
            logfile: logfile.unwrap_or_else(|| pypath::join(&log, "supervisord.log").into()),
            pidfile: pidfile.unwrap_or_else(|| pypath::join(&var, "supervisord.pid").into()),
            childlogdir: childlogdir.unwrap_or_else(|| log.into()),
            values,
            lines,
            env_path: get("env-path")?,
        })
    }

    /// The directories that the recipe makes, in its order. It means to make that of the pidfile too, and takes the
    /// logfile's a second time.
    pub(super) fn directories(&self, directory: &str) -> Vec<String> {
        vec![
            pypath::join(directory, &self.childlogdir),
            pypath::absolute(pypath::dirname(&self.logfile), directory),
        ]
    }
}

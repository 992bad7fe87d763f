//! The whole of a configuration in supervisord's order: the file and what it includes, `[supervisord]`, plugins, groups,
//! servers. supervisor: options.py, `ServerOptions.read_config` and `realize`.

use super::datatypes::{
    Bad, boolean, byte_size, existing_directory, existing_dirpath, logging_level, name_to_uid,
    normalize_path, octal_type,
};
use super::encoding::{Decoded, decode};
use super::expand::{Names, Value, expand};
use super::finding::Version;
use super::model::{Address, Model};
use super::numbers::integer;
use super::pairs::pairs;
use super::plugins;
use super::reader::Unreadable;
use super::{Reading, groups, plain, servers};
use crate::error::Diagnostic;
use crate::pypath;
use crate::pystr::split;
use crate::text::Text;

const SECTION: &str = "supervisord";

/// The signs that begin a comment behind a value.
pub(super) fn inline_comments(version: Version) -> &'static [char] {
    // supervisor 3 runs under Python 2 only, whose parser knows the semicolon alone.
    if version.major < 4 {
        &[';']
    } else {
        &[';', '#']
    }
}

/// Reads the configuration; gives its text and the model, which counts only where nothing was refused.
pub(super) fn read(reading: &mut Reading<'_>, bytes: &[u8]) -> (String, Model) {
    let conf = reading.conf.clone();
    let text = read_file(reading, &conf, bytes);
    let mut warnings = Vec::new();
    let mut infos = Vec::new();
    include(reading, &mut warnings, &mut infos);
    if !reading.ini.sections.contains_key(SECTION) {
        let words = ".ini file does not include supervisord section";
        let message = "there is no [supervisord] section".to_owned();
        let at = reading.first_header();
        reading.refuse_at(&at, message, Bad::new("S43", words));
    }
    let mut model = section(reading);
    let rpc = plugins::read(reading, "supervisor.rpcinterface_factory", "rpcinterface:");
    let own_events = rpc.iter().any(|p| !p.factory.starts_with("supervisor."));
    model.rpc = rpc.iter().map(|plugin| plugin.name.clone()).collect();
    model.groups = groups::read(reading, own_events, &mut warnings);
    for process in model.groups.iter_mut().flat_map(|g| &mut g.processes) {
        let mut environment = model.environment.clone();
        environment.extend(std::mem::take(&mut process.environment));
        process.environment = environment;
    }
    model.http = servers::read(reading);
    user(reading, &mut model);
    model.serverurl = server_url(&model);
    model.warnings = warnings;
    model.infos = infos;
    for plugin in rpc {
        let own = plugin.factory == "supervisor.rpcinterface:make_main_rpcinterface";
        if let Some(key) = plugin.keys.first().filter(|_| own) {
            let at = reading.ini.get(&plugin.section, key).map(|e| e.key.clone());
            reading.warn(
                &at.unwrap_or_default(),
                "S35",
                format!(
                    "supervisord does not start with `{key}` in [{}]: supervisor's own interface takes no keys",
                    plugin.section
                ),
                "take the key away",
            );
        }
    }
    (text, model)
}

/// Reads one file, of whatever bytes; what supervisord can't read of it is told.
fn read_file(reading: &mut Reading<'_>, name: &str, bytes: &[u8]) -> String {
    let Decoded { text, wrong } = decode(bytes);
    let inline = inline_comments(reading.version);
    let unreadable = reading.ini.read(name, &text, inline);
    let mut undecodable = Vec::new();
    if let Some(wrong) = wrong {
        let message = format!("the file is not UTF-8: byte {}", wrong.at);
        undecodable.push((wrong, message));
    }
    for each in unreadable {
        // Lines without a section stop the reading at once, other wrong lines at the end of the file.
        if let Some((wrong, message)) =
            undecodable.pop_if(|(wrong, _)| !each.comes_before(&text, wrong.read))
        {
            reading.refuse_at(&Text::new(), message, wrong.bad);
        }
        refuse_unreadable(reading, &each);
    }
    for (wrong, message) in undecodable {
        reading.refuse_at(&Text::new(), message, wrong.bad);
    }
    text
}

fn refuse_unreadable(reading: &mut Reading<'_>, each: &Unreadable) {
    let message = if each.is_headless() {
        "there are lines before the first [section]"
    } else {
        "the line is neither [section] nor `key = value`, nor indented to belong to the value above"
    };
    for place in &each.places {
        let bad = Bad::new("S43", each.words.clone());
        reading.refuse_at(place, message.to_owned(), bad);
    }
}

fn include(reading: &mut Reading<'_>, warnings: &mut Vec<String>, infos: &mut Vec<String>) {
    if !reading.ini.sections.contains_key("include") {
        return;
    }
    let expands_here = reading.version.major >= 4;
    let here = reading.here.clone();
    if expands_here {
        reading.ini.expand_here(&here);
    }
    let Some(entry) = reading.ini.get("include", "files").cloned() else {
        let words = ".ini file has [include] section, but no files setting";
        let message = "[include] has no `files`".to_owned();
        let at = reading.header("include");
        reading.refuse_at(&at, message, Bad::new("S36", words));
        return;
    };
    let mut local = reading.here();
    let host = Value::Text(reading.machine.host_name());
    local.insert("host_node_name".to_owned(), host);
    let names = Names {
        environment: &reading.environment,
        local: &local,
    };
    let files = match expand(&entry.value, "include.files", names) {
        Ok(files) => files,
        Err(bad) => return reading.refuse("include", "files", bad),
    };
    for pattern in split(&files) {
        let pattern = pypath::join(&here, pattern);
        let found = reading.machine.matching(&pattern);
        if found.is_empty() {
            let words = format!("No file matches via include \"{pattern}\"");
            let help = "supervisord starts all the same and writes a warning to its log";
            let diagnostic =
                Diagnostic::warning("S36", format!("[include] finds no file for `{pattern}`"))
                    .at(&entry.value)
                    .help(help);
            reading.found.note(diagnostic, Some(words.clone()));
            warnings.push(words);
        }
        for file in found {
            infos.push(format!("Included extra file \"{file}\" during parsing"));
            if let Some(bytes) = reading.machine.read(&file) {
                read_file(reading, &file, &bytes);
            }
            if expands_here {
                let directory = pypath::dirname(&file);
                let directory = pypath::absolute(directory, reading.machine.directory());
                reading.ini.expand_here(&directory);
            }
        }
    }
}

fn section(reading: &mut Reading<'_>) -> Model {
    let here = reading.here();
    let integer = plain(integer);
    let boolean = plain(boolean);
    let octal = plain(octal_type);
    let size = plain(byte_size);
    let minfds = reading.typed(SECTION, "minfds", &here, 1024, &integer);
    let minprocs = reading.typed(SECTION, "minprocs", &here, 200, &integer);
    let directory = reading.typed(SECTION, "directory", &here, None, |text, machine| {
        existing_directory(text, machine).map(Some)
    });
    let user = reading.get(SECTION, "user", &here).ok().flatten();
    let umask = reading.typed(SECTION, "umask", &here, 0o22, &octal);
    let logfile = "supervisord.log".to_owned();
    let logfile = reading.typed(SECTION, "logfile", &here, logfile, existing_dirpath);
    let maxbytes = reading.typed(SECTION, "logfile_maxbytes", &here, 50 << 20, &size);
    let backups = reading.typed(SECTION, "logfile_backups", &here, 10, &integer);
    let level = plain(logging_level);
    let loglevel = reading.typed(SECTION, "loglevel", &here, Some(20), level);
    let pidfile = "supervisord.pid".to_owned();
    let pidfile = reading.typed(SECTION, "pidfile", &here, pidfile, existing_dirpath);
    let identifier = reading.get(SECTION, "identifier", &here).ok().flatten();
    let nodaemon = reading.typed(SECTION, "nodaemon", &here, false, &boolean);
    let silent = reading.version >= Version::new(4, 2, 0)
        && reading.typed(SECTION, "silent", &here, false, &boolean);
    let temporary = reading.machine.temporary_directory();
    let childlogdir = reading.typed(SECTION, "childlogdir", &here, temporary, |text, machine| {
        existing_directory(text, machine)
    });
    let nocleanup = reading.typed(SECTION, "nocleanup", &here, false, &boolean);
    let strip_ansi = reading.typed(SECTION, "strip_ansi", &here, false, &boolean);
    let environment = environment(reading);
    if reading.version >= Version::new(4, 2, 2) {
        let more = environment.iter().map(|(k, v)| (k.clone(), v.clone()));
        reading.environment.extend(more);
    }
    let machine = reading.machine;
    Model {
        childlogdir,
        directory,
        environment,
        groups: Vec::new(),
        http: Vec::new(),
        identifier: identifier.unwrap_or_else(|| "supervisor".to_owned()),
        infos: Vec::new(),
        logfile: if logfile == "syslog" && reading.version >= Version::new(4, 2, 2) {
            logfile
        } else {
            normalize_path(&logfile, machine)
        },
        logfile_backups: backups,
        logfile_maxbytes: maxbytes,
        loglevel,
        minfds,
        minprocs,
        nocleanup,
        nodaemon,
        pidfile: normalize_path(&pidfile, machine),
        rpc: Vec::new(),
        serverurl: None,
        silent,
        strip_ansi,
        umask,
        user,
        warnings: Vec::new(),
    }
}

/// `environment` of `[supervisord]`: expanded twice up to 4.3.
fn environment(reading: &mut Reading<'_>) -> indexmap::IndexMap<String, String> {
    let here = reading.here();
    let posix = reading.version >= Version::new(4, 4, 0);
    let raw = reading
        .ini
        .get(SECTION, "environment")
        .map(|e| e.value.to_string());
    let once = if posix {
        Ok(raw)
    } else {
        reading.get(SECTION, "environment", &here)
    };
    let Ok(Some(once)) = once else {
        reading.unsure |= once.is_err();
        return indexmap::IndexMap::new();
    };
    let mut local = here;
    let host = Value::Text(reading.machine.host_name());
    local.insert("host_node_name".to_owned(), host);
    let names = Names {
        environment: reading.machine.environment(),
        local: &local,
    };
    let read = expand(&once, "environment", names).and_then(|text| pairs(&text, posix));
    match read {
        Ok(read) => {
            reading.warn_torn(SECTION, &read);
            read.values
        }
        Err(bad) => {
            reading.refuse(SECTION, "environment", bad);
            reading.unsure = true;
            indexmap::IndexMap::new()
        }
    }
}

/// `user` is looked at when all else was read.
fn user(reading: &mut Reading<'_>, model: &mut Model) {
    if let Some(user) = &model.user
        && let Err(bad) = name_to_uid(user, reading.machine)
    {
        reading.refuse(SECTION, "user", bad);
    }
}

/// What processes are told to talk to: the first unix socket, else the last port.
fn server_url(model: &Model) -> Option<String> {
    let unix = model.http.iter().find_map(|server| match &server.address {
        Address::Unix { file, .. } => Some(format!("unix://{file}")),
        Address::Inet { .. } => None,
    });
    unix.or_else(|| {
        model
            .http
            .iter()
            .rev()
            .find_map(|server| match &server.address {
                Address::Inet { host, port } if host.is_empty() => {
                    Some(format!("http://localhost:{port}"))
                }
                Address::Inet { host, port } => Some(format!("http://{host}:{port}")),
                Address::Unix { .. } => None,
            })
    })
}

impl Reading<'_> {
    /// The first header of all, for what is missing.
    pub(super) fn first_header(&self) -> Text {
        let first = self.ini.sections.values().next();
        first.map_or_else(Text::new, |section| section.header.clone())
    }
}

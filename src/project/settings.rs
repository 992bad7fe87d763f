//! [`Settings`]: what `[buildout]` means, resolved once.
//!
//! The order in which options are read, and the directories that are made on the way with a line in the log, are zc.buildout's.
//! zc.buildout: buildout.py, `Buildout.__init__`, from "provide some defaults" on.

use std::rc::Rc;

use crate::config::{RawConfig, defaults};
use crate::error::{Diagnostic, Error, Result};
use crate::generation::Generation;
use crate::log::{DEBUG, ERROR, INFO, Log, WARNING};
use crate::log_format::LogFormat;
use crate::options::Buildout;
use crate::pypath;
use crate::pystr::{repr, split, strip};
use crate::python::Facts;
use crate::sys::fs;
use crate::text::Text;

/// What holds for a whole run.
#[derive(Clone, Debug)]
pub struct Settings {
    pub directory: String,
    pub eggs_directory: String,
    pub develop_eggs_directory: String,
    /// The path of the record of installed parts; empty for none.
    pub installed: String,
    pub offline: bool,
    pub newest: bool,
    pub show_picked_versions: bool,
    pub update_versions_file: String,
    /// The level of the log, verbosity taken off.
    pub log_level: i32,
}

impl Settings {
    /// Takes over what an extension has changed.
    pub(super) fn follow(&mut self, buildout: &mut Buildout) -> Result<()> {
        let options = [
            (&mut self.eggs_directory, "eggs-directory"),
            (&mut self.develop_eggs_directory, "develop-eggs-directory"),
            (&mut self.installed, "installed"),
        ];
        for (setting, option) in options {
            *setting = buildout.require("buildout", option)?.to_string();
        }
        Ok(())
    }
}

const DIRECTORIES: [&str; 4] = ["bin", "parts", "eggs", "develop-eggs"];

/// Before anything is resolved, so that whoever refers to a directory gets an absolute one.
pub(super) fn make_directories_absolute(buildout: &mut Buildout, directory: &str) {
    for name in DIRECTORIES {
        let option = format!("{name}-directory");
        if let Some(value) = buildout.raw("buildout", &option) {
            let path = in_directory(directory, value);
            buildout.set_raw("buildout", &option, path);
        }
    }
}

/// A path as it is seen from a directory. References are left for later.
fn in_directory(directory: &str, path: &Text) -> Text {
    if path.contains("${") || pypath::is_absolute(path) {
        return path.clone();
    }
    Text::from(pypath::join(directory, path))
}

/// Where a command is called, and whether it may make directories there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) cwd: &'a str,
    pub(super) caches: Caches,
    pub(super) generation: Generation,
}

/// What becomes of the directories of eggs and caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caches {
    Made,
    LeftAlone,
}

/// `facts` tells of the interpreter, where that is asked for.
pub(super) fn prepare(
    buildout: &mut Buildout,
    config: &RawConfig,
    log: &Log,
    place: Place<'_>,
    facts: impl FnOnce() -> Result<Rc<Facts>>,
) -> Result<Settings> {
    // These two are looked at before references are resolved, the second not where the first holds.
    for name in ["offline", "newest"] {
        if let Some(value) = buildout.raw("buildout", name) {
            boolean(name, value)?;
            if name == "offline" && value.as_str() == "true" {
                break;
            }
        }
    }
    // A recipe that an option of [buildout] refers to is installed now, before zc.buildout has set up its log: only
    // warnings are seen.
    let threshold = log.threshold();
    log.set_threshold(threshold.max(WARNING));
    let initialised = buildout.initialise("buildout");
    log.set_threshold(threshold);
    initialised?;
    let directory = buildout.require("buildout", "directory")?.to_string();
    for name in DIRECTORIES {
        let option = format!("{name}-directory");
        let path = in_directory(&directory, &buildout.require("buildout", &option)?);
        buildout.set("buildout", &option, path);
    }
    let mut installed = buildout.require("buildout", "installed")?.to_string();
    if !installed.is_empty() {
        installed = pypath::join(&directory, &installed);
        buildout.set("buildout", "installed", Text::from(installed.as_str()));
    }
    let log_level = set_up_log(buildout, log)?;
    socket_timeout(buildout, log)?;
    if !config.versions_section.is_empty() {
        buildout.initialise(&config.versions_section)?;
    }
    buildout.get("buildout", "versions")?;
    for name in [
        "prefer-final",
        "use-dependency-links",
        "allow-picked-versions",
    ] {
        buildout.boolean("buildout", name, true)?;
    }
    buildout.get("buildout", "index")?;
    let show_picked_versions = buildout.boolean("buildout", "show-picked-versions", false)?;
    let update_versions_file = buildout
        .require("buildout", "update-versions-file")?
        .to_string();
    let Place {
        cwd,
        caches,
        generation,
    } = place;
    let version = if generation.has_eggs_directory_version() {
        buildout.require("buildout", "eggs-directory-version")?
    } else {
        Text::default()
    };
    if !version.is_empty() {
        let eggs = buildout.require("buildout", "eggs-directory")?;
        buildout.set(
            "buildout",
            "eggs-directory",
            Text::from(pypath::join(&eggs, &version)),
        );
    }
    if buildout.boolean("buildout", "abi-tag-eggs", false)? {
        let eggs = buildout.require("buildout", "eggs-directory")?;
        let eggs = pypath::join(&eggs, &facts()?.abi_tag());
        buildout.set("buildout", "eggs-directory", Text::from(eggs));
    }
    if caches == Caches::Made {
        make_caches(buildout, cwd, &directory, log)?;
    }
    let offline = buildout.boolean("buildout", "offline", false)?;
    install_from_cache(buildout, offline)?;
    let newest = !offline && buildout.boolean("buildout", "newest", true)?;
    for name in defaults::names(generation) {
        buildout.get("buildout", name)?;
    }
    let place = pypath::join(cwd, &directory);
    if !fs::is_dir(&place) {
        let message = format!("[Errno 2] No such file or directory: {}", repr(&directory));
        let mut diagnostic = Diagnostic::error("directory", "there is no such directory");
        if let Some(value) = buildout.raw("buildout", "directory") {
            diagnostic = diagnostic.at(value);
        }
        return Err(Error::user(message).with(diagnostic));
    }
    Ok(Settings {
        eggs_directory: buildout.require("buildout", "eggs-directory")?.to_string(),
        develop_eggs_directory: buildout
            .require("buildout", "develop-eggs-directory")?
            .to_string(),
        directory,
        installed,
        offline,
        newest,
        show_picked_versions,
        update_versions_file,
        log_level,
    })
}

fn boolean(name: &str, value: &Text) -> Result<()> {
    if matches!(value.as_str(), "true" | "false") {
        return Ok(());
    }
    let message = format!("Invalid value for {} option: {}", repr(name), repr(value));
    let diagnostic = Diagnostic::error("boolean", format!("`{name}` is `true` or `false`"));
    Err(Error::user(message).with(diagnostic.at(value)))
}

/// `install-from-cache` goes with `download-cache` and without `offline`.
fn install_from_cache(buildout: &mut Buildout, offline: bool) -> Result<()> {
    if !buildout.boolean("buildout", "install-from-cache", false)? {
        return Ok(());
    }
    let said = buildout.get("buildout", "install-from-cache")?;
    let diagnostic = |message: &str, help: &str| {
        Diagnostic::error("install-from-cache", message)
            .at(&said.clone().unwrap_or_default())
            .help(help)
    };
    if offline {
        return Err(Error::user(
            "install-from-cache can't be used with offline mode.\n\
             Nothing is installed, even from cache, in offline\n\
             mode, which might better be called 'no-install mode'.\n",
        )
        .with(diagnostic(
            "`install-from-cache` and `offline` exclude each other",
            "take away `offline = true` or `-o`: with install-from-cache no index is asked anyway",
        )));
    }
    if download_cache(buildout)?.is_none() {
        // A ValueError with a traceback in the original, once the first egg is wanted.
        return Err(
            Error::user("install_from_cache set to true with no download cache").with(diagnostic(
                "there is no cache to install from",
                "name its directory in `download-cache`",
            )),
        );
    }
    Ok(())
}

/// The directory of downloaded archives, as Python's `realpath` has it.
pub(super) fn download_cache(buildout: &mut Buildout) -> Result<Option<String>> {
    let directory = buildout.require("buildout", "directory")?;
    let cache = buildout.get("buildout", "download-cache")?;
    Ok(cache.filter(|cache| !cache.is_empty()).map(|cache| {
        let dist = pypath::join(&pypath::join(&directory, &cache), "dist");
        fs::real_path(dist).to_string_lossy().into_owned()
    }))
}

// zc.buildout: buildout.py, Buildout._setup_logging
fn set_up_log(buildout: &mut Buildout, log: &Log) -> Result<i32> {
    let format = buildout.require("buildout", "log-format")?;
    if !format.is_empty() {
        let format = LogFormat::read(&format).map_err(|error| {
            let diagnostic = Diagnostic::error(
                "log-format",
                "a format of Python's logging has at least one field, such as `%(message)s`",
            );
            error.with(diagnostic.at(&format))
        })?;
        log.set_format(format);
    }
    let name = buildout.require("buildout", "log-level")?;
    let level = match name.as_str() {
        "DEBUG" => DEBUG,
        "INFO" => INFO,
        "WARNING" => WARNING,
        "ERROR" => ERROR,
        "CRITICAL" => 50,
        other => integer(other).ok_or_else(|| {
            let diagnostic = Diagnostic::error(
                "log-level",
                "a level is DEBUG, INFO, WARNING, ERROR, CRITICAL or a number",
            );
            Error::user(format!("Invalid logging level {other}")).with(diagnostic.at(&name))
        })?,
    };
    let verbosity = match buildout.get("buildout", "verbosity")? {
        Some(text) => {
            integer(&text).ok_or_else(|| Error::user(format!("Invalid verbosity {text}")))?
        }
        None => 0,
    };
    log.set_threshold(level - verbosity);
    Ok(level - verbosity)
}

/// Python: `int(text)`.
fn integer(text: &str) -> Option<i32> {
    strip(text).parse().ok()
}

// zc.buildout: buildout.py, Buildout._setup_socket_timeout
fn socket_timeout(buildout: &mut Buildout, log: &Log) -> Result<()> {
    let timeout = buildout.require("buildout", "socket-timeout")?;
    if timeout.is_empty() {
        return Ok(());
    }
    match integer(&timeout) {
        Some(seconds) => log.say(INFO, &format!("Setting socket time out to {seconds} seconds.")),
        None => log.say(
            WARNING,
            &format!("Default socket timeout is used !\nValue in configuration is not numeric: [{timeout}].\n"),
        ),
    }
    Ok(())
}

/// A directory that is named relatively is told as it is named.
fn make_caches(buildout: &mut Buildout, cwd: &str, directory: &str, log: &Log) -> Result<()> {
    for option in ["download-cache", "extends-cache", "eggs-directory"] {
        let Some(path) = buildout
            .get("buildout", option)?
            .filter(|path| !path.is_empty())
        else {
            continue;
        };
        let path = pypath::join(directory, &path);
        let place = pypath::join(cwd, &path);
        if !fs::exists(&place) {
            log.say(INFO, &format!("Creating directory {}.", repr(&path)));
            fs::make_directory(&place)?;
        }
    }
    if let Some(dist) = download_cache(buildout)? {
        fs::make_directory(dist)?;
    }
    Ok(())
}

/// Words of an option, one after the other.
pub(super) fn words(value: Option<Text>) -> Vec<String> {
    value
        .map(|value| split(&value).map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Lines of an option that say something.
pub(super) fn lines(value: Option<Text>) -> Vec<String> {
    let value = value.unwrap_or_default();
    value
        .as_str()
        .split('\n')
        .map(strip)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

//! The beginning of the run: the lock, what is installed, the directories.
//!
//! zc.buildout: buildout.py, `Buildout._read_installed_part_options`, `Buildout._setup_directories`.

use super::installed::{self, Installed};
use crate::error::{Diagnostic, Doing, Error, Result};
use crate::log::{INFO, Log};
use crate::project::{Project, Settings};
use crate::pystr::repr;
use crate::sys::fs;

/// One run at a time in a buildout; a second one waits and says so.
pub(super) fn lock(directory: &str, log: &Log) -> Result<fs::Lock> {
    if let Some(lock) = fs::lock(directory, false)? {
        return Ok(lock);
    }
    log.diagnose(Diagnostic::warning(
        "locked",
        "another rbuildout is at work in this buildout; waiting for it to end",
    ));
    let waited = fs::lock(directory, true)?;
    waited.ok_or_else(|| Error::user(format!("Couldn't lock {directory}.")))
}

/// `stopped_at`: the part that a killed run was at; its files have come back, and it is installed anew.
pub(super) fn load_installed(
    settings: &Settings,
    stopped_at: Option<&str>,
    log: &Log,
) -> Result<Installed> {
    let path = &settings.installed;
    let mut text = if path.is_empty() || !fs::is_file(path) {
        None
    } else {
        Some(fs::read_text(path)?)
    };
    if let Some(part) = stopped_at {
        log.diagnose(Diagnostic::warning(
            "recovered",
            format!("an earlier run was stopped while it installed {part}; its old files are back"),
        ));
        if let Some(text) = &mut text {
            text.push_str(&installed::uninstalled(part));
        }
    }
    let (installed, warnings) = Installed::parse(path, text)?;
    for warning in warnings {
        log.diagnose(warning);
    }
    Ok(installed)
}

// zc.buildout: buildout.py, Buildout._setup_directories
pub(super) fn make_directories(project: &mut Project, names: &[&str]) -> Result<()> {
    for name in names {
        let path = project
            .buildout
            .require("buildout", &format!("{name}-directory"))?;
        if !fs::exists(path.as_str()) {
            project
                .log
                .say(INFO, &format!("Creating directory {}.", repr(&path)));
            fs::make_directory(path.as_str())
                .doing(|| "Setting up buildout directories".to_owned())?;
        }
    }
    Ok(())
}

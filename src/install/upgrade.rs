//! Whether zc.buildout would upgrade itself now: a word about it, and no more.
//!
//! zc.buildout installs the newest of itself, wheel, pip and setuptools that `[versions]` allows, and starts again with
//! them. rbuildout needs none of them, and for recipes it takes those that are there. zc.buildout: buildout.py,
//! `Buildout._maybe_upgrade`.

use crate::dist::distribution::Precedence;
use crate::error::{Diagnostic, Result};
use crate::log::DEBUG;
use crate::project::{OWN_PROJECTS, Project, Settings};
use crate::pystr::repr;

/// With `-v`: the line of zc.buildout's check, and which of them `[versions]` wants otherwise.
pub(super) fn check(project: &mut Project, settings: &Settings) -> Result<()> {
    if !settings.newest {
        return Ok(());
    }
    project.host.look_at_links(&mut project.buildout)?;
    if !project.log.enabled(DEBUG) {
        return Ok(());
    }
    let names: Vec<String> = OWN_PROJECTS.iter().map(|name| repr(name)).collect();
    project
        .log
        .say(DEBUG, &format!("Installing {}.", names.join(", ")));
    let message =
        "[versions] wants others of these than are at hand; bin/buildout would upgrade itself";
    let mut note = Diagnostic::note("self-upgrade", message);
    for (distribution, wanted) in project.host.own_versions(&mut project.buildout)? {
        if let Some(wanted) = wanted {
            note = note.help(format!("{distribution} is here, [versions] says {wanted}"));
        } else if distribution.precedence == Precedence::Develop {
            let message = format!("We have a develop egg: {distribution}");
            project.log.say(DEBUG, &message);
        }
    }
    if !note.help.is_empty() {
        project.log.diagnose(note);
    }
    Ok(())
}

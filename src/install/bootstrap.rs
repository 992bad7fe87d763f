//! `bootstrap`: a zc.buildout of the buildout's own, and the script that runs it.
//!
//! What zc.buildout consists of is where the one at hand is ([`RecipeHost::own_distributions`]): eggs are copied to the
//! eggs directory, the rest is linked to from the develop-eggs directory, which is made anew. The script is Python and
//! runs zc.buildout. All is put in place together. zc.buildout: buildout.py, `Buildout.bootstrap`.
//!
//! [`RecipeHost::own_distributions`]: crate::project::RecipeHost::own_distributions

use super::beginning::{lock, make_directories};
use super::ending::commit;
use super::files::Files;
use super::transaction;
use crate::dist::distribution::Precedence;
use crate::dist::seen::Seen;
use crate::dist::working_set::WorkingSet;
use crate::error::{Doing, Result};
use crate::log::{DEBUG, INFO};
use crate::project::Project;
use crate::pypath;
use crate::pystr::repr;
use crate::recipe::FileMode;
use crate::scripts::{Made, ScriptRequest, Wanted, scripts};
use crate::sys::fs;

/// Bootstraps a buildout whose `[buildout]` was resolved.
pub fn bootstrap(project: &mut Project) -> Result<()> {
    carry_out(project).doing(|| "Bootstrapping.".to_owned())
}

fn carry_out(project: &mut Project) -> Result<()> {
    let directory = required(project, "directory")?;
    let develop_eggs = required(project, "develop-eggs-directory")?;
    let eggs = required(project, "eggs-directory")?;
    let _lock = lock(&project.absolute(&directory), &project.log)?;
    let own = transaction::own_directory(&directory);
    transaction::recover(&own)?;

    let mut files = Files::default();
    if fs::is_dir(&develop_eggs) {
        for name in fs::list(&develop_eggs)? {
            files.remove(&pypath::join(&develop_eggs, &name));
        }
        project
            .log
            .say(DEBUG, "Removed existing develop-eggs directory");
        make_directories(project, &["bin", "parts"])?;
        project.log.say(
            INFO,
            &format!("Creating directory {}.", repr(&develop_eggs)),
        );
    } else {
        make_directories(project, &["bin", "parts", "develop-eggs"])?;
    }

    let (mut linked, mut copied) = (Vec::new(), Vec::new());
    for distribution in project.host.own_distributions(&mut project.buildout)? {
        let location = &distribution.location;
        if distribution.precedence == Precedence::Develop {
            let link = format!("{}.egg-link", distribution.key());
            files.write(
                &pypath::join(&develop_eggs, &link),
                location,
                FileMode::Plain,
            );
            linked.push(location.clone());
            continue;
        }
        let place = pypath::join(&eggs, pypath::basename(location));
        if !fs::exists(&place) {
            copy(location, &place)?;
        }
        copied.push(place);
    }

    // As zc.buildout sorts any working set: what is linked to from the develop-eggs directory comes first.
    linked.append(&mut copied);
    let set = WorkingSet::of_path(&linked, &Seen::default())?;
    let locations: Vec<String> = set.iter().map(|d| d.location.clone()).collect();
    let set = WorkingSet::of_path(&locations, set.seen())?;
    let facts = project.host.facts()?;
    let relative = project
        .buildout
        .boolean("buildout", "relative-paths", false)?;
    let request = ScriptRequest {
        wanted: vec![Wanted::Requirement("zc.buildout".to_owned())],
        directory: required(project, "bin-directory")?,
        relative_to: relative.then_some(directory),
        generation: project.host.generation(),
        ..ScriptRequest::default()
    };
    for made in scripts(&request, &set, &facts)? {
        let Made::Script { path, text } = made else {
            continue;
        };
        // A link may lead to us: what it leads to is not written to.
        if fs::is_link(&path) {
            files.remove(&path);
        }
        if files.write_script(&path, &text)? {
            project
                .log
                .say(INFO, &format!("Generated script {}.", repr(&path)));
        }
    }
    commit(&own, |transaction| files.stage(transaction))
}

fn required(project: &mut Project, option: &str) -> Result<String> {
    Ok(project.buildout.require("buildout", option)?.to_string())
}

/// A file or a directory with all that is in it, whole or not at all.
fn copy(from: &str, to: &str) -> Result<()> {
    let beside = format!("{to}.rbuildout");
    if fs::is_there(&beside) {
        fs::remove_tree(&beside)?;
    }
    copy_into(from, &beside)?;
    fs::rename(&beside, to)
}

fn copy_into(from: &str, to: &str) -> Result<()> {
    if !fs::is_dir(from) {
        return fs::copy(from, to);
    }
    fs::make_directory(to)?;
    for name in fs::list(from)? {
        copy_into(&pypath::join(from, &name), &pypath::join(to, &name))?;
    }
    Ok(())
}

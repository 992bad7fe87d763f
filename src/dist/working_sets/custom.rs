//! Eggs for the develop-eggs directory that a part builds with settings of its own.
//!
//! Nothing is put in place here: what is made waits in a directory of the run's own, and what is returned says where it is
//! to go. An egg that is to go with its part is seen no more, though it is there until the run is over. zc.recipe.egg: custom.py; zc.buildout: easy_install.py, `build`, `develop`.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexSet;

use super::WorkingSets;
use crate::dist::build::BuildOptions;
use crate::dist::develop::{self, Developed, directory_of};
use crate::dist::installer::{Choice, Formats, Installer, Order};
use crate::dist::remains;
use crate::dist::scan::normalised;
use crate::error::{Error, Result};
use crate::log::DEBUG;
use crate::pypath;
use crate::sys::fs;

/// What `zc.recipe.egg:custom` asks for.
#[derive(Clone, Debug)]
pub struct CustomRequest {
    /// The requirement.
    pub egg: String,
    pub develop_eggs_directory: String,
    pub newest: bool,
    pub find_links: Vec<String>,
    pub index: Option<String>,
    pub options: BuildOptions,
}

/// A file or directory that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its place.
    pub path: String,
    pub from: PathBuf,
}

impl WorkingSets {
    /// The location of the egg, and the egg where it had to be built.
    pub fn custom(&mut self, request: &CustomRequest) -> Result<(String, Option<Waiting>)> {
        let order = Order {
            eggs_directory: request.develop_eggs_directory.clone(),
            develop_eggs_directory: String::new(),
            offline: false,
            newest: request.newest,
            index: request.index.clone(),
            find_links: request.find_links.clone(),
            allow_hosts: vec!["*".to_owned()],
            allow_unknown_extras: false,
            formats: Formats::Sources,
        };
        let cache = self.cache.clone();
        let supplies = self.supplies()?;
        let offered = match Installer::new(supplies, order).choose_to_build(&request.egg)? {
            Choice::Installed(there) => return Ok((there.location, None)),
            Choice::Offered(offered) => offered,
            Choice::Nothing => return Err(Error::user("There is nothing to build.")),
        };
        let staging = staging(&mut self.staging, &cache)?;
        let supplies = self.supplies()?;
        let from = supplies
            .fetcher
            .build_with(&offered, &request.options, &staging)?
            .location;
        let directory = normalised(&request.develop_eggs_directory);
        let path = pypath::join(&directory, pypath::basename(&from));
        let from = PathBuf::from(from);
        Ok((path.clone(), Some(Waiting { path, from })))
    }

    /// Builds a directory for editing; what is to come into the develop-eggs directory, the `.egg-link` first.
    pub fn develop_with(
        &mut self,
        directory: &str,
        develop_eggs: &str,
        options: &BuildOptions,
    ) -> Result<(Developed, Vec<Waiting>)> {
        let cache = self.cache.clone();
        let supplies = self.supplies()?;
        let facts = Rc::clone(supplies.metadata.facts());
        let builder = supplies.fetcher.builder();
        let made = develop::develop(builder, &[directory_of(directory)], options, &facts).pop();
        let Some((made, built)) = made else {
            return Err(Error::user(format!("Couldn't develop {directory}.")));
        };
        if let Some(built) = &built {
            supplies.fetcher.show_log(built);
        }
        let made = made?;
        self.note_scripts(&made);
        let staging = staging(&mut self.staging, &cache)?;
        let mut entries: Vec<&str> = made.entries().collect();
        entries.sort_by_key(|name| (!name.ends_with(".egg-link"), *name));
        entries.dedup();
        for name in &entries {
            let old = staging.join(name);
            if fs::is_dir(&old) {
                fs::remove_tree(&old)?;
            }
        }
        for (path, bytes) in &made.files {
            let to = staging.join(path);
            if let Some(parent) = to.parent() {
                fs::make_directory(parent)?;
            }
            fs::replace(&to, bytes)?;
        }
        let waiting: Vec<Waiting> = entries
            .iter()
            .map(|name| Waiting {
                path: pypath::join(develop_eggs, name),
                from: staging.join(name),
            })
            .collect();
        let link = format!("{}.egg-link", made.project);
        let link = pypath::join(develop_eggs, &link);
        let supplies = self.supplies()?;
        supplies.log.say(
            DEBUG,
            &format!("Successfully made editable install: {link}"),
        );
        Ok((made, waiting))
    }

    /// These paths are uninstalled: what they hold is seen no more, though it is there until the run is over.
    pub fn uninstalled(&mut self, paths: &[&str]) {
        if let Some(supplies) = &mut self.supplies {
            let mut gone = IndexSet::clone(&supplies.gone);
            gone.extend(paths.iter().map(|path| real(path)));
            supplies.gone = Rc::new(gone);
        }
        self.forget();
    }

    /// These paths are in place now.
    pub fn installed(&mut self, paths: &[&str]) {
        if let Some(supplies) = &mut self.supplies {
            let mut gone = IndexSet::clone(&supplies.gone);
            for path in paths {
                gone.shift_remove(&real(path));
            }
            supplies.gone = Rc::new(gone);
        }
        self.forget();
    }
}

/// The path with links of its directory resolved, but not its own.
fn real(path: &str) -> String {
    let (parent, name) = pypath::split(path);
    pypath::join(&normalised(parent), name)
}

/// A directory that is gone when it is dropped.
#[derive(Debug)]
pub(super) struct Staging(PathBuf);

impl Drop for Staging {
    fn drop(&mut self) {
        drop(fs::remove_tree(&self.0));
    }
}

/// The run's own directory, made when it is first needed.
fn staging(made: &mut Option<Staging>, cache: &Path) -> Result<PathBuf> {
    if let Some(Staging(place)) = made {
        return Ok(place.clone());
    }
    // Where those who tidy up the cache look for what stopped runs have left.
    let place = remains::passing(&cache.join("wheels"))?;
    fs::make_directory(&place)?;
    *made = Some(Staging(place.clone()));
    Ok(place)
}

//! [`Installer`]: from requirements to a working set, installing what is missing.
//!
//! Greedy, as zc.buildout is: each requirement takes the best there is and never comes back to it; a later one that
//! disagrees is an error. Here is the walk over the requirements; which distribution is best is in `choice.rs`, how it
//! gets into the working set in `getting.rs`, why it failed in `failure.rs`. zc.buildout: easy_install.py, `Installer`.

mod ahead;
mod asked;
mod choice;
mod failure;
mod getting;
mod picking;
mod policy;
mod supplies;

pub(super) use choice::Choice;
use choice::Pin;
pub use policy::InstallPolicy;
pub(super) use supplies::{Formats, Order, Supplies};

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use indexmap::IndexMap;

use super::distribution::Distribution;
use super::environment::Environment;
use super::index::IndexSettings;
use super::legacy::Grammar;
use super::offers::Offers;
use super::requirement::Requirement;
use super::scan::normalised;
use super::working_set::WorkingSet;
use crate::error::Result;
use crate::log;
use crate::pystr;
use crate::sys::fs;
use ahead::Ahead;
use asked::Asked;

/// One installation.
#[derive(Debug)]
pub(super) struct Installer<'a> {
    supplies: &'a mut Supplies,
    order: Order,
    environment: Environment,
    /// Find-links, and what dependency links have added.
    links: Vec<String>,
    /// What was asked for and why, for the report of a conflict.
    asked: Vec<Asked>,
    /// Requirements with what `[versions]` says, as they were worked out.
    constrained: RefCell<HashMap<Requirement, Requirement>>,
    /// Pins by canonical name, as they were read.
    pins: RefCell<HashMap<String, Pin>>,
    ahead: Ahead,
}

impl<'a> Installer<'a> {
    pub(super) fn new(supplies: &'a mut Supplies, mut order: Order) -> Self {
        let policy = &supplies.policy;
        if policy.install_from_cache
            && let Some(cache) = &policy.download_cache
        {
            order.find_links.clear();
            order.index = Some(format!("file://{cache}"));
        }
        let mut links: Vec<String> = order.find_links.iter().map(|l| with_slash(l)).collect();
        if let Some(cache) = &policy.download_cache
            && !links.contains(cache)
        {
            links.insert(0, cache.clone());
        }
        order.newest &= !order.offline;
        let mut path = Vec::new();
        if order.formats == Formats::Any {
            path.push(order.develop_eggs_directory.clone());
        }
        path.extend(policy.site_path.iter().cloned());
        // Offline too, the eggs directory is read as what it is: zc.buildout does not see there what it installed itself.
        let environment = Environment::new(
            Rc::clone(supplies.metadata.facts()),
            Some(&order.eggs_directory),
            path,
            supplies.seen.clone(),
        )
        .without(Rc::clone(&supplies.gone));
        let mut new = Self {
            supplies,
            order,
            environment,
            links,
            asked: Vec::new(),
            constrained: RefCell::default(),
            pins: RefCell::default(),
            ahead: Ahead::default(),
        };
        if !new.links.is_empty() && !new.order.offline {
            new.offers();
        }
        new
    }

    /// Most runs say nothing of this: the words are only made where they are heard.
    fn debug(&self, message: impl FnOnce() -> String) {
        if self.supplies.log.enabled(log::DEBUG) {
            self.supplies.log.say(log::DEBUG, &message());
        }
    }

    fn info(&self, message: &str) {
        self.supplies.log.say(log::INFO, message);
    }

    /// What is on offer from where this installation looks.
    fn offers(&mut self) -> &mut Offers {
        let supplies = &mut *self.supplies;
        let index = self
            .order
            .index
            .clone()
            .or_else(|| supplies.policy.default_index.clone());
        supplies
            .offers
            .entry((index.clone(), self.links.clone()))
            .or_insert_with(|| {
                let offers = Offers::new(
                    IndexSettings {
                        index,
                        find_links: self.links.clone(),
                        allow_hosts: self.order.allow_hosts.clone(),
                        names_as_written: !supplies.policy.generation().has_package_index(),
                        wheels_for_any_python: !supplies.policy.generation().asks_for_python(),
                    },
                    Rc::clone(&supplies.network),
                    Rc::clone(supplies.metadata.facts()),
                    supplies.log.clone(),
                );
                offers.tell_links();
                offers
            })
    }

    /// Installs what `specs` need. With a working set, that of the running buildout is completed: then what is active may
    /// be of another version than required.
    // zc.buildout: easy_install.py, `Installer.install`.
    pub(super) fn install(
        &mut self,
        specs: &[String],
        running: Option<WorkingSet>,
    ) -> Result<WorkingSet> {
        let quoted: Vec<String> = specs.iter().map(|spec| pystr::repr(spec)).collect();
        let quoted = quoted.join(", ");
        self.debug(|| format!("Installing {quoted}."));
        self.asked.push(Asked::Base(quoted));

        let is_running = running.is_some();
        let mut set = running.unwrap_or_else(|| WorkingSet::new(&self.supplies.seen));
        let markers = self.supplies.metadata.facts().markers.clone();
        let mut requirements = Vec::new();
        let grammar = Grammar::of(self.supplies.metadata.facts());
        for spec in specs {
            requirements.push(Requirement::parse_as(spec, grammar)?);
        }
        let mut pending = Vec::new();
        for requirement in requirements {
            if requirement.holds(&markers, "")? {
                pending.push(self.constrain(&requirement)?);
            }
        }
        self.look_ahead(&pending, &set);
        let mut walk = VecDeque::new();
        for requirement in pending {
            let (installed, key) = self.get_with_key(&requirement, &mut set)?;
            self.maybe_add_setuptools(&mut set, &installed)?;
            let key = key.unwrap_or_else(|| requirement.key().to_owned());
            walk.push_front((requirement, key));
        }

        let mut processed = HashSet::new();
        let mut best: IndexMap<String, Distribution> = IndexMap::new();
        let facts = Rc::clone(self.supplies.metadata.facts());
        let seen = self.supplies.seen.clone();
        let mut environment = Environment::new(facts, None, set.entries().to_vec(), seen);
        while let Some((asked, key)) = walk.pop_front() {
            let requirement = self.constrain(&asked)?;
            if processed.contains(&requirement) {
                continue;
            }
            // The spelling decides what is remembered, as in zc.buildout: another one asks the working set, which gives the
            // requirement the key that it was found by. A pin makes a new requirement.
            let mut key = if self.is_pinned(&requirement) {
                requirement.key().to_owned()
            } else {
                key
            };
            let mut found = best.get(&key).cloned();
            if found.is_none() {
                if let Some(active) = set.find_any(&requirement) {
                    key = active.key();
                }
                found = match environment.best_match(&requirement, &set)? {
                    Ok(found) => found,
                    Err(conflict) => {
                        self.debug(|| format!(
                            "Version conflict while processing requirement {asked} (constrained to {requirement})"
                        ));
                        if !is_running {
                            return Err(self.conflict(&conflict.active, &requirement, &set));
                        }
                        None
                    }
                };
            }
            let distribution = if let Some(found) = found {
                found
            } else {
                let (distribution, new_key) = self.get_required(&requirement, &mut set)?;
                key = new_key.unwrap_or(key);
                distribution
            };
            if !requirement.accepts(&distribution) {
                self.info(&self.conflict_information(&key));
                return Err(self.conflict(&distribution, &requirement, &set));
            }
            best.insert(key, distribution.clone());

            let dependencies = self.dependencies(&distribution, &requirement)?;
            for dependency in &dependencies {
                self.asked
                    .push(Asked::By(asked.clone(), dependency.clone()));
            }
            self.look_ahead(&dependencies, &set);
            walk.extend(dependencies.into_iter().map(|dependency| {
                let key = dependency.key().to_owned();
                (dependency, key)
            }));
            processed.insert(requirement);
        }
        Ok(set)
    }

    /// What is built for a requirement, unless what is there will do.
    // zc.buildout: easy_install.py, `Installer.build`.
    pub(super) fn choose_to_build(&mut self, spec: &str) -> Result<Choice> {
        let requirement = self.constrain(&Requirement::parse(spec)?)?;
        let choice = self.satisfied(&requirement)?;
        match &choice {
            Choice::Installed(_) => {}
            Choice::Offered(_) => self.debug(|| format!("Building {}", pystr::repr(spec))),
            Choice::Nothing => return Err(failure::no_sources(&requirement)),
        }
        Ok(choice)
    }

    fn get_required(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
    ) -> Result<(Distribution, Option<String>)> {
        self.debug(|| {
            let quoted = pystr::repr(&requirement.to_string());
            if self.order.offline {
                format!("Adding required {quoted}")
            } else {
                format!("Getting required {quoted}")
            }
        });
        self.note_requirers(requirement, set)?;
        let (installed, key) = self.get_with_key(requirement, set)?;
        self.maybe_add_setuptools(set, &installed)?;
        Ok((installed, key))
    }

    /// What a distribution needs for a requirement with its extras, last first.
    fn dependencies(
        &mut self,
        distribution: &Distribution,
        requirement: &Requirement,
    ) -> Result<Vec<Requirement>> {
        let dependencies = self.supplies.metadata.dependencies(distribution)?;
        let is_there = |extra: &&String| dependencies.extras().any(|there| there == **extra);
        let (known, missing): (Vec<&String>, Vec<&String>) =
            requirement.extras().iter().partition(is_there);
        if missing.is_empty() {
            let mut all = dependencies.requires(requirement.extras());
            all.reverse();
            return Ok(all);
        }
        for extra in &missing {
            self.supplies.log.say(
                log::WARNING,
                &format!("{distribution} does not provide the extra '{extra}'"),
            );
        }
        if !self.order.allow_unknown_extras {
            return Err(failure::unknown_extra(
                distribution,
                requirement,
                &missing,
                dependencies.extras(),
            ));
        }
        // With an unknown extra zc.buildout forgets what the distribution needs anyway, and fails if another one is known.
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = dependencies.requires(known);
        all.reverse();
        Ok(all)
    }
}

/// A link to a directory ends with a slash.
// zc.buildout: easy_install.py, `Installer._fix_file_links`.
fn with_slash(link: &str) -> String {
    let is_directory = link
        .strip_prefix("file://")
        .is_some_and(|path| !path.ends_with('/') && fs::is_dir(path));
    if is_directory {
        format!("{link}/")
    } else {
        link.to_owned()
    }
}

/// The directory of a file without links; for comparing with the download cache.
fn parent_of(location: &str) -> String {
    normalised(location.rsplit_once('/').map_or("", |(parent, _)| parent))
}

#[cfg(test)]
mod tests;

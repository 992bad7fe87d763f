//! [`Installer`]: from requirements to a working set, installing what is missing.
//!
//! Greedy, as zc.buildout is: each requirement takes the best there is and never comes back to it; a later one that
//! disagrees is an error. Here is the walk over the requirements; which distribution is best is in `choice.rs`, why it
//! failed in `failure.rs`. zc.buildout: easy_install.py, `Installer`.

mod choice;
mod failure;

pub(super) use choice::Choice;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::builder::BuildSettings;
use super::distribution::{Distribution, Precedence};
use super::environment::Environment;
use super::fetch::Fetcher;
use super::index::IndexSettings;
use super::link_mode::LinkMode;
use super::metadata::{self, Metadata};
use super::name;
use super::offers::Offers;
use super::picked_versions::PickedVersions;
use super::requirement::Requirement;
use super::scan::normalised;
use super::working_set::WorkingSet;
use crate::error::{Diagnostic, Doing, Result};
use crate::log::{self, Log};
use crate::pystr;
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;

/// What the `[buildout]` section decides for a whole run.
// zc.buildout: the class attributes of easy_install.py, `Installer`.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of [buildout] of its own"
)]
pub struct InstallPolicy {
    /// `[versions]`: constraints by canonical name (see [`InstallPolicy::set_versions`]).
    pub versions: IndexMap<String, String>,
    pub prefer_final: bool,
    pub allow_picked_versions: bool,
    pub use_dependency_links: bool,
    /// Notes who asked for what: `show-picked-versions` or `update-versions-file`.
    pub store_required_by: bool,
    /// `download-cache` with its `dist`, as Python's `realpath` has it.
    pub download_cache: Option<String>,
    pub install_from_cache: bool,
    /// The index where neither `[buildout]` nor a part names one; none where nobody knows any.
    pub default_index: Option<String>,
    /// Where zc.buildout and what it needs are in the interpreter; what is there may be used. See `buildout_path`.
    pub site_path: Vec<String>,
    /// Where what is needed for builds comes from.
    pub build: BuildSettings,
    /// How eggs come from the cache that all projects share.
    pub link_mode: LinkMode,
}

/// zc.buildout's defaults.
impl Default for InstallPolicy {
    fn default() -> Self {
        Self {
            versions: IndexMap::new(),
            prefer_final: true,
            allow_picked_versions: true,
            use_dependency_links: true,
            store_required_by: false,
            download_cache: None,
            install_from_cache: false,
            default_index: None,
            site_path: Vec::new(),
            build: BuildSettings::default(),
            link_mode: LinkMode::default(),
        }
    }
}

impl InstallPolicy {
    /// Takes the `[versions]` section as written.
    // zc.buildout: easy_install.py, `normalize_versions`.
    pub fn set_versions<'a>(&mut self, versions: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.versions = versions
            .into_iter()
            .map(|(project, version)| (name::canonical(project), version.to_owned()))
            .collect();
    }
}

/// What one installation is to do.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) eggs_directory: String,
    pub(super) develop_eggs_directory: String,
    /// Nothing is fetched, the index is not asked.
    pub(super) offline: bool,
    pub(super) newest: bool,
    pub(super) index: Option<String>,
    pub(super) find_links: Vec<String>,
    pub(super) allow_hosts: Vec<String>,
    pub(super) allow_unknown_extras: bool,
    pub(super) formats: Formats,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Formats {
    Any,
    /// Archives of sources, to be built into the eggs directory of the order; develop eggs do not count.
    Sources,
}

/// What all installations of a run share.
#[derive(Debug)]
pub(super) struct Supplies {
    pub(super) policy: InstallPolicy,
    pub(super) metadata: Metadata,
    pub(super) network: Rc<Network>,
    pub(super) fetcher: Fetcher,
    /// By index and find-links.
    pub(super) offers: IndexMap<(Option<String>, Vec<String>), Offers>,
    pub(super) picked: Rc<RefCell<PickedVersions>>,
    pub(super) log: Log,
    /// What is uninstalled, though it is there until the run is over: paths without links.
    pub(super) gone: Rc<IndexSet<String>>,
}

impl Supplies {
    /// `cache`: the directory that all projects of the user share.
    pub(super) fn new(
        policy: InstallPolicy,
        facts: Rc<Facts>,
        network: Rc<Network>,
        cache: &str,
        log: Log,
    ) -> Self {
        let fetcher = Fetcher::new(Rc::clone(&network), cache, Rc::clone(&facts), log.clone())
            .with_download_cache(policy.download_cache.clone())
            .with_link_mode(policy.link_mode)
            .with_builder(cache, policy.build.clone());
        Self {
            policy,
            metadata: Metadata::new(facts),
            network,
            fetcher,
            offers: IndexMap::new(),
            picked: Rc::default(),
            log,
            gone: Rc::default(),
        }
    }
}

/// One installation.
#[derive(Debug)]
pub(super) struct Installer<'a> {
    supplies: &'a mut Supplies,
    order: Order,
    environment: Environment,
    /// Find-links, and what dependency links have added.
    links: Vec<String>,
    /// What was asked for and why, for the report of a conflict.
    asked: Vec<String>,
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
        )
        .without(Rc::clone(&supplies.gone));
        Self {
            supplies,
            order,
            environment,
            links,
            asked: Vec::new(),
        }
    }

    fn debug(&self, message: &str) {
        self.supplies.log.say(log::DEBUG, message);
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
                Offers::new(
                    IndexSettings {
                        index,
                        find_links: self.links.clone(),
                        allow_hosts: self.order.allow_hosts.clone(),
                    },
                    Rc::clone(&supplies.network),
                    Rc::clone(supplies.metadata.facts()),
                    supplies.log.clone(),
                )
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
        self.debug(&format!("Installing {quoted}."));
        self.asked
            .push(format!("Base installation request: {quoted}"));

        let is_running = running.is_some();
        let mut set = running.unwrap_or_default();
        let markers = self.supplies.metadata.facts().markers.clone();
        let mut requirements = Vec::new();
        for spec in specs {
            requirements.push(Requirement::parse(spec)?);
        }
        let mut pending = Vec::new();
        for requirement in requirements {
            if requirement.holds(&markers, "")? {
                pending.push(self.constrain(&requirement)?);
            }
        }
        self.look_ahead(&pending, &set);
        for requirement in &pending {
            let installed = self.get(requirement, &mut set)?;
            self.maybe_add_setuptools(&mut set, &installed)?;
        }

        let mut pending: std::collections::VecDeque<Requirement> =
            pending.into_iter().rev().collect();
        let mut processed = HashSet::new();
        let mut best: IndexMap<String, Distribution> = IndexMap::new();
        let facts = Rc::clone(self.supplies.metadata.facts());
        let mut environment = Environment::new(facts, None, set.entries().to_vec());
        while let Some(asked) = pending.pop_front() {
            let requirement = self.constrain(&asked)?;
            if processed.contains(&requirement) {
                continue;
            }
            let key = name::environment_key(&requirement.key());
            let mut found = best.get(&key).cloned();
            if found.is_none() {
                found = match environment.best_match(&requirement, &set)? {
                    Ok(found) => found,
                    Err(conflict) => {
                        self.debug(&format!(
                            "Version conflict while processing requirement {asked} (constrained to {requirement})"
                        ));
                        if !is_running {
                            return Err(self.conflict(&conflict.active, &requirement, &set));
                        }
                        None
                    }
                };
            }
            let distribution = match found {
                Some(found) => found,
                None => self.get_required(&requirement, &mut set)?,
            };
            if !requirement.accepts(&distribution) {
                self.info(&self.conflict_information(&requirement.key()));
                return Err(self.conflict(&distribution, &requirement, &set));
            }
            best.insert(key, distribution.clone());

            let dependencies = self.dependencies(&distribution, &requirement)?;
            for dependency in &dependencies {
                self.asked
                    .push(format!("Requirement of {asked}: {dependency}"));
            }
            self.look_ahead(&dependencies, &set);
            pending.extend(dependencies);
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
            Choice::Offered(_) => self.debug(&format!("Building {}", pystr::repr(spec))),
            Choice::Nothing => return Err(failure::no_sources(&requirement)),
        }
        Ok(choice)
    }

    fn get_required(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
    ) -> Result<Distribution> {
        let quoted = pystr::repr(&requirement.to_string());
        self.debug(&if self.order.offline {
            format!("Adding required {quoted}")
        } else {
            format!("Getting required {quoted}")
        });
        self.note_requirers(requirement, set)?;
        let installed = self.get(requirement, set)?;
        self.maybe_add_setuptools(set, &installed)?;
        Ok(installed)
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

    /// Puts the best distribution for a requirement into the working set.
    // zc.buildout: easy_install.py, `Installer._get_dist`.
    fn get(&mut self, requirement: &Requirement, set: &mut WorkingSet) -> Result<Distribution> {
        let doing = format!(
            "Getting distribution for {}.",
            pystr::repr(&requirement.to_string())
        );
        self.get_one(requirement, set, &doing)
            .doing(|| doing.clone())
    }

    fn get_one(
        &mut self,
        requirement: &Requirement,
        set: &mut WorkingSet,
        doing: &str,
    ) -> Result<Distribution> {
        let distribution = match self.satisfied(requirement)? {
            Choice::Installed(there) => {
                if !set.is_active(&there) {
                    set.add(there.clone());
                }
                there
            }
            _ if self.order.offline => return Err(failure::offline(requirement)),
            Choice::Offered(offered) => {
                self.info(doing);
                self.tell_yanked(&offered);
                let egg = self
                    .supplies
                    .fetcher
                    .into_eggs(&offered, &self.order.eggs_directory)?;
                if !set.is_active(&egg) {
                    set.replace(egg.clone());
                }
                self.environment.rescan();
                let got = match self.environment.best_match(requirement, set)? {
                    Ok(Some(got)) => got,
                    _ => egg.clone(),
                };
                self.info(&format!("Got {got}."));
                egg
            }
            Choice::Nothing => {
                self.info(doing);
                return Err(self.missing(requirement, set));
            }
        };
        if !self.supplies.policy.install_from_cache && self.supplies.policy.use_dependency_links {
            self.add_dependency_links(&distribution)?;
        }
        self.check_picked(requirement, &distribution)?;
        Ok(distribution)
    }

    /// zc.buildout knows nothing of withdrawn files: it takes them, and so do we, not without a word.
    fn tell_yanked(&mut self, offered: &Distribution) {
        let Some(why) = self.offers().yanked(&offered.location) else {
            return;
        };
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        let message = format!("{offered} has been withdrawn by its makers{why}");
        self.supplies.log.diagnose(
            Diagnostic::warning("yanked", message)
                .help("pin another version in [versions], unless this one is meant"),
        );
    }

    // zc.buildout: easy_install.py, `Installer._add_dependency_links_from_dists`.
    fn add_dependency_links(&mut self, distribution: &Distribution) -> Result<()> {
        for link in metadata::lines_of(distribution, "dependency_links.txt")?.unwrap_or_default() {
            if !self.links.contains(&link) {
                self.debug(&format!(
                    "Adding find link {} from {distribution}",
                    pystr::repr(&crate::wording::redacted(&link))
                ));
                self.links.push(link);
            }
        }
        Ok(())
    }

    // zc.buildout: easy_install.py, `Installer._check_picked_requirement_versions`.
    fn check_picked(&self, requirement: &Requirement, distribution: &Distribution) -> Result<()> {
        if distribution.precedence == Precedence::Develop || requirement.is_pinned() {
            return Ok(());
        }
        let (project, version) = (&distribution.project_name, &distribution.version);
        self.debug(&format!("Picked: {project} = {version}"));
        self.supplies
            .picked
            .borrow_mut()
            .pick(project, version.text());
        if self.supplies.policy.allow_picked_versions {
            Ok(())
        } else {
            Err(failure::picked(project, version))
        }
    }

    // zc.buildout: easy_install.py, `Installer._maybe_add_setuptools`.
    fn maybe_add_setuptools(
        &mut self,
        set: &mut WorkingSet,
        distribution: &Distribution,
    ) -> Result<()> {
        if !metadata::needs_pkg_resources(distribution)? {
            return Ok(());
        }
        if distribution.precedence == Precedence::Develop {
            self.supplies.log.say(
                log::WARNING,
                &format!(
                    "Develop distribution: {distribution}\nuses namespace packages but the distribution does not \
                     require setuptools."
                ),
            );
        }
        let requirement = self.constrain(&Requirement::parse("setuptools")?)?;
        if requirement.specifiers().is_empty() {
            // The last ones that have pkg_resources.
            let preferred = Requirement::parse("setuptools<82")?;
            match set.find_requirement(&preferred) {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {
                    if self.get(&preferred, set).is_ok() {
                        return Ok(());
                    }
                    self.debug(&format!(
                        "Could not get setuptools<82 (the last version that ships pkg_resources) for {distribution}; \
                         falling back to any setuptools version."
                    ));
                }
                // A newer one is active already: zc.buildout fails here by accident.
                Err(_) => {}
            }
        }
        match set.find_requirement(&requirement) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => self.get(&requirement, set).map(|_| ()),
            Err(conflict) => Err(self.conflict(&conflict.active, &requirement, set)),
        }
    }

    // zc.buildout: easy_install.py, `Installer._log_requirement`.
    fn note_requirers(&self, requirement: &Requirement, set: &WorkingSet) -> Result<()> {
        let store = self.supplies.policy.store_required_by;
        if !store && !self.supplies.log.enabled(log::DEBUG) {
            return Ok(());
        }
        for distribution in self.requirers(requirement, set)? {
            self.debug(&format!("  required by {distribution}."));
            self.supplies.picked.borrow_mut().require(
                &requirement.to_string(),
                &format!(
                    "{}=={}",
                    distribution.project_name,
                    distribution.version.normal()
                ),
            );
        }
        Ok(())
    }

    /// The distributions of a working set that ask for exactly this.
    fn requirers<'s>(
        &self,
        requirement: &Requirement,
        set: &'s WorkingSet,
    ) -> Result<Vec<&'s Distribution>> {
        let mut requirers = Vec::new();
        for distribution in set.sorted() {
            let dependencies = self.supplies.metadata.dependencies(distribution)?;
            if dependencies.requires([]).contains(requirement) {
                requirers.push(distribution);
            }
        }
        Ok(requirers)
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

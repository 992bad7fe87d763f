//! [`Tools`]: what recipes and eggs stand on, made once a run from `[buildout]` when it is first needed.
//!
//! Interpreter, network, policy, working sets. zc.buildout: buildout.py, `Buildout.__init__`, as far as it sets up
//! easy_install.

use std::rc::Rc;

use indexmap::IndexMap;

use super::host::RecipeHost;
use super::own_buildout;
use super::pip::PipSettings;
use super::settings::{download_cache, lines, words};
use crate::config::defaults::IMITATED_VERSION;
use crate::dist::builder::BuildSettings;
use crate::dist::installer::InstallPolicy;
use crate::dist::link_mode::LinkMode;
use crate::dist::metadata::Metadata;
use crate::dist::tooling::Tooling;
use crate::dist::working_set::WorkingSet;
use crate::dist::{EggsRequest, WorkingSets, buildout_path};
use crate::error::Result;
use crate::log::EASY_INSTALL;
use crate::options::Buildout;
use crate::sys::http::Network;
use crate::sys::process::changed_variables;
use crate::text::Text;

/// What is made once a run, from `[buildout]`.
pub(super) struct Tools {
    pub(super) working_sets: WorkingSets,
    /// What the interpreter holds, and the lines of bin/buildout; recipes are added to it.
    pub(super) running: WorkingSet,
    /// Whether there is a zc.buildout in it.
    pub(super) holds_buildout: bool,
    network: Rc<Network>,
}

impl RecipeHost {
    pub(super) fn take_tools(&self, buildout: &mut Buildout) -> Result<Tools> {
        let made = self.tools.borrow_mut().take();
        let Some(mut tools) = made else {
            return self.make_tools(buildout);
        };
        if self.is_reached_otherwise.take() {
            self.reach_anew(buildout, &mut tools)?;
        }
        Ok(tools)
    }

    /// Python code has changed its environment: the index, the proxies, the certificates and what builds are told may be
    /// others. What zc.buildout itself has asked pip for when it was imported stays.
    fn reach_anew(&self, buildout: &mut Buildout, tools: &mut Tools) -> Result<()> {
        let mut surroundings = self.surroundings().clone();
        for (name, value) in changed_variables() {
            match value {
                Some(value) => drop(surroundings.variables.insert(name, value)),
                None => drop(surroundings.variables.shift_remove(&name)),
            }
        }
        let pip = PipSettings::read(&surroundings);
        let (offline, timeout) = reach(buildout)?;
        tools.network.change(pip.network(offline, timeout));
        let mut policy = tools.working_sets.policy().cloned().unwrap_or_default();
        let index = pip.index().or_else(|| policy.default_index.clone());
        let own_index = buildout.get("buildout", "index")?;
        let build = pip.build_settings(index.as_deref(), own_index.as_deref());
        policy.build = BuildSettings {
            own_find_links: policy.build.own_find_links,
            newest: policy.build.newest,
            ..build
        };
        tools.working_sets.change_policy(policy);
        Ok(())
    }

    pub(super) fn give_back(&self, tools: Tools) {
        *self.tools.borrow_mut() = Some(tools);
    }

    fn make_tools(&self, buildout: &mut Buildout) -> Result<Tools> {
        let facts = self.facts()?;
        let bin = buildout.require("buildout", "bin-directory")?;
        let running = match self.running_in(&bin) {
            Some(known) => known,
            None => own_buildout::running(
                &bin,
                self.surroundings(),
                &self.executable,
                &facts,
                &self.seen,
            )?,
        };
        let holds_buildout = running.find("zc.buildout").is_some();
        let pip = PipSettings::read(self.surroundings());
        let (offline, timeout) = reach(buildout)?;
        let mut network = Network::new(pip.network(offline, timeout));
        if let Some(progress) = &self.progress {
            network = network.with_progress(progress.clone());
        }
        // What zc.buildout's own tests put in the place of the default index.
        let testing = self.surroundings().variable("buildout_testing_index_url");
        let index = testing
            .map(str::to_owned)
            .or_else(|| pip.index())
            .or_else(|| facts.pip_index.clone())
            .or_else(|| option_env!("RBUILDOUT_DEFAULT_INDEX").map(str::to_owned));
        let own_index = buildout.get("buildout", "index")?;
        let mut build = pip.build_settings(index.as_deref(), own_index.as_deref());
        build
            .own_find_links
            .extend(words(buildout.get("buildout", "find-links")?));
        build.newest = buildout.boolean("buildout", "newest", true)?;
        let metadata = Metadata::new(Rc::clone(&facts));
        let site_path = if holds_buildout {
            buildout_path(&running, &metadata)
        } else {
            Vec::new()
        };
        let pins = versions(buildout)?;
        let pinned = pins.get("setuptools").map(Text::as_str);
        build.tooling = Tooling::new(self.generation(), &running, site_path.clone(), pinned);
        self.seen.order(build.tooling.name_order());
        let mut policy = InstallPolicy {
            prefer_final: buildout.boolean("buildout", "prefer-final", true)?,
            allow_picked_versions: buildout.boolean("buildout", "allow-picked-versions", true)?,
            use_dependency_links: buildout.boolean("buildout", "use-dependency-links", true)?,
            store_required_by: buildout.boolean("buildout", "show-picked-versions", false)?
                || buildout
                    .get("buildout", "update-versions-file")?
                    .is_some_and(|file| !file.is_empty()),
            site_path,
            default_index: index,
            build,
            link_mode: LinkMode::parse(
                self.surroundings()
                    .variable("RBUILDOUT_LINK_MODE")
                    .unwrap_or(""),
            )?,
            download_cache: download_cache(buildout)?,
            install_from_cache: buildout.boolean("buildout", "install-from-cache", false)?,
            ..InstallPolicy::default()
        };
        set_pins(&mut policy, buildout)?;
        policy.note_places(versions(buildout)?);
        let network = Rc::new(network);
        let is_silent = policy.build.tooling.leaves_log_to_distutils();
        let working_sets = WorkingSets::new(
            policy,
            facts,
            Rc::clone(&network),
            &self.cache(),
            self.log.named(EASY_INSTALL).by_distutils(is_silent),
            self.seen.clone(),
        )
        .with_arrivals(&self.arrivals);
        Ok(Tools {
            working_sets,
            running,
            holds_buildout,
            network,
        })
    }
}

/// `offline`, and `socket-timeout`.
fn reach(buildout: &mut Buildout) -> Result<(bool, Option<u64>)> {
    let offline = buildout.boolean("buildout", "offline", false)?;
    let timeout = buildout.get("buildout", "socket-timeout")?;
    Ok((offline, timeout.and_then(|t| t.trim().parse().ok())))
}

impl Tools {
    /// Makes a recipe active. Only `[versions]` holds for that, not what Python code has told easy_install since.
    // zc.buildout: buildout.py, `_install_and_load`, the argument `versions`
    pub(super) fn install_recipe(&mut self, buildout: &mut Buildout, spec: &str) -> Result<()> {
        let settings = egg_settings(buildout)?;
        let current = self.working_sets.policy().cloned().unwrap_or_default();
        let mut pinned = current.clone();
        set_pins(&mut pinned, buildout)?;
        let differs = pinned.versions != current.versions;
        if differs {
            self.working_sets.change_policy(pinned);
        }
        let installed = self
            .working_sets
            .install_recipe(spec, &mut self.running, &settings);
        if differs {
            self.working_sets.change_policy(current);
        }
        installed
    }
}

/// Takes over what `[versions]` says.
fn set_pins(policy: &mut InstallPolicy, buildout: &mut Buildout) -> Result<()> {
    let versions = versions(buildout)?;
    policy.set_versions(
        versions
            .iter()
            .map(|(project, constraint)| (project.as_str(), constraint.as_str())),
    );
    Ok(())
}

/// Whether a pin of zc.buildout is the one that is there where nobody gave one.
pub(super) fn is_built_in(pin: &Text, running: &WorkingSet) -> bool {
    let here = running.find("zc.buildout");
    let version = here.map_or(IMITATED_VERSION, |here| here.version.text());
    pin.start().is_none() && pin.as_str() == format!(">={version}")
}

/// The section that `[buildout] versions` names, as the files have it: of two spellings of a project the later one counts.
// zc.buildout: easy_install.py, `normalize_versions`.
pub(super) fn versions(buildout: &mut Buildout) -> Result<IndexMap<String, Text>> {
    let section = buildout.get("buildout", "versions")?.unwrap_or_default();
    if section.is_empty() {
        Ok(IndexMap::new())
    } else {
        buildout.in_order(&section)
    }
}

pub(super) fn egg_settings(buildout: &mut Buildout) -> Result<EggsRequest> {
    Ok(EggsRequest {
        eggs: Vec::new(),
        eggs_directory: buildout.require("buildout", "eggs-directory")?.to_string(),
        develop_eggs_directory: buildout
            .require("buildout", "develop-eggs-directory")?
            .to_string(),
        offline: buildout.boolean("buildout", "offline", false)?,
        newest: buildout.boolean("buildout", "newest", true)?,
        find_links: words(buildout.get("buildout", "find-links")?),
        index: buildout
            .get("buildout", "index")?
            .map(|index| index.to_string()),
        allow_hosts: lines(buildout.get("buildout", "allow-hosts")?),
        allow_unknown_extras: false,
    })
}

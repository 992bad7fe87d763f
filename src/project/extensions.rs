//! Extensions: Python code that is called before a run does anything, and once more at its end.
//!
//! Their eggs are installed as recipes' are; what they define is called in the recipe host. An extension that has put
//! functions of its own in the place of zc.buildout's means them to be used: then Python installs all eggs, and recipes that
//! are native otherwise run in Python as well. zc.buildout: buildout.py, `_load_extensions`, `_unload_extensions`.

use super::host::RecipeHost;
use super::tools::egg_settings;
use crate::bridge::{InstallDone, InstallOrder, Picked, ProcessNews, Request};
use crate::dist::PolicyChange;
use crate::dist::picked_versions::PickedVersions;
use crate::error::{Diagnostic, Doing, Error, Result};
use crate::options::Buildout;
use crate::pystr::split;
use crate::sys::process::{change_environment, set_umask};

const LOAD_GROUP: &str = "zc.buildout.extension";
const UNLOAD_GROUP: &str = "zc.buildout.unloadextension";
/// What zc.buildout can do by itself.
const SUPERSEDED: [&str; 2] = ["buildout-versions", "buildout.dumppickedversions"];

impl RecipeHost {
    /// Installs and calls what `[buildout] extensions` names. Tells whether there is any.
    pub fn load_extensions(&self, buildout: &mut Buildout) -> Result<bool> {
        self.load(buildout)
            .doing(|| "Loading extensions.".to_owned())
    }

    fn load(&self, buildout: &mut Buildout) -> Result<bool> {
        let Some(option) = buildout.get("buildout", "extensions")? else {
            return Ok(false);
        };
        let specs: Vec<String> = split(&option).map(str::to_owned).collect();
        for name in SUPERSEDED {
            if let Some(named) = specs.iter().find(|spec| *spec == name) {
                let diagnostic =
                    Diagnostic::error("superseded-extension", "zc.buildout does this by itself")
                        .at(&option.piece(named))
                        .help("take it away, and say `show-picked-versions = true`");
                return Err(Error::user(
                    "Buildout now includes 'buildout-versions' (and part of the older \
                     'buildout.dumppickedversions').\nRemove the extension from your configuration and look at the \
                     'show-picked-versions' option in buildout's documentation.",
                )
                .with(diagnostic));
            }
        }
        if specs.is_empty() {
            return Ok(false);
        }
        self.install_extensions(buildout, specs)?;
        self.call_extensions(buildout, LOAD_GROUP)?;
        Ok(true)
    }

    /// Calls what extensions have for the end of a run.
    pub fn unload_extensions(&self, buildout: &mut Buildout) -> Result<()> {
        self.call_extensions(buildout, UNLOAD_GROUP)
            .doing(|| "Unloading extensions.".to_owned())
    }

    fn install_extensions(&self, buildout: &mut Buildout, specs: Vec<String>) -> Result<()> {
        let mut settings = egg_settings(buildout)?;
        settings.eggs = specs;
        let mut tools = self.take_tools(buildout)?;
        let policy = tools.working_sets.policy().cloned().unwrap_or_default();
        let running = tools.running.clone();
        let same = PolicyChange {
            versions: policy.versions,
            prefer_final: policy.prefer_final,
            allow_picked_versions: policy.allow_picked_versions,
            use_dependency_links: policy.use_dependency_links,
        };
        let made = tools.working_sets.install(&settings, same, Some(running));
        let installed = made.map(|running| tools.running = running);
        self.give_back(tools);
        installed
    }

    /// All that the host's distributions have in a group, whoever named them.
    fn call_extensions(&self, buildout: &mut Buildout, group: &str) -> Result<()> {
        let bridge = self.bridge(buildout)?;
        let tools = self.take_tools(buildout)?;
        let mut objects = Vec::new();
        for distribution in tools.running.iter() {
            for point in distribution.entry_points(group)?.values() {
                objects.push(point.object());
            }
        }
        self.give_back(tools);
        let activate = self.to_activate(buildout)?;
        if objects.is_empty() {
            return Ok(());
        }
        let request = Request::Extensions { objects, activate };
        bridge
            .ask::<serde_json::Value>(buildout, request, self)
            .map(drop)
    }

    /// Puts a recipe's egg in place with Python's own installer, where the host has it not.
    pub(super) fn install_in_python(&self, buildout: &mut Buildout, spec: &str) -> Result<()> {
        let settings = egg_settings(buildout)?;
        let eggs_directory = settings.eggs_directory.clone();
        let mut path = vec![settings.develop_eggs_directory];
        let dest = if settings.offline {
            path.push(settings.eggs_directory);
            None
        } else {
            Some(settings.eggs_directory)
        };
        let bridge = self.bridge(buildout)?;
        let order = InstallOrder {
            specs: vec![spec.to_owned()],
            dest,
            path,
            links: settings.find_links,
            index: settings.index,
            newest: settings.newest && !settings.offline,
            allow_hosts: settings.allow_hosts,
            activate: self.to_activate(buildout)?,
        };
        let request = Request::Install(Box::new(order));
        let done: InstallDone = bridge
            .ask(buildout, request, self)
            .doing(|| format!("Installing recipe {spec}."))?;
        let mut tools = self.take_tools(buildout)?;
        tools.working_sets.forget();
        let made = tools.running.take_over(&done.entries, &eggs_directory);
        self.give_back(tools);
        made
    }

    /// Versions that nobody had pinned, by project, and who asked for them: those of Python's own installer too.
    pub fn picked_versions(&self, buildout: &mut Buildout) -> Result<PickedVersions> {
        let tools = self.take_tools(buildout)?;
        let mut all = tools.working_sets.picked_versions();
        self.give_back(tools);
        if self.foreign.installs_in_python()
            && let Some(bridge) = self.foreign.started()
        {
            let answer: Picked = bridge.ask(buildout, Request::Picked {}, self)?;
            for (project, version) in &answer.picked {
                all.pick(project, version);
            }
            for (requirement, requirers) in &answer.required_by {
                for requirer in requirers {
                    all.require(requirement, requirer);
                }
            }
        }
        Ok(all)
    }

    /// Develop eggs were made: the host, if there is one, looks for what they bring.
    pub fn tell_develop_eggs(&self, buildout: &mut Buildout) -> Result<()> {
        let Some(bridge) = self.foreign.started() else {
            return Ok(());
        };
        bridge
            .ask::<serde_json::Value>(buildout, Request::Develop {}, self)
            .map(drop)
    }

    /// The run ends with this exit code: some extensions want to know.
    pub fn will_end(&self, status: u8) {
        if let Some(bridge) = self.foreign.started() {
            bridge.will_end(status);
        }
    }

    /// What Python code changed around it holds here too.
    pub(super) fn take_process_news(&self, news: ProcessNews) {
        if !news.env.is_empty() {
            self.is_reached_otherwise.set(true);
        }
        for (name, value) in news.env {
            change_environment(name, value);
        }
        self.foreign.note_listing(news.listing);
        if let Some(umask) = news.umask {
            set_umask(umask);
        }
        if let Some(patched) = news.patched {
            self.foreign.note_patched(patched, &self.log);
        }
        let mut tools = self.tools.borrow_mut();
        let Some(tools) = tools.as_mut() else { return };
        let mut policy = tools.working_sets.policy().cloned().unwrap_or_default();
        let installer = news.installer;
        if let Some(versions) = &installer.versions {
            let pairs = versions.iter();
            policy
                .set_versions(pairs.map(|(project, version)| (project.as_str(), version.as_str())));
        }
        let flags = [
            (&mut policy.prefer_final, installer.prefer_final),
            (
                &mut policy.allow_picked_versions,
                installer.allow_picked_versions,
            ),
            (
                &mut policy.use_dependency_links,
                installer.use_dependency_links,
            ),
            (&mut policy.store_required_by, installer.store_required_by),
        ];
        let mut changed = installer.versions.is_some();
        for (flag, new) in flags {
            if let Some(new) = new {
                *flag = new;
                changed = true;
            }
        }
        if changed {
            tools.working_sets.change_policy(policy);
        }
    }
}

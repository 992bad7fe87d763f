//! Recipes that run in Python: which egg, which object, and what the recipe host is told and answered.
//!
//! The host is started when the first of them comes. Its library is the zc.buildout that the interpreter holds, or else
//! the one that our installer puts among the eggs, as pinned. zc.buildout: buildout.py, `_install_and_load`,
//! `Buildout._uninstall_part`.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::foresight::needs_python;
use super::host::RecipeHost;
use super::named::{Named, parse_recipe, same_project};
use super::own_buildout::is_vendored;
use super::settings::{lines, words};
use crate::bridge::{
    Activation, Bridge, Called, Got, Init, InstallerSettings, ListingNews, Loaded, LogSettings,
    RecipeObject, Request,
};
use crate::config::defaults::IMITATED_VERSION;
use crate::dist::entry_points::EntryPoint;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;
use crate::error::{Diagnostic, Doing, Result};
use crate::log::{DEBUG, Log};
use crate::options::{Answered, Buildout};
use crate::pypath;
use crate::recipes::RECIPES;
use crate::sys::fs;
use crate::text::Text;
use crate::wording::did_you_mean;

const RECIPE_GROUP: &str = "zc.buildout";
/// Of the zc.buildout that we stand for; other versions have other arguments and write other scripts.
const FUNCTIONS: [&str; 4] = ["install", "working_set", "sort_working_set", "scripts"];
const UNINSTALL_GROUP: &str = "zc.buildout.uninstall";

/// What runs in Python.
pub(super) struct Foreign {
    /// `-D`.
    debug: bool,
    /// What was said on the command line.
    arguments: Vec<String>,
    bridge: OnceCell<Rc<Bridge>>,
    /// The host, started before it is needed.
    early: RefCell<Option<Bridge>>,
    /// Parts whose recipe was started, and what it is like.
    parts: RefCell<IndexMap<String, Loaded>>,
    /// Locations that the host has on its `sys.path` because we said so.
    activated: RefCell<IndexSet<String>>,
    /// Working sets that were made for recipes, by number.
    pub(super) sets: RefCell<Vec<Rc<WorkingSet>>>,
    /// What the end of the run is to tell of picked versions, by Python code.
    listing: RefCell<ListingNews>,
    /// Functions of zc.buildout that somebody has put others in the place of.
    patched: RefCell<Vec<String>>,
}

/// What a Python recipe is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Install,
    Update,
}

/// The uninstaller of an installed part.
#[derive(Debug)]
pub struct Uninstaller {
    recipe: RecipeObject,
}

impl Foreign {
    pub(super) fn new(debug: bool, arguments: Vec<String>) -> Self {
        Self {
            debug,
            arguments,
            bridge: OnceCell::new(),
            early: RefCell::new(None),
            parts: RefCell::default(),
            activated: RefCell::default(),
            sets: RefCell::default(),
            listing: RefCell::default(),
            patched: RefCell::default(),
        }
    }

    /// The host, if it runs.
    pub(super) fn started(&self) -> Option<Rc<Bridge>> {
        self.bridge.get().map(Rc::clone)
    }

    /// Whether eggs are a matter of Python, because somebody has changed how it deals with them.
    pub(super) fn installs_in_python(&self) -> bool {
        !self.patched.borrow().is_empty()
    }

    pub(super) fn note_listing(&self, news: ListingNews) {
        let mut listing = self.listing.borrow_mut();
        listing.show_picked_versions = news.show_picked_versions.or(listing.show_picked_versions);
        if news.update_versions_file.is_some() {
            listing.update_versions_file = news.update_versions_file;
        }
    }

    pub(super) fn note_patched(&self, names: Vec<String>, log: &Log) {
        if log.enabled(DEBUG) && !names.is_empty() {
            let note = Diagnostic::note("patched", "an extension has changed zc.buildout itself");
            log.diagnose(
                note.help(format!("its own {}", names.join(", ")))
                    .help("eggs are installed by Python, and all recipes run there"),
            );
        }
        *self.patched.borrow_mut() = names;
    }
}

impl RecipeHost {
    /// Whether a part runs in Python.
    pub fn is_foreign(&self, part: &str) -> bool {
        self.foreign.parts.borrow().contains_key(part)
    }

    /// Whether picked versions are shown at the end, and the file that they are written to, if Python code has said so.
    pub fn listing(&self) -> (Option<bool>, Option<String>) {
        let listing = self.foreign.listing.borrow();
        (
            listing.show_picked_versions,
            listing.update_versions_file.clone(),
        )
    }

    /// Whether the recipe of a part in Python has an `update`; without one `install` is called in its place.
    pub fn has_update(&self, part: &str) -> bool {
        self.foreign
            .parts
            .borrow()
            .get(part)
            .is_some_and(|loaded| loaded.update)
    }

    /// Starts the recipe of a part: its `__init__`.
    pub(super) fn load_foreign(
        &self,
        buildout: &mut Buildout,
        part: &str,
        named: &Named,
    ) -> Result<()> {
        self.install_egg(buildout, &named.spec, false)
            .map_err(|error| match nearest(named) {
                Some(nearest) => error.with(
                    Diagnostic::error(
                        "recipe",
                        "there is no such recipe here, but one that is native",
                    )
                    .at(&named.spec)
                    .help(format!("did you mean `{nearest}`?")),
                ),
                None => error,
            })?;
        let bridge = self.bridge(buildout)?;
        let mut recipe = self.object(buildout, named, RECIPE_GROUP)?;
        recipe.activate = self.to_activate(buildout)?;
        let part = part.to_owned();
        let load = Request::Load {
            part: part.clone(),
            recipe,
        };
        let loaded: Loaded = bridge.ask(buildout, load, self)?;
        self.foreign.parts.borrow_mut().insert(part, loaded);
        Ok(())
    }

    /// An option of a part whose recipe has put a `get` of its own into its options.
    pub(super) fn answer_of_recipe(
        &self,
        buildout: &mut Buildout,
        part: &str,
        option: &str,
    ) -> Result<Answered> {
        let parts = self.foreign.parts.borrow();
        if !parts.get(part).is_some_and(|loaded| loaded.own_get) {
            return Ok(Answered::No);
        }
        drop(parts);
        let bridge = self.bridge(buildout)?;
        let get = Request::Get {
            part: part.to_owned(),
            option: option.to_owned(),
        };
        let got: Got = bridge.ask(buildout, get, self)?;
        Ok(Answered::Value(got.value.map(Text::from)))
    }

    /// Runs `install` or `update`: the paths, or none where it returned None.
    pub fn call(
        &self,
        buildout: &mut Buildout,
        part: &str,
        work: Work,
    ) -> Result<Option<Vec<String>>> {
        let bridge = self.bridge(buildout)?;
        let method = match work {
            Work::Update if self.has_update(part) => "update",
            _ => "install",
        };
        let call = Request::Call {
            part: part.to_owned(),
            method,
        };
        let called: Called = bridge.ask(buildout, call, self)?;
        Ok(called.paths)
    }

    /// The uninstaller of the recipe that installed a part, where it has one. A recipe that is gone has none.
    pub fn uninstaller(
        &self,
        buildout: &mut Buildout,
        recipe: Option<&Text>,
    ) -> Result<Option<Uninstaller>> {
        let Some(recipe) = recipe else {
            return Ok(None);
        };
        let named = parse_recipe(recipe)?;
        if RECIPES
            .iter()
            .any(|entry| same_project(entry, &named.requirement))
        {
            return Ok(None);
        }
        self.install_egg(buildout, &named.spec, false)?;
        let recipe = self.object(buildout, &named, UNINSTALL_GROUP)?;
        Ok(recipe.object.is_some().then_some(Uninstaller { recipe }))
    }

    /// Runs an uninstaller with the options that the part was installed with.
    pub fn run_uninstaller(
        &self,
        buildout: &mut Buildout,
        part: &str,
        mut uninstaller: Uninstaller,
        options: &BTreeMap<String, Text>,
    ) -> Result<()> {
        let bridge = self.bridge(buildout)?;
        uninstaller.recipe.activate = self.to_activate(buildout)?;
        let options = options
            .iter()
            .map(|(option, value)| (option.clone(), value.to_string()))
            .collect();
        let request = Request::Uninstall {
            part: part.to_owned(),
            recipe: uninstaller.recipe,
            options,
        };
        bridge
            .ask::<serde_json::Value>(buildout, request, self)
            .map(drop)
    }

    /// Where the object of an entry point is. What has to be on `sys.path` for it is only known when the host runs.
    fn object(&self, buildout: &mut Buildout, named: &Named, group: &str) -> Result<RecipeObject> {
        let tools = self.take_tools(buildout)?;
        let found = tools.running.find(named.requirement.name()).cloned();
        self.give_back(tools);
        let object = match found {
            Some(distribution) => distribution
                .entry_points(group)?
                .get(&named.entry)
                .map(EntryPoint::object),
            None => None,
        };
        Ok(RecipeObject {
            spec: named.spec.to_string(),
            entry: named.entry.clone(),
            object,
            activate: Activation::default(),
        })
    }

    /// What has become active and what the host does not know yet.
    pub(super) fn to_activate(&self, buildout: &mut Buildout) -> Result<Activation> {
        let facts = self.facts()?;
        let tools = self.take_tools(buildout)?;
        let running = &tools.running;
        let mut activated = self.foreign.activated.borrow_mut();
        let is_new = |entry: &&String| {
            !facts.sys_path.contains(*entry)
                && !running.is_hidden(entry)
                && activated.insert((*entry).clone())
        };
        let new = running.entries().iter().filter(is_new).cloned();
        let (last, mut path): (Vec<String>, Vec<String>) =
            new.partition(|entry| is_vendored(entry));
        drop(activated);
        let mut entries = Vec::new();
        if !path.is_empty() || !last.is_empty() {
            // pkg_resources puts each in front of those before it.
            path.sort_by_key(|entry| std::cmp::Reverse(running.turn(entry)));
            if !self.foreign.installs_in_python() {
                entries = running.entries().to_vec();
            }
        }
        self.give_back(tools);
        Ok(Activation {
            path,
            last,
            entries,
        })
    }

    /// The host, started and told what it has to know.
    pub(super) fn bridge(&self, buildout: &mut Buildout) -> Result<Rc<Bridge>> {
        if let Some(bridge) = self.foreign.bridge.get() {
            return Ok(Rc::clone(bridge));
        }
        // Recipes import it; most, but not all, require it.
        self.install_egg(buildout, "zc.buildout", false)?;
        let init = self.init(buildout)?;
        let early = self.foreign.early.borrow_mut().take();
        let bridge = Rc::new(match early {
            Some(early) => early,
            None => self.start_host(buildout)?,
        });
        bridge
            .ask::<serde_json::Value>(buildout, Request::Init(Box::new(init)), self)
            .doing(|| "Starting the recipe host.".to_owned())?;
        Ok(Rc::clone(self.foreign.bridge.get_or_init(|| bridge)))
    }

    fn start_host(&self, buildout: &mut Buildout) -> Result<Bridge> {
        let directory = buildout.require("buildout", "directory")?;
        Bridge::start(&self.executable, &self.cache(), &directory)
    }

    /// Starts the host beside what comes before its first part, if these parts, or all, will need it.
    pub fn foresee(&self, buildout: &mut Buildout, parts: &[String]) {
        if needs_python(buildout, parts) {
            // Whatever is wrong with it is told when it is needed.
            *self.foreign.early.borrow_mut() = self.start_host(buildout).ok();
        }
    }

    fn init(&self, buildout: &mut Buildout) -> Result<Init> {
        let tools = self.take_tools(buildout)?;
        let policy = tools.working_sets.policy().cloned().unwrap_or_default();
        let library = tools.running.find("zc.buildout");
        let is_ours = library.is_some_and(|library| library.version.text() == IMITATED_VERSION);
        self.give_back(tools);
        let offline = buildout.boolean("buildout", "offline", false)?;
        let bin = buildout.require("buildout", "bin-directory")?;
        let timeout = buildout.get("buildout", "socket-timeout")?;
        Ok(Init {
            proto: Bridge::protocol(),
            argv: [self.script(&bin)]
                .into_iter()
                .chain(self.foreign.arguments.iter().cloned())
                .collect(),
            debug: self.foreign.debug,
            newest: buildout.boolean("buildout", "newest", true)? && !offline,
            offline,
            links: words(buildout.get("buildout", "find-links")?),
            allow_hosts: lines(buildout.get("buildout", "allow-hosts")?),
            log: LogSettings {
                level: self.log.threshold(),
                format: buildout
                    .get("buildout", "log-format")?
                    .unwrap_or_default()
                    .to_string(),
            },
            installer: InstallerSettings {
                versions: policy.versions,
                prefer_final: policy.prefer_final,
                allow_picked_versions: policy.allow_picked_versions,
                use_dependency_links: policy.use_dependency_links,
                store_required_by: policy.store_required_by,
                download_cache: policy.download_cache,
                install_from_cache: policy.install_from_cache,
            },
            functions: if is_ours { &FUNCTIONS } else { &[] },
            socket_timeout: timeout.and_then(|timeout| timeout.trim().parse().ok()),
        })
    }

    /// Python's `sys.argv[0]`, which extensions keep to start buildout again with (mr.developer, and only by this name): what
    /// we were called by, else the buildout's own script, else that of the interpreter's environment.
    fn script(&self, bin: &str) -> String {
        let around = self.surroundings();
        if around.program.contains('/') && pypath::basename(&around.program) == "buildout" {
            return pypath::absolute(&around.program, &around.cwd);
        }
        let own = pypath::join(bin, "buildout");
        let beside = pypath::join(pypath::dirname(&self.executable), "buildout");
        if !fs::is_file(&own) && fs::is_file(&beside) {
            beside
        } else {
            own
        }
    }
}

/// A native recipe whose name is like this one's.
fn nearest(named: &Named) -> Option<String> {
    let known = RECIPES.iter().map(|entry| entry.project);
    did_you_mean(named.requirement.name(), known)
        .filter(|nearest| {
            Requirement::parse(nearest).is_ok_and(|r| r.key() != named.requirement.key())
        })
        .map(ToString::to_string)
}

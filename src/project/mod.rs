//! The wiring: from a request and its surroundings to a configuration with recipes, interpreter and network behind it.
//!
//! It decides little: which interpreter ([`interpreter`]), what pip says ([`pip`]), how `[buildout]` becomes directories and a
//! policy ([`settings`]), which recipe a part has ([`host`]). The only module that knows them all.
//! zc.buildout: buildout.py, `Buildout.__init__`.

mod answers;
pub mod checking;
mod evaluator;
mod extensions;
mod foreign;
mod foresight;
mod generation;
mod host;
mod initial;
mod interpreter;
mod kept;
mod machine;
pub mod mending;
mod named;
mod opener;
mod own_buildout;
mod own_path;
mod pip;
mod planned;
mod python_warnings;
mod settings;
mod setup_script;
mod tools;
pub mod why;
pub mod why_path;

use std::rc::Rc;

use indexmap::IndexMap;

use crate::config::RawConfig;
use crate::config::load::{self, Environment, Override};
use crate::error::{Doing, Result};
use crate::generation::Generation;
use crate::log::Log;
use crate::options::Buildout;
use crate::pypath;
use crate::sys::cache_place;
use crate::sys::http::ProgressSink;
use crate::text::Text;
use foreign::Foreign;
pub use foreign::{Uninstaller, Work};
pub use host::{Closure, RecipeHost};
pub use machine::ThisMachine;
pub use own_buildout::OWN_PROJECTS;
pub use settings::Settings;

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// A file that is there.
    #[default]
    Existing,
    /// A file that is not there yet: it is made, for these requirements and directories.
    New(Vec<String>),
    /// A file, if there is one.
    Optional,
}

/// What is asked for.
pub struct Request {
    pub config_file: String,
    pub start: Start,
    pub overrides: Vec<Override>,
    /// Whether `~/.buildout/default.cfg` is read.
    pub user_defaults: bool,
    /// The command line as zc.buildout would have got it, for Python code that looks at it.
    pub arguments: Vec<String>,
    /// Whether a debugger is started where a Python recipe fails.
    pub debug: bool,
    /// Whether zc.buildout would become the version that is pinned, for what is asked for.
    pub upgrades: bool,
    /// The interpreter, where the configuration names none.
    pub python: Option<String>,
    /// The time of the run, as Python writes it.
    pub now: String,
    /// Who shows how downloads go on.
    pub progress: Option<ProgressSink>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("config_file", &self.config_file)
            .finish_non_exhaustive()
    }
}

/// The process's surroundings, told by `cli`.
#[derive(Clone)]
pub struct Surroundings {
    /// By what name we were called: zc.buildout's `sys.argv[0]`.
    pub program: String,
    /// The current directory.
    pub cwd: String,
    /// The environment.
    pub variables: IndexMap<String, String>,
}

/// Without values: the environment may hold secrets.
impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("cwd", &self.cwd)
            .finish_non_exhaustive()
    }
}

impl Surroundings {
    /// A variable of the environment that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Scripts that may say what zc.buildout is run by, where a buildout has none of its own yet: that which we stand in
    /// for, that of the directory we are in. A new buildout is begun from an old one.
    fn scripts(&self) -> Vec<String> {
        let mut scripts = Vec::new();
        if self.program.contains('/') {
            scripts.push(pypath::absolute(&self.program, &self.cwd));
        }
        scripts.push(pypath::join(&self.cwd, "bin/buildout"));
        scripts
    }

    /// The user's home directory.
    pub fn home(&self) -> String {
        self.variable("HOME").unwrap_or("/").to_owned()
    }

    /// The directory that all buildouts of the user share. Who has named one means that one.
    pub fn cache(&self) -> String {
        if let Some(own) = self.variable("RBUILDOUT_CACHE_DIR") {
            return own.to_owned();
        }
        let caches = self
            .variable("XDG_CACHE_HOME")
            .map_or_else(|| pypath::join(&self.home(), ".cache"), str::to_owned);
        let temporary = self.variable("TMPDIR").unwrap_or("/tmp");
        cache_place(&pypath::join(&caches, "rbuildout"), temporary)
    }

    /// `~/.buildout/default.cfg`, or where BUILDOUT_HOME has it.
    // zc.buildout: buildout.py, _get_user_config
    fn user_defaults(&self) -> String {
        let home = self
            .variables
            .get("BUILDOUT_HOME")
            .cloned()
            .unwrap_or_else(|| pypath::join(&self.home(), ".buildout"));
        pypath::join(&home, "default.cfg")
    }
}

/// A buildout that was read.
#[derive(Debug)]
pub struct Project {
    /// The merged configuration, before substitution.
    pub config: RawConfig,
    /// Options on demand.
    pub buildout: Buildout,
    /// Recipes, distributions, the interpreter.
    pub host: Rc<RecipeHost>,
    pub log: Log,
    /// The time of the run, as Python writes it: `2026-01-02 03:04:05`.
    pub now: String,
    /// The directory that the command was called in.
    cwd: String,
    /// `[buildout]`, once it was resolved.
    settings: Option<Settings>,
}

impl Project {
    /// Reads the configuration. Nothing is resolved and nothing is made.
    pub fn open(request: &Request, surroundings: Surroundings, log: Log) -> Result<Self> {
        Self::open_with(request, Rc::default(), surroundings, log)
    }

    /// The same, but these files, by path, have these texts.
    fn open_with(
        request: &Request,
        texts: Rc<IndexMap<String, String>>,
        surroundings: Surroundings,
        log: Log,
    ) -> Result<Self> {
        Self::read(request, texts, surroundings, log).doing(|| "Initializing.".to_owned())
    }

    fn read(
        request: &Request,
        texts: Rc<IndexMap<String, String>>,
        surroundings: Surroundings,
        log: Log,
    ) -> Result<Self> {
        let found = interpreter::find(
            request.python.as_deref(),
            &request.config_file,
            &surroundings,
        )?;
        let mut environment = Environment {
            cwd: surroundings.cwd.clone(),
            home: surroundings.home(),
            user_defaults: request.user_defaults.then(|| surroundings.user_defaults()),
            executable: found.clone(),
            generation: Generation::NEWEST,
        };
        let cwd = surroundings.cwd.clone();
        let surroundings = Rc::new(surroundings);
        let evaluator = evaluator::FactsEvaluator::new(&found, Rc::clone(&surroundings));
        let opener =
            opener::FileOpener::new(Rc::clone(&surroundings), log.clone()).with_texts(texts);
        let config_file = request.start.find(&request.config_file, &cwd, &log)?;
        let load = |environment: &Environment| {
            let (file, overrides) = (config_file.as_deref(), &request.overrides);
            load::load(file, overrides, environment, &opener, &evaluator)
        };
        let directory = config_file.as_deref().map_or("", pypath::dirname);
        let bin = pypath::join(&pypath::absolute(directory, &cwd), "bin");
        let at_hand = generation::AtHand::look(bin, &found, &surroundings);
        environment.generation = at_hand.generation();
        let loaded = load(&environment).inspect_err(|_| opener.show_notices());
        let mut config = loaded?.config;
        let executable = interpreter::of_configuration(&config)?.unwrap_or(found);
        let means = at_hand.decide(&config, &executable, &surroundings, request.upgrades);
        if !environment.generation.reads_files_as(means.generation) {
            environment.generation = means.generation;
            opener.forget_notices();
            config = load(&environment)
                .inspect_err(|_| opener.show_notices())?
                .config;
        }
        opener.show_notices();
        means.follow(&mut config);
        let mut buildout = Buildout::new(&config);
        settings::make_directories_absolute(&mut buildout, &config.directory);
        let host = Rc::new(RecipeHost::new(
            executable,
            surroundings,
            log.clone(),
            request.progress.clone(),
            Foreign::new(request.debug, request.arguments.clone()),
            means,
        ));
        buildout.set_loader(Rc::<RecipeHost>::clone(&host));
        Ok(Self {
            config,
            buildout,
            host,
            log,
            now: request.now.clone(),
            cwd,
            settings: None,
        })
    }

    /// Resolves `[buildout]`, once: directories, level of the log, policy. Makes the directories of eggs and caches.
    pub fn prepare(&mut self) -> Result<Settings> {
        self.settle(settings::Caches::Made)
    }

    /// The same for who only looks: nothing is made.
    pub fn resolve(&mut self) -> Result<Settings> {
        self.settle(settings::Caches::LeftAlone)
    }

    fn settle(&mut self, caches: settings::Caches) -> Result<Settings> {
        if let Some(settings) = &self.settings {
            return Ok(settings.clone());
        }
        let host = Rc::clone(&self.host);
        let facts = || host.facts();
        let place = settings::Place {
            cwd: &self.cwd,
            caches,
            generation: self.host.generation(),
        };
        let settings = settings::prepare(&mut self.buildout, &self.config, &self.log, place, facts)
            .doing(|| "Initializing.".to_owned())?;
        self.settings = Some(settings.clone());
        Ok(settings)
    }

    /// Loads extensions; `settings` follow what they changed. Tells whether there is any.
    pub fn load_extensions(&mut self, settings: &mut Settings) -> Result<bool> {
        if !self.host.load_extensions(&mut self.buildout)? {
            return Ok(false);
        }
        settings.follow(&mut self.buildout)?;
        Ok(true)
    }

    /// Whether `-v` or `-q` was given. zc.buildout takes either for verbose.
    pub fn is_verbose(&self) -> bool {
        self.config.value("buildout", "verbosity").is_some()
    }

    /// A path as seen from where the command was called.
    pub fn absolute(&self, path: &str) -> String {
        pypath::absolute(path, &self.cwd)
    }

    /// An option before substitution; directories are absolute.
    pub fn raw_value(&self, section: &str, option: &str) -> Option<String> {
        self.buildout.raw(section, option).map(Text::to_string)
    }
}

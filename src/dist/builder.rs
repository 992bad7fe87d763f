//! [`Builder`]: sources become wheels, several at a time, each in a build environment that is put together first.
//!
//! A build environment is a working set of its own: what pyproject.toml requires is chosen and installed by the same
//! installer as eggs are, but into `CACHE/builders`, by what pip is told and without `[versions]`, as pip does it for
//! zc.buildout. Neither pip nor setuptools need be on the machine. `CACHE/built/SHA256` notes which wheel came out of
//! an archive for one kind of interpreter; the wheel itself is in the cache as any other. `CACHE/logs` keeps what the
//! builds said. pip: `BuildEnvironment`.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;

use super::build::{
    self, Answer, Build, BuildEnvironment, BuildOptions, BuildSystem, Contents, Hook,
};
use super::entry_points::console_scripts;
use super::installer::{Formats, InstallPolicy, Installer, Order, Supplies};
use super::kept_builds::KeptBuild;
use super::name;
use super::remains;
use super::requirement::Requirement;
use super::sdist;
use super::version::Version;
use super::working_set::WorkingSet;
use crate::error::{Diagnostic, Doing, Error, Result};
use crate::log::{self, Log};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;

/// Where build requirements come from: what pip is told, and the buildout's index after it.
#[derive(Clone, Debug, Default)]
pub struct BuildSettings {
    /// Each is asked if the one before has not all; empty for find-links alone.
    pub indexes: Vec<String>,
    pub find_links: Vec<String>,
    /// The buildout's own, which pip does not know: looked at where all else has not what is needed.
    pub own_find_links: Vec<String>,
    /// The user's PATH.
    pub search_path: String,
    /// Whether what is there already will do where the index might have something newer.
    pub newest: bool,
    /// The environment that builds run in.
    pub variables: IndexMap<String, String>,
}

/// setuptools where a project does not say which: the same sources give the same wheel, whenever they are built. The
/// last ones for old Pythons; for the others the last series whose pkg_resources no setup.py is warned of, since many
/// import it. pip would take the newest there is. Python, setuptools, and the wheel that it needs beside it.
const SETUPTOOLS: &[((u32, u32), &str, Option<&str>)] = &[
    ((3, 9), "80.9.0", None),
    ((3, 8), "75.3.2", None),
    ((3, 7), "68.0.0", Some("0.42.0")),
    ((3, 0), "59.6.0", Some("0.37.1")),
    ((2, 7), "44.1.1", Some("0.37.1")),
];

/// Part of the key of built wheels; to be counted up when builds come out differently.
const EDITION: &str = "1";

/// What to build.
#[derive(Debug)]
pub(super) struct Job {
    /// `superlance 2.0.0`, or a directory.
    pub(super) name: String,
    /// For the log's file name.
    pub(super) log_name: String,
    pub(super) sources: Sources,
    pub(super) options: BuildOptions,
}

#[derive(Debug)]
pub(super) enum Sources {
    Archive(Vec<u8>),
    /// Built in place, to be edited there.
    Directory(PathBuf),
}

/// What a build has made. Gone when it is dropped.
#[derive(Debug)]
pub(super) struct Built {
    place: PathBuf,
    pub(super) out: PathBuf,
    /// The wheel; none where setuptools made links of its own in `out`.
    pub(super) wheel: Option<PathBuf>,
    /// What the build said.
    pub(super) log: PathBuf,
}

impl Drop for Built {
    fn drop(&mut self) {
        drop(fs::remove_tree(&self.place));
    }
}

/// Builds in isolation.
#[derive(Debug)]
pub(super) struct Builder {
    root: PathBuf,
    network: Rc<Network>,
    facts: Rc<Facts>,
    settings: BuildSettings,
    supplies: Option<Box<Supplies>>,
    /// While it is held, nobody tidies up what builds use.
    lock: Option<fs::Lock>,
    environments: IndexMap<(Vec<String>, bool), BuildEnvironment>,
    /// What is being built that this builder works for.
    waiting: Vec<String>,
}

/// A build under way.
struct Task<'j> {
    job: &'j Job,
    place: PathBuf,
    kept_log: PathBuf,
    source: PathBuf,
    system: BuildSystem,
    hook: Hook,
    environment: BuildEnvironment,
    /// Whether the backend is asked first what it needs.
    ask: bool,
}

impl Drop for Task<'_> {
    fn drop(&mut self) {
        if !self.place.as_os_str().is_empty() {
            drop(fs::remove_tree(&self.place));
        }
    }
}

impl<'j> Task<'j> {
    /// Unpacks the sources and reads how they want to be built.
    fn prepare(job: &'j Job, root: &Path, facts: &Facts) -> Result<Self> {
        // Where those who tidy up the cache look for what stopped runs have left.
        let place = remains::passing(&root.join("wheels"))?;
        let log = format!("{}-py{}.log", job.log_name, facts.python_version);
        let mut task = Self {
            job,
            kept_log: root.join("logs").join(log.replace('/', "-")),
            source: PathBuf::new(),
            system: BuildSystem::default(),
            hook: Hook::Wheel,
            environment: BuildEnvironment::default(),
            ask: true,
            place,
        };
        fs::make_directory(&task.place)?;
        match &job.sources {
            Sources::Archive(bytes) => {
                let unpacked = sdist::unpack(bytes, &task.place.join("source"));
                task.source = unpacked.map_err(|reason| not_unpacked(&job.name, &reason))?;
            }
            Sources::Directory(directory) => {
                task.source.clone_from(directory);
                task.hook = Hook::Editable;
            }
        }
        task.system = BuildSystem::of(&task.source, &job.name)?;
        Ok(task)
    }

    /// What is kept of a build in place, which is not followed with what it asks for besides.
    fn kept(&self, root: &Path, facts: &Facts) -> Option<KeptBuild> {
        let in_place = matches!(self.job.sources, Sources::Directory(_));
        if !in_place || self.hook != Hook::Editable || !self.ask {
            return None;
        }
        let subject = format!(
            "{}\0{}\0{:?}\0{:?}\0{:?}\0{:?}",
            facts.executable,
            facts.python_full_version,
            facts.soabi,
            self.system,
            self.environment.path,
            self.job.options
        );
        Some(KeptBuild::of(root, &self.source, &subject))
    }

    fn call(&self, root: &Path, facts: &Facts, search_path: &str) -> Result<Answer> {
        let kept = self.kept(root, facts);
        let build = Build {
            name: &self.job.name,
            source: &self.source,
            system: &self.system,
            hook: self.hook,
            options: &self.job.options,
            facts,
            place: &self.place,
            kept_log: &self.kept_log,
            search_path,
            watch: kept.is_some(),
        };
        let answer = build.call(&self.environment, self.ask)?;
        if let (Some(kept), Answer::Made(Some(wheel))) = (kept, &answer) {
            kept.keep(build.seen(), &self.place.join("out"), wheel);
        }
        Ok(answer)
    }

    fn done(mut self, wheel: Option<String>) -> Built {
        let place = std::mem::take(&mut self.place);
        let out = place.join("out");
        Built {
            wheel: wheel.map(|name| out.join(name)),
            log: std::mem::take(&mut self.kept_log),
            out,
            place,
        }
    }
}

fn not_unpacked(name: &str, reason: &str) -> Box<Error> {
    Error::user(format!("Couldn't unpack {name}: {reason}.")).hint(
        "sdist",
        "the archive of its sources is broken, or not what it should be",
        "nothing of it was used; try again, or pin another version",
    )
}

impl Builder {
    /// `cache`: the directory that all projects of the user share.
    pub(super) fn new(
        network: Rc<Network>,
        cache: &str,
        facts: Rc<Facts>,
        settings: BuildSettings,
    ) -> Self {
        Self {
            root: PathBuf::from(cache),
            network,
            facts,
            settings,
            supplies: None,
            lock: None,
            environments: IndexMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Where the hash of the wheel that came out of an archive is noted.
    fn note(&self, archive: &str) -> PathBuf {
        let facts = &self.facts;
        let abi = facts.soabi.clone().unwrap_or_else(|| {
            let first = facts.tags.first().cloned();
            first.unwrap_or_else(|| format!("py{}", facts.python_version))
        });
        let key = format!(
            "{}-{}-{abi}-{EDITION}",
            facts.implementation, facts.python_version
        );
        self.root.join("built").join(archive).join(key)
    }

    /// The hash of the wheel that this archive was built into before.
    pub(super) fn known(&self, archive: &str) -> Option<String> {
        let noted = fs::read_if_there(self.note(archive)).ok().flatten()?;
        let hash = String::from_utf8(noted).ok()?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_hexdigit());
        is_hash.then_some(hash)
    }

    /// Notes which wheel an archive was built into.
    pub(super) fn remember(&self, archive: &str, wheel: &str) -> Result<()> {
        let note = self.note(archive);
        if let Some(parent) = note.parent() {
            fs::make_directory(parent)?;
        }
        fs::replace(note, wheel.as_bytes())
    }

    /// Builds all of these; the answers are in their order.
    pub(super) fn build(&mut self, jobs: &[Job]) -> Vec<Result<Built>> {
        if self.lock.is_none() && !jobs.is_empty() {
            let wheels = self.root.join("wheels");
            self.lock = fs::make_directory(&wheels)
                .and_then(|()| fs::lock_shared(&wheels))
                .ok();
        }
        let (root, facts) = (self.root.as_path(), &*self.facts);
        let prepared = side_by_side(jobs, processors(), |job| Task::prepare(job, root, facts));
        let mut results: Vec<Option<Result<Built>>> = Vec::new();
        let mut going: Vec<(usize, Task<'_>)> = Vec::new();
        for (at, task) in prepared.into_iter().enumerate() {
            let provided = task.and_then(|mut task| {
                let requires = task.system.requires.clone();
                self.provide(&mut task, &requires)?;
                Ok(task)
            });
            match provided {
                Ok(task) => {
                    let kept = task.kept(&self.root, &self.facts);
                    let out = task.place.join("out");
                    let known = kept.and_then(|kept| kept.take(&out, &self.settings.variables));
                    if known.is_some() {
                        results.push(Some(Ok(task.done(known))));
                    } else {
                        results.push(None);
                        going.push((at, task));
                    }
                }
                Err(error) => results.push(Some(Err(error))),
            }
        }
        // A backend is asked again after it got what it needs, or in the old way if it does not know the new one.
        while !going.is_empty() {
            let (root, facts) = (self.root.as_path(), &*self.facts);
            let path = self.settings.search_path.as_str();
            let answers = side_by_side(&going, processors(), |(_, task)| {
                task.call(root, facts, path)
            });
            let mut again = Vec::new();
            for ((at, mut task), answer) in going.into_iter().zip(answers) {
                let result = match answer {
                    Ok(Answer::Made(wheel)) => Ok(task.done(wheel)),
                    Ok(Answer::Needs(needs)) if task.ask => {
                        task.ask = false;
                        let mut all = task.system.requires.clone();
                        all.extend(needs);
                        match self.provide(&mut task, &all) {
                            Ok(()) => {
                                again.push((at, task));
                                continue;
                            }
                            Err(error) => Err(error),
                        }
                    }
                    Ok(Answer::Lacks(_))
                        if task.hook == Hook::Editable
                            && task.system.is_setuptools()
                            && fs::is_file(task.source.join("setup.py")) =>
                    {
                        task.hook = Hook::Develop;
                        again.push((at, task));
                        continue;
                    }
                    Ok(Answer::Lacks(what)) => Err(lacking(&task, &what)),
                    Ok(Answer::Needs(_)) => Err(lacking(&task, "build_wheel")),
                    Err(error) => Err(error),
                };
                results[at] = Some(result);
            }
            going = again;
        }
        results.into_iter().flatten().collect()
    }

    /// Gives a build its environment.
    fn provide(&mut self, task: &mut Task<'_>, requires: &[String]) -> Result<()> {
        let name = &task.job.name;
        if self.waiting.contains(name) {
            let chain = self.waiting.join(", ");
            return Err(Error::user(format!("Couldn't build {name}.")).hint(
                "build",
                format!("it is needed to build what it needs itself: {chain}"),
                "put a wheel of it into a directory that find-links names",
            ));
        }
        task.environment = self
            .environment(requires, task.system.is_setuptools(), name)
            .doing(|| format!("Getting what is needed to build {name}."))?;
        Ok(())
    }

    fn environment(
        &mut self,
        requires: &[String],
        is_setuptools: bool,
        name: &str,
    ) -> Result<BuildEnvironment> {
        let key = (requires.to_vec(), is_setuptools);
        if let Some(made) = self.environments.get(&key) {
            return Ok(made.clone());
        }
        let mut variants = vec![self.with_own_setuptools(requires, is_setuptools)];
        if variants.first().is_some_and(|first| first != requires) {
            variants.push(requires.to_vec());
        }
        let mut waiting = self.waiting.clone();
        waiting.push(name.to_owned());
        let mut indexes = self.settings.indexes.clone();
        if indexes.is_empty() {
            indexes.push(String::new());
        }
        let mut failed = None;
        // All that fits best is looked for everywhere before less will do.
        let mut links = vec![self.settings.find_links.clone()];
        if !self.settings.own_find_links.is_empty() {
            let own = self.settings.own_find_links.iter();
            links.push(
                self.settings
                    .find_links
                    .iter()
                    .chain(own)
                    .cloned()
                    .collect(),
            );
        }
        for links in &links {
            for variant in &variants {
                for index in &indexes {
                    match self.install(variant, index, links, &waiting) {
                        Ok(set) => {
                            let made = Self::described(&set, requires)?;
                            self.environments.insert(key, made.clone());
                            return Ok(made);
                        }
                        Err(error) => failed = Some(error),
                    }
                }
            }
        }
        Err(failed.unwrap_or_else(|| Error::user("There is no index to ask.")))
    }

    /// The requirements with our setuptools in place of one of any version.
    fn with_own_setuptools(&self, requires: &[String], is_setuptools: bool) -> Vec<String> {
        let version = numbers(&self.facts.python_version);
        let Some((_, setuptools, wheel)) = SETUPTOOLS.iter().find(|(from, ..)| version >= *from)
        else {
            return requires.to_vec();
        };
        let own = [("setuptools", Some(*setuptools)), ("wheel", *wheel)];
        let mut names = Vec::new();
        let mut all: Vec<String> = requires
            .iter()
            .map(|text| {
                let Ok(requirement) = Requirement::parse(text) else {
                    return text.clone();
                };
                let key = name::canonical(&requirement.name);
                names.push(key.clone());
                let pin = own
                    .iter()
                    .find(|(project, _)| *project == key)
                    .and_then(|(_, version)| *version)
                    .filter(|pin| requirement.contains(&Version::new(pin)))
                    .filter(|_| requirement.extras.is_empty() && !text.contains([';', '@']));
                pin.map_or_else(|| text.clone(), |pin| format!("{key}=={pin}"))
            })
            .collect();
        if is_setuptools {
            for (project, pin) in own {
                if let Some(pin) = pin.filter(|_| !names.iter().any(|name| name == project)) {
                    all.push(format!("{project}=={pin}"));
                }
            }
        }
        all
    }

    /// Chooses and installs into the directory of build requirements.
    fn install(
        &mut self,
        requires: &[String],
        index: &str,
        links: &[String],
        waiting: &[String],
    ) -> Result<WorkingSet> {
        let facts = Rc::clone(&self.facts);
        let directory = self.root.join("builders").join(format!(
            "py{}-{}",
            facts.python_version,
            facts.soabi.as_deref().unwrap_or(&facts.platform)
        ));
        let order = Order {
            eggs_directory: directory.display().to_string(),
            develop_eggs_directory: self.root.join("nothing").display().to_string(),
            offline: false,
            newest: self.settings.newest && !self.network.is_offline(),
            index: Some(index.to_owned()),
            find_links: links.to_vec(),
            allow_hosts: vec!["*".to_owned()],
            allow_unknown_extras: true,
            formats: Formats::Any,
        };
        let supplies = self.supplies.get_or_insert_with(|| {
            // What is said while build requirements are chosen is for nobody: pip is silent too.
            let policy = InstallPolicy {
                use_dependency_links: false,
                build: self.settings.clone(),
                ..InstallPolicy::default()
            };
            let (silent, _) = Log::new(log::WARNING, |_| {}).captured();
            let cache = self.root.display().to_string();
            let mut supplies =
                Supplies::new(policy, facts, Rc::clone(&self.network), &cache, silent);
            supplies.fetcher.keep_programs();
            Box::new(supplies)
        });
        supplies.fetcher.builder().waiting = waiting.to_vec();
        Installer::new(supplies, order).install(requires, None)
    }

    fn described(set: &WorkingSet, requires: &[String]) -> Result<BuildEnvironment> {
        let mut made = BuildEnvironment::default();
        made.have
            .extend(requires.iter().map(|text| text.trim().to_lowercase()));
        for distribution in set.iter() {
            // Only for those who tidy up.
            drop(fs::touch(&distribution.location));
            made.path.push(distribution.location.clone());
            made.have
                .extend(build::spellings(&distribution.project_name));
            for script in console_scripts(distribution)? {
                let (module, attrs) = (script.module, script.attrs);
                let first = attrs.split('.').next().unwrap_or_default();
                made.programs.push((
                    script.name,
                    Contents::Text(format!(
                        "#!python\nimport sys\nfrom {module} import {first}\nsys.exit({attrs}())\n"
                    )),
                ));
            }
            let programs = Path::new(&distribution.location).join(PROGRAMS);
            for name in fs::list(&programs)? {
                let file = programs.join(&name);
                made.programs.push((name, Contents::File(file)));
            }
        }
        Ok(made)
    }
}

/// Where an egg of the build environment keeps the programs of its wheel.
pub(super) const PROGRAMS: &str = "rbuildout-programs";

fn lacking(task: &Task<'_>, what: &str) -> Box<Error> {
    let backend = &task.system.backend;
    let (message, help) = if what == "backend" {
        (
            format!("its build backend {backend} can't be imported"),
            "its pyproject.toml must require the project that the backend is in",
        )
    } else {
        (
            format!("its build backend {backend} has no {what}"),
            "require a newer version of the backend in its pyproject.toml",
        )
    };
    Error::user(format!("Couldn't build {}.", task.job.name)).with(
        Diagnostic::error("build", message)
            .help(help)
            .help(format!("its log is {}", task.kept_log.display())),
    )
}

/// `3.11` as numbers.
fn numbers(version: &str) -> (u32, u32) {
    let mut pieces = version.split('.').map(|piece| piece.parse().unwrap_or(0));
    (pieces.next().unwrap_or(0), pieces.next().unwrap_or(0))
}

/// As many builds at a time as the machine has processors.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs a function for each item, `most` at a time; the answers are in order.
pub(super) fn side_by_side<'i, T: Sync, R: Send>(
    items: &'i [T],
    most: usize,
    run: impl Fn(&'i T) -> R + Sync,
) -> Vec<R> {
    let workers = most.min(items.len());
    if workers < 2 {
        return items.iter().map(run).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let answer = run(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((at, answer));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

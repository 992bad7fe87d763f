//! [`Builder`]: sources become wheels, several at a time, each in a build environment that is put together first.
//!
//! What it consists of is `environments.rs`'s. `CACHE/built/SHA256` notes which wheel came out of an archive for one kind
//! of interpreter; the wheel itself is in the cache as any other. `CACHE/logs` keeps what the builds said.

mod environments;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::build::{Answer, Build, BuildEnvironment, BuildOptions, BuildSystem, Hook};
use super::kept_builds::KeptBuild;
use super::remains;
use super::sdist;
use super::tooling::{Tooling, WITHOUT_LINKS};
use crate::error::{Diagnostic, Error, Result};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;
use crate::sys::spool::Spool;
pub use environments::BuildSettings;
use environments::Environments;
pub(super) use environments::PROGRAMS;
use environments::Tools;

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
    Archive {
        archive: Spool,
        /// Where it came from, without secrets.
        from: String,
    },
    /// Built in place, to be edited there.
    Directory(PathBuf),
    /// Built in place, and gone then.
    Checkout(PathBuf),
}

/// What a build has made. Gone when it is dropped.
#[derive(Debug)]
pub(super) struct Built {
    place: PathBuf,
    pub(super) out: PathBuf,
    /// The wheel, perhaps with an egg in it; none where setuptools made links of its own in `out`.
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
    facts: Rc<Facts>,
    environments: Environments,
    /// While it is held, nobody tidies up what builds use.
    lock: Option<fs::Lock>,
}

/// A build under way.
struct Task<'j> {
    job: &'j Job,
    place: PathBuf,
    kept_log: PathBuf,
    source: PathBuf,
    system: BuildSystem,
    hook: Hook,
    tools: Tools,
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
    fn prepare(job: &'j Job, root: &Path, facts: &Facts, tooling: &Tooling) -> Result<Self> {
        // Where those who tidy up the cache look for what stopped runs have left.
        let place = remains::passing(&root.join("wheels"))?;
        let log = format!("{}-py{}.log", job.log_name, facts.python_version);
        let mut task = Self {
            job,
            kept_log: root.join("logs").join(log.replace('/', "-")),
            source: PathBuf::new(),
            system: BuildSystem::default(),
            hook: Hook::Wheel,
            tools: Tools::Certain,
            environment: BuildEnvironment::default(),
            ask: true,
            place,
        };
        fs::make_directory(&task.place)?;
        match &job.sources {
            Sources::Archive { archive, from } => {
                let unpacked = sdist::unpack(archive, &task.place.join("source"));
                task.source = unpacked.map_err(|reason| not_unpacked(&job.name, from, &reason))?;
            }
            Sources::Directory(directory) => {
                task.source.clone_from(directory);
                task.hook = Hook::Editable;
                task.tools = Tools::Newest;
            }
            Sources::Checkout(directory) => task.source.clone_from(directory),
        }
        task.system = BuildSystem::of(&task.source, &job.name)?;
        task.follow(tooling);
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

    /// Builds as the project's zc.buildout would have it built.
    fn follow(&mut self, tooling: &Tooling) {
        let has_pyproject = self.system.has_pyproject;
        let has_setup = fs::is_file(self.source.join("setup.py"));
        if self.hook == Hook::Editable {
            if tooling.links_by_setuptools(has_pyproject) && has_setup {
                (self.hook, self.tools) = (Hook::Develop, Tools::Project);
                self.system = BuildSystem::legacy();
                if tooling.path().is_empty() {
                    // Later ones know no links.
                    self.system.requires = vec![format!("setuptools<{WITHOUT_LINKS}")];
                }
            }
        } else if !tooling.generation.builds_with_pip() && has_setup {
            (self.hook, self.tools) = (Hook::Egg, Tools::Project);
            self.system = BuildSystem::legacy();
        } else if tooling.builds_in_place(has_pyproject) {
            self.tools = Tools::Project;
        }
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

fn not_unpacked(name: &str, from: &str, reason: &str) -> Box<Error> {
    Error::user(format!("Couldn't unpack {name}: {reason}.")).with(
        Diagnostic::error(
            "sdist",
            "the archive of its sources is broken, or not what it should be",
        )
        .help(format!("it is what {from} gave"))
        .help("nothing of it was used; try again, or pin another version"),
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
        let root = PathBuf::from(cache);
        let environments = Environments::new(network, root.clone(), Rc::clone(&facts), settings);
        Self {
            root,
            facts,
            environments,
            lock: None,
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
            "{}-{}-{abi}-{EDITION}{}",
            facts.implementation,
            facts.python_version,
            self.environments.tooling().mark()
        );
        self.root.join("built").join(archive).join(key)
    }

    /// What zc.buildout itself would build with.
    pub(super) fn tooling(&self) -> &Tooling {
        self.environments.tooling()
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
        let tooling = self.environments.tooling();
        let prepared = side_by_side(jobs, processors(), |job| {
            Task::prepare(job, root, facts, tooling)
        });
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
                    let variables = self.environments.variables();
                    let known = kept.and_then(|kept| kept.take(&out, variables));
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
            let path = self.environments.search_path();
            let network = Network::clone(self.environments.network());
            let answers = side_by_side(&going, processors(), |(_, task)| {
                let _told = network.show(&format!("building {}", task.job.name));
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
                    // What the newest setuptools no longer knows an older one may.
                    Err(error) if task.tools == Tools::Newest && task.system.is_setuptools() => {
                        task.tools = Tools::Certain;
                        task.ask = true;
                        let requires = task.system.requires.clone();
                        match self.provide(&mut task, &requires) {
                            Ok(()) => {
                                again.push((at, task));
                                continue;
                            }
                            Err(_) => Err(error),
                        }
                    }
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
        task.environment = self.environments.provide(
            &task.job.name,
            requires,
            task.system.is_setuptools(),
            task.tools,
        )?;
        Ok(())
    }
}

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

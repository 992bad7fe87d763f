//! Generated worlds of distributions, installed by rbuildout and by zc.buildout: what is said and what is left have to be the
//! same after each of several runs, between which something changes.
//!
//! `cargo test` compares with fixtures/differential/worlds.json, what zc.buildout 6.0.1 on CPython 3.11 of Linux made of some
//! of them. With RBUILDOUT_ORACLE_PYTHON (a Python that has zc.buildout) it compares live: RBUILDOUT_DIFFERENTIAL_WORLDS of
//! them (100), from RBUILDOUT_DIFFERENTIAL_SEED on; RBUILDOUT_DIFFERENTIAL_RECORD=1 writes the fixture anew.
//!
//! Meant differences are kept out: nothing is compared after a run that fails, nor what an internal error says; our own
//! words on standard error are left out; no world is offline.

mod generator;
mod packages;
mod place;
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{INTERNAL, python3_11, variable};
use crate::support::chance::from_environment;
use crate::support::server::Server;
use generator::world;
use world::{Outcome, Recorded, Step, World};

/// Who runs a step.
trait Tool {
    /// Exit status, standard output, standard error.
    fn run(&mut self, root: &Path, arguments: &[String]) -> Outcome;
}

struct Ours {
    python: String,
}

impl Tool for Ours {
    fn run(&mut self, root: &Path, arguments: &[String]) -> Outcome {
        let ended = Command::new(env!("CARGO_BIN_EXE_rbuildout"))
            .args(arguments)
            .current_dir(root.join("project"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", root.join("home"))
            .env("LANG", "C.UTF-8")
            .env("RBUILDOUT_PYTHON", &self.python)
            .env(
                "RBUILDOUT_CACHE_DIR",
                std::env::temp_dir().join("rbuildout-differential"),
            )
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Outcome {
            status: ended.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
            left: BTreeMap::new(),
        }
    }
}

struct Theirs {
    process: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Theirs {
    fn new(python: &str) -> Self {
        let mut process = Command::new(python)
            .args(["-c", include_str!("oracle.py")])
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONHASHSEED", "0")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            asks: process.stdin.take(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }
}

impl Tool for Theirs {
    fn run(&mut self, root: &Path, arguments: &[String]) -> Outcome {
        let question = serde_json::json!({
            "directory": root.join("project"),
            "home": root.join("home"),
            "arguments": arguments,
        });
        writeln!(self.asks.as_mut().unwrap(), "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        drop(self.asks.take());
        drop(self.process.wait());
    }
}

/// What each run of a world came to, up to the first that fails.
fn carry_out(world: &World, root: &Path, server: &Server, tool: &mut dyn Tool) -> Vec<Outcome> {
    place::begin(root);
    let mut index = place::Index::new(server, world.seed);
    index.publish(&world.packages);
    place::put_packages(root, &world.packages);
    let mut outcomes = Vec::new();
    let mut before = BTreeMap::new();
    for step in &world.steps {
        index.publish(&step.published);
        place::put_packages(root, &step.published);
        place::change(root, step, &index.url());
        let mut outcome = tool.run(root, &step.arguments);
        let is_good = outcome.status == 0;
        if is_good {
            outcome.left = left(root);
        }
        let shown = |text: &str| comparable(text, root, &index.url(), &server.url);
        outcome.stdout = shown(&outcome.stdout);
        outcome.stderr = shown(&without_own(&outcome.stderr));
        for text in outcome.left.values_mut() {
            *text = shown(text);
        }
        // What is as it was says nothing; that it is there is told by the names in its directory.
        let now = outcome.left.clone();
        let is_new = |name: &String, text: &mut String| before.get(name) != Some(text);
        outcome.left.retain(is_new);
        before = now;
        outcomes.push(outcome);
        if !is_good {
            break;
        }
    }
    outcomes
}

/// Texts of scripts and records, and names in directories.
fn left(root: &Path) -> BTreeMap<String, String> {
    let mut left = BTreeMap::new();
    let mut note = |path: &Path| {
        if let Ok(text) = fs::read_to_string(path) {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            left.insert(name, text);
        }
    };
    for name in [".installed.cfg", "buildout.cfg", "versions.cfg"] {
        note(&root.join("project").join(name));
    }
    for name in names(&root.join("project/bin")) {
        note(&root.join("project/bin").join(name));
    }
    for directory in [
        "project",
        "project/bin",
        "project/eggs",
        "project/eggs/v5",
        "project/develop-eggs",
        "project/cache",
        "project/cache/dist",
        "cache",
        "cache/dist",
        "shared-eggs",
        "shared-eggs/v5",
    ] {
        let names = names(&root.join(directory));
        if !names.is_empty() {
            left.insert(format!("{directory}/"), names.join("\n"));
        }
    }
    left
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

fn without_own(stderr: &str) -> String {
    let mut kept = String::new();
    let mut own = false;
    for line in stderr.lines() {
        own = line.starts_with("rbuildout: ") || own && line.starts_with("  ");
        if !own {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    match kept.find(INTERNAL) {
        Some(at) => kept[..at + INTERNAL.len()].to_owned(),
        None => kept.trim_end().to_owned(),
    }
}

/// Without what differs between machines and runs.
fn comparable(text: &str, root: &Path, index: &str, server: &str) -> String {
    let text = text
        .replace(root.to_str().unwrap(), "[ROOT]")
        .replace(index, "[INDEX]")
        .replace(server, "[SERVER]");
    let mut out = String::new();
    let mut is_interpreter = false;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find("__buildout_signature__ = ") {
            out.push_str(&line[..at]);
            out.push_str("__buildout_signature__ = [SIGNATURE]\n");
        } else if line.starts_with("#!/") {
            out.push_str("#![PYTHON]\n");
        } else if line.starts_with("# Added by buildout at ") {
            out.push_str("# Added by buildout at [TIME]\n");
        } else if line.starts_with("_interactive = True") {
            is_interpreter = true;
        } else if !is_interpreter {
            out.push_str(line);
        }
    }
    out
}

/// What differs, in words; none where the two agree.
fn difference(theirs: &Outcome, ours: &Outcome) -> Option<String> {
    if ours.stderr.contains("panicked") {
        return Some(format!("a panic: {}", ours.stderr));
    }
    let internal = theirs.stderr.contains(INTERNAL);
    // An extra that is not there, beside one that is: a mistake of zc.buildout, which fails sooner or later and which we do
    // not share.
    if theirs.status != 0
        && theirs.stdout.contains(" does not provide the extra ")
        && !theirs.stderr.contains("the required extra")
    {
        return None;
    }
    if theirs.status != ours.status {
        return Some(format!(
            "status {} and {}\n--- zc.buildout\n{}\n--- rbuildout\n{}",
            theirs.status, ours.status, theirs.stderr, ours.stderr
        ));
    }
    // Of an internal error it prints what pip said on the way.
    if theirs.stdout != ours.stdout && !internal {
        return Some(format!(
            "--- zc.buildout\n{}--- rbuildout\n{}",
            theirs.stdout, ours.stdout
        ));
    }
    if theirs.stderr != ours.stderr && !internal {
        return Some(format!(
            "--- zc.buildout\n{}\n--- rbuildout\n{}",
            theirs.stderr, ours.stderr
        ));
    }
    let paths = theirs.left.keys().chain(ours.left.keys());
    let mut other = paths.filter(|path| theirs.left.get(*path) != ours.left.get(*path));
    other.next().map(|path| {
        let of = |left: &Outcome| left.left.get(path).cloned().unwrap_or_default();
        format!(
            "{path}\n--- zc.buildout\n{}\n--- rbuildout\n{}",
            of(theirs),
            of(ours)
        )
    })
}

fn shown_step(step: &Step) -> String {
    let mut text = format!(
        "arguments {:?}, removed {:?}\n",
        step.arguments, step.removed
    );
    for (path, file) in &step.files {
        text.push_str(&format!("{path}:\n{file}\n"));
    }
    for new in &step.published {
        text.push_str(&format!("new: {new:?}\n"));
    }
    text
}

/// Compares each world; `theirs` gives what zc.buildout made of it.
fn compare(
    worlds: impl Iterator<Item = World>,
    python: &str,
    theirs: &mut dyn FnMut(&World, &Path, &Server) -> Vec<Outcome>,
) {
    let directory = tempfile::tempdir().unwrap();
    let around = directory.path().canonicalize().unwrap();
    let mut ours = Ours {
        python: python.to_owned(),
    };
    let (mut total, mut runs, mut failed, mut differ) = (0, 0, 0, 0);
    for world in worlds {
        // What is published for one in a later step must not be there for the other from the first.
        let (first, second) = (Server::new(), Server::new());
        let at = |name: &str| around.join(world.seed.to_string()).join(name);
        let wanted = theirs(&world, &at("theirs"), &first);
        let got = carry_out(&world, &at("ours"), &second, &mut ours);
        total += 1;
        runs += wanted.len();
        failed += wanted.iter().filter(|outcome| outcome.status != 0).count();
        let pairs = wanted.iter().zip(&got).zip(&world.steps);
        for (number, ((wanted, got), step)) in pairs.enumerate() {
            if let Some(difference) = difference(wanted, got) {
                differ += 1;
                if differ <= 5 {
                    eprintln!(
                        "world {}, step {number}:\n{}{difference}\n",
                        world.seed,
                        shown_step(step)
                    );
                }
                break;
            }
        }
        drop(fs::remove_dir_all(around.join(world.seed.to_string())));
    }
    eprintln!("{total} worlds, {runs} runs, of which {failed} fail");
    assert_eq!(differ, 0, "{differ} of {total} worlds differ");
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/differential/worlds.json")
}

/// How many worlds are recorded.
const RECORDED: usize = 36;

/// Whether any Python will do to run it again: no setuptools, nothing to build.
fn may_be_recorded(world: &World) -> bool {
    let published = world.steps.iter().flat_map(|step| &step.published);
    world.packages.iter().chain(published).all(|package| {
        let declares = |text: &String| text.contains("pkg_resources");
        !package.is_source && !package.modules.values().any(declares)
    })
}

/// A record as JSON: a package a line.
fn written(recorded: &Recorded) -> String {
    let world = &recorded.world;
    let line = |package| serde_json::to_string(package).unwrap();
    let packages: Vec<String> = world.packages.iter().map(line).collect();
    let steps = serde_json::to_string_pretty(&world.steps).unwrap();
    let outcomes = serde_json::to_string_pretty(&recorded.outcomes).unwrap();
    format!(
        "{{\"world\": {{\"seed\": {}, \"packages\": [\n{}\n], \"steps\": {steps}}},\n\"outcomes\": {outcomes}}}",
        world.seed,
        packages.join(",\n")
    )
}

#[test]
fn recorded_worlds_are_installed_as_zc_buildout_installs_them() {
    let Some(python) = python3_11() else {
        eprintln!("SKIPPED: there is no Python 3.11, which the worlds were recorded with");
        return;
    };
    let recorded: Vec<Recorded> = serde_json::from_slice(&fs::read(fixture()).unwrap()).unwrap();
    assert_eq!(recorded.len(), RECORDED);
    let known: BTreeMap<u64, Vec<Outcome>> = recorded
        .iter()
        .map(|recorded| (recorded.world.seed, recorded.outcomes.clone()))
        .collect();
    let worlds = recorded.into_iter().map(|recorded| recorded.world);
    compare(worlds, &python, &mut |world, _, _| {
        known[&world.seed].clone()
    });
}

#[test]
fn generated_worlds_are_installed_as_zc_buildout_installs_them() {
    let Ok(python) = std::env::var("RBUILDOUT_ORACLE_PYTHON") else {
        eprintln!(
            "SKIPPED: RBUILDOUT_ORACLE_PYTHON names no Python with zc.buildout; recorded worlds are compared alone"
        );
        return;
    };
    let first = variable("RBUILDOUT_DIFFERENTIAL_SEED", 1);
    let count = from_environment("RBUILDOUT_DIFFERENTIAL_WORLDS", 100);
    let records = variable("RBUILDOUT_DIFFERENTIAL_RECORD", 0) == 1;
    let mut oracle = Theirs::new(&python);
    let mut recorded: Vec<Recorded> = Vec::new();
    let mut failing = 0;
    let worlds = (first..).take(count).map(world);
    compare(worlds, &python, &mut |world, root, server| {
        let outcomes = carry_out(world, root, server, &mut oracle);
        let fails = outcomes.iter().any(|outcome| outcome.status != 0);
        let is_wanted = may_be_recorded(world) && (!fails || failing < RECORDED / 3);
        if is_wanted && recorded.len() < RECORDED {
            failing += usize::from(fails);
            recorded.push(Recorded {
                world: world.clone(),
                outcomes: outcomes.clone(),
            });
        }
        outcomes
    });
    if records {
        let all: Vec<String> = recorded.iter().map(written).collect();
        fs::write(fixture(), format!("[\n{}\n]\n", all.join(",\n"))).unwrap();
    }
}

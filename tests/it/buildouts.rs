//! Whole buildouts with Python recipes, fixtures/buildouts: rbuildout does in them what zc.buildout 6.0.1 did.
//!
//! What that was stands in each folder's `recorded.txt`, in the format of fixtures/cases. Where RBUILDOUT_TEST_BUILDOUT names a
//! bin/buildout of zc.buildout 6.0.1 the records are held against it too, and `UPDATE=1` writes them. After a mistake only
//! output and exit status are compared: zc.buildout has lost files by then.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::case_file::{Case, Expected};
use crate::support::pythons::{self, Python};
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::texts::{difference, without_own};

/// Needs nothing but the interpreter.
const ALONE: &[&str] = &["nesting", "made-sections"];
/// Needs the package index.
const WITH_INDEX: &str = "many-recipes";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/buildouts")
        .join(name)
}

fn recorded(name: &str) -> Case {
    let text = std::fs::read_to_string(folder(name).join("recorded.txt")).unwrap();
    Case::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A copy of the folder, for this Python.
fn copy(name: &str, python: Python) -> Sandbox {
    let mut sandbox = Sandbox::with(python, "b").fixture(&format!("buildouts/{name}"));
    std::fs::remove_file(sandbox.at("recorded.txt")).unwrap();
    sandbox.set("PYTHONHASHSEED", "0");
    sandbox.set("PYTHONDONTWRITEBYTECODE", "1");
    sandbox
}

/// Environments of RBUILDOUT_TEST_ENVIRONMENTS, see tests/environments.py: bin/buildout of each, and its Python.
fn environments() -> Vec<(String, Python)> {
    let Some(folder) = std::env::var_os("RBUILDOUT_TEST_ENVIRONMENTS") else {
        eprintln!("SKIPPED: RBUILDOUT_TEST_ENVIRONMENTS names no folder of environments");
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).unwrap();
    let mut scripts: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path().join("bin/buildout"))
        .filter(|script| script.is_file())
        .collect();
    scripts.sort();
    let python = |script: &PathBuf| Python::at(script.with_file_name("python").to_str().unwrap());
    scripts
        .iter()
        .map(|script| (script.display().to_string(), python(script).unwrap()))
        .collect()
}

/// Runs all steps with a program: what they left.
fn outcomes(case: &Case, sandbox: &Sandbox, run: &dyn Fn(&[&str]) -> Ran) -> Vec<Expected> {
    let mut all = Vec::new();
    let mut before = look_around(sandbox).0;
    for step in &case.steps {
        let arguments: Vec<&str> = step.arguments.split_whitespace().collect();
        let ran = run(&arguments);
        let mut outcome = Expected {
            stdout: site(sandbox, &without_index(&ran.stdout)),
            stderr: site(sandbox, &essential(&without_own(&ran.stderr))),
            exit: ran.code,
            ..Expected::default()
        };
        if ran.code == 0 {
            let (files, tree) = look_around(sandbox);
            outcome.tree = Some(tree);
            let is_new = |path: &String, text: &String| before.get(path) != Some(text);
            let new = files.iter().filter(|(path, text)| is_new(path, text));
            outcome.files = new.map(|(p, t)| (p.clone(), t.clone())).collect();
            let gone = before.keys().filter(|path| !files.contains_key(*path));
            outcome.gone = gone.cloned().collect();
            before = files;
        }
        all.push(outcome);
    }
    all
}

/// All files but those of eggs, and mode, kind and path of everything. Links are not followed.
fn look_around(sandbox: &Sandbox) -> (BTreeMap<String, String>, String) {
    let (mut files, mut tree) = (BTreeMap::new(), String::new());
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        for name in sandbox.names(&directory) {
            let path = format!("{directory}/{name}")
                .trim_start_matches('/')
                .to_owned();
            if ["src", ".rbuildout", "locales"].contains(&path.as_str()) || name == "__pycache__" {
                continue;
            }
            let what = std::fs::symlink_metadata(sandbox.at(&path)).unwrap();
            let shown = site(sandbox, &sandbox.tokens(&path));
            let mode = what.permissions().mode() & 0o7777;
            if what.is_symlink() {
                let to = std::fs::read_link(sandbox.at(&path)).unwrap();
                let to = site(sandbox, &sandbox.tokens(to.to_str().unwrap()));
                let _ = writeln!(tree, "link {shown} to {to}");
            } else if what.is_dir() {
                let _ = writeln!(tree, "{mode:04o} d {shown}");
                if !name.ends_with(".egg") {
                    directories.push(path);
                }
            } else {
                let _ = writeln!(tree, "{mode:04o} f {shown}");
                files.insert(shown, site(sandbox, &sandbox.read(&path)));
            }
        }
    }
    let mut lines: Vec<&str> = tree.lines().collect();
    lines.sort_unstable();
    let tree = lines
        .iter()
        .fold(String::new(), |out, line| out + line + "\n");
    (files, tree)
}

/// With a token for the interpreter's own packages.
fn site(sandbox: &Sandbox, text: &str) -> String {
    let python = Path::new(&sandbox.python.executable);
    let environment = python.parent().and_then(Path::parent).unwrap().display();
    let version = &sandbox.python.version;
    text.replace(
        &format!("{environment}/lib/python{version}/site-packages"),
        "[SITE]",
    )
}

/// Without what the index has on offer: its addresses are not ours to record.
fn without_index(stdout: &str) -> String {
    let lines = stdout.split_inclusive('\n');
    lines
        .filter(|line| {
            !line.starts_with("root: Reading ") && !line.starts_with("root: Downloading ")
        })
        .collect()
}

/// Without what differs by the code that runs a recipe: the frames of a traceback, warnings of Python.
fn essential(stderr: &str) -> String {
    let mut out = String::new();
    let mut frames = false;
    let mut lines = stderr.lines().peekable();
    while let Some(line) = lines.next() {
        if line.contains("Warning: ") && lines.peek().is_some_and(|next| next.starts_with("  ")) {
            lines.next();
            continue;
        }
        frames = line.starts_with("Traceback ") || frames && line.starts_with("  ");
        if !frames {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

/// What differs between a record and what was seen.
fn compare(case: &Case, seen: &[Expected]) -> String {
    let mut wrong = String::new();
    for (step, seen) in case.steps.iter().zip(seen) {
        let expected = &step.expected;
        let mut look = |what: &str, want: &str, got: &str| {
            if let Some(difference) = difference(what, want, got) {
                let _ = write!(wrong, "run {}: {difference}", step.arguments);
            }
        };
        look("stderr", &expected.stderr, &seen.stderr);
        look("stdout", &expected.stdout, &seen.stdout);
        look("exit", &expected.exit.to_string(), &seen.exit.to_string());
        let tree = |outcome: &Expected| outcome.tree.clone().unwrap_or_default();
        look("tree", &tree(expected), &tree(seen));
        let list = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        look(
            "files that are new or other ones",
            &list(&expected.files).join("\n"),
            &list(&seen.files).join("\n"),
        );
        for (path, text) in &expected.files {
            look(path, text, seen.files.get(path).map_or("", String::as_str));
        }
        look(
            "files that are gone",
            &expected.gone.join("\n"),
            &seen.gone.join("\n"),
        );
    }
    wrong
}

#[track_caller]
fn is_as_recorded(name: &str, sandbox: &Sandbox) {
    let case = recorded(name);
    let wrong = compare(
        &case,
        &outcomes(&case, sandbox, &|words| sandbox.run(words)),
    );
    assert_eq!(wrong, "", "{name}");
}

#[test]
fn sections_ask_for_one_another() {
    let Some(python) = pythons::with_stand_in() else {
        return;
    };
    is_as_recorded("nesting", &copy("nesting", python.clone()));
}

#[test]
fn recipes_make_sections() {
    let Some(python) = pythons::with_stand_in() else {
        return;
    };
    is_as_recorded("made-sections", &copy("made-sections", python.clone()));
}

/// What the record's own environment held.
const ENVIRONMENT: &[&str] = &[
    "collective.recipe.supervisor==2.0.0",
    "packaging==26.3",
    "pip==25.3",
    "platformdirs==4.14.7",
    "setuptools==80.9.0",
    "wheel==0.45.1",
    "zc.buildout==6.0.1",
    "zc.recipe.egg==6.0.0",
];

/// Needs the network; `NO_NETWORK=1` leaves it out.
#[test]
fn many_recipes_share_a_buildout() {
    if no_network() {
        return;
    }
    if let Some(python) = pythons::with_packages("many-recipes", ENVIRONMENT) {
        is_as_recorded(WITH_INDEX, &copy(WITH_INDEX, python).with_network());
    }
}

#[test]
fn records_are_those_of_zc_buildout() {
    let Some((real, python)) = pythons::with_zc_buildout() else {
        return;
    };
    let with_index = (!no_network()).then_some(WITH_INDEX);
    for name in ALONE.iter().copied().chain(with_index) {
        let case = recorded(name);
        let mut sandbox = copy(name, python.clone());
        if name == WITH_INDEX {
            sandbox = sandbox.with_network();
        }
        let seen = outcomes(&case, &sandbox, &|words| sandbox.start(&real, words));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(folder(name).join("recorded.txt"), case.render(&seen)).unwrap();
        } else {
            assert_eq!(compare(&case, &seen), "", "{name}");
        }
    }
}

fn no_network() -> bool {
    let off = std::env::var_os("NO_NETWORK").is_some();
    if off {
        eprintln!("SKIPPED: NO_NETWORK is set");
    }
    off
}

#[test]
fn every_zc_buildout_does_the_same() {
    let mut wrong = String::new();
    for (real, python) in environments() {
        for name in ALONE {
            let mut case = recorded(name);
            let theirs = copy(name, python.clone());
            let seen = outcomes(&case, &theirs, &|words| theirs.start(&real, words));
            for (step, seen) in case.steps.iter_mut().zip(seen) {
                step.expected = seen;
            }
            let ours = copy(name, python.clone());
            let differences = compare(&case, &outcomes(&case, &ours, &|words| ours.run(words)));
            if !differences.is_empty() {
                let _ = writeln!(wrong, "{real}: {name}: {differences}");
            }
        }
    }
    assert_eq!(wrong, "");
}

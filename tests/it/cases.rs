//! The recorded cases: fixtures/cases/*.txt, run one after the other in fresh directories.
//!
//! `UPDATE=1` writes what came out into the cases that are recorded from rbuildout itself, never into others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::case_file::{Case, Expected, Section, Shown};
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::texts::{difference, without_own};

/// Cases whose files others refer to by `--- as NAME`.
const SHOWN: &[&str] = &["minimal", "plugins-superlance"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".txt").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn read(name: &str) -> (String, Case) {
    let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    let case = Case::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    (text, case)
}

fn shown() -> Shown {
    SHOWN
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                read(name).1.steps.remove(0).expected.files,
            )
        })
        .collect()
}

fn change(sandbox: &mut Sandbox, section: &Section) {
    let (verb, rest) = section.title.split_once(' ').unwrap();
    let (path, text) = section.file(verb).unwrap();
    let at = sandbox.at(path);
    match verb {
        "write" => sandbox.write(path, text),
        "append" => {
            let before = std::fs::read_to_string(&at).unwrap();
            std::fs::write(&at, before + text).unwrap();
        }
        "replace" => {
            let (from, to) = text.trim_end().split_once('\n').unwrap();
            let before = std::fs::read_to_string(&at).unwrap();
            assert!(before.contains(from), "{path} has no {from:?}");
            std::fs::write(&at, before.replace(from, to)).unwrap();
        }
        "remove" => std::fs::remove_file(&at)
            .or_else(|_| std::fs::remove_dir_all(&at))
            .unwrap(),
        "make-directory" => std::fs::create_dir_all(&at).unwrap(),
        "link" => std::os::unix::fs::symlink(sandbox.filled(text.trim_end()), &at).unwrap(),
        "umask" => sandbox.umask(rest),
        "chmod" => {
            let (mode, path) = rest.split_once(' ').unwrap();
            let mode = u32::from_str_radix(mode, 8).unwrap();
            std::fs::set_permissions(sandbox.at(path), std::fs::Permissions::from_mode(mode))
                .unwrap();
        }
        _ => panic!("unknown change {verb}"),
    }
}

/// What a case's runs left, and what was wrong with them.
fn run(case: &Case, shown: &Shown) -> (Vec<Expected>, String) {
    let python = pythons::isolated().unwrap().clone();
    let all = |names: &[String]| {
        names
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (eggs, wheels) = (all(&case.eggs), all(&case.wheels));
    let mut sandbox =
        Sandbox::with(python, &case.directory).eggs(&eggs.split_whitespace().collect::<Vec<_>>());
    if !wheels.is_empty() {
        sandbox = sandbox.wheels("packages", &wheels.split_whitespace().collect::<Vec<_>>());
    }
    let (mut outcomes, mut wrong) = (Vec::new(), String::new());
    for (number, step) in case.steps.iter().enumerate() {
        for section in &step.changes {
            change(&mut sandbox, section);
        }
        let before = sandbox.files();
        let arguments = sandbox.filled(&step.arguments);
        let ran = sandbox.run(&arguments.split_whitespace().collect::<Vec<_>>());
        let (files, tree) = (sandbox.files(), sandbox.tree());
        let expected = &step.expected;
        let mut look = |what: &str, want: &str, got: &str| {
            if let Some(difference) = difference(what, want, got) {
                let _ = write!(wrong, "run {}: {difference}", number + 1);
            }
        };
        let stderr = if case.real {
            without_own(&ran.stderr)
        } else {
            ran.stderr.clone()
        };
        look("stderr", &expected.stderr, &stderr);
        look("stdout", &expected.stdout, &ran.stdout);
        look("exit", &expected.exit.to_string(), &ran.code.to_string());
        if let Some(wanted) = &expected.tree {
            look("tree", wanted, &tree);
        }
        let wanted = expected.wanted(&before, shown);
        let list =
            |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>().join("\n");
        look("list of files", &list(&wanted), &list(&files));
        for (path, text) in wanted.iter().filter(|(path, _)| files.contains_key(*path)) {
            look(path, text, &files[path]);
        }
        outcomes.push(outcome(
            &before,
            files,
            shown,
            Expected {
                stdout: ran.stdout,
                stderr,
                exit: ran.code,
                tree: expected.tree.as_ref().map(|_| tree),
                ..Expected::default()
            },
        ));
    }
    (outcomes, wrong)
}

/// With what became of the files.
fn outcome(
    before: &BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    shown: &Shown,
    mut out: Expected,
) -> Expected {
    out.gone = before
        .keys()
        .filter(|path| !files.contains_key(*path))
        .cloned()
        .collect();
    let mut like: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in files {
        if before.get(&path) == Some(&text) {
            continue;
        }
        match shown
            .iter()
            .find(|(_, files)| files.get(&path) == Some(&text))
        {
            Some((name, _)) => like.entry(name.clone()).or_default().push(path),
            None => drop(out.files.insert(path, text)),
        }
    }
    out.like = like.into_iter().collect();
    out
}

#[test]
fn recorded_cases() {
    if pythons::isolated().is_none() {
        return;
    }
    let (names, shown) = (names(), shown());
    let update = std::env::var_os("UPDATE").is_some();
    let wanted = std::env::var("CASE").ok();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if wanted.as_ref().is_some_and(|wanted| wanted != name) {
                        continue;
                    }
                    let (text, case) = read(name);
                    let (outcomes, found) = run(&case, &shown);
                    if update && !case.real {
                        let rendered = case.render(&outcomes);
                        if rendered != text {
                            std::fs::write(folder().join(format!("{name}.txt")), rendered).unwrap();
                        }
                    } else if !found.is_empty() {
                        wrong.lock().unwrap().insert(name.clone(), found);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let told = wrong.iter().fold(String::new(), |out, (name, found)| {
        out + name + ": " + found + "\n"
    });
    assert!(
        wrong.is_empty(),
        "{told}{} of {} cases differ",
        wrong.len(),
        names.len()
    );
}

#[test]
fn a_wrong_case_is_told() {
    let Some(_) = pythons::isolated() else { return };
    let text = std::fs::read_to_string(folder().join("minimal.txt")).unwrap();
    for (what, right, wrong) in [
        ("conf", "logfile_backups = 10", "logfile_backups = 11"),
        (
            "output",
            "Installing supervisor.",
            "Installing supervisors.",
        ),
        ("a file more", "--- bin/supervisorctl", "--- bin/another"),
        ("an exit code", "--- stdout", "--- exit 3\n--- stdout"),
        (
            "a mode",
            "0644 f parts/supervisor",
            "0600 f parts/supervisor",
        ),
    ] {
        assert!(text.contains(right), "{what}: {right} is not in the case");
        let case = Case::parse(&text.replace(right, wrong)).unwrap();
        assert_ne!(run(&case, &shown()).1, "", "{what} went unseen");
    }
}

#[test]
fn cases_are_written_as_they_are_read() {
    for name in names() {
        let (text, case) = read(&name);
        let expected: Vec<_> = case
            .steps
            .iter()
            .map(|step| step.expected.clone())
            .collect();
        crate::support::texts::same(&name, &text, &case.render(&expected));
    }
}

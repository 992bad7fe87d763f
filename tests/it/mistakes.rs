//! The mistakes that people make, one folder each in `mistakes/`: a buildout.cfg, and what `rbuildout check` says of it.
//!
//! Each can be run by hand: go into the folder and say `rbuildout check`. `[ROOT]` in expected.txt is the folder's path.
//! With UPDATE=1 the tests write what is said now into expected.txt.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::support::sandbox::Sandbox;
use crate::support::texts::difference;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mistakes")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The files of a folder, below it.
fn files(of: &Path, below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(of.join(below)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        if of.join(&path).is_dir() {
            found.extend(files(of, &path));
        } else if path != "expected.txt" && path != "fixed.cfg" {
            found.push((
                path.clone(),
                std::fs::read_to_string(of.join(&path)).unwrap(),
            ));
        }
    }
    found
}

fn sandbox(name: &str) -> Option<Sandbox> {
    let mut sandbox = Sandbox::new()?;
    for (path, text) in files(&folder().join(name), "") {
        sandbox = sandbox.file(&path, &text);
    }
    Some(sandbox)
}

/// What hangs on the environment of who runs it.
fn without_environment(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.split_once("Available names: ") {
            Some((before, after)) => {
                let end = after.find(" in section").unwrap_or(after.len() - 1);
                out.push_str(&format!("{before}Available names: …{}", &after[end..]));
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Ids that come out as another's finding: one rule sees several mistakes.
const SEEN_AS: &[(&str, &str)] = &[("S14", "S13"), ("S15", "S13"), ("S42", "S02")];

#[test]
fn each_is_found_at_its_place() {
    let mut wrong = Vec::new();
    for name in names() {
        let Some(sandbox) = sandbox(&name) else {
            return;
        };
        let uid = std::fs::metadata(sandbox.at("buildout.cfg")).unwrap().uid();
        if name == "S41" && uid != 0 {
            eprintln!("S41 is skipped: only root would run supervisord as root");
            continue;
        }
        let ran = sandbox.run(&["check"]);
        assert_eq!(ran.stderr, "", "{name}");
        let told = without_environment(&ran.stdout);
        let path = folder().join(&name).join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        wrong.extend(difference(&name, &expected, &told));
        let errors = expected.contains("rbuildout: error[");
        assert_eq!(ran.code, i32::from(errors), "{name}: exit status");
        let id = name.split('-').next().unwrap();
        let id = SEEN_AS
            .iter()
            .find(|(seen, _)| *seen == id)
            .map_or(id, |s| s.1);
        let lines: Vec<&str> = expected.lines().collect();
        let placed = lines
            .windows(2)
            .any(|pair| pair[0].contains(&format!("[{id}]: ")) && pair[1].starts_with("  --> "));
        assert!(placed, "{name}: no finding {id} with a place");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn none_is_left_out() {
    let all = (1..=23)
        .map(|n| format!("R{n:02}"))
        .chain((1..=42).map(|n| format!("S{n:02}")));
    let there: BTreeSet<String> = names().into_iter().collect();
    let missing: Vec<String> = all.filter(|id| !there.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Nothing is written where nothing may be.
#[test]
fn looking_changes_nothing() {
    let Some(sandbox) = sandbox("R14") else {
        return;
    };
    let before = sandbox.tree();
    sandbox.run(&["check"]);
    assert_eq!(sandbox.tree(), before);
}

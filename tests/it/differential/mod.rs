//! Generated configurations, read by rbuildout and by zc.buildout: `annotate` and errors have to be the same.
//!
//! `cargo test` compares with fixtures/differential/cases.json, what zc.buildout 6.0.1 on CPython 3.11 of Linux made of 200
//! of them. With RBUILDOUT_ORACLE_PYTHON (a Python that has zc.buildout) it compares live: RBUILDOUT_DIFFERENTIAL_CASES of
//! them (2,000), from RBUILDOUT_DIFFERENTIAL_SEED on; RBUILDOUT_DIFFERENTIAL_RECORD=1 writes the fixture anew.

mod distributions;
mod generator;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use generator::{Case, NO_UTF_8, case};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Outcome {
    status: i32,
    stdout: String,
    stderr: String,
}

#[derive(Serialize, Deserialize)]
struct Recorded {
    case: Case,
    outcome: Outcome,
}

/// Puts a case's files under a directory.
fn place(case: &Case, root: &Path) {
    fs::create_dir_all(root.join("home")).unwrap();
    fs::create_dir_all(root.join("project/eggs/v5")).unwrap();
    for (name, text) in &case.files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        for (index, piece) in text.split(NO_UTF_8).enumerate() {
            bytes.extend((index > 0).then_some(0xff));
            bytes.extend(piece.as_bytes());
        }
        fs::write(path, bytes).unwrap();
    }
}

fn run_ours(case: &Case, root: &Path, python: &str) -> Outcome {
    let ended = Command::new(env!("CARGO_BIN_EXE_rbuildout"))
        .args(&case.arguments)
        .current_dir(root.join("project"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", root.join("home"))
        .env("RBUILDOUT_PYTHON", python)
        .env(
            "RBUILDOUT_CACHE_DIR",
            std::env::temp_dir().join("rbuildout-differential"),
        )
        .output()
        .unwrap();
    Outcome {
        status: ended.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
    }
}

/// What is compared: paths without the directory of the test, of errors zc.buildout's lines alone, of its internal errors
/// only that there was one.
fn comparable(mut outcome: Outcome, root: &Path) -> Outcome {
    let root = root.to_string_lossy();
    outcome.stdout = outcome.stdout.replace(&*root, "[ROOT]");
    let mut kept = String::new();
    let mut own = false;
    for line in outcome.stderr.lines() {
        own = line.starts_with("rbuildout: ") || own && line.starts_with("  ");
        if !own {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    outcome.stderr = kept.replace(&*root, "[ROOT]").trim_end().to_owned();
    outcome
}

const INTERNAL: &str = "An internal error occurred";

/// The end of a traceback, from the name of the exception on.
fn exception(traceback: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in traceback.lines().rev() {
        kept.push(line);
        let name = line.split(": ").next().unwrap_or("");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        if name.ends_with("Error") && name.chars().all(is_name) {
            break;
        }
    }
    kept.reverse();
    kept.join("\n")
}

/// What differs, in words; none where the two agree.
fn difference(theirs: &Outcome, ours: &Outcome) -> Option<String> {
    if ours.stderr.contains("panicked") {
        return Some(format!("a panic: {}", ours.stderr));
    }
    if theirs.status != ours.status {
        return Some(format!(
            "status {} and {}: {} {}",
            theirs.status, ours.status, theirs.stderr, ours.stderr
        ));
    }
    if theirs.stdout != ours.stdout {
        return Some(format!(
            "--- zc.buildout\n{}--- rbuildout\n{}",
            theirs.stdout, ours.stdout
        ));
    }
    let internal = theirs.stderr.starts_with(INTERNAL);
    let told = [
        "ParsingError: ",
        "SectionHeaderError: ",
        "FileNotFoundError: ",
    ];
    if internal && told.iter().any(|name| theirs.stderr.contains(name)) {
        // What it says is a mistake of the user all the same, and has to be told as such.
        let said = |stderr: &str| {
            stderr
                .split_once("Error: ")
                .map(|(_, said)| said.to_owned())
        };
        if said(&theirs.stderr) != said(&ours.stderr) {
            return Some(format!(
                "--- zc.buildout\n{}\n--- rbuildout\n{}",
                theirs.stderr, ours.stderr
            ));
        }
    }
    if theirs.status != 0 && !internal && theirs.stderr != ours.stderr {
        return Some(format!(
            "--- zc.buildout\n{}\n--- rbuildout\n{}",
            theirs.stderr, ours.stderr
        ));
    }
    None
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/differential/cases.json")
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn compare(cases: &[(Case, Outcome)], python: &str) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let mut differences = Vec::new();
    for (case, theirs) in cases {
        let place_of_case = root.join(case.seed.to_string());
        place(case, &place_of_case);
        let ours = comparable(run_ours(case, &place_of_case, python), &place_of_case);
        if let Some(difference) = difference(theirs, &ours) {
            differences.push(format!(
                "case {}: {:?}\n{:#?}\n{difference}\n",
                case.seed, case.arguments, case.files
            ));
        }
        fs::remove_dir_all(place_of_case).unwrap();
    }
    let total = cases.len();
    for difference in differences.iter().take(5) {
        eprintln!("{difference}");
    }
    assert!(
        differences.is_empty(),
        "{} of {total} cases differ",
        differences.len()
    );
}

/// What zc.buildout makes of the cases.
fn ask_oracle(python: &str, cases: Vec<Case>) -> Vec<(Case, Outcome)> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let mut questions = Vec::new();
    for case in &cases {
        let place_of_case = root.join(case.seed.to_string());
        place(case, &place_of_case);
        questions.push(serde_json::json!({
            "directory": place_of_case.join("project"),
            "home": place_of_case.join("home"),
            "arguments": case.arguments,
        }));
    }
    let mut oracle = Command::new(python)
        .args(["-c", include_str!("oracle.py")])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = serde_json::to_vec(&questions).unwrap();
    oracle.stdin.take().unwrap().write_all(&question).unwrap();
    let answer = oracle.wait_with_output().unwrap();
    assert!(answer.status.success());
    let outcomes: Vec<Outcome> = serde_json::from_slice(&answer.stdout).unwrap();
    cases
        .into_iter()
        .zip(outcomes)
        .map(|(case, outcome)| {
            let place_of_case = root.join(case.seed.to_string());
            let mut outcome = comparable(outcome, &place_of_case);
            if outcome.stderr.contains(INTERNAL) {
                outcome.stderr = format!("{INTERNAL}\n{}", exception(&outcome.stderr));
            }
            (case, outcome)
        })
        .collect()
}

/// The interpreter itself, not a script that looks for it: it is named in every run.
fn python3_11() -> Option<String> {
    let named = std::env::var("RBUILDOUT_TEST_PYTHON").ok();
    let names = named
        .iter()
        .map(String::as_str)
        .chain(["python3.11", "python3"]);
    let question = "import sys; sys.version_info[:2] == (3, 11) and print(sys.executable)";
    names.into_iter().find_map(|name| {
        let ended = Command::new(name).args(["-c", question]).output().ok()?;
        let path = String::from_utf8(ended.stdout).ok()?.trim().to_owned();
        (!path.is_empty()).then_some(path)
    })
}

#[test]
fn recorded_cases_are_read_as_zc_buildout_reads_them() {
    let Some(python) = python3_11() else {
        eprintln!("SKIPPED: there is no Python 3.11, which the cases were recorded with");
        return;
    };
    let recorded: Vec<Recorded> = serde_json::from_slice(&fs::read(fixture()).unwrap()).unwrap();
    assert_eq!(recorded.len(), 200);
    let cases: Vec<_> = recorded.into_iter().map(|r| (r.case, r.outcome)).collect();
    compare(&cases, &python);
}

#[test]
fn generated_cases_are_read_as_zc_buildout_reads_them() {
    let Ok(python) = std::env::var("RBUILDOUT_ORACLE_PYTHON") else {
        eprintln!(
            "SKIPPED: RBUILDOUT_ORACLE_PYTHON names no Python with zc.buildout; recorded cases are compared alone"
        );
        return;
    };
    let first = variable("RBUILDOUT_DIFFERENTIAL_SEED", 1);
    let count = variable("RBUILDOUT_DIFFERENTIAL_CASES", 2_000);
    let answered = ask_oracle(&python, (first..first + count).map(case).collect());
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (_, outcome) in answered.iter().filter(|(_, outcome)| outcome.status != 0) {
        let said = outcome
            .stderr
            .split_once("Error: ")
            .map_or("", |(_, said)| said);
        *kinds.entry(said.chars().take(24).collect()).or_default() += 1;
    }
    let failed: usize = kinds.values().sum();
    eprintln!("{count} cases, of which {failed} are mistakes to zc.buildout: {kinds:#?}");
    if variable("RBUILDOUT_DIFFERENTIAL_RECORD", 0) == 1 {
        let recorded: Vec<Recorded> = answered
            .iter()
            .take(200)
            .map(|(case, outcome)| Recorded {
                case: case.clone(),
                outcome: outcome.clone(),
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&recorded).unwrap();
        text.push('\n');
        fs::write(fixture(), text).unwrap();
    }
    compare(&answered, &python);
}

//! Generated configurations, read by rbuildout and by zc.buildout: `annotate` and errors have to be the same.
//!
//! `cargo test` compares with fixtures/differential/cases.json, what zc.buildout 6.0.1 on CPython 3.11 of Linux made of 200
//! of them. With RBUILDOUT_ORACLE_PYTHON (a Python that has zc.buildout) it compares live: RBUILDOUT_DIFFERENTIAL_CASES of
//! them (2,000), from RBUILDOUT_DIFFERENTIAL_SEED on; RBUILDOUT_DIFFERENTIAL_RECORD=1 writes the fixture anew.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Case {
    seed: u64,
    files: BTreeMap<String, String>,
    arguments: Vec<String>,
}

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

/// The same numbers everywhere, from a seed. splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const HEADERS: [&str; 32] = [
    "[a]",
    "[b]",
    "[c]",
    "[a]",
    "[b]",
    "[ a ]",
    "[b] # comment",
    "[c];x",
    "[a:python3]",
    "[b:python27]",
    "[c: linux and not windows ]",
    "[a:sys.version_info < (3, 0)]",
    "[b:python_version >= '3'] # x",
    "[c:sys.platform.startswith(('lin', 'win'))]",
    "[a:platform.system() == 'Linux' and bits64]",
    "[b:('\\x23' in 'a\\x23b') == True]",
    "[c:len(os.name) > 3 or cygwin]",
    "[a:re.match('l', sys.platform)]",
    "[buildout]",
    "[b:os_name == 'posix']",
    "[d]",
    "[d:1, 0]",
    "[versions]",
    "[\ta\t:\tpython3\t]\t;",
    "[\u{a0}b\u{a0}]",
    "[a:not (python2 or windows) and linux]",
    "[b:(1)]",
    "[c:'a' 'b' == 'ab']",
    "[a:0x10 == 16 and 1e3 > 999]",
    "[d:sys.version_info[:2] >= (3, 0)]",
    "[b:platform_machine != ''] ; a comment",
    "[c:python_version in '3.10 3.11 3.12']",
];
const ODD_HEADERS: [&str; 20] = [
    "[two words]",
    "[a",
    "[]",
    "[a:]",
    "[a:nonsense]",
    "[b: ]",
    "[a:python3] x",
    "[a{b}]",
    "[a]]",
    "[[a]]",
    "[a:1]]",
    "[a:[1]]",
    "[a:python3]\u{c}",
    " [a]",
    "[a]\u{2028}",
    "[a:1 +]",
    "[a:undefined_name]",
    "[a:1 / 0]",
    "[b:platform_machine != '' ; no comment]",
    "[d:sys_version_info >= (3, 0)]",
];
const NAMES: [&str; 8] = ["x", "y", "z", "long-name", "x.y", "Ü", "x", "y"];
const SIGNS: [&str; 18] = [
    "=",
    " = ",
    " =",
    " -=",
    " += ",
    " +=",
    " -= ",
    " -= ",
    " = ",
    "=",
    "\t+= ",
    "  -=",
    "=",
    "=",
    " = ",
    "\u{a0}=\u{a0}",
    " += ",
    "==",
];
const VALUES: [&str; 26] = [
    "1",
    "2",
    "3",
    "one two",
    "",
    "",
    "a ; b",
    "a # b",
    "${a:x}",
    "$${x}",
    "=",
    "  padded  ",
    "é\u{85}è",
    "1\t2",
    "http://h/p?q=1",
    "x = y",
    "${b:y}",
    "${:x}",
    "${c:z}-${a:y}",
    "${nowhere:x}",
    "${a:nothing}",
    "a\u{2028}b\u{1c}c",
    "\u{feff}x",
    "\u{a0}y\u{a0}",
    "$",
    "\u{c}z\u{b}",
];
const ITEMS: [&str; 20] = [
    "1",
    "2",
    "3",
    "one",
    "  deeper",
    "",
    "",
    "# comment",
    "; comment",
    "x = 1",
    "[a]",
    "\tt",
    "\u{c}",
    "2  ",
    "\u{85}n",
    "3\u{85}4",
    "\u{1f}5",
    "${a:x}",
    "1\u{2029}",
    "\u{feff}1",
];
const ODD_LINES: [&str; 15] = [
    "junk",
    "x: 1",
    "  lone",
    "= 1",
    "+= 1",
    "\u{85}",
    "a b = 1",
    "[x] = 1",
    "\u{c}",
    "\u{feff}x = 1",
    "\u{a0}lone",
    "x\u{85}= 1",
    "<= ",
    "=>",
    "é",
];

fn option(dice: &mut Dice, out: &mut Vec<String>) {
    if dice.one_in(14) {
        out.push(format!(
            "<= {}",
            dice.pick(&["a", "b", "a\n   b", "nowhere", "c"])
        ));
        return;
    }
    if dice.one_in(40) {
        out.push(format!("=> {}", dice.pick(&["a", "b c", ""])));
        return;
    }
    let value = dice.pick(&VALUES);
    out.push(format!("{}{}{value}", dice.pick(&NAMES), dice.pick(&SIGNS)));
    if value.is_empty() || dice.one_in(4) {
        let indent = dice.pick(&["  ", "    ", "\t", " "]);
        for _ in 0..dice.roll(4) {
            let item = dice.pick(&ITEMS);
            let comment = item.starts_with(['#', ';']) && !dice.one_in(3);
            out.push(if item.is_empty() || comment {
                item.to_owned()
            } else {
                format!("{indent}{item}")
            });
        }
    }
}

fn file(dice: &mut Dice, extends: &[&str], optional: bool) -> String {
    let mut lines = Vec::new();
    if dice.one_in(8) {
        lines.push("# first line".to_owned());
    }
    if !extends.is_empty() || dice.one_in(2) {
        lines.push("[buildout]".to_owned());
        match (extends, dice.one_in(2)) {
            ([], _) => {}
            (names, true) => lines.push(format!("extends = {}", names.join(" "))),
            (names, false) => lines.push(format!("extends =\n    {}", names.join("\n    "))),
        }
        if optional {
            lines.push("optional-extends = local.cfg nothing.cfg".to_owned());
        }
        // It is made, and said to be: so a resolved value is seen, with the sections that were copied for it.
        if dice.one_in(5) {
            let value = dice.pick(&[
                "${a:x}",
                "e-${b:y}",
                "e/${c:z}${a:y}",
                "${d:x}",
                "$${a:x}",
                "${:x}",
            ]);
            lines.push(format!("eggs-directory = {value}"));
        }
        if dice.one_in(30) {
            let odd = dice.pick(&[
                "versions = a",
                "versions =",
                "versions = nowhere",
                "newest = no",
                "offline = ${a:x}",
                "log-level = DEBUG",
                "log-level = LOUD",
                "bin-directory = ${a:x}",
                "directory = .",
                "extended-by = x",
                "prefer-final = maybe",
                "socket-timeout = 5",
                "allow-picked-versions = ${b:x}",
                "installed =",
            ]);
            lines.push(odd.to_owned());
        }
        for _ in 0..dice.roll(3) {
            let value = dice.pick(&["1", "2", "parts", ""]);
            lines.push(format!(
                "{}{}{value}",
                dice.pick(&["parts", "x", "y"]),
                dice.pick(&SIGNS)
            ));
        }
    }
    for _ in 0..=dice.roll(5) {
        let odd = dice.one_in(200);
        lines.push(
            dice.pick(if odd { &ODD_HEADERS } else { &HEADERS })
                .to_owned(),
        );
        for _ in 0..dice.roll(5) {
            if dice.one_in(400) {
                lines.push(dice.pick(&ODD_LINES).to_owned());
            } else if dice.one_in(8) {
                lines.push(
                    dice.pick(&["", "# comment", "; comment", "   ", "\t"])
                        .to_owned(),
                );
            } else {
                option(dice, &mut lines);
            }
        }
    }
    let end = match dice.roll(20) {
        0 | 1 => "\r\n",
        2 => "\r",
        3 => "\n\n",
        _ => "\n",
    };
    let mut text = lines.join("\n").replace('\n', end);
    if !dice.one_in(6) {
        text.push_str(end);
    }
    if dice.one_in(200) {
        text.insert(0, '\u{feff}');
    }
    if dice.one_in(200) {
        text.push(NO_UTF_8);
    }
    text
}

/// Stands for the byte 0xff in a file.
const NO_UTF_8: char = '\u{f8ff}';

fn case(seed: u64) -> Case {
    let mut dice = Dice(seed.wrapping_mul(0x1000_0001));
    let mut files = BTreeMap::new();
    let shapes: [[&[&str]; 3]; 8] = [
        [&["base.cfg"], &[], &[]],
        [&["base.cfg", "sub/more.cfg"], &[], &[]],
        [&["base.cfg", "sub/more.cfg"], &["sub/more.cfg"], &[]],
        [&["base.cfg", "base.cfg"], &["sub/more.cfg"], &[]],
        [&[], &[], &[]],
        [&["base.cfg"], &["sub/more.cfg"], &["../local.cfg"]],
        [
            &["sub/more.cfg", "base.cfg"],
            &["local.cfg", "sub/more.cfg"],
            &[],
        ],
        [&["base.cfg"], &["sub/more.cfg"], &["../base.cfg"]],
    ];
    let mut shape = dice.roll(8);
    // Loops are all the same.
    if shape == 7 && !dice.one_in(8) {
        shape = 2;
    }
    let [root, base, more] = shapes[shape];
    for (name, extends) in [
        ("buildout.cfg", root),
        ("base.cfg", base),
        ("sub/more.cfg", more),
        ("local.cfg", &[]),
    ] {
        let optional = name != "local.cfg" && dice.one_in(8);
        files.insert(
            format!("project/{name}"),
            file(&mut dice, extends, optional),
        );
    }
    if dice.one_in(4) {
        let extends: &[&str] = if dice.one_in(3) { &["other.cfg"] } else { &[] };
        files.insert(
            "home/.buildout/default.cfg".to_owned(),
            file(&mut dice, extends, false),
        );
        files.insert(
            "home/.buildout/other.cfg".to_owned(),
            file(&mut dice, &[], false),
        );
    }
    let mut arguments: Vec<String> = Vec::new();
    for _ in 0..dice.roll(3) {
        let assignment = dice.pick(&[
            "a:x=9",
            "a:x+=9",
            "b:y-=1",
            "buildout:y = 2",
            "x+=1",
            "new:o=1",
            "c:z +=3",
            "-v",
            "-U",
            "a:<=b",
            "b:<=a",
            "a:x-=1",
            "a:x=",
            "c:y=${a:x}",
            "buildout:eggs-directory=${c:y}",
            "buildout:extends=base.cfg local.cfg",
            "buildout:parts-=1",
            "a:é=ü",
            "a:x=1=2",
            "-N",
            "-o",
            "-vv",
            "-q",
        ]);
        arguments.push(assignment.to_owned());
    }
    if dice.one_in(12) {
        arguments.push("buildout:extends=local.cfg".to_owned());
    }
    if dice.one_in(8) {
        arguments.push("query".to_owned());
        arguments.push(
            dice.pick(&[
                "a:x",
                "b:y",
                "x",
                "a:nothing",
                "nowhere:x",
                "a:b:c",
                "versions",
            ])
            .to_owned(),
        );
    } else {
        for argument in ["annotate", "a", "b", "c", "d", "new", "two", "versions"] {
            arguments.push(argument.to_owned());
        }
    }
    Case {
        seed,
        files,
        arguments,
    }
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
                "case {}: {:?}\n{difference}\n",
                case.seed, case.arguments
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

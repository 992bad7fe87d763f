//! `rbuildout explain`: each finding has its page, and each page shows the mistake that it is about.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rbuildout::cli::pages::{PAGES, ids};
use serde_json::Value;

use crate::support::sandbox::PROGRAM;

/// What stands before the example of a page that is no whole file.
const AROUND: &str = "[supervisord]
[unix_http_server]
file = %(here)s/s.sock
chmod = 0700
[supervisorctl]
serverurl = unix://%(here)s/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
";

/// Examples that are about other files too.
const BESIDE: &[(&str, &str)] = &[
    ("R22", ".installed.cfg"),
    ("R22", "conf/s.conf"),
    ("S40", "extra.conf"),
];

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn pages_chapters_and_odd_ids() {
    let page = run(&["explain", "S13"]);
    let file = std::fs::read_to_string(root().join("docs/checks/S13.md")).unwrap();
    assert_eq!(
        (page.status.code(), text(&page.stdout)),
        (Some(0), file.clone())
    );
    assert_eq!(text(&run(&["explain", "error[s13]:"]).stdout), file);
    let page = text(&run(&["explain", "r01"]).stdout);
    assert!(page.starts_with("# R01: `True` is taken "), "{page}");
    let chapter = text(&run(&["explain", "program-args"]).stdout);
    assert!(
        chapter.starts_with("# program-args\n\n`10 web "),
        "{chapter}"
    );
    assert!(
        chapter.ends_with("They stand right after the command.\n"),
        "{chapter}"
    );
    for (arguments, words) in [
        (
            vec!["explain"],
            "The explain command requires a single argument.",
        ),
        (
            vec!["explain", "a", "b"],
            "The explain command requires a single argument.",
        ),
        (vec!["explain", "S99"], "Nothing is known about S99"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(words) && output.stdout.is_empty(), "{said}");
    }
}

/// All ids in the rules of supervisor: they are literals of one form.
fn ids_of_rules() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("src/supervisord")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for word in text.split('"') {
            let digits = word.get(1..).unwrap_or_default();
            let numbered = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            if numbered && (word.starts_with('S') || word.starts_with('R')) {
                found.insert(word.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_finding_has_a_page_and_every_page_is_listed() {
    let known: BTreeSet<&str> = ids().into_iter().collect();
    let rules = ids_of_rules();
    assert!(rules.len() > 40, "{rules:?}");
    for id in &rules {
        assert!(known.contains(id.as_str()), "no page about {id}");
    }
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("docs/checks")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        files.insert(name.strip_suffix(".md").unwrap().to_owned());
    }
    let listed: BTreeSet<String> = PAGES.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(files, listed);
    for id in ids() {
        let has_number = id.len() == 3 && id[1..].bytes().all(|b| b.is_ascii_digit());
        assert!(!has_number || listed.contains(id), "no page of {id}");
    }
    let overview = std::fs::read_to_string(root().join("docs/checks.md")).unwrap();
    for id in listed {
        assert!(
            overview.contains(&format!("[{id}](checks/{id}.md)")),
            "{id}"
        );
        // One that no rule has is part of another, and says so; words are ids of checks of a configuration.
        let is_known =
            rules.contains(&id) || id == "S14" || overview.contains(&format!("\n### {id}\n"));
        assert!(is_known, "{id}");
    }
}

/// The example with what every supervisord.conf has.
fn conf(id: &str, example: &str) -> String {
    if example.contains("[supervisord]") || id == "S43" {
        return example.to_owned();
    }
    format!("{AROUND}{example}")
}

/// The example with its sections as parts, where it has no others.
fn configuration(example: &str) -> String {
    if example.contains("[buildout]") {
        return example.to_owned();
    }
    let sections = example.lines().filter_map(|line| line.strip_prefix('['));
    let names: Vec<&str> = sections
        .filter_map(|line| line.split([']', ':']).next())
        .collect();
    format!("[buildout]\nparts = {}\n{example}", names.join(" "))
}

/// Puts the files beside an example that it needs: those of the same mistake in tests/it/mistakes/.
fn files_beside(id: &str, directory: &Path) {
    for (_, file) in BESIDE.iter().filter(|(of, _)| *of == id) {
        let copy = directory.join(file);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let file = root().join("tests/it/mistakes").join(id).join(file);
        std::fs::copy(file, copy).unwrap();
    }
}

#[test]
fn the_example_of_a_page_has_its_finding() {
    let rules = ids_of_rules();
    for (id, page) in PAGES {
        assert!(page.starts_with(&format!("# {id}: ")), "{id}");
        for part in ["**What happens.** ", "**Why.** ", "**What to do.** "] {
            assert_eq!(page.matches(part).count(), 1, "{id}: {part}");
        }
        let example = page.split("```ini\n").nth(1).unwrap();
        let example = example.split("```").next().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let name = directory.path().join("example");
        if *id == "S41" && std::fs::metadata(directory.path()).unwrap().uid() != 0 {
            eprintln!("S41 is skipped: only root would run supervisord as root");
            continue;
        }
        files_beside(id, directory.path());
        let name = name.to_str().unwrap();
        let is_of_a_conf = id.starts_with('S') && (rules.contains(*id) || *id == "S14");
        let arguments = if is_of_a_conf {
            std::fs::write(name, conf(id, example)).unwrap();
            ["check", "--conf", name]
        } else {
            std::fs::write(name, configuration(example)).unwrap();
            ["-c", name, "check"]
        };
        let report = run(&[&arguments[..], &["--format", "json"]].concat());
        let report: Value = serde_json::from_slice(&report.stdout).unwrap();
        let found: BTreeSet<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["id"].as_str().unwrap())
            .collect();
        let wanted = if *id == "S14" { "S13" } else { id };
        assert!(found.contains(wanted), "{id}: {found:?}");
    }
}

/// The fields of a chapter: name and type.
fn fields(chapter: &str) -> Vec<(String, String)> {
    let document = std::fs::read_to_string(root().join("docs/check-json.md")).unwrap();
    let text = document.split(&format!("\n## {chapter}\n")).nth(1).unwrap();
    let text = text.split("\n## ").next().unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let name = cells.next().unwrap().trim_matches('`').to_owned();
        (name, cells.next().unwrap().to_owned())
    })
    .collect()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// An object has the fields that are documented, of their types, and no other.
fn is_as_documented(chapter: &str, object: &Value) {
    let object = object.as_object().unwrap();
    let fields = fields(chapter);
    for (name, kinds) in &fields {
        let kind = object.get(name).map_or("absent", type_of);
        assert!(
            kinds.split(" or ").any(|known| known == kind),
            "{chapter}: {name} is {kind}, documented as {kinds}"
        );
    }
    for name in object.keys() {
        assert!(
            fields.iter().any(|(known, _)| known == name),
            "{chapter}: {name}"
        );
    }
}

#[test]
fn the_json_is_as_documented() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.conf");
    let more = "[inet_http_server:two]\nport = 9001\n\
        [program:web]\ncommand = /bin/cat\ndirectory = /\numask = 022\nuser = root\nserverurl = http://h\n\
        stdout_logfile = NONE\nautorestart = false\n[group:g]\nprograms = web\n\
        [eventlistener:m]\ncommand = /bin/cat\nevents = TICK_5\n\
        [fcgi-program:f]\ncommand = /bin/cat\nsocket = tcp://h:1\n";
    let check = |conf: String| -> Value {
        std::fs::write(&path, conf).unwrap();
        let report = run(&[
            "check",
            "--conf",
            path.to_str().unwrap(),
            "--format",
            "json",
        ]);
        serde_json::from_slice(&report.stdout).unwrap()
    };
    let report = check(format!("{AROUND}{more}"));
    assert_eq!(report.as_object().unwrap().len(), 2);
    let model = &report["model"];
    is_as_documented("The model", model);
    is_as_documented("supervisorctl", &model["supervisorctl"]);
    let groups = model["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 3);
    for group in groups {
        is_as_documented("A group", group);
        for process in group["processes"].as_array().unwrap() {
            is_as_documented("A process", process);
        }
    }
    assert_eq!(model["http"].as_array().unwrap().len(), 2);
    for server in model["http"].as_array().unwrap() {
        is_as_documented("A server", server);
    }
    // One that is refused.
    let refused = check("[supervisord]\nnodaemon = maybe\nzzz = 1\n".to_owned());
    let keys: Vec<&String> = refused["model"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["supervisorctl"]);
    for finding in [&report, &refused]
        .iter()
        .flat_map(|r| r["findings"].as_array().unwrap())
    {
        is_as_documented("A finding", finding);
    }
    assert!(refused["findings"].as_array().unwrap().len() > 2);
}

#[test]
fn the_readme_shows_what_check_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let chapter = readme.split("## What check finds").nth(1).unwrap();
    let block = |fence: &str| {
        let rest = chapter.split(fence).nth(1).unwrap();
        rest.split("```").next().unwrap().to_owned()
    };
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("supervisord.conf"), block("```ini\n")).unwrap();
    let output = Command::new(PROGRAM)
        .args(["check", "--conf", "supervisord.conf"])
        .current_dir(directory.path())
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(text(&output.stdout), block("```text\n"));
    assert_eq!(output.status.code(), Some(1));
}

//! `rbuildout explain`: each finding has its page, and each page shows the mistake that it is about.

use std::collections::BTreeSet;
use std::path::PathBuf;
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
    let chapter = text(&run(&["explain", "R01"]).stdout);
    assert!(chapter.starts_with("# R01\n\n`10 web "), "{chapter}");
    assert!(chapter.ends_with("Write `true`.\n"), "{chapter}");
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
    let overview = std::fs::read_to_string(root().join("docs/checks.md")).unwrap();
    for id in listed {
        assert!(
            overview.contains(&format!("[{id}](checks/{id}.md)")),
            "{id}"
        );
        // One that no rule has is part of another, and says so.
        assert!(rules.contains(&id) || id == "S14", "{id}");
    }
}

#[test]
fn the_example_of_a_page_has_its_finding() {
    for (id, page) in PAGES {
        assert!(page.starts_with(&format!("# {id}: ")), "{id}");
        for part in ["**What happens.** ", "**Why.** ", "**What to do.** "] {
            assert_eq!(page.matches(part).count(), 1, "{id}: {part}");
        }
        let example = page.split("```ini\n").nth(1).unwrap();
        let example = example.split("```").next().unwrap();
        let whole = example.contains("[supervisord]") || *id == "S43";
        let conf = if whole {
            example.to_owned()
        } else {
            format!("{AROUND}{example}")
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s.conf");
        std::fs::write(&path, conf).unwrap();
        let path = path.to_str().unwrap();
        let report = run(&["check", "--conf", path, "--format", "json"]);
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

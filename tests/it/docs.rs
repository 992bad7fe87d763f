//! The documentation tells the truth: its examples run, its lists are whole, its links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rbuildout::cli::commands::COMMANDS;
use rbuildout::config::defaults;
use rbuildout::recipes::RECIPES;

use crate::support::sandbox::{PROGRAM, Sandbox};
use crate::support::wheels::sample;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// README.md and all of docs/.
fn documents() -> Vec<String> {
    let mut names = vec!["README.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.sort();
    names
}

/// Headings without their signs, code quotes and what is in fenced blocks.
fn headings(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with('#') {
            found.push(line.trim_start_matches('#').trim().replace('`', ""));
        }
    }
    found
}

/// A fenced block: the line it begins on, the words behind the fence, its text.
struct Block {
    line: usize,
    info: String,
    text: String,
}

/// What a document holds, as far as examples go.
enum Piece {
    Heading,
    Block(Block),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    line: index + 1,
                    info: info.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => found.extend(open.take().map(Piece::Block)),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) if line.starts_with('#') => found.push(Piece::Heading),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is never closed");
    found
}

/// What docs/language.md calls the directory of the buildout.
const SITE: &str = "/srv/site";

/// In docs/language.md the blocks `cfg [FILE]` of a chapter are its files (buildout.cfg where none is named), and each
/// block `console` is a command run beside them, with all that it prints.
#[test]
fn examples_of_the_language_run() {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut ran = 0;
    for piece in pieces(&document("docs/language.md")) {
        let block = match piece {
            Piece::Heading => {
                files.clear();
                continue;
            }
            Piece::Block(block) => block,
        };
        let (kind, name) = block.info.split_once(' ').unwrap_or((&block.info, ""));
        match kind {
            "cfg" => {
                let name = if name.is_empty() {
                    "buildout.cfg"
                } else {
                    name
                };
                files.insert(name.to_owned(), block.text);
            }
            "console" => {
                let configuration = files.get("buildout.cfg").expect("no buildout.cfg");
                let Some(sandbox) = Sandbox::configured(configuration) else {
                    return;
                };
                for (name, text) in &files {
                    sandbox.write(name, text);
                }
                // Looking at a configuration makes the eggs directory too; the examples leave that line out.
                if !block.text.contains("eggs/v5") && !block.text.contains("Installing") {
                    std::fs::create_dir_all(sandbox.at("eggs/v5")).unwrap();
                }
                let (command, expected) = block.text.split_once('\n').unwrap();
                let arguments: Vec<&str> = command
                    .strip_prefix("$ rbuildout")
                    .expect("a command of rbuildout")
                    .split_whitespace()
                    .collect();
                let run = sandbox.run(&arguments);
                let printed = format!("{}{}", run.stdout, run.stderr).replace("[ROOT]", SITE);
                assert_eq!(
                    printed.trim(),
                    expected.trim(),
                    "docs/language.md:{}: {command}\n{printed}",
                    block.line
                );
                ran += 1;
            }
            other => panic!("docs/language.md:{}: a block `{other}`", block.line),
        }
    }
    assert!(ran > 10, "only {ran} examples");
}

/// README.md begins with a configuration and two runs; the second with the one line that the text names.
#[test]
fn the_picture_in_the_readme_is_true() {
    let blocks: Vec<Block> = pieces(&document("README.md"))
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Block(block) => Some(block),
            Piece::Heading => None,
        })
        .collect();
    let [configuration, warned, failed, ..] = blocks.as_slice() else {
        panic!("README.md has no picture");
    };
    let (before, _) = configuration.text.split_once("groups = ").unwrap();
    let Some(sandbox) = Sandbox::configured(before) else {
        return;
    };
    sample("supervisor-4.3.0").wheel(&sandbox.at("links"));
    sandbox.write(
        "base.cfg",
        "[buildout]\nfind-links = links\n[versions]\nsupervisor = 4.3.0\n[supervisor]\nrecipe = collective.recipe.supervisor\n\
         programs =\n    10 zeo ${buildout:bin-directory}/zeo [fg] ${buildout:directory} true\n",
    );
    sandbox.run(&[]).succeeds();
    for (groups, expected) in [
        ("groups = 10 plone zeo, instance\n", warned),
        ("groups = plone zeo,instance\n", failed),
    ] {
        sandbox.write("buildout.cfg", &format!("{before}{groups}"));
        // Both streams, in the order in which they were written.
        let words = ["-c", "exec \"$0\" install supervisor 2>&1", PROGRAM];
        let printed = sandbox.start("/bin/sh", &words).stdout;
        let expected = expected.text.split_once('\n').unwrap().1;
        assert_eq!(printed.replace("[ROOT]", "/srv/plone"), expected);
    }
}

#[test]
fn every_command_and_recipe_has_its_chapter() {
    let all: Vec<String> = documents()
        .iter()
        .flat_map(|name| headings(&document(name)))
        .collect();
    for command in COMMANDS {
        let heading = format!("rbuildout {}", command.name);
        assert!(all.contains(&heading), "no chapter `{heading}`");
    }
    let recipes = headings(&document("docs/recipes.md"));
    for recipe in RECIPES {
        for entry in recipe.entries {
            let heading = match *entry {
                "default" => recipe.project.to_owned(),
                entry => format!("{}:{entry}", recipe.project),
            };
            let is_there = recipes
                .iter()
                .any(|h| h.split(", ").any(|one| one == heading));
            assert!(is_there, "no chapter `{heading}` in docs/recipes.md");
        }
    }
}

#[test]
fn every_option_of_buildout_with_a_default_is_documented() {
    let language = document("docs/language.md");
    for name in defaults::names(rbuildout::generation::Generation::NEWEST) {
        assert!(language.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn links_lead_somewhere() {
    for name in documents() {
        let text = document(&name);
        let directory = root().join(&name).parent().unwrap().to_owned();
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                root().join(&name)
            } else {
                directory.join(file)
            };
            assert!(target.exists(), "{name}: {link}");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                let anchors: Vec<String> = headings(&text).iter().map(|h| slug(h)).collect();
                assert!(anchors.iter().any(|a| a == anchor), "{name}: {link}");
            }
        }
    }
}

fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link.to_owned())
        .collect()
}

/// As GitHub names headings.
fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_diagnostic_is_documented_and_no_other() {
    let mut ids = BTreeSet::new();
    for (path, text) in sources() {
        ids.extend(diagnostics(&path, &text));
    }
    let documented: BTreeSet<String> = document("docs/checks.md")
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|heading| heading.replace('`', ""))
        .collect();
    assert_eq!(ids, documented);
}

/// All of src/, without what is compiled for tests only.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut pending = vec![root().join("src")];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                pending.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
                found.push((path, text));
            }
        }
    }
    found
}

/// The ids in one source: the first argument wherever a diagnostic is made, be it a literal or a constant.
fn diagnostics(path: &Path, text: &str) -> Vec<String> {
    let literal = |text: &str| {
        let rest = text.trim_start().strip_prefix('"')?;
        rest.split_once('"').map(|(id, _)| id.to_owned())
    };
    let mut found: Vec<String> = text
        .split("\n    id: ")
        .skip(1)
        .filter_map(literal)
        .collect();
    // What is found in a supervisord.conf has ids of its own, S01 and on.
    if path
        .components()
        .any(|part| part.as_os_str() == "supervisord")
    {
        return Vec::new();
    }
    for maker in [
        "Diagnostic::error(",
        "Diagnostic::warning(",
        "Diagnostic::note(",
        ".hint(",
        " warn(",
        "(warn(",
    ] {
        for rest in text.split(maker).skip(1) {
            if let Some(id) = literal(rest) {
                found.push(id);
                continue;
            }
            let name: String = rest
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                .collect();
            // A parameter: its callers say which.
            if name == "id" || name == "self.id" {
                continue;
            }
            let id = text
                .split(&format!("const {name}: &str ="))
                .nth(1)
                .and_then(literal);
            match id {
                Some(id) => found.push(id),
                None => panic!("{}: which diagnostic is `{name}`?", path.display()),
            }
        }
    }
    found
}

/// Each difference names a test, as `cargo test` calls it.
#[test]
fn every_difference_names_a_test() {
    let mut code = String::new();
    for folder in ["src", "tests/it"] {
        let mut pending = vec![root().join(folder)];
        while let Some(directory) = pending.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    code.push_str(&std::fs::read_to_string(&path).unwrap());
                }
            }
        }
    }
    let mut rows = 0;
    let text = document("docs/compatibility.md");
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        if row.contains("| Test |") {
            continue;
        }
        let test = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
        let name = test.trim_matches('`').rsplit("::").next().unwrap();
        assert!(code.contains(&format!("fn {name}()")), "{row}");
        rows += 1;
    }
    assert!(rows > 10);
}

#[test]
fn every_dependency_says_what_for() {
    let manifest = document("Cargo.toml");
    let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
    let (dependencies, _) = rest.split_once("\n[").unwrap();
    let architecture = document("docs/architecture.md");
    for line in dependencies.lines().filter(|line| !line.is_empty()) {
        let name = line.split([' ', '.']).next().unwrap();
        assert!(architecture.contains(&format!("`{name}`")), "{name}");
    }
}

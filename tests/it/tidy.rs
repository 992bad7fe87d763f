//! What no compiler holds: who imports whom, who touches the disk, the size of files, that lists name what is there.
//!
//! Each check is a function of texts, and a test shows that it finds a wrong text.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Modules of the crate by rank: one imports lower ranks only, and those of rank 0 each other.
const RANKS: &[(&str, u32)] = &[
    ("text", 0),
    ("pystr", 0),
    ("pypath", 0),
    ("wording", 0),
    ("error", 0),
    ("clock", 0),
    ("log", 0),
    ("log_format", 0),
    ("digest", 0),
    ("generation", 0),
    ("sys", 1),
    ("config", 2),
    ("python", 2),
    ("options", 3),
    ("dist", 3),
    ("supervisord", 3),
    ("checks", 4),
    ("scripts", 4),
    ("recipe", 5),
    ("recipes", 6),
    ("bridge", 6),
    ("project", 7),
    ("install", 8),
    ("cli", 9),
];
/// Stages that read and write nothing.
const WITHOUT_DISK: &[&str] = &["config", "options", "checks", "supervisord"];
/// What is for `src/sys` alone.
const DOORS: &[&str] = &[
    "std::fs",
    "std::process::Command",
    "std::process::{",
    "std::net",
    "std::os::unix::net",
    "std::os::unix::fs",
    "ureq::",
    "File::open",
    "File::create",
    "Command::new",
    "TcpStream",
];
/// May use them too: std's ExitCode is no process.
const NO_DOORS: &[&str] = &["std::process::ExitCode"];
const LINES: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Path from the root, and text.
type File = (String, String);

fn files(folder: &str, end: &str) -> Vec<File> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    let text = |path: &PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        Some((name, std::fs::read_to_string(path).ok()?))
    };
    found
        .iter()
        .filter(|path| path.to_str().unwrap().ends_with(end))
        .filter_map(text)
        .collect()
}

fn sources() -> Vec<File> {
    files("src", ".rs")
}

/// The code of a file that is not for tests: without comments and without what follows `#[cfg(test)] mod … {`.
fn code(path: &str, text: &str) -> String {
    let name = path.rsplit('/').next().unwrap();
    if ["tests.rs", "sample.rs"].contains(&name)
        || name.ends_with("_tests.rs")
        || path.contains("/tests/")
    {
        return String::new();
    }
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let opens = |next: &&str| next.trim_start().starts_with("mod ") && next.ends_with('{');
        if line.trim() == "#[cfg(test)]" && lines.peek().is_some_and(opens) {
            break;
        }
        let line = line.split("// ").next().unwrap();
        if !line.trim_start().starts_with("//") {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn rank(module: &str) -> Option<u32> {
    RANKS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, rank)| *rank)
}

/// `src/dist/egg.rs` is of `dist`, `src/text.rs` of `text`.
fn module(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Modules of the crate that a text names: `crate::x`, and `crate::{x, y::z}`.
fn imports(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if !rest.starts_with('{') {
            found.insert(word(rest));
            continue;
        }
        let mut depth = 0;
        let mut start = true;
        for (at, sign) in rest.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => start = depth == 1,
                _ if sign.is_whitespace() => continue,
                _ if start && depth == 1 => {
                    found.insert(word(&rest[at..]));
                    start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

fn wrong_imports(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in files {
        let from = module(path);
        if ["main", "lib"].contains(&from) {
            continue;
        }
        let Some(own) = rank(from) else {
            wrong.push(format!("{path}: src/{from} has no rank"));
            continue;
        };
        for to in imports(&code(path, text)) {
            match rank(&to) {
                _ if to == from => {}
                Some(other) if other < own || (own == 0 && other == 0) => {
                    if to == "sys" && WITHOUT_DISK.contains(&from) {
                        wrong.push(format!(
                            "{path}: src/{from} reads and writes nothing, it may not import src/sys"
                        ));
                    }
                }
                Some(_) => wrong.push(format!("{path}: src/{from} may not import src/{to}")),
                None => wrong.push(format!("{path}: src/{to} has no rank")),
            }
        }
    }
    wrong
}

fn wrong_doors(files: &[File]) -> Vec<String> {
    let outside = files
        .iter()
        .filter(|(path, _)| !["sys", "bridge"].contains(&module(path)));
    outside
        .flat_map(|(path, text)| {
            let mut code = code(path, text);
            for harmless in NO_DOORS {
                code = code.replace(harmless, "");
            }
            let doors = DOORS.iter().filter(move |door| code.contains(**door));
            doors
                .map(move |door| format!("{path}: {door} is for src/sys"))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn too_long(files: &[File]) -> Vec<String> {
    let lines = files
        .iter()
        .map(|(path, text)| (path, text.lines().count()));
    lines
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines, more than {LINES}"))
        .collect()
}

/// Modules that a file declares.
fn declared(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ")
                .strip_prefix("mod ")
        })
        .filter_map(|name| name.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Modules that lie in a folder.
fn lying(folder: &Path) -> BTreeSet<String> {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    names
        .filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !["main", "mod", "lib"].contains(&name.as_str()))
        .collect()
}

fn not_listed(what: &str, listed: &BTreeSet<String>, lying: &BTreeSet<String>) -> Vec<String> {
    let missing = lying
        .difference(listed)
        .map(|name| format!("{what}: {name} is there and not listed"));
    let gone = listed
        .difference(lying)
        .map(|name| format!("{what}: {name} is listed and not there"));
    missing.chain(gone).collect()
}

/// Modules that a registry's entries come from: `egg::RECIPE` is `egg`.
fn registered(text: &str, name: &str) -> BTreeSet<String> {
    let Some((_, rest)) = text.split_once(&format!(" {name}:")) else {
        return BTreeSet::new();
    };
    let entries = rest.split_once('=').unwrap().1.split("];").next().unwrap();
    let words = entries.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
    words
        .filter_map(|word| Some(word.split_once("::")?.0.to_owned()))
        .collect()
}

fn places_of_one_machine(files: &[File]) -> Vec<String> {
    // In pieces, so that this file holds none of them.
    let marks = [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/Use", "rs/"],
        ["/wo", "rk/"],
        ["C:\\Us", "ers\\"],
    ];
    let mut wrong = Vec::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            for mark in marks.map(|pieces| pieces.concat()) {
                // An example's person is nobody.
                let nobody = |at: usize| line[at + mark.len()..].starts_with("joe");
                let starts = |at: usize| {
                    let before = line[..at].chars().next_back();
                    before.is_none_or(|c| !(c.is_alphanumeric() || "._-]})~$".contains(c)))
                };
                if line
                    .match_indices(&mark)
                    .any(|(at, _)| starts(at) && !nobody(at))
                {
                    wrong.push(format!("{path}:{}: {mark} is of one machine", number + 1));
                }
            }
        }
    }
    wrong
}

#[track_caller]
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn one(path: &str, text: &str) -> Vec<File> {
    vec![(path.to_owned(), text.to_owned())]
}

#[test]
fn imports_point_downwards() {
    none(wrong_imports(&sources()));
}

#[test]
fn a_wrong_import_is_found() {
    for (path, text, found) in [
        (
            "src/config/a.rs",
            "use crate::install::Plan;\n",
            "src/config/a.rs: src/config may not import src/install",
        ),
        (
            "src/dist/a.rs",
            "fn f(_: &crate::options::Section) {}\n",
            "src/dist/a.rs: src/dist may not import src/options",
        ),
        (
            "src/sys/fs.rs",
            "use crate::{\n    error::{Error, Result},\n    dist::Egg,\n};\n",
            "src/sys/fs.rs: src/sys may not import src/dist",
        ),
        (
            "src/config/a.rs",
            "use crate::sys::fs;\n",
            "src/config/a.rs: src/config reads and writes nothing, it may not import src/sys",
        ),
        (
            "src/extra/a.rs",
            "",
            "src/extra/a.rs: src/extra has no rank",
        ),
    ] {
        assert_eq!(wrong_imports(&one(path, text)), [found]);
    }
    let fine = "use crate::error::Error;\n/// Not crate::cli.\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n";
    none(wrong_imports(&one("src/text.rs", fine)));
}

#[test]
fn disk_processes_and_network_are_for_sys() {
    none(wrong_doors(&sources()));
}

#[test]
fn a_wrong_door_is_found() {
    let found = wrong_doors(&one(
        "src/dist/a.rs",
        "use std::fs;\nuse std::process::ExitCode;\n",
    ));
    assert_eq!(found, ["src/dist/a.rs: std::fs is for src/sys"]);
    none(wrong_doors(&one(
        "src/dist/a.rs",
        "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n",
    )));
    none(wrong_doors(&one("src/sys/a.rs", "use std::fs;\n")));
}

#[test]
fn files_are_of_a_size_to_read() {
    none(too_long(&[sources(), files("tests", ".rs")].concat()));
    assert_eq!(
        too_long(&one("a", &"\n".repeat(LINES + 1))),
        ["a: 601 lines, more than 600"]
    );
}

#[test]
fn lists_name_what_is_there() {
    let text = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    for folder in [
        "src/checks",
        "src/cli/commands",
        "src/recipes",
        "tests/it",
        "tests/it/bridge",
        "tests/it/errors",
        "tests/it/kill",
        "tests/it/reader",
        "tests/it/supervisord",
        "tests/it/support",
    ] {
        let list = ["mod.rs", "main.rs"].map(|name| format!("{folder}/{name}"));
        let list = list.iter().find(|path| root().join(path).exists()).unwrap();
        none(not_listed(
            list,
            &declared(&text(list)),
            &lying(&root().join(folder)),
        ));
    }
    let recipes = registered(&text("src/recipes/mod.rs"), "RECIPES");
    none(not_listed(
        "RECIPES",
        &recipes,
        &lying(&root().join("src/recipes")),
    ));
    let commands = registered(&text("src/cli/commands/mod.rs"), "COMMANDS");
    none(not_listed(
        "COMMANDS",
        &commands,
        &lying(&root().join("src/cli/commands")),
    ));
}

#[test]
fn a_list_that_lacks_something_is_found() {
    let set = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let found = not_listed(
        "list",
        &declared("mod a;\npub(crate) mod b;\n"),
        &set(&["a", "c"]),
    );
    assert_eq!(
        found,
        [
            "list: c is there and not listed",
            "list: b is listed and not there"
        ]
    );
    let text = "pub static ALL: &[&Recipe] = &[&egg::RECIPE, &supervisor::RECIPE];\n";
    assert_eq!(registered(text, "ALL"), set(&["egg", "supervisor"]));
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let all = ["src", "tests", "fixtures", "docs"].map(|folder| files(folder, ""));
    let mut all = all.concat();
    // Whoever tries the quickstart has its output there.
    let made = std::fs::read_to_string(root().join("fixtures/quickstart/.gitignore")).unwrap();
    let made: Vec<_> = made
        .lines()
        .map(|line| format!("fixtures/quickstart{line}"))
        .collect();
    all.retain(|(path, _)| !made.iter().any(|made| path.starts_with(made.as_str())));
    assert!(all.len() > 100, "{} files", all.len());
    none(places_of_one_machine(&all));
    let line = ["see /ro", "ot/x"].concat();
    assert_eq!(places_of_one_machine(&one("a", &line)).len(), 1);
}

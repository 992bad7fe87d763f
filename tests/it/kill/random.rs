//! Runs that are killed at any moment while they download, unpack, compile and place eggs.
//!
//! Ten in `cargo test`; `RBUILDOUT_KILLS=200 cargo test --release killed_at_any_moment` for more, `RBUILDOUT_SEED=N` for
//! others.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::chance::{Chance, from_environment};
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::server::{Answer, Server};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rbuildout");
const SAMPLES: [&str; 5] = [
    "supervisor-4.3.0",
    "superlance-2.0.0",
    "plug-beta-1.2",
    "plug-gamma-0.9",
    "plug-none-1.0",
];
/// What several buildouts share.
const SHARED: [&str; 3] = ["eggs/v5", "downloads/dist", "../cache/wheels"];

/// A buildout that has everything from the server.
fn buildout() -> Option<(Sandbox, Server)> {
    let python = pythons::isolated()?;
    let server = Server::new();
    let sandbox = Sandbox::with(python.clone(), "b")
        .wheels("packages", &SAMPLES)
        .file(
            "buildout.cfg",
            &format!(
                "[buildout]\nparts = a\nindex = {}/simple/\ndownload-cache = downloads\n\n\
                 [a]\nrecipe = zc.recipe.egg\neggs =\n  superlance\n  plug-beta\n  plug-gamma\n  plug-none\n",
                server.url
            ),
        );
    for entry in std::fs::read_dir(sandbox.at("packages")).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if let Some((project, _)) = name.split_once('-').filter(|_| name.ends_with(".whl")) {
            let page = format!("/simple/{}/", project.replace('_', "-"));
            server.on(
                &page,
                [Answer::Html(format!("<a href=\"/f/{name}\">x</a>"))],
            );
            let bytes = std::fs::read(&path).unwrap();
            server.on(&format!("/f/{name}"), [Answer::File(bytes)]);
        }
    }
    Some((sandbox, server))
}

/// Path and bytes of all files. Of some only that they are there: bytecode and stamps tell the time, and where an egg came
/// from may be the server or the download cache.
fn contents(root: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(root.join(below)).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{below}/{name}");
        if entry.path().is_dir() {
            contents(root, &path, found);
        } else {
            let varies = ["stamps", "RECORD", "direct_url.json"].contains(&name.as_str());
            let bytes = if varies || name.ends_with(".pyc") {
                Vec::new()
            } else {
                std::fs::read(entry.path()).unwrap()
            };
            // What is installed comes before what is there, in zc.buildout's scripts too: the order is that of the past.
            let bytes = if below == "bin" { sorted(bytes) } else { bytes };
            found.insert(path, bytes);
        }
    }
}

fn sorted(text: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(text).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n").into_bytes()
}

fn shared(sandbox: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for place in SHARED {
        contents(&sandbox.at("."), place, &mut found);
    }
    for place in ["bin", "parts", ".rbuildout"] {
        contents(&sandbox.at("."), place, &mut found);
    }
    found
}

/// Whether a path belongs to something unfinished.
fn is_passing(path: &str) -> bool {
    path.split('/').any(|piece| piece.starts_with(".rbuildout"))
}

#[test]
fn killed_at_any_moment() {
    let Some((sandbox, _server)) = buildout() else {
        return;
    };
    let rounds = from_environment("RBUILDOUT_KILLS", 10);
    let mut chance = Chance::new(from_environment("RBUILDOUT_SEED", 20_261_124) as u64);
    let clean = || {
        for place in [
            "eggs",
            "downloads",
            "../cache/wheels",
            "bin",
            ".installed.cfg",
        ] {
            let path = sandbox.at(place);
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                drop(std::fs::remove_file(path));
            }
        }
    };
    assert_eq!(sandbox.run(&[]).code, 0);
    clean();
    let begun = Instant::now();
    let whole = sandbox.run(&[]);
    let longest = begun.elapsed();
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let expected = shared(&sandbox);
    assert!(expected.len() > 60, "{expected:?}");

    let (mut killed, mut left) = (0, 0);
    for round in 0..rounds {
        // At times what killed runs have left is what the next one that is killed starts from.
        if chance.below(3) > 0 {
            clean();
        }
        let wait =
            Duration::from_micros(chance.below(longest.as_micros().try_into().unwrap()) as u64);
        let mut child = sandbox
            .command(PROGRAM, &[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(wait);
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let now = shared(&sandbox);
        left += usize::from(now.keys().any(|path| is_passing(path)));
        let visible = now.iter().filter(|(path, _)| !is_passing(path));
        for (path, bytes) in visible.filter(|(path, _)| path.starts_with("eggs")) {
            assert!(
                expected.get(path) == Some(bytes),
                "round {round}, {wait:?}: {path}"
            );
        }
        if chance.below(4) == 0 {
            continue;
        }
        let next = sandbox.run(&[]);
        assert_eq!(
            next.code, 0,
            "round {round}, {wait:?}: {}{}",
            next.stdout, next.stderr
        );
        let now = shared(&sandbox);
        let differ = now
            .iter()
            .find(|(path, bytes)| expected.get(*path) != Some(bytes));
        if let Some((path, bytes)) = differ {
            let want = expected
                .get(path)
                .map(|bytes| String::from_utf8_lossy(bytes));
            let got = String::from_utf8_lossy(bytes);
            panic!("round {round}, {wait:?}: {path}\n{got}\nand not\n{want:?}");
        }
        let missing = expected.keys().find(|path| !now.contains_key(*path));
        assert_eq!(missing, None, "round {round}, {wait:?}");
    }
    eprintln!(
        "{rounds} rounds: {killed} killed before their end, {left} of them left something unfinished"
    );
    assert!(killed > rounds / 5, "only {killed} were killed in time");
}

//! The cache that all projects of a user share: its command, several runs at once, eggs by hard links.

use std::path::Path;

use crate::support::chance::from_environment;
use crate::support::pythons;
use crate::support::sandbox::Sandbox;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rbuildout");

/// A sandbox with wheels in `packages` and buildouts `b0`, `b1`, … that want all of them.
fn buildouts(n: usize, options: &str) -> Option<Sandbox> {
    let Some(python) = pythons::isolated() else {
        eprintln!("skipped: no Python 3");
        return None;
    };
    let sandbox = Sandbox::with(python.clone(), "b").wheels(
        "packages",
        &[
            "supervisor-4.3.0",
            "superlance-2.0.0",
            "plug-beta-1.2",
            "plug-gamma-0.9",
        ],
    );
    for k in 0..n {
        sandbox.write(
            &format!("b{k}/buildout.cfg"),
            &format!(
                "[buildout]\nparts = a\nfind-links = [ROOT]/packages\nindex = [ROOT]/packages/index\n{options}\n\
                 [a]\nrecipe = zc.recipe.egg\neggs =\n  superlance\n  plug-beta\n  plug-gamma\n"
            ),
        );
    }
    Some(sandbox)
}

/// Runs the program in the buildout `bN`, with assignments of variables before it.
fn run(sandbox: &Sandbox, k: usize, variables: &str) -> crate::support::sandbox::Ran {
    let line = format!("cd b{k} && exec env {variables} \"$0\"");
    sandbox.start("/bin/sh", &["-c", &line, PROGRAM])
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// All files below, with their texts.
fn contents(directory: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for name in names(directory) {
        let path = directory.join(&name);
        if path.is_dir() {
            contents(&path, found);
        } else if name != "direct_url.json" {
            let mut bytes = std::fs::read(&path).unwrap();
            if name.ends_with(".pyc") {
                // The time of the source is in it, and must be that of the source beside it.
                let noted = u32::from_le_bytes(bytes[8..12].try_into().unwrap());
                let stem = name.split('.').next().unwrap();
                let source = directory.with_file_name(format!("{stem}.py"));
                let time = std::fs::metadata(&source).unwrap().modified().unwrap();
                let time = time.duration_since(std::time::UNIX_EPOCH).unwrap();
                assert_eq!(u64::from(noted), time.as_secs(), "{}", path.display());
                bytes.clear();
            }
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// `n` runs at once on one eggs directory and one cache, again and again; what comes out is what one run alone makes.
fn at_once(n: usize, rounds: usize) {
    let Some(sandbox) = buildouts(n, "eggs-directory = [ROOT]/eggs") else {
        return;
    };
    let alone = run(&sandbox, 0, "");
    assert_eq!(alone.code, 0, "{}", alone.stderr);
    let eggs = sandbox.at("eggs/v5");
    let mut expected = Vec::new();
    contents(&eggs, &mut expected);
    assert!(expected.len() > 20, "{expected:?}");
    for round in 0..rounds {
        std::fs::remove_dir_all(&eggs).unwrap();
        // Half of the rounds with an empty cache.
        if round % 2 == 0 {
            std::fs::remove_dir_all(sandbox.at("../cache/wheels")).unwrap();
        }
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..n)
                .map(|k| {
                    scope.spawn({
                        let sandbox = &sandbox;
                        move || run(sandbox, k, "")
                    })
                })
                .collect();
            for ran in runs {
                let ran = ran.join().unwrap();
                assert_eq!(ran.code, 0, "round {round}: {}{}", ran.stdout, ran.stderr);
            }
        });
        let mut got = Vec::new();
        contents(&eggs, &mut got);
        let differ = got
            .iter()
            .zip(&expected)
            .find(|(got, expected)| got != expected);
        assert_eq!((got.len(), differ), (expected.len(), None), "round {round}");
        assert!(!names(&eggs).iter().any(|name| name.starts_with('.')));
        let wheels = names(&sandbox.at("../cache/wheels"));
        assert_eq!(wheels.len(), 4, "{wheels:?}");
    }
}

// `RBUILDOUT_ROUNDS=50 cargo test --release at_once` for more.
#[test]
fn two_at_once() {
    at_once(2, from_environment("RBUILDOUT_ROUNDS", 3));
}

#[test]
fn eight_at_once() {
    at_once(8, from_environment("RBUILDOUT_ROUNDS", 2));
}

#[test]
fn an_edited_hard_linked_egg_does_not_poison_the_cache() {
    let Some(sandbox) = buildouts(3, "") else {
        return;
    };
    let ran = run(&sandbox, 0, "RBUILDOUT_LINK_MODE=hardlink");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let egg = |k: usize| {
        let eggs = sandbox.at(&format!("b{k}/eggs/v5"));
        let name = names(&eggs)
            .into_iter()
            .find(|name| name.starts_with("plug_gamma"));
        eggs.join(name.unwrap()).join("plug_gamma.py")
    };
    let whole = std::fs::read(egg(0)).unwrap();
    let permissions = std::fs::metadata(egg(0)).unwrap().permissions();
    assert!(permissions.readonly(), "an editor is to be stopped");
    // Who insists edits all the same, and keeps the length.
    let mut edited = whole.clone();
    edited[0] ^= 1;
    let mut writable = permissions.clone();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "this is what somebody does who wants to edit"
    )]
    writable.set_readonly(false);
    std::fs::set_permissions(egg(0), writable).unwrap();
    std::fs::write(egg(0), &edited).unwrap();
    for (k, mode) in [(1, "hardlink"), (2, "auto")] {
        let ran = run(&sandbox, k, &format!("RBUILDOUT_LINK_MODE={mode}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(std::fs::read(egg(k)).unwrap(), whole, "{mode}");
    }
    // The edit stays where it was made.
    assert_eq!(std::fs::read(egg(0)).unwrap(), edited);
    // What is copied may be edited, whatever was linked before.
    std::fs::write(egg(2), "x = 1\n").unwrap();
    assert_eq!(std::fs::read(egg(1)).unwrap(), whole);
}

#[test]
fn an_unknown_way_to_link_is_refused() {
    let Some(sandbox) = buildouts(1, "") else {
        return;
    };
    let ran = run(&sandbox, 0, "RBUILDOUT_LINK_MODE=symlink");
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("write auto, reflink, hardlink or copy"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_command_needs_no_buildout() {
    let Some(sandbox) = buildouts(1, "") else {
        return;
    };
    let said = |arguments: &[&str]| {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    assert_eq!(said(&["cache", "dir"]), "[AROUND]/cache\n");
    assert!(said(&["cache", "size"]).starts_with("0 wheels, 0 files, 0.0 kB in "));
    assert_eq!(run(&sandbox, 0, "").code, 0);
    assert!(said(&["cache", "size"]).starts_with("4 wheels, "));
    assert_eq!(
        said(&["cache", "verify"]),
        "4 wheels looked at, all as they were made\n"
    );
    assert!(said(&["cache", "prune"]).starts_with("0 wheels taken away"));
    // Metadata has a hash in no RECORD of these samples, so that a missing file is what is found.
    let wheels = sandbox.at("../cache/wheels");
    let first = wheels.join(&names(&wheels)[0]).join("tree");
    let info = names(&first)
        .into_iter()
        .find(|name| name.ends_with(".dist-info"))
        .unwrap();
    std::fs::remove_file(first.join(info).join("METADATA")).unwrap();
    let ran = sandbox.run(&["cache", "verify"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("Error: 1 wheel of 4 in the cache broken"),
        "{}",
        ran.stderr
    );
    assert!(said(&["cache", "prune", "0"]).starts_with("3 wheels taken away"));
    // The next run is none the worse for it.
    std::fs::remove_dir_all(sandbox.at("b0/eggs")).unwrap();
    assert_eq!(run(&sandbox, 0, "").code, 0);
    for wrong in [
        &["cache"][..],
        &["cache", "size", "now"],
        &["cache", "prune", "x"],
    ] {
        assert_eq!(sandbox.run(wrong).code, 1);
    }
}

/// Services run as users without a home of their own.
#[test]
fn who_has_no_home_has_a_cache_among_temporary_files() {
    let Some(mut sandbox) = buildouts(1, "") else {
        return;
    };
    sandbox.unset("RBUILDOUT_CACHE_DIR");
    sandbox.write("no-home", "");
    let home = sandbox.at("no-home").display().to_string();
    sandbox.set("HOME", &home);
    run(&sandbox, 0, "").succeeds();
    assert!(sandbox.has("b0/bin/gamma"));
    let cache = sandbox.run(&["cache", "dir"]).succeeds().stdout;
    let cache = cache.trim();
    assert!(cache.contains("/tmp/rbuildout-"), "{cache}");
    let wheels = sandbox.start(
        "/bin/sh",
        &["-c", "ls \"$TMPDIR\"/rbuildout-*/wheels | wc -l"],
    );
    assert_eq!(wheels.stdout.trim(), "4");
    // Named, it is that one or none.
    let named = format!("RBUILDOUT_CACHE_DIR={home}/cache");
    run(&sandbox, 0, &named).succeeds();
    std::fs::remove_dir_all(sandbox.at("b0/eggs")).unwrap();
    let ran = run(&sandbox, 0, &named);
    ran.fails_with(&["Couldn't make the directory [ROOT]/no-home/cache/wheels"]);
}

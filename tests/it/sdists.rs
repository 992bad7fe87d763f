//! Archives of sources: built in isolation, with real interpreters.

use crate::packages::{files, is_without_setuptools, printed, shared_cache, tar_gz, with_network};
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::wheels::{Wheel, zip};

const CONFIGURATION: &str = "\
[buildout]
parts = p
find-links = links
show-picked-versions = true
[p]
recipe = zc.recipe.egg
eggs = own.backend
";

/// Where the cache keeps the logs of builds, from the buildout.
const LOGS: &str = "../cache/logs";

/// Offers the project with a backend of its own, with more files in it.
fn offer(sandbox: &Sandbox, more: &[(&str, &str)]) {
    let mut all = files("own-backend");
    let more = more.iter();
    all.extend(more.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    sandbox.write_bytes(
        "links/own_backend-1.5.tar.gz",
        &tar_gz("own_backend-1.5/", &all),
    );
}

fn buildout(more: &[(&str, &str)]) -> Option<Sandbox> {
    let sandbox = Sandbox::configured(CONFIGURATION)?;
    offer(&sandbox, more);
    Some(sandbox)
}

/// Whether something of a build is left.
fn is_building(sandbox: &Sandbox) -> bool {
    let wheels = sandbox.names("../cache/wheels");
    wheels.iter().any(|name| name.starts_with(".rbuildout-"))
}

fn log(sandbox: &Sandbox) -> String {
    let logs = sandbox.names(LOGS);
    sandbox.read(&format!("{LOGS}/{}", logs[0]))
}

#[test]
fn an_archive_is_built_by_its_own_backend() {
    let Some(sandbox) = buildout(&[]) else { return };
    sandbox
        .run(&[])
        .succeeds()
        .prints("Getting distribution for 'own.backend'.\n")
        .prints("Got own.backend 1.5.\n")
        .prints("own.backend = 1.5\n");
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
    let eggs = sandbox.names("eggs/v5");
    let egg = eggs.iter().find(|name| name.starts_with("own.backend-"));
    let egg = egg.unwrap();
    let info = egg.replace(".egg", ".dist-info");
    let read = |name: &str| sandbox.read(&format!("eggs/v5/{egg}/{info}/{name}"));
    assert_eq!(read("INSTALLER"), "pip\n");
    assert_eq!(read("REQUESTED"), "");
    // The hash and the place of the archive, not of the wheel that came out of it.
    let direct = read("direct_url.json");
    assert!(
        direct.contains("/links/own_backend-1.5.tar.gz\"}"),
        "{direct}"
    );
    let record = read("RECORD");
    assert!(record.contains("own_backend-1.5.dist-info/direct_url.json,sha256="));
    // Nothing of the build is left but its log.
    assert!(!is_building(&sandbox));
    assert!(log(&sandbox).contains("the path is "));
}

#[test]
fn a_zip_will_do() {
    let Some(sandbox) = Sandbox::configured(CONFIGURATION) else {
        return;
    };
    let all = files("own-backend").into_iter();
    let all: Vec<_> = all
        .map(|(name, contents)| (format!("own_backend-1.5/{name}"), contents))
        .collect();
    sandbox.write_bytes("links/own_backend-1.5.zip", &zip(&all));
    sandbox.run(&[]).succeeds();
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
}

#[test]
fn an_archive_is_built_once() {
    let Some(sandbox) = buildout(&[]) else { return };
    sandbox.run(&[]).succeeds();
    std::fs::remove_dir_all(sandbox.at(LOGS)).unwrap();
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    sandbox.run(&[]).succeeds();
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
    assert!(!sandbox.has(LOGS), "it was built again");
}

#[test]
fn archives_are_kept_in_a_download_cache() {
    let Some(sandbox) = buildout(&[]) else { return };
    std::fs::create_dir(sandbox.at("kept")).unwrap();
    sandbox.run(&["buildout:download-cache=kept"]).succeeds();
    let archive = std::fs::read(sandbox.at("links/own_backend-1.5.tar.gz"));
    let kept = std::fs::read(sandbox.at("kept/dist/own_backend-1.5.tar.gz"));
    assert_eq!(kept.unwrap(), archive.unwrap());
}

#[test]
fn what_a_backend_needs_is_installed_for_it_alone() {
    let Some(sandbox) = buildout(&[("needs", "helper")]) else {
        return;
    };
    sandbox.run(&[]).fails_with(&[
        "Couldn't find a distribution for 'helper'.",
        "Getting what is needed to build own-backend 1.5.",
    ]);
    Wheel::new("helper", "2.0")
        .scripts(&[])
        .wheel(&sandbox.at("links"));
    let ran = sandbox.run(&[]).succeeds();
    assert!(!ran.stdout.contains("helper"), "{}", ran.stdout);
    assert_eq!(sandbox.names("eggs/v5").len(), 1);
}

#[test]
fn a_failing_build_shows_its_last_lines() {
    let Some(sandbox) = buildout(&[("fail", "badly")]) else {
        return;
    };
    sandbox.run(&[]).fails_with(&[
        "  Getting distribution for 'own.backend'.\nError: Couldn't build own-backend 1.5.\n",
        "rbuildout: error[build]: backend with Python ",
        "Exception: can not be built: badly\n",
        "all of it is in ",
    ]);
    assert!(!sandbox.has("bin/own") && !sandbox.has(".installed.cfg"));
    assert!(log(&sandbox).starts_with("the path is "));
}

#[test]
fn an_archive_that_reaches_out_is_refused() {
    let Some(sandbox) = buildout(&[("../../../../escaped", "x")]) else {
        return;
    };
    let archive = sandbox.at("links/own_backend-1.5.tar.gz");
    let from = format!("help: it is what file://{} gave", archive.display());
    let from = sandbox.tokens(&from);
    sandbox
        .run(&[])
        .fails_with(&["lies outside of it.", "error[sdist]", &from]);
    assert!(!sandbox.has("../cache/escaped"));
    assert!(!is_building(&sandbox));
}

#[test]
fn old_namespaces_can_be_imported() {
    for python in pythons::three_and_two() {
        let sandbox = with_network(python, CONFIGURATION);
        offer(&sandbox, &[("namespace", "old_ns")]);
        let ran = sandbox.run(&["p:interpreter=py"]);
        if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
            continue;
        }
        ran.succeeds();
        let question = "import old_ns.deep; print(old_ns.deep.WORD)";
        let imported = sandbox.start("bin/py", &["-c", question]).succeeds();
        assert_eq!(imported.stdout, "found\n", "{:?}", sandbox.python);
    }
}

#[test]
fn an_archive_is_built_with_setuptools() {
    for python in pythons::three_and_two() {
        let text = CONFIGURATION.replace("own.backend", "old.legacy");
        let sandbox = with_network(python, &text);
        let all = files("legacy");
        sandbox.write_bytes(
            "links/old.legacy-0.3.tar.gz",
            &tar_gz("old.legacy-0.3/", &all),
        );
        let ran = sandbox.run(&[]);
        if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
            continue;
        }
        ran.succeeds();
        assert_eq!(printed(&sandbox, "legacy"), "compiled: 42\n");
        let egg = &sandbox.names("eggs/v5")[0];
        let info = egg.replace(".egg", ".dist-info");
        let wheel = sandbox.read(&format!("eggs/v5/{egg}/{info}/WHEEL"));
        let own = ["(80.9.0)", "(75.3.2)", "(0.42.0)", "(0.37.1)"];
        assert!(own.iter().any(|version| wheel.contains(version)), "{wheel}");
        assert!(shared_cache().join("builders").exists());
    }
}

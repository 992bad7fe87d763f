//! Extensions: what they may change before a run, and what they do at its end.

use std::os::unix::fs::PermissionsExt;

use super::both_tools::Either;
use super::with_recipes;
use crate::support::sandbox::Sandbox;
use crate::support::server::Server;
use crate::support::wheels::Wheel;

const PARTS: &str = "extensions = fixture.extensions\nparts = p\n\
    [p]\nrecipe = fixture.recipes:directory\ncontent = p\n[gone]\nx = 1\n";

fn offer_extension(sandbox: &Sandbox) {
    Wheel::new("fixture.extensions", "1.0")
        .entry_points(
            "[zc.buildout.extension]\next = fixture_extensions:load\n\
             [zc.buildout.unloadextension]\next = fixture_extensions:unload\n",
        )
        .file(
            "fixture_extensions.py",
            include_str!("../../../fixtures/recipes/fixture_extensions.py"),
        )
        .wheel(&sandbox.at("packages"));
}

fn with_extension() -> Option<Sandbox> {
    let sandbox = with_recipes(PARTS)?;
    offer_extension(&sandbox);
    Some(sandbox)
}

#[test]
fn extensions_come_first_and_last() {
    let Some(site) = with_extension() else {
        return;
    };
    let ran = site.run(&["buildout:does=parts"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let begins = ["loaded", "Creating", "Installing", "unloaded"];
    let lines: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| begins.iter().any(|word| line.starts_with(word)))
        .collect();
    assert_eq!(
        lines,
        [
            "Creating directory '[ROOT]/eggs/v5'.",
            "loaded with buildout gone p",
            "Creating directory '[ROOT]/bin'.",
            "Creating directory '[ROOT]/parts'.",
            "Creating directory '[ROOT]/develop-eggs'.",
            "Installing added.",
            "Installing p.",
            "unloaded, with ",
        ]
    );
    assert_eq!(site.read("parts/added/content"), "added p\n");
    // Without the extension its part goes.
    let ran = site.run(&["buildout:extensions="]);
    assert_eq!(
        ran.stdout,
        "Uninstalling added.\nUpdating p.\np: is there: True\n"
    );
}

/// mr.developer reads it by zc.buildout's grammar, and keeps it to start buildout again.
#[test]
fn an_extension_sees_the_command_line_that_zc_buildout_would_have_got() {
    let Some(site) = with_extension() else {
        return;
    };
    let told = |arguments: &[&str]| {
        let does = ["buildout:does=command_line"];
        let ran = site.run(&[&does, arguments].concat()).succeeds();
        let line = ran.stdout.lines().find(|line| line.starts_with("told "));
        line.unwrap().to_owned()
    };
    let python = site.python.executable.clone();
    assert_eq!(
        told(&[
            "--python",
            &python,
            "--config=buildout.cfg",
            "-vv",
            "--no-newest",
            "--color",
            "never",
            "-t",
            "7"
        ]),
        "told [ROOT]/bin/buildout buildout:does=command_line -c buildout.cfg -vv -N -t 7"
    );
    assert_eq!(
        told(&["--offline", "install", "--strict", "p"]),
        "told [ROOT]/bin/buildout buildout:does=command_line -o install p"
    );
}

#[test]
fn an_extension_may_refuse() {
    let Some(site) = with_extension() else {
        return;
    };
    let trail = "While:\n  Installing.\n  Loading extensions.\n";
    let ran = site.run(&["buildout:does=refuse"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.stderr,
        format!("{trail}Error: This machine will not do.\n")
    );
    assert!(!site.has("bin") && !site.has(".installed.cfg"));
    let ran = site.run(&["buildout:does=leave"]);
    assert_eq!(ran.code, 3);
    let ran = site.run(&["buildout:does=fail"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .starts_with(&format!("{trail}\nAn internal error")),
        "{}",
        ran.stderr
    );
    let ran = site.run(&["buildout:extensions=buildout-versions"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.starts_with(&format!(
            "{trail}Error: Buildout now includes 'buildout-versions'"
        )),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_an_extension_says_of_the_network_holds_from_then_on() {
    let Some(site) = with_extension() else {
        return;
    };
    let server = Server::new();
    let proxy = format!("buildout:proxy={}", server.url);
    let far = [
        proxy.as_str(),
        "buildout:parts=far",
        "far:recipe=zc.recipe.egg",
        "far:eggs=nowhere",
        "far:find-links=http://packages.invalid/",
    ];
    let without = site.run(&far);
    assert_eq!((without.code, server.heads().as_str()), (1, ""));
    let with: Vec<&str> = far.into_iter().chain(["buildout:does=proxies"]).collect();
    assert_eq!(site.run(&with).code, 1);
    assert!(
        server.heads().contains("packages.invalid"),
        "{}",
        server.heads()
    );
}

#[test]
fn an_extension_may_want_picked_versions_shown() {
    let Some(site) = with_extension() else {
        return;
    };
    let report = "Versions had to be automatically picked.\n";
    assert!(!site.run(&[]).succeeds().stdout.contains(report));
    let ran = site.run(&["buildout:does=shown"]).succeeds();
    let shown = "[versions]\nfixture.extensions = 1.0\nfixture.recipes = 1.0\n";
    assert!(
        ran.stdout.contains(report) && ran.stdout.contains(shown),
        "{}",
        ran.stdout
    );
}

/// With a project to develop, and a native part whose eggs depend on what the extension does.
const ALL: &str = "extensions = fixture.extensions\nparts = p scripts\n\
    [p]\nrecipe = fixture.recipes:directory\ncontent = p\n[gone]\nx = 1\n\
    [scripts]\nrecipe = zc.recipe.egg\neggs = fixture.recipes\ninterpreter = py\n";

fn one() -> Option<Either> {
    let buildout = Either::new(ALL)?.with_network();
    let sandbox = &buildout.sandbox;
    offer_extension(sandbox);
    Wheel::new("fixture.recipes", "0.9").wheel(&sandbox.at("packages"));
    sandbox.write(
        "src/mine/setup.py",
        "import os\nfrom setuptools import setup\n\
         setup(name='mine', version=os.environ.get('WORD', '1'), py_modules=['mine'])\n",
    );
    sandbox.write("src/mine/mine.py", "");
    Some(buildout)
}

#[test]
fn both_tools_obey_extensions() {
    let steps: [&[&str]; 8] = [
        &["buildout:does=parts"],
        &[
            "buildout:does=surroundings develop",
            "scripts:eggs=fixture.recipes\nmine",
        ],
        &["buildout:does=pins", "buildout:parts=scripts"],
        &["buildout:does=patch", "scripts:eggs=fixture.recipes"],
        &["buildout:does=listing", "scripts:eggs=fixture.recipes"],
        &["buildout:does=end", "p:content=new"],
        &["buildout:does=end", "p:recipe=fixture.recipes:usererror"],
        &["buildout:parts=", "buildout:does="],
    ];
    let (Some(ours), Some(theirs)) = (one(), one()) else {
        return;
    };
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        assert_eq!(
            (&mine.stdout, &mine.stderr, mine.code),
            (&real.stdout, &real.stderr, real.code),
            "{step:?}"
        );
        if mine.code == 0 {
            assert_eq!(ours.files(), theirs.files(), "{step:?}");
        }
        for script in ["bin/py", "parts/p"] {
            let mode = |buildout: &Either| {
                std::fs::metadata(buildout.sandbox.at(script))
                    .map(|m| m.permissions().mode())
                    .ok()
            };
            assert_eq!(mode(&ours), mode(&theirs), "{step:?}: {script}");
        }
    }
}

#[test]
fn a_script_of_the_same_zc_buildout_changes_nothing() {
    // bin/buildout comes with the scripts of zc.buildout, and has the eggs of its part in front of `sys.path`.
    let configuration = "parts = p scripts\n\
        [p]\nrecipe = fixture.recipes:directory\n\
        [scripts]\nrecipe = zc.recipe.egg\neggs =\n  fixture.recipes\n  zc.buildout\n";
    let Some(buildout) = Either::new(configuration) else {
        return;
    };
    buildout.run(&[]).succeeds();
    let script = buildout.sandbox.read("bin/buildout");
    assert!(script.contains("fixture.recipes-1.0"), "{script}");
    for ran in [buildout.run(&[]), buildout.run_real(&[]), buildout.run(&[])] {
        let ran = ran.succeeds();
        assert!(ran.stdout.starts_with("Updating p.\n"), "{}", ran.stdout);
    }
}

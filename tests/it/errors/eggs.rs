//! Eggs that can't be had, and passwords on the way to them.

use super::{GOOD, Installed, Mistake, Record, UNCHANGED};
use crate::support::index::Served;
use crate::support::sandbox::Sandbox;
use crate::support::wheels::Wheel;

#[test]
fn an_egg_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.change(&format!("{GOOD}\n[versions]\nsuperlance = 9.9\n"));
    installed.refuses(
        &["-o"],
        Record::Unfinished,
        "\
Updating supervisor.
Could not generate script 'memmon' as it is not defined in the egg entry points.
",
        &format!(
            "\
While:
  Updating supervisor.
  Getting distribution for 'superlance==9.9'.
Error: We don't have a distribution for superlance==9.9
and can't install one in offline (no-install) mode.

rbuildout: error[offline]: superlance==9.9 is not in the eggs directory
  help: run buildout once without -o
{UNCHANGED}"
        ),
    );
    // An update that failed: the next run installs anew.
    installed.is_mended();
}

const NO_INDEX_HAS_IT: Mistake = (
    "an egg that no index has",
    "-N",
    "\
--- buildout.cfg
[buildout]
index = packages/index
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
    no-such-egg
--- packages/index/.keep",
    "\
While:
  Installing supervisor.
  Getting distribution for 'no-such-egg'.
Error: Couldn't find a distribution for 'no-such-egg'.
rbuildout: error[missing-distribution]: no distribution fits no-such-egg
  help: packages/index/no-such-egg/: no such file or directory
  help: packages/index/: 0 files
",
);

#[test]
fn an_egg_that_no_index_has() {
    let stdout = "\
Uninstalling supervisor.
Installing supervisor.
Generated script '[ROOT]/bin/supervisord'.
Could not generate script 'memmon' as it is not defined in the egg entry points.
Generated script '[ROOT]/bin/supervisorctl'.
root: Not found: packages/index/no-such-egg/
root: Couldn't find index page for 'no-such-egg' (maybe misspelled?)
root: Scanning index of all packages (this may take a while)
Getting distribution for 'no-such-egg'.
";
    Installed::refuses_all(&[NO_INDEX_HAS_IT], Record::Unfinished, stdout, |told| {
        format!("{told}{UNCHANGED}")
    });
}

/// A pin may stand in any of many files: where it is in the way, it is shown, with who wants something else.
#[test]
fn a_pin_that_is_in_the_way_is_shown_where_it_stands() {
    let text = "[buildout]\nextends = pins.cfg\nparts = p\nfind-links = packages\nindex = packages\n[p]\nrecipe = zc.recipe.egg\neggs =\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let packages = sandbox.at("packages");
    Wheel::new("first", "1.0")
        .requires(&["other"])
        .wheel(&packages);
    Wheel::new("second", "1.0")
        .requires(&["other>=2", "other>=1"])
        .wheel(&packages);
    Wheel::new("other", "1.5").wheel(&packages);
    for (eggs, pin, id, said, help) in [
        (
            "first second",
            "1.5",
            "version-constraint",
            "[versions] pins other to 1.5, but other>=2 is required",
            "  help: Requirement of second: other>=2\n  help: change one of the two so that they agree\n",
        ),
        (
            "first",
            "1.7",
            "missing-distribution",
            "no distribution fits other==1.7",
            "  help: required by first 1.0\n  help: [versions] pins it: other = 1.7\n",
        ),
        (
            "first",
            "1 7",
            "bad-version",
            "[versions] asks for other = 1 7, which is no version",
            "  help: Requirement of first: other\n  help: write a version such as 2.0.0, or bounds such as >=2,<3\n",
        ),
        (
            "first second",
            "<=2",
            "version-conflict",
            "other 1.5 was chosen before other<=2,>=2 was asked for",
            "  help: Requirement of second: other>=1\n  help: Requirement of second: other>=2\n  help: Requirement of first: other\n",
        ),
    ] {
        sandbox.write("pins.cfg", &format!("[versions]\nother = {pin}\n"));
        let eggs = eggs.replace(' ', "\n");
        let ran = sandbox.run(&[&format!("p:eggs={eggs}")]);
        let line = "^".repeat(pin.len());
        ran.fails_with(&[&format!(
            "rbuildout: error[{id}]: {said}\n  --> pins.cfg:2:9\n    |\n  2 | other = {pin}\n    |         {line}\n  \
             extended from buildout.cfg:2\n{help}"
        )]);
    }
}

/// No run says the password of the index, whether it is reached or not, and none keeps it.
#[test]
fn the_password_of_an_index_is_not_told() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let sandbox = installed.sandbox.wheels("packages", &["plug-gamma-0.9"]);
    let index = Served::new(&sandbox.at("packages"), "joe:hunter2");
    let part = |egg: &str, address: &str| {
        format!(
            "[buildout]\nparts = tools\nindex = http://joe:hunter2@{address}/\n\n\
             [tools]\nrecipe = zc.recipe.egg\neggs = {egg}\npassword = hunter2\n"
        )
    };
    let address = index.address.clone();
    for (egg, address, code) in [
        ("plug-gamma", address.as_str(), 0),
        ("no-such-egg", address.as_str(), 1),
        ("no-such-egg", "127.0.0.1:9", 1),
        ("no-such-egg", "no such host", 1),
    ] {
        for words in [&["-N"][..], &["-v"], &["-vv", "install", "tools"]] {
            sandbox.write("buildout.cfg", &part(egg, address));
            let ran = sandbox.run(words);
            assert_eq!(
                ran.code, code,
                "{egg} {address} {words:?}: {}{}",
                ran.stdout, ran.stderr
            );
            assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
        }
    }
    assert!(
        index.let_in() > 0,
        "the index was never asked with the password"
    );
    let kept = sandbox.start(
        "/bin/sh",
        &["-c", "grep -rl hunter2 . \"$RBUILDOUT_CACHE_DIR\""],
    );
    // The record of installed parts holds their options as they are: zc.buildout compares them with these.
    let mut kept: Vec<_> = kept.stdout.lines().collect();
    kept.sort_unstable();
    assert_eq!(kept, ["./.installed.cfg", "./buildout.cfg"]);
}

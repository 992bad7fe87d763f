//! What Python recipes may do.

use super::{RECIPES, installed, steps, with_recipes, with_recipes_for};
use crate::support::pythons;
use crate::support::wheels::Wheel;

const GOOD: &str =
    "parts = p\n[p]\nrecipe = fixture.recipes:directory\ncontent = ${:word}\nword = one\n";

#[test]
fn a_part_comes_stays_changes_and_goes() {
    let Some(sandbox) = with_recipes(GOOD) else {
        return;
    };
    let first = sandbox.run(&[]);
    first.is_quiet();
    assert!(
        first.stdout.ends_with("Installing p.\n"),
        "{}",
        first.stdout
    );
    assert_eq!(sandbox.read("parts/p/content"), "one\n");
    let record = installed(&sandbox, "p");
    assert!(
        record.starts_with("__buildout_installed__ = [ROOT]/parts/p\n"),
        "{record}"
    );
    assert!(
        record.ends_with("content = one\nlocation = [ROOT]/parts/p\nrecipe = fixture.recipes:directory\nword = one\n"),
        "{record}"
    );
    let second = sandbox.run(&[]);
    assert_eq!(second.stdout, "Updating p.\np: is there: True\n");
    let third = sandbox.run(&["p:word=two"]);
    assert_eq!(third.stdout, "Uninstalling p.\nInstalling p.\n");
    assert_eq!(sandbox.read("parts/p/content"), "two\n");
    let last = sandbox.run(&["buildout:parts="]);
    assert_eq!(last.stdout, "Uninstalling p.\n");
    assert!(!sandbox.has("parts/p") && !sandbox.has(".installed.cfg"));
    assert!(!sandbox.has(".rbuildout") && !sandbox.has(".rbuildout-stash"));
}

#[test]
fn python_and_native_parts_need_each_other() {
    let configuration = "parts = outer\n\
        [outer]\nrecipe = fixture.recipes:nested\nothers = native plain\n\
        [native]\nrecipe = zc.recipe.egg:eggs\neggs = fixture.recipes\nlocation = ${inner:location}/below\n\
        [inner]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
        [plain]\nlocation = ${native:location}\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    let ran = sandbox.run(&[]);
    ran.is_quiet();
    assert_eq!(
        steps(&ran),
        [
            "Installing inner.",
            "Installing native.",
            "Installing outer."
        ]
    );
    let record = installed(&sandbox, "outer");
    assert!(
        record.contains(
            "\nseen-native = [ROOT]/parts/inner/below\nseen-plain = [ROOT]/parts/inner/below\n"
        ),
        "{record}"
    );
    assert!(
        record.contains("\nall = buildout inner native outer plain\n"),
        "{record}"
    );
}

#[test]
fn options_are_what_recipes_expect() {
    let configuration = "parts = p\n\
        [p]\nrecipe = fixture.recipes:options\ngone = x\nother = data\n[data]\nread = 1\n\
        [late]\nrecipe = fixture.recipes:directory\ncontent = ${data:written}\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    let ran = sandbox.run(&[]);
    ran.is_quiet();
    assert_eq!(steps(&ran), ["Installing made.", "Installing p."]);
    let record = installed(&sandbox, "p");
    let options: Vec<&str> = record.lines().skip(2).collect();
    assert_eq!(
        options,
        [
            "copied = 7",
            "key-error = The referenced section, 'no-such-section', was not defined.",
            "keys = location one other recipe three two",
            "location = [ROOT]/parts/p",
            "made = [ROOT]/parts/made",
            "missing = None",
            "one = 1",
            "other = data",
            "recipe = fixture.recipes:options",
            "three = 3",
            "two = 2",
            "type-error = ('Option values must be strings', 1)",
        ]
    );
    assert_eq!(sandbox.read("parts/made/content"), "made by p\n");
}

#[test]
fn lines_come_in_order() {
    let Some(sandbox) = with_recipes("parts = p\n[p]\nrecipe = fixture.recipes:printing\n") else {
        return;
    };
    let ran = sandbox.run(&[]);
    assert!(
        ran.stdout.ends_with(
            "Installing p.\nprinted\nwritten\nlogged as buildout\np: logged as p\nfrom a child\n"
        ),
        "{}",
        ran.stdout
    );
    let removed = sandbox.run(&["buildout:parts="]);
    assert_eq!(
        removed.stdout,
        "Uninstalling p.\nRunning uninstall recipe.\np: uninstalling fixture.recipes:printing, there: False\n"
    );
}

#[test]
fn recipes_without_update_or_paths_are_told_so() {
    let Some(sandbox) = with_recipes("parts = p\n[p]\nrecipe = fixture.recipes:oldstyle\n") else {
        return;
    };
    let ran = sandbox.run(&[]);
    let none = "The p install returned None.  A path or iterable os paths should be returned.\n";
    assert!(
        ran.stdout.ends_with(&format!("Installing p.\n{none}")),
        "{}",
        ran.stdout
    );
    assert_eq!(
        sandbox.run(&[]).stdout,
        "Updating p.\nThe recipe for p doesn't define an update method. Using its install method.\n"
    );
}

#[test]
fn a_part_can_ask_for_python() {
    let configuration = "parts = p\n[p]\nrecipe = zc.recipe.egg\neggs =\nrbuildout-native = true\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    Wheel::new("zc.recipe.egg", "6.0.0")
        .entry_points("[zc.buildout]\ndefault = other_egg:Directory\n")
        .file("other_egg.py", RECIPES)
        .wheel(&sandbox.at("packages"));
    sandbox.run(&[]).succeeds();
    // No Python was started for it.
    let host = "../cache/bridge";
    assert!(!sandbox.has("parts/p") && !sandbox.has(host));
    let ran = sandbox.run(&["-v", "p:rbuildout-native=false"]).succeeds();
    assert!(sandbox.has("parts/p/content") && sandbox.has(host));
    let word = "  help: p: in Python, ";
    assert!(ran.stderr.contains(word), "{}", ran.stderr);
    sandbox
        .run(&["p:rbuildout-native=no"])
        .fails_with(&["Error: Invalid value for 'rbuildout-native' option: 'no'\n"]);
}

#[test]
fn every_python_of_the_machine_runs_recipes() {
    let configuration = "parts = p q\n\
        [p]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
        [q]\nrecipe = fixture.recipes:printing\n";
    let pythons = pythons::every();
    eprintln!("{} Pythons run the recipes", pythons.len());
    for python in pythons {
        eprintln!("with Python {}", python.version);
        let sandbox = with_recipes_for(python, configuration);
        let ran = sandbox.run(&[]);
        ran.is_quiet();
        ran.prints("Installing p.\nInstalling q.\nprinted\n");
        let again = sandbox.run(&[]).stdout;
        let updated = "Updating p.\np: is there: True\n";
        assert!(again.starts_with(updated), "{again}");
        sandbox.run(&["buildout:parts="]).is_quiet();
    }
}

/// Parts that have a file in common, as instances of Zope have the scripts of their eggs.
pub(super) const SHARING: &str = "parts = one two\n\
    [one]\nrecipe = fixture.recipes:shares\nfiles = bin/both bin/one\non-update = write\n\
    [two]\nrecipe = fixture.recipes:shares\nfiles = bin/both bin/two\non-update = write\n";

#[test]
fn what_an_earlier_part_has_made_is_no_old_file_of_a_later_one() {
    let Some(sandbox) = with_recipes(SHARING) else {
        return;
    };
    let said = |arguments: &[&str]| {
        let ran = sandbox.run(arguments).succeeds();
        let lines = ran.stdout.lines();
        let of_parts = |line: &&str| {
            ["ing one.", "ing two.", ": makes "]
                .iter()
                .any(|s| line.contains(s))
        };
        lines
            .filter(of_parts)
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let anew = "Installing one.\none: makes both\none: makes one\nInstalling two.\ntwo: makes two";
    assert_eq!(said(&[]), anew);
    // The second finds what the first has made.
    let gone = "Uninstalling two.\nUninstalling one.\n";
    assert_eq!(said(&["one:new=1", "two:new=1"]), format!("{gone}{anew}"));
    // It is not lost when the second has it no more.
    assert_eq!(
        said(&["one:new=2", "two:files=bin/two"]),
        format!("{gone}{anew}")
    );
    assert_eq!(sandbox.read("bin/both"), "one\n");
    // Nor is what an update writes: by then zc.buildout has removed what the second part had.
    said(&["one:new=2"]);
    assert!(installed(&sandbox, "two").contains("bin/both"));
    assert_eq!(
        said(&["buildout:parts=two one", "one:files=bin/one"]),
        "Uninstalling one.\nUpdating two.\ntwo: makes both\nInstalling one.\none: makes one"
    );
    assert_eq!(sandbox.read("bin/both"), "two\n");
    assert!(!sandbox.has(".rbuildout") && !sandbox.has(".rbuildout-stash"));
}

//! One project in several spellings: how it is asked for, which pin counts, how a conflict is told; and the order of what
//! is recorded. Texts and orders are zc.buildout 6.0.1's.

use crate::support::sandbox::Sandbox;
use crate::support::wheels::Wheel;

/// A buildout with a directory index of these.
fn buildout(wheels: &[Wheel], folder: &str, configuration: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::configured(configuration)?;
    for wheel in wheels {
        wheel.wheel(&sandbox.at("index").join(folder));
    }
    Some(sandbox)
}

/// What an index that is a directory says of a project.
fn asked(project: &str) -> String {
    format!(
        "root: Couldn't retrieve index page for '{project}'\n\
         root: Scanning index of all packages (this may take a while)\n"
    )
}

/// The names of the files that the part p is recorded with.
fn recorded(sandbox: &Sandbox) -> Vec<String> {
    let record = sandbox.read(".installed.cfg");
    let of_part = record.split("[p]\n").nth(1).unwrap();
    let lines = of_part.split("__buildout_signature__").next().unwrap();
    let names = lines.lines().map(|line| line.rsplit('/').next().unwrap());
    names.map(str::to_owned).collect()
}

#[test]
fn each_spelling_is_asked_for_as_it_is_written() {
    let configuration = "\
[buildout]
parts = p
index = index
[p]
recipe = zc.recipe.egg:eggs
eggs =
    DEL_TA
    del-ta
";
    let wheels = [Wheel::new("del-ta", "1.0").scripts(&[])];
    let Some(sandbox) = buildout(&wheels, "del-ta", configuration) else {
        return;
    };
    let first = asked("DEL_TA") + "Getting distribution for 'DEL_TA'.\nGot del-ta 1.0.\n";
    let said = first + &asked("del-ta");
    sandbox.run(&[]).succeeds().prints(&said);
}

#[test]
fn what_is_read_ahead_of_a_directory_is_told_by_the_name_that_is_asked_for() {
    let configuration = "\
[buildout]
parts = p
index = index
[p]
recipe = zc.recipe.egg:eggs
eggs = theta
";
    let Some(sandbox) = buildout(&[], "", configuration) else {
        return;
    };
    let needs = ["DEL-TA>=0.1", "del_ta"];
    Wheel::new("theta", "1.0")
        .requires(&needs)
        .scripts(&[])
        .wheel(&sandbox.at("index/theta"));
    Wheel::new("del-ta", "1.0")
        .scripts(&[])
        .wheel(&sandbox.at("index/del-ta"));
    let ran = sandbox.run(&[]).succeeds();
    assert!(ran.stdout.contains(&asked("del_ta")), "{}", ran.stdout);
    assert!(!ran.stdout.contains("DEL-TA"), "{}", ran.stdout);
}

#[test]
fn of_two_spellings_of_a_pin_the_later_one_counts() {
    let configuration = "\
[buildout]
parts = p
extends = base.cfg
index = index
[p]
recipe = zc.recipe.egg:eggs
eggs = eta.core
[versions]
eta-core = 1.1
";
    let wheels = ["1.0", "1.1", "2.0"].map(|version| Wheel::new("eta.core", version).scripts(&[]));
    let Some(sandbox) = buildout(&wheels, "eta-core", configuration) else {
        return;
    };
    sandbox.write("base.cfg", "[versions]\neta.core = 1.0\n");
    sandbox.run(&[]).succeeds().prints("Got eta.core 1.1.\n");
}

#[test]
fn a_conflict_is_told_with_a_list_if_the_spelling_is_known() {
    let configuration = "\
[buildout]
parts = p
index = index
[p]
recipe = zc.recipe.egg:eggs
eggs =
    eta.core
    theta
";
    let wheels = ["1.0", "2.0"].map(|version| Wheel::new("eta.core", version).scripts(&[]));
    let Some(sandbox) = buildout(&wheels, "eta-core", configuration) else {
        return;
    };
    let theta = |requirement: &str| {
        let wheel = Wheel::new("theta", "1.0").requires(&[requirement]);
        wheel.scripts(&[]).wheel(&sandbox.at("index/theta"));
        let ran = sandbox.run(&["buildout:eggs-directory=other"]);
        ran.fails_with(&[
            "Error: There is a version conflict.\nWe already have: eta.core 2.0\n",
            &format!("but theta 1.0 requires '{requirement}'."),
        ])
    };
    let list = "Version and requirements information containing";
    let ran = theta("eta-core<2");
    assert!(!ran.stdout.contains(list), "{}", ran.stdout);
    std::fs::remove_dir_all(sandbox.at("other")).unwrap();
    // By the name that it has it is known already.
    let ran = theta("eta.core<2");
    assert!(ran.stdout.contains(list), "{}", ran.stdout);
}

#[test]
fn an_update_is_recorded_in_its_own_order() {
    let configuration = "\
[buildout]
parts = p q
index = index
newest = false
[p]
recipe = zc.recipe.egg
eggs = theta
dependent-scripts = true
[q]
recipe = zc.recipe.egg:eggs
eggs = theta
";
    let theta = Wheel::new("theta", "1.0").scripts(&["theta = theta:main"]);
    let wheels = [theta.requires(&["iota", "kappa"])];
    let Some(sandbox) = buildout(&wheels, "theta", configuration) else {
        return;
    };
    for name in ["iota", "kappa"] {
        let script = format!("{name} = {name}:main");
        let wheel = Wheel::new(name, "1.0").scripts(&[&script]);
        wheel.wheel(&sandbox.at("index").join(name));
    }
    sandbox.run(&[]).succeeds();
    // What comes anew goes to the front of the path.
    assert_eq!(recorded(&sandbox), ["theta", "iota", "kappa"]);
    let changed = sandbox.read("buildout.cfg").replace("eggs = theta\n\n", "");
    sandbox.write("buildout.cfg", &format!("{changed}x = 1\n"));
    sandbox.run(&[]).succeeds().prints("Updating p.\n");
    assert_eq!(recorded(&sandbox), ["theta", "kappa", "iota"]);
}

#[test]
fn a_part_with_relative_paths_of_its_own_reads_those_of_the_buildout() {
    let configuration = "\
[buildout]
parts = p
index = index
relative-paths = true
[p]
recipe = zc.recipe.egg
eggs = theta
relative-paths = false
";
    let wheels = [Wheel::new("theta", "1.0").scripts(&["theta = theta:main"])];
    let Some(sandbox) = buildout(&wheels, "theta", configuration) else {
        return;
    };
    let ran = sandbox.run(&[]).succeeds();
    assert!(!ran.stdout.contains("unused"), "{}", ran.stdout);
    assert!(!sandbox.read("bin/theta").contains("base = "));
}

#[test]
fn what_an_update_no_longer_makes_goes_with_the_part() {
    let configuration = "\
[buildout]
parts = p q
index = index
[p]
recipe = zc.recipe.egg
eggs = theta
[q]
recipe = zc.recipe.egg:eggs
eggs = theta
";
    let both = ["theta = theta:main", "old = theta:main"];
    let wheels = [Wheel::new("theta", "1.0").scripts(&both)];
    let Some(sandbox) = buildout(&wheels, "theta", configuration) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    assert_eq!(recorded(&sandbox), ["theta", "old"]);
    Wheel::new("theta", "1.1")
        .scripts(&both[..1])
        .wheel(&sandbox.at("index/theta"));
    sandbox.write("buildout.cfg", &format!("{configuration}x = 1\n"));
    sandbox.run(&[]).succeeds().prints("Updating p.\n");
    assert_eq!(recorded(&sandbox), ["theta", "old"]);
    assert!(sandbox.has("bin/old"));
    let without = configuration.replace("parts = p q", "parts = q");
    sandbox.write("buildout.cfg", &without);
    sandbox.run(&[]).succeeds();
    assert!(!sandbox.has("bin/old"));
}

//! Python recipes: what they may do, what they may break, and that nothing is lost by it.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::recipe_site::{Ran, Site, executable};

const GOOD: &str =
    "parts = p\n[p]\nrecipe = fixture.recipes:directory\ncontent = ${:word}\nword = one\n";

#[test]
fn a_part_comes_stays_changes_and_goes() {
    let Some(site) = Site::new(GOOD) else { return };
    let first = site.run(&[]);
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
    assert!(first.out.ends_with("Installing p.\n"), "{}", first.out);
    assert_eq!(site.read("parts/p/content"), "one\n");
    let record = site.installed("p");
    assert!(
        record.starts_with("__buildout_installed__ = [ROOT]/parts/p\n"),
        "{record}"
    );
    assert!(
        record.ends_with("content = one\nlocation = [ROOT]/parts/p\nrecipe = fixture.recipes:directory\nword = one\n"),
        "{record}"
    );
    let second = site.run(&[]);
    assert_eq!(second.out, "Updating p.\np: is there: True\n");
    let third = site.run(&["p:word=two"]);
    assert_eq!(third.out, "Uninstalling p.\nInstalling p.\n");
    assert_eq!(site.read("parts/p/content"), "two\n");
    let last = site.run(&["buildout:parts="]);
    assert_eq!(last.out, "Uninstalling p.\n");
    assert!(!site.has("parts/p") && !site.has(".installed.cfg"));
    assert!(!site.has(".rbuildout") && !site.has(".rbuildout-stash"));
}

#[test]
fn python_and_native_parts_need_each_other() {
    let configuration = "parts = outer\n\
        [outer]\nrecipe = fixture.recipes:nested\nothers = native plain\n\
        [native]\nrecipe = zc.recipe.egg:eggs\neggs = fixture.recipes\nlocation = ${inner:location}/below\n\
        [inner]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
        [plain]\nlocation = ${native:location}\n";
    let Some(site) = Site::new(configuration) else {
        return;
    };
    let ran = site.run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let order: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("Installing"))
        .collect();
    assert_eq!(
        order,
        [
            "Installing inner.",
            "Installing native.",
            "Installing outer."
        ]
    );
    let record = site.installed("outer");
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
    let Some(site) = Site::new(configuration) else {
        return;
    };
    let ran = site.run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let order: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("Installing"))
        .collect();
    assert_eq!(order, ["Installing made.", "Installing p."]);
    let record = site.installed("p");
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
    assert_eq!(site.read("parts/made/content"), "made by p\n");
}

#[test]
fn errors_have_one_trail_and_the_right_class() {
    let configuration = "parts = outer\n\
        [outer]\nrecipe = fixture.recipes:nested\nothers = native\n\
        [native]\nrecipe = zc.recipe.egg:eggs\neggs = ${bad:location}\n\
        [bad]\nrecipe = fixture.recipes:usererror\n";
    let Some(site) = Site::new(configuration) else {
        return;
    };
    let trail = "While:\n  Installing.\n  Getting section outer.\n  Initializing section outer.\n  \
        Getting section native.\n  Initializing section native.\n  Getting option native:eggs.\n  \
        Getting section bad.\n  Initializing section bad.\n";
    let ran = site.run(&[]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.err,
        format!("{trail}Error: bad is not what it should be\n")
    );

    let ran = site.run(&["bad:recipe=fixture.recipes:valueerror"]);
    assert_eq!(ran.code, Some(1));
    let text = format!(
        "{trail}\nAn internal error occurred due to a bug in either zc.buildout or in a\nrecipe being used:\nTraceback"
    );
    assert!(ran.err.starts_with(&text), "{}", ran.err);
    assert!(
        ran.err.contains("raise ValueError('no good value')\n"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.ends_with("\nValueError: no good value\n"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("rbuildout_host"), "{}", ran.err);

    // The same exceptions, caught by the recipe that asked; a mistake in a native part too.
    for (overrides, caught) in [
        (
            &["bad:recipe=fixture.recipes:valueerror"] as &[&str],
            "no good value",
        ),
        (&[], "UserError: bad is not what it should be"),
        (
            &["native:eggs=${none:x}"],
            "UserError: The referenced section, 'none', was not defined.",
        ),
    ] {
        let mut arguments = vec!["outer:recipe=fixture.recipes:catches", "outer:other=native"];
        arguments.extend(overrides);
        let ran = site.run(&arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        let record = site.installed("outer");
        assert!(
            record.contains(&format!("\ncaught = {caught}\n")),
            "{record}"
        );
    }
}

/// A part that is installed, and that fails when it is installed anew.
fn failing(how: &str) -> Option<(Site, Ran)> {
    let configuration = "parts = first p last\n\
        [first]\nrecipe = fixture.recipes:directory\n\
        [p]\nrecipe = fixture.recipes:fails\nhow = well\n\
        [last]\nrecipe = fixture.recipes:directory\ncontent = ${p:how}\n";
    let site = Site::new(configuration)?;
    let first = site.run(&[]);
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
    site.write("parts/p/precious", "data\n");
    site.write("parts/last/precious", "data\n");
    let ran = site.run(&["first:content=new", &format!("p:how={how}")]);
    // What was before is there, and so is what was done before the failure.
    assert_eq!(site.read("parts/first/content"), "new\n");
    assert_eq!(site.read("parts/p/precious"), "data\n");
    assert_eq!(site.read("parts/last/precious"), "data\n");
    assert!(!site.has(".rbuildout") && !site.has(".rbuildout-stash"));
    // The next run knows of all of it. That the two others were uninstalled has been said.
    let again = site.run(&["first:content=new"]);
    assert_eq!((again.code, again.err.as_str()), (Some(0), ""), "{how}");
    let steps: Vec<&str> = again.out.lines().filter(|l| l.contains("ing ")).collect();
    assert_eq!(
        steps,
        ["Updating first.", "Installing p.", "Installing last."],
        "{how}"
    );
    assert!(!site.has("parts/p/precious"));
    Some((site, ran))
}

#[test]
fn what_a_failing_recipe_replaced_comes_back() {
    let note = "rbuildout: note[put-back]: the files that p had before are back in place\n";
    let gone = "rbuildout: error[recipe-host]: the Python process that runs recipes is gone\n";
    for (how, code, said) in [
        ("user", 1, "While:\n  Installing p.\nError: can not go on\n"),
        ("value", 1, "\nValueError: can not go on\n"),
        ("created", 1, "\nValueError: cleaned up\n"),
        ("exit", 7, ""),
        ("word", 1, "enough\n"),
        (
            "signal",
            1,
            "Error: The recipe host was killed by signal 9 (SIGKILL).\n",
        ),
        (
            "os-exit",
            3,
            "rbuildout: error[recipe-host]: The recipe host ended with status 3.\n",
        ),
        (
            "garbage",
            1,
            "Error: The recipe host was ended: it spoke out of turn.\n",
        ),
    ] {
        let Some((_site, ran)) = failing(how) else {
            return;
        };
        assert_eq!(ran.code, Some(code), "{how}: {}", ran.err);
        assert!(ran.err.contains(said), "{how}: {}", ran.err);
        assert!(ran.err.ends_with(note), "{how}: {}", ran.err);
        assert_eq!(
            ran.err.contains(gone),
            how == "signal",
            "{how}: {}",
            ran.err
        );
    }
}

#[test]
fn a_failing_update_takes_nothing_away() {
    let Some(site) = Site::new("parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = well\n")
    else {
        return;
    };
    assert_eq!(site.run(&[]).code, Some(0));
    site.configure(
        "parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = well\non-update = fail\n",
    );
    assert_eq!(site.run(&[]).code, Some(0));
    let ran = site.run(&[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("While:\n  Updating p.\n"), "{}", ran.err);
    assert!(site.has("parts/p/half"));
    assert_eq!(site.run(&[]).out, "Installing p.\n");
}

#[test]
fn lines_come_in_order() {
    let Some(site) = Site::new("parts = p\n[p]\nrecipe = fixture.recipes:printing\n") else {
        return;
    };
    let ran = site.run(&[]);
    assert!(
        ran.out.ends_with(
            "Installing p.\nprinted\nwritten\nlogged as buildout\np: logged as p\nfrom a child\n"
        ),
        "{}",
        ran.out
    );
    let removed = site.run(&["buildout:parts="]);
    assert_eq!(
        removed.out,
        "Uninstalling p.\nRunning uninstall recipe.\np: uninstalling fixture.recipes:printing, there: False\n"
    );
}

#[test]
fn recipes_without_update_or_paths_are_told_so() {
    let Some(site) = Site::new("parts = p\n[p]\nrecipe = fixture.recipes:oldstyle\n") else {
        return;
    };
    let ran = site.run(&[]);
    let none = "The p install returned None.  A path or iterable os paths should be returned.\n";
    assert!(
        ran.out.ends_with(&format!("Installing p.\n{none}")),
        "{}",
        ran.out
    );
    assert_eq!(
        site.run(&[]).out,
        "Updating p.\nThe recipe for p doesn't define an update method. Using its install method.\n"
    );
}

#[test]
fn a_part_can_ask_for_python() {
    let configuration = "parts = p\n[p]\nrecipe = zc.recipe.egg\neggs =\nrbuildout-native = true\n";
    let Some(site) = Site::new(configuration) else {
        return;
    };
    let entries = "[zc.buildout]\ndefault = other_egg:Directory\n";
    let recipes = include_str!("../../fixtures/recipes/fixture_recipes.py");
    site.wheel(
        "zc.recipe.egg",
        "6.0.0",
        entries,
        &[("other_egg.py", recipes)],
    );
    assert_eq!(site.run(&[]).code, Some(0));
    // No Python was started for it.
    assert!(!site.has("parts/p") && !site.has("home/cache/bridge"));
    let ran = site.run(&["-v", "p:rbuildout-native=false"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(site.has("parts/p/content"));
    assert!(ran.err.contains("  help: p: in Python, "), "{}", ran.err);
    let wrong = site.run(&["p:rbuildout-native=no"]);
    assert!(
        wrong
            .err
            .contains("Error: Invalid value for 'rbuildout-native' option: 'no'\n"),
        "{}",
        wrong.err
    );
}

#[test]
fn every_python_of_the_machine_runs_recipes() {
    let configuration = "parts = p q\n\
        [p]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
        [q]\nrecipe = fixture.recipes:printing\n";
    let mut tried = 0;
    for version in [
        "2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14",
    ] {
        let Some(python) = executable(&format!("python{version}")) else {
            eprintln!("SKIPPED: there is no python{version} in PATH");
            continue;
        };
        let site = Site::with(&python, configuration);
        let ran = site.run(&[]);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (Some(0), ""),
            "Python {version}"
        );
        assert!(
            ran.out.contains("Installing p.\nInstalling q.\nprinted\n"),
            "Python {version}: {}",
            ran.out
        );
        let again = site.run(&[]);
        assert!(
            again.out.starts_with("Updating p.\np: is there: True\n"),
            "Python {version}: {}",
            again.out
        );
        let removed = site.run(&["buildout:parts="]);
        assert_eq!(
            (removed.code, removed.err.as_str()),
            (Some(0), ""),
            "Python {version}"
        );
        tried += 1;
    }
    eprintln!("{tried} Pythons ran the recipes");
}

/// A run whose recipe hangs, in a process group of its own as under a terminal.
fn hanging(stubborn: &str) -> Option<(Site, Child)> {
    let configuration = "parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = well\n";
    let site = Site::new(configuration)?;
    assert_eq!(site.run(&[]).code, Some(0));
    site.write("parts/p/precious", "data\n");
    let child = site
        .command(&["p:how=hang", &format!("p:stubborn={stubborn}")])
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !site.has("parts/p/half") || site.has("parts/p/precious") {
        assert!(Instant::now() < until, "the recipe does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    Some((site, child))
}

fn signal(signal: &str, to: &str) {
    assert!(
        Command::new("kill")
            .args([signal, "--", to])
            .status()
            .unwrap()
            .success()
    );
}

/// What is left of a process group.
fn is_empty(group: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let all = Command::new("ps")
            .args(["-eo", "pgid=,stat="])
            .output()
            .unwrap();
        let all = String::from_utf8_lossy(&all.stdout).into_owned();
        let alive = all.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(group) && words.next().is_some_and(|stat| !stat.starts_with('Z'))
        });
        if !alive || Instant::now() > until {
            return !alive;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn control_c_ends_a_recipe_and_leaves_all_as_it_was() {
    for (stubborn, signals) in [("false", 1), ("true", 2)] {
        let Some((site, child)) = hanging(stubborn) else {
            return;
        };
        let group = child.id().to_string();
        for _ in 0..signals {
            signal("-INT", &format!("-{group}"));
            std::thread::sleep(Duration::from_millis(300));
        }
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(
            err.starts_with("While:\n  Installing p.\nError: Interrupted.\n"),
            "{err}"
        );
        assert!(is_empty(&group));
        assert_eq!(site.read("parts/p/precious"), "data\n");
        assert_eq!(site.run(&[]).out, "Installing p.\n");
    }
}

#[test]
fn the_host_does_not_outlive_rbuildout() {
    for (name, code) in [("-TERM", Some(143)), ("-KILL", None)] {
        let Some((site, child)) = hanging("true") else {
            return;
        };
        let group = child.id().to_string();
        signal(name, &group);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code);
        assert!(is_empty(&group), "{name}");
        if code.is_some() {
            assert_eq!(site.read("parts/p/precious"), "data\n");
        }
        let next = site.run(&[]);
        assert_eq!(next.out, "Installing p.\n", "{name}");
        let word = "rbuildout: warning[recovered]: an earlier run was stopped while it installed p; its old files are back\n";
        assert_eq!(next.err, if code.is_some() { "" } else { word });
    }
}

/// Everything that the two tools can be compared in.
const ALL: &str = "parts = outer opts text print old eggs catches\n\
    [outer]\nrecipe = fixture.recipes:nested\nothers = native plain\n\
    [native]\nrecipe = zc.recipe.egg:eggs\neggs = fixture.recipes\nlocation = ${inner:location}/below\n\
    [inner]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
    [plain]\nlocation = ${native:location}\n\
    [opts]\nrecipe = fixture.recipes:options\ngone = x\nother = data\nunused = 1\n[data]\nread = 1\n\
    [base]\nrecipe = fixture.recipes:directory\ncontent = ${:word} and $${word}\nword = base\n\
    [text]\n<= base\nword =\n    two\n      lines ${data:written}\n\
    [print]\nrecipe = fixture.recipes:printing\n\
    [old]\nrecipe = fixture.recipes:oldstyle\n\
    [eggs]\nrecipe = fixture.recipes:eggs\neggs = fixture.recipes\n\
    [catches]\nrecipe = fixture.recipes:catches\nother = bad\n\
    [bad]\nrecipe = fixture.recipes:valueerror\n";

#[test]
fn both_tools_do_the_same() {
    let steps: [&[&str]; 8] = [
        &[],
        &[],
        &["base:word=other"],
        &["install", "outer"],
        &["buildout:parts=outer print"],
        &[
            "buildout:parts=usererror outer",
            "usererror:recipe=fixture.recipes:usererror",
        ],
        &[
            "buildout:parts=outer new",
            "new:recipe=fixture.recipes:nosuch",
        ],
        &["buildout:parts="],
    ];
    let (Some(ours), Some(theirs)) = (Site::with_real(ALL), Site::with_real(ALL)) else {
        return;
    };
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        assert_eq!(
            (&mine.out, mine.code),
            (&real.out, real.code),
            "{step:?}: {}",
            mine.err
        );
        if !real.err.contains("internal error") {
            assert_eq!(mine.err, real.err, "{step:?}");
        }
        // A failure leaves the record as it was; zc.buildout has added a line or two by then.
        if mine.code == Some(0) {
            assert_eq!(ours.files(), theirs.files(), "{step:?}");
        }
    }
}

#[test]
fn a_change_of_tools_installs_nothing() {
    let Some(site) = Site::with_real(ALL) else {
        return;
    };
    assert_eq!(site.run_real(&[]).code, Some(0));
    for round in 0..3 {
        for ran in [site.run(&[]), site.run_real(&[])] {
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            let again = ran
                .out
                .lines()
                .any(|l| l.starts_with("Installing ") || l.starts_with("Uninstalling "));
            assert!(!again, "round {round}: {}", ran.out);
        }
    }
}

#[test]
fn a_recipe_under_development_is_found_where_it_lies() {
    let configuration = "develop = src/mine\nparts = p\n[p]\nrecipe = mine\n";
    let (Some(ours), Some(theirs)) = (
        Site::with_real(configuration),
        Site::with_real(configuration),
    ) else {
        return;
    };
    let recipes = include_str!("../../fixtures/recipes/fixture_recipes.py");
    for site in [&ours, &theirs] {
        // A package of another name than its directory: only the finder that the build makes knows where it is.
        site.write("src/mine/odd/__init__.py", recipes);
        site.write(
            "src/mine/setup.py",
            "from setuptools import setup\n\
             setup(name='mine', version='1', packages=['mine'], package_dir={'mine': 'odd'},\n\
             \x20     entry_points={'zc.buildout': ['default = mine:Directory']})\n",
        );
    }
    for word in ["Installing p.\n", "Updating p.\n"] {
        let (mine, real) = (ours.run(&[]), theirs.run_real(&[]));
        assert_eq!(
            (&mine.out, mine.code),
            (&real.out, real.code),
            "{}",
            mine.err
        );
        assert!(mine.out.contains(word), "{}", mine.out);
    }
    let again = ours.run_real(&[]);
    assert!(again.out.contains("Updating p.\n"), "{}", again.out);
}

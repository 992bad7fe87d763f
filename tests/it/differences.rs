//! The deliberate differences to zc.buildout, one test each; docs/compatibility.md names them.

use std::process::Stdio;

use crate::support::sandbox::{PROGRAM, Ran, Sandbox};
use crate::support::wheels::{Wheel, sample};

/// Two parts of which the second goes wrong when it is wanted.
const TWO: &str = "\
[buildout]
parts = a
[a]
recipe = zc.recipe.egg
eggs =
interpreter = py
[b]
recipe = zc.recipe.egg
eggs =
entry-points = oops
";

const DEMO: &str = "\
[buildout]
parts = a
find-links = links
[versions]
demo = 1.0
[a]
recipe = zc.recipe.egg
eggs = demo
";

fn failing(sandbox: &Sandbox) -> Ran {
    sandbox
        .run(&["buildout:parts=a b", "a:interpreter=other"])
        .fails_with(&[])
}

/// Fails with this message; to the user it is no bug.
#[track_caller]
fn refused(configuration: &str, message: &str) {
    let Some(sandbox) = Sandbox::configured(configuration) else {
        return;
    };
    let ran = sandbox
        .run(&[])
        .fails_with(&[&format!("Error: {message}\n")]);
    assert!(!ran.stderr.contains("Traceback"), "{}", ran.stderr);
}

/// With a wheel for [`DEMO`].
fn demo() -> Option<Sandbox> {
    let sandbox = Sandbox::configured(DEMO)?;
    Wheel::new("demo", "1.0")
        .scripts(&["demo = demo:main"])
        .wheel(&sandbox.at("links"));
    Some(sandbox)
}

#[test]
fn a_failure_leaves_what_was_installed() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    let before = sandbox.read("bin/py");
    failing(&sandbox).fails_with(&["rbuildout: note[unchanged]"]);
    assert_eq!(sandbox.read("bin/py"), before);
    assert!(!sandbox.has("bin/other"));
    assert!(!sandbox.has(".rbuildout"));
}

#[test]
fn an_unfinished_part_is_installed_anew() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    let record = || std::fs::read_to_string(sandbox.at(".installed.cfg")).unwrap();
    let before = record();
    failing(&sandbox);
    let unfinished = "__buildout_signature__ = rbuildout:unfinished";
    assert!(record().contains(unfinished));
    let ran = sandbox.run(&[]).succeeds();
    let anew = "Uninstalling a.\nInstalling a.\nGenerated interpreter";
    assert!(ran.stdout.starts_with(anew), "{}", ran.stdout);
    assert_eq!(record(), before);
}

/// Killed before each change of the disk in turn: at that moment the script is the old or the new one, and the next run
/// ends where an undisturbed one does.
#[test]
fn a_killed_run_loses_nothing() {
    if !cfg!(debug_assertions) {
        eprintln!("SKIPPED: only debug builds can be killed at a step");
        return;
    }
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    let change = "a:initialization=print(1)";
    sandbox.run(&[change]).succeeds();
    let new = sandbox.read("bin/py");
    sandbox.run(&[]).succeeds();
    let old = sandbox.read("bin/py");
    for step in 1.. {
        let mut command = sandbox.command(PROGRAM, &[change]);
        command.env("RBUILDOUT_TEST_KILL_AT", step.to_string());
        let ended = command.output().unwrap();
        let now = sandbox.read("bin/py");
        assert!(now == old || now == new, "step {step}: {now}");
        if ended.status.success() {
            assert!(step > 5, "only {step} steps");
            break;
        }
        let next = sandbox.run(&[change]);
        assert_eq!(next.code, 0, "step {step}: {}", next.stderr);
        assert_eq!(sandbox.read("bin/py"), new, "step {step}");
        assert!(!sandbox.has(".rbuildout"), "step {step}");
        sandbox.run(&[]).succeeds();
    }
}

#[test]
fn mistakes_are_no_tracebacks() {
    let part = "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs =\ninterpreter = py\n";
    let supervisor = "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.supervisor\n";
    for (head, rest, message) in [
        (
            part,
            "relative-paths = yes\n",
            "Invalid value for relative-paths option: yes",
        ),
        (
            "[buildout]\nparts = a\n",
            "[a]\nrecipe = a:b:c\n",
            "Invalid recipe: a:b:c",
        ),
        (
            "[buildout]\n",
            "extends = .\n",
            "[Errno 21] Is a directory: '[ROOT]/.'",
        ),
        (
            supervisor,
            "http-socket = tcp\n",
            "http-socket only supports values inet or nix.",
        ),
        (
            supervisor,
            "programs = oops\n",
            "Program line incorrect: oops",
        ),
        (
            supervisor,
            "childlogdir =\n",
            "The option childlogdir is empty; it must name a path.",
        ),
    ] {
        refused(&format!("{head}{rest}"), message);
    }
    let eggs = "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs = one two\n";
    let Some(sandbox) = Sandbox::configured(eggs) else {
        return;
    };
    sandbox.run(&[]).fails_with(&["  --> buildout.cfg:5:8\n"]);
    sandbox.write_bytes("buildout.cfg", b"[buildout]\nparts = \xff\n");
    sandbox.run(&[]).fails_with(&[
        "Error: 'utf-8' codec can't decode byte 0xff in position 19: invalid start byte\n",
    ]);
}

#[test]
fn all_bad_lines_are_told_at_once() {
    let text = "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.supervisor\nhttp-socket = tcp\nprograms =\n    one\n    two\ngroups = three\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let places = ["5:15", "7:", "8:", "9:"].map(|place| format!("--> buildout.cfg:{place}"));
    sandbox
        .run(&[])
        .fails_with(&places.each_ref().map(String::as_str));
}

#[test]
fn a_script_may_lie_in_a_directory_of_its_own() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.run(&["a:interpreter=sub/py"]).succeeds();
    assert!(sandbox.has("bin/sub/py"));
}

#[test]
fn a_bare_conf_name_lies_in_the_buildout() {
    let text = "[buildout]\nparts = a\nfind-links = links\n[a]\nrecipe = collective.recipe.supervisor\nsupervisord-conf = sv.conf\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    sample("supervisor-4.3.0").wheel(&sandbox.at("links"));
    let ran = sandbox.run(&[]).succeeds();
    assert!(sandbox.has("sv.conf"));
    assert!(ran.stderr.contains("warning[conf-relative]"));
}

#[test]
fn directories_are_made_with_what_is_above_them() {
    let text = "[buildout]\nparts =\nparts-directory = var/a/parts\nbin-directory = var/b/bin\ndevelop-eggs-directory = var/c/eggs\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let ran = sandbox.run(&[]).succeeds();
    for directory in ["var/a/parts", "var/b/bin", "var/c/eggs"] {
        assert!(sandbox.has(directory), "{directory}");
        let line = format!("Creating directory '[ROOT]/{directory}'.\n");
        assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    }
}

#[test]
fn a_checkout_is_not_removed() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    sandbox.write("src/.git/HEAD", "");
    let record = std::fs::read_to_string(sandbox.at(".installed.cfg")).unwrap();
    let start = record.find("__buildout_installed__").unwrap();
    let end = start + record[start..].find("\n__buildout_signature__").unwrap();
    let listed = "__buildout_installed__ = [ROOT]/bin/py\n\t[ROOT]/src";
    sandbox.write(
        ".installed.cfg",
        &format!("{}{listed}{}", &record[..start], &record[end..]),
    );
    sandbox
        .run(&["buildout:parts="])
        .fails_with(&["Error: Won't remove [ROOT]/src: it holds a checkout (.git).\n"]);
    assert!(sandbox.has("src/.git/HEAD") && sandbox.has("bin/py"));
}

#[test]
fn a_damaged_record_is_mended_or_told() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.write(".installed.cfg", "\n");
    let ran = sandbox.run(&[]).succeeds();
    assert!(ran.stderr.contains("warning[installed-damaged]"));
    sandbox.write(".installed.cfg", "[a\n");
    sandbox
        .run(&[])
        .fails_with(&["help: the record of installed parts is damaged"]);
    assert!(sandbox.has("bin/py"));
}

#[test]
fn changed_passwords_are_not_logged() {
    let text = TWO.replace("[b]", "password = one\n[b]");
    let Some(sandbox) = Sandbox::configured(&text) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    sandbox
        .run(&["-vv", "a:password=two"])
        .succeeds()
        .prints("Part a, option password changed:\n(hidden) != (hidden)\n");
}

#[test]
fn offline_keeps_what_is_there() {
    let Some(sandbox) = demo() else { return };
    sandbox.run(&[]).succeeds();
    std::fs::remove_dir_all(sandbox.at("links")).unwrap();
    let script = sandbox.read("bin/demo");
    for _ in 0..2 {
        assert_eq!(sandbox.run(&["-o"]).succeeds().stdout, "Updating a.\n");
    }
    assert_eq!(sandbox.read("bin/demo"), script);
}

#[test]
fn eggs_tell_where_they_came_from() {
    let Some(sandbox) = demo() else { return };
    sandbox.run(&[]).succeeds();
    let name = &sandbox.names("eggs/v5")[0];
    let info = format!("eggs/v5/{name}/{}.dist-info", name.trim_end_matches(".egg"));
    assert!(!sandbox.read(&format!("{info}/RECORD")).contains("../"));
    let source = sandbox.read(&format!("{info}/direct_url.json"));
    assert!(
        source.contains("/links/demo-1.0-py2.py3-none-any.whl"),
        "{source}"
    );
}

#[test]
fn it_does_not_upgrade_itself() {
    let pins = "[buildout]\nparts =\n[versions]\nzc.buildout = 4.0.0\nsetuptools = 1.0\npip = 1.0\nwheel = 0.1\n";
    let Some(sandbox) = Sandbox::configured(pins) else {
        return;
    };
    let ran = sandbox.run(&[]).succeeds();
    let mut lines = ran.stdout.lines();
    assert!(
        lines.all(|line| line.starts_with("Creating directory ")),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_interpreter_that_is_named_must_be_there() {
    let text = "[buildout]\nparts =\npython = p\n[p]\nexecutable = /nowhere/python\n";
    refused(text, "Couldn't find the Python /nowhere/python");
}

#[test]
fn a_second_run_waits() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    let directory = std::fs::File::open(sandbox.at("")).unwrap();
    directory.lock().unwrap();
    let child = sandbox
        .command(PROGRAM, &[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!sandbox.has("bin/py"));
    directory.unlock().unwrap();
    let ran = sandbox.ended(&child.wait_with_output().unwrap()).succeeds();
    assert!(ran.stderr.contains("rbuildout: warning[locked]"));
    assert!(sandbox.has("bin/py"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    let mut child = sandbox
        .command(PROGRAM, &["annotate"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = sandbox.ended(&child.wait_with_output().unwrap()).succeeds();
    assert_eq!(ran.stderr, "");
}

#[test]
fn there_is_no_debugger() {
    let Some(sandbox) = Sandbox::configured(TWO) else {
        return;
    };
    sandbox.run(&["-D"]).succeeds();
    sandbox
        .run(&["-D", "buildout:parts=b"])
        .fails_with(&["Error: Invalid entry point\n"]);
}

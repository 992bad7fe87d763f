//! The deliberate differences to zc.buildout, one test each; docs/compatibility.md names them.

use std::process::Stdio;

use crate::site::{Run, Site};

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

fn failing(site: &Site) -> Run {
    let run = site.run(&["buildout:parts=a b", "a:interpreter=other"]);
    assert!(!run.success, "{}", run.stdout);
    run
}

fn fails_with(configuration: &str, message: &str) {
    let Some(site) = Site::new(configuration) else {
        return;
    };
    let run = site.run(&[]);
    assert!(!run.success, "{configuration}");
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains(&format!("Error: {message}\n")), "{all}");
    assert!(!all.contains("Traceback"), "{all}");
}

#[test]
fn a_failure_leaves_what_was_installed() {
    let Some(site) = Site::new(TWO) else { return };
    assert!(site.run(&[]).success);
    let before = site.read("bin/py");
    let run = failing(&site);
    assert!(
        run.stderr.contains("rbuildout: note[unchanged]"),
        "{}",
        run.stderr
    );
    assert_eq!(site.read("bin/py"), before);
    assert!(!site.has("bin/other"));
    assert!(!site.has(".rbuildout"));
}

#[test]
fn an_unfinished_part_is_installed_anew() {
    let Some(site) = Site::new(TWO) else { return };
    assert!(site.run(&[]).success);
    let record = site.read(".installed.cfg");
    failing(&site);
    assert!(
        site.read(".installed.cfg")
            .contains("__buildout_signature__ = rbuildout:unfinished")
    );
    let run = site.run(&[]);
    assert!(
        run.stdout
            .starts_with("Uninstalling a.\nInstalling a.\nGenerated interpreter"),
        "{}",
        run.stdout
    );
    assert_eq!(site.read(".installed.cfg"), record);
}

/// Killed before each change of the disk in turn: at that moment the script is the old or the new one, and the next run
/// ends where an undisturbed one does.
#[test]
fn a_killed_run_loses_nothing() {
    if !cfg!(debug_assertions) {
        eprintln!("SKIPPED: only debug builds can be killed at a step");
        return;
    }
    let Some(site) = Site::new(TWO) else { return };
    let change = "a:initialization=print(1)";
    assert!(site.run(&[change]).success);
    let new = site.read("bin/py");
    assert!(site.run(&[]).success);
    let old = site.read("bin/py");
    for step in 1.. {
        let mut command = site.command();
        command
            .arg(change)
            .env("RBUILDOUT_TEST_KILL_AT", step.to_string());
        let run = site.told(&command.output().unwrap());
        let now = site.read("bin/py");
        assert!(now == old || now == new, "step {step}: {now}");
        if run.success {
            assert!(step > 5, "only {step} steps");
            break;
        }
        let next = site.run(&[change]);
        assert!(next.success, "step {step}: {}", next.stderr);
        assert_eq!(site.read("bin/py"), new, "step {step}");
        assert!(!site.has(".rbuildout"), "step {step}");
        assert!(site.run(&[]).success);
    }
}

#[test]
fn mistakes_are_no_tracebacks() {
    let part = "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs =\ninterpreter = py\n";
    fails_with(
        &format!("{part}relative-paths = yes\n"),
        "Invalid value for relative-paths option: yes",
    );
    fails_with(
        "[buildout]\nparts = a\n[a]\nrecipe = a:b:c\n",
        "Invalid recipe: a:b:c",
    );
    fails_with(
        "[buildout]\nextends = .\n",
        "[Errno 21] Is a directory: '/srv/site/.'",
    );
    let supervisor = "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.supervisor\n";
    fails_with(
        &format!("{supervisor}http-socket = tcp\n"),
        "http-socket only supports values inet or nix.",
    );
    fails_with(
        &format!("{supervisor}programs = oops\n"),
        "Program line incorrect: oops",
    );
    fails_with(
        &format!("{supervisor}childlogdir =\n"),
        "The option childlogdir is empty; it must name a path.",
    );
    let eggs = "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs = one two\n";
    let Some(site) = Site::new(eggs) else { return };
    let run = site.run(&[]);
    assert!(
        run.stderr.contains("  --> buildout.cfg:5:8\n"),
        "{}",
        run.stderr
    );
    site.write("buildout.cfg", b"[buildout]\nparts = \xff\n");
    let run = site.run(&[]);
    assert!(
        run.stderr.contains(
            "Error: 'utf-8' codec can't decode byte 0xff in position 19: invalid start byte\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn all_bad_lines_are_told_at_once() {
    let text = "[buildout]\nparts = a\n[a]\nrecipe = collective.recipe.supervisor\nhttp-socket = tcp\nprograms =\n    one\n    two\ngroups = three\n";
    let Some(site) = Site::new(text) else { return };
    let stderr = site.run(&[]).stderr;
    for place in ["5:15", "7:", "8:", "9:"] {
        assert!(
            stderr.contains(&format!("--> buildout.cfg:{place}")),
            "{place} in {stderr}"
        );
    }
}

#[test]
fn a_script_may_lie_in_a_directory_of_its_own() {
    let Some(site) = Site::new(TWO) else { return };
    assert!(site.run(&["a:interpreter=sub/py"]).success);
    assert!(site.has("bin/sub/py"));
}

#[test]
fn a_bare_conf_name_lies_in_the_buildout() {
    let text = "[buildout]\nparts = a\nfind-links = links\n[a]\nrecipe = collective.recipe.supervisor\nsupervisord-conf = sv.conf\n";
    let Some(site) = Site::new(text) else { return };
    site.wheel("supervisor", "4.0", &["supervisord", "supervisorctl"]);
    let run = site.run(&[]);
    assert!(run.success, "{}", run.stderr);
    assert!(site.has("sv.conf"));
    assert!(run.stderr.contains("warning[conf-relative]"));
}

#[test]
fn a_checkout_is_not_removed() {
    let Some(site) = Site::new(TWO) else { return };
    assert!(site.run(&[]).success);
    site.write("src/.git/HEAD", "");
    let record = site.read(".installed.cfg");
    let source = site.directory.join("src");
    let listed = format!(
        "__buildout_installed__ = {}\n\t{}",
        site.directory.join("bin/py").display(),
        source.display()
    );
    let start = record.find("__buildout_installed__").unwrap();
    let end = start + record[start..].find("\n__buildout_signature__").unwrap();
    site.write(
        ".installed.cfg",
        format!("{}{listed}{}", &record[..start], &record[end..]),
    );
    let run = site.run(&["buildout:parts="]);
    assert!(
        run.stderr
            .contains("Error: Won't remove /srv/site/src: it holds a checkout (.git).\n"),
        "{}",
        run.stderr
    );
    assert!(site.has("src/.git/HEAD") && site.has("bin/py"));
}

#[test]
fn a_damaged_record_is_mended_or_told() {
    let Some(site) = Site::new(TWO) else { return };
    site.write(".installed.cfg", "\n");
    let run = site.run(&[]);
    assert!(run.success, "{}", run.stderr);
    assert!(run.stderr.contains("warning[installed-damaged]"));
    site.write(".installed.cfg", "[a\n");
    let run = site.run(&[]);
    assert!(!run.success);
    assert!(
        run.stderr
            .contains("help: the record of installed parts is damaged"),
        "{}",
        run.stderr
    );
    assert!(site.has("bin/py"));
}

#[test]
fn changed_passwords_are_not_logged() {
    let Some(site) = Site::new(&TWO.replace("[b]", "password = one\n[b]")) else {
        return;
    };
    assert!(site.run(&[]).success);
    let run = site.run(&["-vv", "a:password=two"]);
    assert!(
        run.stdout
            .contains("Part a, option password changed:\n(hidden) != (hidden)\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn offline_keeps_what_is_there() {
    let Some(site) = Site::new(DEMO) else { return };
    site.wheel("demo", "1.0", &["demo"]);
    assert!(site.run(&[]).success);
    std::fs::remove_dir_all(site.directory.join("links")).unwrap();
    let script = site.read("bin/demo");
    for _ in 0..2 {
        let run = site.run(&["-o"]);
        assert!(run.success, "{}", run.stderr);
        assert_eq!(run.stdout, "Updating a.\n");
    }
    assert_eq!(site.read("bin/demo"), script);
}

#[test]
fn eggs_tell_where_they_came_from() {
    let Some(site) = Site::new(DEMO) else { return };
    site.wheel("demo", "1.0", &["demo"]);
    assert!(site.run(&[]).success);
    let egg = std::fs::read_dir(site.directory.join("eggs/v5"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let name = egg.file_name().into_string().unwrap();
    let info = format!("eggs/v5/{name}/{}.dist-info", name.trim_end_matches(".egg"));
    assert!(!site.read(&format!("{info}/RECORD")).contains("../"));
    let source = site.read(&format!("{info}/direct_url.json"));
    assert!(
        source.contains("/links/demo-1.0-py2.py3-none-any.whl"),
        "{source}"
    );
}

#[test]
fn it_does_not_upgrade_itself() {
    let pins = "[buildout]\nparts =\n[versions]\nzc.buildout = 4.0.0\nsetuptools = 1.0\npip = 1.0\nwheel = 0.1\n";
    let Some(site) = Site::new(pins) else { return };
    let run = site.run(&[]);
    assert!(run.success, "{}", run.stderr);
    assert!(
        run.stdout
            .lines()
            .all(|line| line.starts_with("Creating directory ")),
        "{}",
        run.stdout
    );
}

#[test]
fn the_interpreter_that_is_named_must_be_there() {
    let text = "[buildout]\nparts =\npython = p\n[p]\nexecutable = /nowhere/python\n";
    fails_with(text, "Couldn't find the Python /nowhere/python");
}

#[test]
fn a_second_run_waits() {
    let Some(site) = Site::new(TWO) else { return };
    let directory = std::fs::File::open(&site.directory).unwrap();
    directory.lock().unwrap();
    let child = site
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!site.has("bin/py"));
    directory.unlock().unwrap();
    let run = site.told(&child.wait_with_output().unwrap());
    assert!(run.success, "{}", run.stderr);
    assert!(run.stderr.contains("rbuildout: warning[locked]"));
    assert!(site.has("bin/py"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let Some(site) = Site::new(TWO) else { return };
    let mut child = site
        .command()
        .arg("annotate")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = site.told(&child.wait_with_output().unwrap());
    assert!(run.success);
    assert_eq!(run.stderr, "");
}

#[test]
fn there_is_no_debugger() {
    let Some(site) = Site::new(TWO) else { return };
    assert!(site.run(&["-D"]).success);
    let run = site.run(&["-D", "buildout:parts=b"]);
    assert!(!run.success);
    assert!(
        run.stderr.contains("Error: Invalid entry point\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_not_there_yet_is_refused() {
    let part = "[a]\nrecipe = zc.recipe.egg\neggs =\n";
    let told = |text: &str, id: &str| {
        let Some(site) = Site::new(text) else { return };
        let run = site.run(&[]);
        assert!(!run.success, "{text}");
        assert!(
            run.stderr.contains(&format!("rbuildout: error[{id}]")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("help: "), "{}", run.stderr);
        assert!(!site.has("bin/py") && !site.has(".installed.cfg"));
    };
    let text = format!("[buildout]\nparts = a\nextensions = x\n{part}");
    told(&text, "unsupported");
}

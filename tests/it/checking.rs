//! `rbuildout check` of a buildout: what is found where, how it is switched off and mended, what installations say of it.

use crate::support::sandbox::{Ran, Sandbox};
use crate::support::texts::same;

const SUPERVISOR: &str = "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
http-socket = unix
file = ${buildout:directory}/s.sock
";

fn report(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{}", ran.stderr))
}

/// `severity id file:line:column` of each finding.
fn found(ran: &Ran) -> Vec<String> {
    let report = report(ran);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap_or("-").to_owned();
            let (line, column) = (&f["line"], &f["column"]);
            format!(
                "{} {} {}:{line}:{column}",
                text("severity"),
                text("id"),
                text("file")
            )
        })
        .collect()
}

fn check(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let arguments = [&["check", "--format", "json"], more].concat();
    sandbox.run(&arguments)
}

/// A configuration, and all that is found in it.
const CONFIGURATIONS: &[(&str, &str, &[&str])] = &[
    (
        "a part that is nowhere, and one without a recipe",
        "[buildout]\nparts = zeo empty\n[empty]\nrecip = x\n",
        &[
            "error unknown-section buildout.cfg:2:9",
            "error missing-option buildout.cfg:2:13",
        ],
    ),
    (
        "all references that lead nowhere, not only the first",
        "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs = ${nosuch:x}\n    ${b:portt} ${b:port}\n[b]\nport = 1\n[macro]\nnever = ${needed:x}\n",
        &[
            "error unknown-section buildout.cfg:5:8",
            "error unknown-option buildout.cfg:6:5",
        ],
    ),
    (
        "values that are lost in one file",
        "[buildout]\nparts =\n[a]\nx = 1\ny += 1\n[b]\n[a]\nx = 2\ny = 2\n[a:python2]\nx = 3\n",
        &[
            "warning duplicate-option buildout.cfg:4:1",
            "warning shadowed-option buildout.cfg:5:1",
        ],
    ),
    (
        "a condition that never holds",
        "[buildout]\nparts =\n[a:platform_system == 'linux']\nx = 1\n[b:sys_platform == 'linux']\nx = 1\n",
        // What a section under such a condition says is in no configuration; its file is.
        &["warning dead-condition buildout.cfg:3:24"],
    ),
    (
        "an option of [buildout] with a slip, and one that an extension would read",
        "[buildout]\nparts =\nallow-host = *\nauto-checkout = *\n",
        &["warning R20 buildout.cfg:3:1"],
    ),
    (
        "an egg without a pin among pinned ones",
        "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs =\n    one\n    two\n    three == 1\n[versions]\nOne = 1\n",
        &["note unpinned-egg buildout.cfg:7:5"],
    ),
    (
        "an extended file that is not there",
        "[buildout]\nextends = nosuch.cfg\nparts =\n",
        &["error missing-extends buildout.cfg:2:11"],
    ),
    (
        "a line that is none",
        "[buildout]\nparts =\nnonsense\n",
        &["error syntax buildout.cfg:3:1"],
    ),
    (
        "two parts on one port, and a client that looks elsewhere",
        "[buildout]\nparts = zeo one two\n[zeo]\nrecipe = plone.recipe.zeoserver\nzeo-address = 127.0.0.1:8101\n[one]\nrecipe = plone.recipe.zope2instance\nhttp-address = 8081\nzeo-client = on\nzeo-address = 8100\n[two]\nrecipe = plone.recipe.zope2instance\nhttp-address = 127.0.0.1:8081\nzeo-client = on\nzeo-address = ${zeo:zeo-address}\n",
        &[
            "note listens buildout.cfg:5:15",
            "note listens buildout.cfg:8:16",
            "warning zeo-address buildout.cfg:10:15",
            "warning address-twice buildout.cfg:13:16",
            "note listens buildout.cfg:13:16",
        ],
    ),
    (
        "what only a recipe in Python knows is not judged",
        "[buildout]\nparts = supervisor web\n[web]\nrecipe = some.recipe\n[supervisor]\nrecipe = collective.recipe.supervisor\nhttp-socket = unix\nfile = ${buildout:directory}/s.sock\nsupervisord-user = ${web:user}\nprograms =\n    10 web ${web:location}/bin/web [${web:port}] ${web:location} true\n",
        &[],
    ),
];

#[test]
fn configurations_are_judged_whole() {
    for (what, text, expected) in CONFIGURATIONS {
        let Some(sandbox) = Sandbox::new() else {
            return;
        };
        let sandbox = sandbox.file("buildout.cfg", text);
        let ran = check(&sandbox, &["--ignore", "S41"]);
        assert_eq!(found(&ran), *expected, "{what}\n{}", ran.stdout);
        let errors = expected.iter().any(|finding| finding.starts_with("error"));
        assert_eq!(ran.code, i32::from(errors), "{what}");
    }
}

#[test]
fn two_supervisors_share_nothing() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let second = "[other]\n<= supervisor\nsupervisord-conf = ${buildout:directory}/other.conf\n";
    let text = SUPERVISOR.replace("parts = supervisor", "parts = supervisor other");
    let sandbox = sandbox.file("buildout.cfg", &format!("{text}\n{second}"));
    let ran = check(&sandbox, &["--ignore", "S41,listens"]);
    let report = report(&ran);
    let ids: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["address-twice", "shared-file", "shared-file"],
        "{}",
        ran.stdout
    );
    let models: Vec<&String> = report["model"].as_object().unwrap().keys().collect();
    assert_eq!(models, ["other", "supervisor"]);
}

#[test]
fn findings_have_all_their_fields() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let program = "programs = 10 zeo /bin/cat [-v] /tmp true nosuchuser\n";
    let sandbox = sandbox.file("buildout.cfg", &format!("{SUPERVISOR}{program}"));
    let report = report(&check(
        &sandbox,
        &["--ignore", "S41", "--ignore", "listens"],
    ));
    let directory = sandbox.tokens(&sandbox.at("").display().to_string());
    let directory = directory.trim_end_matches('/');
    let conf = format!("{directory}/parts/supervisor/supervisord.conf");
    assert_eq!(
        report["findings"],
        serde_json::json!([{
            "id": "S26",
            "severity": "error",
            "message": "`user` of [program:zeo]: Invalid user name nosuchuser",
            "supervisor": format!("Invalid user name nosuchuser in section 'program:zeo' (file: '{conf}')"),
            "program": "supervisord",
            "stops": true,
            "file": "buildout.cfg",
            "line": 8,
            "column": 43,
            "help": "name a user (or its number) that this machine has",
            "part": "supervisor",
            "generated": { "line": 35, "column": 8 },
        }])
    );
    // supervisord would not start, supervisorctl would.
    let model = &report["model"]["supervisor"];
    assert_eq!(model["groups"], serde_json::Value::Null);
    assert_eq!(model["supervisorctl"]["prompt"], "supervisor");
}

#[test]
fn findings_are_switched_off() {
    let program = "programs =\n    10 zeo /nonexistent/zeo [a] /tmp\n    20 inst /nonexistent/inst [a] /tmp\n";
    let left = |text: &str, more: &[&str]| {
        let sandbox = Sandbox::new()?.file("buildout.cfg", text);
        let all = [&["--ignore", "listens,S41"], more].concat();
        Some(found(&check(&sandbox, &all)).len())
    };
    let plain = format!("{SUPERVISOR}{program}");
    let Some(all) = left(&plain, &[]) else { return };
    assert_eq!(all, 2);
    assert_eq!(left(&plain, &["--ignore=S09"]), Some(0));
    let section = format!("{plain}[rbuildout]\nignore = R14 S09\n");
    assert_eq!(left(&section, &[]), Some(0));
    let above_option = plain.replace("programs =", "# rbuildout: ignore[S09]\nprograms =");
    assert_eq!(left(&above_option, &[]), Some(0));
    let above_line = plain.replace("    20", "# rbuildout: ignore[S09] it comes later\n    20");
    assert_eq!(left(&above_line, &[]), Some(1));
    let behind_header = plain.replace("[supervisor]", "[supervisor] # rbuildout: ignore[S09]");
    assert_eq!(left(&behind_header, &[]), Some(0));
    let other = plain.replace("programs =", "# rbuildout: ignore[S10]\nprograms =");
    assert_eq!(left(&other, &[]), Some(2));
}

#[test]
fn strict_makes_errors_of_warnings() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox.file("buildout.cfg", &format!("{SUPERVISOR}loglevle = info\n"));
    let ran = check(&sandbox, &["--ignore=listens,S41"]);
    assert_eq!(
        (found(&ran), ran.code),
        (vec!["warning R20 buildout.cfg:8:1".to_owned()], 0)
    );
    let ran = check(&sandbox, &["--ignore=listens,S41", "--strict"]);
    assert_eq!(
        (found(&ran), ran.code),
        (vec!["error R20 buildout.cfg:8:1".to_owned()], 1)
    );
}

#[test]
fn what_cannot_be_looked_at_ends_with_2() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    for (arguments, words) in [
        (vec!["check"], "Couldn't open "),
        (
            vec!["check", "--fix", "--conf", "x"],
            "Only a buildout can be mended",
        ),
        (
            vec!["check", "--nosuch"],
            "Invalid argument for check: --nosuch",
        ),
    ] {
        let ran = sandbox.run(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let sandbox = sandbox.file("buildout.cfg", SUPERVISOR);
    let ran = sandbox.run(&["check", "supervsor"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("did you mean `supervisor`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_release_of_supervisor_is_that_of_the_pin() {
    let text = format!("{SUPERVISOR}programs = 10 zeo (stdout_syslog=true) /bin/cat\n");
    let ids = |text: &str, more: &[&str]| {
        let sandbox = Sandbox::new()?.file("buildout.cfg", text);
        let all = [&["--ignore", "listens,S41"], more].concat();
        Some(found(&check(&sandbox, &all)))
    };
    let Some(current) = ids(&text, &[]) else {
        return;
    };
    assert_eq!(current, Vec::<String>::new());
    let told = vec!["warning S02 buildout.cfg:8:20".to_owned()];
    assert_eq!(ids(&text, &["--supervisor", "3.4.0"]), Some(told.clone()));
    let pinned = format!("{text}[versions]\nsupervisor = 3.4.0\n");
    assert_eq!(ids(&pinned, &[]), Some(told));
}

/// The bytes round a change stay, whatever they are; the change is made in the file where the mistake is.
#[test]
fn a_mended_file_differs_where_it_was_wrong() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let root = "[buildout]\r\nextends = base.cfg\r\nparts = supervisor ; é\r\n\r\n[ports]\r\nsupervisor = 9001\r\n";
    let root = root.replace(" ; é", "");
    let base = "# Grundlage: é\n[supervisor]\nrecipe = collective.recipe.supervisor\nuser = admin\npassword = secret\nport = ${ports:supervisor}\nprograms =\n\t10 zeo (environment=HOME=~/${ports:supervisor}) /bin/cat\n# in between\n\t20 inst /bin/cat [a] /tmp True   \n\tgroups = no option\n[other]\nx = 1";
    let base = base.replace("\tgroups = no option\n", "groups =  10 g zeo, inst\n");
    let sandbox = sandbox.file("buildout.cfg", &root).file("base.cfg", &base);
    let shown = sandbox.run(&["check", "--fix", "--diff"]);
    assert!(
        shown.stdout.starts_with("--- base.cfg\n+++ base.cfg\n@@ "),
        "{}",
        shown.stdout
    );
    assert_eq!(sandbox.read("base.cfg"), base, "only shown");

    let ran = sandbox.run(&["check", "--fix"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let mended = base
        .replace(
            "HOME=~/${ports:supervisor}",
            "HOME=\"~/${ports:supervisor}\"",
        )
        .replace("True", "true")
        .replace("zeo, inst", "zeo,inst");
    assert_eq!(sandbox.read("base.cfg"), mended);
    assert_eq!(sandbox.read("buildout.cfg"), root);

    let ran = sandbox.run(&["check", "--fix=R14"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let local = mended.replace("port = ${", "port = 127.0.0.1:${");
    assert_eq!(sandbox.read("base.cfg"), local);
}

#[test]
fn what_lies_outside_is_not_mended() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox
        .file(
            "buildout.cfg",
            "[buildout]\nextends = ../shared.cfg\nparts = supervisor\n",
        )
        .file(
            "../shared.cfg",
            &format!(
                "{}loglevle = info\n",
                SUPERVISOR.replace("parts = supervisor\n", "")
            ),
        );
    let ran = sandbox.run(&["check", "--fix"]);
    assert!(ran.stdout.contains("warning[R20]"), "{}", ran.stdout);
    assert!(sandbox.read("../shared.cfg").contains("loglevle"));
}

const WRONG: &str = "programs = 10 zeo /bin/cat [-v] /tmp true nosuchuser\n";

#[test]
fn an_installation_tells_what_supervisor_refuses() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox
        .eggs(&["supervisor-4.3.0"])
        .file("buildout.cfg", &format!("{SUPERVISOR}{WRONG}"));
    let before = sandbox.files();
    let refused = sandbox.run(&["-No", "install", "--strict"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("rbuildout: error[S26]: "),
        "{}",
        refused.stderr
    );
    assert_eq!(sandbox.files(), before);

    let ran = sandbox.run(&["-No", "install"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    same(
        "standard error",
        "\
rbuildout: warning[S26]: `user` of [program:zeo]: Invalid user name nosuchuser
  --> buildout.cfg:8:43
    |
  8 | programs = 10 zeo /bin/cat [-v] /tmp true nosuchuser
    |                                           ^^^^^^^^^^
  help: name a user (or its number) that this machine has
  help: supervisor refuses this; `rbuildout check` tells it in its words
",
        &ran.stderr,
    );
    // Nothing is written any more, so nothing is told.
    assert_eq!(sandbox.run(&["-No", "install", "--strict"]).stderr, "");
}

#[test]
fn a_generated_line_leads_back_to_its_option() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let text = format!(
        "{SUPERVISOR}programs =\n    10 zeo ${{:tool}} [-v] /tmp true\ntool = /bin/cat\nplugins = superlance\n[versions]\nsuperlance = 2.0.0\n"
    );
    let sandbox = sandbox
        .eggs(&["supervisor-4.3.0", "superlance-2.0.0"])
        .file("buildout.cfg", &text);
    let conf = "parts/supervisor/supervisord.conf";
    // Whether it was installed or not.
    let told = "\
[ROOT]/parts/supervisor/supervisord.conf: written by [supervisor] at buildout.cfg:4
  30 command = /bin/cat -v
       `/bin/cat` is supervisor:tool at buildout.cfg:10:8
       `-v` is supervisor:programs at buildout.cfg:9:22
";
    let ran = sandbox.run(&["why", &format!("{conf}:30")]);
    same("why", told, &ran.stdout);
    let ran = sandbox.run(&["why", &format!("{conf}:23")]);
    assert!(
        ran.stdout.contains("the recipe writes this"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.run(&["why", "bin/supervisord"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("Error: No part writes bin/supervisord\n"),
        "{}",
        ran.stderr
    );

    assert_eq!(sandbox.run(&["-No", "install"]).code, 0);
    let ran = sandbox.run(&["why", &format!("{conf}:30"), "--format", "json"]);
    let explained: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(explained["part"], "supervisor");
    assert_eq!(
        explained["lines"][0]["pieces"][1]["option"],
        "supervisor:programs"
    );
    let script = sandbox.read("bin/memmon");
    let line = script
        .lines()
        .position(|line| line.contains("superlance-2.0.0"))
        .unwrap()
        + 1;
    let ran = sandbox.run(&["why", &format!("bin/memmon:{line}")]);
    assert!(
        ran.stdout.contains("`superlance` is supervisor:plugins at buildout.cfg:11:11\n       `2.0.0` is versions:superlance at buildout.cfg:13:14\n"),
        "{}",
        ran.stdout
    );

    sandbox.write(
        conf,
        &sandbox.read(conf).replace("/bin/cat -v", "/bin/cat -x"),
    );
    let ran = sandbox.run(&["why", &format!("{conf}:30")]);
    assert!(
        ran.stdout.contains("the file has another line there"),
        "{}",
        ran.stdout
    );
}

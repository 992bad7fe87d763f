//! `rbuildout check --conf FILE` as a process.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const RIGHT: &str = "[supervisord]
[unix_http_server]
file = %(here)s/s.sock
[supervisorctl]
serverurl = unix://%(here)s/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:cat]
command = /bin/cat
";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rbuildout"))
        .arg("check")
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(directory: &Path, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = run(directory, &[arguments, &["--format", "json"]].concat());
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        output.status.code(),
    )
}

fn conf(text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("s.conf"), text).unwrap();
    directory
}

#[test]
fn a_right_configuration_ends_with_0_and_its_model() {
    let directory = conf(RIGHT);
    let output = run(directory.path(), &["--conf", "s.conf"]);
    assert_eq!(stdout(&output), "s.conf: nothing to say\n");
    assert_eq!(output.status.code(), Some(0));
    let (report, code) = json(directory.path(), &["--conf=s.conf"]);
    assert_eq!(
        (code, &report["findings"]),
        (Some(0), &Value::Array(Vec::new()))
    );
    let model = &report["model"];
    assert_eq!(model["groups"][0]["processes"][0]["command"], "/bin/cat");
    assert_eq!(model["groups"][0]["processes"][0]["stdout_logfile"], "AUTO");
    assert_eq!(model["serverurl"], model["supervisorctl"]["serverurl"]);
}

#[test]
fn an_error_ends_with_1_and_supervisors_words() {
    let directory = conf(&format!("{RIGHT}autostart = maybe\nautoresart = true\n"));
    let (report, code) = json(directory.path(), &["--conf", "s.conf"]);
    assert_eq!(code, Some(1));
    let error = &report["findings"][0];
    assert_eq!(
        error["supervisor"],
        "not a valid boolean value: 'maybe' in section 'program:cat' (file: 's.conf')"
    );
    assert_eq!(
        (&error["id"], &error["severity"]),
        (&"S20".into(), &"error".into())
    );
    assert_eq!(
        (&error["file"], &error["line"], &error["column"]),
        (&"s.conf".into(), &10.into(), &13.into())
    );
    assert_eq!(
        (&error["stops"], &error["help"]),
        (&true.into(), &"true or false".into())
    );
    assert!(report["model"].get("groups").is_none());
    let warning = &report["findings"][1];
    assert_eq!(
        (&warning["id"], &warning["severity"]),
        (&"S02".into(), &"warning".into())
    );
    assert_eq!(warning["help"], "did you mean `autorestart`?");
    let text = stdout(&run(directory.path(), &["--conf", "s.conf"]));
    assert_eq!(
        text,
        "rbuildout: error[S20]: `autostart` of [program:cat]: not a valid boolean value: 'maybe'
  --> s.conf:10:13
     |
  10 | autostart = maybe
     |             ^^^^^
  help: true or false
  supervisord stops here: not a valid boolean value: 'maybe' in section 'program:cat' (file: 's.conf')
rbuildout: warning[S02]: supervisord ignores `autoresart` in [program:cat]: it has no such key
  --> s.conf:11:1
     |
  11 | autoresart = true
     | ^^^^^^^^^^
  help: did you mean `autorestart`?
s.conf: 1 error, 1 warning
"
    );
}

#[test]
fn warnings_are_errors_where_that_is_asked_for() {
    let directory = conf(&format!("{RIGHT}autoresart = true\n"));
    assert_eq!(
        run(directory.path(), &["--conf", "s.conf"]).status.code(),
        Some(0)
    );
    let (report, code) = json(directory.path(), &["--conf", "s.conf", "--strict"]);
    assert_eq!(
        (code, &report["findings"][0]["severity"]),
        (Some(1), &"error".into())
    );
}

#[test]
fn secrets_are_not_shown_to_people() {
    let directory = conf(&format!("{RIGHT}environment = PASSWORD=hunter2@x\n"));
    let text = stdout(&run(directory.path(), &["--conf", "s.conf"]));
    let message = text.lines().next().unwrap();
    assert_eq!(
        message,
        "rbuildout: error[S13]: `environment` of [program:cat] is not a list of KEY=\"value\" pairs"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn formats_for_programs() {
    let directory = conf(&format!("{RIGHT}autostart = 100%\n"));
    let github = stdout(&run(
        directory.path(),
        &["--conf", "s.conf", "--format", "github"],
    ));
    assert_eq!(
        github,
        "::error file=s.conf,line=10,col=13,title=rbuildout S11::`autostart` of [program:cat] has a `%25` that is no \
         expansion (incomplete format)%0Awrite `%25%25` for a percent sign (`%25%25%25%25` in *_logfile, and in the \
         environment of [supervisord] up to 4.3)\n"
    );
    let sarif = stdout(&run(
        directory.path(),
        &["--conf", "s.conf", "--format", "sarif"],
    ));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"S11".into(), &"error".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "s.conf");
    assert_eq!(place["region"]["startLine"], 10);
}

#[test]
fn what_cannot_be_checked_ends_with_2() {
    let directory = conf(RIGHT);
    for (arguments, words) in [
        (vec!["--conf="], "No configuration specified for check"),
        (vec!["--conf"], "No value specified for option --conf"),
        (vec!["--conf", "none.conf"], "Couldn't read "),
        (
            vec!["--conf", "s.conf", "--format", "xml"],
            "Invalid value for option --format: xml",
        ),
        (
            vec!["--conf", "s.conf", "--supervisor", "5.0"],
            "Invalid value for option --supervisor: 5.0",
        ),
        (vec!["--strictt"], "Invalid argument for check: --strictt"),
    ] {
        let output = run(directory.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.starts_with(&format!("Error: {words}")), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn includes_and_users_are_those_of_this_machine() {
    let directory = conf(&format!(
        "{RIGHT}user = root\n[include]\nfiles = more/[a-b]?.conf\n"
    ));
    let more = directory.path().join("more");
    std::fs::create_dir(&more).unwrap();
    for (name, text) in [
        ("a1.conf", "[program:a]\ncommand = %(here)s/a\n"),
        (
            "b2.conf",
            "[program:b]\ncommand = /bin/cat\nuser = no-such-user\n",
        ),
        ("c3.conf", "nonsense\n"),
        ("a.conf", "nonsense\n"),
    ] {
        std::fs::write(more.join(name), text).unwrap();
    }
    let (report, code) = json(directory.path(), &["--conf", "s.conf"]);
    assert_eq!(code, Some(1));
    let findings = report["findings"].as_array().unwrap();
    let file = std::fs::canonicalize(more.join("b2.conf")).unwrap();
    let words = format!(
        "Invalid user name no-such-user in section 'program:b' (file: '{}')",
        file.display()
    );
    assert_eq!(findings[0]["supervisor"], words.as_str());
    assert_eq!(findings[0]["line"], 3);
    // The program of a1.conf is looked for beside that file.
    let missing = findings.iter().find(|f| f["id"] == "S09").unwrap();
    assert!(missing["message"].as_str().unwrap().contains("/more/a`"));
    assert_eq!(findings.len(), 2, "{findings:#?}");
}

#[test]
fn what_is_imported_is_looked_for_on_this_machine() {
    let listener = |handler: &str| {
        format!(
            "{RIGHT}[eventlistener:m]\ncommand = /bin/cat\nevents = TICK_5\nresult_handler = {handler}\n"
        )
    };
    // The eggs of a buildout around the configuration count.
    let directory = conf(&listener("mine.handlers:own"));
    let package = directory.path().join("eggs/v5/mine-1.0-py3.11.egg/mine");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(
        package.join("handlers.py"),
        "def own(event, response):\n    pass\n",
    )
    .unwrap();
    let path = directory.path().join("s.conf");
    for (handler, words) in [
        ("mine.handlers:own", None),
        (
            "mine.handlers:other",
            Some("mine.handlers:other cannot be resolved within [eventlistener:m]"),
        ),
        (
            "no.such:thing",
            Some("no.such:thing cannot be resolved within [eventlistener:m]"),
        ),
        ("supervisor.dispatchers:default_handler", None),
        (
            "supervisor.dispatchers:nothing",
            Some("supervisor.dispatchers:nothing cannot be resolved within [eventlistener:m]"),
        ),
    ] {
        std::fs::write(&path, listener(handler)).unwrap();
        let (report, code) = json(directory.path(), &["--conf", "s.conf"]);
        assert_eq!(code, Some(i32::from(words.is_some())), "{handler}");
        assert_eq!(
            report["findings"][0]["supervisor"].as_str(),
            words,
            "{handler}"
        );
    }
}

//! Lines and options that the recipe accepts and that lose something: written as the recipe writes them, and told.

use crate::support::sandbox::Sandbox;
use crate::support::texts::difference;

const HEAD: &str = "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
";

/// What is wrong, the options after [`HEAD`], and what is said.
const LOSSES: &[(&str, &str, &str)] = &[
    (
        "words after the user",
        r"programs =
    10 one /bin/one [a] /dir true bin and more
",
        r"rbuildout: warning[R03]: `and more` is dropped
  --> buildout.cfg:8:39
    |
  8 |     10 one /bin/one [a] /dir true bin and more
    |                                       ^^^^^^^^
  help: nothing follows the user; arguments of the command stand in brackets after it
",
    ),
    (
        "True for true",
        r"programs =
    10 one /bin/one [a] /dir True
",
        r"rbuildout: warning[R01]: `True` is taken for the user
  --> buildout.cfg:8:30
    |
  8 |     10 one /bin/one [a] /dir True
    |                              ^^^^
  help: only `true` and `false`, in lower case and once, say whether to redirect stderr
",
    ),
    (
        "arguments that begin with true",
        r"programs =
    10 one /bin/one [true x] /dir
",
        r"rbuildout: warning[program-args]: `[true` is taken for the directory: arguments can't begin with true or false
  --> buildout.cfg:8:21
    |
  8 |     10 one /bin/one [true x] /dir
    |                     ^^^^^
  help: put a blank after the `[`
",
    ),
    (
        "a user without the word before it",
        r"programs =
    10 one /bin/one joe
",
        r"rbuildout: warning[program-directory]: `joe` is taken for the directory
  --> buildout.cfg:8:21
    |
  8 |     10 one /bin/one joe
    |                     ^^^
  help: if it is the user, write true or false before it: `false joe`
",
    ),
    (
        "a command without a directory",
        r"programs =
    10 one one
",
        r"rbuildout: warning[program-directory]: `one` has no directory, so `directory =` is written empty and the program can't start
  --> buildout.cfg:8:12
    |
  8 |     10 one one
    |            ^^^
  help: write the command's full path, or a directory after it
",
    ),
    (
        "brackets in arguments",
        r"programs =
    10 one /bin/one [a [b] c]
",
        r"rbuildout: warning[program-args]: the arguments end at the first `]`, whatever is open
  --> buildout.cfg:8:22
    |
  8 |     10 one /bin/one [a [b] c]
    |                      ^^^^
  help: arguments can't hold brackets; put them into a wrapper script
",
    ),
    (
        "an open bracket",
        r"programs =
    10 one /bin/one [a b
",
        r"rbuildout: warning[program-args]: `[a` is taken for the directory: the `[` is never closed
  --> buildout.cfg:8:21
    |
  8 |     10 one /bin/one [a b
    |                     ^^
  help: close it with `]`
",
    ),
    (
        "empty brackets",
        r"programs =
    10 one /bin/one []
",
        r"rbuildout: warning[program-args]: `[]` is taken for the directory: the brackets are empty
  --> buildout.cfg:8:21
    |
  8 |     10 one /bin/one []
    |                     ^^
  help: remove them
",
    ),
    (
        "options after the command",
        r"programs =
    10 one /bin/one (autostart=false)
",
        r"rbuildout: warning[program-options]: `(autostart=false)` is not taken for options here
  --> buildout.cfg:8:21
    |
  8 |     10 one /bin/one (autostart=false)
    |                     ^^^^^^^^^^^^^^^^^
  help: options stand between the name and the command
",
    ),
    (
        "parentheses in options",
        r"programs =
    10 one (process_name=%(program_name)s_%(process_num)02d numprocs=2) /bin/one
",
        r"rbuildout: warning[R04]: options end at the first `)`, whatever is open
  --> buildout.cfg:8:12
    |
  8 |     10 one (process_name=%(program_name)s_%(process_num)02d numprocs=2) /bin/one
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: no option can hold a parenthesis, so `%(program_name)s` and `%(process_num)02d` can't be said here; put such a program into a file and name that in `include`
",
    ),
    (
        "a blank in an option, and an option without a value",
        r#"programs =
    10 one (environment=A="x y" autostart) /bin/one
"#,
        r#"rbuildout: warning[R05]: options are split at every blank: `environment=A="x` ends there
  --> buildout.cfg:8:13
    |
  8 |     10 one (environment=A="x y" autostart) /bin/one
    |             ^^^^^^^^^^^^^^^^^^^
  help: quotes don't keep a value together here; leave the blank out, or set it in a wrapper script
rbuildout: warning[R06]: `autostart` is dropped: it has no `=`
  --> buildout.cfg:8:33
    |
  8 |     10 one (environment=A="x y" autostart) /bin/one
    |                                 ^^^^^^^^^
  help: write `autostart=true` or whatever value is meant, or remove it
"#,
    ),
    (
        "a listener without arguments",
        r"eventlisteners =
    memmon TICK_60 /bin/memmon
",
        r"rbuildout: warning[R09]: the listener has no [args], so the word `None` becomes the argument of its command
  --> buildout.cfg:8:20
    |
  8 |     memmon TICK_60 /bin/memmon
    |                    ^^^^^^^^^^^
  help: add arguments in brackets, at least a blank: `[ ]`
",
    ),
    (
        "a blank between events",
        r"eventlisteners =
    memmon TICK_60, TICK_5 /bin/memmon [a]
",
        r"rbuildout: warning[listener-events]: the events end at the blank; `TICK_5` is taken for the command
  --> buildout.cfg:8:12
    |
  8 |     memmon TICK_60, TICK_5 /bin/memmon [a]
    |            ^^^^^^^^
  help: write the events without blanks: `TICK_60,TICK_3600`
",
    ),
    (
        "a listener with a priority",
        r"eventlisteners =
    10 memmon TICK_60 /bin/memmon [a]
",
        r"rbuildout: warning[listener-priority]: `10` is taken for the listener's name and `memmon` for its events
  --> buildout.cfg:8:5
    |
  8 |     10 memmon TICK_60 /bin/memmon [a]
    |     ^^
  help: listener lines have no priority: begin with the name
",
    ),
    (
        "a listener's own environment",
        r"eventlisteners =
    memmon (environment=A=1) TICK_60 /bin/memmon [a]
",
        r"rbuildout: warning[R10]: `environment` replaces the listener's SUPERVISOR_USERNAME, SUPERVISOR_PASSWORD and SUPERVISOR_SERVER_URL
  --> buildout.cfg:8:13
    |
  8 |     memmon (environment=A=1) TICK_60 /bin/memmon [a]
    |             ^^^^^^^^^^^^^^^
  help: set these three here too, or set the variables in a wrapper script
",
    ),
    (
        "words after a listener's arguments",
        r"eventlisteners =
    memmon TICK_60 /bin/memmon [a] true
",
        r"rbuildout: warning[R03]: `true` is dropped: nothing follows the arguments
  --> buildout.cfg:8:36
    |
  8 |     memmon TICK_60 /bin/memmon [a] true
    |                                    ^^^^
  help: a listener's arguments stand in brackets; remove the rest
",
    ),
    (
        "a blank after a comma",
        r"programs =
    10 a /b/a
    20 b /b/b
groups =
    10 g a, b
",
        r"rbuildout: warning[R08]: `b` is dropped: the programs end at the first blank
  --> buildout.cfg:11:13
     |
  11 |     10 g a, b
     |             ^
  help: write them without blanks: `a,b`
",
    ),
    (
        "a blank in place of a comma",
        r"programs =
    10 a /b/a
    20 b /b/b
groups =
    10 g a b
",
        r"rbuildout: warning[R08]: `b` is dropped: the programs end at the first blank
  --> buildout.cfg:11:12
     |
  11 |     10 g a b
     |            ^
  help: write them without blanks: `a,b`
",
    ),
    (
        "an environment of two lines",
        r"supervisord-environment =
    A=1,
    B=2
",
        r"rbuildout: warning[several-lines]: `supervisord-environment` goes over several lines; each becomes a line of its own in the conf, not of this value
  --> buildout.cfg:9:5
    |
  9 |     B=2
    |     ^^^
  help: write it in one line
",
    ),
    (
        "two environments",
        r"env-path = /x
supervisord-environment = A=1
",
        r#"rbuildout: warning[R11]: `env-path` gives the conf a second `environment`, and the variables of this one are lost
  --> buildout.cfg:8:27
    |
  8 | supervisord-environment = A=1
    |                           ^^^
  help: put PATH="…" into `supervisord-environment` and remove `env-path`
"#,
    ),
    (
        "a password without a user",
        r"password = x
",
        r"rbuildout: warning[password-without-user]: there is a password but no `user`, so supervisord asks for neither: the server is open
  --> buildout.cfg:7:12
    |
  7 | password = ********
    |            ^
  help: set `user`
",
    ),
];

/// Nothing is lost here.
const FINE: &str = "\
user = admin
password = secret
programs =
    10 one (autostart=false startsecs=5) /bin/one [-x y] /dir true bin
    20 two two [ ] /dir
eventlisteners =
    memmon TICK_60,TICK_5 /bin/memmon [-p one=1MB]
groups =
    10 both one,two
";

#[test]
fn what_is_lost_is_told() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox.eggs(&["supervisor-4.3.0", "superlance-2.0.0"]);
    let mut wrong = String::new();
    for (what, options, told) in LOSSES {
        sandbox.write("buildout.cfg", &format!("{HEAD}{options}"));
        let ran = sandbox.run(&["-N"]);
        assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
        wrong.extend(difference(what, told, &ran.stderr));
        // Told again where nothing is installed anew.
        let again = sandbox.run(&["-N"]);
        assert!(
            again.stdout.starts_with("Updating supervisor.\n"),
            "{what}: {}",
            again.stdout
        );
        wrong.extend(difference(&format!("{what}, again"), told, &again.stderr));
    }
    assert_eq!(wrong, "");
}

#[test]
fn nothing_is_told_where_nothing_is_lost() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox
        .eggs(&["supervisor-4.3.0", "superlance-2.0.0"])
        .file("buildout.cfg", &format!("{HEAD}{FINE}"));
    let ran = sandbox.run(&["-N"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

//! Lines and values that the supervisor recipe can't read: in the file, in an extended one, by macro, by reference.

use super::{Installed, Record, TRIED};

#[test]
fn a_bad_line() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
programs =
    10 one /bin/one
    oops
    20 two /bin/two
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> buildout.cfg:10:5
     |
  10 |     oops
     |     ^^^^
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_in_an_extended_file() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed
        .file(
            "base.cfg",
            "\
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one /bin/one
    oops
",
        )
        .file(
            "buildout.cfg",
            "\
[buildout]
extends = base.cfg
parts = supervisor
",
        );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> base.cfg:6:5
    |
  6 |     oops
    |     ^^^^
  extended from buildout.cfg:2
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_two_files_away() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed
        .file(
            "lowest.cfg",
            "\
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10
",
        )
        .file(
            "base.cfg",
            "\
[buildout]
extends = lowest.cfg
",
        )
        .file(
            "buildout.cfg",
            "\
[buildout]
parts = supervisor
extends =
    base.cfg
",
        );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: 10
rbuildout: error[program-line]: the name and the command are missing
  --> lowest.cfg:5:7
    |
  5 |     10
    |       ^
  extended from base.cfg:2
  extended from buildout.cfg:4
  help: put name and command at the end
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_that_is_added() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed
        .file(
            "base.cfg",
            "\
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one /bin/one
",
        )
        .file(
            "buildout.cfg",
            "\
[buildout]
extends = base.cfg
parts = supervisor
[supervisor]
programs +=
    20 two
",
        );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: 20 two
rbuildout: error[program-line]: the command is missing
  --> buildout.cfg:6:11
    |
  6 |     20 two
    |           ^
  help: put command at the end
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_of_a_macro() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[base]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one

[supervisor]
<= base
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: 10 one
rbuildout: error[program-line]: the command is missing
  --> buildout.cfg:8:11
    |
  8 |     10 one
    |           ^
  help: put command at the end
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_from_another_section() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[app]
line = high app /bin/app

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one /bin/one
    ${app:line}
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: high app /bin/app
rbuildout: error[program-line]: the line does not begin with a priority
  --> buildout.cfg:5:8
    |
  5 | line = high app /bin/app
    |        ^^^^
  help: did you mean `10 high app /bin/app`?
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_line_on_the_command_line() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.refuses(
        &["-N", "supervisor:programs=oops"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> command line:1:21
    |
  1 | supervisor:programs=oops
    |                     ^^^^
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_listener() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
eventlisteners =
    memmon TICK_60
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Event Listeners line incorrect: memmon TICK_60
rbuildout: error[listener-line]: the command is missing
  --> buildout.cfg:9:19
    |
  9 |     memmon TICK_60
    |                   ^
  help: put command at the end
  help: a line is: NAME [(OPTIONS)] EVENTS COMMAND [[ARGS]]
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_group() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
groups =
    zope one,two
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: Group line incorrect: zope one,two
rbuildout: error[group-line]: the line does not begin with a priority
  --> buildout.cfg:9:5
    |
  9 |     zope one,two
    |     ^^^^
  help: did you mean `10 zope one,two`?
  help: a line is: PRIORITY NAME PROGRAM,PROGRAM
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

#[test]
fn a_bad_socket() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
http-socket = ip
",
    );
    installed.refuses(
        &["-N"],
        Record::Unfinished,
        TRIED,
        "\
While:
  Installing supervisor.
Error: http-socket only supports values inet or nix.
rbuildout: error[http-socket]: `http-socket` is `ip`, neither `inet` nor `unix`
  --> buildout.cfg:8:15
    |
  8 | http-socket = ip
    |               ^^
  help: write `inet` for a port or `unix` for a socket file
rbuildout: note[unchanged]: what was installed is as it was; no file has been changed
",
    );
}

//! Lines and values that the supervisor recipe can't read: in the file, in an extended one, by macro, by reference.

use super::{Installed, Mistake, Record, TRIED, UNCHANGED};

/// What is said stands between the part that was installed and the note that nothing has changed.
const LINES: &[Mistake] = &[
    (
        "a bad line",
        "-N",
        "\
programs =
    10 one /bin/one
    oops
    20 two /bin/two
",
        "\
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> buildout.cfg:10:5
     |
  10 |     oops
     |     ^^^^
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad line in an extended file",
        "-N",
        "\
--- base.cfg
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one /bin/one
    oops
--- buildout.cfg
[buildout]
extends = base.cfg
parts = supervisor
",
        "\
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> base.cfg:6:5
    |
  6 |     oops
    |     ^^^^
  extended from buildout.cfg:2
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad line two files away",
        "-N",
        "\
--- lowest.cfg
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10
--- base.cfg
[buildout]
extends = lowest.cfg
--- buildout.cfg
[buildout]
parts = supervisor
extends =
    base.cfg
",
        "\
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
",
    ),
    (
        "a bad line that is added",
        "-N",
        "\
--- base.cfg
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 one /bin/one
--- buildout.cfg
[buildout]
extends = base.cfg
parts = supervisor
[supervisor]
programs +=
    20 two
",
        "\
Error: Program line incorrect: 20 two
rbuildout: error[program-line]: the command is missing
  --> buildout.cfg:6:11
    |
  6 |     20 two
    |           ^
  help: put command at the end
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad line of a macro",
        "-N",
        "\
--- buildout.cfg
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
        "\
Error: Program line incorrect: 10 one
rbuildout: error[program-line]: the command is missing
  --> buildout.cfg:8:11
    |
  8 |     10 one
    |           ^
  help: put command at the end
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad line from another section",
        "-N",
        "\
--- buildout.cfg
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
        "\
Error: Program line incorrect: high app /bin/app
rbuildout: error[program-line]: the line does not begin with a priority
  --> buildout.cfg:5:8
    |
  5 | line = high app /bin/app
    |        ^^^^
  help: did you mean `10 high app /bin/app`?
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad line on the command line",
        "-N supervisor:programs=oops",
        "",
        "\
Error: Program line incorrect: oops
rbuildout: error[program-line]: the line does not begin with a priority
  --> command line:1:21
    |
  1 | supervisor:programs=oops
    |                     ^^^^
  help: begin the line with a whole number; if it belongs to the line before, join them
  help: a line is: PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]
",
    ),
    (
        "a bad listener",
        "-N",
        "\
eventlisteners =
    memmon TICK_60
",
        "\
Error: Event Listeners line incorrect: memmon TICK_60
rbuildout: error[listener-line]: the command is missing
  --> buildout.cfg:9:19
    |
  9 |     memmon TICK_60
    |                   ^
  help: put command at the end
  help: a line is: NAME [(OPTIONS)] EVENTS COMMAND [[ARGS]]
",
    ),
    (
        "a bad group",
        "-N",
        "\
groups =
    zope one,two
",
        "\
Error: Group line incorrect: zope one,two
rbuildout: error[group-line]: the line does not begin with a priority
  --> buildout.cfg:9:5
    |
  9 |     zope one,two
    |     ^^^^
  help: did you mean `10 zope one,two`?
  help: a line is: PRIORITY NAME PROGRAM,PROGRAM
",
    ),
    (
        "a bad socket",
        "-N",
        "\
http-socket = ip
",
        "\
Error: http-socket only supports values inet or nix.
rbuildout: error[http-socket]: `http-socket` is `ip`, neither `inet` nor `unix`
  --> buildout.cfg:8:15
    |
  8 | http-socket = ip
    |               ^^
  help: write `inet` for a port or `unix` for a socket file
",
    ),
];

#[test]
fn lines_that_can_not_be_read() {
    Installed::refuses_all(LINES, Record::Unfinished, TRIED, |told| {
        format!("While:\n  Installing supervisor.\n{told}{UNCHANGED}")
    });
}

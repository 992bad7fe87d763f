//! Configurations and command lines that make no sense: nothing is installed.

use super::{Installed, Mistake, Record};

/// What is said stands behind the way to the section of the part.
const IN_THE_SECTION: &[Mistake] = &[
    (
        "a section that is not there",
        "-N",
        "\
programs =
    10 one ${buildot:bin-directory}/one
",
        "  Getting option supervisor:programs.
  Getting section buildot.
Error: The referenced section, 'buildot', was not defined.
rbuildout: error[unknown-section]: there is no section [buildot]
  --> buildout.cfg:9:12
    |
  9 |     10 one ${buildot:bin-directory}/one
    |            ^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `buildout`?
",
    ),
    (
        "an option that is not there",
        "-N",
        "\
programs =
    10 one ${buildout:bin-directry}/one
",
        "  Getting option supervisor:programs.
Error: Referenced option does not exist: buildout bin-directry
rbuildout: error[unknown-option]: [buildout] has no option `bin-directry`
  --> buildout.cfg:9:12
    |
  9 |     10 one ${buildout:bin-directry}/one
    |            ^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `bin-directory`?
",
    ),
    (
        "a circle",
        "-N",
        "\
user = ${a:x}
[a]
x = ${b:y}
[b]
y = ${a:x}
",
        "  Getting option supervisor:user.
  Getting section a.
  Initializing section a.
  Getting option a:x.
  Getting section b.
  Initializing section b.
  Getting option b:y.
  Getting option a:x.
  Getting option b:y.
Error: Circular reference in substitutions.

rbuildout: error[circular-reference]: `b:y` refers to itself
  --> buildout.cfg:12:5
     |
  12 | y = ${a:x}
     |     ^^^^^^
  help: the way round: ${b:y} -> ${a:x} -> ${b:y}
",
    ),
    (
        "a macro that is not there",
        "-N",
        "\
<= supervisor-base
",
        "  Loading input sections for 'supervisor'
Error: No section named 'supervisor-base'
rbuildout: error[unknown-section]: there is no section [supervisor-base] to copy
  --> buildout.cfg:8:4
    |
  8 | <= supervisor-base
    |    ^^^^^^^^^^^^^^^
  help: add the section, or take the name from the `<=` line
",
    ),
    (
        "a recipe that is not there",
        "-o",
        "\
--- buildout.cfg
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisr
port = 127.0.0.1:9001
plugins = superlance
",
        "  Installing recipe collective.recipe.supervisr.
  Getting distribution for 'collective.recipe.supervisr'.
Error: We don't have a distribution for collective.recipe.supervisr
and can't install one in offline (no-install) mode.

rbuildout: error[offline]: collective.recipe.supervisr is not in the eggs directory
  help: run buildout once without -o
rbuildout: error[recipe]: there is no such recipe here, but one that is native
  --> buildout.cfg:5:10
    |
  5 | recipe = collective.recipe.supervisr
    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `collective.recipe.supervisor`?
",
    ),
];

/// The whole of what is said.
const ELSEWHERE: &[Mistake] = &[
    (
        "an extended file that is not there",
        "-N",
        "\
--- base.cfg
--- buildout.cfg
[buildout]
extends = bsae.cfg
parts = supervisor
",
        "\
While:
  Initializing.
Error: [Errno 2] No such file or directory: '[ROOT]/bsae.cfg'
rbuildout: error[missing-extends]: the file `bsae.cfg` is not there
  --> buildout.cfg:2:11
    |
  2 | extends = bsae.cfg
    |           ^^^^^^^^
  help: did you mean `base.cfg`?
",
    ),
    (
        "a line that is no option",
        "-N",
        "\
--- buildout.cfg
[buildout]
parts = supervisor
this is no option
",
        "\
While:
  Initializing.
Error: File contains parsing errors: [ROOT]/buildout.cfg
	[line  3]: 'this is no option\\n'
rbuildout: error[syntax]: this line is neither a section, an option nor a continuation
  --> buildout.cfg:3:1
    |
  3 | this is no option
    | ^^^^^^^^^^^^^^^^^
  help: indent the line to continue the option above, or write `name = value`
",
    ),
    (
        "a part that is not there",
        "-N",
        "\
--- buildout.cfg
[buildout]
parts = supervisor superviser

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
",
        "\
While:
  Installing.
  Getting section superviser.
Error: The referenced section, 'superviser', was not defined.
rbuildout: error[unknown-section]: there is no section [superviser]
  help: did you mean `supervisor`?
",
    ),
    (
        "a part asked for that is not there",
        "-N install superviser",
        "",
        "\
While:
  Installing.
  Getting section superviser.
Error: The referenced section, 'superviser', was not defined.
rbuildout: error[unknown-section]: there is no section [superviser]
  help: did you mean `supervisor`?
",
    ),
    (
        "a command that is not there",
        "instal",
        "",
        "\
Error: invalid command: instal
rbuildout: error[command]: there is no such command
  help: did you mean `install`?
",
    ),
    (
        "a command line option that is not there",
        "--ofline",
        "",
        "\
Error: Invalid option --ofline
rbuildout: error[option]: there is no such option
  help: did you mean `--offline`?
",
    ),
    (
        "a configuration that is not there",
        "-c site.cfg",
        "",
        "\
While:
  Initializing.
Error: Couldn't open [ROOT]/site.cfg
rbuildout: error[no-configuration]: there is no such file
  help: name a configuration with `-c FILE`; here are: buildout.cfg
",
    ),
    (
        "no recipe",
        "-N",
        "\
--- buildout.cfg
[buildout]
parts = supervisor

[supervisor]
port = 127.0.0.1:9001
plugins = superlance
",
        "\
While:
  Installing.
Error: Missing option: supervisor:recipe
",
    ),
];

#[test]
fn sections_that_make_no_sense() {
    Installed::refuses_all(IN_THE_SECTION, Record::Untouched, "", |told| {
        format!(
            "While:\n  Installing.\n  Getting section supervisor.\n  Initializing section supervisor.\n{told}"
        )
    });
}

#[test]
fn configurations_and_command_lines_that_make_no_sense() {
    Installed::refuses_all(ELSEWHERE, Record::Untouched, "", str::to_owned);
}

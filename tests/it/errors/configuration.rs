//! Configurations and command lines that make no sense: nothing is installed.

use super::{Installed, Record};

#[test]
fn a_section_that_is_not_there() {
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
    10 one ${buildot:bin-directory}/one
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section supervisor.
  Initializing section supervisor.
  Getting option supervisor:programs.
  Getting section buildot.
Error: The referenced section, 'buildot', was not defined.
rbuildout: error[unknown-section]: there is no section [buildot]
  --> buildout.cfg:9:12
    |
  9 |     10 one ${buildot:bin-directory}/one
    |            ^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `buildout`?
",
    );
}

#[test]
fn an_option_that_is_not_there() {
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
    10 one ${buildout:bin-directry}/one
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section supervisor.
  Initializing section supervisor.
  Getting option supervisor:programs.
Error: Referenced option does not exist: buildout bin-directry
rbuildout: error[unknown-option]: [buildout] has no option `bin-directry`
  --> buildout.cfg:9:12
    |
  9 |     10 one ${buildout:bin-directry}/one
    |            ^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `bin-directory`?
",
    );
}

#[test]
fn a_circle() {
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
user = ${a:x}
[a]
x = ${b:y}
[b]
y = ${a:x}
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section supervisor.
  Initializing section supervisor.
  Getting option supervisor:user.
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
    );
}

#[test]
fn an_extended_file_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file("base.cfg", "").file(
        "buildout.cfg",
        "\
[buildout]
extends = bsae.cfg
parts = supervisor
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
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
    );
}

#[test]
fn a_macro_that_is_not_there() {
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
<= supervisor-base
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section supervisor.
  Initializing section supervisor.
  Loading input sections for 'supervisor'
Error: No section named 'supervisor-base'
rbuildout: error[unknown-section]: there is no section [supervisor-base] to copy
  --> buildout.cfg:8:4
    |
  8 | <= supervisor-base
    |    ^^^^^^^^^^^^^^^
  help: add the section, or take the name from the `<=` line
",
    );
}

#[test]
fn a_line_that_is_no_option() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor
this is no option
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
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
    );
}

#[test]
fn a_part_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor superviser

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section superviser.
Error: The referenced section, 'superviser', was not defined.
rbuildout: error[unknown-section]: there is no section [superviser]
  help: did you mean `supervisor`?
",
    );
}

#[test]
fn a_part_asked_for_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.refuses(
        &["-N", "install", "superviser"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section superviser.
Error: The referenced section, 'superviser', was not defined.
rbuildout: error[unknown-section]: there is no section [superviser]
  help: did you mean `supervisor`?
",
    );
}

#[test]
fn a_command_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.refuses(
        &["instal"],
        Record::Untouched,
        "",
        "\
Error: invalid command: instal
rbuildout: error[command]: there is no such command
  help: did you mean `install`?
",
    );
}

#[test]
fn a_command_line_option_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.refuses(
        &["--ofline"],
        Record::Untouched,
        "",
        "\
Error: Invalid option --ofline
rbuildout: error[option]: there is no such option
  help: did you mean `--offline`?
",
    );
}

#[test]
fn a_configuration_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    installed.refuses(
        &["-c", "site.cfg"],
        Record::Untouched,
        "",
        "\
While:
  Initializing.
Error: Couldn't open [ROOT]/site.cfg
rbuildout: error[no-configuration]: there is no such file
  help: name a configuration with `-c FILE`; here are: buildout.cfg
",
    );
}

#[test]
fn a_recipe_that_is_not_there() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisr
port = 127.0.0.1:9001
plugins = superlance
",
    );
    installed.refuses(
        &["-o"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
  Getting section supervisor.
  Initializing section supervisor.
Error: rbuildout can't run the recipe collective.recipe.supervisr yet
rbuildout: error[foreign-recipe]: this recipe would have to run in Python
  --> buildout.cfg:5:10
    |
  5 | recipe = collective.recipe.supervisr
    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean `collective.recipe.supervisor`?
",
    );
}

#[test]
fn no_recipe() {
    let Some(installed) = Installed::new() else {
        return;
    };
    let installed = installed.file(
        "buildout.cfg",
        "\
[buildout]
parts = supervisor

[supervisor]
port = 127.0.0.1:9001
plugins = superlance
",
    );
    installed.refuses(
        &["-N"],
        Record::Untouched,
        "",
        "\
While:
  Installing.
Error: Missing option: supervisor:recipe
",
    );
}

//! `why SECTION:OPTION`: whole outputs.

use super::support::sandbox::{Ran, Sandbox};
use super::support::texts::same;

fn buildout(files: &[(&str, &str)]) -> Option<Sandbox> {
    let sandbox = Sandbox::new()?;
    for (path, text) in files {
        sandbox.write(path, text);
    }
    Some(sandbox)
}

impl Sandbox {
    /// What `why` says; it makes nothing.
    #[track_caller]
    fn tells(&self, arguments: &[&str], stdout: &str) {
        let ran = self.run(arguments);
        same("standard error", "", &ran.stderr);
        self.told(&ran, stdout);
    }

    #[track_caller]
    fn told(&self, ran: &Ran, stdout: &str) {
        same("standard output", stdout, &ran.stdout);
        assert_eq!(ran.code, 0, "exit code");
        assert!(!self.at("eggs").exists(), "a directory was made");
    }
}

/// A later assignment of the same file takes the place of the earlier, as in zc.buildout, and all of them are told.
#[test]
fn assignments_of_one_file_and_of_lower_ones() {
    let Some(sandbox) = buildout(&[
        (
            "buildout.cfg",
            "[buildout]
extends = base.cfg
parts =

[a]
x = 1
x = 2
y = one
y += two
y +=
    three
      four
y += five
z += 3
z -= 4
z = last
w -=
    1
    2
w -= 3
",
        ),
        (
            "base.cfg",
            "[a]
x = 0
y = 8
z = 9
w = 1
    2
    4

[a]
x = 00
",
        ),
    ]) else {
        return;
    };
    sandbox.tells(
        &["why", "a:x"],
        "a:x = 2
  base.cfg:2: = 0  (overridden)
  base.cfg:10: = 00  (overridden)
  buildout.cfg:6: = 1  (overridden)
  buildout.cfg:7: = 2
",
    );
    sandbox.tells(
        &["why", "a:y"],
        "a:y = one
    two
        three
          four
    five
  base.cfg:3: = 8  (overridden)
  buildout.cfg:8: = one
  buildout.cfg:9: += two
  buildout.cfg:10: += three
      four
  buildout.cfg:13: += five
",
    );
    sandbox.tells(
        &["why", "a:z"],
        "a:z = last
  base.cfg:4: = 9  (overridden)
  buildout.cfg:14: += 3  (overridden)
  buildout.cfg:15: -= 4  (overridden)
  buildout.cfg:16: = last
",
    );
    sandbox.tells(
        &["why", "a:w"],
        "a:w = 1
    2
    4
  base.cfg:5: = 1
    2
    4
  buildout.cfg:17: -= 1
    2
  buildout.cfg:20: -= 3
",
    );
}

/// Once each; what was explained before is named only.
#[test]
fn references_are_explained_too() {
    let Some(sandbox) = buildout(&[
        (
            "buildout.cfg",
            "[buildout]
extends = base.cfg
parts =

[ports]
base = 80
http = ${:base}80

[site]
url = http://${:host}:${ports:http}/${:path}
path = ${ports:http}
host = $${host}.${hosts:name}
",
        ),
        (
            "base.cfg",
            "[ports]
base = 70

[hosts]
name = one
",
        ),
    ]) else {
        return;
    };
    sandbox.tells(
        &["why", "site:url"],
        "site:url = http://$${host}.one:8080/8080
  written http://${:host}:${ports:http}/${:path}
  buildout.cfg:10: = http://${:host}:${ports:http}/${:path}
  refers to site:host = $${host}.one
    written $${host}.${hosts:name}
    buildout.cfg:12: = $${host}.${hosts:name}
    refers to hosts:name = one
      base.cfg:5: = one
  refers to ports:http = 8080
    written ${:base}80
    buildout.cfg:7: = ${:base}80
    refers to ports:base = 80
      base.cfg:2: = 70  (overridden)
      buildout.cfg:6: = 80
  refers to site:path = 8080
    written ${ports:http}
    buildout.cfg:11: = ${ports:http}
    refers to ports:http = 8080  (see above)
",
    );
    sandbox.tells(
        &["why", "site:path"],
        "site:path = 8080
  written ${ports:http}
  buildout.cfg:11: = ${ports:http}
  refers to ports:http = 8080
    written ${:base}80
    buildout.cfg:7: = ${:base}80
    refers to ports:base = 80
      base.cfg:2: = 70  (overridden)
      buildout.cfg:6: = 80
",
    );
}

/// The last base wins; additions of the copy come on top.
#[test]
fn copied_sections() {
    let Some(sandbox) = buildout(&[(
        "buildout.cfg",
        "[buildout]
parts =

[defaults]
host = localhost
options =
    one
    two

[more]
<= defaults
host = more

[site]
<= defaults
   more
options += three
options -= one

[own]
<= site
host = own
",
    )]) else {
        return;
    };
    sandbox.tells(
        &["why", "site:host"],
        "site:host = more
  copied with <= from defaults:host
    buildout.cfg:5: = localhost  (overridden)
  copied with <= from more:host
    copied with <= from defaults:host  (see above)
    buildout.cfg:12: = more
",
    );
    sandbox.tells(
        &["why", "site:options"],
        "site:options = two
    three
  copied with <= from defaults:options
    buildout.cfg:6: = one
      two  (overridden)
  copied with <= from more:options
    copied with <= from defaults:options  (see above)
  buildout.cfg:17: += three
  buildout.cfg:18: -= one
",
    );
    sandbox.tells(
        &["why", "own:host"],
        "own:host = own
  copied with <= from site:host
    copied with <= from defaults:host
      buildout.cfg:5: = localhost  (overridden)
    copied with <= from more:host
      copied with <= from defaults:host  (see above)
      buildout.cfg:12: = more  (overridden)
  buildout.cfg:22: = own
",
    );
    sandbox.tells(
        &["why", "own:options"],
        "own:options = two
    three
  copied with <= from site:options
    copied with <= from defaults:options
      buildout.cfg:6: = one
        two  (overridden)
    copied with <= from more:options
      copied with <= from defaults:options  (see above)
    buildout.cfg:17: += three
    buildout.cfg:18: -= one
",
    );
}

/// Only what counts is told, with its condition.
#[test]
fn conditions() {
    let Some(sandbox) = buildout(&[(
        "buildout.cfg",
        "[buildout]
parts =

[a]
x = 0

[a:python3]
x = 3
y += 1

[a:python2]
x = 2

[a: os_name == 'posix' ] # here
x = posix
y += 2
",
    )]) else {
        return;
    };
    sandbox.tells(
        &["why", "a:x"],
        "a:x = posix
  buildout.cfg:5: = 0  (overridden)
  buildout.cfg:8 where python3: = 3  (overridden)
  buildout.cfg:15 where os_name == 'posix': = posix
",
    );
    sandbox.tells(
        &["why", "a:y"],
        "a:y = 1
    2
  buildout.cfg:9 where python3: = 1
  buildout.cfg:16 where os_name == 'posix': = 2
",
    );
}

#[test]
fn command_line_defaults_and_directories() {
    let Some(sandbox) = buildout(&[
        (
            "buildout.cfg",
            "[buildout]
parts = a
extends = base.cfg
bin-directory = scripts

[a]
recipe = x
port = 1
",
        ),
        (
            "base.cfg",
            "[buildout]
parts = zero
",
        ),
        (
            "../home/.buildout/default.cfg",
            "[buildout]
eggs-directory = shared
parts = b

[a]
user = me
",
        ),
    ]) else {
        return;
    };
    sandbox.tells(
        &["a:port=2", "a:port+=3", "a:new=${:port}", "why", "a:new"],
        "a:new = 2
    3
  written ${:port}
  command line: = ${:port}
  refers to a:port = 2
      3
    buildout.cfg:8: = 1  (overridden)
    command line: = 2
    command line: += 3
",
    );
    sandbox.tells(
        &["why", "parts"],
        "buildout:parts = a
  [AROUND]/home/.buildout/default.cfg:3: = b  (overridden)
  base.cfg:2: = zero  (overridden)
  buildout.cfg:2: = a
",
    );
    sandbox.tells(
        &["buildout:parts-=a", "why", "buildout:parts"],
        "buildout:parts = 
  [AROUND]/home/.buildout/default.cfg:3: = b  (overridden)
  base.cfg:2: = zero  (overridden)
  buildout.cfg:2: = a
  command line: -= a
",
    );
    sandbox.tells(
        &["why", "eggs-directory"],
        "buildout:eggs-directory = [AROUND]/home/.buildout/shared/v5
  written [AROUND]/home/.buildout/shared
  default: = eggs  (overridden)
  [AROUND]/home/.buildout/default.cfg:2: = shared
  [AROUND]/home/.buildout/default.cfg:2: made absolute: [AROUND]/home/.buildout/shared
",
    );
    sandbox.tells(
        &["why", "bin-directory"],
        "buildout:bin-directory = [ROOT]/scripts
  written scripts
  default: = bin  (overridden)
  buildout.cfg:4: = scripts
",
    );
    sandbox.tells(
        &["why", "develop-eggs-directory"],
        "buildout:develop-eggs-directory = [ROOT]/develop-eggs
  written develop-eggs
  default: = develop-eggs
",
    );
    sandbox.tells(
        &["why", "a:user"],
        "a:user = me
  [AROUND]/home/.buildout/default.cfg:6: = me
",
    );
}

#[test]
fn what_has_no_value() {
    let Some(sandbox) = buildout(&[(
        "buildout.cfg",
        "[buildout]
parts =

[loop]
a = ${:b}
b = ${:a}

[broken]
x = ${nowhere:y}

[script]
recipe = some.recipe
path = ${:location}/x

[self]
<= self
x = 1
",
    )]) else {
        return;
    };
    sandbox.tells(
        &["why", "loop:a"],
        "loop:a: Circular reference in substitutions.
  written ${:b}
  buildout.cfg:5: = ${:b}
  refers to loop:b: Circular reference in substitutions.
    written ${:a}
    buildout.cfg:6: = ${:a}
    refers to loop:a: Circular reference in substitutions.  (see above)
",
    );
    sandbox.tells(
        &["why", "broken:x"],
        "broken:x: The referenced section, 'nowhere', was not defined.
  written ${nowhere:y}
  buildout.cfg:9: = ${nowhere:y}
  refers to nowhere:y: The referenced section, 'nowhere', was not defined.
",
    );
    sandbox.tells(
        &["why", "script:path"],
        "script:path: Referenced option does not exist: script location
  written ${:location}/x
  buildout.cfg:13: = ${:location}/x
  refers to script:location: not in the configuration; a recipe may set it
",
    );
    sandbox.tells(
        &["why", "self:x"],
        "self:x: Infinite extending loop 'self'
  written 1
  copied with <= from self:x  (see above)
  buildout.cfg:17: = 1
",
    );
}

#[test]
fn mistakes_in_asking() {
    let Some(sandbox) = buildout(&[(
        "buildout.cfg",
        "[buildout]
parts =

[site]
host = 1
",
    )]) else {
        return;
    };
    sandbox.run(&["why", "site:hots"]).fails(
        "",
        "Error: Key not found: hots
rbuildout: error[why]: there is no such value
  help: did you mean `host`?
",
    );
    sandbox.run(&["why", "sitte:host"]).fails(
        "",
        "Error: Section not found: sitte
rbuildout: error[why]: there is no such value
  help: did you mean `site`?
",
    );
    sandbox.run(&["why", "site:host:x"]).fails(
        "",
        "Error: Invalid option: site:host:x
",
    );
    sandbox.run(&["why"]).fails(
        "",
        "Error: The why command requires a single argument.
rbuildout: error[why]: an option is asked for by its section and name
  help: say `rbuildout why SECTION:OPTION`, with `--format json` for programs
",
    );
    sandbox.run(&["why", "a", "b"]).fails(
        "",
        "Error: The why command requires a single argument.
rbuildout: error[why]: an option is asked for by its section and name
  help: say `rbuildout why SECTION:OPTION`, with `--format json` for programs
",
    );
    sandbox.run(&["why", "site:host", "--format", "xml"]).fails(
        "",
        "Error: The why command requires a single argument.
rbuildout: error[why]: an option is asked for by its section and name
  help: say `rbuildout why SECTION:OPTION`, with `--format json` for programs
",
    );
}

/// Standard output is JSON and nothing else, also where zc.buildout says something while it reads.
#[test]
fn for_programs() {
    let Some(sandbox) = buildout(&[(
        "buildout.cfg",
        r#"[buildout]
optional-extends = local.cfg
parts =
socket-timeout = 5

[base]
x = 0

[a]
<= base
x = 1
x = ${b:y}

[b:python3]
y = "é"
"#,
    )]) else {
        return;
    };
    let ran = sandbox.run(&["why", "a:x", "--format", "json"]);
    same(
        "standard error",
        "optional-extends file not found: local.cfg
Setting socket time out to 5 seconds.
",
        &ran.stderr,
    );
    sandbox.told(&ran, include_str!("why.json"));
    let ran = sandbox.run(&["--color=always", "why", "--format=json", "a:x"]);
    same(
        "standard error",
        "optional-extends file not found: local.cfg
Setting socket time out to 5 seconds.
",
        &ran.stderr,
    );
    sandbox.told(&ran, include_str!("why.json"));
}

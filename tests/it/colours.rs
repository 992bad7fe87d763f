//! Colours: in our own messages, where a person looks at them, and never in what is redirected.

use super::support::sandbox::Sandbox;

const ESCAPE: char = '\u{1b}';

/// A configuration with a mistake that is told with an excerpt.
fn mistaken() -> Option<Sandbox> {
    let sandbox = Sandbox::new()?;
    Some(sandbox.file("buildout.cfg", "[buildout]\nparts =\nport: 1\n"))
}

#[test]
fn what_is_redirected_has_none_unless_they_are_asked_for() {
    let Some(sandbox) = mistaken() else { return };
    let plain = sandbox.run(&["query", "parts"]);
    assert!(plain.stderr.contains("error[syntax]") && !plain.stderr.contains(ESCAPE));
    let coloured = sandbox.run(&["--color=always", "query", "parts"]);
    assert!(coloured.stderr.contains(ESCAPE), "{}", coloured.stderr);
    // Without the colours the two say the same.
    let mut bare = String::new();
    let mut pieces = coloured.stderr.split(ESCAPE);
    bare.push_str(pieces.next().unwrap());
    for piece in pieces {
        bare.push_str(piece.split_once('m').unwrap().1);
    }
    assert_eq!(bare, plain.stderr);
    // Lines of zc.buildout have none.
    assert!(
        coloured
            .stderr
            .starts_with("While:\n  Initializing.\nError: File contains parsing errors: ")
    );
}

#[test]
fn a_terminal_has_them_unless_it_can_not_or_nobody_wants_them() {
    let Some(mut sandbox) = mistaken() else {
        return;
    };
    sandbox.set("TERM", "xterm");
    let coloured = sandbox.on_terminal(&["query", "parts"]);
    assert!(coloured.stdout.contains(ESCAPE), "{coloured:?}");
    assert_eq!(coloured.code, 1);
    let never = sandbox.on_terminal(&["--color=never", "query", "parts"]);
    assert!(never.stdout.contains("error[syntax]") && !never.stdout.contains(ESCAPE));
    sandbox.set("NO_COLOR", "1");
    let refused = sandbox.on_terminal(&["query", "parts"]);
    assert!(refused.stdout.contains("error[syntax]") && !refused.stdout.contains(ESCAPE));
    let asked = sandbox.on_terminal(&["--color", "always", "query", "parts"]);
    assert!(asked.stdout.contains(ESCAPE));
    // Empty is as if it were not there.
    sandbox.set("NO_COLOR", "");
    assert!(
        sandbox
            .on_terminal(&["query", "parts"])
            .stdout
            .contains(ESCAPE)
    );
    sandbox.set("TERM", "dumb");
    assert!(
        !sandbox
            .on_terminal(&["query", "parts"])
            .stdout
            .contains(ESCAPE)
    );
}

/// What is printed for programs and pagers has none, on a terminal either.
#[test]
fn listings_have_none() {
    let Some(mut sandbox) = Sandbox::new() else {
        return;
    };
    sandbox.set("TERM", "xterm");
    sandbox.write("buildout.cfg", "[buildout]\nparts =\n\n[a]\nx = 1\n");
    for command in ["annotate", "query", "why"] {
        let ran = sandbox.on_terminal(&["--color=always", command, "a:x"]);
        assert!(!ran.stdout.contains(ESCAPE), "{}", ran.stdout);
        assert_eq!(ran.code, 0);
    }
    let wrong = sandbox.run(&["--color=blue", "annotate"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.stderr.contains("blue"), "{}", wrong.stderr);
}

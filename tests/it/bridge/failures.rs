//! What a recipe breaks: nothing is lost by it.

use super::{configure, installed, steps, with_recipes};
use crate::support::sandbox::{Ran, Sandbox};

#[test]
fn errors_have_one_trail_and_the_right_class() {
    let configuration = "parts = outer\n\
        [outer]\nrecipe = fixture.recipes:nested\nothers = native\n\
        [native]\nrecipe = zc.recipe.egg:eggs\neggs = ${bad:location}\n\
        [bad]\nrecipe = fixture.recipes:usererror\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    let trail = "While:\n  Installing.\n  Getting section outer.\n  Initializing section outer.\n  \
        Getting section native.\n  Initializing section native.\n  Getting option native:eggs.\n  \
        Getting section bad.\n  Initializing section bad.\n";
    let ran = sandbox.run(&[]).fails_with(&[]);
    assert_eq!(
        ran.stderr,
        format!("{trail}Error: bad is not what it should be\n")
    );

    let ran = sandbox
        .run(&["bad:recipe=fixture.recipes:valueerror"])
        .fails_with(&["raise ValueError('no good value')\n"]);
    let start = format!(
        "{trail}\nAn internal error occurred due to a bug in either zc.buildout or in a\nrecipe being used:\nTraceback"
    );
    let end = "\nValueError: no good value\n";
    assert!(
        ran.stderr.starts_with(&start) && ran.stderr.ends_with(end),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("rbuildout_host"), "{}", ran.stderr);

    // The same exceptions, caught by the recipe that asked; a mistake in a native part too.
    for (overrides, caught) in [
        (
            &["bad:recipe=fixture.recipes:valueerror"] as &[&str],
            "no good value",
        ),
        (&[], "UserError: bad is not what it should be"),
        (
            &["native:eggs=${none:x}"],
            "UserError: The referenced section, 'none', was not defined.",
        ),
    ] {
        let mut arguments = vec!["outer:recipe=fixture.recipes:catches", "outer:other=native"];
        arguments.extend(overrides);
        sandbox.run(&arguments).is_quiet();
        let record = installed(&sandbox, "outer");
        assert!(
            record.contains(&format!("\ncaught = {caught}\n")),
            "{record}"
        );
    }
}

/// A part that is installed, and that fails when it is installed anew.
fn failing(how: &str) -> Option<(Sandbox, Ran)> {
    let configuration = "parts = first p last\n\
        [first]\nrecipe = fixture.recipes:directory\n\
        [p]\nrecipe = fixture.recipes:fails\nhow = well\n\
        [last]\nrecipe = fixture.recipes:directory\ncontent = ${p:how}\n";
    let sandbox = with_recipes(configuration)?;
    sandbox.run(&[]).is_quiet();
    sandbox.write("parts/p/precious", "data\n");
    sandbox.write("parts/last/precious", "data\n");
    let ran = sandbox.run(&["first:content=new", &format!("p:how={how}")]);
    // What was before is there, and so is what was done before the failure.
    assert_eq!(sandbox.read("parts/first/content"), "new\n");
    assert_eq!(sandbox.read("parts/p/precious"), "data\n");
    assert_eq!(sandbox.read("parts/last/precious"), "data\n");
    assert!(!sandbox.has(".rbuildout") && !sandbox.has(".rbuildout-stash"));
    // The next run knows of all of it. That the two others were uninstalled has been said.
    let again = sandbox.run(&["first:content=new"]);
    again.is_quiet();
    assert_eq!(
        steps(&again),
        ["Updating first.", "Installing p.", "Installing last."],
        "{how}"
    );
    assert!(!sandbox.has("parts/p/precious"));
    Some((sandbox, ran))
}

#[test]
fn what_a_failing_recipe_replaced_comes_back() {
    let note = "rbuildout: note[put-back]: the files that p had before are back in place\n";
    let gone = "rbuildout: error[recipe-host]: the Python process that runs recipes is gone\n";
    for (how, code, said) in [
        ("user", 1, "While:\n  Installing p.\nError: can not go on\n"),
        ("value", 1, "\nValueError: can not go on\n"),
        ("created", 1, "\nValueError: cleaned up\n"),
        ("exit", 7, ""),
        ("word", 1, "enough\n"),
        (
            "signal",
            1,
            "Error: The recipe host was killed by signal 9 (SIGKILL).\n",
        ),
        (
            "os-exit",
            3,
            "rbuildout: error[recipe-host]: The recipe host ended with status 3.\n",
        ),
        (
            "garbage",
            1,
            "Error: The recipe host was ended: it spoke out of turn.\n",
        ),
    ] {
        let Some((_sandbox, ran)) = failing(how) else {
            return;
        };
        assert_eq!(ran.code, code, "{how}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{how}: {}", ran.stderr);
        assert!(ran.stderr.ends_with(note), "{how}: {}", ran.stderr);
        assert_eq!(
            ran.stderr.contains(gone),
            how == "signal",
            "{how}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_failing_update_takes_nothing_away() {
    let configuration = "parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = well\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    sandbox.run(&[]).succeeds();
    configure(&sandbox, &format!("{configuration}on-update = fail\n"));
    sandbox.run(&[]).succeeds();
    sandbox.run(&[]).fails_with(&["While:\n  Updating p.\n"]);
    assert!(sandbox.has("parts/p/half"));
    assert_eq!(sandbox.run(&[]).stdout, "Installing p.\n");
}

#[test]
fn the_debugger_starts_where_a_recipe_fails() {
    let configuration = "parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = user\n";
    let Some(sandbox) = with_recipes(configuration) else {
        return;
    };
    // Standard input is empty: the debugger ends at once.
    let ran = sandbox.run(&["-D"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("\n(Pdb) "), "{}", ran.stdout);
    assert!(
        ran.stderr
            .starts_with("While:\n  Installing p.\nTraceback (most recent call last):\n")
            && ran.stderr.contains("can not go on\n\nStarting pdb:\n")
            && !ran.stderr.contains("rbuildout_host"),
        "{}",
        ran.stderr
    );
}

//! What users of zc.buildout have reported of `+=`, `-=`, `extends`, the user's defaults and the command line, each by its number
//! in zc.buildout's tracker: all are mended in 6.0.1, but for those that say so. Where RBUILDOUT_ORACLE_PYTHON names a Python with
//! zc.buildout, that is asked, too.

use super::support::sandbox::Sandbox;
use super::support::texts::{same, without_own};

/// Queries, each with its answer. The first file is the one that is read; `~/` stands for the home directory.
#[track_caller]
fn answers(files: &[(&str, &str)], queries: &[(&[&str], &str)]) {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    std::fs::create_dir_all(sandbox.at("eggs/v5")).unwrap();
    for (path, text) in files {
        sandbox.write(&path.replace("~/", "../home/"), text);
    }
    let real = std::env::var("RBUILDOUT_ORACLE_PYTHON").ok();
    if real.is_none() {
        eprintln!(
            "SKIPPED: RBUILDOUT_ORACLE_PYTHON names no Python with zc.buildout to compare with"
        );
    }
    let program = "import sys; from zc.buildout.buildout import main; main(sys.argv[1:])";
    for (arguments, expected) in queries {
        if let Some(real) = &real {
            let ran = sandbox.start(real, &[&["-c", program], *arguments].concat());
            same(
                "what zc.buildout says",
                expected,
                &format!("{}{}", ran.stdout, ran.stderr),
            );
        }
        let ran = sandbox.run(arguments);
        let said = format!("{}{}", ran.stdout, without_own(&ran.stderr));
        same("what is said", expected, &said);
    }
}

#[test]
fn report_176_two_files_that_add_over_one_that_has_only_the_section() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = one.cfg two.cfg\nparts += root\n",
            ),
            ("one.cfg", "[buildout]\nextends = empty.cfg\nparts += one\n"),
            ("two.cfg", "[buildout]\nextends = empty.cfg\nparts += two\n"),
            ("empty.cfg", "[buildout]\n"),
        ],
        &[(&["query", "parts"], "\none\ntwo\nroot\n")],
    );
}

#[test]
fn report_629_a_part_of_a_file_that_is_extended_by_an_extended_one() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends =\n    test.cfg\n    base.cfg\nparts += omelette\n",
            ),
            (
                "test.cfg",
                "[buildout]\nextends = plone.cfg\nparts += test\n",
            ),
            ("plone.cfg", "[buildout]\nparts = instance\n"),
            ("base.cfg", "[buildout]\nparts += coverage\n"),
        ],
        &[(&["query", "parts"], "instance\ntest\ncoverage\nomelette\n")],
    );
}

#[test]
fn report_656_several_additions_of_one_file_in_conditional_sections() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = low.cfg high.cfg\nparts =\n",
            ),
            ("low.cfg", "[a]\nx =\n    one\n    two\n    three\n"),
            (
                "high.cfg",
                "[a]\nx +=\n    four\n    five\n\n[a:False]\nx +=\n    six\n\n[a:True]\nx +=\n    seven\n\n\
                 [a:True]\nx -=\n    one\n\n[a:True]\nx -=\n    three\n",
            ),
        ],
        &[(&["query", "a:x"], "two\nfour\nfive\nseven\n")],
    );
}

/// Values of several lines; one on the line of the sign makes the indent of the others count (as it is in 6.0.1).
#[test]
fn report_656_lines_beside_the_sign_keep_the_indent_of_the_block() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = low.cfg\nparts =\n[a]\nx +=\n    two\nx += three\nx +=\n  four\n",
            ),
            ("low.cfg", "[a]\nx = one\n"),
        ],
        &[(&["query", "a:x"], "one\n    two\nthree\n  four\n")],
    );
}

#[test]
fn report_525_extensions_of_the_defaults_are_added_to() {
    answers(
        &[
            (
                "~/.buildout/default.cfg",
                "[buildout]\nextensions = one\nx = 1\n",
            ),
            (
                "buildout.cfg",
                "[buildout]\nextends = base.cfg\nparts =\nextensions += three\nx += 3\n",
            ),
            ("base.cfg", "[buildout]\nextensions += two\nx += 2\n"),
        ],
        &[
            (&["query", "extensions"], "one\ntwo\nthree\n"),
            (&["query", "x"], "1\n2\n3\n"),
            (&["-U", "query", "x"], "2\n3\n"),
            (
                &["buildout:x+=4", "buildout:x-=2", "query", "x"],
                "1\n3\n4\n",
            ),
        ],
    );
}

#[test]
fn report_641_an_option_that_begins_with_an_addition() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = one.cfg two.cfg\nparts =\n[a]\nx += root\nz -= 1\n[new]\nx += 1\ny -= 1\n",
            ),
            ("one.cfg", "[buildout]\nextends = base.cfg\n[a]\nx += one\n"),
            ("two.cfg", "[a]\nx += two\ny += two\n"),
            ("base.cfg", "[a]\nx += base\n"),
        ],
        &[
            (&["query", "a:x"], "base\none\ntwo\nroot\n"),
            (&["query", "a:y"], "\ntwo\n"),
            (&["query", "a:z"], "\n"),
            (&["query", "new:x"], "1\n"),
            (&["query", "new:y"], "\n"),
        ],
    );
}

/// It is a layer of its own below the command line; what it adds to `parts`, it adds to nothing.
#[test]
fn report_592_extends_of_the_command_line() {
    answers(
        &[
            ("buildout.cfg", "[buildout]\nparts = a\n[a]\nx = 1\n"),
            (
                "sub/more.cfg",
                "[buildout]\nextends = beside.cfg\nparts += b\n[a]\nx = 2\n",
            ),
            ("sub/beside.cfg", "[a]\ny = 3\n"),
        ],
        &[
            (&["buildout:extends=sub/more.cfg", "query", "a:x"], "2\n"),
            (&["buildout:extends=sub/more.cfg", "query", "a:y"], "3\n"),
            (&["buildout:extends=sub/more.cfg", "query", "parts"], "b\n"),
            (
                &["buildout:extends=sub/more.cfg", "a:x=9", "query", "a:x"],
                "9\n",
            ),
        ],
    );
}

/// A copy adds to what it copies. What it comes to is seen in a directory that is made.
#[test]
fn report_63_additions_to_a_copied_section() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    sandbox.write(
        "buildout.cfg",
        "[buildout]\nparts =\neggs-directory = eggs-${copy:x}-${copy:y}-${twice:x}\n\n[base]\nx = 1\n  2\ny = 1\n\n\
         [copy]\n<= base\nx -= 2\ny +=\n\n[twice]\n<= copy\nx += 3\n",
    );
    let ran = sandbox.run(&["query", "parts"]);
    same(
        "standard output",
        "Creating directory '[ROOT]/eggs-1-1\\n-1\\n3/v5'.\n\n",
        &ran.stdout,
    );
    if let Ok(real) = std::env::var("RBUILDOUT_ORACLE_PYTHON") {
        std::fs::remove_dir_all(sandbox.at("eggs-1-1\n-1\n3")).unwrap();
        let program = "import sys; from zc.buildout.buildout import main; main(sys.argv[1:])";
        let real = sandbox.start(&real, &["-c", program, "query", "parts"]);
        same("what zc.buildout says", &real.stdout, &ran.stdout);
    }
}

/// `+=` and `-=` of one option in one section; the order in which they are written does not matter.
#[test]
fn adding_and_removing_in_one_section() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = base.cfg\nparts =\n[a]\nx += 4\nx -= 1\n[b]\nx -= 1\nx += 1\n",
            ),
            ("base.cfg", "[a]\nx = 1\n  2\n[b]\nx = 1\n  2\n"),
        ],
        &[
            (&["query", "a:x"], "2\n4\n"),
            (&["query", "b:x"], "2\n"),
            (&["a:x+=5", "a:x-=4", "query", "a:x"], "2\n5\n"),
        ],
    );
}

/// Not merged: each of two extended files that assign has its say, the later one's stands (asked for in 22, not so in 6.0.1).
#[test]
fn report_22_of_two_assignments_the_later_stands() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = one.cfg two.cfg\nparts += root\n",
            ),
            ("one.cfg", "[buildout]\nparts = one\n"),
            ("two.cfg", "[buildout]\nparts = two\n"),
        ],
        &[(&["query", "parts"], "two\nroot\n")],
    );
}

/// A file that two others extend is read for each of them: what it adds, it adds twice; what it sets, it sets again.
#[test]
fn a_file_that_is_extended_twice_has_its_say_twice() {
    answers(
        &[
            (
                "buildout.cfg",
                "[buildout]\nextends = one.cfg two.cfg\nparts =\n",
            ),
            (
                "one.cfg",
                "[buildout]\nextends = base.cfg\n[a]\nx = one\ny += one\n",
            ),
            ("two.cfg", "[buildout]\nextends = base.cfg\n[a]\ny += two\n"),
            ("base.cfg", "[a]\nx = base\ny += base\n"),
        ],
        &[
            (&["query", "a:x"], "base\n"),
            (&["query", "a:y"], "base\none\nbase\ntwo\n"),
        ],
    );
}

/// The user's defaults are lowest, and may extend files beside them.
#[test]
fn defaults_lie_below_all_files() {
    answers(
        &[
            (
                "~/.buildout/default.cfg",
                "[buildout]\nextends = more.cfg\nparts = d\n[a]\nx = d\ny = d\n",
            ),
            ("~/.buildout/more.cfg", "[a]\ny = m\nz = m\n"),
            (
                "buildout.cfg",
                "[buildout]\nextends = base.cfg\n[a]\nx += r\n",
            ),
            ("base.cfg", "[a]\nz += b\n"),
        ],
        &[
            (&["query", "parts"], "d\n"),
            (&["query", "a:x"], "d\nr\n"),
            (&["query", "a:y"], "d\n"),
            (&["query", "a:z"], "m\nb\n"),
        ],
    );
}

/// Open in 6.0.1: `~` is no home directory in `extends-cache` while files are fetched.
#[test]
fn report_390_the_extends_cache_has_no_home() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    sandbox.write(
        "buildout.cfg",
        "[buildout]\nextends = http://127.0.0.1:1/x.cfg\nextends-cache = ~/cache\n",
    );
    let ran = sandbox.run(&["query", "parts"]);
    same(
        "standard error",
        "While:\n  Initializing.\nError: The directory:\n'[ROOT]/~/cache'\nto be used as a download cache doesn't exist.\n\n",
        &without_own(&ran.stderr),
    );
    if let Ok(real) = std::env::var("RBUILDOUT_ORACLE_PYTHON") {
        let program = "import sys; from zc.buildout.buildout import main; main(sys.argv[1:])";
        let real = sandbox.start(&real, &["-c", program, "query", "parts"]);
        same(
            "what zc.buildout says",
            real.stderr.trim(),
            without_own(&ran.stderr).trim(),
        );
    }
}

//! Eggs built with settings of the buildout: `zc.recipe.egg:custom` and `zc.recipe.egg:develop`.
//!
//! Real builds with a C compiler. setuptools for them comes from the index that pip is told, or there is no such test,
//! which is said.

use crate::packages::{is_without_setuptools, shared_cache, tar_gz};
use crate::support::sandbox::{Ran, Sandbox};

const MODULE: &str = "\
#include <Python.h>
#include <answer.h>
static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, \"extdemo\", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_extdemo(void)
{
    PyObject *made = PyModule_Create(&module);
#ifdef TWO
    PyModule_AddIntConstant(made, \"answer\", 2);
#else
    PyModule_AddIntConstant(made, \"answer\", ANSWER);
#endif
    return made;
}
";

const SCRIPT: &str = "\
import os
from setuptools import setup, Extension
print('VARIABLE is ' + os.environ.get('VARIABLE', 'not set'))
setup(name='extdemo', version='[VERSION]', ext_modules=[Extension('extdemo', ['extdemo.c'])])
";

const CONFIGURATION: &str = "\
[buildout]
parts = extdemo show
find-links = links
index = links
log-format = %(message)s

[variables]
VARIABLE = set in [ROOT]:%(HOME)s

[extdemo]
recipe = zc.recipe.egg:custom
include-dirs = include
environment = variables

[show]
recipe = zc.recipe.egg
eggs = extdemo
interpreter = show
";

fn sdist(version: &str) -> Vec<u8> {
    let files = [
        ("extdemo.c", MODULE.to_owned()),
        ("setup.py", SCRIPT.replace("[VERSION]", version)),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    tar_gz(&format!("extdemo-{version}/"), &files)
}

/// A buildout that offers version 1.4, with what it includes.
fn sandbox(configuration: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new()?
        .with_network()
        .with_cache(&shared_cache())
        .file("buildout.cfg", configuration)
        .file("include/answer.h", "#define ANSWER 42\n");
    std::fs::create_dir(sandbox.at("links")).unwrap();
    offer(&sandbox, "1.4");
    Some(sandbox)
}

fn offer(sandbox: &Sandbox, version: &str) {
    let file = sandbox.at(&format!("links/extdemo-{version}.tar.gz"));
    std::fs::write(file, sdist(version)).unwrap();
}

/// The lines of standard output that tell what was done; none where setuptools can't be had.
#[track_caller]
fn done(sandbox: &Sandbox, arguments: &[&str]) -> Option<Vec<String>> {
    let ran = sandbox.run(arguments);
    if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
        return None;
    }
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    Some(steps(&ran))
}

fn steps(ran: &Ran) -> Vec<String> {
    let is_step = |line: &&str| {
        ["Installing ", "Updating ", "Uninstalling "]
            .iter()
            .any(|step| line.starts_with(step))
    };
    ran.stdout
        .lines()
        .filter(is_step)
        .map(str::to_owned)
        .collect()
}

fn answer(sandbox: &Sandbox) -> String {
    let code = "import extdemo; print(extdemo.answer)";
    let program = sandbox.at("bin/show").display().to_string();
    let ran = sandbox.start(&program, &["-c", code]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout.trim().to_owned()
}

fn develop_eggs(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(sandbox.at("develop-eggs"))
        .unwrap()
        .map(|entry| sandbox.tokens(entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.sort();
    names
}

/// Nothing is left of what waited.
fn is_tidy(sandbox: &Sandbox) {
    assert!(!sandbox.at(".rbuildout").exists());
    assert!(!sandbox.at(".rbuildout-stash").exists());
}

#[test]
fn a_custom_egg_is_built_for_the_buildout_and_used_by_later_parts() {
    let Some(sandbox) = sandbox(CONFIGURATION) else {
        return;
    };
    let Some(first) = done(&sandbox, &[]) else {
        return;
    };
    assert_eq!(first, ["Installing extdemo.", "Installing show."]);
    let eggs = develop_eggs(&sandbox);
    assert!(
        matches!(eggs.as_slice(), [egg] if egg == "extdemo-1.4-[TAG].egg"),
        "{eggs:?}"
    );
    assert_eq!(std::fs::read_dir(sandbox.at("eggs/v5")).unwrap().count(), 0);
    assert_eq!(answer(&sandbox), "42");
    is_tidy(&sandbox);
    let record = sandbox.read(".installed.cfg");
    for line in [
        format!("__buildout_installed__ = [ROOT]/develop-eggs/{}", eggs[0]),
        "_environment-data = [('VARIABLE', 'set in [ROOT]:%(HOME)s')]".to_owned(),
        "include-dirs = [ROOT]/include".to_owned(),
    ] {
        assert!(
            record.lines().any(|there| there == line),
            "{line}\n{record}"
        );
    }

    // Nothing has changed: nothing is built. Another egg than the one that goes is built where an option changes.
    assert_eq!(
        done(&sandbox, &[]).unwrap(),
        ["Updating extdemo.", "Updating show."]
    );
    assert!(sandbox.read(".installed.cfg").starts_with(&record));
    let changed = done(&sandbox, &["extdemo:define=TWO"]).unwrap();
    let expected = [
        "Uninstalling extdemo.",
        "Installing extdemo.",
        "Updating show.",
    ];
    assert_eq!(changed, expected);
    assert_eq!(answer(&sandbox), "2");
    assert_eq!(develop_eggs(&sandbox), eggs);
    is_tidy(&sandbox);

    // Newer sources count only where the newest is asked for.
    offer(&sandbox, "1.5");
    for argument in ["-N", "-o"] {
        done(&sandbox, &["extdemo:define=TWO", argument]).unwrap();
        assert_eq!(develop_eggs(&sandbox), eggs, "{argument}");
    }
    let newest = done(&sandbox, &["extdemo:define=TWO"]).unwrap();
    assert_eq!(newest, ["Updating extdemo.", "Updating show."]);
    assert_eq!(develop_eggs(&sandbox).len(), 2);

    // The part goes, and both eggs with it; the other part may not use them any more.
    let ran = sandbox.run(&["buildout:parts=show"]);
    assert_ne!(ran.code, 0);
    assert_eq!(
        develop_eggs(&sandbox).len(),
        2,
        "a failed run takes nothing away"
    );
    let gone = done(&sandbox, &["buildout:parts="]).unwrap();
    assert!(gone.is_empty(), "the failed run has said it: {gone:?}");
    assert!(develop_eggs(&sandbox).is_empty());
}

#[test]
fn variables_are_set_for_the_build_alone_and_its_log_is_shown_to_those_who_ask() {
    let Some(sandbox) = sandbox(CONFIGURATION) else {
        return;
    };
    if done(&sandbox, &["buildout:parts="]).is_none() {
        return;
    }
    let ran = sandbox.run(&["-v", "buildout:parts=extdemo"]);
    if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
        return;
    }
    let line = "VARIABLE is set in [ROOT]:";
    assert!(ran.stdout.contains(line), "{}{}", ran.stdout, ran.stderr);
    let quiet = sandbox.run(&["buildout:parts=extdemo", "extdemo:debug=1"]);
    assert_eq!(quiet.code, 0, "{}", quiet.stderr);
    assert!(!quiet.stdout.contains(line), "{}", quiet.stdout);
}

#[test]
fn a_custom_build_that_fails_leaves_the_old_egg() {
    let Some(sandbox) = sandbox(CONFIGURATION) else {
        return;
    };
    if done(&sandbox, &[]).is_none() {
        return;
    }
    let eggs = develop_eggs(&sandbox);
    sandbox.write("include/answer.h", "#error no answer\n");
    let ran = sandbox.run(&["extdemo:undef=X"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("Error: Couldn't build extdemo 1.4."),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("no answer"), "{}", ran.stderr);
    assert_eq!(develop_eggs(&sandbox), eggs);
    assert_eq!(answer(&sandbox), "42");
    is_tidy(&sandbox);

    // Wheels and eggs do not count.
    let ran = sandbox.run(&["extdemo:egg=extdemo>1.4", "extdemo:undef=X"]);
    let expected = "Error: Couldn't find a source distribution for 'extdemo>1.4'.\n";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn a_develop_part_builds_in_place_and_leaves_setup_cfg_alone() {
    let configuration = "\
[buildout]
parts = extdemo show
find-links = links
index = links

[extdemo]
recipe = zc.recipe.egg:develop
setup = project
include-dirs = include
define = TWO

[show]
recipe = zc.recipe.egg
eggs = extdemo
interpreter = show
";
    let Some(sandbox) = sandbox(configuration) else {
        return;
    };
    let settings = "[build_ext]\nundef = ONE\n";
    sandbox.write("project/setup.cfg", settings);
    sandbox.write("project/extdemo.c", MODULE);
    sandbox.write("project/setup.py", &SCRIPT.replace("[VERSION]", "3.0"));
    let Some(first) = done(&sandbox, &[]) else {
        return;
    };
    assert_eq!(first, ["Installing extdemo.", "Installing show."]);
    assert_eq!(sandbox.read("project/setup.cfg"), settings);
    let there = develop_eggs(&sandbox);
    assert!(there.contains(&"extdemo.egg-link".to_owned()), "{there:?}");
    let record = sandbox.read(".installed.cfg");
    let link = "__buildout_installed__ = [ROOT]/develop-eggs/extdemo.egg-link\n";
    assert!(record.contains(link), "{record}");
    assert!(record.contains("\nsetup = [ROOT]/project\n"), "{record}");
    assert_eq!(answer(&sandbox), "2");
    assert_eq!(
        done(&sandbox, &[]).unwrap(),
        ["Updating extdemo.", "Updating show."]
    );
    assert!(sandbox.read(".installed.cfg").starts_with(&record));
    // All that it put there goes with the part.
    done(&sandbox, &["buildout:parts="]).unwrap();
    assert!(
        develop_eggs(&sandbox).is_empty(),
        "{:?}",
        develop_eggs(&sandbox)
    );
    is_tidy(&sandbox);
}

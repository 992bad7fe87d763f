//! The same recipes under zc.buildout itself: that of RBUILDOUT_TEST_BUILDOUT. Where there is none, which is said, nothing.

use std::collections::BTreeMap;

use super::parts::SHARING;
use super::{RECIPES, configure, offer_recipes, steps};
use crate::support::pythons;
use crate::support::sandbox::{Ran, Sandbox};

/// Everything that the two tools can be compared in.
const ALL: &str = "parts = outer opts text print old eggs catches patched\n\
    [outer]\nrecipe = fixture.recipes:nested\nothers = native plain\n\
    [native]\nrecipe = zc.recipe.egg:eggs\neggs = fixture.recipes\nlocation = ${inner:location}/below\n\
    [inner]\nrecipe = fixture.recipes:nested\nothers = buildout\n\
    [plain]\nlocation = ${native:location}\n\
    [opts]\nrecipe = fixture.recipes:options\ngone = x\nother = data\nunused = 1\n[data]\nread = 1\n\
    [base]\nrecipe = fixture.recipes:directory\ncontent = ${:word} and $${word}\nword = base\n\
    [text]\n<= base\nword =\n    two\n      lines ${data:written}\n\
    [print]\nrecipe = fixture.recipes:printing\n\
    [old]\nrecipe = fixture.recipes:oldstyle\n\
    [eggs]\nrecipe = fixture.recipes:eggs\neggs = fixture.recipes\n\
    [catches]\nrecipe = fixture.recipes:catches\nother = bad\n\
    [patched]\nrecipe = fixture.recipes:patched\n\
    [bad]\nrecipe = fixture.recipes:valueerror\n";

/// A buildout for either tool, with the Python that has zc.buildout.
pub(super) struct Either {
    pub(super) sandbox: Sandbox,
    real: String,
}

impl Either {
    pub(super) fn new(configuration: &str) -> Option<Self> {
        let (real, python) = pythons::with_zc_buildout()?;
        let mut sandbox = Sandbox::with(python, "b");
        sandbox.set("PYTHONHASHSEED", "0");
        offer_recipes(&sandbox);
        configure(&sandbox, configuration);
        Some(Self { sandbox, real })
    }

    /// Builds need setuptools, from the user's own index.
    pub(super) fn with_network(self) -> Self {
        Self {
            sandbox: self.sandbox.with_network(),
            ..self
        }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        self.sandbox.run(arguments)
    }

    pub(super) fn run_real(&self, arguments: &[&str]) -> Ran {
        self.sandbox.start(&self.real, arguments)
    }

    /// All files but those of eggs, signatures and all.
    pub(super) fn files(&self) -> BTreeMap<String, String> {
        let files = self.sandbox.files().into_keys();
        files
            .filter(|path| !path.contains("__pycache__"))
            .map(|path| {
                let text = std::fs::read(self.sandbox.at(&path)).unwrap();
                let text = self.sandbox.places(&String::from_utf8_lossy(&text));
                let text = without_hashes(&path, text);
                (path, text)
            })
            .collect()
    }
}

/// Metadata of a build without the hashes of files that name the directory, and without the version of setuptools, which
/// is the newest of the day with zc.buildout.
fn without_hashes(path: &str, text: String) -> String {
    let simpler = |line: &str| match line.split_once("sha256=") {
        Some((file, _)) if path.ends_with("/RECORD") => file.to_owned(),
        _ if path.ends_with("/WHEEL") && line.starts_with("Generator: ") => String::new(),
        _ => line.to_owned(),
    };
    if path.contains(".dist-info/") {
        return text.lines().map(simpler).collect::<Vec<_>>().join("\n");
    }
    text
}

/// Both say the same on standard output and end the same.
#[track_caller]
pub(super) fn same(what: &[&str], mine: &Ran, real: &Ran) {
    assert_eq!(
        (&mine.stdout, mine.code),
        (&real.stdout, real.code),
        "{what:?}: {}",
        mine.stderr
    );
}

#[test]
fn both_tools_do_the_same() {
    let steps: [&[&str]; 8] = [
        &[],
        &[],
        &["base:word=other"],
        &["install", "outer"],
        &["buildout:parts=outer print"],
        &[
            "buildout:parts=usererror outer",
            "usererror:recipe=fixture.recipes:usererror",
        ],
        &[
            "buildout:parts=outer new",
            "new:recipe=fixture.recipes:nosuch",
        ],
        &["buildout:parts="],
    ];
    let (Some(ours), Some(theirs)) = (Either::new(ALL), Either::new(ALL)) else {
        return;
    };
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        same(step, &mine, &real);
        if !real.stderr.contains("internal error") {
            assert_eq!(mine.stderr, real.stderr, "{step:?}");
        }
        // A failure leaves the record as it was; zc.buildout has added a line or two by then.
        if mine.code == 0 {
            assert_eq!(ours.files(), theirs.files(), "{step:?}");
            assert_eq!(ours.sandbox.tree(), theirs.sandbox.tree(), "{step:?}");
        }
    }
}

#[test]
fn a_change_of_tools_installs_nothing() {
    let Some(buildout) = Either::new(ALL) else {
        return;
    };
    buildout.run_real(&[]).succeeds();
    for round in 0..3 {
        for ran in [buildout.run(&[]), buildout.run_real(&[])] {
            let ran = ran.succeeds();
            let mut steps = steps(&ran).into_iter();
            assert!(
                steps.all(|step| step.starts_with("Updating ")),
                "round {round}: {}",
                ran.stdout
            );
        }
    }
}

#[test]
fn a_recipe_under_development_is_found_where_it_lies() {
    let configuration = "develop = src/mine\nparts = p\n[p]\nrecipe = mine\n";
    let (Some(ours), Some(theirs)) = (Either::new(configuration), Either::new(configuration))
    else {
        return;
    };
    let (ours, theirs) = (ours.with_network(), theirs.with_network());
    for sandbox in [&ours.sandbox, &theirs.sandbox] {
        // A package of another name than its directory: only the finder that the build makes knows where it is.
        sandbox.write("src/mine/odd/__init__.py", RECIPES);
        sandbox.write(
            "src/mine/setup.py",
            "from setuptools import setup\n\
             setup(name='mine', version='1', packages=['mine'], package_dir={'mine': 'odd'},\n\
             \x20     entry_points={'zc.buildout': ['default = mine:Directory']})\n",
        );
    }
    for word in ["Installing p.\n", "Updating p.\n"] {
        let (mine, real) = (ours.run(&[]), theirs.run_real(&[]));
        same(&[word], &mine, &real);
        mine.succeeds().prints(word);
    }
    ours.run_real(&[]).succeeds().prints("Updating p.\n");
}

#[test]
fn both_tools_leave_what_parts_share() {
    let (Some(ours), Some(theirs)) = (Either::new(SHARING), Either::new(SHARING)) else {
        return;
    };
    let steps: [&[&str]; 8] = [
        &[],
        &[],
        &["one:new=1", "two:new=1"],
        &["one:new=2", "two:files=bin/two"],
        &["one:new=2"],
        &["buildout:parts=two one", "one:files=bin/one"],
        &["buildout:parts=two", "two:new=3"],
        &["buildout:parts=two one", "two:new=4"],
    ];
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        same(step, &mine, &real);
        assert_eq!(ours.files(), theirs.files(), "{step:?}");
        assert_eq!(ours.sandbox.tree(), theirs.sandbox.tree(), "{step:?}");
    }
}

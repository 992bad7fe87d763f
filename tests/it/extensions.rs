//! Extensions: what they may change before a run, and what they do at its end.

use std::os::unix::fs::PermissionsExt;

use crate::recipe_site::Site;

const PARTS: &str = "extensions = fixture.extensions\nparts = p\n\
    [p]\nrecipe = fixture.recipes:directory\ncontent = p\n[gone]\nx = 1\n";

fn with_extension(site: Site) -> Site {
    let code = include_str!("../../fixtures/recipes/fixture_extensions.py");
    let entries = "[zc.buildout.extension]\next = fixture_extensions:load\n\
        [zc.buildout.unloadextension]\next = fixture_extensions:unload\n";
    let files = [("fixture_extensions.py", code)];
    site.wheel("fixture.extensions", "1.0", entries, &files);
    site
}

#[test]
fn extensions_come_first_and_last() {
    let Some(site) = Site::new(PARTS).map(with_extension) else {
        return;
    };
    let ran = site.run(&["buildout:does=parts"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let begins = ["loaded", "Creating", "Installing", "unloaded"];
    let lines: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| begins.iter().any(|word| line.starts_with(word)))
        .collect();
    assert_eq!(
        lines,
        [
            "Creating directory '[ROOT]/eggs/v5'.",
            "loaded with buildout gone p",
            "Creating directory '[ROOT]/bin'.",
            "Creating directory '[ROOT]/parts'.",
            "Creating directory '[ROOT]/develop-eggs'.",
            "Installing added.",
            "Installing p.",
            "unloaded, with ",
        ]
    );
    assert_eq!(site.read("parts/added/content"), "added p\n");
    // Without the extension its part goes.
    let ran = site.run(&["buildout:extensions="]);
    assert_eq!(
        ran.out,
        "Uninstalling added.\nUpdating p.\np: is there: True\n"
    );
}

#[test]
fn an_extension_may_refuse() {
    let Some(site) = Site::new(PARTS).map(with_extension) else {
        return;
    };
    let trail = "While:\n  Installing.\n  Loading extensions.\n";
    let ran = site.run(&["buildout:does=refuse"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.err,
        format!("{trail}Error: This machine will not do.\n")
    );
    assert!(!site.has("bin") && !site.has(".installed.cfg"));
    let ran = site.run(&["buildout:does=leave"]);
    assert_eq!(ran.code, Some(3));
    let ran = site.run(&["buildout:does=fail"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.starts_with(&format!("{trail}\nAn internal error")),
        "{}",
        ran.err
    );
    let ran = site.run(&["buildout:extensions=buildout-versions"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.starts_with(&format!(
            "{trail}Error: Buildout now includes 'buildout-versions'"
        )),
        "{}",
        ran.err
    );
}

/// With a project to develop, and a native part whose eggs depend on what the extension does.
const ALL: &str = "extensions = fixture.extensions\nparts = p scripts\n\
    [p]\nrecipe = fixture.recipes:directory\ncontent = p\n[gone]\nx = 1\n\
    [scripts]\nrecipe = zc.recipe.egg\neggs = fixture.recipes\ninterpreter = py\n";

fn one(site: Site) -> Site {
    let site = with_extension(site);
    site.wheel("fixture.recipes", "0.9", "", &[]);
    site.write(
        "src/mine/setup.py",
        "import os\nfrom setuptools import setup\n\
         setup(name='mine', version=os.environ.get('WORD', '1'), py_modules=['mine'])\n",
    );
    site.write("src/mine/mine.py", "");
    site
}

#[test]
fn both_tools_obey_extensions() {
    let steps: [&[&str]; 7] = [
        &["buildout:does=parts"],
        &[
            "buildout:does=surroundings develop",
            "scripts:eggs=fixture.recipes\nmine",
        ],
        &["buildout:does=pins", "buildout:parts=scripts"],
        &["buildout:does=patch", "scripts:eggs=fixture.recipes"],
        &["buildout:does=end", "p:content=new"],
        &["buildout:does=end", "p:recipe=fixture.recipes:usererror"],
        &["buildout:parts=", "buildout:does="],
    ];
    let (Some(ours), Some(theirs)) = (Site::with_real(ALL), Site::with_real(ALL)) else {
        return;
    };
    let (ours, theirs) = (one(ours), one(theirs));
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        assert_eq!(
            (&mine.out, &mine.err, mine.code),
            (&real.out, &real.err, real.code),
            "{step:?}"
        );
        if mine.code == Some(0) {
            assert_eq!(ours.files(), theirs.files(), "{step:?}");
        }
        for script in ["bin/py", "parts/p"] {
            let mode = |site: &Site| {
                std::fs::metadata(site.root.join(script))
                    .map(|m| m.permissions().mode())
                    .ok()
            };
            assert_eq!(mode(&ours), mode(&theirs), "{step:?}: {script}");
        }
    }
}

#[test]
fn a_script_of_the_same_zc_buildout_changes_nothing() {
    // bin/buildout comes with the scripts of zc.buildout, and has the eggs of its part in front of `sys.path`.
    let configuration = "parts = p scripts\n\
        [p]\nrecipe = fixture.recipes:directory\n\
        [scripts]\nrecipe = zc.recipe.egg\neggs =\n  fixture.recipes\n  zc.buildout\n";
    let Some(site) = Site::with_real(configuration) else {
        return;
    };
    let first = site.run(&[]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(site.read("bin/buildout").contains("fixture.recipes-1.0"));
    for ran in [site.run(&[]), site.run_real(&[]), site.run(&[])] {
        assert!(ran.out.starts_with("Updating p.\n"), "{}", ran.out);
    }
}

//! Distributions that are checkouts of git, as find-links names them.

use crate::packages::{files, printed};
use crate::support::sandbox::Sandbox;

const CONFIGURATION: &str = "\
[buildout]
parts = p
find-links = git+file://[ROOT]/project@REVISION#egg=own.backend-1.5
[p]
recipe = zc.recipe.egg
eggs = own.backend
";

/// A repository of the project: tagged 1.5, and broken since.
fn repository(revision: &str) -> Option<Sandbox> {
    if !std::process::Command::new("git")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        eprintln!("SKIPPED: there is no git");
        return None;
    }
    let sandbox = Sandbox::new()?;
    let text = CONFIGURATION.replace("REVISION", revision);
    sandbox.write("buildout.cfg", &sandbox.filled(&text));
    for (name, bytes) in files("own-backend") {
        sandbox.write_bytes(&format!("project/{name}"), &bytes);
    }
    let git = |arguments: &[&str]| {
        let mut all = vec![
            "-C",
            "project",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
        ];
        all.extend(arguments);
        sandbox.start("git", &all).succeeds();
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    git(&["tag", "v1.5"]);
    sandbox.write("project/pyproject.toml", "[build-system]\n");
    git(&["commit", "--quiet", "-a", "-m", "broken"]);
    Some(sandbox)
}

fn remains(sandbox: &Sandbox) -> Vec<String> {
    let mut left = sandbox.names("../cache/wheels");
    left.retain(|name| name.starts_with(".rbuildout-"));
    left
}

#[test]
fn a_checkout_is_built_from_its_revision() {
    let Some(sandbox) = repository("v1.5") else {
        return;
    };
    let ran = sandbox.run(&[]).succeeds();
    let (before, after) = ran.stdout.split_once(" to ").unwrap();
    assert!(
        before.ends_with(
            "Getting distribution for 'own.backend'.\nroot: Doing git clone from file://[ROOT]/project"
        ),
        "{before}"
    );
    let (_, after) = after.split_once('\n').unwrap();
    assert!(
        after.starts_with("root: Checking out v1.5\nGot own.backend 1.5.\n"),
        "{after}"
    );
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
    let eggs = sandbox.names("eggs/v5");
    let info = eggs[0].replace(".egg", ".dist-info");
    assert_eq!(
        sandbox.read(&format!("eggs/v5/{}/{info}/direct_url.json", eggs[0])),
        "{\"dir_info\": {}, \"url\": \"git+file://[ROOT]/project@v1.5\"}"
    );
    assert_eq!(remains(&sandbox), Vec::<String>::new());
    sandbox.run(&[]).succeeds().prints("Updating p.\n");
}

#[test]
fn a_revision_that_is_not_there_is_told_and_leaves_nothing() {
    let Some(sandbox) = repository("v9") else {
        return;
    };
    sandbox.run(&[]).fails_with(&[
        "While:\n  Installing p.\n  Getting distribution for 'own.backend'.\n\
         Error: Couldn't install: own.backend 1.5\n\
         rbuildout: error[checkout]: git has failed for own.backend 1.5\n  help: from file://[ROOT]/project\n",
        "v9",
    ]);
    assert_eq!(remains(&sandbox), Vec::<String>::new());
    assert_eq!(sandbox.names("eggs/v5"), Vec::<String>::new());
}

#[test]
fn subversion_is_refused_as_zc_buildout_refuses_it() {
    let Some(sandbox) = Sandbox::configured(
        "[buildout]\nparts = p\nfind-links = svn+http://me:secret@example.org/p#egg=p-1.0\n\
         index = none\n[p]\nrecipe = zc.recipe.egg\neggs = p\n",
    ) else {
        return;
    };
    let ran = sandbox.run(&[]).fails_with(&[
        "Error: Invalid config, SVN download is not supported: svn+http://example.org/p#egg=p-1.0\n",
    ]);
    assert!(!ran.stderr.contains("secret") && !ran.stdout.contains("secret"));
}

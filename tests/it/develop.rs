//! The develop option: projects found in their own directories.

use crate::packages::{files, is_without_setuptools, lay_out, printed, with_network};
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::wheels::Wheel;

const CONFIGURATION: &str = "\
[buildout]
develop = src/own gone
parts = p
find-links = links
[p]
recipe = zc.recipe.egg
eggs = own.backend
";

fn buildout() -> Option<Sandbox> {
    let sandbox = Sandbox::configured(CONFIGURATION)?;
    lay_out(&sandbox, "own-backend", "src/own");
    Some(sandbox)
}

/// Offers a newer version than the one that is developed.
fn offer_a_newer_one(sandbox: &Sandbox) {
    Wheel::new("own_backend", "2.0")
        .scripts(&["own = own_backend:main"])
        .wheel(&sandbox.at("links"));
}

#[test]
fn a_project_is_used_where_it_is() {
    let Some(sandbox) = buildout() else { return };
    offer_a_newer_one(&sandbox);
    let ran = sandbox
        .run(&[])
        .succeeds()
        .prints("Develop: '[ROOT]/src/own'\n");
    let told = ran.stdout + &ran.stderr;
    assert!(
        told.contains("Couldn't develop '[ROOT]/gone' (not found)\n"),
        "{told}"
    );
    let there = [
        "own.backend.egg-link",
        "own_backend-1.5.dist-info",
        "own_backend.pth",
    ];
    assert_eq!(sandbox.names("develop-eggs"), there);
    assert_eq!(
        sandbox.read("develop-eggs/own.backend.egg-link"),
        "[ROOT]/src/own\n."
    );
    let info = |name: &str| sandbox.read(&format!("develop-eggs/own_backend-1.5.dist-info/{name}"));
    assert_eq!(
        info("direct_url.json"),
        "{\"dir_info\": {\"editable\": true}, \"url\": \"file://[ROOT]/src/own\"}"
    );
    assert_eq!(info("INSTALLER"), "pip\n");
    // pip has made a program that zc.buildout has thrown away.
    let record = info("RECORD");
    let first = record.lines().next().unwrap();
    assert!(first.starts_with("../../bin/own,sha256="), "{record}");
    let record = sandbox.read(".installed.cfg");
    let expected = "[buildout]\ninstalled_develop_eggs = [ROOT]/develop-eggs/own.backend.egg-link\n\
         \t[ROOT]/develop-eggs/own_backend-1.5.dist-info\n\t[ROOT]/develop-eggs/own_backend.pth\nparts = p\n";
    assert!(record.starts_with(expected), "{record}");
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
    sandbox.write("src/own/own_backend.py", "def main(): print('edited')\n");
    assert_eq!(printed(&sandbox, "own"), "edited\n");
    assert!(sandbox.names("eggs/v5").is_empty());
}

#[test]
fn what_is_no_longer_developed_goes() {
    let Some(sandbox) = buildout() else { return };
    sandbox.run(&[]).succeeds();
    offer_a_newer_one(&sandbox);
    sandbox.write("develop-eggs/mine.egg-link", "/x\n.");
    let before = sandbox.read("bin/own");
    sandbox.run(&["buildout:develop="]).succeeds();
    assert_eq!(sandbox.names("develop-eggs"), ["mine.egg-link"]);
    let script = sandbox.read("bin/own");
    assert!(script.contains("/eggs/v5/own_backend-2.0-"), "{script}");
    sandbox.run(&[]).succeeds();
    assert_eq!(sandbox.read("bin/own"), before);
    // Only what is developed is left: so is the record of it.
    sandbox.run(&["buildout:parts="]).succeeds();
    let record = sandbox.read(".installed.cfg");
    assert!(record.contains("own.backend.egg-link"), "{record}");
    sandbox
        .run(&["buildout:parts=", "buildout:develop="])
        .succeeds();
    assert!(!sandbox.has(".installed.cfg"));
}

#[test]
fn what_fails_leaves_the_old_links() {
    let Some(sandbox) = buildout() else { return };
    sandbox.run(&[]).succeeds();
    let before = (
        sandbox.names("develop-eggs"),
        sandbox.read(".installed.cfg"),
    );
    lay_out(&sandbox, "own-backend", "src/bad");
    sandbox.write("src/bad/fail", "badly");
    sandbox.run(&["buildout:develop=src/*"]).fails_with(&[
        "While:\n  Installing.\n  Processing develop directory '[ROOT]/src/bad'.\nError: Couldn't build [ROOT]/src/bad.\n",
        "Exception: can not be built: badly\n",
    ]);
    let after = (
        sandbox.names("develop-eggs"),
        sandbox.read(".installed.cfg"),
    );
    assert_eq!(after, before);
    assert_eq!(printed(&sandbox, "own"), "made by its own backend\n");
    assert!(!sandbox.has(".rbuildout"));
}

#[test]
fn a_part_that_fails_leaves_the_new_links_on_record() {
    let Some(sandbox) = buildout() else { return };
    sandbox.run(&["buildout:parts="]).succeeds();
    lay_out(&sandbox, "own-backend", "src/own");
    sandbox.write("src/own/own_backend.py", "VERSION = 2\n");
    let backend = sandbox.read("src/own/backend.py");
    sandbox.write("src/own/backend.py", &backend.replace("'1.5'", "'1.6'"));
    sandbox.run(&["p:eggs=nowhere"]).fails_with(&[]);
    assert!(sandbox.has("develop-eggs/own_backend-1.6.dist-info"));
    assert!(!sandbox.has("develop-eggs/own_backend-1.5.dist-info"));
    let record = sandbox.read(".installed.cfg");
    assert!(record.contains("own_backend-1.6.dist-info"), "{record}");
    sandbox
        .run(&["buildout:parts=", "buildout:develop="])
        .succeeds();
    assert!(sandbox.names("develop-eggs").is_empty());
}

/// With a backend that counts its builds, and does this as well.
fn counting(also: &str) -> Option<Sandbox> {
    let sandbox = buildout()?;
    let backend = sandbox.read("src/own/backend.py");
    let count =
        format!("def wheel(directory, files):\n    {also}\n    open('built', 'a').write('x')\n");
    let backend = backend.replace("def wheel(directory, files):\n", &count);
    sandbox.write("src/own/backend.py", &backend);
    Some(sandbox)
}

/// How often it was built once another run is over.
#[track_caller]
fn built(sandbox: &Sandbox) -> usize {
    sandbox.run(&[]).succeeds();
    sandbox.read("src/own/built").len()
}

#[test]
fn what_a_build_has_looked_at_tells_whether_it_is_built_again() {
    let Some(mut sandbox) = counting("os.environ.get('WORD')") else {
        return;
    };
    if sandbox.python.is_older_than(3, 8) {
        eprintln!("SKIPPED: no Python that can tell what a build looks at");
        return;
    }
    assert_eq!(built(&sandbox), 1);
    let names = sandbox.names("develop-eggs");
    let record = sandbox.read("develop-eggs/own_backend-1.5.dist-info/RECORD");
    assert_eq!(built(&sandbox), 1);
    sandbox.write("src/own/own_backend.py", "def main(): print('edited')\n");
    std::fs::remove_dir_all(sandbox.at("develop-eggs")).unwrap();
    assert_eq!(built(&sandbox), 1);
    assert_eq!(sandbox.names("develop-eggs"), names);
    assert_eq!(
        sandbox.read("develop-eggs/own_backend-1.5.dist-info/RECORD"),
        record
    );
    assert_eq!(printed(&sandbox, "own"), "edited\n");
    // A file more, a variable, the backend itself.
    sandbox.write("src/own/namespace", "own");
    assert_eq!(built(&sandbox), 2);
    assert_eq!(built(&sandbox), 2);
    sandbox.set("WORD", "x");
    assert_eq!(built(&sandbox), 3);
    assert_eq!(built(&sandbox), 3);
    let backend = sandbox.read("src/own/backend.py");
    sandbox.write("src/own/backend.py", &backend.replace("'1.5'", "'1.6'"));
    assert_eq!(built(&sandbox), 4);
    assert!(sandbox.has("develop-eggs/own_backend-1.6.dist-info"));
    assert_eq!(built(&sandbox), 4);
}

#[test]
fn a_build_that_can_not_be_followed_is_made_in_every_run() {
    for also in [
        "__import__('subprocess').call(['true'])",
        "os.system('true')",
        "dict(os.environ)",
        "__import__('time').time()",
        "__import__('socket').socket().close()",
    ] {
        let Some(sandbox) = counting(also) else {
            return;
        };
        assert_eq!(built(&sandbox), 1, "{also}");
        assert_eq!(built(&sandbox), 2, "{also}");
    }
}

#[test]
fn nothing_to_build_is_told() {
    let Some(sandbox) = buildout() else { return };
    sandbox.write("src/empty/readme", "");
    sandbox
        .run(&["buildout:develop=src/empty"])
        .fails_with(&["Error: Couldn't build [ROOT]/src/empty: it is no Python project.\n"]);
}

/// Offers a setuptools of this version that is the backend of the fixture, and that says of which version it is.
fn offer_setuptools(sandbox: &Sandbox, version: &str, more: &str) {
    let backend = files("own-backend");
    let backend = backend.iter().find(|(name, _)| name == "backend.py");
    let text = String::from_utf8(backend.unwrap().1.clone()).unwrap();
    let text = text.replace(
        "Generator: own",
        &format!("Generator: setuptools ({version})"),
    );
    Wheel::new("setuptools", version)
        .file("setuptools/__init__.py", "")
        .file(
            "setuptools/build_meta.py",
            &format!("{text}\n\n__legacy__ = sys.modules[__name__]\n{more}"),
        )
        .wheel(&sandbox.at("links"));
}

#[test]
fn the_newest_setuptools_is_taken() {
    let Some(mut sandbox) = Sandbox::configured(CONFIGURATION) else {
        return;
    };
    let links = sandbox.at("links").display().to_string();
    sandbox.set("PIP_FIND_LINKS", &links);
    sandbox.write("src/own/setup.py", "");
    sandbox.write("src/own/own_backend.py", "def main(): print('mine')\n");
    let made_by = |arguments: &[&str]| {
        sandbox.run(arguments).succeeds();
        let wheel = sandbox.read("develop-eggs/own_backend-1.5.dist-info/WHEEL");
        let line = wheel.lines().find(|line| line.starts_with("Generator"));
        line.unwrap().to_owned()
    };
    for version in ["80.9.0", "84.2.1"] {
        offer_setuptools(&sandbox, version, "");
    }
    assert_eq!(made_by(&[]), "Generator: setuptools (84.2.1)");
    offer_setuptools(&sandbox, "99.0", "");
    // -N asks for no newer ones here either.
    assert_eq!(made_by(&["-N"]), "Generator: setuptools (84.2.1)");
    assert_eq!(made_by(&[]), "Generator: setuptools (99.0)");
    offer_setuptools(&sandbox, "100.0", "raise Exception('I can not')\n");
    assert_eq!(made_by(&[]), "Generator: setuptools (80.9.0)");
}

#[test]
fn setuptools_links_for_every_python() {
    for python in pythons::three_and_two() {
        let text = CONFIGURATION.replace("own.backend", "old.legacy");
        let sandbox = with_network(python, &text);
        lay_out(&sandbox, "legacy", "src/own");
        let ran = sandbox.run(&[]);
        if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
            continue;
        }
        ran.succeeds();
        assert_eq!(printed(&sandbox, "legacy"), "compiled: 42\n");
        let link = sandbox.read("develop-eggs/old.legacy.egg-link");
        assert!(link.starts_with("[ROOT]/src/own"), "{link}");
        let names = sandbox.names("src/own");
        assert!(
            names.contains(&"old.legacy.egg-info".to_owned()),
            "{names:?}"
        );
    }
}

/// zc.buildout takes the .pth files of a directory as the directory lists them. A script that each tool wrote in an order of its
/// own would change with each change of tools.
#[test]
fn editable_projects_come_in_the_order_of_the_directory() {
    let text = "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = many\ninterpreter = py\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let mut many = Wheel::new("many", "1.0");
    for name in ["one", "two", "three", "four", "five", "six", "seven"] {
        many = many.file(
            &format!("{name}.pth"),
            &format!("# {name}\nimport os\n../../../{name}\n"),
        );
    }
    many.wheel(&sandbox.at("links"));
    sandbox.run(&[]).succeeds();
    let egg = sandbox.names("eggs/v5").remove(0);
    let listed = std::fs::read_dir(sandbox.at(&format!("eggs/v5/{egg}"))).unwrap();
    let paths: String = listed
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.strip_suffix(".pth")?;
            Some(format!("  '[ROOT]/{name}',\n"))
        })
        .collect();
    let script = sandbox.read("bin/py");
    assert!(script.contains(&paths), "{paths}{script}");
}

/// setuptools leaves an egg-info among the sources, and the project is what that says. Other tools, or another Python, write it
/// anew.
#[test]
fn what_a_build_has_left_is_made_again_where_others_have_changed_it() {
    let Some(sandbox) = buildout() else { return };
    sandbox.write("src/own/leaves", "ours");
    for left in ["", "theirs", "ours"] {
        sandbox.write("src/own/left.txt", left);
        sandbox.run(&[]).succeeds();
        assert_eq!(sandbox.read("src/own/left.txt"), "ours", "after {left:?}");
    }
}

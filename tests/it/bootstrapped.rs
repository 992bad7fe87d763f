//! Buildouts whose zc.buildout is known from the `sys.path` lines of their bin/buildout alone; the log of a run.

use crate::support::sandbox::Sandbox;
use crate::support::wheels::Wheel;

const CONFIGURATION: &str =
    "[buildout]\nindex = [ROOT]/index\nparts = p\n[p]\nrecipe = my.recipe\n";

/// A recipe that requires zc.buildout, under development, and a zc.buildout in `lib`; nothing of it is in the interpreter.
fn site() -> Option<Sandbox> {
    site_with("6.0.1", "zc.buildout>=6")
}

/// With this zc.buildout, and a recipe that requires this.
fn site_with(version: &str, required: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new()?
        .file("buildout.cfg", CONFIGURATION)
        .file("index/here", "")
        .file("lib/zc/buildout/__init__.py", "class UserError(Exception):\n    pass\n")
        .file(
            "lib/zc.buildout.egg-info/PKG-INFO",
            &format!("Metadata-Version: 1.0\nName: zc.buildout\nVersion: {version}\n"),
        )
        .file(
            "src/my.recipe.egg-info/PKG-INFO",
            "Metadata-Version: 1.0\nName: my.recipe\nVersion: 1\n",
        )
        .file("src/my.recipe.egg-info/requires.txt", &format!("{required}\n"))
        .file(
            "src/my.recipe.egg-info/entry_points.txt",
            "[zc.buildout]\ndefault = my_recipe:Recipe\n",
        )
        .file(
            "src/my_recipe.py",
            "import zc.buildout\n\nclass Recipe(object):\n    def __init__(self, *args):\n        pass\n    \
             def install(self):\n        print(zc.buildout.__file__)\n        return ()\n",
        )
        .file("develop-eggs/my.recipe.egg-link", "[ROOT]/src\n.\n");
    Some(sandbox)
}

#[test]
fn the_lines_of_bin_buildout_are_its_path() {
    let Some(sandbox) = site() else { return };
    let script = |python: &str| {
        format!(
            "#!{python}\n\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  ]\n\nimport zc.buildout.buildout\n"
        )
    };
    sandbox.write("bin/buildout", &script(&sandbox.python.executable));
    let ran = sandbox.run(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(
        ran.stdout
            .ends_with("Installing p.\n[ROOT]/lib/zc/buildout/__init__.py\n"),
        "{}",
        ran.stdout
    );
    let signature = std::fs::read_to_string(sandbox.at(".installed.cfg")).unwrap();
    let line = signature
        .lines()
        .find(|line| line.starts_with("__buildout_signature__"));
    assert!(line.unwrap().contains("zc.buildout"), "{signature}");
    assert_eq!(sandbox.run(&[]).stdout.lines().next(), Some("Updating p."));

    // The lines of a script for another interpreter are of no use here.
    sandbox.write("bin/buildout", &script("/usr/bin/some-python"));
    let ran = sandbox.run(&[]);
    assert!(
        ran.stderr
            .contains("Couldn't find a distribution for 'zc.buildout>=6,>=6.0.1'"),
        "{}",
        ran.stderr
    );
}

#[test]
fn relative_lines_count_from_the_script() {
    let Some(sandbox) = site() else { return };
    let text = format!(
        "#!{}\n\nimport os\n\njoin = os.path.join\nbase = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))\n\
         base = os.path.dirname(base)\n\nimport sys\nsys.path[0:0] = [\n  join(base, 'lib'),\n  ]\n\n\
         import zc.buildout.buildout\n",
        sandbox.python.executable
    );
    sandbox.write("bin/buildout", &text);
    let ran = sandbox.run(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
}

#[test]
fn other_versions_than_those_pinned_are_told() {
    let Some(sandbox) = site() else { return };
    sandbox.write(
        "bin/buildout",
        &format!(
            "#!{}\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  ]\n",
            sandbox.python.executable
        ),
    );
    let ran = sandbox.run(&["-v", "versions:zc.buildout=5.1", "buildout:parts="]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout
            .contains("Installing 'zc.buildout', 'wheel', 'pip', 'setuptools'.\n"),
        "{}",
        ran.stdout
    );
    let note = "rbuildout: note[self-upgrade]: [versions] wants others of these than are at hand; bin/buildout would upgrade itself\n  \
         help: zc.buildout 6.0.1 is here, [versions] says 5.1\n";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    let quiet = sandbox.run(&["versions:zc.buildout=5.1", "buildout:parts="]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let same = sandbox.run(&["-v", "buildout:parts="]);
    assert!(
        same.stdout
            .contains("We have a develop egg: zc.buildout 6.0.1\n"),
        "{}",
        same.stdout
    );
    assert_eq!(same.stderr, "");
}

#[test]
fn the_log_has_the_format_that_is_asked_for() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    let sandbox = sandbox.file(
        "buildout.cfg",
        "[buildout]\nparts =\ndevelop = nowhere\nlog-format = %(levelname)s %(name)s: %(message)s\n",
    );
    let ran = sandbox.run(&[]);
    assert_eq!(
        ran.stdout,
        "INFO zc.buildout: Creating directory '[ROOT]/eggs/v5'.\nINFO zc.buildout: Creating directory '[ROOT]/bin'.\n\
         INFO zc.buildout: Creating directory '[ROOT]/parts'.\nINFO zc.buildout: Creating directory '[ROOT]/develop-eggs'.\n\
         WARNING zc.buildout: Couldn't develop '[ROOT]/nowhere' (not found)\n"
    );
    let ran = sandbox.run(&["buildout:log-format=none"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.starts_with(
            "While:\n  Initializing.\nError: Invalid format 'none' for '%' style\nrbuildout: error[log-format]"
        ),
        "{}",
        ran.stderr
    );
}

/// An old buildout with its old zc.buildout, which nobody has pinned.
#[test]
fn an_older_one_is_good_enough_where_none_is_pinned() {
    let Some(sandbox) = site_with("2.13.3", "zc.buildout") else {
        return;
    };
    sandbox.write(
        "bin/buildout",
        &format!(
            "#!{}\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  ]\n",
            sandbox.python.executable
        ),
    );
    let ran = sandbox.run(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let ran = sandbox.run(&["versions:zc.buildout=>=6"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
}

/// The site with a setuptools of this version in `lib`, which brings a package of its own that the recipe requires.
fn site_with_setuptools(version: &str) -> Option<Sandbox> {
    let sandbox = site_with("6.0.1", "zc.buildout>=6\ninner")?
        .file("lib/setuptools/__init__.py", "")
        .file(
            &format!("lib/setuptools-{version}.dist-info/METADATA"),
            &format!("Metadata-Version: 2.1\nName: setuptools\nVersion: {version}\n"),
        )
        .file("lib/setuptools/_vendor/inner.py", "")
        .file(
            "lib/setuptools/_vendor/inner-1.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: inner\nVersion: 1\n",
        )
        .file(
            "src/my_recipe.py",
            "import inner, sys\n\nclass Recipe(object):\n    def __init__(self, *args):\n        pass\n    \
             def install(self):\n        print(sys.path[-1] == inner.__file__.rsplit('/', 1)[0])\n        return ()\n    \
             update = install\n",
        );
    sandbox.write(
        "bin/buildout",
        &format!(
            "#!{}\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  ]\n",
            sandbox.python.executable
        ),
    );
    Some(sandbox)
}

/// The words of the signature that name the package.
fn words_about_inner(sandbox: &Sandbox) -> Vec<String> {
    let record = std::fs::read_to_string(sandbox.at(".installed.cfg")).unwrap();
    let words = record.split_whitespace();
    words
        .filter(|word| word.starts_with("inner-"))
        .map(str::to_owned)
        .collect()
}

/// From setuptools 71 on they are on `sys.path` behind all others once zc.buildout has imported it.
#[test]
fn packages_that_setuptools_brings_are_active() {
    let Some(sandbox) = site_with_setuptools("74.0.0") else {
        return;
    };
    let ran = sandbox.run(&[]).succeeds();
    assert!(
        ran.stdout.ends_with("Installing p.\nTrue\n"),
        "{}",
        ran.stdout
    );
    // The MD5 of the directory, as of everything that is no egg.
    let [word] = &words_about_inner(&sandbox)[..] else {
        panic!("{}", sandbox.read(".installed.cfg"));
    };
    assert_eq!(word.len(), "inner-".len() + 32, "{word}");
    assert_eq!(sandbox.run(&[]).stdout, "Updating p.\nTrue\n");

    let Some(sandbox) = site_with_setuptools("70.3.0") else {
        return;
    };
    let ran = sandbox.run(&[]);
    ran.fails_with(&["Couldn't find a distribution for 'inner'"]);
}

/// As zc.buildout: one that has just been fetched takes the place of what is active, one that is there does not. So the
/// signature is another one from the second run on, and the part is installed a second time.
#[test]
fn a_pin_of_what_setuptools_brings_changes_the_signature_once() {
    let Some(sandbox) = site_with_setuptools("74.0.0") else {
        return;
    };
    sandbox.write(
        "buildout.cfg",
        &format!("{CONFIGURATION}[buildout]\nfind-links = [ROOT]/wheels\n[versions]\ninner = 2\n"),
    );
    Wheel::new("inner", "2")
        .file("inner.py", "")
        .wheel(&sandbox.at("wheels"));
    let first = sandbox.run(&[]).succeeds();
    assert!(
        first.stdout.ends_with("Installing p.\nFalse\n"),
        "{}",
        first.stdout
    );
    let fetched = words_about_inner(&sandbox);
    assert!(
        matches!(&fetched[..], [word] if word.starts_with("inner-2-") && word.ends_with(".egg")),
        "{fetched:?}"
    );
    assert_eq!(
        sandbox.run(&[]).stdout,
        "Uninstalling p.\nInstalling p.\nTrue\n"
    );
    assert!(
        matches!(&words_about_inner(&sandbox)[..], [word] if word.len() == "inner-".len() + 32)
    );
    assert_eq!(sandbox.run(&[]).stdout, "Updating p.\nTrue\n");
}

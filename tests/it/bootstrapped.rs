//! Buildouts whose zc.buildout is known from the `sys.path` lines of their bin/buildout alone; the log of a run.

use crate::support::sandbox::Sandbox;

const CONFIGURATION: &str =
    "[buildout]\nindex = [ROOT]/index\nparts = p\n[p]\nrecipe = my.recipe\n";

/// A recipe that requires zc.buildout, under development, and a zc.buildout in `lib`; nothing of it is in the interpreter.
fn site() -> Option<Sandbox> {
    let sandbox = Sandbox::new()?
        .file("buildout.cfg", CONFIGURATION)
        .file("index/here", "")
        .file("lib/zc/buildout/__init__.py", "class UserError(Exception):\n    pass\n")
        .file(
            "lib/zc.buildout.egg-info/PKG-INFO",
            "Metadata-Version: 1.0\nName: zc.buildout\nVersion: 6.0.1\n",
        )
        .file(
            "src/my.recipe.egg-info/PKG-INFO",
            "Metadata-Version: 1.0\nName: my.recipe\nVersion: 1\n",
        )
        .file("src/my.recipe.egg-info/requires.txt", "zc.buildout>=6\n")
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

//! The commands that begin a buildout: `bootstrap`, `init`, `setup`.

use crate::support::sandbox::Sandbox;

/// A zc.buildout with a setuptools in `lib`, known from the bin/buildout of the directory that the command is called in.
fn site() -> Option<Sandbox> {
    let metadata = |name: &str, version: &str| {
        format!("Metadata-Version: 1.0\nName: {name}\nVersion: {version}\n")
    };
    let sandbox = Sandbox::new()?
        .file("lib/zc/buildout/__init__.py", "")
        .file(
            "lib/zc/buildout/buildout.py",
            "import setuptools\n\ndef main():\n    print('this is zc.buildout')\n    return 3\n",
        )
        .file(
            "lib/zc.buildout.egg-info/PKG-INFO",
            &metadata("zc.buildout", "6.0.1"),
        )
        .file("lib/zc.buildout.egg-info/requires.txt", "setuptools\n")
        .file(
            "lib/zc.buildout.egg-info/entry_points.txt",
            "[console_scripts]\nbuildout = zc.buildout.buildout:main\n",
        )
        .file("other/setuptools.py", "")
        .file(
            "other/setuptools.egg-info/PKG-INFO",
            &metadata("setuptools", "80"),
        );
    sandbox.write(
        "bin/buildout",
        &format!(
            "#!{}\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  '[ROOT]/other',\n  ]\n",
            sandbox.python.executable
        ),
    );
    Some(sandbox)
}

const MADE: &str = "Creating directory '[ROOT]/new/eggs/v5'.\nCreating directory '[ROOT]/new/bin'.\n\
     Creating directory '[ROOT]/new/parts'.\nCreating directory '[ROOT]/new/develop-eggs'.\n\
     Generated script '[ROOT]/new/bin/buildout'.\n";

#[test]
fn a_new_buildout_gets_a_zc_buildout_that_runs() {
    let Some(sandbox) = site() else { return };
    std::fs::create_dir(sandbox.at("new")).unwrap();
    let init = sandbox.run(&["-c", "new/buildout.cfg", "init"]);
    assert_eq!((init.code, init.stderr.as_str()), (0, ""));
    assert_eq!(
        init.stdout,
        format!("Creating '[ROOT]/new/buildout.cfg'.\n{MADE}")
    );
    assert_eq!(sandbox.read("new/buildout.cfg"), "[buildout]\nparts =\n");
    assert_eq!(
        sandbox.read("new/develop-eggs/zc.buildout.egg-link"),
        "[ROOT]/lib"
    );
    assert_eq!(
        sandbox.read("new/develop-eggs/setuptools.egg-link"),
        "[ROOT]/other"
    );
    assert_eq!(
        sandbox.read("new/bin/buildout"),
        "#![PYTHON]\n\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/lib',\n  '[ROOT]/other',\n  ]\n\nimport zc.buildout.buildout\n\n\
         if __name__ == '__main__':\n    sys.exit(zc.buildout.buildout.main())\n"
    );
    let script = sandbox.at("new/bin/buildout");
    let runs = sandbox.start(script.to_str().unwrap(), &[]);
    assert_eq!(
        (runs.code, runs.stdout.as_str()),
        (3, "this is zc.buildout\n")
    );
    let again = sandbox.run(&["-c", "new/buildout.cfg", "init"]);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.starts_with(
            "While:\n  Initializing.\nError: '[ROOT]/new/buildout.cfg' already exists.\n"
        ),
        "{}",
        again.stderr
    );
}

#[test]
fn bootstrap_takes_develop_eggs_away_and_replaces_a_link() {
    let Some(sandbox) = site() else { return };
    let sandbox = sandbox
        .file("new/buildout.cfg", "[buildout]\nrelative-paths = true\n")
        .file("new/develop-eggs/old.egg-link", "/nowhere\n.")
        .file("program", "not to be written to");
    std::fs::create_dir(sandbox.at("new/bin")).unwrap();
    std::os::unix::fs::symlink(sandbox.at("program"), sandbox.at("new/bin/buildout")).unwrap();
    let ran = sandbox.run(&["-c", "new/buildout.cfg", "bootstrap"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let made = MADE.replace("Creating directory '[ROOT]/new/bin'.\n", "");
    assert_eq!(ran.stdout, made);
    assert!(!sandbox.at("new/develop-eggs/old.egg-link").exists());
    assert_eq!(sandbox.read("program"), "not to be written to");
    let script = sandbox.read("new/bin/buildout");
    assert!(
        script.contains("base = os.path.dirname(base)\n") && script.contains("  '[ROOT]/lib',\n"),
        "{script}"
    );
    let second = sandbox.run(&["-c", "new/buildout.cfg", "bootstrap"]);
    assert_eq!(
        second.stdout,
        "Creating directory '[ROOT]/new/develop-eggs'.\n"
    );
    assert!(!sandbox.at("new/.rbuildout").exists());
}

#[test]
fn init_with_requirements_installs_them() {
    let Some(sandbox) = site() else { return };
    let sandbox = sandbox.eggs(&["superlance-2.0.0", "supervisor-4.3.0"]);
    let settings = sandbox.filled("buildout:eggs-directory=[ROOT]/eggs");
    let ran = sandbox.run(&[
        &settings,
        "-N",
        "buildout:index=index",
        "versions:zc.recipe.egg=6.0.0",
        "-c",
        "fresh.cfg",
        "init",
        "superlance",
        "./src/x",
    ]);
    // The recipe's egg is nowhere to be had.
    assert_eq!(ran.code, 1);
    assert_eq!(
        sandbox.read("fresh.cfg"),
        "[buildout]\nparts = py\n\n[py]\nrecipe = zc.recipe.egg\ninterpreter = py\neggs =\n  superlance\nextra-paths =\n  ./src/x\n"
    );
    assert!(sandbox.at("src/x").is_dir());
    assert!(
        ran.stderr
            .contains("Error: Couldn't find a distribution for 'zc.recipe.egg==6.0.0'."),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_setup_script_finds_setuptools() {
    let Some(sandbox) = site() else { return };
    let sandbox = sandbox.file(
        "src/setup.py",
        "# coding: latin-1\nfrom __future__ import print_function\nimport os, sys, beside\n\
         print(sys.argv, 'setuptools' in sys.modules, __file__, __name__, os.getcwd())\nsys.exit('--fail' in sys.argv)\n",
    );
    sandbox.write("src/beside.py", "");
    // There is no buildout.cfg here: none is needed.
    let ran = sandbox.run(&["-q", "setup", "src", "--x", "y z"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        "['[ROOT]/src/setup.py', '--x', 'y z'] True [ROOT]/src/setup.py __main__ [ROOT]/src\n"
    );
    let ran = sandbox.run(&["setup", "src/setup.py", "--fail"]);
    assert!(
        ran.stdout
            .starts_with("Running setup script 'src/setup.py'.\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .starts_with("Error: Failed to run command:\n'[ROOT]/src/setup.py', '--fail'\n"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.run(&["setup"]);
    ran.fails(
        "",
        "Error: The setup command requires the path to a setup script or \n\
         directory containing a setup script, and its arguments.\n",
    );
    let ran = sandbox.run(&["runsetup", "src"]);
    assert!(
        ran.stderr
            .contains("Error: Couldn't open [ROOT]/buildout.cfg\n"),
        "{}",
        ran.stderr
    );
}

//! One buildout for each CPython of the machine, from wheels on disk: the same conf, and scripts which that Python runs.

use std::collections::BTreeMap;

use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::texts::same;
use crate::support::wheels::Wheel;

/// The interpreter's own name is in commands of the conf; the rest is the same whatever it is.
const ARGUMENTS: &[&str] = &[
    "buildout:find-links=packages",
    "buildout:index=[ROOT]/packages/index",
    "install",
    "supervisor",
];

#[test]
fn each_python_gets_the_same() {
    let pythons = pythons::every();
    if pythons.is_empty() {
        eprintln!("SKIPPED: there is no CPython in PATH");
        return;
    }
    let mut made: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for python in pythons {
        let version = python.version.clone();
        eprintln!("with Python {version}: {}", python.executable);
        let sandbox = Sandbox::with(python, "site")
            .fixture("quickstart")
            .wheels("packages", &["supervisor-4.3.0", "superlance-2.0.0"]);
        let arguments: Vec<_> = ARGUMENTS.iter().map(|word| sandbox.filled(word)).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let ran = sandbox.run(&arguments);
        assert_eq!(
            ran.code, 0,
            "Python {version}: {}{}",
            ran.stdout, ran.stderr
        );
        let files = sandbox.files();
        let scripts: Vec<_> = files
            .keys()
            .filter(|path| path.starts_with("bin/"))
            .cloned()
            .collect();
        for script in &scripts {
            let compiles = sandbox.start(
                &sandbox.python.executable,
                &[
                    "-c",
                    "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')",
                    script,
                ],
            );
            assert_eq!(
                (compiles.code, compiles.stderr.as_str()),
                (0, ""),
                "Python {version}: {script}"
            );
            // What the small wheels have as `main` returns 0.
            let runs = sandbox.start(script, &[]);
            assert_eq!(
                (runs.code, runs.stderr.as_str()),
                (0, ""),
                "Python {version}: {script}"
            );
        }
        let again = sandbox.run(&arguments);
        assert_eq!(again.code, 0, "Python {version}: {}", again.stderr);
        assert!(
            again.stdout.starts_with("Updating supervisor.\n"),
            "Python {version}: {}",
            again.stdout
        );
        let conf = files["parts/supervisor/supervisord.conf"].clone();
        assert_eq!(
            conf,
            sandbox.read("parts/supervisor/supervisord.conf"),
            "Python {version}"
        );
        made.insert(version, (conf, scripts));
    }
    let (first, (conf, scripts)) = made.first_key_value().unwrap();
    for (version, (other_conf, other_scripts)) in &made {
        same(
            &format!("the conf of Python {version} and {first}"),
            conf,
            other_conf,
        );
        assert_eq!(scripts, other_scripts, "Python {version} and {first}");
    }
    eprintln!("the same for {:?}", made.keys().collect::<Vec<_>>());
}

/// Old distributions ask in ways that only an old setuptools understands.
#[test]
fn old_requirements_are_understood_with_old_pythons() {
    let text = "[buildout]\nparts = p\nfind-links = links\nindex = links\n[p]\nrecipe = zc.recipe.egg\neggs = old\n\
        [versions]\nolder = <1.1.dev-x\n";
    for python in pythons::every() {
        eprintln!("with Python {}", python.version);
        let is_old = ["2.7", "3.6", "3.7", "3.8", "3.9"].contains(&python.version.as_str());
        let sandbox = Sandbox::with(python, "b").file("buildout.cfg", text);
        let links = sandbox.at("links");
        Wheel::new("old", "1.0")
            .requires(&["new (>=1.1.6dev-r22380)", "older (>dev)"])
            .wheel(&links);
        Wheel::new("new", "1.1.5").wheel(&links);
        Wheel::new("new", "1.2").wheel(&links);
        Wheel::new("older", "1.0").wheel(&links);
        Wheel::new("older", "1.1").wheel(&links);
        let ran = sandbox.run(&[]);
        if is_old {
            ran.succeeds();
            let eggs = sandbox.names("eggs/v5");
            let eggs: Vec<&str> = eggs
                .iter()
                .filter_map(|egg| egg.split("-py").next())
                .collect();
            assert_eq!(eggs, ["new-1.2", "old-1.0", "older-1.0"]);
        } else {
            ran.fails_with(&[
                "error[bad-requirement]: 'new (>=1.1.6dev-r22380)' is not a requirement",
            ]);
        }
    }
}

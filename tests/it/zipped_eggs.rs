//! Eggs that are one zip archive, as old installations have them: used as they lie.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::pythons;
use crate::support::sandbox::Sandbox;

/// Puts a zipped egg into a directory.
fn lay(sandbox: &Sandbox, place: &str, files: &[(&str, &str)]) {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        archive
            .start_file(*path, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    sandbox.write_bytes(place, &archive.finish().unwrap().into_inner());
}

#[test]
fn zipped_eggs_are_used_as_they_lie() {
    let Some(python) = pythons::with_stand_in() else {
        return;
    };
    let sandbox = Sandbox::with(python.clone(), "b").file(
        "buildout.cfg",
        "[buildout]\nnewest = false\nparts = part scripts\n\
         [part]\nrecipe = zipped.recipe\n\
         [scripts]\nrecipe = zc.recipe.egg\neggs = zipped\ndependent-scripts = true\ninterpreter = py\n",
    );
    let recipe = "class Recipe(object):\n    def __init__(self, buildout, name, options):\n        options['file'] = __file__\n\n    \
        def install(self):\n        print('from an archive')\n        return ()\n\n    update = install\n";
    lay(
        &sandbox,
        "eggs/v5/zipped.recipe-1.0.egg",
        &[
            (
                "EGG-INFO/PKG-INFO",
                "Metadata-Version: 1.0\nName: zipped.recipe\nVersion: 1.0\n",
            ),
            (
                "EGG-INFO/entry_points.txt",
                "[zc.buildout]\ndefault = zipped_recipe:Recipe\n",
            ),
            ("zipped_recipe.py", recipe),
        ],
    );
    // The version stands inside alone.
    lay(
        &sandbox,
        "develop-eggs/zipped.egg",
        &[
            ("EGG-INFO/PKG-INFO", "Name: zipped\nVersion: 2.0\n\n"),
            ("EGG-INFO/requires.txt", "deeper >= 1\n"),
            (
                "EGG-INFO/entry_points.txt",
                "[console_scripts]\nzipped = zipped:main\n",
            ),
            (
                "EGG-INFO/scripts/old-zipped",
                "#!/usr/bin/python\nprint('an old script')\n",
            ),
            (
                "zipped.py",
                "import deeper\ndef main():\n    print('zipped with ' + deeper.word)\n",
            ),
        ],
    );
    lay(
        &sandbox,
        "eggs/v5/deeper-1.0.egg",
        &[
            ("EGG-INFO/PKG-INFO", "Name: deeper\nVersion: 1.0\n"),
            (
                "EGG-INFO/entry_points.txt",
                "[console_scripts]\ndeeper = deeper:main\n",
            ),
            (
                "deeper.py",
                "word = 'deeper'\ndef main():\n    print(word)\n",
            ),
        ],
    );
    // What is no archive is no egg.
    sandbox.write("eggs/v5/zipped-3.0.egg", "PK no more\n");
    let ran = sandbox.run(&["-o"]);
    ran.is_quiet();
    assert_eq!(
        ran.stdout,
        "Creating directory '[ROOT]/bin'.\nCreating directory '[ROOT]/parts'.\n\
         Installing part.\nfrom an archive\nInstalling scripts.\n\
         Generated script '[ROOT]/bin/zipped'.\nGenerated script '[ROOT]/bin/deeper'.\n\
         Generated script '[ROOT]/bin/old-zipped'.\nGenerated interpreter '[ROOT]/bin/py'.\n"
    );
    let record = sandbox.read(".installed.cfg");
    let file = "\nfile = [ROOT]/eggs/v5/zipped.recipe-1.0.egg/zipped_recipe.py\n";
    assert!(record.contains(file), "{record}");
    for (script, printed) in [
        ("zipped", "zipped with deeper\n"),
        ("deeper", "deeper\n"),
        ("old-zipped", "an old script\n"),
    ] {
        let ran = sandbox.start(&format!("bin/{script}"), &[]).succeeds();
        assert_eq!(ran.stdout, printed);
    }
    let again = sandbox.run(&["-o"]);
    assert_eq!(
        again.stdout,
        "Updating part.\nfrom an archive\nUpdating scripts.\n"
    );
}

//! zc.buildout as a library: what recipes use of it most, rbuildout answers, and nothing shows it.

use super::both_tools::{Either, same};
use super::{configure, installed, offer_recipes};
use crate::support::pythons;
use crate::support::sandbox::Sandbox;
use crate::support::wheels::Wheel;

const ALL: &str = "parts = plain deeper changes\n\
    [plain]\nrecipe = fixture.recipes:library\neggs = tool\n\
    [deeper]\nrecipe = fixture.recipes:deeper\neggs = tool\n\
    [changes]\nrecipe = fixture.recipes:changes\neggs = tool\n";

fn offer_eggs(sandbox: &Sandbox) {
    Wheel::new("tool", "1.5")
        .requires(&["other.Egg >= 2"])
        .entry_points("[console_scripts]\ntool = tool:main\nsecond = tool:Second.run\n")
        .file("tool.py", "")
        .wheel(&sandbox.at("packages"));
    Wheel::new("other.Egg", "2.0")
        .file("other_egg.py", "")
        .wheel(&sandbox.at("packages"));
}

fn either(configuration: &str) -> Option<Either> {
    let either = Either::new(configuration)?;
    offer_eggs(&either.sandbox);
    Some(either)
}

#[test]
fn both_tools_give_the_same_working_sets_and_scripts() {
    let steps: [&[&str]; 4] = [
        &["buildout:parts=plain"],
        &["buildout:parts=deeper"],
        &["buildout:parts=changes"],
        &[],
    ];
    let (Some(ours), Some(theirs)) = (either(ALL), either(ALL)) else {
        return;
    };
    for step in steps {
        let (mine, real) = (ours.run(step), theirs.run_real(step));
        same(step, &mine, &real);
        assert_eq!((mine.stderr, mine.code), (real.stderr, 0), "{step:?}");
        assert_eq!(ours.files(), theirs.files(), "{step:?}");
        assert_eq!(ours.sandbox.tree(), theirs.sandbox.tree(), "{step:?}");
    }
}

/// A zc.buildout that has the functions, and that nobody may read.
const UNREADABLE: &str = "raise RuntimeError('it was read')\n\n\
    def install():\n    pass\n\ndef working_set():\n    pass\n\ndef sort_working_set():\n    pass\n\n\
    def scripts():\n    pass\n\ndef realpath():\n    pass\n\ndef bool_option():\n    pass\n";

#[test]
fn eggs_and_scripts_need_no_zc_buildout_with_any_python() {
    let configuration = "parts = p\n[p]\nrecipe = fixture.recipes:untouched\neggs = tool\n";
    for python in pythons::every() {
        eprintln!("with Python {}", python.version);
        let sandbox = Sandbox::with(python, "b");
        offer_recipes(&sandbox);
        offer_eggs(&sandbox);
        configure(&sandbox, configuration);
        let namespace = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
        Wheel::new("zc.buildout", "6.0.1")
            .file("zc/__init__.py", namespace)
            .file("zc/stand_in.py", "")
            .file("zc/buildout/__init__.py", UNREADABLE)
            .file("zc/buildout/buildout.py", UNREADABLE)
            .file("zc/buildout/easy_install.py", UNREADABLE)
            .wheel(&sandbox.at("packages"));
        let ran = sandbox.run(&[]);
        ran.is_quiet();
        ran.prints("p: dists: [('other.Egg', 'other.egg', '2.0'), ('tool', 'tool', '1.5')]\n")
            .prints("Generated script '[ROOT]/bin/tool'.\nGenerated script '[ROOT]/bin/mine'.\n")
            .prints("Generated interpreter '[ROOT]/bin/py'.\n");
        let record = installed(&sandbox, "p");
        assert!(record.contains("[ROOT]/bin/second"), "{record}");
        sandbox.run(&[]).is_quiet();
    }
}

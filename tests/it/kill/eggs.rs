//! Runs that are stopped while they unpack a wheel and make an egg of it.

use std::fs;

use super::{Buildout, CONF, Entry, SCRIPTS, Tree, small_supervisor};

/// What can be seen of eggs: names that begin with a dot are of no use to anyone. Bytecode tells the time.
fn eggs(tree: &Tree) -> Tree {
    tree.iter()
        .filter(|(name, _)| name.starts_with("eggs/v5/") && !name.starts_with("eggs/v5/."))
        .map(|(name, entry)| match entry {
            Entry::File(_, mode) if name.ends_with(".pyc") => {
                (name.clone(), Entry::File(Vec::new(), *mode))
            }
            entry => (name.clone(), entry.clone()),
        })
        .collect()
}

#[test]
fn an_egg_is_there_wholly_or_not_at_all() {
    let Some(b) = Buildout::new() else { return };
    fs::remove_dir_all(b.at("eggs")).unwrap();
    // Beside the buildout, where nothing is taken for the work of a run.
    small_supervisor().wheel(&b.at("../wheels"));
    fs::create_dir(b.at("../index")).unwrap();
    b.configure(
        "[buildout]\nparts = supervisor\nindex = ../index\nfind-links = ../wheels\n\
         [supervisor]\nrecipe = collective.recipe.supervisor\nport = 127.0.0.1:9001\n",
    );
    let before = b.tree();
    b.succeed();
    let after = b.tree();
    let whole = eggs(&after);
    let compiled = whole.keys().filter(|name| name.ends_with(".pyc")).count();
    assert_eq!(compiled, 2, "{:?}", whole.keys());
    let mut counts = [0, 0];
    for n in (1..).step_by(3) {
        // The wheel is unpacked anew each time.
        drop(fs::remove_dir_all(b.at("../cache/wheels")));
        b.restore(&before);
        let ended = b.stopped_at(n, "KILL");
        if ended.status.success() {
            break;
        }
        let now = eggs(&b.tree());
        assert!(now.is_empty() || now == whole, "step {n}: {:?}", now.keys());
        counts[usize::from(now.is_empty())] += 1;
        b.succeed();
        let now = b.tree();
        assert_eq!(eggs(&now), whole, "step {n}");
        let left = now.keys().find(|name| name.starts_with("eggs/v5/."));
        assert_eq!(left, None, "step {n}");
        assert!(now.contains_key(SCRIPTS[0]) && now.contains_key(CONF));
        assert!(!now.contains_key(".rbuildout"), "step {n}");
    }
    assert!(
        counts.iter().all(|n| *n > 5),
        "with and without: {counts:?}"
    );
}

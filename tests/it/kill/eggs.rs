//! Runs that are stopped while they unpack a wheel and make an egg of it.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Buildout, CONF, Entry, SCRIPTS, Tree};

/// Writes a wheel of supervisor; also an index that has nothing.
fn offer_a_wheel(above: &Path) {
    let info = "supervisor-4.3.0.dist-info";
    let mut files = vec![
        ("supervisor/__init__.py".to_owned(), String::new()),
        (
            "supervisor/supervisord.py".to_owned(),
            "def main():\n    pass\n".to_owned(),
        ),
        (
            format!("{info}/METADATA"),
            "Metadata-Version: 2.1\nName: supervisor\nVersion: 4.3.0\n".to_owned(),
        ),
        (format!("{info}/top_level.txt"), "supervisor\n".to_owned()),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                .to_owned(),
        ),
        (
            format!("{info}/entry_points.txt"),
            "[console_scripts]\nsupervisord = supervisor.supervisord:main\n\
             supervisorctl = supervisor.supervisord:main\n"
                .to_owned(),
        ),
    ];
    let record: Vec<String> = files.iter().map(|file| format!("{},,\n", file.0)).collect();
    files.push((format!("{info}/RECORD"), record.concat()));
    fs::create_dir(above.join("index")).unwrap();
    fs::create_dir(above.join("wheels")).unwrap();
    let to = above.join("wheels/supervisor-4.3.0-py3-none-any.whl");
    let mut wheel = zip::ZipWriter::new(fs::File::create(to).unwrap());
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        wheel.start_file(name, options).unwrap();
        wheel.write_all(text.as_bytes()).unwrap();
    }
    wheel.finish().unwrap();
}

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
    fs::remove_dir_all(b.root.join("eggs")).unwrap();
    let above = b.root.parent().unwrap();
    offer_a_wheel(above);
    let place = above.display();
    b.configure(&format!(
        "[buildout]\nparts = supervisor\nindex = {place}/index\nfind-links = {place}/wheels\n\
         [supervisor]\nrecipe = collective.recipe.supervisor\nport = 127.0.0.1:9001\n"
    ));
    let before = b.tree();
    b.succeed();
    let after = b.tree();
    let whole = eggs(&after);
    let compiled = whole.keys().filter(|name| name.ends_with(".pyc")).count();
    assert_eq!(compiled, 2, "{:?}", whole.keys());
    let mut counts = [0, 0];
    for n in (1..).step_by(3) {
        // The wheel is unpacked anew each time.
        drop(fs::remove_dir_all(b.cache.join("wheels")));
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

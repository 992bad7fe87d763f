//! Runs that are stopped at each of their steps.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{AFTER, BEFORE, Buildout, CONF, RECORD, RECOVERED, SCRIPTS, Tree, files};

/// As [`AFTER`]; its scripts belong into a directory at whose place a file stands. It is met after the conf is in place.
fn failing() -> String {
    AFTER.replacen(
        "[buildout]",
        "[buildout]\nbin-directory = ${buildout:directory}/etc",
        1,
    )
}

/// Checks what is guaranteed for a tree in the middle of a run; tells whether the run was decided.
fn check_middle(b: &Buildout, before: &Tree, after: &Tree, at: &str) -> bool {
    let (old, new, mut now) = (files(before), files(after), files(&b.tree()));
    for name in now.keys() {
        // A copy on its way over the border of a file system.
        let passing = name.ends_with(".rbuildout-new");
        assert!(
            passing || old.contains_key(name) || new.contains_key(name),
            "{at}: {name} belongs to no run"
        );
    }
    now.retain(|name, _| old.contains_key(name) || new.contains_key(name));
    for name in old.keys().chain(new.keys()) {
        let found = now.get(name);
        assert!(
            found == old.get(name) || found == new.get(name),
            "{at}: {name} is neither old nor new: {found:?}"
        );
    }
    let is_new = |name: &str| now.get(name) == new.get(name);
    for script in SCRIPTS {
        assert!(
            !is_new(script) || is_new(CONF),
            "{at}: {script} is new, its conf is not"
        );
    }
    if is_new(RECORD) {
        let late: Vec<&String> = new.keys().filter(|name| !is_new(name)).collect();
        assert!(late.is_empty(), "{at}: the record is new, {late:?} not");
    } else {
        let gone: Vec<&String> = old.keys().filter(|n| !now.contains_key(*n)).collect();
        assert!(gone.is_empty(), "{at}: the record is old, {gone:?} gone");
    }
    if now == old {
        return b.journal();
    }
    assert!(
        b.journal() || now == new,
        "{at}: something has changed, and nothing tells the next run to go on"
    );
    true
}

/// Stops runs at each of their steps; returns how many steps there are.
fn stop_everywhere(b: &Buildout, before: &Tree, signal: &str, every: usize) -> usize {
    b.restore(before);
    b.succeed();
    let after = b.tree();
    b.succeed();
    // A run that has nothing to do appends to the record, as zc.buildout does.
    let after_two = b.tree();
    assert_ne!(files(before), files(&after));
    let mut counts = [0, 0];
    let mut n = 1;
    loop {
        b.restore(before);
        let ended = b.stopped_at(n, signal);
        if ended.status.success() {
            assert_eq!(b.tree(), after, "a run that was not stopped");
            break;
        }
        let at = format!("{signal} at step {n}");
        assert_eq!(ended.status.code(), None, "{at}: {ended:?}");
        let decided = check_middle(b, before, &after, &at);
        counts[usize::from(decided)] += 1;
        let unfinished = b.journal();
        let said = b.succeed();
        assert_eq!(said.contains(RECOVERED), unfinished, "{at}: {said}");
        let expected = if decided { &after_two } else { &after };
        assert_eq!(&b.tree(), expected, "{at}: the tree after the next run");
        n += every;
    }
    assert!(
        counts.iter().all(|n| *n * every > 5),
        "undecided and decided: {counts:?}"
    );
    n - 1
}

#[test]
fn a_reinstall_can_be_killed_at_every_step() {
    let Some((b, before)) = Buildout::changed() else {
        return;
    };
    let steps = stop_everywhere(&b, &before, "KILL", 1);
    assert!(steps > 40, "only {steps} steps");
}

#[test]
fn a_first_install_can_be_killed_at_every_step() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    let before = b.tree();
    let steps = stop_everywhere(&b, &before, "KILL", 1);
    assert!(steps > 40, "only {steps} steps");
}

#[test]
fn an_interrupt_is_no_worse_than_a_kill() {
    let Some((b, before)) = Buildout::changed() else {
        return;
    };
    stop_everywhere(&b, &before, "INT", 3);
}

#[test]
fn the_run_that_finishes_another_can_be_killed_too() {
    let Some((b, before)) = Buildout::changed() else {
        return;
    };
    b.succeed();
    let after = b.tree();
    b.succeed();
    let after_two = b.tree();
    // The first step behind the decision.
    let first = (1..1000)
        .find(|n| {
            b.restore(&before);
            assert!(!b.stopped_at(*n, "KILL").status.success());
            b.journal()
        })
        .unwrap();
    let middle = b.tree();
    assert_eq!(files(&middle), files(&before));
    for n in 1.. {
        b.restore(&middle);
        let at = format!("killed at step {first}, the next run at step {n}");
        if b.stopped_at(n, "KILL").status.success() {
            assert!(n > 20, "only {n} steps");
            break;
        }
        let now = files(&b.tree());
        if now != files(&after_two) {
            check_middle(&b, &before, &after, &at);
        }
        b.succeed();
        assert_eq!(without_record(&b.tree()), without_record(&after), "{at}");
        assert!(!b.sandbox.has(".rbuildout"), "{at}");
    }
}

/// What can be compared when one tree had a run more than the other.
fn without_record(tree: &Tree) -> Tree {
    let mut files = files(tree);
    files.remove(RECORD);
    files
}

#[test]
fn what_fails_half_way_is_taken_back_even_when_killed() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(&failing());
    let installed = b.tree();
    b.succeed();
    let after = b.tree();
    b.restore(&installed);
    let obstacle = b.at("etc");
    fs::write(&obstacle, "mine\n").unwrap();
    let before = b.tree();
    b.run()
        .fails_with(&["[ROOT]/etc", "no file has been changed"]);
    assert_eq!(files(&b.tree()), files(&before));
    assert!(!b.sandbox.has(".rbuildout"));

    let mut taken_back = 0;
    for n in 1.. {
        b.restore(&before);
        let killed = b.stopped_at(n, "KILL");
        if killed.status.code().is_some() {
            assert_eq!(killed.status.code(), Some(1));
            break;
        }
        let at = format!("killed at step {n}");
        let stopped = b.tree();
        // The next run takes back what was done, and fails by itself.
        let said = b.run().fails_with(&[]).stderr;
        assert_eq!(files(&b.tree()), files(&before), "{at}");
        assert!(!b.sandbox.has(".rbuildout"), "{at}");
        taken_back += usize::from(said.contains("it has been taken back"));
        // With the obstacle out of the way the next run does all of the work, whatever the killed one had done.
        b.restore(&stopped);
        fs::remove_file(&obstacle).unwrap();
        b.succeed();
        assert_eq!(without_record(&b.tree()), without_record(&after), "{at}");
    }
    assert!(taken_back > 5, "only {taken_back} were taken back");
}

#[test]
fn confs_on_another_file_system_are_as_safe() {
    let Some(b) = Buildout::new() else { return };
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).ok();
    let memory = Path::new("/dev/shm");
    let there = tempfile::tempdir_in(memory);
    let Some(there) = there.ok().filter(|_| device(memory) != device(&b.at(""))) else {
        eprintln!("SKIPPED: /dev/shm is no other file system to write confs to");
        return;
    };
    std::os::unix::fs::symlink(there.path(), b.at("parts")).unwrap();
    b.configure(BEFORE);
    b.succeed();
    b.configure(AFTER);
    let before = b.tree();
    let steps = stop_everywhere(&b, &before, "KILL", 1);
    assert!(steps > 40, "only {steps} steps");
}

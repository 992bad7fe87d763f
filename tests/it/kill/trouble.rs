//! Runs that find no room, and runs that meet.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use super::{AFTER, BEFORE, Buildout, CONF, Entry, files};
use crate::support::sandbox::{PROGRAM, Ran};

/// `ulimit -f` stands for a full disk: no file may grow beyond so many blocks of 512 bytes.
fn run_with_room_for(b: &Buildout, blocks: u32) -> Ran {
    let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\"");
    b.sandbox.start("sh", &["-c", &line, PROGRAM])
}

#[test]
fn a_full_disk_changes_nothing() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    let programs: Vec<String> = (10..90)
        .map(|n| format!("    {n} worker{n} /opt/workers/bin/worker [--number {n}]\n"))
        .collect();
    b.configure(&format!("{AFTER}{}", programs.concat()));
    let before = b.tree();
    run_with_room_for(&b, 4).fails_with(&[
        &format!("Couldn't write [ROOT]/{CONF}: file too large."),
        "no file has been changed",
    ]);
    assert_eq!(b.tree(), before);
    run_with_room_for(&b, 400).succeeds();
}

#[test]
fn no_room_for_the_journal_changes_nothing() {
    let Some(b) = Buildout::new() else { return };
    // Many small files: the journal is the greatest of all that is written.
    let one = "[buildout]\nparts = p\noffline = true\nnewest = false\n[p]\nrecipe = zc.recipe.egg\neggs = supervisor\n";
    b.configure(&format!("{one}scripts = supervisord\n"));
    b.succeed();
    let points: Vec<String> = (0..30)
        .map(|n| format!("tool{n} = supervisor.tools:main{n}\n"))
        .collect();
    let egg = &b.sandbox.names("eggs/v5")[0];
    let info = egg.replace(".egg", ".dist-info");
    let file = b.at(&format!("eggs/v5/{egg}/{info}/entry_points.txt"));
    fs::write(file, format!("[console_scripts]\n{}", points.concat())).unwrap();
    let before_all = b.tree();
    b.configure(one);
    let before = b.tree();
    b.succeed();
    let greatest = files(&b.tree())
        .values()
        .map(|entry| match entry {
            Entry::File(bytes, _) => bytes.len(),
            Entry::Directory => 0,
        })
        .max()
        .unwrap();
    let mut met = false;
    for blocks in 1..=u32::try_from(greatest / 512 + 8).unwrap() {
        b.restore(&before);
        let ran = run_with_room_for(&b, blocks);
        if ran.code == 0 {
            break;
        }
        let said = ran.fails_with(&[": file too large."]).stderr;
        met |= said.contains("/.rbuildout/journal");
        assert_eq!(files(&b.tree()), files(&before_all), "{said}");
        assert!(!b.sandbox.has(".rbuildout"));
    }
    assert!(met, "the journal never was what did not fit");
}

#[test]
fn of_two_runs_the_second_waits_and_says_so() {
    let Some((b, before)) = Buildout::changed() else {
        return;
    };
    b.succeed();
    b.succeed();
    let expected = b.tree();
    b.restore(&before);

    // The first one stops in the middle, with the lock.
    let mut first = b
        .command()
        .env("RBUILDOUT_TEST_KILL_AT", "12")
        .env("RBUILDOUT_TEST_SIGNAL", "STOP")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until_stopped(first.id());
    let mut second = b
        .command()
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut stderr = second.stderr.take().unwrap();
    let mut byte = [0];
    while !said.contains("waiting for it to end") && stderr.read(&mut byte).unwrap() == 1 {
        said.push(char::from(byte[0]));
    }
    assert!(said.contains("rbuildout: warning[locked]"), "{said}");
    assert!(second.try_wait().unwrap().is_none());
    assert_eq!(files(&b.tree()), files(&before));

    let going_on = Command::new("kill")
        .args(["-CONT", &first.id().to_string()])
        .status();
    assert!(going_on.unwrap().success());
    assert!(first.wait().unwrap().success());
    stderr.read_to_string(&mut said).unwrap();
    assert!(second.wait().unwrap().success(), "{said}");
    assert_eq!(b.tree(), expected);
}

fn wait_until_stopped(id: u32) {
    for _ in 0..2000 {
        let state = Command::new("ps")
            .args(["-o", "state=", "-p", &id.to_string()])
            .output()
            .unwrap();
        if String::from_utf8_lossy(&state.stdout).contains('T') {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the first run did not stop");
}

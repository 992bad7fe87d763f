//! A recipe that hangs, and signals.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::with_recipes;
use crate::support::sandbox::{PROGRAM, Sandbox};

/// A run whose recipe hangs, in a process group of its own as under a terminal.
fn hanging(stubborn: &str) -> Option<(Sandbox, Child)> {
    let configuration = "parts = p\n[p]\nrecipe = fixture.recipes:fails\nhow = well\n";
    let sandbox = with_recipes(configuration)?;
    sandbox.run(&[]).succeeds();
    sandbox.write("parts/p/precious", "data\n");
    let stubborn = format!("p:stubborn={stubborn}");
    let child = sandbox
        .command(PROGRAM, &["p:how=hang", &stubborn])
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !sandbox.has("parts/p/half") || sandbox.has("parts/p/precious") {
        assert!(Instant::now() < until, "the recipe does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    Some((sandbox, child))
}

fn signal(signal: &str, to: &str) {
    assert!(
        Command::new("kill")
            .args([signal, "--", to])
            .status()
            .unwrap()
            .success()
    );
}

/// What is left of a process group.
fn is_empty(group: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let all = Command::new("ps")
            .args(["-eo", "pgid=,stat="])
            .output()
            .unwrap();
        let all = String::from_utf8_lossy(&all.stdout).into_owned();
        let alive = all.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(group) && words.next().is_some_and(|stat| !stat.starts_with('Z'))
        });
        if !alive || Instant::now() > until {
            return !alive;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn control_c_ends_a_recipe_and_leaves_all_as_it_was() {
    for (stubborn, signals) in [("false", 1), ("true", 2)] {
        let Some((sandbox, child)) = hanging(stubborn) else {
            return;
        };
        let group = child.id().to_string();
        for _ in 0..signals {
            signal("-INT", &format!("-{group}"));
            std::thread::sleep(Duration::from_millis(300));
        }
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(
            err.starts_with("While:\n  Installing p.\nError: Interrupted.\n"),
            "{err}"
        );
        assert!(is_empty(&group));
        assert_eq!(sandbox.read("parts/p/precious"), "data\n");
        assert_eq!(sandbox.run(&[]).stdout, "Installing p.\n");
    }
}

#[test]
fn the_host_does_not_outlive_rbuildout() {
    for (name, code) in [("-TERM", Some(143)), ("-KILL", None)] {
        let Some((sandbox, child)) = hanging("true") else {
            return;
        };
        let group = child.id().to_string();
        signal(name, &group);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code);
        assert!(is_empty(&group), "{name}");
        if code.is_some() {
            assert_eq!(sandbox.read("parts/p/precious"), "data\n");
        }
        let next = sandbox.run(&[]);
        assert_eq!(next.stdout, "Installing p.\n", "{name}");
        let word = "rbuildout: warning[recovered]: an earlier run was stopped while it installed p; its old files are back\n";
        assert_eq!(next.stderr, if code.is_some() { "" } else { word });
    }
}

//! The quickstart, as its README has it: installed from the index that pip uses, then supervisord is really started.
//!
//! Needs the network; `NO_NETWORK=1` leaves it out.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::pythons;
use crate::support::sandbox::{Ran, Sandbox};

const PATIENCE: Duration = Duration::from_secs(60);

/// Ports that nobody listens on now.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// A supervisord that is running; ended with the test, however that ends.
struct Running<'a> {
    sandbox: &'a Sandbox,
    pid: u32,
}

impl<'a> Running<'a> {
    fn start(sandbox: &'a Sandbox) -> Self {
        let started = sandbox.start("bin/supervisord", &[]);
        assert_eq!(
            (started.code, started.stderr.as_str()),
            (0, ""),
            "{}",
            started.stdout
        );
        let file = sandbox.at("var/supervisord.pid");
        wait("the pid file", || {
            std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
        });
        let pid = std::fs::read_to_string(file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        Self { sandbox, pid }
    }

    fn ask(&self, words: &[&str]) -> Ran {
        self.sandbox.start("bin/supervisorctl", words)
    }

    fn is_there(&self) -> bool {
        let asked = self.sandbox.start(
            "/bin/sh",
            &["-c", &format!("kill -0 {} 2>/dev/null", self.pid)],
        );
        asked.code == 0
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.is_there() {
            self.sandbox
                .start("/bin/sh", &["-c", &format!("kill -TERM {}", self.pid)]);
            let end = Instant::now() + Duration::from_secs(15);
            while self.is_there() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

#[track_caller]
fn wait(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn names_and_states(status: &str) -> Vec<(&str, &str)> {
    let pairs = status.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    pairs.collect()
}

#[test]
fn the_quickstart_runs() {
    if std::env::var_os("NO_NETWORK").is_some() {
        eprintln!("SKIPPED: the quickstart needs the network");
        return;
    }
    let Some(python) = pythons::of_the_machine() else {
        return;
    };
    eprintln!("the quickstart asks the package index; NO_NETWORK=1 leaves it out");
    let sandbox = Sandbox::with(python, "site")
        .with_network()
        .fixture("quickstart");
    let [supervisor, one, two] = free_ports();
    let ports = [
        ("supervisor", supervisor),
        ("instance1", one),
        ("instance2", two),
    ]
    .map(|(name, port)| format!("ports:{name}={port}"));
    let arguments: Vec<_> = ports
        .iter()
        .map(String::as_str)
        .chain(["install", "supervisor"])
        .collect();

    let installed = sandbox.run(&arguments);
    assert_eq!(
        installed.code, 0,
        "{}{}",
        installed.stdout, installed.stderr
    );
    assert!(
        installed.stdout.contains("Got supervisor 4.3.0."),
        "{}",
        installed.stdout
    );
    assert!(
        installed.stdout.contains("Got superlance 2.0.0."),
        "{}",
        installed.stdout
    );

    let running = Running::start(&sandbox);
    let all = [
        ("httpok1", "RUNNING"),
        ("httpok2", "RUNNING"),
        ("memmon", "RUNNING"),
        ("zeo", "RUNNING"),
        ("zope:instance1", "RUNNING"),
        ("zope:instance2", "RUNNING"),
    ];
    let status = || running.ask(&["status"]);
    let end = Instant::now() + PATIENCE;
    while names_and_states(&status().stdout) != all {
        assert!(Instant::now() < end, "not all run: {:?}", status());
        std::thread::sleep(Duration::from_millis(200));
    }
    let answer = sandbox.start(
        &sandbox.python.executable,
        &[
            "-c",
            "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())",
            &format!("http://127.0.0.1:{two}/"),
        ],
    );
    assert_eq!(answer.stdout, "instance2\n\n", "{}", answer.stderr);

    assert_eq!(running.ask(&["shutdown"]).stdout, "Shut down\n");
    wait("the end of supervisord", || !running.is_there());
    assert!(!Path::new(&sandbox.at("var/supervisord.pid")).exists());
}

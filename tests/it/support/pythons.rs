//! The CPythons of this machine.
//!
//! [`isolated`]: one Python 3 with nothing installed, so that no package of the machine changes a result. [`every`]: all
//! that there are, as they are.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use rbuildout::python::Facts;

/// What can be installed for, oldest first.
const VERSIONS: &[&str] = &[
    "2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14",
];

/// An interpreter that has been started.
#[derive(Clone, Debug)]
pub(crate) struct Python {
    /// As it goes into `#!` lines.
    pub(crate) executable: String,
    /// `3.11`.
    pub(crate) version: String,
    /// What names of eggs end with: `py3.11-linux-x86_64`.
    pub(crate) tag: String,
}

impl Python {
    /// None where that is no interpreter.
    pub(crate) fn at(executable: &str) -> Option<Self> {
        let facts = Facts::ask(executable).ok()?;
        Some(Self {
            tag: format!("py{}-{}", facts.python_version, facts.platform),
            executable: facts.executable,
            version: facts.python_version,
        })
    }

    pub(crate) fn is_older_than(&self, major: u32, minor: u32) -> bool {
        let mut pieces = self
            .version
            .split('.')
            .map(|piece| piece.parse().unwrap_or(0));
        (pieces.next().unwrap_or(0), pieces.next().unwrap_or(0)) < (major, minor)
    }
}

/// A virtual environment without packages, made once and kept in `target`. None, loudly, where there is no Python 3.
pub(crate) fn isolated() -> Option<&'static Python> {
    static FOUND: OnceLock<Option<Python>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let base = behind_shim("python3")?;
        let version = base.version.clone();
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{version}"));
        let python = place.join("bin/python3");
        if !python.exists() {
            let made = Command::new(&base.executable)
                .args(["-m", "venv", "--without-pip"])
                .arg(&place)
                .status();
            assert!(
                made.unwrap().success(),
                "no virtual environment at {}",
                place.display()
            );
        }
        Python::at(python.to_str().unwrap())
    });
    if found.is_none() {
        eprintln!("SKIPPED: there is no python3 in PATH");
    }
    found.as_ref()
}

/// `python3` as a user has it, with what is installed. None, loudly, where there is no Python 3.
pub(crate) fn of_the_machine() -> Option<Python> {
    let found = behind_shim("python3");
    if found.is_none() {
        eprintln!("SKIPPED: there is no python3 in PATH");
    }
    found
}

/// Each CPython that is found: in PATH by its version's name, and what pyenv keeps. What is absent is said.
pub(crate) fn every() -> Vec<Python> {
    let kept = Command::new("pyenv").arg("root").output();
    let kept = kept.ok().filter(|root| root.status.success());
    let root = kept.map(|root| String::from_utf8_lossy(&root.stdout).trim().to_owned());
    let of_pyenv = |version: &str| {
        let versions = PathBuf::from(root.as_deref()?).join("versions");
        let entries = std::fs::read_dir(versions).ok()?;
        let name = format!("python{version}");
        entries
            .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(&name)))
            .find(|python| python.exists())
            .and_then(|python| Python::at(python.to_str()?))
    };
    let mut found = Vec::new();
    for version in VERSIONS {
        match of_pyenv(version).or_else(|| behind_shim(&format!("python{version}"))) {
            Some(python) => found.push(python),
            None => eprintln!("SKIPPED: there is no python{version}"),
        }
    }
    found
}

/// `python3` and `python2.7` as a user has them. What is absent is said.
pub(crate) fn three_and_two() -> Vec<Python> {
    let named = ["python3", "python2.7"].map(|name| {
        let found = behind_shim(name);
        if found.is_none() {
            eprintln!("SKIPPED: there is no {name} in PATH");
        }
        found
    });
    named.into_iter().flatten().collect()
}

/// The interpreter itself, not a version manager's script that starts it.
fn behind_shim(name: &str) -> Option<Python> {
    let asked = Command::new(name)
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let asked = asked.ok().filter(|asked| asked.status.success())?;
    Python::at(String::from_utf8_lossy(&asked.stdout).trim())
}

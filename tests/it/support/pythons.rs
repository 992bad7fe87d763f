//! The CPythons of this machine.
//!
//! [`isolated`]: one Python 3 with nothing installed, so that no package of the machine changes a result. [`every`]: all
//! that there are, as they are.

use std::path::{Path, PathBuf};
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
    FOUND.get_or_init(|| made("python", &|_| ())).as_ref()
}

/// The same with what Python recipes import of zc.buildout: its exceptions. Neither tool's own code is in it.
pub(crate) fn with_stand_in() -> Option<&'static Python> {
    static FOUND: OnceLock<Option<Python>> = OnceLock::new();
    let fill = |site: &Path| {
        let put = |path: &str, text: &str| {
            let path = site.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put(
            "zc/__init__.py",
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
        );
        put("zc/buildout/__init__.py", STAND_IN);
        put("zc/buildout/buildout.py", "");
        for (project, version) in [("zc.buildout", "6.0.1"), ("zc.recipe.egg", "6.0.0")] {
            let metadata = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
            put(
                &format!("{project}-{version}.dist-info/METADATA"),
                &metadata,
            );
        }
    };
    FOUND.get_or_init(|| made("stand-in", &fill)).as_ref()
}

const STAND_IN: &str = "class UserError(Exception):\n    def __str__(self):\n        return ' '.join(map(str, self.args))\n";

/// The same with what `pip install` brings from the index that the user's pip knows; none, loudly, for a Python before 3.10.
pub(crate) fn with_packages(name: &str, requirements: &[&str]) -> Option<Python> {
    let base = behind_shim("python3")?;
    let minor = base.version.split('.').nth(1)?.parse::<u32>().ok()?;
    if minor < 10 {
        eprintln!("SKIPPED: python3 is older than 3.10");
        return None;
    }
    let executable = base.executable.clone();
    made(name, &|site: &Path| {
        let installed = Command::new(&executable)
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(site)
            .args(requirements)
            .status();
        assert!(
            installed.unwrap().success(),
            "pip can't install {requirements:?}"
        );
    })
}

/// A virtual environment of this name, with what is put into its site-packages when it is made.
fn made(name: &str, fill: &dyn Fn(&Path)) -> Option<Python> {
    let Some(base) = behind_shim("python3") else {
        eprintln!("SKIPPED: there is no python3 in PATH");
        return None;
    };
    let version = base.version.clone();
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{version}"));
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
        fill(&place.join(format!("lib/python{version}/site-packages")));
    }
    Python::at(python.to_str().unwrap())
}

/// The bin/buildout of zc.buildout 6.0.1 that RBUILDOUT_TEST_BUILDOUT names, and its Python. None, loudly, where it names none.
pub(crate) fn with_zc_buildout() -> Option<(String, Python)> {
    let named = std::env::var("RBUILDOUT_TEST_BUILDOUT").ok();
    let Some(script) = named.filter(|script| Path::new(script).is_file()) else {
        eprintln!(
            "SKIPPED: RBUILDOUT_TEST_BUILDOUT names no bin/buildout of zc.buildout 6.0.1 to compare with"
        );
        return None;
    };
    let text = std::fs::read_to_string(&script).unwrap();
    let python = text.lines().next().unwrap().trim_start_matches("#!");
    let python = Python::at(python.trim()).unwrap();
    Some((script, python))
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

//! A run that is stopped at any change of the disk, that finds no room, or that meets another run.
//!
//! What is guaranteed, and checked behind every single step:
//! - Each file is wholly the old one or wholly the new one, with its mode; one that both runs have is never missing.
//! - As long as the run is not decided nothing has changed. From then on a journal lies in `.rbuildout`, and the next run
//!   finishes the work before it does anything else.
//! - A conf is new before the scripts that start it, the record is new only when all files are, and files that nothing
//!   replaces go last: at no moment does a script name a conf that is not there.

mod eggs;
mod random;
mod steps;
mod trouble;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::sandbox::{PROGRAM, Ran, Sandbox};
use crate::support::wheels::Wheel;

/// What a path is: a directory, or a file's bytes and mode.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Directory,
    File(Vec<u8>, u32),
}

type Tree = BTreeMap<String, Entry>;

const RECORD: &str = ".installed.cfg";
const CONF: &str = "parts/supervisor/supervisord.conf";
const SCRIPTS: [&str; 2] = ["bin/supervisord", "bin/supervisorctl"];
const RECOVERED: &str = "rbuildout: warning[recovered]";

/// A buildout with an egg of supervisor.
struct Buildout {
    sandbox: Sandbox,
}

impl Buildout {
    fn new() -> Option<Self> {
        let sandbox = Sandbox::new()?;
        small_supervisor().egg(&sandbox.at("eggs/v5"), &sandbox.python.tag);
        Some(Self { sandbox })
    }

    /// Installed as [`BEFORE`] says, and configured to become [`AFTER`]; with its tree.
    fn changed() -> Option<(Self, Tree)> {
        let b = Self::new()?;
        b.configure(BEFORE);
        b.succeed();
        b.configure(AFTER);
        let before = b.tree();
        Some((b, before))
    }

    fn configure(&self, text: &str) {
        self.sandbox.write("buildout.cfg", text);
    }

    fn command(&self) -> Command {
        self.sandbox.command(PROGRAM, &[])
    }

    fn run(&self) -> Ran {
        self.sandbox.run(&[])
    }

    /// What is said on standard error.
    #[track_caller]
    fn succeed(&self) -> String {
        self.run().succeeds().stderr
    }

    fn at(&self, path: &str) -> PathBuf {
        self.sandbox.at(path)
    }

    fn stopped_at(&self, n: usize, signal: &str) -> Output {
        self.command()
            .env("RBUILDOUT_TEST_KILL_AT", n.to_string())
            .env("RBUILDOUT_TEST_SIGNAL", signal)
            .output()
            .unwrap()
    }

    fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        collect(&self.at(""), "", &mut tree);
        tree
    }

    /// Makes the tree again as it was.
    fn restore(&self, tree: &Tree) {
        let linked = self.at("parts");
        let linked = fs::read_link(linked).ok();
        let below = linked.iter().flat_map(|parts| fs::read_dir(parts).unwrap());
        for entry in fs::read_dir(self.at("")).unwrap().chain(below) {
            let path = entry.unwrap().path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        for (name, entry) in tree {
            let path = self.at(name);
            match entry {
                Entry::Directory if path.is_dir() => {}
                Entry::Directory => fs::create_dir(path).unwrap(),
                Entry::File(bytes, mode) => {
                    fs::write(&path, bytes).unwrap();
                    fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
                }
            }
        }
    }

    fn journal(&self) -> bool {
        self.sandbox.has(".rbuildout/journal")
    }
}

/// A supervisor with two modules: each file more is a step more.
fn small_supervisor() -> Wheel {
    Wheel::new("supervisor", "4.3.0").scripts(&[
        "supervisord = supervisor.supervisord:main",
        "supervisorctl = supervisor.supervisord:main",
    ])
}

fn collect(root: &Path, below: &str, tree: &mut Tree) {
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let name = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        if entry.path().is_dir() {
            collect(root, &name, tree);
            tree.insert(name, Entry::Directory);
        } else {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            tree.insert(name, Entry::File(fs::read(entry.path()).unwrap(), mode));
        }
    }
}

/// The files that a run may write or remove.
fn files(tree: &Tree) -> Tree {
    let is_own = |name: &str| {
        [RECORD, "bin/", "parts/", "etc/"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    tree.iter()
        .filter(|(name, entry)| is_own(name) && **entry != Entry::Directory)
        .map(|(name, entry)| (name.clone(), entry.clone()))
        .collect()
}

/// Two supervisors; the second one goes in [`AFTER`].
const BEFORE: &str = "[buildout]
parts = supervisor extra
offline = true
newest = false
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
    10 web /bin/web [-p 80] /tmp true
[extra]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9002
";

/// Another port, another program, other scripts, one part less.
const AFTER: &str = "[buildout]
parts = supervisor
offline = true
newest = false
relative-paths = true
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9011
programs =
    10 web /bin/web [-p 80] /tmp true
    20 worker /bin/worker
";

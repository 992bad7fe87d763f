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
use std::process::{Command, Output, Stdio};

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

/// A buildout with an egg of supervisor, made by hand.
struct Buildout {
    _folder: tempfile::TempDir,
    root: PathBuf,
    cache: PathBuf,
    python: String,
}

impl Buildout {
    #[allow(clippy::print_stderr, reason = "a test that can't run must say so")]
    fn new() -> Option<Self> {
        let asked = Command::new("python3")
            .args([
                "-c",
                "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])",
            ])
            .output();
        let Ok(answer) = asked else {
            eprintln!("SKIPPED: there is no python3 for a buildout to kill");
            return None;
        };
        let answer = String::from_utf8(answer.stdout).unwrap();
        let (python, version) = answer.trim().rsplit_once(' ').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let above = fs::canonicalize(folder.path()).unwrap();
        let egg = above.join(format!("b/eggs/v5/supervisor-4.3.0-py{version}.egg"));
        let info = egg.join("supervisor-4.3.0.dist-info");
        fs::create_dir_all(egg.join("supervisor")).unwrap();
        fs::create_dir_all(&info).unwrap();
        fs::write(egg.join("supervisor/__init__.py"), "").unwrap();
        fs::write(
            info.join("METADATA"),
            "Metadata-Version: 2.1\nName: supervisor\nVersion: 4.3.0\n",
        )
        .unwrap();
        fs::write(
            info.join("entry_points.txt"),
            "[console_scripts]\nsupervisord = supervisor.supervisord:main\n\
             supervisorctl = supervisor.supervisorctl:main\n",
        )
        .unwrap();
        Some(Self {
            root: above.join("b"),
            cache: above.join("cache"),
            python: python.to_owned(),
            _folder: folder,
        })
    }

    fn configure(&self, text: &str) {
        fs::write(self.root.join("buildout.cfg"), text).unwrap();
    }

    fn prepare(&self, mut command: Command) -> Command {
        command
            .current_dir(&self.root)
            .env("RBUILDOUT_CACHE_DIR", &self.cache)
            .env("RBUILDOUT_PYTHON", &self.python)
            .env("HOME", self.cache.join("home"))
            .env_remove("RBUILDOUT_TEST_KILL_AT")
            .stdin(Stdio::null());
        command
    }

    fn command(&self) -> Command {
        self.prepare(Command::new(env!("CARGO_BIN_EXE_rbuildout")))
    }

    fn run(&self) -> Output {
        self.command().output().unwrap()
    }

    fn succeed(&self) -> String {
        let ended = self.run();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{said}");
        said
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
        collect(&self.root, "", &mut tree);
        tree
    }

    /// Makes the tree again as it was.
    fn restore(&self, tree: &Tree) {
        let linked = self.root.join("parts");
        let linked = fs::read_link(linked).ok();
        let below = linked.iter().flat_map(|parts| fs::read_dir(parts).unwrap());
        for entry in fs::read_dir(&self.root).unwrap().chain(below) {
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
            let path = self.root.join(name);
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
        self.root.join(".rbuildout/journal").exists()
    }
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

//! A run that is stopped at any change of the disk, that finds no room, or that meets another run.
//!
//! What is guaranteed, and checked behind every single step:
//! - Each file is wholly the old one or wholly the new one, with its mode; one that both runs have is never missing.
//! - As long as the run is not decided nothing has changed. From then on a journal lies in `.rbuildout`, and the next run
//!   finishes the work before it does anything else.
//! - A conf is new before the scripts that start it, the record is new only when all files are, and files that nothing
//!   replaces go last: at no moment does a script name a conf that is not there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
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
        for entry in fs::read_dir(&self.root).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        for (name, entry) in tree {
            let path = self.root.join(name);
            match entry {
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
        if entry.file_type().unwrap().is_dir() {
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

/// As [`AFTER`], with a second conf whose name is too long for any file system: putting it in place fails, after the
/// files of the first part.
fn failing() -> String {
    format!(
        "{}\n[second]\nrecipe = collective.recipe.supervisor\nsupervisord-conf = ${{buildout:directory}}/etc/{}\n",
        AFTER.replace("parts = supervisor", "parts = supervisor second"),
        "x".repeat(300)
    )
}

/// Checks what is guaranteed for a tree in the middle of a run; tells whether the run was decided.
fn check_middle(b: &Buildout, before: &Tree, after: &Tree, at: &str) -> bool {
    let (old, new, now) = (files(before), files(after), files(&b.tree()));
    for name in now.keys() {
        assert!(
            old.contains_key(name) || new.contains_key(name),
            "{at}: {name} belongs to no run"
        );
    }
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
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(AFTER);
    let before = b.tree();
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
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(AFTER);
    let before = b.tree();
    stop_everywhere(&b, &before, "INT", 3);
}

#[test]
fn the_run_that_finishes_another_can_be_killed_too() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(AFTER);
    let before = b.tree();
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
        let own = |tree: &Tree| {
            let mut files = files(tree);
            files.remove(RECORD);
            files
        };
        assert_eq!(own(&b.tree()), own(&after), "{at}");
        assert!(!b.root.join(".rbuildout").exists(), "{at}");
    }
}

#[test]
fn what_fails_half_way_is_taken_back_even_when_killed() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(&failing());
    let before = b.tree();
    let ended = b.run();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("xxx: file name too long."), "{said}");
    assert!(said.contains("no file has been changed"), "{said}");
    assert_eq!(files(&b.tree()), files(&before));
    assert!(!b.root.join(".rbuildout").exists());

    let mut taken_back = 0;
    for n in 1.. {
        b.restore(&before);
        let killed = b.stopped_at(n, "KILL");
        if killed.status.code().is_some() {
            assert_eq!(killed.status.code(), Some(1));
            break;
        }
        // The next run takes back what was done, and fails by itself.
        let ended = b.run();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "step {n}: {said}");
        assert_eq!(files(&b.tree()), files(&before), "killed at step {n}");
        assert!(!b.root.join(".rbuildout").exists(), "step {n}");
        taken_back += usize::from(said.contains("it has been taken back"));
        // Once the mistake is out, all is well.
        b.configure(AFTER);
        b.succeed();
    }
    assert!(taken_back > 10, "only {taken_back} were taken back");
}

/// `ulimit -f` stands for a full disk: no file may grow beyond so many blocks of 512 bytes.
fn run_with_room_for(b: &Buildout, blocks: u32) -> (Option<i32>, String) {
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\""),
        env!("CARGO_BIN_EXE_rbuildout"),
    ]);
    let ended = b.prepare(shell).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), said)
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
    let (status, said) = run_with_room_for(&b, 4);
    assert_eq!(status, Some(1), "{said}");
    let conf = b.root.join(CONF);
    let expected = format!("Couldn't write {}: file too large.", conf.display());
    assert!(said.contains(&expected), "{said}");
    assert!(said.contains("no file has been changed"), "{said}");
    assert_eq!(b.tree(), before);
    let (status, said) = run_with_room_for(&b, 400);
    assert_eq!(status, Some(0), "{said}");
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
    let mut egg = fs::read_dir(b.root.join("eggs/v5")).unwrap();
    let info = egg.next().unwrap().unwrap().path();
    let file = info.join("supervisor-4.3.0.dist-info/entry_points.txt");
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
        let (status, said) = run_with_room_for(&b, blocks);
        if status == Some(0) {
            break;
        }
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains(": file too large."), "{said}");
        met |= said.contains("/.rbuildout/journal");
        assert_eq!(files(&b.tree()), files(&before_all), "{said}");
        assert!(!b.root.join(".rbuildout").exists());
    }
    assert!(met, "the journal never was what did not fit");
}

#[test]
fn of_two_runs_the_second_waits_and_says_so() {
    let Some(b) = Buildout::new() else { return };
    b.configure(BEFORE);
    b.succeed();
    b.configure(AFTER);
    let before = b.tree();
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

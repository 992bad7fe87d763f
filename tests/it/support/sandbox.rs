//! A throw-away buildout: a directory, an empty home, nothing of the caller's environment.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::pythons::{self, Python};
use super::texts::same;
use super::wheels;

/// rbuildout.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_rbuildout");

/// The buildout and what lies around it.
#[derive(Debug)]
pub(crate) struct Sandbox {
    folder: TempDir,
    root: PathBuf,
    pub(crate) python: Python,
    variables: Vec<(String, String)>,
    umask: String,
}

/// How a run ended; paths of the sandbox are tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Sandbox {
    /// With the Python that has no packages; none where there is no Python 3.
    pub(crate) fn new() -> Option<Self> {
        Some(Self::with(pythons::isolated()?.clone(), "b"))
    }

    /// The same, with this buildout.cfg.
    pub(crate) fn configured(text: &str) -> Option<Self> {
        Some(Self::new()?.file("buildout.cfg", text))
    }

    /// With this Python, in a directory of this name.
    pub(crate) fn with(python: Python, name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("it-").tempdir().unwrap();
        let around = std::fs::canonicalize(folder.path()).unwrap();
        let root = around.join(name);
        let at = |name: &str| around.join(name).display().to_string();
        for directory in [&root, &around.join("home"), &around.join("tmp")] {
            std::fs::create_dir(directory).unwrap();
        }
        let variables = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME", at("home")),
            ("TMPDIR", at("tmp")),
            ("LANG", "C.UTF-8".to_owned()),
            ("RBUILDOUT_CACHE_DIR", at("cache")),
            ("RBUILDOUT_PYTHON", python.executable.clone()),
            // No network unless it is asked for.
            ("PIP_INDEX_URL", format!("file://{}/", at("no-index"))),
        ];
        Self {
            folder,
            root,
            python,
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            umask: "022".to_owned(),
        }
    }

    /// With the variables of the caller that say how the network is reached, and the caller's home for pip's settings.
    pub(crate) fn with_network(mut self) -> Self {
        let wanted = |name: &str| {
            let upper = name.to_uppercase();
            upper.starts_with("PIP_")
                || upper.ends_with("_PROXY")
                || upper.contains("CERT")
                || name == "HOME"
                || upper.ends_with("CA_BUNDLE")
        };
        self.variables
            .retain(|(name, _)| !["HOME", "PIP_INDEX_URL"].contains(&name.as_str()));
        self.variables
            .extend(std::env::vars().filter(|(name, _)| wanted(name)));
        self
    }

    /// With this directory as the cache that all projects share.
    pub(crate) fn with_cache(mut self, directory: &Path) -> Self {
        self.set("RBUILDOUT_CACHE_DIR", &directory.display().to_string());
        self
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// With the files of a folder of fixtures, but not what was installed into it.
    pub(crate) fn fixture(self, folder: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(folder);
        let made = std::fs::read_to_string(from.join(".gitignore")).unwrap();
        let made: Vec<_> = made.lines().map(|line| line.trim_matches('/')).collect();
        copy(&from, &self.root, &made);
        self
    }

    /// Eggs `NAME-VERSION` of the samples into the eggs directory.
    pub(crate) fn eggs(self, names: &[&str]) -> Self {
        for name in names {
            wheels::sample(name).egg(&self.root.join("eggs/v5"), &self.python.tag);
        }
        self
    }

    /// Wheels of the samples into this directory of the buildout, beside an empty index.
    pub(crate) fn wheels(self, directory: &str, names: &[&str]) -> Self {
        std::fs::create_dir_all(self.root.join(directory).join("index")).unwrap();
        for name in names {
            wheels::sample(name).wheel(&self.root.join(directory));
        }
        self
    }

    pub(crate) fn umask(&mut self, umask: &str) {
        self.umask = umask.to_owned();
    }

    /// Sets a variable of the environment of all runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Without this variable from now on.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file of the buildout; `[ROOT]` in the text is the buildout's directory.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, self.filled(text)).unwrap();
    }

    pub(crate) fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.at(path).exists()
    }

    /// What lies in a directory of the buildout, sorted; nothing where there is none.
    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.at(directory));
        let names = entries.into_iter().flatten();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The text with tokens replaced by what they stand for.
    pub(crate) fn filled(&self, text: &str) -> String {
        text.replace("[ROOT]", self.root.to_str().unwrap())
    }

    /// The text with tokens in place of what differs between machines.
    pub(crate) fn tokens(&self, text: &str) -> String {
        let mut out = String::new();
        for line in self.places(text).split_inclusive('\n') {
            if line.starts_with("__buildout_signature__ = ") {
                out.push_str("__buildout_signature__ = [SIGNATURE]\n");
            } else {
                out.push_str(line);
            }
        }
        out
    }

    /// The text with tokens in place of directories and the interpreter alone.
    pub(crate) fn places(&self, text: &str) -> String {
        let around = std::fs::canonicalize(self.folder.path()).unwrap();
        text.replace(self.root.to_str().unwrap(), "[ROOT]")
            .replace(around.to_str().unwrap(), "[AROUND]")
            .replace(&self.python.executable, "[PYTHON]")
            .replace(&self.python.tag, "[TAG]")
    }

    /// The program with these arguments in the buildout's directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.start(PROGRAM, arguments)
    }

    /// Another program with these arguments, in the same place.
    pub(crate) fn start(&self, program: &str, arguments: &[&str]) -> Ran {
        self.ended(&self.command(program, arguments).output().unwrap())
    }

    /// The program as on a terminal: both of its streams are one.
    pub(crate) fn on_terminal(&self, arguments: &[&str]) -> Ran {
        let program = "import os, pty, sys; sys.exit(os.WEXITSTATUS(pty.spawn(sys.argv[1:])))";
        let arguments = [&["-c", program, PROGRAM], arguments].concat();
        self.start(&self.python.executable, &arguments)
    }

    /// A program with these arguments, ready to be started in the buildout's directory.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "umask \"$0\"; exec \"$@\"", &self.umask])
            .arg(program)
            .args(arguments)
            .current_dir(&self.root)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// How such a command ended.
    pub(crate) fn ended(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| self.tokens(&String::from_utf8_lossy(bytes));
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// A file of the buildout, with tokens.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        match std::fs::read(self.at(path)) {
            Ok(bytes) => self.tokens(&String::from_utf8_lossy(&bytes)),
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Every file but those of eggs; path to text with tokens.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        self.walk("", &mut |path, entry| {
            if entry.is_file() && !path.starts_with("eggs/") {
                found.insert(self.tokens(path), self.read(path));
            }
        });
        found
    }

    /// Mode, kind and path of all but what is inside of eggs.
    pub(crate) fn tree(&self) -> String {
        let mut entries = BTreeMap::new();
        self.walk("", &mut |path, entry| {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            let kind = if entry.is_dir() { 'd' } else { 'f' };
            entries.insert(self.tokens(path), format!("{mode:04o} {kind}"));
        });
        entries.iter().fold(String::new(), |mut out, (path, what)| {
            let _ = writeln!(out, "{what} {path}");
            out
        })
    }

    fn walk(&self, below: &str, visit: &mut dyn FnMut(&str, &Path)) {
        let Ok(entries) = std::fs::read_dir(self.at(below)) else {
            return;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if below.is_empty() {
                name
            } else {
                format!("{below}/{name}")
            };
            if ["packages", "src", ".rbuildout"].contains(&path.as_str()) {
                continue;
            }
            visit(&path, &entry.path());
            if entry.path().is_dir() && !path.ends_with(".egg") {
                self.walk(&path, visit);
            }
        }
    }
}

fn copy(from: &Path, to: &Path, without: &[&str]) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if without.contains(&entry.file_name().to_str().unwrap()) {
            continue;
        }
        if entry.path().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to, &[]);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
}

impl Ran {
    /// Ended well.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Ended well, without a word on standard error.
    #[track_caller]
    pub(crate) fn is_quiet(&self) {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (0, ""),
            "{}",
            self.stdout
        );
    }

    /// This is among what it says on its way.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Self {
        let stdout = &self.stdout;
        assert!(stdout.contains(words), "no {words:?} in\n{stdout}");
        self
    }

    /// Ended with an error, and these words are in what it says of it.
    #[track_caller]
    pub(crate) fn fails_with(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{}{}", self.stdout, self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "no {word:?} in\n{}",
                self.stderr
            );
        }
        self
    }

    /// Ended with an error and said this.
    #[track_caller]
    pub(crate) fn fails(&self, stdout: &str, stderr: &str) {
        same("standard error", stderr, &self.stderr);
        same("standard output", stdout, &self.stdout);
        assert_eq!(self.code, 1, "exit code");
    }
}

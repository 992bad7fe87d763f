//! Throw-away buildouts with Python recipes: small wheels through find-links, no network.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What stands in for zc.buildout where only its `UserError` is wanted.
const STAND_IN: &str = "class UserError(Exception):\n    def __str__(self):\n        return ' '.join(map(str, self.args))\n";

/// A buildout, and who runs it.
pub(crate) struct Site {
    _directory: TempDir,
    pub(crate) root: PathBuf,
    python: String,
    /// `bin/buildout` of a real zc.buildout, where that is asked for.
    real: Option<String>,
}

/// How a run ended, and what it said; the site's directory is `[ROOT]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Site {
    /// With a bare Python; `None` where there is none, which is said.
    pub(crate) fn new(configuration: &str) -> Option<Self> {
        let Some(python) = executable("python3") else {
            eprintln!("SKIPPED: there is no python3 in PATH");
            return None;
        };
        Some(Self::with(&python, configuration))
    }

    pub(crate) fn with(python: &str, configuration: &str) -> Self {
        let site = Self::bare(python, configuration);
        let files = [
            (
                "zc/__init__.py",
                "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
            ),
            // A directory with another file in it is more than a namespace: its `__init__.py` stays.
            ("zc/stand_in.py", ""),
            ("zc/buildout/__init__.py", STAND_IN),
        ];
        site.wheel("zc.buildout", "6.0.1", "", &files);
        site
    }

    /// With a real zc.buildout as well: that of RBUILDOUT_TEST_BUILDOUT. Where there is none, which is said, nothing.
    pub(crate) fn with_real(configuration: &str) -> Option<Self> {
        let real = std::env::var("RBUILDOUT_TEST_BUILDOUT").ok();
        let Some(real) = real.filter(|real| Path::new(real).is_file()) else {
            eprintln!(
                "SKIPPED: RBUILDOUT_TEST_BUILDOUT names no bin/buildout of zc.buildout 6.0.1 to compare with"
            );
            return None;
        };
        let script = std::fs::read_to_string(&real).unwrap();
        let python = script.lines().next().unwrap().trim_start_matches("#!");
        let mut site = Self::bare(python.trim(), configuration);
        site.real = Some(real);
        Some(site)
    }

    fn bare(python: &str, configuration: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(directory.path()).unwrap();
        std::fs::create_dir_all(root.join("packages/index")).unwrap();
        std::fs::create_dir_all(root.join("home")).unwrap();
        let site = Self {
            _directory: directory,
            root,
            python: python.to_owned(),
            real: None,
        };
        let recipes = include_str!("../../fixtures/recipes/fixture_recipes.py");
        let mut entries = String::from("[zc.buildout]\n");
        for class in recipes
            .lines()
            .filter_map(|line| line.strip_prefix("class "))
        {
            let class = class.split('(').next().unwrap();
            entries.push_str(&format!(
                "{} = fixture_recipes:{class}\n",
                class.to_lowercase()
            ));
        }
        entries.push_str("[zc.buildout.uninstall]\nprinting = fixture_recipes:uninstall\n");
        let files = [("fixture_recipes.py", recipes)];
        site.wheel("fixture.recipes", "1.0", &entries, &files);
        site.configure(configuration);
        site
    }

    /// Writes buildout.cfg: parts and more, behind what every site has.
    pub(crate) fn configure(&self, configuration: &str) {
        let text = format!(
            "[buildout]\nfind-links = packages\nindex = packages/index\nnewest = false\n{configuration}"
        );
        self.write("buildout.cfg", &text);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.root.join(name)).unwrap();
        text.replace(self.root.to_str().unwrap(), "[ROOT]")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.root.join(name).exists()
    }

    /// A section of the record of installed parts.
    pub(crate) fn installed(&self, part: &str) -> String {
        let text = self.read(".installed.cfg");
        let head = format!("\n[{part}]\n");
        let section = text.split(&head).nth(1).unwrap_or_default();
        section.split("\n[").next().unwrap().to_owned()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.prepared(Command::new(env!("CARGO_BIN_EXE_rbuildout")), arguments)
    }

    fn prepared(&self, mut command: Command, arguments: &[&str]) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .args(arguments)
            .current_dir(&self.root)
            .env_clear()
            .env("HOME", self.root.join("home"))
            .env("PATH", path)
            .env("PYTHONHASHSEED", "0")
            .env("RBUILDOUT_CACHE_DIR", self.root.join("home/cache"))
            .env("RBUILDOUT_PYTHON", &self.python);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.told(&self.command(arguments).output().unwrap())
    }

    /// A run of the real tool.
    pub(crate) fn run_real(&self, arguments: &[&str]) -> Ran {
        let real = self.real.as_ref().unwrap();
        self.told(
            &self
                .prepared(Command::new(real), arguments)
                .output()
                .unwrap(),
        )
    }

    fn told(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(self.root.to_str().unwrap(), "[ROOT]")
        };
        Ran {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// All files but eggs and caches, with their text.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut pending = vec![self.root.clone()];
        while let Some(directory) = pending.pop() {
            for entry in std::fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                let name = path
                    .strip_prefix(&self.root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                if ["eggs", "packages", "home"].contains(&name.as_str())
                    || name.ends_with("__pycache__")
                {
                    continue;
                }
                if path.is_dir() {
                    pending.push(path);
                    all.push((name + "/", String::new()));
                } else {
                    let text = self.read(&name);
                    all.push((name, text));
                }
            }
        }
        all.sort();
        all
    }

    /// Puts a wheel among the packages.
    pub(crate) fn wheel(&self, name: &str, version: &str, entries: &str, files: &[(&str, &str)]) {
        let base = format!("{}-{version}", name.replace('.', "_"));
        let path = self
            .root
            .join(format!("packages/{base}-py2.py3-none-any.whl"));
        let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
        let mut add = |name: &str, text: &str| {
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        };
        for (name, text) in files {
            add(name, text);
        }
        let info = format!("{base}.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        add(&format!("{info}/METADATA"), &metadata);
        add(
            &format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n",
        );
        if !entries.is_empty() {
            add(&format!("{info}/entry_points.txt"), entries);
        }
        add(&format!("{info}/RECORD"), "");
        zip.finish().unwrap();
    }
}

/// What an interpreter calls itself.
pub(crate) fn executable(python: &str) -> Option<String> {
    let output = Command::new(python)
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .ok()?;
    let named = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !named.is_empty()).then_some(named)
}

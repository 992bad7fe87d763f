//! A directory with a buildout in it and the program run there, for the tests of the documentation.
//!
//! No network: what is installed comes from wheels made here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What the documentation calls the directory.
const NAME: &str = "/srv/site";

pub(crate) struct Site {
    _root: TempDir,
    pub(crate) directory: PathBuf,
    python: String,
}

/// How a run went; the directory is called `/srv/site`.
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Site {
    /// None where there is no Python, which is said loudly.
    pub(crate) fn new(configuration: &str) -> Option<Self> {
        let asked = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        let Some(asked) = asked.ok().filter(|output| output.status.success()) else {
            eprintln!("SKIPPED: there is no python3 in PATH");
            return None;
        };
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().canonicalize().unwrap().join("site");
        std::fs::create_dir(&directory).unwrap();
        let python = String::from_utf8(asked.stdout).unwrap().trim().to_owned();
        let site = Self {
            _root: root,
            directory,
            python,
        };
        site.write("buildout.cfg", configuration);
        Some(site)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.join(name)).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.directory.join(name).exists()
    }

    /// The program, ready to be started here, with nothing of the user's.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbuildout"));
        let home = self.directory.parent().unwrap();
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("HOME", home)
            .env("RBUILDOUT_CACHE_DIR", home.join("cache"))
            .env("RBUILDOUT_PYTHON", &self.python)
            .env(
                "PIP_INDEX_URL",
                format!("file://{}/no-index/", home.display()),
            )
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.told(&self.command().args(arguments).output().unwrap())
    }

    /// What a terminal would show: both streams, in the order in which they were written.
    pub(crate) fn run_in_shell(&self, arguments: &str) -> String {
        let program = env!("CARGO_BIN_EXE_rbuildout");
        let mut shell = Command::new("/bin/sh");
        let command = self.command();
        shell
            .current_dir(&self.directory)
            .env_clear()
            .envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))))
            .args(["-c", &format!("exec '{program}' {arguments} 2>&1")]);
        self.told(&shell.output().unwrap()).stdout
    }

    pub(crate) fn told(&self, output: &Output) -> Run {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.replace(self.directory.to_str().unwrap(), NAME)
        };
        Run {
            success: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Puts a wheel with console scripts into `links`.
    pub(crate) fn wheel(&self, name: &str, version: &str, scripts: &[&str]) {
        let mut entry_points = String::from("[console_scripts]\n");
        for script in scripts {
            entry_points.push_str(&format!("{script} = {name}:main\n"));
        }
        let info = format!("{name}-{version}.dist-info");
        let files = [
            (format!("{name}.py"), "def main():\n    pass\n".to_owned()),
            (
                format!("{info}/METADATA"),
                format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
            ),
            (
                format!("{info}/WHEEL"),
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
                    .to_owned(),
            ),
            (format!("{info}/entry_points.txt"), entry_points),
        ];
        let mut record = String::new();
        for (path, text) in &files {
            record.push_str(&format!("{path},,{}\r\n", text.len()));
        }
        record.push_str(&format!("{info}/RECORD,,\r\n"));
        let links = self.directory.join("links");
        std::fs::create_dir_all(&links).unwrap();
        write_zip(
            &links.join(format!("{name}-{version}-py2.py3-none-any.whl")),
            files
                .into_iter()
                .chain([(format!("{info}/RECORD"), record)]),
        );
    }
}

fn write_zip(path: &Path, files: impl Iterator<Item = (String, String)>) {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

//! Small wheels and eggs: made up by a test, or samples with the names and entry points of the real ones.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A distribution, as a wheel or as an egg.
#[derive(Debug)]
pub(crate) struct Wheel {
    name: String,
    version: String,
    /// Further lines of METADATA.
    metadata: String,
    entry_points: String,
    /// Modules: path and text.
    files: Vec<(String, String)>,
}

/// What a script of these distributions calls.
const MODULE: &str = "def main(*arguments):\n    return 0\n\n\nclass Obj:\n    run = main\n";

impl Wheel {
    /// With nothing in it.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            metadata: String::new(),
            entry_points: String::new(),
            files: Vec::new(),
        }
    }

    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// The text of entry_points.txt.
    pub(crate) fn entry_points(mut self, text: &str) -> Self {
        text.clone_into(&mut self.entry_points);
        self
    }

    pub(crate) fn requires(mut self, requirements: &[&str]) -> Self {
        for requirement in requirements {
            let _ = writeln!(self.metadata, "Requires-Dist: {requirement}");
        }
        self
    }

    /// A further line of METADATA.
    pub(crate) fn says(mut self, line: &str) -> Self {
        let _ = writeln!(self.metadata, "{line}");
        self
    }

    fn extra(mut self, extra: &str, requirement: &str) -> Self {
        let _ = writeln!(self.metadata, "Provides-Extra: {extra}");
        self.requires(&[&format!("{requirement} ; extra == \"{extra}\"")])
    }

    /// With console scripts `NAME = MODULE:OBJECT`, their modules and the module that is called as the project.
    pub(crate) fn scripts(mut self, scripts: &[&str]) -> Self {
        if !scripts.is_empty() {
            self.entry_points = format!("[console_scripts]\n{}\n", scripts.join("\n"));
        }
        let top = self.normal_name();
        let of_scripts = scripts
            .iter()
            .filter_map(|script| script.split([' ', ':']).nth(2));
        let mut modules: Vec<_> = of_scripts.chain([top.as_str()]).collect();
        modules.sort_unstable();
        modules.dedup();
        let packaged = modules.len() > 1;
        for module in &modules {
            let path = module.replace('.', "/");
            let end = if packaged && *module == top {
                "/__init__.py"
            } else {
                ".py"
            };
            self.files.push((format!("{path}{end}"), MODULE.to_owned()));
        }
        self
    }

    /// The text of METADATA.
    pub(crate) fn metadata(&self) -> String {
        format!(
            "Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}",
            self.name, self.version, self.metadata
        )
    }

    /// The name of its file.
    pub(crate) fn file_name(&self) -> String {
        let name = self.normal_name();
        format!("{name}-{}-py2.py3-none-any.whl", self.version)
    }

    fn normal_name(&self) -> String {
        self.name.replace(['.', '-'], "_")
    }

    /// As a wheel in this directory.
    pub(crate) fn wheel(&self, directory: &Path) {
        let stem = format!("{}-{}", self.normal_name(), self.version);
        let info = format!("{stem}.dist-info");
        let mut files = self.all(&info);
        let mut record = String::new();
        for (path, _) in &files {
            let _ = writeln!(record, "{path},,");
        }
        let _ = writeln!(record, "{info}/RECORD,,");
        files.push((format!("{info}/RECORD"), record));
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join(self.file_name()), zip(&files)).unwrap();
    }

    /// As an egg in this eggs directory.
    pub(crate) fn egg(&self, eggs: &Path, tag: &str) {
        let stem = format!("{}-{}", self.name.replace('-', "_"), self.version);
        let egg = eggs.join(format!("{stem}-{tag}.egg"));
        for (path, text) in self.all(&format!("{stem}-{tag}.dist-info")) {
            let path = egg.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// All files but RECORD.
    fn all(&self, info: &str) -> Vec<(String, String)> {
        let mut files = self.files.clone();
        let mut tops: Vec<_> = files
            .iter()
            .filter_map(|(path, _)| path.split(['/', '.']).next())
            .map(|top| format!("{top}\n"))
            .collect();
        tops.dedup();
        let mut add = |name: &str, text: String| files.push((format!("{info}/{name}"), text));
        add("METADATA", self.metadata());
        add(
            "WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
                .to_owned(),
        );
        add("top_level.txt", tops.concat());
        if !self.entry_points.is_empty() {
            add("entry_points.txt", self.entry_points.clone());
        }
        files
    }
}

/// An archive of these files.
pub(crate) fn zip<P: AsRef<str>, T: AsRef<[u8]>>(files: &[(P, T)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, contents) in files {
        zip.start_file(path.as_ref(), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(contents.as_ref()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const SUPERVISOR: &[&str] = &[
    "echo_supervisord_conf = supervisor.confecho:main",
    "pidproxy = supervisor.pidproxy:main",
    "supervisorctl = supervisor.supervisorctl:main",
    "supervisord = supervisor.supervisord:main",
];
const SUPERLANCE: &[&str] = &[
    "httpok = superlance.httpok:main",
    "crashsms = superlance.crashsms:main",
    "crashmail = superlance.crashmail:main",
    "crashmailbatch = superlance.crashmailbatch:main",
    "fatalmailbatch = superlance.fatalmailbatch:main",
    "memmon = superlance.memmon:main",
];
const ALPHA: &[&str] = &[
    "zz-alpha = plug_alpha:main",
    "alpha = plug_alpha:main",
    "mid.alpha = plug_alpha:Obj.run",
];

/// The sample `NAME-VERSION`.
#[track_caller]
pub(crate) fn sample(name: &str) -> Wheel {
    let (project, version) = name.rsplit_once('-').unwrap();
    let wheel = Wheel::new(project, version);
    match name {
        "supervisor-4.3.0" | "supervisor-4.2.5" => wheel.scripts(SUPERVISOR),
        "superlance-2.0.0" | "superlance-1.0.0" => {
            wheel.requires(&["supervisor"]).scripts(SUPERLANCE)
        }
        "plug.alpha-1.0" => wheel
            .requires(&["plug-gamma", "plug-beta>=1"])
            .scripts(ALPHA),
        "plug-beta-1.2" => wheel
            .requires(&["supervisor"])
            .scripts(&["beta = plug_beta:main"]),
        "plug-gamma-0.9" => wheel.scripts(&["gamma = plug_gamma:main"]),
        "plug-none-1.0" => wheel.scripts(&[]),
        "plug-extra-1.0" => wheel
            .extra("web", "plug-beta")
            .scripts(&["extra-cli = plug_extra:main"]),
        _ => panic!("no sample is called {name}"),
    }
}

//! Small wheels and eggs with the names and entry points of the real ones.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A distribution that does nothing.
#[derive(Debug)]
pub(crate) struct Sample {
    name: &'static str,
    version: &'static str,
    requires: &'static [&'static str],
    /// An extra and what it requires.
    extra: Option<(&'static str, &'static str)>,
    scripts: &'static [&'static str],
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

const fn plain(
    name: &'static str,
    version: &'static str,
    scripts: &'static [&'static str],
) -> Sample {
    Sample {
        name,
        version,
        requires: &[],
        extra: None,
        scripts,
    }
}

const SAMPLES: &[Sample] = &[
    plain("supervisor", "4.3.0", SUPERVISOR),
    plain("supervisor", "4.2.5", SUPERVISOR),
    Sample {
        requires: &["supervisor"],
        ..plain("superlance", "2.0.0", SUPERLANCE)
    },
    Sample {
        requires: &["supervisor"],
        ..plain("superlance", "1.0.0", SUPERLANCE)
    },
    Sample {
        requires: &["plug-gamma", "plug-beta>=1"],
        ..plain(
            "plug.alpha",
            "1.0",
            &[
                "zz-alpha = plug_alpha:main",
                "alpha = plug_alpha:main",
                "mid.alpha = plug_alpha:Obj.run",
            ],
        )
    },
    Sample {
        requires: &["supervisor"],
        ..plain("plug-beta", "1.2", &["beta = plug_beta:main"])
    },
    plain("plug-gamma", "0.9", &["gamma = plug_gamma:main"]),
    plain("plug-none", "1.0", &[]),
    Sample {
        extra: Some(("web", "plug-beta")),
        ..plain("plug-extra", "1.0", &["extra-cli = plug_extra:main"])
    },
];

/// The sample `NAME-VERSION`.
#[track_caller]
pub(crate) fn sample(name: &str) -> &'static Sample {
    let is = |sample: &&Sample| format!("{}-{}", sample.name, sample.version) == name;
    SAMPLES
        .iter()
        .find(is)
        .unwrap_or_else(|| panic!("no sample is called {name}"))
}

impl Sample {
    /// As a wheel in this directory.
    pub(crate) fn wheel(&self, directory: &Path) {
        let normal = self.name.replace(['.', '-'], "_");
        let stem = format!("{normal}-{}", self.version);
        let info = format!("{stem}.dist-info");
        let mut files = self.files(&info);
        let record = files.iter().fold(String::new(), |mut out, (path, _)| {
            let _ = writeln!(out, "{path},,");
            out
        });
        files.push((
            format!("{info}/RECORD"),
            format!("{record}{info}/RECORD,,\n"),
        ));
        let file =
            std::fs::File::create(directory.join(format!("{stem}-py2.py3-none-any.whl"))).unwrap();
        let mut zip = ZipWriter::new(file);
        for (path, text) in files {
            zip.start_file(path, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let _file = zip.finish().unwrap();
    }

    /// As an egg in this eggs directory.
    pub(crate) fn egg(&self, eggs: &Path, tag: &str) {
        let stem = format!("{}-{}-{tag}", self.name.replace('-', "_"), self.version);
        let egg = eggs.join(format!("{stem}.egg"));
        for (path, text) in self.files(&format!("{stem}.dist-info")) {
            let path = egg.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    fn files(&self, info: &str) -> Vec<(String, String)> {
        let mut modules: Vec<_> = self
            .scripts
            .iter()
            .filter_map(|script| script.split([' ', ':']).nth(2))
            .collect();
        let top = self.name.replace(['.', '-'], "_");
        modules.push(&top);
        modules.sort_unstable();
        modules.dedup();
        let text = "def main(*arguments):\n    return 0\n\n\nclass Obj:\n    run = main\n";
        let packaged = modules.len() > 1;
        let mut files: Vec<_> = modules
            .iter()
            .map(|module| {
                let path = module.replace('.', "/");
                let file = if packaged && *module == top {
                    "/__init__.py"
                } else {
                    ".py"
                };
                (format!("{path}{file}"), text.to_owned())
            })
            .collect();
        let mut metadata = format!(
            "Metadata-Version: 2.1\nName: {}\nVersion: {}\n",
            self.name, self.version
        );
        for requirement in self.requires {
            let _ = writeln!(metadata, "Requires-Dist: {requirement}");
        }
        if let Some((extra, requirement)) = self.extra {
            let _ = writeln!(metadata, "Provides-Extra: {extra}");
            let _ = writeln!(
                metadata,
                "Requires-Dist: {requirement} ; extra == \"{extra}\""
            );
        }
        let wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n";
        let mut add = |name: &str, text: String| files.push((format!("{info}/{name}"), text));
        add("METADATA", metadata);
        add("WHEEL", wheel.to_owned());
        add("top_level.txt", format!("{top}\n"));
        if !self.scripts.is_empty() {
            add(
                "entry_points.txt",
                format!("[console_scripts]\n{}\n", self.scripts.join("\n")),
            );
        }
        files
    }
}

//! Mistakes: the whole of what is said, and that nothing of a good installation is lost by them.

mod configuration;
mod eggs;
mod lines;

use std::collections::BTreeMap;

use crate::support::sandbox::Sandbox;
use crate::support::texts::same;

const GOOD: &str = "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
programs =
    10 one /bin/one
";
/// The signature of a part whose new installation did not succeed: it is installed anew the next time.
const UNFINISHED: &str = "rbuildout:uninstalled";

/// A buildout that was installed well.
struct Installed {
    sandbox: Sandbox,
    files: BTreeMap<String, String>,
    record: String,
}

/// What a failing run may leave in .installed.cfg.
#[derive(Clone, Copy, PartialEq)]
enum Record {
    /// Not a byte is other than before.
    Untouched,
    /// A word is added that the part is to be installed anew.
    Unfinished,
}

impl Installed {
    fn new() -> Option<Self> {
        let sandbox = Sandbox::new()?
            .eggs(&["supervisor-4.3.0", "superlance-2.0.0"])
            .file("buildout.cfg", GOOD);
        let ran = sandbox.run(&["-N"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
        let record = std::fs::read_to_string(sandbox.at(".installed.cfg")).unwrap();
        let files = installed(&sandbox);
        assert!(
            files.contains_key("bin/supervisorctl")
                && files.contains_key("parts/supervisor/supervisord.conf")
        );
        Some(Self {
            sandbox,
            files,
            record,
        })
    }

    fn file(self, path: &str, text: &str) -> Self {
        self.sandbox.write(path, text);
        self
    }

    /// Runs, must fail with these words, and must have lost nothing; a second time too, though what it uninstalls has been
    /// said by then.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], record: Record, stdout: &str, stderr: &str) {
        self.refuses_once(arguments, record, stdout, stderr);
        let again = stdout.trim_start_matches("Uninstalling supervisor.\n");
        self.refuses_once(arguments, record, again, stderr);
        self.is_mended();
    }

    #[track_caller]
    fn refuses_once(&self, arguments: &[&str], record: Record, stdout: &str, stderr: &str) {
        self.sandbox.run(arguments).fails(stdout, stderr);
        self.has_kept(record);
    }

    /// What was wrong is put right: all is as it was.
    #[track_caller]
    fn is_mended(&self) {
        self.sandbox.write("buildout.cfg", GOOD);
        let mended = self.sandbox.run(&["-N"]);
        assert_eq!((mended.code, mended.stderr.as_str()), (0, ""));
        assert_eq!(self.files, installed(&self.sandbox));
    }

    #[track_caller]
    fn has_kept(&self, record: Record) {
        let files = installed(&self.sandbox);
        assert_eq!(
            self.files.keys().collect::<Vec<_>>(),
            files.keys().collect::<Vec<_>>()
        );
        for (path, text) in &self.files {
            same(path, text, &files[path]);
        }
        let now = std::fs::read_to_string(self.sandbox.at(".installed.cfg")).unwrap();
        match record {
            Record::Untouched => same(".installed.cfg", &self.record, &now),
            Record::Unfinished => {
                let expected = format!(
                    "{}\n[supervisor]\n__buildout_signature__ = {UNFINISHED}\n",
                    self.record
                );
                same(".installed.cfg", &expected, &now);
            }
        }
    }
}

fn installed(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let mut files = sandbox.files();
    files.retain(|path, _| path.starts_with("bin/") || path.starts_with("parts/"));
    files
}

/// What a run says before the recipe refuses a line.
const TRIED: &str = "Uninstalling supervisor.\nInstalling supervisor.\n";

//! Mistakes: the whole of what is said, and that nothing of a good installation is lost by them.

mod configuration;
mod eggs;
mod lines;

use std::collections::BTreeMap;

use crate::support::sandbox::Sandbox;
use crate::support::texts::same;

/// What configurations begin with; options of the part follow.
const HEAD: &str = "\
[buildout]
parts = supervisor

[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
plugins = superlance
";
const GOOD: &str = "programs =\n    10 one /bin/one\n";
/// What a run says before the recipe refuses a line.
const TRIED: &str = "Uninstalling supervisor.\nInstalling supervisor.\n";
/// What a run says at its end where it had begun to install.
const UNCHANGED: &str =
    "rbuildout: note[unchanged]: what was installed is as it was; no file has been changed\n";
/// The signature of a part whose new installation did not succeed: it is installed anew the next time.
const UNFINISHED: &str = "rbuildout:uninstalled";

/// What is wrong, the words of the command line, the change, what is said.
///
/// The change is text behind [`HEAD`] in buildout.cfg, or files, each below a line `--- NAME`.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

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
            .file("buildout.cfg", &format!("{HEAD}{GOOD}"));
        sandbox.run(&["-N"]).is_quiet();
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

    /// Makes the change of a mistake.
    fn change(&self, change: &str) {
        let Some(files) = change.strip_prefix("--- ") else {
            let text = format!("{HEAD}{change}");
            return self.sandbox.write("buildout.cfg", &text);
        };
        for file in files.split("\n--- ") {
            let (name, text) = file.split_once('\n').unwrap_or((file, ""));
            let end = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            self.sandbox.write(name, &format!("{text}{end}"));
        }
    }

    /// Each mistake in a buildout of its own: the run fails, a second time too, and loses nothing; what it uninstalls has been
    /// said by then; `stderr` puts what is
    /// said into its frame.
    fn refuses_all(
        mistakes: &[Mistake],
        record: Record,
        stdout: &str,
        stderr: impl Fn(&str) -> String,
    ) {
        for (what, words, change, told) in mistakes {
            let Some(installed) = Self::new() else { return };
            eprintln!("{what}");
            if !change.is_empty() {
                installed.change(change);
            }
            let words: Vec<_> = words.split(' ').collect();
            let again = stdout.trim_start_matches("Uninstalling supervisor.\n");
            for stdout in [stdout, again] {
                installed.refuses(&words, record, stdout, &stderr(told));
            }
            installed.is_mended();
        }
    }

    /// Runs, must fail with these words, and must have lost nothing.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], record: Record, stdout: &str, stderr: &str) {
        self.sandbox.run(arguments).fails(stdout, stderr);
        self.has_kept(record);
    }

    /// What was wrong is put right: all is as it was.
    #[track_caller]
    fn is_mended(&self) {
        self.change(GOOD);
        self.sandbox.run(&["-N"]).is_quiet();
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

//! The configuration that a run begins with, where there may be none yet: `init` makes one, `setup` goes without.
//!
//! zc.buildout: buildout.py, `Buildout.__init__`, `Buildout._init_config`.

use super::Start;
use crate::config::defaults::is_url;
use crate::error::{Error, Result};
use crate::log::{Entry, Log};
use crate::pypath;
use crate::pystr::repr;
use crate::sys::fs;

impl Start {
    /// The file to read, made if that is asked for; none to go without one.
    pub(super) fn find(&self, config_file: &str, cwd: &str, log: &Log) -> Result<Option<String>> {
        let found = Some(config_file.to_owned());
        if *self == Self::Existing || is_url(config_file) {
            return Ok(found);
        }
        let path = pypath::absolute(config_file, cwd);
        let Self::New(wanted) = self else {
            return Ok(found.filter(|_| fs::exists(&path)));
        };
        if fs::exists(&path) {
            let help = "remove it first, or say `bootstrap` to keep it";
            return Err(
                Error::user(format!("{} already exists.", repr(&path))).hint(
                    "already-there",
                    "`init` makes a new configuration",
                    help,
                ),
            );
        }
        log.show(&Entry::Line(format!("Creating {}.", repr(&path))));
        fs::create(&path, text(wanted).as_bytes(), 0o666)?;
        for directory in wanted.iter().filter(|word| is_path(word)) {
            fs::make_directory(pypath::join(cwd, directory))?;
        }
        Ok(found)
    }
}

/// A word with a separator names a directory, any other one a requirement.
fn is_path(word: &str) -> bool {
    word.contains(['/', '\\'])
}

/// The smallest configuration, or one with an interpreter for what is wanted.
fn text(wanted: &[String]) -> String {
    if wanted.is_empty() {
        return "[buildout]\nparts =\n".to_owned();
    }
    let mut text =
        "[buildout]\nparts = py\n\n[py]\nrecipe = zc.recipe.egg\ninterpreter = py\neggs =\n"
            .to_owned();
    let mut list = |words: Vec<String>, title: &str| {
        if !words.is_empty() {
            text.push_str(&format!("{title}  {}\n", words.join("\n  ")));
        }
    };
    let (paths, eggs): (Vec<&String>, Vec<&String>) = wanted.iter().partition(|word| is_path(word));
    list(eggs.into_iter().cloned().collect(), "");
    let paths = paths.into_iter().map(|path| path.replace('\\', "/"));
    list(paths.collect(), "extra-paths =\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations() {
        let text = |line: &str| {
            text(
                &line
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        };
        let head =
            "[buildout]\nparts = py\n\n[py]\nrecipe = zc.recipe.egg\ninterpreter = py\neggs =\n";
        assert_eq!(text(""), "[buildout]\nparts =\n");
        assert_eq!(
            text("demo ./src other"),
            format!("{head}  demo\n  other\nextra-paths =\n  ./src\n")
        );
        assert_eq!(text("./src"), format!("{head}extra-paths =\n  ./src\n"));
    }
}

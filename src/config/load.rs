//! All layers to one [`RawConfig`]: the file, what it extends, the user's defaults, the command line.
//!
//! It opens nothing itself: an [`Opener`] does. The order is zc.buildout's: built-in values, then the user's defaults as
//! the bottom of the chain, then each file above what it extends, then the command line. zc.buildout: buildout.py,
//! `Buildout.__init__`, `_open`.

use std::sync::Arc;

use super::chain::Chain;
use super::defaults::{self, is_url};
pub use super::download::DownloadOptions;
use super::history::{AnnotatedValue, Setter};
use super::merge::{Lone, merge};
pub use super::reader::Condition;
use super::{RawConfig, Section, Sections};
use crate::error::{Error, Result};
use crate::generation::Generation;
use crate::pypath;
use crate::pystr::split;
use crate::text::{Origin, Source, Text};
use crate::wording::did_you_mean;

/// A file that was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub text: String,
    /// The local copy, where there is one.
    pub copy: Option<String>,
}

/// Where the texts come from: the disk and the network, in tests a map.
pub trait Opener {
    /// The text of a file. `None` where there is none.
    fn open(&self, path: &str) -> Result<Option<String>>;
    /// Whether anything is at this path.
    fn exists(&self, path: &str) -> bool;
    /// Names of files beside one that is missing, for "did you mean".
    fn siblings(&self, path: &str) -> Vec<String>;
    /// What is at a URL. `None` where it names a local file that is not there.
    fn fetch(&self, url: &str, options: &DownloadOptions) -> Result<Option<Fetched>>;
    /// These URLs will be fetched next.
    fn prefetch(&self, urls: &[String], options: &DownloadOptions);
    /// A line that zc.buildout prints while it reads.
    fn notice(&self, line: &str);
}

/// Decides conditions of sections for the interpreter of the buildout.
pub trait Evaluator {
    fn evaluate(&self, condition: &Condition<'_>) -> Result<bool>;
}

/// One assignment of the command line: `section:option=value`; the option may end in `+` or `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Override {
    pub section: String,
    pub option: String,
    pub value: String,
}

/// What comes from outside.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The directory that the command was called in.
    pub cwd: String,
    pub home: String,
    /// The path of the user's defaults, `~/.buildout/default.cfg`; none when they are not to be read.
    pub user_defaults: Option<String>,
    /// The interpreter of the buildout.
    pub executable: String,
    /// By the rules of which zc.buildout files are put together.
    pub generation: Generation,
}

/// Reads a whole configuration. `config_file` as given on the command line, none to go without one; `overrides` in any
/// order.
pub fn load(
    config_file: Option<&str>,
    overrides: &[Override],
    environment: &Environment,
    opener: &dyn Opener,
    evaluator: &dyn Evaluator,
) -> Result<Loaded> {
    let cwd = environment.cwd.as_str();
    let config_file = config_file.map(|file| {
        if is_url(file) {
            file.to_owned()
        } else {
            pypath::absolute(file, cwd)
        }
    });
    if let Some(file) = &config_file
        && !is_url(file)
        && !opener.exists(file)
    {
        return Err(missing_root(file, opener));
    }
    // A configuration from elsewhere has to say where its buildout is.
    let directory = match config_file.as_deref() {
        Some(file) if is_url(file) => None,
        Some(file) => Some(pypath::dirname(file)),
        None => Some("."),
    };
    let mut sections = Sections::new();
    sections.insert(
        "buildout".to_owned(),
        defaults::buildout(&environment.executable, directory),
    );
    let mut from_command_line = command_line(overrides);
    let given = from_command_line
        .get("buildout")
        .cloned()
        .unwrap_or_default();

    let generation = environment.generation;
    let lone = Lone::of(generation);
    let mut chain = Chain::new(opener, evaluator, environment);
    let user_defaults = match &environment.user_defaults {
        Some(path) if opener.exists(&pypath::join(cwd, path)) => {
            let base = pypath::dirname(path);
            chain.merged(base, path, None, section(&sections)?, &given, None)?
        }
        _ => Sections::new(),
    };
    let for_download = merge(sections.clone(), user_defaults.clone(), lone)?;
    let buildout = section(&for_download)?;
    let below = Some(&user_defaults).filter(|_| generation.mixes_user_defaults_in());
    if below.is_none() {
        sections.clone_from(&for_download);
    }
    let extends = from_command_line
        .get_mut("buildout")
        .filter(|_| generation.mixes_user_defaults_in())
        .and_then(|section| section.shift_remove("extends"));
    chain.walks_on = extends.is_some();
    if let Some(file) = &config_file {
        let base = pypath::dirname(file);
        let file = chain.merged(base, file, None, buildout, &given, below)?;
        sections = merge(sections, file, lone)?;
    }

    if let Some(extends) = extends {
        for name in split(&extends.value) {
            let from = extends.value.piece(name);
            let (base, name) = pypath::split(name);
            let layer = chain.merged(base, name, Some(&from), buildout, &given, below)?;
            sections = merge(sections, layer, lone)?;
        }
    }
    sections = merge(sections, from_command_line, lone)?;
    let config = defaults::complete(sections, cwd, &environment.home)?;
    Ok(Loaded { config })
}

fn section(sections: &Sections) -> Result<&Section> {
    sections
        .get("buildout")
        .ok_or_else(|| Error::user("there is no section [buildout]"))
}

/// A configuration as it was read.
#[derive(Debug)]
pub struct Loaded {
    pub config: RawConfig,
}

fn missing_root(path: &str, opener: &dyn Opener) -> Box<Error> {
    let siblings = opener.siblings(path);
    let configurations = siblings
        .iter()
        .map(String::as_str)
        .filter(|name| name.ends_with(".cfg") && !name.starts_with('.'));
    let name = pypath::basename(path);
    let help = match did_you_mean(name, configurations.clone()) {
        Some(nearest) => format!("did you mean `-c {nearest}`?"),
        None => match configurations.take(4).collect::<Vec<_>>().as_slice() {
            [] => "go to the directory of the buildout, or name its configuration with `-c FILE`"
                .to_owned(),
            names => format!(
                "name a configuration with `-c FILE`; here are: {}",
                names.join(", ")
            ),
        },
    };
    Error::user(format!("Couldn't open {path}")).hint(
        "no-configuration",
        "there is no such file",
        help,
    )
}

/// Assignments of the command line by section. Of several for one option the greatest value wins, as zc.buildout sorts them.
fn command_line(overrides: &[Override]) -> Sections {
    let mut sorted = overrides.to_vec();
    sorted.sort();
    let mut sections = Sections::new();
    for Override {
        section,
        option,
        value,
    } in sorted
    {
        let text = format!("{section}:{option}={value}");
        let column = u32::try_from(text.chars().count() - value.chars().count() + 1).unwrap_or(1);
        let source = Arc::new(Source {
            name: "command line".to_owned(),
            text,
            extended_from: None,
        });
        let at = Origin {
            source: Arc::clone(&source),
            line: 1,
            column: 1,
        };
        let value = Text::at(
            &value,
            &Origin {
                source,
                line: 1,
                column,
            },
        );
        let value = AnnotatedValue::new(value, Setter::CommandLine, Some(at));
        sections.entry(section).or_default().insert(option, value);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files(&'static [(&'static str, &'static str)]);

    impl Opener for Files {
        fn open(&self, path: &str) -> Result<Option<String>> {
            Ok(self
                .0
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned()))
        }
        fn exists(&self, path: &str) -> bool {
            self.0.iter().any(|(name, _)| *name == path)
        }
        fn fetch(&self, url: &str, _: &DownloadOptions) -> Result<Option<Fetched>> {
            Ok(self.open(url)?.map(|text| Fetched { text, copy: None }))
        }
        fn prefetch(&self, _: &[String], _: &DownloadOptions) {}
        fn notice(&self, line: &str) {
            NOTICES.with_borrow_mut(|notices| notices.push(line.to_owned()));
        }
        fn siblings(&self, path: &str) -> Vec<String> {
            let directory = pypath::dirname(path);
            self.0
                .iter()
                .filter(|f| pypath::dirname(f.0) == directory)
                .map(|f| pypath::basename(f.0).to_owned())
                .collect()
        }
    }

    std::thread_local! {
        static NOTICES: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
    }

    struct Never;
    impl Evaluator for Never {
        fn evaluate(&self, _: &Condition<'_>) -> Result<bool> {
            Ok(false)
        }
    }

    fn run(files: &'static [(&str, &str)], overrides: &[(&str, &str, &str)]) -> Result<Loaded> {
        let environment = Environment {
            cwd: "/b".into(),
            home: "/h".into(),
            user_defaults: Some("/h/.buildout/default.cfg".into()),
            executable: "/py".into(),
            generation: Generation::NEWEST,
        };
        let overrides: Vec<Override> = overrides
            .iter()
            .map(|(s, o, v)| Override {
                section: (*s).into(),
                option: (*o).into(),
                value: (*v).into(),
            })
            .collect();
        load(
            Some("buildout.cfg"),
            &overrides,
            &environment,
            &Files(files),
            &Never,
        )
    }

    fn value(loaded: &Loaded, section: &str, option: &str) -> String {
        loaded.config.value(section, option).unwrap().to_string()
    }

    #[test]
    fn layers_lie_over_each_other() {
        let loaded = run(
            &[
                (
                    "/b/buildout.cfg",
                    "[buildout]\nextends = p/base.cfg\n  p/more.cfg\nparts += c\n[x]\na = 2\n",
                ),
                (
                    "/b/p/base.cfg",
                    "[buildout]\nparts = a\n  b\n[x]\na = 1\nb = 1\n",
                ),
                ("/b/p/more.cfg", "[x]\nb -= 1\nb += 3\n"),
                (
                    "/h/.buildout/default.cfg",
                    "[buildout]\neggs-directory = shared\nparts = z\n",
                ),
            ],
            &[("x", "c", "9"), ("buildout", "parts+", "d")],
        )
        .unwrap();
        assert_eq!(value(&loaded, "buildout", "parts"), "a\nb\nc\nd");
        assert_eq!(value(&loaded, "x", "a"), "2");
        assert_eq!(value(&loaded, "x", "b"), "3");
        assert_eq!(value(&loaded, "x", "c"), "9");
        assert_eq!(
            value(&loaded, "buildout", "eggs-directory"),
            "/h/.buildout/shared"
        );
        let parts = loaded
            .config
            .value("buildout", "parts")
            .unwrap()
            .split('\n');
        let places: Vec<_> = parts
            .iter()
            .map(|p| format!("{:?}", p.start().unwrap()))
            .collect();
        assert_eq!(
            places,
            [
                "p/base.cfg:2:9",
                "p/base.cfg:3:3",
                "buildout.cfg:4:10",
                "command line:1:17"
            ]
        );
    }

    #[test]
    fn the_chain_of_extends_is_known() {
        let loaded = run(
            &[
                ("/b/buildout.cfg", "[buildout]\nextends = base.cfg\n"),
                ("/b/base.cfg", "[x]\na = 1\n"),
            ],
            &[],
        )
        .unwrap();
        let origin = loaded.config.value("x", "a").unwrap().start().unwrap();
        assert_eq!(
            format!("{:?}", origin.source.extended_from),
            "Some(buildout.cfg:2:11)"
        );
    }

    #[test]
    fn loops_and_missing_files_are_told_with_their_place() {
        let error = run(
            &[
                ("/b/buildout.cfg", "[buildout]\nextends = base.cfg\n"),
                ("/b/base.cfg", "[buildout]\nextends = buildout.cfg\n"),
            ],
            &[],
        )
        .unwrap_err();
        assert_eq!(
            error.message,
            "Recursive file include ['/b/buildout.cfg', '/b/base.cfg'] /b/buildout.cfg"
        );
        assert_eq!(
            format!("{:?}", error.diagnostics[0].at),
            "Some(base.cfg:2:11)"
        );
        let error = run(
            &[
                ("/b/buildout.cfg", "[buildout]\nextends = bsae.cfg\n"),
                ("/b/base.cfg", ""),
            ],
            &[],
        )
        .unwrap_err();
        assert_eq!(
            error.message,
            "[Errno 2] No such file or directory: '/b/bsae.cfg'"
        );
        assert_eq!(error.diagnostics[0].help, ["did you mean `base.cfg`?"]);
    }

    #[test]
    fn optional_files_may_be_missing() {
        let file = "[buildout]\noptional-extends = local.cfg\n";
        run(vec![("/b/buildout.cfg", file)].leak(), &[]).unwrap();
        assert_eq!(
            NOTICES.take(),
            ["optional-extends file not found: local.cfg"]
        );
    }
}

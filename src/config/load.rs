//! All layers to one [`RawConfig`]: the file, what it extends, the user's defaults, the command line.
//!
//! It opens nothing itself: an [`Opener`] does. The order is zc.buildout's: built-in values, then the user's defaults as
//! the bottom of the chain, then each file above what it extends, then the command line. zc.buildout: buildout.py,
//! `Buildout.__init__`, `_open`.

use std::sync::Arc;

use indexmap::IndexMap;

use super::defaults::{self, is_url};
use super::history::{AnnotatedValue, Setter};
use super::merge::merge;
use super::reader::{self, Assignments, Decide};
use super::{RawConfig, Section, Sections};
use crate::error::{DEEPEST, Diagnostic, Error, Result};
use crate::pypath;
use crate::pystr::{repr, split, universal_newlines};
use crate::text::{Origin, Source, Text};
use crate::wording::did_you_mean;

/// Where the texts come from: the disk, later the network, in tests a map.
pub trait Opener {
    /// The text of a file. `None` where there is none.
    fn open(&self, path: &str) -> Result<Option<String>>;
    /// Names of files beside one that is missing, for "did you mean".
    fn siblings(&self, path: &str) -> Vec<String>;
}

/// Decides conditions of sections for the interpreter of the buildout.
pub trait Evaluator {
    fn evaluate(&self, expression: &str) -> Result<bool>;
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
}

/// Reads a whole configuration. `config_file` as given on the command line; `overrides` in any order.
pub fn load(
    config_file: &str,
    overrides: &[Override],
    environment: &Environment,
    opener: &dyn Opener,
    evaluator: &dyn Evaluator,
) -> Result<Loaded> {
    let config_file = if is_url(config_file) {
        config_file.to_owned()
    } else {
        pypath::absolute(config_file, &environment.cwd)
    };
    let directory = pypath::dirname(&config_file).to_owned();
    let mut chain = Chain {
        opener,
        evaluator,
        cwd: &environment.cwd,
        notices: Vec::new(),
        seen: Vec::new(),
    };
    if !is_url(&config_file) && opener.open(&config_file)?.is_none() {
        return Err(missing_root(&config_file, opener));
    }
    let mut sections = Sections::new();
    sections.insert(
        "buildout".to_owned(),
        defaults::buildout(&environment.executable, Some(&directory)),
    );

    let mut user_defaults = match &environment.user_defaults {
        Some(path) if opener.open(path)?.is_some() => {
            Some(chain.open(pypath::dirname(path), path, None, &mut None)?)
        }
        _ => None,
    };
    let file = chain.open(&directory, &config_file, None, &mut user_defaults)?;
    sections = merge(sections, &file);

    let mut from_command_line = command_line(overrides);
    let extends = from_command_line
        .get_mut("buildout")
        .and_then(|section| section.shift_remove("extends"));
    if let Some(extends) = extends {
        for name in split(&extends.value) {
            let path = pypath::join(&environment.cwd, name);
            let layer = chain.open(pypath::dirname(&path), &path, None, &mut user_defaults)?;
            sections = merge(sections, &layer);
        }
    }
    sections = merge(sections, &from_command_line);
    let notices = chain.notices;
    let config = defaults::complete(sections, &environment.cwd, &environment.home)?;
    Ok(Loaded {
        config,
        config_file,
        notices,
    })
}

/// A configuration as it was read.
#[derive(Debug)]
pub struct Loaded {
    pub config: RawConfig,
    /// The absolute path (or URL) of the file that was named.
    pub config_file: String,
    /// Lines that zc.buildout prints while it reads.
    pub notices: Vec<String>,
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

struct Chain<'a> {
    opener: &'a dyn Opener,
    evaluator: &'a dyn Evaluator,
    cwd: &'a str,
    notices: Vec<String>,
    /// Files that are being read, outermost first, for loops.
    seen: Vec<String>,
}

impl Chain<'_> {
    /// A file with all that it extends, merged.
    fn open(
        &mut self,
        base: &str,
        name: &str,
        from: Option<&Text>,
        defaults: &mut Option<Sections>,
    ) -> Result<Sections> {
        let layers = self.layers(base, name, from, defaults)?;
        Ok(layers.iter().fold(Sections::new(), merge))
    }

    /// The layers of a file, lowest first. The user's defaults go under the first file that extends nothing.
    fn layers(
        &mut self,
        base: &str,
        name: &str,
        from: Option<&Text>,
        defaults: &mut Option<Sections>,
    ) -> Result<Vec<Sections>> {
        if is_url(name) || is_url(base) {
            return Err(no_urls_yet(name, from));
        }
        let path = pypath::join(base, name);
        let Some(text) = self.opener.open(&path)? else {
            return Err(self.missing(&path, name, from));
        };
        if self.seen.contains(&path) {
            return Err(self.recursive(&path, from));
        }
        if self.seen.len() > DEEPEST {
            return Err(Error::too_deep("files by `extends`"));
        }
        self.seen.push(path.clone());
        let extended_from = from.and_then(Text::start);
        let source = Arc::new(Source {
            name: self.shown(&path),
            text: universal_newlines(&text),
            extended_from,
        });
        let evaluator = self.evaluator;
        let mut decide = |condition: &reader::Condition<'_>| {
            evaluator.evaluate(condition.expression).map_err(|error| {
                let diagnostic = Diagnostic::error(
                    "condition",
                    format!("the condition can't be decided: {}", error.message),
                );
                let width = condition.expression.chars().count();
                error.with(diagnostic.at_origin(Some(condition.at.clone()), width))
            })
        };
        let decide: &mut Decide<'_> = &mut decide;
        let mut file = annotate(reader::read(&source, &path, decide)?, &path);
        let buildout = file.get_mut("buildout");
        let (extends, optional) = match buildout {
            Some(section) => {
                refuse_extended_by(section, &path)?;
                (
                    section.shift_remove("extends"),
                    section.shift_remove("optional-extends"),
                )
            }
            None => (None, None),
        };

        let directory = pypath::dirname(&path).to_owned();
        let mut layers = Vec::new();
        match extends.filter(|value| !value.value.is_empty()) {
            Some(extends) => {
                for name in split(&extends.value) {
                    layers.extend(self.layers(
                        &directory,
                        name,
                        Some(&extends.value.piece(name)),
                        defaults,
                    )?);
                }
            }
            None => {
                if let Some(below) = defaults.take() {
                    file = merge(below, &file);
                }
            }
        }
        if let Some(optional) = optional {
            for name in split(&optional.value) {
                // Looked for from where the command was called, then read from beside this file: zc.buildout's own way.
                if self.opener.open(&pypath::join(self.cwd, name))?.is_none() {
                    self.notices
                        .push(format!("optional-extends file not found: {name}"));
                    continue;
                }
                layers.extend(self.layers(
                    &directory,
                    name,
                    Some(&optional.value.piece(name)),
                    defaults,
                )?);
            }
        }
        layers.push(file);
        self.seen.pop();
        Ok(layers)
    }

    /// A path as people name it: from where they stand, if it is below.
    fn shown(&self, path: &str) -> String {
        let below = path
            .strip_prefix(self.cwd)
            .and_then(|rest| rest.strip_prefix('/'));
        below.unwrap_or(path).to_owned()
    }

    fn missing(&self, path: &str, name: &str, from: Option<&Text>) -> Box<Error> {
        let message = format!("[Errno 2] No such file or directory: {}", repr(path));
        let mut diagnostic =
            Diagnostic::error("missing-extends", format!("the file `{name}` is not there"));
        if let Some(from) = from {
            diagnostic = diagnostic.at(from);
        }
        let siblings = self.opener.siblings(path);
        let help = match did_you_mean(pypath::basename(name), siblings.iter().map(String::as_str)) {
            Some(nearest) => format!(
                "did you mean `{}`?",
                pypath::join(pypath::dirname(name), nearest)
            ),
            None => format!("it is looked for at {path}"),
        };
        Error::user(message).with(diagnostic.help(help))
    }

    fn recursive(&self, path: &str, from: Option<&Text>) -> Box<Error> {
        let seen: Vec<String> = self.seen.iter().map(|name| repr(name)).collect();
        let message = format!("Recursive file include [{}] {path}", seen.join(", "));
        let mut diagnostic = Diagnostic::error("circular-extends", "this file extends itself");
        if let Some(from) = from {
            diagnostic = diagnostic.at(from);
        }
        let way: Vec<String> = self
            .seen
            .iter()
            .map(|path| self.shown(path))
            .chain([self.shown(path)])
            .collect();
        Error::user(message).with(diagnostic.help(format!("the way round: {}", way.join(" -> "))))
    }
}

fn no_urls_yet(name: &str, from: Option<&Text>) -> Box<Error> {
    let name = crate::wording::redacted(name);
    let mut diagnostic = Diagnostic::error(
        "extends-url",
        "configuration from the network can't be read yet",
    );
    if let Some(from) = from {
        diagnostic = diagnostic.at(from);
    }
    let help = "save the file beside this one and extend it by its name";
    Error::user(format!("Couldn't open {name}")).with(diagnostic.help(help))
}

fn refuse_extended_by(buildout: &Section, path: &str) -> Result<()> {
    let Some(value) = buildout.get("extended-by") else {
        return Ok(());
    };
    let message = format!("No-longer supported \"extended-by\" option found in {path}.");
    let at = value.at().cloned();
    Err(Error::user(message).with(
        Diagnostic::error("extended-by", "`extended-by` went away long ago").at_origin(at, 11),
    ))
}

fn annotate(assignments: Assignments, path: &str) -> Sections {
    let value = |a: reader::Assignment| {
        AnnotatedValue::new(a.value, Setter::File(path.to_owned()), Some(a.at))
    };
    let section = |options: IndexMap<String, reader::Assignment>| {
        options.into_iter().map(|(k, a)| (k, value(a))).collect()
    };
    assignments
        .into_iter()
        .map(|(name, options)| (name, section(options)))
        .collect()
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
        fn siblings(&self, path: &str) -> Vec<String> {
            let directory = pypath::dirname(path);
            self.0
                .iter()
                .filter(|f| pypath::dirname(f.0) == directory)
                .map(|f| pypath::basename(f.0).to_owned())
                .collect()
        }
    }

    struct Never;
    impl Evaluator for Never {
        fn evaluate(&self, _: &str) -> Result<bool> {
            Ok(false)
        }
    }

    fn run(files: &'static [(&str, &str)], overrides: &[(&str, &str, &str)]) -> Result<Loaded> {
        let environment = Environment {
            cwd: "/b".into(),
            home: "/h".into(),
            user_defaults: Some("/h/.buildout/default.cfg".into()),
            executable: "/py".into(),
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
            "buildout.cfg",
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
        let loaded = run(
            &[(
                "/b/buildout.cfg",
                "[buildout]\noptional-extends = local.cfg\n",
            )],
            &[],
        )
        .unwrap();
        assert_eq!(
            loaded.notices,
            ["optional-extends file not found: local.cfg"]
        );
    }
}

//! A file and all that it extends, merged.
//!
//! Each file is opened and read once, however many ways lead to it; what comes out is what reading it once for every way
//! gives. First the files are walked as zc.buildout walks them, depth first, which is the order of all messages; then
//! their layers are merged, what is extended before what extends it. zc.buildout: buildout.py, `_open`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::defaults::is_url;
use super::download::DownloadOptions;
use super::history::{AnnotatedValue, Setter};
use super::load::{Environment, Evaluator, Fetched, Opener};
use super::merge::{Layers, Lone, merge, merge_section};
use super::reader::{self, Assignments, Decide};
use super::{Section, Sections};
use crate::error::{Diagnostic, Error, Result};
use crate::generation::Generation;
use crate::pypath;
use crate::pystr::{repr, split, universal_newlines};
use crate::text::{Source, Text};
use crate::wording::{did_you_mean, redacted};

/// Python gives up a little later, with a traceback.
const DEEPEST: usize = 950;
/// More files than any buildout has; a server that makes them up as it is asked can go on for ever.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: usize = 512 << 20;
/// zc.buildout says once for every way that an optional file is not there; there can be very many.
const MOST_NOTICES: usize = 10_000;

/// Reads files; remembers those that it has read.
pub(super) struct Chain<'a> {
    pub(super) opener: &'a dyn Opener,
    pub(super) evaluator: &'a dyn Evaluator,
    pub(super) cwd: &'a str,
    generation: Generation,
    /// Another walk follows, for which the files are to be remembered.
    pub(super) walks_on: bool,
    read: HashMap<String, Arc<File>>,
    bytes: usize,
    notices: usize,
}

/// A file as it was read.
#[derive(Clone)]
struct File {
    layer: Sections,
    extends: Option<Text>,
    optional: Option<AnnotatedValue>,
    /// Where what it extends is looked for.
    base: String,
}

/// A file in its place in the walk: its layers are those of `below`, then its own.
struct Node {
    layer: Arc<File>,
    /// The user's defaults under it, where it is the first that extends nothing.
    defaults: Option<Sections>,
    below: Vec<usize>,
    /// How many extend it.
    wanted: usize,
    notices: Vec<String>,
}

/// A file whose extended ones are being read.
struct Open {
    name: String,
    file: Arc<File>,
    defaults: Option<Sections>,
    todo: VecDeque<(Text, bool)>,
    below: Vec<usize>,
    notices: Vec<String>,
    /// The user's defaults went under it or under what it extends: another way to it has none.
    only_here: bool,
}

/// One walk.
struct Walk<'a> {
    options: Section,
    command_line: &'a Section,
    /// Worked out when the first file after the root needs it.
    download: Option<DownloadOptions>,
    defaults: Option<Sections>,
    open: Vec<Open>,
    seen: IndexSet<String>,
    done: Vec<Node>,
    known: HashMap<String, usize>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(
        opener: &'a dyn Opener,
        evaluator: &'a dyn Evaluator,
        environment: &'a Environment,
    ) -> Self {
        Self {
            opener,
            evaluator,
            cwd: &environment.cwd,
            generation: environment.generation,
            walks_on: true,
            read: HashMap::new(),
            bytes: 0,
            notices: 0,
        }
    }

    /// A file with all that it extends. `buildout` is what holds for fetching it; the user's defaults go under the first
    /// file that extends nothing.
    pub(super) fn merged(
        &mut self,
        base: &str,
        name: &str,
        from: Option<&Text>,
        buildout: &Section,
        command_line: &Section,
        defaults: Option<&Sections>,
    ) -> Result<Sections> {
        let mut walk = Walk {
            options: buildout.clone(),
            command_line,
            download: Some(DownloadOptions::new(buildout, command_line)?),
            defaults: defaults.filter(|defaults| !defaults.is_empty()).cloned(),
            open: Vec::new(),
            seen: IndexSet::new(),
            done: Vec::new(),
            known: HashMap::new(),
        };
        self.enter(&mut walk, base, name, from)?;
        while let Some(open) = walk.open.last_mut() {
            let Some((name, optional)) = open.todo.pop_front() else {
                walk.leave();
                continue;
            };
            // Looked for from where the command was called, then read from beside the file: zc.buildout's own way.
            if optional && !self.opener.exists(&pypath::join(self.cwd, &name)) {
                let notice = format!("optional-extends file not found: {name}");
                self.opener.notice(&notice);
                open.notices.push(notice);
                continue;
            }
            let base = open.file.base.clone();
            self.enter(&mut walk, &base, &name, Some(&name))?;
        }
        if !self.walks_on {
            self.read.clear();
        }
        lay(walk.done, self.generation)
    }

    /// Goes into a file, unless it is known.
    fn enter(
        &mut self,
        walk: &mut Walk<'_>,
        base: &str,
        name: &str,
        from: Option<&Text>,
    ) -> Result<()> {
        let download = walk.download()?;
        let key = place(base, name);
        if walk.seen.contains(&key) {
            return Err(self.recursive(&walk.seen, &key, from));
        }
        let known = walk.known.get(&key).copied();
        if let Some((node, open)) = known.zip(walk.open.last_mut()) {
            if let Some(known) = walk.done.get_mut(node) {
                known.wanted += 1;
                for notice in &known.notices {
                    self.notices += 1;
                    if self.notices < MOST_NOTICES {
                        self.opener.notice(notice);
                    }
                }
                open.notices.extend(known.notices.iter().cloned());
                open.notices.truncate(MOST_NOTICES);
            }
            open.below.push(node);
            return Ok(());
        }
        if walk.open.len() >= DEEPEST {
            return Err(too_deep(from));
        }
        let file = match self.read.get(&key) {
            Some(file) => Arc::clone(file),
            None => self.read(&key, name, from, &download)?,
        };
        let mut todo: VecDeque<(Text, bool)> = VecDeque::new();
        let extends = file.extends.as_ref().filter(|names| !names.is_empty());
        let mut below = None;
        match extends {
            Some(names) => {
                todo.extend(split(names).map(|name| (names.piece(name), false)));
                self.prefetch(walk, &file, names);
            }
            None => below = walk.defaults.take(),
        }
        if let Some(names) = &file.optional {
            let names = &names.value;
            todo.extend(split(names).map(|name| (names.piece(name), true)));
        }
        if walk.open.is_empty()
            && let Some(buildout) = file.layer.get("buildout")
        {
            let options = merge_section(walk.options.clone(), walk.command_line)?;
            walk.options = merge_section(options, buildout)?;
            walk.download = None;
        }
        walk.seen.insert(key.clone());
        walk.open.push(Open {
            name: key,
            file,
            todo,
            below: Vec::new(),
            notices: Vec::new(),
            only_here: below.is_some(),
            defaults: below,
        });
        Ok(())
    }

    /// Lets what is to be fetched next come at once.
    fn prefetch(&self, walk: &mut Walk<'_>, file: &File, names: &Text) {
        let urls: Vec<String> = split(names)
            .map(|name| place(&file.base, name))
            .filter(|place| is_url(place) && !self.read.contains_key(place))
            .collect();
        if urls.len() < 2 {
            return;
        }
        // What is wrong with the options is told when the first of them is asked for.
        if let Ok(download) = walk.download() {
            self.opener.prefetch(&urls, &download);
        }
    }

    fn read(
        &mut self,
        key: &str,
        name: &str,
        from: Option<&Text>,
        download: &DownloadOptions,
    ) -> Result<Arc<File>> {
        let placed = |error: Box<Error>| at_extends(error, from);
        let (text, base, copy) = if is_url(key) {
            let Fetched { text, copy } = self
                .opener
                .fetch(key, download)
                .map_err(placed)?
                .ok_or_else(|| self.missing(key, name, from))?;
            let base = key.rfind('/').map_or("", |slash| &key[..slash]);
            (text, base, copy)
        } else {
            let path = pypath::join(self.cwd, key);
            let text = self
                .opener
                .open(&path)
                .map_err(placed)?
                .ok_or_else(|| self.missing(key, name, from))?;
            (text, pypath::dirname(key), None)
        };
        self.bytes += text.len();
        if self.read.len() >= MOST_FILES || self.bytes > MOST_BYTES {
            return Err(too_many(from));
        }
        let source = Arc::new(Source {
            name: self.shown(key),
            text: if text.contains('\r') {
                universal_newlines(&text)
            } else {
                text
            },
            extended_from: from.and_then(Text::start),
        });
        let named = match copy {
            Some(copy) => format!("{} (downloaded as {copy})", redacted(key)),
            None => key.to_owned(),
        };
        let evaluator = self.evaluator;
        let mut decide = |condition: &reader::Condition<'_>| {
            evaluator.evaluate(condition).map_err(|error| {
                let diagnostic = Diagnostic::error(
                    "condition",
                    format!("the condition can't be decided: {}", error.message),
                );
                let width = condition.expression.chars().count();
                error.with(diagnostic.at_origin(Some(condition.at.clone()), width))
            })
        };
        let decide: &mut Decide<'_> = &mut decide;
        let mut layer = annotate(
            reader::read_as(self.generation, &source, &named, decide)?,
            key,
        );
        let (mut extends, mut optional) = (None, None);
        if let Some(section) = layer.get_mut("buildout") {
            extends = section.shift_remove("extends").map(|value| value.value);
            refuse_extended_by(section, key)?;
            if self.generation.has_optional_extends() {
                optional = section.shift_remove("optional-extends");
            }
        }
        let file = Arc::new(File {
            layer,
            extends,
            optional,
            base: base.to_owned(),
        });
        self.read.insert(key.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    /// A path as people name it: from where they stand, if it is below.
    fn shown(&self, path: &str) -> String {
        let below = path
            .strip_prefix(self.cwd)
            .and_then(|rest| rest.strip_prefix('/'));
        redacted(below.unwrap_or(path))
    }

    fn missing(&self, path: &str, name: &str, from: Option<&Text>) -> Box<Error> {
        // Of a `file:` URL the path alone is named, as it is opened.
        let path = path.find("://").map_or(path, |scheme| {
            let behind = &path[scheme + 3..];
            behind.find('/').map_or(path, |slash| &behind[slash..])
        });
        let message = format!("[Errno 2] No such file or directory: {}", repr(path));
        let mut diagnostic =
            Diagnostic::error("missing-extends", format!("the file `{name}` is not there"));
        if let Some(from) = from {
            diagnostic = diagnostic.at(from);
        }
        let siblings = self.opener.siblings(&pypath::join(self.cwd, path));
        let help = match did_you_mean(pypath::basename(name), siblings.iter().map(String::as_str)) {
            Some(nearest) => format!(
                "did you mean `{}`?",
                pypath::join(pypath::dirname(name), nearest)
            ),
            None => format!("it is looked for at {path}"),
        };
        Error::user(message).with(diagnostic.help(help))
    }

    fn recursive(&self, seen: &IndexSet<String>, path: &str, from: Option<&Text>) -> Box<Error> {
        let names: Vec<String> = seen.iter().map(|name| repr(name)).collect();
        let message = format!("Recursive file include [{}] {path}", names.join(", "));
        let mut diagnostic = Diagnostic::error("circular-extends", "this file extends itself");
        if let Some(from) = from {
            diagnostic = diagnostic.at(from);
        }
        let way: Vec<String> = seen
            .iter()
            .map(String::as_str)
            .skip_while(|name| *name != path)
            .chain([path])
            .map(|path| self.shown(path))
            .collect();
        Error::user(message).with(diagnostic.help(format!("the way round: {}", way.join(" -> "))))
    }
}

impl Walk<'_> {
    fn download(&mut self) -> Result<DownloadOptions> {
        if let Some(download) = &self.download {
            return Ok(download.clone());
        }
        let download = DownloadOptions::new(&self.options, self.command_line)?;
        Ok(self.download.insert(download).clone())
    }

    /// All that a file extends is read.
    fn leave(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.seen.pop();
        let node = self.done.len();
        if !open.only_here {
            self.known.insert(open.name, node);
        }
        self.done.push(Node {
            layer: open.file,
            defaults: open.defaults,
            below: open.below,
            wanted: 1,
            notices: open.notices.clone(),
        });
        if let Some(above) = self.open.last_mut() {
            above.below.push(node);
            above.notices.extend(open.notices);
            above.notices.truncate(MOST_NOTICES);
            above.only_here |= open.only_here;
        }
    }
}

/// Merges the files, each after what it extends. The last one is the root.
fn lay(nodes: Vec<Node>, generation: Generation) -> Result<Sections> {
    let lone = Lone::of(generation);
    let mut left: Vec<usize> = nodes.iter().map(|node| node.wanted).collect();
    let mut ready: Vec<Option<Layers>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut layers = Layers::default();
        for at in node.below {
            let (Some(left), Some(slot)) = (left.get_mut(at), ready.get_mut(at)) else {
                continue;
            };
            *left -= 1;
            let below = if *left == 0 {
                slot.take()
            } else {
                slot.clone()
            };
            layers.then(below.unwrap_or_default())?;
        }
        let File {
            layer: mut own,
            optional,
            ..
        } = Arc::unwrap_or_clone(node.layer);
        if let Some(defaults) = node.defaults {
            // zc.buildout has by then forgotten to take this one away.
            if let (Some(optional), Some(buildout)) = (optional, own.get_mut("buildout")) {
                buildout.insert("optional-extends".to_owned(), optional);
            }
            own = merge(defaults, own, lone)?;
        }
        layers.then(Layers::of(own, lone))?;
        if !generation.lays_all_files_in_one_row() {
            layers = Layers::of(layers.alone()?, lone);
        }
        ready.push(Some(layers));
    }
    ready.pop().flatten().unwrap_or_default().alone()
}

/// The path or URL of a file that one at `base` names.
fn place(base: &str, name: &str) -> String {
    if is_url(name) {
        name.to_owned()
    } else if is_url(base) && !pypath::is_absolute(name) {
        format!("{base}/{name}")
    } else if is_url(base) {
        name.to_owned()
    } else {
        pypath::join(base, name)
    }
}

/// Says which `extends` an error of the opener is about.
fn at_extends(mut error: Box<Error>, from: Option<&Text>) -> Box<Error> {
    if let (Some(from), Some(diagnostic)) = (from, error.diagnostics.first_mut())
        && diagnostic.at.is_none()
    {
        *diagnostic = diagnostic.clone().at(from);
    }
    error
}

fn too_deep(from: Option<&Text>) -> Box<Error> {
    let mut diagnostic = Diagnostic::error("extends-bomb", "the chain of `extends` does not end");
    if let Some(from) = from {
        diagnostic = diagnostic.at(from);
    }
    let help = "does a file extend itself under another name, as `../x/` in a directory x?";
    Error::user(format!("More than {DEEPEST} files extend one another")).with(diagnostic.help(help))
}

fn too_many(from: Option<&Text>) -> Box<Error> {
    let what = format!(
        "at most {MOST_FILES} files of {} MB in all are read",
        MOST_BYTES >> 20
    );
    let mut diagnostic = Diagnostic::error("extends-bomb", what);
    if let Some(from) = from {
        diagnostic = diagnostic.at(from);
    }
    Error::user("The files that extend one another are too many").with(diagnostic)
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
    let setter = Setter::File(path.into());
    let section = |options: IndexMap<String, reader::Assignment>| {
        options
            .into_iter()
            .map(|(key, assignment)| (key, AnnotatedValue::assigned(assignment, setter.clone())))
            .collect()
    };
    assignments
        .into_iter()
        .map(|(name, options)| (name, section(options)))
        .collect()
}

//! Files with cases, fixtures/cases/*.txt; fixtures/README.md tells the format.
//!
//! Here is the text: what its sections say, and how an outcome is written. Running is `cases.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Files shown by a name: `--- as NAME`.
pub(crate) type Shown = BTreeMap<String, BTreeMap<String, String>>;

/// One case.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// Everything before the first section.
    head: String,
    /// Recorded from zc.buildout: nothing but the recording may change it.
    pub(crate) real: bool,
    pub(crate) eggs: Vec<String>,
    pub(crate) wheels: Vec<String>,
    /// Name of the buildout's directory.
    pub(crate) directory: String,
    pub(crate) steps: Vec<Step>,
}

/// Changes, a run, and what it must leave.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) changes: Vec<Section>,
    pub(crate) arguments: String,
    pub(crate) expected: Expected,
}

/// `--- TITLE` and the lines under it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) body: String,
}

/// What a run must leave; files that are not shown stay as they were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
    pub(crate) tree: Option<String>,
    pub(crate) gone: Vec<String>,
    pub(crate) files: BTreeMap<String, String>,
    /// Name of a case, and the files that are as it shows them.
    pub(crate) like: Vec<(String, Vec<String>)>,
}

/// Titles of changes, when a run came before them.
const CHANGES: &[&str] = &[
    "write",
    "append",
    "remove",
    "chmod",
    "make-directory",
    "link",
    "replace",
    "umask",
];

impl Case {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self {
            directory: "b".to_owned(),
            ..Self::default()
        };
        let mut sections: Vec<Section> = Vec::new();
        for line in text.split_inclusive('\n') {
            match (line.strip_prefix("--- "), sections.last_mut()) {
                (Some(title), _) => sections.push(Section {
                    title: title.trim_end().to_owned(),
                    body: String::new(),
                }),
                (None, Some(section)) => section.body.push_str(line),
                (None, None) => case.head.push_str(line),
            }
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let mut recorded = None;
        for line in case.head.lines() {
            match line.split_once(": ") {
                Some(("recorded", from)) => recorded = Some(from.to_owned()),
                Some(("eggs", names)) => case.eggs = words(names),
                Some(("wheels", names)) => case.wheels = words(names),
                Some(("directory", name)) => name.clone_into(&mut case.directory),
                _ => {}
            }
        }
        case.real = match recorded.as_deref() {
            Some("zc.buildout") => true,
            Some("rbuildout") => false,
            other => return Err(format!("recorded: {other:?}")),
        };
        let mut changes = Vec::new();
        for section in sections {
            let (verb, rest) = section
                .title
                .split_once(' ')
                .unwrap_or((&section.title, ""));
            if verb == "run" {
                let arguments = rest.to_owned();
                let changes = std::mem::take(&mut changes);
                case.steps.push(Step {
                    changes,
                    arguments,
                    ..Step::default()
                });
            } else if CHANGES.contains(&verb) {
                changes.push(section);
            } else if let Some(step) = case.steps.last_mut() {
                step.expected.read(&section)?;
            } else {
                let title = format!("write {}", section.title);
                changes.push(Section {
                    title,
                    body: section.body,
                });
            }
        }
        if case.steps.is_empty() || !changes.is_empty() {
            return Err("the case must end with a run".to_owned());
        }
        Ok(case)
    }

    /// The case with these outcomes in place of what it expects.
    pub(crate) fn render(&self, outcomes: &[Expected]) -> String {
        let mut out = self.head.clone();
        for (number, (step, outcome)) in self.steps.iter().zip(outcomes).enumerate() {
            for change in &step.changes {
                let title = match change.title.strip_prefix("write ") {
                    Some(path) if number == 0 => path,
                    _ => &change.title,
                };
                section(&mut out, title, &change.body);
            }
            section(&mut out, format!("run {}", step.arguments).trim_end(), "");
            outcome.render(&mut out);
        }
        out
    }
}

fn section(out: &mut String, title: &str, body: &str) {
    let _ = write!(out, "--- {title}\n{body}");
}

/// A file that ends without a newline says so in its title.
const OPEN_END: &str = " (no newline)";

impl Section {
    /// The path after the verb, and the text.
    pub(crate) fn file(&self, verb: &str) -> Option<(&str, &str)> {
        let path = self.title.strip_prefix(verb)?.strip_prefix(' ')?;
        Some(open_end(path, &self.body))
    }
}

fn open_end<'a>(path: &'a str, body: &'a str) -> (&'a str, &'a str) {
    match path.strip_suffix(OPEN_END) {
        Some(path) => (path, body.strip_suffix('\n').unwrap_or(body)),
        None => (path, body),
    }
}

impl Expected {
    fn read(&mut self, section: &Section) -> Result<(), String> {
        let (verb, rest) = section
            .title
            .split_once(' ')
            .unwrap_or((&section.title, ""));
        let body = section.body.clone();
        let paths = || body.lines().map(str::to_owned).collect();
        match verb {
            "stdout" => self.stdout = body,
            "stderr" => self.stderr = body,
            "exit" => self.exit = rest.parse().map_err(|_| format!("exit {rest}"))?,
            "tree" => self.tree = Some(body),
            "gone" => self.gone = paths(),
            "as" => self.like.push((rest.to_owned(), paths())),
            _ => {
                let (path, text) = open_end(&section.title, &section.body);
                self.files.insert(path.to_owned(), text.to_owned());
            }
        }
        Ok(())
    }

    fn render(&self, out: &mut String) {
        for (title, body) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !body.is_empty() {
                section(out, title, body);
            }
        }
        if self.exit != 0 {
            section(out, &format!("exit {}", self.exit), "");
        }
        if let Some(tree) = &self.tree {
            section(out, "tree", tree);
        }
        let lines = |paths: &[String]| {
            paths
                .iter()
                .fold(String::new(), |out, path| out + path + "\n")
        };
        if !self.gone.is_empty() {
            section(out, "gone", &lines(&self.gone));
        }
        for (name, paths) in &self.like {
            section(out, &format!("as {name}"), &lines(paths));
        }
        for (path, text) in &self.files {
            if text.is_empty() || text.ends_with('\n') {
                section(out, path, text);
            } else {
                section(out, &format!("{path}{OPEN_END}"), &format!("{text}\n"));
            }
        }
    }

    /// The files that there must be, of those that were there before.
    pub(crate) fn wanted(
        &self,
        before: &BTreeMap<String, String>,
        shown: &Shown,
    ) -> BTreeMap<String, String> {
        let mut wanted = before.clone();
        wanted.retain(|path, _| !self.gone.contains(path));
        for (name, paths) in &self.like {
            for path in paths {
                let text = shown.get(name).and_then(|files| files.get(path));
                wanted.insert(
                    path.clone(),
                    text.cloned()
                        .unwrap_or_else(|| format!("(not shown in {name})")),
                );
            }
        }
        wanted.extend(self.files.clone());
        wanted
    }
}

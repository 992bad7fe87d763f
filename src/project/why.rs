//! [`explain`]: how an option came to its value.
//!
//! Everything that a file, the user's defaults or the command line did to it, what of that was overridden, the sections
//! that it was copied from with `<=`, and the same for each option that it refers to. No recipe is started for it: what only a
//! recipe can tell is said to be unknown. zc.buildout knows the files of a value, and no more.

use serde::Serialize;

use super::Project;
use crate::config::history::{AnnotatedValue, Change, Operation, Setter};
use crate::config::reader::condition_at;
use crate::error::Result;
use crate::options::{Buildout, references};
use crate::pystr::strip;
use crate::text::{Origin, Text};

/// An option and its origin.
#[derive(Debug, Serialize)]
pub struct Explanation {
    pub section: String,
    pub option: String,
    /// The resolved value; none where it can't be told without a recipe.
    pub value: Option<String>,
    /// The value before substitution, where that is another.
    pub written: Option<String>,
    /// What was done to it, oldest first.
    pub changes: Vec<Step>,
    /// Sections that `<=` copies it from, the strongest last.
    pub copied_from: Vec<Explanation>,
    /// Options that it refers to.
    pub references: Vec<Explanation>,
    /// It was explained before: the details are there.
    pub repeated: bool,
    /// Why there is no value.
    pub problem: Option<String>,
}

/// One thing that was done to an option.
#[derive(Debug, Serialize)]
pub struct Step {
    /// `set`, `add`, `remove` or `directory`.
    pub operation: &'static str,
    pub value: String,
    /// The file or URL; `command line`, `default` or `computed`.
    pub source: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// The condition of the section that it stands in.
    pub condition: Option<String>,
    /// A later assignment took its place.
    pub overridden: bool,
}

/// At most so many steps of one option, and so many options in all.
const MOST_STEPS: usize = 1_000;
const MOST_OPTIONS: usize = 1_000;

/// Explains an option; `None` where the configuration has none of that name. The project is prepared.
pub fn explain(project: &mut Project, section: &str, option: &str) -> Result<Option<Explanation>> {
    let mut resolved = Buildout::new(&project.config);
    for (name, value) in project.buildout.all("buildout")? {
        resolved.set_raw("buildout", &name, value);
    }
    let mut explainer = Explainer {
        project,
        resolved,
        explained: Vec::new(),
    };
    let explanation = explainer.option(section, option, true);
    let unknown = explanation.changes.is_empty()
        && explanation.copied_from.is_empty()
        && explanation.value.is_none();
    Ok((!unknown).then_some(explanation))
}

struct Explainer<'a> {
    project: &'a Project,
    /// Everything, without recipes.
    resolved: Buildout,
    explained: Vec<(String, String)>,
}

impl Explainer<'_> {
    /// `with_value`: what it comes to is of interest; of a copied section only what it gives is.
    fn option(&mut self, section: &str, option: &str, with_value: bool) -> Explanation {
        let mut explanation = Explanation {
            section: section.to_owned(),
            option: option.to_owned(),
            value: None,
            written: None,
            changes: Vec::new(),
            copied_from: Vec::new(),
            references: Vec::new(),
            repeated: false,
            problem: None,
        };
        if with_value {
            match self.resolved.get(section, option) {
                Ok(value) => explanation.value = value.map(|value| value.to_string()),
                Err(error) => explanation.problem = Some(error.message),
            }
        }
        let key = (section.to_owned(), option.to_owned());
        if self.explained.contains(&key) || self.explained.len() >= MOST_OPTIONS {
            explanation.repeated = true;
            return explanation;
        }
        self.explained.push(key);
        let own = self.project.config.sections.get(section);
        let get = |key: &str| own.and_then(|own| own.get(key));
        if let Some(value) = get(option) {
            explanation.changes = steps(value);
        }
        // A macro's own additions wait for what it copies.
        for (sign, operation) in [("+", Operation::Add), ("-", Operation::Remove)] {
            for key in [format!("{option} {sign}"), format!("{option}{sign}")] {
                if let Some(value) = get(&key) {
                    let mut waiting = steps(value);
                    for step in &mut waiting {
                        step.operation = word(operation);
                    }
                    explanation.changes.append(&mut waiting);
                }
            }
        }
        let bases = get("<").map(|bases| bases.value.clone());
        let mut raw = get(option).map(|value| value.value.clone());
        if let Some(bases) = bases.filter(|_| section != "buildout") {
            let set = get(option).is_some();
            for base in bases.split('\n') {
                let base = strip(&base).to_owned();
                if base.is_empty() || !self.gives(&base, option, 0) {
                    continue;
                }
                let copied = self.option(&base, option, false);
                explanation.copied_from.push(copied);
            }
            if set {
                overridden(&mut explanation.copied_from);
            } else if let Some((_, others)) = explanation.copied_from.split_last_mut() {
                overridden(others);
            }
            raw = raw.or_else(|| self.copied_value(section, option));
        }
        if let Some(raw) = raw {
            if explanation.value.as_deref() != Some(raw.as_str()) && with_value {
                explanation.written = Some(raw.to_string());
            }
            for (of, name) in references(&raw).unwrap_or_default() {
                let of = if of.is_empty() {
                    section.to_owned()
                } else {
                    of
                };
                let referred = self.option(&of, &name, true);
                explanation.references.push(referred);
            }
        }
        explanation
    }

    /// Whether a section or what it copies has an option.
    fn gives(&self, section: &str, option: &str, depth: usize) -> bool {
        let Some(own) = self.project.config.sections.get(section) else {
            return false;
        };
        let here = own.keys().any(|key| {
            key.strip_prefix(option)
                .is_some_and(|rest| matches!(rest, "" | " +" | " -" | "+" | "-"))
        });
        here || depth < 50
            && own.get("<").is_some_and(|bases| {
                let bases = bases.value.as_str().split('\n').map(strip);
                bases
                    .filter(|base| !base.is_empty())
                    .any(|base| self.gives(base, option, depth + 1))
            })
    }

    /// The value of a copied option before substitution.
    fn copied_value(&self, section: &str, option: &str) -> Option<Text> {
        self.resolved.expanded(section).ok()?.get(option).cloned()
    }
}

fn overridden(explanations: &mut [Explanation]) {
    for explanation in explanations {
        for step in &mut explanation.changes {
            step.overridden = true;
        }
        overridden(&mut explanation.copied_from);
    }
}

fn word(operation: Operation) -> &'static str {
    match operation {
        Operation::Set | Operation::Override => "set",
        Operation::Add => "add",
        Operation::Remove => "remove",
        Operation::Directory => "directory",
    }
}

fn steps(value: &AnnotatedValue) -> Vec<Step> {
    let mut later_assignment = false;
    let mut steps: Vec<Step> = Vec::new();
    let replaced = value.history.replaced();
    let replaced = replaced.flat_map(|history| history.latest_first().map(|change| (change, true)));
    let own = value.history.latest_first().map(|change| (change, false));
    for (change, replaced) in own.chain(replaced).take(MOST_STEPS) {
        if change.setter == Setter::Implicit {
            continue;
        }
        later_assignment |= replaced;
        let besides = change.besides.as_deref();
        let joined = besides.map_or(&[][..], |besides| &besides.joined);
        let written = statements(&change.value, change.at.as_ref(), joined);
        let written = written
            .into_iter()
            .rev()
            .map(|(value, at)| step(change, change.operation, value, at, later_assignment));
        steps.extend(written);
        for forgotten in besides.iter().flat_map(|b| b.forgotten.iter().rev()) {
            let operation = match forgotten.sign {
                Some('+') => Operation::Add,
                Some(_) => Operation::Remove,
                None => Operation::Set,
            };
            let written = statements(&forgotten.value, Some(&forgotten.at), &forgotten.joined);
            let written = written.into_iter().rev();
            steps.extend(written.map(|(value, at)| step(change, operation, value, at, true)));
        }
        later_assignment |= matches!(change.operation, Operation::Set | Operation::Override);
    }
    steps.reverse();
    steps
}

/// Several `+=` of one file add up to one value: what each of them gave.
fn statements<'a>(
    value: &Text,
    first: Option<&'a Origin>,
    joined: &'a [Origin],
) -> Vec<(String, Option<&'a Origin>)> {
    if joined.is_empty() {
        return vec![(value.to_string(), first)];
    }
    let mut statements: Vec<(String, Option<&Origin>)> = Vec::new();
    let mut left = first.into_iter().chain(joined).peekable();
    for line in value.split('\n') {
        let at = line.start().map(|at| at.line);
        while let Some(next) = left.next_if(|next| at.is_some_and(|at| next.line <= at)) {
            statements.push((String::new(), Some(next)));
        }
        if let Some((value, _)) = statements.last_mut() {
            if !value.is_empty() {
                value.push('\n');
            }
            value.push_str(&line);
        }
    }
    statements.extend(left.map(|at| (String::new(), Some(at))));
    for (value, _) in &mut statements {
        *value = dedent(value);
    }
    statements
}

/// Without the blanks before all lines.
fn dedent(value: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines = value.split('\n');
    let shared = lines
        .clone()
        .filter(|line| !line.is_empty())
        .map(indent)
        .min();
    let lines: Vec<&str> = lines
        .map(|line| line.get(shared.unwrap_or(0)..).unwrap_or(""))
        .collect();
    lines.join("\n")
}

fn step(
    change: &Change,
    operation: Operation,
    value: String,
    at: Option<&Origin>,
    overridden: bool,
) -> Step {
    let source = match (&change.setter, at) {
        (Setter::File(_), Some(at)) => at.source.name.clone(),
        (Setter::File(name), None) => name.to_string(),
        (Setter::CommandLine, _) => "command line".to_owned(),
        (Setter::Computed, _) => "computed".to_owned(),
        _ => "default".to_owned(),
    };
    let place = at.filter(|_| matches!(change.setter, Setter::File(_)));
    Step {
        operation: word(operation),
        value,
        source,
        line: place.map(|at| at.line),
        column: place.map(|at| at.column),
        condition: place.and_then(condition_at),
        overridden,
    }
}

//! R20: options of a part that its recipe does not read, and that nobody refers to: mostly a slip of the keyboard.

use std::collections::BTreeSet;

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::config::defaults;
use crate::error::Diagnostic;
use crate::generation::Generation;
use crate::options::reference_places;
use crate::text::Origin;
use crate::wording::did_you_mean;

pub(super) const CHECK: Check = Check {
    ids: &[("R20", "an option that the recipe does not know")],
    run,
};

/// What every section may have.
const ANY: &[&str] = &["recipe", "<", "<part-dependencies>", "rbuildout-native"];

/// Options of `[buildout]` beside those with a default.
const BUILDOUT: &[&str] = &[
    "parts",
    "extends",
    "optional-extends",
    "develop",
    "versions",
    "extensions",
    "directory",
    "download-cache",
    "extends-cache",
    "abi-tag-eggs",
    "verbosity",
    "index",
    "eggs",
    "unzip",
    "zc.buildout",
];

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let referred = referred(subject);
    for part in &subject.parts {
        let Some(known) = (subject.known_options)(&part.recipe) else {
            continue;
        };
        let known = known.concat();
        let Some(options) = subject.expanded.get(&part.name) else {
            continue;
        };
        for (option, value) in options {
            let is_known = known.contains(&option.as_str()) || ANY.contains(&option.as_str());
            if is_known
                || option.starts_with('_')
                || referred.contains(&(part.name.as_str(), option.as_str()))
            {
                continue;
            }
            let unset = known.iter().copied().filter(|k| !options.contains_key(*k));
            let recipe = part.recipe.split(':').first().map(ToString::to_string);
            let message = format!(
                "[{}] has the option `{option}`, which {} does not know",
                part.name,
                recipe.unwrap_or_default()
            );
            let help = match did_you_mean(option, unset) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "take it away, or refer to it".to_owned(),
            };
            let at = name_of_option(subject, &part.name, option, value.start());
            let diagnostic = Diagnostic::warning("R20", message)
                .at_origin(at, option.chars().count())
                .help(help);
            found.push(Finding::new(diagnostic).of(&part.name));
        }
    }
    of_buildout(subject, &referred, found);
}

/// Extensions read options of their own there; without them only what is nearly a known one is told.
fn of_buildout(subject: &Subject<'_>, referred: &BTreeSet<(&str, &str)>, found: &mut Vec<Finding>) {
    let Some(options) = subject.config.sections.get("buildout") else {
        return;
    };
    if options.contains_key("extensions") {
        return;
    }
    let known: Vec<&str> = defaults::names(Generation::NEWEST)
        .chain(BUILDOUT.iter().copied())
        .collect();
    for (option, value) in options {
        let name = option.as_str();
        let of_file = value
            .at()
            .is_some_and(|at| at.source.name != "command line");
        if known.contains(&name) || !of_file || referred.contains(&("buildout", name)) {
            continue;
        }
        let unset = known.iter().copied().filter(|known| {
            let set = options.get(*known).and_then(|value| value.at());
            set.is_none()
        });
        if let Some(near) = did_you_mean(name, unset) {
            let message = format!("[buildout] has the option `{name}`, which nothing reads");
            let diagnostic = Diagnostic::warning("R20", message)
                .at_origin(value.at().cloned(), name.chars().count())
                .help(format!("did you mean `{near}`?"));
            found.push(Finding::new(diagnostic));
        }
    }
}

/// Where the name of an option is written: in its section, else in one that is copied.
fn name_of_option(
    subject: &Subject<'_>,
    section: &str,
    option: &str,
    value: Option<Origin>,
) -> Option<Origin> {
    let own = subject.config.sections.get(section)?;
    if let Some(at) = own.get(option).and_then(|value| value.at()) {
        return Some(at.clone());
    }
    let mut bases = own.get("<")?.value.as_str().split_whitespace();
    bases
        .find_map(|base| {
            let options = subject.config.sections.get(base)?;
            options.get(option)?.at().cloned()
        })
        .or(value)
}

/// Options that some value refers to.
fn referred<'a>(subject: &'a Subject<'_>) -> BTreeSet<(&'a str, &'a str)> {
    let mut all = BTreeSet::new();
    for (name, options) in &subject.expanded {
        for value in options.values().filter(|value| value.contains("${")) {
            for (section, option, _) in reference_places(value) {
                let section = if section.is_empty() {
                    name.clone()
                } else {
                    section
                };
                let Some((section, options)) = subject.expanded.get_key_value(&section) else {
                    continue;
                };
                if let Some((option, _)) = options.get_key_value(&option) {
                    all.insert((section.as_str(), option.as_str()));
                }
            }
        }
    }
    // Sections that are not needed today may be tomorrow.
    for options in subject.config.sections.values() {
        for value in options.values().filter(|v| v.value.contains("${")) {
            for (section, option, _) in reference_places(&value.value) {
                let known = subject.config.sections.get_key_value(&section);
                let known = known.and_then(|(s, o)| Some((s, o.get_key_value(&option)?.0)));
                if let Some((section, option)) = known {
                    all.insert((section.as_str(), option.as_str()));
                }
            }
        }
    }
    all
}

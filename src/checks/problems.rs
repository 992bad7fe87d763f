//! What stops zc.buildout while it resolves the configuration, as far as it shows without starting a Python recipe.

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::error::Diagnostic;
use crate::pystr::split;
use crate::wording::did_you_mean;

pub(super) const CHECK: Check = Check { ids: &[], run };

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    found.extend(subject.problems.iter().cloned().map(Finding::new));
    let Some(parts) = subject.config.value("buildout", "parts") else {
        return;
    };
    // A reference in `parts` is looked into only when it is resolved; its problems are told by then.
    for word in split(parts).filter(|word| !word.contains("${")) {
        let at = parts.piece(word);
        let Some(section) = subject.config.sections.get(word) else {
            let names = subject.config.sections.keys().map(String::as_str);
            let help = match did_you_mean(word, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("add a section `[{word}]`, or take it out of `parts`"),
            };
            let message = format!("`parts` names [{word}], and there is no such section");
            let diagnostic = Diagnostic::error("unknown-section", message);
            found.push(Finding::new(diagnostic.at(&at).help(help)).of(word));
            continue;
        };
        let expanded = subject.expanded.get(word);
        let has_recipe = expanded.map_or_else(
            || section.contains_key("recipe"),
            |options| options.contains_key("recipe"),
        );
        if !has_recipe && subject.option(word, "recipe").is_none() {
            let names = section.keys().map(String::as_str);
            let help = match did_you_mean("recipe", names) {
                Some(name) => format!("`{name}` is probably it: call it `recipe`"),
                None => "say which one: `recipe = …`".to_owned(),
            };
            let message = format!("the part [{word}] has no recipe");
            let diagnostic = Diagnostic::error("missing-option", message);
            found.push(Finding::new(diagnostic.at(&at).help(help)).of(word));
        }
    }
}

//! References to sections and options that are nowhere, in all sections that are needed.
//!
//! zc.buildout stops at the first of them, without a place. Sections that nobody needs are not looked at: a macro may well
//! refer to options that only those who copy it have.

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::error::Diagnostic;
use crate::options::reference_places;
use crate::wording::did_you_mean;

pub(super) const CHECK: Check = Check { ids: &[], run };

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (name, options) in &subject.expanded {
        for value in options.values().filter(|value| value.contains("${")) {
            for (section, option, text) in reference_places(value) {
                let section = if section.is_empty() { name } else { &section };
                let diagnostic = if subject.config.sections.contains_key(section) {
                    missing_option(subject, section, &option)
                } else {
                    Some(missing_section(subject, section))
                };
                let known = |d: &Diagnostic| {
                    let at = text.start();
                    found.iter().any(|f| {
                        f.told.diagnostic.at == at && f.told.diagnostic.message == d.message
                    })
                };
                if let Some(diagnostic) = diagnostic.filter(|d| !known(d)) {
                    found.push(Finding::new(diagnostic.at(&text)));
                }
            }
        }
    }
}

fn missing_section(subject: &Subject<'_>, section: &str) -> Diagnostic {
    let names = subject.config.sections.keys().map(String::as_str);
    let help = match did_you_mean(section, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("add a section `[{section}]`, or correct the name"),
    };
    Diagnostic::error(
        "unknown-section",
        format!("there is no section [{section}]"),
    )
    .help(help)
}

fn missing_option(subject: &Subject<'_>, section: &str, option: &str) -> Option<Diagnostic> {
    let (Some(resolved), Some(expanded)) =
        (subject.resolved.get(section), subject.expanded.get(section))
    else {
        return missing_raw_option(subject, section, option);
    };
    let foreign = subject.part(section).is_some_and(|part| part.foreign);
    if resolved.contains_key(option)
        || expanded.contains_key(option)
        || option == "_buildout_section_name_"
        || foreign
    {
        return None;
    }
    let names = resolved.keys().chain(expanded.keys()).map(String::as_str);
    let help = match did_you_mean(option, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("set `{option}` in [{section}], or correct the reference"),
    };
    let message = format!("[{section}] has no option `{option}`");
    Some(Diagnostic::error("unknown-option", message).help(help))
}

/// Of a section that was not come to, as something before it was wrong: only what its file says is known.
fn missing_raw_option(subject: &Subject<'_>, section: &str, option: &str) -> Option<Diagnostic> {
    let options = subject.config.sections.get(section)?;
    let computed = options.contains_key("recipe") || options.contains_key("<");
    if computed || options.contains_key(option) || option == "_buildout_section_name_" {
        return None;
    }
    let help = match did_you_mean(option, options.keys().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("set `{option}` in [{section}], or correct the reference"),
    };
    let message = format!("[{section}] has no option `{option}`");
    Some(Diagnostic::error("unknown-option", message).help(help))
}

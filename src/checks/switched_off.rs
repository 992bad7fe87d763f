//! Findings that nobody wants: by option, by `[rbuildout] ignore`, or by a comment.
//!
//! A comment `# rbuildout: ignore[R14, S31]` in the first column, where zc.buildout has comments too, is about the next line
//! that is none: a header (the whole section), an option (all of its lines) or one further line of a value. Behind a
//! header it is about that section.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::subject::Subject;
use crate::config::outline::{Kind, outline};
use crate::pystr::split;
use crate::text::{Origin, Source};

/// The section of the configuration, and its option.
const SECTION: &str = "rbuildout";
const OPTION: &str = "ignore";

const MARK: &str = "rbuildout: ignore[";

pub(super) fn retain(found: &mut Vec<Finding>, subject: &Subject<'_>, ignored: &[String]) {
    let mut everywhere: BTreeSet<&str> = ignored.iter().map(String::as_str).collect();
    if let Some(value) = subject.config.value(SECTION, OPTION) {
        everywhere.extend(split(value).map(|word| word.trim_matches(',')));
    }
    found.retain(|finding| {
        let diagnostic = &finding.told.diagnostic;
        let commented = || {
            let at = diagnostic.at.as_ref()?;
            at.source.text.contains(MARK).then(|| at_place(at))
        };
        !everywhere.contains(diagnostic.id)
            && commented().is_none_or(|ids| !ids.iter().any(|id| id == diagnostic.id))
    });
}

/// The ids that comments switch off at a place.
fn at_place(at: &Origin) -> Vec<String> {
    let mut ids = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    let mut of_section: Vec<String> = Vec::new();
    let mut of_option: Vec<String> = Vec::new();
    for line in outline(&at.source) {
        let mut of_line = Vec::new();
        match &line.kind {
            Kind::Comment => pending.extend(named(text_of(&at.source, line.number))),
            Kind::Header { tail, .. } => {
                of_section = std::mem::take(&mut pending);
                of_section.extend(named(tail));
                of_option.clear();
            }
            Kind::Option { .. } => of_option = std::mem::take(&mut pending),
            Kind::Blank => {}
            Kind::Continuation | Kind::Other => of_line = std::mem::take(&mut pending),
        }
        if line.number == at.line {
            ids.extend(of_line);
            ids.append(&mut of_option);
            ids.append(&mut of_section);
            break;
        }
    }
    ids
}

fn text_of(source: &Source, number: u32) -> &str {
    source.line(number)
}

fn named(comment: &str) -> Vec<String> {
    let Some((_, rest)) = comment.split_once(MARK) else {
        return Vec::new();
    };
    let Some((ids, _)) = rest.split_once(']') else {
        return Vec::new();
    };
    ids.split(',').map(|id| id.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn comments_are_about_what_follows_them() {
        let source = Arc::new(Source {
            name: "buildout.cfg".into(),
            text: "[a] # rbuildout: ignore[A]\n# rbuildout: ignore[B, C] because\nx =\n  1\n# rbuildout: ignore[D]\n  2\n  3\ny = 1\n[b]\nz = 1\n".into(),
            extended_from: None,
        });
        let ids = |line| {
            let at = Origin {
                source: Arc::clone(&source),
                line,
                column: 1,
            };
            at_place(&at).join(" ")
        };
        assert_eq!(ids(1), "A");
        assert_eq!(ids(4), "B C A");
        assert_eq!(ids(6), "D B C A");
        assert_eq!(ids(7), "B C A");
        assert_eq!(ids(8), "A");
        assert_eq!(ids(10), "");
    }
}

//! Assignments that a later one of the same file takes away.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::config::outline::{Kind, Line};
use crate::error::Diagnostic;
use crate::text::{Origin, Source};

pub(super) const CHECK: Check = Check {
    ids: &[
        (
            "duplicate-option",
            "an option is set twice in one file; the first value is lost",
        ),
        (
            "shadowed-option",
            "`+=` or `-=` stands before the `=` of the same file, and is lost",
        ),
    ],
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (source, lines) in &subject.files {
        of_file(source, lines, found);
    }
}

fn of_file(source: &Arc<Source>, lines: &[Line], found: &mut Vec<Finding>) {
    let mut set: IndexMap<(&str, &str, Option<&str>), (u32, char)> = IndexMap::new();
    // Sections under different conditions take turns.
    let mut condition: Option<&str> = None;
    for line in lines {
        let sign = match &line.kind {
            Kind::Header { expression, .. } => {
                condition = expression.as_deref();
                continue;
            }
            Kind::Option { sign, .. } => *sign,
            _ => continue,
        };
        let key = (&*line.section, &*line.option, condition);
        let before = set.get(&key).copied();
        if let Some((first, other)) = before
            && sign == ' '
        {
            let at = Origin {
                source: Arc::clone(source),
                line: first,
                column: 1,
            };
            let width = line.option.chars().count();
            let option = &line.option;
            let diagnostic = if other == ' ' {
                Diagnostic::warning(
                    "duplicate-option",
                    format!(
                        "`{option}` is set again on line {}, and this value is lost",
                        line.number
                    ),
                )
                .help("take one of the two away")
            } else {
                Diagnostic::warning(
                    "shadowed-option",
                    format!(
                        "line {} sets `{option}` anew, and what `{other}=` says here is lost",
                        line.number
                    ),
                )
                .help(format!("put the `{other}=` below the `=`"))
            };
            found.push(Finding::new(diagnostic.at_origin(Some(at), width)));
        }
        if before.is_none() || sign == ' ' {
            set.insert(key, (line.number, sign));
        }
    }
}

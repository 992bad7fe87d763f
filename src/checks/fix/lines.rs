//! R07: a line that goes on is joined to the one before.

use super::Wrong;
use super::apply::Edit;

pub(super) fn joined(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    // Either the second line was found, or the end of the first.
    let from_first = wrong.help().any(|help| help.contains("join the next line"));
    let first = if from_first {
        wrong.at.line
    } else {
        wrong.at.line.checked_sub(1)?
    };
    let source = &wrong.at.source;
    let (upper, lower) = (source.line(first), source.line(first + 1));
    let comment = |line: &str| line.starts_with(['#', ';']);
    let more = lower.trim_start();
    if more.is_empty() || comment(upper) || comment(lower) || upper.trim().is_empty() {
        return None;
    }
    let kept = upper.trim_end();
    let kept = kept.strip_suffix('\\').unwrap_or(kept).trim_end();
    let count = |text: &str| text.chars().count();
    let list = kept.ends_with(',') && !more.starts_with(['[', '/', '(']);
    let glued = list || kept.ends_with('(') || more.starts_with(')');
    let glue = if glued { "" } else { " " };
    let indent = &lower[..lower.len() - more.len()];
    Some(vec![Edit {
        file: source.name.clone(),
        line: first,
        column: u32::try_from(count(kept)).ok()? + 1,
        removed: count(upper) - count(kept) + 1 + count(indent),
        text: glue.to_owned(),
    }])
}

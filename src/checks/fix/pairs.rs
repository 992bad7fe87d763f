//! S13: the pairs of an `environment`: quotes round values, one comma between pairs.

use super::Wrong;
use super::apply::Edit;
use crate::config::outline::written_in;

pub(super) fn quoted(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    let (_, option) = written_in(wrong.at)?;
    let rest = wrong.rest();
    // Among the options of a program a blank or a parenthesis ends the value.
    let in_line = option != "supervisord-environment";
    let end = if in_line {
        let mut inside = false;
        rest.find(|c: char| {
            inside = (inside || c == '{') && c != '}';
            !inside && (c.is_whitespace() || c == ')')
        })
        .unwrap_or(rest.len())
    } else {
        rest.trim_end().len()
    };
    let mut edits = Vec::new();
    let mut text = &rest[..end];
    while !text.is_empty() {
        let (key, behind) = text.split_once('=')?;
        let name = key.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let value = value_of(behind)?;
        if !is_quoted(value) && needs_quotes(value) {
            if value.contains(['"', '\'']) {
                return None;
            }
            edits.push(wrong.replace(value, format!("\"{value}\"")));
        }
        let after = &behind[value.len()..];
        let next = after.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        let between = &after[..after.len() - next.len()];
        let commas = between.matches(',').count();
        if !next.is_empty() && commas != 1 {
            edits.push(wrong.replace(between, ","));
        }
        text = next;
    }
    Some(edits)
}

/// A value as it is written: in quotes, or up to the next comma or blank. `None` where quotes do not close.
fn value_of(text: &str) -> Option<&str> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = text[1..].find(quote)? + 2;
        // What follows the quotes must be the next pair's.
        let behind = text[end..].chars().next();
        return behind
            .is_none_or(|c| c == ',' || c.is_whitespace())
            .then(|| &text[..end]);
    }
    let mut inside = false;
    let end = text.find(|c: char| {
        inside = (inside || c == '{') && c != '}';
        !inside && (c == ',' || c.is_whitespace())
    });
    Some(&text[..end.unwrap_or(text.len())])
}

fn is_quoted(value: &str) -> bool {
    value.starts_with(['"', '\''])
}

/// Whether a value holds a sign that ends it. What a reference stands for is not known here.
fn needs_quotes(value: &str) -> bool {
    value.is_empty()
        || !value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_/.+-():".contains(c))
}

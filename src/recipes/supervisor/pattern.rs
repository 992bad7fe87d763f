//! A small backtracking matcher, for the three line patterns of the recipe.
//!
//! The original's grammar *is* three Python regular expressions, matched at the start of a line and not anchored at its
//! end. What they make of a crooked line (which field a word lands in, what is dropped) follows from backtracking, so
//! backtracking is what this does, over characters as Python classes them. Not a regular expression engine: only what
//! the three need, written out as values.

use std::ops::Range;

use crate::pystr;

/// One step of a pattern.
#[derive(Debug)]
pub(super) enum Item {
    /// One or more characters of a class, as many as there are; gives back one by one.
    Many(fn(char) -> bool),
    /// This character.
    Sign(char),
    /// These items if they can be, else nothing.
    Maybe(&'static [Item]),
    /// These items; what they match is the field of this number.
    Field(usize, &'static [Item]),
    /// None of these words stands here; moves nothing.
    NotAhead(&'static [&'static str]),
    /// The first of these words that stands here.
    OneOf(&'static [&'static str]),
}

pub(super) const BLANKS: Item = Item::Many(pystr::is_space);
pub(super) const WORD: Item = Item::Many(|c| !pystr::is_space(c));
pub(super) const DIGITS: Item = Item::Many(pystr::is_digit);
pub(super) const UP_TO_PARENTHESIS: Item = Item::Many(|c| c != ')');
pub(super) const UP_TO_BRACKET: Item = Item::Many(|c| c != ']');

/// What a pattern found in a line, as byte ranges.
#[derive(Debug)]
pub(super) struct Match {
    fields: Fields,
    /// Where the match ended; what follows is not looked at.
    pub(super) end: usize,
}

impl Match {
    pub(super) fn field(&self, number: usize) -> Option<Range<usize>> {
        self.fields.get(number).cloned().flatten()
    }
}

type Fields = Vec<Option<Range<usize>>>;

/// Matches a pattern at the start of a line.
pub(super) fn scan(pattern: &[Item], line: &str) -> Option<Match> {
    let mut fields = Fields::new();
    let end = go(line, 0, &To::Match(pattern, &To::End), &mut fields)?;
    Some(Match { fields, end })
}

/// What is still to be matched.
enum To<'a> {
    Match(&'a [Item], &'a To<'a>),
    /// A field that began here ends.
    Close(usize, usize, &'a To<'a>),
    End,
}

/// Where the match ends, if `to` can be matched at `at`. On failure `fields` is as it was.
fn go(line: &str, at: usize, to: &To<'_>, fields: &mut Fields) -> Option<usize> {
    let (items, next) = match to {
        To::End => return Some(at),
        To::Close(number, start, next) => {
            let before = set(fields, *number, Some(*start..at));
            let end = go(line, at, next, fields);
            if end.is_none() {
                set(fields, *number, before);
            }
            return end;
        }
        To::Match(items, next) => (items, next),
    };
    let Some((first, others)) = items.split_first() else {
        return go(line, at, next, fields);
    };
    let rest = line.get(at..)?;
    let then = To::Match(others, next);
    match first {
        Item::Sign(sign) => rest
            .starts_with(*sign)
            .then(|| go(line, at + sign.len_utf8(), &then, fields))
            .flatten(),
        Item::Many(class) => {
            let run = rest.find(|c| !class(c)).unwrap_or(rest.len());
            let shorter = rest[..run].char_indices().rev().map(|(at, _)| at);
            std::iter::once(run)
                .chain(shorter)
                .filter(|&length| length > 0)
                .find_map(|length| go(line, at + length, &then, fields))
        }
        Item::Maybe(inner) => {
            go(line, at, &To::Match(inner, &then), fields).or_else(|| go(line, at, &then, fields))
        }
        Item::Field(number, inner) => go(
            line,
            at,
            &To::Match(inner, &To::Close(*number, at, &then)),
            fields,
        ),
        Item::NotAhead(words) => {
            if words.iter().any(|word| rest.starts_with(word)) {
                return None;
            }
            go(line, at, &then, fields)
        }
        Item::OneOf(words) => words
            .iter()
            .filter(|word| rest.starts_with(**word))
            .find_map(|word| go(line, at + word.len(), &then, fields)),
    }
}

/// Sets a field and returns what it was.
fn set(fields: &mut Fields, number: usize, to: Option<Range<usize>>) -> Option<Range<usize>> {
    if fields.len() <= number {
        fields.resize(number + 1, None);
    }
    fields
        .get_mut(number)
        .and_then(|field| std::mem::replace(field, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_BRACKETS: &[Item] = &[
        Item::Field(0, &[WORD]),
        Item::Maybe(&[
            BLANKS,
            Item::Sign('['),
            Item::Field(1, &[UP_TO_BRACKET]),
            Item::Sign(']'),
        ]),
        Item::Maybe(&[BLANKS, Item::Field(2, &[Item::NotAhead(&["no"]), WORD])]),
    ];

    fn fields(line: &str) -> Vec<Option<&str>> {
        let found = scan(IN_BRACKETS, line).unwrap();
        (0..3)
            .map(|n| found.field(n).map(|range| &line[range]))
            .collect()
    }

    #[test]
    fn an_optional_item_that_fails_in_the_middle_leaves_no_field() {
        assert_eq!(fields("a [b c"), [Some("a"), None, Some("[b")]);
        assert_eq!(fields("a [b c] d"), [Some("a"), Some("b c"), Some("d")]);
    }

    #[test]
    fn words_ahead_are_refused() {
        assert_eq!(fields("a nobody"), [Some("a"), None, None]);
        assert_eq!(scan(IN_BRACKETS, "a nobody").unwrap().end, 1);
    }

    #[test]
    fn runs_give_back() {
        const PATTERN: &[Item] = &[
            Item::Field(0, &[WORD]),
            Item::Sign('é'),
            Item::Field(1, &[WORD]),
        ];
        let line = "aéébc";
        let found = scan(PATTERN, line).unwrap();
        assert_eq!(&line[found.field(0).unwrap()], "aé");
        assert_eq!(&line[found.field(1).unwrap()], "bc");
        assert!(scan(PATTERN, "aé").is_none());
    }
}

//! From a place in a generated conf to the place in the configuration that made it.
//!
//! The conf is a [`Text`]: most of its characters know where they were written. What the template gave has no place of
//! its own; then the nearest on its line, then in its section, stands for it.

use crate::text::{Origin, Text};

/// A generated conf with the offsets of its lines.
#[derive(Debug)]
pub(super) struct Generated<'a> {
    text: &'a Text,
    lines: Vec<usize>,
}

/// `command = …` of one section.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) section: String,
    pub(super) line: u32,
    pub(super) words: Vec<Word>,
}

#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) column: u32,
}

impl<'a> Generated<'a> {
    pub(super) fn new(text: &'a Text) -> Self {
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Self { text, lines }
    }

    /// The line with this number (from 1), without its end.
    pub(super) fn line(&self, number: u32) -> Text {
        let index = (number as usize).saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(self.text.len());
        let next = self.lines.get(index + 1).map(|next| next - 1);
        self.text.slice(start..next.unwrap_or(self.text.len()))
    }

    /// Where what stands here was written, and how many characters of it.
    pub(super) fn origin(&self, number: u32, column: u32, width: usize) -> Option<(Origin, usize)> {
        let line = self.line(number);
        let skipped = (column as usize).saturating_sub(1);
        let from = offset(&line, skipped);
        let to = offset(&line, skipped + width.max(1));
        let exact = line.slice(from..to);
        if let Some(origin) = exact.start() {
            return Some((origin.clone(), written_together(&exact, &origin)));
        }
        if let Some(origin) = line.slice(from..line.len()).start() {
            return Some((origin, 1));
        }
        if let Some(origin) = line.start() {
            let width = written_together(&line, &origin);
            return Some((origin, width));
        }
        // What the section has above it, then what it has below.
        let header = (1..number).rev().find(|n| self.line(*n).starts_with('['))?;
        let above = (header..number).rev();
        let mut others = above.chain(number..self.last(header));
        others.find_map(|n| {
            let line = self.line(n);
            let origin = line.start()?;
            let width = written_together(&line, &origin);
            Some((origin, width))
        })
    }

    /// The commands of all programs and listeners, as they stand in the conf.
    pub(super) fn commands(&self) -> Vec<Command> {
        let mut section = String::new();
        let mut found = Vec::new();
        for (number, line) in (1u32..).zip(self.text.split_terminator('\n')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.split_once(']')) {
                name.0.clone_into(&mut section);
            }
            let Some(value) = line.strip_prefix("command = ") else {
                continue;
            };
            let mut words = Vec::new();
            for word in value.split_whitespace() {
                let before = (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
                let before = line.get(..before).unwrap_or_default().chars().count();
                words.push(Word {
                    text: word.to_owned(),
                    column: u32::try_from(before).unwrap_or(0) + 1,
                });
            }
            found.push(Command {
                section: section.clone(),
                line: number,
                words,
            });
        }
        found
    }

    /// Whether a section has a key.
    pub(super) fn has_key(&self, section: &str, key: &str) -> bool {
        self.line_of_key(section, key).is_some()
    }

    /// The value of a key.
    pub(super) fn value(&self, section: &str, key: &str) -> Option<Text> {
        let line = self.line(self.line_of_key(section, key)?);
        let (_, value) = line.split_once('=')?;
        Some(line.piece(value.trim()))
    }

    /// Where the value of a key was written, if it was.
    pub(super) fn key(&self, section: &str, key: &str) -> Option<(Origin, usize)> {
        let line = self.line(self.line_of_key(section, key)?);
        let origin = line.start()?;
        let width = written_together(&line, &origin);
        Some((origin, width))
    }

    fn line_of_key(&self, section: &str, key: &str) -> Option<u32> {
        let mut inside = false;
        for (number, line) in (1u32..).zip(self.text.split_terminator('\n')) {
            if line.starts_with('[') {
                inside = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) == Some(section);
            }
            let named = line.split('=').next().map(str::trim_end) == Some(key);
            if inside && named {
                return Some(number);
            }
        }
        None
    }

    /// The line behind the section that begins at `header`.
    fn last(&self, header: u32) -> u32 {
        let all = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        (header + 1..=all)
            .find(|n| self.line(*n).starts_with('['))
            .unwrap_or(all + 1)
    }
}

/// The byte at which the character with this index (from 0) begins.
fn offset(line: &str, characters: usize) -> usize {
    let mut places = line.char_indices().map(|(at, _)| at);
    places.nth(characters).unwrap_or(line.len())
}

/// How many characters of a text follow one another in the file as they do in it, from `origin` on.
fn written_together(text: &Text, origin: &Origin) -> usize {
    let column = (origin.column as usize).saturating_sub(1);
    let written = origin.source.line(origin.line).chars().skip(column);
    // What comes before the first piece with a place is the template's.
    let start = text
        .char_indices()
        .find(|(at, c)| text.slice(*at..*at + c.len_utf8()).start().is_some())
        .map(|(at, _)| at);
    let own = text.get(start.unwrap_or(0)..).unwrap_or_default();
    own.chars()
        .zip(written)
        .take_while(|(a, b)| a == b)
        .count()
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Source;
    use std::sync::Arc;

    #[test]
    fn places_are_those_of_the_pieces() {
        let source = Arc::new(Source {
            name: "buildout.cfg".into(),
            text: "[a]\nport = 9001\nname = zeo\n".into(),
            extended_from: None,
        });
        let at = |line, column| Origin {
            source: Arc::clone(&source),
            line,
            column,
        };
        let mut text = Text::from("[program:");
        text.push(&Text::at("zeo", &at(3, 8)));
        text.push_str("]\nport = ");
        text.push(&Text::at("9001", &at(2, 8)));
        text.push_str("\nuser = \n");
        let generated = Generated::new(&text);
        let place = |line, column, width| {
            let (origin, width) = generated.origin(line, column, width).unwrap();
            format!("{origin:?}+{width}")
        };
        assert_eq!(place(2, 8, 4), "buildout.cfg:2:8+4");
        assert_eq!(place(2, 10, 1), "buildout.cfg:2:10+1");
        assert_eq!(place(1, 2, 11), "buildout.cfg:3:8+3");
        assert_eq!(place(3, 1, 4), "buildout.cfg:2:8+4");
    }
}

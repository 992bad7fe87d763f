//! [`Text`]: a string that knows where each piece of it was written.
//!
//! Every option value is a `Text` from the reader on. Appending, slicing, splitting and substitution keep the
//! origins, so that a program line that came through an extended file, a macro and a `${section:option}` still
//! names the line of the file that a person has to edit. It is not a rope and not a parser: pieces without an
//! origin (built-in defaults, text of templates) are simply unmarked.
//!
//! zc.buildout has no such thing: it knows the file of a value (`SectionKey.source`), never the line.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// One file (or the command line) as it was read, for excerpts in diagnostics.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// What people call it: the path or URL, or `command line`.
    pub name: String,
    /// Its whole text, line ends normalised to `\n`.
    pub text: String,
    /// The place of the `extends` that asked for it; `None` for the file that was named first.
    pub extended_from: Option<Origin>,
}

impl Source {
    /// The line with this number (from 1), without its line end; empty when there is none.
    pub fn line(&self, number: u32) -> &str {
        let index = (number as usize).saturating_sub(1);
        self.text.split('\n').nth(index).unwrap_or("")
    }
}

/// A place in a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    pub source: Arc<Source>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source.name, self.line, self.column)
    }
}

/// A run of bytes of a [`Text`] that was written at one place, within one line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    origin: Origin,
}

/// Nobody looks at more; a value that doubles itself through references would fill the memory with them.
const MOST_SPANS: usize = 2_000_000;

/// A string with the origins of its pieces.
#[derive(Clone, Default)]
pub struct Text {
    string: String,
    spans: Vec<Span>,
}

impl Text {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            string: String::new(),
            spans: Vec::new(),
        }
    }

    /// Text that was written at `origin`. Line breaks in it are taken to continue on the next lines of the source, at
    /// column 1.
    pub fn at(string: &str, origin: &Origin) -> Self {
        let mut text = Self::new();
        for (index, piece) in string.split('\n').enumerate() {
            if index > 0 {
                text.string.push('\n');
            }
            let mut origin = origin.clone();
            if index > 0 {
                origin.line += u32::try_from(index).unwrap_or(u32::MAX);
                origin.column = 1;
            }
            text.push_span(piece, origin);
        }
        text
    }

    fn push_span(&mut self, piece: &str, origin: Origin) {
        let start = self.string.len();
        self.string.push_str(piece);
        self.spans.push(Span {
            range: start..self.string.len(),
            origin,
        });
    }

    /// The characters alone.
    pub fn as_str(&self) -> &str {
        &self.string
    }

    /// Adds text of no known origin.
    pub fn push_str(&mut self, string: &str) {
        self.string.push_str(string);
    }

    /// Adds a text with its origins.
    pub fn push(&mut self, other: &Self) {
        let offset = self.string.len();
        self.string.push_str(&other.string);
        if self.spans.len() > MOST_SPANS {
            return;
        }
        self.spans.extend(other.spans.iter().map(|s| Span {
            range: s.range.start + offset..s.range.end + offset,
            origin: s.origin.clone(),
        }));
    }

    /// The piece in this byte range, which must lie on character boundaries (as those of `find` and the like do).
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut text = Self {
            string: self.string[range.clone()].to_owned(),
            spans: Vec::new(),
        };
        // Spans lie in order, so the first that can matter is found without looking at those before it.
        let first = self
            .spans
            .partition_point(|span| span.range.end < range.start);
        let near = self.spans.get(first..).unwrap_or_default();
        for span in near.iter().take_while(|span| span.range.start <= range.end) {
            let start = span.range.start.max(range.start);
            let end = span.range.end.min(range.end);
            if start < end || (start == end && span.range.is_empty() && span.range.start == start) {
                let mut origin = span.origin.clone();
                origin.column += count(&self.string[span.range.start..start]);
                text.spans.push(Span {
                    range: start - range.start..end - range.start,
                    origin,
                });
            }
        }
        text
    }

    /// The piece that `part`, a slice of this very text's characters, covers. A string from elsewhere has no origin.
    #[must_use]
    pub fn piece(&self, part: &str) -> Self {
        let base = self.string.as_ptr() as usize;
        let start = (part.as_ptr() as usize).wrapping_sub(base);
        match start.checked_add(part.len()) {
            Some(end) if end <= self.string.len() => self.slice(start..end),
            _ => Self::from(part),
        }
    }

    /// Where the byte at this offset was written; at the end of the text, where its last piece ends.
    pub fn origin(&self, offset: usize) -> Option<Origin> {
        let span = self
            .spans
            .iter()
            .find(|s| s.range.contains(&offset))
            .or_else(|| {
                self.spans
                    .iter()
                    .rev()
                    .find(|s| s.range.end <= offset || s.range.start == offset)
            })
            .or_else(|| self.spans.first())?;
        let mut origin = span.origin.clone();
        let end = offset.clamp(span.range.start, span.range.end);
        origin.column += count(&self.string[span.range.start..end]);
        Some(origin)
    }

    /// Where the text begins: the origin of its first piece that has one.
    pub fn start(&self) -> Option<Origin> {
        self.spans
            .iter()
            .find(|s| !s.range.is_empty())
            .or_else(|| self.spans.first())
            .map(|s| s.origin.clone())
    }

    /// The pieces between occurrences of a separator, as `str::split` finds them.
    pub fn split(&self, separator: char) -> Vec<Self> {
        self.string
            .split(separator)
            .map(|part| self.piece(part))
            .collect()
    }

    /// The same characters without the origins: for values that are to be said to come from nowhere.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self::from(self.as_str())
    }
}

fn count(string: &str) -> u32 {
    u32::try_from(string.chars().count()).unwrap_or(u32::MAX)
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.string
    }
}

impl From<&str> for Text {
    fn from(string: &str) -> Self {
        Self {
            string: string.to_owned(),
            spans: Vec::new(),
        }
    }
}

impl From<String> for Text {
    fn from(string: String) -> Self {
        Self {
            string,
            spans: Vec::new(),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.string)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.string, f)
    }
}

/// Two texts are equal when they read the same: where they were written is not part of a value.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.string == other.string
    }
}
impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.string == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(line: u32, column: u32) -> Origin {
        let source = Source {
            name: "buildout.cfg".into(),
            text: "one\n  two\nthree\n".into(),
            extended_from: None,
        };
        Origin {
            source: Arc::new(source),
            line,
            column,
        }
    }

    #[test]
    fn origins_survive_appending_and_slicing() {
        let mut text = Text::from("prefix ");
        text.push(&Text::at("two words", &origin(2, 3)));
        let words = text.slice(11..16);
        assert_eq!(words.as_str(), "words");
        assert_eq!(format!("{:?}", words.start()), "Some(buildout.cfg:2:7)");
        assert_eq!(format!("{:?}", text.origin(11)), "Some(buildout.cfg:2:7)");
    }

    #[test]
    fn lines_of_one_text_have_their_own_lines() {
        let text = Text::at("one\ntwo", &origin(1, 5));
        let lines = text.split('\n');
        assert_eq!(format!("{:?}", lines[0].start()), "Some(buildout.cfg:1:5)");
        assert_eq!(format!("{:?}", lines[1].start()), "Some(buildout.cfg:2:1)");
    }

    #[test]
    fn a_piece_from_elsewhere_has_no_origin() {
        let text = Text::at("one", &origin(1, 1));
        let other = String::from("one");
        assert_eq!(text.piece(&other).start(), None);
        assert!(text.piece(&text[1..]).start().is_some());
    }
}

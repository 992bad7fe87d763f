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
    start: u32,
    end: u32,
    origin: Origin,
}

impl Span {
    fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Nobody looks at more; a value that doubles itself through references would fill the memory with them.
const MOST_SPANS: usize = 2_000_000;

/// A string with the origins of its pieces. Cheap to clone: most are read once and copied often.
#[derive(Clone, Default)]
pub struct Text {
    /// `None` for the empty text without an origin.
    inner: Option<Arc<Inner>>,
}

#[derive(Clone, Default)]
struct Inner {
    string: String,
    spans: Spans,
}

/// In the order of the bytes. Nearly all texts have one.
#[derive(Clone, Default)]
enum Spans {
    #[default]
    None,
    One(Span),
    Many(Vec<Span>),
}

impl Spans {
    fn as_slice(&self) -> &[Span] {
        match self {
            Self::None => &[],
            Self::One(span) => std::slice::from_ref(span),
            Self::Many(spans) => spans,
        }
    }

    fn push(&mut self, span: Span) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(span),
            Self::One(first) => Self::Many(vec![first, span]),
            Self::Many(mut spans) => {
                spans.push(span);
                Self::Many(spans)
            }
        };
    }
}

impl Inner {
    fn push_span(&mut self, piece: &str, origin: Origin) {
        let start = self.string.len();
        self.string.push_str(piece);
        self.note(start, self.string.len(), origin);
    }

    /// A text of more than 4 GB has no origins from there on.
    fn note(&mut self, start: usize, end: usize, origin: Origin) {
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
            self.spans.push(Span { start, end, origin });
        }
    }
}

impl Text {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { inner: None }
    }

    /// Text that was written at `origin`. Line breaks in it are taken to continue on the next lines of the source, at
    /// column 1.
    pub fn at(string: &str, origin: &Origin) -> Self {
        let mut inner = Inner {
            string: String::with_capacity(string.len()),
            spans: Spans::None,
        };
        for (index, piece) in string.split('\n').enumerate() {
            let mut origin = origin.clone();
            if index > 0 {
                inner.string.push('\n');
                origin.line += u32::try_from(index).unwrap_or(u32::MAX);
                origin.column = 1;
            }
            inner.push_span(piece, origin);
        }
        inner.into()
    }

    fn spans(&self) -> &[Span] {
        self.inner
            .as_ref()
            .map_or(&[], |inner| inner.spans.as_slice())
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(self.inner.get_or_insert_default())
    }

    /// The characters alone.
    pub fn as_str(&self) -> &str {
        self.inner.as_ref().map_or("", |inner| &inner.string)
    }

    /// Adds text of no known origin.
    pub fn push_str(&mut self, string: &str) {
        self.inner().string.push_str(string);
    }

    /// Adds a text with its origins.
    pub fn push(&mut self, other: &Self) {
        let inner = self.inner();
        let offset = inner.string.len();
        inner.string.push_str(other);
        if inner.spans.as_slice().len() > MOST_SPANS {
            return;
        }
        for span in other.spans() {
            let range = span.range();
            inner.note(
                range.start + offset,
                range.end + offset,
                span.origin.clone(),
            );
        }
    }

    /// The piece in this byte range, which must lie on character boundaries (as those of `find` and the like do).
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let string = self.as_str();
        if range == (0..string.len()) {
            return self.clone();
        }
        let mut inner = Inner {
            string: string[range.clone()].to_owned(),
            spans: Spans::None,
        };
        // Spans lie in order, so the first that can matter is found without looking at those before it.
        let spans = self.spans();
        let first = spans.partition_point(|span| span.range().end < range.start);
        let near = spans.get(first..).unwrap_or_default();
        for span in near
            .iter()
            .take_while(|span| span.range().start <= range.end)
        {
            let whole = span.range();
            let start = whole.start.max(range.start);
            let end = whole.end.min(range.end);
            if start < end || (start == end && whole.is_empty() && whole.start == start) {
                let mut origin = span.origin.clone();
                origin.column += count(&string[whole.start..start]);
                inner.note(start - range.start, end - range.start, origin);
            }
        }
        inner.into()
    }

    /// The piece that `part`, a slice of this very text's characters, covers. A string from elsewhere has no origin.
    #[must_use]
    pub fn piece(&self, part: &str) -> Self {
        let base = self.as_str().as_ptr() as usize;
        let start = (part.as_ptr() as usize).wrapping_sub(base);
        match start.checked_add(part.len()) {
            Some(end) if end <= self.len() => self.slice(start..end),
            _ => Self::from(part),
        }
    }

    /// Where the byte at this offset was written; at the end of the text, where its last piece ends.
    pub fn origin(&self, offset: usize) -> Option<Origin> {
        let spans = self.spans();
        let before = |s: &&Span| s.range().end <= offset || s.range().start == offset;
        let span = spans
            .iter()
            .find(|s| s.range().contains(&offset))
            .or_else(|| spans.iter().rev().find(before))
            .or_else(|| spans.first())?;
        let mut origin = span.origin.clone();
        let whole = span.range();
        let end = offset.clamp(whole.start, whole.end);
        origin.column += count(&self.as_str()[whole.start..end]);
        Some(origin)
    }

    /// Where the text begins: the origin of its first piece that has one.
    pub fn start(&self) -> Option<Origin> {
        let spans = self.spans();
        spans
            .iter()
            .find(|s| !s.range().is_empty())
            .or_else(|| spans.first())
            .map(|s| s.origin.clone())
    }

    /// The pieces between occurrences of a separator, as `str::split` finds them.
    pub fn split(&self, separator: char) -> Vec<Self> {
        self.as_str()
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
        self.as_str()
    }
}

impl From<Inner> for Text {
    fn from(inner: Inner) -> Self {
        Self {
            inner: Some(Arc::new(inner)),
        }
    }
}

impl From<&str> for Text {
    fn from(string: &str) -> Self {
        Self::from(string.to_owned())
    }
}

impl From<String> for Text {
    fn from(string: String) -> Self {
        if string.is_empty() {
            return Self::new();
        }
        Self::from(Inner {
            string,
            spans: Spans::None,
        })
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Two texts are equal when they read the same: where they were written is not part of a value.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
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

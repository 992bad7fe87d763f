//! [`outline`]: what each line of one file is, whatever comes of it: header, option, continuation or comment.
//!
//! [`super::reader`] keeps what counts and forgets the rest: what a later line replaced, what a condition switched off,
//! what a comment says. This keeps the lines themselves, for those who judge or change a file. It follows no `extends`
//! and decides no condition.

use std::sync::Arc;

use super::reader::{offset_in, option_start, section_header};
use crate::pystr::{is_space, strip};
use crate::text::{Origin, Source};

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u32,
    pub kind: Kind,
    /// The section that it is in; empty before the first.
    pub section: Arc<str>,
    /// The option that it belongs to, without a sign; empty for none.
    pub option: Arc<str>,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[name]`, `[name:expression]`.
    Header {
        expression: Option<String>,
        /// Where the expression, or else the name, begins: column in characters, from 1.
        column: u32,
        /// What stands behind the bracket.
        tail: String,
    },
    /// `name = value`; the sign is `+`, `-` or a blank.
    Option {
        sign: char,
        value: String,
    },
    /// A further line of an option's value.
    Continuation,
    /// Begins with `#` or `;` in the first column.
    Comment,
    Blank,
    /// Nothing of the language.
    Other,
}

/// The lines of a file.
pub fn outline(source: &Source) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut section: Arc<str> = "".into();
    let mut option: Arc<str> = "".into();
    for (number, line) in (1u32..).zip(source.text.split_inclusive('\n')) {
        let kind = if line.starts_with(['#', ';']) {
            Kind::Comment
        } else if line.chars().next().is_some_and(is_space)
            && !section.is_empty()
            && !option.is_empty()
        {
            if strip(line).is_empty() {
                Kind::Blank
            } else {
                Kind::Continuation
            }
        } else if let Some(header) = section_header(line) {
            section = header.name.into();
            option = "".into();
            let expression = header.condition.filter(|(e, _)| !e.is_empty());
            let place = expression.map_or(header.name, |(e, _)| e);
            let column = line[..offset_in(line, place)].chars().count() + 1;
            Kind::Header {
                expression: expression.map(|(e, _)| e.to_owned()),
                column: u32::try_from(column).unwrap_or(u32::MAX),
                tail: match header.condition {
                    Some((_, tail)) => tail.get(1..).unwrap_or_default().to_owned(),
                    None => line.split_once(']').map_or("", |(_, tail)| tail).to_owned(),
                },
            }
        } else if let Some((name, value)) = option_start(line).filter(|_| !section.is_empty()) {
            let bare = name.trim_end_matches(['+', '-']);
            let sign = name.chars().next_back().filter(|c| matches!(c, '+' | '-'));
            option = strip(bare).into();
            Kind::Option {
                sign: sign.unwrap_or(' '),
                value: strip(value).to_owned(),
            }
        } else if strip(line).is_empty() {
            Kind::Blank
        } else {
            Kind::Other
        };
        let belongs = !matches!(kind, Kind::Comment | Kind::Other);
        lines.push(Line {
            number,
            kind,
            section: Arc::clone(&section),
            option: if belongs {
                Arc::clone(&option)
            } else {
                "".into()
            },
        });
    }
    lines
}

/// The section and the option that a place is in; the option is empty on a header.
pub fn written_in(at: &Origin) -> Option<(String, String)> {
    let lines = outline(&at.source);
    let index = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let line = lines.get(index)?;
    (!line.section.is_empty()).then(|| (line.section.to_string(), line.option.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_what_the_reader_takes_them_for() {
        let source = Source {
            name: "buildout.cfg".into(),
            text: "# c\n[a:x == 1] # note\nx += 1\n  2\n# in between\n\n  3\n[b]\ny=\noops\n"
                .into(),
            extended_from: None,
        };
        let shown: Vec<String> = outline(&source)
            .iter()
            .map(|line| {
                let kind = match &line.kind {
                    Kind::Header {
                        expression,
                        column,
                        tail,
                    } => {
                        format!("header {expression:?} {column} {:?}", tail.trim())
                    }
                    Kind::Option { sign, value } => format!("option {sign:?} {value:?}"),
                    other => format!("{other:?}"),
                };
                format!("{} [{}] {}: {kind}", line.number, line.section, line.option)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "1 [] : Comment",
                "2 [a] : header Some(\"x == 1\") 4 \"# note\"",
                "3 [a] x: option '+' \"1\"",
                "4 [a] x: Continuation",
                "5 [a] : Comment",
                "6 [a] x: Blank",
                "7 [a] x: Continuation",
                "8 [b] : header None 2 \"\"",
                "9 [b] y: option ' ' \"\"",
                "10 [b] : Other",
            ]
        );
    }
}

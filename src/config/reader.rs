//! Text of one file to sections of assignments: zc.buildout's own dialect.
//!
//! It does not follow `extends` and knows no layers. Conditions of sections are decided by the caller. The dialect is
//! neither ConfigParser's nor rust-ini's: blocks keep their inner indent, `+=` and `-=` are keys of their own, `[a:b]` is a
//! condition. zc.buildout: configparser.py, `parse`.

use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;

use crate::error::{Diagnostic, Error, Result};
use crate::generation::Generation;
use crate::pystr::{is_space, repr, rstrip, strip};
use crate::text::{Origin, Source, Text};

/// One option as one file gives it.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub value: Text,
    /// Where its name was written (first, where several `+=` of one file add up).
    pub at: Origin,
    /// What else the file says of the option; `None` where it says it once.
    pub besides: Option<Arc<Besides>>,
}

/// Other assignments of one option in one file, for those who ask how its value came about.
#[derive(Clone, Debug, Default)]
pub struct Besides {
    /// Where further `+=` (or `-=`) stand whose lines are part of the value.
    pub joined: Vec<Origin>,
    /// Assignments above it that it made forgotten, in their order.
    pub forgotten: Vec<Forgotten>,
}

/// An assignment that a later one in the same file took the place of.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// `+` or `-`; none for a plain one.
    pub sign: Option<char>,
    pub value: Text,
    pub at: Origin,
    /// As [`Besides::joined`].
    pub joined: Vec<Origin>,
}

impl Assignment {
    /// The value without the blanks round it and, of a block, without the indent that all lines share.
    fn trimmed(&self) -> Option<Text> {
        self.value.starts_with(is_space).then(|| {
            let trimmed = self.value.piece(rstrip(&self.value));
            without_leading_blank_lines(&dedent(&trimmed))
        })
    }

    /// What is remembered of it, and of those that it replaced itself.
    fn forget(self, sign: Option<char>, into: &mut Vec<Forgotten>) {
        let value = self.trimmed().unwrap_or_else(|| self.value.clone());
        let mut besides = self.besides.map(Arc::unwrap_or_clone).unwrap_or_default();
        into.append(&mut besides.forgotten);
        if into.len() < MOST_FORGOTTEN {
            into.push(Forgotten {
                sign,
                value,
                at: self.at,
                joined: besides.joined,
            });
        }
    }
}

/// Nobody reads more of them.
const MOST_FORGOTTEN: usize = 1_000;

/// What a file says, by section and by option; an option's key ends in ` +` or ` -` (or `+`, `-` as written) for `+=` and `-=`.
pub type Assignments = IndexMap<String, IndexMap<String, Assignment>>;

/// The expression of a section header `[name:expression]`.
#[derive(Clone, Debug)]
pub struct Condition<'a> {
    /// The expression as written.
    pub expression: &'a str,
    /// From `]` on: the bracket and the comment.
    pub tail: &'a str,
    pub at: Origin,
}

/// Decides whether a conditional section counts.
pub type Decide<'a> = dyn FnMut(&Condition<'_>) -> Result<bool> + 'a;

/// Reads the text of a source. `name` is what messages call the file.
pub fn read(source: &Arc<Source>, name: &str, decide: &mut Decide<'_>) -> Result<Assignments> {
    read_as(Generation::NEWEST, source, name, decide)
}

/// The same, as this version of zc.buildout reads it.
pub(super) fn read_as(
    generation: Generation,
    source: &Arc<Source>,
    name: &str,
    decide: &mut Decide<'_>,
) -> Result<Assignments> {
    let mut reader = Reader {
        source,
        adds_up: generation.adds_up_within_a_file(),
        sections: IndexMap::new(),
        current: None,
        option: None,
        block: false,
        errors: Vec::new(),
    };
    let mut active = true;
    let mut number = 0;
    for line in source.text.split_inclusive('\n') {
        number += 1;
        if line.starts_with(['#', ';']) {
            continue;
        }
        let blank_first = line.chars().next().is_some_and(is_space);
        if blank_first && reader.current.is_some() && reader.option.is_some() {
            if active {
                reader.continuation(line, number);
            }
            continue;
        }
        if let Some(header) = section_header(line) {
            active = true;
            if let Some((expression, tail)) = header
                .condition
                .filter(|(expression, _)| !expression.is_empty())
            {
                let column = line[..offset_in(line, expression)].chars().count() + 1;
                let at = reader.origin(number, column);
                active = decide(&Condition {
                    expression,
                    tail,
                    at,
                })?;
                if !active {
                    continue;
                }
            }
            reader.sections.entry(header.name.to_owned()).or_default();
            reader.current = Some(header.name.to_owned());
            reader.option = None;
        } else if reader.current.is_none() {
            if !strip(line).is_empty() {
                return Err(missing_header(name, number, line, reader.origin(number, 1)));
            }
        } else if let Some((option, value)) = option_start(line) {
            if active {
                reader.option_line(&option, value, line, number);
            }
        } else if reader.option.is_some() || !strip(line).is_empty() {
            reader.errors.push((number, line));
        }
    }
    reader.finish(name)
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// Whether what a file says of an option with `=`, `+=` and `-=` goes together.
    adds_up: bool,
    sections: Assignments,
    /// The section that lines go to.
    current: Option<String>,
    /// The option that continuation lines go to.
    option: Option<String>,
    /// Its value began on the line after `=`: indent and blank lines count.
    block: bool,
    errors: Vec<(u32, &'a str)>,
}

impl Reader<'_> {
    fn origin(&self, line: u32, column: usize) -> Origin {
        Origin {
            source: Arc::clone(self.source),
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// A part of `line` as a text that knows its place.
    fn text(&self, part: &str, line: &str, number: u32) -> Text {
        let column = line[..offset_in(line, part)].chars().count() + 1;
        Text::at(part, &self.origin(number, column))
    }

    fn continuation(&mut self, line: &str, number: u32) {
        let part = if self.block {
            rstrip(line)
        } else {
            strip(line)
        };
        if part.is_empty() && !self.block {
            return;
        }
        let text = self.text(part, line, number);
        if let Some(assignment) = self.current_value() {
            assignment.value.push_str("\n");
            assignment.value.push(&text);
        }
    }

    fn current_value(&mut self) -> Option<&mut Assignment> {
        self.sections
            .get_mut(self.current.as_deref()?)?
            .get_mut(self.option.as_deref()?)
    }

    fn option_line(&mut self, option: &str, value: &str, line: &str, number: u32) {
        let value = strip(value);
        self.block = value.is_empty();
        let text = self.text(value, line, number);
        let at = self.origin(number, 1);
        self.option = Some(option.to_owned());
        let Some(section) = self
            .current
            .as_deref()
            .and_then(|name| self.sections.get_mut(name))
        else {
            return;
        };
        let mut besides = Besides::default();
        if !self.adds_up {
            // Each stands for itself; the last of each holds.
        } else if option.ends_with(['+', '-']) {
            if let Some(before) = section.get_mut(option) {
                // Several += of one option in one file add up, as conditional sections need it.
                let besides = before.besides.get_or_insert_default();
                Arc::make_mut(besides).joined.push(at);
                before.value = before.value.piece(rstrip(&before.value));
                if !value.is_empty() {
                    before.value.push_str("\n");
                    before.value.push(&text);
                }
                return;
            }
        } else {
            // A plain assignment forgets the += and -= above it.
            for sign in ['+', '-'] {
                if let Some(before) = section.shift_remove(&format!("{option} {sign}")) {
                    before.forget(Some(sign), &mut besides.forgotten);
                }
            }
        }
        let mut place = section.entry(option.to_owned());
        // A dictionary keeps the place of a key that is set again.
        if let Entry::Occupied(before) = &mut place {
            before.get().clone().forget(None, &mut besides.forgotten);
            besides.forgotten.sort_by_key(|before| before.at.line);
        }
        let besides = (!besides.forgotten.is_empty()).then(|| Arc::new(besides));
        place.insert_entry(Assignment {
            value: text,
            at,
            besides,
        });
    }

    fn finish(mut self, name: &str) -> Result<Assignments> {
        if !self.errors.is_empty() {
            return Err(self.parsing_error(name));
        }
        for section in self.sections.values_mut() {
            for assignment in section.values_mut() {
                if let Some(trimmed) = assignment.trimmed() {
                    assignment.value = trimmed;
                }
            }
        }
        Ok(self.sections)
    }

    fn parsing_error(&self, name: &str) -> Box<Error> {
        let mut message = format!("File contains parsing errors: {name}");
        for (number, line) in &self.errors {
            message.push_str(&format!("\n\t[line {number:2}]: {}", repr(line)));
        }
        let mut error = Error::user(message);
        for (number, line) in &self.errors {
            let width = rstrip(line).chars().count();
            let diagnostic = Diagnostic::error(
                "syntax",
                "this line is neither a section, an option nor a continuation",
            )
            .at_origin(Some(self.origin(*number, 1)), width);
            error = error.with(match advice(line) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
        error
    }
}

/// What the writer of a line that is no line of the language probably meant.
fn advice(line: &str) -> Option<String> {
    let line = rstrip(line);
    if line.starts_with('[') {
        return Some(
            "a section header is `[name]` or `[name:condition]`, without blanks in the name"
                .to_owned(),
        );
    }
    if let Some((name, value)) = line.split_once(':') {
        let plain = !name.is_empty()
            && !name.contains(is_space)
            && !name.contains(['=', '[', ']', '{', '}']);
        if plain {
            return Some(format!(
                "options are set with `=`: `{name} = {}`",
                strip(value)
            ));
        }
    }
    if line.starts_with(is_space) {
        return Some(
            "a line that begins with a blank continues the option above it; there is none here"
                .to_owned(),
        );
    }
    Some("indent the line to continue the option above, or write `name = value`".to_owned())
}

fn missing_header(name: &str, number: u32, line: &str, at: Origin) -> Box<Error> {
    let message = format!(
        "File contains no section headers.\nfile: {name}, line: {number}\n{}",
        repr(line)
    );
    let width = rstrip(line).chars().count();
    let mut diagnostic = Diagnostic::error("syntax", "this line stands before the first section")
        .at_origin(Some(at), width);
    diagnostic = if line.starts_with('\u{feff}') {
        diagnostic
            .help("the file begins with a byte order mark (U+FEFF); save it as UTF-8 without one")
    } else if line.starts_with('<') {
        diagnostic.help("this is a page for people; name the address of the file itself")
    } else {
        diagnostic.help("begin the file with a section, as `[buildout]`")
    };
    Error::user(message).with(diagnostic)
}

pub(super) fn offset_in(line: &str, part: &str) -> usize {
    (part.as_ptr() as usize)
        .saturating_sub(line.as_ptr() as usize)
        .min(line.len())
}

pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    /// Expression and tail (from the closing bracket on).
    pub(super) condition: Option<(&'a str, &'a str)>,
}

/// `[name]`, `[name:expression]`, either with a comment behind it. Blanks may stand round the name.
// zc.buildout: configparser.py, section_header
pub(super) fn section_header(line: &str) -> Option<Header<'_>> {
    let rest = line.strip_prefix('[')?.trim_start_matches(is_space);
    let end = rest
        .find(|c: char| is_space(c) || matches!(c, '#' | '[' | ']' | ':' | ';' | '{' | '}'))
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim_start_matches(is_space);
    if let Some(behind) = rest.strip_prefix(':') {
        // The expression has neither # nor ;, so that a comment can follow; it reaches to the last bracket.
        let run = &behind[..behind.find(['#', ';']).unwrap_or(behind.len())];
        let bracket = run.rfind(']')?;
        let blank = run[bracket + 1..].chars().all(is_space);
        let tail = behind[bracket..].trim_end_matches('\n');
        return blank.then(|| Header {
            name,
            condition: Some((&behind[..bracket], tail)),
        });
    }
    let tail = rest.strip_prefix(']')?.trim_start_matches(is_space);
    (tail.is_empty() || tail.starts_with(['#', ';'])).then_some(Header {
        name,
        condition: None,
    })
}

/// The condition of the section that a place is in, as written, if it has one.
pub fn condition_at(at: &Origin) -> Option<String> {
    let line = usize::try_from(at.line).unwrap_or(usize::MAX);
    let above: Vec<&str> = at.source.text.split_inclusive('\n').take(line).collect();
    let header = above.iter().rev().find_map(|line| section_header(line))?;
    let (expression, _) = header.condition?;
    Some(strip(expression).to_owned()).filter(|expression| !expression.is_empty())
}

/// `name = value`, with `+` or `-` before the sign; `=> parts` is short for part dependencies.
// zc.buildout: configparser.py, option_start
pub(super) fn option_start(line: &str) -> Option<(String, &str)> {
    if let Some(value) = line.strip_prefix("=>") {
        return Some(("<part-dependencies>".to_owned(), value));
    }
    let end = line.find(|c: char| is_space(c) || matches!(c, '{' | '}' | '[' | ']' | '=' | ':'))?;
    if end == 0 {
        return None;
    }
    let behind = line[end..].trim_start_matches(is_space);
    let signed = behind
        .strip_prefix(['+', '-'])
        .filter(|rest| rest.starts_with('='));
    let sign = signed.map_or(behind, |rest| rest);
    let value = sign.strip_prefix('=')?;
    let name = &line[..line.len() - sign.len()];
    Some((rstrip(name).to_owned(), value))
}

/// Takes away the indent that all lines share. Python: `textwrap.dedent`.
fn dedent(value: &Text) -> Text {
    let is_blank = |line: &str| line.bytes().all(|b| matches!(b, b' ' | b'\t'));
    let lines = value.split('\n');
    let mut margin: Option<&str> = None;
    for line in lines.iter().filter(|line| !is_blank(line)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(match margin {
            None => indent,
            Some(margin) => {
                let same = margin
                    .bytes()
                    .zip(indent.bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                &margin[..same]
            }
        });
    }
    let margin = margin.unwrap_or("");
    let mut out = Text::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push_str("\n");
        }
        if !is_blank(line) {
            out.push(&line.piece(line.strip_prefix(margin).unwrap_or(line)));
        }
    }
    out
}

/// Python: `re.sub(r"^(\s*\n)+", "", value)`.
fn without_leading_blank_lines(value: &Text) -> Text {
    let blanks = &value[..value.len() - value.trim_start_matches(is_space).len()];
    let start = blanks.rfind('\n').map_or(0, |at| at + 1);
    value.slice(start..value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Assignments> {
        let source = Source {
            name: "buildout.cfg".into(),
            text: text.into(),
            extended_from: None,
        };
        read(&Arc::new(source), "buildout.cfg", &mut |_| Ok(false))
    }

    fn show(text: &str) -> Vec<(String, String, String)> {
        let sections = parse(text).unwrap();
        sections
            .iter()
            .flat_map(|(s, options)| {
                options
                    .iter()
                    .map(move |(o, a)| (s.clone(), o.clone(), a.value.to_string()))
            })
            .collect()
    }

    fn one(text: &str) -> String {
        show(text).pop().unwrap().2
    }

    #[test]
    fn values_lose_the_blanks_around_them() {
        assert_eq!(one("[a]\nx =  1  \n"), "1");
        assert_eq!(one("[a]\nx = 1\n   2\n\n   3\n"), "1\n2\n3");
    }

    #[test]
    fn blocks_lose_their_common_indent_and_keep_the_rest() {
        assert_eq!(
            one("[a]\nx =\n    if 1:\n        y\n\n    z\n\n"),
            "if 1:\n    y\n\nz"
        );
        assert_eq!(one("[a]\nx =\n  a\n# comment\n  b\n"), "a\nb");
    }

    #[test]
    fn headers_may_have_blanks_and_comments() {
        for header in ["[a]", "[ a ]", "[a] # x", "[a];x", "[ a\t] ; ]"] {
            assert_eq!(
                show(&format!("{header}\nx=1\n")),
                [("a".into(), "x".into(), "1".into())],
                "{header}"
            );
        }
    }

    #[test]
    fn adding_and_removing_are_options_of_their_own_until_a_layer_is_below() {
        assert_eq!(
            show("[a]\nx += 1\nx += 2\ny -= 3\n"),
            [
                ("a".into(), "x +".into(), "1\n2".into()),
                ("a".into(), "y -".into(), "3".into())
            ]
        );
        assert_eq!(
            show("[a]\nx += 1\nx = 2\n"),
            [("a".into(), "x".into(), "2".into())]
        );
    }

    #[test]
    fn a_conditional_section_that_does_not_count_leaves_nothing() {
        assert_eq!(
            show("[b]\ny = 0\n[a:False]\nx = 1\n  2\n"),
            [("b".into(), "y".into(), "0".into())]
        );
        // zc.buildout's own oddity: without an option above, a continuation in a section that is off is an error.
        assert!(parse("[b]\n[a:False]\nx = 1\n  2\n").is_err());
        assert!(
            parse("[a:False]\nx = 1\n")
                .unwrap_err()
                .message
                .starts_with("File contains no section headers.")
        );
    }

    #[test]
    fn bad_lines_are_all_named() {
        let error = parse("[a]\nx: 1\ny\n").unwrap_err();
        assert_eq!(
            error.message,
            "File contains parsing errors: buildout.cfg\n\t[line  2]: 'x: 1\\n'\n\t[line  3]: 'y\\n'"
        );
        assert_eq!(
            error.diagnostics[0].help,
            ["options are set with `=`: `x = 1`"]
        );
    }

    #[test]
    fn each_line_knows_its_place() {
        let sections = parse("[a]\nx =\n    one\n    two\n").unwrap();
        let lines = sections["a"]["x"].value.split('\n');
        assert_eq!(
            format!("{:?}", lines[1].start().unwrap()),
            "buildout.cfg:4:5"
        );
    }
}

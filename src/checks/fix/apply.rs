//! [`apply`]: edits to the text of a file, byte for byte the same elsewhere.

/// Characters to change, as places of findings count them: lines end at `\n`, `\r\n` or `\r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The name of the source.
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// How many characters go; an end of a line is one.
    pub removed: usize,
    /// What comes in their place.
    pub text: String,
}

/// The text with all edits made; `None` where two meet or one is outside of the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let places = places(text);
    let mut ranges = Vec::new();
    for edit in edits {
        let line = places.get((edit.line as usize).checked_sub(1)?)?;
        let first = line.start + (edit.column as usize).checked_sub(1)?;
        let from = *places_of(&places, first)?;
        let to = *places_of(&places, first + edit.removed)?;
        ranges.push((from, to, edit.text.as_str()));
    }
    ranges.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (from, to, new) in ranges {
        if from < done {
            return None;
        }
        out.push_str(text.get(done..from)?);
        out.push_str(new);
        done = to;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// A line: the index of its first character, and the bytes at which its characters begin, its end counted as one.
struct Line {
    start: usize,
    bytes: Vec<usize>,
}

fn places(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line {
        start: 0,
        bytes: Vec::new(),
    };
    let mut count = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        line.bytes.push(at);
        count += 1;
        let ends = match c {
            '\n' => true,
            '\r' => {
                characters.next_if(|(_, next)| *next == '\n');
                true
            }
            _ => false,
        };
        if ends {
            lines.push(std::mem::replace(
                &mut line,
                Line {
                    start: count,
                    bytes: Vec::new(),
                },
            ));
        }
    }
    line.bytes.push(text.len());
    lines.push(line);
    lines
}

/// The byte at which the character with this index begins.
fn places_of(lines: &[Line], index: usize) -> Option<&usize> {
    let at = lines
        .partition_point(|line| line.start <= index)
        .checked_sub(1)?;
    let line = lines.get(at)?;
    line.bytes.get(index - line.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(line: u32, column: u32, removed: usize, text: &str) -> Edit {
        Edit {
            file: "f".into(),
            line,
            column,
            removed,
            text: text.into(),
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let text = "ä = 1\r\n\tb = 2\r\n# c\n";
        let edits = [edit(1, 5, 1, "x"), edit(2, 2, 1, "é")];
        assert_eq!(apply(text, &edits).unwrap(), "ä = x\r\n\té = 2\r\n# c\n");
        // An end of a line is one character, whatever it is made of.
        assert_eq!(
            apply(text, &[edit(1, 6, 2, " ")]).unwrap(),
            "ä = 1 b = 2\r\n# c\n"
        );
        assert_eq!(
            apply(text, &[edit(3, 4, 0, "!")]).unwrap(),
            "ä = 1\r\n\tb = 2\r\n# c!\n"
        );
        assert_eq!(apply(text, &[edit(9, 1, 0, "")]), None);
        assert_eq!(apply(text, &[edit(1, 1, 3, ""), edit(1, 2, 1, "")]), None);
    }
}

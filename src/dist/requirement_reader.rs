//! Reads the text of a requirement, with packaging's grammar, words and carets.
//!
//! Only the grammar; what a requirement means is `requirement.rs`'s and `marker.rs`'s. packaging: _parser.py, _tokenizer.py.

use super::legacy::Grammar;
use super::marker::{Marker, Node, Operand};
use super::specifier::{self, Specifier};

/// What a requirement consists of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) extras: Vec<String>,
    pub(super) specifiers: Vec<Specifier>,
    pub(super) url: Option<String>,
    pub(super) marker: Option<Marker>,
}

/// What is wrong, as packaging says it: a line of words, the text, a line with a caret.
pub(super) type Wrong = String;

/// Reads one requirement.
pub(super) fn read(text: &str, grammar: Grammar) -> Result<Parts, Wrong> {
    let mut reader = Reader::of(text);
    reader.grammar = grammar;
    reader.blanks();
    let Some(name) = reader.identifier() else {
        return Err(reader.wrong("Expected package name at the start of dependency specifier"));
    };
    let name = name.to_owned();
    reader.blanks();
    let extras = reader.extras()?;
    reader.blanks();
    let mut start = reader.at;
    let mut parts = Parts {
        name,
        extras,
        specifiers: Vec::new(),
        url: None,
        marker: None,
    };
    let expected = if reader.take("@") {
        reader.blanks();
        start = reader.at;
        let url = reader.take_while(|c| !matches!(c, ' ' | '\t'));
        if url.is_empty() {
            return Err(reader.wrong("Expected URL after @"));
        }
        parts.url = Some(url.to_owned());
        "semicolon (after URL and whitespace)"
    } else {
        parts.specifiers = reader.specifiers()?;
        if parts.specifiers.is_empty() {
            "semicolon (after name with no version specifier)"
        } else {
            "comma (within version specifier), semicolon (after version specifier)"
        }
    };
    reader.blanks();
    if reader.rest().is_empty() {
        return Ok(parts);
    }
    if !reader.take(";") {
        return Err(reader.wrong_since(start, &format!("Expected {expected} or end")));
    }
    parts.marker = Some(Marker::new(reader.marker()?));
    if reader.rest().is_empty() {
        Ok(parts)
    } else {
        Err(reader.wrong("Expected end of dependency specifier"))
    }
}

/// Reads a marker alone.
pub(super) fn read_marker(text: &str) -> Result<Marker, Wrong> {
    let mut reader = Reader::of(text);
    reader.blanks();
    let marker = Marker::new(reader.marker()?);
    if reader.rest().is_empty() {
        Ok(marker)
    } else {
        Err(reader.wrong("Expected end of marker expression"))
    }
}

const VARIABLES: [(&str, &str); 20] = [
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    (
        "platform_python_implementation",
        "platform_python_implementation",
    ),
    (
        "platform.python_implementation",
        "platform_python_implementation",
    ),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
    ("extras", "extras"),
    ("dependency_groups", "dependency_groups"),
];

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Parentheses that are open.
    depth: usize,
    grammar: Grammar,
}

/// Python's stack ends at some more; ours would end the program.
const DEEPEST: usize = 200;

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            grammar: Grammar::Current,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Whether a word may begin or end at a place: Python's `\b`.
    fn boundary(&self, at: usize) -> bool {
        let before = self.text.get(..at).and_then(|t| t.chars().next_back());
        let after = self.text.get(at..).and_then(|t| t.chars().next());
        before.is_some_and(is_word) != after.is_some_and(is_word)
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let there = self.rest().starts_with(word) && self.boundary(self.at) && self.boundary(end);
        if there {
            self.at = end;
        }
        there
    }

    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let n = rest.find(|c| !holds(c)).unwrap_or(rest.len());
        self.at += n;
        rest.get(..n).unwrap_or("")
    }

    fn blanks(&mut self) -> bool {
        !self.take_while(|c| matches!(c, ' ' | '\t')).is_empty()
    }

    fn identifier(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || !self.boundary(self.at) {
            return None;
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
            .unwrap_or(rest.len());
        // The longest run that ends where a word may end.
        let end = (1..=end).rev().find(|&end| self.boundary(self.at + end))?;
        self.at += end;
        rest.get(..end)
    }

    fn wrong(&self, message: &str) -> Wrong {
        self.wrong_since(self.at, message)
    }

    fn wrong_since(&self, start: usize, message: &str) -> Wrong {
        self.wrong_within(start, self.at, message)
    }

    fn wrong_within(&self, start: usize, end: usize, message: &str) -> Wrong {
        let width = |from: usize, to: usize| self.text.get(from..to).unwrap_or("").chars().count();
        format!(
            "{message}\n    {}\n    {}{}^",
            self.text,
            " ".repeat(width(0, start)),
            "~".repeat(width(start, end))
        )
    }

    /// The matching bracket of one that was opened at `start`.
    fn close(
        &mut self,
        bracket: &str,
        start: usize,
        around: &str,
        name: &str,
    ) -> Result<(), Wrong> {
        if self.take(bracket) {
            Ok(())
        } else {
            Err(self.wrong_since(
                start,
                &format!(
                    "Expected matching {name} for {}, after {around}",
                    opening(name)
                ),
            ))
        }
    }

    fn extras(&mut self) -> Result<Vec<String>, Wrong> {
        let start = self.at;
        let mut extras = Vec::new();
        if !self.take("[") {
            return Ok(extras);
        }
        self.blanks();
        if let Some(extra) = self.identifier() {
            extras.push(extra.to_owned());
            loop {
                self.blanks();
                let here = self.at;
                if self.identifier().is_some() {
                    self.at = here;
                    return Err(self.wrong("Expected comma between extra names"));
                }
                if !self.take(",") {
                    break;
                }
                self.blanks();
                match self.identifier() {
                    Some(extra) => extras.push(extra.to_owned()),
                    None => return Err(self.wrong("Expected extra name after comma")),
                }
            }
        }
        self.blanks();
        self.close("]", start, "extras", "RIGHT_BRACKET")?;
        Ok(extras)
    }

    fn specifiers(&mut self) -> Result<Vec<Specifier>, Wrong> {
        let start = self.at;
        let enclosed = self.take("(");
        self.blanks();
        let mut specifiers = Vec::new();
        while let Some(length) = specifier::length_as(self.rest(), self.grammar) {
            let clause_start = self.at;
            let clause = self.rest().get(..length).unwrap_or("");
            self.at += length;
            if self.rest().starts_with(".*") {
                let message = if clause.starts_with("!=")
                    || (clause.starts_with("==") && !clause.starts_with("==="))
                {
                    ".* suffix cannot be used with pre-release, post-release, dev or local versions"
                } else {
                    ".* suffix can only be used with `==` or `!=` operators"
                };
                return Err(self.wrong_within(clause_start, self.at + 1, message));
            }
            if self.local_follows() {
                return Err(self.wrong_within(
                    clause_start,
                    self.at,
                    "Local version label can only be used with `==` or `!=` operators",
                ));
            }
            // `===` may hold commas, at which packaging cuts the whole in pieces again.
            for clause in clause.split(',').map(str::trim).filter(|c| !c.is_empty()) {
                match Specifier::parse_as(clause, self.grammar) {
                    Some(specifier) => specifiers.push(specifier),
                    None => {
                        return Err(format!("Invalid specifier: {}", crate::pystr::repr(clause)));
                    }
                }
            }
            self.blanks();
            if !self.take(",") {
                break;
            }
            self.blanks();
        }
        self.blanks();
        if enclosed {
            self.close(")", start, "version specifier", "RIGHT_PARENTHESIS")?;
        }
        Ok(specifiers)
    }

    fn local_follows(&self) -> bool {
        let mut after = self.rest().chars();
        after.next() == Some('+')
            && after
                .next()
                .is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    }

    fn marker(&mut self) -> Result<Vec<Node>, Wrong> {
        let mut nodes = vec![self.marker_atom()?];
        loop {
            if self.take_word("and") {
                nodes.push(Node::And);
            } else if self.take_word("or") {
                nodes.push(Node::Or);
            } else {
                return Ok(nodes);
            }
            nodes.push(self.marker_atom()?);
        }
    }

    fn marker_atom(&mut self) -> Result<Node, Wrong> {
        self.blanks();
        let start = self.at;
        let node = if self.take("(") {
            self.blanks();
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.wrong_since(start, "Too many parentheses within one another"));
            }
            let nodes = self.marker()?;
            self.depth -= 1;
            self.blanks();
            self.close(")", start, "marker expression", "RIGHT_PARENTHESIS")?;
            Node::Group(nodes)
        } else {
            let left = self.operand()?;
            self.blanks();
            let operator = self.operator()?;
            self.blanks();
            Node::Comparison(left, operator, self.operand()?)
        };
        self.blanks();
        Ok(node)
    }

    fn operand(&mut self) -> Result<Operand, Wrong> {
        for (written, variable) in VARIABLES {
            if self.take_word(written) {
                return Ok(Operand::Variable(variable.to_owned()));
            }
        }
        for quote in ['\'', '"'] {
            if let Some(quoted) = self.rest().strip_prefix(quote)
                && let Some(end) = quoted.find(quote)
            {
                self.at += end + 2;
                return Ok(Operand::Value(quoted.get(..end).unwrap_or("").to_owned()));
            }
        }
        Err(self.wrong("Expected a marker variable or quoted string"))
    }

    fn operator(&mut self) -> Result<&'static str, Wrong> {
        if self.take_word("in") {
            return Ok("in");
        }
        if self.take_word("not") {
            if !self.blanks() {
                return Err(self.wrong("Expected whitespace after 'not'"));
            }
            if !self.take_word("in") {
                return Err(self.wrong("Expected 'in' after 'not'"));
            }
            return Ok("not in");
        }
        for operator in ["===", "==", "~=", "!=", "<=", ">=", "<", ">"] {
            if self.take(operator) {
                return Ok(operator);
            }
        }
        Err(self
            .wrong("Expected marker operator, one of <=, <, !=, ==, >=, >, ~=, ===, in, not in"))
    }
}

fn opening(closing: &str) -> &'static str {
    if closing == "RIGHT_BRACKET" {
        "LEFT_BRACKET"
    } else {
        "LEFT_PARENTHESIS"
    }
}

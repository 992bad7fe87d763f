//! `environment = KEY="value",…`: pairs as Python's `shlex` tears them apart, quotes, comments and all.
//!
//! supervisor: datatypes.py, `dict_of_key_value_pairs`. Up to 4.3 in shlex's old mode, from 4.4 on in its POSIX mode.

use std::collections::VecDeque;

use indexmap::IndexMap;

use super::datatypes::Bad;

/// The pairs of a text, and what was lost without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs {
    pub(super) values: IndexMap<String, String>,
    /// Signs that stand where only a comma belongs: the key before it, and the sign.
    pub(super) torn: Vec<(String, String)>,
    /// A `#` in a value that is not quoted: the rest of the line is gone.
    pub(super) commented: bool,
}

pub(super) fn pairs(text: &str, posix: bool) -> Result<Pairs, Bad> {
    let mut lexer = Lexer {
        input: text.chars().collect(),
        posix,
        ended: false,
        commented: false,
        pushed: None,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.token()? {
        tokens.push(token);
    }
    let mut pairs = Pairs {
        commented: lexer.commented,
        ..Pairs::default()
    };
    for chunk in tokens.chunks(4) {
        let [key, equals, value, rest @ ..] = chunk else {
            return Err(unexpected(text));
        };
        if equals != "=" {
            return Err(unexpected(text));
        }
        let value = if posix {
            value.as_str()
        } else {
            value.trim_matches(['\'', '"'])
        };
        pairs.values.insert(key.clone(), value.to_owned());
        if let Some(separator) = rest.first().filter(|separator| *separator != ",") {
            pairs.torn.push((key.clone(), separator.clone()));
        }
    }
    Ok(pairs)
}

fn unexpected(text: &str) -> Bad {
    Bad::new(
        "S13",
        format!("Unexpected end of key/value pairs in value '{text}'"),
    )
}

struct Lexer {
    input: VecDeque<char>,
    posix: bool,
    ended: bool,
    commented: bool,
    pushed: Option<char>,
}

impl Lexer {
    fn is_word(&self, c: char) -> bool {
        let latin = matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ') && c != '×' && c != '÷';
        c.is_ascii_alphanumeric() || "_/.+-():".contains(c) || (self.posix && latin)
    }

    fn skip_line(&mut self) {
        self.commented = true;
        while self.input.pop_front().is_some_and(|c| c != '\n') {}
    }

    /// Everything up to the closing quote; the token may go on behind it in POSIX mode.
    fn quoted(&mut self, quote: char, token: &mut String) -> Result<(), Bad> {
        loop {
            let Some(c) = self.input.pop_front() else {
                return Err(Bad::new("S13", "No closing quotation"));
            };
            if c == quote {
                return Ok(());
            }
            if self.posix && c == '\\' && quote == '"' {
                let escaped = self.escaped()?;
                if escaped != quote && escaped != '\\' {
                    token.push('\\');
                }
                token.push(escaped);
            } else {
                token.push(c);
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Bad> {
        let none = || Bad::new("S13", "No escaped character");
        self.input.pop_front().ok_or_else(none)
    }

    /// The next token; `None` at the end. The old mode ends at an empty token as well.
    fn token(&mut self) -> Result<Option<String>, Bad> {
        if let Some(c) = self.pushed.take() {
            return Ok(Some(c.to_string()));
        }
        if self.ended {
            return Ok(None);
        }
        let mut token = String::new();
        let mut quoted = false;
        // Else within a word.
        let mut between = true;
        loop {
            let Some(c) = self.input.pop_front() else {
                self.ended = true;
                break;
            };
            let blank = " \t\r\n".contains(c);
            if blank && between {
                continue;
            }
            if blank {
                break;
            }
            if c == '#' {
                self.skip_line();
                if self.posix && !between {
                    if !token.is_empty() || quoted {
                        break;
                    }
                    between = true;
                }
            } else if self.posix && c == '\\' {
                token.push(self.escaped()?);
                between = false;
            } else if matches!(c, '\'' | '"') && self.posix {
                self.quoted(c, &mut token)?;
                quoted = true;
                between = false;
            } else if matches!(c, '\'' | '"') && between {
                // The old mode keeps the quotes and ends the token at the closing one.
                token.push(c);
                self.quoted(c, &mut token)?;
                token.push(c);
                break;
            } else if self.is_word(c) || matches!(c, '\'' | '"') {
                token.push(c);
                between = false;
            } else if between {
                token.push(c);
                break;
            } else {
                self.pushed = Some(c);
                if !token.is_empty() || quoted {
                    break;
                }
                self.pushed = None;
                self.input.push_front(c);
                between = true;
            }
        }
        Ok(if token.is_empty() && !(self.posix && quoted) {
            None
        } else {
            Some(token)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match pairs(text, false) {
            Ok(pairs) => pairs
                .values
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>()
                .join("|"),
            Err(bad) => bad.words,
        }
    }

    // The expectations were taken from supervisor 4.3.0.
    #[test]
    fn pairs_are_torn_as_shlex_does() {
        for (text, expected) in [
            ("A=1,B=\"x, y\"", "A=1|B=x, y"),
            ("A=1,\n  B=2", "A=1|B=2"),
            ("A=café", "A=caf"),
            ("A=b#c,D=e", "A=b"),
            ("A=\"x\"y", "A=x"),
            ("PW=a$B=c", "PW=a|B=c"),
            ("A=it's", "A=it's"),
            ("A='\"x\"'", "A=x"),
            ("A=\"x", "No closing quotation"),
            ("A=", "Unexpected end of key/value pairs in value 'A='"),
            ("", ""),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn posix_mode_knows_escapes() {
        let read = |text: &str| pairs(text, true).unwrap().values;
        assert_eq!(read("A=\"a\\\"b\"")["A"], "a\"b");
        assert_eq!(read("A=''")["A"], "");
        assert_eq!(read("A=café")["A"], "café");
    }
}

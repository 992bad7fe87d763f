//! The syntax of conditions: as much of Python's expressions as their evaluation knows.

use super::value::Value;

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Literal(Value),
    Name(String),
    Sequence(Vec<Expression>),
    Attribute(Box<Expression>, String),
    Item(Box<Expression>, Box<Expression>),
    Slice(
        Box<Expression>,
        Option<Box<Expression>>,
        Option<Box<Expression>>,
    ),
    Call(Box<Expression>, Vec<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Comparison(Box<Expression>, Vec<(String, Expression)>),
    /// Value, condition, the other value.
    If(Box<Expression>, Box<Expression>, Box<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Literal(Value),
    Sign(&'static str),
}

const SIGNS: [&str; 16] = [
    "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", ":", "+", "-", "**",
];

/// Deeper ones are nobody's.
const DEEPEST: usize = 60;
/// So that a long row of `and` makes no deep tree.
const LONGEST: usize = 2_000;

/// The first of the expressions that commas separate, as zc.buildout takes it. The others have to be expressions too.
pub(super) fn parse(text: &str) -> Option<Expression> {
    let tokens = tokens(text)?;
    if tokens.len() > LONGEST {
        return None;
    }
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
    };
    let first = parser.expression()?;
    while parser.takes(",") {
        if parser.at == tokens.len() {
            break;
        }
        // All of them are evaluated; that they can be is only sure of these.
        match parser.expression()? {
            Expression::Literal(_) => {}
            _ => return None,
        }
    }
    (parser.at == tokens.len()).then_some(first)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while let Some(c) = rest.chars().next() {
        let length;
        if c == '\'' || c == '"' {
            let (value, used) = string(rest, false)?;
            tokens.push(Token::Literal(Value::Text(value)));
            length = used;
        } else if c.is_ascii_digit() {
            length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
                .unwrap_or(rest.len());
            let digits = &rest[..length];
            let plain = digits.bytes().all(|b| b.is_ascii_digit())
                && (digits == "0" || !digits.starts_with('0'));
            tokens.push(Token::Literal(Value::Integer(
                digits.parse().ok().filter(|_| plain)?,
            )));
        } else if c.is_ascii_alphabetic() || c == '_' {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let name = &rest[..end];
            if rest[end..].starts_with(['\'', '"']) {
                let raw = matches!(name, "r" | "R");
                if !raw && !matches!(name, "u" | "U") {
                    return None;
                }
                let (value, used) = string(&rest[end..], raw)?;
                tokens.push(Token::Literal(Value::Text(value)));
                length = end + used;
            } else {
                tokens.push(match name {
                    "True" => Token::Literal(Value::Bool(true)),
                    "False" => Token::Literal(Value::Bool(false)),
                    "None" => Token::Literal(Value::None),
                    _ => Token::Name(name.to_owned()),
                });
                length = end;
            }
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            tokens.push(Token::Sign(sign));
            length = sign.len();
        }
        rest = rest[length..].trim_start_matches([' ', '\t']);
    }
    Some(tokens)
}

/// A string of one line at the beginning of `text`: its value, and how long it is there.
fn string(text: &str, raw: bool) -> Option<(String, usize)> {
    let quote = text.chars().next()?;
    if text.starts_with("'''") || text.starts_with("\"\"\"") {
        return None;
    }
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((value, at + 1));
        }
        if c == '\\' {
            let (_, escaped) = chars.next()?;
            match escaped {
                _ if raw => {
                    value.push('\\');
                    value.push(escaped);
                }
                '\\' | '\'' | '"' => value.push(escaped),
                'n' => value.push('\n'),
                't' => value.push('\t'),
                _ => return None,
            }
        } else if c == '\n' {
            return None;
        } else {
            value.push(c);
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn expression(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let value = self.disjunction()?;
        let expression = if self.takes_word("if") {
            let condition = self.disjunction()?;
            if !self.takes_word("else") {
                return None;
            }
            let otherwise = self.expression()?;
            Expression::If(Box::new(value), Box::new(condition), Box::new(otherwise))
        } else {
            value
        };
        self.depth -= 1;
        Some(expression)
    }

    fn disjunction(&mut self) -> Option<Expression> {
        let mut left = self.conjunction()?;
        while self.takes_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Some(left)
    }

    fn conjunction(&mut self) -> Option<Expression> {
        let mut left = self.inversion()?;
        while self.takes_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.inversion()?));
        }
        Some(left)
    }

    fn inversion(&mut self) -> Option<Expression> {
        let mut times = 0;
        while self.takes_word("not") {
            times += 1;
        }
        let mut expression = self.comparison()?;
        if times > DEEPEST {
            return None;
        }
        for _ in 0..times {
            expression = Expression::Not(Box::new(expression));
        }
        Some(expression)
    }

    fn comparison(&mut self) -> Option<Expression> {
        let first = self.sum()?;
        let mut others = Vec::new();
        while let Some(operator) = self.operator() {
            others.push((operator, self.sum()?));
        }
        if others.is_empty() {
            return Some(first);
        }
        Some(Expression::Comparison(Box::new(first), others))
    }

    fn operator(&mut self) -> Option<String> {
        for sign in ["==", "!=", "<=", ">=", "<", ">"] {
            if self.takes(sign) {
                return Some(sign.to_owned());
            }
        }
        if self.takes_word("in") {
            return Some("in".to_owned());
        }
        if self.takes_word("is") {
            let not = self.takes_word("not");
            return Some(if not { "is not" } else { "is" }.to_owned());
        }
        let before = self.at;
        if self.takes_word("not") && self.takes_word("in") {
            return Some("not in".to_owned());
        }
        self.at = before;
        None
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.negation()?;
        while self.takes("+") {
            left = Expression::Sum(Box::new(left), Box::new(self.negation()?));
        }
        Some(left)
    }

    fn negation(&mut self) -> Option<Expression> {
        if self.takes("-") {
            return Some(Expression::Negative(Box::new(self.postfix()?)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Option<Expression> {
        let mut expression = self.atom()?;
        loop {
            if self.takes(".") {
                let Some(Token::Name(name)) = self.tokens.get(self.at) else {
                    return None;
                };
                self.at += 1;
                expression = Expression::Attribute(Box::new(expression), name.clone());
            } else if self.takes("(") {
                let arguments = self.items(")")?.0;
                expression = Expression::Call(Box::new(expression), arguments);
            } else if self.takes("[") {
                expression = self.subscript(expression)?;
            } else {
                return Some(expression);
            }
        }
    }

    fn subscript(&mut self, of: Expression) -> Option<Expression> {
        let of = Box::new(of);
        let from = if self.takes(":") {
            None
        } else {
            let index = Box::new(self.expression()?);
            if self.takes("]") {
                return Some(Expression::Item(of, index));
            }
            if !self.takes(":") {
                return None;
            }
            Some(index)
        };
        let to = if self.takes("]") {
            return Some(Expression::Slice(of, from, None));
        } else {
            Some(Box::new(self.expression()?))
        };
        self.takes("]").then_some(Expression::Slice(of, from, to))
    }

    /// Expressions with commas between, up to a bracket; and whether a comma came at all.
    fn items(&mut self, end: &str) -> Option<(Vec<Expression>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        while !self.takes(end) {
            if !items.is_empty() && !std::mem::take(&mut comma) {
                return None;
            }
            items.push(self.expression()?);
            comma = self.takes(",");
        }
        let several = comma || items.len() != 1;
        Some((items, several))
    }

    fn atom(&mut self) -> Option<Expression> {
        if self.takes("(") {
            let (mut items, several) = self.items(")")?;
            return if several {
                Some(Expression::Sequence(items))
            } else {
                items.pop()
            };
        }
        if self.takes("[") {
            return Some(Expression::Sequence(self.items("]")?.0));
        }
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Name(name) => {
                let word = matches!(
                    name.as_str(),
                    "if" | "else" | "and" | "or" | "not" | "in" | "is" | "for" | "lambda" | "await"
                );
                (!word).then_some(Expression::Name(name))
            }
            // Strings that stand side by side are one; nobody writes that.
            Token::Literal(value) => match self.tokens.get(self.at) {
                Some(Token::Literal(_)) => None,
                _ => Some(Expression::Literal(value)),
            },
            Token::Sign(_) => None,
        }
    }
}

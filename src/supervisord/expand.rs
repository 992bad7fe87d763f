//! `%(name)s` as Python's `format % names` does it, with Python's words for what is wrong.
//!
//! All conversions are here, because a stray `%` makes one of them: `date +%F` is refused as a number, `%s` becomes the
//! whole table of names. CPython 3.11: unicodeobject.c; supervisor: options.py, `expand`.

use indexmap::IndexMap;

use super::datatypes::Bad;
use crate::pystr::repr;

/// What stands for the table of names where `%s` asks for it: its real text has the whole environment in it.
pub const TABLE: &str = "{the whole table of names, with the environment}";

/// Wider than this Python would not get the memory for it.
const WIDEST: usize = 10_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i128),
}

/// Names beside those of the environment.
pub(super) type Local = IndexMap<String, Value>;

/// All names that a value may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    /// Variables, without the `ENV_` before their names.
    pub(super) environment: &'a IndexMap<String, String>,
    pub(super) local: &'a Local,
}

impl Names<'_> {
    fn get(&self, name: &str) -> Option<Argument> {
        match self.local.get(name) {
            Some(Value::Text(text)) => Some(Argument::Text(text.clone())),
            Some(Value::Number(number)) => Some(Argument::Number(*number)),
            None => {
                let variable = self.environment.get(name.strip_prefix("ENV_")?)?;
                Some(Argument::Text(variable.clone()))
            }
        }
    }

    fn available(&self) -> String {
        let variables = self.environment.keys().map(|name| format!("ENV_{name}"));
        let mut names: Vec<String> = self.local.keys().cloned().chain(variables).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    }
}

/// `expand(format, names, of)`.
pub(super) fn expand(format: &str, of: &str, names: Names<'_>) -> Result<String, Bad> {
    if !format.contains('%') {
        return Ok(format.to_owned());
    }
    let formatter = Formatter {
        format: format.chars().collect(),
        at: 0,
        argument: Argument::Table,
        used: false,
        names,
        out: String::new(),
    };
    let whole = || format!("Format string {} for {}", repr(format), repr(of));
    formatter.run().map_err(|failure| match failure {
        Failure::Name(name) => Bad::new(
            if name.starts_with("ENV_") {
                "S12"
            } else {
                "S11"
            },
            format!(
                "{} contains names ({}) which cannot be expanded. Available names: {}",
                whole(),
                repr(&name),
                names.available()
            ),
        ),
        Failure::Format(reason) => {
            Bad::new("S11", format!("{} is badly formatted: {reason}", whole()))
        }
    })
}

enum Failure {
    Name(String),
    Format(String),
}

fn wrong<T>(reason: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Format(reason.into()))
}

#[derive(Clone)]
enum Argument {
    Table,
    Text(String),
    Number(i128),
}

impl Argument {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Table => "dict",
            Self::Text(_) => "str",
            Self::Number(_) => "int",
        }
    }
}

/// One conversion: what stands between `%` and its letter.
#[derive(Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the flags of a conversion are independent of each other"
)]
struct Spec {
    left: bool,
    sign: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

struct Formatter<'a> {
    format: Vec<char>,
    at: usize,
    /// The one argument at hand: the table, until a `(name)` puts another in its place.
    argument: Argument,
    used: bool,
    names: Names<'a>,
    out: String,
}

impl Formatter<'_> {
    fn run(mut self) -> Result<String, Failure> {
        while let Some(&c) = self.format.get(self.at) {
            self.at += 1;
            if c == '%' {
                self.conversion()?;
            } else {
                self.out.push(c);
            }
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Result<char, Failure> {
        let c = self.format.get(self.at).copied();
        self.at += 1;
        c.map_or_else(|| wrong("incomplete format"), Ok)
    }

    fn conversion(&mut self) -> Result<(), Failure> {
        if self.format.get(self.at) == Some(&'%') {
            self.at += 1;
            self.out.push('%');
            return Ok(());
        }
        if self.format.get(self.at) == Some(&'(') {
            self.at += 1;
            let name = self.key()?;
            match self.names.get(&name) {
                Some(argument) => self.argument = argument,
                None => return Err(Failure::Name(name)),
            }
            self.used = false;
        }
        let mut spec = Spec::default();
        let mut c = self.next()?;
        loop {
            match c {
                '-' => spec.left = true,
                '+' => spec.sign = true,
                ' ' => spec.blank = true,
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                _ => break,
            }
            c = self.next()?;
        }
        if c == '*' {
            let width = self.star("width too big")?;
            spec.left |= width < 0;
            spec.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
            c = self.next()?;
        } else {
            (spec.width, c) = self.number(c, "width too big")?;
        }
        if c == '.' {
            c = self.next()?;
            if c == '*' {
                let precision = self.star("precision too big")?;
                spec.precision = Some(usize::try_from(precision).unwrap_or(0));
                c = self.next()?;
            } else {
                let (precision, after) = self.number(c, "precision too big")?;
                spec.precision = Some(precision);
                c = after;
            }
        }
        if matches!(c, 'h' | 'l' | 'L') {
            c = self.next()?;
        }
        self.convert(c, &spec)
    }

    fn key(&mut self) -> Result<String, Failure> {
        let mut depth = 1;
        let start = self.at;
        while let Some(&c) = self.format.get(self.at) {
            self.at += 1;
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.format[start..self.at - 1].iter().collect());
            }
        }
        wrong("incomplete format key")
    }

    fn number(&mut self, first: char, too_big: &str) -> Result<(usize, char), Failure> {
        let mut value: usize = 0;
        let mut c = first;
        while let Some(digit) = c.to_digit(10) {
            let next = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(digit as usize));
            value = match next {
                Some(v) if isize::try_from(v).is_ok() => v,
                _ => return wrong(too_big),
            };
            c = self.next()?;
        }
        Ok((value, c))
    }

    fn argument(&mut self) -> Result<Argument, Failure> {
        if self.used {
            return wrong("not enough arguments for format string");
        }
        self.used = true;
        Ok(self.argument.clone())
    }

    fn star(&mut self, too_big: &str) -> Result<i128, Failure> {
        match self.argument()? {
            Argument::Number(number) if i64::try_from(number).is_ok() => Ok(number),
            Argument::Number(_) => wrong(too_big),
            _ => wrong("* wants int"),
        }
    }

    fn convert(&mut self, letter: char, spec: &Spec) -> Result<(), Failure> {
        let argument = self.argument()?;
        let (sign, prefix, body, numeric) = match letter {
            's' | 'r' | 'a' => {
                let text = match &argument {
                    Argument::Table => TABLE.to_owned(),
                    Argument::Number(number) => number.to_string(),
                    Argument::Text(text) if letter == 's' => text.clone(),
                    Argument::Text(text) if letter == 'r' => repr(text),
                    Argument::Text(text) => ascii(&repr(text)),
                };
                let end = spec.precision.unwrap_or(usize::MAX);
                ("", "", text.chars().take(end).collect(), false)
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => {
                let Argument::Number(number) = argument else {
                    let wanted = match letter {
                        'o' | 'x' | 'X' => "an integer",
                        _ => "a real number",
                    };
                    return wrong(format!(
                        "%{letter} format: {wanted} is required, not {}",
                        argument.type_name()
                    ));
                };
                let size = number.unsigned_abs();
                let (prefix, digits) = match letter {
                    'o' => ("0o", format!("{size:o}")),
                    'x' => ("0x", format!("{size:x}")),
                    'X' => ("0X", format!("{size:X}")),
                    _ => ("", size.to_string()),
                };
                let least = spec.precision.unwrap_or(0);
                if least > WIDEST {
                    return wrong("");
                }
                let zeros = "0".repeat(least.saturating_sub(digits.len()));
                let prefix = if spec.alternate { prefix } else { "" };
                let body = format!("{zeros}{digits}");
                (sign(number, spec), prefix, body, true)
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Argument::Number(number) = argument else {
                    return wrong(format!("must be real number, not {}", argument.type_name()));
                };
                let precision = spec.precision.unwrap_or(6);
                if precision > WIDEST {
                    return wrong("");
                }
                let body = float(letter, number.unsigned_abs(), precision, spec.alternate);
                (sign(number, spec), "", body, true)
            }
            'c' => {
                let one = match argument {
                    Argument::Text(text) if text.chars().count() == 1 => text,
                    Argument::Number(number) => {
                        match u32::try_from(number).ok().filter(|n| *n < 0x11_0000) {
                            Some(code) => char::from_u32(code)
                                .unwrap_or(char::REPLACEMENT_CHARACTER)
                                .to_string(),
                            None => return wrong("%c arg not in range(0x110000)"),
                        }
                    }
                    _ => return wrong("%c requires int or char"),
                };
                ("", "", one, false)
            }
            other => {
                let shown = if (31..127).contains(&(other as u32)) {
                    other
                } else {
                    '?'
                };
                return wrong(format!(
                    "unsupported format character '{shown}' (0x{:x}) at index {}",
                    other as u32,
                    self.at - 1
                ));
            }
        };
        if spec.width > WIDEST {
            return wrong("");
        }
        let length = sign.len() + prefix.len() + body.chars().count();
        let fill = spec.width.saturating_sub(length);
        let (before, zeros, after) = match (spec.left, numeric && spec.zero) {
            (true, _) => (0, 0, fill),
            (false, true) => (0, fill, 0),
            (false, false) => (fill, 0, 0),
        };
        self.out.extend(std::iter::repeat_n(' ', before));
        self.out.push_str(sign);
        self.out.push_str(prefix);
        self.out.extend(std::iter::repeat_n('0', zeros));
        self.out.push_str(&body);
        self.out.extend(std::iter::repeat_n(' ', after));
        Ok(())
    }
}

fn sign(number: i128, spec: &Spec) -> &'static str {
    match number {
        ..0 => "-",
        _ if spec.sign => "+",
        _ if spec.blank => " ",
        _ => "",
    }
}

/// `ascii(text)` of a `repr`.
fn ascii(repr: &str) -> String {
    let mut out = String::new();
    for c in repr.chars() {
        match c as u32 {
            0..0x80 => out.push(c),
            n @ 0x80..0x100 => out.push_str(&format!("\\x{n:02x}")),
            n @ 0x100..0x10000 => out.push_str(&format!("\\u{n:04x}")),
            n => out.push_str(&format!("\\U{n:08x}")),
        }
    }
    out
}

/// A whole number in the forms of floats; the numbers here are those of processes, so small.
#[allow(
    clippy::cast_precision_loss,
    reason = "Python makes a float of it as well"
)]
fn float(letter: char, number: u128, precision: usize, alternate: bool) -> String {
    let scientific = |precision: usize| {
        let text = format!("{:.*e}", precision.min(60), number as f64);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        format!("{mantissa}e+{exponent:0>2}")
    };
    let body = match letter {
        'f' | 'F' if precision == 0 => number.to_string(),
        'f' | 'F' => format!("{number}.{}", "0".repeat(precision)),
        'e' | 'E' => scientific(precision),
        _ => {
            let precision = precision.max(1);
            if number.to_string().len() > precision {
                let text = scientific(precision - 1);
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
                let mantissa = if mantissa.contains('.') && !alternate {
                    mantissa.trim_end_matches('0').trim_end_matches('.')
                } else {
                    mantissa
                };
                format!("{mantissa}e{exponent}")
            } else {
                number.to_string()
            }
        }
    };
    if letter.is_uppercase() {
        body.to_uppercase()
    } else {
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(format: &str) -> String {
        let environment = IndexMap::from([("A".to_owned(), "é".to_owned())]);
        let local = IndexMap::from([
            ("n".to_owned(), Value::Number(7)),
            ("s".to_owned(), Value::Text("x".to_owned())),
        ]);
        let names = Names {
            environment: &environment,
            local: &local,
        };
        match expand(format, "k", names) {
            Ok(text) => text,
            Err(bad) => match bad.words.split_once("formatted: ") {
                Some((_, reason)) => format!("! {reason}"),
                None => bad.words,
            },
        }
    }

    // The expectations were taken from CPython 3.11.
    #[test]
    fn conversions_are_pythons() {
        for (format, expected) in [
            ("%(n)02d|%(n)-3d|%(n)+d|%(n)x|%(n)#o", "07|7  |+7|7|0o7"),
            ("%(n).3d|%(n)5.2f|%(n)e|%(n)g", "007| 7.00|7.000000e+00|7"),
            (
                "%(s)5s|%(s).0s|%(s)r|%(ENV_A)a|%(n)c",
                "    x||'x'|'\\xe9'|\u{7}",
            ),
            ("%%|%%%(s)s", "%|%x"),
            (
                "%-5%",
                "! unsupported format character '%' (0x25) at index 3",
            ),
            ("%d", "! %d format: a real number is required, not dict"),
            ("%(s)x", "! %x format: an integer is required, not str"),
            ("%F", "! must be real number, not dict"),
            ("%c", "! %c requires int or char"),
            (
                "é %Y",
                "! unsupported format character 'Y' (0x59) at index 3",
            ),
            ("%é", "! unsupported format character '?' (0xe9) at index 1"),
            ("%(s)s %s", "! not enough arguments for format string"),
            ("%", "! incomplete format"),
            ("%(n", "! incomplete format key"),
            ("%(n)*d", "! not enough arguments for format string"),
            ("%*d", "! * wants int"),
            ("%99999999999999999999d", "! width too big"),
            (
                "%(no)s",
                "Format string '%(no)s' for 'k' contains names ('no') which cannot be expanded. Available names: ENV_A, n, s",
            ),
        ] {
            assert_eq!(expanded(format), expected, "{format}");
        }
        assert_eq!(expanded("%s"), TABLE);
    }
}

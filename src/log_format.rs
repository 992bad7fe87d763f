//! [`LogFormat`]: `[buildout] log-format`, a template of Python's `logging` with `%(field)s`.
//!
//! Fields about a place in Python code have no place here and say `rbuildout`; times are UTC. Python: `logging.Formatter`,
//! `logging.LogRecord`, `str.__mod__`.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::pystr::repr;

/// What a line of the log is about.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub logger: &'a str,
    pub level: i32,
    pub message: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// `%(name)-8.3s`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    flags: String,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

enum Value {
    Text(String),
    Number(f64),
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat(Vec<Piece>);

const FIELDS: [&str; 22] = [
    "name",
    "msg",
    "levelname",
    "levelno",
    "pathname",
    "filename",
    "module",
    "lineno",
    "funcName",
    "created",
    "asctime",
    "msecs",
    "relativeCreated",
    "thread",
    "threadName",
    "process",
    "processName",
    "taskName",
    "message",
    "args",
    "exc_info",
    "stack_info",
];

impl LogFormat {
    /// Reads a template; a mistake in it is one here, not with each line as in Python.
    pub fn read(template: &str) -> Result<Self> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = template.chars().peekable();
        let invalid = || Error::user(format!("Invalid format {} for '%' style", repr(template)));
        while let Some(c) = rest.next() {
            if c != '%' {
                text.push(c);
                continue;
            }
            if rest.next_if_eq(&'%').is_some() {
                text.push('%');
                continue;
            }
            if rest.next() != Some('(') {
                return Err(invalid());
            }
            let mut name = String::new();
            loop {
                match rest.next() {
                    Some(')') => break,
                    Some(c) => name.push(c),
                    None => return Err(invalid()),
                }
            }
            if !FIELDS.contains(&name.as_str()) {
                return Err(Error::user(format!(
                    "Formatting field not found in record: {}",
                    repr(&name)
                )));
            }
            let digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
                let mut number = String::new();
                while let Some(c) = rest.next_if(char::is_ascii_digit) {
                    number.push(c);
                }
                number.parse::<usize>().ok().map(|n| n.min(1000))
            };
            let mut flags = String::new();
            while let Some(flag) = rest.next_if(|c| "#0+ -".contains(*c)) {
                flags.push(flag);
            }
            let width = digits(&mut rest).unwrap_or(0);
            let precision = rest
                .next_if_eq(&'.')
                .map(|_| digits(&mut rest).unwrap_or(0));
            let conversion = rest
                .next()
                .filter(|c| "diouxXeEfFgGcrsa".contains(*c))
                .ok_or_else(invalid)?;
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Field(Field {
                name,
                flags,
                width,
                precision,
                conversion,
            }));
        }
        if pieces.is_empty() {
            // Python wants at least one field.
            return Err(invalid());
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(Self(pieces))
    }

    /// The line for a record.
    pub fn line(&self, record: Record<'_>) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut line = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Field(field) => line.push_str(&field.filled(record, now)),
            }
        }
        line
    }
}

/// Python: `logging.getLevelName`.
fn level_name(level: i32) -> String {
    match level {
        10 => "DEBUG".to_owned(),
        20 => "INFO".to_owned(),
        30 => "WARNING".to_owned(),
        40 => "ERROR".to_owned(),
        50 => "CRITICAL".to_owned(),
        other => format!("Level {other}"),
    }
}

/// UTC, as `%Y-%m-%d %H:%M:%S` with milliseconds behind a comma.
fn asctime(now: std::time::Duration) -> String {
    let text = crate::clock::written(now.as_secs(), now.subsec_micros());
    text.get(..23).unwrap_or(&text).replace('.', ",")
}

impl Field {
    fn value(&self, record: Record<'_>, now: std::time::Duration) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        match self.name.as_str() {
            "name" => text(record.logger),
            "message" | "msg" => text(record.message),
            "levelname" => Value::Text(level_name(record.level)),
            "levelno" => Value::Number(f64::from(record.level)),
            "asctime" => Value::Text(asctime(now)),
            "created" => Value::Number(now.as_secs_f64()),
            "msecs" => Value::Number(f64::from(now.subsec_millis())),
            "process" => Value::Number(f64::from(std::process::id())),
            "processName" => text("MainProcess"),
            "threadName" => text("MainThread"),
            "lineno" | "thread" | "relativeCreated" => Value::Number(0.0),
            "args" => text("()"),
            "taskName" | "exc_info" | "stack_info" => text("None"),
            _ => text("rbuildout"),
        }
    }

    fn filled(&self, record: Record<'_>, now: std::time::Duration) -> String {
        let value = self.value(record, now);
        let is_number = matches!(value, Value::Number(_)) && !"rsac".contains(self.conversion);
        let mut text = match (&value, self.conversion) {
            (Value::Number(n), 'f' | 'F' | 'e' | 'E' | 'g' | 'G') => {
                format!("{n:.*}", self.precision.unwrap_or(6))
            }
            (Value::Number(n), 'd' | 'i' | 'u') => format!("{:.0}", n.trunc()),
            (Value::Number(n), _) => format!("{n}"),
            (Value::Text(text), 'r' | 'a') => repr(text),
            (Value::Text(text), _) => text.clone(),
        };
        if let Some(precision) = self.precision.filter(|_| !is_number) {
            text = text.chars().take(precision).collect();
        }
        let missing = self.width.saturating_sub(text.chars().count());
        if self.flags.contains('-') {
            text.push_str(&" ".repeat(missing));
            text
        } else if is_number && self.flags.contains('0') {
            format!("{}{text}", "0".repeat(missing))
        } else {
            format!("{}{text}", " ".repeat(missing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(template: &str) -> std::result::Result<String, String> {
        let record = Record {
            logger: "zc.buildout",
            level: 20,
            message: "Develop: 'x'",
        };
        match LogFormat::read(template) {
            Ok(format) => Ok(format.line(record)),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn as_python_fills_them() {
        // Recorded from `logging.Formatter(..).format(..)`.
        for (template, expected) in [
            ("%(levelname)s %(message)s", "INFO Develop: 'x'"),
            (
                "%(levelname)-8s|%(levelname)8s|%(levelname).2s",
                "INFO    |    INFO|IN",
            ),
            ("%(levelno)d%% %(levelno)05d %(levelno)s", "20% 00020 20"),
            ("%(levelno).1f %(name)r é", "20.0 'zc.buildout' é"),
        ] {
            assert_eq!(line(template).as_deref(), Ok(expected), "{template}");
        }
        let time = line("%(asctime)s").unwrap();
        assert!(time.len() == 23 && &time[19..20] == ",", "{time}");
    }

    #[test]
    fn mistakes() {
        assert_eq!(
            line("no field"),
            Err("Invalid format 'no field' for '%' style".to_owned())
        );
        assert_eq!(
            line("%(message)"),
            Err("Invalid format '%(message)' for '%' style".to_owned())
        );
        assert_eq!(
            line("%(oops)s"),
            Err("Formatting field not found in record: 'oops'".to_owned())
        );
    }
}

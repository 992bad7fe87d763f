//! Errors and diagnostics as text for standard error.
//!
//! zc.buildout's lines come first and unchanged (`While:`, `Error: …`); ours follow, each a line that begins with
//! `rbuildout: ` and lines that are indented: the place, the line with a caret, how the file came in, what to do. Values of
//! passwords are not shown.

use std::fmt::Write as _;

use crate::error::{Diagnostic, Error, Severity};
use crate::text::Origin;

/// Escape sequences, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub(super) colored: bool,
    /// Whether ours are shown beside zc.buildout's lines.
    pub(super) diagnostics: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colored {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The whole of an error.
pub(super) fn error(error: &Error, style: Style) -> String {
    let mut out = String::new();
    if !error.doing.is_empty() {
        out.push_str("While:\n");
        for doing in &error.doing {
            let _ = writeln!(out, "  {doing}");
        }
    }
    let _ = writeln!(out, "Error: {}", error.message);
    for each in error.diagnostics.iter().filter(|_| style.diagnostics) {
        out.push_str(&diagnostic(each, style));
    }
    out
}

/// One diagnostic.
pub(super) fn diagnostic(diagnostic: &Diagnostic, style: Style) -> String {
    let (word, code) = match diagnostic.severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
        Severity::Note => ("note", "1;36"),
    };
    let mut out = String::from("rbuildout: ");
    out.push_str(&style.paint(code, &format!("{word}[{}]", diagnostic.id)));
    let _ = writeln!(out, ": {}", indented(&diagnostic.message));
    if let Some(origin) = &diagnostic.at {
        out.push_str(&excerpt(origin, diagnostic.width, style));
    }
    for help in &diagnostic.help {
        let _ = writeln!(out, "  {} {}", style.paint("1;32", "help:"), indented(help));
    }
    out
}

/// Further lines of a text, indented so that they belong to the first.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n    ")
}

fn excerpt(origin: &Origin, width: usize, style: Style) -> String {
    let mut out = format!(
        "  --> {}:{}:{}\n",
        origin.source.name, origin.line, origin.column
    );
    let line = origin.source.line(origin.line);
    if !line.is_empty() {
        let number = origin.line.to_string();
        let margin = " ".repeat(number.len());
        let shown = without_secrets(line);
        let column = (origin.column as usize).saturating_sub(1);
        // Tabs stay tabs under the line, so that the caret stands where the eye looks.
        let before: String = shown
            .chars()
            .take(column)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let room = shown.chars().count().saturating_sub(column).max(1);
        // Carets under a value that is not shown must not tell its length.
        let width = if shown == line { width } else { 1 };
        let carets = style.paint("1;31", &"^".repeat(width.clamp(1, room)));
        let bar = style.paint("34", "|");
        let _ = writeln!(out, "  {margin} {bar}");
        let _ = writeln!(out, "  {number} {bar} {}", shown.trim_end());
        let _ = writeln!(out, "  {margin} {bar} {before}{carets}");
    }
    let mut from = origin.source.extended_from.as_ref();
    while let Some(place) = from {
        let _ = writeln!(out, "  extended from {}:{}", place.source.name, place.line);
        from = place.source.extended_from.as_ref();
    }
    out
}

/// What stands in place of a password.
const MASK: &str = "********";

/// A line of a configuration with the values of passwords and the credentials of URLs replaced.
fn without_secrets(line: &str) -> String {
    let mut shown = line.to_owned();
    if let Some((name, value)) = line.split_once('=') {
        let option = name.rsplit(':').next().unwrap_or(name).to_lowercase();
        // An environment has names of its own, one of which may be that of a secret.
        let names = if option.contains("environment") {
            value.to_lowercase()
        } else {
            option
        };
        let secret = ["password", "passwd", "secret", "token"]
            .iter()
            .any(|word| names.contains(word));
        if secret && !value.trim().is_empty() && !value.contains("${") {
            shown = format!("{name}= {MASK}");
        }
    }
    let mut searched = 0;
    while let Some(at) = shown[searched..].find("://").map(|at| searched + at + 3) {
        let end = shown[at..]
            .find(|c: char| c == '/' || c.is_whitespace())
            .map_or(shown.len(), |end| at + end);
        if let Some(credentials) = shown[at..end].rfind('@') {
            shown.replace_range(at..at + credentials, "****");
        }
        searched = at;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, Text};
    use std::sync::Arc;

    fn origin(text: &str, line: u32, column: u32) -> Origin {
        let root = Arc::new(Source {
            name: "buildout.cfg".into(),
            text: "[buildout]\nextends = x\n".into(),
            extended_from: None,
        });
        let from = Origin {
            source: root,
            line: 2,
            column: 11,
        };
        let source = Source {
            name: "base.cfg".into(),
            text: text.into(),
            extended_from: Some(from),
        };
        Origin {
            source: Arc::new(source),
            line,
            column,
        }
    }

    #[test]
    fn a_diagnostic_shows_the_line_and_the_way_to_it() {
        let text = Text::at("oops", &origin("[a]\n\toops\n", 2, 2));
        let shown = diagnostic(
            &Diagnostic::warning("R03", "dropped")
                .at(&text)
                .help("take it away"),
            Style {
                colored: false,
                diagnostics: true,
            },
        );
        assert_eq!(
            shown,
            "rbuildout: warning[R03]: dropped\n  --> base.cfg:2:2\n    |\n  2 | \toops\n    | \t^^^^\n  \
             extended from buildout.cfg:2\n  help: take it away\n"
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(without_secrets("password = hunter2"), "password = ********");
        assert_eq!(
            without_secrets("environment = A=1,DB_PASSWORD=x"),
            "environment = ********"
        );
        assert_eq!(
            without_secrets("index = https://joe:pw@host/x"),
            "index = https://****@host/x"
        );
        assert_eq!(
            without_secrets("password = ${passwords:main}"),
            "password = ${passwords:main}"
        );
    }
}

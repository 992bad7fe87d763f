//! Why a line of `programs`, `eventlisteners` or `groups` is none.
//!
//! The message is the recipe's, word for word; the diagnostic beside it points at the first field that does not fit and
//! says what was probably meant. The recipe stops at the first bad line; here all of them are told.

use super::{groups, listeners, programs};
use crate::error::{Diagnostic, Error};
use crate::pystr;
use crate::text::Text;

/// What the recipe would have raised, and our own word on it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) diagnostic: Diagnostic,
}

/// One error for all faults: the message of the first, the diagnostics of all.
pub(super) fn error(faults: Vec<Fault>) -> Option<Box<Error>> {
    let mut faults = faults.into_iter();
    let first = faults.next()?;
    let error = Error::user(first.message).with(first.diagnostic);
    Some(faults.fold(error, |error, fault| error.with(fault.diagnostic)))
}

pub(super) fn http_socket(value: &Text) -> Fault {
    let near = crate::wording::did_you_mean(value, ["inet", "unix"]);
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `inet` for a port or `unix` for a socket file".to_owned(),
    };
    Fault {
        message: "http-socket only supports values inet or nix.".to_owned(),
        diagnostic: Diagnostic::error(
            "http-socket",
            format!("`http-socket` is `{value}`, neither `inet` nor `unix`"),
        )
        .at(value)
        .help(help),
    }
}

/// A kind of line.
pub(super) struct Kind {
    /// What the recipe says before the line.
    complaint: &'static str,
    id: &'static str,
    /// What a line is about, for our own words.
    what: &'static str,
    /// The three fields that must be there, in order.
    fields: [&'static str; 3],
    /// Whether the first is a number.
    numbered: bool,
    syntax: &'static str,
    fits: fn(&str) -> bool,
}

pub(super) const PROGRAM: Kind = Kind {
    complaint: "Program line incorrect",
    id: "program-line",
    what: "program",
    fields: ["priority", "name", "command"],
    numbered: true,
    syntax: "PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [true|false] [USER]",
    fits: |line| programs::scan(line).is_some(),
};

pub(super) const LISTENER: Kind = Kind {
    complaint: "Event Listeners line incorrect",
    id: "listener-line",
    what: "event listener",
    fields: ["name", "events", "command"],
    numbered: false,
    syntax: "NAME [(OPTIONS)] EVENTS COMMAND [[ARGS]]",
    fits: |line| listeners::scan(line).is_some(),
};

pub(super) const GROUP: Kind = Kind {
    complaint: "Group line incorrect",
    id: "group-line",
    what: "group",
    fields: ["priority", "name", "programs"],
    numbered: true,
    syntax: "PRIORITY NAME PROGRAM,PROGRAM",
    fits: |line| groups::scan(line).is_some(),
};

/// Something that was wrapped onto another line.
const WRAPPED: &str = "R07";

impl Kind {
    /// What is wrong with the line at `index`, which does not fit.
    pub(super) fn explain(&self, lines: &[Text], index: usize) -> Fault {
        let line = lines.get(index).cloned().unwrap_or_default();
        let before = index.checked_sub(1).and_then(|index| lines.get(index));
        let indented = line.starts_with(pystr::is_space);
        let diagnostic = self
            .comment(&line)
            .or_else(|| indented.then(|| self.indented(&line, before, lines)))
            .or_else(|| self.wrapped(&line, before))
            .unwrap_or_else(|| self.field(&line, lines.get(index + 1)));
        Fault {
            message: format!("{}: {line}", self.complaint),
            diagnostic: diagnostic.help(format!("a line is: {}", self.syntax)),
        }
    }

    fn comment(&self, line: &Text) -> Option<Diagnostic> {
        let inside = pystr::strip(line);
        inside.starts_with(['#', ';']).then(|| {
            Diagnostic::error(
                self.id,
                format!("an indented comment is taken for a {} line", self.what),
            )
            .at(&line.piece(inside))
            .help("begin the comment in the first column of the file, or remove it")
        })
    }

    fn indented(&self, line: &Text, before: Option<&Text>, lines: &[Text]) -> Diagnostic {
        let inside = line.piece(pystr::strip(line));
        let any = |sign: char| lines.iter().any(|line| line.starts_with(sign));
        if any('\t') && any(' ') {
            return Diagnostic::error(
                self.id,
                "lines are indented by tabs and by blanks, so no indent is common to all and each keeps its own",
            )
            .at(&inside)
            .help("indent all lines of the option alike");
        }
        if inside.is_empty() {
            return Diagnostic::error(self.id, "the line holds only blanks")
                .at(line)
                .help("remove it");
        }
        if !(self.fits)(&inside) && before.is_some() {
            return self.continuation(&inside);
        }
        Diagnostic::error(
            self.id,
            "the line is indented deeper than the others and keeps the difference",
        )
        .at(&inside)
        .help("indent it as the other lines of the option")
    }

    fn continuation(&self, at: &Text) -> Diagnostic {
        Diagnostic::error(
            WRAPPED,
            format!(
                "the line goes on with the one before, but a {} is one line",
                self.what
            ),
        )
        .at(at)
        .help("join it to the line before")
    }

    /// A line that looks as if the one before had been broken.
    fn wrapped(&self, line: &Text, before: Option<&Text>) -> Option<Diagnostic> {
        let before = before?;
        let more = |text: &str, open: char, close: char| {
            text.matches(open).count() > text.matches(close).count()
        };
        let goes_on = pystr::rstrip(before).ends_with(['\\', ','])
            || more(before, '(', ')') && more(line, ')', '(')
            || more(before, '[', ']') && more(line, ']', '[')
            || begins_amid(line);
        goes_on.then(|| self.continuation(line))
    }

    /// The first field that is missing or no number.
    fn field(&self, line: &Text, next: Option<&Text>) -> Diagnostic {
        let words: Vec<&str> = pystr::split(line).collect();
        let first = words.first().copied().unwrap_or_default();
        let at_first = line.piece(first);
        if self.numbered && !first.chars().all(pystr::is_digit) {
            return self.priority(line, &at_first);
        }
        let missing: Vec<&str> = self.fields.iter().skip(words.len()).copied().collect();
        let message = match *missing.as_slice() {
            [one] => format!("the {one} is missing"),
            [one, other] => format!("the {one} and the {other} are missing"),
            _ => format!("this is no {} line", self.what),
        };
        let on_next = next.is_some_and(|next| !(self.fits)(next));
        let (id, help) = if on_next {
            (
                WRAPPED,
                format!(
                    "a {} is one line: join the next line to this one",
                    self.what
                ),
            )
        } else {
            (self.id, format!("put {} at the end", missing.join(" and ")))
        };
        Diagnostic::error(id, message)
            .at_origin(line.origin(line.len()), 1)
            .help(help)
    }

    fn priority(&self, line: &Text, first: &Text) -> Diagnostic {
        let digits: String = first.chars().take_while(|c| pystr::is_digit(*c)).collect();
        let number = !digits.is_empty()
            || first.starts_with(['-', '+', '.']) && first.chars().skip(1).any(pystr::is_digit);
        if number {
            let help = if digits.is_empty() {
                "priorities are whole numbers from 0 upwards; small ones start first".to_owned()
            } else {
                format!("did you mean `{digits}`?")
            };
            return Diagnostic::error(
                self.id,
                format!("the priority `{first}` is no whole number"),
            )
            .at(first)
            .help(help);
        }
        let mended = format!("10 {}", line.as_str());
        let help = if (self.fits)(&mended) {
            format!("did you mean `{mended}`?")
        } else {
            "begin the line with a whole number; if it belongs to the line before, join them"
                .to_owned()
        };
        Diagnostic::error(self.id, "the line does not begin with a priority")
            .at(first)
            .help(help)
    }
}

/// Whether a line begins with what stands in the middle of one: brackets, a path, an option, a redirect word.
fn begins_amid(line: &str) -> bool {
    let first = pystr::split(line).next().unwrap_or_default();
    let number = first.chars().skip(1).any(pystr::is_digit) && first.len() < 5;
    line.starts_with(['[', '(', '/', '$', '%', ']', ')'])
        || line.starts_with('-') && !number
        || matches!(first, "true" | "false")
}

//! What a line says that the recipe takes for something else or drops without a word.
//!
//! These lines are accepted, and written as the recipe writes them; here is told what came of them. Ids R01 to R10.

use std::ops::Range;

use super::groups::GroupFields;
use super::listeners::ListenerFields;
use super::process_options;
use super::programs::ProgramFields;
use crate::error::Diagnostic;
use crate::pypath;
use crate::pystr;
use crate::text::Text;

/// Fields that stand in the wrong shape, for which no finding of the list has a number.
const OPTIONS: &str = "program-options";
const ARGS: &str = "program-args";
const DIRECTORY: &str = "program-directory";

pub(super) fn of_program(line: &Text, fields: &ProgramFields) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let at = |range: &Range<usize>| line.slice(range.clone());
    if let Some(shape) =
        program_options_shape(line, fields).or_else(|| program_args_shape(line, fields))
    {
        found.push(shape);
    } else {
        found.extend(dropped_after_program(line, fields));
        found.extend(directory(line, fields));
        if let Some(user) = fields.user.as_ref().map(at).filter(|user| is_truth(user)) {
            found.push(
                Diagnostic::warning("R01", format!("`{user}` is taken for the user"))
                    .at(&user)
                    .help("only `true` and `false`, in lower case and once, say whether to redirect stderr"),
            );
        }
    }
    if let Some(options) = &fields.options {
        found.extend(process_options::losses(&at(options)));
    }
    found
}

pub(super) fn of_listener(line: &Text, fields: &ListenerFields) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let at = |range: &Range<usize>| line.slice(range.clone());
    let (name, events) = (at(&fields.name), at(&fields.events));
    if name.chars().all(pystr::is_digit) {
        found.push(
            Diagnostic::warning(
                "listener-priority",
                format!("`{name}` is taken for the listener's name and `{events}` for its events"),
            )
            .at(&name)
            .help("listener lines have no priority: begin with the name"),
        );
        return found;
    }
    if let Some(shape) = parentheses(line, &fields.name, fields.options.as_ref(), &fields.events) {
        found.push(shape);
        return found;
    }
    if events.ends_with(',') {
        found.push(
            Diagnostic::warning(
                "listener-events",
                format!(
                    "the events end at the blank; `{}` is taken for the command",
                    at(&fields.command)
                ),
            )
            .at(&events)
            .help("write the events without blanks: `TICK_60,TICK_3600`"),
        );
        return found;
    }
    let rest = rest(line, fields.end);
    if fields.args.is_none() {
        let why = if rest.starts_with("[]") {
            "the brackets are empty"
        } else if rest.starts_with('[') {
            "the bracket is never closed"
        } else {
            "the listener has no [args]"
        };
        found.push(
            Diagnostic::warning(
                "R09",
                format!("{why}, so the word `None` becomes the argument of its command"),
            )
            .at(&at(&fields.command))
            .help("add arguments in brackets, at least a blank: `[ ]`"),
        );
    } else if let Some(nested) = fields.args.as_ref().filter(|args| at(args).contains('[')) {
        found.push(nested_brackets(&at(nested)));
    }
    let told = fields.args.is_none() && rest.starts_with('[');
    if !(rest.is_empty() || told) && found.iter().all(|d| d.id != ARGS) {
        found.push(
            Diagnostic::warning(
                "R03",
                format!("`{rest}` is dropped: nothing follows the arguments"),
            )
            .at(&rest)
            .help("a listener's arguments stand in brackets; remove the rest"),
        );
    }
    if let Some(options) = fields.options.as_ref().map(at) {
        if process_options::sets(&options, "environment") {
            found.push(
                Diagnostic::warning(
                    "R10",
                    "`environment` replaces the listener's SUPERVISOR_USERNAME, SUPERVISOR_PASSWORD and SUPERVISOR_SERVER_URL",
                )
                .at(&options.piece(pystr::split(&options).find(|w| w.starts_with("environment=")).unwrap_or(&options)))
                .help("set these three here too, or set the variables in a wrapper script"),
            );
        }
        found.extend(process_options::losses(&options));
    }
    found
}

pub(super) fn of_group(line: &Text, fields: &GroupFields) -> Option<Diagnostic> {
    let programs = line.slice(fields.programs.clone());
    let rest = rest(line, fields.end);
    if !rest.is_empty() {
        let all = line.get(fields.programs.start..).unwrap_or_default();
        let names: Vec<&str> = all
            .split(|c| c == ',' || pystr::is_space(c))
            .filter(|name| !name.is_empty())
            .collect();
        return Some(
            Diagnostic::warning(
                "R08",
                format!("`{rest}` is dropped: the programs end at the first blank"),
            )
            .at(&rest)
            .help(format!("write them without blanks: `{}`", names.join(","))),
        );
    }
    programs
        .split(',')
        .iter()
        .any(|name| name.is_empty())
        .then(|| {
            Diagnostic::warning(
                "R08",
                "a comma too many names a program without a name, which supervisord refuses",
            )
            .at(&programs)
            .help("remove it")
        })
}

/// What follows the match, without the blanks around.
fn rest(line: &Text, end: usize) -> Text {
    let rest = line.get(end..).unwrap_or_default();
    line.piece(pystr::strip(rest))
}

fn is_truth(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

fn program_options_shape(line: &Text, fields: &ProgramFields) -> Option<Diagnostic> {
    if let Some(found) = parentheses(line, &fields.name, fields.options.as_ref(), &fields.command) {
        return Some(found);
    }
    let late = [&fields.directory, &fields.user]
        .into_iter()
        .flatten()
        .map(|range| line.slice(range.clone()))
        .find(|word| word.starts_with('('))?;
    Some(
        Diagnostic::warning(OPTIONS, format!("`{late}` is not taken for options here"))
            .at(&late)
            .help("options stand between the name and the command"),
    )
}

/// Options that are not taken for options, or not whole. `next` is the field after them.
fn parentheses(
    line: &Text,
    name: &Range<usize>,
    options: Option<&Range<usize>>,
    next: &Range<usize>,
) -> Option<Diagnostic> {
    let (name, word) = (line.slice(name.clone()), line.slice(next.clone()));
    let told = |message: String, at: &Text, help: &str| {
        Some(Diagnostic::warning(OPTIONS, message).at(at).help(help))
    };
    let first_parenthesis = |at: &Text| {
        Diagnostic::warning("R04", "options end at the first `)`, whatever is open")
            .at(at)
            .help(
                "no option can hold a parenthesis, so `%(program_name)s` and `%(process_num)02d` can't be said here; put such a program into a file and name that in `include`",
            )
    };
    if let Some(options) = options.map(|range| line.slice(range.clone())) {
        if options.contains('(') {
            return Some(first_parenthesis(&options));
        }
        if word.starts_with('(') {
            let message = format!("`{word}` is not taken for options: there are some already");
            return told(
                message,
                &word,
                "put all options into one pair of parentheses",
            );
        }
        return None;
    }
    if name.contains('(') {
        let message = format!("`{name}` is taken for the name");
        return told(message, &name, "put a blank before the `(`");
    }
    if !word.starts_with('(') {
        return None;
    }
    let tail = line.get(next.start..).unwrap_or_default();
    let taken = format!("`{word}` is not taken for options");
    let Some(close) = tail.find(')') else {
        return told(
            format!("{taken}: the `(` is never closed"),
            &word,
            "close it with `)`",
        );
    };
    let inside = &tail[1..close];
    let glued = tail[close + 1..]
        .chars()
        .next()
        .is_some_and(|c| !pystr::is_space(c));
    if inside.contains('(') {
        return Some(first_parenthesis(&word));
    }
    if inside.is_empty() && !glued {
        return told(format!("{taken}: it is empty"), &word, "remove it");
    }
    if glued {
        return told(taken, &word, "put a blank after the `)`");
    }
    told(taken, &word, "a command must follow the options")
}

fn nested_brackets(args: &Text) -> Diagnostic {
    Diagnostic::warning(ARGS, "the arguments end at the first `]`, whatever is open")
        .at(args)
        .help("arguments can't hold brackets; put them into a wrapper script")
}

fn program_args_shape(line: &Text, fields: &ProgramFields) -> Option<Diagnostic> {
    let text = |range: &Range<usize>| line.slice(range.clone());
    let told = |message: String, at: &Text, help: &str| {
        Some(Diagnostic::warning(ARGS, message).at(at).help(help))
    };
    let command = text(&fields.command);
    if command
        .find('[')
        .is_some_and(|at| at > 0 && at + 1 < command.len())
    {
        let message = format!("`{command}` is taken for the command");
        return told(message, &command, "put a blank before the `[`");
    }
    if let Some(args) = &fields.args {
        if text(args).contains('[') {
            return Some(nested_brackets(&text(args)));
        }
        let after = line.get(args.end + 1..).unwrap_or_default();
        if after.chars().next().is_some_and(|c| !pystr::is_space(c)) {
            let after = line.piece(pystr::strip(after));
            let message = format!("`{after}` is dropped: it follows the `]` without a blank");
            return told(message, &after, "put a blank after the `]`");
        }
    }
    let (word, role) = [(&fields.directory, "directory"), (&fields.user, "user")]
        .into_iter()
        .find_map(|(range, role)| {
            let word = text(range.as_ref()?);
            word.starts_with('[').then_some((word, role))
        })?;
    let taken = format!("`{word}` is taken for the {role}");
    if fields.args.is_some() {
        return told(taken, &word, "put all arguments into one pair of brackets");
    }
    let tail = line.get(fields.command.end..).unwrap_or_default();
    let tail = tail.split_once('[').map_or("", |(_, tail)| tail);
    if role == "user" {
        told(taken, &word, "arguments stand right after the command")
    } else if tail.starts_with("true") || tail.starts_with("false") {
        let message = format!("{taken}: arguments can't begin with true or false");
        told(message, &word, "put a blank after the `[`")
    } else if tail.starts_with(']') {
        told(
            format!("{taken}: the brackets are empty"),
            &word,
            "remove them",
        )
    } else if !tail.contains(']') {
        told(
            format!("{taken}: the `[` is never closed"),
            &word,
            "close it with `]`",
        )
    } else {
        told(
            taken,
            &word,
            "arguments stand right after the command, in one pair of brackets",
        )
    }
}

fn dropped_after_program(line: &Text, fields: &ProgramFields) -> Option<Diagnostic> {
    let rest = rest(line, fields.end);
    if rest.is_empty() {
        return None;
    }
    let follows_at_once = line
        .get(fields.end..)
        .and_then(|tail| tail.chars().next())
        .is_some_and(|c| !pystr::is_space(c));
    if let Some(redirect) = fields.redirect.as_ref().filter(|_| follows_at_once) {
        let whole = line.slice(redirect.start..line.len());
        let word = pystr::split(&whole).next().unwrap_or_default();
        let redirect = line.slice(redirect.clone());
        return Some(
            Diagnostic::warning(
                DIRECTORY,
                format!("`{word}` is taken for `{redirect}`, and `{rest}` is dropped"),
            )
            .at(&whole.piece(word))
            .help("no directory can begin with true or false; write it as an absolute path or with `./`"),
        );
    }
    let help = if rest.starts_with(['#', ';']) {
        "a comment needs a line of its own, in the first column"
    } else {
        "nothing follows the user; arguments of the command stand in brackets after it"
    };
    Some(
        Diagnostic::warning("R03", format!("`{rest}` is dropped"))
            .at(&rest)
            .help(help),
    )
}

fn directory(line: &Text, fields: &ProgramFields) -> Option<Diagnostic> {
    let command = line.slice(fields.command.clone());
    let set = fields
        .options
        .as_ref()
        .is_some_and(|options| process_options::sets(&line[options.clone()], "directory"));
    let Some(directory) = fields
        .directory
        .as_ref()
        .map(|range| line.slice(range.clone()))
    else {
        let empty = pypath::dirname(&command).is_empty() && !set;
        return empty.then(|| {
            Diagnostic::warning(
                DIRECTORY,
                format!("`{command}` has no directory, so `directory =` is written empty and the program can't start"),
            )
            .at(&command)
            .help("write the command's full path, or a directory after it")
        });
    };
    if is_truth(&directory) {
        return Some(
            Diagnostic::warning("R02", format!("`{directory}` is taken for the directory"))
                .at(&directory)
                .help(format!(
                    "write `{}`, in lower case",
                    directory.to_lowercase()
                )),
        );
    }
    let path = directory.contains(['/', '%']) || directory.starts_with(['.', '~']);
    (!path && !set && fields.redirect.is_none() && fields.user.is_none()).then(|| {
        Diagnostic::warning(
            DIRECTORY,
            format!("`{directory}` is taken for the directory"),
        )
        .at(&directory)
        .help(format!(
            "if it is the user, write true or false before it: `false {directory}`"
        ))
    })
}

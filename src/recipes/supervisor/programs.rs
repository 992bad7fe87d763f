//! Lines of `programs`: `PRIORITY NAME [(OPTIONS)] COMMAND [[ARGS]] [DIRECTORY] [REDIRECT] [USER]`.
//!
//! Read exactly as the original's regular expression reads them, and written as its template writes them. What is wrong
//! with a line, or got lost on the way, is told in `program_faults` and `program_losses`.
//! collective.recipe.supervisor: `__init__.py`, `Recipe.install`; templates.py, `PROGRAM`.

use std::ops::Range;

use super::pattern::{self, BLANKS, DIGITS, Item, UP_TO_BRACKET, UP_TO_PARENTHESIS, WORD};
use super::process_options;
use super::template::fill;
use crate::pypath;
use crate::text::Text;

/// The fields of a line, as byte ranges of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFields {
    pub priority: Range<usize>,
    pub name: Range<usize>,
    /// What stands between the parentheses.
    pub options: Option<Range<usize>>,
    pub command: Range<usize>,
    /// What stands between the brackets.
    pub args: Option<Range<usize>>,
    pub directory: Option<Range<usize>>,
    /// `true` or `false`.
    pub redirect: Option<Range<usize>>,
    pub user: Option<Range<usize>>,
    /// Where the line ends for the recipe; the rest is dropped.
    pub end: usize,
}

const REDIRECT: &[&str] = &["true", "false"];

const LINE: &[Item] = &[
    Item::Field(0, &[DIGITS]),
    BLANKS,
    Item::Field(1, &[WORD]),
    Item::Maybe(&[
        BLANKS,
        Item::Sign('('),
        Item::Field(2, &[UP_TO_PARENTHESIS]),
        Item::Sign(')'),
    ]),
    BLANKS,
    Item::Field(3, &[WORD]),
    Item::Maybe(&[
        BLANKS,
        Item::Sign('['),
        Item::Field(4, &[Item::NotAhead(REDIRECT), UP_TO_BRACKET]),
        Item::Sign(']'),
    ]),
    // Any word that does not begin with true or false: also one that was meant for the user.
    Item::Maybe(&[BLANKS, Item::Field(5, &[Item::NotAhead(REDIRECT), WORD])]),
    Item::Maybe(&[BLANKS, Item::Field(6, &[Item::OneOf(REDIRECT)])]),
    Item::Maybe(&[BLANKS, Item::Field(7, &[WORD])]),
];

/// Reads a line; none: it is no program line.
pub fn scan(line: &str) -> Option<ProgramFields> {
    let found = pattern::scan(LINE, line)?;
    Some(ProgramFields {
        priority: found.field(0)?,
        name: found.field(1)?,
        options: found.field(2),
        command: found.field(3)?,
        args: found.field(4),
        directory: found.field(5),
        redirect: found.field(6),
        user: found.field(7),
        end: found.end,
    })
}

// Without args a blank stays at the end of the command.
const SECTION: &str = "\
[program:{name}]
command = {command} {args}
process_name = {name}
directory = {directory}
priority = {priority}
redirect_stderr = {redirect}
{more}
";

/// The section of supervisord.conf for a line.
pub(super) fn section(line: &Text, fields: &ProgramFields) -> Text {
    let text = |range: &Range<usize>| line.slice(range.clone());
    let optional = |range: &Option<Range<usize>>| range.as_ref().map(text).unwrap_or_default();
    let command = text(&fields.command);
    let directory = match &fields.directory {
        Some(range) => text(range),
        None => command.piece(pypath::dirname(&command)),
    };
    let mut more = Vec::new();
    if let Some(user) = &fields.user {
        let mut line = Text::from("user = ");
        line.push(&text(user));
        more.push(line);
    }
    if let Some(options) = &fields.options {
        more.extend(process_options::lines(&text(options)));
    }
    fill(
        SECTION,
        &[
            ("name", &text(&fields.name)),
            ("command", &command),
            ("args", &optional(&fields.args)),
            ("directory", &directory),
            ("priority", &text(&fields.priority)),
            (
                "redirect",
                &fields
                    .redirect
                    .as_ref()
                    .map_or_else(|| "false".into(), text),
            ),
            ("more", &process_options::joined(&more)),
        ],
    )
}

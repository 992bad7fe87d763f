//! Lines of `eventlisteners`: `NAME [(OPTIONS)] EVENTS COMMAND [[ARGS]]`.
//!
//! collective.recipe.supervisor: `__init__.py`, `Recipe.install`; templates.py, `EVENTLISTENER`.

use std::ops::Range;

use super::pattern::{self, BLANKS, Item, UP_TO_BRACKET, UP_TO_PARENTHESIS, WORD};
use super::process_options;
use super::template::fill;
use crate::text::Text;

/// The fields of a line, as byte ranges of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerFields {
    pub name: Range<usize>,
    /// What stands between the parentheses.
    pub options: Option<Range<usize>>,
    pub events: Range<usize>,
    pub command: Range<usize>,
    /// What stands between the brackets.
    pub args: Option<Range<usize>>,
    /// Where the line ends for the recipe; the rest is dropped.
    pub end: usize,
}

const LINE: &[Item] = &[
    Item::Field(0, &[WORD]),
    Item::Maybe(&[
        BLANKS,
        Item::Sign('('),
        Item::Field(1, &[UP_TO_PARENTHESIS]),
        Item::Sign(')'),
    ]),
    BLANKS,
    Item::Field(2, &[WORD]),
    BLANKS,
    Item::Field(3, &[WORD]),
    Item::Maybe(&[
        BLANKS,
        Item::Sign('['),
        Item::Field(4, &[UP_TO_BRACKET]),
        Item::Sign(']'),
    ]),
];

/// Reads a line; none: it is no listener line.
pub fn scan(line: &str) -> Option<ListenerFields> {
    let found = pattern::scan(LINE, line)?;
    Some(ListenerFields {
        name: found.field(0)?,
        options: found.field(1),
        events: found.field(2)?,
        command: found.field(3)?,
        args: found.field(4),
        end: found.end,
    })
}

// Begins with an empty line, unlike a program's. The quotes round the credentials are not escaped.
const SECTION: &str = "
[eventlistener:{name}]
command = {command} {args}
events = {events}
process_name={name}
environment=SUPERVISOR_USERNAME='{user}',SUPERVISOR_PASSWORD='{password}',SUPERVISOR_SERVER_URL='{serverurl}'
{more}
";

/// How listeners reach supervisord.
#[derive(Debug)]
pub(super) struct Access<'a> {
    pub(super) user: &'a Text,
    pub(super) password: &'a Text,
    pub(super) serverurl: &'a Text,
}

/// The section of supervisord.conf for a line.
pub(super) fn section(line: &Text, fields: &ListenerFields, access: &Access<'_>) -> Text {
    let text = |range: &Range<usize>| line.slice(range.clone());
    let more = fields
        .options
        .as_ref()
        .map(|options| process_options::lines(&text(options)))
        .unwrap_or_default();
    fill(
        SECTION,
        &[
            ("name", &text(&fields.name)),
            ("command", &text(&fields.command)),
            // Python's None, written out: what the original does without args.
            (
                "args",
                &fields.args.as_ref().map_or_else(|| "None".into(), text),
            ),
            ("events", &text(&fields.events)),
            ("user", access.user),
            ("password", access.password),
            ("serverurl", access.serverurl),
            ("more", &process_options::joined(&more)),
        ],
    )
}

//! Lines of `groups`: `PRIORITY NAME PROGRAM,PROGRAM`.
//!
//! collective.recipe.supervisor: `__init__.py`, `Recipe.install`; templates.py, `GROUP`.

use std::ops::Range;

use super::pattern::{self, BLANKS, DIGITS, Item, WORD};
use super::template::fill;
use crate::text::Text;

/// The fields of a line, as byte ranges of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFields {
    pub priority: Range<usize>,
    pub name: Range<usize>,
    pub programs: Range<usize>,
    /// Where the line ends for the recipe; the rest is dropped.
    pub end: usize,
}

const LINE: &[Item] = &[
    Item::Field(0, &[DIGITS]),
    BLANKS,
    Item::Field(1, &[WORD]),
    BLANKS,
    Item::Field(2, &[WORD]),
];

/// Reads a line; none: it is no group line.
pub fn scan(line: &str) -> Option<GroupFields> {
    let found = pattern::scan(LINE, line)?;
    Some(GroupFields {
        priority: found.field(0)?,
        name: found.field(1)?,
        programs: found.field(2)?,
        end: found.end,
    })
}

const SECTION: &str = "
[group:{name}]
programs = {programs}
priority = {priority}
";

/// The section of supervisord.conf for a line.
pub(super) fn section(line: &Text, fields: &GroupFields) -> Text {
    fill(
        SECTION,
        &[
            ("name", &line.slice(fields.name.clone())),
            ("programs", &line.slice(fields.programs.clone())),
            ("priority", &line.slice(fields.priority.clone())),
        ],
    )
}

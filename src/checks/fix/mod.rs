//! Mending what has one right answer: [`edits`] says which characters of which file to change, [`apply`] changes them.
//!
//! An edit is made where the mistake was written; nothing else of the file changes, line ends and comments included. That a
//! mended file is better is not taken for granted: `project::mending` checks again and drops what does not help.

mod apply;
mod diff;
mod lines;
mod pairs;
mod words;

pub use apply::{Edit, apply};
pub use diff::diff;

use super::finding::Finding;
use crate::config::RawConfig;
use crate::text::Origin;

/// How findings of an id are mended.
#[derive(Debug)]
pub struct Fix {
    pub id: &'static str,
    pub summary: &'static str,
    /// Only when it is named: there is another right answer.
    pub on_request: bool,
    edits: fn(&Wrong<'_>) -> Option<Vec<Edit>>,
}

/// All that can be mended.
pub const FIXES: &[Fix] = &[
    Fix {
        id: "R01",
        summary: "`True` becomes `true`",
        on_request: false,
        edits: words::truth,
    },
    Fix {
        id: "R02",
        summary: "`True` becomes `true`",
        on_request: false,
        edits: words::truth,
    },
    Fix {
        id: "R07",
        summary: "a wrapped line is joined",
        on_request: false,
        edits: lines::joined,
    },
    Fix {
        id: "R08",
        summary: "blanks and commas too many leave a list of programs",
        on_request: false,
        edits: words::group,
    },
    Fix {
        id: "R14",
        summary: "a port of all addresses becomes one of 127.0.0.1",
        on_request: true,
        edits: words::local_port,
    },
    Fix {
        id: "R18",
        summary: "`%` becomes `%%`",
        on_request: false,
        edits: words::percent_of_option,
    },
    Fix {
        id: "R20",
        summary: "a misspelt option gets its name",
        on_request: false,
        edits: words::name,
    },
    Fix {
        id: "S02",
        summary: "a misspelt key gets its name",
        on_request: false,
        edits: words::name,
    },
    Fix {
        id: "S11",
        summary: "`%` becomes `%%`",
        on_request: false,
        edits: words::percent_of_line,
    },
    Fix {
        id: "S13",
        summary: "values of an environment get quotes, and commas between them",
        on_request: false,
        edits: pairs::quoted,
    },
];

/// A finding, with what a fix may look at.
struct Wrong<'a> {
    finding: &'a Finding,
    config: &'a RawConfig,
    at: &'a Origin,
    /// The line that it is on.
    line: &'a str,
}

impl Wrong<'_> {
    /// The line from the finding's place on.
    fn rest(&self) -> &str {
        let skipped = (self.at.column as usize).saturating_sub(1);
        let mut places = self.line.char_indices().map(|(at, _)| at);
        let from = places.nth(skipped).unwrap_or(self.line.len());
        &self.line[from..]
    }

    /// Where a piece of the line stands: its column, from 1.
    fn column_of(&self, piece: &str) -> u32 {
        let before = (piece.as_ptr() as usize).saturating_sub(self.line.as_ptr() as usize);
        let before = self.line.get(..before).unwrap_or_default();
        u32::try_from(before.chars().count()).unwrap_or(0) + 1
    }

    /// Puts a text in the place of a piece of the line.
    fn replace(&self, piece: &str, text: impl Into<String>) -> Edit {
        Edit {
            file: self.at.source.name.clone(),
            line: self.at.line,
            column: self.column_of(piece),
            removed: piece.chars().count(),
            text: text.into(),
        }
    }

    fn help(&self) -> impl Iterator<Item = &str> {
        self.finding.told.diagnostic.help.iter().map(String::as_str)
    }

    /// What `did you mean` proposes.
    fn proposed(&self) -> Option<&str> {
        self.help()
            .find_map(|help| help.strip_prefix("did you mean `")?.strip_suffix("`?"))
    }
}

/// The edits that mend a finding. `named`: ids that were asked for; all that need no asking where there is none.
pub fn edits(finding: &Finding, config: &RawConfig, named: &[String]) -> Option<Vec<Edit>> {
    let diagnostic = &finding.told.diagnostic;
    let fix = FIXES.iter().find(|fix| fix.id == diagnostic.id)?;
    let wanted = if named.is_empty() {
        !fix.on_request
    } else {
        named.iter().any(|id| id == fix.id)
    };
    let at = diagnostic.at.as_ref().filter(|_| wanted)?;
    let wrong = Wrong {
        finding,
        config,
        at,
        line: at.source.line(at.line),
    };
    (fix.edits)(&wrong).filter(|edits| !edits.is_empty())
}

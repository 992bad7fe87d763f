//! [`explain_file`]: which part made a generated file, and which option, at which place, each of its lines.
//!
//! A supervisord.conf is worked out anew, in memory: each piece of it knows where it was written. A script is only asked who
//! wrote it: its lines come of eggs, of the interpreter and of a few options. [`super::why`] goes on from an option.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Project;
use super::checking::{begin, records};
use crate::checks::header_of;
use crate::config::outline::written_in;
use crate::dist::name;
use crate::error::Result;
use crate::pypath;
use crate::recipes::supervisor::outline::outline;
use crate::sys::fs;
use crate::text::{Origin, Text};

/// A generated file.
#[derive(Debug, Serialize)]
pub struct FileExplanation {
    pub path: String,
    /// The part that writes it.
    pub part: String,
    /// Where that part is written.
    pub at: Option<Piece>,
    /// The line that was asked for, or all that came of an option.
    pub lines: Vec<LineExplanation>,
}

/// A line of it.
#[derive(Debug, Serialize)]
pub struct LineExplanation {
    pub number: u32,
    pub text: String,
    pub pieces: Vec<Piece>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// A piece of a line, and where it was written.
#[derive(Debug, Serialize)]
pub struct Piece {
    pub text: String,
    /// `section:option`; a section alone for a header.
    pub option: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// Explains a file, or one line of it; `None` where no part writes it.
pub fn explain_file(
    project: &mut Project,
    path: &str,
    line: Option<u32>,
) -> Result<Option<FileExplanation>> {
    let path = pypath::absolute(path, &project.cwd);
    project.resolve()?;
    begin(project);
    let directory = project.config.directory.clone();
    for part in project.buildout.parts().to_vec() {
        let Ok(made) = outline(&mut project.buildout, &part) else {
            continue;
        };
        if pypath::normalized(&made.path) == path {
            let present = fs::read_lossy(&path).ok();
            let lines = of_conf(&made.text, line, present.as_deref());
            return Ok(Some(explained(project, path, part, lines)));
        }
    }
    let records = records(&directory, &mut project.buildout);
    let wrote = records.iter().find(|(_, options)| {
        let files = options.get("__buildout_installed__").map(Text::as_str);
        let mut files = files.unwrap_or_default().split('\n');
        files.any(|file| pypath::absolute(file, &directory) == path)
    });
    let Some((part, _)) = wrote else {
        return Ok(None);
    };
    let text = fs::read_lossy(&path)?;
    let lines = of_script(project, part, &text, line);
    Ok(Some(explained(project, path, part.to_owned(), lines)))
}

fn explained(
    project: &Project,
    path: String,
    part: String,
    lines: Vec<LineExplanation>,
) -> FileExplanation {
    let at = header_of(&project.config, &part).map(|at| Piece {
        text: String::new(),
        option: part.clone(),
        file: at.source.name.clone(),
        line: at.line,
        column: at.column,
    });
    FileExplanation {
        path,
        part,
        at,
        lines,
    }
}

fn of_conf(text: &Text, wanted: Option<u32>, present: Option<&str>) -> Vec<LineExplanation> {
    let mut lines = Vec::new();
    for (number, line) in (1u32..).zip(text.split('\n')) {
        let asked = wanted == Some(number);
        if wanted.is_some() && !asked {
            continue;
        }
        let pieces = pieces(&line);
        if pieces.is_empty() && !asked {
            continue;
        }
        let index = (number as usize).saturating_sub(1);
        let now = present.map(|text| text.split('\n').nth(index).unwrap_or_default());
        let note = match now {
            Some(now) if now != line.as_str() => Some(
                "the file has another line there: it is older, or was changed by hand".to_owned(),
            ),
            _ if pieces.is_empty() => {
                Some("the recipe writes this, whatever the options".to_owned())
            }
            _ => None,
        };
        lines.push(LineExplanation {
            number,
            text: line.to_string(),
            pieces,
            note,
        });
    }
    lines
}

/// The pieces of a line that were written somewhere.
fn pieces(line: &Text) -> Vec<Piece> {
    let mut found: Vec<(Piece, Origin)> = Vec::new();
    for (at, c) in line.char_indices() {
        let Some(origin) = line.slice(at..at + c.len_utf8()).start() else {
            continue;
        };
        if let Some((piece, begun)) = found.last_mut() {
            let next = begun.column + u32::try_from(piece.text.chars().count()).unwrap_or(0);
            let goes_on = origin.source.name == begun.source.name
                && origin.line == begun.line
                && origin.column == next;
            if goes_on {
                piece.text.push(c);
                continue;
            }
        }
        found.push((piece(c.to_string(), &origin), origin));
    }
    found.into_iter().map(|(piece, _)| piece).collect()
}

fn piece(text: String, at: &Origin) -> Piece {
    let (section, option) = written_in(at).unwrap_or_default();
    let option = match (section.as_str(), option.as_str()) {
        ("", _) => at
            .source
            .text
            .split('=')
            .next()
            .unwrap_or_default()
            .to_owned(),
        (section, "") => section.to_owned(),
        (section, option) => format!("{section}:{option}"),
    };
    Piece {
        text,
        option,
        file: at.source.name.clone(),
        line: at.line,
        column: at.column,
    }
}

/// Options that make a script what it is.
const OF_SCRIPTS: &[&str] = &[
    "recipe",
    "eggs",
    "scripts",
    "entry-points",
    "plugins",
    "extra-paths",
    "initialization",
    "arguments",
    "interpreter",
    "supervisord-conf",
];

fn of_script(
    project: &mut Project,
    part: &str,
    text: &str,
    wanted: Option<u32>,
) -> Vec<LineExplanation> {
    let options = project.buildout.copy(part);
    let mut lines = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        if wanted.is_some_and(|wanted| wanted != number) {
            continue;
        }
        let (pieces, note) = of_script_line(project, &options, line);
        if wanted.is_some() || !pieces.is_empty() {
            lines.push(LineExplanation {
                number,
                text: line.to_owned(),
                pieces,
                note,
            });
        }
    }
    lines
}

fn of_script_line(
    project: &Project,
    options: &BTreeMap<String, Text>,
    line: &str,
) -> (Vec<Piece>, Option<String>) {
    if line.starts_with("#!") {
        let note =
            "the interpreter of the buildout: `python` of [buildout], or the one that runs it";
        return (Vec::new(), Some(note.to_owned()));
    }
    let inside = line.trim().trim_end_matches(',').trim_matches(['\'', '"']);
    if inside.ends_with(".egg") {
        let egg = pypath::basename(inside);
        let project_name = egg.split('-').next().unwrap_or(egg);
        return of_egg(project, options, project_name);
    }
    let bare = line.trim();
    for option in OF_SCRIPTS {
        let Some(value) = options.get(*option).filter(|value| !value.is_empty()) else {
            continue;
        };
        let holds = value
            .split('\n')
            .into_iter()
            .find(|part| !bare.is_empty() && !part.trim().is_empty() && bare.contains(part.trim()));
        if let Some(part) = holds
            && let Some(at) = part.start()
        {
            return (vec![piece(part.trim().to_owned(), &at)], None);
        }
    }
    (
        Vec::new(),
        Some("every script has this, or an entry point of an egg".to_owned()),
    )
}

fn of_egg(
    project: &Project,
    options: &BTreeMap<String, Text>,
    egg: &str,
) -> (Vec<Piece>, Option<String>) {
    let wanted = name::canonical(egg);
    let mut pieces = Vec::new();
    for option in ["eggs", "plugins"] {
        let lines = options.get(option).map(|value| value.split('\n'));
        for line in lines.into_iter().flatten() {
            let bare = line.trim();
            let named = bare
                .split(|c: char| !(c.is_alphanumeric() || "._-".contains(c)))
                .next()
                .unwrap_or_default();
            if !named.is_empty() && name::canonical(named) == wanted {
                pieces.extend(line.start().map(|at| piece(bare.to_owned(), &at)));
            }
        }
    }
    let versions = project
        .config
        .sections
        .get(&project.config.versions_section);
    for (pinned, value) in versions.into_iter().flatten() {
        if name::canonical(pinned) == wanted
            && let Some(at) = value.value.start()
        {
            pieces.push(piece(value.value.to_string(), &at));
        }
    }
    let note = pieces
        .is_empty()
        .then(|| format!("`{egg}` is what another egg, or the recipe, requires; it is not pinned"));
    (pieces, note)
}

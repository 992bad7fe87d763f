//! `why PATH[:LINE]`: which option made a line of a generated file. Part of the command `why`.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::why_path::{FileExplanation, Piece, explain_file};

/// The path and the line, where an argument names a file: it has a `/` in it.
pub(super) fn path_of(named: &str) -> Option<(&str, Option<u32>)> {
    let (path, line) = match named.rsplit_once(':') {
        Some((path, line)) => match line.parse() {
            Ok(line) => (path, Some(line)),
            Err(_) => (named, None),
        },
        None => (named, None),
    };
    (path.contains('/') && !path.contains("${")).then_some((path, line))
}

pub(super) fn run(
    project: &mut Project,
    path: &str,
    line: Option<u32>,
    json: bool,
) -> Result<String> {
    let Some(explanation) = explain_file(project, path, line)? else {
        return Err(Error::user(format!("No part writes {path}")).hint(
            "why",
            "the file is not one that a part of this configuration has installed",
            "a supervisord.conf or a script is asked for by its path, as `rbuildout why bin/supervisord:3`",
        ));
    };
    if json {
        return serde_json::to_string_pretty(&explanation)
            .map_err(|error| Error::user(format!("Couldn't write JSON: {error}.")));
    }
    Ok(tell(&explanation).trim_end().to_owned())
}

fn tell(explanation: &FileExplanation) -> String {
    let mut out = String::new();
    let place = explanation.at.as_ref().map(place).unwrap_or_default();
    let _ = writeln!(
        out,
        "{}: written by [{}]{place}",
        explanation.path, explanation.part
    );
    for line in &explanation.lines {
        let _ = writeln!(out, "{:>4} {}", line.number, line.text);
        for piece in &line.pieces {
            let _ = writeln!(
                out,
                "       `{}` is {}{}",
                piece.text,
                piece.option,
                place_of(piece)
            );
        }
        if let Some(note) = &line.note {
            let _ = writeln!(out, "       {note}");
        }
    }
    out
}

fn place(piece: &Piece) -> String {
    format!(" at {}:{}", piece.file, piece.line)
}

fn place_of(piece: &Piece) -> String {
    format!(" at {}:{}:{}", piece.file, piece.line, piece.column)
}

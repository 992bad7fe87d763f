//! Fixes of single words: names, `true`, lists of programs, ports, percent signs.

use super::Wrong;
use super::apply::Edit;
use crate::config::outline::written_in;

/// R01, R02.
pub(super) fn truth(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    let word = wrong.rest().split_whitespace().next()?;
    let lower = word.to_lowercase();
    matches!(lower.as_str(), "true" | "false").then(|| vec![wrong.replace(word, lower)])
}

/// R20, S02: what stands here must be the name that is wrong, and one other must be near.
pub(super) fn name(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    let proposed = wrong.proposed()?;
    let rest = wrong.rest();
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '=' | '+'))
        .unwrap_or(rest.len());
    let written = &rest[..end];
    let message = &wrong.finding.told.diagnostic.message;
    message
        .contains(&format!("`{written}`"))
        .then(|| vec![wrong.replace(written, proposed)])
}

/// R08: the programs of a group as one word.
pub(super) fn group(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    // The place is what was dropped, or the programs themselves.
    let dropped = wrong.finding.told.diagnostic.message.contains("is dropped");
    let rest = wrong.rest();
    let before = &wrong.line[..wrong.line.len() - rest.len()];
    let start = if dropped {
        let before = before.trim_end();
        before.rfind(char::is_whitespace).map_or(0, |at| at + 1)
    } else {
        before.len()
    };
    let programs = wrong.line.get(start..)?.trim_end();
    let names: Vec<&str> = programs
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|name| !name.is_empty())
        .collect();
    if names
        .iter()
        .any(|name| name.starts_with(['#', ';', '(', '[']))
    {
        return None;
    }
    Some(vec![wrong.replace(programs, names.join(","))])
}

/// R14, where the part itself says the port.
pub(super) fn local_port(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    const LOCAL: &str = "127.0.0.1:";
    let part = wrong.finding.part.as_deref()?;
    let value = &wrong.config.sections.get(part)?.get("port")?.value;
    let at = value.start()?;
    let (section, option) = written_in(&at)?;
    if section != part || option != "port" {
        return None;
    }
    let hosts = ["*:", "0.0.0.0:", ":"];
    let host = hosts.iter().find(|host| value.starts_with(**host));
    let plain = value.starts_with("${") && !value.contains("}:");
    let number = value.bytes().all(|byte| byte.is_ascii_digit());
    (host.is_some() || plain || number).then(|| {
        vec![Edit {
            file: at.source.name.clone(),
            line: at.line,
            column: at.column,
            removed: host.map_or(0, |host| host.len()),
            text: LOCAL.to_owned(),
        }]
    })
}

/// R18: the rest of the line is the value. Only where the part itself says it: elsewhere it may be used for more.
pub(super) fn percent_of_option(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    let (section, _) = written_in(wrong.at)?;
    let own = wrong.finding.part.as_deref() == Some(section.as_str());
    own.then(|| doubled(wrong, wrong.rest()))
}

/// S11: all of the line, which is a program's.
pub(super) fn percent_of_line(wrong: &Wrong<'_>) -> Option<Vec<Edit>> {
    let message = &wrong.finding.told.diagnostic.message;
    let twice = message.contains("_logfile`") || message.contains("`environment` of [supervisord]");
    (!twice && message.contains("is no expansion")).then(|| doubled(wrong, wrong.line))
}

/// One more percent sign for each that begins no `%(name)s` and no `%%`.
fn doubled(wrong: &Wrong<'_>, text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let sign = &rest[at..=at];
        let behind = &rest[at + 1..];
        if let Some(after) = behind.strip_prefix('%') {
            rest = after;
            continue;
        }
        if !behind.starts_with('(') {
            edits.push(wrong.replace(sign, "%%"));
        }
        rest = behind;
    }
    edits
}

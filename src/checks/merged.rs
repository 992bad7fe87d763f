//! One mistake, one finding.
//!
//! A mistake of a program line is told by the recipe's rules (what was dropped) and again by supervisor's (what it says to
//! the result). The first knows the cause, the second the verdict: where both are about one line, they become one.

use super::finding::Finding;
use crate::error::Severity;

/// A cause, and the findings of supervisor that come of it when they stand on its line.
const CAUSES: &[(&str, &[&str])] = &[
    ("R01", &["S26"]),
    ("R02", &["S27"]),
    (
        "R04",
        &["S02", "S08", "S09", "S10", "S11", "S13", "S26", "S27"],
    ),
    ("R05", &["S02", "S13", "S43", "S45"]),
    ("R08", &["S06", "S45"]),
    ("R10", &["S45", "R10"]),
    ("R12", &["S33", "S34", "S16"]),
    ("R14", &["S31"]),
    ("R15", &["S16"]),
    ("R17", &["S10"]),
    ("R18", &["S11", "S12"]),
    ("R19", &["R19", "S34"]),
    ("chmod-empty", &["S23"]),
    ("env-path-empty", &["S13"]),
    ("password-without-user", &["S31"]),
    ("several-lines", &["S02", "S43", "S45", "S13"]),
    ("serverurl", &["S34", "S30"]),
    ("program-directory", &["S27", "S09"]),
    ("program-options", &["S09", "S26", "S27", "S11"]),
    ("program-args", &["S09", "S10", "S26", "S27"]),
    ("listener-priority", &["S28", "S09"]),
    ("listener-events", &["S28", "S09"]),
    ("R21", &["S09", "S27"]),
    ("S03", &["S45"]),
];

/// The same where the two stand at different places of one part: what supervisor's finding is about.
const FAR_CAUSES: &[(&str, &str, &str)] = &[
    ("R11", "S45", "`environment` comes twice in [supervisord]"),
    ("R12", "R12", "[unix_http_server]"),
    ("R13", "S35", "supervis"),
    ("R16", "S13", "`environment` of [eventlistener:"),
    ("several-lines", "S45", "[supervisord]"),
];

/// Findings without repetitions, by place.
pub(super) fn merged(found: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let (causes, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| {
        let id = finding.told.diagnostic.id;
        let far = FAR_CAUSES.iter().map(|(cause, ..)| *cause);
        let mut causes = CAUSES.iter().map(|(cause, _)| *cause).chain(far);
        finding.told.supervisor.is_none()
            && !finding
                .told
                .diagnostic
                .message
                .contains("[unix_http_server]")
            && causes.any(|cause| cause == id)
    });
    for finding in causes.into_iter().chain(others) {
        if let Some(known) = kept.iter_mut().find(|known| same(known, &finding)) {
            take_over(known, finding);
        } else if let Some(known) = kept.iter_mut().find(|known| of_one_word(known, &finding)) {
            also(known, &finding);
        } else if let Some(cause) = kept.iter_mut().find(|known| causes_it(known, &finding)) {
            take_over(cause, finding);
        } else {
            kept.push(finding);
        }
    }
    kept.sort_by_cached_key(|finding| {
        let at = finding.told.diagnostic.at.as_ref();
        at.map(|at| {
            (
                at.source.extended_from.is_some(),
                at.source.name.clone(),
                at.line,
                at.column,
            )
        })
    });
    kept
}

fn same(known: &Finding, finding: &Finding) -> bool {
    let (a, b) = (&known.told.diagnostic, &finding.told.diagnostic);
    a.id == b.id && a.at == b.at && a.message == b.message
}

/// One value that several sections of a conf got, and that is wrong in all of them.
fn of_one_word(known: &Finding, finding: &Finding) -> bool {
    let (a, b) = (&known.told.diagnostic, &finding.told.diagnostic);
    a.id == b.id
        && a.at == b.at
        && a.at.is_some()
        && a.severity == b.severity
        && known.part == finding.part
        && sections_aside(&a.message) == sections_aside(&b.message)
}

/// A message without the names of the sections in it.
fn sections_aside(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        rest = after.split_once(']').map_or("", |(_, behind)| behind);
    }
    out + rest
}

/// Says where else.
fn also(known: &mut Finding, finding: &Finding) {
    const MORE: &str = "the same in ";
    let message = &finding.told.diagnostic.message;
    let Some(section) = message
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
    else {
        return;
    };
    let section = format!("[{}]", section.0);
    let help = &mut known.told.diagnostic.help;
    match help.iter_mut().find(|help| help.starts_with(MORE)) {
        Some(more) => more.push_str(&format!(", {section}")),
        None => help.push(format!("{MORE}{section}")),
    }
}

fn causes_it(known: &Finding, finding: &Finding) -> bool {
    let (cause, result) = (&known.told.diagnostic, &finding.told.diagnostic);
    let may = CAUSES
        .iter()
        .any(|(id, results)| *id == cause.id && results.contains(&result.id));
    let far = FAR_CAUSES.iter().any(|(id, other, about)| {
        *id == cause.id && *other == result.id && result.message.contains(about)
    });
    if far && known.part == finding.part {
        return true;
    }
    let place = |finding: &Finding| {
        let at = finding.told.diagnostic.at.as_ref()?;
        Some((at.source.name.clone(), at.line))
    };
    may && known.part == finding.part && place(known).is_some() && place(known) == place(finding)
}

/// The cause stays, with the verdict of what it caused.
fn take_over(cause: &mut Finding, result: Finding) {
    let (severity, of_result) = (
        &mut cause.told.diagnostic.severity,
        result.told.diagnostic.severity,
    );
    let rank = |severity: Severity| match severity {
        Severity::Error => 2,
        Severity::Warning => 1,
        Severity::Note => 0,
    };
    if rank(of_result) > rank(*severity) {
        *severity = of_result;
    }
    if cause.told.supervisor.is_none() {
        cause.told.supervisor = result.told.supervisor;
        cause.told.program = result.told.program;
    }
    cause.told.stops |= result.told.stops;
    if cause.generated.is_none() {
        cause.generated = result.generated;
    }
}

//! Findings as text for people, and as JSON, SARIF and GitHub's annotations for programs.

use serde::Serialize;
use serde_json::json;

use super::render::{self, Style};
use crate::error::Severity;
use crate::supervisord::{Checked, Control, Finding, Model, Program};
use crate::sys::url;
use crate::wording::counted;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "github" => Self::Github,
            _ => return None,
        })
    }
}

/// All of what was found in `conf`.
pub(super) fn text(conf: &str, checked: &Checked, format: Format, style: Style) -> String {
    match format {
        Format::Text => people(conf, &checked.findings.iter().collect::<Vec<_>>(), style),
        Format::Json => json(checked),
        Format::Sarif => sarif(&checked.findings.iter().collect::<Vec<_>>()),
        Format::Github => checked.findings.iter().map(github).collect(),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Findings about `what`, for people.
pub(super) fn people(what: &str, findings: &[&Finding], style: Style) -> String {
    let mut out = String::new();
    for finding in findings {
        out.push_str(&render::diagnostic(&finding.diagnostic, style));
        if let Some(words) = spoken(finding) {
            let who = match finding.program {
                Program::Supervisord if finding.stops => "supervisord stops here: ",
                Program::Supervisord => "supervisord: ",
                Program::Supervisorctl => "supervisorctl: ",
            };
            out.push_str(&format!("  {who}{}\n", words.replace('\n', "\n    ")));
        }
    }
    let count = |severity, noun| {
        let all = findings.iter();
        match all.filter(|f| f.diagnostic.severity == severity).count() {
            0 => None,
            n => Some(counted(n, noun)),
        }
    };
    let counts: Vec<String> = [
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
        count(Severity::Note, "note"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let summary = if counts.is_empty() {
        "nothing to say".to_owned()
    } else {
        counts.join(", ")
    };
    out.push_str(&format!("{what}: {summary}\n"));
    out
}

/// Supervisor's words where they may be shown: those about pairs and passwords have the values in them.
fn spoken(finding: &Finding) -> Option<&str> {
    let words = finding.supervisor.as_deref()?;
    let secret = finding.diagnostic.id == "S13"
        || words.contains("key/value pairs in value")
        || ["environment' ", ".password' ", ".username' "]
            .iter()
            .any(|key| words.contains(key))
        || (finding.diagnostic.id == "S43" && words.contains("password"));
    (!secret && words != finding.diagnostic.message).then_some(words)
}

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<serde_json::Value>,
    model: WholeModel<'a>,
}

/// supervisord's model with that of supervisorctl in it.
#[derive(Debug, Serialize)]
pub(super) struct WholeModel<'a> {
    #[serde(flatten)]
    supervisord: Option<&'a Model>,
    supervisorctl: Option<&'a Control>,
}

/// One finding as JSON.
pub(super) fn value(finding: &Finding) -> serde_json::Value {
    let diagnostic = &finding.diagnostic;
    let at = diagnostic.at.as_ref();
    json!({
            "id": diagnostic.id,
            "severity": word(diagnostic.severity),
            "message": diagnostic.message,
            "supervisor": finding.supervisor,
            "program": match finding.program {
                Program::Supervisord => "supervisord",
                Program::Supervisorctl => "supervisorctl",
            },
            "stops": finding.stops,
            "file": at.map(|at| at.source.name.as_str()),
            "line": at.map(|at| at.line),
            "column": at.map(|at| at.column),
            "help": if diagnostic.help.is_empty() { None } else { Some(diagnostic.help.join("; ")) },
    })
}

/// What would run, as JSON.
pub(super) fn model(checked: &Checked) -> WholeModel<'_> {
    WholeModel {
        supervisord: checked.model.as_ref(),
        supervisorctl: checked.control.as_ref(),
    }
}

fn json(checked: &Checked) -> String {
    let report = Report {
        findings: checked.findings.iter().map(value).collect(),
        model: model(checked),
    };
    let mut out = serde_json::to_string_pretty(&report).unwrap_or_default();
    out.push('\n');
    out
}

pub(super) fn sarif(findings: &[&Finding]) -> String {
    let mut rules: Vec<&str> = findings.iter().map(|f| f.diagnostic.id).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<_> = rules.iter().map(|id| json!({ "id": id })).collect();
    let results: Vec<_> = findings.iter().map(|finding| result(finding)).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "rbuildout",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&report).unwrap_or_default();
    out.push('\n');
    out
}

fn result(finding: &Finding) -> serde_json::Value {
    let diagnostic = &finding.diagnostic;
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str(&format!("\n{help}"));
    }
    let mut result = json!({
        "ruleId": diagnostic.id,
        "level": word(diagnostic.severity),
        "message": { "text": text },
    });
    if let Some(at) = &diagnostic.at {
        let path = url::quote_path(&at.source.name);
        let uri = if path.starts_with('/') {
            format!("file://{path}")
        } else {
            path
        };
        result["locations"] = json!([{
            "physicalLocation": {
                "artifactLocation": { "uri": uri },
                "region": { "startLine": at.line, "startColumn": at.column },
            }
        }]);
    }
    result
}

pub(super) fn github(finding: &Finding) -> String {
    let diagnostic = &finding.diagnostic;
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let escaped = |text: &str| {
        let text = text.replace('%', "%25");
        text.replace('\r', "%0D").replace('\n', "%0A")
    };
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let mut place = String::new();
    if let Some(at) = &diagnostic.at {
        let file = property(&at.source.name);
        place = format!("file={file},line={},col={},", at.line, at.column);
    }
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str(&format!("\n{help}"));
    }
    format!(
        "::{command} {place}title=rbuildout {}::{}\n",
        diagnostic.id,
        escaped(&text)
    )
}

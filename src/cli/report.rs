//! What `check` found in a buildout: text, JSON, SARIF, annotations of GitHub.
//!
//! The forms of single findings are those of [`super::findings`]; here the parts come in.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::findings::{self, Format};
use super::render::Style;
use crate::checks::Finding;
use crate::error::Diagnostic;
use crate::project::checking::Looked;

/// All that was found in the buildout of a configuration.
pub(super) fn text(configuration: &str, looked: &Looked, format: Format, style: Style) -> String {
    let told: Vec<_> = looked
        .findings
        .iter()
        .map(|finding| &finding.told)
        .collect();
    match format {
        Format::Text => findings::people(configuration, &told, style),
        Format::Json => json(looked),
        Format::Sarif => findings::sarif(&told),
        Format::Github => told.into_iter().map(findings::github).collect(),
    }
}

/// A line about what was mended.
pub(super) fn mended(diagnostic: &Diagnostic) -> String {
    let place = match &diagnostic.at {
        Some(at) => format!("{}:{}:{}: ", at.source.name, at.line, at.column),
        None => String::new(),
    };
    format!(
        "rbuildout: mended[{}]: {place}{}",
        diagnostic.id, diagnostic.message
    )
}

fn json(looked: &Looked) -> String {
    let findings: Vec<Value> = looked.findings.iter().map(value).collect();
    let models: IndexMap<&str, _> = looked
        .supervisors
        .iter()
        .map(|(part, checked)| (part.as_str(), findings::model(checked)))
        .collect();
    let report = json!({ "findings": findings, "model": models });
    let mut out = serde_json::to_string_pretty(&report).unwrap_or_default();
    out.push('\n');
    out
}

/// As of a conf, with the part and the place in what it would write. The program is named where it has a word on it.
fn value(finding: &Finding) -> Value {
    let mut value = findings::value(&finding.told);
    if finding.told.supervisor.is_none() {
        value["program"] = Value::Null;
    }
    value["part"] = json!(finding.part);
    value["generated"] = match finding.generated {
        Some(place) => json!({ "line": place.line, "column": place.column }),
        None => Value::Null,
    };
    value
}

//! [`validate`]: what supervisor would say to a conf that is about to be written, told before it is.
//!
//! Only errors, and only where the conf is written: an update leaves it alone. What the recipe itself lost is told by the
//! recipe. zc.buildout has nothing of it.

use super::plan::Action;
use crate::error::{Diagnostic, Error, Result, Severity};
use crate::log::Entry;
use crate::project::{Project, checking};
use crate::recipe::{Effect, FileMode, Rendering};
use crate::text::Text;

/// What comes of a conf that supervisor refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// It is written, as zc.buildout would, with a warning.
    #[default]
    Warns,
    /// The run ends, and nothing is written. So it does where the recipe drops something.
    Refuses,
}

/// Looks at what a part wants to write.
pub(super) fn validate(
    project: &mut Project,
    part: &str,
    rendering: &Rendering,
    action: Action,
    strictness: Strictness,
) -> Result<()> {
    if action == Action::Update {
        return Ok(());
    }
    let Some((path, text)) = conf_of(rendering) else {
        return Ok(());
    };
    let mut told: Vec<Diagnostic> = rendering
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Say(Entry::Diagnostic(told)) => Some(told.clone()),
            _ => None,
        })
        .filter(|told| told.severity == Severity::Warning)
        .collect();
    for finding in checking::refused(project, part, path, text.clone(), &told) {
        let mut diagnostic = finding.told.diagnostic;
        diagnostic.severity = Severity::Warning;
        diagnostic
            .help
            .push("supervisor refuses this; `rbuildout check` tells it in its words".to_owned());
        if strictness == Strictness::Warns {
            project.log.diagnose(diagnostic.clone());
        }
        told.push(diagnostic);
    }
    if strictness == Strictness::Warns || told.is_empty() {
        return Ok(());
    }
    let error = Error::user(format!(
        "The part {part} would write what supervisor refuses or takes otherwise."
    ));
    Err(told.into_iter().fold(error, |error, mut diagnostic| {
        diagnostic.severity = Severity::Error;
        error.with(diagnostic)
    }))
}

/// The whole supervisord.conf of a part, if it writes one.
fn conf_of(rendering: &Rendering) -> Option<(&str, &Text)> {
    rendering.effects.iter().find_map(|effect| match effect {
        Effect::File {
            path,
            text,
            mode: FileMode::Plain,
            ..
        } if text.starts_with("[supervisord]") => Some((path.as_str(), text)),
        _ => None,
    })
}

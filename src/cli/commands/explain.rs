//! `explain ID`: what a finding or another diagnostic means, with example, reason and remedy. Not of zc.buildout.

use std::process::ExitCode;

use super::{Command, Run};
use crate::cli::render::Style;
use crate::cli::{pages, print};
use crate::error::{Error, Result};
use crate::project::Surroundings;
use crate::wording::did_you_mean;

pub(super) const COMMAND: Command = Command {
    name: "explain",
    usage: "ID",
    summary: "Show the page about a finding, as S13 or missing-distribution: example, reason, remedy",
    run: Run::Alone(run),
};

fn run(_: &Surroundings, arguments: &[String], _: Style) -> Result<ExitCode> {
    let [id] = arguments else {
        return Err(
            Error::user("The explain command requires a single argument.").hint(
                "command",
                "a finding is asked for by the word in its brackets",
                "say `rbuildout explain S13`",
            ),
        );
    };
    // As they were copied: `error[S13]`, `[S13]`.
    let bare = id
        .rsplit('[')
        .next()
        .unwrap_or(id)
        .trim_end_matches([']', ':']);
    let Some(text) = pages::page(bare) else {
        let help = match did_you_mean(bare, pages::ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "docs/checks.md has all of them".to_owned(),
        };
        return Err(Error::user(format!("Nothing is known about {id}")).hint(
            "command",
            "no finding has this id",
            help,
        ));
    };
    print(&text);
    Ok(ExitCode::SUCCESS)
}

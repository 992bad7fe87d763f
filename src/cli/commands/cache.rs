//! `cache dir|size|prune|verify`: the cache of wheels that all projects of a user share. Not of zc.buildout.

use std::process::ExitCode;

use super::{Command, Run};
use crate::cli::print;
use crate::cli::render::Style;
use crate::dist::cache_care::{self, Size};
use crate::error::{Diagnostic, Error, Result};
use crate::project::Surroundings;
use crate::wording::{counted, did_you_mean};

pub(super) const COMMAND: Command = Command {
    name: "cache",
    usage: "dir|size|prune|verify",
    summary: "Where the cache of wheels is and what it holds; take away what is unused (prune [DAYS]) or broken",
    run: Run::Alone(run),
};

const ACTIONS: [&str; 4] = ["dir", "size", "prune", "verify"];

/// Days without use after which `prune` takes a wheel away.
const DAYS: u64 = 90;

fn run(surroundings: &Surroundings, arguments: &[String], _: Style) -> Result<ExitCode> {
    let cache = surroundings.cache();
    let say = |line: String| print(&format!("{line}\n"));
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["dir"] => say(cache),
        ["size"] => {
            let held = cache_care::holdings(&cache)?;
            say(format!(
                "{}, {} in {cache}",
                counted(held.wheels, "wheel"),
                shown(held.size)
            ));
        }
        ["prune"] => prune(&cache, DAYS, say)?,
        ["prune", days] => {
            let days = days.parse().map_err(|_| {
                Error::user(format!("Invalid number of days: {days}")).hint(
                    "command",
                    "`cache prune DAYS` takes away what no run has used for so many days",
                    "write a whole number; 0 takes away all",
                )
            })?;
            prune(&cache, days, say)?;
        }
        ["verify"] => {
            let (looked_at, broken) = cache_care::verify(&cache)?;
            if broken.is_empty() {
                say(format!(
                    "{} looked at, all as they were made",
                    counted(looked_at, "wheel")
                ));
                return Ok(ExitCode::SUCCESS);
            }
            let mut diagnostic = Diagnostic::error(
                "cache",
                "what was broken has been taken away; the next run that needs it fetches it again",
            );
            for one in &broken {
                diagnostic = diagnostic.help(format!("{}: {}", one.name, one.reason));
            }
            let n = counted(broken.len(), "wheel");
            return Err(
                Error::user(format!("{n} of {looked_at} in the cache broken")).with(diagnostic),
            );
        }
        other => return Err(unknown(other)),
    }
    Ok(ExitCode::SUCCESS)
}

fn prune(cache: &str, days: u64, say: impl Fn(String)) -> Result<()> {
    let pruned = cache_care::prune(cache, days)?;
    say(format!(
        "{} taken away, {}",
        counted(pruned.wheels, "wheel"),
        shown(pruned.size)
    ));
    if pruned.remains > 0 {
        let n = pruned.remains;
        say(format!(
            "with the remains of {} that had been stopped",
            counted(n, "download")
        ));
    }
    Ok(())
}

fn shown(size: Size) -> String {
    let files = counted(size.files, "file");
    let (whole, unit) = match size.bytes {
        0..1_000_000 => (size.bytes / 100, "kB"),
        1_000_000..1_000_000_000 => (size.bytes / 100_000, "MB"),
        _ => (size.bytes / 100_000_000, "GB"),
    };
    format!("{files}, {}.{} {unit}", whole / 10, whole % 10)
}

fn unknown(words: &[&str]) -> Box<Error> {
    let message = match words.first() {
        Some(word) => format!("The cache command has no {word}."),
        None => "The cache command requires an argument.".to_owned(),
    };
    let nearest = words.first().and_then(|word| did_you_mean(word, ACTIONS));
    let help = match nearest {
        Some(nearest) => format!("did you mean `cache {nearest}`?"),
        None => "say `rbuildout cache dir`, `size`, `prune [DAYS]` or `verify`".to_owned(),
    };
    Error::user(message).hint("command", "one word says what to do with the cache", help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let shown = |bytes| shown(Size { files: 1, bytes });
        assert_eq!(shown(0), "1 file, 0.0 kB");
        assert_eq!(shown(1_250), "1 file, 1.2 kB");
        assert_eq!(shown(12_340_000), "1 file, 12.3 MB");
        assert_eq!(shown(2_000_000_000), "1 file, 2.0 GB");
    }
}

//! Distributions that are checkouts of a version control system: `git+https://host/project@1.0#egg=project-1.0`.
//!
//! The program of that system clones them into a directory that is gone after the build; a wheel is built there. Nothing of it
//! is taken from the cache another time: what a branch or a tag means may change. zc.buildout: _package_index.py,
//! `_download_vcs`, `_resolve_vcs`, `_vcs_split_rev_from_url`.

use std::path::Path;

use super::Fetcher;
use super::held::Held;
use super::source::Ready;
use crate::dist::arrivals::Source as Arrival;
use crate::dist::build::BuildOptions;
use crate::dist::builder::{Job, Sources};
use crate::dist::distribution::Distribution;
use crate::dist::index::file_name;
use crate::error::{Diagnostic, Error, Result};
use crate::log::INFO;
use crate::sys::fs;
use crate::sys::process::Program;
use crate::sys::url;
use crate::wording::{redacted, without_credentials};

/// What a location says about a checkout.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checkout<'a> {
    /// The program: `git`, `hg` or `svn`.
    program: &'a str,
    /// What it is to clone.
    url: String,
    /// A branch, a tag or a commit.
    revision: Option<String>,
}

impl<'a> Checkout<'a> {
    /// None where the location is of something else.
    pub(super) fn of(location: &'a str) -> Option<Self> {
        let scheme = url::scheme(location)?;
        let program = match scheme.split_once('+') {
            Some((program @ ("git" | "hg" | "svn"), _)) => program,
            None if matches!(scheme, "git" | "svn") => scheme,
            _ => return None,
        };
        let bare = url::without_fragment(location);
        let bare = bare
            .strip_prefix(program)
            .and_then(|rest| rest.strip_prefix('+'))
            .unwrap_or(bare);
        // The sign stands in the path: before it there may be a user.
        let path = bare
            .find("://")
            .and_then(|at| Some(at + 3 + bare.get(at + 3..)?.find('/')?));
        let at = path.and_then(|path| Some(path + bare.get(path..)?.rfind('@')?));
        Some(match at {
            Some(at) => Self {
                program,
                url: bare[..at].to_owned(),
                revision: Some(bare[at + 1..].to_owned()),
            },
            None => Self {
                program,
                url: bare.to_owned(),
                revision: None,
            },
        })
    }

    fn clone_to(&self, place: &str) -> Program {
        Program::new(self.program)
            .argument("clone")
            .argument("--quiet")
            .argument(&*self.url)
            .argument(place)
    }

    fn go_to(&self, revision: &str, place: &str) -> Program {
        let arguments: &[&str] = match self.program {
            "git" => &["-C", place, "checkout", "--quiet", revision],
            _ => &["--cwd", place, "up", "-C", "-r", revision, "-q"],
        };
        let program = Program::new(self.program);
        arguments
            .iter()
            .fold(program, |program, word| program.argument(*word))
    }
}

impl Fetcher {
    /// Clones a checkout and builds its wheel.
    pub(super) fn checked_out(
        &mut self,
        distribution: &Distribution,
        checkout: &Checkout<'_>,
    ) -> Result<Ready> {
        if checkout.program == "svn" {
            let shown = redacted(&distribution.location);
            let message = format!("Invalid config, SVN download is not supported: {shown}");
            return Err(Error::user(message).hint(
                "checkout",
                "only git and hg are asked for checkouts",
                "check it out yourself, and name its directory in `develop`",
            ));
        }
        let passing = self.source().cache.passing()?;
        let made = self.built_in(&passing, distribution, checkout);
        if fs::is_there(&passing) {
            fs::remove_tree(&passing)?;
        }
        made
    }

    fn built_in(
        &mut self,
        passing: &Path,
        distribution: &Distribution,
        checkout: &Checkout<'_>,
    ) -> Result<Ready> {
        fs::make_directory(passing)?;
        let source = passing.join(file_name(&distribution.location));
        let place = source.to_string_lossy();
        let (program, shown) = (checkout.program, redacted(&checkout.url));
        let line = format!("Doing {program} clone from {shown} to {place}");
        self.log.say_as("root", INFO, &line);
        run(&checkout.clone_to(&place), distribution, &shown)?;
        if let Some(revision) = &checkout.revision {
            let line = format!("Checking out {revision}");
            self.log.say_as("root", INFO, &line);
            run(&checkout.go_to(revision, &place), distribution, &shown)?;
        }
        let job = Job {
            name: distribution.to_string(),
            log_name: format!("{}-{}", distribution.project_name, distribution.version),
            sources: Sources::Checkout(source.clone()),
            options: BuildOptions::default(),
        };
        let built = self.builder.build(&[job]).pop();
        let built = built.unwrap_or_else(|| Err(self.not_built(distribution)))?;
        let (wheel, _) = self.cached_wheel(&built)?;
        Ok(Ready {
            wheel,
            sha256: None,
            is_built: true,
            arrival: Arrival::Built,
            held: Held::default(),
        })
    }
}

/// Runs a program to its end; an error where it fails, with what it said.
fn run(program: &Program, distribution: &Distribution, shown: &str) -> Result<()> {
    let ended = program.run().map_err(|error| {
        error.hint(
            "checkout",
            format!(
                "{distribution} is a checkout that {} is to fetch",
                program.path
            ),
            format!(
                "install {}, or let find-links name an archive",
                program.path
            ),
        )
    })?;
    if ended.status == Some(0) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let message = format!("{} has failed for {distribution}", program.path);
    let mut diagnostic = Diagnostic::error("checkout", message).help(format!("from {shown}"));
    for line in said.lines().filter(|line| !line.trim().is_empty()).take(10) {
        diagnostic = diagnostic.help(without_credentials(line.trim()));
    }
    Err(Error::user(format!("Couldn't install: {distribution}")).with(diagnostic))
}

#[cfg(test)]
mod tests {
    use super::Checkout;

    #[test]
    fn locations_of_checkouts() {
        let read = |location| {
            Checkout::of(location)
                .map(|c| format!("{} {} {}", c.program, c.url, c.revision.unwrap_or_default()))
        };
        for (location, expected) in [
            ("git+https://h/p@v1.0#egg=p-1.0", "git https://h/p v1.0"),
            ("git+https://h/p#egg=p", "git https://h/p "),
            ("git+ssh://git@h/p.git#egg=p", "git ssh://git@h/p.git "),
            ("git+ssh://git@h/p@b/c#egg=p", "git ssh://git@h/p b/c"),
            ("git://h/p#egg=p", "git git://h/p "),
            ("hg+http://u:p@h/p@tip#egg=p", "hg http://u:p@h/p tip"),
            ("git+file:///d/p@1", "git file:///d/p 1"),
            ("svn+http://h/p#egg=p", "svn http://h/p "),
        ] {
            assert_eq!(read(location).as_deref(), Some(expected), "{location}");
        }
        for other in [
            "https://h/p@1#egg=p",
            "/d/p",
            "hg://h/p",
            "bzr+http://h/p",
            "http+git://h/p",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}

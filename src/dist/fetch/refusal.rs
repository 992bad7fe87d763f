//! What is said of an archive that does not come, can't be unpacked, or is none that can be installed.

use super::Fetcher;
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::index::file_name;
use crate::dist::name;
use crate::error::{Diagnostic, Error, Result};
use crate::sys::http::{Failure, FailureKind, Network};
use crate::sys::url;
use crate::wording::redacted;

/// What a wheel calls itself must be what it was on offer as.
pub(super) fn check_same(
    installed: &Distribution,
    distribution: &Distribution,
    source: &str,
) -> Result<()> {
    if name::canonical(&installed.project_name) != name::canonical(&distribution.project_name)
        || installed.version != distribution.version
    {
        return Err(Error::user(format!(
            "{} has no distribution for {distribution}",
            installed.location
        ))
        .hint(
            "wheel",
            format!("the wheel {source} calls itself {installed}"),
            "tell those who made it; another version may do meanwhile",
        ));
    }
    Ok(())
}

/// Adds where a wheel came from that can't be unpacked.
pub(super) fn broken(location: &str, error: Box<Error>) -> Box<Error> {
    error.hint(
        "archive",
        format!("it is what {} gave", source_url(location)),
        "nothing of it has been kept; try again, and if it stays so tell those who made it, or pin another version",
    )
}

/// Where something came from, without secrets.
pub(super) fn source_url(location: &str) -> String {
    let bare = url::without_fragment(location);
    match url::scheme(bare) {
        Some(_) => redacted(bare),
        None => format!("file://{}", url::quote_path(bare)),
    }
}

pub(super) fn not_downloaded(network: &Network, location: &str, failure: &Failure) -> Box<Error> {
    let shown = redacted(url::without_fragment(location));
    // zc.buildout: _package_index.py, `_download_to`, `open_url`.
    let message = match failure.kind {
        FailureKind::Status(_) => format!("Can't download {shown}: {failure}"),
        _ => format!("Download error for {shown}: {}", failure.reason),
    };
    let what = format!("{} did not come", file_name(location));
    let mut diagnostic = Diagnostic::error("download", what).help(failure.advice());
    if matches!(failure.kind, FailureKind::Status(401 | 403))
        && let Some(why) = network.keyring_trouble(location)
    {
        diagnostic = diagnostic.help(why);
    }
    Error::user(message).with(diagnostic)
}

impl Fetcher {
    pub(super) fn not_built(&self, distribution: &Distribution) -> Box<Error> {
        let kind = match distribution.precedence {
            Precedence::Binary => "an installer for Windows",
            _ => "neither a wheel nor an archive of sources",
        };
        let shown = redacted(&distribution.location);
        let python = &self.facts.python_version;
        Error::user(format!("Couldn't install: {distribution}")).with(
            Diagnostic::error(
                "wheel",
                format!("{shown} is {kind}; rbuildout installs wheels, eggs and archives of sources"),
            )
            .help(format!(
                "pin a version of {} that has a wheel for Python {python} on {}, or an archive of its sources",
                distribution.project_name, self.facts.platform
            ))
            .help("or build one with 'pip wheel --no-deps' and name its directory in find-links"),
        )
    }
}

//! Whether a wheel may be installed at all: what pip asks of it before it unpacks anything.
//!
//! An index tells most of this on its page (`index_page.rs`); directories of files, old pages and archives of sources do
//! not. What RECORD must be like is `wheel.rs`'s. pip: `check_version`, `_check_requires_python`.

use std::str::FromStr;

use super::cache::Unpacked;
use super::distribution::Distribution;
use super::index_page::allows_python;
use crate::error::{Error, Result};
use crate::python::Facts;
use crate::wording::redacted;

/// The newest layout of wheels that is known.
const LAYOUT: u32 = 1;

/// Refuses what this Python, or this program, can't use. `source`: where it came from.
pub(super) fn check(
    wheel: &Unpacked,
    distribution: &Distribution,
    source: &str,
    facts: &Facts,
) -> Result<()> {
    let refused = |why: String, advice: &str| {
        let message = format!("Couldn't install: {distribution}");
        Error::user(message).hint("wheel", format!("{} {why}", redacted(source)), advice)
    };
    let layout = field(&wheel.info("WHEEL"), "Wheel-Version").unwrap_or_default();
    let major = layout.split('.').next().and_then(|n| n.parse::<u32>().ok());
    if major.is_some_and(|major| major > LAYOUT) {
        return Err(refused(
            format!("is a wheel of layout {layout}, of which nothing is known here"),
            "pin an older version",
        ));
    }
    let requires = field(&wheel.info("METADATA"), "Requires-Python");
    let python = pep440_rs::Version::from_str(&facts.python_full_version);
    if let (Some(requires), Ok(python)) = (requires, python)
        && !allows_python(Some(&requires), &python)
    {
        return Err(refused(
            format!("is for Python {requires}; this one is {python}"),
            "pin a version for this Python, or run the buildout with another",
        ));
    }
    Ok(())
}

/// A field of the header of METADATA or WHEEL.
fn field(text: &str, wanted: &str) -> Option<String> {
    text.lines()
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().to_owned())
}

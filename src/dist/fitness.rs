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

/// Refuses what this Python, or this program, can't use. `source`: where it came from; `facts`: of the Python, where pip
/// installs it. Setuptools asks for no Python.
pub(super) fn check(
    wheel: &Unpacked,
    distribution: &Distribution,
    source: &str,
    facts: Option<&Facts>,
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
    let python = facts.map(|facts| pep440_rs::Version::from_str(&facts.python_full_version));
    if let (Some(requires), Some(Ok(python))) = (requires, python)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::distribution::Precedence;
    use crate::dist::sample::facts;
    use crate::dist::version::Version;

    #[test]
    fn layouts_and_pythons() {
        let there = tempfile::tempdir().unwrap();
        let info = there.path().join("a-1.0.dist-info");
        std::fs::create_dir(&info).unwrap();
        std::fs::write(info.join("RECORD"), "").unwrap();
        let distribution = Distribution {
            project_name: "a".to_owned(),
            version: Version::new("1.0"),
            py_version: None,
            platform: None,
            location: String::new(),
            metadata: None,
            precedence: Precedence::Wheel,
        };
        let said = |layout: &str, header: &str| {
            std::fs::write(info.join("WHEEL"), format!("{layout}\n")).unwrap();
            std::fs::write(info.join("METADATA"), format!("Name: a\n{header}\n")).unwrap();
            let wheel = Unpacked::open("", there.path().to_path_buf()).unwrap();
            let checked = check(&wheel, &distribution, "https://h/a.whl", Some(&facts()));
            let refused = checked.err()?;
            assert_eq!(refused.message, "Couldn't install: a 1.0");
            Some(refused.diagnostics[0].message.clone())
        };
        let python = facts().python_full_version.clone();
        for (layout, header, refused) in [
            ("Wheel-Version: 1.0", "", None),
            (
                "wheel-version: 1.9",
                "Requires-Python: >=2.7, !=3.0.*",
                None,
            ),
            ("Generator: x", "Requires-Python: nonsense", None),
            ("Wheel-Version: 1.0", "\nRequires-Python: >=4", None),
            (
                "Wheel-Version: 2.0",
                "",
                Some(
                    "https://h/a.whl is a wheel of layout 2.0, of which nothing is known here"
                        .to_owned(),
                ),
            ),
            (
                "Wheel-Version: 1.0",
                "requires-python: <3",
                Some(format!(
                    "https://h/a.whl is for Python <3; this one is {python}"
                )),
            ),
        ] {
            assert_eq!(said(layout, header), refused, "{layout} {header}");
        }
    }
}

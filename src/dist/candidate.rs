//! From the name of a file on offer to the distribution that it is: project, version, kind, and for which Python.
//!
//! Names only; no file is opened. zc.buildout: _package_index.py, `distros_for_url`, `distros_for_location`,
//! `interpret_distro_name`; pkg_resources: `Distribution.from_location`, `Environment.can_add`.

use std::collections::HashSet;

use super::distribution::{Distribution, Precedence};
use super::name;
use super::version::Version;
use crate::python::Facts;
use crate::sys::url;

/// What file names are read for: one interpreter.
#[derive(Debug)]
pub(super) struct Candidates {
    python_version: String,
    build_platform: String,
    tags: HashSet<String>,
}

/// What a file name says.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) distributions: Vec<Distribution>,
    /// A wheel or an egg for another Python or system.
    pub(super) other_platform: bool,
    /// What that one is for, as its name says it.
    pub(super) made_for: String,
}

impl Read {
    /// What has no version that parses is not on offer. zc.buildout: _package_index.py, `PackageIndex.add`.
    fn with_versions(mut self) -> Self {
        self.distributions
            .retain(|found| found.version.parsed().is_some());
        self
    }
}

/// How archives of sources end.
pub(super) const ARCHIVES: [&str; 5] = [".tar.gz", ".tar.bz2", ".tar", ".zip", ".tgz"];

impl Candidates {
    pub(super) fn new(facts: &Facts) -> Self {
        Self {
            python_version: facts.python_version.clone(),
            build_platform: facts.build_platform.clone(),
            tags: facts.tags.iter().cloned().collect(),
        }
    }

    /// What a URL offers, by its last piece and by `#egg=`.
    pub(super) fn of_url(&self, location: &str) -> Read {
        let (base, fragment) = base_and_fragment(location);
        let mut read = self.of_location(location, &base);
        let egg = fragment.as_deref().and_then(|f| f.strip_prefix("egg="));
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.+!".contains(c);
        if let Some(egg) = egg.filter(|egg| !egg.is_empty() && egg.chars().all(fits)) {
            read.distributions
                .extend(source(location, egg, Precedence::Checkout, None, None));
        }
        read.with_versions()
    }

    /// What a file of this name offers.
    pub(super) fn of_file(&self, location: &str, base: &str) -> Read {
        self.of_location(location, base)
    }

    fn of_location(&self, location: &str, base: &str) -> Read {
        let base = base
            .strip_suffix(".zip")
            .filter(|rest| rest.ends_with(".egg"))
            .unwrap_or(base);
        let mut read = Read::default();
        if let Some(stem) = base.strip_suffix(".egg").filter(|_| base.contains('-')) {
            let egg = egg(location, stem);
            if self.can_use(&egg) {
                read.distributions.push(egg);
            } else {
                let python = egg.py_version.map(|python| format!("py{python}"));
                let pieces: Vec<String> = python.into_iter().chain(egg.platform).collect();
                read.made_for = pieces.join("-");
                read.other_platform = true;
            }
        } else if let Some(stem) = base.strip_suffix(".whl").filter(|_| base.contains('-')) {
            // What is no name of a wheel stops zc.buildout with a traceback; here it is nothing.
            if let Some(wheel) = WheelName::parse(stem) {
                if wheel.fits(&self.tags) {
                    read.distributions.push(distribution(
                        location,
                        wheel.name,
                        wheel.version,
                        Precedence::Wheel,
                    ));
                } else {
                    read.made_for = wheel.tags.join("-");
                    read.other_platform = true;
                }
            }
        } else if let Some(stem) = ARCHIVES.iter().find_map(|end| base.strip_suffix(end)) {
            read.distributions
                .extend(source(location, stem, Precedence::Source, None, None));
        } else if let Some((stem, python, platform)) = windows_installer(base) {
            let found = source(location, stem, Precedence::Binary, python, Some(platform));
            read.other_platform = found.is_some();
            read.distributions
                .extend(found.filter(|found| self.can_use(found)));
            read.other_platform &= read.distributions.is_empty();
        }
        read.with_versions()
    }

    /// zc.buildout: easy_install.py, `EnvironmentMixin`; pkg_resources: `Environment.can_add`, `compatible_platforms`.
    fn can_use(&self, distribution: &Distribution) -> bool {
        let python = distribution.py_version.as_deref();
        let platform = distribution.platform.as_deref();
        python.is_none_or(|python| python == self.python_version)
            && platform.is_none_or(|platform| runs_on(platform, &self.build_platform))
    }
}

fn runs_on(provided: &str, required: &str) -> bool {
    if provided == required {
        return true;
    }
    match (mac(provided), mac(required)) {
        (Some(provided), Some(required)) => {
            provided.0 == required.0 && provided.2 == required.2 && provided.1 <= required.1
        }
        _ => false,
    }
}

/// `macosx-11.0-arm64` in its pieces.
fn mac(platform: &str) -> Option<(u32, u32, &str)> {
    let (version, machine) = platform.strip_prefix("macosx-")?.split_once('-')?;
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?, machine))
}

/// The last piece of a URL's path, unquoted, and the fragment. zc.buildout: _package_index.py, `egg_info_for_url`.
pub(super) fn base_and_fragment(location: &str) -> (String, Option<String>) {
    let pieces = url::parts(location);
    // Python's urlparse takes the parameters of the last piece off.
    let path = pieces.path;
    let mut segments = path.rsplit('/');
    let last = segments.next().unwrap_or("");
    let mut base = url::unquote(last.split(';').next().unwrap_or(last));
    if pieces.netloc == Some("sourceforge.net") && base == "download" {
        base = url::unquote(segments.next().unwrap_or(""));
    }
    match base.split_once('#') {
        Some((before, after)) => (before.to_owned(), Some(after.to_owned())),
        None => (base, pieces.fragment.map(str::to_owned)),
    }
}

/// pkg_resources: `safe_version`.
pub(super) fn safe_version(text: &str) -> String {
    match Version::new(text).parsed() {
        Some(parsed) => parsed.to_string(),
        None => name::safe(&text.replace(' ', ".")),
    }
}

fn distribution(
    location: &str,
    project: &str,
    version: &str,
    precedence: Precedence,
) -> Distribution {
    Distribution {
        project_name: name::safe(project),
        version: Version::new(&safe_version(version)),
        py_version: None,
        platform: None,
        location: location.to_owned(),
        metadata: None,
        precedence,
    }
}

/// `NAME-VERSION-pyX.Y-PLATFORM`. pkg_resources: `EGG_NAME`.
fn egg(location: &str, stem: &str) -> Distribution {
    let mut pieces = stem.splitn(3, '-');
    let project = pieces.next().unwrap_or("");
    let version = pieces.next().unwrap_or("");
    let rest = pieces.next().unwrap_or("");
    let mut egg = distribution(location, project, version, Precedence::Egg);
    let is_python = rest
        .get(..2)
        .is_some_and(|two| two.eq_ignore_ascii_case("py"));
    if is_python && rest.len() > 2 {
        let (python, platform) = match rest.split_once('-') {
            Some((python, platform)) => (python, Some(platform)),
            None => (rest, None),
        };
        egg.py_version = python.get(2..).map(str::to_owned);
        egg.platform = platform
            .filter(|platform| !platform.is_empty())
            .map(str::to_owned);
    }
    egg
}

/// Name and version are parted before the first piece that begins with a digit. zc.buildout: `interpret_distro_name`.
fn source(
    location: &str,
    stem: &str,
    precedence: Precedence,
    python: Option<&str>,
    platform: Option<&str>,
) -> Option<Distribution> {
    let pieces: Vec<&str> = stem.split('-').collect();
    let dumb = |piece: &&str| {
        let bytes = piece.as_bytes();
        matches!(bytes, [b'p', b'y', a, b'.', b] if a.is_ascii_digit() && b.is_ascii_digit())
    };
    if python.is_none() && pieces.iter().skip(2).any(dumb) {
        return None;
    }
    let pivot = pieces
        .iter()
        .position(|piece| piece.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(pieces.len());
    let (project, version) = pieces.split_at(pivot);
    let mut found = distribution(location, &project.join("-"), &version.join("-"), precedence);
    found.py_version = python.map(str::to_owned);
    found.platform = platform.map(str::to_owned);
    Some(found)
}

/// zc.buildout: _package_index.py, `parse_bdist_wininst`.
fn windows_installer(base: &str) -> Option<(&str, Option<&str>, &'static str)> {
    let lower = base.to_lowercase();
    let stem = lower.strip_suffix(".exe")?;
    for (mark, platform) in [("win32", "win32"), ("win-amd64", "win-amd64")] {
        let (at, python) = match stem.rfind(&format!(".{mark}")) {
            Some(at) if stem.len() == at + mark.len() + 1 => (at, None),
            Some(at) if stem.get(at + mark.len() + 1..)?.starts_with("-py") => {
                (at, base.get(at + mark.len() + 4..stem.len()))
            }
            _ => continue,
        };
        return Some((base.get(..at)?, python, platform));
    }
    None
}

/// A wheel's file name without `.whl`. setuptools: wheel.py, `WHEEL_NAME`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WheelName<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// Python, ABI and platform, each maybe several with dots between.
    tags: [&'a str; 3],
}

impl<'a> WheelName<'a> {
    pub(super) fn parse(stem: &'a str) -> Option<Self> {
        let mut pieces = stem.rsplitn(4, '-');
        let platform = pieces.next()?;
        let abi = pieces.next()?;
        let python = pieces.next()?;
        let front = pieces.next()?;
        let (name, rest) = front.split_once('-')?;
        // What follows the version is a build number.
        let (version, build) = match rest.split_once('-') {
            Some((version, build)) => (version, Some(build)),
            None => (rest, None),
        };
        let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let fits = digit(version) && build.is_none_or(digit);
        (fits && ![name, platform, abi, python].contains(&"")).then_some(Self {
            name,
            version,
            tags: [python, abi, platform],
        })
    }

    fn fits(&self, tags: &HashSet<String>) -> bool {
        let [pythons, abis, platforms] = self.tags;
        pythons.split('.').any(|python| {
            abis.split('.').any(|abi| {
                platforms.split('.').any(|platform| {
                    tags.contains(&format!("{python}-{abi}-{platform}").to_lowercase())
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates() -> Candidates {
        Candidates {
            python_version: "3.11".to_owned(),
            build_platform: "linux-x86_64".to_owned(),
            tags: ["py3-none-any", "cp311-cp311-linux_x86_64"]
                .map(str::to_owned)
                .into(),
        }
    }

    fn told(url: &str) -> String {
        let read = candidates().of_url(url);
        let mut told: Vec<String> = read
            .distributions
            .iter()
            .map(|d| {
                let (python, platform) = (d.py_version.as_deref(), d.platform.as_deref());
                let tail: String = [python, platform].into_iter().flatten().collect();
                format!("{d} {:?} {tail}", d.precedence).trim().to_owned()
            })
            .collect();
        if read.other_platform {
            told.push("other".to_owned());
        }
        told.join(", ")
    }

    #[test]
    fn names_of_files() {
        for (url, expected) in [
            (
                "https://h/supervisor-4.3.0-py2.py3-none-any.whl#sha256=0",
                "supervisor 4.3.0 Wheel",
            ),
            (
                "https://h/zc_recipe.egg-6.0.0-1-py3-none-any.whl",
                "zc-recipe.egg 6.0.0 Wheel",
            ),
            ("https://h/a-1.0-cp27-cp27m-linux_x86_64.whl", "other"),
            (
                "https://h/a-1.0-CP311-cp311-linux_x86_64.whl",
                "a 1.0 Wheel",
            ),
            ("https://h/not-a-wheel.whl", ""),
            (
                "https://h/supervisor-4.3.0.tar.gz",
                "supervisor 4.3.0 Source",
            ),
            ("https://h/a-b-1.0-beta.zip?x=1", "a-b 1.0b0 Source"),
            ("https://h/zope.exceptions-3.4dev-r73107.tar.gz", ""),
            ("https://h/a.tar.gz", ""),
            ("https://h/a-1.0-py2.7.tar.gz", ""),
            ("https://h/a-1.0-py3.11.egg", "a 1.0 Egg 3.11"),
            (
                "https://h/a-1.0-py3.11-linux-x86_64.egg.zip",
                "a 1.0 Egg 3.11linux-x86_64",
            ),
            ("https://h/a-1.0-py2.7.egg", "other"),
            ("https://h/a-1.0-py3.11-win32.egg", "other"),
            ("https://h/a-1.0.win32-py2.7.exe", "other"),
            ("https://h/trunk#egg=a-1.0", "a 1.0 Checkout"),
            ("https://h/trunk#egg=a-dev", ""),
            ("https://h/simple/a/", ""),
            ("https://h/a%2Bb-1.0%2Bx.zip", "a-b 1.0+x Source"),
        ] {
            assert_eq!(told(url), expected, "{url}");
        }
    }

    #[test]
    fn mac_eggs_run_on_later_systems() {
        assert!(runs_on("macosx-11.0-arm64", "macosx-11.3-arm64"));
        assert!(!runs_on("macosx-11.4-arm64", "macosx-11.3-arm64"));
        assert!(!runs_on("linux-x86_64", "macosx-11.3-arm64"));
    }
}

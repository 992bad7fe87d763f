//! Which distributions a directory holds, as names of files say it.
//!
//! Eggs with `EGG-INFO`, `.dist-info` and `.egg-info` beside the packages (site-packages, and what zc.buildout 5 and later
//! put into the eggs directory), zipped eggs, `.egg-link`.
//! Which of several is best is `environment.rs`'s. pkg_resources: `find_distributions`, `find_on_path`, `dist_factory`.

use std::path::{Path, PathBuf};

use indexmap::{IndexMap, IndexSet};

use super::distribution::{Distribution, Precedence};
use super::metadata;
use super::name;
use super::version::Version;
use super::zipped_egg;
use crate::error::Result;
use crate::sys::fs;

/// A directory's names, sorted by the project they belong to, so that one project's can be looked at alone.
#[derive(Debug)]
pub(super) struct Directory {
    /// As Python's `realpath` has it.
    path: String,
    /// Names of entries by the key of the project that they name.
    by_key: IndexMap<String, Vec<String>>,
    /// What links lead to; their names say nothing reliable.
    linked: Vec<Distribution>,
    /// The directory itself where it is an egg.
    itself: Option<Distribution>,
}

/// What to look for in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As for an entry of `sys.path` that is active: metadata only. pkg_resources: `only=True`.
    Active,
    /// Eggs and links too.
    All,
    /// The eggs directory: what is in its eggs, of whatever format. zc.buildout: `Installer._get_dest_dist_paths`.
    Eggs,
}

impl Directory {
    pub(super) fn read(path: &str, look: Look) -> Result<Self> {
        Self::read_but(path, look, &IndexSet::new())
    }

    /// As if these paths were not there.
    pub(super) fn read_but(path: &str, look: Look, gone: &IndexSet<String>) -> Result<Self> {
        Self::read_real(normalised(path), look, gone)
    }

    /// `path` is without links.
    fn read_real(path: String, look: Look, gone: &IndexSet<String>) -> Result<Self> {
        let mut directory = Self {
            by_key: IndexMap::new(),
            linked: Vec::new(),
            itself: None,
            path,
        };
        if look != Look::Eggs && is_unpacked_egg(&directory.path) {
            directory.itself = egg(&directory.path);
            return Ok(directory);
        }
        for name in fs::list(&directory.path)? {
            if !gone.is_empty() && gone.contains(&format!("{}/{name}", directory.path)) {
                continue;
            }
            let lower = name.to_lowercase();
            let kept = match look {
                Look::Eggs => !name.starts_with('.'),
                Look::All => is_metadata(&lower) || is_egg(&lower),
                Look::Active => is_metadata(&lower),
            };
            if kept {
                let stem = name.rfind('.').map_or(name.as_str(), |dot| &name[..dot]);
                if look == Look::Eggs && !is_egg(&lower) {
                    // A directory of another name may hold anything.
                    let place = format!("{}/{name}", directory.path);
                    if fs::is_dir(&place) {
                        directory.linked.extend(find(&place, Look::Active)?);
                    }
                    continue;
                }
                let key = name::environment_key(&name::safe(EggName::read(stem).name));
                directory.by_key.entry(key).or_default().push(name);
            } else if look == Look::All && has_suffix(&lower, ".egg-link") {
                directory.linked.extend(follow(&directory.path, &name)?);
            }
        }
        Ok(directory)
    }

    /// The distributions of one project.
    pub(super) fn of(&self, key: &str) -> Result<Vec<Distribution>> {
        let is_it = |d: &&Distribution| name::environment_key(&d.key()) == key;
        let mut found: Vec<Distribution> = Vec::new();
        for name in self.by_key.get(key).into_iter().flatten() {
            found.extend(self.entry(name)?);
        }
        found.extend(self.linked.iter().filter(is_it).cloned());
        found.extend(self.itself.iter().filter(is_it).cloned());
        Ok(found)
    }

    /// All distributions, in the order of the names.
    pub(super) fn all(&self) -> Result<Vec<Distribution>> {
        if let Some(egg) = &self.itself {
            return Ok(vec![egg.clone()]);
        }
        let mut names: Vec<&String> = self.by_key.values().flatten().collect();
        names.sort_unstable();
        let mut found = Vec::new();
        for name in names {
            found.extend(self.entry(name)?);
        }
        found.extend(self.linked.iter().cloned());
        Ok(found)
    }

    fn entry(&self, name: &str) -> Result<Vec<Distribution>> {
        let place = format!("{}/{name}", self.path);
        if !is_egg(&name.to_lowercase()) {
            return Ok(beside(&self.path, name).into_iter().collect());
        }
        let place = if fs::is_link(&place) {
            normalised(&place)
        } else {
            place
        };
        if is_unpacked_egg(&place) {
            return Ok(egg(&place).into_iter().collect());
        }
        if !fs::is_dir(&place) {
            return Ok(zipped(&place, Look::All));
        }
        // Eggs of zc.buildout 5 and later hold a .dist-info.
        Self::read_real(place, Look::Active, &IndexSet::new())?.all()
    }
}

/// The distributions in a directory.
pub(super) fn find(path: &str, look: Look) -> Result<Vec<Distribution>> {
    if !fs::is_dir(if path.is_empty() { "." } else { path }) {
        return Ok(zipped(path, look));
    }
    Directory::read(path, look)?.all()
}

fn is_metadata(lower: &str) -> bool {
    has_suffix(lower, ".dist-info") || has_suffix(lower, ".egg-info")
}

fn is_egg(lower: &str) -> bool {
    has_suffix(lower, ".egg")
}

fn has_suffix(lower: &str, suffix: &str) -> bool {
    lower.ends_with(suffix)
}

// pkg_resources: `_is_unpacked_egg`.
fn is_unpacked_egg(path: &str) -> bool {
    is_egg(&path.to_lowercase()) && fs::is_file(format!("{path}/EGG-INFO/PKG-INFO"))
}

/// An egg with EGG-INFO. pkg_resources: `Distribution.from_filename`.
fn egg(path: &str) -> Option<Distribution> {
    let metadata = Path::new(path).join("EGG-INFO");
    let name = Path::new(path).file_stem()?.to_string_lossy().into_owned();
    let read = EggName::read(&name);
    let version = match read.version {
        Some(version) => version.to_owned(),
        None => metadata::version_in(&metadata.join("PKG-INFO"))?,
    };
    Some(read.distribution(&version, path, metadata, Precedence::Egg))
}

/// What a zipped egg holds; nothing where the path is none.
// pkg_resources: `find_eggs_in_zip`.
fn zipped(path: &str, look: Look) -> Vec<Distribution> {
    if !zipped_egg::is_one(path) {
        return Vec::new();
    }
    let directories = zipped_egg::directories(path);
    if directories.iter().any(|name| name == "EGG-INFO")
        && let Some(egg) = egg(path)
    {
        return vec![egg];
    }
    let beside = directories.iter().filter(|name| {
        let lower = name.to_lowercase();
        look != Look::Active && is_metadata(&lower)
    });
    beside
        .filter_map(|name| {
            let metadata = Path::new(path).join(name);
            let read = EggName::read(Path::new(name).file_stem()?.to_str()?);
            let file = if name.to_lowercase().ends_with(".dist-info") {
                "METADATA"
            } else {
                "PKG-INFO"
            };
            let version = match read.version {
                Some(version) => version.to_owned(),
                None => metadata::version_in(&metadata.join(file))?,
            };
            Some(read.distribution(&version, path, metadata, Precedence::Egg))
        })
        .collect()
}

/// A distribution whose metadata lies beside its packages.
// pkg_resources: `distributions_from_metadata`, `EggInfoDistribution._reload_version`.
fn beside(root: &str, name: &str) -> Option<Distribution> {
    let metadata = PathBuf::from(format!("{root}/{name}"));
    let is_dir = fs::is_dir(&metadata);
    let is_dist_info = has_suffix(&name.to_lowercase(), ".dist-info");
    if is_dist_info && !is_dir || is_dir && fs::list(&metadata).is_ok_and(|all| all.is_empty()) {
        return None;
    }
    let stem = name.rfind('.').map_or(name, |dot| &name[..dot]);
    let read = EggName::read(stem);
    let written = || {
        metadata::version_in(&match (is_dist_info, is_dir) {
            (true, _) => metadata.join("METADATA"),
            (false, true) => metadata.join("PKG-INFO"),
            (false, false) => metadata.clone(),
        })
    };
    let named = read.version.map(str::to_owned);
    // distutils mangled versions in names of .egg-info: what is written inside counts.
    let version = if is_dist_info {
        named.or_else(written)
    } else {
        written().or(named)
    }?;
    Some(read.distribution(&version, root, metadata, Precedence::Develop))
}

/// What the first line of an `.egg-link` leads to. pkg_resources: `resolve_egg_link`.
fn follow(directory: &str, name: &str) -> Result<Vec<Distribution>> {
    let text = fs::read_lossy(format!("{directory}/{name}"))?;
    // It is a path: a `#` begins no comment.
    let mut lines = crate::pystr::split_lines(&text)
        .into_iter()
        .map(crate::pystr::strip);
    match lines.find(|line| !line.is_empty()) {
        Some(line) => find(
            &Path::new(directory).join(line).to_string_lossy(),
            Look::All,
        ),
        None => Ok(Vec::new()),
    }
}

/// What a name of a file says: `superlance-2.0.0-py3.11-linux-x86_64`.
// pkg_resources: `EGG_NAME`.
#[derive(Debug, PartialEq, Eq)]
struct EggName<'a> {
    name: &'a str,
    version: Option<&'a str>,
    py_version: Option<&'a str>,
    platform: Option<&'a str>,
}

impl<'a> EggName<'a> {
    fn read(stem: &'a str) -> Self {
        let mut fields = stem.splitn(3, '-');
        let name = fields.next().unwrap_or(stem);
        let version = fields.next().filter(|version| !version.is_empty());
        let rest = fields.next().filter(|_| version.is_some());
        let python = rest.and_then(|rest| {
            let is_python = rest.get(..2)?.eq_ignore_ascii_case("py");
            rest.get(2..).filter(|rest| is_python && !rest.is_empty())
        });
        let (py_version, platform) = match python.and_then(|p| p.split_once('-')) {
            Some(("", _)) => (None, None),
            Some((python, platform)) => (
                Some(python),
                Some(platform).filter(|platform| !platform.is_empty()),
            ),
            None => (python, None),
        };
        Self {
            name: if name.is_empty() { "Unknown" } else { name },
            version,
            py_version,
            platform,
        }
    }

    fn distribution(
        &self,
        version: &str,
        location: &str,
        metadata: PathBuf,
        precedence: Precedence,
    ) -> Distribution {
        Distribution {
            project_name: name::safe(self.name),
            version: Version::safe(version),
            py_version: self.py_version.map(str::to_owned),
            platform: self.platform.map(str::to_owned),
            location: location.to_owned(),
            metadata: Some(metadata),
            precedence,
        }
    }
}

/// The path without `.`, `..` and links. pkg_resources: `normalize_path`.
pub(super) fn normalised(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    let plain = match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    };
    fs::real_path(&plain).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_eggs() {
        // Recorded from `EGG_NAME(..).group('name', 'ver', 'pyver', 'plat')`.
        for (stem, expected) in [
            (
                "superlance-2.0.0-py3.11-linux-x86_64",
                (
                    "superlance",
                    Some("2.0.0"),
                    Some("3.11"),
                    Some("linux-x86_64"),
                ),
            ),
            (
                "zc_recipe_egg-6.0.0",
                ("zc_recipe_egg", Some("6.0.0"), None, None),
            ),
            ("a-1-2", ("a", Some("1"), None, None)),
            ("a-1-PY2", ("a", Some("1"), Some("2"), None)),
            ("a", ("a", None, None, None)),
            ("a--py3", ("a", None, None, None)),
        ] {
            let read = EggName::read(stem);
            assert_eq!(
                (read.name, read.version, read.py_version, read.platform),
                expected
            );
        }
    }

    #[test]
    fn directories_of_all_kinds() {
        let there = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(there.path()).unwrap();
        let put = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("site/a_b-1.0.dist-info/METADATA", "Version: 9\n");
        put("site/c-1.0_x.egg-info/PKG-INFO", "Version: 1.0+x\n");
        put("site/d-2.egg-info", "Name: d\nVersion: 2.1\n\n");
        put("site/e-3-py3.11.egg/EGG-INFO/PKG-INFO", "");
        put("site/f.egg-link", "../src\n.\n");
        put("src/F.egg-info/PKG-INFO", "Version: 0.1\n");
        std::fs::create_dir(root.join("site/empty-1.dist-info")).unwrap();
        put(
            "eggs/g-4-py3.11-linux-x86_64.egg/g-4-py3.11-linux-x86_64.dist-info/METADATA",
            "",
        );
        put("eggs/h-5-py3.11.egg/EGG-INFO/PKG-INFO", "");
        let shown = |path: &str, look| {
            find(&root.join(path).to_string_lossy(), look)
                .unwrap()
                .iter()
                .map(|d| {
                    let location = d.location.strip_prefix(&*root.to_string_lossy()).unwrap();
                    format!("{d} {location} {:?}", d.precedence)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown("site", Look::All),
            [
                "a-b 1.0 /site Develop",
                "c 1.0+x /site Develop",
                "d 2.1 /site Develop",
                "e 3 /site/e-3-py3.11.egg Egg",
                "F 0.1 /src Develop"
            ]
        );
        assert_eq!(
            shown("site", Look::Active),
            [
                "a-b 1.0 /site Develop",
                "c 1.0+x /site Develop",
                "d 2.1 /site Develop"
            ]
        );
        assert_eq!(
            shown("eggs", Look::Eggs),
            [
                "g 4 /eggs/g-4-py3.11-linux-x86_64.egg Develop",
                "h 5 /eggs/h-5-py3.11.egg Egg"
            ]
        );
        let site = Directory::read(&root.join("site").to_string_lossy(), Look::All).unwrap();
        assert_eq!(site.of("f").unwrap().len(), 1);
        assert_eq!(site.of("a_b").unwrap().len(), 1);
        assert!(shown("nowhere", Look::All).is_empty());
    }
}

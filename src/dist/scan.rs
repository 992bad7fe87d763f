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
use super::name_order::NameOrder;
use super::seen::{Folder, Seen};
use super::version::Version;
use super::zipped_egg;
use crate::error::Result;
use crate::sys::directory::{self, OpenDirectory};
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
    seen: Seen,
}

/// What to look for in a directory. An entry of `sys.path` that is active is a [`Folder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Eggs and links too.
    All,
    /// The eggs directory: what is in its eggs, of whatever format. zc.buildout: `Installer._get_dest_dist_paths`.
    Eggs,
}

impl Directory {
    pub(super) fn read(path: &str, look: Look, seen: &Seen) -> Result<Self> {
        Self::read_but(path, look, seen, &IndexSet::new())
    }

    /// As if these paths were not there.
    pub(super) fn read_but(
        path: &str,
        look: Look,
        seen: &Seen,
        gone: &IndexSet<String>,
    ) -> Result<Self> {
        let mut directory = Self {
            by_key: IndexMap::new(),
            linked: Vec::new(),
            itself: None,
            path: seen.real(path).to_string(),
            seen: seen.clone(),
        };
        if look != Look::Eggs && is_unpacked_egg(&directory.path) {
            directory.itself = egg(&directory.path);
            return Ok(directory);
        }
        for name in fs::list(&directory.path)? {
            if !gone.is_empty() && gone.contains(&format!("{}/{name}", directory.path)) {
                continue;
            }
            let kept = match look {
                Look::Eggs => !name.starts_with('.'),
                Look::All => is_metadata(&name) || is_egg(&name),
            };
            if kept {
                let stem = name.rfind('.').map_or(name.as_str(), |dot| &name[..dot]);
                if look == Look::Eggs && !is_egg(&name) {
                    // A directory of another name may hold anything.
                    let folder = seen.folder(&format!("{}/{name}", directory.path))?;
                    directory.linked.extend(folder.active.iter().cloned());
                    continue;
                }
                let key = name::environment_key(&name::safe(EggName::read(stem).name));
                directory.by_key.entry(key).or_default().push(name);
            } else if look == Look::All && has_suffix(&name, ".egg-link") {
                directory
                    .linked
                    .extend(follow(&directory.path, &name, seen)?);
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

    /// Eggs of zc.buildout 5 and later hold a .dist-info.
    fn entry(&self, name: &str) -> Result<Vec<Distribution>> {
        if !is_egg(name) {
            return Ok(beside(&self.path, name).into_iter().collect());
        }
        let folder = self.seen.folder(&format!("{}/{name}", self.path))?;
        Ok(folder.active.clone())
    }
}

/// The distributions in a directory.
pub(super) fn find(path: &str, look: Look, seen: &Seen) -> Result<Vec<Distribution>> {
    if !fs::is_dir(if path.is_empty() { "." } else { path }) {
        return Ok(zipped(path).into_iter().collect());
    }
    Directory::read(path, look, seen)?.all()
}

/// What an entry of `sys.path` holds, `path` without links. pkg_resources: `find_on_path` with `only=True`.
pub(super) fn look_into(path: &str, order: NameOrder) -> Result<Folder> {
    let listed = match OpenDirectory::open(path) {
        Ok(listed) => listed,
        // One that can't be listed may be an egg nevertheless.
        Err(_) if is_unpacked_egg(path) => {
            return Ok(Folder {
                names: None,
                active: egg(path).into_iter().collect(),
            });
        }
        Err(_) if !fs::is_dir(path) => None,
        Err(error) => return Err(error),
    };
    let not_there = || Folder {
        active: is_egg(path)
            .then(|| zipped(path))
            .flatten()
            .into_iter()
            .collect(),
        ..Folder::default()
    };
    Ok(listed.map_or_else(not_there, |listed| what_is_in(path, listed, order)))
}

/// The same for a directory that is listed.
pub(super) fn what_is_in(path: &str, listed: OpenDirectory, order: NameOrder) -> Folder {
    let is_egg_info = |name: &String| name.eq_ignore_ascii_case("EGG-INFO");
    let active = if listed.names.iter().any(is_egg_info) && is_unpacked_egg(path) {
        egg(path).into_iter().collect()
    } else {
        let mut metadata: Vec<String> = if order == NameOrder::ByName {
            listed.names.clone()
        } else {
            let entries = directory::entries(path);
            entries.into_iter().map(|entry| entry.name).collect()
        };
        metadata.retain(|name| is_metadata(name));
        if order != NameOrder::ByName {
            order.sort(&mut metadata);
        }
        let found = metadata.iter().filter_map(|name| {
            let is_whole = listed.holds(&format!("{name}/{}", file_of(name)));
            with_metadata(path, name, is_whole)
        });
        found.collect()
    };
    Folder {
        names: Some(listed.names),
        active,
    }
}

fn is_metadata(name: &str) -> bool {
    has_suffix(name, ".dist-info") || has_suffix(name, ".egg-info")
}

fn is_egg(name: &str) -> bool {
    has_suffix(name, ".egg")
}

/// Whether a name ends so, in whatever case.
fn has_suffix(name: &str, suffix: &str) -> bool {
    let end = name.len().checked_sub(suffix.len());
    end.and_then(|at| name.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

// pkg_resources: `_is_unpacked_egg`.
fn is_unpacked_egg(path: &str) -> bool {
    is_egg(path) && fs::is_file(format!("{path}/EGG-INFO/PKG-INFO"))
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
fn zipped(path: &str) -> Option<Distribution> {
    zipped_egg::is_one(path).then(|| egg(path)).flatten()
}

/// A distribution whose metadata lies beside its packages.
fn beside(root: &str, name: &str) -> Option<Distribution> {
    let is_whole = fs::exists(format!("{root}/{name}/{}", file_of(name)));
    with_metadata(root, name, is_whole)
}

/// The file in a directory of metadata that says the most.
fn file_of(name: &str) -> &'static str {
    if has_suffix(name, ".dist-info") {
        "METADATA"
    } else {
        "PKG-INFO"
    }
}

/// `is_whole`: that file is there. Then it is a directory and not empty: that needs no other look.
// pkg_resources: `distributions_from_metadata`, `EggInfoDistribution._reload_version`.
fn with_metadata(root: &str, name: &str, is_whole: bool) -> Option<Distribution> {
    let metadata = PathBuf::from(format!("{root}/{name}"));
    let is_dist_info = has_suffix(name, ".dist-info");
    let file = metadata.join(file_of(name));
    let is_dir = is_whole || fs::is_dir(&metadata);
    let is_empty = || fs::list(&metadata).is_ok_and(|all| all.is_empty());
    if is_dist_info && !is_dir || is_dir && !is_whole && is_empty() {
        return None;
    }
    let stem = name.rfind('.').map_or(name, |dot| &name[..dot]);
    let read = EggName::read(stem);
    let written = || {
        metadata::version_in(if is_dist_info || is_dir {
            &file
        } else {
            &metadata
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
fn follow(directory: &str, name: &str, seen: &Seen) -> Result<Vec<Distribution>> {
    let text = fs::read_lossy(format!("{directory}/{name}"))?;
    // It is a path: a `#` begins no comment.
    let mut lines = crate::pystr::split_lines(&text)
        .into_iter()
        .map(crate::pystr::strip);
    match lines.find(|line| !line.is_empty()) {
        Some(line) => find(
            &Path::new(directory).join(line).to_string_lossy(),
            Look::All,
            seen,
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
        let seen = Seen::default();
        let shown = |path: &str, look: Option<Look>| {
            let path = root.join(path).to_string_lossy().into_owned();
            let found = match look {
                Some(look) => find(&path, look, &seen).unwrap(),
                None => seen.folder(&path).unwrap().active.clone(),
            };
            found
                .iter()
                .map(|d| {
                    let location = d.location.strip_prefix(&*root.to_string_lossy()).unwrap();
                    format!("{d} {location} {:?}", d.precedence)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown("site", Some(Look::All)),
            [
                "a-b 1.0 /site Develop",
                "c 1.0+x /site Develop",
                "d 2.1 /site Develop",
                "e 3 /site/e-3-py3.11.egg Egg",
                "F 0.1 /src Develop"
            ]
        );
        assert_eq!(
            shown("site", None),
            [
                "a-b 1.0 /site Develop",
                "c 1.0+x /site Develop",
                "d 2.1 /site Develop"
            ]
        );
        assert_eq!(
            shown("eggs", Some(Look::Eggs)),
            [
                "g 4 /eggs/g-4-py3.11-linux-x86_64.egg Develop",
                "h 5 /eggs/h-5-py3.11.egg Egg"
            ]
        );
        let site = Directory::read(&root.join("site").to_string_lossy(), Look::All, &seen).unwrap();
        assert_eq!(site.of("f").unwrap().len(), 1);
        assert_eq!(site.of("a_b").unwrap().len(), 1);
        assert!(shown("nowhere", Some(Look::All)).is_empty());
        assert!(shown("nowhere", None).is_empty());
    }
}

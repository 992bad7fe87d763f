//! From an unpacked wheel to an egg in the eggs directory, file for file as the project's zc.buildout makes it.
//!
//! pip's layout is here, that of setuptools in `egg_info.rs`; a wheel that holds an egg that setuptools has built is only
//! unwrapped.
//! How its files come from the cache is `link_mode.rs`'s. The egg is built beside its place and gets its name by one
//! rename.
//!
//! zc.buildout: easy_install.py, `make_egg_after_pip_install`, `find_namespace_init_files`; pip: `_install_wheel`. Two
//! things differ on purpose: RECORD has no rows for files outside of the egg (`../../bin/…`), and direct_url.json names
//! where the wheel came from, not a temporary file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use indexmap::IndexSet;

use super::cache::{self, Unpacked, is_within};
use super::candidate::safe_version;
use super::distribution::{Distribution, Precedence};
use super::egg_info::{self, WheelName};
use super::index::file_name;
use super::link_mode::LinkMode;
use super::name;
use super::record::{self, Row};
use super::remains;
use super::tooling::Tooling;
use super::version::Version;
use super::wheel::beside;
use crate::error::{Error, Result};
use crate::generation::WheelNames;
use crate::python::Facts;
use crate::sys::fs;

/// What an egg is made from.
#[derive(Debug)]
pub(super) struct Recipe<'a> {
    pub(super) wheel: &'a Unpacked,
    /// Directory with its `.pyc` files.
    pub(super) compiled: &'a Path,
    pub(super) facts: &'a Facts,
    /// Where the wheel, or the archive that it was built from, came from, without secrets.
    pub(super) source: &'a str,
    /// The hash of what came from there.
    pub(super) source_sha256: Option<&'a str>,
    /// The project's name in the requirement.
    pub(super) wanted: &'a str,
    /// Whether the wheel was built from an archive.
    pub(super) is_built: bool,
    /// What the project's zc.buildout works with.
    pub(super) tooling: &'a Tooling,
    /// Whether to keep the programs of the wheel, too, in a directory of this name.
    pub(super) programs: Option<&'a str>,
    pub(super) link_mode: LinkMode,
}

/// How an egg is laid out.
#[derive(Debug)]
enum Layout {
    /// As pip leaves it.
    Pip,
    /// As setuptools makes it of a wheel.
    Setuptools(WheelName),
    /// The wheel holds it. Its name without `.egg`.
    Held(String),
}

/// What became of an egg.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) distribution: Distribution,
    /// Another process was faster; what it put there is kept.
    pub(super) was_there: bool,
}

/// An egg that is whole and has a passing name beside its place; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Prepared {
    passing: PathBuf,
    /// The directory of its metadata.
    info: String,
    /// As it will be installed.
    distribution: Distribution,
}

impl Prepared {
    /// Whether its place is in this directory.
    pub(super) fn is_for(&self, eggs_directory: &str) -> bool {
        self.passing.parent() == Some(&fs::real_path(eggs_directory))
    }

    /// Gives the egg its name.
    pub(super) fn settle(self) -> Result<Placed> {
        let egg = Path::new(&self.distribution.location);
        let was_there = match fs::rename(&self.passing, egg) {
            Err(_) if fs::is_dir(egg.join(&self.info)) => true,
            Err(error) if fs::is_dir(egg) => {
                return Err(error.hint(
                    "egg",
                    format!("what stands there is no egg: it has no {}", self.info),
                    "remove it and run again",
                ));
            }
            other => other.map(|()| false)?,
        };
        Ok(Placed {
            distribution: self.distribution.clone(),
            was_there,
        })
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if fs::is_there(&self.passing) {
            drop(fs::remove_tree(&self.passing));
        }
    }
}

impl Recipe<'_> {
    /// Puts the egg into the eggs directory.
    pub(super) fn place(&self, eggs_directory: &str) -> Result<Placed> {
        self.prepare(eggs_directory)?.settle()
    }

    /// Makes the egg beside its place.
    pub(super) fn prepare(&self, eggs_directory: &str) -> Result<Prepared> {
        fs::make_directory(eggs_directory)?;
        // pkg_resources: `normalize_path`: locations are without links.
        let eggs = fs::real_path(eggs_directory);
        let layout = self.layout();
        let base = self.base(&layout)?;
        let egg = eggs.join(format!("{base}.egg"));
        let info = layout.info(&base);
        let prepared = Prepared {
            passing: remains::passing(&eggs)?,
            distribution: self.installed(&egg, &base, &info),
            info,
        };
        match &layout {
            Layout::Pip => self.lay_out(&prepared.passing, &base),
            Layout::Setuptools(name) => self.lay_out_with_egg_info(&prepared.passing, name),
            Layout::Held(_) => self.unwrap_egg(&prepared.passing),
        }?;
        Ok(prepared)
    }

    fn layout(&self) -> Layout {
        let held = self.wheel.info("EGG");
        if let Some(base) = held.trim().strip_suffix(".egg") {
            return Layout::Held(base.to_owned());
        }
        let generation = self.tooling.generation;
        if self.is_built || generation.installs_wheels_with_pip() {
            return Layout::Pip;
        }
        let project = match generation.wheel_names() {
            WheelNames::OfFile => None,
            WheelNames::OfRequirement => Some(self.wanted.to_owned()),
            WheelNames::OfMetadata => self.project(),
        };
        WheelName::read(&file_name(self.source), project.as_deref())
            .map_or(Layout::Pip, Layout::Setuptools)
    }

    /// The name in the metadata.
    fn project(&self) -> Option<String> {
        let metadata = self.wheel.info("METADATA");
        metadata
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| {
                let (field, value) = line.split_once(':')?;
                let is_name = field.eq_ignore_ascii_case("name");
                is_name.then(|| value.trim().to_owned())
            })
    }

    /// `NAME-VERSION-pyX.Y-PLATFORM`. pkg_resources: `egg_name`, `to_filename`.
    fn base(&self, layout: &Layout) -> Result<String> {
        match layout {
            Layout::Setuptools(name) => return Ok(name.base(self.facts)),
            Layout::Held(base) => return Ok(base.clone()),
            Layout::Pip => {}
        }
        let by_metadata = self.tooling.generation.names_built_eggs_by_metadata();
        let project = self.project().filter(|_| by_metadata);
        let stem = self.wheel.dist_info.trim_end_matches(".dist-info");
        let mut pieces = stem.split('-');
        let first = pieces.next().unwrap_or(stem);
        let version = pieces.next().ok_or_else(|| {
            Error::user(format!(
                "Couldn't install {}: {} names no version.",
                self.source, self.wheel.dist_info
            ))
        })?;
        Ok(format!(
            "{}-{}-py{}-{}",
            project.as_deref().unwrap_or(first).replace('-', "_"),
            safe_version(version).replace('-', "_"),
            self.facts.python_version,
            self.facts.platform,
        ))
    }

    fn installed(&self, egg: &Path, base: &str, info: &str) -> Distribution {
        let mut pieces = base.splitn(4, '-');
        let project = pieces.next().unwrap_or(base);
        let version = pieces.next().unwrap_or("");
        Distribution {
            project_name: name::safe(project),
            version: Version::new(&safe_version(version)),
            py_version: Some(self.facts.python_version.clone()),
            platform: pieces.nth(1).map(str::to_owned),
            location: egg.display().to_string(),
            metadata: Some(egg.join(info)),
            precedence: Precedence::Egg,
        }
    }

    /// Puts files into the egg, and makes directories as they are needed.
    fn copier(&self, egg: &Path) -> impl FnMut(&Path, &str) -> Result<()> {
        let (egg, link_mode) = (egg.to_path_buf(), self.link_mode);
        let mut made = HashSet::new();
        move |from, to| {
            let to = egg.join(to);
            if let Some(parent) = to.parent()
                && made.insert(parent.to_path_buf())
            {
                fs::make_directory(parent)?;
            }
            link_mode.put(from, &to)
        }
    }

    fn lay_out_with_egg_info(&self, egg: &Path, name: &WheelName) -> Result<()> {
        let contents = egg_info::contents(self.wheel, name, self.facts, self.tooling)?;
        let compiled = self.compiled_files()?;
        let mut copy = self.copier(egg);
        for (from, to) in contents
            .files
            .iter()
            .filter(|(_, to)| !compiled.contains(to))
        {
            copy(from, to)?;
        }
        self.copy_compiled(&compiled, &mut copy)?;
        for (path, text) in &contents.texts {
            let path = egg.join(path);
            if let Some(parent) = path.parent() {
                fs::make_directory(parent)?;
            }
            fs::create(&path, text.as_bytes(), 0o666)?;
        }
        Ok(())
    }

    fn unwrap_egg(&self, egg: &Path) -> Result<()> {
        let compiled = self.compiled_files()?;
        let mut copy = self.copier(egg);
        let info = format!("{}/", self.wheel.dist_info);
        let is_taken = |f: &&String| !f.starts_with(&info) && !compiled.contains(*f);
        for file in self.wheel.files.iter().filter(is_taken) {
            copy(&self.wheel.tree.join(file), file)?;
        }
        self.copy_compiled(&compiled, &mut copy)
    }

    /// The `.pyc` files that were compiled here. Where a wheel brings one of its own, that is left away: it may hold for
    /// another source.
    fn compiled_files(&self) -> Result<IndexSet<String>> {
        let mut compiled = Vec::new();
        cache::walk(self.compiled, "", &mut compiled)?;
        Ok(compiled.into_iter().collect())
    }

    fn copy_compiled(
        &self,
        compiled: &IndexSet<String>,
        copy: &mut impl FnMut(&Path, &str) -> Result<()>,
    ) -> Result<()> {
        compiled
            .iter()
            .try_for_each(|file| copy(&self.compiled.join(file), file))
    }

    fn lay_out(&self, egg: &Path, base: &str) -> Result<()> {
        let wheel = self.wheel;
        let tops = wheel.top_levels();
        let is_python2 = self.facts.python_version.starts_with("2.");
        let is_native = self.tooling.generation.has_native_namespaces();
        let namespaces = if is_python2 || !is_native {
            HashSet::new()
        } else {
            self.namespace_files()?
        };
        let compiled = self.compiled_files()?;
        let mut copy = self.copier(egg);
        for file in wheel.files.iter().filter(|f| !compiled.contains(*f)) {
            let is_compiled = Path::new(file)
                .extension()
                .is_some_and(|end| end == "pyc" || end == "pyo");
            let to = match file.strip_prefix(&format!("{}/", wheel.dist_info)) {
                Some("RECORD" | "INSTALLER" | "REQUESTED" | "direct_url.json") => continue,
                Some(rest) => format!("{base}.dist-info/{rest}"),
                None if namespaces.contains(file) => continue,
                None if is_compiled && !is_within(file, &tops) => continue,
                None => file.clone(),
            };
            copy(&wheel.tree.join(file), &to)?;
        }
        self.copy_compiled(&compiled, &mut copy)?;
        if let Some(directory) = self.programs {
            let scripts = beside(&wheel.tree, "scripts");
            for script in fs::list(&scripts)? {
                copy(&scripts.join(&script), &format!("{directory}/{script}"))?;
            }
        }
        let added = if !is_native {
            self.declare_namespaces(egg)?;
            Vec::new()
        } else if is_python2 {
            self.add_namespaces(egg)?
        } else {
            Vec::new()
        };
        self.write_info(egg, base, &compiled, &tops, added)
    }

    /// The directories of namespace packages get an `__init__.py`, whatever is there.
    // zc.buildout: easy_install.py, `make_egg_after_pip_install` before version 5.
    fn declare_namespaces(&self, egg: &Path) -> Result<()> {
        for namespace in self.wheel.info("namespace_packages.txt").lines() {
            let directory = egg.join(namespace.trim().replace('.', "/"));
            if egg_info::is_dotted(namespace.trim()) && fs::is_dir(&directory) {
                let file = directory.join("__init__.py");
                fs::remove_file_if_there(&file)?;
                fs::create(&file, NAMESPACE.trim_end().as_bytes(), 0o666)?;
            }
        }
        Ok(())
    }

    /// Python 2 imports no package without an `__init__.py`, and wheels leave out those of namespaces.
    // setuptools: wheel.py, `_fix_namespace_packages`, by which zc.buildout 2 installs wheels.
    fn add_namespaces(&self, egg: &Path) -> Result<Vec<Row>> {
        let mut added = Vec::new();
        for namespace in self.wheel.info("namespace_packages.txt").lines() {
            let namespace = namespace.trim();
            let file = format!("{}/__init__.py", namespace.replace('.', "/"));
            let path = egg.join(&file);
            if !egg_info::is_dotted(namespace) || fs::is_there(&path) {
                continue;
            }
            if let Some(parent) = path.parent() {
                fs::make_directory(parent)?;
            }
            fs::create(&path, NAMESPACE.as_bytes(), 0o666)?;
            added.push(Row::of(file, NAMESPACE.as_bytes()));
        }
        Ok(added)
    }

    /// The files that pip adds to a `.dist-info`.
    fn write_info(
        &self,
        egg: &Path,
        base: &str,
        compiled: &IndexSet<String>,
        tops: &[String],
        added: Vec<Row>,
    ) -> Result<()> {
        let info = &self.wheel.dist_info;
        let url = serde_json::Value::from(self.source).to_string();
        let from = match self.source_sha256 {
            Some(sha256) => format!(
                "\"archive_info\": {{\"hash\": \"sha256={sha256}\", \"hashes\": {{\"sha256\": \"{sha256}\"}}}}"
            ),
            None => "\"dir_info\": {}".to_owned(),
        };
        let direct = format!("{{{from}, \"url\": {url}}}");
        let mut rows = added;
        let mut known = HashSet::new();
        for mut row in record::read(&self.wheel.info("RECORD")) {
            if let Some((first, rest)) = row.path.split_once('/')
                && first.ends_with(".data")
            {
                let inside = ["purelib/", "platlib/"]
                    .iter()
                    .find_map(|kind| rest.strip_prefix(kind));
                let Some(inside) = inside else { continue };
                row.path = inside.to_owned();
            }
            if compiled.contains(&row.path) {
                continue;
            }
            known.insert(row.path.clone());
            rows.push(row);
        }
        let unknown = self
            .wheel
            .files
            .iter()
            .filter(|file| !known.contains(*file) && !compiled.contains(*file));
        rows.extend(unknown.cloned().map(Row::bare));
        rows.extend(compiled.iter().cloned().map(Row::bare));
        // pip lists these too; they are not compiled because the egg does not take them along.
        let others = self
            .wheel
            .files
            .iter()
            .filter(|file| file.ends_with(".py") && !is_within(file, tops));
        rows.extend(others.map(|file| Row::bare(compiled_name(file, self.facts))));
        let into = egg.join(format!("{base}.dist-info"));
        for (file, text) in [
            ("INSTALLER", "pip\n"),
            ("REQUESTED", ""),
            ("direct_url.json", direct.as_str()),
        ] {
            fs::create(into.join(file), text.as_bytes(), 0o666)?;
            rows.retain(|row| row.path != format!("{info}/{file}"));
            rows.push(Row::of(format!("{info}/{file}"), text.as_bytes()));
        }
        let text = record::write(rows);
        fs::create(into.join("RECORD"), text.as_bytes(), 0o666)
    }

    /// The `__init__.py` files that do nothing but declare a namespace, each the only file of its directory.
    fn namespace_files(&self) -> Result<HashSet<String>> {
        let files = &self.wheel.files;
        let folder = |file: &str| {
            file.rsplit_once('/')
                .map_or(String::new(), |(f, _)| f.to_owned())
        };
        let mut counts: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        for file in files {
            *counts.entry(folder(file)).or_default() += 1;
        }
        let mut found = HashSet::new();
        for file in files {
            let alone = counts.get(&folder(file)) == Some(&1);
            let is_init = file == "__init__.py" || file.ends_with("/__init__.py");
            if alone && is_init && declares_namespace(&fs::read_lossy(self.wheel.tree.join(file))?)
            {
                found.insert(file.clone());
            }
        }
        Ok(found)
    }
}

impl Layout {
    /// The directory with the metadata.
    fn info(&self, base: &str) -> String {
        match self {
            Self::Pip => format!("{base}.dist-info"),
            Self::Setuptools(_) | Self::Held(_) => "EGG-INFO".to_owned(),
        }
    }
}

/// What makes a directory a part of a namespace package for Python 2.
const NAMESPACE: &str = "__import__('pkg_resources').declare_namespace(__name__)\n";

/// Where Python keeps the `.pyc` file of a source.
pub(super) fn compiled_name(source: &str, facts: &Facts) -> String {
    let tag = &facts.cache_tag;
    if tag.is_empty() {
        return format!("{source}c");
    }
    let (folder, file) = match source.rsplit_once('/') {
        Some((folder, file)) => (format!("{folder}/"), file),
        None => (String::new(), source),
    };
    let stem = file.trim_end_matches(".py");
    format!("{folder}__pycache__/{stem}.{tag}.pyc")
}

/// zc.buildout: easy_install.py, `check_namespace_init_file`.
fn declares_namespace(text: &str) -> bool {
    let lines: Vec<&str> = text
        .lines()
        .map(crate::pystr::strip)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if lines.is_empty() || lines.len() > 6 {
        return false;
    }
    [
        ("pkg_resources", "declare_namespace"),
        ("pkgutil", "extend_path"),
    ]
    .iter()
    .any(|(module, function)| {
        lines
            .iter()
            .skip_while(|line| !line.contains(module))
            .any(|line| line.contains(function))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_recognised() {
        assert!(declares_namespace(
            "# a\n\n__import__('pkg_resources').declare_namespace(__name__)\n"
        ));
        assert!(declares_namespace(
            "try:\n    import pkg_resources\n    pkg_resources.declare_namespace(__name__)\n\
             except ImportError:\n    import pkgutil\n    __path__ = pkgutil.extend_path(__path__, __name__)\n"
        ));
        assert!(!declares_namespace(""));
        assert!(!declares_namespace("x = 1\n"));
        assert!(!declares_namespace(
            "import pkgutil\na = 1\nb = 1\nc = 1\nd = 1\ne = 1\n__path__ = pkgutil.extend_path(__path__, __name__)\n"
        ));
    }
}

//! Puts a world on the disk and on a server.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::packages::canonical;
use super::world::{Package, Place, Step};
use crate::support::server::{Answer, Server};
use crate::support::wheels::zip;

/// What scripts call.
const MODULE: &str = "def main(*arguments):\n    return 0\n\n\nclass Obj:\n    run = main\n";

/// The served index of one world.
pub(super) struct Index<'s> {
    pub(super) server: &'s Server,
    seed: u64,
    /// By project: links as HTML.
    pages: BTreeMap<String, String>,
}

impl<'s> Index<'s> {
    pub(super) fn new(server: &'s Server, seed: u64) -> Self {
        Self {
            server,
            seed,
            pages: BTreeMap::new(),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("{}/{}/simple", self.server.url, self.seed)
    }

    /// Offers these from now on.
    pub(super) fn publish(&mut self, packages: &[Package]) {
        for package in packages.iter().filter(|p| p.place == Place::Served) {
            let (name, bytes) = archive(package);
            let hash = Sha256::digest(&bytes)
                .iter()
                .fold(String::new(), |out, byte| format!("{out}{byte:02x}"));
            let mut says = String::new();
            for line in &package.metadata {
                if let Some(python) = line.strip_prefix("Requires-Python: ") {
                    let python = python.replace('<', "&lt;").replace('>', "&gt;");
                    let _ = write!(says, " data-requires-python=\"{python}\"");
                }
            }
            if package.is_yanked {
                says.push_str(" data-yanked=\"broken\"");
            }
            let page = self.pages.entry(canonical(&package.name)).or_default();
            let _ = writeln!(
                page,
                "<a href=\"../../files/{name}#sha256={hash}\"{says}>{name}</a><br>"
            );
            let quoted = name.replace('!', "%21").replace('+', "%2B");
            let path = format!("/{}/files/{quoted}", self.seed);
            self.server.on(&path, [Answer::File(bytes)]);
        }
        for (project, links) in &self.pages {
            let page = format!("<!DOCTYPE html><html><body>\n{links}</body></html>\n");
            let path = format!("/{}/simple/{project}/", self.seed);
            self.server.on(&path, [Answer::Html(page)]);
        }
    }
}

/// What is on the disk of one tool's side of the world.
pub(super) fn begin(root: &Path) {
    for name in ["home", "index", "links", "project"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
}

/// Packages of directories.
pub(super) fn put_packages(root: &Path, packages: &[Package]) {
    for package in packages {
        let folder = match package.place {
            Place::Index => root.join("index").join(canonical(&package.name)),
            Place::Links => root.join("links"),
            Place::Served => continue,
        };
        let (name, bytes) = archive(package);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// What changes before a step.
pub(super) fn change(root: &Path, step: &Step, index: &str) {
    for path in &step.removed {
        drop(fs::remove_dir_all(root.join(path)));
    }
    for (path, text) in &step.files {
        let text = text
            .replace("[ROOT]", root.to_str().unwrap())
            .replace("[INDEX]", index);
        fs::write(root.join(path), text).unwrap();
    }
}

/// The name of a package's file, and what is in it.
fn archive(package: &Package) -> (String, Vec<u8>) {
    let stem = format!("{}-{}", package.file, package.version);
    let says = format!(
        "Metadata-Version: 2.1\nName: {}\nVersion: {}\n",
        package.name, package.version
    );
    if package.is_source {
        let mut files = vec![
            (format!("{stem}/PKG-INFO"), says),
            (format!("{stem}/setup.py"), setup_script(package)),
        ];
        let modules = modules(package).into_iter();
        files.extend(modules.map(|(path, text)| (format!("{stem}/{path}"), text)));
        return (format!("{stem}.zip"), zip(&files));
    }
    let mut files = modules(package);
    let info = format!("{stem}.dist-info");
    let mut add = |name: &str, text: String| files.push((format!("{info}/{name}"), text));
    let lines = package.metadata.iter().map(|line| format!("{line}\n"));
    add("METADATA", says + &lines.collect::<String>());
    let wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    add("WHEEL", wheel.to_owned());
    add("top_level.txt", format!("{}\n", package.top));
    if let Some(namespace) = &package.namespace {
        add("namespace_packages.txt", format!("{namespace}\n"));
    }
    if !package.entry_points.is_empty() {
        add("entry_points.txt", package.entry_points.clone());
    }
    let mut record = String::new();
    for (path, _) in &files {
        let _ = writeln!(record, "{path},,");
    }
    let _ = writeln!(record, "{info}/RECORD,,");
    files.push((format!("{info}/RECORD"), record));
    (format!("{stem}-py3-none-any.whl"), zip(&files))
}

/// Paths and texts.
fn modules(package: &Package) -> Vec<(String, String)> {
    let text = |text: &String| if text.is_empty() { MODULE } else { text }.to_owned();
    let modules = package.modules.iter();
    modules.map(|(path, of)| (path.clone(), text(of))).collect()
}

fn setup_script(package: &Package) -> String {
    let needs = package.metadata.iter().filter_map(|line| {
        let requirement = line.strip_prefix("Requires-Dist: ")?;
        (!line.contains("extra ==")).then(|| format!("{requirement:?}"))
    });
    let needs: Vec<String> = needs.collect();
    format!(
        "from setuptools import setup\nsetup(name={:?}, version={:?}, py_modules=[{:?}], install_requires=[{}])\n",
        package.name,
        package.version,
        package.top,
        needs.join(", ")
    )
}

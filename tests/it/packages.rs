//! The projects of fixtures/packages, for tests that build them.
//!
//! `own-backend` brings its build backend along and needs no network. `legacy` has a setup.py and some C: setuptools for
//! it comes from the index that pip is told, or there is no such test, which is said.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::site::Site;

/// Files of a fixture: path and contents.
pub(crate) fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/packages")
        .join(name);
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// A .tar.gz of these files under one directory.
pub(crate) fn tar_gz(top: &str, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(packer);
    for (name, contents) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(contents.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_600_000_000);
        let path = format!("{top}{name}");
        // As it is, wherever it leads.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        archive.append(&header, contents.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// A .zip of these files under one directory.
pub(crate) fn zip(top: &str, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, contents) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(format!("{top}{name}"), options).unwrap();
        archive.write_all(contents).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Puts a fixture into a directory of the buildout.
pub(crate) fn lay_out(site: &Site, name: &str, directory: &str) {
    for (file, contents) in files(name) {
        site.write(&format!("{directory}/{file}"), contents);
    }
}

/// The newest Python 3 and Python 2.7 of pyenv or PATH; what is absent is said.
pub(crate) fn pythons() -> Vec<String> {
    let asked = ["python3", "python2.7"].map(|name| {
        let asked = Command::new(name)
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        let path = asked.ok().filter(|output| output.status.success());
        if path.is_none() {
            eprintln!("SKIPPED: there is no {name} in PATH");
        }
        path.map(|output| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    });
    asked.into_iter().flatten().collect()
}

/// A cache of builders that the tests of a build directory share, so that setuptools is fetched once.
pub(crate) fn shared_cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("builders")
}

/// The program with the user's own index, network and compiler.
pub(crate) fn with_network(site: &Site, python: &str) -> Command {
    let mut command = site.command();
    command
        .env_remove("PIP_INDEX_URL")
        .env("RBUILDOUT_PYTHON", python)
        .env("RBUILDOUT_CACHE_DIR", shared_cache());
    for (name, value) in std::env::vars() {
        let lower = name.to_lowercase();
        if name == "PATH" || name.starts_with("PIP_") || lower.ends_with("_proxy") {
            command.env(name, value);
        }
    }
    command
}

/// Whether a run failed only because setuptools could not be had; says so.
pub(crate) fn is_without_setuptools(stderr: &str, python: &str) -> bool {
    let is = stderr.contains("Couldn't find a distribution for 'setuptools");
    if is {
        eprintln!("SKIPPED: setuptools for {python} can't be had from pip's index");
    }
    is
}

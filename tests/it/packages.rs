//! The projects of fixtures/packages, for tests that build them.
//!
//! `own-backend` brings its build backend along and needs no network. `legacy` has a setup.py and some C: setuptools for
//! it comes from the index that pip is told, or there is no such test, which is said.

use std::path::{Path, PathBuf};

use crate::support::pythons::Python;
use crate::support::sandbox::Sandbox;

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

/// Puts a fixture into a directory of the buildout.
pub(crate) fn lay_out(sandbox: &Sandbox, name: &str, directory: &str) {
    for (file, contents) in files(name) {
        sandbox.write_bytes(&format!("{directory}/{file}"), &contents);
    }
}

/// A cache of builders that the tests of a build directory share, so that setuptools is fetched once.
pub(crate) fn shared_cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("builders")
}

/// A buildout that may get setuptools from the user's own index.
pub(crate) fn with_network(python: Python, configuration: &str) -> Sandbox {
    Sandbox::with(python, "b")
        .with_network()
        .with_cache(&shared_cache())
        .file("buildout.cfg", configuration)
}

/// What a console script of the buildout prints.
#[track_caller]
pub(crate) fn printed(sandbox: &Sandbox, script: &str) -> String {
    sandbox
        .start(&format!("bin/{script}"), &[])
        .succeeds()
        .stdout
}

/// Whether a run failed only because setuptools could not be had; says so.
pub(crate) fn is_without_setuptools(stderr: &str, python: &str) -> bool {
    let is = stderr.contains("Couldn't find a distribution for 'setuptools");
    if is {
        eprintln!("SKIPPED: setuptools for {python} can't be had from pip's index");
    }
    is
}

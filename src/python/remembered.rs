//! Facts kept on disk, so that a run does not start the interpreter.
//!
//! A file for each path of an interpreter. It holds as long as nothing that the answer depends on has changed: the
//! binary behind the path, `pyvenv.cfg`, the modules installed beside it (pip is one of them), the running kernel (two
//! markers name it). A file that can't be read or does not fit is as good as none.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::facts::Facts;
use crate::digest::hex;
use crate::error::Result;
use crate::sys::fs;

/// Of the file's form; another one is no answer.
const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Remembered {
    form: u32,
    witnesses: Vec<String>,
    facts: Facts,
}

impl Facts {
    /// The facts as remembered in `cache_dir`, or asked anew and remembered.
    pub fn load(executable: &str, cache_dir: &str) -> Result<Self> {
        let file = file(executable, cache_dir);
        if let Some(facts) = remembered(executable, &file) {
            return Ok(facts);
        }
        let facts = Self::ask(executable)?;
        let remembered = Remembered {
            form: FORM,
            witnesses: witnesses(executable, &facts.purelib),
            facts,
        };
        // A cache that can't be written costs time, not the run.
        if let Ok(text) = serde_json::to_vec(&remembered) {
            let written = file
                .parent()
                .map_or(Ok(()), fs::make_directory)
                .and_then(|()| fs::replace(&file, &text));
            drop(written);
        }
        Ok(remembered.facts)
    }
}

fn file(executable: &str, cache_dir: &str) -> PathBuf {
    let digest = hex(&Sha256::digest(executable.as_bytes()));
    let name = &digest[..24];
    Path::new(cache_dir)
        .join("interpreters")
        .join(format!("{name}.json"))
}

fn remembered(executable: &str, file: &Path) -> Option<Facts> {
    let bytes = fs::read_if_there(file).ok()??;
    let remembered: Remembered = serde_json::from_slice(&bytes).ok()?;
    let holds = remembered.form == FORM
        && remembered.witnesses == witnesses(executable, &remembered.facts.purelib);
    holds.then_some(remembered.facts)
}

/// What must look the same for an answer to hold.
fn witnesses(executable: &str, purelib: &str) -> Vec<String> {
    let binary = fs::real_path(executable);
    let folder = Path::new(executable).parent().unwrap_or(Path::new(""));
    let mut seen = vec![executable.to_owned(), binary.display().to_string()];
    for path in [
        binary,
        folder.join("pyvenv.cfg"),
        folder.join("../pyvenv.cfg"),
        PathBuf::from(purelib),
    ] {
        seen.push(fs::stat(path).map_or_else(String::new, |stat| {
            format!("{} {} {}", stat.size, stat.modified, stat.inode)
        }));
    }
    let kernel = fs::head("/proc/sys/kernel/osrelease", 200);
    seen.push(String::from_utf8_lossy(&kernel).trim().to_owned());
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A stand-in for an interpreter that counts how often it is started.
    fn interpreter(folder: &Path) -> String {
        let path = folder.join("python");
        let answer = r#"{"executable": "/v/bin/python", "python_version": "3.11", "python_full_version": "3.11.7",
            "version": "3.11.7", "implementation": "CPython", "cache_tag": "cpython-311",
            "build_platform": "linux-x86_64", "mac_version": null, "machine": "x86_64", "pointer_bits": 64,
            "byte_order": "little", "debug": false, "free_threaded": false, "pymalloc": true, "wide_unicode": true,
            "soabi": null, "host_type": null, "glibc": null, "musl": null, "sys_path": [], "prefix": "/v",
            "base_prefix": "/u", "purelib": "LIB", "platlib": "LIB", "pip_index": null, "markers": {}}"#
            .replace('\n', " ")
            .replace("LIB", &folder.join("lib").display().to_string());
        let script = format!(
            "#!/bin/sh\necho >> {0}/started\necho noise\necho 'rbuildout-facts {answer}'\necho noise\n",
            folder.display()
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    #[test]
    fn asked_once_until_something_changes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache").display().to_string();
        let python = interpreter(folder.path());
        let started = || std::fs::read(folder.path().join("started")).unwrap().len();
        for _ in 0..2 {
            let facts = Facts::load(&python, &cache).unwrap();
            assert_eq!(facts.executable, "/v/bin/python");
            assert_eq!(started(), 1);
        }
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        Facts::load(&python, &cache).unwrap();
        Facts::load(&python, &cache).unwrap();
        assert_eq!(started(), 2);
        std::fs::write(file(&python, &cache), b"{\"form\": 1, ").unwrap();
        Facts::load(&python, &cache).unwrap();
        Facts::load(&python, &cache).unwrap();
        assert_eq!(started(), 3);
    }
}

//! [`Facts`]: what one CPython says of itself, asked with one start of it.
//!
//! The question is `facts.py`. What follows from its raw answers (wheel tags, the platform of egg names) is worked out
//! here, so that it is the same for every interpreter. Keeping the answer is `remembered.rs`.

use serde::{Deserialize, Serialize};

use super::tags;
use crate::error::{Diagnostic, Error, Result};
use crate::sys::process::Program;

/// What is known of an interpreter without starting it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// `sys.executable` as the interpreter was called; goes into `#!` lines.
    pub executable: String,
    /// `3.11`.
    pub python_version: String,
    /// `3.11.7`.
    pub python_full_version: String,
    /// `sys.version`, of two lines or one.
    pub version: String,
    /// `CPython`.
    pub implementation: String,
    /// pkg_resources' `get_supported_platform()`: `linux-x86_64`.
    pub platform: String,
    /// pkg_resources' `get_build_platform()`: on macOS the system that Python was built on, elsewhere the same.
    pub build_platform: String,
    /// `cpython-311`: part of names of `.pyc` files. Empty for Python 2.
    pub cache_tag: String,
    /// `cpython-311-x86_64-linux-gnu`, where it has one.
    pub soabi: Option<String>,
    /// 32 or 64.
    pub pointer_bits: u32,
    /// `little` or `big`.
    pub byte_order: String,
    /// Version of the C library, one of the two.
    pub glibc: Option<String>,
    pub musl: Option<String>,
    /// Wheel tags that it can use, `cp311-cp311-linux_x86_64`, best first.
    pub tags: Vec<String>,
    /// Values of the PEP 508 markers by name.
    pub markers: indexmap::IndexMap<String, String>,
    /// `sys.path` without the script's directory.
    pub sys_path: Vec<String>,
    /// `sys.prefix` and `sys.base_prefix`; they differ in a virtual environment.
    pub prefix: String,
    pub base_prefix: String,
    /// Its `site-packages` for pure Python, and the one for the rest.
    pub purelib: String,
    pub platlib: String,
    /// The index that the pip that comes with this interpreter would ask; none where there is no pip.
    pub pip_index: Option<String>,
}

/// The answer of `facts.py`.
#[derive(Clone, Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent switches of a build of CPython"
)]
pub(super) struct Raw {
    executable: Option<String>,
    pub(super) python_version: String,
    python_full_version: String,
    version: String,
    pub(super) implementation: String,
    cache_tag: String,
    pub(super) build_platform: String,
    pub(super) mac_version: Option<String>,
    pub(super) machine: String,
    pub(super) pointer_bits: u32,
    byte_order: String,
    pub(super) debug: bool,
    pub(super) free_threaded: bool,
    pub(super) pymalloc: bool,
    pub(super) wide_unicode: bool,
    soabi: Option<String>,
    pub(super) host_type: Option<String>,
    pub(super) glibc: Option<String>,
    pub(super) musl: Option<String>,
    sys_path: Vec<String>,
    prefix: String,
    base_prefix: String,
    purelib: String,
    platlib: String,
    pip_index: Option<String>,
    markers: indexmap::IndexMap<String, String>,
}

const QUESTION: &str = include_str!("facts.py");
const MARK: &str = "rbuildout-facts ";

impl Facts {
    /// Starts the interpreter and asks. PYTHONPATH is not part of what it is.
    pub fn ask(executable: &str) -> Result<Self> {
        let ended = Program::new(executable)
            .argument("-c")
            .argument(QUESTION)
            .unset("PYTHONPATH")
            .unset("PYTHONSTARTUP")
            .set("PYTHONIOENCODING", "utf-8")
            .set("PYTHONDONTWRITEBYTECODE", "1")
            .succeed()
            .map_err(|error| not_python(executable, &error.message))?;
        let said = String::from_utf8_lossy(&ended.stdout);
        let answer = said
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix(MARK))
            .ok_or_else(|| not_python(executable, "it gave no answer"))?;
        let raw: Raw = serde_json::from_str(answer)
            .map_err(|error| not_python(executable, &format!("its answer is odd: {error}")))?;
        Ok(Self::from_raw(raw, executable))
    }

    /// The name that `abi-tag-eggs` gives an eggs directory: `cp311`.
    // zc.buildout: pep425tags.py, `get_abi_tag`.
    pub fn abi_tag(&self) -> String {
        let soabi = self.soabi.as_deref().unwrap_or("");
        if let Some(rest) = soabi.strip_prefix("cpython-") {
            return format!("cp{}", rest.split('-').next().unwrap_or(rest));
        }
        if soabi.is_empty() {
            return format!("cp{}m", self.python_version.replace('.', ""));
        }
        soabi.replace(['.', '-'], "_")
    }

    fn from_raw(raw: Raw, executable: &str) -> Self {
        let tags = tags::tags(&raw);
        let (platform, build_platform) = platforms(&raw);
        Self {
            executable: raw
                .executable
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| executable.to_owned()),
            python_version: raw.python_version,
            python_full_version: raw.python_full_version,
            version: raw.version,
            implementation: raw.implementation,
            platform,
            build_platform,
            cache_tag: raw.cache_tag,
            soabi: raw.soabi,
            pointer_bits: raw.pointer_bits,
            byte_order: raw.byte_order,
            glibc: raw.glibc,
            musl: raw.musl,
            tags,
            markers: raw.markers,
            sys_path: raw.sys_path,
            prefix: raw.prefix,
            base_prefix: raw.base_prefix,
            purelib: raw.purelib,
            platlib: raw.platlib,
            pip_index: raw.pip_index,
        }
    }
}

fn not_python(executable: &str, reason: &str) -> Box<Error> {
    Error::user(format!(
        "Couldn't ask {executable} what Python it is: {reason}"
    ))
    .with(
        Diagnostic::error("python", "the interpreter of this buildout does not work")
            .help("name another one with --python, or make its virtual environment anew"),
    )
}

/// The platform of egg names, and the one that Python was built on. pkg_resources: `get_supported_platform`,
/// `get_build_platform`.
fn platforms(raw: &Raw) -> (String, String) {
    let mac = raw.mac_version.as_deref().map(|version| {
        let mut numbers = version.split('.');
        let major = numbers.next().unwrap_or("0");
        format!("{major}.{}", numbers.next().unwrap_or("0"))
    });
    let Some(mac) = mac else {
        return (raw.build_platform.clone(), raw.build_platform.clone());
    };
    let mut pieces = raw.build_platform.splitn(3, '-');
    if let (Some("macosx"), Some(_), Some(machine)) = (pieces.next(), pieces.next(), pieces.next())
    {
        (
            format!("macosx-{mac}-{machine}"),
            raw.build_platform.clone(),
        )
    } else {
        let own = format!("macosx-{mac}-{}", raw.machine.replace(' ', "_"));
        (own.clone(), own)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The answer of a CPython 3.11 of Linux.
    pub(in crate::python) fn raw() -> Raw {
        serde_json::from_str(
            r#"{"executable": "/v/bin/python", "python_version": "3.11", "python_full_version": "3.11.7",
            "version": "3.11.7", "implementation": "CPython", "cache_tag": "cpython-311",
            "build_platform": "linux-x86_64", "mac_version": null, "machine": "x86_64", "pointer_bits": 64,
            "byte_order": "little", "debug": false, "free_threaded": false, "pymalloc": true, "wide_unicode": true,
            "soabi": null, "host_type": "x86_64-pc-linux-gnu", "glibc": "2.6", "musl": null, "sys_path": [],
            "prefix": "/v", "base_prefix": "/u", "purelib": "/v/lib", "platlib": "/v/lib", "pip_index": null,
            "markers": {"os_name": "posix"}}"#,
        )
        .unwrap()
    }

    #[test]
    fn egg_names_carry_the_running_system() {
        let mut raw = raw();
        assert_eq!(platforms(&raw).0, "linux-x86_64");
        raw.mac_version = Some("15.4.1".to_owned());
        raw.build_platform = "macosx-11.0-arm64".to_owned();
        assert_eq!(
            platforms(&raw),
            (
                "macosx-15.4-arm64".to_owned(),
                "macosx-11.0-arm64".to_owned()
            )
        );
    }

    #[test]
    fn what_is_no_python_is_named() {
        let error = Facts::ask("/bin/false").unwrap_err();
        assert!(
            error
                .message
                .starts_with("Couldn't ask /bin/false what Python it is: "),
            "{}",
            error.message
        );
        let error = Facts::ask("/bin/echo").unwrap_err();
        assert!(
            error.message.ends_with("it gave no answer"),
            "{}",
            error.message
        );
    }
}

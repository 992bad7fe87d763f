//! [`Facts`]: what one CPython says of itself, asked once and cached.

use serde::{Deserialize, Serialize};

/// What is known of an interpreter without starting it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// `sys.executable` as the interpreter was called; goes into `#!` lines.
    pub executable: String,
    /// `3.11`.
    pub python_version: String,
    /// `3.11.7`.
    pub python_full_version: String,
    /// pkg_resources' `get_supported_platform()`: `linux-x86_64`.
    pub platform: String,
    /// `cpython-311`: part of names of `.pyc` files. Empty for Python 2.
    pub cache_tag: String,
    /// Wheel tags that it can use, `cp311-cp311-linux_x86_64`, best first.
    pub tags: Vec<String>,
    /// Values of the PEP 508 markers by name.
    pub markers: indexmap::IndexMap<String, String>,
    /// `sys.path` without the script's directory.
    pub sys_path: Vec<String>,
    /// The index that the pip that comes with this interpreter would ask; none where there is no pip.
    pub pip_index: Option<String>,
}

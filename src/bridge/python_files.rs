//! The Python side as files: written to the user's cache once, so that its bytecode is kept from run to run.

use crate::digest::hex;
use crate::error::Result;
use crate::pypath;
use crate::sys::fs;
use md5::{Digest, Md5};

const FILES: [(&str, &str); 13] = [
    (
        "rbuildout_host/__init__.py",
        include_str!("python/__init__.py"),
    ),
    (
        "rbuildout_host/channel.py",
        include_str!("python/channel.py"),
    ),
    ("rbuildout_host/eggs.py", include_str!("python/eggs.py")),
    ("rbuildout_host/errors.py", include_str!("python/errors.py")),
    ("rbuildout_host/host.py", include_str!("python/host.py")),
    (
        "rbuildout_host/installer.py",
        include_str!("python/installer.py"),
    ),
    (
        "rbuildout_host/library.py",
        include_str!("python/library.py"),
    ),
    ("rbuildout_host/light.py", include_str!("python/light.py")),
    (
        "rbuildout_host/options.py",
        include_str!("python/options.py"),
    ),
    (
        "rbuildout_host/process.py",
        include_str!("python/process.py"),
    ),
    (
        "rbuildout_host/reading.py",
        include_str!("python/reading.py"),
    ),
    ("rbuildout_host/sets.py", include_str!("python/sets.py")),
    ("start.py", include_str!("python/start.py")),
];

/// Puts the files in place; returns the one to start.
pub(super) fn start_file(cache: &str) -> Result<String> {
    let mut all = Md5::new();
    for (name, text) in FILES {
        all.update(format!("{name}\0{text}\0"));
    }
    let directory = pypath::join(cache, &format!("bridge/{}", hex(&all.finalize())));
    for (name, text) in FILES {
        let path = pypath::join(&directory, name);
        // Each is looked at: a cache may be half cleaned up.
        if fs::stat(&path).is_none_or(|stat| stat.size != text.len() as u64) {
            fs::make_directory(pypath::dirname(&path))?;
            fs::replace(&path, text.as_bytes())?;
        }
    }
    Ok(pypath::join(&directory, "start.py"))
}

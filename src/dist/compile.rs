//! `.pyc` files: compiled by the interpreter that will run them, all of a wheel with one start of it.
//!
//! They are written beside the sources' directory, not into it: one unpacked wheel serves several interpreters. A
//! `.pyc` holds for the modification time of its source, so sources are copied with their times.

use std::path::Path;

use crate::error::Result;
use crate::sys::fs;
use crate::sys::process::Program;

const COMPILER: &str = include_str!("compile.py");

/// Compiles `files` (relative to `tree`) into `out`, which is made: `pkg/__pycache__/a.cpython-311.pyc`, or `pkg/a.pyc`
/// for Python 2. Files that don't compile are left out.
pub(super) fn compile(python: &str, tree: &Path, out: &Path, files: &[String]) -> Result<()> {
    fs::make_directory(out)?;
    if files.is_empty() {
        return Ok(());
    }
    let list = out.join("files");
    fs::create(&list, files.join("\n").as_bytes(), 0o666)?;
    let program = |flags: &str| {
        Program::new(python)
            .argument(flags)
            .argument("-c")
            .argument(COMPILER)
            .argument(tree.display().to_string())
            .argument(out.display().to_string())
            .argument(list.display().to_string())
    };
    // Nothing of site-packages is needed, and without it the start is faster. Environments of Python 2 find even the
    // standard library by it.
    if program("-ESs").run()?.status != Some(0) {
        program("-Es").succeed()?;
    }
    fs::remove_file(&list)
}

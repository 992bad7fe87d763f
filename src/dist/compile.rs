//! `.pyc` files: compiled by the interpreter that will run them, many wheels with one start of it.
//!
//! They are written beside the sources' directory, not into it: one unpacked wheel serves several interpreters. A
//! `.pyc` holds for the modification time of its source, so sources are copied with their times.

use std::path::Path;

use crate::error::Result;
use crate::sys::fs;
use crate::sys::process::Program;

const COMPILER: &str = include_str!("compile.py");

/// One wheel.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) tree: &'a Path,
    /// Is made: `pkg/__pycache__/a.cpython-311.pyc`, or `pkg/a.pyc` for Python 2.
    pub(super) out: &'a Path,
    /// Relative to `tree`. Those that don't compile are left out.
    pub(super) files: &'a [String],
}

/// Compiles all of these with one start of the interpreter.
pub(super) fn compile(python: &str, jobs: &[Job<'_>]) -> Result<()> {
    let mut arguments = vec![std::process::id().to_string()];
    let mut lists = Vec::new();
    for job in jobs {
        fs::make_directory(job.out)?;
        if job.files.is_empty() {
            continue;
        }
        let list = job.out.join("files");
        fs::create(&list, job.files.join("\n").as_bytes(), 0o666)?;
        arguments.extend([job.tree, job.out, &list].map(|path| path.display().to_string()));
        lists.push(list);
    }
    if lists.is_empty() {
        return Ok(());
    }
    let program = |flags: &str| {
        let program = Program::new(python)
            .argument(flags)
            .argument("-c")
            .argument(COMPILER);
        arguments.iter().cloned().fold(program, Program::argument)
    };
    // Nothing of site-packages is needed, and without it the start is faster. Environments of Python 2 find even the
    // standard library by it.
    if program("-ESs").run()?.status != Some(0) {
        program("-Es").succeed()?;
    }
    lists.iter().try_for_each(fs::remove_file)
}

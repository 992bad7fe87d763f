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
    // Nothing of site-packages is needed, and without it the start is faster.
    let mut program = Program::new(python)
        .argument("-ESs")
        .argument("-c")
        .argument(COMPILER);
    let mut lists = Vec::new();
    for job in jobs {
        fs::make_directory(job.out)?;
        if job.files.is_empty() {
            continue;
        }
        let list = job.out.join("files");
        fs::create(&list, job.files.join("\n").as_bytes(), 0o666)?;
        program = program
            .argument(job.tree.display().to_string())
            .argument(job.out.display().to_string())
            .argument(list.display().to_string());
        lists.push(list);
    }
    if lists.is_empty() {
        return Ok(());
    }
    program.succeed()?;
    lists.iter().try_for_each(fs::remove_file)
}

//! `.pyc` files: compiled by the interpreter that will run them, one wheel after another with one start of it.
//!
//! They are written beside the sources' directory, not into it: one unpacked wheel serves several interpreters. A
//! `.pyc` holds for the modification time of its source, so sources are copied with their times.

use std::path::Path;

use crate::error::{Error, Result};
use crate::sys::fs;
use crate::sys::process::Program;
use crate::sys::worker::Worker;

const COMPILER: &str = include_str!("compile.py");

/// One wheel.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) tree: &'a Path,
    /// Is made: `pkg/__pycache__/a.cpython-311.pyc`, or `pkg/a.pyc` for Python 2.
    pub(super) out: &'a Path,
    /// Relative to `tree`. Those that don't compile are left out.
    pub(super) files: &'a [&'a String],
}

/// An interpreter that compiles. It is started with the first wheel that has something to compile.
#[derive(Debug)]
pub(super) struct Compiler {
    python: String,
    running: Option<Worker>,
}

/// Nothing of site-packages is needed, and without it the start is faster. Environments of Python 2 find even the standard
/// library by it.
const FLAGS: [&str; 2] = ["-ESs", "-Es"];

impl Compiler {
    pub(super) fn new(python: &str) -> Self {
        Self {
            python: python.to_owned(),
            running: None,
        }
    }

    pub(super) fn compile(&mut self, job: &Job<'_>) -> Result<()> {
        fs::make_directory(job.out)?;
        // No source has such a name; the question could not be read.
        let files: Vec<&str> = job.files.iter().map(|file| file.as_str()).collect();
        if files.is_empty() {
            return Ok(());
        }
        let places = [job.tree, job.out].map(|path| path.display().to_string());
        let mut words: Vec<&str> = places.iter().map(String::as_str).collect();
        words.extend(files);
        let words = words.join("\0");
        let request = [format!("{}\n", words.len()).as_bytes(), words.as_bytes()].concat();
        if let Some(running) = &mut self.running
            && running.ask(&request).is_some()
        {
            return Ok(());
        }
        let mut how = String::new();
        for flags in FLAGS {
            let mut worker = Worker::start(&self.program(flags))?;
            if worker.ask(&request).is_some() {
                self.running = Some(worker);
                return Ok(());
            }
            how = worker.how_it_ended();
        }
        self.running = None;
        // It may say why.
        self.program("-Es").succeed()?;
        Err(Error::user(format!(
            "{} {how} while it compiled {}.",
            self.python,
            job.tree.display()
        )))
    }

    fn program(&self, flags: &str) -> Program {
        Program::new(&self.python)
            .argument(flags)
            .argument("-c")
            .argument(COMPILER)
            .argument(std::process::id().to_string())
    }
}

//! A setup script of a project, run in the interpreter of the buildout with setuptools at hand.
//!
//! setuptools is that of zc.buildout where there is one, else the interpreter's own, else an egg. zc.buildout:
//! easy_install.py, `runsetup_template`, `call_subprocess`.

use super::Project;
use crate::error::{Error, Result};
use crate::pystr::repr;
use crate::sys::process::Program;

const RUNNER: &str = include_str!("setup_script.py");

impl Project {
    /// Runs a script with these arguments; it has our terminal.
    pub fn run_setup_script(&mut self, script: &str, arguments: &[String]) -> Result<()> {
        let from = if self.host.holds_buildout(&mut self.buildout)? {
            "zc.buildout"
        } else {
            "setuptools"
        };
        let needed = self.host.distributions_for(&mut self.buildout, from)?;
        let mut paths: Vec<String> = needed
            .into_iter()
            .filter(|distribution| distribution.key() != "zc.buildout")
            .map(|distribution| distribution.location)
            .collect();
        paths.sort();
        paths.dedup();
        let mut program = Program::new(&self.host.facts()?.executable)
            .argument("-c")
            .argument(RUNNER)
            .argument(paths.join(":"))
            .argument(script);
        program.arguments.extend(arguments.iter().cloned());
        if program.run_attached()? == Some(0) {
            return Ok(());
        }
        let words = std::iter::once(script.to_owned()).chain(arguments.iter().cloned());
        let command: Vec<String> = words.map(|word| repr(&word)).collect();
        Err(Error::user(format!(
            "Failed to run command:\n{}",
            command.join(", ")
        )))
    }
}

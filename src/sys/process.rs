//! Other programs: run and capture.
//!
//! No shell, no pipes kept open. Every error names the program. What Python code did to its environment holds for programs
//! that are run later: a recipe that sets CFLAGS means the builds after it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// What differs from our own environment for all programs from now on; none for what is not there.
static ENVIRONMENT: Mutex<BTreeMap<String, Option<String>>> = Mutex::new(BTreeMap::new());

/// Sets a variable for all programs that are run from now on, or takes it away. Our own process's stays as it is.
pub fn change_environment(name: String, value: Option<String>) {
    let mut changed = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    changed.insert(name, value);
}

/// What [`change_environment`] has said of a variable: none if nothing.
pub fn changed_variable(name: &str) -> Option<Option<String>> {
    let changed = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    changed.get(name).cloned()
}

/// All that [`change_environment`] has said.
pub fn changed_variables() -> BTreeMap<String, Option<String>> {
    let changed = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    changed.clone()
}

/// What new files of this process and of its children are not to have.
pub fn set_umask(umask: u32) {
    let bits = u16::try_from(umask & 0o777).unwrap_or(0o22);
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(bits.into()));
}

/// A program to run, with what is to differ from our own environment.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub path: String,
    pub arguments: Vec<String>,
    /// Variables to set.
    pub set: Vec<(String, String)>,
    /// Variables to take away.
    pub unset: Vec<String>,
    pub directory: Option<String>,
}

/// What a program that has ended left behind.
#[derive(Clone, Debug)]
pub struct Ended {
    /// `None` where a signal ended it.
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Program {
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.set.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.unset.push(name.to_owned());
        self
    }

    /// Runs it to its end, whatever its status; nothing on its standard input.
    pub fn run(&self) -> Result<Ended> {
        match self.command().stdin(Stdio::null()).output() {
            Ok(Output {
                status,
                stdout,
                stderr,
            }) => Ok(Ended {
                status: status.code(),
                stdout,
                stderr,
            }),
            Err(error) => Err(self.not_started(&error)),
        }
    }

    /// As [`Program::run`]; none where it has not ended within this time: then it is killed.
    pub fn run_within(&self, limit: Duration) -> Result<Option<Ended>> {
        let started = self
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.map_err(|error| self.not_started(&error))?;
        let (sender, heard) = std::sync::mpsc::channel();
        let (out, errors) = (child.stdout.take(), child.stderr.take());
        // Somebody else may hold its pipes when it has ended: that is not waited for.
        std::thread::spawn(move || {
            let errors = std::thread::spawn(move || all_of(errors));
            let out = all_of(out);
            drop(sender.send((out, errors.join().unwrap_or_default())));
        });
        let end = Instant::now() + limit;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < end => std::thread::sleep(GLANCE),
                _ => {
                    drop(child.kill());
                    drop(child.wait());
                    return Ok(None);
                }
            }
        };
        let left = end.saturating_duration_since(Instant::now()).max(GLANCE);
        let (stdout, stderr) = heard.recv_timeout(left).unwrap_or_default();
        Ok(Some(Ended {
            status: status.code(),
            stdout,
            stderr,
        }))
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        let changed = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in changed.iter() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        drop(changed);
        for name in &self.unset {
            command.env_remove(name);
        }
        for (name, value) in &self.set {
            command.env(name, value);
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    pub(super) fn not_started(&self, error: &std::io::Error) -> Box<Error> {
        let reason = error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or(&reason);
        Error::user(format!(
            "Couldn't run {}: {}.",
            self.path,
            reason.to_lowercase()
        ))
    }

    /// Runs it to its end with all that it says going to a file, one after the other as it comes. Returns its status.
    pub fn run_into(&self, log: &Path) -> Result<Option<i32>> {
        let opened = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .and_then(|out| Ok((out.try_clone()?, out)));
        let (out, errors) = opened
            .map_err(|error| Error::user(format!("Couldn't write {}: {error}.", log.display())))?;
        let status = self
            .command()
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .status();
        status
            .map(|status| status.code())
            .map_err(|error| self.not_started(&error))
    }

    /// Runs it to its end with our own standard input, output and error. Returns its status.
    pub fn run_attached(&self) -> Result<Option<i32>> {
        let status = self.command().status();
        status
            .map(|status| status.code())
            .map_err(|error| self.not_started(&error))
    }

    /// Runs it; another status than 0 is an error that shows the last lines of what it said.
    pub fn succeed(&self) -> Result<Ended> {
        let ended = self.run()?;
        if ended.status == Some(0) {
            return Ok(ended);
        }
        let said = if ended.stderr.is_empty() {
            &ended.stdout
        } else {
            &ended.stderr
        };
        let said = String::from_utf8_lossy(said);
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(5)..).unwrap_or(&[]);
        let how = ended.status.map_or_else(
            || "was ended by a signal".to_owned(),
            |code| format!("ended with status {code}"),
        );
        Err(Error::user(format!(
            "{} {how}: {}",
            self.path,
            tail.join("\n")
        )))
    }
}

/// How often we look whether a program has ended.
const GLANCE: Duration = Duration::from_millis(10);

fn all_of(pipe: Option<impl Read>) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(mut pipe) = pipe {
        drop(pipe.read_to_end(&mut all));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_killed() {
        let shell = |text: &str| Program::new("/bin/sh").argument("-c").argument(text);
        let hour = Duration::from_hours(1);
        let ended = shell("echo yes; echo no >&2; exit 4")
            .run_within(hour)
            .unwrap()
            .unwrap();
        assert_eq!(ended.status, Some(4));
        assert_eq!(
            (ended.stdout, ended.stderr),
            (b"yes\n".to_vec(), b"no\n".to_vec())
        );
        // What holds its pipes is not waited for.
        let ended = shell("sleep 1000 & echo $!").run_within(Duration::from_secs(1));
        assert_eq!(ended.unwrap().unwrap().status, Some(0));
        let late = shell("exec sleep 1000").run_within(Duration::from_millis(50));
        assert!(late.unwrap().is_none());
    }

    #[test]
    fn captures_and_names_the_program() {
        let ended = Program::new("/bin/sh")
            .argument("-c")
            .argument("echo $WORD; echo no >&2; exit 3")
            .set("WORD", "yes")
            .run()
            .unwrap();
        assert_eq!(ended.status, Some(3));
        assert_eq!(ended.stdout, b"yes\n");
        assert_eq!(ended.stderr, b"no\n");
        let error = Program::new("/no/such/program").run().unwrap_err();
        assert_eq!(
            error.message,
            "Couldn't run /no/such/program: no such file or directory."
        );
        let error = Program::new("/bin/sh")
            .argument("-c")
            .argument("echo why >&2; exit 2")
            .succeed()
            .unwrap_err();
        assert_eq!(error.message, "/bin/sh ended with status 2: why");
    }
}

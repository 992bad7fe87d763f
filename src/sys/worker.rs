//! A program that answers one request after another, over its standard input and output.
//!
//! It costs one start, however much it is asked. What the requests and answers say is not known here. What it says on
//! standard error is for nobody: who wants to know why it failed runs it once more by [`Program::succeed`].

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::process::Program;
use crate::error::Result;

/// The running program. Its input is closed, and its end waited for, when this is dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    to: Option<ChildStdin>,
    from: Option<BufReader<ChildStdout>>,
}

impl Worker {
    pub fn start(program: &Program) -> Result<Self> {
        let started = program
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.map_err(|error| program.not_started(&error))?;
        Ok(Self {
            to: child.stdin.take(),
            from: child.stdout.take().map(BufReader::new),
            child,
        })
    }

    /// Its answer, one line; none where it has ended.
    pub fn ask(&mut self, request: &[u8]) -> Option<String> {
        let to = self.to.as_mut()?;
        to.write_all(request).and_then(|()| to.flush()).ok()?;
        let mut answer = String::new();
        match self.from.as_mut()?.read_line(&mut answer) {
            Ok(n) if n > 0 => Some(answer.trim_end().to_owned()),
            _ => None,
        }
    }

    /// How it ended, where it does so by itself: `ended with status 1`.
    pub fn how_it_ended(&mut self) -> String {
        self.to = None;
        match self.child.wait() {
            Ok(status) => status.code().map_or_else(
                || "was ended by a signal".to_owned(),
                |code| format!("ended with status {code}"),
            ),
            Err(error) => format!("can't be waited for: {error}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.to = None;
        self.from = None;
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_until_it_ends() {
        let program = Program::new("/bin/sh")
            .argument("-c")
            .argument("read a; echo \"first $a\"; read b; echo \"then $b\"; exit 3");
        let mut worker = Worker::start(&program).unwrap();
        assert_eq!(worker.ask(b"x\n").as_deref(), Some("first x"));
        assert_eq!(worker.ask(b"y\n").as_deref(), Some("then y"));
        assert_eq!(worker.ask(b"z\n"), None);
        assert_eq!(worker.how_it_ended(), "ended with status 3");
        Worker::start(&Program::new("/no/such/program")).unwrap_err();
    }
}

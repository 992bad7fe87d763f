//! A program that is talked to line by line, over two pipes of its own.
//!
//! Standard input, output and error stay the user's: it may ask for a password, print colours, start a debugger. The
//! numbers of its ends of the pipes are its last two arguments. What the lines say is not known here.

use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};

use super::process::Program;
use super::signals::{self, Signals};
use crate::error::Result;

/// How often we look for signals while we wait.
const GLANCE: Duration = Duration::from_millis(50);

/// What came, or why nothing comes any more.
#[derive(Debug)]
pub enum Heard {
    Line(Vec<u8>),
    /// It has ended by itself, and how.
    Ended(HowEnded),
    /// ^C came, and it did not end by itself in time: it was killed.
    Interrupted,
    /// SIGTERM came: it was killed.
    Terminated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowEnded {
    Status(i32),
    Signal(i32),
}

/// The running program.
#[derive(Debug)]
pub struct Partner {
    child: Child,
    /// None when there is nothing more to say.
    to: Option<PipeWriter>,
    lines: Receiver<Vec<u8>>,
    signals: Signals,
}

impl Partner {
    /// Starts a program.
    pub fn start(program: &Program) -> Result<Self> {
        let failed = |error: std::io::Error| program.not_started(&error);
        let signals = signals::watch()?;
        let (its_in, to) = std::io::pipe().map_err(failed)?;
        let (from, its_out) = std::io::pipe().map_err(failed)?;
        for end in [&its_in as &dyn AsFd, &its_out] {
            fcntl_setfd(end.as_fd(), FdFlags::empty()).map_err(|e| failed(e.into()))?;
        }
        let mut command = program.command();
        command.arg(its_in.as_raw_fd().to_string());
        command.arg(its_out.as_raw_fd().to_string());
        let child = command.spawn().map_err(failed)?;
        drop((its_in, its_out));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut from = BufReader::new(from);
            loop {
                let mut line = Vec::new();
                match from.read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) if sender.send(line).is_err() => return,
                    Ok(_) => {}
                }
            }
        });
        Ok(Self {
            child,
            to: Some(to),
            lines,
            signals,
        })
    }

    /// Says a line. Nobody there is no error here: [`Partner::hear`] tells.
    pub fn say(&mut self, line: &[u8]) {
        if let Some(to) = &mut self.to {
            drop(to.write_all(line));
        }
    }

    /// It was started in vain: it ends at the end of what it could hear.
    pub fn dismiss(&mut self, patience: Duration) {
        self.to = None;
        self.end_within(patience);
    }

    /// Waits for a line. At the first ^C, which it has got as well, it may end by itself; `patience` later, or at the
    /// second one, it is killed.
    pub fn hear(&mut self, patience: Duration) -> Heard {
        self.signals.obey(false);
        let heard = self.wait_for_line(patience);
        self.signals.obey(true);
        heard
    }

    fn wait_for_line(&mut self, patience: Duration) -> Heard {
        let mut interrupted: Option<Instant> = None;
        loop {
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => return Heard::Line(line),
                Err(RecvTimeoutError::Disconnected) => {
                    let how = self.end_within(Duration::from_secs(2));
                    return match (how, interrupted) {
                        (HowEnded::Status(130), _) | (_, Some(_)) => Heard::Interrupted,
                        (how, None) => Heard::Ended(how),
                    };
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.signals.terminated() {
                self.kill();
                return Heard::Terminated;
            }
            if self.signals.interrupted() {
                if interrupted.is_some() {
                    self.kill();
                    return Heard::Interrupted;
                }
                interrupted = Some(Instant::now());
            }
            if interrupted.is_some_and(|since| since.elapsed() > patience) {
                self.kill();
                return Heard::Interrupted;
            }
        }
    }

    /// Waits for its end, but not for ever: then it is killed.
    pub fn end_within(&mut self, time: Duration) -> HowEnded {
        let until = Instant::now() + time;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(Some(status)) => return how_ended(status),
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(_) => break,
            }
        }
        self.kill()
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> HowEnded {
        drop(self.child.kill());
        self.child.wait().map_or(HowEnded::Status(-1), how_ended)
    }
}

fn how_ended(status: ExitStatus) -> HowEnded {
    match status.signal() {
        Some(signal) => HowEnded::Signal(signal),
        None => HowEnded::Status(status.code().unwrap_or(-1)),
    }
}

impl std::fmt::Display for HowEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(code) => write!(f, "ended with status {code}"),
            Self::Signal(signal) => match signal_hook::low_level::signal_name(*signal) {
                Some(name) => write!(f, "was killed by signal {signal} ({name})"),
                None => write!(f, "was killed by signal {signal}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Partner {
        let program = Program::new("/bin/sh")
            .argument("-c")
            .argument(script)
            .argument("sh");
        Partner::start(&program).unwrap()
    }

    fn line(heard: Heard) -> String {
        match heard {
            Heard::Line(line) => String::from_utf8(line).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lines_go_both_ways_beside_standard_output() {
        let mut partner =
            shell("read x </dev/fd/$1; echo \"got $x\" >/dev/fd/$2; read y </dev/fd/$1; exit 3");
        partner.say(b"hello\n");
        assert_eq!(line(partner.hear(GLANCE)), "got hello\n");
        partner.say(b"\n");
        assert!(matches!(
            partner.hear(GLANCE),
            Heard::Ended(HowEnded::Status(3))
        ));
    }

    #[test]
    fn how_it_ended_is_told() {
        let mut partner = shell("kill -SEGV $$");
        let Heard::Ended(how) = partner.hear(GLANCE) else {
            panic!()
        };
        assert_eq!(how.to_string(), "was killed by signal 11 (SIGSEGV)");
        let mut partner = shell("exec sleep 100");
        assert_eq!(partner.end_within(GLANCE), HowEnded::Signal(9));
    }
}

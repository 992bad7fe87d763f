//! [`Channel`]: messages to and from the host, and what is said when there is nobody any more.

use std::time::Duration;

use serde::Serialize;

use super::message::{Incoming, Outgoing};
use crate::error::{Error, Kind, Result};
use crate::sys::process::Program;
use crate::sys::talk::{Heard, HowEnded, Partner};

/// What is said after ^C.
pub(super) const INTERRUPTED: &str = "Interrupted.";
/// How long the host may take to end after ^C.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to end after the last message.
const GOODBYE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Channel {
    partner: Partner,
    gone: bool,
}

impl Channel {
    pub(super) fn open(program: &Program) -> Result<Self> {
        Ok(Self {
            partner: Partner::start(program)?,
            gone: false,
        })
    }

    pub(super) fn send<T: Serialize>(&mut self, message: &Outgoing<T>) -> Result<()> {
        if self.gone {
            return Err(Error::user("The recipe host has ended already."));
        }
        let mut line = serde_json::to_vec(message)
            .map_err(|error| Error::user(format!("Couldn't speak to the recipe host: {error}.")))?;
        line.push(b'\n');
        self.partner.say(&line);
        Ok(())
    }

    pub(super) fn receive(&mut self) -> Result<Incoming> {
        match self.partner.hear(PATIENCE) {
            Heard::Line(line) => serde_json::from_slice(&line).map_err(|error| {
                self.gone = true;
                self.partner.kill();
                garbage(&line, &error.to_string())
            }),
            Heard::Ended(how) => {
                self.gone = true;
                Err(ended(how))
            }
            Heard::Interrupted => {
                self.gone = true;
                Err(Error::new(Kind::Interrupted, INTERRUPTED))
            }
            Heard::Terminated => {
                self.gone = true;
                Err(Error::new(Kind::Exit(143), "Terminated."))
            }
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Nobody has spoken to it, and nobody will.
    pub(super) fn dismiss(&mut self) {
        self.gone = true;
        self.partner.dismiss(GOODBYE);
    }

    /// Waits until it has ended, after it was told to.
    pub(super) fn close(&mut self) {
        if !self.gone {
            self.gone = true;
            self.partner.end_within(GOODBYE);
        }
    }
}

fn garbage(line: &[u8], why: &str) -> Box<Error> {
    let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
    let message = "The recipe host was ended: it spoke out of turn.".to_owned();
    Error::user(message).hint(
        "recipe-host",
        format!("`{}` is no message ({why})", shown.trim_end()),
        "a recipe may write to standard output and error, but to no other file descriptor that it did not open",
    )
}

fn ended(how: HowEnded) -> Box<Error> {
    let help = match how {
        HowEnded::Signal(9) => {
            "somebody killed it; on a small machine perhaps the kernel, for want of memory"
        }
        HowEnded::Signal(_) => {
            "a module in C that the recipe uses is broken, or made for another Python"
        }
        HowEnded::Status(_) => {
            "the recipe ended its process without a word, by `os._exit` or the like"
        }
    };
    let message = format!("The recipe host {how}.");
    let error = match how {
        // With zc.buildout the process is its own, and so is the exit status.
        HowEnded::Status(status) => {
            let code = u8::try_from(status).unwrap_or(1);
            return Error::new(Kind::Exit(code), "").hint("recipe-host", message, help);
        }
        HowEnded::Signal(_) => Error::user(message),
    };
    error.hint(
        "recipe-host",
        "the Python process that runs recipes is gone",
        help,
    )
}

//! Recipes in Python: one host process a run, spoken to over two pipes.
//!
//! Both sides hold the whole of the options; with each message go the changes since the last one, so that reading an
//! option asks nobody. One side works at a time, and whoever waits for an answer serves questions first: a recipe may
//! need a section whose recipe is native or in Python again. Evaluating sections, installing eggs and deciding what is
//! installed stay here; the host runs `__init__`, `install`, `update` and uninstallers, with the project's own
//! zc.buildout as library. docs/bridge.md is the reference of the protocol.

mod channel;
mod message;
mod python_files;
mod state;

use std::cell::{Cell, RefCell};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Diagnostic, Error, Kind, Result};
use crate::options::Buildout;
use crate::sys::process::Program;
use channel::{Channel, INTERRUPTED};
pub use message::{
    Activation, Answer, Called, Dist, Got, Init, InstallDone, InstallOrder, InstallQuestion,
    InstallerSettings, ListingNews, Loaded, LogSettings, Picked, ProcessNews, Question,
    RecipeObject, Request, ScriptsQuestion, SetContent,
};
use message::{Outgoing, PROTOCOL, WireError};
use state::Replica;

/// Who answers the host's questions.
pub trait Answers {
    fn answer(&self, buildout: &mut Buildout, question: Question) -> Result<Answer>;

    /// Python code has changed something that is not an option.
    fn hear(&self, news: ProcessNews);

    /// Python code was at work; it may have changed anything on the disk.
    fn python_has_worked(&self);
}

/// The running host.
#[derive(Debug)]
pub struct Bridge {
    channel: RefCell<Channel>,
    replica: RefCell<Replica>,
    last: Cell<i64>,
    /// Diagnostics of our errors that went to the host and may come back.
    sent: RefCell<Vec<Vec<Diagnostic>>>,
    /// How the run ends, for the host's own end.
    status: Cell<u8>,
}

/// Nothing beside the message itself.
#[derive(Debug, Serialize)]
struct Nothing {}

impl Bridge {
    /// Starts the host with an interpreter, in a directory.
    pub fn start(executable: &str, cache: &str, directory: &str) -> Result<Self> {
        let mut program = Program::new(executable).argument(python_files::start_file(cache)?);
        program.directory = Some(directory.to_owned());
        Ok(Self {
            channel: RefCell::new(Channel::open(&program)?),
            replica: RefCell::default(),
            last: Cell::new(0),
            sent: RefCell::default(),
            status: Cell::new(0),
        })
    }

    /// The run ends with this exit code.
    pub fn will_end(&self, status: u8) {
        self.status.set(status);
    }

    /// The number of the protocol, for [`Init`].
    pub fn protocol() -> u32 {
        PROTOCOL
    }

    /// Asks the host and serves it until the answer is there.
    pub fn ask<T: DeserializeOwned>(
        &self,
        buildout: &mut Buildout,
        request: Request,
        answers: &dyn Answers,
    ) -> Result<T> {
        let number = self.last.get() - 1;
        self.last.set(number);
        self.send(buildout, Some(number), None, Ok(None), request)?;
        loop {
            let incoming = self.channel.borrow_mut().receive();
            answers.python_has_worked();
            let incoming = incoming?;
            if let Some(mut news) = incoming.s {
                answers.hear(std::mem::take(&mut news.process));
                self.replica.borrow_mut().take(news, buildout);
            }
            if incoming.re == Some(number) {
                if let Some(error) = incoming.err {
                    return Err(self.received(error));
                }
                return serde_json::from_value(incoming.ok.unwrap_or_default())
                    .map_err(|error| misunderstood(&error.to_string()));
            }
            let question: Question = serde_json::from_value(incoming.rest)
                .map_err(|error| misunderstood(&error.to_string()))?;
            match answers.answer(buildout, question) {
                Ok(answer) => {
                    self.send(buildout, None, incoming.id, Ok(Some(answer)), Nothing {})?;
                }
                Err(error) => {
                    if self.channel.borrow().is_gone() {
                        return Err(error);
                    }
                    let error = self.to_send(*error);
                    self.send(buildout, None, incoming.id, Err(error), Nothing {})?;
                }
            }
        }
    }

    fn send<T: Serialize>(
        &self,
        buildout: &Buildout,
        id: Option<i64>,
        re: Option<i64>,
        result: std::result::Result<Option<Answer>, WireError>,
        rest: T,
    ) -> Result<()> {
        let (ok, err) = match result {
            Ok(ok) => (ok, None),
            Err(err) => (None, Some(err)),
        };
        let message = Outgoing {
            id,
            re,
            s: self.replica.borrow_mut().news(buildout),
            ok,
            err,
            rest,
        };
        self.channel.borrow_mut().send(&message)
    }

    fn to_send(&self, error: Error) -> WireError {
        let mut sent = self.sent.borrow_mut();
        sent.push(error.diagnostics);
        let (kind, code) = match error.kind {
            Kind::User => ("user", None),
            Kind::MissingOption => ("missing-option", None),
            Kind::MissingSection => ("missing-section", None),
            Kind::Interrupted => ("interrupt", None),
            Kind::Internal => ("internal", None),
            Kind::Exit(code) => ("exit", Some(i64::from(code))),
        };
        WireError {
            kind: kind.to_owned(),
            message: error.message,
            doing: error.doing,
            code,
            foreign: error.foreign,
            known: Some(sent.len() as u64 - 1),
            debugged: false,
        }
    }

    fn received(&self, error: WireError) -> Box<Error> {
        let kind = match error.kind.as_str() {
            "user" => Kind::User,
            "missing-option" => Kind::MissingOption,
            "missing-section" => Kind::MissingSection,
            "interrupt" => Kind::Interrupted,
            "exit" => Kind::Exit(exit_code(error.code.unwrap_or(1))),
            _ => Kind::Internal,
        };
        if error.debugged {
            // The debugger has shown all there is.
            return Error::new(Kind::Exit(1), "");
        }
        let message = match kind {
            Kind::Interrupted => INTERRUPTED.to_owned(),
            _ => error.message,
        };
        let mut ours = Error::new(kind, message);
        ours.doing = error.doing;
        ours.foreign = error.foreign;
        if let Some(known) = error.known.and_then(|known| usize::try_from(known).ok())
            && let Some(diagnostics) = self.sent.borrow().get(known)
        {
            ours.diagnostics.clone_from(diagnostics);
        }
        ours
    }
}

impl Drop for Bridge {
    /// The host runs its exit handlers before we end.
    fn drop(&mut self) {
        let number = self.last.get() - 1;
        let mut channel = self.channel.borrow_mut();
        if self.last.get() == 0 {
            channel.dismiss();
            return;
        }
        let bye = Outgoing {
            id: Some(number),
            re: None,
            s: None,
            ok: None,
            err: None,
            rest: Request::Bye {
                status: self.status.get(),
            },
        };
        if channel.send(&bye).is_ok() {
            channel.close();
        }
    }
}

/// As the system cuts it.
fn exit_code(code: i64) -> u8 {
    u8::try_from(code.rem_euclid(256)).unwrap_or(1)
}

fn misunderstood(why: &str) -> Box<Error> {
    Error::user(format!(
        "The recipe host said something that makes no sense: {why}."
    ))
}

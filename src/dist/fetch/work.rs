//! What the threads of the crew do: fetch and unpack, compile and lay out.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::board::{Board, Claim, Done, Egg, Fetch, State};
use super::refusal::source_url;
use super::source::{Ready, Source, given_up};
use crate::dist::builder::PROGRAMS;
use crate::dist::compile::Compiler;
use crate::dist::egg::{Prepared, Recipe};
use crate::dist::link_mode::LinkMode;
use crate::dist::tooling::Tooling;
use crate::error::Result;
use crate::python::Facts;

/// At most so many downloads at a time.
const AT_ONCE: usize = 24;

/// With so many it begins.
const AT_FIRST: usize = 8;

/// What the threads work with.
#[derive(Clone, Debug)]
pub(super) struct Kit {
    pub(super) source: Source,
    pub(super) facts: Arc<Facts>,
    pub(super) link_mode: LinkMode,
    /// Whether eggs keep the programs of their wheels.
    pub(super) programs: bool,
    /// What the project's zc.buildout works with.
    pub(super) tooling: Arc<Tooling>,
}

impl Kit {
    pub(super) fn recipe<'r>(
        &'r self,
        ready: &'r Ready,
        compiled: &'r Path,
        source: &'r str,
        wanted: &'r str,
    ) -> Recipe<'r> {
        Recipe {
            wheel: &ready.wheel,
            compiled,
            facts: &self.facts,
            source,
            source_sha256: ready.sha256.as_deref(),
            wanted,
            is_built: ready.is_built,
            tooling: &self.tooling,
            programs: self.programs.then_some(PROGRAMS),
            link_mode: self.link_mode,
        }
    }
}

impl Board {
    /// Starts one more network thread where all are busy. Their number grows with what has come: a server does not expect
    /// so many connections at one blow.
    pub(super) fn start_fetcher(self: &Arc<Self>, state: &mut State) {
        let most = AT_ONCE.min(AT_FIRST + state.came);
        if state.to_fetch.len() > state.idle_fetchers && state.fetchers < most {
            let board = Arc::clone(self);
            let named = std::thread::Builder::new().name("fetch".to_owned());
            let started = named.spawn(move || board.fetch_all());
            state.fetchers += usize::from(started.is_ok());
        }
    }

    /// A network thread.
    fn fetch_all(self: &Arc<Self>) {
        loop {
            let mut state = self.state();
            self.start_fetcher(&mut state);
            let next = loop {
                if self.is_over() {
                    return;
                }
                if let Some(next) = state.to_fetch.pop_front() {
                    break next;
                }
                state.idle_fetchers += 1;
                state = self
                    .fetch
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                state.idle_fetchers -= 1;
            };
            drop(state);
            match next {
                Fetch::Archive(location) => {
                    let mut claim = Claim::new(self, location, false);
                    let came = self.kit.source.archive(&claim.location);
                    claim.archive(came);
                }
                Fetch::Wheel {
                    location,
                    wanted,
                    eggs_directory,
                } => {
                    let mut claim = Claim::new(self, location, true);
                    match self.wheel(&claim.location) {
                        Ok(ready) => claim.finish(ready, wanted, eggs_directory),
                        Err(error) => claim.end(Err(error)),
                    }
                }
            }
        }
    }

    fn wheel(&self, location: &str) -> Result<Ready> {
        let source = &self.kit.source;
        if let Some(ready) = source.wheel_at_hand(location) {
            return Ok(ready);
        }
        let came = source.archive(location)?;
        let _writing = self.writing()?;
        source.unpacked(location, &came)
    }

    /// A thread with an interpreter.
    pub(super) fn finish_all(&self) {
        let mut compiler = Compiler::new(&self.kit.facts.executable);
        loop {
            let mut state = self.state();
            let next = loop {
                if self.is_over() {
                    return;
                }
                let size = |(_, egg): &(usize, &Egg)| egg.ready.wheel.files.len();
                let largest = state.to_finish.iter().enumerate().max_by_key(size);
                if let Some((at, _)) = largest {
                    break state.to_finish.swap_remove(at);
                }
                state.idle_finishers += 1;
                state = self
                    .finish
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                state.idle_finishers -= 1;
            };
            drop(state);
            let mut claim = Claim::new(self, next.location, true);
            let egg = self.egg(
                &next.ready,
                (&claim.location, &next.wanted),
                &next.eggs_directory,
                &mut compiler,
            );
            claim.end(Ok(Done {
                ready: next.ready,
                egg,
            }));
        }
    }

    fn egg(
        &self,
        ready: &Ready,
        (location, wanted): (&str, &str),
        eggs_directory: &str,
        compiler: &mut Compiler,
    ) -> Result<Prepared> {
        let _writing = self.writing()?;
        let kit = &self.kit;
        let compiled = kit
            .source
            .cache
            .compile(&ready.wheel, &kit.facts, compiler)?;
        if self.is_over() {
            return Err(given_up());
        }
        kit.recipe(ready, &compiled, &source_url(location), wanted)
            .prepare(eggs_directory)
    }
}

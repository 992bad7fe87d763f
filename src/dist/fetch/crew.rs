//! [`Crew`]: threads that fetch, unpack, compile and lay out what will be needed, while the run goes on.
//!
//! What is ordered goes through these stages, each distribution by itself: fetched and unpacked into the cache (network
//! threads), compiled and laid out as an egg beside its place (as many threads as there are processors, each with an
//! interpreter of its own, the largest first). Only giving the egg its name is left to the run, at the point where
//! zc.buildout installs it. Nothing is said here; a failure is kept for whoever takes what was ordered. What nobody takes
//! is gone when the crew is dismissed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use super::board::{Board, Done, Egg, Fetch, Stage};
use super::source::Ready;
use super::work::Kit;
use crate::dist::builder::processors;
use crate::dist::cache::Unpacked;
use crate::error::{Error, Result};
use crate::sys::spool::Spool;

/// The threads, started when there is work for them.
#[derive(Debug)]
pub(super) struct Crew {
    board: Arc<Board>,
    finishers: Vec<JoinHandle<()>>,
}

impl Crew {
    pub(super) fn new(mut kit: Kit) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        kit.source.unwanted = Arc::clone(&stop);
        Self {
            board: Arc::new(Board {
                kit,
                state: Mutex::default(),
                fetch: Condvar::new(),
                finish: Condvar::new(),
                news: Condvar::new(),
                stop,
            }),
            finishers: Vec::new(),
        }
    }

    /// Orders an egg of the wheel at a location, unless it is ordered already.
    pub(super) fn order(&mut self, location: &str, wanted: &str, eggs_directory: &str) {
        let mut state = self.board.state();
        if state.wheels.contains_key(location) {
            return;
        }
        state.wheels.insert(location.to_owned(), Stage::Ordered);
        state.to_fetch.push_back(Fetch::Wheel {
            location: location.to_owned(),
            wanted: wanted.to_owned(),
            eggs_directory: eggs_directory.to_owned(),
        });
        drop(state);
        self.call();
    }

    /// Orders an egg of a wheel that is in the cache already.
    pub(super) fn order_of(
        &mut self,
        (location, wanted): (&str, &str),
        ready: Ready,
        eggs_directory: &str,
    ) {
        let mut state = self.board.state();
        let stage = Stage::Unpacked(ready.wheel.clone());
        if state.wheels.insert(location.to_owned(), stage).is_some() {
            return;
        }
        state.to_finish.push(Egg {
            location: location.to_owned(),
            wanted: wanted.to_owned(),
            ready,
            eggs_directory: eggs_directory.to_owned(),
        });
        drop(state);
        self.call();
    }

    /// Keeps why there is no wheel for whoever asks for one.
    pub(super) fn note_failure(&self, location: &str, error: Box<Error>) {
        let failed = Stage::Ended(Box::new(Err(error)));
        self.board
            .state()
            .wheels
            .insert(location.to_owned(), failed);
    }

    /// Orders an archive as it is.
    pub(super) fn order_archive(&mut self, location: &str) {
        let mut state = self.board.state();
        if state.archives.contains_key(location) {
            return;
        }
        state.archives.insert(location.to_owned(), None);
        state
            .to_fetch
            .push_back(Fetch::Archive(location.to_owned()));
        drop(state);
        self.call();
    }

    /// Whether something was ordered that nobody has taken.
    pub(super) fn has(&self, location: &str) -> bool {
        self.board.state().wheels.contains_key(location)
    }

    /// What became of an order; waits for it. None for what was not ordered.
    pub(super) fn take(&self, location: &str) -> Option<Result<Done>> {
        let mut state = self.board.state();
        loop {
            match state.wheels.get(location)? {
                Stage::Ended(_) => match state.wheels.swap_remove(location)? {
                    Stage::Ended(ended) => return Some(*ended),
                    _ => return None,
                },
                _ => state = self.board.wait(state),
            }
        }
    }

    /// The wheel of an order, once it is in the cache; waits for it.
    pub(super) fn unpacked(&self, location: &str) -> Option<Unpacked> {
        let mut state = self.board.state();
        loop {
            match state.wheels.get(location)? {
                Stage::Ordered => state = self.board.wait(state),
                Stage::Unpacked(wheel) => return Some(wheel.clone()),
                Stage::Ended(ended) => {
                    return ended.as_ref().as_ref().ok().map(|d| d.ready.wheel.clone());
                }
            }
        }
    }

    /// An archive that was ordered; waits for it.
    pub(super) fn take_archive(&self, location: &str) -> Option<Result<Spool>> {
        let mut state = self.board.state();
        loop {
            match state.archives.get(location)? {
                Some(_) => return state.archives.swap_remove(location)?,
                None => state = self.board.wait(state),
            }
        }
    }

    /// Has threads for what is to be done. Where the system gives no more, those that are there do it.
    fn call(&mut self) {
        let mut state = self.board.state();
        self.board.start_fetcher(&mut state);
        // One for each wheel that is on its way, so that they are there when it comes.
        let coming = state.to_fetch.len() + state.to_finish.len();
        if coming > state.idle_finishers && self.finishers.len() < processors() {
            let board = Arc::clone(&self.board);
            let named = std::thread::Builder::new().name("eggs".to_owned());
            let started = named.spawn(move || board.finish_all());
            self.finishers.extend(started);
        }
        let nobody = !state.to_fetch.is_empty() && state.fetchers == 0
            || coming > 0 && self.finishers.is_empty();
        drop(state);
        if nobody {
            self.board.give_up("the system has no threads for it");
        }
        self.board.fetch.notify_one();
        self.board.finish.notify_one();
    }
}

/// What is being written is waited for, so that nothing unfinished stays; what is on its way over the network is not.
impl Drop for Crew {
    fn drop(&mut self) {
        self.board.stop.store(true, Ordering::Relaxed);
        let mut state = self.board.state();
        self.board.fetch.notify_all();
        self.board.finish.notify_all();
        while state.writing > 0 {
            state = self.board.wait(state);
        }
        state.archives.clear();
        let wheels = std::mem::take(&mut state.wheels);
        drop(state);
        drop(wheels);
        for finisher in self.finishers.drain(..) {
            drop(finisher.join());
        }
    }
}

//! [`Board`]: what is ordered, and how far each order is. Where the run and the threads of the crew meet.
//!
//! Nothing is done here; what the threads do is in `work.rs`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;

use super::source::{Ready, given_up};
use super::work::Kit;
use crate::dist::cache::Unpacked;
use crate::dist::egg::Prepared;
use crate::error::{Error, Result};
use crate::sys::spool::Spool;

/// What became of a wheel: whole in the cache, and if all went well an egg of it that waits for its name.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) ready: Ready,
    pub(super) egg: Result<Prepared>,
}

/// How far a wheel is.
#[derive(Debug)]
pub(super) enum Stage {
    Ordered,
    Unpacked(Unpacked),
    Ended(Box<Result<Done>>),
}

/// An egg to be made.
#[derive(Debug)]
pub(super) struct Egg {
    pub(super) location: String,
    /// The project's name in the requirement.
    pub(super) wanted: String,
    pub(super) ready: Ready,
    pub(super) eggs_directory: String,
}

#[derive(Debug)]
pub(super) enum Fetch {
    Wheel {
        location: String,
        /// The project's name in the requirement.
        wanted: String,
        eggs_directory: String,
    },
    Archive(String),
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) to_fetch: VecDeque<Fetch>,
    pub(super) to_finish: Vec<Egg>,
    /// By location.
    pub(super) wheels: IndexMap<String, Stage>,
    /// Archives of sources, by location; none while they are on their way.
    pub(super) archives: IndexMap<String, Option<Result<Spool>>>,
    /// Threads that wait for work.
    pub(super) idle_fetchers: usize,
    pub(super) idle_finishers: usize,
    pub(super) fetchers: usize,
    /// What has come, or failed to.
    pub(super) came: usize,
    /// Threads that write to the disk.
    pub(super) writing: usize,
}

#[derive(Debug)]
pub(super) struct Board {
    pub(super) kit: Kit,
    pub(super) state: Mutex<State>,
    /// There is something to fetch, something to finish, something has become of something.
    pub(super) fetch: Condvar,
    pub(super) finish: Condvar,
    pub(super) news: Condvar,
    /// The crew is dismissed: the same flag as [`Source::unwanted`].
    pub(super) stop: Arc<AtomicBool>,
}

/// While it is there, a thread may write.
pub(super) struct Writing<'a>(&'a Board);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.state().writing -= 1;
        self.0.news.notify_all();
    }
}

impl Board {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.news
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn writing(&self) -> Result<Writing<'_>> {
        let mut state = self.state();
        if self.is_over() {
            return Err(given_up());
        }
        state.writing += 1;
        Ok(Writing(self))
    }

    /// All that is ordered and not begun has failed.
    pub(super) fn give_up(&self, why: &str) {
        let mut state = self.state();
        let failed = || Error::user(format!("It was not fetched: {why}."));
        state.to_fetch.clear();
        state.to_finish.clear();
        for stage in state.wheels.values_mut() {
            if !matches!(stage, Stage::Ended(_)) {
                *stage = Stage::Ended(Box::new(Err(failed())));
            }
        }
        for archive in state.archives.values_mut() {
            archive.get_or_insert_with(|| Err(failed()));
        }
        self.news.notify_all();
    }
}

/// An order that a thread is at work on. Whatever happens to the thread, nobody waits for ever.
pub(super) struct Claim<'a> {
    board: &'a Board,
    pub(super) location: String,
    is_wheel: bool,
    ended: bool,
}

impl<'a> Claim<'a> {
    pub(super) fn new(board: &'a Board, location: String, is_wheel: bool) -> Self {
        Self {
            board,
            location,
            is_wheel,
            ended: false,
        }
    }

    pub(super) fn archive(&mut self, came: Result<Spool>) {
        self.ended = true;
        let mut state = self.board.state();
        state.came += 1;
        if let Some(place) = state.archives.get_mut(&self.location) {
            *place = Some(came);
        }
        drop(state);
        self.board.news.notify_all();
    }

    /// Leaves it to those who make eggs.
    pub(super) fn finish(&mut self, ready: Ready, wanted: String, eggs_directory: String) {
        self.ended = true;
        let mut state = self.board.state();
        state.came += 1;
        let stage = Stage::Unpacked(ready.wheel.clone());
        state.wheels.insert(self.location.clone(), stage);
        state.to_finish.push(Egg {
            wanted,
            location: self.location.clone(),
            ready,
            eggs_directory,
        });
        drop(state);
        self.board.finish.notify_one();
        self.board.news.notify_all();
    }

    pub(super) fn end(&mut self, how: Result<Done>) {
        self.ended = true;
        let mut state = self.board.state();
        let stage = Stage::Ended(Box::new(how));
        state.came += 1;
        let before = state.wheels.insert(self.location.clone(), stage);
        drop(state);
        drop(before);
        self.board.news.notify_all();
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.ended && self.is_wheel {
            self.end(Err(given_up()));
        } else if !self.ended {
            self.archive(Err(given_up()));
        }
    }
}

//! [`Pages`]: pages and metadata of an index that are read before they are needed, many at a time.
//!
//! An index answers a small question as slowly as a large one: what takes time is the way. Nothing is said here, and a
//! failure is kept for whoever needs the page.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::page_source::{self, Answer};
use crate::sys::http::Network;

/// At most so many questions at a time.
const AT_ONCE: usize = 32;

/// With so many threads it begins.
const AT_FIRST: usize = 8;

/// The `METADATA` of a wheel is no longer than this, or it is not looked at.
const LONGEST: u64 = 4 << 20;

#[derive(Debug)]
enum Question {
    Page(String),
    Text(String),
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Question>,
    /// By URL; none while the answer is on its way.
    pages: HashMap<String, Option<Answer>>,
    /// Empty where nothing came.
    texts: HashMap<String, Option<Vec<u8>>>,
    answers: usize,
    threads: usize,
    idle: usize,
    stop: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    asked: Condvar,
    answered: Condvar,
}

/// What was asked for, and what came of it.
#[derive(Debug)]
pub(super) struct Pages {
    network: Network,
    shared: Arc<Shared>,
}

impl Pages {
    pub(super) fn new(network: &Network) -> Self {
        Self {
            network: network.clone(),
            shared: Arc::default(),
        }
    }

    /// Begins to read a page, unless that was begun before.
    pub(super) fn want(&mut self, url: &str) {
        let mut state = self.shared.state();
        if !state.pages.contains_key(url) && self.has_thread(&mut state) {
            state.pages.insert(url.to_owned(), None);
            state.waiting.push_back(Question::Page(url.to_owned()));
            self.shared.asked.notify_one();
        }
    }

    /// Begins to read a text, unless that was begun before.
    pub(super) fn want_text(&mut self, url: &str) {
        let mut state = self.shared.state();
        if !state.texts.contains_key(url) && self.has_thread(&mut state) {
            state.texts.insert(url.to_owned(), None);
            state.waiting.push_back(Question::Text(url.to_owned()));
            self.shared.asked.notify_one();
        }
    }

    /// Whether a page that was asked for came whole; waits for it. None for one that was not asked for.
    pub(super) fn is_good(&self, url: &str) -> Option<bool> {
        let mut state = self.shared.state();
        loop {
            match state.pages.get(url)? {
                None => state = self.shared.wait(state),
                Some(Answer::Page { status, links, .. }) => {
                    return Some(*status < 400 && links.broken.is_none());
                }
                Some(Answer::Failed(_)) => return Some(false),
            }
        }
    }

    /// A page that was asked for; waits for it. It is handed out once.
    pub(super) fn take(&mut self, url: &str) -> Option<Answer> {
        let mut state = self.shared.state();
        loop {
            match state.pages.get(url)? {
                None => state = self.shared.wait(state),
                Some(_) => return state.pages.remove(url)?,
            }
        }
    }

    /// A text that was asked for; waits for it.
    pub(super) fn take_text(&mut self, url: &str) -> Option<Vec<u8>> {
        let mut state = self.shared.state();
        loop {
            if state.texts.get(url)?.is_some() {
                let text = state.texts.remove(url)?;
                return text.filter(|text| !text.is_empty());
            }
            state = self.shared.wait(state);
        }
    }

    /// Whether there is a thread to do it.
    fn has_thread(&self, state: &mut State) -> bool {
        self.shared.start_thread(state, &self.network);
        state.threads > 0
    }
}

/// What is under way is of no use any more; it leaves nothing behind.
impl Drop for Pages {
    fn drop(&mut self) {
        self.shared.state().stop = true;
        self.shared.asked.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let state = self.answered.wait(state);
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts one more thread where all are busy. Their number grows with the answers: a server that was asked nothing yet
    /// does not expect dozens of connections at one blow, and refuses some.
    fn start_thread(self: &Arc<Self>, state: &mut State, network: &Network) {
        let most = AT_ONCE.min(AT_FIRST + state.answers);
        if state.waiting.len() >= state.idle && state.threads < most {
            let (shared, network) = (Arc::clone(self), network.clone());
            let named = std::thread::Builder::new().name("pages".to_owned());
            let started = named.spawn(move || shared.answer_all(&network));
            state.threads += usize::from(started.is_ok());
        }
    }

    fn answer_all(self: &Arc<Self>, network: &Network) {
        loop {
            let mut state = self.state();
            if !state.waiting.is_empty() {
                self.start_thread(&mut state, network);
            }
            let question = loop {
                if state.stop {
                    return;
                }
                if let Some(question) = state.waiting.pop_front() {
                    break question;
                }
                state.idle += 1;
                let woken = self.asked.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            };
            drop(state);
            let mut claim = Claim(self, question, None, None);
            match &claim.1 {
                Question::Page(url) => claim.2 = Some(page_source::read(network, url)),
                Question::Text(url) => claim.3 = page_source::text(network, url, LONGEST),
            }
        }
    }
}

/// A question that a thread is at work on, and the answer. Whatever happens to the thread, nobody waits for ever.
struct Claim<'a>(&'a Shared, Question, Option<Answer>, Option<Vec<u8>>);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        match &self.1 {
            Question::Page(url) => {
                // Without an answer it is as if nobody had asked before.
                if let Some(answer) = self.2.take() {
                    state.pages.insert(url.clone(), Some(answer));
                } else {
                    state.pages.remove(url);
                }
            }
            Question::Text(url) => {
                state
                    .texts
                    .insert(url.clone(), Some(self.3.take().unwrap_or_default()));
            }
        }
        state.answers += 1;
        drop(state);
        self.0.answered.notify_all();
    }
}

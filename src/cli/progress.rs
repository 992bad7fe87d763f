//! How downloads and builds go on, on one line of a terminal. Nothing elsewhere: redirected output stays clean.
//!
//! Threads report at any time, and the run prints lines meanwhile: whoever prints takes the line away first
//! ([`without_line`]). It comes back with the next report.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::sys::http::{Progress, ProgressSink};

/// The line is drawn no more often than this.
const PAUSE: Duration = Duration::from_millis(50);

/// Characters of the bar.
const WIDTH: usize = 20;

/// Characters of the whole line: one that the terminal breaks could not be taken away again.
const LONGEST: usize = 79;

/// Standard error is one for the whole process, and so is the line on it.
static LINE: Mutex<State> = Mutex::new(State {
    running: Vec::new(),
    expected: 0,
    finished: 0,
    came: 0,
    drawn: 0,
    when: None,
});

#[derive(Default)]
struct State {
    /// What is under way.
    running: Vec<Running>,
    /// How much was asked for.
    expected: usize,
    finished: usize,
    /// Bytes of what is finished.
    came: u64,
    /// Characters on the line now.
    drawn: usize,
    when: Option<Instant>,
}

struct Running {
    id: u64,
    name: String,
    so_far: u64,
    /// None where nobody said.
    bytes: Option<u64>,
}

/// A line on standard error, if that is a terminal.
pub(super) fn on_terminal() -> Option<ProgressSink> {
    if !io::stderr().is_terminal() {
        return None;
    }
    Some(Arc::new(|progress| {
        let mut line = line();
        line.take(progress);
        line.draw();
    }))
}

/// Prints with no line in the way.
pub(super) fn without_line(print: impl FnOnce()) {
    let mut line = line();
    line.clear();
    print();
}

fn line() -> MutexGuard<'static, State> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn take(&mut self, progress: Progress) {
        match progress {
            Progress::Expected => self.expected += 1,
            Progress::Started { id, name, bytes } => self.running.push(Running {
                id,
                name,
                so_far: 0,
                bytes,
            }),
            Progress::Advanced { id, bytes } => {
                if let Some(running) = self.running.iter_mut().find(|running| running.id == id) {
                    running.so_far += bytes;
                }
            }
            Progress::Finished { id } => {
                if let Some(at) = self.running.iter().position(|running| running.id == id) {
                    self.came += self.running.remove(at).so_far;
                    self.finished += 1;
                }
            }
        }
    }

    fn draw(&mut self) {
        if self.running.is_empty() {
            self.clear();
            return;
        }
        if self.when.is_some_and(|when| when.elapsed() < PAUSE) {
            return;
        }
        self.when = Some(Instant::now());
        let text = self.text();
        let blank = " ".repeat(self.drawn.saturating_sub(text.chars().count()));
        self.drawn = text.chars().count();
        drop(write!(io::stderr().lock(), "\r{text}{blank}"));
    }

    fn clear(&mut self) {
        if self.drawn > 0 {
            let blank = " ".repeat(self.drawn);
            drop(write!(io::stderr().lock(), "\r{blank}\r"));
            self.drawn = 0;
            self.when = None;
        }
    }

    /// `[========            ] 2 of 5  1.2 MB  superlance 0.3/0.5 MB`: what is finished, what has come, the newest of what is
    /// under way.
    fn text(&self) -> String {
        let count = self.expected.max(self.finished + self.running.len()).max(1);
        let done = "=".repeat(WIDTH * self.finished.min(count) / count);
        let so_far = self.running.iter().map(|running| running.so_far);
        let came = megabytes(self.came + so_far.sum::<u64>());
        let mut text = format!("[{done:<WIDTH$}] {} of {count}  {came} MB", self.finished);
        if let Some(newest) = self.running.last() {
            let size = newest.bytes.map_or_else(String::new, |bytes| {
                format!(" {}/{} MB", megabytes(newest.so_far), megabytes(bytes))
            });
            let room = LONGEST.saturating_sub(text.len() + size.len() + 2);
            // An index may call a file what it likes.
            let name = newest.name.chars().filter(|c| !c.is_control());
            let name: String = name.take(room).collect();
            text.push_str(&format!("  {name}{size}"));
        }
        text
    }
}

/// With one decimal.
fn megabytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_counts_downloads_and_bytes() {
        let mut state = State::default();
        for _ in 0..4 {
            state.take(Progress::Expected);
        }
        let started = |id, name: &str, bytes| Progress::Started {
            id,
            name: name.to_owned(),
            bytes,
        };
        state.take(started(1, "a", Some(2_500_000)));
        state.take(started(2, "b", Some(500_000)));
        let bytes = 250_000;
        state.take(Progress::Advanced { id: 2, bytes });
        let none = "[                    ] 0 of 4  0.2 MB  b 0.2/0.5 MB";
        assert_eq!(state.text(), none);
        state.take(Progress::Finished { id: 2 });
        let one = "[=====               ] 1 of 4  0.2 MB  a 0.0/2.5 MB";
        assert_eq!(state.text(), one);
        state.take(Progress::Finished { id: 1 });
        state.take(started(3, "building c", None));
        let two = "[==========          ] 2 of 4  0.2 MB  building c";
        assert_eq!(state.text(), two);
        let long = format!("\u{1b}[31m{}", "d".repeat(90));
        state.take(started(4, &long, Some(123_456_789)));
        assert_eq!(
            state.text(),
            "[==========          ] 2 of 4  0.2 MB  [31mddddddddddddddddddddddd 0.0/123.4 MB"
        );
        assert_eq!(state.text().len(), LONGEST);
    }
}

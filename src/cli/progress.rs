//! How downloads go on, on one line of a terminal. Nothing elsewhere: redirected output stays clean.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::render::Style;
use crate::sys::http::{Progress, ProgressSink};

#[derive(Default)]
struct State {
    /// Downloads under way: id, name, bytes so far, bytes in all.
    running: Vec<(u64, String, u64, Option<u64>)>,
    finished: usize,
    /// Characters on the line now.
    drawn: usize,
}

/// A line on standard error, if that is a terminal.
pub(super) fn on_terminal(_style: Style) -> Option<ProgressSink> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let state = Mutex::new(State::default());
    Some(Arc::new(move |progress| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.take(progress);
        state.draw();
    }))
}

impl State {
    fn take(&mut self, progress: Progress) {
        match progress {
            Progress::Started { id, name, bytes } => self.running.push((id, name, 0, bytes)),
            Progress::Advanced { id, bytes } => {
                if let Some(download) = self.running.iter_mut().find(|download| download.0 == id) {
                    download.2 += bytes;
                }
            }
            Progress::Finished { id } => {
                self.running.retain(|download| download.0 != id);
                self.finished += 1;
            }
        }
    }

    fn draw(&mut self) {
        let line = self.line();
        let blank = " ".repeat(self.drawn.saturating_sub(line.chars().count()));
        self.drawn = line.chars().count();
        let end = if line.is_empty() { "\r" } else { "" };
        drop(write!(io::stderr().lock(), "\r{line}{blank}{end}"));
    }

    /// `  2 of 5  superlance 1.2/3.4 MB`; empty when nothing is under way.
    fn line(&self) -> String {
        let Some((_, name, _, _)) = self.running.last() else {
            return String::new();
        };
        let (so_far, all) = self
            .running
            .iter()
            .fold((0, Some(0)), |(so_far, all), download| {
                (so_far + download.2, all.zip(download.3).map(|(a, b)| a + b))
            });
        let count = self.finished + self.running.len();
        let size = match all {
            Some(all) => format!("{}/{} MB", megabytes(so_far), megabytes(all)),
            None => format!("{} MB", megabytes(so_far)),
        };
        let name: String = name.chars().take(40).collect();
        format!("  {} of {count}  {name} {size}", self.finished)
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
        state.take(Progress::Started {
            id: 1,
            name: "a".into(),
            bytes: Some(2_500_000),
        });
        state.take(Progress::Started {
            id: 2,
            name: "b".into(),
            bytes: Some(500_000),
        });
        state.take(Progress::Advanced {
            id: 2,
            bytes: 250_000,
        });
        assert_eq!(state.line(), "  0 of 2  b 0.2/3.0 MB");
        state.take(Progress::Finished { id: 1 });
        state.take(Progress::Finished { id: 2 });
        assert_eq!(state.line(), "");
    }
}

//! Progress lines with zc.buildout's wording, levels and order.
//!
//! A [`Log`] decides by level and remembers; it does not print: `cli` gives it a sink. Steps whose lines must come out
//! later (a part is computed before the first file is touched) write to a [`Log::captured`] one and replay it.
//!
//! zc.buildout: buildout.py, `_setup_logging`; the loggers `zc.buildout` (message alone) and the others (`name: message`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::error::Diagnostic;
use crate::log_format::{LogFormat, Record};

/// Python's logging levels; `-v` and `-q` move the threshold by tens.
pub const DEBUG: i32 = 10;
pub const INFO: i32 = 20;
pub const WARNING: i32 = 30;
pub const ERROR: i32 = 40;

/// Something to be shown.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A line (or several) of standard output, as zc.buildout prints it.
    Line(String),
    /// Text of standard error that zc.buildout prints too, line end included.
    Stderr(String),
    /// Ours, for standard error.
    Diagnostic(Diagnostic),
}

type Sink = Rc<RefCell<dyn FnMut(&Entry)>>;

/// Where progress goes. Cheap to clone; clones share threshold, format and sink.
#[derive(Clone)]
pub struct Log {
    /// Who says it, as Python's loggers are named.
    logger: &'static str,
    threshold: Rc<Cell<i32>>,
    /// `log-format`, where it is set.
    format: Rc<RefCell<Option<LogFormat>>>,
    /// Whether what the logger `root` says is for distutils to print: warnings alone, to standard error.
    by_distutils: bool,
    sink: Sink,
}

/// The logger of what is said about distributions and scripts.
pub const EASY_INSTALL: &str = "zc.buildout.easy_install";

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("threshold", &self.threshold)
            .finish_non_exhaustive()
    }
}

/// The entries that a captured log has taken.
pub type Captured = Rc<RefCell<Vec<Entry>>>;

impl Log {
    /// A log that shows entries at or above `threshold` through `sink`.
    pub fn new(threshold: i32, sink: impl FnMut(&Entry) + 'static) -> Self {
        Self {
            logger: "zc.buildout",
            threshold: Rc::new(Cell::new(threshold)),
            format: Rc::default(),
            by_distutils: false,
            sink: Rc::new(RefCell::new(sink)),
        }
    }

    /// A log with the same threshold that keeps its entries.
    pub fn captured(&self) -> (Self, Captured) {
        self.captured_while(&Rc::new(Cell::new(true)))
    }

    /// A log that keeps its entries while `keeps` is set, and shows them otherwise.
    pub fn captured_while(&self, keeps: &Rc<Cell<bool>>) -> (Self, Captured) {
        let entries = Captured::default();
        let sink = Rc::clone(&entries);
        let (keeps, shown) = (Rc::clone(keeps), Rc::clone(&self.sink));
        let log = Self {
            logger: self.logger,
            threshold: Rc::clone(&self.threshold),
            format: Rc::clone(&self.format),
            by_distutils: self.by_distutils,
            sink: Rc::new(RefCell::new(move |entry: &Entry| {
                if keeps.get() {
                    sink.borrow_mut().push(entry.clone());
                } else {
                    (shown.borrow_mut())(entry);
                }
            })),
        };
        (log, entries)
    }

    /// The same log under the name of another logger.
    #[must_use]
    pub fn named(&self, logger: &'static str) -> Self {
        Self {
            logger,
            ..self.clone()
        }
    }

    /// The same log, where `root` speaks as distutils did before it used Python's loggers.
    // distutils: log.py, `Log._log`.
    #[must_use]
    pub fn by_distutils(&self, is_so: bool) -> Self {
        Self {
            by_distutils: is_so,
            ..self.clone()
        }
    }

    pub fn set_format(&self, format: LogFormat) {
        *self.format.borrow_mut() = Some(format);
    }

    pub fn set_threshold(&self, level: i32) {
        self.threshold.set(level);
    }

    pub fn threshold(&self) -> i32 {
        self.threshold.get()
    }

    pub fn enabled(&self, level: i32) -> bool {
        level >= self.threshold.get()
    }

    /// A message of the logger `zc.buildout` and its children, which print it alone.
    pub fn say(&self, level: i32, message: &str) {
        if self.enabled(level) {
            let line = self.formatted(self.logger, level, message);
            self.show(&Entry::Line(line.unwrap_or_else(|| message.to_owned())));
        }
    }

    /// A message of another logger: `name: message`.
    pub fn say_as(&self, logger: &str, level: i32, message: &str) {
        if self.by_distutils && logger == "root" {
            if level >= WARNING {
                self.show(&Entry::Stderr(format!("{message}\n")));
            }
            return;
        }
        if self.enabled(level) {
            let line = self.formatted(logger, level, message);
            self.show(&Entry::Line(
                line.unwrap_or_else(|| format!("{logger}: {message}")),
            ));
        }
    }

    fn formatted(&self, logger: &str, level: i32, message: &str) -> Option<String> {
        let format = self.format.borrow();
        let record = Record {
            logger,
            level,
            message,
        };
        format.as_ref().map(|format| format.line(record))
    }

    /// A diagnostic of our own. The level does not hide it.
    pub fn diagnose(&self, diagnostic: Diagnostic) {
        self.show(&Entry::Diagnostic(diagnostic));
    }

    /// Shows an entry as it is; for printing what has no level and for replaying.
    pub fn show(&self, entry: &Entry) {
        (self.sink.borrow_mut())(entry);
    }
}

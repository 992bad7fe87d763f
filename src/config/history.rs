//! [`AnnotatedValue`]: a value with all that was done to it, by whom. zc.buildout: buildout.py, `SectionKey`, `HistoryItem`.

use crate::text::{Origin, Text};

/// Who set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Built in.
    Default,
    /// Worked out: the directory of the buildout.
    Computed,
    CommandLine,
    /// The empty value that a `+=` or `-=` without a base starts from.
    Implicit,
    /// A file: its path or URL.
    File(String),
}

impl Setter {
    /// As `annotate` names it.
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "DEFAULT_VALUE",
            Self::Computed => "COMPUTED_VALUE",
            Self::CommandLine => "COMMAND_LINE_VALUE",
            Self::Implicit => "IMPLICIT_VALUE",
            Self::File(name) => name,
        }
    }
}

/// What was done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Set,
    Override,
    Add,
    Remove,
    /// A directory was made absolute.
    Directory,
}

impl Operation {
    /// As `annotate -v` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Override => "OVERRIDE",
            Self::Add => "ADD",
            Self::Remove => "REMOVE",
            Self::Directory => "DIRECTORY",
        }
    }
}

/// One thing that was done to a value.
#[derive(Clone, Debug)]
pub struct Change {
    pub operation: Operation,
    /// The operand: the value set, the lines added or removed.
    pub value: Text,
    pub setter: Setter,
    /// Where the option's name was written.
    pub at: Option<Origin>,
}

/// A value and its history, oldest first.
#[derive(Clone, Debug)]
pub struct AnnotatedValue {
    pub value: Text,
    pub history: Vec<Change>,
}

impl AnnotatedValue {
    pub fn new(value: Text, setter: Setter, at: Option<Origin>) -> Self {
        let first = Change {
            operation: Operation::Set,
            value: value.clone(),
            setter,
            at,
        };
        Self {
            value,
            history: vec![first],
        }
    }

    /// The one who touched it last.
    pub fn setter(&self) -> &Setter {
        self.history
            .last()
            .map_or(&Setter::Implicit, |change| &change.setter)
    }

    /// Where it was touched last.
    pub fn at(&self) -> Option<&Origin> {
        self.history.last().and_then(|change| change.at.as_ref())
    }

    /// A higher layer's value takes the place of this one. One that was made by `+=` or `-=` already contains this
    /// one, so its own history stands.
    // zc.buildout: buildout.py, SectionKey.overrideValue
    pub fn override_with(&mut self, other: &Self) {
        self.value = other.value.clone();
        match other.history.last() {
            Some(last) if !matches!(last.operation, Operation::Add | Operation::Remove) => {
                self.history.push(Change {
                    operation: Operation::Override,
                    value: other.value.clone(),
                    setter: last.setter.clone(),
                    at: last.at.clone(),
                });
            }
            _ => self.history = other.history.clone(),
        }
    }

    /// Made absolute.
    pub fn set_directory(&mut self, value: &str) {
        self.value = Text::from(value);
        let setter = self.setter().clone();
        let at = self.at().cloned();
        self.history.push(Change {
            operation: Operation::Directory,
            value: self.value.clone(),
            setter,
            at,
        });
    }

    /// `+=`: the other's lines after this one's.
    // zc.buildout: buildout.py, SectionKey.addToValue
    pub fn add(&mut self, other: &Self) {
        self.value.push_str("\n");
        self.value.push(&other.value);
        self.record(Operation::Add, other);
    }

    /// `-=`: without the other's lines.
    // zc.buildout: buildout.py, SectionKey.removeFromValue
    pub fn remove(&mut self, other: &Self) {
        let removed: Vec<&str> = other.value.as_str().split('\n').collect();
        let mut value = Text::new();
        let mut first = true;
        for line in self.value.split('\n') {
            if removed.contains(&line.as_str()) {
                continue;
            }
            if !first {
                value.push_str("\n");
            }
            first = false;
            value.push(&line);
        }
        self.value = value;
        self.record(Operation::Remove, other);
    }

    fn record(&mut self, operation: Operation, other: &Self) {
        self.history.push(Change {
            operation,
            value: other.value.clone(),
            setter: other.setter().clone(),
            at: other.at().cloned(),
        });
    }
}

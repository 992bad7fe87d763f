//! [`AnnotatedValue`]: a value with all that was done to it, by whom. zc.buildout: buildout.py, `SectionKey`, `HistoryItem`.
//!
//! A file that is extended in many ways leaves its changes once for every way, which can be billions: a [`History`]
//! shares them, and who walks it says how far.

use std::sync::Arc;

use super::reader::{Assignment, Besides};
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
    File(Arc<str>),
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
    /// What else the same file says of the option. zc.buildout forgets it while it reads; `annotate` has it not.
    pub besides: Option<Arc<Besides>>,
}

/// Changes, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    items: Items,
    /// What lower layers had done before a value with a history of its own took the place of theirs, the uppermost first.
    /// zc.buildout knows it no more.
    replaced: Option<Arc<Vec<Arc<History>>>>,
}

#[derive(Clone, Debug)]
enum Item {
    One(Arc<Change>),
    /// A run of changes that other histories contain too.
    Many(Arc<History>),
}

/// Nearly all values have one.
#[derive(Clone, Debug, Default)]
enum Items {
    #[default]
    None,
    One(Item),
    Many(Vec<Item>),
}

impl Items {
    fn as_slice(&self) -> &[Item] {
        match self {
            Self::None => &[],
            Self::One(item) => std::slice::from_ref(item),
            Self::Many(items) => items,
        }
    }

    fn push(&mut self, item: Item) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(item),
            Self::One(first) => Self::Many(vec![first, item]),
            Self::Many(mut items) => {
                items.push(item);
                Self::Many(items)
            }
        };
    }
}

/// Runs up to this length are copied, longer ones shared.
const COPIED: usize = 8;
/// So many replaced histories are remembered.
const MOST_REPLACED: usize = 100;

impl History {
    pub fn push(&mut self, change: Change) {
        self.items.push(Item::One(Arc::new(change)));
    }

    /// Adds all changes of another history.
    pub fn append(&mut self, other: &Self) {
        let items = other.items.as_slice();
        if self.items.as_slice().is_empty() || items.len() <= COPIED {
            for item in items {
                self.items.push(item.clone());
            }
        } else {
            self.items.push(Item::Many(Arc::new(other.clone())));
        }
    }

    /// Takes the place of another.
    pub fn replace(&mut self, mut lower: Self) {
        let below = lower.replaced.take();
        let all = Arc::make_mut(self.replaced.get_or_insert_default());
        all.push(Arc::new(lower));
        all.extend(below.iter().flat_map(|below| below.iter().cloned()));
        all.truncate(MOST_REPLACED);
    }

    /// Histories whose place it took, the uppermost first.
    pub fn replaced(&self) -> impl Iterator<Item = &Self> {
        self.replaced
            .iter()
            .flat_map(|all| all.iter().map(Arc::as_ref))
    }

    pub fn last(&self) -> Option<&Change> {
        self.latest_first().next()
    }

    /// From the last change back.
    pub fn latest_first(&self) -> LatestFirst<'_> {
        LatestFirst {
            open: vec![whole(self)],
        }
    }
}

/// Iterator of [`History::latest_first`].
#[derive(Debug)]
pub struct LatestFirst<'a> {
    open: Vec<(&'a [Item], usize)>,
}

impl<'a> Iterator for LatestFirst<'a> {
    type Item = &'a Change;

    fn next(&mut self) -> Option<&'a Change> {
        loop {
            let (items, left) = self.open.last_mut()?;
            if *left == 0 {
                self.open.pop();
                continue;
            }
            *left -= 1;
            let items: &'a [Item] = items;
            match items.get(*left)? {
                Item::One(change) => return Some(change),
                Item::Many(history) => self.open.push(whole(history)),
            }
        }
    }
}

fn whole(history: &History) -> (&[Item], usize) {
    let items = history.items.as_slice();
    (items, items.len())
}

/// A value and its history.
#[derive(Clone, Debug)]
pub struct AnnotatedValue {
    pub value: Text,
    pub history: History,
}

impl AnnotatedValue {
    pub fn new(value: Text, setter: Setter, at: Option<Origin>) -> Self {
        let mut history = History::default();
        history.push(Change {
            operation: Operation::Set,
            value: value.clone(),
            setter,
            at,
            besides: None,
        });
        Self { value, history }
    }

    /// An assignment of a file.
    pub fn assigned(assignment: Assignment, setter: Setter) -> Self {
        let mut history = History::default();
        history.push(Change {
            operation: Operation::Set,
            value: assignment.value.clone(),
            setter,
            at: Some(assignment.at),
            besides: assignment.besides,
        });
        Self {
            value: assignment.value,
            history,
        }
    }

    /// The empty value that a `+=` or `-=` without a base starts from.
    pub fn implicit() -> Self {
        Self::new(Text::new(), Setter::Implicit, None)
    }

    /// The one who touched it last.
    pub fn setter(&self) -> &Setter {
        self.history
            .last()
            .map_or(&Setter::Implicit, |change| &change.setter)
    }

    /// What else the file says that touched it last.
    pub fn besides(&self) -> Option<&Arc<Besides>> {
        self.history
            .last()
            .and_then(|change| change.besides.as_ref())
    }

    /// Where it was touched last.
    pub fn at(&self) -> Option<&Origin> {
        self.history.last().and_then(|change| change.at.as_ref())
    }

    /// What is noted where this value takes the place of a lower layer's. `None` where it was made by `+=` or `-=`: it
    /// then already contains the lower one, and its own history stands.
    // zc.buildout: buildout.py, SectionKey.overrideValue
    pub fn as_override(&self) -> Option<Change> {
        let last = self.history.last()?;
        if matches!(last.operation, Operation::Add | Operation::Remove) {
            return None;
        }
        Some(Change {
            operation: Operation::Override,
            value: self.value.clone(),
            setter: last.setter.clone(),
            at: last.at.clone(),
            besides: last.besides.clone(),
        })
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
            besides: None,
        });
    }

    /// `+=`: lines after this one's. `-=`: without these lines.
    // zc.buildout: buildout.py, SectionKey.addToValue, removeFromValue
    pub fn edit(&mut self, change: &Arc<Change>) {
        if change.operation == Operation::Remove {
            self.remove(&change.value);
        } else {
            self.value.push_str("\n");
            self.value.push(&change.value);
        }
        self.history.items.push(Item::One(Arc::clone(change)));
    }

    fn remove(&mut self, lines: &Text) {
        let removed: std::collections::HashSet<&str> = lines.as_str().split('\n').collect();
        let mut value = Text::new();
        let mut first = true;
        for line in self.value.as_str().split('\n') {
            if removed.contains(line) {
                continue;
            }
            if !first {
                value.push_str("\n");
            }
            first = false;
            value.push(&self.value.piece(line));
        }
        self.value = value;
    }
}

impl Extend<Arc<Change>> for History {
    fn extend<T: IntoIterator<Item = Arc<Change>>>(&mut self, changes: T) {
        for change in changes {
            self.items.push(Item::One(change));
        }
    }
}

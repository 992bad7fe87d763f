//! [`Lines`]: what `Requires-Dist` says, each text read once.
//!
//! Hundreds of distributions ask for the same in the same words, under the same interpreter.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::dist::legacy::Grammar;
use crate::dist::marker::Marker;
use crate::dist::requirement::{self, Requirement};
use crate::error::Result;

#[derive(Debug, Default)]
pub(super) struct Lines(RefCell<HashMap<String, Rc<[Line]>>>);

/// One requirement of a text.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) requirement: Requirement,
    /// Whether its marker may say something else with an extra.
    pub(super) names_extra: bool,
    holds: OnceCell<bool>,
}

impl Lines {
    /// The requirements that a text has: one, if it is as it should be.
    pub(super) fn read(&self, text: &str, grammar: Grammar) -> Result<Rc<[Line]>> {
        if let Some(read) = self.0.borrow().get(text) {
            return Ok(Rc::clone(read));
        }
        let line = |requirement: Requirement| Line {
            names_extra: requirement.marker().is_some_and(Marker::names_extra),
            requirement,
            holds: OnceCell::new(),
        };
        let all = requirement::parse_all(text, grammar)?;
        let read: Rc<[Line]> = all.into_iter().map(line).collect();
        let mut known = self.0.borrow_mut();
        known.insert(text.to_owned(), Rc::clone(&read));
        Ok(read)
    }
}

impl Line {
    /// Whether it holds without an extra. `markers` are the same in all questions.
    pub(super) fn holds(&self, markers: &IndexMap<String, String>) -> Result<bool> {
        if let Some(holds) = self.holds.get() {
            return Ok(*holds);
        }
        let holds = self.requirement.holds(markers, "")?;
        Ok(*self.holds.get_or_init(|| holds))
    }
}

//! Conditions of sections, for the interpreter of the buildout.
//!
//! PEP 508 markers are decided from the interpreter's facts; zc.buildout's older Python expressions are not read yet.

use std::rc::Rc;

use super::Surroundings;
use crate::config::load::Evaluator;
use crate::dist::marker::Marker;
use crate::error::{Error, Result};
use crate::python::Facts;

/// Decides by the facts of one interpreter, which is asked when the first condition comes.
#[derive(Debug)]
pub(super) struct MarkerEvaluator {
    executable: String,
    surroundings: Rc<Surroundings>,
}

impl MarkerEvaluator {
    pub(super) fn new(executable: &str, surroundings: Rc<Surroundings>) -> Self {
        Self {
            executable: executable.to_owned(),
            surroundings,
        }
    }
}

impl Evaluator for MarkerEvaluator {
    fn evaluate(&self, expression: &str) -> Result<bool> {
        let Ok(marker) = Marker::parse(expression) else {
            return Err(Error::user(
                "Python expressions in section headers can't be read yet; use an environment marker",
            ));
        };
        let facts = Facts::load(&self.executable, &self.surroundings.cache())?;
        marker.holds(&facts.markers, "")
    }
}

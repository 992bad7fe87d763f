//! [`Marker`]: the condition of a requirement: `python_version < "3.12" and extra == "web"`.
//!
//! Not the crate pep508_rs, which knows markers too but turns them into decision trees and forgets how they were written; messages quote
//! them as packaging writes them (`Marker`), so they are kept here as packaging keeps them. Reading: `requirement.rs`.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;

use super::name;
use super::specifier::Specifier;
use super::version::Version;
use crate::error::{Error, Result};

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Variable(String),
    Value(String),
}

/// A part of a marker, in the order of writing; `and` binds before `or`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Comparison(Operand, &'static str, Operand),
    Group(Vec<Node>),
    And,
    Or,
}

/// The condition of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    nodes: Vec<Node>,
}

/// Variables whose values compare as versions.
const VERSIONS: [&str; 4] = [
    "implementation_version",
    "platform_release",
    "python_full_version",
    "python_version",
];

impl Marker {
    pub(super) fn new(mut nodes: Vec<Node>) -> Self {
        nodes.iter_mut().for_each(normalise_extra);
        Self { nodes }
    }

    /// Reads a marker; an error in packaging's words.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        super::requirement_reader::read_marker(text)
    }

    /// Whether it holds for the interpreter with these values, for an extra (`""` for none).
    pub fn holds(&self, environment: &IndexMap<String, String>, extra: &str) -> Result<bool> {
        let extra = if extra.is_empty() {
            String::new()
        } else {
            name::canonical(extra)
        };
        all_of(&self.nodes, environment, &extra)
    }

    /// Whether both are written the same, whatever parentheses they were read with.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let has_groups = |marker: &Self| {
            let mut nodes = marker.nodes.iter();
            nodes.any(|node| matches!(node, Node::Group(_)))
        };
        self == other
            || (has_groups(self) || has_groups(other)) && self.to_string() == other.to_string()
    }

    /// Whether its answer may be another with another extra.
    pub(super) fn names_extra(&self) -> bool {
        self.nodes.iter().any(names_extra)
    }
}

impl Marker {
    /// The extras that it compares with, outside of parentheses.
    // setuptools: _discovery.py, `extras_from_dep`.
    pub(super) fn extras(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Comparison(Operand::Variable(variable), _, Operand::Value(value))
                if variable == "extra" =>
            {
                Some(value.as_str())
            }
            _ => None,
        })
    }
}

/// Names of extras compare in canonical spelling. packaging: `_normalize_extras`.
fn normalise_extra(node: &mut Node) {
    match node {
        Node::Comparison(Operand::Variable(variable), _, Operand::Value(value))
        | Node::Comparison(Operand::Value(value), _, Operand::Variable(variable))
            if variable == "extra" =>
        {
            *value = name::canonical(value);
        }
        Node::Group(nodes) => nodes.iter_mut().for_each(normalise_extra),
        _ => {}
    }
}

fn names_extra(node: &Node) -> bool {
    let is_extra = |side: &Operand| matches!(side, Operand::Variable(name) if name == "extra");
    match node {
        Node::Comparison(left, _, right) => is_extra(left) || is_extra(right),
        Node::Group(nodes) => nodes.iter().any(names_extra),
        Node::And | Node::Or => false,
    }
}

fn all_of(nodes: &[Node], environment: &IndexMap<String, String>, extra: &str) -> Result<bool> {
    // A list of `and` groups, of which one must hold; all are evaluated, as one may be in error.
    let mut holds = false;
    let mut group = true;
    for node in nodes {
        match node {
            Node::Comparison(left, operator, right) => {
                group &= compare(left, operator, right, environment, extra)?;
            }
            Node::Group(nodes) => group &= all_of(nodes, environment, extra)?,
            Node::And => {}
            Node::Or => {
                holds |= group;
                group = true;
            }
        }
    }
    Ok(holds | group)
}

// packaging: markers.py, `_evaluate_markers`, `_eval_op`.
fn compare(
    left: &Operand,
    operator: &str,
    right: &Operand,
    environment: &IndexMap<String, String>,
    extra: &str,
) -> Result<bool> {
    let value_of = |variable: &str| {
        let value = if variable == "extra" {
            extra
        } else {
            environment.get(variable).map_or_else(
                || {
                    Err(Error::user(format!(
                        "{} is no environment marker.",
                        crate::pystr::repr(variable)
                    )))
                },
                |value| Ok(value.as_str()),
            )?
        };
        // An untagged build of Python calls itself `3.13.0+`.
        Ok::<_, Box<Error>>(
            if variable == "python_full_version" && value.ends_with('+') {
                Cow::Owned(format!("{value}local"))
            } else {
                Cow::Borrowed(value)
            },
        )
    };
    let (variable, left, right) = match (left, right) {
        (Operand::Variable(variable), Operand::Variable(value) | Operand::Value(value)) => {
            (variable, value_of(variable)?, Cow::Borrowed(value.as_str()))
        }
        (Operand::Value(value), Operand::Variable(variable) | Operand::Value(variable)) => {
            (variable, Cow::Borrowed(value.as_str()), value_of(variable)?)
        }
    };
    if VERSIONS.contains(&variable.as_str())
        && let Some(specifier) = Specifier::parse(&format!("{operator}{right}"))
    {
        return Ok(specifier.contains(&Version::new(&left)));
    }
    match operator {
        "in" => Ok(right.contains(&*left)),
        "not in" => Ok(!right.contains(&*left)),
        "==" | "<=" | ">=" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" | ">" => Ok(false),
        _ => Err(Error::user(format!(
            "Undefined {} on {} and {}.",
            crate::pystr::repr(operator),
            crate::pystr::repr(&left),
            crate::pystr::repr(&right)
        ))),
    }
}

/// As packaging writes it. packaging: markers.py, `_format_marker`.
impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&list_text(&self.nodes, true))
    }
}

fn list_text(nodes: &[Node], first: bool) -> String {
    if let [only @ (Node::Group(_) | Node::Comparison(..))] = nodes {
        return text(only, first);
    }
    let inner: Vec<String> = nodes.iter().map(|node| text(node, false)).collect();
    let inner = inner.join(" ");
    if first { inner } else { format!("({inner})") }
}

fn text(node: &Node, first: bool) -> String {
    match node {
        Node::Comparison(left, operator, right) => {
            format!("{} {operator} {}", operand(left), operand(right))
        }
        Node::Group(nodes) => list_text(nodes, first),
        Node::And => "and".to_owned(),
        Node::Or => "or".to_owned(),
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Variable(name) => name.clone(),
        Operand::Value(value) if value.contains('"') => format!("'{value}'"),
        Operand::Value(value) => format!("\"{value}\""),
    }
}

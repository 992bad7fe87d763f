//! `<=`: a section that starts as a copy of others.
//!
//! It happens when a section is first needed, on values before substitution, so that `${:option}` in the copy means the
//! copy. zc.buildout: buildout.py, `Options._do_extend_raw`.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::Section;
use super::history::{AnnotatedValue, Setter};
use super::merge::merge_section;
use crate::error::{Diagnostic, Doing, Error, Result};
use crate::pystr::{repr, strip};
use crate::text::Text;
use crate::wording::did_you_mean;

/// Options of a section, before substitution.
pub type RawOptions = IndexMap<String, Text>;

/// The options of `section` with those of the sections that its `<` names below them. `all` are the sections as they
/// were read.
pub fn expand<'a>(
    section: &'a str,
    options: &'a RawOptions,
    all: &'a IndexMap<String, RawOptions>,
) -> Result<RawOptions> {
    Expansion {
        all,
        under_way: Vec::new(),
        done: HashMap::new(),
    }
    .of(section, options)
}

/// Deeper ones are nobody's; Python would give up with a traceback.
const DEEPEST: usize = 400;

struct Expansion<'a> {
    all: &'a IndexMap<String, RawOptions>,
    under_way: Vec<&'a str>,
    /// Each section is expanded once, however often it is copied.
    done: HashMap<&'a str, RawOptions>,
}

impl<'a> Expansion<'a> {
    fn of(&mut self, name: &'a str, options: &'a RawOptions) -> Result<RawOptions> {
        if name == "buildout" {
            return Ok(options.clone());
        }
        let bases = options.get("<");
        if self.under_way.contains(&name) {
            return Err(endless(&self.under_way, name, bases));
        }
        let Some(bases) = bases else {
            return Ok(options.clone());
        };
        if let Some(done) = self.done.get(name) {
            return Ok(done.clone());
        }
        if self.under_way.len() >= DEEPEST {
            let message = format!("More than {DEEPEST} sections copy one another");
            let diagnostic = Diagnostic::error("macro-depth", "the chain of `<=` is too long");
            return Err(Error::user(message).with(diagnostic.at(bases)));
        }
        self.under_way.push(name);
        let result = self
            .copies(bases)
            .doing(|| format!("Loading input sections for {}", repr(name)))?;
        self.under_way.pop();
        let mut merged = merge_section(annotated(result), &annotated(options.clone()))?;
        merged.shift_remove("<");
        let merged: RawOptions = merged
            .into_iter()
            .map(|(key, value)| (key, value.value))
            .collect();
        self.done.insert(name, merged.clone());
        Ok(merged)
    }

    fn copies(&mut self, bases: &Text) -> Result<RawOptions> {
        let mut result = RawOptions::new();
        for line in bases.split('\n') {
            let base = strip(&line);
            if base.is_empty() {
                continue;
            }
            let Some((key, options)) = self.all.get_key_value(base) else {
                let place = line.piece(base);
                let diagnostic = Diagnostic::error(
                    "unknown-section",
                    format!("there is no section [{base}] to copy"),
                )
                .at(&place);
                let nearest = did_you_mean(base, self.all.keys().map(String::as_str));
                let diagnostic = match nearest {
                    Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
                    None => diagnostic.help("add the section, or take the name from the `<=` line"),
                };
                return Err(
                    Error::user(format!("No section named {}", repr(base))).with(diagnostic)
                );
            };
            result.extend(self.of(key, options)?);
        }
        Ok(result)
    }
}

fn endless(under_way: &[&str], name: &str, bases: Option<&Text>) -> Box<Error> {
    let mut diagnostic =
        Diagnostic::error("macro-loop", format!("the section [{name}] copies itself"));
    if let Some(bases) = bases {
        diagnostic = diagnostic.at(bases);
    }
    let way = [under_way, &[name]].concat().join(" <= ");
    Error::user(format!("Infinite extending loop {}", repr(name))).with(diagnostic.help(way))
}

fn annotated(options: RawOptions) -> Section {
    options
        .into_iter()
        .map(|(key, value)| (key, AnnotatedValue::new(value, Setter::Implicit, None)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(sections: &[(&str, &[(&str, &str)])]) -> IndexMap<String, RawOptions> {
        let options = |o: &[(&str, &str)]| {
            o.iter()
                .map(|(k, v)| ((*k).to_owned(), Text::from(*v)))
                .collect()
        };
        sections
            .iter()
            .map(|(name, o)| ((*name).to_owned(), options(o)))
            .collect()
    }

    #[test]
    fn the_last_base_wins_and_additions_add() {
        let all = all(&[
            ("a", &[("x", "1"), ("y", "1")]),
            ("b", &[("<", "a"), ("y", "2")]),
            ("c", &[("<", "a\nb"), ("x +", "3")]),
        ]);
        let c = expand("c", &all["c"], &all).unwrap();
        assert_eq!(
            c.iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect::<Vec<_>>(),
            [("x", "1\n3"), ("y", "2")]
        );
    }

    #[test]
    fn loops_and_strangers_are_told() {
        let all = all(&[
            ("a", &[("<", "b")]),
            ("b", &[("<", "a")]),
            ("c", &[("<", "bb")]),
        ]);
        let error = expand("a", &all["a"], &all).unwrap_err();
        assert_eq!(error.message, "Infinite extending loop 'a'");
        let error = expand("c", &all["c"], &all).unwrap_err();
        assert_eq!(error.message, "No section named 'bb'");
        assert_eq!(error.doing, ["Loading input sections for 'c'"]);
        assert_eq!(error.diagnostics[0].help, ["did you mean `b`?"]);
    }
}

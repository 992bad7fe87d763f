//! `${section:option}` in one value. Pure: the lookup is passed in.
//!
//! Only the syntax and its messages live here; who is asked, in which order and what a cycle is, is `Buildout`'s.
//! zc.buildout: buildout.py, `Options._sub`, `_dosub`.

use crate::error::{Diagnostic, Error, Result};
use crate::text::Text;

/// A reference `${section:option}`; the section is empty for the one it stands in.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    pub(super) section: &'a str,
    pub(super) option: &'a str,
    /// With its `${` and `}`.
    pub(super) text: Text,
}

/// Replaces each reference by what `lookup` says. `$$` stays as it is and keeps what follows it from being a reference.
pub(super) fn substitute(
    value: &Text,
    lookup: &mut dyn FnMut(&Reference<'_>) -> Result<Text>,
) -> Result<Text> {
    let mut out = Text::new();
    for (index, piece) in value.as_str().split("$$").enumerate() {
        if index > 0 {
            out.push_str("$$");
        }
        let mut rest = piece;
        while let Some((start, end)) = next_reference(rest) {
            out.push(&value.piece(&rest[..start]));
            let text = value.piece(&rest[start..end]);
            let (section, option) = parse(&rest[start..end], &text)?;
            out.push(&lookup(&Reference {
                section,
                option,
                text,
            })?);
            if out.len() > LONGEST {
                return Err(too_long(&value.piece(&rest[start..end])));
            }
            rest = &rest[end..];
        }
        out.push(&value.piece(rest));
    }
    Ok(out)
}

/// The references of a value, section and option; the section is empty for the one it stands in.
pub fn references(value: &Text) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    substitute(value, &mut |reference| {
        let pair = (reference.section.to_owned(), reference.option.to_owned());
        if !all.contains(&pair) {
            all.push(pair);
        }
        Ok(Text::new())
    })?;
    Ok(all)
}

/// The references of a value with their places; what is no reference is passed over.
pub fn reference_places(value: &Text) -> Vec<(String, String, Text)> {
    let mut all = Vec::new();
    for piece in value.as_str().split("$$") {
        let mut rest = piece;
        while let Some((start, end)) = next_reference(rest) {
            let text = value.piece(&rest[start..end]);
            if let Ok((section, option)) = parse(&rest[start..end], &text) {
                all.push((section.to_owned(), option.to_owned(), text));
            }
            rest = &rest[end..];
        }
    }
    all
}

/// No option is longer. A value that doubles itself through references would be, before the memory is full.
const LONGEST: usize = 16 << 20;

fn too_long(reference: &Text) -> Box<Error> {
    let message = format!("The value is longer than {} MB.", LONGEST >> 20);
    let diagnostic = Diagnostic::error("value-bomb", "with this reference it has become too long");
    let help =
        "do options refer to one another more than once each, so that each doubles the one before?";
    Error::user(message).with(diagnostic.at(reference).help(help))
}

/// Where the next `${…}` begins and ends.
fn next_reference(text: &str) -> Option<(usize, usize)> {
    let start = text.find("${")?;
    let end = start + text[start..].find('}')? + 1;
    Some((start, end))
}

fn is_simple(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._ ".contains(c))
}

fn parse<'a>(reference: &'a str, text: &Text) -> Result<(&'a str, &'a str)> {
    let inner = &reference[2..reference.len() - 1];
    let parts: Vec<&str> = inner.split(':').collect();
    let wrong = |what: &str, help: &str| {
        let message = format!("{what}, {reference},\n{help}");
        let diagnostic =
            Diagnostic::error("substitution", format!("`{reference}` is not a reference")).at(text);
        Err(Error::user(message).with(
            diagnostic.help("a reference is `${section:option}`; write `$${` for a plain `${`"),
        ))
    };
    match parts.as_slice() {
        [_] => wrong("The substitution", "doesn't contain a colon."),
        [section, option] => {
            let valid = (section.is_empty() || is_simple(section)) && is_simple(option);
            if valid {
                Ok((section, option))
            } else if is_simple(section) {
                wrong("The option name in substitution", "has invalid characters.")
            } else {
                wrong(
                    "The section name in substitution",
                    "has invalid characters.",
                )
            }
        }
        _ => wrong("The substitution", "has too many colons."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(value: &str) -> std::result::Result<String, String> {
        substitute(&Text::from(value), &mut |r| {
            Ok(Text::from(format!("<{}|{}>", r.section, r.option)))
        })
        .map(|t| t.to_string())
        .map_err(|e| e.message)
    }

    #[test]
    fn references_are_replaced_and_escapes_stay() {
        assert_eq!(run("a ${b:c} ${:d}").unwrap(), "a <b|c> <|d>");
        assert_eq!(run("$${b:c} $$${b:c}").unwrap(), "$${b:c} $$<b|c>");
        assert_eq!(run("${b:c").unwrap(), "${b:c");
    }

    #[test]
    fn wrong_ones_are_told_in_zc_buildouts_words() {
        assert_eq!(
            run("${b}").unwrap_err(),
            "The substitution, ${b},\ndoesn't contain a colon."
        );
        assert_eq!(
            run("${a:b:c}").unwrap_err(),
            "The substitution, ${a:b:c},\nhas too many colons."
        );
        assert_eq!(
            run("${a/b:c}").unwrap_err(),
            "The section name in substitution, ${a/b:c},\nhas invalid characters."
        );
        assert_eq!(
            run("${a:}").unwrap_err(),
            "The option name in substitution, ${a:},\nhas invalid characters."
        );
    }
}

//! The options in parentheses of a program or listener: words of the form `key=value`.
//!
//! They end at the first `)` and are split at blanks, whatever quotes say; a word without `=`, without a key or without a
//! value is left out. collective.recipe.supervisor: `__init__.py`, `Recipe.install`.

use crate::error::Diagnostic;
use crate::pystr;
use crate::text::Text;

/// A line `key = value` for each option.
pub(super) fn lines(options: &Text) -> Vec<Text> {
    pystr::split(options)
        .filter_map(pair)
        .map(|(key, value)| {
            let mut line = options.piece(key);
            line.push_str(" = ");
            line.push(&options.piece(value));
            line
        })
        .collect()
}

/// Lines as one text.
pub(super) fn joined(lines: &[Text]) -> Text {
    let mut all = Text::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            all.push_str("\n");
        }
        all.push(line);
    }
    all
}

fn pair(word: &str) -> Option<(&str, &str)> {
    word.split_once('=')
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
}

/// Whether an option of this name is set.
pub(super) fn sets(options: &str, key: &str) -> bool {
    pystr::split(options)
        .filter_map(pair)
        .any(|(k, _)| k == key)
}

/// What is lost or torn.
pub(super) fn losses(options: &Text) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut words = pystr::split(options).peekable();
    while let Some(word) = words.next() {
        if let Some(quote) = open_quote(word) {
            let mut last = word;
            for next in words.by_ref() {
                last = next;
                if next.contains(quote) {
                    break;
                }
            }
            found.push(
                Diagnostic::warning("R05", format!("options are split at every blank: `{word}` ends there"))
                    .at(&span(options, word, last))
                    .help("quotes don't keep a value together here; leave the blank out, or set it in a wrapper script"),
            );
        } else if pair(word).is_none() {
            let mut last = word;
            while let Some(next) =
                words.next_if(|next| pair(next).is_none() && open_quote(next).is_none())
            {
                last = next;
            }
            let dropped = span(options, word, last);
            let (message, help) = if dropped.contains('=') {
                (
                    format!("`{dropped}` is dropped: an option is key=value, without blanks"),
                    format!("write `{}`", pystr::split(&dropped).collect::<String>()),
                )
            } else {
                (
                    format!("`{dropped}` is dropped: it has no `=`"),
                    format!("write `{word}=true` or whatever value is meant, or remove it"),
                )
            };
            found.push(Diagnostic::warning("R06", message).at(&dropped).help(help));
        }
    }
    found
}

/// The quote that a word opens and does not close.
fn open_quote(word: &str) -> Option<char> {
    let mut open = None;
    for c in word.chars() {
        match open {
            None if matches!(c, '"' | '\'') => open = Some(c),
            Some(quote) if quote == c => open = None,
            _ => {}
        }
    }
    open
}

/// From the word `first` to the word `last` of a text.
fn span(text: &Text, first: &str, last: &str) -> Text {
    let at = |part: &str| (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.slice(at(first)..at(last) + last.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(options: &str) -> String {
        joined(&lines(&options.into())).to_string()
    }

    fn told(options: &str) -> Vec<(&'static str, String)> {
        let found = losses(&options.into());
        found.into_iter().map(|d| (d.id, d.message)).collect()
    }

    #[test]
    fn options_are_words_with_an_equals_sign() {
        assert_eq!(written(" a=1\u{1f}b=x=y "), "a = 1\nb = x=y");
        assert_eq!(written("autostart =x key= a = b"), "");
        assert_eq!(
            written("environment=A=\"x y\",B=2"),
            "environment = A=\"x\ny\",B = 2"
        );
    }

    #[test]
    fn what_is_dropped_is_told_once() {
        let dropped = "`autostart` is dropped: it has no `=`".to_owned();
        assert_eq!(told("a=1 autostart b=2"), [("R06", dropped)]);
        let dropped = "`a = b` is dropped: an option is key=value, without blanks".to_owned();
        assert_eq!(told("a = b c=1"), [("R06", dropped)]);
        assert_eq!(told("a=1 b='x'"), []);
    }

    #[test]
    fn a_torn_quote_is_told_once() {
        let torn = "options are split at every blank: `environment=A=\"x` ends there".to_owned();
        assert_eq!(told("environment=A=\"x y z\",B=2 c=1"), [("R05", torn)]);
    }
}

//! Options to text: `.installed.cfg`, and the listing of `-vv`.
//!
//! The inverse of [`super::reader`] for values that recipes computed: blanks that the reader would eat are written as
//! `%(__buildout_space__)s`. zc.buildout: buildout.py, `_save_option`, `_spacey_nl`.

use crate::text::Text;

const SPACES: [(&str, &str); 5] = [
    ("%(__buildout_space__)s", " "),
    ("%(__buildout_space_n__)s", "\n"),
    ("%(__buildout_space_r__)s", "\r"),
    ("%(__buildout_space_f__)s", "\u{c}"),
    ("%(__buildout_space_v__)s", "\u{b}"),
];

/// `key = value`, with its line end.
pub fn option(key: &str, value: &str) -> String {
    let mut value = quote(value);
    if let Some(rest) = value.strip_prefix("\n\t") {
        value = format!("%(__buildout_space_n__)s{rest}");
    }
    if let Some(rest) = value.strip_suffix("\n\t") {
        value = format!("{rest}%(__buildout_space_n__)s");
    }
    format!("{key} = {value}\n")
}

/// `[section]` with its options, sorted by name.
pub fn section<'a>(
    name: &str,
    options: impl IntoIterator<Item = (&'a String, &'a Text)>,
) -> String {
    let mut options: Vec<_> = options.into_iter().collect();
    options.sort_unstable_by_key(|(key, _)| *key);
    let mut out = format!("[{name}]\n");
    for (key, value) in options {
        out.push_str(&option(key, value));
    }
    out
}

/// A value as it was before it was written.
// zc.buildout: buildout.py, Buildout._read_installed_part_options
pub fn unquote(value: &str) -> String {
    let mut value = value.to_owned();
    if value.contains("%(") {
        for (name, space) in SPACES {
            value = value.replace(name, space);
        }
    }
    value
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\u{c}' | '\u{b}')
}

/// Blanks at the ends of lines, and line ends themselves, in their written form.
fn quote(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
        let behind = &rest[blanks..];
        let matched = if behind.starts_with('\n') {
            blanks + behind.len()
                - behind
                    .trim_start_matches(|c| is_blank(c) || c == '\n')
                    .len()
        } else if blanks > 0 && (first || behind.is_empty()) {
            blanks
        } else {
            0
        };
        if matched > 0 {
            out.push_str(&spelled(&rest[..matched]));
            rest = &rest[matched..];
        } else {
            let plain = blanks.max(c.len_utf8());
            out.push_str(&rest[..plain]);
            rest = &rest[plain..];
        }
        first = false;
    }
    out
}

fn spelled(blanks: &str) -> String {
    let spell = |part: &str| {
        let mut part = part.to_owned();
        // In Python's order, so that what one replacement makes is never seen by the next.
        for (name, space) in [SPACES[0], SPACES[2], SPACES[3], SPACES[4], SPACES[1]] {
            part = part.replace(space, name);
        }
        part
    };
    match blanks.split_once('\n') {
        Some((before, behind)) => format!("{}\n\t{}", spell(before), spell(behind)),
        None => spell(blanks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_kept() {
        assert_eq!(option("a", ""), "a = \n");
        assert_eq!(option("a", "1\n2"), "a = 1\n\t2\n");
        assert_eq!(
            option("a", "1 \n  2"),
            "a = 1%(__buildout_space__)s\n\t%(__buildout_space__)s%(__buildout_space__)s2\n"
        );
        assert_eq!(
            option("a", "\n1\n"),
            "a = %(__buildout_space_n__)s1%(__buildout_space_n__)s\n"
        );
        assert_eq!(
            option("a", "1\n\n2"),
            "a = 1\n\t%(__buildout_space_n__)s2\n"
        );
        assert_eq!(
            option("a", " x y "),
            "a = %(__buildout_space__)sx y%(__buildout_space__)s\n"
        );
    }

    #[test]
    fn and_come_back() {
        assert_eq!(unquote("1\n%(__buildout_space_n__)s2"), "1\n\n2");
    }
}

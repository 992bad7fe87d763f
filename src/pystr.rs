//! Python's `str` where it differs from Rust's: what is a blank, a digit, a line end; how `repr` writes a string.
//!
//! zc.buildout and the recipe are Python; a byte of a conf can hang on U+001F being a blank (it is to Python, not to
//! Rust) or on U+2028 ending a line. Pure functions over `&str`; results borrow, so `Text::piece` can find their origin.

/// `c.isspace()`, which is also `\s` of `re` for `str` patterns.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `\d` of `re` for `str` patterns: Unicode category Nd.
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    DECIMAL_ZEROS
        .iter()
        .any(|&zero| (zero..zero + 10).contains(&(c as u32)))
}

/// The zeros of the decimal digit runs outside ASCII; each run is ten long. Unicode 14 (CPython 3.11); runs that later versions add
/// are digits to later Pythons only.
const DECIMAL_ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// `s.strip()`.
pub fn strip(s: &str) -> &str {
    s.trim_matches(is_space)
}

/// `s.rstrip()`.
pub fn rstrip(s: &str) -> &str {
    s.trim_end_matches(is_space)
}

/// `s.split()`.
pub fn split(s: &str) -> impl Iterator<Item = &str> {
    s.split(is_space).filter(|word| !word.is_empty())
}

/// `s.splitlines()`.
pub fn split_lines(s: &str) -> Vec<&str> {
    // One line of plain characters is what most are.
    if !s.is_empty() && s.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return vec![s];
    }
    let mut lines = Vec::new();
    let mut rest = s;
    while !rest.is_empty() {
        let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_line_end(c)) else {
            lines.push(rest);
            break;
        };
        lines.push(&rest[..at]);
        let end = at + c.len_utf8();
        rest = &rest[end..];
        if c == '\r' {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
    }
    lines
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `bytes.decode("utf-8", "replace")`, nearly: how many replacements a broken sequence gets is Rust's.
pub fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Text mode's universal newlines: `\r\n` and `\r` become `\n`.
pub fn universal_newlines(s: &str) -> String {
    if s.contains('\r') {
        s.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        s.to_owned()
    }
}

/// `repr(s)`.
pub fn repr(s: &str) -> String {
    let quote = if s.contains('\'') && !s.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(s.len() + 2);
    out.push(quote);
    for c in s.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            c if c.is_ascii() || is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

/// `c.isprintable()` for characters beyond ASCII: not a separator, control, format, surrogate, private or unassigned character. Of the
/// unassigned ones only the great gaps are known here: the rest differs between Pythons, and is written as it is.
fn is_printable(c: char) -> bool {
    !(c.is_control()
        || c.is_whitespace()
        || matches!(c as u32,
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x180e | 0x200b..=0x200f
            | 0x202a..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xfffe..=0xffff
            | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0x323b0..=0xe00ff
            | 0xe01f0..=0x10_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_pythons() {
        assert_eq!(strip("\u{1f}\u{a0}x\u{2028}\u{1c}"), "x");
        assert_eq!(split("a\u{1f}b  c").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(!is_space('\u{200b}'));
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(
            split_lines("a\r\nb\u{85}c\u{2028}d\n"),
            ["a", "b", "c", "d"]
        );
        assert_eq!(split_lines("\n\n"), ["", ""]);
        assert!(split_lines("").is_empty());
    }

    #[test]
    fn repr_is_pythons() {
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("it's \"x\""), "'it\\'s \"x\"'");
        assert_eq!(
            repr("\u{13430}\u{e0100}\u{50000}"),
            "'\\U00013430\u{e0100}\\U00050000'"
        );
        assert_eq!(repr("a\\b\n\u{7f}\u{a0}é"), "'a\\\\b\\n\\x7f\\xa0é'");
    }

    #[test]
    fn digits_are_unicode() {
        assert!(is_digit('\u{663}') && is_digit('7') && !is_digit('²'));
    }
}

//! Texts of the language's own pieces.

use super::read;
use crate::support::chance::Chance;

/// Blanks, and what is a blank to only one of Python and Rust.
#[rustfmt::skip]
const BLANKS: &[&str] = &[
    " ", " ", " ", "  ", "    ", "\t", " \t", "\u{c}", "\u{b}", "\u{1c}", "\u{1f}", "\u{85}", "\u{a0}",
    "\u{2028}", "\u{3000}", "\u{200b}", "\u{feff}",
];
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\r\n", "\r", "\n\n", "\n \n", "\n\t\n",
];
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "a", "b", "c", "a", "b", "buildout", "a-b", "a.b", "é", "x+", "x-", "<", "a b", "a;b", "a#b", "😀", "-",
    "+", "\u{ad}", "a\u{a0}b",
];
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    "=", "=", "=", " = ", " =", "= ", "+=", " += ", "-=", " -= ", "  +=", "+ =", " + = ", "==", ":", ": ",
    ":=", " +- =", "\t=\t", "\u{c}=\u{c}", "\u{1f}+=\u{1f}", "",
];
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "v", "1", "one two", "[x]", "]", "[", "{", "}", "a=b", "# no comment", "; no", "${a:b}", "=>", "<= a",
    "'", "\"", "\\", "\\x23", "\\x3b", "$", "é", "\u{2028}", "\u{85}", "\u{1d}", "\0", "\u{7f}", "\u{e000}",
    "\u{feff}", "end", "",
];
#[rustfmt::skip]
const CONDITIONS: &[&str] = &[
    "1", "0", "1", "python_version < \"3\"", "sys.version[1]", "[1]", "a]b", "\\x23 1", "'\\x3b'", " 1 ", "",
    " ", "]", "[", "1 # 2", "\u{2028}1", "{1}",
];
#[rustfmt::skip]
const TAILS: &[&str] = &[
    "", "", "", "", " ", "# comment", " ; c", "\t#", ";]", " x", "]", "#1", " # é ; 1", "\u{1f}", "\u{c}#",
];
/// Anything at all, for the noise.
#[rustfmt::skip]
pub(super) const NOISE: &[&str] = &[
    "[", "]", ":", "=", "+", "-", "#", ";", "{", "}", " ", "\t", "\n", "\r", "\u{c}", "\u{85}", "\u{2028}",
    "\u{2029}", "\u{1c}", "\u{1e}", "\u{feff}", "\u{200b}", "\0", "a", "=>", "<", ">", "\\", "\"", "'", "${",
    "\u{10ffff}", "\u{13430}", "\u{e0100}", "\u{50000}", "é",
];

fn header(chance: &mut Chance) -> String {
    let before = chance.some_of(BLANKS, 2);
    let name = chance.one(NAMES);
    let behind = chance.some_of(BLANKS, 2);
    let condition = match chance.below(3) {
        0 => format!(":{}", chance.one(CONDITIONS)),
        _ => String::new(),
    };
    let close = if chance.below(12) == 0 { "" } else { "]" };
    format!(
        "[{before}{name}{behind}{condition}{close}{}",
        chance.one(TAILS)
    )
}

fn words(chance: &mut Chance) -> String {
    let mut words = String::new();
    for _ in 0..chance.below(4) {
        words += chance.one(WORDS);
        words += &chance.some_of(BLANKS, 2);
    }
    words
}

fn option(chance: &mut Chance) -> String {
    match chance.below(12) {
        0 => format!("=>{}", words(chance)),
        1 => format!("<={}", words(chance)),
        _ => format!(
            "{}{}{}",
            chance.one(NAMES),
            chance.one(SIGNS),
            words(chance)
        ),
    }
}

fn continuation(chance: &mut Chance) -> String {
    format!(
        "{}{}{}",
        chance.one(BLANKS),
        chance.some_of(BLANKS, 3),
        words(chance)
    )
}

/// A text of the language's own pieces; one in four with noise in it.
fn text(chance: &mut Chance) -> String {
    let mut text = String::new();
    if chance.below(40) == 0 {
        text.push('\u{feff}');
    }
    // Most texts are to be without mistakes.
    while chance.below(12) != 0 {
        let header = header(chance);
        if read(&header).sections.is_some_and(|s| !s.is_empty()) {
            text += &header;
            text += chance.one(ENDS);
            break;
        }
    }
    for _ in 0..chance.below(24) {
        let line = match chance.below(10) {
            0 => header(chance),
            1..=4 => option(chance),
            5..=7 => continuation(chance),
            8 => format!("{}{}", chance.one(&["#", ";"]), words(chance)),
            _ => chance.some_of(BLANKS, 3),
        };
        let is_wrong = read(&format!("[a]\nx=\n{line}")).error.is_some();
        if !is_wrong || chance.below(40) == 0 {
            text += &line;
            text += chance.one(ENDS);
        }
    }
    if chance.below(4) == 0 {
        for _ in 0..=chance.below(4) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places.get(chance.below(places.len().max(1))).copied();
            text.insert_str(at.unwrap_or(0), chance.one(NOISE));
        }
    }
    text
}
pub(super) fn texts(count: usize, seed: u64) -> Vec<String> {
    let mut chance = Chance::new(seed);
    (0..count).map(|_| text(&mut chance)).collect()
}

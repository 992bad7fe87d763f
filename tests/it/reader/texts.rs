//! Texts of the language's own pieces.

use super::read;
use crate::support::random::Random;

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

fn header(random: &mut Random) -> String {
    let before = random.some_of(BLANKS, 2);
    let name = random.one(NAMES);
    let behind = random.some_of(BLANKS, 2);
    let condition = match random.below(3) {
        0 => format!(":{}", random.one(CONDITIONS)),
        _ => String::new(),
    };
    let close = if random.below(12) == 0 { "" } else { "]" };
    format!(
        "[{before}{name}{behind}{condition}{close}{}",
        random.one(TAILS)
    )
}

fn words(random: &mut Random) -> String {
    let mut words = String::new();
    for _ in 0..random.below(4) {
        words += random.one(WORDS);
        words += &random.some_of(BLANKS, 2);
    }
    words
}

fn option(random: &mut Random) -> String {
    match random.below(12) {
        0 => format!("=>{}", words(random)),
        1 => format!("<={}", words(random)),
        _ => format!(
            "{}{}{}",
            random.one(NAMES),
            random.one(SIGNS),
            words(random)
        ),
    }
}

fn continuation(random: &mut Random) -> String {
    format!(
        "{}{}{}",
        random.one(BLANKS),
        random.some_of(BLANKS, 3),
        words(random)
    )
}

/// A text of the language's own pieces; one in four with noise in it.
fn text(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(40) == 0 {
        text.push('\u{feff}');
    }
    // Most texts are to be without mistakes.
    while random.below(12) != 0 {
        let header = header(random);
        if read(&header).sections.is_some_and(|s| !s.is_empty()) {
            text += &header;
            text += random.one(ENDS);
            break;
        }
    }
    for _ in 0..random.below(24) {
        let line = match random.below(10) {
            0 => header(random),
            1..=4 => option(random),
            5..=7 => continuation(random),
            8 => format!("{}{}", random.one(&["#", ";"]), words(random)),
            _ => random.some_of(BLANKS, 3),
        };
        let is_wrong = read(&format!("[a]\nx=\n{line}")).error.is_some();
        if !is_wrong || random.below(40) == 0 {
            text += &line;
            text += random.one(ENDS);
        }
    }
    if random.below(4) == 0 {
        for _ in 0..=random.below(4) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places.get(random.below(places.len().max(1))).copied();
            text.insert_str(at.unwrap_or(0), random.one(NOISE));
        }
    }
    text
}
pub(super) fn texts(count: usize, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    (0..count).map(|_| text(&mut random)).collect()
}

//! Python's `int(text)` and `int(text, 8)`: which texts are numbers, and what is said of the others.
//!
//! Numbers beyond 128 bits are held at the ends of that range: no rule of supervisor tells them apart.

use super::datatypes::Bad;
use crate::pystr::{is_digit, repr, strip};

/// `int(text)`.
pub(super) fn integer(text: &str) -> Result<i128, Bad> {
    parse(text, 10).ok_or_else(|| {
        let shown: String = repr(text).chars().take(200).collect();
        Bad::new(
            "S23",
            format!("invalid literal for int() with base 10: {shown}"),
        )
    })
}

/// `int(text, base)` for 10 and 8.
pub(super) fn parse(text: &str, base: u32) -> Option<i128> {
    let text = strip(text);
    let (negative, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let digits = match (base, rest.get(..2)) {
        // An underscore may follow the prefix.
        (8, Some("0o" | "0O")) => rest[2..].strip_prefix('_').unwrap_or(&rest[2..]),
        _ => rest,
    };
    let mut value: i128 = 0;
    let mut after_digit = false;
    for c in digits.chars() {
        if c == '_' && after_digit {
            after_digit = false;
            continue;
        }
        let digit = decimal(c).filter(|digit| *digit < base)?;
        value = value
            .saturating_mul(i128::from(base))
            .saturating_add(i128::from(digit));
        after_digit = true;
    }
    after_digit.then_some(if negative { -value } else { value })
}

/// The value of a decimal digit of any script. The runs of ten all begin at a multiple of ten less or more: the digit
/// is told by how many digits stand before it in its run.
fn decimal(c: char) -> Option<u32> {
    if let Some(digit) = c.to_digit(10) {
        return Some(digit);
    }
    if c.is_ascii() || !is_digit(c) {
        return None;
    }
    // The mathematical digits are five runs without a gap.
    if ('\u{1d7ce}'..='\u{1d7ff}').contains(&c) {
        return Some((c as u32 - 0x1d7ce) % 10);
    }
    (0..10).rev().find(|back| {
        let is = |n: u32| char::from_u32(n).is_some_and(is_digit);
        let start = c as u32 - back;
        (start..=c as u32).all(is) && !is(start.wrapping_sub(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_pythons() {
        assert_eq!(parse(" +1_000\u{1f}", 10), Some(1000));
        assert_eq!(parse("\u{663}\u{96f}", 10), Some(39));
        assert_eq!(parse("0o22", 8), Some(18));
        assert_eq!(parse("0o_22", 8), Some(18));
        assert_eq!(parse("-1", 8), Some(-1));
        for wrong in ["", "-", "1_", "_1", "1__0", "+ 1", "0x10", "1.5", "²", "é"] {
            assert_eq!(parse(wrong, 10), None, "{wrong}");
        }
        assert_eq!(parse("08", 8), None);
        assert_eq!(parse(&"9".repeat(99), 10), Some(i128::MAX));
    }
}

//! Patterns of names as `allow-hosts` has them. Python: `fnmatch`.

/// Python's `fnmatch`: `*`, `?`, `[…]`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    let Some(first) = rest.next() else {
        return text.is_empty();
    };
    let rest = rest.as_str();
    let mut after = text.chars();
    let next = after.next();
    match first {
        '*' => matches(rest, text) || (next.is_some() && matches(pattern, after.as_str())),
        '?' => next.is_some() && matches(rest, after.as_str()),
        '[' if set(rest).is_some() => set(rest).zip(next).is_some_and(|((not, set, rest), c)| {
            within(set, c) != not && matches(rest, after.as_str())
        }),
        _ => next == Some(first) && matches(rest, after.as_str()),
    }
}

/// What stands in brackets: negated, the characters, what follows.
fn set(text: &str) -> Option<(bool, &str, &str)> {
    let (not, text) = match text.strip_prefix('!') {
        Some(text) => (true, text),
        None => (false, text),
    };
    // A bracket that comes first stands for itself.
    let skip = usize::from(text.starts_with(']'));
    let end = text.get(skip..)?.find(']')? + skip;
    Some((not, &text[..end], &text[end + 1..]))
}

fn within(set: &str, c: char) -> bool {
    let set: Vec<char> = set.chars().collect();
    let mut rest = set.as_slice();
    while let [first, after @ ..] = rest {
        if let ['-', last, after @ ..] = after {
            if (*first..=*last).contains(&c) {
                return true;
            }
            rest = after;
        } else {
            if *first == c {
                return true;
            }
            rest = after;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*.org", "a.org", true),
            ("*.org", "a.org:80", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]x", "]x", true),
            ("[x", "[x", true),
            ("*a*b", "xaxxb", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}

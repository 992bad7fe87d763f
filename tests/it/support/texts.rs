//! Whole texts are compared; where they differ, both are shown with the first line that differs.

use std::fmt::Write as _;

/// What differs, or nothing.
pub(crate) fn difference(what: &str, want: &str, got: &str) -> Option<String> {
    if want == got {
        return None;
    }
    let (wanted, had): (Vec<_>, Vec<_>) = (want.split('\n').collect(), got.split('\n').collect());
    let same = wanted.iter().zip(&had).take_while(|(a, b)| a == b).count();
    let mut out = format!("{what} differs from line {}\n", same + 1);
    for (sign, lines) in [('-', &wanted), ('+', &had)] {
        for line in lines.iter().skip(same.saturating_sub(2)).take(25) {
            let _ = writeln!(out, "  {sign} {line:?}");
        }
    }
    Some(out)
}

#[track_caller]
pub(crate) fn same(what: &str, want: &str, got: &str) {
    if let Some(difference) = difference(what, want, got) {
        panic!("{difference}whole:\n{got}");
    }
}

/// Without the program's own diagnostics: a line that begins with `rbuildout: ` and the indented lines under it.
pub(crate) fn without_own(text: &str) -> String {
    let mut own = false;
    text.split_inclusive('\n')
        .filter(|line| {
            own = line.starts_with("rbuildout: ") || own && line.starts_with("  ");
            !own
        })
        .collect()
}

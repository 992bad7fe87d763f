//! [`diff`]: two texts as a unified diff.

use std::fmt::Write as _;

/// Unchanged lines round a change.
const AROUND: usize = 3;

/// A line of either text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Same,
    Gone,
    New,
}

/// The diff of a file; empty where nothing differs. Files with more changes than is sensible become one change.
pub fn diff(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let lines = compared(&before, &after);
    let mut out = format!("--- {name}\n+++ {name}\n");
    let changed: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].0 != Sign::Same)
        .collect();
    let mut next = 0;
    while let Some(first) = changed.get(next) {
        let mut last = *first;
        while let Some(more) = changed.get(next).filter(|at| **at <= last + 2 * AROUND) {
            last = *more;
            next += 1;
        }
        let from = first.saturating_sub(AROUND);
        let to = (last + AROUND + 1).min(lines.len());
        hunk(&mut out, &lines, from, to);
    }
    out
}

fn hunk(out: &mut String, lines: &[(Sign, &str)], from: usize, to: usize) {
    let count = |lines: &[(Sign, &str)], not: Sign| lines.iter().filter(|l| l.0 != not).count();
    let (above, own) = (&lines[..from], &lines[from..to]);
    let range = |not: Sign| {
        let (start, length) = (count(above, not), count(own, not));
        format!("{},{length}", if length == 0 { start } else { start + 1 })
    };
    let _ = writeln!(out, "@@ -{} +{} @@", range(Sign::New), range(Sign::Gone));
    for (sign, line) in own {
        out.push(match sign {
            Sign::Same => ' ',
            Sign::Gone => '-',
            Sign::New => '+',
        });
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// More cells than this are not compared one by one.
const MOST: usize = 4_000_000;

fn compared<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<(Sign, &'a str)> {
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let tail = before[head..]
        .iter()
        .rev()
        .zip(after[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let old = &before[head..before.len() - tail];
    let new = &after[head..after.len() - tail];
    let mut lines: Vec<(Sign, &str)> = before[..head].iter().map(|l| (Sign::Same, *l)).collect();
    if old.len().saturating_mul(new.len()) > MOST {
        lines.extend(old.iter().map(|l| (Sign::Gone, *l)));
        lines.extend(new.iter().map(|l| (Sign::New, *l)));
    } else {
        between(old, new, &mut lines);
    }
    lines.extend(
        before[before.len() - tail..]
            .iter()
            .map(|l| (Sign::Same, *l)),
    );
    lines
}

/// By the longest common subsequence.
fn between<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<(Sign, &'a str)>) {
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((Sign::Same, old[i]));
            i += 1;
            j += 1;
        } else if j == new.len()
            || (i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            lines.push((Sign::Gone, old[i]));
            i += 1;
        } else {
            lines.push((Sign::New, new[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn changes_stand_among_their_neighbours() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\n7\n8\n9\n";
        assert_eq!(
            diff("f", old, new),
            "--- f\n+++ f\n@@ -2,8 +2,7 @@\n 2\n 3\n 4\n-5\n-6\n+five\n 7\n 8\n 9\n"
        );
        assert_eq!(
            diff("f", "a", "b\n"),
            "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n"
        );
        assert_eq!(diff("f", old, old), "");
    }
}

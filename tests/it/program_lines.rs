//! The three line scanners against Python's own regular expressions: recorded answers, and live ones on random lines.

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rbuildout::recipes::supervisor::{groups, listeners, programs};

use crate::support::chance::Chance;

/// The fields in the order of the line and what follows the match; `None` for no match.
type Fields = Option<Vec<Option<String>>>;

fn text(line: &str, range: Range<usize>) -> Option<String> {
    Some(line[range].to_owned())
}

fn optional(line: &str, range: Option<Range<usize>>) -> Option<String> {
    text(line, range?)
}

fn program(line: &str) -> Fields {
    let found = programs::scan(line)?;
    Some(vec![
        text(line, found.priority),
        text(line, found.name),
        optional(line, found.options),
        text(line, found.command),
        optional(line, found.args),
        optional(line, found.directory),
        optional(line, found.redirect),
        optional(line, found.user),
        text(line, found.end..line.len()),
    ])
}

fn listener(line: &str) -> Fields {
    let found = listeners::scan(line)?;
    Some(vec![
        text(line, found.name),
        optional(line, found.options),
        text(line, found.events),
        text(line, found.command),
        optional(line, found.args),
        text(line, found.end..line.len()),
    ])
}

fn group(line: &str) -> Fields {
    let found = groups::scan(line)?;
    Some(vec![
        text(line, found.priority),
        text(line, found.name),
        text(line, found.programs),
        text(line, found.end..line.len()),
    ])
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/program-lines")
}

/// Compares all answers of a file; returns how many there were.
fn check_recorded(file: &str, scan: fn(&str) -> Fields) -> usize {
    let recorded = std::fs::read_to_string(fixtures().join(file)).unwrap();
    let mut rows = recorded
        .split('\n')
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    let mut count = 0;
    while let (Some(line), Some(answer)) = (rows.next(), rows.next()) {
        let line: String = serde_json::from_str(line).unwrap();
        let answer: Fields = serde_json::from_str(answer).unwrap();
        assert_eq!(scan(&line), answer, "{file}: {line:?}");
        count += 1;
    }
    count
}

#[test]
fn recorded_lines_are_read_as_python_read_them() {
    let count = check_recorded("programs.txt", program)
        + check_recorded("listeners.txt", listener)
        + check_recorded("groups.txt", group);
    assert!(count > 250, "only {count} lines are recorded");
}

/// Pieces that random lines are made of: what the patterns look for, and what differs between Rust and Python.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", " ", " ", " ", "  ", "\t", "\u{1f}", "\u{1c}", "\u{2028}", "\u{a0}", "\u{3000}", "\u{85}", "\u{200b}",
    "1", "10", "7", "\u{663}", "²", "a", "b", "/c", "x=1", "=", ",", "%(n)s", "é", "😀", "[", "[", "]", "]", "[]",
    "(", "(", ")", ")", "()", "true", "false", "True", "tru", "truex", "#", ";", "\"", "\\", "\n", "-v",
    " 10 p /c ", " (a=1) ", " [x y] ", " /d true u ", "None",
];

fn line(chance: &mut Chance) -> String {
    // Most begin as a line does, so that the scanners get beyond the first field.
    let begin = chance.one(&["", "10 p ", "10 p /c", "n (a=1) "]);
    format!("{begin}{}", chance.some_of(PIECES, 14))
}

fn ask_python(lines: &[String]) -> Option<Vec<(Fields, Fields, Fields)>> {
    let mut python = Command::new("python3")
        .arg("-X")
        .arg("utf8")
        .arg(fixtures().join("reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let question = serde_json::to_vec(lines).unwrap();
    python.stdin.take().unwrap().write_all(&question).unwrap();
    let answer = python.wait_with_output().unwrap();
    assert!(answer.status.success(), "reference.py failed");
    Some(serde_json::from_slice(&answer.stdout).unwrap())
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that can't run must say so")]
fn random_lines_are_read_as_python_reads_them() {
    let mut chance = Chance::new(0x9e37_79b9_7f4a_7c15);
    let lines: Vec<String> = (0..20_000).map(|_| line(&mut chance)).collect();
    let Some(answers) = ask_python(&lines) else {
        eprintln!("SKIPPED: there is no python3 to compare the line scanners with");
        return;
    };
    assert_eq!(answers.len(), lines.len());
    let mut matched = [0; 3];
    for (line, (a, b, c)) in lines.iter().zip(answers) {
        for (n, answer) in [&a, &b, &c].into_iter().enumerate() {
            matched[n] += usize::from(answer.is_some());
        }
        assert_eq!(program(line), a, "program {line:?}");
        assert_eq!(listener(line), b, "listener {line:?}");
        assert_eq!(group(line), c, "group {line:?}");
    }
    // The lines must be such that there is something to compare.
    assert!(matched.iter().all(|n| *n > 2_000), "matched: {matched:?}");
}

//! The reader of configurations against zc.buildout's own: recorded answers, and live ones on random texts. And that no
//! text makes it, or what comes behind it, fall over.

mod configurations;
mod texts;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rbuildout::config::load::Condition;
use rbuildout::config::reader;
use rbuildout::pystr::universal_newlines;
use rbuildout::text::Source;
use serde::Deserialize;

use texts::texts;

type Options = Vec<(String, String)>;

/// As `fixtures/reader/reference.py` gives it.
#[derive(Debug, Default, PartialEq, Deserialize)]
struct Answer {
    sections: Option<Vec<(String, Options)>>,
    error: Option<String>,
    conditions: Vec<String>,
}

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source {
        name: "f.cfg".into(),
        text: universal_newlines(text),
        extended_from: None,
    })
}

/// What zc.buildout would evaluate: the condition in a list, with the comment behind it, `#` and `;` unescaped.
fn evaluated(condition: &Condition<'_>) -> String {
    let expression = condition.expression.replace("\\x23", "#");
    let expression = expression.replace("\\x3b", ";");
    format!("[{expression}{}", condition.tail.replace(';', "#"))
}

fn read(text: &str) -> Answer {
    let source = source(text);
    let mut answer = Answer::default();
    let read = reader::read(&source, "f.cfg", &mut |condition| {
        let expression = evaluated(condition);
        let holds = expression.contains('1');
        answer.conditions.push(expression);
        Ok(holds)
    });
    match read {
        Ok(sections) => {
            check_places(&source, &sections);
            let options = |options: &indexmap::IndexMap<String, reader::Assignment>| {
                options
                    .iter()
                    .map(|(name, a)| (name.clone(), a.value.to_string()))
                    .collect()
            };
            let sections = sections
                .iter()
                .map(|(name, section)| (name.clone(), options(section)));
            answer.sections = Some(sections.collect());
        }
        Err(error) => {
            for diagnostic in &error.diagnostics {
                let at = diagnostic.at.as_ref().expect("a mistake has a place");
                assert!(at.line as usize <= source.text.split('\n').count());
            }
            answer.error = Some(error.message);
        }
    }
    answer
}

/// Each line of each value, and each name, stands in the source where it says that it stands.
fn check_places(source: &Source, sections: &reader::Assignments) {
    let stands = |text: &str, line: u32, column: u32| {
        let behind: String = source
            .line(line)
            .chars()
            .skip(column as usize - 1)
            .collect();
        assert!(
            behind.starts_with(text),
            "{text:?} is not at {line}:{column} of {:?}",
            source.text
        );
    };
    for (name, assignment) in sections.values().flatten() {
        let written = if name == "<part-dependencies>" {
            "=>"
        } else {
            name
        };
        let at = &assignment.at;
        let line = source.line(at.line);
        assert!(
            line.starts_with(written) || line.starts_with(name.as_str()),
            "{name:?} is not at {at:?} of {:?}",
            source.text
        );
        for line in assignment.value.split('\n') {
            if !line.is_empty() {
                let at = line.start().expect("a line of a value has a place");
                stands(&line, at.line, at.column);
            }
        }
    }
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reader")
}

#[test]
fn recorded_texts_are_read_as_zc_buildout_read_them() {
    let recorded = std::fs::read_to_string(fixtures().join("recorded.jsonl")).unwrap();
    let mut rows = recorded
        .split('\n')
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    let mut counts = [0, 0];
    while let (Some(text), Some(answer)) = (rows.next(), rows.next()) {
        let text: String = serde_json::from_str(text).unwrap();
        let answer: Answer = serde_json::from_str(answer).unwrap();
        counts[usize::from(answer.error.is_some())] += 1;
        assert_eq!(read(&text), answer, "{text:?}");
    }
    assert!(counts.iter().all(|n| *n > 100), "recorded: {counts:?}");
}

fn ask(python: &str, texts: &[String]) -> Vec<Answer> {
    let mut python = Command::new(python)
        .args(["-X", "utf8"])
        .arg(fixtures().join("reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let question = serde_json::to_vec(texts).unwrap();
    python.stdin.take().unwrap().write_all(&question).unwrap();
    let answer = python.wait_with_output().unwrap();
    assert!(answer.status.success(), "reference.py failed");
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn random_texts_are_read_as_zc_buildout_reads_them() {
    let Ok(python) = std::env::var("RBUILDOUT_ORACLE_PYTHON") else {
        eprintln!(
            "SKIPPED: RBUILDOUT_ORACLE_PYTHON names no interpreter with zc.buildout 6 to compare the reader with"
        );
        return;
    };
    let texts = texts(10_000, 0x9e37_79b9_7f4a_7c15);
    let answers = ask(&python, &texts);
    assert_eq!(answers.len(), texts.len());
    let mut different = Vec::new();
    for (text, answer) in texts.iter().zip(answers) {
        let own = read(text);
        if own != answer {
            different.push(format!(
                "{text:?}\n  zc.buildout {answer:?}\n  rbuildout   {own:?}"
            ));
        }
    }
    different.sort_by_key(String::len);
    assert!(
        different.is_empty(),
        "{} differ, the shortest:\n{}",
        different.len(),
        different[..different.len().min(5)].join("\n")
    );
}

#[test]
fn no_text_makes_the_reader_fall_over() {
    // Places are checked by `read`.
    let mut counts = [0, 0];
    let mut values = 0;
    for text in texts(10_000, 0x2545_f491_4f6c_dd1d) {
        let answer = read(&text);
        counts[usize::from(answer.error.is_some())] += 1;
        values += answer.sections.iter().flatten().flat_map(|s| &s.1).count();
    }
    // The texts must be such that there is something to check.
    assert!(
        counts.iter().all(|n| *n > 2_000),
        "right, wrong: {counts:?}"
    );
    assert!(values > 10_000, "{values} values");
}

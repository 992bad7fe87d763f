//! The rules of supervisor: recorded answers of supervisor 4.3.0 itself, live ones where an interpreter has it, what is
//! warned of, and the command `check --conf`.

mod command;
mod made_up;
mod random;
mod soup;
mod warnings;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rbuildout::error::Severity;
use rbuildout::supervisord::{self, Checked, Finding, Program, Version};
use serde_json::Value;

use made_up::MadeUp;

/// Paths and texts; `/site/c.conf` is the configuration. U+F780 to U+F7FF stand for single bytes.
type Files = BTreeMap<String, String>;

const CONF: &str = "/site/c.conf";

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/supervisord")
}

fn check(files: &Files, version: Version) -> Checked {
    let machine = MadeUp::new(files);
    supervisord::check(CONF, &bytes(&files[CONF]), &machine, version)
}

fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for c in text.chars() {
        match u32::from(c) {
            code @ 0xf780..=0xf7ff => bytes.push(u8::try_from(code - 0xf700).unwrap()),
            _ => bytes.extend(c.to_string().into_bytes()),
        }
    }
    bytes
}

/// What differs between our verdict and supervisor's.
fn difference(files: &Files, verdict: &Value, version: Version) -> Option<String> {
    let checked = check(files, version);
    let refusals = |program: Program| -> Vec<&str> {
        let all = checked.findings.iter();
        all.filter(|f| f.diagnostic.severity == Severity::Error && f.program == program)
            .filter_map(|f| f.supervisor.as_deref())
            .collect()
    };
    let daemon = &verdict["supervisord"];
    if let Some(words) = daemon["error"].as_str().or(daemon["crash"].as_str()) {
        let stops = checked.findings.iter().find(|f| f.stops);
        let ours = stops.and_then(|f| f.supervisor.as_deref());
        // Python takes the events from a set, in any order.
        let any = words.starts_with("Unknown event type ")
            && refusals(Program::Supervisord).contains(&words);
        if ours != Some(words) && !any {
            return Some(format!("supervisord says {words:?}, we {ours:?}"));
        }
    } else if daemon["model"].is_object() {
        let Some(model) = &checked.model else {
            return Some(format!(
                "supervisord accepts, we say {:?}",
                refusals(Program::Supervisord)
            ));
        };
        let ours = value_of(model);
        if let Some(difference) = model_difference(&daemon["model"], &ours, "model") {
            return Some(difference);
        }
    }
    let client = &verdict["supervisorctl"];
    let ours = refusals(Program::Supervisorctl);
    if let Some(words) = client["error"].as_str() {
        let missing =
            |f: &&Finding| f.program == Program::Supervisorctl && f.diagnostic.id == "S35";
        let warned = checked.findings.iter().find(missing);
        let warned = warned.and_then(|f| f.supervisor.as_deref());
        if warned != Some(words) && !ours.contains(&words) {
            return Some(format!("supervisorctl says {words:?}, we {ours:?}"));
        }
    } else if let Some(control) = &checked.control {
        let ours = value_of(control);
        return model_difference(&client["model"], &ours, "supervisorctl");
    } else {
        return Some(format!("supervisorctl accepts, we say {ours:?}"));
    }
    None
}

/// Through text: numbers beyond 64 bits are no `Value`s otherwise.
fn value_of(model: &impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(model).unwrap()).unwrap()
}

/// The first value of theirs that ours has not; ours may have more.
fn model_difference(theirs: &Value, ours: &Value, place: &str) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) if place.ends_with("environment") => {
            (theirs != ours).then(|| format!("{place}: {theirs:?}, we {ours:?}"))
        }
        (Value::Object(theirs), Value::Object(ours)) => theirs.iter().find_map(|(key, value)| {
            let ours = ours.get(key).unwrap_or(&Value::Null);
            model_difference(value, ours, &format!("{place}.{key}"))
        }),
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => theirs
            .iter()
            .zip(ours)
            .enumerate()
            .find_map(|(n, (a, b))| model_difference(a, b, &format!("{place}[{n}]"))),
        _ => (theirs != ours).then(|| format!("{place}: {theirs}, we {ours}")),
    }
}

fn compare(questions: &[Files], verdicts: &[Value], version: Version) -> [usize; 3] {
    assert_eq!(questions.len(), verdicts.len());
    let mut wrong = Vec::new();
    let mut counts = [0; 3];
    for (files, verdict) in questions.iter().zip(verdicts) {
        let daemon = &verdict["supervisord"];
        counts[usize::from(daemon["error"].is_string())
            + 2 * usize::from(daemon["crash"].is_string())] += 1;
        if let Some(difference) = difference(files, verdict, version) {
            wrong.push(format!("{difference}\n{}", files[CONF]));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        questions.len(),
        wrong[..wrong.len().min(12)].join("\n--------\n")
    );
    counts
}

/// Questions and answers, one pair a line.
fn recorded(file: &str) -> (Vec<Files>, Vec<Value>) {
    let text = std::fs::read_to_string(fixtures().join(file)).unwrap();
    let pairs = text.lines().map(|line| {
        let pair: (Files, Value) = serde_json::from_str(line).unwrap();
        pair
    });
    pairs.unzip()
}

/// The interpreter's supervisor, and its verdicts.
fn ask(python: &str, questions: &[Files]) -> (String, Vec<Value>) {
    let mut child = Command::new(python)
        .arg(fixtures().join("reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("RBUILDOUT_ORACLE_PYTHON must name an interpreter");
    let mut stdin = child.stdin.take().unwrap();
    let text = serde_json::to_vec(questions).unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&text).unwrap());
    let answer = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(
        answer.status.success(),
        "reference.py failed; has {python} supervisor?"
    );
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn each_rule_is_supervisors() {
    let (questions, verdicts) = recorded("rules.jsonl");
    assert!(questions.len() > 180);
    let [accepted, refused, _] = compare(&questions, &verdicts, Version::CURRENT);
    assert!(accepted > 70 && refused > 90, "{accepted} {refused}");
}

#[test]
fn recorded_configurations_get_supervisors_verdict() {
    let (questions, verdicts) = recorded("random.jsonl");
    assert_eq!(questions.len(), 300);
    let [accepted, refused, _] = compare(&questions, &verdicts, Version::CURRENT);
    assert!(accepted > 60 && refused > 100, "{accepted} {refused}");
}

#[test]
fn random_configurations_get_supervisors_verdict() {
    let Ok(python) = std::env::var("RBUILDOUT_ORACLE_PYTHON") else {
        eprintln!("SKIPPED: RBUILDOUT_ORACLE_PYTHON names no interpreter with supervisor");
        return;
    };
    let seed = std::env::var("RBUILDOUT_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut random = random::Random::new(seed.unwrap_or(0x9e37_79b9_7f4a_7c15));
    let questions: Vec<Files> = (0..5_000).map(|n| random.question(n)).collect();
    let (version, verdicts) = ask(&python, &questions);
    let counts = compare(&questions, &verdicts, Version::parse(&version).unwrap());
    eprintln!("supervisor {version}: accepted, refused, crashed: {counts:?}");
    if std::env::var("RBUILDOUT_RECORD").is_ok() {
        let lines: Vec<String> = questions[..300]
            .iter()
            .zip(&verdicts)
            .map(|pair| serde_json::to_string(&pair).unwrap())
            .collect();
        std::fs::write(fixtures().join("random.jsonl"), lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn noise_is_never_a_panic() {
    let mut random = random::Random::new(7);
    let versions = ["3.3", "4.0.0", "4.2", "4.3", "4.4"].map(|v| Version::parse(v).unwrap());
    for n in 0..10_000 {
        let files = random.noise();
        let checked = check(&files, versions[n % versions.len()]);
        let stops = checked.findings.iter().filter(|f| f.stops).count();
        assert_eq!(
            stops,
            usize::from(checked.model.is_none()),
            "{}",
            files[CONF]
        );
    }
}

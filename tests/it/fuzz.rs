//! Mutated configurations: whatever stands in them, reading them ends, soon and without a panic.
//!
//! `cargo test` runs the recorded texts of fixtures/fuzz/texts.json and some thousands of mutations of them. RBUILDOUT_FUZZ_INPUTS says
//! how many (a million was run once), RBUILDOUT_FUZZ_SEED where to begin: an input is made from its number alone, which is
//! told when it fails. RBUILDOUT_FUZZ_RECORD=1 adds texts that gave an answer of a new kind to the recorded ones.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rbuildout::config::condition::{self, Interpreter, Names};
use rbuildout::config::load::{self, Condition, Environment, Evaluator, Override};
use rbuildout::dist::marker::Marker;
use rbuildout::error::{Error, Result};
use rbuildout::generation::Generation;
use rbuildout::options::{Buildout, references};
use rbuildout::text::Text;

use crate::support::chance::Chance;
use crate::support::files::Files;

/// No input is large; one that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(120);

/// Pieces that are put in anywhere.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "[", "]", "[a]", "[a:python3]", "[b:", ":", "=", "+=", " -= ", "+", "-", "<=", "<= a\n", "<= b a", "=> a", "#", ";",
    "${", "}", "${a:x}", "${:x}", "$$", "${b:y}", "${buildout:directory}", " ", "  ", "\t", "\n", "\r", "\r\n", "\n  ",
    "\u{b}", "\u{c}", "\u{1c}", "\u{1f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{200b}", "\0", "\u{7f}", "é", "\u{10ffff}",
    "\\", "\"", "'", "\\x23", "extends = f1.cfg\n", "extends = f0.cfg f2.cfg\n", "optional-extends = gone.cfg\n",
    "extends = http://h/f2.cfg\n", "[buildout]\n", "versions =", "parts =", "directory = ${a:x}", "x += 1\n", "x -= 1\n", "x = 1\n",
    "extends-cache = c", "newest = no", "<", "not", " and ", " or ", "(", ")", "python_version", "sys.platform", "'linux'", "==",
    " in ", "lambda: 0", "**", "9999999999999999999999", "len(", "\u{0}", "None", "1 if 2 else 3", "[x for x in y]", "{1: 2}", "f'{1}'",
];

/// What a condition is made of, beside the pieces.
#[rustfmt::skip]
const CONDITIONS: &[&str] = &[
    "python_version >= '3.6'", "sys_platform == 'win32' or os_name == 'posix'", "linux and not windows", "sys.version_info < (3, 0)",
    "sys.platform.startswith(('lin', 'win'))", "platform.system() == 'Linux' and bits64", "len(os.name) > 3", "'a' in ['a', 'b'][0:1]",
    "not (True and (False or 1 < 2 <= 3))", "python_full_version in '3.11.7 3.12'", "extra == 'x'", "-1 + 2 * 3 // 4 % 5", "python3", "1, 0", "()",
    "sys.version_info[0] == 3", "re.match('l', sys.platform)", "platform_machine == \"x86_64\"", "'\\x23' in 'a\\x23b'", "macosx and cpython",
];

fn mutate(chance: &mut Chance, text: &str, texts: &[String]) -> String {
    let mut text = text.to_owned();
    for _ in 0..=chance.below(4) {
        let places: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let mut place = || places[chance.below(places.len())];
        let (a, b) = (place(), place());
        let (start, end) = (a.min(b), a.max(b));
        match chance.below(8) {
            0 => text.replace_range(start..end, ""),
            1 | 2 => text.insert_str(start, PIECES[chance.below(PIECES.len())]),
            3 => {
                let copied = text[start..end].to_owned();
                text.insert_str(end, &copied);
            }
            4 => {
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                let (one, two) = (chance.below(lines.len()), chance.below(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, two);
                }
                text = lines.concat();
            }
            5 => {
                let other = chance.one(texts);
                let lines: Vec<&str> = other.split_inclusive('\n').collect();
                let from = chance.below(lines.len());
                let count = chance.below(8);
                let taken: String = lines[from.min(lines.len())..]
                    .iter()
                    .take(count)
                    .copied()
                    .collect();
                text.insert_str(start, &taken);
            }
            6 => {
                let next =
                    places[(places.partition_point(|at| *at <= start)).min(places.len() - 1)];
                text.replace_range(start..next, PIECES[chance.below(PIECES.len())]);
            }
            _ => text = text.repeat(1 + chance.below(3)),
        }
        if text.len() > 20_000 {
            let end = text
                .char_indices()
                .nth(5_000)
                .map_or(text.len(), |(at, _)| at);
            text.truncate(end);
        }
    }
    text
}

/// Decides what can be decided without an interpreter; the rest does not hold.
struct Decider(Names);

impl Decider {
    fn new() -> Self {
        let text = |text: &str| text.to_owned();
        Self(
            Interpreter {
                version: text("3.11.7 (main) [GCC 12]"),
                full_version: text("3.11.7"),
                platform: text("linux"),
                os_name: text("posix"),
                byte_order: text("little"),
                pointer_bits: 64,
                system: text("Linux"),
                machine: text("x86_64"),
                release: text("6.1"),
                system_version: text("#1"),
                implementation: text("CPython"),
                executable: text("/py"),
                prefix: text("/usr"),
                base_prefix: text("/usr"),
            }
            .names(),
        )
    }

    fn decide(&self, expression: &str) -> bool {
        let expression = condition::unescaped(expression);
        if let Ok(marker) = Marker::parse(&expression) {
            let facts = [("python_version", "3.11"), ("os_name", "posix")];
            let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned()));
            return marker
                .holds(&facts.into_iter().collect(), "")
                .unwrap_or(false);
        }
        condition::holds(&expression, &self.0).unwrap_or(false)
    }
}

impl Evaluator for Decider {
    fn evaluate(&self, condition: &Condition<'_>) -> Result<bool> {
        Ok(self.decide(condition.expression))
    }
}

fn environment() -> Environment {
    Environment {
        cwd: "/b".into(),
        home: "/h".into(),
        user_defaults: Some("/b/f3.cfg".into()),
        executable: "/py".into(),
        generation: Generation::NEWEST,
    }
}

/// Loads a configuration and resolves all of it. What comes back is the kind of answer.
fn run(files: BTreeMap<String, String>, overrides: &[Override], decider: &Decider) -> String {
    let loaded = match load::load(
        Some("f0.cfg"),
        overrides,
        &environment(),
        &Files(files),
        decider,
    ) {
        Ok(loaded) => loaded,
        Err(error) => return kind(&error),
    };
    let mut buildout = Buildout::new(&loaded.config);
    let mut answers = BTreeSet::new();
    for (section, options) in &loaded.config.sections {
        for (option, value) in options {
            drop(references(&value.value));
            assert!(value.history.latest_first().take(1_000).count() > 0);
            match buildout.get(section, option) {
                Ok(value) => drop(value.map(|value| value.start())),
                Err(error) => {
                    answers.insert(kind(&error));
                }
            }
        }
        drop(buildout.all(section));
    }
    answers.into_iter().collect::<Vec<_>>().join("; ")
}

/// A message without what differs from input to input.
fn kind(error: &Error) -> String {
    assert!(!error.message.is_empty());
    for diagnostic in &error.diagnostics {
        // What is pointed at must be there.
        if let Some(at) = &diagnostic.at {
            assert!(at.line >= 1 && at.column >= 1, "{at:?}");
            assert!(
                at.line as usize <= at.source.text.split('\n').count(),
                "{at:?}"
            );
        }
    }
    let ids: BTreeSet<_> = error.diagnostics.iter().map(|d| d.id).collect();
    let words = error.message.split_whitespace().take(3);
    let plain: Vec<_> = words
        .filter(|word| word.chars().all(char::is_alphabetic))
        .collect();
    format!(
        "{} ({})",
        plain.join(" "),
        ids.into_iter().collect::<Vec<_>>().join(", ")
    )
}

/// The input of this number.
fn input(number: u64, texts: &[String]) -> (BTreeMap<String, String>, Vec<Override>, String) {
    let mut chance = Chance::new(number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut files = BTreeMap::new();
    for n in 0..=chance.below(4) {
        let text = chance.one(texts).to_owned();
        let text = match chance.below(3) {
            0 => text,
            _ => mutate(&mut chance, &text, texts),
        };
        files.insert(format!("/b/f{n}.cfg"), text);
    }
    let overrides = (0..chance.below(3))
        .map(|_| Override {
            section: ["a", "b", "buildout", ""][chance.below(4)].into(),
            option: ["x", "x+", "x-", "x +", "+", "", "extends", "<", "é"][chance.below(9)].into(),
            value: PIECES[chance.below(PIECES.len())].into(),
        })
        .collect();
    let condition = CONDITIONS[chance.below(CONDITIONS.len())].to_owned();
    let others: Vec<String> = CONDITIONS.iter().map(|c| (*c).to_owned()).collect();
    let condition = mutate(&mut chance, &condition, &others);
    (files, overrides, condition)
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz/texts.json")
}

fn texts() -> Vec<String> {
    serde_json::from_slice(&std::fs::read(fixture()).unwrap()).unwrap()
}

fn variable(name: &str, default: u64) -> u64 {
    let value = std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok());
    value.unwrap_or(default)
}

/// Ends the process when one input takes too long: a thread that hangs can't be ended.
struct Watch {
    number: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Watch {
    fn new() -> Self {
        let (number, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (watched, ended) = (Arc::clone(&number), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut last = (0, Instant::now());
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(200));
                let now = watched.load(Ordering::Relaxed);
                if now != last.0 {
                    last = (now, Instant::now());
                } else if now > 0 && last.1.elapsed() > LONGEST {
                    eprintln!("input {now} hangs");
                    std::process::abort();
                }
            }
        });
        Self { number, over }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn recorded_texts_are_read_to_an_end() {
    let decider = Decider::new();
    let texts = texts();
    let mut kinds = BTreeSet::new();
    for text in &texts {
        let files = |text: &String| [("/b/f0.cfg".to_owned(), text.clone())].into_iter();
        kinds.insert(run(files(text).collect(), &[], &decider));
    }
    assert!(
        texts.len() > 100 && kinds.len() > 10,
        "{} texts, {} kinds",
        texts.len(),
        kinds.len()
    );
}

#[test]
fn mutated_texts_are_read_to_an_end() {
    let decider = Decider::new();
    let mut texts = texts();
    let first = variable("RBUILDOUT_FUZZ_SEED", 1);
    let count = variable("RBUILDOUT_FUZZ_INPUTS", 2_000);
    let record = variable("RBUILDOUT_FUZZ_RECORD", 0) == 1;
    let watch = Watch::new();
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, 0);
    let mut found = Vec::new();
    for number in first..first + count {
        watch.number.store(number, Ordering::Relaxed);
        let began = Instant::now();
        let (files, overrides, condition) = input(number, &texts);
        let root = files.get("/b/f0.cfg").cloned();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            decider.decide(&condition);
            drop(references(&Text::from(condition.as_str())));
            run(files, &overrides, &decider)
        }));
        let Ok(kind) = ended else {
            panic!(
                "input {number} fell over: {:?} {condition:?}",
                input(number, &texts)
            );
        };
        slowest = slowest.max((began.elapsed(), number));
        let seen = kinds.entry(kind).or_default();
        *seen += 1;
        if record && *seen == 1 {
            found.extend(root.filter(|text| text.len() < 600));
        }
    }
    eprintln!(
        "{count} inputs, {} kinds of answers, the slowest took {slowest:?}",
        kinds.len()
    );
    assert!(kinds.len() > 20, "{kinds:?}");
    if record {
        texts.extend(found);
        texts.sort();
        texts.dedup();
        let text = serde_json::to_string_pretty(&texts).unwrap();
        std::fs::write(fixture(), text + "\n").unwrap();
    }
}

/// References, copies and additions that make much of little: each ends in a value or an error, in memory that is there.
#[test]
fn bombs_end_in_an_error() {
    let decider = Decider::new();
    let watch = Watch::new();
    let lines =
        |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<Vec<_>>().concat();
    let doubling = lines(64, |n| format!("x{} = ${{:x{n}}}${{:x{n}}}\n", n + 1));
    let copying = lines(64, |n| {
        format!("[s{}]\n<= s{n}\n  s{n}\nx += ${{:x}}\n", n + 1)
    });
    let adding = lines(30, |n| {
        format!("[s{}]\n<= s{n}\nx += ${{s{n}:x}}\n  ${{s{n}:x}}\n", n + 1)
    });
    for (number, text) in [
        format!("[a]\nx0 = 12345678\n{doubling}"),
        format!("[s0]\nx = 1\n{copying}"),
        format!("[s0]\nx = 12345678\n{adding}"),
        format!("[a]\nx = {}\n", "${:y}".repeat(100_000)),
        format!("[a]\n{}", "x += 1\n".repeat(50_000)),
        format!("[a]\n{}x = 1\n", "x -= 1\n".repeat(50_000)),
        format!("[a]\n{}", "x = 1\n".repeat(50_000)),
        format!("[a:{}1{}]\nx = 1\n", "(".repeat(50_000), ")".repeat(50_000)),
        format!("[a:{}True]\nx = 1\n", "not ".repeat(50_000)),
        format!("[a:{}1]\nx = 1\n", "1 < ".repeat(50_000)),
        format!("[a:{}1]\nx = 1\n", "2 ** ".repeat(50_000)),
        format!("[a:'x' * {}]\nx = 1\n", "9".repeat(30)),
        format!(
            "[a:{}[0]{}]\nx = 1\n",
            "[".repeat(50_000),
            "]".repeat(50_000)
        ),
        format!(
            "[a:{}os_name == 'posix'{}]\nx = 1\n",
            "(".repeat(50_000),
            ")".repeat(50_000)
        ),
        "[a]\n".repeat(100_000),
        format!("[buildout]\nextends = {}\n", "f0.cfg ".repeat(10_000)),
        format!(
            "[buildout]\noptional-extends = {}\n",
            "gone.cfg ".repeat(100_000)
        ),
    ]
    .into_iter()
    .enumerate()
    {
        watch.number.store(number as u64 + 1, Ordering::Relaxed);
        let began = Instant::now();
        let files = Files([("/b/f0.cfg".to_owned(), text)].into_iter().collect());
        if let Ok(loaded) = load::load(Some("f0.cfg"), &[], &environment(), &files, &decider) {
            // As a run does it, which stops at the first error.
            let last = loaded.config.sections.last();
            let (section, options) = last.map(|(name, section)| (name, section.len())).unwrap();
            let option = format!("x{}", options - 1);
            let mut buildout = Buildout::new(&loaded.config);
            drop(
                buildout
                    .get(section, &option)
                    .and_then(|_| buildout.get(section, "x")),
            );
        }
        assert!(began.elapsed() < LONGEST, "bomb {number}");
    }
}

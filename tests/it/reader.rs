//! The reader of configurations against zc.buildout's own: recorded answers, and live ones on random texts. And that no
//! text makes it, or what comes behind it, fall over.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rbuildout::config::load::{
    self, Condition, DownloadOptions, Environment, Evaluator, Fetched, Opener, Override,
};
use rbuildout::config::reader;
use rbuildout::error::Result;
use rbuildout::options::Buildout;
use rbuildout::pystr::universal_newlines;
use rbuildout::text::Source;
use serde::Deserialize;

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

/// The same texts in every run: xorshift with a fixed seed.
struct Random(u64);

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
const NOISE: &[&str] = &[
    "[", "]", ":", "=", "+", "-", "#", ";", "{", "}", " ", "\t", "\n", "\r", "\u{c}", "\u{85}", "\u{2028}",
    "\u{2029}", "\u{1c}", "\u{1e}", "\u{feff}", "\u{200b}", "\0", "a", "=>", "<", ">", "\\", "\"", "'", "${",
    "\u{10ffff}", "\u{13430}", "\u{e0100}", "\u{50000}", "é",
];

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some_of(&mut self, of: &[&str], n: usize) -> String {
        (0..self.below(n)).map(|_| self.one(of)).collect()
    }

    fn header(&mut self) -> String {
        let before = self.some_of(BLANKS, 2);
        let name = self.one(NAMES);
        let behind = self.some_of(BLANKS, 2);
        let condition = match self.below(3) {
            0 => format!(":{}", self.one(CONDITIONS)),
            _ => String::new(),
        };
        let close = if self.below(12) == 0 { "" } else { "]" };
        format!(
            "[{before}{name}{behind}{condition}{close}{}",
            self.one(TAILS)
        )
    }

    fn words(&mut self) -> String {
        let mut words = String::new();
        for _ in 0..self.below(4) {
            words += self.one(WORDS);
            words += &self.some_of(BLANKS, 2);
        }
        words
    }

    fn option(&mut self) -> String {
        match self.below(12) {
            0 => format!("=>{}", self.words()),
            1 => format!("<={}", self.words()),
            _ => format!("{}{}{}", self.one(NAMES), self.one(SIGNS), self.words()),
        }
    }

    fn continuation(&mut self) -> String {
        format!(
            "{}{}{}",
            self.one(BLANKS),
            self.some_of(BLANKS, 3),
            self.words()
        )
    }

    /// A text of the language's own pieces; one in four with noise in it.
    fn text(&mut self) -> String {
        let mut text = String::new();
        if self.below(40) == 0 {
            text.push('\u{feff}');
        }
        // Most texts are to be without mistakes.
        while self.below(12) != 0 {
            let header = self.header();
            if read(&header).sections.is_some_and(|s| !s.is_empty()) {
                text += &header;
                text += self.one(ENDS);
                break;
            }
        }
        for _ in 0..self.below(24) {
            let line = match self.below(10) {
                0 => self.header(),
                1..=4 => self.option(),
                5..=7 => self.continuation(),
                8 => format!("{}{}", self.one(&["#", ";"]), self.words()),
                _ => self.some_of(BLANKS, 3),
            };
            let is_wrong = read(&format!("[a]\nx=\n{line}")).error.is_some();
            if !is_wrong || self.below(40) == 0 {
                text += &line;
                text += self.one(ENDS);
            }
        }
        if self.below(4) == 0 {
            for _ in 0..=self.below(4) {
                let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let at = places.get(self.below(places.len().max(1))).copied();
                text.insert_str(at.unwrap_or(0), self.one(NOISE));
            }
        }
        text
    }
}

fn texts(count: usize, seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    (0..count).map(|_| random.text()).collect()
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

/// Long chains end in an error, not in a stack that is too small.
#[test]
fn chains_without_end_are_refused() {
    // Threads of tests have a quarter of a program's stack.
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let ended = thread.spawn(refuse_chains_without_end).unwrap().join();
    assert!(ended.is_ok());
}

fn refuse_chains_without_end() {
    let environment = Environment {
        cwd: "/b".into(),
        home: "/h".into(),
        user_defaults: None,
        executable: "/py".into(),
    };
    let chain = |line: &dyn Fn(usize) -> String| -> String { (0..20_000).map(line).collect() };
    let open = |files: Vec<(String, String)>| {
        let files = Files(files.into_iter().collect());
        load::load(Some("f0.cfg"), &[], &environment, &files, &HasOne)
    };
    let references = "More than 500 references lead to one another";
    let copies = "More than 400 sections copy one another";
    for (message, text) in [
        (
            references,
            chain(&|n| format!("[s{n}]\nx = ${{s{}:x}}\n", n + 1)),
        ),
        (copies, chain(&|n| format!("[s{n}]\n<= s{}\n", n + 1))),
        (references, chain(&|n| format!("[s{n}]\n=> s{}\n", n + 1))),
        (
            references,
            format!(
                "[s0]\n{}",
                chain(&|n| match n {
                    0 => "x = ${:x1}\n".to_owned(),
                    n => format!("x{n} = ${{:x{}}}\n", n + 1),
                })
            ),
        ),
    ] {
        let loaded = open(vec![("/b/f0.cfg".into(), text)]).unwrap();
        let mut buildout = Buildout::new(&loaded.config);
        let error = buildout.get("s0", "x").unwrap_err();
        assert_eq!(error.message, message, "{:?}", error.doing.first());
    }
    let file = |n| {
        (
            format!("/b/f{n}.cfg"),
            format!("[buildout]\nextends = f{}.cfg\n", n + 1),
        )
    };
    let error = open((0..20_000).map(file).collect()).unwrap_err();
    assert_eq!(error.message, "More than 950 files extend one another");
}

struct Files(BTreeMap<String, String>);

impl Opener for Files {
    fn open(&self, path: &str) -> Result<Option<String>> {
        Ok(self.0.get(path).cloned())
    }
    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
    fn fetch(&self, url: &str, _: &DownloadOptions) -> Result<Option<Fetched>> {
        Ok(self.open(url)?.map(|text| Fetched { text, copy: None }))
    }
    fn prefetch(&self, _: &[String], _: &DownloadOptions) {}
    fn notice(&self, _: &str) {}
    fn siblings(&self, _: &str) -> Vec<String> {
        self.0
            .keys()
            .filter_map(|path| path.strip_prefix("/b/"))
            .map(str::to_owned)
            .collect()
    }
}

struct HasOne;
impl Evaluator for HasOne {
    fn evaluate(&self, condition: &Condition<'_>) -> Result<bool> {
        Ok(condition.expression.contains('1'))
    }
}

/// What the lines of whole configurations are made of: references that lead somewhere, to nothing and in circles.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "${a:x}", "${b:x}", "${c:y}", "${:x}", "${:y}", "${a:x}${b:y}", "$${a:x}", "$$", "${", "}", "${a:x",
    "${a}", "${a:b:c}", "${é:x}", "${a:é}", "${:}", "${buildout:directory}", "${d:x}",
    "${a:_buildout_section_name_}", "${a :x}", "${${a:x}:y}", "v", "1", "two words", "\u{2028}", "\u{85}",
    "$", "${a:x}\n  ${b:y}", "/", "~", "https://x/y",
];
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "[a]", "[b]", "[c]", "[a:1]", "[b:0]", "[buildout]", "[versions]", "<= a", "<= b", "<= c a", "<= d",
    "< = a", "<+= b", "<=${a:x}", "extends = f1.cfg", "extends = f2.cfg f1.cfg", "extends = f0.cfg",
    "optional-extends = f3.cfg", "extends = gone.cfg", "extends =", "extends-cache = x",
    "versions = versions", "versions = gone", "versions =", "directory = ${a:x}", "bin-directory = ~/x",
    "eggs-directory = é", "log-level = 1", "extended-by = x", "=> a",
];

/// One file of a whole configuration; `[buildout]` first, so that most files extend something.
fn whole(random: &mut Random) -> String {
    let mut text = format!("{}\n", random.one(&["[buildout]", "[buildout]", "[a]"]));
    for _ in 0..random.below(16) {
        if random.below(8) < 3 {
            text += random.one(WHOLE);
        } else {
            text += random.one(&["x", "y", "z", "x", "y", "é", "recipe"]);
            text += random.one(&["=", "=", " += ", "-=", " = ", "+="]);
            for _ in 0..random.below(4) {
                text += random.one(REFERENCES);
                text += random.one(&["", " ", "\n  "]);
            }
        }
        text += random.one(&["\n", "\n", "\n", "\r\n", "\n  1\n", "\n\n"]);
    }
    if random.below(6) == 0 {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[random.below(places.len())];
        text.insert_str(at, random.one(NOISE));
    }
    text
}

#[test]
fn no_configuration_makes_what_comes_behind_fall_over() {
    let mut random = Random(0xdead_beef_cafe_f00d);
    let environment = Environment {
        cwd: "/b".into(),
        home: "/h".into(),
        user_defaults: Some("/b/f3.cfg".into()),
        executable: "/py".into(),
    };
    let mut counts = [0, 0];
    let mut values = [0, 0];
    for _ in 0..10_000 {
        let mut files = BTreeMap::new();
        for n in 0..=random.below(4) {
            files.insert(format!("/b/f{n}.cfg"), whole(&mut random));
        }
        let overrides: Vec<Override> = (0..random.below(3))
            .map(|_| Override {
                section: random.one(&["a", "b", "buildout", ""]).into(),
                option: random
                    .one(&["x", "x+", "x-", "x +", "+", "", "extends", "é"])
                    .into(),
                value: random.one(&["${a:x}", "1", "", "f1.cfg", "é\n1"]).into(),
            })
            .collect();
        let shown = format!("{files:?} {overrides:?}");
        let files = Files(files);
        let read = load::load(Some("f0.cfg"), &overrides, &environment, &files, &HasOne);
        counts[usize::from(read.is_err())] += 1;
        let Ok(loaded) = read else { continue };
        let mut buildout = Buildout::new(&loaded.config);
        for (section, options) in &loaded.config.sections {
            for option in options.keys() {
                match buildout.get(section, option) {
                    Ok(value) => {
                        values[0] += 1;
                        let length = value.as_ref().map_or(0, |value| value.len());
                        assert!(length < 1_000_000, "{shown}");
                    }
                    Err(error) => {
                        values[1] += 1;
                        assert!(!error.message.is_empty(), "{shown}");
                    }
                }
            }
            drop(buildout.all(section));
        }
    }
    assert!(counts.iter().all(|n| *n > 2_000), "loaded, not: {counts:?}");
    assert!(
        values.iter().all(|n| *n > 5_000),
        "values, errors: {values:?}"
    );
}

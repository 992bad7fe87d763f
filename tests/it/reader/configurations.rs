//! Whole configurations: no text makes what comes behind the reader fall over, and no chain is without an end.

use std::collections::BTreeMap;

use rbuildout::config::load::{self, Condition, Environment, Evaluator, Override};
use rbuildout::error::Result;
use rbuildout::generation::Generation;
use rbuildout::options::Buildout;

use super::texts::NOISE;
use crate::support::chance::Chance;
use crate::support::files::Files;

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
        generation: Generation::NEWEST,
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
fn whole(chance: &mut Chance) -> String {
    let mut text = format!("{}\n", chance.one(&["[buildout]", "[buildout]", "[a]"]));
    for _ in 0..chance.below(16) {
        if chance.below(8) < 3 {
            text += chance.one(WHOLE);
        } else {
            text += chance.one(&["x", "y", "z", "x", "y", "é", "recipe"]);
            text += chance.one(&["=", "=", " += ", "-=", " = ", "+="]);
            for _ in 0..chance.below(4) {
                text += chance.one(REFERENCES);
                text += chance.one(&["", " ", "\n  "]);
            }
        }
        text += chance.one(&["\n", "\n", "\n", "\r\n", "\n  1\n", "\n\n"]);
    }
    if chance.below(6) == 0 {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[chance.below(places.len())];
        text.insert_str(at, chance.one(NOISE));
    }
    text
}

#[test]
fn no_configuration_makes_what_comes_behind_fall_over() {
    let mut chance = Chance::new(0xdead_beef_cafe_f00d);
    let environment = Environment {
        cwd: "/b".into(),
        home: "/h".into(),
        user_defaults: Some("/b/f3.cfg".into()),
        executable: "/py".into(),
        generation: Generation::NEWEST,
    };
    let mut counts = [0, 0];
    let mut values = [0, 0];
    for _ in 0..10_000 {
        let mut files = BTreeMap::new();
        for n in 0..=chance.below(4) {
            files.insert(format!("/b/f{n}.cfg"), whole(&mut chance));
        }
        let overrides: Vec<Override> = (0..chance.below(3))
            .map(|_| Override {
                section: chance.one(&["a", "b", "buildout", ""]).into(),
                option: chance
                    .one(&["x", "x+", "x-", "x +", "+", "", "extends", "é"])
                    .into(),
                value: chance.one(&["${a:x}", "1", "", "f1.cfg", "é\n1"]).into(),
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

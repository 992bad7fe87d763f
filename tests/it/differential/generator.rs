//! Makes configurations that are odd in every way that users have found, from a seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Files and the arguments of a run over them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) files: BTreeMap<String, String>,
    pub(super) arguments: Vec<String>,
}

/// The same numbers everywhere, from a seed. splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const HEADERS: [&str; 32] = [
    "[a]",
    "[b]",
    "[c]",
    "[a]",
    "[b]",
    "[ a ]",
    "[b] # comment",
    "[c];x",
    "[a:python3]",
    "[b:python27]",
    "[c: linux and not windows ]",
    "[a:sys.version_info < (3, 0)]",
    "[b:python_version >= '3'] # x",
    "[c:sys.platform.startswith(('lin', 'win'))]",
    "[a:platform.system() == 'Linux' and bits64]",
    "[b:('\\x23' in 'a\\x23b') == True]",
    "[c:len(os.name) > 3 or cygwin]",
    "[a:re.match('l', sys.platform)]",
    "[buildout]",
    "[b:os_name == 'posix']",
    "[d]",
    "[d:1, 0]",
    "[versions]",
    "[\ta\t:\tpython3\t]\t;",
    "[\u{a0}b\u{a0}]",
    "[a:not (python2 or windows) and linux]",
    "[b:(1)]",
    "[c:'a' 'b' == 'ab']",
    "[a:0x10 == 16 and 1e3 > 999]",
    "[d:sys.version_info[:2] >= (3, 0)]",
    "[b:platform_machine != ''] ; a comment",
    "[c:python_version in '3.10 3.11 3.12']",
];
const ODD_HEADERS: [&str; 20] = [
    "[two words]",
    "[a",
    "[]",
    "[a:]",
    "[a:nonsense]",
    "[b: ]",
    "[a:python3] x",
    "[a{b}]",
    "[a]]",
    "[[a]]",
    "[a:1]]",
    "[a:[1]]",
    "[a:python3]\u{c}",
    " [a]",
    "[a]\u{2028}",
    "[a:1 +]",
    "[a:undefined_name]",
    "[a:1 / 0]",
    "[b:platform_machine != '' ; no comment]",
    "[d:sys_version_info >= (3, 0)]",
];
const NAMES: [&str; 8] = ["x", "y", "z", "long-name", "x.y", "Ü", "x", "y"];
const SIGNS: [&str; 18] = [
    "=",
    " = ",
    " =",
    " -=",
    " += ",
    " +=",
    " -= ",
    " -= ",
    " = ",
    "=",
    "\t+= ",
    "  -=",
    "=",
    "=",
    " = ",
    "\u{a0}=\u{a0}",
    " += ",
    "==",
];
const VALUES: [&str; 26] = [
    "1",
    "2",
    "3",
    "one two",
    "",
    "",
    "a ; b",
    "a # b",
    "${a:x}",
    "$${x}",
    "=",
    "  padded  ",
    "é\u{85}è",
    "1\t2",
    "http://h/p?q=1",
    "x = y",
    "${b:y}",
    "${:x}",
    "${c:z}-${a:y}",
    "${nowhere:x}",
    "${a:nothing}",
    "a\u{2028}b\u{1c}c",
    "\u{feff}x",
    "\u{a0}y\u{a0}",
    "$",
    "\u{c}z\u{b}",
];
const ITEMS: [&str; 20] = [
    "1",
    "2",
    "3",
    "one",
    "  deeper",
    "",
    "",
    "# comment",
    "; comment",
    "x = 1",
    "[a]",
    "\tt",
    "\u{c}",
    "2  ",
    "\u{85}n",
    "3\u{85}4",
    "\u{1f}5",
    "${a:x}",
    "1\u{2029}",
    "\u{feff}1",
];
const ODD_LINES: [&str; 15] = [
    "junk",
    "x: 1",
    "  lone",
    "= 1",
    "+= 1",
    "\u{85}",
    "a b = 1",
    "[x] = 1",
    "\u{c}",
    "\u{feff}x = 1",
    "\u{a0}lone",
    "x\u{85}= 1",
    "<= ",
    "=>",
    "é",
];

fn option(dice: &mut Dice, out: &mut Vec<String>) {
    if dice.one_in(14) {
        out.push(format!(
            "<= {}",
            dice.pick(&["a", "b", "a\n   b", "nowhere", "c"])
        ));
        return;
    }
    if dice.one_in(40) {
        out.push(format!("=> {}", dice.pick(&["a", "b c", ""])));
        return;
    }
    let value = dice.pick(&VALUES);
    out.push(format!("{}{}{value}", dice.pick(&NAMES), dice.pick(&SIGNS)));
    if value.is_empty() || dice.one_in(4) {
        let indent = dice.pick(&["  ", "    ", "\t", " "]);
        for _ in 0..dice.roll(4) {
            let item = dice.pick(&ITEMS);
            let comment = item.starts_with(['#', ';']) && !dice.one_in(3);
            out.push(if item.is_empty() || comment {
                item.to_owned()
            } else {
                format!("{indent}{item}")
            });
        }
    }
}

fn file(dice: &mut Dice, extends: &[&str], optional: bool) -> String {
    let mut lines = Vec::new();
    if dice.one_in(8) {
        lines.push("# first line".to_owned());
    }
    if !extends.is_empty() || dice.one_in(2) {
        lines.push("[buildout]".to_owned());
        match (extends, dice.one_in(2)) {
            ([], _) => {}
            (names, true) => lines.push(format!("extends = {}", names.join(" "))),
            (names, false) => lines.push(format!("extends =\n    {}", names.join("\n    "))),
        }
        if optional {
            lines.push("optional-extends = local.cfg nothing.cfg".to_owned());
        }
        // It is made, and said to be: so a resolved value is seen, with the sections that were copied for it.
        if dice.one_in(5) {
            let value = dice.pick(&[
                "${a:x}",
                "e-${b:y}",
                "e/${c:z}${a:y}",
                "${d:x}",
                "$${a:x}",
                "${:x}",
            ]);
            lines.push(format!("eggs-directory = {value}"));
        }
        if dice.one_in(30) {
            let odd = dice.pick(&[
                "versions = a",
                "versions =",
                "versions = nowhere",
                "newest = no",
                "offline = ${a:x}",
                "log-level = DEBUG",
                "log-level = LOUD",
                "bin-directory = ${a:x}",
                "directory = .",
                "extended-by = x",
                "prefer-final = maybe",
                "socket-timeout = 5",
                "allow-picked-versions = ${b:x}",
                "installed =",
            ]);
            lines.push(odd.to_owned());
        }
        for _ in 0..dice.roll(3) {
            let value = dice.pick(&["1", "2", "parts", ""]);
            lines.push(format!(
                "{}{}{value}",
                dice.pick(&["parts", "x", "y"]),
                dice.pick(&SIGNS)
            ));
        }
    }
    for _ in 0..=dice.roll(5) {
        let odd = dice.one_in(200);
        lines.push(
            dice.pick(if odd { &ODD_HEADERS } else { &HEADERS })
                .to_owned(),
        );
        for _ in 0..dice.roll(5) {
            if dice.one_in(400) {
                lines.push(dice.pick(&ODD_LINES).to_owned());
            } else if dice.one_in(8) {
                lines.push(
                    dice.pick(&["", "# comment", "; comment", "   ", "\t"])
                        .to_owned(),
                );
            } else {
                option(dice, &mut lines);
            }
        }
    }
    let end = match dice.roll(20) {
        0 | 1 => "\r\n",
        2 => "\r",
        3 => "\n\n",
        _ => "\n",
    };
    let mut text = lines.join("\n").replace('\n', end);
    if !dice.one_in(6) {
        text.push_str(end);
    }
    if dice.one_in(200) {
        text.insert(0, '\u{feff}');
    }
    if dice.one_in(200) {
        text.push(NO_UTF_8);
    }
    text
}

/// Stands for the byte 0xff in a file.
pub(super) const NO_UTF_8: char = '\u{f8ff}';

pub(super) fn case(seed: u64) -> Case {
    let mut dice = Dice(seed.wrapping_mul(0x1000_0001));
    let mut files = BTreeMap::new();
    let shapes: [[&[&str]; 3]; 8] = [
        [&["base.cfg"], &[], &[]],
        [&["base.cfg", "sub/more.cfg"], &[], &[]],
        [&["base.cfg", "sub/more.cfg"], &["sub/more.cfg"], &[]],
        [&["base.cfg", "base.cfg"], &["sub/more.cfg"], &[]],
        [&[], &[], &[]],
        [&["base.cfg"], &["sub/more.cfg"], &["../local.cfg"]],
        [
            &["sub/more.cfg", "base.cfg"],
            &["local.cfg", "sub/more.cfg"],
            &[],
        ],
        [&["base.cfg"], &["sub/more.cfg"], &["../base.cfg"]],
    ];
    let mut shape = dice.roll(8);
    // Loops are all the same.
    if shape == 7 && !dice.one_in(8) {
        shape = 2;
    }
    let [root, base, more] = shapes[shape];
    for (name, extends) in [
        ("buildout.cfg", root),
        ("base.cfg", base),
        ("sub/more.cfg", more),
        ("local.cfg", &[]),
    ] {
        let optional = name != "local.cfg" && dice.one_in(8);
        files.insert(
            format!("project/{name}"),
            file(&mut dice, extends, optional),
        );
    }
    if dice.one_in(4) {
        let extends: &[&str] = if dice.one_in(3) { &["other.cfg"] } else { &[] };
        files.insert(
            "home/.buildout/default.cfg".to_owned(),
            file(&mut dice, extends, false),
        );
        files.insert(
            "home/.buildout/other.cfg".to_owned(),
            file(&mut dice, &[], false),
        );
    }
    let mut arguments: Vec<String> = Vec::new();
    for _ in 0..dice.roll(3) {
        let assignment = dice.pick(&[
            "a:x=9",
            "a:x+=9",
            "b:y-=1",
            "buildout:y = 2",
            "x+=1",
            "new:o=1",
            "c:z +=3",
            "-v",
            "-U",
            "a:<=b",
            "b:<=a",
            "a:x-=1",
            "a:x=",
            "c:y=${a:x}",
            "buildout:eggs-directory=${c:y}",
            "buildout:extends=base.cfg local.cfg",
            "buildout:parts-=1",
            "a:é=ü",
            "a:x=1=2",
            "-N",
            "-o",
            "-vv",
            "-q",
        ]);
        arguments.push(assignment.to_owned());
    }
    if dice.one_in(12) {
        arguments.push("buildout:extends=local.cfg".to_owned());
    }
    if dice.one_in(8) {
        arguments.push("query".to_owned());
        arguments.push(
            dice.pick(&[
                "a:x",
                "b:y",
                "x",
                "a:nothing",
                "nowhere:x",
                "a:b:c",
                "versions",
            ])
            .to_owned(),
        );
    } else {
        for argument in ["annotate", "a", "b", "c", "d", "new", "two", "versions"] {
            arguments.push(argument.to_owned());
        }
    }
    Case {
        seed,
        files,
        arguments,
    }
}

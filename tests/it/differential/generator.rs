//! Makes configurations that are odd in every way that users have found, from a seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::support::chance::Chance;

/// Files and the arguments of a run over them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) files: BTreeMap<String, String>,
    pub(super) arguments: Vec<String>,
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

fn option(chance: &mut Chance, out: &mut Vec<String>) {
    if chance.one_in(14) {
        out.push(format!(
            "<= {}",
            chance.one(&["a", "b", "a\n   b", "nowhere", "c"])
        ));
        return;
    }
    if chance.one_in(40) {
        out.push(format!("=> {}", chance.one(&["a", "b c", ""])));
        return;
    }
    let value = chance.one(&VALUES);
    out.push(format!(
        "{}{}{value}",
        chance.one(&NAMES),
        chance.one(&SIGNS)
    ));
    if value.is_empty() || chance.one_in(4) {
        let indent = chance.one(&["  ", "    ", "\t", " "]);
        for _ in 0..chance.below(4) {
            let item = chance.one(&ITEMS);
            let comment = item.starts_with(['#', ';']) && !chance.one_in(3);
            out.push(if item.is_empty() || comment {
                item.to_owned()
            } else {
                format!("{indent}{item}")
            });
        }
    }
}

fn file(chance: &mut Chance, extends: &[&str], optional: bool) -> String {
    let mut lines = Vec::new();
    if chance.one_in(8) {
        lines.push("# first line".to_owned());
    }
    if !extends.is_empty() || chance.one_in(2) {
        lines.push("[buildout]".to_owned());
        match (extends, chance.one_in(2)) {
            ([], _) => {}
            (names, true) => lines.push(format!("extends = {}", names.join(" "))),
            (names, false) => lines.push(format!("extends =\n    {}", names.join("\n    "))),
        }
        if optional {
            lines.push("optional-extends = local.cfg nothing.cfg".to_owned());
        }
        // It is made, and said to be: so a resolved value is seen, with the sections that were copied for it.
        if chance.one_in(5) {
            let value = chance.one(&[
                "${a:x}",
                "e-${b:y}",
                "e/${c:z}${a:y}",
                "${d:x}",
                "$${a:x}",
                "${:x}",
            ]);
            lines.push(format!("eggs-directory = {value}"));
        }
        if chance.one_in(30) {
            let odd = chance.one(&[
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
        for _ in 0..chance.below(3) {
            let value = chance.one(&["1", "2", "parts", ""]);
            lines.push(format!(
                "{}{}{value}",
                chance.one(&["parts", "x", "y"]),
                chance.one(&SIGNS)
            ));
        }
    }
    for _ in 0..=chance.below(5) {
        let odd = chance.one_in(200);
        lines.push(
            chance
                .one(if odd { &ODD_HEADERS } else { &HEADERS })
                .to_owned(),
        );
        for _ in 0..chance.below(5) {
            if chance.one_in(400) {
                lines.push(chance.one(&ODD_LINES).to_owned());
            } else if chance.one_in(8) {
                lines.push(
                    chance
                        .one(&["", "# comment", "; comment", "   ", "\t"])
                        .to_owned(),
                );
            } else {
                option(chance, &mut lines);
            }
        }
    }
    let end = match chance.below(20) {
        0 | 1 => "\r\n",
        2 => "\r",
        3 => "\n\n",
        _ => "\n",
    };
    let mut text = lines.join("\n").replace('\n', end);
    if !chance.one_in(6) {
        text.push_str(end);
    }
    if chance.one_in(200) {
        text.insert(0, '\u{feff}');
    }
    if chance.one_in(200) {
        text.push(NO_UTF_8);
    }
    text
}

/// Stands for the byte 0xff in a file.
pub(super) const NO_UTF_8: char = '\u{f8ff}';

pub(super) fn case(seed: u64) -> Case {
    let mut chance = Chance::new(seed.wrapping_mul(0x1000_0001));
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
    let mut shape = chance.below(8);
    // Loops are all the same.
    if shape == 7 && !chance.one_in(8) {
        shape = 2;
    }
    let [root, base, more] = shapes[shape];
    for (name, extends) in [
        ("buildout.cfg", root),
        ("base.cfg", base),
        ("sub/more.cfg", more),
        ("local.cfg", &[]),
    ] {
        let optional = name != "local.cfg" && chance.one_in(8);
        files.insert(
            format!("project/{name}"),
            file(&mut chance, extends, optional),
        );
    }
    if chance.one_in(4) {
        let extends: &[&str] = if chance.one_in(3) {
            &["other.cfg"]
        } else {
            &[]
        };
        files.insert(
            "home/.buildout/default.cfg".to_owned(),
            file(&mut chance, extends, false),
        );
        files.insert(
            "home/.buildout/other.cfg".to_owned(),
            file(&mut chance, &[], false),
        );
    }
    let mut arguments: Vec<String> = Vec::new();
    for _ in 0..chance.below(3) {
        let assignment = chance.one(&[
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
    if chance.one_in(12) {
        arguments.push("buildout:extends=local.cfg".to_owned());
    }
    if chance.one_in(8) {
        arguments.push("query".to_owned());
        arguments.push(
            chance
                .one(&[
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

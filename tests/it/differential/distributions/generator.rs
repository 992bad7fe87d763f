//! Makes a [`World`] from a seed.

use std::collections::BTreeMap;

use super::packages::NAMES;
use super::packages::{MARKERS, VERSIONS, module_of, package, requirement, spelled};
use super::world::{Place, Step, World};
use crate::support::chance::Chance;

const CONFIGURATION: &str = "project/buildout.cfg";

/// The buildout as it is at a step.
struct Buildout {
    names: Vec<String>,
    versions: BTreeMap<String, Vec<String>>,
    /// Options of `[buildout]` but `parts`.
    options: Vec<(String, String)>,
    order: Vec<String>,
    parts: BTreeMap<String, Vec<(String, String)>>,
    pins: Option<Vec<String>>,
    pin_section: String,
}

impl Buildout {
    fn text(&self) -> String {
        let mut text = String::from("[buildout]\n");
        for (name, value) in &self.options {
            text.push_str(&line(name, value));
        }
        text.push_str(&line("parts", &self.order.join(" ")));
        for (part, options) in &self.parts {
            text.push_str(&format!("\n[{part}]\n"));
            for (name, value) in options {
                text.push_str(&line(name, value));
            }
        }
        if let Some(pins) = &self.pins {
            text.push_str(&format!("\n[{}]\n", self.pin_section));
            for pin in pins {
                text.push_str(&format!("{pin}\n"));
            }
        }
        text
    }

    fn set(&mut self, name: &str, value: &str) {
        self.options.push((name.to_owned(), value.to_owned()));
    }

    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(known, _)| known == name)
    }

    /// Mostly a version that there is.
    fn version(&self, chance: &mut Chance, name: &str, odd: usize) -> String {
        if chance.one_in(odd) {
            return chance.one(VERSIONS).to_owned();
        }
        chance.one(&self.versions[name]).to_owned()
    }

    fn new_pins(&self, chance: &mut Chance) -> Vec<String> {
        let mut pins = Vec::new();
        for name in &self.names {
            if !chance.one_in(3) {
                continue;
            }
            let version = self.version(chance, name, 40);
            let constraint = match chance.below(30) {
                0 => format!(">={version}"),
                1 => format!("<{version}"),
                2 => ">=0.5,<2".to_owned(),
                3 => String::new(),
                4 => format!("=={version}"),
                5 => chance
                    .one(&["9.9", "1.*", ">= 1.0", "==1.*", " 1.0", "> 1", "<=2.0"])
                    .to_owned(),
                _ => version,
            };
            pins.push(format!("{} = {constraint}", spelled(chance, name)));
        }
        pins
    }

    fn new_part(&self, chance: &mut Chance, part: &str) -> Vec<(String, String)> {
        let names = &self.names;
        let mut options: Vec<(String, String)> = Vec::new();
        let mut set = |name: &str, value: &str| options.push((name.to_owned(), value.to_owned()));
        set(
            "recipe",
            chance.one(&[
                "zc.recipe.egg",
                "zc.recipe.egg:scripts",
                "zc.recipe.egg:eggs",
                "zc.recipe.egg:scripts",
            ]),
        );
        if !chance.one_in(40) {
            let mut eggs: Vec<String> = (0..=chance.below(3))
                .map(|_| requirement(chance, names))
                .collect();
            if chance.one_in(15) {
                eggs[0].push_str(&format!(" ; {}", chance.one(MARKERS)));
            }
            let begin = if chance.one_in(2) { "" } else { "\n    " };
            set("eggs", &format!("{begin}{}", eggs.join("\n    ")));
        }
        let low = |chance: &mut Chance| module_of(chance.one(names));
        if chance.one_in(4) {
            let mut scripts = Vec::new();
            if !chance.one_in(4) {
                for _ in 0..=chance.below(3) {
                    let of_project = low(chance);
                    let named = [
                        of_project.clone(),
                        format!("{of_project}=renamed-{part}"),
                        "shared".to_owned(),
                        "b".to_owned(),
                        "nothing".to_owned(),
                        "nothing=else".to_owned(),
                        "a-tool=sub.name".to_owned(),
                        format!("{of_project}-cli"),
                    ];
                    scripts.push(chance.one(&named).to_owned());
                }
            }
            set("scripts", &scripts.join(" "));
        }
        if chance.one_in(6) {
            let of_project = format!("ep-one={}:main", low(chance));
            let bad = if chance.one_in(16) { "x=1" } else { "ep3=a:b" };
            let all = [&*of_project, "ep2=a.b.c:d.e", "shared=x:y", bad];
            let points = [chance.one(&all), chance.one(&all)];
            set("entry-points", &points[chance.below(2)..].join(" "));
        }
        let rare: &[(&str, usize, &[&str])] = &[
            ("interpreter", 5, &["py", "py-other"]),
            (
                "dependent-scripts",
                5,
                &["true", "true", "true", "true", "false"],
            ),
            (
                "extra-paths",
                6,
                &[
                    "lib",
                    "\n    lib\n    /opt/x",
                    "${buildout:directory}/lib",
                    "\n  lib\n  lib",
                    "lib/../lib2",
                    "\n    it's",
                ],
            ),
            (
                "initialization",
                6,
                &[
                    "import os",
                    "\n    import os\n    os.environ[\"A\"] = \"b\"",
                    "\n    # x\n\n    y = 1",
                ],
            ),
            ("arguments", 6, &["1, 2", "\"a\", b=2", ""]),
            ("relative-paths", 6, &["true", "true", "false"]),
            ("skip-dependencies", 10, &["true"]),
            ("unused-thing", 12, &["1"]),
            (
                "find-links",
                14,
                &[
                    "[ROOT]/links",
                    "[ROOT]/links [ROOT]/nothing",
                    "../links",
                    "",
                ],
            ),
            ("index", 20, &["[ROOT]/index", "[INDEX]", "[ROOT]/none"]),
        ];
        for (name, odds, values) in rare {
            if chance.one_in(*odds) {
                set(name, chance.one(values));
            }
        }
        options
    }
}

fn line(name: &str, value: &str) -> String {
    if value.is_empty() || value.starts_with('\n') {
        format!("{name} ={value}\n")
    } else {
        format!("{name} = {value}\n")
    }
}

pub(super) fn world(seed: u64) -> World {
    let mut chance = Chance::new(seed.wrapping_mul(0x1000_0001));
    let chance = &mut chance;
    let mut names: Vec<String> = Vec::new();
    for _ in 0..2 + chance.below(4) {
        let name = chance.one(NAMES).to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let kind = chance.below(6);
    let mut packages = Vec::new();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in &names {
        let known = versions.entry(name.clone()).or_default();
        for _ in 0..=chance.below(4) {
            let version = chance.one(VERSIONS).to_owned();
            if !known.contains(&version) {
                let place = place(chance, kind);
                packages.push(package(chance, name, &version, &names, place));
                known.push(version);
            }
        }
    }
    let buildout = Buildout {
        names,
        versions,
        options: Vec::new(),
        order: Vec::new(),
        parts: BTreeMap::new(),
        pins: None,
        pin_section: "versions".to_owned(),
    };
    let (mut buildout, first) = first_step(chance, buildout, kind);
    let mut steps = vec![first];
    for _ in 0..=chance.below(2) {
        steps.push(next_step(chance, &mut buildout, kind));
    }
    World {
        seed,
        packages,
        steps,
    }
}

fn place(chance: &mut Chance, kind: usize) -> Place {
    match kind {
        0 => Place::Index,
        1 => Place::Links,
        2 => [Place::Index, Place::Links][chance.below(2)],
        3 | 4 => Place::Served,
        _ => [Place::Served, Place::Links][chance.below(2)],
    }
}

fn first_step(chance: &mut Chance, mut buildout: Buildout, kind: usize) -> (Buildout, Step) {
    let rare: &[(&str, usize, &[&str])] = &[
        ("newest", 3, &["false"]),
        ("prefer-final", 3, &["false", "true"]),
        ("show-picked-versions", 3, &["true"]),
        ("allow-picked-versions", 20, &["false"]),
        (
            "update-versions-file",
            5,
            &["versions.cfg", "versions.cfg", "buildout.cfg"],
        ),
        ("allow-unknown-extras", 6, &["true"]),
        ("download-cache", 8, &["cache", "[ROOT]/cache"]),
        ("relative-paths", 12, &["true"]),
        ("abi-tag-eggs", 15, &["true"]),
        ("eggs-directory", 15, &["[ROOT]/shared-eggs"]),
    ];
    let mut step = Step::default();
    let index = match kind {
        0 | 1 => "[ROOT]/index",
        2 => chance.one(&["[ROOT]/index", "file://[ROOT]/index/"]),
        3 | 4 => "[INDEX]",
        _ => "[INDEX]/",
    };
    buildout.set("index", index);
    if [1, 2, 5].contains(&kind) {
        let links = chance.one(&[
            "[ROOT]/links",
            "[ROOT]/links",
            "file://[ROOT]/links",
            "[ROOT]/links\n    [ROOT]/no-links",
            "../links",
        ]);
        buildout.set("find-links", links);
    }
    for (name, odds, values) in rare {
        if chance.one_in(*odds) {
            buildout.set(name, chance.one(values));
        }
    }
    if buildout.has("download-cache") && chance.one_in(8) {
        buildout.set("install-from-cache", "true");
    }
    buildout.order = ["one", "two", "three"][..=chance.below(3)]
        .iter()
        .map(ToString::to_string)
        .collect();
    if chance.one_in(8) {
        buildout.order[0].clone_from(&buildout.names[0]);
    }
    for part in buildout.order.clone() {
        let options = buildout.new_part(chance, &part);
        buildout.parts.insert(part, options);
    }
    if chance.one_in(2) || buildout.has("allow-picked-versions") {
        buildout.pins = Some(buildout.new_pins(chance));
        if chance.one_in(6) {
            "other".clone_into(&mut buildout.pin_section);
            buildout.set("versions", "other");
        }
    } else if chance.one_in(20) {
        buildout.set("versions", "");
    }
    let writes = |(name, value): &(String, String)| {
        name == "update-versions-file" && value == "versions.cfg"
    };
    if buildout.options.iter().any(writes) && chance.one_in(2) {
        buildout.set("extends", "versions.cfg");
        let file = "project/versions.cfg".to_owned();
        step.files.insert(file, "[versions]\n".to_owned());
    }
    step.files.insert(CONFIGURATION.to_owned(), buildout.text());
    for (argument, odds) in [("-N", 10), ("-n", 14), ("-q", 20)] {
        if chance.one_in(odds) {
            step.arguments.push(argument.to_owned());
        }
    }
    if chance.one_in(10) {
        let name = chance.one(&buildout.names).to_owned();
        let version = buildout.version(chance, &name, 4);
        let pin = format!("versions:{}={version}", spelled(chance, &name));
        step.arguments.push(pin);
    }
    if chance.one_in(20) {
        step.arguments.push("install".to_owned());
        step.arguments.push(chance.one(&buildout.order).to_owned());
    }
    (buildout, step)
}

fn next_step(chance: &mut Chance, buildout: &mut Buildout, kind: usize) -> Step {
    let mut step = Step::default();
    if chance.one_in(3) {
        step.arguments
            .push(chance.one(&["-N", "-n", "-N"]).to_owned());
    }
    for _ in 0..=usize::from(chance.one_in(4)) {
        let part = chance.one(&buildout.order).to_owned();
        match chance.below(8) {
            0 => {
                let name = chance.one(&buildout.names).to_owned();
                let version = chance.one(&["4.0", "1.3", "5.0a1", "1.0.post9", "0.1"]);
                let known = buildout.versions.entry(name.clone()).or_default();
                if !known.iter().any(|known| known == version) {
                    known.push(version.to_owned());
                    let place = place(chance, kind);
                    let mut new = package(chance, &name, version, &buildout.names, place);
                    new.is_source = false;
                    step.published.push(new);
                }
            }
            1 => buildout.pins = Some(buildout.new_pins(chance)),
            2 => {
                let options = buildout.parts.get_mut(&part);
                let eggs = options.and_then(|all| all.iter_mut().find(|(name, _)| name == "eggs"));
                if let Some((_, eggs)) = eggs {
                    match eggs.trim().rsplit_once('\n') {
                        Some((rest, _)) => *eggs = rest.to_owned(),
                        None => *eggs = requirement(chance, &buildout.names),
                    }
                }
            }
            3 if buildout.order.len() > 1 => {
                let at = chance.below(2) * (buildout.order.len() - 1);
                buildout.order.remove(at);
            }
            4 => step.removed.push("project/eggs".to_owned()),
            5 => {
                let options = buildout.new_part(chance, &part);
                buildout.parts.insert(part, options);
            }
            6 => step.removed.push("project/bin".to_owned()),
            7 => buildout.order.rotate_left(1),
            _ => {}
        }
    }
    step.files.insert(CONFIGURATION.to_owned(), buildout.text());
    step
}

//! Names, versions and requirements that are odd in the ways in which projects on real indexes are.

use super::world::{Package, Place};
use crate::support::chance::Chance;

pub(super) const NAMES: &[&str] = &[
    "alpha", "Beta", "gam.ma", "del-ta", "eps_ilon", "Ze.Ta-x", "eta.core", "theta", "iota2",
    "Kap_pa.Z",
];
pub(super) const VERSIONS: &[&str] = &[
    "1.0",
    "1.1",
    "1.2",
    "2.0",
    "2.1",
    "0.9",
    "1.0a1",
    "2.0b2",
    "2.1rc1",
    "3.0.dev1",
    "1.1.post1",
    "1.0+local.1",
    "1!0.5",
    "1.0.0",
    "10.0",
    "2.0.1",
    "1.1.dev3",
    "2",
    "1.0c1",
];
/// What nearly all versions are in.
const WIDE: &[&str] = &[
    ">=0.1",
    ">=0.5",
    ">0.1",
    "<20",
    "!=1.1",
    ">=0.1.dev1",
    "<3!0",
    ">=0.5,!=1.0",
    ">=0.9",
    "!=2.*",
];
const NARROW: &[&str] = &[
    "==1.*",
    ">1.0a1",
    "===1.0",
    ">=2.0b1",
    "<=2.0",
    ">=9",
    "==1.1",
    "<1.0.post1",
    "> 1",
    "==1.0+local.1",
    ">=1!0",
    "~=1.0",
    "<2",
    ">=1.1,<3",
];
pub(super) const MARKERS: &[&str] = &[
    "python_version < \"3\"",
    "python_version >= \"3\"",
    "sys_platform == \"linux\"",
    "os_name == \"nt\"",
    "platform_python_implementation == \"CPython\" and python_version > \"3.6\"",
];
const EXTRAS: &[&str] = &["web", "test", "all", "dot.ted", "under_score", "Web"];
const ODD_EXTRAS: &[&str] = &[
    "web",
    "test",
    "Web",
    "no-such",
    "all",
    "web,test",
    "dot.ted",
    "under_score",
];
const PYTHONS: &[&str] = &[">=3", ">=3.6,<4", "!=3.0.*, >=2.7", ">=2.7"];
const OTHER_PYTHONS: &[&str] = &["<3", ">=3.30"];

/// PEP 503.
pub(super) fn canonical(name: &str) -> String {
    name.to_lowercase().replace(['.', '_'], "-")
}

/// As modules and scripts are called.
pub(super) fn module_of(name: &str) -> String {
    name.to_lowercase().replace(['.', '-'], "_")
}

/// A name as someone else writes it.
pub(super) fn spelled(chance: &mut Chance, name: &str) -> String {
    match chance.below(8) {
        0 => canonical(name),
        1 => name.to_lowercase(),
        2 => name.replace(['.', '_'], "-"),
        3 => name.replace(['-', '.'], "_"),
        4 => name.to_uppercase(),
        _ => name.to_owned(),
    }
}

pub(super) fn requirement(chance: &mut Chance, names: &[String]) -> String {
    let (wanted, clauses) = requirement_pieces(chance, names);
    wanted + &clauses
}

/// The project with its extras, and the clauses.
fn requirement_pieces(chance: &mut Chance, names: &[String]) -> (String, String) {
    let mut name = chance.one(names);
    if chance.one_in(150) {
        name = "nowhere";
    }
    let mut wanted = spelled(chance, name);
    if chance.one_in(6) {
        let extra = if chance.one_in(8) {
            chance.one(ODD_EXTRAS)
        } else {
            "web"
        };
        wanted = format!("{wanted}[{extra}]");
    }
    let mut clauses = String::new();
    if chance.one_in(3) {
        let narrow = chance.one_in(12);
        clauses = chance.one(if narrow { NARROW } else { WIDE }).to_owned();
        if chance.one_in(12) {
            clauses.insert(0, ' ');
        }
    }
    (wanted, clauses)
}

pub(super) fn package(
    chance: &mut Chance,
    name: &str,
    version: &str,
    names: &[String],
    place: Place,
) -> Package {
    let (modules, module, top, namespace) = modules(chance, name);
    let module_name = module_of(name);
    let file = match chance.below(5) {
        0 => name.replace('-', "_"),
        1 => name.replace(['.', '-'], "_"),
        _ => module_name.clone(),
    };
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        file,
        place,
        metadata: metadata(chance, name, names),
        entry_points: entry_points(chance, &module_name, &module),
        modules: modules.into_iter().collect(),
        top,
        namespace,
        is_source: chance.one_in(200),
        is_yanked: chance.one_in(15),
    }
}

fn metadata(chance: &mut Chance, name: &str, names: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..[0, 0, 0, 1, 1, 2, 3][chance.below(7)] {
        let (wanted, clauses) = requirement_pieces(chance, names);
        lines.push(match chance.below(20) {
            0..=3 => format!("Requires-Dist: {wanted}{clauses} ; {}", chance.one(MARKERS)),
            4 => format!("Requires-Dist: {wanted}{clauses} ; extra == \"nothing\""),
            5 | 6 if !clauses.is_empty() => {
                format!("Requires-Dist: {wanted} ({})", clauses.trim())
            }
            _ => format!("Requires-Dist: {wanted}{clauses}"),
        });
    }
    for extra in EXTRAS {
        let is_there = match *extra {
            "web" => !chance.one_in(30),
            "test" => chance.one_in(4),
            _ => chance.one_in(9),
        };
        if !is_there {
            continue;
        }
        lines.push(format!("Provides-Extra: {extra}"));
        for _ in 0..chance.below(3) {
            let mut wanted = requirement(chance, names);
            if *extra == "all" {
                wanted = format!("{name}[{}]", chance.one(&["web", "all"]));
            }
            let mut marker = format!("extra == \"{extra}\"");
            if chance.one_in(6) {
                marker = format!("({}) and {marker}", chance.one(MARKERS));
            }
            lines.push(format!("Requires-Dist: {wanted} ; {marker}"));
        }
    }
    if chance.one_in(12) {
        let other = chance.one_in(8);
        let pythons = if other { OTHER_PYTHONS } else { PYTHONS };
        lines.push(format!("Requires-Python: {}", chance.one(pythons)));
    }
    lines
}

type Modules = (Vec<(String, String)>, String, String, Option<String>);

/// Files, the module that scripts name, the top level, the namespace.
fn modules(chance: &mut Chance, name: &str) -> Modules {
    let top = module_of(name);
    // The usual module.
    let own = |path: String| (path, String::new());
    let kind = chance.below(10);
    if !name.contains('.') || kind >= 4 {
        let end = if chance.one_in(3) {
            "/__init__.py"
        } else {
            ".py"
        };
        return (vec![own(format!("{top}{end}"))], top.clone(), top, None);
    }
    let dotted = name.replace('-', "_");
    let above = dotted.split('.').next().unwrap_or_default().to_owned();
    let mut files = vec![own(format!("{}/__init__.py", dotted.replace('.', "/")))];
    let declared = match kind {
        0 => "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
        1 => "__import__('pkg_resources').declare_namespace(__name__)\n",
        _ => return (files, dotted, above, None),
    };
    files.push((format!("{above}/__init__.py"), declared.to_owned()));
    (files, dotted, above.clone(), Some(above))
}

fn entry_points(chance: &mut Chance, name: &str, module: &str) -> String {
    let mut text = String::new();
    if chance.one_in(2) {
        text.push_str("[console_scripts]\n");
        let scripts = [
            name.to_owned(),
            format!("{name}-cli"),
            format!("run.{name}"),
            format!("{name}_x"),
            "shared".to_owned(),
            "b".to_owned(),
            "a-tool".to_owned(),
        ];
        let mut used: Vec<&str> = Vec::new();
        for _ in 0..=chance.below(3) {
            let script = chance.one(&scripts);
            if used.contains(&script) {
                continue;
            }
            used.push(script);
            let object = chance.one(&["main", "main", "Obj.run"]);
            let extra = match chance.below(16) {
                0 => " [web]",
                1 => " [test]",
                _ => "",
            };
            text.push_str(&format!("{script} = {module}:{object}{extra}\n"));
        }
    }
    if chance.one_in(6) {
        text.push_str(&format!("[gui_scripts]\n{name}-gui = {module}:main\n"));
    }
    if chance.one_in(8) {
        text.push_str(&format!("[zope.plug]\nx = {module}:main\n"));
    }
    text
}

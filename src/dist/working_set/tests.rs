use std::path::Path;

use super::*;
use crate::dist::sample::facts;
use crate::dist::version::Version;

/// Entries; what is added (`+`, `!` replacing; name, version, egg or develop, location); entries and
/// distributions after it. Recorded from pkg_resources with random sequences.
const ADDED: &[(&str, &str, &str, &str)] = &[
    ("/e/a.egg /s", "+a2e/e !a1d/e/a.egg", "/e/a.egg /s /e", "a1"),
    (
        "/e",
        "+a1e/s +a2e/d/src !b2d/e +c1e/e +c1e/e/a.egg +b2d/d/src",
        "/e/a.egg /e /s /d/src",
        "b2 c1 a1",
    ),
    (
        "/d/src /s /e/b.egg",
        "+b1e/e/a.egg !d2d/d/src +a2e/e +d2e/e/a.egg",
        "/d/src /s /e/b.egg /e/a.egg /e",
        "d2 b1 a2",
    ),
    (
        "",
        "+c2d/d/src +d1e/d/src +a1d/s !c2d/s !c1e/s !c1e/e/a.egg",
        "/e/a.egg /d/src /s",
        "c1 d1 a1",
    ),
    (
        "/e /e/a.egg /s",
        "+c1d/d/src +d2d/e/b.egg !a1e/e/a.egg !a2e/e/a.egg +b2d/e",
        "/e/a.egg /e /s /d/src /e/b.egg",
        "a2 b2 c1 d2",
    ),
    (
        "/e/a.egg /d/src",
        "!d2d/e !d2e/e !d1e/e/a.egg +a1e/e +a1e/e/b.egg !c2d/e/a.egg",
        "/e/a.egg /e/b.egg /e /d/src",
        "d1 c2 a1",
    ),
    (
        "",
        "!d2d/s +c2d/e !a1d/e/a.egg +a2e/d/src +c1d/e/b.egg",
        "/e/a.egg /s /e /d/src /e/b.egg",
        "a1 d2 c2",
    ),
    (
        "/d/src /d/src /e/b.egg /e/a.egg",
        "!b2e/e/a.egg +c1e/s !c1d/s !c1e/e/b.egg !b2e/s +a2d/d/src",
        "/d/src /d/src /e/b.egg /e/a.egg /s",
        "a2 c1 b2",
    ),
    ("", "!b2e/s !a2d/e/b.egg", "/e/b.egg /s", "a2 b2"),
    (
        "",
        "+b1e/e/a.egg !b2d/s +b1e/d/src",
        "/s /e/a.egg /d/src",
        "b2",
    ),
    (
        "",
        "!d1e/e/a.egg !c1d/e/a.egg +b1d/s +d1e/d/src +d1e/e +b1d/e/a.egg",
        "/e/a.egg /s /d/src /e",
        "d1 c1 b1",
    ),
    (
        "",
        "+c2e/e !b1d/e !d1e/e +b2d/d/src +b2e/s !d1d/e/a.egg",
        "/e/a.egg /e /d/src /s",
        "d1 c2 b1",
    ),
    ("", "+a1d/s +c1d/e/a.egg +b1d/s", "/s /e/a.egg", "a1 b1 c1"),
    (
        "/e/a.egg",
        "!d2d/s !a2e/e/b.egg !d1d/s",
        "/e/b.egg /s /e/a.egg",
        "a2 d1",
    ),
];

fn distribution(name: &str, version: &str, egg: bool, location: &str) -> Distribution {
    Distribution {
        project_name: name.to_owned(),
        version: Version::new(version),
        py_version: None,
        platform: None,
        location: location.to_owned(),
        metadata: None,
        precedence: if egg {
            Precedence::Egg
        } else {
            Precedence::Develop
        },
    }
}

#[test]
fn places_are_pkg_resources() {
    for (entries, added, after, active) in ADDED {
        let entries: Vec<String> = entries.split_whitespace().map(str::to_owned).collect();
        let mut set = WorkingSet::of_path(&entries, &Seen::default()).unwrap();
        for one in added.split_whitespace() {
            let d = distribution(&one[1..2], &one[2..3], &one[3..4] == "e", &one[4..]);
            if one.starts_with('!') {
                set.replace(d);
            } else {
                set.add(d);
            }
        }
        assert_eq!(set.entries().join(" "), *after, "{added}");
        let found: Vec<String> = set
            .iter()
            .map(|d| format!("{}{}", d.key(), d.version))
            .collect();
        assert_eq!(found.join(" "), *active, "{added}");
    }
}

#[test]
fn names_are_found_in_other_spellings() {
    let mut set = WorkingSet::default();
    set.add(distribution("zc-recipe-egg", "1", false, "/s"));
    set.add(distribution("Foo.Bar", "1", false, "/s"));
    assert!(set.find("zc.recipe.egg").is_some());
    assert!(set.find("zc_recipe_egg").is_some());
    assert!(set.find("foo.bar").is_some());
    assert!(set.find("foo-bar").is_some());
    let wanted = Requirement::parse("zc.recipe.egg>1").unwrap();
    assert!(set.find_requirement(&wanted).is_err());
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn sorted_for_sys_path() {
    let there = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(there.path()).unwrap();
    let at = |path: &str| root.join(path).to_string_lossy().into_owned();
    put(&root.join("site/c-1.dist-info/METADATA"), "Version: 1\n");
    put(&root.join("site/more-1.dist-info/METADATA"), "Version: 1\n");
    put(
        &root.join("eggs/a-1.egg/a-1.dist-info/METADATA"),
        "Version: 1\n",
    );
    put(&root.join("src/b.egg-info/PKG-INFO"), "Version: 1\n");
    put(
        &root.join("develop/b.egg-link"),
        &format!("{}\n.", at("src")),
    );
    let mut set = WorkingSet::default();
    set.add(distribution("c", "1", false, &at("site")));
    set.add(distribution("a", "1", true, &at("eggs/a-1.egg")));
    set.add(distribution("b", "1", false, &at("src")));
    let sorted = sort_working_set(&set, &at("eggs"), &at("develop")).unwrap();
    let found: Vec<&str> = sorted.iter().map(|d| d.project_name.as_str()).collect();
    assert_eq!(found, ["b", "a", "c", "more"]);
    assert_eq!(
        sorted.entries(),
        [at("src"), at("eggs/a-1.egg"), at("site")]
    );
}

#[test]
fn what_is_needed_is_found_breadth_first() {
    let there = tempfile::tempdir().unwrap();
    let site = std::fs::canonicalize(there.path()).unwrap();
    put(
        &site.join("r-1.dist-info/METADATA"),
        "Version: 1\nRequires-Dist: a\nRequires-Dist: b>=1\nRequires-Dist: no; sys_platform=='x'\n",
    );
    put(
        &site.join("a-1.dist-info/METADATA"),
        "Version: 1\nRequires-Dist: c\n",
    );
    put(&site.join("b-1.dist-info/METADATA"), "Version: 1\n");
    put(&site.join("c-1.dist-info/METADATA"), "Version: 1\n");
    let metadata = Metadata::new(facts());
    let set =
        WorkingSet::of_path(&[site.to_string_lossy().into_owned()], &Seen::default()).unwrap();
    let resolved = |text: &str| {
        let found = set.resolve(&[Requirement::parse(text).unwrap()], &metadata);
        found.map(|all| {
            let names: Vec<String> = all.iter().map(Distribution::key).collect();
            names.join(" ")
        })
    };
    assert_eq!(resolved("r").unwrap(), "r b a c");
    assert_eq!(
        resolved("r>1").unwrap_err().message,
        "r 1 is installed but r>1 is required"
    );
    assert_eq!(
        resolved("gone").unwrap_err().message,
        "The 'gone' distribution was not found and is required by the application"
    );
}

//! Older generations of zc.buildout: what each makes of one small buildout, recorded, and made by us where it is pinned.
//!
//! fixtures/generations: the buildout, its packages as directories, a record for each version; `tests/generations.py`
//! makes the records and compares larger projects. What needs the real tools at hand is there, not here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::packages::{files, is_without_setuptools, lay_out, tar_gz, with_network};
use crate::support::pythons::{self, Python};
use crate::support::sandbox::Sandbox;
use crate::support::texts::same;
use crate::support::wheels::{Wheel, zip};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/generations")
}

/// All files below a directory, by path.
fn walk(root: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{below}{name}");
        if entry.path().is_dir() {
            walk(root, &format!("{path}/"), found);
        } else {
            found.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// The buildout of the fixture, with its packages and these pins.
fn buildout(python: Python, pins: &str) -> Sandbox {
    let configuration = std::fs::read_to_string(fixture().join("buildout.cfg")).unwrap();
    let sandbox = Sandbox::with(python, "b")
        .file(
            "buildout.cfg",
            &format!("{configuration}[versions]\n{pins}"),
        )
        .file("index/nothing", "");
    std::fs::remove_file(sandbox.at("index/nothing")).unwrap();
    for entry in std::fs::read_dir(fixture().join("packages")).unwrap() {
        let entry = entry.unwrap();
        let mut packed = BTreeMap::new();
        walk(&entry.path(), "", &mut packed);
        let packed: Vec<(String, Vec<u8>)> = packed.into_iter().collect();
        let name = entry.file_name().into_string().unwrap();
        sandbox.write_bytes(&format!("links/{name}"), &zip(&packed));
    }
    sandbox
}

/// What a run has said and made, in the form of the records.
fn made(sandbox: &Sandbox, stdout: &str) -> String {
    let python = &sandbox.python;
    let tokens = |text: &str| {
        let platform = python
            .tag
            .trim_start_matches(&format!("py{}-", python.version));
        let text = text.replace(
            &format!("-py{}-{platform}", python.version),
            "-py[PY]-[PLATFORM]",
        );
        sandbox.tokens(&text.replace(&format!("-py{}", python.version), "-py[PY]"))
    };
    let mut all = BTreeMap::new();
    walk(&sandbox.at(""), "", &mut all);
    let is_passed_over = |path: &str| {
        let is_bytecode = path.ends_with(".pyc") || path.contains("__pycache__/");
        let file = path.rsplit('/').next().unwrap_or(path);
        let is_pips = path.starts_with("eggs/") && ["RECORD", "direct_url.json"].contains(&file);
        is_bytecode
            || is_pips
            || path == "buildout.cfg"
            || path.starts_with("links/")
            || path.starts_with("index/")
    };
    all.retain(|path, _| !is_passed_over(path));
    let mut told = format!("--- output\n{}", tokens(stdout));
    for (path, contents) in all {
        let text = String::from_utf8(contents).unwrap();
        let is_whole = text.is_empty() || text.ends_with('\n');
        let end = if is_whole { "" } else { "\n" };
        let _ = write!(told, "--- {}\n{}{end}", tokens(&path), tokens(&text));
    }
    told
}

#[test]
fn each_generation_is_followed_file_for_file() {
    let mut records: Vec<PathBuf> = std::fs::read_dir(fixture())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    records.sort();
    assert!(records.len() > 6);
    let pythons = pythons::three_and_two();
    for record in records {
        let text = std::fs::read_to_string(&record).unwrap();
        let (head, expected) = text.split_once("--- output\n").unwrap();
        let value = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().trim_start_matches(" = ").to_owned()
        };
        let python = if value("python").starts_with('2') {
            let two = pythons
                .iter()
                .find(|python| python.version.starts_with('2'));
            two.cloned()
        } else {
            pythons::isolated().cloned()
        };
        let Some(python) = python else { continue };
        let pins = format!(
            "zc.buildout = {}\nsetuptools = {}\n",
            value("zc.buildout"),
            value("setuptools")
        );
        let sandbox = buildout(python, &pins);
        let ran = sandbox.start(crate::support::sandbox::PROGRAM, &["-N"]);
        assert_eq!(ran.code, 0, "{}: {}", record.display(), ran.stderr);
        let expected = format!("--- output\n{expected}");
        same(
            &record.display().to_string(),
            &expected,
            &made(&sandbox, &ran.stdout),
        );
    }
}

/// Names in the eggs directory of a buildout with one pinned zc.buildout, for one egg on offer as these archives.
fn eggs_of(version: &str, directory: &str, offer: &dyn Fn(&Sandbox), egg: &str) -> Vec<String> {
    let text = format!(
        "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = {egg}\n[versions]\n\
         zc.buildout = {version}\n"
    );
    let Some(sandbox) = Sandbox::configured(&text) else {
        return Vec::new();
    };
    offer(&sandbox);
    sandbox.run(&[]).succeeds();
    let names = sandbox.names(directory);
    names.iter().map(|name| sandbox.tokens(name)).collect()
}

#[test]
fn built_eggs_are_named_as_each_generation_names_them() {
    if pythons::isolated().is_none() {
        return;
    }
    let offer = |sandbox: &Sandbox| {
        let archive = tar_gz("own_backend-1.5/", &files("own-backend"));
        sandbox.write_bytes("links/own.backend-1.5.tar.gz", &archive);
    };
    for (version, directory, expected) in [
        ("3.0.1", "eggs", "own_backend-1.5-[TAG].egg"),
        ("3.3", "eggs", "own_backend-1.5-[TAG].egg"),
        ("4.1.12", "eggs", "own.backend-1.5-[TAG].egg"),
        ("5.2.0", "eggs/v5", "own.backend-1.5-[TAG].egg"),
    ] {
        let eggs = eggs_of(version, directory, &offer, "own.backend");
        assert_eq!(eggs, [expected], "{version}");
    }
}

#[test]
fn names_that_are_spelt_otherwise_are_others_for_old_generations() {
    if pythons::isolated().is_none() {
        return;
    }
    // The wheel is called plug_alpha.
    let offer = |sandbox: &Sandbox| {
        Wheel::new("plug.alpha", "1.0").wheel(&sandbox.at("links"));
    };
    assert_eq!(eggs_of("3.1.0", "eggs", &offer, "plug.alpha").len(), 1);
    let text = "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = plug.alpha\n[versions]\n\
                zc.buildout = 3.0.1\n";
    let sandbox = Sandbox::configured(text).unwrap();
    offer(&sandbox);
    sandbox
        .run(&[])
        .fails_with(&["Couldn't find a distribution for 'plug.alpha'."]);
}

#[test]
fn a_pin_holds_for_names_as_the_generation_compares_them() {
    let pinned = |generation: &str| {
        let text = format!(
            "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = plug_alpha\n[versions]\n\
             zc.buildout = {generation}\nPLUG_ALPHA = 1.1\n"
        );
        let sandbox = Sandbox::configured(&text)?;
        for version in ["1.1", "1.2"] {
            Wheel::new("plug_alpha", version).wheel(&sandbox.at("links"));
        }
        let ran = sandbox.run(&[]).succeeds();
        let got = ran.stdout.lines().find(|line| line.starts_with("Got "));
        Some(got.unwrap().to_owned())
    };
    let Some(old) = pinned("4.1.4") else { return };
    // setuptools spells the requirement with a hyphen.
    assert_eq!(old, "Got plug-alpha 1.2.");
    assert_eq!(pinned("4.1.8").unwrap(), "Got plug-alpha 1.1.");
}

#[test]
fn sources_become_eggs_as_easy_install_makes_them() {
    for python in pythons::three_and_two() {
        let text = "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = old.legacy\n\
                    [versions]\nzc.buildout = 2.13.8\n";
        let sandbox = with_network(python, text);
        let archive = tar_gz("old.legacy-0.3/", &files("legacy"));
        sandbox.write_bytes("links/old.legacy-0.3.tar.gz", &archive);
        let ran = sandbox.run(&[]);
        if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
            continue;
        }
        ran.succeeds();
        let egg = format!("eggs/old.legacy-0.3-{}.egg", sandbox.python.tag);
        let names = sandbox.names(&format!("{egg}/EGG-INFO"));
        let expected = [
            "PKG-INFO",
            "SOURCES.txt",
            "dependency_links.txt",
            "entry_points.txt",
        ];
        for name in expected {
            assert!(names.contains(&name.to_owned()), "{names:?}");
        }
        assert!(!sandbox.has(&egg.replace("eggs/", "eggs/v5/")));
        let printed = crate::packages::printed(&sandbox, "legacy");
        assert_eq!(printed, "compiled: 42\n");
    }
}

#[test]
fn of_what_is_developed_older_generations_keep_a_link() {
    for version in ["4.1.12", "5.2.0"] {
        let text = format!(
            "[buildout]\ndevelop = src/own\nparts = p\n[p]\nrecipe = zc.recipe.egg\neggs = own.backend\n[versions]\n\
             zc.buildout = {version}\nsetuptools = 80.9.0\n"
        );
        let Some(sandbox) = Sandbox::configured(&text) else {
            return;
        };
        lay_out(&sandbox, "own-backend", "src/own");
        // The version is read from metadata beside the sources, which setuptools would have made.
        sandbox.write(
            "src/own/own.backend.egg-info/PKG-INFO",
            "Metadata-Version: 2.1\nName: own.backend\nVersion: 1.5\n",
        );
        sandbox.write(
            "src/own/own.backend.egg-info/entry_points.txt",
            "[console_scripts]\nown = own_backend:main\n",
        );
        sandbox.run(&[]).succeeds();
        assert_eq!(sandbox.names("develop-eggs"), ["own.backend.egg-link"]);
        let record = sandbox.read(".installed.cfg");
        let expected = "[buildout]\ninstalled_develop_eggs = [ROOT]/develop-eggs/own.backend.egg-link\nparts = p\n";
        assert!(record.starts_with(expected), "{record}");
    }
}

/// Recorded from zc.buildout 2.13.8, 3.0.1 and 3.2.0: `scripts =` of a project under development.
#[test]
fn scripts_that_are_files_of_a_developed_project_are_made() {
    for python in pythons::three_and_two() {
        let text = "[buildout]\ndevelop = src\nparts = p\n[p]\nrecipe = zc.recipe.egg\neggs = plug.alpha\n\
                    [versions]\nzc.buildout = 3.0.1\nsetuptools = 44.1.1\n";
        let is_old = python.version.starts_with('2');
        let text = if is_old {
            text.to_owned()
        } else {
            text.replace("44.1.1", "65.5.1")
        };
        let sandbox = with_network(python, &text);
        sandbox.write(
            "src/setup.py",
            "from setuptools import setup\nsetup(name='plug.alpha', version='1.0', py_modules=['plug_alpha'],\n\
             scripts=['tools/alpha-tool', 'tools/alpha.sh'],\n\
             entry_points={'console_scripts': ['alpha-main = plug_alpha:main']})\n",
        );
        sandbox.write("src/plug_alpha.py", "def main():\n    print('hi')\n");
        let tool =
            "#!/usr/bin/env python\n\"\"\"Doc.\"\"\"\nimport plug_alpha\nplug_alpha.main()\n";
        sandbox.write("src/tools/alpha-tool", tool);
        sandbox.write("src/tools/alpha.sh", "#!/bin/sh\necho hi\n");
        let ran = sandbox.run(&[]);
        if is_without_setuptools(&ran.stderr, &sandbox.python.executable) {
            continue;
        }
        ran.succeeds();
        assert_eq!(sandbox.names("bin"), ["alpha-main", "alpha-tool"]);
        assert_eq!(
            sandbox.read("bin/alpha-tool"),
            "#![PYTHON]\n\"\"\"Doc.\"\"\"\n\n\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/src',\n  ]\n\n\n\
             import plug_alpha\nplug_alpha.main()\n"
        );
        assert_eq!(crate::packages::printed(&sandbox, "alpha-tool"), "hi\n");
        // A run that builds nothing new has them, too.
        sandbox.write(
            "buildout.cfg",
            &text.replace("eggs =", "extra-paths = x\neggs ="),
        );
        sandbox.run(&[]).succeeds();
        assert_eq!(sandbox.names("bin"), ["alpha-main", "alpha-tool"]);
    }
}

#[test]
fn what_setuptools_told_by_distutils_is_silent() {
    let text = "[buildout]\nparts = p\nindex = index\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = plug-none\n\
                [versions]\nzc.buildout = 3.0.1\nsetuptools = 65.5.1\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let sandbox = sandbox.wheels("links", &["plug-none-1.0"]);
    let ran = sandbox.run(&[]).succeeds();
    assert!(!ran.stdout.contains("root: "), "{}", ran.stdout);
    // distutils prints warnings alone, and those to standard error.
    let twice = "Not found: index/plug-none/\n".repeat(2);
    assert_eq!(ran.stderr, twice + "Not found: index/\n");
    let gone = sandbox.run(&["p:eggs=nowhere"]);
    let line = "Couldn't find index page for 'nowhere' (maybe misspelled?)\n";
    assert!(gone.stderr.contains(line), "{}", gone.stderr);
}

/// What `annotate` says of the sections a and b where this zc.buildout is known from bin/buildout.
fn annotated(sandbox: &Sandbox, version: &str) -> String {
    let info = format!("own/zc.buildout-{version}.dist-info/METADATA");
    sandbox.write(&info, &format!("Name: zc.buildout\nVersion: {version}\n"));
    let python = &sandbox.python.executable;
    let script = format!("#!{python}\n\nimport sys\nsys.path[0:0] = [\n  '[ROOT]/own',\n  ]\n");
    sandbox.write("bin/buildout", &script);
    let told = sandbox.run(&["annotate", "a", "b"]).succeeds().stdout;
    std::fs::remove_dir_all(sandbox.at("own")).unwrap();
    told
}

/// The same: values alone.
fn values_of(sandbox: &Sandbox, version: &str) -> String {
    let told = annotated(sandbox, version);
    let values = told.lines().skip_while(|line| *line != "[a]");
    let is_value = |line: &&str| {
        !line.is_empty() && !line.starts_with([' ', '[']) && !line.starts_with("+=  ")
    };
    values.filter(is_value).collect::<Vec<_>>().join("|")
}

/// Recorded from each of these. What zc.buildout 3.1.1 mended (#176, #629, #641, #656 of its issues) is what older ones do.
#[test]
fn files_are_put_together_as_each_generation_does_it() {
    let Some(mut sandbox) = Sandbox::new() else {
        return;
    };
    for (path, text) in [
        (
            "buildout.cfg",
            "[buildout]\nextends = base.cfg extra.cfg\noptional-extends = local.cfg\nparts =\n\
             [a]\nx += 3\nw = 1\nw += 2\nw = 3\n",
        ),
        ("base.cfg", "[a]\nx = 0\n"),
        ("extra-base.cfg", "[a]\nx += 1\n"),
        (
            "extra.cfg",
            "[buildout]\nextends = extra-base.cfg\n[a]\nx += 2\ny += 5\n",
        ),
        ("local.cfg", "[a]\nz = 9\n"),
        (
            "home/.buildout/default.cfg",
            "[a]\nx = 7\nv += 1\n[b]\nu += 1\n",
        ),
    ] {
        sandbox.write(path, text);
    }
    let home = sandbox.at("home").display().to_string();
    sandbox.set("HOME", &home);
    let nested = "v += 1|w= 3|2|x= |2|1|3|y= |5|u += 1";
    for version in ["2.13.8", "3.0.1", "3.1.0"] {
        assert_eq!(values_of(&sandbox, version), nested, "{version}");
    }
    let in_a_row = "v= 1|w= 3|x= 0|1|2|3|y= |5|u= 1";
    assert_eq!(values_of(&sandbox, "3.1.1"), in_a_row);
    let with_optional = "v= 1|w= 3|x= 0|1|2|3|y= |5|z= 9|u= 1";
    for version in ["3.2.0", "6.0.1"] {
        assert_eq!(values_of(&sandbox, version), with_optional, "{version}");
    }
    // Where there is no zc.buildout, the pin tells.
    sandbox.write("bin/buildout", "");
    let pin = "[a]\nx = 0\nrecipe = zc.recipe.egg\neggs =\n[versions]\nzc.buildout = 3.1.0\n";
    sandbox.write("base.cfg", pin);
    let recorded = |sandbox: &Sandbox| {
        sandbox.run(&["buildout:parts=a"]).succeeds();
        let record = sandbox.read(".installed.cfg");
        let is_of_a = |line: &&str| line.starts_with("w =") || line.starts_with("z =");
        record.lines().filter(is_of_a).collect::<Vec<_>>().join("|")
    };
    // `w +` is an option to it, which could not be read again.
    assert_eq!(recorded(&sandbox), "w = 3");
    let again = sandbox.run(&["buildout:parts=a"]).succeeds();
    assert!(again.stdout.ends_with("Updating a.\n"), "{again:?}");
    sandbox.write("base.cfg", &pin.replace("3.1.0", "3.3"));
    assert_eq!(recorded(&sandbox), "w = 3|z = 9");
}

/// What older ones fail at.
#[test]
fn what_only_later_ones_understand_is_understood() {
    let text = "[buildout]\nparts = p\nfind-links = links\n[p]\nrecipe = zc.recipe.egg\neggs = six\n\
                [p:python_version >= '3']\neggs = plug-none\n[versions]\nzc.buildout = 2.13.8\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    let sandbox = sandbox.wheels("links", &["plug-none-1.0"]);
    let ran = sandbox.run(&[]).succeeds();
    assert!(ran.stdout.contains("Got plug-none 1.0.\n"), "{ran:?}");
}

#[test]
fn annotate_names_who_gave_a_value() {
    let Some(sandbox) = Sandbox::new() else {
        return;
    };
    sandbox.write("base.cfg", "[a]\nx = 0\n");
    sandbox.write(
        "buildout.cfg",
        "[buildout]\nextends = base.cfg\nparts =\n[a]\nx = 1\nx += 2\n",
    );
    let told = annotated(&sandbox, "2.13.8");
    assert!(
        told.ends_with("[a]\nx= 1\n2\n    buildout.cfg\n+=  buildout.cfg\n"),
        "{told}"
    );
}

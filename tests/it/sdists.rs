//! Archives of sources: built in isolation, with real interpreters.

use crate::packages::{
    files, is_without_setuptools, pythons, shared_cache, tar_gz, with_network, zip,
};
use crate::site::{Run, Site};

const CONFIGURATION: &str = "\
[buildout]
parts = p
find-links = links
show-picked-versions = true
[p]
recipe = zc.recipe.egg
eggs = own.backend
";

/// A buildout whose find-links hold the project with a backend of its own, with more files in it.
fn site(more: &[(&str, &str)]) -> Option<Site> {
    let site = Site::new(CONFIGURATION)?;
    let mut all = files("own-backend");
    all.extend(
        more.iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())),
    );
    site.write(
        "links/own_backend-1.5.tar.gz",
        tar_gz("own_backend-1.5/", &all),
    );
    Some(site)
}

fn egg(site: &Site) -> String {
    let eggs = std::fs::read_dir(site.directory.join("eggs/v5")).unwrap();
    let name = eggs
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|name| name.starts_with("own.backend-"));
    name.unwrap()
}

fn installed(run: &Run) {
    assert!(run.success, "{}{}", run.stdout, run.stderr);
}

fn ran(site: &Site, script: &str) -> String {
    let path = site.directory.join("bin").join(script);
    let output = std::process::Command::new(path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether something of a build is left.
fn is_building(site: &Site) -> bool {
    let wheels = site.directory.parent().unwrap().join("cache/wheels");
    std::fs::read_dir(wheels).unwrap().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_str().unwrap().starts_with(".rbuildout-")
    })
}

fn log(site: &Site) -> Option<String> {
    let logs = site.directory.parent().unwrap().join("cache/logs");
    let mut names = std::fs::read_dir(logs).ok()?;
    let path = names.next()?.unwrap().path();
    Some(std::fs::read_to_string(path).unwrap())
}

#[test]
fn an_archive_is_built_by_its_own_backend() {
    let Some(site) = site(&[]) else { return };
    let run = site.run(&[]);
    installed(&run);
    assert!(
        run.stdout
            .contains("Getting distribution for 'own.backend'.\n")
    );
    assert!(
        run.stdout.contains("Got own.backend 1.5.\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("own.backend = 1.5\n"), "{}", run.stdout);
    assert_eq!(ran(&site, "own"), "made by its own backend\n");
    let egg = egg(&site);
    let info = egg.replace(".egg", ".dist-info");
    let read = |name: &str| site.read(&format!("eggs/v5/{egg}/{info}/{name}"));
    assert_eq!(read("INSTALLER"), "pip\n");
    assert_eq!(read("REQUESTED"), "");
    // The hash and the place of the archive, not of the wheel that came out of it.
    let direct = read("direct_url.json");
    assert!(
        direct.contains("/links/own_backend-1.5.tar.gz\"}"),
        "{direct}"
    );
    let record = read("RECORD");
    assert!(record.contains("own_backend-1.5.dist-info/direct_url.json,sha256="));
    // Nothing of the build is left but its log.
    assert!(!is_building(&site));
    assert!(log(&site).unwrap().contains("the path is "));
}

#[test]
fn a_zip_will_do() {
    let Some(site) = Site::new(CONFIGURATION) else {
        return;
    };
    let all = files("own-backend");
    site.write("links/own_backend-1.5.zip", zip("own_backend-1.5/", &all));
    installed(&site.run(&[]));
    assert_eq!(ran(&site, "own"), "made by its own backend\n");
}

#[test]
fn an_archive_is_built_once() {
    let Some(site) = site(&[]) else { return };
    installed(&site.run(&[]));
    let logs = site.directory.parent().unwrap().join("cache/logs");
    std::fs::remove_dir_all(&logs).unwrap();
    std::fs::remove_dir_all(site.directory.join("eggs")).unwrap();
    installed(&site.run(&[]));
    assert_eq!(ran(&site, "own"), "made by its own backend\n");
    assert!(!logs.exists(), "it was built again");
}

#[test]
fn archives_are_kept_in_a_download_cache() {
    let Some(site) = site(&[]) else { return };
    std::fs::create_dir(site.directory.join("kept")).unwrap();
    installed(&site.run(&["buildout:download-cache=kept"]));
    let archive = std::fs::read(site.directory.join("links/own_backend-1.5.tar.gz"));
    let kept = std::fs::read(site.directory.join("kept/dist/own_backend-1.5.tar.gz"));
    assert_eq!(kept.unwrap(), archive.unwrap());
}

#[test]
fn what_a_backend_needs_is_installed_for_it_alone() {
    let Some(site) = site(&[("needs", "helper")]) else {
        return;
    };
    let failed = site.run(&[]);
    assert!(!failed.success);
    assert!(
        failed
            .stderr
            .contains("Couldn't find a distribution for 'helper'."),
        "{}",
        failed.stderr
    );
    assert!(
        failed
            .stderr
            .contains("Getting what is needed to build own-backend 1.5.")
    );
    site.wheel("helper", "2.0", &[]);
    let run = site.run(&[]);
    installed(&run);
    assert!(!run.stdout.contains("helper"), "{}", run.stdout);
    let eggs = std::fs::read_dir(site.directory.join("eggs/v5")).unwrap();
    assert_eq!(eggs.count(), 1);
}

#[test]
fn a_failing_build_shows_its_last_lines() {
    let Some(site) = site(&[("fail", "badly")]) else {
        return;
    };
    let run = site.run(&[]);
    assert!(!run.success);
    for expected in [
        "  Getting distribution for 'own.backend'.\nError: Couldn't build own-backend 1.5.\n",
        "rbuildout: error[build]: backend with Python ",
        "Exception: can not be built: badly\n",
        "all of it is in ",
    ] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    assert!(!site.has("bin/own") && !site.has(".installed.cfg"));
    assert!(log(&site).unwrap().starts_with("the path is "));
}

#[test]
fn an_archive_that_reaches_out_is_refused() {
    let Some(site) = Site::new(CONFIGURATION) else {
        return;
    };
    let mut all = files("own-backend");
    all.push(("../../../../escaped".to_owned(), b"x".to_vec()));
    site.write(
        "links/own_backend-1.5.tar.gz",
        tar_gz("own_backend-1.5/", &all),
    );
    let run = site.run(&[]);
    assert!(!run.success);
    assert!(run.stderr.contains("lies outside of it."), "{}", run.stderr);
    let cache = site.directory.parent().unwrap().join("cache");
    assert!(!cache.join("escaped").exists());
    assert!(!is_building(&site));
}

#[test]
fn old_namespaces_can_be_imported() {
    for python in pythons() {
        let Some(site) = site(&[("namespace", "old_ns")]) else {
            return;
        };
        let mut run = with_network(&site, &python);
        let run = site.told(&run.arg("p:interpreter=py").output().unwrap());
        if is_without_setuptools(&run.stderr, &python) {
            continue;
        }
        installed(&run);
        let imported = std::process::Command::new(site.directory.join("bin/py"))
            .args(["-c", "import old_ns.deep; print(old_ns.deep.WORD)"])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&imported.stderr).into_owned();
        assert_eq!(imported.stdout, b"found\n", "{python}: {errors}");
    }
}

#[test]
fn an_archive_is_built_with_setuptools() {
    for python in pythons() {
        let text = CONFIGURATION.replace("own.backend", "old.legacy");
        let Some(site) = Site::new(&text) else { return };
        let all = files("legacy");
        site.write(
            "links/old.legacy-0.3.tar.gz",
            tar_gz("old.legacy-0.3/", &all),
        );
        let run = site.told(&with_network(&site, &python).output().unwrap());
        if is_without_setuptools(&run.stderr, &python) {
            continue;
        }
        installed(&run);
        assert_eq!(ran(&site, "legacy"), "compiled: 42\n");
        let eggs = std::fs::read_dir(site.directory.join("eggs/v5")).unwrap();
        let egg = eggs.map(|entry| entry.unwrap().path()).next().unwrap();
        let info = egg.file_name().unwrap().to_str().unwrap();
        let wheel =
            std::fs::read_to_string(egg.join(info.replace(".egg", ".dist-info")).join("WHEEL"));
        let wheel = wheel.unwrap();
        let own = ["(80.9.0)", "(75.3.2)", "(0.42.0)", "(0.37.1)"];
        assert!(own.iter().any(|version| wheel.contains(version)), "{wheel}");
        assert!(shared_cache().join("builders").exists());
    }
}

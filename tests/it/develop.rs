//! The develop option: projects found in their own directories.

use crate::packages::{is_without_setuptools, lay_out, pythons, with_network};
use crate::site::{Run, Site};

const CONFIGURATION: &str = "\
[buildout]
develop = src/own gone
parts = p
find-links = links
[p]
recipe = zc.recipe.egg
eggs = own.backend
";

fn site() -> Option<Site> {
    let site = Site::new(CONFIGURATION)?;
    lay_out(&site, "own-backend", "src/own");
    Some(site)
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

fn names(site: &Site, directory: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(site.directory.join(directory))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_project_is_used_where_it_is() {
    let Some(site) = site() else { return };
    // A newer version on offer does not count.
    site.wheel("own_backend", "2.0", &["own"]);
    let run = site.run(&[]);
    installed(&run);
    assert!(
        run.stdout.contains("Develop: '/srv/site/src/own'\n"),
        "{}",
        run.stdout
    );
    let told = run.stdout + &run.stderr;
    assert!(
        told.contains("Couldn't develop '/srv/site/gone' (not found)\n"),
        "{told}"
    );
    let there = [
        "own.backend.egg-link",
        "own_backend-1.5.dist-info",
        "own_backend.pth",
    ];
    assert_eq!(names(&site, "develop-eggs"), there);
    let root = site.directory.to_str().unwrap();
    assert_eq!(
        site.read("develop-eggs/own.backend.egg-link"),
        format!("{root}/src/own\n.")
    );
    let info = "develop-eggs/own_backend-1.5.dist-info";
    assert_eq!(
        site.read(&format!("{info}/direct_url.json")),
        format!("{{\"dir_info\": {{\"editable\": true}}, \"url\": \"file://{root}/src/own\"}}")
    );
    assert_eq!(site.read(&format!("{info}/INSTALLER")), "pip\n");
    assert!(
        site.read(&format!("{info}/RECORD"))
            .starts_with("own_backend-1.5.dist-info/INSTALLER,")
    );
    let record = site.read(".installed.cfg");
    let expected = format!(
        "[buildout]\ninstalled_develop_eggs = {root}/develop-eggs/own.backend.egg-link\n\t{root}/develop-eggs/\
         own_backend-1.5.dist-info\n\t{root}/develop-eggs/own_backend.pth\nparts = p\n"
    );
    assert!(record.starts_with(&expected), "{record}");
    assert_eq!(ran(&site, "own"), "made by its own backend\n");
    site.write("src/own/own_backend.py", "def main(): print('edited')\n");
    assert_eq!(ran(&site, "own"), "edited\n");
    assert!(names(&site, "eggs/v5").is_empty());
}

#[test]
fn what_is_no_longer_developed_goes() {
    let Some(site) = site() else { return };
    installed(&site.run(&[]));
    site.wheel("own_backend", "2.0", &["own"]);
    site.write("develop-eggs/mine.egg-link", "/x\n.");
    let before = site.read("bin/own");
    installed(&site.run(&["buildout:develop="]));
    assert_eq!(names(&site, "develop-eggs"), ["mine.egg-link"]);
    assert!(site.read("bin/own").contains("/eggs/v5/own_backend-2.0-"));
    installed(&site.run(&[]));
    assert_eq!(site.read("bin/own"), before);
    // Only what is developed is left: so is the record of it.
    installed(&site.run(&["buildout:parts="]));
    assert!(site.read(".installed.cfg").contains("own.backend.egg-link"));
    installed(&site.run(&["buildout:parts=", "buildout:develop="]));
    assert!(!site.has(".installed.cfg"));
}

#[test]
fn what_fails_leaves_the_old_links() {
    let Some(site) = site() else { return };
    installed(&site.run(&[]));
    let (before, record) = (names(&site, "develop-eggs"), site.read(".installed.cfg"));
    lay_out(&site, "own-backend", "src/bad");
    site.write("src/bad/fail", "badly");
    let run = site.run(&["buildout:develop=src/*"]);
    assert!(!run.success);
    for expected in [
        "While:\n  Installing.\n  Processing develop directory '/srv/site/src/bad'.\nError: Couldn't build /srv/site/src/bad.\n",
        "Exception: can not be built: badly\n",
    ] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    assert_eq!(names(&site, "develop-eggs"), before);
    assert_eq!(site.read(".installed.cfg"), record);
    assert_eq!(ran(&site, "own"), "made by its own backend\n");
    assert!(!site.has(".rbuildout"));
}

#[test]
fn a_part_that_fails_leaves_the_new_links_on_record() {
    let Some(site) = site() else { return };
    installed(&site.run(&["buildout:parts="]));
    lay_out(&site, "own-backend", "src/own");
    site.write("src/own/own_backend.py", "VERSION = 2\n");
    let backend = site.read("src/own/backend.py");
    site.write("src/own/backend.py", backend.replace("'1.5'", "'1.6'"));
    let run = site.run(&["p:eggs=nowhere"]);
    assert!(!run.success);
    assert!(site.has("develop-eggs/own_backend-1.6.dist-info"));
    assert!(!site.has("develop-eggs/own_backend-1.5.dist-info"));
    assert!(
        site.read(".installed.cfg")
            .contains("own_backend-1.6.dist-info")
    );
    installed(&site.run(&["buildout:parts=", "buildout:develop="]));
    assert!(names(&site, "develop-eggs").is_empty());
}

#[test]
fn nothing_to_build_is_told() {
    let Some(site) = site() else { return };
    site.write("src/empty/readme", "");
    let run = site.run(&["buildout:develop=src/empty"]);
    assert!(!run.success);
    let expected = "Error: Couldn't build /srv/site/src/empty: it is no Python project.\n";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn setuptools_links_for_every_python() {
    for python in pythons() {
        let text = CONFIGURATION.replace("own.backend", "old.legacy");
        let Some(site) = Site::new(&text) else { return };
        lay_out(&site, "legacy", "src/own");
        let run = site.told(&with_network(&site, &python).output().unwrap());
        if is_without_setuptools(&run.stderr, &python) {
            continue;
        }
        installed(&run);
        assert_eq!(ran(&site, "legacy"), "compiled: 42\n");
        let link = site.read("develop-eggs/old.legacy.egg-link");
        assert!(
            link.starts_with(site.directory.join("src/own").to_str().unwrap()),
            "{link}"
        );
        assert!(names(&site, "src/own").contains(&"old.legacy.egg-info".to_owned()));
    }
}

//! Eggs directories of the v5 layout, made up; texts and orders as zc.buildout 6.0.1 has them.

use std::path::{Path, PathBuf};

use super::*;
use crate::dist::fetch::Fetcher;
use crate::dist::metadata::Metadata;
use crate::dist::picked_versions::PickedVersions;
use crate::dist::sample::{facts, network};
use crate::dist::seen::Seen;
use crate::log::{Captured, Entry, Log};

struct Buildout {
    _there: tempfile::TempDir,
    root: PathBuf,
    policy: InstallPolicy,
    threshold: i32,
    offline: bool,
    newest: bool,
    allow_unknown_extras: bool,
    picked: Rc<RefCell<PickedVersions>>,
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

impl Buildout {
    /// With eggs `name-version`, each with lines of METADATA.
    fn with(eggs: &[(&str, &str)]) -> Self {
        let there = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(there.path()).unwrap();
        std::fs::create_dir_all(root.join("develop")).unwrap();
        std::fs::create_dir_all(root.join("index")).unwrap();
        for (egg, metadata) in eggs {
            let name = format!("{egg}-py3.11-linux-x86_64");
            put(
                &root.join(format!("eggs/{name}.egg/{name}.dist-info/METADATA")),
                &format!("Metadata-Version: 2.1\n{metadata}\n"),
            );
        }
        Self {
            _there: there,
            root,
            policy: InstallPolicy::default(),
            threshold: log::INFO,
            offline: false,
            newest: false,
            allow_unknown_extras: false,
            picked: Rc::default(),
        }
    }

    fn at(&self, path: &str) -> String {
        self.root.join(path).to_string_lossy().into_owned()
    }

    fn pinned(mut self, versions: &[(&str, &str)]) -> Self {
        self.policy.set_versions(versions.iter().copied());
        self
    }

    fn install(&self, specs: &[&str], running: Option<WorkingSet>) -> (Result<WorkingSet>, String) {
        let (log, said): (Log, Captured) = Log::new(self.threshold, |_| {}).captured();
        let facts = facts();
        let mut supplies = Supplies {
            policy: self.policy.clone(),
            metadata: Metadata::new(Rc::clone(&facts)),
            seen: Seen::default(),
            network: network(),
            fetcher: Fetcher::new(network(), &self.at("cache"), facts, log.clone()),
            offers: IndexMap::new(),
            picked: Rc::clone(&self.picked),
            log,
            gone: Rc::default(),
        };
        let order = Order {
            eggs_directory: self.at("eggs"),
            develop_eggs_directory: self.at("develop"),
            offline: self.offline,
            newest: self.newest,
            index: Some(self.at("index")),
            find_links: Vec::new(),
            allow_hosts: vec!["*".to_owned()],
            formats: Formats::Any,
            allow_unknown_extras: self.allow_unknown_extras,
        };
        let specs: Vec<String> = specs.iter().map(|&s| s.to_owned()).collect();
        let made = Installer::new(&mut supplies, order).install(&specs, running);
        let lines: Vec<String> = said
            .take()
            .into_iter()
            .filter_map(|entry| match entry {
                // What the index says is the index's.
                Entry::Line(line) if !line.starts_with("root: ") => Some(line),
                _ => None,
            })
            .collect();
        (made, lines.join("\n"))
    }

    /// The eggs of the working set, or the trail and the error; then what was said.
    fn shown(&self, specs: &[&str]) -> (String, String) {
        let (made, said) = self.install(specs, None);
        let made = match made {
            Ok(set) => {
                let all: Vec<String> = set.iter().map(ToString::to_string).collect();
                all.join(", ")
            }
            Err(error) => format!("{}{}", error.doing.concat(), error.message),
        };
        (made, said)
    }
}

fn usual() -> Buildout {
    Buildout::with(&[
        ("superlance-2.0.0", "Requires-Dist: supervisor"),
        ("superlance-1.0.0", "Requires-Dist: supervisor"),
        ("supervisor-4.3.0", ""),
        ("supervisor-4.2.5", ""),
        ("supervisor-5.0a1", ""),
    ])
}

#[test]
fn the_newest_final_egg_and_what_it_needs() {
    assert_eq!(
        usual().shown(&["superlance"]),
        ("superlance 2.0.0, supervisor 4.3.0".into(), String::new())
    );
    assert_eq!(usual().shown(&["supervisor>4.3"]).0, "supervisor 5.0a1");
    let mut buildout = usual();
    buildout.policy.prefer_final = false;
    assert_eq!(buildout.shown(&["supervisor"]).0, "supervisor 5.0a1");
    assert_eq!(
        usual()
            .shown(&["supervisor; sys_platform == 'x'", "superlance==1.0.0"])
            .0,
        "superlance 1.0.0, supervisor 4.3.0"
    );
}

#[test]
fn pins_count_for_dependencies_too() {
    let buildout = usual().pinned(&[("Supervisor", "4.2.5"), ("superlance", "<2")]);
    assert_eq!(
        buildout.shown(&["superlance"]).0,
        "superlance 1.0.0, supervisor 4.2.5"
    );
    let buildout = usual().pinned(&[("superlance", "1.0.0")]);
    assert_eq!(
        buildout.shown(&["superlance==2.0.0"]),
        (
            "The requirement ('superlance==2.0.0') is not allowed by your [versions] constraint (1.0.0)".into(),
            "Version and requirements information containing superlance:\n  [versions] constraint on superlance: 1.0.0\n  \
             Base installation request: 'superlance==2.0.0'"
                .into()
        )
    );
}

#[test]
fn what_is_said_with_v() {
    let mut buildout = usual();
    buildout.threshold = log::DEBUG;
    assert_eq!(
        buildout.shown(&["superlance"]).1,
        "Installing 'superlance'.\nPicked: superlance = 2.0.0\nGetting required 'supervisor'\n  \
         required by superlance 2.0.0.\nPicked: supervisor = 4.3.0"
    );
    assert_eq!(
        buildout.picked.borrow().report().unwrap(),
        "Versions had to be automatically picked.\nThe following part definition lists the versions picked:\n\
         [versions]\nsuperlance = 2.0.0\n\n# Required by:\n# superlance==2.0.0\nsupervisor = 4.3.0"
    );
}

#[test]
fn the_newest_is_asked_for() {
    let mut buildout = usual();
    buildout.newest = true;
    buildout.threshold = log::DEBUG;
    assert_eq!(
        buildout.shown(&["supervisor"]).1,
        "Installing 'supervisor'.\nThere are no distros available that meet 'supervisor'.\n\
         Using our best, supervisor 4.3.0.\nPicked: supervisor = 4.3.0"
    );
    assert_eq!(
        buildout.shown(&["supervisor==4.2.5"]).1,
        "Installing 'supervisor==4.2.5'.\nWe have the distribution that satisfies 'supervisor==4.2.5'."
    );
}

#[test]
fn develop_eggs_win() {
    let buildout = usual();
    put(
        &buildout.root.join("src/supervisor.egg-info/PKG-INFO"),
        "Version: 0.1\n",
    );
    put(
        &buildout.root.join("develop/supervisor.egg-link"),
        &buildout.at("src"),
    );
    let mut policy = buildout.policy.clone();
    policy.allow_picked_versions = false;
    let buildout = Buildout { policy, ..buildout };
    assert_eq!(buildout.shown(&["supervisor"]).0, "supervisor 0.1");
    assert_eq!(
        buildout.shown(&["superlance"]).0,
        "Getting distribution for 'superlance'.Picked: superlance = 2.0.0\n\nThe `superlance` egg does not have a \
         version pin and `allow-picked-versions = false`.\n\nTo resolve this, add\n\n    superlance = 2.0.0\n\nto the \
         [versions] section,\n\nOR set `allow-picked-versions = true`."
    );
}

#[test]
fn what_is_missing() {
    assert_eq!(
        usual().shown(&["zeo[a]>1"]),
        (
            "Getting distribution for 'zeo[a]>1'.Couldn't find a distribution for 'zeo[a]>1'."
                .into(),
            "Getting distribution for 'zeo[a]>1'.".into()
        )
    );
    let mut buildout = usual();
    buildout.offline = true;
    assert_eq!(
        buildout.shown(&["superlance"]).0,
        "superlance 2.0.0, supervisor 4.3.0"
    );
    assert_eq!(
        buildout.shown(&["zeo"]),
        (
            "Getting distribution for 'zeo'.We don't have a distribution for zeo\nand can't install one in offline \
             (no-install) mode.\n"
                .into(),
            String::new()
        )
    );
    let buildout = Buildout::with(&[("superlance-2.0.0", "Requires-Dist: supervisor")]);
    let error = buildout.install(&["superlance"], None).0.unwrap_err();
    assert_eq!(error.diagnostics[0].help[0], "required by superlance 2.0.0");
}

#[test]
fn extras() {
    let eggs = [
        (
            "plug-1",
            "Requires-Dist: base\nRequires-Dist: web ; extra == 'web'\nProvides-Extra: web",
        ),
        ("base-1", ""),
        ("web-1", ""),
    ];
    let mut buildout = Buildout::with(&eggs);
    assert_eq!(buildout.shown(&["plug[web]"]).0, "plug 1, web 1, base 1");
    let (made, said) = buildout.shown(&["plug[wbe]"]);
    assert!(made.starts_with("Couldn't find the required extra. This means the"));
    assert_eq!(said, "plug 1 does not provide the extra 'wbe'");
    buildout.allow_unknown_extras = true;
    assert_eq!(
        buildout.shown(&["plug[wbe]"]),
        (
            "plug 1".into(),
            "plug 1 does not provide the extra 'wbe'".into()
        )
    );
    // Beside one that is there. zc.buildout fails here by accident.
    assert_eq!(
        buildout.shown(&["plug[web,wbe]"]).0,
        "plug 1, web 1, base 1"
    );
}

#[test]
fn dependencies_come_breadth_first_from_the_last() {
    let buildout = Buildout::with(&[
        ("r-1", "Requires-Dist: a\nRequires-Dist: b"),
        ("s-1", "Requires-Dist: d"),
        ("a-1", "Requires-Dist: e"),
        ("b-1", ""),
        ("d-1", ""),
        ("e-1", ""),
    ]);
    assert_eq!(
        buildout.shown(&["r", "s"]).0,
        "r 1, s 1, d 1, b 1, a 1, e 1"
    );
}

#[test]
fn namespaces_bring_setuptools() {
    let buildout = Buildout::with(&[
        ("ns-1", ""),
        ("setuptools-84.0", ""),
        ("setuptools-80.0", ""),
    ]);
    let egg = "eggs/ns-1-py3.11-linux-x86_64.egg";
    let info = "ns-1-py3.11-linux-x86_64.dist-info";
    put(
        &buildout
            .root
            .join(format!("{egg}/{info}/namespace_packages.txt")),
        "ns\n",
    );
    put(
        &buildout.root.join(format!("{egg}/ns/__init__.py")),
        "__import__('pkg_resources').declare_namespace(__name__)\n",
    );
    assert_eq!(buildout.shown(&["ns"]).0, "ns 1, setuptools 80.0");
    let buildout = buildout.pinned(&[("setuptools", "84.0")]);
    assert_eq!(buildout.shown(&["ns"]).0, "ns 1, setuptools 84.0");
}

#[test]
fn conflicts() {
    let eggs = [
        ("a-1", "Requires-Dist: c<2"),
        ("b-1", "Requires-Dist: c>=2"),
        ("c-1", ""),
        ("c-2", ""),
    ];
    assert_eq!(
        Buildout::with(&eggs).shown(&["a", "b"]),
        (
            "There is a version conflict.\nWe already have: c 2\nbut a 1 requires 'c<2'.".into(),
            "Version and requirements information containing c:\n  Requirement of b: c>=2\n  Requirement of a: c<2".into()
        )
    );
    assert_eq!(
        Buildout::with(&eggs).shown(&["c<2", "b"]).0,
        "There is a version conflict.\nWe already have: c 1\nbut b 1 requires 'c>=2'."
    );
    assert!(
        usual()
            .pinned(&[("superlance", "1.*")])
            .shown(&["superlance"])
            .0
            .starts_with("The requirement ('superlance==1.*') is not allowed")
    );
}

#[test]
fn a_running_environment_is_completed() {
    let buildout = Buildout::with(&[("recipe-1", "Requires-Dist: c>=2"), ("c-2", "")]);
    put(
        &buildout.root.join("site/c-1.dist-info/METADATA"),
        "Version: 1\n",
    );
    let running = WorkingSet::of_path(&[buildout.at("site")], &Seen::default()).unwrap();
    let (made, _) = buildout.install(&["recipe"], Some(running));
    let made = made.unwrap();
    let all: Vec<String> = made.iter().map(ToString::to_string).collect();
    // What is active stays active; zc.buildout adds the other to the path only.
    assert_eq!(all, ["c 1", "recipe 1"]);
    assert_eq!(made.entries().len(), 3);
}

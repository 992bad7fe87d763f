use super::*;
use crate::dist::distribution::Precedence;
use crate::dist::sample::facts;
use crate::dist::version::Version;

fn distribution(location: &Path, metadata: &str) -> Distribution {
    Distribution {
        project_name: "x".to_owned(),
        version: Version::new("1.0"),
        py_version: None,
        platform: None,
        location: location.to_string_lossy().into_owned(),
        metadata: Some(location.join(metadata)),
        precedence: Precedence::Develop,
    }
}

fn shown(dependencies: &Dependencies, extras: &[&str]) -> String {
    let extras: Vec<String> = extras.iter().map(|&e| e.to_owned()).collect();
    let all: Vec<String> = dependencies
        .requires(&extras)
        .iter()
        .map(ToString::to_string)
        .collect();
    all.join(" | ")
}

#[test]
fn metadata_of_a_wheel() {
    let there = tempfile::tempdir().unwrap();
    let info = there.path().join("x-1.0.dist-info");
    std::fs::create_dir(&info).unwrap();
    std::fs::write(
        info.join("METADATA"),
        "Metadata-Version: 2.1\nName: x\nVersion: 1.0\nRequires-Dist: b>=1\nRequires-Dist: a ; python_version < \"3\"\n\
         Requires-Dist: c; extra == \"Web\"\nrequires-dist: b>=1\nRequires-Dist: d\nProvides-Extra: Web\n\
         Provides-Extra: foo_bar\nRequires-Dist: e; extra == 'foo-bar' and sys_platform == 'linux'\n\nRequires-Dist: no\n",
    )
    .unwrap();
    let read = Metadata::new(facts())
        .dependencies(&distribution(there.path(), "x-1.0.dist-info"))
        .unwrap();
    assert_eq!(read.extras().collect::<Vec<_>>(), ["web", "foo_bar"]);
    assert_eq!(shown(&read, &[]), "b>=1 | d");
    assert_eq!(shown(&read, &["web"]), "b>=1 | d | c; extra == \"web\"");
    assert_eq!(
        shown(&read, &["foo_bar"]),
        "b>=1 | d | e; extra == \"foo-bar\" and sys_platform == \"linux\""
    );
}

#[test]
fn requires_txt_of_an_egg() {
    let there = tempfile::tempdir().unwrap();
    let info = there.path().join("EGG-INFO");
    std::fs::create_dir(&info).unwrap();
    std::fs::write(
        info.join("requires.txt"),
        "b\na>=2\n\n[:python_version > \"3\"]\nnew\n\n[:python_version < \"3\"]\nold\n\n[Web:sys_platform=='linux']\nw\n[Web]\nv\n",
    )
    .unwrap();
    let read = Metadata::new(facts())
        .dependencies(&distribution(there.path(), "EGG-INFO"))
        .unwrap();
    assert_eq!(read.extras().collect::<Vec<_>>(), ["web"]);
    assert_eq!(shown(&read, &["web"]), "b | a>=2 | new | w | v");
}

#[test]
fn namespaces_that_need_pkg_resources() {
    let there = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(there.path().join("EGG-INFO")).unwrap();
    std::fs::create_dir_all(there.path().join("ns/sub")).unwrap();
    let x = distribution(there.path(), "EGG-INFO");
    assert!(!needs_pkg_resources(&x).unwrap());
    std::fs::write(
        there.path().join("EGG-INFO/namespace_packages.txt"),
        "ns\nns.sub\n",
    )
    .unwrap();
    std::fs::write(
        there.path().join("ns/__init__.py"),
        "try: pkg_resources\nexcept: pkgutil\n",
    )
    .unwrap();
    assert!(!needs_pkg_resources(&x).unwrap());
    std::fs::write(
        there.path().join("ns/sub/__init__.py"),
        "__import__('pkg_resources').declare_namespace(__name__)\n",
    )
    .unwrap();
    assert!(needs_pkg_resources(&x).unwrap());
}

//! Where distributions come from: an index that fails on purpose, find-links, the download cache, ready-made eggs.

use rbuildout::digest::hex;
use sha2::{Digest, Sha256};

use crate::support::pythons;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::server::{Answer, Server};
use crate::support::wheels::{Wheel, zip};

const WHEEL: &str = "plug_gamma-0.9-py2.py3-none-any.whl";

/// A buildout that wants plug-gamma from the server's index; the wheel's bytes beside it.
fn buildout(server: &Server, options: &str) -> Option<(Sandbox, Vec<u8>)> {
    let Some(python) = pythons::isolated() else {
        eprintln!("skipped: no Python 3");
        return None;
    };
    let sandbox = Sandbox::with(python.clone(), "b")
        .wheels("packages", &["plug-gamma-0.9"])
        .file(
            "buildout.cfg",
            &format!(
                "[buildout]\nparts = a\nindex = {}/simple/\n{options}\n[a]\nrecipe = zc.recipe.egg\neggs = plug-gamma\n",
                server.url
            ),
        );
    let wheel = std::fs::read(sandbox.at("packages").join(WHEEL)).unwrap();
    Some((sandbox, wheel))
}

fn page(href: &str) -> Vec<Answer> {
    vec![Answer::Html(format!("<a href=\"{href}\">x</a>"))]
}

/// A server with the usual page and this answer for the wheel.
fn serving(wheel: impl Into<Vec<Answer>>, fragment: &str) -> Server {
    let server = Server::new();
    server.on(
        "/simple/plug-gamma/",
        page(&format!("/f/{WHEEL}{fragment}")),
    );
    server.on(&format!("/f/{WHEEL}"), wheel);
    server
}

/// It went well, and the script is there.
#[track_caller]
fn went_well(ran: &Ran, sandbox: &Sandbox) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(sandbox.at("bin/gamma").is_file());
}

/// It failed with these words, and nothing has come into the eggs directory or the cache.
#[track_caller]
fn failed(ran: &Ran, sandbox: &Sandbox, words: &[&str]) {
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in\n{}", ran.stderr);
    }
    for place in ["eggs/v5", "../cache/wheels", "cache/dist"] {
        let there: Vec<_> = std::fs::read_dir(sandbox.at(place))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(there.is_empty(), "{place}: {there:?}");
    }
}

#[test]
fn what_the_index_said_is_the_evidence() {
    let server = Server::new();
    let Some((sandbox, _)) = buildout(&server, "") else {
        return;
    };
    let gone = "simple/plug-gamma/: 404 Not Found";
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["Couldn't find a distribution for 'plug-gamma'.", gone],
    );
    server.on("/simple/plug-gamma/", [Answer::Status("403 Forbidden")]);
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["simple/plug-gamma/: 403 Forbidden"],
    );
    server.on(
        "/simple/plug-gamma/",
        [Answer::Text("text/plain", "no".to_owned())],
    );
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["no page with links (text/plain)"],
    );
    server.on(
        "/simple/plug-gamma/",
        [Answer::Text(
            "application/vnd.pypi.simple.v1+json",
            "{broken".to_owned(),
        )],
    );
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["simple/plug-gamma/: its JSON can't be read: key must be a string at line 1 column 2"],
    );
    server.on(
        "/simple/plug-gamma/",
        [Answer::Html(
            "<a href='/f/plug_gamma-1.0-cp27-cp27m-win32.whl'>a</a>\
             <a href='/f/plug_gamma-1.1-py3-none-any.whl' data-requires-python='&gt;=99'>a</a>"
                .to_owned(),
        )],
    );
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["2 files", "(>=99)", "(cp27-cp27m-win32)"],
    );
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "") else {
        return;
    };
    let mut pages = vec![Answer::Status("503 Service Unavailable"), Answer::Nothing];
    pages.extend(page(&format!("/f/{WHEEL}")));
    server.on("/simple/plug-gamma/", pages);
    let path = format!("/f/{WHEEL}");
    server.on(
        &path,
        [
            Answer::Status("502 Bad Gateway"),
            Answer::Cut(wheel.clone(), wheel.len() / 2),
            Answer::File(wheel),
        ],
    );
    went_well(&sandbox.run(&[]), &sandbox);
    assert_eq!(
        (server.asked("/simple/plug-gamma/"), server.asked(&path)),
        (3, 3)
    );
}

#[test]
fn what_is_cut_off_or_wrong_lands_nowhere() {
    let probe = Server::new();
    let Some((_, wheel)) = buildout(&probe, "") else {
        return;
    };
    let cache = "download-cache = cache";
    let half = wheel.len() / 2;
    let cut = format!("{half} of {} bytes came", wheel.len());
    let right = format!("#sha256={}", hex(&Sha256::digest(&wheel)));
    for (answer, fragment, words) in [
        (
            Answer::Cut(wheel.clone(), half),
            right.as_str(),
            cut.as_str(),
        ),
        (
            Answer::File(wheel[..half].to_vec()),
            "",
            "it is no whole zip archive",
        ),
        (
            Answer::File(wheel[..half].to_vec()),
            right.as_str(),
            "sha256 validation failed for plug_gamma",
        ),
        (
            Answer::Html("<!DOCTYPE html><p>log in".to_owned()),
            "",
            "Unexpected HTML page found at http",
        ),
        (Answer::Status("403 Forbidden"), "", "403 Forbidden"),
        (Answer::Nothing, "", "Download error for http"),
    ] {
        let server = serving([answer], fragment);
        let Some((sandbox, _)) = buildout(&server, cache) else {
            return;
        };
        let ran = sandbox.run(&[]);
        failed(
            &ran,
            &sandbox,
            &["Getting distribution for 'plug-gamma'.", words],
        );
        // Once it is mended, nothing is in the way.
        server.on(&format!("/f/{WHEEL}"), [Answer::File(wheel.clone())]);
        went_well(&sandbox.run(&[]), &sandbox);
        assert_eq!(
            std::fs::read(sandbox.at("cache/dist").join(WHEEL)).unwrap(),
            wheel
        );
    }
}

#[test]
fn pages_and_files_may_have_moved() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "") else {
        return;
    };
    server.on(
        "/simple/plug-gamma/",
        [Answer::Redirect("/new/plug-gamma/".to_owned())],
    );
    server.on("/new/plug-gamma/", page(WHEEL));
    server.on(
        &format!("/new/plug-gamma/{WHEEL}"),
        [Answer::Redirect("/f".to_owned())],
    );
    server.on("/f", [Answer::File(wheel)]);
    went_well(&sandbox.run(&[]), &sandbox);
}

#[test]
fn withdrawn_files_are_taken_with_a_warning() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "") else {
        return;
    };
    let file = format!("{{\"url\": \"/f/{WHEEL}\", \"yanked\": \"leaks\"}}");
    server.on(
        "/simple/plug-gamma/",
        [Answer::Text(
            "application/vnd.pypi.simple.v1+json",
            format!("{{\"files\": [{file}]}}"),
        )],
    );
    server.on(&format!("/f/{WHEEL}"), [Answer::File(wheel)]);
    let ran = sandbox.run(&[]);
    went_well(&ran, &sandbox);
    let said =
        "rbuildout: warning[yanked]: plug-gamma 0.9 has been withdrawn by its makers: leaks\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn wheels_for_other_pythons_are_taken_with_an_old_zc_buildout() {
    let text =
        "[buildout]\nparts = p\nindex = INDEX/simple/\n[p]\nrecipe = zc.recipe.egg\neggs = plug\n";
    let taken = |pins: &str| {
        let server = Server::new();
        let text = format!("{text}[versions]\n{pins}").replace("INDEX", &server.url);
        let sandbox = Sandbox::configured(&text)?;
        let mut page =
            "<a href=\"/f/plug-3.0.tar.gz\" data-requires-python=\"&lt;2\">x</a>".to_owned();
        for (version, python) in [("1.0", ">=2.7"), ("2.0", "<2")] {
            let wheel = Wheel::new("plug", version).says(&format!("Requires-Python: {python}"));
            wheel.wheel(&sandbox.at("made"));
            let bytes = std::fs::read(sandbox.at("made").join(wheel.file_name())).unwrap();
            let path = format!("/f/{}", wheel.file_name());
            let python = python.replace('<', "&lt;").replace('>', "&gt;");
            page.push_str(&format!(
                "<a href=\"{path}\" data-requires-python=\"{python}\">x</a>"
            ));
            server.on(&path, [Answer::File(bytes)]);
        }
        server.on("/simple/plug/", [Answer::Html(page)]);
        let ran = sandbox.run(&[]).succeeds();
        let got = ran.stdout.lines().find(|line| line.starts_with("Got "));
        Some((got.unwrap_or_default().to_owned(), ran.stderr))
    };
    let Some((got, said)) = taken("zc.buildout = 2.13.8\n") else {
        return;
    };
    assert_eq!(got, "Got plug 2.0.");
    let warning = "rbuildout: warning[other-python]: plug 2.0 is for Python <2, by what the index says\n  \
                   help: pin an older version in [versions], unless this one is known to work\n";
    assert!(said.contains(warning), "{said}");
    for pin in ["zc.buildout = 3.0.1\n", ""] {
        let (got, said) = taken(pin).unwrap();
        assert_eq!(got, "Got plug 1.0.", "{pin}");
        assert!(!said.contains("other-python"), "{said}");
    }
}

/// As those of supervisor 4.2.4 do, which was built after it had been imported.
#[test]
fn a_wheel_may_bring_compiled_files() {
    for (pins, eggs) in [
        ("", "eggs/v5"),
        ("[versions]\nzc.buildout = 3.0.1\n", "eggs"),
    ] {
        let text = "[buildout]\nparts = p\nfind-links = links\nindex = links\n\
                    [p]\nrecipe = zc.recipe.egg\neggs = plug\ninterpreter = py\n";
        let Some(sandbox) = Sandbox::configured(&format!("{text}{pins}")) else {
            return;
        };
        let asked = ["-c", "import sys; print(sys.implementation.cache_tag)"];
        let tag = sandbox.start(&sandbox.python.executable, &asked).stdout;
        let compiled = format!("plug/__pycache__/__init__.{}.pyc", tag.trim());
        Wheel::new("plug", "1.0")
            .file("plug/__init__.py", "word = 'new'\n")
            .file(&compiled, "stale")
            .file("plug/__pycache__/__init__.other-99.pyc", "other")
            .wheel(&sandbox.at("links"));
        sandbox.run(&[]).succeeds();
        let egg = sandbox.names(eggs).remove(0);
        let bytes = std::fs::read(sandbox.at(&format!("{eggs}/{egg}/{compiled}"))).unwrap();
        assert_ne!(bytes, b"stale");
        let said = sandbox.start(
            &sandbox.at("bin/py").to_string_lossy(),
            &["-c", "import plug; print(plug.word)"],
        );
        assert_eq!(said.stdout, "new\n");
    }
}

/// A page of an index tells it; a directory of files does not.
#[test]
fn what_is_for_another_python_is_refused() {
    let text = "[buildout]\nparts = p\nfind-links = links\nindex = links\n[p]\nrecipe = zc.recipe.egg\neggs = plug\n";
    let Some(sandbox) = Sandbox::configured(text) else {
        return;
    };
    for (version, python) in [("1.0", ">=2.7"), ("1.1", "no specifier"), ("2.0", ">=4,<5")] {
        Wheel::new("plug", version)
            .says(&format!("Requires-Python: {python}"))
            .wheel(&sandbox.at("links"));
    }
    let asked = ["-c", "import platform; print(platform.python_version())"];
    let version = sandbox.start(&sandbox.python.executable, &asked).stdout;
    sandbox.run(&[]).fails_with(&[
        "While:\n  Installing p.\n  Getting distribution for 'plug'.\nError: Couldn't install: plug 2.0\n",
        &format!("rbuildout: error[wheel]: file://[ROOT]/links/plug-2.0-py2.py3-none-any.whl is for Python >=4,<5; this one is {version}"),
    ]);
    assert!(sandbox.names("eggs/v5").is_empty());
    for version in ["1.1", "1.0"] {
        let pin = format!("versions:plug={version}");
        sandbox.run(&[&pin]).succeeds();
    }
    // Setuptools makes the eggs then, and does not ask.
    let old = sandbox.run(&["versions:zc.buildout=4.2.0"]).succeeds();
    assert!(old.stdout.contains("Got plug 2.0.\n"), "{}", old.stdout);
}

#[test]
fn the_download_cache_is_enough() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "download-cache = cache") else {
        return;
    };
    let path = format!("/f/{WHEEL}");
    server.on("/simple/plug-gamma/", page(&path));
    server.on(&path, [Answer::File(wheel.clone())]);
    went_well(&sandbox.run(&[]), &sandbox);
    let kept = std::fs::read_dir(sandbox.at("cache/dist")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, [WHEEL]);
    // Neither the shared cache nor the index is needed then.
    std::fs::remove_dir_all(sandbox.at("../cache")).unwrap();
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    let asked = server.heads().len();
    let ran = sandbox.run(&["buildout:install-from-cache=true"]);
    went_well(&ran, &sandbox);
    assert_eq!(server.heads().len(), asked);
    let ran = sandbox.run(&["-o", "buildout:install-from-cache=true"]);
    assert!(
        ran.stderr
            .contains("Error: install-from-cache can't be used with offline mode.\n")
    );
    let config = sandbox.read("buildout.cfg");
    sandbox.write(
        "none.cfg",
        &config.replace("download-cache = cache", "install-from-cache = true"),
    );
    let ran = sandbox.run(&["-c", "none.cfg"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no download cache"), "{}", ran.stderr);
}

#[test]
fn the_netrc_file_gives_the_password() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "") else {
        return;
    };
    let path = format!("/f/{WHEEL}");
    server.on("/simple/plug-gamma/", page(&path));
    server.on(&path, [Answer::File(wheel)]);
    sandbox.write(
        "../home/.netrc",
        "machine 127.0.0.1 login joe password secret\n",
    );
    let ran = sandbox.run(&[]);
    went_well(&ran, &sandbox);
    let given = server
        .heads()
        .to_lowercase()
        .matches("authorization: basic am9lonnly3jlda==")
        .count();
    assert_eq!(given, 2);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("secret"));
}

#[test]
fn extra_indexes_of_pip_are_not_asked() {
    let server = Server::new();
    let other = Server::new();
    let Some((sandbox, _)) = buildout(&server, "") else {
        return;
    };
    let extra = format!("PIP_EXTRA_INDEX_URL={}/simple/", other.url);
    let ran = sandbox.start("/usr/bin/env", &[&extra, env!("CARGO_BIN_EXE_rbuildout")]);
    failed(&ran, &sandbox, &["404 Not Found"]);
    assert_eq!(other.heads(), "");
}

#[test]
fn allowed_hosts_only() {
    let server = Server::new();
    let Some((sandbox, wheel)) = buildout(&server, "allow-hosts = 127.0.0.1:1") else {
        return;
    };
    let path = format!("/f/{WHEEL}");
    server.on("/simple/plug-gamma/", page(&path));
    server.on(&path, [Answer::File(wheel)]);
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["allow-hosts excludes the host"],
    );
    assert_eq!(server.heads(), "");
    let allowed = format!(
        "buildout:allow-hosts={}",
        server.url.trim_start_matches("http://")
    );
    went_well(&sandbox.run(&[&allowed]), &sandbox);
}

#[test]
fn ready_made_eggs_with_scripts_of_the_old_style() {
    let server = Server::new();
    let Some((sandbox, _)) = buildout(&server, "find-links = links") else {
        return;
    };
    let egg = zip(&[
        (
            "EGG-INFO/PKG-INFO",
            "Metadata-Version: 1.0\nName: plug-gamma\nVersion: 3.0\n",
        ),
        ("EGG-INFO/scripts/oldrun", "#!python\nprint('old')\n"),
        ("EGG-INFO/requires.txt", "\n[x]\nplug-none\n"),
        ("plug_gamma.py", ""),
    ]);
    std::fs::create_dir(sandbox.at("links")).unwrap();
    std::fs::write(sandbox.at("links/plug_gamma-3.0-py2.7.egg"), &egg).unwrap();
    failed(
        &sandbox.run(&[]),
        &sandbox,
        &["1 of them for other systems or versions of Python (py2.7)"],
    );
    let name = format!(
        "plug_gamma-3.0-{}.egg",
        sandbox.python.tag.split('-').next().unwrap()
    );
    std::fs::write(sandbox.at("links").join(&name), &egg).unwrap();
    let ran = sandbox.run(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("Got plug-gamma 3.0.\n"),
        "{}",
        ran.stdout
    );
    assert!(
        sandbox
            .at("eggs/v5")
            .join(&name)
            .join("EGG-INFO/PKG-INFO")
            .is_file()
    );
    let script = sandbox.start(sandbox.at("bin/oldrun").to_str().unwrap(), &[]);
    assert_eq!(
        (script.stdout.as_str(), script.code),
        ("old\n", 0),
        "{}",
        script.stderr
    );
}

#[test]
fn archives_that_reach_out_are_refused() {
    let probe = Server::new();
    if buildout(&probe, "").is_none() {
        return;
    }
    let info = "plug_gamma-0.9.dist-info";
    for name in [
        "../../../../out.py",
        "/out.py",
        "plug_gamma/../../../../out.py",
    ] {
        let bytes = zip(&[
            (
                format!("{info}/METADATA"),
                "Name: plug-gamma\nVersion: 0.9\n",
            ),
            (format!("{info}/WHEEL"), ""),
            (format!("{info}/RECORD"), ""),
            (name.to_owned(), "outside"),
        ]);
        let server = serving([Answer::File(bytes)], "");
        let Some((sandbox, _)) = buildout(&server, "") else {
            return;
        };
        failed(&sandbox.run(&[]), &sandbox, &["lies outside of it"]);
        for place in ["out.py", "../out.py", "../cache/out.py", "eggs/out.py"] {
            assert!(!sandbox.at(place).exists(), "{place}");
        }
    }
}

#[test]
fn eggs_of_several_pythons_and_layouts_in_one_directory() {
    let server = Server::new();
    let Some((sandbox, _)) = buildout(&server, "") else {
        return;
    };
    let python = sandbox.python.tag.split('-').next().unwrap().to_owned();
    for (version, tag) in [("1.0", python.as_str()), ("2.0", "py2.7")] {
        let egg = format!("eggs/v5/plug_gamma-{version}-{tag}.egg");
        sandbox.write(
            &format!("{egg}/EGG-INFO/PKG-INFO"),
            &format!("Name: plug-gamma\nVersion: {version}\n"),
        );
        sandbox.write(
            &format!("{egg}/EGG-INFO/entry_points.txt"),
            "[console_scripts]\ngamma = plug_gamma:main\n",
        );
    }
    let odd = format!("eggs/v5/odd-1.0_foo_bar-{python}.egg");
    sandbox.write(
        &format!("{odd}/EGG-INFO/PKG-INFO"),
        "Name: odd\nVersion: 1.0-foo-bar\n",
    );
    sandbox.write(
        "eggs/v5/beside/plain-1.0.dist-info/METADATA",
        "Name: plain\nVersion: 1.0\n",
    );
    let ran = sandbox.run(&["-N", "a:eggs=plug-gamma plain"]);
    assert_eq!(ran.code, 1, "a line is one requirement");
    sandbox.write(
        "more.cfg",
        "[buildout]\nextends = buildout.cfg\n[a]\neggs =\n  plug-gamma\n  plain\n",
    );
    let ran = sandbox.run(&["-N", "-c", "more.cfg"]);
    went_well(&ran, &sandbox);
    let script = sandbox.read("bin/gamma");
    assert!(script.contains("/eggs/v5/plug_gamma-1.0-"), "{script}");
    assert!(script.contains("/eggs/v5/beside'"), "{script}");
    assert_eq!(server.heads(), "");
}

#[test]
fn an_egg_with_dependency_links_does_not_hide_the_index() {
    let server = serving(Vec::new(), "");
    let Some((mut sandbox, wheel)) = buildout(&server, "newest = false") else {
        return;
    };
    server.on(&format!("/f/{WHEEL}"), vec![Answer::File(wheel)]);
    let configuration = sandbox.read("buildout.cfg");
    let without_index = configuration.replace(&format!("index = {}/simple/\n", server.url), "");
    sandbox.write(
        "buildout.cfg",
        &without_index.replace("eggs = plug-gamma", "eggs = linked"),
    );
    sandbox.set("PIP_INDEX_URL", &format!("{}/simple/", server.url));
    for (file, text) in [
        ("PKG-INFO", "Name: linked\nVersion: 1.0\n".to_owned()),
        ("requires.txt", "plug-gamma\n".to_owned()),
        ("dependency_links.txt", format!("{}/far/\n", server.url)),
    ] {
        sandbox.write(&format!("eggs/v5/linked-1.0.egg/EGG-INFO/{file}"), &text);
    }
    server.on("/far/", vec![Answer::Html(String::new())]);
    let ran = sandbox.run(&["a:dependent-scripts=true"]);
    went_well(&ran, &sandbox);
    assert_eq!(
        (server.asked("/far/"), server.asked("/simple/plug-gamma/")),
        (1, 1)
    );
}

//! What is asked for before it is needed: pages and archives, and the metadata that an index has by itself.
//!
//! A server that answers one question only after another one came tells what was asked ahead; no time is measured.

use rbuildout::digest::hex;
use sha2::{Digest, Sha256};

use crate::packages::{files, tar_gz};
use crate::support::sandbox::Sandbox;
use crate::support::server::{Answer, Server};
use crate::support::wheels::Wheel;

const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// How an index says that it has metadata by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Html,
    Json,
    /// By the names that were used at first.
    OldHtml,
    OldJson,
    WithoutHash,
    WrongHash,
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// An index whose wheels need each other in a chain, and a buildout that wants the first one.
struct Chain {
    server: Server,
    sandbox: Sandbox,
    /// Where the wheels are, and what is there.
    wheels: Vec<(String, Vec<u8>)>,
}

impl Chain {
    fn new(told: Told) -> Option<Self> {
        let server = Server::new();
        let sandbox = Sandbox::configured(&format!(
            "[buildout]\nparts = a\nindex = {}/simple/\nshow-picked-versions = true\n\
             [a]\nrecipe = zc.recipe.egg\neggs = first\n",
            server.url
        ))?;
        let wheels = [("first", "second"), ("second", "third"), ("third", "")]
            .iter()
            .map(|(project, needs)| {
                let wheel = Wheel::new(project, "1.0");
                let wheel = match *needs {
                    "" => wheel,
                    needs => wheel.requires(&[needs]),
                };
                offer(&server, &sandbox, project, &wheel.scripts(&[]), told)
            })
            .collect();
        Some(Self {
            server,
            sandbox,
            wheels,
        })
    }

    fn path(&self, n: usize) -> &str {
        &self.wheels[n].0
    }

    /// The archive of this number comes after that one was asked for.
    fn let_wait(&self, n: usize, for_whom: &str) {
        let (path, bytes) = &self.wheels[n];
        let whole = Box::new(Answer::File(bytes.clone()));
        self.server
            .on(path, [Answer::Behind(for_whom.to_owned(), whole)]);
    }
}

/// Puts a wheel and its page on a server. Returns the path of the wheel, and its bytes.
fn offer(
    server: &Server,
    sandbox: &Sandbox,
    project: &str,
    wheel: &Wheel,
    told: Told,
) -> (String, Vec<u8>) {
    let made = sandbox.at("made");
    wheel.wheel(&made);
    let bytes = std::fs::read(made.join(wheel.file_name())).unwrap();
    let path = format!("/f/{}", wheel.file_name());
    let mut metadata = wheel.metadata();
    if told == Told::WrongHash {
        metadata.push_str("Requires-Dist: decoy\n");
    }
    let hash = match told {
        Told::WrongHash => "0".repeat(64),
        _ => sha256(metadata.as_bytes()),
    };
    let digest = sha256(&bytes);
    let json = |key: &str| {
        Answer::Text(
            JSON,
            format!(
                "{{\"name\": \"x\", \"files\": [{{\"filename\": \"x\", \"url\": \"{path}\", \
                 \"hashes\": {{\"sha256\": \"{digest}\"}}, \"{key}\": {{\"sha256\": \"{hash}\"}}}}]}}"
            ),
        )
    };
    let html = |attribute: &str| {
        Answer::Html(format!(
            "<a href=\"{path}#sha256={digest}\" {attribute}>x</a>"
        ))
    };
    let page = match told {
        Told::Nothing => html(""),
        Told::Html | Told::WrongHash => html(&format!("data-core-metadata=\"sha256={hash}\"")),
        Told::OldHtml => html(&format!("data-dist-info-metadata=\"sha256={hash}\"")),
        Told::WithoutHash => html("data-core-metadata=\"true\""),
        Told::Json => json("core-metadata"),
        Told::OldJson => json("dist-info-metadata"),
    };
    server.on(&format!("/simple/{project}/"), [page]);
    server.on(&path, [Answer::File(bytes.clone())]);
    if told != Told::Nothing {
        server.on(
            &format!("{path}.metadata"),
            [Answer::File(metadata.into_bytes())],
        );
    }
    (path, bytes)
}

#[test]
fn metadata_by_itself_leads_on_while_an_archive_is_on_its_way() {
    for told in [
        Told::Html,
        Told::Json,
        Told::OldHtml,
        Told::OldJson,
        Told::WithoutHash,
    ] {
        let Some(chain) = Chain::new(told) else {
            return;
        };
        chain.let_wait(0, chain.path(2));
        let ran = chain.sandbox.run(&[]).succeeds();
        assert!(ran.stdout.contains("third = 1.0\n"), "{told:?}: {ran:?}");
        for n in 0..3 {
            assert_eq!(chain.server.asked(chain.path(n)), 1, "{told:?}");
            let metadata = format!("{}.metadata", chain.path(n));
            assert_eq!(chain.server.asked(&metadata), 1, "{told:?}");
        }
        // What is in the cache is asked nothing of.
        std::fs::remove_dir_all(chain.sandbox.at("eggs")).unwrap();
        chain.sandbox.run(&[]).succeeds();
        for n in 0..3 {
            let metadata = format!("{}.metadata", chain.path(n));
            let asked = [
                chain.server.asked(chain.path(n)),
                chain.server.asked(&metadata),
            ];
            assert_eq!(asked, [1, 1], "{told:?}");
        }
    }
}

#[test]
fn metadata_of_another_hash_is_not_believed() {
    let Some(chain) = Chain::new(Told::WrongHash) else {
        return;
    };
    chain.sandbox.run(&[]).succeeds();
    assert_eq!(chain.server.asked("/simple/decoy/"), 0);
    assert_eq!(
        chain.server.asked(&format!("{}.metadata", chain.path(0))),
        1
    );
}

#[test]
fn what_is_said_is_the_same_whatever_was_asked_ahead() {
    let said = |told, more: &[&str]| {
        let chain = Chain::new(told)?;
        let ran = chain.sandbox.run(more).succeeds();
        let heard = ran.stdout.replace(&chain.server.url, "[INDEX]");
        Some((heard, ran.stderr))
    };
    let Some(plain) = said(Told::Nothing, &[]) else {
        return;
    };
    let lines = |project: &str| {
        format!(
            "root: Reading [INDEX]/simple/{project}/\n\
             Getting distribution for '{project}'.\n\
             root: Downloading [INDEX]/f/{project}-1.0-py2.py3-none-any.whl#sha256="
        )
    };
    let places: Vec<_> = ["first", "second", "third"]
        .map(|project| plain.0.find(&lines(project)))
        .to_vec();
    assert!(places.is_sorted() && places[0].is_some(), "{}", plain.0);
    assert_eq!(said(Told::Json, &[]), Some(plain));
    // On standard error it tells how long things took.
    let all = |told| said(told, &["-vv"]).unwrap().0;
    assert_eq!(all(Told::Json), all(Told::Nothing));
}

/// Old generations ask for each spelling of a name by a page of its own.
#[test]
fn a_spelling_that_nobody_asks_for_is_not_told() {
    for (eggs, pin) in [
        ("alpha\n  beta", ""),
        ("beta\n  alpha", ""),
        ("alpha\n  beta", "delta = 1.0\n"),
        ("beta\n  alpha", "delta = 1.0\n"),
    ] {
        let server = Server::new();
        let Some(sandbox) = Sandbox::configured(&format!(
            "[buildout]\nparts = a\nindex = {}/simple/\n\
             [a]\nrecipe = zc.recipe.egg:eggs\neggs =\n  {eggs}\n[versions]\nzc.buildout = 3.1.0\n{pin}",
            server.url
        )) else {
            return;
        };
        for (project, needs) in [("alpha", "Delta"), ("beta", "delta"), ("delta", "")] {
            let wheel = Wheel::new(project, "1.0");
            let wheel = match needs {
                "" => wheel,
                needs => wheel.requires(&[needs]),
            };
            offer(&server, &sandbox, project, &wheel, Told::Json);
            if project == "delta" {
                offer(&server, &sandbox, "Delta", &wheel, Told::Json);
            }
        }
        let ran = sandbox.run(&[]).succeeds();
        let of_delta =
            |line: &&str| line.to_lowercase().contains("delta") && !line.contains("Downloading");
        let heard: Vec<&str> = ran.stdout.lines().filter(of_delta).collect();
        let page = if eggs.starts_with("alpha") {
            "delta"
        } else {
            "Delta"
        };
        let pinned = if pin.is_empty() { "" } else { "==1.0" };
        assert_eq!(
            heard,
            [
                format!("root: Reading {}/simple/{page}/", server.url),
                format!("Getting distribution for '{page}{pinned}'."),
                "Got delta 1.0.".to_owned(),
            ]
        );
    }
}

#[test]
fn archives_come_side_by_side_to_be_unpacked_or_built() {
    let Some(chain) = Chain::new(Told::Html) else {
        return;
    };
    let sandbox = &chain.sandbox;
    let archive = tar_gz("own_backend-1.5/", &files("own-backend"));
    let path = "/f/own_backend-1.5.tar.gz";
    let page = format!("<a href=\"{path}\">x</a>");
    chain
        .server
        .on("/simple/own-backend/", [Answer::Html(page)]);
    // Each of the two comes after the other was asked for.
    let third = chain.path(2).to_owned();
    let whole = Box::new(Answer::File(archive));
    chain.server.on(path, [Answer::Behind(third, whole)]);
    chain.let_wait(2, path);
    let text = sandbox.read("buildout.cfg");
    sandbox.write(
        "buildout.cfg",
        &text.replace("eggs = first", "eggs =\n  third\n  own.backend"),
    );
    sandbox
        .run(&[])
        .succeeds()
        .prints("Got third 1.0.\n")
        .prints("Got own.backend 1.5.\n");
}

#[test]
fn what_is_fetched_ahead_and_not_wanted_does_not_stay_in_the_download_cache() {
    let server = Server::new();
    let Some(sandbox) = Sandbox::configured(&format!(
        "[buildout]\nparts = a\nindex = {}/simple/\ndownload-cache = kept\n\
         [a]\nrecipe = zc.recipe.egg\neggs =\n  nowhere\n  second\n",
        server.url
    )) else {
        return;
    };
    std::fs::create_dir(sandbox.at("kept")).unwrap();
    let wheel = Wheel::new("second", "1.0");
    let (path, _) = offer(&server, &sandbox, "second", &wheel, Told::Nothing);
    server.on("/simple/nowhere/", [Answer::Status("404 Not Found")]);
    // The last page that is asked for.
    let all = Box::new(Answer::Html(String::new()));
    server.on("/simple/", [Answer::Behind(path.clone(), all)]);
    sandbox
        .run(&[])
        .fails_with(&["Couldn't find a distribution for 'nowhere'."]);
    assert_eq!(server.asked(&path), 1);
    assert_eq!(sandbox.names("kept/dist"), Vec::<String>::new());
    sandbox.run(&["a:eggs=second"]).succeeds();
    assert_eq!(sandbox.names("kept/dist"), [wheel.file_name()]);
}

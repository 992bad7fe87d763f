use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;
use crate::log::Entry;
use crate::sys::http::NetworkSettings;

type Said = Rc<RefCell<Vec<String>>>;

fn facts() -> Rc<Facts> {
    let facts = serde_json::json!({
        "executable": "/v/bin/python", "python_version": "3.11", "python_full_version": "3.11.7", "version": "",
        "implementation": "CPython", "platform": "linux-x86_64", "build_platform": "linux-x86_64", "cache_tag": "",
        "pointer_bits": 64, "byte_order": "little", "tags": ["py3-none-any"], "markers": {}, "sys_path": [],
        "prefix": "", "base_prefix": "", "purelib": "", "platlib": ""
    });
    Rc::new(serde_json::from_value(facts).unwrap())
}

fn index(settings: IndexSettings) -> (Index, Said) {
    let said = Said::default();
    let heard = Rc::clone(&said);
    let log = Log::new(INFO, move |entry| {
        if let Entry::Line(line) = entry {
            heard.borrow_mut().push(line.clone());
        }
    });
    let network = Rc::new(Network::new(NetworkSettings::default()));
    (Index::new(settings, network, facts(), log), said)
}

fn named(found: &[Distribution]) -> Vec<String> {
    found
        .iter()
        .map(|d| format!("{d} {:?}", d.precedence))
        .collect()
}

/// A server of these pages, path to content type and text.
fn serve(pages: Vec<(&'static str, &'static str, &'static str)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            let path = head.split(' ').nth(1).unwrap_or("");
            let page = pages.iter().find(|(at, ..)| *at == path);
            let (status, kind, text) = match page {
                Some((_, kind, text)) => ("200 OK", *kind, *text),
                None => ("404 Not Found", "text/html", "gone"),
            };
            let length = text.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{text}"
            );
            // A reader that wants the head alone may be gone by now.
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    format!("http://{address}/")
}

#[test]
fn an_index_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let packages = std::fs::canonicalize(folder.path()).unwrap();
    std::fs::create_dir(packages.join("index")).unwrap();
    for name in [
        "plug.alpha-1.0-py3-none-any.whl",
        "plug_alpha-1.1.tar.gz",
        "plug_beta-2-py2-none-any.whl",
    ] {
        std::fs::write(packages.join(name), "").unwrap();
    }
    let at = packages.display();
    let (mut index, said) = index(IndexSettings {
        index: Some(format!("file://{at}/index")),
        find_links: vec![at.to_string(), format!("{at}/nowhere")],
        allow_hosts: vec!["none".to_owned()],
        names_as_written: false,
        wheels_for_any_python: false,
    });
    assert_eq!(
        named(&index.find_project("plug.alpha")),
        ["plug-alpha 1.1 Source", "plug.alpha 1.0 Wheel"]
    );
    assert_eq!(named(&index.find_project("Plug-Beta")), [""; 0]);
    let lines = [
        "root: Not found: AT/nowhere",
        "root: Not found: AT/index/plug-alpha/",
        "root: Not found: AT/index/plug.alpha/",
        "root: Couldn't retrieve index page for 'plug.alpha'",
        "root: Scanning index of all packages (this may take a while)",
        "root: Not found: AT/index/plug-beta/",
        "root: Couldn't find index page for 'Plug-Beta' (maybe misspelled?)",
        "root: Scanning index of all packages (this may take a while)",
    ];
    let lines = lines.map(|line| line.replace("AT", &at.to_string()));
    assert_eq!(*said.borrow(), lines);
    assert_eq!(
        index.evidence("plug_beta"),
        [
            format!("{at}/index/plug-beta/: no such file or directory"),
            format!("{at}/index/: 0 files"),
            format!(
                "{at}: 3 files, 1 of them for other systems or versions of Python (py2-none-any)"
            ),
            format!("{at}/nowhere: no such file or directory"),
        ]
    );
}

#[test]
fn an_index_on_a_server() {
    let at = serve(vec![
        (
            "/simple/foo-bar/",
            "text/html",
            "<a href='/f/foo_bar-1.0-py3-none-any.whl#sha256=1'>x</a> <a href='/f/Foo.Bar-1.0.zip'>x</a>\
             <a href='/f/foo_bar-2.0-py3-none-any.whl' data-requires-python='>=4'>x</a>\
             <a href='/f/foo_bar-3.0-cp27-cp27m-win32.whl'>x</a>",
        ),
        (
            "/simple/baz/",
            "application/vnd.pypi.simple.v1+json",
            r#"{"files": [{"url": "/f/baz-1.zip", "hashes": {"sha256": "0"}}]}"#,
        ),
        ("/simple/", "text/html", "<a href='Old_Name/'>Old_Name</a>"),
        (
            "/simple/Old_Name/",
            "text/html",
            "<a href='Old_Name-1.zip'>x</a>",
        ),
        ("/links", "text/html", "<a href='gone-1.zip'>x</a>"),
    ]);
    let (mut index, said) = index(IndexSettings {
        index: Some(format!("{at}simple")),
        find_links: vec![format!("{at}links"), format!("{at}f/direct-1.zip")],
        allow_hosts: vec!["other".to_owned(), "127.0.0.*".to_owned()],
        names_as_written: false,
        wheels_for_any_python: false,
    });
    index.prefetch(&["foo.bar".to_owned(), "baz".to_owned(), "gone".to_owned()]);
    assert!(said.borrow().is_empty());
    assert_eq!(
        named(&index.find_project("Foo.Bar")),
        ["foo-bar 1.0 Wheel", "Foo.Bar 1.0 Source"]
    );
    let found = index.find_project("baz");
    assert_eq!(named(&found), ["baz 1 Source"]);
    assert_eq!(found[0].location, format!("{at}f/baz-1.zip#sha256=0"));
    assert_eq!(named(&index.find_project("gone")), ["gone 1 Source"]);
    assert_eq!(named(&index.find_project("direct")), ["direct 1 Source"]);
    // Its page has another name than the canonical one: only the list of all projects knows it.
    assert_eq!(
        named(&index.find_project("old-name")),
        ["Old-Name 1 Source"]
    );
    assert_eq!(named(&index.find_project("baz")).len(), 1);
    let lines = [
        "root: Reading AT/links",
        "root: Reading AT/simple/foo-bar/",
        "root: Reading AT/simple/baz/",
        "root: Reading AT/simple/gone/",
        "root: HTTP error: Not Found",
        "root: Couldn't retrieve index page for 'gone'",
        "root: Scanning index of all packages (this may take a while)",
        "root: Reading AT/simple/",
        "root: Reading AT/simple/direct/",
        "root: HTTP error: Not Found",
        "root: Couldn't retrieve index page for 'direct'",
        "root: Reading AT/simple/old-name/",
        "root: HTTP error: Not Found",
        "root: Reading AT/simple/Old_Name/",
    ];
    let lines = lines.map(|line| line.replace("AT", at.trim_end_matches('/')));
    assert_eq!(*said.borrow(), lines);
    assert_eq!(
        index.evidence("foo.bar")[0],
        format!(
            "{at}simple/foo-bar/: 4 files, 1 of them for other versions of Python (>=4), \
             1 of them for other systems or versions of Python (cp27-cp27m-win32)"
        )
    );
    assert_eq!(
        index.evidence("gone")[0],
        format!("{at}simple/gone/: 404 Not Found")
    );
}

#[test]
fn excluded_hosts_are_passed_over_silently() {
    let (mut index, said) = index(IndexSettings {
        index: Some("http://joe:pw@127.0.0.1:9/simple".to_owned()),
        find_links: vec!["http://127.0.0.1:9/foo-1.zip".to_owned()],
        allow_hosts: vec!["*.org".to_owned()],
        names_as_written: false,
        wheels_for_any_python: false,
    });
    assert!(index.find_project("foo").is_empty());
    assert_eq!(
        *said.borrow(),
        [
            "root: Couldn't find index page for 'foo' (maybe misspelled?)",
            "root: Scanning index of all packages (this may take a while)"
        ]
    );
    assert_eq!(
        index.evidence("foo")[0],
        "http://127.0.0.1:9/simple/foo/: not read, allow-hosts excludes the host"
    );
}

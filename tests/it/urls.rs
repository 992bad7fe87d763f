//! Configurations from URLs: relative names, redirects, failures, caches.

use std::time::Duration;

use rbuildout::digest::hex;

use super::support::sandbox::Sandbox;
use super::support::server::{Answer, Server};
use super::support::texts::{same, without_own};

fn text(text: &str) -> Answer {
    Answer::Text("text/plain", text.to_owned())
}

/// A buildout that extends this; `[URL]` is the server's.
fn extending(server: &Server, names: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new()?;
    std::fs::create_dir_all(sandbox.at("eggs/v5")).unwrap();
    let names = names.replace("[URL]", &server.url);
    sandbox.write(
        "buildout.cfg",
        &format!("[buildout]\nextends = {names}\nparts =\n"),
    );
    Some(sandbox)
}

/// What is said where the one file that buildout.cfg extends can't be had.
fn told(url: &str, error: &str, id: &str, what: &str, help: &str) -> String {
    let signs = "^".repeat(url.len());
    format!(
        "While:\n  Initializing.\nError: {error}\nrbuildout: error[{id}]: {what}\n  --> buildout.cfg:2:11\n    |\n  \
         2 | extends = {url}\n    |           {signs}\n  help: {help}\n"
    )
}

/// As [`told`], of a URL that has no answer.
fn not_reached(url: &str, reason: &str) -> String {
    told(
        url,
        &format!("Error downloading extends for URL {url}: <urlopen error {reason}>"),
        "extends-url",
        &format!("{url} can't be reached: {reason}"),
        "set `extends-cache` to go on from copies when the network is away",
    )
}

/// What `query` prints, and nothing on standard error.
#[track_caller]
fn query(sandbox: &Sandbox, arguments: &[&str], expected: &str) {
    let ran = sandbox.run(arguments);
    same("standard error", "", &ran.stderr);
    same("standard output", expected, &ran.stdout);
    assert_eq!(ran.code, 0);
}

/// The real program in the same place, where a Python has it.
fn real(sandbox: &Sandbox, arguments: &[&str]) -> Option<String> {
    let Ok(python) = std::env::var("RBUILDOUT_ORACLE_PYTHON") else {
        eprintln!(
            "SKIPPED: RBUILDOUT_ORACLE_PYTHON names no Python with zc.buildout to compare with"
        );
        return None;
    };
    let program = "import sys; from zc.buildout.buildout import main; main(sys.argv[1:])";
    let ran = sandbox.start(&python, &[&["-c", program], arguments].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    Some(ran.stdout)
}

#[test]
fn names_are_relative_to_the_file_that_says_them() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/a/base.cfg") else {
        return;
    };
    server.on(
        "/a/base.cfg",
        [text(
            "[buildout]\nextends = sub/more.cfg\n  ../top.cfg\n[x]\na = 1\n",
        )],
    );
    server.on(
        "/a/sub/more.cfg",
        [text(
            "[buildout]\nextends = deep/last.cfg\n[x]\na = 2\nb = 2\n",
        )],
    );
    server.on(
        "/a/sub/deep/last.cfg",
        [text("[x]\na = 3\nb += 3\nc = 3\n")],
    );
    server.on("/a/../top.cfg", [text("[x]\nc += 4\n")]);
    let ran = sandbox.run(&["annotate", "x"]);
    let url = &server.url;
    let expected = format!(
        "\nAnnotated sections\n==================\n\n[x]\na= 1\n    {url}/a/base.cfg\nb= 2\n    \
         {url}/a/sub/more.cfg\nc= 3\n4\n    {url}/a/sub/deep/last.cfg\n+=  {url}/a/../top.cfg\n"
    );
    same("standard error", "", &ran.stderr);
    same("standard output", &expected, &ran.stdout);
    if let Some(real) = real(&sandbox, &["annotate", "x"]) {
        same("what zc.buildout says", &real, &ran.stdout);
    }
    let ran = sandbox.run(&["why", "x:b"]);
    same(
        "standard output",
        &format!(
            "x:b = 2\n  {url}/a/sub/deep/last.cfg:3: = 3  (overridden)\n  {url}/a/sub/more.cfg:5: = 2\n"
        ),
        &ran.stdout,
    );
}

#[test]
fn a_page_that_moved_keeps_its_name() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/old/base.cfg") else {
        return;
    };
    server.on(
        "/old/base.cfg",
        [Answer::Redirect("/new/base.cfg".to_owned())],
    );
    server.on(
        "/new/base.cfg",
        [text("[buildout]\nextends = beside.cfg\n")],
    );
    server.on("/old/beside.cfg", [text("[x]\na = beside the old one\n")]);
    query(&sandbox, &["query", "x:a"], "beside the old one\n");
    if let Some(real) = real(&sandbox, &["query", "x:a"]) {
        same("what zc.buildout says", &real, "beside the old one\n");
    }
    server.on(
        "/old/beside.cfg",
        [Answer::Redirect("/old/beside.cfg".to_owned())],
    );
    sandbox.write(
        "buildout.cfg",
        &format!("[buildout]\nextends = {}/old/beside.cfg\n", server.url),
    );
    let url = format!("{}/old/beside.cfg", server.url);
    let ran = sandbox.run(&["query", "x:a"]);
    ran.fails("", &not_reached(&url, "too many redirects"));
}

#[test]
fn a_failure_says_url_status_and_place() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/base.cfg") else {
        return;
    };
    let base = || text("[buildout]\nextends =\n    bad.cfg\n");
    let url = &server.url;
    let told = |reason: &str, what: &str, help: &str| {
        format!(
            "While:\n  Initializing.\nError: Error downloading extends for URL {url}/bad.cfg: {reason}\n\
             rbuildout: error[extends-url]: {what}\n  --> {url}/base.cfg:3:5\n    |\n  3 |     bad.cfg\n    |     ^^^^^^^\n  \
             extended from buildout.cfg:2\n  help: {help}\n"
        )
    };
    for (answer, reason, what, help) in [
        (
            Answer::Status("404 Not Found"),
            "HTTP Error 404: Not Found",
            "was answered with status 404",
            "correct the URL, or save the file beside this one",
        ),
        (
            Answer::Status("403 Forbidden"),
            "HTTP Error 403: Forbidden",
            "was answered with status 403",
            "name user and password in ~/.netrc, or in the URL as https://user:password@host/",
        ),
        (
            Answer::Status("500 Internal Server Error"),
            "HTTP Error 500: Internal Server Error",
            "was answered with status 500",
            "set `extends-cache` to go on from copies when the network is away",
        ),
    ] {
        server.on("/base.cfg", [base()]);
        server.on("/bad.cfg", [answer]);
        let what = format!("{url}/bad.cfg {what}");
        sandbox
            .run(&["query", "x:a"])
            .fails("", &told(reason, &what, help));
    }
    // Once, and three times more.
    assert_eq!(server.asked("/bad.cfg"), 1 + 1 + 4);
}

#[test]
fn a_server_that_says_nothing_is_told() {
    let server = Server::new();
    let Some(mut sandbox) = extending(&server, "[URL]/bad.cfg") else {
        return;
    };
    sandbox.set("PIP_TIMEOUT", "1");
    let late = Answer::Late(Duration::from_secs(4), Box::new(text("[x]\na = 1\n")));
    server.on("/bad.cfg", [late]);
    let url = format!("{}/bad.cfg", server.url);
    let asked = |error: &str| sandbox.run(&["query", "x:a"]).fails("", error);
    asked(&not_reached(&url, "timed out"));
    let whole = b"[x]\na = 1\nb = 2\n".to_vec();
    server.on("/bad.cfg", [Answer::Cut(whole, 8)]);
    asked(&not_reached(&url, "the server broke off the connection"));
    server.on("/bad.cfg", [Answer::Nothing]);
    asked(&not_reached(&url, "the server broke off the connection"));
    let latin = b"[x]\na = caf\xe9\n".to_vec();
    server.on("/bad.cfg", [Answer::File(latin)]);
    asked(&format!(
        "While:\n  Initializing.\nError: 'utf-8' codec can't decode byte 0xe9 in position 11: invalid continuation byte\n\
         rbuildout: error[encoding]: this is not UTF-8\n  --> {url}:2:8\n    |\n  2 | a = caf\u{fffd}\n    |        ^\n  \
         help: save the file as UTF-8\n"
    ));
    server.on("/bad.cfg", [text("<html>no configuration</html>\n")]);
    // What came can be looked at.
    let copy = {
        use md5::Digest as _;
        let name = hex(&md5::Md5::digest(url.as_bytes()));
        format!("[AROUND]/cache/configurations/{name}")
    };
    asked(&format!(
        "While:\n  Initializing.\nError: File contains no section headers.\nfile: {url} (downloaded as {copy}), line: 1\n'<html>no configuration</html>\\n'\n\
         rbuildout: error[syntax]: this line stands before the first section\n  --> {url}:1:1\n    |\n  \
         1 | <html>no configuration</html>\n    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  extended from buildout.cfg:2\n  \
         help: this is a page for people; name the address of the file itself\n"
    ));
}

#[test]
fn where_nobody_listens() {
    let server = Server::new();
    let url = "http://127.0.0.1:1/base.cfg";
    let Some(sandbox) = extending(&server, url) else {
        return;
    };
    let refused = not_reached(url, "[Errno 111] Connection refused");
    sandbox.run(&["query", "x:a"]).fails("", &refused);
    for scheme in ["gopher", "ftp"] {
        let url = format!("{scheme}://h/base.cfg");
        sandbox.write("buildout.cfg", &format!("[buildout]\nextends = {url}\n"));
        let error = format!(
            "Error downloading extends for URL {url}: <urlopen error unknown url type: {scheme}>"
        );
        let what = format!("`{scheme}:` can't be fetched");
        let unknown = told(
            &url,
            &error,
            "extends-url",
            &what,
            "http, https and file can",
        );
        sandbox.run(&["query", "x:a"]).fails("", &unknown);
    }
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/base.cfg") else {
        return;
    };
    let whole = b"[x]\na = 1\n".to_vec();
    server.on(
        "/base.cfg",
        [
            Answer::Status("503 Service Unavailable"),
            Answer::Nothing,
            Answer::Cut(whole, 5),
            text("[x]\na = 1\n"),
        ],
    );
    query(&sandbox, &["query", "x:a"], "1\n");
    assert_eq!(server.asked("/base.cfg"), 4);
}

/// Without an extends-cache a file is kept with what the server says of it, and asked for as "has it changed?".
#[test]
fn what_has_not_changed_does_not_come_again() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/base.cfg [URL]/plain.cfg") else {
        return;
    };
    let tagged = |tag, text: &str| Answer::Tagged(tag, text.to_owned());
    server.on("/base.cfg", [tagged("one", "[x]\na = 1\n")]);
    server.on("/plain.cfg", [text("[x]\nb = 1\n")]);
    query(&sandbox, &["query", "x:a"], "1\n");
    assert!(!server.heads().to_lowercase().contains("if-none-match"));
    query(&sandbox, &["query", "x:a"], "1\n");
    assert!(
        server
            .heads()
            .to_lowercase()
            .contains("if-none-match: \"one\"")
    );
    server.on("/base.cfg", [tagged("two", "[x]\na = 2\n")]);
    query(&sandbox, &["query", "x:a"], "2\n");
    query(&sandbox, &["query", "x:a"], "2\n");
    assert_eq!(server.asked("/base.cfg"), 4);
    assert_eq!(server.asked("/plain.cfg"), 4);
    // A copy that was changed by hand is not believed.
    let kept = sandbox.at("../cache/configurations");
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none() {
            std::fs::write(path, "[x]\na = changed\n").unwrap();
        }
    }
    query(&sandbox, &["query", "x:a"], "2\n");
    // A server that is away is an error: it might say something else today.
    server.on("/base.cfg", [Answer::Status("404 Not Found")]);
    assert_eq!(sandbox.run(&["query", "x:a"]).code, 1);
}

/// The files of the cache are zc.buildout's: named by the MD5 of the URL, the text as it came.
#[test]
fn the_extends_cache_serves_both_tools() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/a/base.cfg") else {
        return;
    };
    let url = &server.url;
    let offline = |sandbox: &Sandbox| {
        sandbox.write(
            "buildout.cfg",
            &format!("[buildout]\nextends-cache = cache\nextends = {url}/a/base.cfg\nparts =\n"),
        );
    };
    offline(&sandbox);
    server.on("/a/base.cfg", [text("[buildout]\nextends = more.cfg\n")]);
    server.on("/a/more.cfg", [text("[x]\na = 1\n")]);
    let missing = format!(
        "While:\n  Initializing.\nError: The directory:\n'[ROOT]/cache'\nto be used as a download cache doesn't exist.\n\n\
         rbuildout: error[extends-cache]: there is no such directory\n  --> buildout.cfg:3:11\n    |\n  \
         3 | extends = {url}/a/base.cfg\n    |           {}\n  help: make the directory, or take `extends-cache` away\n",
        "^".repeat(url.len() + "/a/base.cfg".len())
    );
    sandbox.run(&["query", "x:a"]).fails("", &missing);
    std::fs::create_dir(sandbox.at("cache")).unwrap();
    query(&sandbox, &["query", "x:a"], "1\n");
    let named = |path: &str| {
        use md5::Digest as _;
        hex(&md5::Md5::digest(format!("{url}{path}").as_bytes()))
    };
    let mut names: Vec<String> = std::fs::read_dir(sandbox.at("cache"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected = [named("/a/base.cfg"), named("/a/more.cfg")];
    expected.sort();
    assert_eq!(names, expected);
    let copy = format!("cache/{}", named("/a/more.cfg"));
    assert_eq!(sandbox.read(&copy), "[x]\na = 1\n");

    // Newer ones are taken; where none can be had, the copy is.
    server.on("/a/more.cfg", [text("[x]\na = 2\n")]);
    query(&sandbox, &["-N", "query", "x:a"], "1\n");
    query(&sandbox, &["-o", "query", "x:a"], "1\n");
    query(&sandbox, &["query", "x:a"], "2\n");
    assert_eq!(sandbox.read(&copy), "[x]\na = 2\n");
    server.on("/a/more.cfg", [Answer::Status("404 Not Found")]);
    query(&sandbox, &["query", "x:a"], "2\n");

    // What one has put there serves the other.
    if let Some(real) = real(&sandbox, &["-o", "query", "x:a"]) {
        same("what zc.buildout says", &real, "2\n");
    }
    std::fs::remove_dir_all(sandbox.at("cache")).unwrap();
    std::fs::create_dir(sandbox.at("cache")).unwrap();
    server.on("/a/more.cfg", [text("[x]\na = 3\n")]);
    if let Some(real) = real(&sandbox, &["query", "x:a"]) {
        same("what zc.buildout says", &real, "3\n");
        query(&sandbox, &["-o", "query", "x:a"], "3\n");
    } else {
        query(&sandbox, &["query", "x:a"], "3\n");
    }
    std::fs::remove_file(sandbox.at(&copy)).unwrap();
    let offline = format!(
        "While:\n  Initializing.\nError: Couldn't download '{url}/a/more.cfg' in offline mode.\n\
         rbuildout: error[offline]: {url}/a/more.cfg is not to be asked for: this run is offline\n  \
         --> {url}/a/base.cfg:2:11\n    |\n  2 | extends = more.cfg\n    |           ^^^^^^^^\n  \
         extended from buildout.cfg:3\n  \
         help: run once without -o, or with `extends-cache` set to a directory that has the file\n"
    );
    sandbox.run(&["-o", "query", "x:a"]).fails("", &offline);
}

#[test]
fn user_and_password() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/base.cfg") else {
        return;
    };
    // me:secret
    let known = |answer| {
        Answer::Authorized(
            "authorization: basic bwu6c2vjcmv0\r\n".to_owned(),
            Box::new(answer),
        )
    };
    server.on("/base.cfg", [known(text("[x]\na = 1\n"))]);
    let url = format!("{}/base.cfg", server.url);
    let unauthorized = told(
        &url,
        &format!("Error downloading extends for URL {url}: HTTP Error 401: Unauthorized"),
        "extends-url",
        &format!("{url} was answered with status 401"),
        "name user and password in ~/.netrc, or in the URL as https://user:password@host/",
    );
    sandbox.run(&["query", "x:a"]).fails("", &unauthorized);
    sandbox.write(
        "../home/.netrc",
        "machine 127.0.0.1\nlogin me\npassword secret\n",
    );
    query(&sandbox, &["query", "x:a"], "1\n");
    std::fs::remove_file(sandbox.at("../home/.netrc")).unwrap();
    let host = server.url.strip_prefix("http://").unwrap();
    sandbox.write(
        "buildout.cfg",
        &format!("[buildout]\nextends = http://me:secret@{host}/base.cfg\nparts =\n"),
    );
    query(&sandbox, &["query", "x:a"], "1\n");
    // Never told to whom it does not concern.
    server.on("/base.cfg", [Answer::Status("404 Not Found")]);
    let ran = sandbox.run(&["query", "x:a"]);
    assert_eq!(ran.code, 1);
    same("standard output", "", &ran.stdout);
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
}

/// All that one file extends is fetched at the same time.
#[test]
fn several_come_at_once() {
    let server = Server::new();
    let names: Vec<String> = (0..6).map(|n| format!("{}/{n}.cfg", server.url)).collect();
    let Some(sandbox) = extending(&server, &names.join("\n  ")) else {
        return;
    };
    for n in 0..6 {
        let later = Duration::from_millis(300);
        let answer = text(&format!("[x]\na += {n}\n"));
        server.on(
            &format!("/{n}.cfg"),
            [Answer::Late(later, Box::new(answer))],
        );
    }
    query(&sandbox, &["query", "x:a"], "0\n1\n2\n3\n4\n5\n");
    assert!(server.at_once() >= 3, "{} at once", server.at_once());
}

/// The first failure in the order of the files is told, whatever came first.
#[test]
fn of_several_failures_the_first_is_told() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "[URL]/0.cfg [URL]/1.cfg [URL]/2.cfg") else {
        return;
    };
    server.on("/0.cfg", [text("[x]\na = 1\n")]);
    let later = Duration::from_millis(200);
    let answer = Answer::Status("403 Forbidden");
    server.on("/1.cfg", [Answer::Late(later, Box::new(answer))]);
    let ran = sandbox.run(&["query", "x:a"]);
    let url = &server.url;
    let said = format!("Error downloading extends for URL {url}/1.cfg: HTTP Error 403: Forbidden");
    assert!(without_own(&ran.stderr).contains(&said), "{}", ran.stderr);
}

#[test]
fn the_configuration_itself_may_be_there() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "x.cfg") else {
        return;
    };
    server.on(
        "/a/buildout.cfg",
        [text("[buildout]\nextends = base.cfg\nparts =\n")],
    );
    server.on("/a/base.cfg", [text("[x]\na = 1\n")]);
    let url = format!("{}/a/buildout.cfg", server.url);
    let directory = sandbox.at("").display().to_string();
    let directory = format!("buildout:directory={directory}");
    query(&sandbox, &["-c", &url, &directory, "query", "x:a"], "1\n");
}

#[test]
fn file_urls() {
    let server = Server::new();
    let Some(sandbox) = extending(&server, "file://[ROOT]/sub/base.cfg") else {
        return;
    };
    sandbox.write("sub/base.cfg", "[buildout]\nextends = more.cfg\n");
    sandbox.write("sub/more.cfg", "[x]\na = 1\n");
    query(&sandbox, &["query", "x:a"], "1\n");
    if let Some(real) = real(&sandbox, &["query", "x:a"]) {
        same("what zc.buildout says", &real, "1\n");
    }
    query(&sandbox, &["-o", "query", "x:a"], "1\n");
    std::fs::remove_file(sandbox.at("sub/more.cfg")).unwrap();
    let missing = "While:\n  Initializing.\nError: [Errno 2] No such file or directory: '[ROOT]/sub/more.cfg'\n\
         rbuildout: error[missing-extends]: the file `more.cfg` is not there\n  --> file://[ROOT]/sub/base.cfg:2:11\n    |\n  \
         2 | extends = more.cfg\n    |           ^^^^^^^^\n  extended from buildout.cfg:2\n  \
         help: it is looked for at [ROOT]/sub/more.cfg\n";
    sandbox.run(&["query", "x:a"]).fails("", missing);
}

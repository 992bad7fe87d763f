//! An index with TLS that fails on purpose: all that is said of it, and that nothing of it stays.
//!
//! `fixtures/index-failures.txt` has what each failure says, whole; `UPDATE=1` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::support::pythons;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::server::{Answer, Server, tls_file};
use crate::support::texts::same;

const WHEEL: &str = "plug_gamma-0.9-py2.py3-none-any.whl";
const PAGE: &str = "/simple/plug-gamma/";
const JSON: &str = "application/vnd.pypi.simple.v1+json";
const RECORDS: &str = "fixtures/index-failures.txt";

/// A buildout that wants plug-gamma from this index, of which it knows the password and the certificate's authority; the
/// wheel's bytes beside it.
fn buildout(url: &str) -> Option<(Sandbox, Vec<u8>)> {
    let python = pythons::isolated()?;
    let index = url.replace("://", "://joe:hunter2@");
    let mut sandbox = Sandbox::with(python.clone(), "b")
        .wheels("packages", &["plug-gamma-0.9"])
        .file(
            "buildout.cfg",
            &format!(
                "[buildout]\nparts = a\nindex = {index}/simple/\ndownload-cache = downloads\nsocket-timeout = 2\n\n\
                 [a]\nrecipe = zc.recipe.egg\neggs = plug-gamma\n"
            ),
        );
    sandbox.set("PIP_CONFIG_FILE", "/dev/null");
    sandbox.set("SSL_CERT_FILE", tls_file("ca.pem").to_str().unwrap());
    let wheel = std::fs::read(sandbox.at("packages").join(WHEEL)).unwrap();
    Some((sandbox, wheel))
}

/// Runs; what differs between servers is a token.
fn run(sandbox: &Sandbox, servers: &[(&Server, &str)]) -> Ran {
    let mut ran = sandbox.run(&[]);
    for text in [&mut ran.stdout, &mut ran.stderr] {
        assert!(!text.contains("hunter2"), "{text}");
        *text = text.replace(tls_file("").to_str().unwrap(), "[TLS]/");
        for (server, token) in servers {
            *text = text.replace(server.url.split('/').nth(2).unwrap(), token);
        }
    }
    ran
}

fn html(href: &str) -> Vec<Answer> {
    vec![Answer::Html(format!("<a href=\"{href}\">x</a>"))]
}

/// It went well; what the script starts with and what is kept is whole.
#[track_caller]
fn went_well(ran: &Ran, sandbox: &Sandbox, wheel: &[u8]) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(sandbox.at("bin/gamma").is_file());
    let kept = std::fs::read(sandbox.at("downloads/dist").join(WHEEL)).unwrap();
    assert!(kept == wheel);
}

/// Nothing has come into the eggs directory or a cache, not under a passing name either.
#[track_caller]
fn nothing_landed(sandbox: &Sandbox, what: &str) {
    for place in ["eggs/v5", "downloads/dist", "../cache/wheels"] {
        let there: Vec<_> = std::fs::read_dir(sandbox.at(place))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(there.is_empty(), "{what}: {place}: {there:?}");
    }
    assert!(!sandbox.at("bin/gamma").exists(), "{what}");
}

/// What an index answers, and a word for it.
struct Failing {
    name: &'static str,
    page: Vec<Answer>,
    file: Vec<Answer>,
}

fn failures(wheel: &[u8]) -> Vec<Failing> {
    let half = wheel.len() / 2;
    let usual = html(&format!("/f/{WHEEL}"));
    let stalls = Duration::from_secs(20);
    let of_page = |name, answer| Failing {
        name,
        page: vec![answer],
        file: vec![Answer::File(wheel.to_vec())],
    };
    let of_file = |name, answer| Failing {
        name,
        page: usual.clone(),
        file: vec![answer],
    };
    let mut bent = wheel.to_vec();
    // Within the first file's packed contents: its check sum tells.
    bent[60] ^= 0x55;
    let zeros = vec![b' '; 1 << 16];
    vec![
        of_page("page 404", Answer::Status("404 Not Found")),
        of_page("page 401", Answer::Status("401 Unauthorized")),
        of_page("page 403", Answer::Status("403 Forbidden")),
        of_page("page 503", Answer::Status("503 Service Unavailable")),
        of_page("page hangs up", Answer::Nothing),
        of_page("page cut", Answer::Cut(b"<a href='x'>".repeat(20), 100)),
        of_page("page stalls", Answer::Slow(vec![b' '; 20], 10, stalls)),
        of_page("page no http", Answer::Raw("SSH-2.0-OpenSSH_9.6\r\n\r\n")),
        of_page("page in a circle", Answer::Redirect(PAGE.to_owned())),
        of_page("page broken json", Answer::Text(JSON, "{broken".to_owned())),
        of_page("page other json", Answer::Text(JSON, "[1]".to_owned())),
        of_page("page no type", Answer::File(b"<a href=x>".to_vec())),
        of_page("page plain", Answer::Text("text/plain", "no".to_owned())),
        of_page("page empty", Answer::Html(String::new())),
        of_page("page endless", Answer::Endless(zeros.clone(), false)),
        of_page("page bomb", Answer::Endless(zeros, true)),
        of_file("file 404", Answer::Status("404 Not Found")),
        of_file("file 403", Answer::Status("403 Forbidden")),
        of_file("file 500", Answer::Status("500 Internal Server Error")),
        of_file("file hangs up", Answer::Nothing),
        of_file("file cut", Answer::Cut(wheel.to_vec(), half)),
        of_file("file stalls", Answer::Slow(wheel.to_vec(), half, stalls)),
        of_file("file no http", Answer::Raw("SSH-2.0-OpenSSH_9.6\r\n\r\n")),
        of_file("file in a circle", Answer::Redirect(format!("/f/{WHEEL}"))),
        of_file(
            "file a page",
            Answer::Html("<!doctype html>login".to_owned()),
        ),
        of_file("file truncated", Answer::File(wheel[..half].to_vec())),
        of_file("file empty", Answer::File(Vec::new())),
        of_file("file bent", Answer::File(bent)),
        Failing {
            name: "file of another hash",
            page: html(&format!("/f/{WHEEL}#sha256={}", "0".repeat(64))),
            file: vec![Answer::File(wheel.to_vec())],
        },
    ]
}

#[test]
fn each_failure_is_told_whole_and_leaves_nothing() {
    let Some((_, wheel)) = buildout("https://x") else {
        return;
    };
    let said = std::sync::Mutex::new(BTreeMap::new());
    let failures = std::sync::Mutex::new(failures(&wheel).into_iter().enumerate());
    std::thread::scope(|scope| {
        // Most of them wait most of the time.
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let Some((n, failing)) = failures.lock().unwrap().next() else {
                        return;
                    };
                    let server = Server::with_tls("good");
                    server.on(PAGE, failing.page);
                    server.on(&format!("/f/{WHEEL}"), failing.file);
                    let (sandbox, _) = buildout(&server.url).unwrap();
                    let ran = run(&sandbox, &[(&server, "[INDEX]")]);
                    assert_eq!(ran.code, 1, "{}: {}", failing.name, ran.stderr);
                    nothing_landed(&sandbox, failing.name);
                    said.lock().unwrap().insert(n, (failing.name, ran));
                    // Once it is mended, nothing is in the way.
                    server.on(PAGE, html(&format!("/f/{WHEEL}")));
                    server.on(&format!("/f/{WHEEL}"), [Answer::File(wheel.clone())]);
                    went_well(&sandbox.run(&[]), &sandbox, &wheel);
                }
            });
        }
    });
    let mut got = String::from(
        "What a run says of an index that fails on purpose (tests/it/bad_index.rs): standard output, then standard error.\n",
    );
    for (name, ran) in said.into_inner().unwrap().into_values() {
        let _ = write!(got, "\n=== {name}\n{}---\n{}", ran.stdout, ran.stderr);
    }
    compare(&got);
}

fn compare(got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORDS);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    same(RECORDS, &std::fs::read_to_string(path).unwrap(), got);
}

#[test]
fn what_recovers_in_time_is_waited_for() {
    let server = Server::with_tls("good");
    let Some((sandbox, wheel)) = buildout(&server.url) else {
        return;
    };
    let page = format!("<a href=\"/f/{WHEEL}\">x</a>").into_bytes();
    let half = wheel.len() / 2;
    let pause = Duration::from_millis(20);
    server.on(
        PAGE,
        [
            Answer::Status("503 Service Unavailable"),
            Answer::Cut(page, 7),
            html(&format!("/f/{WHEEL}")).remove(0),
        ],
    );
    server.on(
        &format!("/f/{WHEEL}"),
        [
            Answer::Nothing,
            Answer::Cut(wheel.clone(), half),
            // Longer in all than it may be silent.
            Answer::Slow(wheel.clone(), 10, pause),
        ],
    );
    went_well(&run(&sandbox, &[]), &sandbox, &wheel);
    let file = format!("/f/{WHEEL}");
    assert_eq!((server.asked(PAGE), server.asked(&file)), (3, 3));
}

#[test]
fn a_page_of_many_files_is_read() {
    let server = Server::with_tls("good");
    let Some((sandbox, wheel)) = buildout(&server.url) else {
        return;
    };
    let mut page = String::from("<html>");
    for n in 0..20_000 {
        let _ = writeln!(
            page,
            "<a href=\"/f/plug_gamma-0.8.{n}-cp27-cp27m-win32.whl#sha256={}\">x</a><br/>",
            "0".repeat(64)
        );
    }
    let _ = write!(page, "<a href=\"/f/{WHEEL}\">x</a>");
    server.on(PAGE, [Answer::Html(page)]);
    server.on(&format!("/f/{WHEEL}"), [Answer::File(wheel.clone())]);
    let begun = std::time::Instant::now();
    went_well(&run(&sandbox, &[]), &sandbox, &wheel);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
}

/// The certificates that the program trusts, by each of the ways to name them.
#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let server = Server::with_tls("good");
    let Some((_, wheel)) = buildout(&server.url) else {
        return;
    };
    server.on(PAGE, html(&format!("/f/{WHEEL}")));
    server.on(&format!("/f/{WHEEL}"), [Answer::File(wheel.clone())]);
    let (ca, other) = (tls_file("ca.pem"), tls_file("other.pem"));
    let (ca, other) = (ca.to_str().unwrap(), other.to_str().unwrap());
    // Variables, what pip.conf says, whether the server is trusted.
    let ways = [
        (vec![("SSL_CERT_FILE", ca)], "", true),
        (vec![("REQUESTS_CA_BUNDLE", ca)], "", true),
        (vec![("CURL_CA_BUNDLE", ca)], "", true),
        (vec![("PIP_CERT", ca)], "", true),
        (vec![], ca, true),
        (
            vec![("PIP_CERT", ca), ("SSL_CERT_FILE", other)],
            other,
            true,
        ),
        (vec![("SSL_CERT_FILE", other)], ca, true),
        (
            vec![("REQUESTS_CA_BUNDLE", other), ("SSL_CERT_FILE", ca)],
            "",
            true,
        ),
        (vec![("PIP_CERT", other), ("SSL_CERT_FILE", ca)], "", false),
        (vec![("SSL_CERT_FILE", ca)], other, false),
    ];
    for (variables, configured, trusted) in ways {
        let (mut sandbox, _) = buildout(&server.url).unwrap();
        if !configured.is_empty() {
            sandbox.write("pip.conf", &format!("[global]\ncert = {configured}\n"));
            let file = sandbox.at("pip.conf").display().to_string();
            sandbox.set("PIP_CONFIG_FILE", &file);
        }
        sandbox.unset("SSL_CERT_FILE");
        for (name, value) in &variables {
            sandbox.set(name, value);
        }
        let ran = run(&sandbox, &[(&server, "[INDEX]")]);
        if trusted {
            assert_eq!(ran.code, 0, "{variables:?} {configured}: {}", ran.stderr);
            went_well(&ran, &sandbox, &wheel);
        } else {
            assert_eq!(ran.code, 1, "{variables:?} {configured}: {}", ran.stdout);
            nothing_landed(&sandbox, "an authority that is not named");
        }
    }
}

/// What is said of a certificate that is refused.
fn refused(reason: &str, kind: &str) -> String {
    format!(
        "While:
  Installing a.
  Getting distribution for 'plug-gamma'.
Error: Couldn't find a distribution for 'plug-gamma'.
rbuildout: error[missing-distribution]: no distribution fits plug-gamma
  help: https://[INDEX]/simple/plug-gamma/: TLS: {reason}
  help: https://[INDEX]/simple/: TLS: {reason}
  help: [ROOT]/downloads/dist: 0 files
rbuildout: error[index]: the index can't be asked: {reason}
  --> buildout.cfg:3:9
    |
  3 | index = https://****@[INDEX]/simple/
    |         ^
  help: {kind}
"
    )
}

const NAME_THEM: &str =
    "name the certificates to trust in PIP_CERT, SSL_CERT_FILE or REQUESTS_CA_BUNDLE";

#[test]
fn a_certificate_that_is_not_right_is_refused() {
    let verify = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ";
    for (certificate, authority, reason) in [
        (
            "good",
            "other.pem",
            "unable to get local issuer certificate",
        ),
        (
            "elsewhere",
            "ca.pem",
            "certificate is not valid for '127.0.0.1'",
        ),
        ("expired", "ca.pem", "certificate has expired"),
    ] {
        let server = Server::with_tls(certificate);
        let Some((mut sandbox, _)) = buildout(&server.url) else {
            return;
        };
        sandbox.set("SSL_CERT_FILE", tls_file(authority).to_str().unwrap());
        let ran = run(&sandbox, &[(&server, "[INDEX]")]);
        same(
            certificate,
            &refused(&format!("{verify}{reason}"), NAME_THEM),
            &ran.stderr,
        );
        assert_eq!(ran.code, 1);
        assert_eq!(server.heads(), "", "nothing may be said to a stranger");
        nothing_landed(&sandbox, certificate);
    }
    // A file that is not there, and one without certificates.
    let server = Server::with_tls("good");
    for (file, why) in [
        ("none.pem", "no such file or directory"),
        ("make", "there are none"),
    ] {
        let (mut sandbox, _) = buildout(&server.url).unwrap();
        sandbox.set("SSL_CERT_FILE", tls_file(file).to_str().unwrap());
        let ran = run(&sandbox, &[(&server, "[INDEX]")]);
        let reason = format!("the certificates in [TLS]/{file} can't be used: {why}");
        same(file, &refused(&reason, NAME_THEM), &ran.stderr);
    }
}

#[test]
fn nothing_comes_by_http_that_was_asked_for_by_https() {
    let (safe, plain) = (Server::with_tls("good"), Server::new());
    let Some((sandbox, wheel)) = buildout(&safe.url) else {
        return;
    };
    let file = format!("/f/{WHEEL}");
    let tokens = [(&safe, "[INDEX]"), (&plain, "[PLAIN]")];
    plain.on(PAGE, html(&file));
    plain.on(&file, [Answer::File(wheel.clone())]);
    // The page.
    safe.on(PAGE, [Answer::Redirect(format!("{}{PAGE}", plain.url))]);
    let ran = run(&sandbox, &tokens);
    let why = "sent on from https to http://[PLAIN]/simple/plug-gamma/, where anybody on the way may change it";
    let expected = format!(
        "While:
  Installing a.
  Getting distribution for 'plug-gamma'.
Error: Couldn't find a distribution for 'plug-gamma'.
rbuildout: error[missing-distribution]: no distribution fits plug-gamma
  help: https://[INDEX]/simple/plug-gamma/: {why}
  help: https://[INDEX]/simple/: 404 Not Found
  help: [ROOT]/downloads/dist: 0 files
rbuildout: error[index]: the index can't be asked: {why}
  --> buildout.cfg:3:9
    |
  3 | index = https://****@[INDEX]/simple/
    |         ^
  help: name in the option where it is now; tell those who run the server
"
    );
    same("a page by http", &expected, &ran.stderr);
    nothing_landed(&sandbox, "a page by http");
    // A file, by a way that leads back to https.
    let back = format!("{}/back", safe.url);
    safe.on(PAGE, html(&file));
    safe.on(&file, [Answer::Redirect(format!("{}/there", plain.url))]);
    plain.on("/there", [Answer::Redirect(back)]);
    safe.on("/back", [Answer::File(wheel.clone())]);
    let ran = run(&sandbox, &tokens);
    let expected = format!(
        "While:
  Installing a.
  Getting distribution for 'plug-gamma'.
Error: Download error for https://[INDEX]/f/{WHEEL}: sent on from https to http://[PLAIN]/there, where anybody on the \
         way may change it
rbuildout: error[download]: {WHEEL} did not come
  --> buildout.cfg:3:9
    |
  3 | index = https://****@[INDEX]/simple/
    |         ^
  help: name in the option where it is now; tell those who run the server
"
    );
    same("a file by http", &expected, &ran.stderr);
    nothing_landed(&sandbox, "a file by http");
    // A file whose hash a page by https has told.
    let hash: String = Sha256::digest(&wheel)
        .iter()
        .fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
    safe.on(PAGE, html(&format!("{file}#sha256={hash}")));
    went_well(&run(&sandbox, &tokens), &sandbox, &wheel);
    assert!(!plain.heads().to_lowercase().contains("authorization"));
}

//! A server of a few lines on the loopback answers.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use std::sync::Mutex;

use super::*;
use crate::sys::base64;

/// Answers one connection after another with these texts; returns its address and what it was asked.
fn serve(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            heard.lock().unwrap().push(head.to_lowercase());
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

#[test]
fn credentials_go_to_their_host_and_stay_out_of_the_url() {
    let (address, asked) = serve(vec![
        answer("302 Found", "Location: /b/\r\n", ""),
        answer(
            "200 OK",
            "Content-Type: Text/HTML\r\nETag: \"e\"\r\n",
            "hello",
        ),
    ]);
    let network = Network::new(NetworkSettings::default());
    let page = network
        .get(
            &format!("http://joe:p%40w@{address}/a/#x"),
            "text/html",
            Some("\"old\""),
        )
        .unwrap();
    assert_eq!((page.status, page.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(page.content_type, "text/html");
    assert_eq!(page.etag.as_deref(), Some("\"e\""));
    assert_eq!(page.url, format!("http://joe:p%40w@{address}/b/"));
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("get /a/ http/1.1"), "{}", asked[0]);
    for text in [
        "authorization: basic am9lonbada==",
        "if-none-match: \"old\"",
        "user-agent: rbuildout/",
    ] {
        let text = text.replace("am9lonbada==", &base64::standard(b"joe:p@w").to_lowercase());
        assert!(asked[0].contains(&text), "{} has no {text}", asked[0]);
    }
    assert!(asked[1].starts_with("get /b/ http/1.1"), "{}", asked[1]);
}

#[test]
fn a_busy_server_is_asked_again_and_a_missing_page_is_not() {
    let (address, asked) = serve(vec![
        answer("503 Service Unavailable", "", ""),
        answer("404 Not Found", "", "gone"),
    ]);
    let network = Network::new(NetworkSettings::default());
    let page = network
        .get(&format!("http://{address}/"), "text/html", None)
        .unwrap();
    assert_eq!(page.status, 404);
    assert_eq!(asked.lock().unwrap().len(), 2);
    assert_eq!(status_text(404), "Not Found");
}

#[test]
fn downloads_report_their_progress() {
    let (address, _) = serve(vec![
        answer("200 OK", "", "0123456789"),
        answer("403 Forbidden", "", "no"),
    ]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let network =
        Network::new(NetworkSettings::default()).with_progress(Arc::new(move |progress| {
            sink.lock().unwrap().push(format!("{progress:?}"));
        }));
    let mut came = Spool::of_bytes(Vec::new());
    let url = format!("http://{address}/x.whl");
    network.download(&url, &mut came, "x.whl").unwrap();
    assert_eq!(came.bytes().unwrap(), b"0123456789");
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "Started { id: 0, name: \"x.whl\", bytes: Some(10) }",
            "Advanced { id: 0, bytes: 10 }",
            "Finished { id: 0 }"
        ]
    );
    let refused = network.download(&url, &mut came, "x.whl").unwrap_err();
    assert_eq!(refused.kind, FailureKind::Status(403));
    assert_eq!(refused.to_string(), "403 Forbidden");
}

#[test]
fn nothing_is_asked_offline_and_a_closed_port_is_told() {
    let offline = Network::new(NetworkSettings {
        offline: true,
        certificates: Some("/no/such/file".into()),
        ..NetworkSettings::default()
    });
    let refused = offline.get("http://127.0.0.1:9/", "*/*", None).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Offline);

    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let network = Network::new(NetworkSettings::default());
    network.way().bury("127.0.0.1");
    let refused = network
        .get(&format!("http://{address}/"), "*/*", None)
        .unwrap_err();
    assert_eq!(
        refused,
        Failure {
            kind: FailureKind::Connection,
            reason: "[Errno 111] Connection refused".to_owned()
        }
    );
}

#[test]
fn proxies_and_exceptions() {
    let network = Network::new(NetworkSettings {
        https_proxy: Some("http://proxy:1".to_owned()),
        all_proxy: Some("http://other:2".to_owned()),
        no_proxy: Some("localhost, .example.org".to_owned()),
        ..NetworkSettings::default()
    });
    assert_eq!(
        network.way().proxy("https", "host").as_deref(),
        Some("http://proxy:1")
    );
    assert_eq!(
        network.way().proxy("http", "host").as_deref(),
        Some("http://other:2")
    );
    assert_eq!(network.way().proxy("http", "a.example.org"), None);
    assert_eq!(network.way().proxy("http", "example.org"), None);
    assert_eq!(
        network.way().proxy("http", "myexample.org").as_deref(),
        Some("http://other:2")
    );
}

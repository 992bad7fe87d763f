//! A server on the loopback that answers as it is told, also badly. With TLS it has a certificate of `fixtures/tls`, whose
//! authority no machine trusts by itself.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// One answer. The last one of a path is given again and again.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Html(String),
    /// Content type and text.
    Text(&'static str, String),
    File(Vec<u8>),
    Status(&'static str),
    Redirect(String),
    /// Announces all bytes and sends so many of them.
    Cut(Vec<u8>, usize),
    /// So many bytes at a time, with a pause before each but the first.
    Slow(Vec<u8>, usize, Duration),
    /// HTML that never ends: these bytes again and again, packed by gzip if it says so.
    Endless(Vec<u8>, bool),
    /// No HTTP at all.
    Raw(&'static str),
    /// Hangs up without a word.
    Nothing,
    /// Text with this ETag; 304 for whoever has it.
    Tagged(&'static str, String),
    /// Another answer, later.
    Late(Duration, Box<Answer>),
    /// Another answer, once this path was asked for; 500 if that takes too long.
    Behind(String, Box<Answer>),
    /// For whoever says this in a header; 401 for others.
    Authorized(String, Box<Answer>),
}

pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    routes: Arc<Mutex<HashMap<String, Vec<Answer>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    busy: Arc<Busy>,
}

/// Requests that are being answered now, and the most that ever were at one time.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// How long [`Answer::Behind`] waits. Whoever asks as the test wants it never waits so long.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is read from and written to.
trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A file of `fixtures/tls`.
pub(crate) fn tls_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/tls")
        .join(name)
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::speaking(None)
    }

    /// With TLS and the certificate of this name.
    pub(crate) fn with_tls(certificate: &str) -> Self {
        let pem = std::fs::read(tls_file(&format!("{certificate}.pem"))).unwrap();
        let chain = CertificateDer::pem_slice_iter(&pem).map(Result::unwrap);
        let key = PrivateKeyDer::from_pem_slice(&pem).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.collect(), key)
            .unwrap();
        Self::speaking(Some(Arc::new(config)))
    }

    fn speaking(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let routes: Arc<Mutex<HashMap<String, Vec<Answer>>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let busy: Arc<Busy> = Arc::default();
        let (told, heard) = (Arc::clone(&routes), Arc::clone(&asked));
        let counted = Arc::clone(&busy);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, heard) = (Arc::clone(&told), Arc::clone(&heard));
                let (counted, tls) = (Arc::clone(&counted), tls.clone());
                std::thread::spawn(move || {
                    let now = counted.now.fetch_add(1, Ordering::SeqCst) + 1;
                    counted.most.fetch_max(now, Ordering::SeqCst);
                    // Who hangs up does not want an answer.
                    drop(meet(stream.unwrap(), tls, &told, &heard));
                    counted.now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            url,
            routes,
            asked,
            busy,
        }
    }

    pub(crate) fn on(&self, path: &str, answers: impl Into<Vec<Answer>>) {
        let mut routes = self.routes.lock().unwrap();
        routes.insert(path.to_owned(), answers.into());
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|head| head.split(' ').nth(1) == Some(path))
            .count()
    }

    /// How many requests were answered at the same time, at most.
    pub(crate) fn at_once(&self) -> usize {
        self.busy.most.load(Ordering::SeqCst)
    }

    /// The heads of all requests.
    pub(crate) fn heads(&self) -> String {
        self.asked.lock().unwrap().concat()
    }
}

fn meet(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    routes: &Mutex<HashMap<String, Vec<Answer>>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let Some(config) = tls else {
        return serve(&mut { stream }, routes, asked).map(|_| ());
    };
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    // Only what was sent whole is closed as TLS wants it.
    if serve(&mut stream, routes, asked)? {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// Whether the answer was sent whole.
fn serve(
    stream: &mut dyn Stream,
    routes: &Mutex<HashMap<String, Vec<Answer>>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<bool> {
    let mut head = String::new();
    let mut reader = BufReader::new(&mut *stream);
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    asked.lock().unwrap().push(head.clone());
    let mut answer = {
        let mut routes = routes.lock().unwrap();
        match routes.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::Status("404 Not Found"),
        }
    };
    loop {
        answer = match answer {
            Answer::Late(time, later) => {
                std::thread::sleep(time);
                *later
            }
            Answer::Behind(path, then) => {
                let begun = std::time::Instant::now();
                let is_asked = || {
                    let asked = asked.lock().unwrap();
                    asked
                        .iter()
                        .any(|head| head.split(' ').nth(1) == Some(&path))
                };
                while !is_asked() && begun.elapsed() < PATIENCE {
                    std::thread::sleep(Duration::from_millis(5));
                }
                if is_asked() {
                    *then
                } else {
                    Answer::Status("500 Internal Server Error")
                }
            }
            Answer::Authorized(header, _)
                if !head.to_lowercase().contains(&header.to_lowercase()) =>
            {
                Answer::Status("401 Unauthorized")
            }
            Answer::Authorized(_, for_them) => *for_them,
            other => {
                answer = other;
                break;
            }
        };
    }
    let mut begin = |status: &str, headers: &str, length: usize| {
        write!(
            stream,
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    let html = "Content-Type: text/html\r\n";
    match answer {
        Answer::Html(text) => {
            begin("200 OK", html, text.len())?;
            stream.write_all(text.as_bytes())?;
        }
        Answer::Text(kind, text) => {
            begin("200 OK", &format!("Content-Type: {kind}\r\n"), text.len())?;
            stream.write_all(text.as_bytes())?;
        }
        Answer::File(bytes) => {
            begin("200 OK", "", bytes.len())?;
            stream.write_all(&bytes)?;
        }
        Answer::Status(status) => begin(status, html, 0)?,
        Answer::Redirect(to) => begin("302 Found", &format!("Location: {to}\r\n"), 0)?,
        Answer::Cut(bytes, sent) => {
            begin("200 OK", "", bytes.len())?;
            stream.write_all(&bytes[..sent])?;
            stream.flush()?;
            return Ok(false);
        }
        Answer::Slow(bytes, at_a_time, pause) => {
            begin("200 OK", "", bytes.len())?;
            for (n, piece) in bytes.chunks(at_a_time).enumerate() {
                if n > 0 {
                    std::thread::sleep(pause);
                }
                stream.write_all(piece)?;
                stream.flush()?;
            }
        }
        Answer::Endless(bytes, is_packed) => {
            let packed = if is_packed {
                "Content-Encoding: gzip\r\n"
            } else {
                ""
            };
            write!(
                stream,
                "HTTP/1.1 200 OK\r\n{html}{packed}Connection: close\r\n\r\n"
            )?;
            if is_packed {
                let fast = flate2::Compression::fast();
                let mut packer = flate2::write::GzEncoder::new(stream, fast);
                loop {
                    packer.write_all(&bytes)?;
                }
            }
            loop {
                stream.write_all(&bytes)?;
            }
        }
        Answer::Raw(text) => stream.write_all(text.as_bytes())?,
        Answer::Tagged(tag, text) => {
            let header = format!("ETag: \"{tag}\"\r\n");
            let known = format!("if-none-match: \"{tag}\"\r\n");
            if head.to_lowercase().contains(&known) {
                begin("304 Not Modified", &header, 0)?;
            } else {
                begin("200 OK", &header, text.len())?;
                stream.write_all(text.as_bytes())?;
            }
        }
        Answer::Nothing | Answer::Late(..) | Answer::Behind(..) | Answer::Authorized(..) => {
            return Ok(false);
        }
    }
    stream.flush()?;
    Ok(true)
}

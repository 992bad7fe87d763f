//! A server on the loopback that answers as it is told, also badly.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
    /// Hangs up without a word.
    Nothing,
    /// Text with this ETag; 304 for whoever has it.
    Tagged(&'static str, String),
    /// Another answer, later.
    Late(Duration, Box<Answer>),
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

impl Server {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes: Arc<Mutex<HashMap<String, Vec<Answer>>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let busy: Arc<Busy> = Arc::default();
        let (told, heard) = (Arc::clone(&routes), Arc::clone(&asked));
        let counted = Arc::clone(&busy);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, heard) = (Arc::clone(&told), Arc::clone(&heard));
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || {
                    let now = counted.now.fetch_add(1, Ordering::SeqCst) + 1;
                    counted.most.fetch_max(now, Ordering::SeqCst);
                    // Who hangs up does not want an answer.
                    drop(serve(stream.unwrap(), &told, &heard));
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

fn serve(
    mut stream: TcpStream,
    routes: &Mutex<HashMap<String, Vec<Answer>>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
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
    let (status, headers, body) = match answer {
        Answer::Tagged(tag, text) => {
            let header = format!("ETag: \"{tag}\"\r\n");
            let known = format!("if-none-match: \"{tag}\"\r\n");
            if head.to_lowercase().contains(&known) {
                ("304 Not Modified", header, Vec::new())
            } else {
                ("200 OK", header, text.into_bytes())
            }
        }
        Answer::Html(text) => (
            "200 OK",
            "Content-Type: text/html\r\n".to_owned(),
            text.into_bytes(),
        ),
        Answer::Text(kind, text) => (
            "200 OK",
            format!("Content-Type: {kind}\r\n"),
            text.into_bytes(),
        ),
        Answer::File(bytes) => ("200 OK", String::new(), bytes),
        Answer::Status(status) => (status, "Content-Type: text/html\r\n".to_owned(), Vec::new()),
        Answer::Redirect(to) => ("302 Found", format!("Location: {to}\r\n"), Vec::new()),
        Answer::Cut(bytes, sent) => {
            let length = bytes.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            )?;
            return stream.write_all(&bytes[..sent]);
        }
        Answer::Nothing | Answer::Late(..) | Answer::Authorized(..) => return Ok(()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}

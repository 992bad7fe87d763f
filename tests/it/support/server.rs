//! A server on the loopback that answers as it is told, also badly.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

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
}

pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    routes: Arc<Mutex<HashMap<String, Vec<Answer>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes: Arc<Mutex<HashMap<String, Vec<Answer>>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (told, heard) = (Arc::clone(&routes), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, heard) = (Arc::clone(&told), Arc::clone(&heard));
                // Who hangs up does not want an answer.
                std::thread::spawn(move || drop(serve(stream.unwrap(), &told, &heard)));
            }
        });
        Self { url, routes, asked }
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
    asked.lock().unwrap().push(head);
    let answer = {
        let mut routes = routes.lock().unwrap();
        match routes.get_mut(&path) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Answer::Status("404 Not Found"),
        }
    };
    let (status, headers, body) = match answer {
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
        Answer::Nothing => return Ok(()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}

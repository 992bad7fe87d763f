//! A package index on this machine that asks for a name and a password.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The wheels of a directory, served while the process lives.
pub(crate) struct Served {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    let_in: Arc<AtomicUsize>,
}

impl Served {
    /// `credentials` is `NAME:PASSWORD`.
    pub(crate) fn new(wheels: &Path, credentials: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let let_in = Arc::new(AtomicUsize::new(0));
        let (wheels, counted) = (wheels.to_path_buf(), Arc::clone(&let_in));
        let expected = format!("basic {}", base64(credentials.as_bytes()).to_lowercase());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // Who hangs up does not want an answer.
                drop(answer(stream.unwrap(), &wheels, &expected, &counted));
            }
        });
        Self { address, let_in }
    }

    /// Requests that came with the right password.
    pub(crate) fn let_in(&self) -> usize {
        self.let_in.load(Ordering::SeqCst)
    }
}

fn answer(
    mut stream: TcpStream,
    wheels: &Path,
    expected: &str,
    counted: &AtomicUsize,
) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let known = head
        .to_lowercase()
        .contains(&format!("authorization: {expected}\r\n"));
    let page = if known { page(&path, wheels) } else { None };
    let status = match (known, &page) {
        (false, _) => "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"index\"",
        (true, None) => "404 Not Found",
        (true, Some(_)) => "200 OK",
    };
    counted.fetch_add(usize::from(known), Ordering::SeqCst);
    let body = page.unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}

/// A file by its name, or the links of a project: `/plug-gamma/`.
fn page(path: &str, wheels: &Path) -> Option<Vec<u8>> {
    let name = path.trim_matches('/');
    let files = std::fs::read_dir(wheels)
        .ok()?
        .map(|entry| entry.unwrap().path());
    let wheels: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|end| end == "whl"))
        .collect();
    let file = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    if let Some(wheel) = wheels.iter().find(|wheel| file(wheel) == name) {
        return std::fs::read(wheel).ok();
    }
    let start = format!("{}-", name.replace('-', "_"));
    let links = wheels
        .iter()
        .map(file)
        .filter(|file| file.starts_with(&start));
    let page = links.fold(String::new(), |mut page, file| {
        let _ = writeln!(page, "<a href=\"/{file}\">{file}</a>");
        page
    });
    (!page.is_empty()).then(|| page.into_bytes())
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_usize, |word, byte| word << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sign = char::from(SIGNS[word >> (18 - 6 * place) & 63]);
            out.push(if place <= chunk.len() { sign } else { '=' });
        }
    }
    out
}

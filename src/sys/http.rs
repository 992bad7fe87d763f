//! GET over HTTP, with certificates, proxies and credentials from where the user's pip takes them.
//!
//! A [`Network`] may be used from several threads at once. It makes its connections, and reads the certificates, at the
//! first request: a run that asks nothing pays nothing. It reads no environment; [`NetworkSettings`] say it all.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use ureq::ResponseExt;

use super::credentials::Credentials;
pub use super::http_failure::{Failure, FailureKind};
use super::http_failure::{of_io, of_request};
use super::http_way::Way;
use super::spool::Spool;
use super::url;
use crate::wording::redacted;

/// All that comes from outside.
#[derive(Clone, Default)]
pub struct NetworkSettings {
    /// A PEM file that takes the place of the system's certificates (PIP_CERT, SSL_CERT_FILE, REQUESTS_CA_BUNDLE).
    pub certificates: Option<PathBuf>,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    /// For what the other two do not name.
    pub all_proxy: Option<String>,
    /// Hosts that are asked directly, with commas between.
    pub no_proxy: Option<String>,
    pub netrc: Option<PathBuf>,
    /// Asks the program `keyring` for passwords.
    pub keyring: bool,
    /// Seconds to wait for a connection, and for an answer; 15 where none is given.
    pub timeout: Option<u64>,
    /// Refuses every request.
    pub offline: bool,
}

/// Without the values: proxies may carry passwords.
impl std::fmt::Debug for NetworkSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetworkSettings")
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

/// How a download goes on; `id` tells several at once apart.
#[derive(Clone, Debug)]
pub enum Progress {
    Started {
        id: u64,
        name: String,
        bytes: Option<u64>,
    },
    Advanced {
        id: u64,
        bytes: u64,
    },
    Finished {
        id: u64,
    },
}

/// Who shows it.
pub type ProgressSink = Arc<dyn Fn(Progress) + Send + Sync>;

/// An answer, of whatever status.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    /// After redirects; user and password put back where the host is still the same.
    pub url: String,
    /// In lower case; empty where none was given.
    pub content_type: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Empty where only the head was asked for.
    pub body: Vec<u8>,
}

impl Page {
    fn host(&self) -> String {
        url::parts(&self.url).host()
    }
}

/// What a page said of itself when it was last fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    pub etag: Option<&'a str>,
    pub last_modified: Option<&'a str>,
}

/// `Not Found` for 404.
pub fn status_text(status: u16) -> &'static str {
    ureq::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}

/// How to reach the network; shared by all who fetch. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Network(Arc<Shared>);

struct Shared {
    way: RwLock<Arc<Way>>,
    progress: OnceLock<ProgressSink>,
    credentials: Credentials,
    downloads: AtomicU64,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network")
            .field("settings", &self.way().settings)
            .finish_non_exhaustive()
    }
}

/// Waits before the second, third and fourth attempt.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(750),
    Duration::from_secs(2),
];

/// Seconds for what has no end of its own.
pub(super) const PATIENCE: u64 = 15;

/// No page of an index is longer; a server that does not come to an end must not fill the memory.
const LONGEST_PAGE: u64 = 128 << 20;

fn of_disk(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Disk, error.to_string())
}

/// Tries again where an answer that had begun did not come to its end. Whether it begins has been tried often enough.
fn again_if_cut_off<T>(
    mut ask: impl FnMut() -> Result<Result<T, Failure>, Failure>,
) -> Result<T, Failure> {
    let mut pauses = PAUSES.iter().take(2);
    loop {
        match (ask()?, pauses.next()) {
            (Err(failure), Some(pause)) if failure.kind == FailureKind::Connection => {
                std::thread::sleep(*pause);
            }
            (other, _) => return other,
        }
    }
}

impl Network {
    pub fn new(settings: NetworkSettings) -> Self {
        let patience = Duration::from_secs(settings.timeout.unwrap_or(PATIENCE));
        let credentials = Credentials::new(settings.netrc.clone(), settings.keyring, patience);
        Self(Arc::new(Shared {
            way: RwLock::new(Arc::new(Way::new(settings))),
            progress: OnceLock::new(),
            credentials,
            downloads: AtomicU64::new(0),
        }))
    }

    /// Tells of downloads to `progress`.
    #[must_use]
    pub fn with_progress(self, progress: ProgressSink) -> Self {
        self.0.progress.get_or_init(|| progress);
        self
    }

    /// Reaches hosts otherwise from now on.
    pub fn change(&self, settings: NetworkSettings) {
        let mut way = self.0.way.write().unwrap_or_else(PoisonError::into_inner);
        *way = Arc::new(Way::new(settings));
    }

    fn way(&self) -> Arc<Way> {
        let way = self.0.way.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&way)
    }

    pub fn is_offline(&self) -> bool {
        self.way().settings.offline
    }

    /// An index that URLs may belong to: a keyring may know passwords by its URL.
    pub fn note_index(&self, index: &str) {
        if let Some(keyring) = self.0.credentials.keyring() {
            keyring.note_index(index);
        }
    }

    /// Why a keyring gave no password that a server takes; none where no keyring is asked.
    pub fn keyring_trouble(&self, url: &str) -> Option<String> {
        let (bare, user) = url::split_credentials(url::without_fragment(url));
        if user.is_some_and(|user| user.contains(':')) {
            return None;
        }
        let user = user.map(url::unquote);
        self.0
            .credentials
            .keyring()?
            .trouble(&bare, user.as_deref())
    }

    /// Asks for a page. `accept`: media types, best first. `etag`: of the page as known (status 304 says it still holds).
    pub fn get(&self, url: &str, accept: &str, etag: Option<&str>) -> Result<Page, Failure> {
        self.get_unless(
            url,
            accept,
            Known {
                etag,
                last_modified: None,
            },
            LONGEST_PAGE,
        )
    }

    /// As [`Network::get`], unless the page is still what is known of it (status 304); at most `limit` bytes.
    pub fn get_unless(
        &self,
        url: &str,
        accept: &str,
        known: Known<'_>,
        limit: u64,
    ) -> Result<Page, Failure> {
        again_if_cut_off(|| {
            let (mut response, mut page) = self.answer(url, accept, known)?;
            if response.body().content_length().is_some_and(|n| n > limit) {
                return Err(Failure::too_long(limit));
            }
            let body = response
                .body_mut()
                .with_config()
                .limit(limit)
                .read_to_vec()
                .map_err(|error| of_request(&error, &page.host()));
            Ok(body.map(|body| {
                page.body = body;
                page
            }))
        })
    }

    /// The status and headers of a page; its body is not read.
    pub fn head(&self, url: &str, accept: &str) -> Result<Page, Failure> {
        Ok(self.answer(url, accept, Known::default())?.1)
    }

    /// Takes what is at `url` into a spool; `name` is what the progress is told under. An answer that is not 200 is a
    /// failure.
    pub fn download(&self, url: &str, into: &mut Spool, name: &str) -> Result<(), Failure> {
        again_if_cut_off(|| self.download_once(url, into, name))
    }

    /// The outer failure is that no answer came, the inner one that it did not come to its end.
    fn download_once(
        &self,
        url: &str,
        into: &mut Spool,
        name: &str,
    ) -> Result<Result<(), Failure>, Failure> {
        let (mut response, page) = self.answer(url, "*/*", Known::default())?;
        if page.status != 200 {
            return Err(Failure::of_status(page.status));
        }
        let expected = response.body().content_length();
        let id = self.0.downloads.fetch_add(1, Ordering::Relaxed);
        self.tell(|| Progress::Started {
            id,
            name: name.to_owned(),
            bytes: expected,
        });
        into.clear().map_err(|error| of_disk(&error))?;
        into.expect(expected.unwrap_or(0));
        let mut reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let streamed = self.stream(&mut reader, into, id, &page.host());
        self.tell(|| Progress::Finished { id });
        let came = into.size();
        let is_cut = match &streamed {
            Ok(()) => expected.is_some_and(|expected| expected != came),
            Err(failure) => failure.kind == FailureKind::Connection,
        };
        Ok(match (streamed, expected) {
            (_, Some(expected)) if is_cut => Err(Failure {
                kind: FailureKind::Connection,
                reason: format!("{came} of {expected} bytes came"),
            }),
            (streamed, _) => streamed,
        })
    }

    fn stream(
        &self,
        reader: &mut impl Read,
        into: &mut Spool,
        id: u64,
        host: &str,
    ) -> Result<(), Failure> {
        let mut block = vec![0; 64 * 1024];
        loop {
            let n = match reader.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(of_io(&error, host)),
            };
            into.write_all(block.get(..n).unwrap_or(&[]))
                .map_err(|error| of_disk(&error))?;
            self.tell(|| Progress::Advanced {
                id,
                bytes: n as u64,
            });
        }
    }

    fn tell(&self, progress: impl FnOnce() -> Progress) {
        if let Some(sink) = self.0.progress.get() {
            sink(progress());
        }
    }

    /// The answer after redirects and repeated attempts.
    fn answer(
        &self,
        url: &str,
        accept: &str,
        known: Known<'_>,
    ) -> Result<(ureq::http::Response<ureq::Body>, Page), Failure> {
        let way = self.way();
        if way.settings.offline {
            return Err(Failure {
                kind: FailureKind::Offline,
                reason: "not asked, because this run is offline".to_owned(),
            });
        }
        let (bare, user) = url::split_credentials(url::without_fragment(url));
        let host = url::parts(&bare).host();
        let authorization = self.0.credentials.authorization(&bare, user);
        let agent = way.agent(&bare, &host)?;
        let mut pauses = PAUSES.iter();
        let response = loop {
            let mut request = agent.get(&bare).header("Accept", accept);
            if accept == "*/*" {
                // A server must not wrap an archive once more.
                request = request.header("Accept-Encoding", "identity");
            }
            for (name, value) in [
                ("Authorization", authorization.as_deref()),
                ("If-None-Match", known.etag),
                ("If-Modified-Since", known.last_modified),
            ] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let answer = request.call();
            let again = match &answer {
                Ok(response) => matches!(response.status().as_u16(), 429 | 500 | 502..=504),
                Err(error) => of_request(error, &host).kind == FailureKind::Connection,
            };
            match pauses.next() {
                Some(pause) if again && !way.is_dead(&host) => std::thread::sleep(*pause),
                _ => {
                    if again {
                        way.bury(&host);
                    }
                    break answer;
                }
            }
        };
        let response = response.map_err(|error| of_request(&error, &host))?;
        refuse_downgrade(url, &response)?;
        let page = Page {
            status: response.status().as_u16(),
            url: with_credentials(
                &response.get_uri().to_string(),
                url::without_fragment(url),
                &bare,
                user,
            ),
            content_type: header(&response, "content-type").to_lowercase(),
            etag: Some(header(&response, "etag")).filter(|etag| !etag.is_empty()),
            last_modified: Some(header(&response, "last-modified")).filter(|at| !at.is_empty()),
            body: Vec::new(),
        };
        Ok((response, page))
    }
}

/// What was asked for by https must not come by http, where anybody on the way may change it, unless its hash is known.
fn refuse_downgrade(
    asked: &str,
    response: &ureq::http::Response<ureq::Body>,
) -> Result<(), Failure> {
    let is_plain = |uri: &&ureq::http::Uri| uri.scheme_str() == Some("http");
    let pieces = url::parts(asked);
    let has_hash = pieces
        .fragment
        .is_some_and(|fragment| fragment.starts_with("sha256=") || fragment.starts_with("sha512="));
    let history = response.get_redirect_history().unwrap_or_default();
    match history.iter().find(is_plain) {
        Some(to) if pieces.scheme.eq_ignore_ascii_case("https") && !has_hash => Err(Failure::new(
            FailureKind::Redirect,
            format!(
                "sent on from https to {}, where anybody on the way may change it",
                redacted(&to.to_string())
            ),
        )),
        _ => Ok(()),
    }
}

fn header(response: &ureq::http::Response<ureq::Body>, name: &str) -> String {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
        .to_owned()
}

/// So that links found on a page go to the same host with the same user. zc.buildout: _package_index.py, `open_with_auth`.
fn with_credentials(answered: &str, asked: &str, bare: &str, user: Option<&str>) -> String {
    if answered == bare {
        return asked.to_owned();
    }
    let mut to = url::parts(answered);
    let from = url::parts(bare);
    match user {
        Some(user) if to.scheme == from.scheme && to.netloc == from.netloc => {
            let netloc = format!("{user}@{}", to.netloc.unwrap_or(""));
            to.netloc = Some(&netloc);
            to.joined()
        }
        _ => answered.to_owned(),
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;

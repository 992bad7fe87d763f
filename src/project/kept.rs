//! Configuration from the network, kept for the next run: asked for again only as "has it changed?".
//!
//! `CACHE/configurations/MD5-OF-URL` is what came, and `….json` what the server said of it (ETag, Last-Modified). Each is
//! put in place whole, so that processes need no lock. Of an answer that can't be asked for conditionally only the bytes are
//! kept, for who wants to see what came.
//! zc.buildout has no such thing: without `extends-cache` it fetches everything each time.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::digest::hex;
use crate::pypath;
use crate::sys::fs;
use crate::sys::http::{Failure, FailureKind, Known, Network, Page, status_text};

/// No configuration is longer.
const LONGEST: u64 = 64 << 20;

/// What is at a URL, and the copy of it on the disk where there is one.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) copy: Option<String>,
}

/// The user's cache of configurations.
#[derive(Debug)]
pub(super) struct Kept {
    directory: String,
}

/// What the server said.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Said {
    etag: Option<String>,
    last_modified: Option<String>,
    /// Of the bytes, so that half of a pair that two processes wrote is not believed.
    md5: String,
}

impl Kept {
    pub(super) fn new(cache: &str) -> Self {
        Self {
            directory: pypath::join(cache, "configurations"),
        }
    }

    /// What is at a URL now.
    pub(super) fn fetch(&self, network: &Network, url: &str) -> Result<Answer, Failure> {
        let path = pypath::join(&self.directory, &md5(url.as_bytes()));
        let known = known(&path);
        let (said, body) = match &known {
            Some((said, body)) => (Some(said), Some(body)),
            None => (None, None),
        };
        let known = Known {
            etag: said.and_then(|said| said.etag.as_deref()),
            last_modified: said.and_then(|said| said.last_modified.as_deref()),
        };
        let page = network.get_unless(url, "*/*", known, LONGEST)?;
        match (page.status, body) {
            (304, Some(body)) => Ok(Answer {
                body: body.clone(),
                copy: Some(path),
            }),
            (200..=299, _) => {
                let copy = self.keep(&path, &page).then_some(path);
                Ok(Answer {
                    body: page.body,
                    copy,
                })
            }
            (status, _) => Err(Failure {
                kind: FailureKind::Status(status),
                reason: format!("{status} {}", status_text(status)),
            }),
        }
    }

    /// Whether a copy could be put down: a cache that can't be written is no reason to fail.
    fn keep(&self, path: &str, page: &Page) -> bool {
        let put = fs::make_directory(&self.directory).and_then(|()| fs::replace(path, &page.body));
        if put.is_err() || page.etag.is_none() && page.last_modified.is_none() {
            return put.is_ok();
        }
        let said = Said {
            etag: page.etag.clone(),
            last_modified: page.last_modified.clone(),
            md5: md5(&page.body),
        };
        serde_json::to_vec(&said)
            .is_ok_and(|said| fs::replace(format!("{path}.json"), &said).is_ok())
    }
}

fn known(path: &str) -> Option<(Said, Vec<u8>)> {
    let said = fs::read_if_there(format!("{path}.json")).ok()??;
    let said: Said = serde_json::from_slice(&said).ok()?;
    let body = fs::read_if_there(path).ok()??;
    (said.md5 == md5(&body)).then_some((said, body))
}

fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

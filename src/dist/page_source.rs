//! Where the pages of an index come from: HTTP, or for `file:` the disk.
//!
//! One after another; several at once are `pages.rs`'s. No log lines and no memory. zc.buildout: _package_index.py, `open_url`, `local_open`.

use super::index_page::{self, Links};
use crate::sys::fs;
use crate::sys::http::{Failure, Known, Network, status_text};
use crate::sys::url;

/// What became of a page that was asked for.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Page {
        status: u16,
        /// `Not Found`.
        message: String,
        /// The page's own URL, after redirects.
        at: String,
        content_type: String,
        links: Links,
    },
    Failed(Failure),
}

/// Reads one page.
pub(super) fn read(network: &Network, link: &str) -> Answer {
    if let Some(path) = url::file_path(link) {
        return read_local(link, &path);
    }
    // zc.buildout downloads whatever an index page links within the index, and finds then that it is no page.
    let end = url::without_fragment(link);
    if [".whl", ".gz", ".zip", ".egg", ".exe", ".bz2", ".tgz"]
        .iter()
        .any(|kind| end.ends_with(kind))
    {
        return page(200, link.to_owned(), String::new(), Links::default());
    }
    match network.get(link, index_page::ACCEPT, None) {
        Ok(got) => {
            // A page that tells of an error has no files; zc.buildout reads it all the same.
            let links = if got.status < 400 && index_page::is_readable(&got.content_type) {
                index_page::links(&got.body, &got.content_type, &got.url)
            } else {
                Links::default()
            };
            page(got.status, got.url, got.content_type, links)
        }
        Err(failure) => Answer::Failed(failure),
    }
}

/// What is at a URL, if it comes whole and is not longer than it may be.
pub(super) fn text(network: &Network, link: &str, longest: u64) -> Option<Vec<u8>> {
    if let Some(path) = url::file_path(link) {
        return fs::read_if_there(path).ok().flatten();
    }
    let got = network
        .get_unless(link, "*/*", Known::default(), longest)
        .ok()?;
    (got.status == 200).then_some(got.body)
}

/// Reads the page of all projects. It is many megabytes long, and read only to find a project whose page has another
/// name than the canonical one. An index that speaks PEP 691 has no such page: its answer need not be read.
pub(super) fn read_root(network: &Network, link: &str) -> Answer {
    if url::file_path(link).is_none() {
        match network.head(link, index_page::ACCEPT) {
            Ok(head) if head.status >= 400 || index_page::is_json(&head.content_type) => {
                return page(head.status, head.url, head.content_type, Links::default());
            }
            Ok(_) => {}
            Err(failure) => return Answer::Failed(failure),
        }
    }
    read(network, link)
}

fn page(status: u16, at: String, content_type: String, links: Links) -> Answer {
    Answer::Page {
        status,
        message: status_text(status).to_owned(),
        at,
        content_type,
        links,
    }
}

fn read_local(link: &str, path: &str) -> Answer {
    let at = link.to_owned();
    let html = "text/html".to_owned();
    let index = format!("{path}index.html");
    if fs::is_file(path) {
        let lower = path.to_lowercase();
        if lower.ends_with(".html") || lower.ends_with(".htm") {
            let links = index_page::links(&fs::read(path).unwrap_or_default(), &html, link);
            return page(200, at, html, links);
        }
        return page(200, at, String::new(), Links::default());
    }
    if !path.ends_with('/') || !fs::is_dir(path) {
        return Answer::Page {
            status: 404,
            message: "Path not found".to_owned(),
            at,
            content_type: html,
            links: Links::default(),
        };
    }
    if fs::is_file(&index) {
        let links = index_page::links(&fs::read(&index).unwrap_or_default(), &html, link);
        return page(200, at, html, links);
    }
    let mut listing = String::new();
    for item in fs::list(path).unwrap_or_default() {
        let end = if fs::is_dir(format!("{path}{item}")) {
            "/"
        } else {
            ""
        };
        listing.push_str(&format!("<a href=\"{item}{end}\">{item}</a>\n"));
    }
    let links = index_page::links(listing.as_bytes(), &html, link);
    page(200, at, html, links)
}

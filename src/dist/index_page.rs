//! The pages of an index: which links a page holds, with what is said of each. HTML (PEP 503) and JSON (PEP 691).
//!
//! Pure: text in, links out. pip: `parse_links` (anchors, `<base>`), zc.buildout: _package_index.py, `HREF`.

use std::str::FromStr;

use serde::Deserialize;

use crate::sys::url;

/// What to ask for, best first.
pub(super) const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, \
    application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Absolute, with the hash as fragment.
    pub(super) url: String,
    pub(super) requires_python: Option<String>,
    /// Withdrawn by those who made it: why, maybe empty.
    pub(super) yanked: Option<String>,
    /// Its metadata can be had by itself (PEP 658): the hash of it, `sha256=…`, empty where none is told.
    pub(super) metadata: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// Of anchors: what may be a file.
    pub(super) files: Vec<Link>,
    /// Of any tag: what may be another page.
    pub(super) pages: Urls,
    /// Why the page could not be read.
    pub(super) broken: Option<String>,
}

/// URLs in one piece of memory: the page of all projects names more than half a million of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Urls(String);

impl Urls {
    fn push(&mut self, url: &str) {
        if !url.contains('\n') {
            self.0.push_str(url);
            self.0.push('\n');
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }
}

/// Whether a page of this type is read at all.
pub(super) fn is_readable(content_type: &str) -> bool {
    is_json(content_type) || content_type.contains("html")
}

pub(super) fn is_json(content_type: &str) -> bool {
    content_type.contains("application/vnd.pypi.simple") && content_type.contains("+json")
}

/// The links of a page. JSON that is none has no links, and says why.
pub(super) fn links(body: &[u8], content_type: &str, page_url: &str) -> Links {
    if is_json(content_type) {
        json(body, page_url)
    } else {
        html(&String::from_utf8_lossy(body), page_url)
    }
}

#[derive(Deserialize)]
struct JsonPage {
    #[serde(default)]
    files: Vec<JsonFile>,
}

#[derive(Deserialize)]
struct JsonFile {
    url: String,
    #[serde(default)]
    hashes: indexmap::IndexMap<String, String>,
    #[serde(rename = "requires-python")]
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Yanked,
    #[serde(default, rename = "core-metadata")]
    core_metadata: Beside,
    /// As it was first called.
    #[serde(default, rename = "dist-info-metadata")]
    dist_info_metadata: Beside,
}

/// Whether metadata is there by itself, or hashes of it. PEP 714.
#[derive(Deserialize)]
#[serde(untagged)]
enum Beside {
    Whether(bool),
    Hashes(indexmap::IndexMap<String, String>),
    Odd(serde::de::IgnoredAny),
}

impl Default for Beside {
    fn default() -> Self {
        Self::Whether(false)
    }
}

impl Beside {
    fn hash(&self) -> Option<String> {
        match self {
            Self::Whether(true) => Some(String::new()),
            Self::Hashes(hashes) => Some(best_hash(hashes).unwrap_or_default()),
            Self::Whether(false) | Self::Odd(_) => None,
        }
    }
}

/// `sha256=…`, or the best other hash there is.
fn best_hash(hashes: &indexmap::IndexMap<String, String>) -> Option<String> {
    ["sha256", "sha512", "sha384", "sha1", "md5"]
        .iter()
        .find_map(|kind| Some(format!("{kind}={}", hashes.get(*kind)?)))
}

/// A reason, or whether at all.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Whether(bool),
    Why(String),
    /// What no index should send.
    Odd(serde::de::IgnoredAny),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Whether(false)
    }
}

fn json(body: &[u8], page_url: &str) -> Links {
    let page: JsonPage = match serde_json::from_slice(body) {
        Ok(page) => page,
        Err(error) => {
            return Links {
                broken: Some(format!("its JSON can't be read: {error}")),
                ..Links::default()
            };
        }
    };
    let files = page.files.into_iter().map(|file| {
        let mut link = quoted(&url::join(page_url, &file.url));
        let hash = best_hash(&file.hashes);
        if let Some(hash) = hash.filter(|_| !link.contains('#')) {
            link.push_str(&format!("#{hash}"));
        }
        let beside = file.core_metadata.hash();
        Link {
            metadata: beside.or_else(|| file.dist_info_metadata.hash()),
            url: link,
            requires_python: file.requires_python.filter(|text| !text.is_empty()),
            yanked: match file.yanked {
                Yanked::Whether(true) => Some(String::new()),
                Yanked::Why(why) => Some(why),
                Yanked::Whether(false) | Yanked::Odd(_) => None,
            },
        }
    });
    Links {
        files: files.collect(),
        ..Links::default()
    }
}

fn html(page: &str, page_url: &str) -> Links {
    let named = |wanted: &'static str| {
        (Tags { rest: page }).filter(move |tag| {
            let name = tag.split(|c: char| c.is_whitespace() || c == '/').next();
            name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        })
    };
    let base = named("base").find_map(|tag| attribute(tag, "href"));
    let base = base.map_or_else(|| page_url.to_owned(), |href| url::join(page_url, &href));
    let files = named("a").filter_map(|tag| {
        let href = attribute(tag, "href").filter(|href| may_be_file(href))?;
        Some(Link {
            url: quoted(&url::join(&base, href.trim())),
            requires_python: attribute(tag, "data-requires-python").filter(|text| !text.is_empty()),
            yanked: attribute(tag, "data-yanked"),
            metadata: ["data-core-metadata", "data-dist-info-metadata"]
                .iter()
                .find_map(|name| attribute(tag, name))
                .filter(|hash| hash != "false")
                .map(|hash| {
                    if hash.contains('=') {
                        hash
                    } else {
                        String::new()
                    }
                }),
        })
    });
    let mut pages = Urls::default();
    for href in hrefs(page) {
        pages.push(&url::join(page_url, &decode(href)));
    }
    Links {
        files: files.collect(),
        pages,
        broken: None,
    }
}

/// What ends in a slash has no file's name; a fragment may give it one.
fn may_be_file(href: &str) -> bool {
    !href.trim().ends_with('/') || href.contains('#')
}

/// A link whose path is quoted as Python's `urllib.parse.quote` does it, whatever was quoted before.
// pip: models/link.py, `_ensure_quoted_url`.
fn quoted(link: &str) -> String {
    let mut pieces = url::parts(link);
    let is_plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'.' | b'-' | b'~' | b'@');
    if pieces.path.bytes().all(is_plain) {
        return link.to_owned();
    }
    let mut path = String::with_capacity(pieces.path.len());
    let mut rest = pieces.path;
    while !rest.is_empty() {
        let is_slash = |at: usize| {
            let sign = rest.get(at..at + 3);
            sign.is_some_and(|sign| sign.eq_ignore_ascii_case("%2f"))
        };
        let end = (0..rest.len()).find(|at| rest[..].as_bytes()[*at] == b'@' || is_slash(*at));
        let (piece, kept) = rest.split_at(end.unwrap_or(rest.len()));
        path.push_str(&url::quote_path(&url::unquote(piece)));
        let length = match kept.as_bytes().first() {
            Some(b'@') => 1,
            Some(_) => 3,
            None => 0,
        };
        path.push_str(&kept[..length].to_ascii_uppercase());
        rest = &kept[length..];
    }
    pieces.path = &path;
    pieces.joined()
}

/// The insides of all tags, comments left out.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let at = self.rest.find('<')?;
            let inside = &self.rest[at + 1..];
            if let Some(comment) = inside.strip_prefix("!--") {
                self.rest = &comment[comment.find("-->").map_or(comment.len(), |end| end + 3)..];
                continue;
            }
            if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.rest = inside;
                continue;
            }
            let mut quote = None;
            let end = inside.find(|c: char| match quote {
                Some(open) => {
                    if c == open {
                        quote = None;
                    }
                    false
                }
                None if c == '"' || c == '\'' => {
                    quote = Some(c);
                    false
                }
                None => c == '>',
            })?;
            self.rest = &inside[end + 1..];
            return Some(&inside[..end]);
        }
    }
}

/// The value of an attribute, entities decoded.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag.split_once(char::is_whitespace)?.1;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=' || c == '/')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end.max(1).min(rest.len()));
        rest = after.trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
            (value, rest) = if let Some(quote) = quote {
                let inside = &after[1..];
                match inside.find(quote) {
                    Some(end) => (&inside[..end], &inside[end + 1..]),
                    None => (inside, ""),
                }
            } else {
                after.split_at(after.find(char::is_whitespace).unwrap_or(after.len()))
            };
        }
        if name.eq_ignore_ascii_case(wanted) {
            return Some(decode(value));
        }
    }
}

/// What stands after any `href=`. zc.buildout: _package_index.py, `HREF`.
fn hrefs(page: &str) -> impl Iterator<Item = &str> {
    let places = page.as_bytes().windows(4).enumerate();
    let places = places.filter(|(_, four)| four.eq_ignore_ascii_case(b"href"));
    places.filter_map(|(at, _)| {
        let rest = page.get(at + 4..)?.trim_start().strip_prefix('=')?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
        let end = rest.find(['\'', '"', '>', ' ']).unwrap_or(rest.len());
        rest.get(..end).filter(|href| !href.is_empty())
    })
}

/// `&amp;` as `&`; the entities that occur in URLs and version specifiers.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest[1..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))
            .map_or(rest.len(), |end| end + 1);
        if let Some(c) = entity(&rest[1..end]) {
            out.push(c);
            rest = rest[end..].strip_prefix(';').unwrap_or(&rest[end..]);
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "plus" => '+',
        "num" => '#',
        _ => return None,
    })
}

/// Whether a file may be used by this Python. What is no specifier forbids nothing. pip: `_check_link_requires_python`.
pub(super) fn allows_python(requires: Option<&str>, python: &pep440_rs::Version) -> bool {
    requires
        .and_then(|text| pep440_rs::VersionSpecifiers::from_str(text).ok())
        .is_none_or(|specifiers| specifiers.contains(python))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_as_pip_does() {
        for (link, url) in [
            (
                "https://h/f/a-1!2+x.whl#md5=0",
                "https://h/f/a-1%212%2Bx.whl#md5=0",
            ),
            (
                "https://h/f/a%2b b%c3%a9@1%2fc?x=+",
                "https://h/f/a%2B%20b%C3%A9@1%2Fc?x=+",
            ),
            ("file:///a~b/ü.zip", "file:///a~b/%C3%BC.zip"),
            (
                "https://h/a/b_c.d-e.zip?q#f g",
                "https://h/a/b_c.d-e.zip?q#f g",
            ),
        ] {
            assert_eq!(quoted(link), url);
        }
    }

    #[test]
    fn html_and_json_say_the_same() {
        let page = br#"<!DOCTYPE html><html><head><title>a > b</title></head><body><!-- <a href="no.zip">no</a> -->
            <a href="../../f/a-1.0.zip#sha256=ab" data-requires-python="&gt;=3.6,&#60;4" data-yanked="bad"
            data-core-metadata="sha256=cd" data-dist-info-metadata="sha256=ef">a-1.0.zip</a>
            <A class=x HREF='/f/a 2.zip?x=1&amp;y=2' data-dist-info-metadata=true>b</A><a name="top">c</a>
            <a href = b.whl data-core-metadata=false>d</a></body></html>"#;
        let files = vec![
            Link {
                url: "https://h/f/a-1.0.zip#sha256=ab".to_owned(),
                requires_python: Some(">=3.6,<4".to_owned()),
                yanked: Some("bad".to_owned()),
                metadata: Some("sha256=cd".to_owned()),
            },
            Link {
                url: "https://h/f/a%202.zip?x=1&y=2".to_owned(),
                requires_python: None,
                yanked: None,
                metadata: Some(String::new()),
            },
            Link {
                url: "https://h/simple/a/b.whl".to_owned(),
                requires_python: None,
                yanked: None,
                metadata: None,
            },
        ];
        let html = links(page, "text/html; charset=utf-8", "https://h/simple/a/");
        assert_eq!(html.files, files);
        assert_eq!(html.pages.iter().count(), 4, "{:?}", html.pages);
        let json = br#"{"files": [{"url": "../../f/a-1.0.zip", "hashes": {"md5": "0", "sha256": "ab"},
            "requires-python": ">=3.6,<4", "yanked": "bad", "core-metadata": {"sha256": "cd"},
            "dist-info-metadata": {"sha256": "ef"}}, {"url": "https://h/f/a%202.zip?x=1&y=2", "hashes": {},
            "core-metadata": false, "dist-info-metadata": true}, {"url": "b.whl", "yanked": false, "core-metadata": null}],
            "name": "a"}"#;
        let json = links(
            json,
            "application/vnd.pypi.simple.v1+json",
            "https://h/simple/a/",
        );
        assert_eq!(json.files, files);
    }

    #[test]
    fn a_base_moves_links() {
        let page = b"<base href=\"/files/\"><a href=\"a.zip\">x</a>";
        let found = links(page, "text/html", "https://h/simple/a/");
        assert_eq!(found.files[0].url, "https://h/files/a.zip");
    }

    #[test]
    fn broken_pages_do_no_harm() {
        for page in [
            "<a",
            "<a href",
            "<a href=\"x",
            "<a =>",
            "<!--",
            "<a href=>&",
            "&#xfffffff;<",
            "<a / / >",
        ] {
            let found = links(page.as_bytes(), "text/html", "https://h/");
            assert!(found.files.len() <= 1, "{page}");
        }
        assert_eq!(decode("a&b&amp;c&#x41;&unknown;&"), "a&b&cA&unknown;&");
        let broken = links(b"{", "application/vnd.pypi.simple.v1+json", "");
        assert!(broken.files.is_empty() && broken.broken.is_some());
    }

    #[test]
    fn python_is_checked() {
        let python = pep440_rs::Version::from_str("3.11.7").unwrap();
        assert!(allows_python(None, &python));
        assert!(allows_python(Some(">=3.6"), &python));
        assert!(allows_python(Some("nonsense"), &python));
        assert!(!allows_python(Some(">=3.12"), &python));
        assert!(!allows_python(Some(">=2.7, <3"), &python));
    }
}

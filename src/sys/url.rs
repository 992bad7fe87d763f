//! URLs as Python's urllib takes them apart and joins them. Nothing is normalised: a URL goes into messages and into
//! comparisons as it was written.

/// The scheme, where the text begins with one of two letters or more. zc.buildout: _package_index.py, `URL_SCHEME`.
pub fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
    (scheme.len() >= 2 && scheme.chars().all(fits)).then_some(scheme)
}

/// A URL in pieces, each as written, without the characters that separate them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts<'a> {
    pub scheme: &'a str,
    /// With user, password and port.
    pub netloc: Option<&'a str>,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub fragment: Option<&'a str>,
}

pub fn parts(url: &str) -> Parts<'_> {
    let scheme = scheme(url).unwrap_or("");
    let rest = if scheme.is_empty() {
        url
    } else {
        &url[scheme.len() + 1..]
    };
    let (rest, fragment) = split_at_mark(rest, '#');
    let (rest, query) = split_at_mark(rest, '?');
    let (netloc, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    Parts {
        scheme,
        netloc,
        path,
        query,
        fragment,
    }
}

fn split_at_mark(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl Parts<'_> {
    /// The pieces as one text again.
    pub fn joined(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(self.scheme);
            out.push(':');
        }
        if let Some(netloc) = self.netloc {
            out.push_str("//");
            out.push_str(netloc);
        }
        out.push_str(self.path);
        for (mark, piece) in [('?', self.query), ('#', self.fragment)] {
            if let Some(piece) = piece {
                out.push(mark);
                out.push_str(piece);
            }
        }
        out
    }

    /// The host without user, password and port, in lower case.
    pub fn host(&self) -> String {
        let netloc = self.netloc.unwrap_or("");
        let host = netloc.rsplit_once('@').map_or(netloc, |(_, host)| host);
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => host.split(':').next().unwrap_or(host),
        };
        host.to_lowercase()
    }
}

/// Splits `user:password@` off a URL: the URL without it, and it, still quoted.
pub fn split_credentials(url: &str) -> (String, Option<&str>) {
    let mut pieces = parts(url);
    match pieces.netloc.and_then(|netloc| netloc.rsplit_once('@')) {
        Some((user, host)) => {
            pieces.netloc = Some(host);
            (pieces.joined(), Some(user))
        }
        None => (url.to_owned(), None),
    }
}

/// The URL without its fragment.
pub fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// `%41` as `A`; what is no UTF-8 then is replaced.
pub fn unquote(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = match after {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = code {
            out.push(high * 16 + low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// A path as it stands in a `file:` URL.
pub fn quote_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'-' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What `link` on the page at `base` points to (RFC 3986, section 5).
pub fn join(base: &str, link: &str) -> String {
    if link.is_empty() {
        return base.to_owned();
    }
    if scheme(link).is_some() {
        return link.to_owned();
    }
    let from = parts(base);
    let mut to = parts(link);
    to.scheme = from.scheme;
    if to.netloc.is_some() {
        return to.joined();
    }
    to.netloc = from.netloc;
    if to.path.is_empty() {
        to.path = from.path;
        to.query = to.query.or(from.query);
        return to.joined();
    }
    let path = if to.path.starts_with('/') {
        to.path.to_owned()
    } else {
        let folder = from.path.rfind('/').map_or("/", |at| &from.path[..=at]);
        format!("{folder}{}", to.path)
    };
    let path = without_dots(&path);
    Parts { path: &path, ..to }.joined()
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    for (at, segment) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." && kept.len() > 1 {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

/// The path that a `file:` URL names.
pub fn file_path(url: &str) -> Option<String> {
    let pieces = parts(url);
    pieces
        .scheme
        .eq_ignore_ascii_case("file")
        .then(|| unquote(pieces.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_joined_as_python_joins_them() {
        let base = "https://host/simple/foo/";
        for (link, joined) in [
            ("foo-1.0.zip", "https://host/simple/foo/foo-1.0.zip"),
            (
                "../../files/a.whl#sha256=1",
                "https://host/files/a.whl#sha256=1",
            ),
            ("../../../../a", "https://host/a"),
            ("/a/./b", "https://host/a/b"),
            ("//other/a", "https://other/a"),
            ("http://x/y", "http://x/y"),
            ("?page=2", "https://host/simple/foo/?page=2"),
            ("#top", "https://host/simple/foo/#top"),
            ("", "https://host/simple/foo/"),
            ("..", "https://host/simple/"),
        ] {
            assert_eq!(join(base, link), joined, "{link}");
        }
    }

    #[test]
    fn pieces() {
        assert_eq!(scheme("c:/x"), None);
        assert_eq!(scheme("/a:b"), None);
        assert_eq!(scheme("git+https://x"), Some("git+https"));
        assert_eq!(parts("https://u:p@[::1]:80/x?y#z").host(), "::1");
        assert_eq!(
            split_credentials("https://u:p@host:1/x"),
            ("https://host:1/x".to_owned(), Some("u:p"))
        );
        assert_eq!(unquote("a%2Bb%zz%4"), "a+b%zz%4");
        assert_eq!(file_path("file:///a%20b/"), Some("/a b/".to_owned()));
    }
}

//! Python's `os.path` where it differs from Rust's `Path`: paths are strings, and every byte of them counts.
//!
//! `Path` forgets `/.` and doubled slashes, which Python keeps; a conf and a script show the difference. No disk here:
//! what links point to is `sys::fs::real_path`'s. CPython: posixpath.py.

/// `os.path.join(base, path)`.
pub fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') || base.is_empty() {
        path.to_owned()
    } else if base.ends_with('/') {
        format!("{base}{path}")
    } else {
        format!("{base}/{path}")
    }
}

/// `os.path.split(path)`: all up to the last slash, without that slash unless there are only slashes; and what follows it.
pub fn split(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |slash| slash + 1);
    let (head, tail) = path.split_at(at);
    let trimmed = head.trim_end_matches('/');
    (if trimmed.is_empty() { head } else { trimmed }, tail)
}

/// `os.path.dirname(path)`.
pub fn dirname(path: &str) -> &str {
    split(path).0
}

/// `os.path.basename(path)`.
pub fn basename(path: &str) -> &str {
    split(path).1
}

/// `os.path.normpath(path)`: without `.`, doubled slashes and what `..` takes back, as text. Two slashes in front stay two.
pub fn normalized(path: &str) -> String {
    let root = match path.len() - path.trim_start_matches('/').len() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if !root.is_empty() => {}
            name => names.push(name),
        }
    }
    let path = format!("{root}{}", names.join("/"));
    if path.is_empty() { ".".into() } else { path }
}

/// `os.path.abspath(path)` of a process that stands in `directory`.
pub fn absolute(path: &str, directory: &str) -> String {
    normalized(&join(directory, path))
}

/// `os.path.commonprefix([a, b])`: of characters, not of names.
pub fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let end = a
        .char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map_or_else(|| a.len().min(b.len()), |((at, _), _)| at);
    &a[..end]
}

/// `os.path.isabs(path)`.
pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// `os.path.expanduser(path)` for `~` and `~/…`; other users' homes are left as they are.
pub fn expand_user(path: &str, home: &str) -> String {
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = home.trim_end_matches('/');
            let expanded = format!("{home}{rest}");
            if expanded.is_empty() {
                "/".to_owned()
            } else {
                expanded
            }
        }
        _ => path.to_owned(),
    }
}

/// `os.path.relpath(path, start)` for two absolute paths.
pub fn relative(path: &str, start: &str) -> String {
    let path = normalized(path);
    let start = normalized(start);
    let a: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let b: Vec<&str> = start.split('/').filter(|p| !p.is_empty()).collect();
    let common = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let mut parts = vec![".."; b.len() - common];
    parts.extend(&a[common..]);
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expectations were taken from CPython's os.path.

    #[test]
    fn paths_are_joined_as_text() {
        assert_eq!(join("/b", "x"), "/b/x");
        assert_eq!(join("/b/", "x"), "/b/x");
        assert_eq!(join("/b", "/x"), "/x");
        assert_eq!(join("/b", "."), "/b/.");
        assert_eq!(join("", "x"), "x");
        assert_eq!(join("/b", ""), "/b/");
    }

    #[test]
    fn directories_keep_their_spelling() {
        assert_eq!(dirname("/a/b"), "/a");
        assert_eq!(dirname("/a//b"), "/a");
        assert_eq!(dirname("/a"), "/");
        assert_eq!(dirname("//a"), "//");
        assert_eq!(dirname("a"), "");
        assert_eq!(dirname("a/"), "a");
        assert_eq!(basename("a/b"), "b");
    }

    #[test]
    fn paths_are_normalized_as_text() {
        assert_eq!(normalized("/a/./b//../c/"), "/a/c");
        assert_eq!(normalized("//a"), "//a");
        assert_eq!(normalized("///a"), "/a");
        assert_eq!(normalized("../../a"), "../../a");
        assert_eq!(normalized("/.."), "/");
        assert_eq!(normalized(""), ".");
        assert_eq!(absolute("", "/b"), "/b");
        assert_eq!(absolute("../x", "/b/c"), "/b/x");
    }

    #[test]
    fn the_common_prefix_is_of_characters() {
        assert_eq!(common_prefix("/b/bin/x", "/b/bit"), "/b/bi");
        assert_eq!(common_prefix("/é", "/è"), "/");
        assert_eq!(common_prefix("/a", "/ab"), "/a");
        assert_eq!(common_prefix("/ab", "/a"), "/a");
    }

    #[test]
    fn homes_and_relative_paths() {
        assert_eq!(expand_user("~/x", "/h/joe"), "/h/joe/x");
        assert_eq!(expand_user("~joe/x", "/h/joe"), "~joe/x");
        assert_eq!(relative("/b/c/d", "/b/e"), "../c/d");
        assert_eq!(relative("/b", "/b"), ".");
    }
}

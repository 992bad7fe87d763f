//! Python's `os.path` on strings, where options are strings too and the very text of a path ends up in files.
//!
//! No disk: `realpath` is in `sys::fs`. Rust's `Path` would normalise what Python leaves alone (`a/./b`, `a//b`).

/// `os.path.join(base, path)`.
pub fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') || base.is_empty() {
        return path.to_owned();
    }
    if base.ends_with('/') {
        format!("{base}{path}")
    } else {
        format!("{base}/{path}")
    }
}

/// `os.path.dirname(path)`.
pub fn dirname(path: &str) -> &str {
    let head = &path[..path.rfind('/').map_or(0, |at| at + 1)];
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }
}

/// `os.path.basename(path)`.
pub fn basename(path: &str) -> &str {
    &path[path.rfind('/').map_or(0, |at| at + 1)..]
}

/// `os.path.isabs(path)`.
pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// `os.path.normpath(path)`.
pub fn normalise(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    // Two leading slashes are kept, as POSIX allows them a meaning of their own; three are one.
    let slashes = match path.bytes().take_while(|b| *b == b'/').count() {
        2 => 2,
        0 => 0,
        _ => 1,
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if slashes > 0 && parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = format!("{}{}", "/".repeat(slashes), parts.join("/"));
    if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    }
}

/// `os.path.abspath(path)`, seen from the directory `cwd`.
pub fn absolute(path: &str, cwd: &str) -> String {
    normalise(&join(cwd, path))
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
    let path = normalise(path);
    let start = normalise(start);
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

    #[test]
    fn as_python_does() {
        assert_eq!(join("/b", "x"), "/b/x");
        assert_eq!(join("/b/", "/x"), "/x");
        assert_eq!(join("/b", ""), "/b/");
        assert_eq!(dirname("/b/x"), "/b");
        assert_eq!(dirname("//x"), "//");
        assert_eq!(dirname("x"), "");
        assert_eq!(basename("/b/"), "");
        assert_eq!(normalise("/b/./../c//d"), "/c/d");
        assert_eq!(normalise("../../x"), "../../x");
        assert_eq!(normalise("//x"), "//x");
        assert_eq!(absolute("sub/x.cfg", "/b"), "/b/sub/x.cfg");
        assert_eq!(expand_user("~/x", "/home/joe"), "/home/joe/x");
        assert_eq!(relative("/b/c/d", "/b/e"), "../c/d");
    }
}

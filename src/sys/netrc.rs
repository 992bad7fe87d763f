//! The netrc file: which user and password for which host. Reading only; macros are skipped.

/// User and password for `host`, or those of `default`.
pub(super) fn lookup(netrc: &str, host: &str) -> Option<(String, String)> {
    let mut words = words(netrc).into_iter();
    let mut entry: Option<Entry> = None;
    let mut fallback = None;
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" => {
                if let Some(found) = finish(entry.take(), host, &mut fallback) {
                    return Some(found);
                }
                entry = words.next().map(|name| Entry {
                    host: Some(name),
                    ..Entry::default()
                });
            }
            "default" => {
                if let Some(found) = finish(entry.take(), host, &mut fallback) {
                    return Some(found);
                }
                entry = Some(Entry::default());
            }
            "login" => set(&mut entry, words.next(), |entry| &mut entry.login),
            "password" => set(&mut entry, words.next(), |entry| &mut entry.password),
            "account" => drop(words.next()),
            _ => {}
        }
    }
    finish(entry, host, &mut fallback).or(fallback)
}

#[derive(Default)]
struct Entry {
    host: Option<String>,
    login: String,
    password: String,
}

fn set(
    entry: &mut Option<Entry>,
    value: Option<String>,
    field: impl Fn(&mut Entry) -> &mut String,
) {
    if let (Some(entry), Some(value)) = (entry, value) {
        *field(entry) = value;
    }
}

fn finish(
    entry: Option<Entry>,
    host: &str,
    fallback: &mut Option<(String, String)>,
) -> Option<(String, String)> {
    let entry = entry?;
    let found = (entry.login, entry.password);
    match entry.host {
        Some(name) if name.eq_ignore_ascii_case(host) => Some(found),
        Some(_) => None,
        None => {
            *fallback = Some(found);
            None
        }
    }
}

/// The words of the file, quotes taken off, without comments and macro definitions.
fn words(netrc: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut within_macro = false;
    for line in netrc.lines() {
        if within_macro {
            within_macro = !line.trim().is_empty();
            continue;
        }
        for word in line.split_whitespace() {
            if word.starts_with('#') && out.last().is_none_or(|before| before != "password") {
                break;
            }
            if word == "macdef" {
                within_macro = true;
                break;
            }
            out.push(word.trim_matches('"').to_owned());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_then_the_default() {
        let netrc = "# mine\nmacdef init\n cd /x\n\nmachine one login a password \"b\"\n\
                     machine two\n  login c account x\n  password #d\ndefault login e password f\n";
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(lookup(netrc, "one"), pair("a", "b"));
        assert_eq!(lookup(netrc, "TWO"), pair("c", "#d"));
        assert_eq!(lookup(netrc, "three"), pair("e", "f"));
        assert_eq!(lookup("machine one login a", "three"), None);
    }
}

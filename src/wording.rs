//! Small pieces of wording that messages share: plurals, lists, "did you mean".
//!
//! Not Python's `repr` (that is `pystr`), and no message of its own.

/// `1 egg`, `2 eggs`.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// The candidate nearest to `name`, where one is near enough to be meant.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Damerau-Levenshtein distance (adjacent letters swapped count once).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (previous[j] + 1)
                .min(current[j - 1] + 1)
                .min(previous[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}

/// A URL without its user and password, for messages and logs.
pub fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    match authority.rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// A text without the users and passwords of the URLs in it.
pub fn without_credentials(text: &str) -> String {
    let word = |word| redacted(word);
    text.split_inclusive(char::is_whitespace)
        .map(word)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested() {
        assert_eq!(
            did_you_mean("superviosr", ["supervisor", "zeo"]),
            Some("supervisor")
        );
        assert_eq!(did_you_mean("prot", ["port", "user"]), Some("port"));
        assert_eq!(did_you_mean("nosuch", ["supervisor", "zeo"]), None);
    }

    #[test]
    fn secrets_leave_urls() {
        assert_eq!(
            redacted("https://joe:pw@host/simple/"),
            "https://host/simple/"
        );
        assert_eq!(redacted("https://host/a@b"), "https://host/a@b");
        assert_eq!(
            without_credentials("http://a:b@c/ x\nhttp://d:e@f\n"),
            "http://c/ x\nhttp://f\n"
        );
    }
}

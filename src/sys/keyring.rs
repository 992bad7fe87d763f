//! Passwords from the program `keyring`, for those who ask for it.
//!
//! It is asked `keyring get SERVICE USER`, once for a host and a user: for the index that a URL belongs to, as it is written,
//! else for the URL; then for the host. What it answers goes nowhere but into the header of a request. It has so long as a
//! server has; why there is no password is kept for the message that a server lets nobody in. pip and uv:
//! `keyring-provider = subprocess`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::process::Program;
use super::url;

/// What it said of one user at one host.
type Answer = Result<String, String>;

/// Asks the program.
#[derive(Default)]
pub(super) struct Keyring {
    /// URLs of indexes as they were written, without credentials.
    indexes: Mutex<Vec<String>>,
    /// By host with port, and user.
    known: Mutex<HashMap<(String, String), Answer>>,
}

impl Keyring {
    /// An index that URLs may belong to.
    pub(super) fn note_index(&self, index: &str) {
        let (bare, _) = url::split_credentials(url::without_fragment(index));
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        if !indexes.contains(&bare) {
            indexes.push(bare);
        }
    }

    /// The password for a URL, which has no credentials in it. Whoever asks meanwhile waits for the answer.
    pub(super) fn password(&self, bare: &str, user: &str, patience: Duration) -> Option<String> {
        let netloc = url::parts(bare).netloc.unwrap_or("");
        let key = (netloc.to_owned(), user.to_owned());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = known.entry(key).or_insert_with(|| {
            let service = self.index_of(bare).unwrap_or_else(|| bare.to_owned());
            let first = ask(&service, user, patience);
            match first {
                // Who is not there is not there for the second question either.
                Err(Refusal::Nothing) => ask(netloc, user, patience),
                other => other,
            }
            .map_err(|refusal| match refusal {
                Refusal::Nothing => {
                    format!("keyring knows no password of {user} for {service} or {netloc}")
                }
                Refusal::Because(why) => why,
            })
        });
        answer.as_ref().ok().cloned()
    }

    /// Why there is no password for a URL.
    pub(super) fn trouble(&self, bare: &str, user: Option<&str>) -> Option<String> {
        let netloc = url::parts(bare).netloc.unwrap_or("");
        let Some(user) = user else {
            return Some(format!(
                "keyring was not asked: the URL names no user, as in https://USER@{netloc}/"
            ));
        };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&(netloc.to_owned(), user.to_owned()))? {
            Ok(_) => Some(format!(
                "{netloc} does not take the password that keyring has of {user}"
            )),
            Err(why) => Some(why.clone()),
        }
    }

    /// The longest index that a URL begins with.
    fn index_of(&self, bare: &str) -> Option<String> {
        let indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_below = |index: &&String| {
            bare.strip_prefix(index.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let below = indexes.iter().filter(is_below);
        below.max_by_key(|index| index.len()).cloned()
    }
}

/// Why it gave no password.
enum Refusal {
    /// It has none.
    Nothing,
    Because(String),
}

fn ask(service: &str, user: &str, patience: Duration) -> Result<String, Refusal> {
    let program = Program::new("keyring")
        .argument("get")
        .argument(service)
        .argument(user)
        .set("PYTHONIOENCODING", "utf-8");
    let because = |why: String| Err(Refusal::Because(why));
    let ended = match program.run_within(patience) {
        Ok(Some(ended)) => ended,
        Ok(None) => {
            let seconds = patience.as_secs();
            return because(format!(
                "keyring gave no answer within {seconds} s; socket-timeout in [buildout] gives it more"
            ));
        }
        Err(error) => return because(format!("there is no keyring: {}", error.message)),
    };
    let said = String::from_utf8_lossy(&ended.stdout);
    let password = said.trim_end_matches(['\r', '\n']);
    match ended.status {
        Some(0) if !password.is_empty() => Ok(password.to_owned()),
        Some(0 | 1) if ended.stderr.iter().all(u8::is_ascii_whitespace) => Err(Refusal::Nothing),
        status => {
            let told = String::from_utf8_lossy(&ended.stderr);
            let mut last = told.trim_end().lines().next_back().unwrap_or("").to_owned();
            // Whatever it may have said beside its failure.
            if !password.is_empty() {
                last = last.replace(password, "****");
            }
            let how = status.map_or_else(
                || "was ended by a signal".to_owned(),
                |code| format!("ended with status {code}"),
            );
            because(format!("keyring {how}: {last}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_belong_to_the_longest_index() {
        let keyring = Keyring::default();
        keyring.note_index("https://joe:pw@h/simple");
        keyring.note_index("https://h/simple/more/");
        keyring.note_index("https://h/simple");
        let of = |url: &str| keyring.index_of(url);
        assert_eq!(
            of("https://h/simple/a/").as_deref(),
            Some("https://h/simple")
        );
        assert_eq!(of("https://h/simple").as_deref(), Some("https://h/simple"));
        assert_eq!(
            of("https://h/simple/more/b/").as_deref(),
            Some("https://h/simple/more/")
        );
        assert_eq!(of("https://h/simpler/"), None);
        assert_eq!(of("https://other/simple/"), None);
        assert_eq!(keyring.indexes.lock().unwrap().len(), 2);
    }
}

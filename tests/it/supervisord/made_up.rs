//! A machine that is made up: the same as in fixtures/supervisord/reference.py.

use indexmap::IndexMap;
use rbuildout::supervisord::{Kind, Machine};

use super::Files;

#[derive(Debug)]
pub(super) struct MadeUp<'a> {
    files: &'a Files,
    environment: IndexMap<String, String>,
}

const DIRECTORIES: [&str; 7] = [
    "",
    "/site",
    "/site/log",
    "/site/inc",
    "/run",
    "/var/people/me",
    "/dev",
];
const USERS: [(&str, u32, &str); 3] = [
    ("root", 0, "/var/people/root"),
    ("me", 1000, "/var/people/me"),
    ("www-data", 33, "/var/www"),
];

impl<'a> MadeUp<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        let environment = [
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
            ("HOME", "/var/people/me"),
            ("GREETING", "hello world"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            files,
            environment: environment.into_iter().collect(),
        }
    }
}

impl Machine for MadeUp<'_> {
    fn environment(&self) -> &IndexMap<String, String> {
        &self.environment
    }

    fn directory(&self) -> &'static str {
        "/site"
    }

    fn host_name(&self) -> String {
        "machine".to_owned()
    }

    fn temporary_directory(&self) -> String {
        "/run".to_owned()
    }

    fn home(&self, user: Option<&str>) -> Option<String> {
        let user = user.unwrap_or("me");
        let found = USERS.iter().find(|(name, ..)| *name == user);
        found.map(|(_, _, home)| (*home).to_owned())
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        let found = USERS.iter().find(|(known, ..)| *known == name);
        found.map(|(_, id, _)| *id)
    }

    fn has_user_id(&self, id: i128) -> bool {
        USERS.iter().any(|(_, known, _)| i128::from(*known) == id)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        self.user_id(name)
    }

    fn has_group_id(&self, id: i128) -> bool {
        self.has_user_id(id)
    }

    fn kind(&self, path: &str) -> Kind {
        if DIRECTORIES.contains(&path.trim_end_matches('/')) {
            Kind::Directory
        } else if self.files.contains_key(path) || path == "/etc/passwd" {
            Kind::File { executable: false }
        } else if path.starts_with("/bin/") {
            Kind::File { executable: true }
        } else {
            Kind::Missing
        }
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        // Classes of characters are none here, nor in reference.py.
        let fits = |path: &&String| !pattern.contains('[') && fits(pattern, path);
        self.files.keys().filter(fits).cloned().collect()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).map(|text| super::bytes(text))
    }

    fn can_import(&self, module: &str, attribute: Option<&str>) -> bool {
        let attribute = attribute.map(|attribute| attribute.trim_matches('.'));
        match module {
            "json" => matches!(attribute, None | Some("" | "loads")),
            "os.path" => matches!(attribute, None | Some("" | "join")),
            _ => false,
        }
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return path.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    let mut characters = path.chars();
    match first {
        '*' => {
            fits(rest, path) || (characters.next().is_some() && fits(pattern, characters.as_str()))
        }
        _ => {
            characters
                .next()
                .is_some_and(|c| c == first || first == '?')
                && fits(rest, characters.as_str())
        }
    }
}

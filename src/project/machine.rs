//! This machine, as `supervisord` asks for it: users, groups, directories, what Python could import.
//!
//! No Python is started. Users that /etc/passwd does not have are asked of `getent`, which knows the other sources.

use indexmap::IndexMap;

use super::Surroundings;
use crate::pypath;
use crate::supervisord::{Kind, Machine};
use crate::sys::fs;
use crate::sys::process::Program;

/// The machine that the check runs on.
#[derive(Debug)]
pub struct ThisMachine<'a> {
    surroundings: &'a Surroundings,
    /// Where supervisord is started.
    directory: String,
    /// Directories that may hold eggs, for what Python could import.
    eggs: Vec<String>,
    users: String,
    groups: String,
}

impl<'a> ThisMachine<'a> {
    /// For a configuration in `directory`: the eggs of a buildout around it count as importable.
    pub fn new(surroundings: &'a Surroundings, directory: &str) -> Self {
        let mut eggs = Vec::new();
        let mut above = pypath::absolute(directory, &surroundings.cwd);
        while above != "/" && !above.is_empty() {
            let place = pypath::join(&above, "eggs");
            eggs.push(pypath::join(&place, "v5"));
            eggs.push(place);
            above = pypath::dirname(&above).to_owned();
        }
        Self {
            surroundings,
            directory: surroundings.cwd.clone(),
            eggs,
            users: fs::read_lossy("/etc/passwd").unwrap_or_default(),
            groups: fs::read_lossy("/etc/group").unwrap_or_default(),
        }
    }

    /// The same, but supervisord is started in another directory.
    #[must_use]
    pub(super) fn standing_in(mut self, directory: &str) -> Self {
        directory.clone_into(&mut self.directory);
        self
    }

    /// The fields of an entry of a database, by its name or number.
    fn entry(&self, database: &str, key: &str) -> Option<Vec<String>> {
        let text = if database == "passwd" {
            &self.users
        } else {
            &self.groups
        };
        let fields = |line: &str| line.split(':').map(str::to_owned).collect::<Vec<_>>();
        let is_it = |fields: &Vec<String>| {
            fields.len() > 2 && (fields[0] == key || (is_number(key) && fields[2] == key))
        };
        if let Some(found) = text.lines().map(fields).find(is_it) {
            return Some(found);
        }
        if key.is_empty() || key.starts_with('-') || key.contains(['\0', '\n']) {
            return None;
        }
        let asked = Program::new("getent")
            .argument(database)
            .argument(key)
            .run();
        let answer = asked.ok().filter(|ended| ended.status == Some(0))?;
        let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
        answer.lines().map(fields).find(is_it)
    }

    fn id(&self, database: &str, name: &str) -> Option<u32> {
        let fields = self.entry(database, name)?;
        if fields[0] == name {
            fields[2].parse().ok()
        } else {
            None
        }
    }

    fn has_id(&self, database: &str, id: i128) -> bool {
        u32::try_from(id).is_ok_and(|id| {
            let id = id.to_string();
            self.entry(database, &id)
                .is_some_and(|fields| fields[2] == id)
        })
    }

    /// The directories that a Python of this machine may import from.
    fn import_places(&self) -> Vec<String> {
        let mut places = Vec::new();
        let listed = |name: &str| {
            self.surroundings
                .variable(name)
                .unwrap_or_default()
                .to_owned()
        };
        places.extend(listed("PYTHONPATH").split(':').map(str::to_owned));
        for directory in listed("PATH").split(':') {
            let lib = pypath::join(pypath::dirname(directory), "lib");
            places.push(pypath::join(&lib, "python3/dist-packages"));
            let names = fs::list(&lib).unwrap_or_default();
            for name in names.iter().filter(|name| name.starts_with("python")) {
                let library = pypath::join(&lib, name);
                places.push(pypath::join(&library, "site-packages"));
                places.push(pypath::join(&library, "dist-packages"));
                places.push(library);
            }
        }
        for eggs in &self.eggs {
            let names = fs::list(eggs).unwrap_or_default();
            let eggs_of = names.iter().filter(|name| name.ends_with(".egg"));
            places.extend(eggs_of.map(|name| pypath::join(eggs, name)));
        }
        places.retain(|place| !place.is_empty());
        places
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Machine for ThisMachine<'_> {
    fn environment(&self) -> &IndexMap<String, String> {
        &self.surroundings.variables
    }

    fn directory(&self) -> &str {
        &self.directory
    }

    fn host_name(&self) -> String {
        let name = fs::read_lossy("/proc/sys/kernel/hostname").or_else(|_| {
            let asked = Program::new("uname").argument("-n").run();
            asked.map(|ended| String::from_utf8_lossy(&ended.stdout).into_owned())
        });
        name.map(|name| name.trim_end().to_owned())
            .unwrap_or_default()
    }

    fn temporary_directory(&self) -> String {
        let named = ["TMPDIR", "TEMP", "TMP"].map(|name| self.surroundings.variable(name));
        let usual = ["/tmp", "/var/tmp", "/usr/tmp"].map(Some);
        let mut places = named.into_iter().chain(usual).flatten();
        let found = places.find(|place| fs::is_dir(place));
        let place = found.unwrap_or(&self.surroundings.cwd);
        pypath::absolute(place, &self.surroundings.cwd)
    }

    fn home(&self, user: Option<&str>) -> Option<String> {
        match user {
            None => Some(self.surroundings.home()),
            Some(user) => {
                let fields = self.entry("passwd", user)?;
                (fields[0] == user)
                    .then(|| fields.get(5).cloned())
                    .flatten()
            }
        }
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        self.id("passwd", name)
    }

    fn has_user_id(&self, id: i128) -> bool {
        self.has_id("passwd", id)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        self.id("group", name)
    }

    fn has_group_id(&self, id: i128) -> bool {
        self.has_id("group", id)
    }

    fn kind(&self, path: &str) -> Kind {
        let path = pypath::join(&self.directory, path);
        if path.contains('\0') || !fs::exists(&path) {
            Kind::Missing
        } else if fs::is_dir(&path) {
            Kind::Directory
        } else if fs::is_file(&path) {
            Kind::File {
                executable: fs::is_executable(&path),
            }
        } else {
            Kind::Special
        }
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        let mut found = matching(pattern, &self.directory);
        found.sort_unstable();
        found
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(pypath::join(&self.directory, path)).ok()
    }

    fn is_root(&self) -> bool {
        // Name, then the real and the effective user.
        let status = fs::read_lossy("/proc/self/status").unwrap_or_default();
        let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        user.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0")
    }

    fn most_open_files(&self) -> Option<i128> {
        // Root may go beyond its own limit, but not beyond the kernel's.
        if self.is_root() {
            return fs::read_lossy("/proc/sys/fs/nr_open")
                .ok()?
                .trim()
                .parse()
                .ok();
        }
        let limits = fs::read_lossy("/proc/self/limits").ok()?;
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max open files"))?;
        line.split_whitespace().nth(4)?.parse().ok()
    }

    fn can_import(&self, module: &str, attribute: Option<&str>) -> bool {
        let path = module.replace('.', "/");
        let top = module.split('.').next().unwrap_or(module);
        if BUILT_IN.contains(&top) {
            return true;
        }
        let found = self.import_places().into_iter().find_map(|place| {
            let base = pypath::join(&place, &path);
            let sources = [format!("{base}/__init__.py"), format!("{base}.py")];
            let source = sources.into_iter().find(|source| fs::is_file(source));
            // A folder without sources may be a namespace, a module without them is compiled.
            let other = || {
                let (folder, name) = pypath::split(&base);
                let names = fs::list(folder).unwrap_or_default();
                let compiled = format!("{name}.");
                let is_it = |each: &String| each.starts_with(&compiled) && each.ends_with(".so");
                (fs::is_dir(&base) || names.iter().any(is_it)).then(String::new)
            };
            source.or_else(other)
        });
        match (found, attribute) {
            (None, _) => false,
            (Some(source), Some(attribute)) if !source.is_empty() => {
                let text = fs::read_lossy(&source).unwrap_or_default();
                let name = attribute.split('.').next().unwrap_or(attribute);
                let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                let dynamic = text.contains("import *") || text.contains("__getattr__");
                dynamic || words.any(|word| word == name)
            }
            _ => true,
        }
    }
}

/// Modules that are in the interpreter itself.
const BUILT_IN: &[&str] = &[
    "builtins",
    "sys",
    "time",
    "marshal",
    "itertools",
    "errno",
    "posix",
];

/// `glob.glob(pattern)`, unsorted.
fn matching(pattern: &str, cwd: &str) -> Vec<String> {
    let magic = |text: &str| text.contains(['*', '?', '[']);
    if !magic(pattern) {
        let path = pypath::join(cwd, pattern);
        let (_, name) = pypath::split(pattern);
        let there = if name.is_empty() {
            fs::is_dir(&path)
        } else {
            fs::is_there(&path)
        };
        return if there {
            vec![pattern.to_owned()]
        } else {
            Vec::new()
        };
    }
    let (directory, name) = pypath::split(pattern);
    let directories = if magic(directory) && directory != pattern {
        matching(directory, cwd)
    } else {
        vec![directory.to_owned()]
    };
    let mut found = Vec::new();
    for directory in directories {
        let here = pypath::join(cwd, &directory);
        if !magic(name) {
            let path = pypath::join(&here, name);
            if (name.is_empty() && fs::is_dir(&here)) || (!name.is_empty() && fs::is_there(path)) {
                found.push(pypath::join(&directory, name));
            }
            continue;
        }
        let pattern: Vec<char> = name.chars().collect();
        for each in fs::list(&here).unwrap_or_default() {
            let hidden = each.starts_with('.') && !name.starts_with('.');
            let characters: Vec<char> = each.chars().collect();
            if !hidden && matches(&pattern, &characters) {
                found.push(pypath::join(&directory, &each));
            }
        }
    }
    found
}

/// `fnmatch.fnmatchcase(name, pattern)`. Only the last star is ever gone back to: that is enough, and never slow.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        if let ['*', rest @ ..] = pattern {
            star = Some((rest, name));
            pattern = rest;
            continue;
        }
        let step = match (pattern, name) {
            ([], []) => return true,
            ([], _) | (_, []) => None,
            (['?', rest @ ..], [_, after @ ..]) => Some((rest, after)),
            (['[', rest @ ..], [c, after @ ..]) if class_end(rest).is_some() => {
                let end = class_end(rest).unwrap_or_default();
                in_class(&rest[..end], *c).then_some((&rest[end + 1..], after))
            }
            ([one, rest @ ..], [c, after @ ..]) => (one == c).then_some((rest, after)),
        };
        (pattern, name) = match (step, star) {
            (Some(next), _) => next,
            (None, Some((behind, [_, after @ ..]))) => {
                star = Some((behind, after));
                (behind, after)
            }
            (None, _) => return false,
        };
    }
}

/// Where the class behind a `[` ends.
fn class_end(pattern: &[char]) -> Option<usize> {
    let mut from = usize::from(pattern.first() == Some(&'!'));
    from += usize::from(pattern.get(from) == Some(&']'));
    let at = pattern.get(from..)?.iter().position(|c| *c == ']')?;
    Some(from + at)
}

fn in_class(class: &[char], c: char) -> bool {
    let (negated, class) = match class {
        ['!', rest @ ..] => (true, rest),
        class => (false, class),
    };
    let mut found = false;
    let mut rest = class;
    loop {
        rest = match rest {
            [] => break,
            [from, '-', to, more @ ..] => {
                found |= (*from..=*to).contains(&c);
                more
            }
            [one, more @ ..] => {
                found |= *one == c;
                more
            }
        };
    }
    found != negated
}

#[cfg(test)]
mod tests {
    // The expectations were taken from CPython's fnmatch.
    #[test]
    fn patterns_are_those_of_fnmatch() {
        let matches = |pattern: &str, name: &str| {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            super::matches(&characters(pattern), &characters(name))
        };
        assert!(matches("*.conf", "a.conf") && !matches("*.conf", "a.conf~"));
        assert!(matches("[a-c]?.i", "bx.i") && !matches("[!a-c]?.i", "bx.i"));
        assert!(matches("[]]x", "]x") && matches("[x", "[x"));
        assert!(matches("**a", "ba") && matches("*", ""));
    }
}

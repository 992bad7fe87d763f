//! The `sys.path` lines of the buildout's own `bin/buildout`: where zc.buildout is, if not in the interpreter.
//!
//! A bootstrapped buildout has zc.buildout, setuptools and what they need as eggs or as checkouts, and nothing but these
//! lines says where. zc.buildout runs with them in front of `sys.path`, so its own working set begins with them; recipes,
//! signatures and the library of the recipe host depend on that. Only the script is read here, nothing is looked for.
//! zc.buildout: easy_install.py, `_script`, `relative_paths_setup`.

use super::Surroundings;
use crate::pypath;
use crate::sys::fs;

/// What the script puts in front of `sys.path`. Nothing where there is no such script, or where it is for another
/// interpreter: what is there would not fit. See [`Surroundings::scripts`].
pub(super) fn read(bin_directory: &str, around: &Surroundings, executable: &str) -> Vec<String> {
    let mut scripts = vec![pypath::join(bin_directory, "buildout")];
    scripts.extend(around.scripts());
    let python = |script: &String| {
        let text = String::from_utf8(fs::head(script, 1 << 16)).ok()?;
        let named = text.lines().next()?.strip_prefix("#!")?.trim().to_owned();
        named.contains("python").then_some((named, text))
    };
    let found = scripts
        .into_iter()
        .find_map(|script| python(&script).map(|(named, text)| (script, named, text)));
    match found {
        Some((script, named, text)) if is_same(&named, executable) => {
            entries(&text, &fs::real_path(script).to_string_lossy())
        }
        _ => Vec::new(),
    }
}

/// One interpreter has several names in the same directory: `python`, `python3`.
fn is_same(named: &str, executable: &str) -> bool {
    named == executable
        || pypath::dirname(named) == pypath::dirname(executable)
            && fs::real_path(named) == fs::real_path(executable)
}

/// The entries of the list in `sys.path[0:0] = [`; `script` is the path of the script, for those relative to it.
fn entries(text: &str, script: &str) -> Vec<String> {
    let mut base = script.to_owned();
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if !inside {
            if line.starts_with("base = os.path.dirname(") {
                base = pypath::dirname(&base).to_owned();
            }
            inside = line.trim_end() == "sys.path[0:0] = [";
            continue;
        }
        let entry = line.trim().trim_end_matches(',');
        if entry == "]" {
            break;
        }
        if entry == "base" {
            found.push(base.clone());
        } else if let Some(inner) = entry.strip_prefix("join(base, ") {
            let below = inner.strip_suffix(')').and_then(literal);
            found.extend(below.map(|below| pypath::join(&base, &below)));
        } else {
            found.extend(literal(entry));
        }
    }
    found
}

/// A string as Python's `repr` writes a path.
fn literal(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text.get(1..)?.strip_suffix(quote)?;
    let mut path = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next()? {
                escaped @ ('\\' | '\'' | '"') => path.push(escaped),
                // Control characters: no such path was ever made on purpose.
                _ => return None,
            },
            c if c == quote => return None,
            c => path.push(c),
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_lines() {
        let text = "#!/v/bin/python\n\nimport sys\nsys.path[0:0] = [\n  '/b/eggs/a-1-py3.11.egg',\n  \"/it's/here\",\n  '/b\\\\c',\n  ]\n\n\
             import zc.buildout.buildout\n\nx = [\n  '/no'\n  ]\n";
        assert_eq!(
            entries(text, "/b/bin/buildout"),
            ["/b/eggs/a-1-py3.11.egg", "/it's/here", "/b\\c"]
        );
    }

    #[test]
    fn relative_lines() {
        let text = "#!/v/bin/python\n\nimport os\n\njoin = os.path.join\n\
             base = os.path.dirname(os.path.abspath(os.path.realpath(__file__)))\nbase = os.path.dirname(base)\n\n\
             import sys\nsys.path[0:0] = [\n  join(base, 'eggs/a.egg'),\n  base,\n  '/else',\n  ]\n";
        assert_eq!(
            entries(text, "/b/bin/buildout"),
            ["/b/eggs/a.egg", "/b", "/else"]
        );
    }

    #[test]
    fn no_lines() {
        assert!(
            entries(
                "#!/v/bin/python\nfrom zc.buildout.buildout import main\n",
                "/b"
            )
            .is_empty()
        );
        assert_eq!(literal("'a\\n'"), None);
        assert_eq!(literal("'a'b'"), None);
        assert_eq!(literal("eggs"), None);
    }
}

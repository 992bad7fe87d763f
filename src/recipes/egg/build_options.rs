//! The options of `zc.recipe.egg:custom` and `zc.recipe.egg:develop` that go to the command `build_ext`.
//! zc.recipe.egg: custom.py, `build_ext`.

use super::{BUILDOUT, from_base, non_empty_lines};
use crate::error::Result;
use crate::options::Buildout;
use crate::pystr;
use crate::text::Text;

/// Lists of directories.
pub(super) const PATHS: &[&str] = &["include-dirs", "library-dirs", "rpath"];
/// The path of a program.
pub(super) const SWIG: &str = "swig";
/// Taken as they are.
pub(super) const PLAIN: &[&str] = &[
    "define",
    "undef",
    "libraries",
    "link-objects",
    "debug",
    "force",
    "compiler",
    "swig-cpp",
    "swig-opts",
];
/// What the dynamic linker replaces itself: no directories of the buildout.
const OF_THE_LINKER: &[&str] = &[
    "$ORIGIN",
    "$LIB",
    "$PLATFORM",
    "${ORIGIN}",
    "${LIB}",
    "${PLATFORM}",
];

/// Names and values; paths are made absolute, in the part's options too.
pub(super) fn build_ext(buildout: &mut Buildout, part: &str) -> Result<Vec<(String, String)>> {
    let directory = buildout.require(BUILDOUT, "directory")?;
    let mut all = Vec::new();
    for option in PATHS.iter().copied() {
        let Some(value) = buildout.get(part, option)? else {
            continue;
        };
        let is_special = |path: &str| {
            option == "rpath"
                && OF_THE_LINKER
                    .iter()
                    .any(|special| path.starts_with(special))
        };
        let mut paths = Text::new();
        for (at, path) in non_empty_lines(&value).enumerate() {
            if at > 0 {
                paths.push_str(":");
            }
            if is_special(path) {
                paths.push(&value.piece(path));
            } else {
                paths.push(&from_base(&directory, &value, path));
            }
        }
        all.push((option.to_owned(), paths.to_string()));
        buildout.set(part, option, paths);
    }
    if let Some(swig) = buildout.get(part, SWIG)?.filter(|swig| !swig.is_empty()) {
        let path = from_base(&directory, &swig, &swig);
        all.push((SWIG.to_owned(), path.to_string()));
        buildout.set(part, SWIG, path);
    }
    for option in PLAIN {
        if let Some(value) = buildout.get(part, option)? {
            all.push(((*option).to_owned(), value.to_string()));
        }
    }
    Ok(all)
}

/// The directory of the develop eggs, which the part knows as `_d`.
pub(super) fn develop_eggs_directory(buildout: &mut Buildout, part: &str) -> Result<String> {
    let directory = buildout.require(BUILDOUT, "develop-eggs-directory")?;
    buildout.set(part, "_d", directory.clone());
    Ok(directory.to_string())
}

/// Python's `repr` of a sorted list of pairs.
pub(super) fn shown<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("({}, {})", pystr::repr(name), pystr::repr(value)))
        .collect();
    format!("[{}]", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_shown_as_python_shows_them() {
        assert_eq!(shown([].into_iter()), "[]");
        let pairs = [("CC", "gcc -O2"), ("A", "it's")];
        assert_eq!(
            shown(pairs.into_iter()),
            "[('CC', 'gcc -O2'), ('A', \"it's\")]"
        );
    }
}

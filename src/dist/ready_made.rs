//! Ready-made eggs on offer: `.egg` archives, and directories with EGG-INFO, put into the eggs directory as they are.
//!
//! Nothing is compiled and nothing renamed; the result keeps the name that the file has. An archive that reaches out of
//! its directory is refused, where zc.buildout leaves such files out. zc.buildout: easy_install.py, `unpack_egg`,
//! `_move_to_eggs_dir_and_compile`.

use std::path::Path;

use super::cache::walk;
use super::distribution::{Distribution, Precedence};
use super::egg::Placed;
use super::name;
use super::remains;
use super::scan::{self, Look};
use super::seen::Seen;
use super::wheel;
use crate::error::{Error, Result};
use crate::sys::fs;
use crate::sys::spool::Spool;

/// What an egg is made from.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// A zip archive.
    Archive(&'a Spool),
    Directory(&'a Path),
}

/// Puts the egg into the eggs directory under `file`, the name of what it is made from.
pub(super) fn place(
    source: &Source<'_>,
    file: &str,
    wanted: &Distribution,
    eggs_directory: &str,
) -> Result<Placed> {
    fs::make_directory(eggs_directory)?;
    let eggs = fs::real_path(eggs_directory);
    let name = file.strip_suffix(".zip").unwrap_or(file);
    let egg = eggs.join(name);
    let passing = remains::passing(&eggs)?;
    // The directory of the egg must have its name, or nobody sees that it is one.
    let inside = passing.join(name);
    let made = lay_out(source, &inside)
        .and_then(|()| found(&inside, wanted))
        .and_then(|_| match fs::rename(&inside, &egg) {
            Err(_) if found(&egg, wanted).is_ok() => Ok(true),
            other => other.map(|()| false),
        });
    if fs::is_there(&passing) {
        fs::remove_tree(&passing)?;
    }
    let was_there = made?;
    Ok(Placed {
        distribution: found(&egg, wanted)?,
        was_there,
    })
}

fn lay_out(source: &Source<'_>, into: &Path) -> Result<()> {
    match source {
        Source::Archive(bytes) => match wheel::unpack_whole(bytes, into) {
            Ok(_) => Ok(()),
            Err(reason) => {
                let name = into.file_name().unwrap_or_default().to_string_lossy();
                Err(Error::user(format!("Couldn't unpack {name}: {reason}.")))
            }
        },
        Source::Directory(from) => {
            let mut files = Vec::new();
            walk(from, "", &mut files)?;
            for file in files {
                let to = into.join(&file);
                if let Some(parent) = to.parent() {
                    fs::make_directory(parent)?;
                }
                fs::copy(from.join(&file), to)?;
            }
            Ok(())
        }
    }
}

/// The one distribution in an egg. zc.buildout: easy_install.py, `_get_matching_dist_in_location`.
fn found(egg: &Path, wanted: &Distribution) -> Result<Distribution> {
    let shown = egg.to_string_lossy();
    let all = scan::find(&shown, Look::All, &Seen::default())?;
    match all.as_slice() {
        [one]
            if name::canonical(&one.project_name) == name::canonical(&wanted.project_name)
                && one.version == wanted.version =>
        {
            let mut one = one.clone();
            one.precedence = Precedence::Egg;
            Ok(one)
        }
        _ => Err(
            Error::user(format!("{shown} has no distribution for {wanted}")).hint(
                "egg",
                "what is in the egg is not what its name says",
                "tell those who made it; another version may do meanwhile",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::version::Version;
    use crate::dist::wheel::tests::archive;

    fn spool(files: &[(&str, &str)]) -> Spool {
        Spool::of_bytes(archive(files))
    }

    fn wanted() -> Distribution {
        Distribution {
            project_name: "old.style".to_owned(),
            version: Version::new("1.0"),
            py_version: None,
            platform: None,
            location: "old.style-1.0.egg".to_owned(),
            metadata: None,
            precedence: Precedence::Egg,
        }
    }

    #[test]
    fn archives_and_directories() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let eggs = root.join("eggs").display().to_string();
        let bytes = spool(&[
            ("EGG-INFO/PKG-INFO", "Name: old.style\nVersion: 1.0\n"),
            ("EGG-INFO/scripts/run", "print(1)\n"),
            ("old/style/__init__.py", ""),
        ]);
        let put = |source: Source<'_>, file: &str| place(&source, file, &wanted(), &eggs);
        let placed = put(Source::Archive(&bytes), "old.style-1.0-py3.11.egg.zip").unwrap();
        assert!(!placed.was_there);
        let location = format!("{eggs}/old.style-1.0-py3.11.egg");
        assert_eq!(placed.distribution.location, location);
        assert!(fs::is_file(format!("{location}/EGG-INFO/scripts/run")));
        let again = put(Source::Archive(&bytes), "old.style-1.0-py3.11.egg").unwrap();
        assert!(again.was_there);
        let directory = Path::new(&location);
        put(Source::Directory(directory), "old.style-1.0.egg").unwrap();
        assert_eq!(
            fs::list(&eggs).unwrap(),
            ["old.style-1.0-py3.11.egg", "old.style-1.0.egg"]
        );
    }

    #[test]
    fn what_is_not_as_named_or_reaches_out_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let eggs = root.join("eggs").display().to_string();
        for files in [
            vec![("EGG-INFO/PKG-INFO", ""), ("../../out", "x")],
            vec![("EGG-INFO/PKG-INFO", ""), ("/out", "x")],
            vec![("README", "no metadata")],
        ] {
            let bytes = spool(&files);
            let name = "old.style-1.0.egg";
            place(&Source::Archive(&bytes), name, &wanted(), &eggs).unwrap_err();
            assert!(fs::list(&eggs).unwrap().is_empty());
            assert_eq!(fs::list(&root).unwrap(), ["eggs"]);
        }
    }
}

//! [`Generation`]: which zc.buildout a project means, and what that one does otherwise than the newest.
//!
//! zc.buildout has changed how eggs are laid out and named, what becomes of projects under development, the texts of
//! scripts and of messages. A project that is worked on by both tools has to look the same after each; so what differs
//! is asked here, by one question for each idea, and the answer is acted on where the idea is at home. Which version
//! it is, is found out elsewhere (`project/generation.rs`); what hangs on the setuptools beside it is `dist/tooling.rs`'s.
//! The versions are those of the releases: the code of each was looked at.

use std::fmt;

/// A version of zc.buildout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    major: u32,
    minor: u32,
    micro: u32,
}

impl Default for Generation {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

impl Generation {
    /// The one that is followed where nobody names another.
    pub const NEWEST: Self = Self::new(6, 0, 1);

    const fn new(major: u32, minor: u32, micro: u32) -> Self {
        Self {
            major,
            minor,
            micro,
        }
    }

    /// From `3.0.1`, `==3.3` or `4.1.12.dev0`; none from what names no one version. Those before 2.13 count as 2.13: what
    /// they do otherwise is not followed.
    pub fn read(version: &str) -> Option<Self> {
        let version = version.trim().trim_start_matches("==").trim();
        let mut numbers = version.split('.').map(|piece| {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        let major = numbers.next()??;
        let mut next = || numbers.next().flatten().unwrap_or(0);
        let read = Self::new(major, next(), next());
        Some(read.max(Self::new(2, 13, 0)))
    }

    /// Whether eggs have a directory of their own below `eggs-directory`, `v5`, by the option `eggs-directory-version`.
    // zc.buildout: buildout.py, `Buildout.__init__`.
    pub fn has_eggs_directory_version(self) -> bool {
        self >= Self::new(5, 0, 0)
    }

    /// Whether pip makes the eggs of wheels; before it was setuptools, with EGG-INFO.
    // zc.buildout: easy_install.py, `UNPACKERS`.
    pub fn installs_wheels_with_pip(self) -> bool {
        self >= Self::new(5, 0, 0)
    }

    /// Whether files that an index says to be for other versions of Python are passed over.
    // zc.buildout: patches.py, `PatchedPackageIndex`.
    pub fn asks_for_python(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// By which name setuptools knows a wheel that it makes an egg of.
    // zc.buildout: easy_install.py, `_maybe_copy_and_rename_wheel`.
    pub fn wheel_names(self) -> WheelNames {
        if self < Self::new(4, 1, 4) {
            WheelNames::OfFile
        } else if self < Self::new(4, 1, 8) {
            WheelNames::OfRequirement
        } else {
            WheelNames::OfMetadata
        }
    }

    /// Whether archives of sources are installed by pip; before it was easy_install, with EGG-INFO.
    // zc.buildout: easy_install.py, `call_pip_install`, `call_easy_install`.
    pub fn builds_with_pip(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// Whether an egg that pip has built has its name from METADATA; before it was that of the `.dist-info`.
    // zc.buildout: easy_install.py, `make_egg_after_pip_install`.
    pub fn names_built_eggs_by_metadata(self) -> bool {
        self >= Self::new(4, 1, 8)
    }

    /// Whether namespace packages stay without `__init__.py` in eggs that pip has made.
    // zc.buildout: easy_install.py, `make_egg_after_pip_install`.
    pub fn has_native_namespaces(self) -> bool {
        self >= Self::new(5, 0, 0)
    }

    /// Whether projects under development are installed by pip; before it was `setup.py develop`.
    // zc.buildout: easy_install.py, `develop`.
    pub fn develops_with_pip(self) -> bool {
        self >= Self::new(5, 0, 0)
    }

    /// Whether more than an `.egg-link` is kept of a project under development.
    // zc.buildout: easy_install.py, `_copy_metadata`.
    pub fn keeps_editable_metadata(self) -> bool {
        self >= Self::new(6, 0, 0)
    }

    /// Whether an `.egg-link` is made where setuptools makes none.
    // zc.buildout: easy_install.py, `_create_egg_link`.
    pub fn makes_egg_links(self) -> bool {
        self >= Self::new(4, 1, 11)
    }

    /// Whether it brings a `pkg_resources` of its own; else it has that of its setuptools.
    // zc.buildout: __init__.py.
    pub fn brings_pkg_resources(self) -> bool {
        self >= Self::new(6, 0, 0)
    }

    /// Whether it tells of namespaces of the old style in projects under development.
    // zc.buildout: buildout.py, `_print_namespace_packages`.
    pub fn tells_old_namespaces(self) -> bool {
        self >= Self::new(5, 1, 0)
    }

    /// Whether names in `[versions]` may be spelt otherwise than requirements spell them; before only in upper and lower
    /// case.
    // zc.buildout: easy_install.py, `normalize_versions`.
    pub fn pins_by_canonical_name(self) -> bool {
        self >= Self::new(4, 1, 8)
    }

    /// Whether a distribution is that of a requirement that spells its name otherwise: `zope_event` and `zope.event`.
    // zc.buildout: easy_install.py, `EnvironmentMixin`; patches.py.
    pub fn equates_names(self) -> bool {
        self >= Self::new(3, 1, 0)
    }

    /// Whether an unpinned setuptools is kept below 82.
    // zc.buildout: easy_install.py, `Installer._constrain` of 5.2.0 alone.
    pub fn limits_setuptools(self) -> bool {
        self >= Self::new(5, 2, 0) && self < Self::new(6, 0, 0)
    }

    /// Whether what needs `pkg_resources` for a namespace gets setuptools even if it requires setuptools itself.
    // zc.buildout: easy_install.py, `dist_needs_pkg_resources`, `Installer._maybe_add_setuptools`.
    pub fn prefers_setuptools_with_pkg_resources(self) -> bool {
        self >= Self::new(6, 0, 0)
    }

    /// Whether it reads the index itself and tells so, whatever the setuptools beside it.
    // zc.buildout: _package_index.py.
    pub fn has_package_index(self) -> bool {
        self >= Self::new(4, 1, 11)
    }

    /// Whether a name in `scripts` that no entry point has is told.
    // zc.buildout: easy_install.py, `scripts`.
    pub fn tells_missing_scripts(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// Whether scripts import `pkg_resources` where their working set has namespaces of the old style, by the option
    /// `import-pkg-resources`.
    // zc.buildout: easy_install.py, `scripts` of 4.2.0 alone.
    pub fn has_import_pkg_resources(self) -> bool {
        self >= Self::new(4, 2, 0) && self < Self::new(5, 0, 0)
    }

    /// Whether `.pth` files of a location add to `sys.path` of scripts.
    // zc.buildout: utils.py, `get_pth_paths`.
    pub fn follows_pth_files(self) -> bool {
        self >= Self::new(6, 0, 0)
    }

    /// Whether the files that a file extends are laid over each other one by one, all in one row. Before, each was first
    /// merged with what it extends itself; and a `+=` or `-=` without a section below it stayed an option of that name.
    // zc.buildout: buildout.py, `_open`, `_update`.
    pub fn lays_all_files_in_one_row(self) -> bool {
        self >= Self::new(3, 1, 1)
    }

    /// Whether several `+=` (or `-=`) of one option in one file add up, and a `=` below them makes them forgotten. Before,
    /// the last of each kind held.
    // zc.buildout: configparser.py, `parse`.
    pub fn adds_up_within_a_file(self) -> bool {
        self >= Self::new(3, 1, 1)
    }

    /// Whether there are `optional-extends`.
    // zc.buildout: buildout.py, `_open`.
    pub fn has_optional_extends(self) -> bool {
        self >= Self::new(3, 2, 0)
    }

    /// Whether the user's defaults lie under the first file that extends nothing, and `buildout:extends` of the command line
    /// is followed. Before, they were a layer of their own below all files.
    // zc.buildout: buildout.py, `Buildout.__init__`.
    pub fn mixes_user_defaults_in(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// Whether another version makes the same configuration of the same files.
    pub fn reads_files_as(self, other: Self) -> bool {
        let all = |generation: Self| {
            (
                generation.lays_all_files_in_one_row(),
                generation.adds_up_within_a_file(),
                generation.has_optional_extends(),
                generation.mixes_user_defaults_in(),
            )
        };
        all(self) == all(other)
    }

    /// What the script of an interpreter does about `-I`.
    // zc.buildout: easy_install.py, `py_script_template`.
    pub fn interpreter(self) -> InterpreterText {
        if self < Self::new(3, 3, 0) {
            InterpreterText::WithoutIsolation
        } else if self == Self::new(3, 3, 0) || self == Self::new(4, 0, 0) {
            InterpreterText::WithBlanks
        } else {
            InterpreterText::Present
        }
    }

    /// Whether the text about options that nobody reads has two lines.
    // zc.buildout: buildout.py, `_check_for_unused_options_in_section`.
    pub fn explains_unused_options(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// Whether `.git` does not count in the hash of a directory.
    // zc.buildout: buildout.py, `ignore_directories`.
    pub fn ignores_git(self) -> bool {
        self >= Self::new(3, 0, 0)
    }

    /// Whether an error about a version that was picked, where that is not allowed, says what to do.
    // zc.buildout: easy_install.py, `NOT_PICKED_AND_NOT_ALLOWED`.
    pub fn explains_picked_versions(self) -> bool {
        self >= Self::new(3, 0, 0)
    }
}

/// Names of wheels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WheelNames {
    /// As the file is called.
    OfFile,
    /// As the requirement has it that the wheel is installed for.
    OfRequirement,
    /// As the metadata has it.
    OfMetadata,
}

/// The texts of the script of an interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterpreterText {
    /// Knows no `-I`.
    WithoutIsolation,
    /// Knows it, and has blanks at the end of a line.
    WithBlanks,
    Present,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let read = |text: &str| Generation::read(text).map(|read| read.to_string());
        for (text, expected) in [
            ("3.0.1", Some("3.0.1")),
            ("==4.1", Some("4.1.0")),
            ("5.2.0.dev1", Some("5.2.0")),
            ("6.0b2", Some("6.0.0")),
            ("1.7.1", Some("2.13.0")),
            ("", None),
            (">=3", None),
            ("x", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn each_generation_has_its_ways() {
        let of = |text: &str| Generation::read(text).unwrap();
        assert!(!of("2.13.8").builds_with_pip() && of("3.0.0").builds_with_pip());
        assert!(!of("2.13.8").asks_for_python() && of("3.0.0").asks_for_python());
        assert!(!of("4.2.0").has_eggs_directory_version());
        assert!(of("4.2.0").has_import_pkg_resources() && !of("5.0.0").has_import_pkg_resources());
        assert_eq!(of("3.2.0").interpreter(), InterpreterText::WithoutIsolation);
        assert_eq!(of("4.0").interpreter(), InterpreterText::WithBlanks);
        assert_eq!(of("3.4").interpreter(), InterpreterText::Present);
        assert!(Generation::NEWEST.keeps_editable_metadata());
    }
}

//! The options that each entry point of zc.recipe.egg reads, for those who look for slips in their names.

use super::build_options;
use crate::options::OptionNames;

const EGG: &[&str] = &[
    "eggs",
    "scripts",
    "entry-points",
    "initialization",
    "arguments",
    "interpreter",
    "extra-paths",
    "dependent-scripts",
    "find-links",
    "index",
    "python",
    "executable",
    "relative-paths",
    "include-site-packages",
    "exec-sitecustomize",
    "allow-unknown-extras",
    "eggs-directory",
    "develop-eggs-directory",
    "bin-directory",
    "buildout-directory",
    "newest",
    "offline",
    "location",
];

/// What `custom` and `develop` read beside the options of `build_ext`.
const BUILT: &[&str] = &[
    "egg",
    "eggs",
    "setup",
    "environment",
    "find-links",
    "index",
    "newest",
    "offline",
    "python",
    "executable",
    "eggs-directory",
    "develop-eggs-directory",
    "location",
];

/// The options of an entry point.
pub(super) fn option_names(entry: &str) -> OptionNames {
    match entry {
        "custom" | "develop" => Some(&[
            BUILT,
            build_options::PATHS,
            build_options::PLAIN,
            &[build_options::SWIG],
        ]),
        _ => Some(&[EGG]),
    }
}

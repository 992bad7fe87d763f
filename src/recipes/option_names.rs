//! The options that the native recipes read, for those who look for slips in their names.

use super::find;

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

const SUPERVISOR: &[&str] = &[
    "user",
    "password",
    "port",
    "file",
    "chmod",
    "chown",
    "http-socket",
    "serverurl",
    "sections",
    "programs",
    "eventlisteners",
    "groups",
    "include",
    "supervisord-conf",
    "plugins",
    "logfile",
    "pidfile",
    "childlogdir",
    "logfile-maxbytes",
    "logfile-backups",
    "loglevel",
    "umask",
    "nodaemon",
    "nocleanup",
    "supervisord-user",
    "supervisord-directory",
    "supervisord-environment",
    "env-path",
];

/// The options that a recipe, named as in `recipe =`, reads; `None` where it is not native.
pub fn option_names(recipe: &str) -> Option<&'static [&'static str]> {
    let (project, entry) = recipe.split_once(':').unwrap_or((recipe, "default"));
    match find(project, entry)?.project {
        "zc.recipe.egg" => Some(EGG),
        "collective.recipe.supervisor" => Some(SUPERVISOR),
        _ => None,
    }
}

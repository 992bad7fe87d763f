//! Which Python a buildout is for.
//!
//! zc.buildout is itself run by that Python; rbuildout has to find it: what the configuration says, what the caller says,
//! what an existing bin/buildout was run by, the active virtual environment, `python3` in PATH.

use super::Surroundings;
use crate::config::RawConfig;
use crate::error::{Diagnostic, Error, Result};
use crate::pypath;
use crate::python::Facts;
use crate::sys::fs;

/// The interpreter where the configuration names none. `config_file` as typed: bin/ lies beside it.
pub(super) fn find(
    asked: Option<&str>,
    config_file: &str,
    surroundings: &Surroundings,
) -> Result<String> {
    if let Some(asked) = asked {
        return in_path(asked, surroundings).ok_or_else(|| {
            let help = "name a CPython 2.7 or 3.6 to 3.14, as `--python /usr/bin/python3`";
            Error::user(format!("Couldn't find the Python {asked}")).hint(
                "python",
                "`--python` names no program",
                help,
            )
        });
    }
    if let Some(python) = surroundings.variable("RBUILDOUT_PYTHON") {
        return in_path(python, surroundings).ok_or_else(|| {
            let help = "set RBUILDOUT_PYTHON to a CPython 2.7 or 3.6 to 3.14, or unset it";
            Error::user(format!("Couldn't find the Python {python}")).hint(
                "python",
                "RBUILDOUT_PYTHON names no program",
                help,
            )
        });
    }
    let directory = pypath::absolute(pypath::dirname(config_file), &surroundings.cwd);
    let own = format!("{directory}/bin/buildout");
    let mut scripts = std::iter::once(own).chain(surroundings.scripts());
    if let Some(python) = scripts.find_map(|script| of_script(&script)) {
        return Ok(python);
    }
    if let Some(environment) = surroundings.variable("VIRTUAL_ENV") {
        let python = pypath::join(environment, "bin/python");
        if fs::is_file(&python) {
            return Ok(as_its_buildout_names_it(python));
        }
    }
    ["python3", "python"]
        .iter()
        .find_map(|name| in_path(name, surroundings))
        .map(|found| as_its_buildout_names_it(behind_shim(found, surroundings)))
        .ok_or_else(|| {
            let help = "install one, or name it with `--python FILE` or RBUILDOUT_PYTHON";
            Error::user("Couldn't find a Python").hint(
                "python",
                "there is no python3 in PATH",
                help,
            )
        })
}

/// The interpreter that `[buildout] python` names by its section, if it does.
pub(super) fn of_configuration(config: &RawConfig) -> Result<Option<String>> {
    let Some(section) = config.value("buildout", "python") else {
        return Ok(None);
    };
    if section.as_str() == "buildout" || section.is_empty() {
        return Ok(None);
    }
    match config.value(section, "executable") {
        Some(executable) if executable.contains("${") => Ok(None),
        Some(executable) if fs::is_file(executable.as_str()) => Ok(Some(executable.to_string())),
        Some(executable) => {
            let diagnostic = Diagnostic::error("python", "there is no such program").at(executable);
            let help = "correct the path, or take `python =` from [buildout]";
            Err(
                Error::user(format!("Couldn't find the Python {executable}"))
                    .with(diagnostic.help(help)),
            )
        }
        None => Ok(None),
    }
}

/// A version manager puts scripts into PATH that start the real interpreter; that one's name goes into `#!` lines.
fn behind_shim(found: String, surroundings: &Surroundings) -> String {
    if fs::head(&found, 2) != b"#!" {
        return found;
    }
    Facts::load(&found, &surroundings.cache()).map_or(found, |facts| facts.executable)
}

/// An environment has several names for its interpreter, and the one that its `buildout` was started by goes into all
/// scripts. Taking the same one keeps a change of tools from writing them again.
fn as_its_buildout_names_it(python: String) -> String {
    let directory = pypath::dirname(&python);
    of_script(&pypath::join(directory, "buildout"))
        .filter(|named| pypath::dirname(named) == directory)
        .unwrap_or(python)
}

/// The program in the `#!` line of a script, if it is there.
fn of_script(path: &str) -> Option<String> {
    let head = fs::head(path, 512);
    let line = head.split(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.strip_prefix("#!")?.trim();
    (pypath::is_absolute(line) && line.contains("python") && fs::is_file(line))
        .then(|| line.to_owned())
}

fn in_path(name: &str, surroundings: &Surroundings) -> Option<String> {
    if name.contains('/') {
        let path = pypath::absolute(name, &surroundings.cwd);
        return fs::is_executable(&path).then_some(path);
    }
    let path = surroundings.variable("PATH")?;
    let candidates = path.split(':').filter(|directory| !directory.is_empty());
    candidates
        .map(|directory| pypath::join(directory, name))
        .find(|candidate| fs::is_executable(candidate))
}

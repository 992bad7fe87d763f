//! One build: a directory of sources becomes a wheel, by the hooks of its build backend.
//!
//! The hooks are called by `build.py` in a process of the buildout's interpreter, which sees the standard library and the
//! build environment and nothing else. What it prints goes to a log. Which distributions the environment holds is
//! decided in `builder/environments.rs`. pip: `BuildBackendHookCaller`, `pyproject.py`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::dist::kept_builds::Seen;
use crate::dist::name;
use crate::error::{Diagnostic, Error, Result};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::process::Program;

const CALLER: &str = include_str!("build.py");
const WATCH: &str = include_str!("watch.py");

/// What is to come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Wheel,
    /// A wheel that leads into the sources. PEP 660.
    Editable,
    /// `setup.py develop`, for backends that know no editable wheels.
    Develop,
    /// `setup.py bdist_egg`; the egg is wrapped up as a wheel.
    Egg,
}

/// How a project wants to be built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BuildSystem {
    pub(super) requires: Vec<String>,
    pub(super) backend: String,
    backend_path: Vec<String>,
    pub(super) has_pyproject: bool,
}

/// `[build-system]` of pyproject.toml.
#[derive(Debug, Deserialize)]
struct PyProject {
    #[serde(rename = "build-system")]
    build_system: Option<BuildTable>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct BuildTable {
    requires: Option<Vec<String>>,
    build_backend: Option<String>,
    #[serde(default)]
    backend_path: Vec<String>,
}

/// What pip takes where a project names no backend: `setup.py` run as it always was.
const LEGACY: &str = "setuptools.build_meta:__legacy__";

impl BuildSystem {
    /// What pyproject.toml says; without it setuptools and setup.py.
    pub(super) fn of(source: &Path, name: &str) -> Result<Self> {
        let file = source.join("pyproject.toml");
        let Some(bytes) = fs::read_if_there(&file)? else {
            if !fs::is_file(source.join("setup.py")) {
                return Err(nothing_to_build(name));
            }
            return Ok(Self::legacy());
        };
        let text = String::from_utf8_lossy(&bytes);
        let read: PyProject = toml::from_str(&text).map_err(|error| {
            let place = file.display();
            Error::user(format!("Couldn't read {place}: {}", error.message().trim())).hint(
                "pyproject",
                format!("{place} is no TOML that a build system could be read from"),
                "its authors must mend it; another version may do meanwhile",
            )
        })?;
        Ok(match read.build_system {
            None => Self {
                has_pyproject: true,
                ..Self::legacy()
            },
            Some(table) => Self {
                has_pyproject: true,
                backend: table.build_backend.unwrap_or_else(|| LEGACY.to_owned()),
                requires: table.requires.unwrap_or_else(|| Self::legacy().requires),
                backend_path: table.backend_path,
            },
        })
    }

    /// setuptools and setup.py.
    pub(super) fn legacy() -> Self {
        Self {
            requires: vec!["setuptools>=40.8.0".to_owned()],
            backend: LEGACY.to_owned(),
            backend_path: Vec::new(),
            has_pyproject: false,
        }
    }

    pub(super) fn is_setuptools(&self) -> bool {
        self.backend.starts_with("setuptools.") && self.backend_path.is_empty()
    }
}

// zc.buildout ends with pip's complaint here.
fn nothing_to_build(name: &str) -> Box<Error> {
    Error::user(format!("Couldn't build {name}: it is no Python project.")).hint(
        "build",
        "neither pyproject.toml nor setup.py is there",
        "is it the right directory or file?",
    )
}

/// The distributions that a backend runs with.
#[derive(Clone, Debug, Default)]
pub(super) struct BuildEnvironment {
    /// Directories for `sys.path`.
    pub(super) path: Vec<String>,
    /// Projects and requirements that are fulfilled, in lower case.
    pub(super) have: Vec<String>,
    /// Programs, for `PATH`: name and text or file.
    pub(super) programs: Vec<(String, Contents)>,
}

/// What a program of a build environment consists of.
#[derive(Clone, Debug)]
pub(super) enum Contents {
    Text(String),
    File(PathBuf),
}

/// What a part of the buildout wants for a build of its own.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Options of the command `build_ext`, as setup.cfg could have them.
    pub build_ext: Vec<(String, String)>,
    /// Environment variables; `%(NAME)s` in them is what a variable was before.
    pub variables: Vec<(String, String)>,
}

/// One call.
#[derive(Debug)]
pub(super) struct Build<'a> {
    /// Shown in messages: `superlance 2.0.0`, or a directory.
    pub(super) name: &'a str,
    pub(super) source: &'a Path,
    pub(super) system: &'a BuildSystem,
    pub(super) hook: Hook,
    pub(super) options: &'a BuildOptions,
    pub(super) facts: &'a Facts,
    /// A directory of this build alone.
    pub(super) place: &'a Path,
    /// Where the log is kept afterwards.
    pub(super) kept_log: &'a Path,
    /// The user's PATH.
    pub(super) search_path: &'a str,
    /// Whether to note what the build looks at.
    pub(super) watch: bool,
}

#[derive(Debug, Serialize)]
struct Request<'a> {
    source: String,
    path: &'a [String],
    backend: &'a str,
    backend_path: &'a [String],
    hook: &'a str,
    out: String,
    have: &'a [String],
    ask: bool,
    build_ext: &'a [(String, String)],
    variables: &'a [(String, String)],
    watch: bool,
    search_path: &'a str,
}

/// How a call ended.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    /// A wheel of this name is in [`Build::out`]; none after [`Hook::Develop`].
    Made(Option<String>),
    /// These have to be in the environment first.
    Needs(Vec<String>),
    /// The backend can't be imported, or has no such hook.
    Lacks(String),
}

impl Build<'_> {
    /// Calls the backend. `ask`: whether it is asked first what else it needs.
    pub(super) fn call(&self, environment: &BuildEnvironment, ask: bool) -> Result<Answer> {
        let caller = self.place.join("build.py");
        let watch = self.place.join("watch.py");
        let (request, answer) = (
            self.place.join("request.json"),
            self.place.join("answer.json"),
        );
        for file in [&caller, &watch, &request, &answer, &self.seen_file()] {
            fs::remove_file_if_there(file)?;
        }
        if self.watch {
            fs::create(&watch, WATCH.as_bytes(), 0o666)?;
        }
        let out = self.place.join("out");
        fs::make_directory(&out)?;
        fs::create(&caller, CALLER.as_bytes(), 0o666)?;
        let asked = Request {
            source: fs::real_path(self.source).display().to_string(),
            path: &environment.path,
            backend: &self.system.backend,
            backend_path: &self.system.backend_path,
            hook: match self.hook {
                Hook::Wheel => "wheel",
                Hook::Editable => "editable",
                Hook::Develop => "develop",
                Hook::Egg => "egg",
            },
            out: out.display().to_string(),
            have: &environment.have,
            ask,
            build_ext: &self.options.build_ext,
            variables: &self.options.variables,
            watch: self.watch,
            search_path: self.search_path,
        };
        let text = serde_json::to_vec(&asked)
            .map_err(|error| Error::user(format!("Couldn't ask for a build: {error}.")))?;
        fs::create(&request, &text, 0o666)?;
        let mut program = Program::new(&self.facts.executable)
            .argument("-s")
            .argument(caller.display().to_string())
            .argument(request.display().to_string())
            .argument(answer.display().to_string())
            // For the processes that backends start.
            .set("PYTHONPATH", &environment.path.join(":"))
            .set("PYTHONNOUSERSITE", "1")
            .set("PYTHONDONTWRITEBYTECODE", "1")
            .set("PIP_NO_INPUT", "1")
            .unset("PYTHONHOME")
            .unset("PYTHONSTARTUP")
            .unset("PYTHONOPTIMIZE");
        if let Some(programs) = self.programs(environment)? {
            program = program.set("PATH", &format!("{programs}:{}", self.search_path));
        }
        program.directory = Some(self.source.display().to_string());
        let log = self.place.join("log");
        let status = program.run_into(&log);
        if let Some(parent) = self.kept_log.parent() {
            fs::make_directory(parent)?;
        }
        fs::rename(&log, self.kept_log)?;
        let status = status?;
        let told = fs::read_if_there(&answer)?
            .filter(|_| status == Some(0))
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        told.ok_or_else(|| self.failed(status))
    }

    fn seen_file(&self) -> PathBuf {
        self.place.join("answer.json.seen")
    }

    /// What the build has looked at, if it was watched to its end.
    pub(super) fn seen(&self) -> Option<Seen> {
        let bytes = fs::read_if_there(self.seen_file()).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    /// The directory with the programs of the environment, if it has any.
    fn programs(&self, environment: &BuildEnvironment) -> Result<Option<String>> {
        if environment.programs.is_empty() {
            return Ok(None);
        }
        let directory = self.place.join("bin");
        fs::make_directory(&directory)?;
        for (name, contents) in &environment.programs {
            let place = directory.join(name);
            if fs::is_there(&place) {
                continue;
            }
            let bytes = match contents {
                Contents::Text(text) => text.clone().into_bytes(),
                Contents::File(file) => fs::read(file)?,
            };
            // Wheels name no interpreter.
            let marked = bytes
                .strip_prefix(b"#!python")
                .map(|rest| [b"#!", self.facts.executable.as_bytes(), rest].concat());
            fs::create(&place, &marked.unwrap_or(bytes), 0o777)?;
        }
        Ok(Some(directory.display().to_string()))
    }

    /// An error that shows how the log ends.
    fn failed(&self, status: Option<i32>) -> Box<Error> {
        let how = match status {
            Some(0) => "ended without a result".to_owned(),
            Some(code) => format!("ended with status {code}"),
            None => "was ended by a signal".to_owned(),
        };
        let backend = self.system.backend.split(':').next().unwrap_or_default();
        let said = fs::read_lossy(self.kept_log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(LINES_SHOWN)..)
            .unwrap_or(&[]);
        let mut diagnostic = Diagnostic::error(
            "build",
            format!(
                "{backend} with Python {} {how}; the end of its log:",
                self.facts.python_version
            ),
        );
        for line in tail {
            diagnostic = diagnostic.help(format!("| {line}"));
        }
        diagnostic = diagnostic.help(format!("all of it is in {}", self.kept_log.display()));
        if said.contains("Python.h") {
            diagnostic = diagnostic
                .help("the headers of Python are missing: install its development package");
        } else if said.contains("gcc: command not found")
            || said.contains("unable to execute 'gcc'")
            || said.contains("command 'gcc' failed: No such file")
        {
            diagnostic = diagnostic.help("a C compiler is missing: install one");
        }
        Error::user(format!("Couldn't build {}.", self.name)).with(diagnostic)
    }
}

const LINES_SHOWN: usize = 15;

/// How `build.py` may be asked for a project that is there.
pub(super) fn spellings(project: &str) -> [String; 2] {
    [project.to_lowercase(), name::canonical(project)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: Option<&str>, setup: bool) -> Result<BuildSystem> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = text {
            std::fs::write(folder.path().join("pyproject.toml"), text).unwrap();
        }
        if setup {
            std::fs::write(folder.path().join("setup.py"), "").unwrap();
        }
        BuildSystem::of(folder.path(), "a 1")
    }

    #[test]
    fn build_systems() {
        assert_eq!(read(None, true).unwrap(), BuildSystem::legacy());
        assert_eq!(
            read(Some("[project]\nname='a'"), false).unwrap(),
            BuildSystem {
                has_pyproject: true,
                ..BuildSystem::legacy()
            }
        );
        let own = "[build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n";
        let own = read(Some(own), false).unwrap();
        assert_eq!(own.requires, ["hatchling"]);
        assert_eq!(own.backend, "hatchling.build");
        assert!(!own.is_setuptools());
        let in_tree = "[build-system]\nrequires=[]\nbuild-backend='b'\nbackend-path=['x']\n";
        assert_eq!(read(Some(in_tree), false).unwrap().backend_path, ["x"]);
        let old = read(
            Some("[build-system]\nrequires=['setuptools','wheel']"),
            true,
        )
        .unwrap();
        assert_eq!(old.backend, LEGACY);
        assert_eq!(old.requires.len(), 2);
        let error = read(None, false).unwrap_err();
        assert!(error.message.ends_with("it is no Python project."));
        let error = read(Some("[build-system"), true).unwrap_err();
        assert!(
            error.message.starts_with("Couldn't read "),
            "{}",
            error.message
        );
    }
}

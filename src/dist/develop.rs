//! A project in its own directory, made importable from there: what goes into the develop-eggs directory.
//!
//! The build backend makes an editable wheel (PEP 660); of it zc.buildout keeps the `.dist-info`, the `.pth` files and
//! setuptools' finders, and adds an `.egg-link`. Before version 6 it kept nothing but that, and where `setup.py develop` is
//! called, there is only the one that setuptools writes. Nothing is put in place here. zc.buildout: easy_install.py, `develop`,
//! `_create_egg_link`, `_copyeggs`, `_copy_metadata`.

use std::path::{Path, PathBuf};

use super::build::BuildOptions;
use super::builder::{Builder, Built, Job, Sources};
use super::egg::compiled_name;
use super::entry_points;
use super::pip_script;
use super::record::{self, Row};
use super::tooling::Tooling;
use super::wheel::{self, Vouches};
use crate::error::{Error, Result};
use crate::log::Entry;
use crate::pypath;
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::spool::Spool;
use crate::sys::url;

/// One project under development.
#[derive(Debug)]
pub struct Developed {
    /// As its metadata names it.
    pub project: String,
    pub directory: String,
    /// Paths in the develop-eggs directory, and what is in them.
    pub files: Vec<(String, Vec<u8>)>,
    /// Old-style namespace packages that it declares, one a line.
    pub namespaces: Option<String>,
    /// Scripts that are files of the project: names and texts.
    pub scripts: Vec<(String, String)>,
}

impl Developed {
    /// The names in the develop-eggs directory itself.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .map(|(path, _)| path.split('/').next().unwrap_or(path))
    }

    /// What zc.buildout says of a project with namespaces of the old style.
    pub fn namespace_warning(&self) -> Option<String> {
        self.namespaces.as_ref()?;
        Some(format!(
            "WARNING: Package {} at file://{} is using old style namespace packages. You should switch to native \
             namespaces (PEP 420).",
            self.project,
            url::quote_path(&self.directory)
        ))
    }

    /// What zc.buildout says at the end of a run about namespaces; empty where there are none.
    // zc.buildout: buildout.py, `_print_namespace_packages`.
    pub fn report(all: &[Self]) -> Option<Entry> {
        let mut old: Vec<(&str, &str)> = all
            .iter()
            .filter_map(|one| Some((one.project.as_str(), one.namespaces.as_deref()?)))
            .collect();
        if old.is_empty() {
            return None;
        }
        old.sort_unstable();
        old.dedup_by_key(|(project, _)| *project);
        let mut text = String::from(
            "\n** WARNING **\n\
             Some development packages are using old style namespace packages.\n\
             You should switch to native namespaces (PEP 420).\n\
             If you get a ModuleNotFound or an ImportError when importing a package\n\
             from one of these namespaces, you can try this as a temporary workaround:\n\n    \
             pip install horse-with-no-namespace\n\n\
             Note: installing horse-with-no-namespace with buildout will not work.\n\
             You must install it into the virtualenv with pip (or uv) before running the buildout.\n\n\
             The following list shows the affected packages and their namespaces:\n\n",
        );
        for (at, (project, namespaces)) in old.iter().enumerate() {
            let namespaces: Vec<&str> = namespaces.lines().collect();
            let end = if at + 1 < old.len() { "\n" } else { "" };
            text.push_str(&format!("* {project}: {}{end}", namespaces.join(", ")));
        }
        Some(Entry::Line(text))
    }
}

/// The directory that a path stands for: itself, or that of the file that it is.
pub fn directory_of(path: &str) -> String {
    let directory = if fs::is_dir(path) {
        path
    } else {
        pypath::dirname(path)
    };
    fs::real_path(directory).to_string_lossy().into_owned()
}

/// Builds these directories for editing; the answers are in their order.
pub(super) fn develop(
    builder: &mut Builder,
    directories: &[String],
    options: &BuildOptions,
    facts: &Facts,
) -> Vec<(Result<Developed>, Option<Built>)> {
    let jobs: Vec<Job> = directories
        .iter()
        .map(|directory| Job {
            name: directory.clone(),
            log_name: format!("develop-{}", pypath::basename(directory)),
            sources: Sources::Directory(PathBuf::from(directory)),
            options: options.clone(),
        })
        .collect();
    let built = builder.build(&jobs);
    let tooling = builder.tooling();
    directories
        .iter()
        .zip(built)
        .map(|(directory, built)| match built {
            Ok(built) => (taken_over(&built, directory, facts, tooling), Some(built)),
            Err(error) => (Err(error), None),
        })
        .collect()
}

fn taken_over(
    built: &Built,
    directory: &str,
    facts: &Facts,
    tooling: &Tooling,
) -> Result<Developed> {
    let mut made = match &built.wheel {
        Some(file) => of_wheel(built, file, directory, facts, tooling)?,
        None => of_link(built, directory)?,
    };
    if !tooling.generation.keeps_editable_metadata() {
        made.files.retain(|(path, _)| path.ends_with(".egg-link"));
    }
    made.namespaces
        .take_if(|_| !tooling.generation.tells_old_namespaces());
    if tooling.generation.develops_with_pip() {
        made.scripts.clear();
    }
    Ok(made)
}

/// From what `setup.py develop` has left.
fn of_link(built: &Built, directory: &str) -> Result<Developed> {
    let names = fs::list(&built.out)?;
    let mut links = names.iter().filter(|name| name.ends_with(".egg-link"));
    let (Some(link), None) = (links.next(), links.next()) else {
        return Err(Error::user(format!("Couldn't develop {directory}.")).hint(
            "develop",
            "setup.py develop has left no .egg-link",
            "is there a call of setup() in its setup.py?",
        ));
    };
    let project = link.trim_end_matches(".egg-link").to_owned();
    let is_old = names.iter().any(|name| name.ends_with("-nspkg.pth"));
    Ok(Developed {
        namespaces: is_old.then(|| guessed_namespaces(&project)),
        directory: directory.to_owned(),
        scripts: scripts_beside(&built.out, &names),
        files: vec![(link.clone(), fs::read(built.out.join(link))?)],
        project,
    })
}

/// What `setup.py develop` leaves of scripts that are files of the project: a script that says which file it stands for.
/// What can't be read is none.
// zc.buildout: easy_install.py, `_detect_distutils_scripts`.
fn scripts_beside(out: &Path, names: &[String]) -> Vec<(String, String)> {
    let script = |name: &String| {
        let stub = fs::read_text(out.join(name)).ok()?;
        if name.ends_with(".exe") || !stub.contains("EASY-INSTALL-DEV-SCRIPT") {
            return None;
        }
        let file = stub.lines().find_map(|line| {
            let value = line.trim_start().strip_prefix("__file__ = ")?;
            let value = value.trim_end();
            value.strip_prefix('\'')?.strip_suffix('\'')
        })?;
        Some((name.clone(), fs::read_text(file).ok()?))
    };
    names.iter().filter_map(script).collect()
}

/// The namespaces that the name of a project speaks of, two at most.
// zc.buildout: easy_install.py, `call_pip_install`.
fn guessed_namespaces(project: &str) -> String {
    let mut pieces: Vec<&str> = project.split('.').collect();
    pieces.pop();
    match pieces.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two, ..] => format!("{one}\n{one}.{two}"),
    }
}

fn of_wheel(
    built: &Built,
    file: &Path,
    directory: &str,
    facts: &Facts,
    tooling: &Tooling,
) -> Result<Developed> {
    let broken = |reason: &str| {
        Error::user(format!("Couldn't develop {directory}: {reason}.")).hint(
            "develop",
            "its build backend has made a wheel that is none",
            "try another version of the backend",
        )
    };
    let tree = built.out.join("tree");
    let bytes = Spool::of_bytes(fs::read(file)?);
    wheel::unpack(&bytes, &tree, Vouches::Whole).map_err(|reason| broken(&reason))?;
    let top = fs::list(&tree)?;
    let info = top.iter().find(|name| name.ends_with(".dist-info"));
    let info = info.ok_or_else(|| broken("it has no .dist-info"))?;
    let read = |name: &str| fs::read_lossy(tree.join(info).join(name)).unwrap_or_default();
    let metadata = read("METADATA");
    let project = metadata
        .lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix("Name:"))
        .map(str::trim)
        .ok_or_else(|| broken("its METADATA has no name"))?
        .to_owned();

    let mut files = Vec::new();
    for name in &top {
        if name == info || is_taken(name) {
            collect(&tree, name, &mut files)?;
        }
    }
    let ours = ["RECORD", "INSTALLER", "REQUESTED", "direct_url.json"];
    files.retain(|(path, _)| !ours.iter().any(|name| *path == format!("{info}/{name}")));
    let mut rows: Vec<Row> = record::read(&read("RECORD"))
        .into_iter()
        .filter(|row| !row.path.contains(".data/") && fs::is_file(tree.join(&row.path)))
        .collect();
    let sources = top.iter().filter(|name| name.ends_with(".py"));
    rows.extend(sources.map(|name| Row::bare(compiled_name(name, facts))));
    let points = entry_points::parse(&read("entry_points.txt")).unwrap_or_default();
    rows.extend(pip_script::rows(&points, facts, tooling.pip()));
    let address = format!("file://{}", url::quote_path(directory));
    let direct = format!(
        "{{\"dir_info\": {{\"editable\": true}}, \"url\": {}}}",
        serde_json::Value::from(address)
    );
    for (name, text) in [
        ("INSTALLER", "pip\n"),
        ("REQUESTED", ""),
        ("direct_url.json", direct.as_str()),
    ] {
        let path = format!("{info}/{name}");
        rows.retain(|row| row.path != path);
        rows.push(Row::of(path.clone(), text.as_bytes()));
        files.push((path, text.as_bytes().to_vec()));
    }
    files.push((format!("{info}/RECORD"), record::write(rows).into_bytes()));

    let is_in_src = fs::list(directory)?.iter().any(|name| name == "src");
    let link = if is_in_src {
        format!("{}\n..", pypath::join(directory, "src"))
    } else {
        format!("{directory}\n.")
    };
    files.push((format!("{project}.egg-link"), link.into_bytes()));
    let namespaces = fs::read_text(tree.join(info).join("namespace_packages.txt")).ok();
    Ok(Developed {
        scripts: Vec::new(),
        project,
        directory: directory.to_owned(),
        files,
        namespaces,
    })
}

/// What zc.buildout takes over beside the `.dist-info`.
fn is_taken(name: &str) -> bool {
    name.ends_with(".dist-info")
        || name.ends_with(".egg-info")
        || name.ends_with(".pth")
        || (name.starts_with("__editable__") && name.ends_with(".py"))
}

fn collect(root: &Path, path: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let place = root.join(path);
    if !fs::is_dir(&place) {
        files.push((path.to_owned(), fs::read(&place)?));
        return Ok(());
    }
    for name in fs::list(&place)? {
        collect(root, &format!("{path}/{name}"), files)?;
    }
    Ok(())
}

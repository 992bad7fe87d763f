//! What zc.buildout itself consists of here: that of the interpreter or of bin/buildout, else eggs.
//!
//! zc.buildout: easy_install.py, `buildout_and_setuptools_dists`; buildout.py, `Buildout._maybe_upgrade`.

use super::host::RecipeHost;
use super::settings::download_cache;
use super::tools::{egg_settings, is_built_in, versions};
use super::{Surroundings, own_path};
use crate::dist::distribution::Distribution;
use crate::dist::metadata::Metadata;
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::seen::Seen;
use crate::dist::version::Version;
use crate::dist::working_set::WorkingSet;
use crate::error::Result;
use crate::options::Buildout;
use crate::pypath;
use crate::python::Facts;
use crate::sys::fs;

/// What zc.buildout keeps new for itself.
pub const OWN_PROJECTS: [&str; 4] = ["zc.buildout", "wheel", "pip", "setuptools"];

/// Below the place of setuptools.
const VENDORED: &str = "setuptools/_vendor";
/// The first setuptools that puts these packages on `sys.path`.
const SHARES_ITS_OWN: &str = "71";

/// What is active where zc.buildout runs: what the interpreter holds, behind the lines of bin/buildout.
pub(super) fn running(
    bin_directory: &str,
    around: &Surroundings,
    executable: &str,
    facts: &Facts,
    seen: &Seen,
) -> Result<WorkingSet> {
    let mut path = own_path::read(bin_directory, around, executable);
    // A script that runs the interpreter's own zc.buildout, as a part with the scripts of all dependencies writes it, has
    // other eggs beside it that have nothing to do with it.
    if !path.is_empty() {
        let place = |path: &[String]| -> Result<Option<String>> {
            let found = WorkingSet::of_path(path, seen)?;
            Ok(found.find("zc.buildout").map(|d| d.location.clone()))
        };
        let in_interpreter = place(&facts.sys_path)?;
        if in_interpreter.is_some() {
            let in_script = place(&path)?;
            if in_script.is_none() || in_script == in_interpreter {
                path.clear();
            }
        }
    }
    path.extend(facts.sys_path.iter().cloned());
    let mut running = WorkingSet::of_path(&path, seen)?;
    if let Some(entry) = vendored(&running, &path) {
        running.add_entry(&entry)?;
    }
    Ok(running)
}

/// Where setuptools has the packages that it brings for itself, if it puts them on `sys.path`: they are active behind all
/// others. zc.buildout imports setuptools, and is started for nothing else.
// setuptools: `setuptools/__init__.py`, `pkg_resources/__init__.py`
fn vendored(running: &WorkingSet, path: &[String]) -> Option<String> {
    running.find("zc.buildout")?;
    let setuptools = running.find("setuptools")?;
    if setuptools.version < Version::new(SHARES_ITS_OWN) {
        return None;
    }
    let imported = |entry: &&String| fs::is_file(pypath::join(entry, "setuptools/__init__.py"));
    let entry = pypath::join(path.iter().find(imported)?, VENDORED);
    (fs::exists(&entry) && !path.contains(&entry)).then_some(entry)
}

/// Whether a location is that of [`vendored`] packages.
pub(super) fn is_vendored(location: &str) -> bool {
    location
        .strip_suffix(VENDORED)
        .is_some_and(|place| place.ends_with('/'))
}

impl RecipeHost {
    /// What zc.buildout consists of, itself first: the one at hand, or else one that is put among the eggs.
    // zc.buildout: easy_install.py, `buildout_and_setuptools_dists`
    pub fn own_distributions(&self, buildout: &mut Buildout) -> Result<Vec<Distribution>> {
        self.distributions_for(buildout, "zc.buildout")
    }

    /// Those of [`OWN_PROJECTS`] that are at hand, and what `[versions]` says where it says something else.
    pub fn own_versions(
        &self,
        buildout: &mut Buildout,
    ) -> Result<Vec<(Distribution, Option<String>)>> {
        let versions = versions(buildout)?;
        let tools = self.take_tools(buildout)?;
        let otherwise = |here: &Distribution| {
            let key = name::canonical(&here.project_name);
            let said = versions
                .iter()
                .rfind(|(name, _)| name::canonical(name) == key)?;
            if is_built_in(said.1, &tools.running) {
                return None;
            }
            let said = said.1.trim();
            let is_plain = said.starts_with(|c: char| c.is_ascii_digit());
            let operator = if is_plain { "==" } else { "" };
            let requirement = Requirement::parse(&format!("{}{operator}{said}", here.project_name));
            (!requirement.ok()?.accepts(here)).then(|| said.to_owned())
        };
        let found = OWN_PROJECTS
            .iter()
            .filter_map(|name| tools.running.find(name));
        let own = found.map(|here| (here.clone(), otherwise(here))).collect();
        self.give_back(tools);
        Ok(own)
    }

    /// Reads the local find-links of `[buildout]`. See [`WorkingSets::look_at_links`].
    pub fn look_at_links(&self, buildout: &mut Buildout) -> Result<()> {
        let settings = egg_settings(buildout)?;
        if settings.find_links.is_empty() && download_cache(buildout)?.is_none() {
            return Ok(());
        }
        let mut tools = self.take_tools(buildout)?;
        let looked = tools.working_sets.look_at_links(&settings);
        self.give_back(tools);
        looked
    }

    /// Whether the interpreter or bin/buildout know a zc.buildout.
    pub(super) fn holds_buildout(&self, buildout: &mut Buildout) -> Result<bool> {
        let tools = self.take_tools(buildout)?;
        let holds = tools.holds_buildout;
        self.give_back(tools);
        Ok(holds)
    }

    /// A project of those that the interpreter or bin/buildout know, with all that it needs; else as eggs.
    pub(super) fn distributions_for(
        &self,
        buildout: &mut Buildout,
        project: &str,
    ) -> Result<Vec<Distribution>> {
        let metadata = Metadata::new(self.facts()?);
        let mut settings = egg_settings(buildout)?;
        let mut tools = self.take_tools(buildout)?;
        let found = if tools.running.find(project).is_some() {
            Requirement::parse(project).and_then(|it| tools.running.resolve(&[it], &metadata))
        } else {
            settings.eggs = vec![project.to_owned()];
            let made = tools.working_sets.working_set(&settings);
            made.map(|set| set.iter().cloned().collect())
        };
        self.give_back(tools);
        found
    }
}

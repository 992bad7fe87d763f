//! Warnings of Python that zc.buildout's users see, and whether PYTHONWARNINGS wants them. Python: `warnings`, `-W`.

use super::Surroundings;
use crate::config::defaults::IMITATED_VERSION;
use crate::dist::distribution::Distribution;
use crate::dist::working_set::WorkingSet;
use crate::pypath;
use crate::sys::fs;

/// What is said of recipes that bring a part of `zc`, which zc.buildout itself has imported. No egg is spoken of that
/// declares `zc` as a namespace, or that comes after one that does: its activation makes `zc` known as a namespace.
/// `known`: locations that were active before; `before`: names in the eggs directory before anything was installed.
// pkg_resources: Distribution.check_version_conflict, Distribution.activate; zc.buildout: easy_install.py,
// Installer._get_dist
pub(super) fn already_imported(
    running: &WorkingSet,
    known: &[String],
    before: &[String],
) -> Vec<String> {
    let site = running
        .find("zc.buildout")
        .filter(|d| d.version.text() == IMITATED_VERSION)
        .map(|d| &d.location);
    let Some(site) = site else { return Vec::new() };
    let (old, new): (Vec<&Distribution>, Vec<&Distribution>) =
        running.iter().partition(|d| known.contains(&d.location));
    let says = |distribution: &Distribution, file: &str| {
        let lines = distribution
            .metadata
            .as_ref()
            .and_then(|directory| fs::read_lossy(directory.join(file)).ok());
        lines.is_some_and(|lines| lines.lines().any(|line| line.trim() == "zc"))
    };
    let mut texts = Vec::new();
    for distribution in new {
        if says(distribution, "namespace_packages.txt") {
            return texts;
        }
        if !says(distribution, "top_level.txt") {
            continue;
        }
        if old.iter().any(|d| says(d, "namespace_packages.txt")) {
            return texts;
        }
        let location = &distribution.location;
        let was_there = before.iter().any(|name| name == pypath::basename(location));
        let (line, statement) = if was_there {
            (759, "ws.add(dist)")
        } else {
            (745, "ws.add(_d, replace=True)")
        };
        texts.push(format!(
            "{site}/zc/buildout/easy_install.py:{line}: UserWarning: Module zc was already imported from None, but {location} is being added to sys.path\n  {statement}\n"
        ));
    }
    texts
}

impl Surroundings {
    /// Whether a `UserWarning` is ignored.
    pub(super) fn ignores_warnings(&self) -> bool {
        let wanted = self.variable("PYTHONWARNINGS").unwrap_or_default();
        // The last one that fits counts. Of those for one message or module none is about ours.
        let last = wanted.split(',').rev().find_map(|filter| {
            let mut fields = filter.split(':').map(str::trim);
            let action = fields.next().filter(|action| !action.is_empty())?;
            let message = fields.next().unwrap_or_default();
            let category = fields.next().unwrap_or_default();
            let rest = fields.next().unwrap_or_default();
            let fits = message.is_empty()
                && rest.is_empty()
                && matches!(category, "" | "UserWarning" | "Warning");
            fits.then_some(action)
        });
        last.is_some_and(|action| "ignore".starts_with(action))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dist::seen::Seen;

    fn egg(root: &Path, name: &str, version: &str, tops: &str, namespaces: &str) -> String {
        let base = format!("{name}-{version}-py3.11-linux-x86_64");
        let egg = root.join(format!("{base}.egg"));
        let info = egg.join(format!("{base}.dist-info"));
        std::fs::create_dir_all(&info).unwrap();
        std::fs::write(info.join("METADATA"), format!("Version: {version}\n")).unwrap();
        std::fs::write(info.join("top_level.txt"), tops).unwrap();
        if !namespaces.is_empty() {
            std::fs::write(info.join("namespace_packages.txt"), namespaces).unwrap();
        }
        egg.display().to_string()
    }

    #[test]
    fn eggs_beside_zc_buildout_are_told_unless_they_declare_the_namespace() {
        let there = tempfile::tempdir().unwrap();
        let root = there.path();
        let own = egg(root, "zc.buildout", IMITATED_VERSION, "zc\n", "");
        let plain = egg(root, "zc.recipe.egg", "6.0.0", "zc\n", "");
        let other = egg(root, "plone.recipe", "1.0", "plone\n", "");
        let declared = egg(
            root,
            "zc.recipe.testrunner",
            "3.0",
            "zc\n",
            "zc\nzc.recipe\n",
        );
        let last = egg(root, "zc.last", "1.0", "zc\n", "");
        let told = |active: &[&String], new: &[&String], before: &[&str]| {
            let all = [active, new].concat();
            let entries: Vec<String> = all.into_iter().cloned().collect();
            let known: Vec<String> = active.iter().map(|e| (*e).clone()).collect();
            let before: Vec<String> = before.iter().map(|e| (*e).to_owned()).collect();
            let running = WorkingSet::of_path(&entries, &Seen::default()).unwrap();
            already_imported(&running, &known, &before)
        };
        let line = |location: &str, line: u32, statement: &str| {
            format!(
                "{own}/zc/buildout/easy_install.py:{line}: UserWarning: Module zc was already imported from None, but \
                 {location} is being added to sys.path\n  {statement}\n"
            )
        };
        let fresh = "ws.add(_d, replace=True)";
        assert_eq!(
            told(&[&own], &[&plain, &other], &[]),
            [line(&plain, 745, fresh)]
        );
        let name = pypath::basename(&plain);
        assert_eq!(
            told(&[&own], &[&plain], &[name]),
            [line(&plain, 759, "ws.add(dist)")]
        );
        assert_eq!(
            told(&[&own], &[&plain, &declared, &last], &[]),
            [line(&plain, 745, fresh)]
        );
        assert!(told(&[&own, &declared], &[&plain], &[]).is_empty());
        // Who runs without zc.buildout in the interpreter gets no warning of it.
        assert!(told(&[], &[&plain], &[]).is_empty());
    }

    #[test]
    fn the_last_filter_that_fits_counts() {
        for (value, ignored) in [
            ("ignore", true),
            ("i", true),
            ("ignore::DeprecationWarning", false),
            ("ignore::UserWarning", true),
            ("ignore,default", false),
            ("error,ignore", true),
            ("ignore:some words", false),
            ("ignore:::setuptools", false),
            ("", false),
        ] {
            let surroundings = Surroundings {
                program: String::new(),
                cwd: String::new(),
                variables: [("PYTHONWARNINGS".to_owned(), value.to_owned())].into(),
            };
            assert_eq!(surroundings.ignores_warnings(), ignored, "{value}");
        }
    }
}

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
    use super::Surroundings;

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

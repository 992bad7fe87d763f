//! [`PickedVersions`]: versions that nobody pinned, and who asked for them; the report at the end of a run.
//!
//! Filled by the installer over a whole run; not the pins themselves. zc.buildout: buildout.py, `_print_picked_versions`,
//! `_format_picked_versions`; easy_install.py, `Installer._picked_versions`, `_required_by`.

use std::collections::{BTreeMap, BTreeSet};

/// What was picked in this run.
#[derive(Clone, Debug, Default)]
pub struct PickedVersions {
    versions: BTreeMap<String, String>,
    /// By the text of the requirement: what required it.
    required_by: BTreeMap<String, BTreeSet<String>>,
}

impl PickedVersions {
    pub fn pick(&mut self, project: &str, version: &str) {
        self.versions.insert(project.to_owned(), version.to_owned());
    }

    /// Notes that `requirer` (`superlance==2.0.0`) asks for `requirement`.
    pub fn require(&mut self, requirement: &str, requirer: &str) {
        self.required_by
            .entry(requirement.to_owned())
            .or_default()
            .insert(requirer.to_owned());
    }

    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// What was picked, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.versions
            .iter()
            .map(|(name, version)| (name.as_str(), version.as_str()))
    }

    /// Who required what, by the text of the requirement.
    pub fn requirers(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.required_by
    }

    /// The lines of a `[versions]` section.
    // zc.buildout: buildout.py, `_format_picked_versions`.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec!["[versions]".to_owned()];
        let mut required = Vec::new();
        for (name, version) in &self.versions {
            let line = format!("{name} = {version}");
            // A requirement's text is a name only where it asks for any version.
            match self.required_by.get(name) {
                None => lines.push(line),
                Some(requirers) => {
                    required.push(String::new());
                    required.push("# Required by:".to_owned());
                    required.extend(requirers.iter().map(|requirer| format!("# {requirer}")));
                    required.push(line);
                }
            }
        }
        lines.extend(required);
        lines
    }

    /// What `show-picked-versions` prints; none where nothing was picked.
    pub fn report(&self) -> Option<String> {
        (!self.is_empty()).then(|| {
            format!(
                "Versions had to be automatically picked.\n\
                 The following part definition lists the versions picked:\n{}",
                self.lines().join("\n")
            )
        })
    }

    /// What to append to the `update-versions-file`; none where nothing was picked. A file that is there already gets no
    /// second heading but the time, written as Python's `str(datetime.now())`.
    pub fn addition(&self, is_there: bool, now: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let mut lines = self.lines();
        if is_there {
            let heading = [String::new(), format!("# Added by buildout at {now}")];
            lines.splice(..1, heading);
        }
        lines.push(String::new());
        Some(lines.join("\n"))
    }

    /// What is said once the file is written.
    pub fn written(file: &str) -> String {
        format!("Picked versions have been written to {file}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report() {
        let mut picked = PickedVersions::default();
        assert_eq!(picked.report(), None);
        assert_eq!(picked.addition(true, "now"), None);
        picked.pick("superlance", "2.0.0");
        picked.pick("supervisor", "4.3.0");
        picked.require("supervisor", "superlance==2.0.0");
        picked.require("meld3>=1", "supervisor==4.3.0");
        assert_eq!(
            picked.report().unwrap(),
            "Versions had to be automatically picked.\nThe following part definition lists the versions picked:\n\
             [versions]\nsuperlance = 2.0.0\n\n# Required by:\n# superlance==2.0.0\nsupervisor = 4.3.0"
        );
        assert_eq!(
            picked.addition(true, "2026-01-02 03:04:05.000006").unwrap(),
            "\n# Added by buildout at 2026-01-02 03:04:05.000006\nsuperlance = 2.0.0\n\n# Required by:\n\
             # superlance==2.0.0\nsupervisor = 4.3.0\n"
        );
    }
}

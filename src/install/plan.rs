//! [`Plan`]: which parts go, which come, which are only updated, and why. A value; nothing is touched.
//!
//! zc.buildout decides while it removes: a file that two parts share is gone when the second is looked at, so that part is
//! installed anew as well. The plan follows that by asking for files as they will be then.
//! zc.buildout: buildout.py, `Buildout.install`.

use indexmap::IndexSet;

use super::installed::{Installed, PartOptions, SIGNATURE};
use crate::error::Result;
use crate::pypath;
use crate::pystr::repr;
use crate::wording::without_credentials;

/// What happens to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Install,
    Update,
}

/// Why a part is uninstalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody wants it any more.
    Unwanted,
    /// Its options are others than those it was installed with: `option port changed`.
    Changed(Vec<String>),
    /// One of its files is gone.
    Missing(String),
}

/// A part that is taken away, with its files.
#[derive(Clone, Debug)]
pub struct Removal {
    pub part: String,
    pub files: Vec<String>,
    pub reason: Reason,
}

#[derive(Debug)]
pub struct Plan {
    /// In the order in which they go.
    pub removals: Vec<Removal>,
    /// Parts that stay installed, in order.
    pub staying: Vec<String>,
    /// What is wanted, in order.
    pub steps: Vec<(String, Action)>,
}

/// What a plan is made from.
pub struct Situation<'a> {
    pub installed: &'a Installed,
    /// Parts to be installed, in the order in which they are.
    pub wanted: &'a [String],
    /// All parts are meant, so that others go.
    pub all_parts: bool,
    /// The directory of the buildout, for relative paths of files.
    pub directory: &'a str,
    /// Whether something of this path is there.
    pub exists: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Situation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Situation")
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

/// Makes the plan. `options` gives the options of a wanted part with its signature.
pub fn plan(
    situation: &Situation<'_>,
    options: &mut dyn FnMut(&str) -> Result<PartOptions>,
) -> Result<Plan> {
    let Situation {
        installed,
        wanted,
        directory,
        ..
    } = situation;
    let mut staying = installed.parts();
    let mut removals = Vec::new();
    let mut gone: IndexSet<String> = IndexSet::new();
    for part in installed.parts().into_iter().rev() {
        let files: Vec<String> = installed
            .files(&part)
            .iter()
            .map(|file| pypath::join(directory, file))
            .collect();
        let reason = if wanted.contains(&part) {
            let changes = changes(&part, &installed.options(&part), &options(&part)?);
            if changes.is_empty() {
                let missing = files
                    .iter()
                    .find(|file| is_gone(file, &gone) || !(situation.exists)(file));
                missing.map(|file| Reason::Missing(file.clone()))
            } else {
                Some(Reason::Changed(changes))
            }
        } else {
            situation.all_parts.then_some(Reason::Unwanted)
        };
        if let Some(reason) = reason {
            staying.retain(|name| *name != part);
            gone.extend(files.iter().map(|file| pypath::normalized(file)));
            removals.push(Removal {
                part,
                files,
                reason,
            });
        }
    }
    let action = |part: &String| {
        if staying.contains(part) {
            Action::Update
        } else {
            Action::Install
        }
    };
    let steps = wanted
        .iter()
        .map(|part| (part.clone(), action(part)))
        .collect();
    Ok(Plan {
        removals,
        staying,
        steps,
    })
}

/// Whether a path goes with those of the parts that are uninstalled: it is one of them, or lies in one.
fn is_gone(path: &str, gone: &IndexSet<String>) -> bool {
    let path = pypath::normalized(path);
    let ends = path.match_indices('/').map(|(at, _)| at);
    let mut above = ends.chain([path.len()]).filter_map(|at| path.get(..at));
    above.any(|path| gone.contains(path))
}

/// The differences between a part's options then and now, in zc.buildout's words; secrets are not repeated.
fn changes(part: &str, old: &PartOptions, new: &PartOptions) -> Vec<String> {
    let shown = |option: &str, value: &str| {
        if is_secret(option) {
            HIDDEN.to_owned()
        } else {
            repr(&without_credentials(value))
        }
    };
    let mut changes = Vec::new();
    for (option, before) in old {
        match new.get(option) {
            None => changes.push(format!("Part {part}, dropped option {option}.")),
            Some(now) if now != before => changes.push(format!(
                "Part {part}, option {option} changed:\n{} != {}",
                shown(option, now),
                shown(option, before)
            )),
            Some(_) => {}
        }
    }
    let added = new.keys().filter(|option| !old.contains_key(*option));
    changes.extend(added.map(|option| format!("Part {part}, new option {option}.")));
    changes
}

/// In place of a password.
pub const HIDDEN: &str = "(hidden)";

/// Whether an option holds a password, by its name.
pub fn is_secret(option: &str) -> bool {
    option.contains("password") || option.contains("secret")
}

/// Puts a signature among the options. A `+=` that an old zc.buildout left an option of the name `x +` is not among them: it
/// could not be read again, and such a record is what that zc.buildout itself fails at in the next run (#641).
pub fn signed(mut options: PartOptions, signature: &str) -> PartOptions {
    let is_unreadable = |name: &str| {
        let bare = name.trim_end_matches(['+', '-']);
        bare != name && bare.ends_with(char::is_whitespace)
    };
    options.retain(|name, _| !is_unreadable(name));
    options.insert(SIGNATURE.to_owned(), signature.into());
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn installed() -> Installed {
        let text = "[buildout]\nparts = one two\n\n[one]\n__buildout_installed__ = /b/one\n\t/b/shared\nx = 1\n\n\
                    [two]\n__buildout_installed__ = /b/two\n\t/b/shared\nx = 1\n";
        Installed::parse("i", Some(text.to_owned())).unwrap().0
    }

    fn made(wanted: &[&str], all_parts: bool, x: &str, exists: &dyn Fn(&str) -> bool) -> Plan {
        let wanted: Vec<String> = wanted.iter().map(|part| (*part).to_owned()).collect();
        let installed = installed();
        let situation = Situation {
            installed: &installed,
            wanted: &wanted,
            all_parts,
            directory: "/b",
            exists,
        };
        plan(&situation, &mut |_| {
            Ok([("x".to_owned(), Text::from(x))].into())
        })
        .unwrap()
    }

    fn summary(plan: &Plan) -> String {
        let removed: Vec<&str> = plan.removals.iter().map(|r| r.part.as_str()).collect();
        let steps: Vec<String> = plan
            .steps
            .iter()
            .map(|(part, action)| format!("{action:?} {part}"))
            .collect();
        format!("-{} | {}", removed.join(" -"), steps.join(", "))
    }

    #[test]
    fn nothing_changed() {
        assert_eq!(
            summary(&made(&["one", "two"], true, "1", &|_| true)),
            "- | Update one, Update two"
        );
    }

    #[test]
    fn a_shared_file_that_goes_takes_the_other_part_with_it() {
        assert_eq!(
            summary(&made(&["one"], true, "1", &|_| true)),
            "-two -one | Install one"
        );
        assert_eq!(
            summary(&made(&["two"], true, "1", &|_| true)),
            "-one | Update two"
        );
    }

    #[test]
    fn named_parts_leave_others_alone() {
        assert_eq!(
            summary(&made(&["one"], false, "1", &|_| true)),
            "- | Update one"
        );
        assert_eq!(
            summary(&made(&["one"], false, "2", &|_| true)),
            "-one | Install one"
        );
    }

    #[test]
    fn what_lies_in_a_directory_that_goes_is_missing() {
        let gone: IndexSet<String> = ["/b/d".to_owned()].into();
        for (path, goes) in [
            ("/b/d", true),
            ("/b/d/", true),
            ("/b/d/x/y", true),
            ("/b/./d/x", true),
            ("/b/dx", false),
            ("/b", false),
        ] {
            assert_eq!(is_gone(path, &gone), goes, "{path}");
        }
    }

    #[test]
    fn a_missing_file_is_a_reason() {
        let plan = made(&["two"], false, "1", &|path| path != "/b/two");
        assert_eq!(plan.removals[0].reason, Reason::Missing("/b/two".into()));
    }
}

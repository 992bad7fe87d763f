//! [`Made`]: what the parts of this run have made by now.
//!
//! zc.buildout removes the files of all parts that are to be installed anew before the first of them is. Here they stay
//! until the turn of each. When it comes, what another part has made in the meantime at the same place is no old file of
//! the part: instances of Zope with the same eggs have the same scripts. It touches no disk but to look.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::pypath;
use crate::sys::fs;

/// Paths by the parts of this run.
#[derive(Debug, Default)]
pub(super) struct Made {
    paths: BTreeSet<String>,
}

impl Made {
    /// A file or a directory, with all that is in it.
    pub(super) fn note(&mut self, path: String) {
        self.paths.insert(path);
    }

    /// What is there of a path that an earlier run made: itself, or those of its entries that are not of this run.
    pub(super) fn old(&self, path: &str) -> Result<Vec<String>> {
        if !fs::is_there(path) || self.paths.iter().any(|made| is_within(path, made)) {
            return Ok(Vec::new());
        }
        let is_divided = self.paths.iter().any(|made| is_within(made, path));
        if !is_divided || !fs::is_dir(path) || fs::is_link(path) {
            return Ok(vec![path.to_owned()]);
        }
        let mut old = Vec::new();
        for name in fs::list(path)? {
            old.extend(self.old(&pypath::join(path, &name))?);
        }
        Ok(old)
    }
}

/// Whether a path is this one or lies in it.
pub(super) fn is_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_this_run_is_not_old() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_string_lossy().into_owned();
        for file in ["p/a", "p/b/c", "p/b/d", "pq"] {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut made = Made::default();
        let old = |made: &Made, path: &str| {
            let old = made.old(&format!("{root}/{path}")).unwrap();
            old.join(" ").replace(&format!("{root}/"), "")
        };
        assert_eq!(old(&made, "p"), "p");
        assert_eq!(old(&made, "gone"), "");
        made.note(format!("{root}/p/b/c"));
        assert_eq!(old(&made, "p"), "p/a p/b/d");
        assert_eq!(old(&made, "p/b/c"), "");
        assert_eq!(old(&made, "pq"), "pq");
        made.note(format!("{root}/p"));
        assert_eq!(old(&made, "p/b/d"), "");
        assert_eq!(old(&made, "pq"), "pq");
    }
}

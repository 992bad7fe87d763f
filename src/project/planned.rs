//! [`PlannedMachine`]: the machine as it will be after an installation that did not take place.
//!
//! Directories that recipes make are there; what recipes in Python may put into the bin directory or into their own is not
//! known.

use indexmap::IndexMap;

use super::ThisMachine;
use crate::pypath;
use crate::supervisord::{Kind, Machine};

/// A machine with what a plan adds.
#[derive(Debug)]
pub(super) struct PlannedMachine<'a> {
    pub(super) real: ThisMachine<'a>,
    /// Directories that will be there.
    pub(super) directories: Vec<String>,
    /// Files that will be there, and executable.
    pub(super) scripts: Vec<String>,
    /// Below these anything may come.
    pub(super) unknown: Vec<String>,
}

impl Machine for PlannedMachine<'_> {
    fn kind(&self, path: &str) -> Kind {
        let now = self.real.kind(path);
        if now != Kind::Missing {
            return now;
        }
        let path = pypath::absolute(path, self.real.directory());
        let below = |directory: &str| {
            path.strip_prefix(directory)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if self.scripts.contains(&path) {
            return Kind::File { executable: true };
        }
        let holds = |directory: &String| {
            *directory == path
                || directory
                    .strip_prefix(&path)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        if self.directories.iter().any(holds) {
            Kind::Directory
        } else if self.unknown.iter().any(|directory| below(directory)) {
            Kind::Unknown
        } else {
            Kind::Missing
        }
    }

    fn environment(&self) -> &IndexMap<String, String> {
        self.real.environment()
    }

    fn directory(&self) -> &str {
        self.real.directory()
    }

    fn host_name(&self) -> String {
        self.real.host_name()
    }

    fn temporary_directory(&self) -> String {
        self.real.temporary_directory()
    }

    fn home(&self, user: Option<&str>) -> Option<String> {
        self.real.home(user)
    }

    fn user_id(&self, name: &str) -> Option<u32> {
        self.real.user_id(name)
    }

    fn has_user_id(&self, id: i128) -> bool {
        self.real.has_user_id(id)
    }

    fn group_id(&self, name: &str) -> Option<u32> {
        self.real.group_id(name)
    }

    fn has_group_id(&self, id: i128) -> bool {
        self.real.has_group_id(id)
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        self.real.matching(pattern)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.real.read(path)
    }

    fn is_root(&self) -> bool {
        self.real.is_root()
    }

    fn most_open_files(&self) -> Option<i128> {
        self.real.most_open_files()
    }

    // The eggs are not there before the installation: what they bring can't be asked for.
    fn can_import(&self, module: &str, attribute: Option<&str>) -> bool {
        !self.unknown.is_empty() || self.real.can_import(module, attribute)
    }
}

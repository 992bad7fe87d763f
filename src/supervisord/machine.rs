//! [`Machine`]: what supervisord would ask the machine that it starts on.
//!
//! The caller gives it, so that the rules themselves touch no disk: `project::machine` asks the real one, tests make
//! one up.

use std::fmt;

use indexmap::IndexMap;

/// What is at a path, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Missing,
    Directory,
    File {
        executable: bool,
    },
    /// A socket, a device, a pipe.
    Special,
    /// Not there now; who checks does not know what will be.
    Unknown,
}

/// The facts of a machine that a configuration hangs on.
pub trait Machine: fmt::Debug {
    /// The environment that supervisord will have.
    fn environment(&self) -> &IndexMap<String, String>;
    /// The directory that supervisord is started in.
    fn directory(&self) -> &str;
    fn host_name(&self) -> String;
    /// Where Python puts temporary files.
    fn temporary_directory(&self) -> String;
    /// The home of a user; of the current one for `None`.
    fn home(&self, user: Option<&str>) -> Option<String>;
    fn user_id(&self, name: &str) -> Option<u32>;
    fn has_user_id(&self, id: i128) -> bool;
    fn group_id(&self, name: &str) -> Option<u32>;
    fn has_group_id(&self, id: i128) -> bool;
    fn kind(&self, path: &str) -> Kind;
    /// Whether a directory is there, or may be.
    fn has_directory(&self, path: &str) -> bool {
        matches!(self.kind(path), Kind::Directory | Kind::Unknown)
    }
    /// The paths that a pattern of `glob` matches, sorted.
    fn matching(&self, pattern: &str) -> Vec<String>;
    /// The bytes of a file; `None` where it can't be opened.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// Whether supervisord will be started by root.
    fn is_root(&self) -> bool {
        false
    }
    /// How many files at most a process of this user may have open; `None` where that is not known.
    fn most_open_files(&self) -> Option<i128> {
        None
    }
    /// Whether Python will find this module, and this attribute in it, as far as can be seen without starting one.
    fn can_import(&self, module: &str, attribute: Option<&str>) -> bool;
}

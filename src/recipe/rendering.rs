//! [`Rendering`]: what a part wants on disk, as a value. `install` applies it, `check` and `plan` only look at it.

use std::path::PathBuf;

use crate::log::Entry;
use crate::text::Text;

/// When an effect applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `install()` and `update()`.
    Always,
    /// `install()` only.
    Install,
}

/// The permissions of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// 0666 less the umask when it is new; an existing file keeps its own.
    Plain,
    /// 0777 less the umask, always. zc.buildout: easy_install.py, `_execute_permission`.
    Script,
}

/// One thing that a part wants, in the order in which it wants it.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A directory with its parents, made if it is missing. Never among the part's installed files.
    Directory { path: String, when: When },
    /// A file whose whole text is this.
    File {
        path: String,
        text: Text,
        mode: FileMode,
        when: When,
    },
    /// A script: written only when it differs from what is there (line ends aside), and then announced with
    /// `Generated script '…'.` or `Generated interpreter '…'.`; `announcement` is the part before the path's `repr`.
    Script {
        path: String,
        text: Text,
        announcement: &'static str,
    },
    /// A file or a directory with all that is in it takes the place of what is there.
    Tree { path: String, from: PathBuf },
    /// A line for the log at this point.
    Say(Entry),
    /// A line for the log at this point if the log shows this level: the recipe can't know.
    Log { level: i32, message: String },
}

/// What a part wants, and what it counts as installed.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    pub effects: Vec<Effect>,
    /// `__buildout_installed__`, in order.
    pub installed: Vec<String>,
}

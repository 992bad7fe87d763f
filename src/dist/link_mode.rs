//! [`LinkMode`]: how the files of an egg come from the cache.
//!
//! By itself rbuildout copies in the way of the file system: on btrfs, XFS and APFS the copy shares its blocks with the
//! original until one of the two is changed, elsewhere the bytes are copied. Hard links are for those who ask for them:
//! they save time and room on other file systems, but a file has two names then, and who edits it in an egg edits it in
//! the eggs of all other projects. So linked files are made read-only, which stops an editor, and the cache looks at size
//! and time before it hands out a file again (`stamps.rs`): an edit never reaches an egg that is made later.

use std::path::Path;

use crate::error::{Error, Result};
use crate::sys::fs;

/// How files are put into an egg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkMode {
    /// The file system's own copying: shares blocks where it can.
    #[default]
    Copy,
    /// Byte by byte, whatever the file system can.
    Bytes,
    /// A second name, read-only; a copy where the file system refuses.
    Hardlink,
}

impl LinkMode {
    /// `auto`, `reflink`, `hardlink` or `copy`.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "" | "auto" | "reflink" => Ok(Self::Copy),
            "copy" => Ok(Self::Bytes),
            "hardlink" => Ok(Self::Hardlink),
            other => Err(
                Error::user(format!("RBUILDOUT_LINK_MODE is {other:?}.")).hint(
                    "link-mode",
                    "there is no such way to put files into eggs",
                    "write auto, reflink, hardlink or copy",
                ),
            ),
        }
    }

    /// Makes `to` from `from`, with its mode and time.
    pub(super) fn put(self, from: &Path, to: &Path) -> Result<()> {
        match self {
            Self::Hardlink => {
                let mode = fs::stat(from).map_or(0, |stat| stat.mode);
                if mode & 0o222 != 0 {
                    fs::set_mode(from, mode & !0o222)?;
                }
                if fs::hard_link(from, to).is_ok() {
                    return Ok(());
                }
                fs::copy_new(from, to)
            }
            Self::Copy => fs::copy_new(from, to),
            Self::Bytes => fs::copy_bytes(from, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_keeps_contents_time_and_mode() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        fs::create(&from, b"text", 0o755).unwrap();
        let old = fs::stat(&from).unwrap();
        for (name, mode) in [("auto", 0o755), ("copy", 0o755), ("hardlink", 0o555)] {
            let to = folder.path().join(name);
            LinkMode::parse(name).unwrap().put(&from, &to).unwrap();
            let new = fs::stat(&to).unwrap();
            assert_eq!(fs::read(&to).unwrap(), b"text");
            assert_eq!((new.modified, new.mode), (old.modified, mode), "{name}");
            assert_eq!(new.inode == old.inode, name == "hardlink");
        }
        // What is copied from a linked file may be edited.
        let to = folder.path().join("later");
        LinkMode::Copy.put(&from, &to).unwrap();
        assert_eq!(fs::stat(&to).unwrap().mode, 0o755);
        LinkMode::parse("symlink").unwrap_err();
    }
}

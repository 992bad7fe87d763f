//! Configuration files from the disk.

use crate::config::load::Opener;
use crate::error::{Error, Result};
use crate::pypath;
use crate::sys::fs;

/// Opens files of the disk.
#[derive(Debug)]
pub(super) struct DiskOpener;

impl Opener for DiskOpener {
    fn open(&self, path: &str) -> Result<Option<String>> {
        if fs::is_dir(path) {
            let message = format!("[Errno 21] Is a directory: {}", crate::pystr::repr(path));
            return Err(Error::user(message).hint(
                "configuration",
                "a directory is no configuration",
                "name the file in it",
            ));
        }
        if !fs::exists(path) {
            return Ok(None);
        }
        fs::read_text(path).map(Some)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        fs::list(pypath::dirname(path)).unwrap_or_default()
    }
}

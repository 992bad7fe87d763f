//! Copies of files that are not there yet. As few calls as will do: an installation copies tens of thousands of them.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::fs::{context, copy_file, in_pieces, step};
use crate::error::Result;

/// Copies a file to where nothing is, with its modification time and its mode less the umask; its owner may write to the
/// copy. Shares blocks with it where the file system can.
pub fn copy_new(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    step();
    let (from, to) = (from.as_ref(), to.as_ref());
    context(copy_file_new(from, to, true), "copy to", to)
}

/// As [`copy_new`]; no blocks are shared.
pub fn copy_bytes(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    step();
    let (from, to) = (from.as_ref(), to.as_ref());
    context(copy_file_new(from, to, false), "copy to", to)
}

fn copy_file_new(from: &Path, to: &Path, may_share: bool) -> io::Result<()> {
    if may_share && !cfg!(target_os = "linux") {
        // What shares blocks elsewhere is known to the standard library alone.
        copy_file(from, to)?;
        return fs::set_permissions(
            to,
            fs::Permissions::from_mode(fs::metadata(from)?.mode() & 0o777 | 0o200),
        );
    }
    let mut from = fs::File::open(from)?;
    let original = from.metadata()?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(original.mode() & 0o777 | 0o200)
        .open(to)?;
    if in_pieces() {
        let mut half = Vec::new();
        (&mut from)
            .take(original.len() / 2)
            .read_to_end(&mut half)?;
        file.write_all(&half)?;
        step();
    }
    if may_share {
        io::copy(&mut from, &mut file)?;
    } else {
        let mut block = [0; 16 * 1024];
        loop {
            match from.read(&mut block)? {
                0 => break,
                n => file.write_all(&block[..n])?,
            }
        }
    }
    file.set_times(fs::FileTimes::new().set_modified(original.modified()?))
}

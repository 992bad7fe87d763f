//! Eggs that are one zip archive: what their metadata says, read from inside of them.
//!
//! Paths go on inside: `eggs/demo-1.0-py3.11.egg/EGG-INFO/entry_points.txt`. Nothing is unpacked, and nobody makes such an
//! egg: zc.buildout unpacks what it installs. pkg_resources: `find_eggs_in_zip`, `EggMetadata`.

use std::io::{Cursor, Read};
use std::path::Path;

use crate::error::Result;
use crate::sys::fs;

type Archive = zip::ZipArchive<Cursor<Vec<u8>>>;

/// Whether a path is an egg and an archive with metadata. pkg_resources: `_is_zip_egg`.
pub(super) fn is_one(path: &str) -> bool {
    let metadata = Path::new(path).join("EGG-INFO/PKG-INFO");
    path.to_lowercase().ends_with(".egg")
        && fs::is_file(path)
        && read(&metadata).is_ok_and(|text| text.is_some())
}

/// A file of an installed distribution: on the disk, or inside of a zipped egg.
pub fn read(place: &Path) -> Result<Option<Vec<u8>>> {
    if let Some(bytes) = fs::read_if_there(place)? {
        return Ok(Some(bytes));
    }
    Ok(inside(place).and_then(|(mut archive, name)| {
        let mut bytes = Vec::new();
        let mut file = archive.by_name(&name).ok()?;
        file.read_to_end(&mut bytes).ok().map(|_| bytes)
    }))
}

/// The names in a directory of an installed distribution.
pub fn list(directory: &Path) -> Result<Vec<String>> {
    let Some((archive, name)) = inside(directory) else {
        return fs::list(directory);
    };
    let below = archive.file_names().flatten().filter_map(|file| {
        let rest = file.strip_prefix(&name)?.strip_prefix('/')?;
        (!rest.is_empty() && !rest.contains('/')).then(|| rest.to_owned())
    });
    let mut names: Vec<String> = below.collect();
    names.sort();
    Ok(names)
}

/// The archive that a path leads into, and the rest of the path.
fn inside(place: &Path) -> Option<(Archive, String)> {
    let egg = place.ancestors().skip(1).find(|above| {
        above
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("egg"))
    })?;
    if !fs::is_file(egg) {
        return None;
    }
    let name = place.strip_prefix(egg).ok()?.to_str()?.to_owned();
    Some((open(egg)?, name))
}

fn open(egg: &Path) -> Option<Archive> {
    zip::ZipArchive::new(Cursor::new(fs::read(egg).ok()?)).ok()
}

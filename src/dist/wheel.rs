//! A wheel's archive: checked, and unpacked the way pip lays its files side by side for `pip install --target`.
//!
//! What goes into `site-packages` ends in one directory: the archive's own files and those under `NAME.data/purelib` and
//! `NAME.data/platlib`. Scripts, headers and data files have no place in an egg that pip makes
//! (zc.buildout: easy_install.py, `make_egg_after_pip_install`): they go into directories beside it, for builds may need the
//! programs of a wheel, and eggs that setuptools makes have them all (`egg_info.rs`). No name of the archive leads out of the directory; links
//! are written as files, as pip writes them.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::record::{self, Promised, Row};
use super::sdist::{RATIO, SLACK};

use crate::sys::fs;
use crate::sys::spool::{Reader, Spool};

/// The directory with the `scripts`, `headers` or `data` of the wheel whose files are in `tree`.
pub(super) fn beside(tree: &Path, kind: &str) -> PathBuf {
    tree.with_file_name(kind)
}

/// Unpacks a wheel into a directory that is made. Returns its files, relative, in the order of their directories; the
/// reason, where it can't be.
pub(super) fn unpack(wheel: &Spool, into: &Path, vouches: Vouches) -> Result<Vec<String>, String> {
    unpack_by(wheel, into, place, Some(vouches))
}

/// What says that the files of a wheel are the right ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vouches {
    /// The hash that an index gives for the whole, or it was built here. Its makers' RECORD may be wrong: there are such
    /// wheels in the world, and pip installs them.
    Whole,
    /// Nothing but its own RECORD.
    Record,
}

/// Unpacks an archive, all files where it has them, into a directory that is made.
pub(super) fn unpack_whole(archive: &Spool, into: &Path) -> Result<Vec<String>, String> {
    let whole = |name: &str| Ok(Some(pieces(name)?.iter().collect()));
    unpack_by(archive, into, whole, None)
}

fn unpack_by(
    spool: &Spool,
    into: &Path,
    place: impl Fn(&str) -> Result<Option<PathBuf>, String>,
    vouches: Option<Vouches>,
) -> Result<Vec<String>, String> {
    let broken = |error: zip::result::ZipError| format!("it is no whole zip archive: {error}");
    let unreadable = |error: std::io::Error| format!("it can't be read: {error}");
    let reader = spool.open().map_err(unreadable)?;
    let mut archive = zip::ZipArchive::new(reader).map_err(broken)?;
    if let Some(name) = named_twice(&mut spool.open().map_err(unreadable)?) {
        return Err(twice(&name));
    }
    let rows = match vouches {
        Some(_) => record_of(&mut archive)?,
        None => Vec::new(),
    };
    let promised = match vouches {
        Some(Vouches::Record) => Promised::of(rows),
        _ => Promised::default(),
    };
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut sums = HashMap::new();
    let mut order = Vec::new();
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(broken)?;
        let name = file.name().map_err(broken)?;
        if name.ends_with('/') {
            continue;
        }
        if let Some(place) = place(&name)? {
            // The same twice does no harm.
            let sum = (file.crc32(), file.size());
            if sums
                .insert(place.clone(), sum)
                .is_some_and(|other| other != sum)
            {
                return Err(twice(&name));
            }
            if places.insert(place.clone(), at).is_none() {
                order.push(place);
            }
        }
    }
    let said = |error: Box<crate::error::Error>| error.message;
    fs::make_directory(into).map_err(said)?;
    let mut folder = PathBuf::new();
    let mut left = SLACK + spool.size() * RATIO;
    let mut contents = Vec::new();
    for place in &order {
        let Some(at) = places.get(place) else {
            continue;
        };
        let mut file = archive.by_index(*at).map_err(broken)?;
        let runs = file
            .unix_mode()
            .is_some_and(|mode| mode & 0o170_000 == 0o100_000 && mode & 0o111 != 0);
        contents.clear();
        (&mut file)
            .take(left + 1)
            .read_to_end(&mut contents)
            .map_err(|error| format!("{} in it can't be unpacked: {error}", place.display()))?;
        left = left
            .checked_sub(contents.len() as u64)
            .ok_or("it grows out of all proportion when it is unpacked")?;
        let name = file.name().map_err(broken)?;
        if !promised.keeps(&name, &contents) {
            return Err(format!(
                "its file {name:?} is not the one that its RECORD lists: it was changed after the wheel was made"
            ));
        }
        let to = into.join(place);
        if let Some(parent) = to.parent()
            && parent != folder
        {
            fs::make_directory(parent).map_err(said)?;
            folder = parent.to_path_buf();
        }
        fs::create(&to, &contents, if runs { 0o777 } else { 0o666 }).map_err(said)?;
    }
    order.retain(|place| !place.starts_with(".."));
    order.sort_unstable();
    let text = |place: PathBuf| place.to_string_lossy().into_owned();
    Ok(order.into_iter().map(text).collect())
}

fn twice(name: &str) -> String {
    format!("its file {name:?} is in it twice, each time another one")
}

/// The rows of RECORD. It must not name what lies elsewhere. pip does not look.
fn record_of(archive: &mut zip::ZipArchive<Reader<'_>>) -> Result<Vec<Row>, String> {
    let is_record = |name: &std::borrow::Cow<'_, str>| {
        name.strip_suffix(".dist-info/RECORD")
            .is_some_and(|stem| !stem.contains('/'))
    };
    let Some(name) = archive
        .file_names()
        .filter_map(Result::ok)
        .find(is_record)
        .map(std::borrow::Cow::into_owned)
    else {
        return Ok(Vec::new());
    };
    let unreadable = |error: String| format!("its RECORD can't be read: {error}");
    let mut text = Vec::new();
    archive
        .by_name(&name)
        .map_err(|error| unreadable(error.to_string()))?
        .take(SLACK)
        .read_to_end(&mut text)
        .map_err(|error| unreadable(error.to_string()))?;
    let rows = record::read(&String::from_utf8_lossy(&text));
    for Row { path, .. } in &rows {
        if path.starts_with('/') || path.split('/').any(|piece| piece == "..") {
            return Err(format!(
                "its RECORD lists {path:?}, which lies outside of it"
            ));
        }
    }
    Ok(rows)
}

/// A name that the archive's directory gives to two different files: which of them is meant nobody can tell. Read from the
/// bytes, because the library keeps one of each name. An archive whose directory is not where it says has none.
fn named_twice(archive: &mut Reader<'_>) -> Option<String> {
    let directory = directory(archive)?;
    let number = |at: usize, n: usize| number(&directory, at, n);
    let mut at = 0;
    let mut seen: HashMap<&[u8], (usize, usize)> = HashMap::new();
    while directory.get(at..at + 4)? == b"PK\x01\x02" {
        let start = at + 46;
        let name = directory.get(start..start + number(at + 28, 2)?)?;
        let what = (number(at + 16, 4)?, number(at + 24, 4)?);
        if seen.insert(name, what).is_some_and(|before| before != what) {
            return Some(String::from_utf8_lossy(name).into_owned());
        }
        at = start + name.len() + number(at + 30, 2)? + number(at + 32, 2)?;
    }
    None
}

/// The archive's directory and what follows it, as its last record says where that is.
fn directory(archive: &mut Reader<'_>) -> Option<Vec<u8>> {
    let size = archive.seek(SeekFrom::End(0)).ok()?;
    let mut start = size.saturating_sub(LAST_RECORD);
    let mut tail = from(archive, start)?;
    let last = |tail: &[u8]| tail.windows(4).rposition(|four| four == b"PK\x05\x06");
    let end = if let Some(end) = last(&tail) {
        end
    } else {
        start = 0;
        tail = from(archive, start)?;
        last(&tail)?
    };
    let place = number(&tail, end + 16, 4)? as u64;
    match place.checked_sub(start) {
        Some(known) => Some(tail.split_off(usize::try_from(known).ok()?.min(tail.len()))),
        None => from(archive, place),
    }
}

/// All that follows.
fn from(archive: &mut Reader<'_>, start: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    archive.seek(SeekFrom::Start(start)).ok()?;
    archive.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// An archive's last record with the longest comment.
const LAST_RECORD: u64 = 22 + 0xffff;

/// A number of so many bytes, the least first.
fn number(bytes: &[u8], at: usize, n: usize) -> Option<usize> {
    let piece = bytes.get(at..at.checked_add(n)?)?;
    let fold = |all, byte: &u8| all << 8 | usize::from(*byte);
    Some(piece.iter().rev().fold(0, fold))
}

/// The pieces of a file's name that lead to it within the archive.
fn pieces(name: &str) -> Result<Vec<&str>, String> {
    let outside = || format!("its file {name:?} lies outside of it");
    if name.starts_with('/') || name.contains(['\\', '\0']) {
        return Err(outside());
    }
    let mut pieces = Vec::new();
    for piece in name.split('/') {
        match piece {
            "" | "." => {}
            ".." => return Err(outside()),
            _ => pieces.push(piece),
        }
    }
    if pieces.is_empty() {
        return Err(outside());
    }
    Ok(pieces)
}

/// Where a file of the archive goes; `None` for one that has no place in an egg.
fn place(name: &str) -> Result<Option<PathBuf>, String> {
    let pieces = pieces(name)?;
    let is_data = pieces
        .first()
        .is_some_and(|first| first.ends_with(".data") && pieces.len() > 2);
    match pieces.get(1) {
        Some(&("purelib" | "platlib")) if is_data => Ok(Some(pieces.iter().skip(2).collect())),
        Some(&"scripts") if is_data && pieces.len() == 3 => Ok(Some(
            Path::new("../scripts").join(pieces.last().unwrap_or(&"")),
        )),
        Some(&kind @ ("headers" | "data")) if is_data => {
            let rest: PathBuf = pieces.iter().skip(2).collect();
            Ok(Some(Path::new("..").join(kind).join(rest)))
        }
        Some(_) if is_data => Ok(None),
        _ => Ok(Some(pieces.iter().collect())),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn unpack(bytes: &[u8], into: &Path) -> Result<Vec<String>, String> {
        super::unpack(&Spool::of_bytes(bytes.to_vec()), into, Vouches::Record)
    }

    /// An archive of these files.
    pub(in crate::dist) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            let mode = if name.contains("tool") { 0o755 } else { 0o644 };
            let options = zip::write::SimpleFileOptions::default().unix_permissions(mode);
            archive.start_file(*name, options).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn files_go_where_pip_puts_them() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = archive(&[
            ("a/__init__.py", "x"),
            ("a/tool.sh", "run"),
            ("a-1.data/purelib/b/c.py", "y"),
            ("a-1.data/platlib/d.py", "z"),
            ("a-1.data/scripts/e-tool", "yes"),
            ("a-1.data/headers/e/f.h", "h"),
            ("a-1.data/data/share/f", "f"),
        ]);
        let into = folder.path().join("tree");
        let files = unpack(&bytes, &into).unwrap();
        assert_eq!(files, ["a/__init__.py", "a/tool.sh", "b/c.py", "d.py"]);
        assert_eq!(fs::list(&into).unwrap(), ["a", "b", "d.py"]);
        assert_eq!(fs::read_text(into.join("b/c.py")).unwrap(), "y");
        assert_eq!(
            fs::stat(into.join("a/tool.sh")).unwrap().mode & 0o100,
            0o100
        );
        assert_eq!(fs::stat(into.join("d.py")).unwrap().mode & 0o111, 0);
        assert_eq!(fs::list(beside(&into, "scripts")).unwrap(), ["e-tool"]);
        let headers = beside(&into, "headers").join("e/f.h");
        assert_eq!(fs::read_text(headers).unwrap(), "h");
        let data = beside(&into, "data").join("share/f");
        assert_eq!(fs::read_text(data).unwrap(), "f");
    }

    #[test]
    fn archives_that_reach_out_or_are_broken() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["/etc/x", "../x", "a/../../x", "a-1.data/purelib/../../x"] {
            let bytes = archive(&[("good", ""), (name, "")]);
            let refused = unpack(&bytes, &folder.path().join("tree"));
            assert_eq!(
                refused,
                Err(format!("its file {name:?} lies outside of it"))
            );
            assert!(fs::list(folder.path()).unwrap().is_empty());
        }
        let whole = archive(&[(
            "a",
            "some text that is long enough to be packed: aaaaaaaaaaaaaaaa",
        )]);
        for cut in [0, 10, whole.len() / 2, whole.len() - 1] {
            let error = unpack(&whole[..cut], &folder.path().join("tree")).unwrap_err();
            assert!(error.starts_with("it is no whole zip archive: "), "{error}");
        }
        // Name, local header and directory of the second are made those of the first.
        let twice = |second: &str| {
            let mut bytes = archive(&[("x/aaaa", "one"), ("x/bbbb", second)]);
            for at in 0..bytes.len() - 6 {
                if &bytes[at..at + 6] == b"x/bbbb" {
                    bytes[at..at + 6].copy_from_slice(b"x/aaaa");
                }
            }
            unpack(&bytes, &folder.path().join(format!("twice-{second}")))
        };
        assert!(twice("one").is_ok());
        assert_eq!(
            twice("two").unwrap_err(),
            "its file \"x/aaaa\" is in it twice, each time another one"
        );
        let mut bent = whole;
        bent[40] ^= 0xff;
        unpack(&bent, &folder.path().join("bent")).unwrap_err();
    }

    #[test]
    fn a_record_must_be_right() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("tree");
        let row = |contents: &[u8]| Row::of("a.py".to_owned(), contents);
        let (right, wrong) = (row(b"x"), row(b"y"));
        let shouted = Row {
            hash: right.hash.replace("sha256", "SHA256"),
            ..right.clone()
        };
        let odd = Row {
            hash: "md5=x".to_owned(),
            ..right.clone()
        };
        let absent = Row::of("b.py".to_owned(), b"z");
        let outside = Row::bare("../../etc/x".to_owned());
        for (rows, refused) in [
            (vec![right.clone()], None),
            (vec![Row::bare("a.py".to_owned())], None),
            (vec![shouted, absent], None),
            (vec![odd], None),
            (
                vec![Row::of("a-1.dist-info/RECORD".to_owned(), b"itself")],
                None,
            ),
            (
                vec![wrong],
                Some(
                    "its file \"a.py\" is not the one that its RECORD lists: it was changed after the wheel was made",
                ),
            ),
            (
                vec![right.clone(), outside],
                Some("its RECORD lists \"../../etc/x\", which lies outside of it"),
            ),
        ] {
            let record = record::write(rows);
            let bytes = archive(&[("a.py", "x"), ("a-1.dist-info/RECORD", &record)]);
            let unpacked = unpack(&bytes, &into);
            assert_eq!(unpacked.err().as_deref(), refused);
            drop(fs::remove_tree(&into));
            // What a hash of the whole speaks for is taken as it is, but not outside of its place.
            let whole = super::unpack(&Spool::of_bytes(bytes), &into, Vouches::Whole);
            assert_eq!(
                whole.is_err(),
                refused.is_some_and(|r| r.contains("outside"))
            );
            drop(fs::remove_tree(&into));
        }
        // One place, two names, two contents.
        let bytes = archive(&[("b.py", "x"), ("a-1.data/purelib/b.py", "y")]);
        let refused = unpack(&bytes, &into).unwrap_err();
        assert!(refused.ends_with("is in it twice, each time another one"));
    }

    #[test]
    fn bombs_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = "\0".repeat(130 << 20);
        let bytes = archive(&[("a.py", &zeros)]);
        assert!(bytes.len() < 300_000, "{}", bytes.len());
        let refused = unpack(&bytes, &folder.path().join("tree")).unwrap_err();
        assert_eq!(
            refused,
            "it grows out of all proportion when it is unpacked"
        );
    }

    #[test]
    fn bent_archives_write_nothing_outside() {
        let folder = tempfile::tempdir().unwrap();
        let good = ("a/__init__.py", "some text, some text, some text");
        let data = ("a-1.data/purelib/b.py", "y");
        let bases = [
            archive(&[good, data, ("a/xx/yy/up", "x")]),
            archive(&[good, data, ("a/../../up", "x")]),
        ];
        let mut seed: u64 = 0x5eed;
        let mut next = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap()
        };
        let signs = b"./\\\0a";
        for round in 0..2000 {
            let mut bytes = bases[next() % 2].clone();
            for _ in 0..=next() % 4 {
                let at = next() % bytes.len();
                bytes[at] = if round % 2 == 0 {
                    signs[next() % signs.len()]
                } else {
                    u8::try_from(next() % 256).unwrap()
                };
            }
            let into = folder.path().join("in/tree");
            fs::make_directory(folder.path().join("in")).unwrap();
            let _whatever = unpack(&bytes, &into);
            assert_eq!(fs::list(folder.path()).unwrap(), ["in"]);
            let beside = fs::list(folder.path().join("in")).unwrap();
            assert!(beside.is_empty() || beside == ["tree"], "{beside:?}");
            fs::remove_tree(folder.path().join("in")).unwrap();
        }
    }
}

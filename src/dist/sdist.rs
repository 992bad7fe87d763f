//! An archive of sources: unpacked so that nothing of it gets out of its directory.
//!
//! Tar (plain, gzip, bzip2) and zip, told apart by their first bytes, not by their names. Refused are names that lead
//! out, devices, and archives that grow out of proportion. Links are made last, so that no file is written through one,
//! and only where they end inside. Nothing of what is in the archive is read here. pip: `unpack_file`.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::sys::fs;
use crate::sys::spool::{Reader, Spool};

/// An archive may grow to this much, and to [`RATIO`] times its size above it.
pub(super) const SLACK: u64 = 64 << 20;
pub(super) const RATIO: u64 = 300;
/// More than any project has.
const MOST_FILES: usize = 200_000;

/// Unpacks into a directory that is made. Returns the directory of the project; the reason, where it can't be.
pub(super) fn unpack(archive: &Spool, into: &Path) -> Result<PathBuf, String> {
    fs::make_directory(into).map_err(|error| error.message)?;
    let mut target = Target {
        root: into,
        left: SLACK + archive.size() * RATIO,
        files: 0,
        links: Vec::new(),
    };
    let reader = archive
        .open()
        .map_err(|error| format!("it can't be read: {error}"))?;
    match archive.head(262).as_slice() {
        [0x1f, 0x8b, ..] => target.tar(flate2::read::MultiGzDecoder::new(reader))?,
        [b'B', b'Z', b'h', ..] => target.tar(bzip2::read::MultiBzDecoder::new(reader))?,
        [b'P', b'K', ..] => target.zip(reader)?,
        head if head.ends_with(b"ustar") => target.tar(reader)?,
        _ => return Err("it is neither a tar archive (plain, gzip, bzip2) nor a zip".to_owned()),
    }
    target.make_links()?;
    project(into)
}

/// The single directory at the top, else the whole.
fn project(into: &Path) -> Result<PathBuf, String> {
    let names = fs::list(into).map_err(|error| error.message)?;
    match names.as_slice() {
        [] => Err("it is empty".to_owned()),
        [only] if fs::is_dir(into.join(only)) => Ok(into.join(only)),
        _ => Ok(into.to_path_buf()),
    }
}

/// Where an archive goes.
struct Target<'a> {
    root: &'a Path,
    /// Bytes that may still come.
    left: u64,
    files: usize,
    /// Place, what it points to, whether that is seen from the place (a symbolic link) or from the top (a hard one).
    links: Vec<(PathBuf, PathBuf, bool)>,
}

impl Target<'_> {
    fn tar(&mut self, reader: impl Read) -> Result<(), String> {
        let broken = |error: std::io::Error| format!("it is no whole tar archive: {error}");
        // A bomb ends in the limit even where its members are small or skipped.
        let limit = self.left + (SLACK / 2);
        let mut archive = tar::Archive::new(reader.take(limit));
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let name = entry.path_bytes().into_owned();
            let Some(place) = place(&name)? else { continue };
            let header = entry.header().clone();
            let kind = header.entry_type();
            if kind.is_dir() {
                fs::make_directory(self.root.join(&place)).map_err(|error| error.message)?;
            } else if kind.is_symlink() || kind.is_hard_link() {
                let to = entry.link_name().map_err(broken)?;
                let to = to.ok_or("a link in it points nowhere")?.into_owned();
                self.links.push((place, to, kind.is_symlink()));
            } else if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
                let runs = header.mode().is_ok_and(|mode| mode & 0o111 != 0);
                let time = header.mtime().ok();
                let time = precise_time(&mut entry).or(time);
                self.file(&place, entry.size(), runs, time, &mut entry)?;
            } else if !kind.is_pax_global_extensions() {
                return Err(format!("{} in it is a device or a pipe", place.display()));
            }
        }
        // The check sum of a packed archive comes after its last member.
        match std::io::copy(&mut archive.into_inner(), &mut std::io::sink()) {
            Err(error) if !is_what_follows(&error) => Err(broken(error)),
            _ => Ok(()),
        }
    }

    fn zip(&mut self, reader: Reader<'_>) -> Result<(), String> {
        let broken = |error: zip::result::ZipError| format!("it is no whole zip archive: {error}");
        let mut archive = zip::ZipArchive::new(reader).map_err(broken)?;
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).map_err(broken)?;
            let name = file.name().map_err(broken)?.into_owned();
            let Some(place) = place(name.as_bytes())? else {
                continue;
            };
            if name.ends_with('/') {
                fs::make_directory(self.root.join(&place)).map_err(|error| error.message)?;
                continue;
            }
            let runs = file
                .unix_mode()
                .is_some_and(|mode| mode & 0o170_000 == 0o100_000 && mode & 0o111 != 0);
            let size = file.size();
            self.file(&place, size, runs, None, &mut file)?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        place: &Path,
        size: u64,
        runs: bool,
        time: Option<u64>,
        reader: &mut impl Read,
    ) -> Result<(), String> {
        let bomb = || "it grows out of all proportion when it is unpacked".to_owned();
        self.files += 1;
        if size > self.left || self.files > MOST_FILES {
            return Err(bomb());
        }
        let mut contents = Vec::new();
        reader
            .take(self.left + 1)
            .read_to_end(&mut contents)
            .map_err(|error| format!("{} in it can't be unpacked: {error}", place.display()))?;
        self.left = self
            .left
            .checked_sub(contents.len() as u64)
            .ok_or_else(bomb)?;
        let to = self.root.join(place);
        let said = |error: Box<crate::error::Error>| error.message;
        if let Some(parent) = to.parent() {
            fs::make_directory(parent).map_err(said)?;
        }
        // Of two files of one name the later one counts.
        if fs::is_file(&to) {
            fs::remove_file(&to).map_err(said)?;
        }
        fs::create(&to, &contents, if runs { 0o777 } else { 0o666 }).map_err(said)?;
        // Makefiles and the like compare times.
        match time {
            Some(seconds) => fs::set_modified(&to, seconds).map_err(said),
            None => Ok(()),
        }
    }

    /// Links to what is in the archive; those that point to nothing are left out.
    fn make_links(&mut self) -> Result<(), String> {
        let root = fs::real_path(self.root);
        let mut links = std::mem::take(&mut self.links);
        loop {
            let before = links.len();
            let mut later = Vec::new();
            for (place, to, symbolic) in links {
                let at = self.root.join(&place);
                let seen_from = match (symbolic, at.parent()) {
                    (true, Some(parent)) => parent,
                    _ => self.root,
                };
                if is_outside(&place, &to, symbolic) {
                    return Err(format!(
                        "its link {:?} leads out of it",
                        place.to_string_lossy()
                    ));
                }
                let end = seen_from.join(&to);
                if !fs::exists(&end) {
                    later.push((place, to, symbolic));
                    continue;
                }
                if !fs::real_path(&end).starts_with(&root) {
                    return Err(format!(
                        "its link {:?} leads out of it",
                        place.to_string_lossy()
                    ));
                }
                if fs::is_there(&at) {
                    continue;
                }
                let said = |error: Box<crate::error::Error>| error.message;
                if let Some(parent) = at.parent() {
                    fs::make_directory(parent).map_err(said)?;
                    if !fs::real_path(parent).starts_with(&root) {
                        let name = place.to_string_lossy();
                        return Err(format!("its file {name:?} lies outside of it"));
                    }
                }
                if symbolic {
                    fs::link(&to, &at).map_err(said)?;
                } else {
                    fs::copy(&end, &at).map_err(said)?;
                }
            }
            if later.is_empty() || later.len() == before {
                return Ok(());
            }
            links = later;
        }
    }
}

/// Whether it is only that something else follows the archive, which nobody minds.
fn is_what_follows(error: &std::io::Error) -> bool {
    let text = error.to_string();
    text.contains("gzip header") || text.contains("bz2 header")
}

/// Whether a link leaves the archive by what is written in it.
fn is_outside(place: &Path, to: &Path, symbolic: bool) -> bool {
    let mut depth = if symbolic {
        place.components().count().saturating_sub(1)
    } else {
        0
    };
    for component in to.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return true,
        }
    }
    false
}

/// Where a name of the archive goes; `None` for the top itself.
fn place(name: &[u8]) -> Result<Option<PathBuf>, String> {
    let name = String::from_utf8_lossy(name);
    if name.starts_with('/') || name.contains('\0') {
        return Err(format!("its file {name:?} lies outside of it"));
    }
    let mut place = PathBuf::new();
    for piece in name.split('/') {
        match piece {
            "" | "." => {}
            ".." => return Err(format!("its file {name:?} lies outside of it")),
            _ => place.push(piece),
        }
    }
    Ok((!place.as_os_str().is_empty()).then_some(place))
}

/// The time that an extended header gives; the plain one may then say nothing.
fn precise_time(entry: &mut tar::Entry<'_, impl Read>) -> Option<u64> {
    let extensions = entry.pax_extensions().ok().flatten()?;
    let said = extensions.flatten().find(|one| one.key() == Ok("mtime"))?;
    let seconds = said.value().ok()?.split('.').next()?.to_owned();
    seconds.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn unpack(bytes: &[u8], into: &Path) -> Result<PathBuf, String> {
        super::unpack(&Spool::of_bytes(bytes.to_vec()), into)
    }

    enum Member<'a> {
        File(&'a str, &'a [u8]),
        Link(&'a str, &'a str),
        Hard(&'a str, &'a str),
        Pipe(&'a str),
    }
    use Member::{File, Hard, Link, Pipe};

    fn tar(members: &[Member<'_>]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for member in members {
            let mut header = tar::Header::new_ustar();
            header.set_mtime(1_000_000_000);
            let (name, contents): (&str, &[u8]) = match member {
                File(name, contents) => {
                    header.set_mode(if name.ends_with("configure") {
                        0o755
                    } else {
                        0o644
                    });
                    (name, contents)
                }
                Link(name, to) | Hard(name, to) => {
                    let symbolic = matches!(member, Link(..));
                    header.set_entry_type(if symbolic {
                        tar::EntryType::Symlink
                    } else {
                        tar::EntryType::Link
                    });
                    header.set_link_name(to).unwrap();
                    (name, b"")
                }
                Pipe(name) => {
                    header.set_entry_type(tar::EntryType::Fifo);
                    (name, b"")
                }
            };
            header.set_size(contents.len() as u64);
            // The crate refuses to write names that lead out.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            archive.append(&header, contents).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn times_of_extended_headers_count() {
        let mut archive = tar::Builder::new(Vec::new());
        archive
            .append_pax_extensions([("mtime", b"1668693109.5".as_slice())])
            .unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(1);
        header.set_path("a-1/setup.py").unwrap();
        header.set_cksum();
        archive.append(&header, b"x".as_slice()).unwrap();
        let bytes = gzip(&archive.into_inner().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let unpacked = unpack(&bytes, &folder.path().join("source")).unwrap();
        let stat = fs::stat(unpacked.join("setup.py")).unwrap();
        assert_eq!(stat.modified, 1_668_693_109_000_000_000);
    }

    #[test]
    fn every_kind_of_archive() {
        let members = [
            File("a-1/setup.py", b"x"),
            File("a-1/configure", b"#!/bin/sh"),
            File("./a-1/b/c.py", b"y"),
            Link("a-1/same.py", "b/c.py"),
            Hard("a-1/copy.py", "a-1/b/c.py"),
            Link("a-1/nowhere", "gone"),
        ];
        let plain = tar(&members);
        for bytes in [plain.clone(), gzip(&plain), bzip2(&plain)] {
            let folder = tempfile::tempdir().unwrap();
            let project = unpack(&bytes, &folder.path().join("to")).unwrap();
            assert!(project.ends_with("to/a-1"));
            let names = ["b", "configure", "copy.py", "same.py", "setup.py"];
            assert_eq!(fs::list(&project).unwrap(), names);
            assert_eq!(fs::read_text(project.join("same.py")).unwrap(), "y");
            assert!(fs::is_link(project.join("same.py")));
            assert!(!fs::is_link(project.join("copy.py")));
            let stat = fs::stat(project.join("configure")).unwrap();
            assert_eq!(stat.mode & 0o100, 0o100);
            assert_eq!(stat.modified, 1_000_000_000_000_000_000);
        }
        let folder = tempfile::tempdir().unwrap();
        let zip = crate::dist::wheel::tests::archive(&[("setup.py", "x"), ("b/c.py", "y")]);
        let project = unpack(&zip, &folder.path().join("to")).unwrap();
        assert!(project.ends_with("to"));
        assert_eq!(fs::list(&project).unwrap(), ["b", "setup.py"]);
    }

    #[test]
    fn nothing_gets_out() {
        for (members, reason) in [
            (
                vec![File("../x", b"")],
                "its file \"../x\" lies outside of it",
            ),
            (vec![File("/x", b"")], "its file \"/x\" lies outside of it"),
            (
                vec![File("a/../../x", b"")],
                "its file \"a/../../x\" lies outside of it",
            ),
            (
                vec![Link("a/l", "../../x")],
                "its link \"a/l\" leads out of it",
            ),
            (vec![Link("l", "/etc")], "its link \"l\" leads out of it"),
            (vec![Hard("h", "../x")], "its link \"h\" leads out of it"),
            (vec![Pipe("p")], "p in it is a device or a pipe"),
            (
                // Written down it stays inside; followed it does not.
                vec![
                    File("s/f", b""),
                    File("d/e/f", b""),
                    Link("d/e/x", "../../s"),
                    Link("y", "d/e/x/../../secret"),
                ],
                "its link \"y\" leads out of it",
            ),
            (vec![], "it is empty"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("secret"), "s").unwrap();
            let to = folder.path().join("to");
            let refused = unpack(&gzip(&tar(&members)), &to).unwrap_err();
            assert_eq!(refused, reason);
            assert_eq!(fs::list(folder.path()).unwrap(), ["secret", "to"]);
        }
        // A file is not written through a link that came before it.
        let folder = tempfile::tempdir().unwrap();
        let bytes = tar(&[Link("l", "d"), File("l/f", b"x"), File("d/g", b"")]);
        unpack(&bytes, &folder.path().join("to")).unwrap();
        assert_eq!(fs::list(folder.path().join("to/d")).unwrap(), ["g"]);
    }

    #[test]
    fn bombs_and_halves() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = vec![0; 90 << 20];
        let bytes = gzip(&tar(&[File("a", &zeros)]));
        let mut target = Target {
            root: folder.path(),
            left: 1 << 20,
            files: 0,
            links: Vec::new(),
        };
        let refused = target.tar(flate2::read::MultiGzDecoder::new(bytes.as_slice()));
        assert_eq!(
            refused.unwrap_err(),
            "it grows out of all proportion when it is unpacked"
        );
        let whole = gzip(&tar(&[File("a/setup.py", &[7; 5000])]));
        for cut in [20, whole.len() / 2] {
            unpack(&whole[..cut], &folder.path().join("cut")).unwrap_err();
        }
        let error = unpack(b"<html>", &folder.path().join("page")).unwrap_err();
        assert!(error.starts_with("it is neither a tar archive"), "{error}");
    }
}

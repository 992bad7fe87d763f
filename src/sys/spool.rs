//! [`Spool`]: bytes that came and are not yet looked at. In memory while they are few, in a file beyond that.
//!
//! Their hash is made while they come, so that nobody reads them once more for it. The file is gone when the spool is
//! dropped; one that was there before stays.

use std::fs;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::error::{Error, Result};

/// More than this is written to a file: several archives may be on their way at the same time.
const IN_MEMORY: usize = 1 << 20;

/// Says where a file may be; asked only if one is needed.
pub type Place = Box<dyn FnOnce() -> Result<PathBuf> + Send + Sync>;

/// Bytes in memory or in a file.
pub struct Spool {
    memory: Vec<u8>,
    file: Option<(fs::File, PathBuf)>,
    place: Option<Place>,
    size: u64,
    sha256: Sha256,
    /// Set by somebody who wants no more of it.
    unwanted: Option<Arc<AtomicBool>>,
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spool")
            .field("size", &self.size)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some((_, path)) = self.file.take() {
            drop(super::fs::remove_file(path));
        }
    }
}

impl Spool {
    /// An empty one. `place` names the file, if it comes to that.
    pub fn new(place: Place) -> Self {
        Self {
            memory: Vec::new(),
            file: None,
            place: Some(place),
            size: 0,
            sha256: Sha256::new(),
            unwanted: None,
        }
    }

    /// Once this is set, writing to it fails.
    #[must_use]
    pub fn until(mut self, unwanted: Arc<AtomicBool>) -> Self {
        self.unwanted = Some(unwanted);
        self
    }

    /// What is in memory already.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        let mut new = Self::new(Box::new(|| Err(Error::user("There is no place for it."))));
        new.size = bytes.len() as u64;
        new.sha256.update(&bytes);
        new.memory = bytes;
        new
    }

    /// Takes what is in a file.
    pub fn take_file(&mut self, path: &Path) -> Result<()> {
        let taken = fs::File::open(path).and_then(|mut file| {
            self.expect(file.metadata()?.len());
            io::copy(&mut file, self)
        });
        taken.map(drop).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" (os error").next().unwrap_or(&reason);
            let shown = path.display();
            Error::user(format!("Couldn't read {shown}: {}.", reason.to_lowercase()))
        })
    }

    /// Forgets what came, so that it can come once more.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.memory.clear();
        self.size = 0;
        self.sha256 = Sha256::new();
        match &mut self.file {
            Some((file, _)) => file.set_len(0).and_then(|()| file.rewind()),
            None => Ok(()),
        }
    }

    /// Makes room for so many bytes, if they are to be in memory.
    pub(super) fn expect(&mut self, bytes: u64) {
        if let Ok(bytes) = usize::try_from(bytes)
            && bytes <= IN_MEMORY
        {
            self.memory.reserve_exact(bytes);
        }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// In hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&self.sha256.clone().finalize())
    }

    /// From its beginning.
    pub fn open(&self) -> io::Result<Reader<'_>> {
        Ok(match &self.file {
            None => Reader::Memory(Cursor::new(&self.memory)),
            Some((_, path)) => Reader::File(BufReader::new(fs::File::open(path)?)),
        })
    }

    /// All of it.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match &self.file {
            None => Ok(self.memory.clone()),
            Some((_, path)) => super::fs::read(path),
        }
    }

    /// All of it, where nobody needs the spool any more.
    pub fn into_bytes(mut self) -> Result<Vec<u8>> {
        match &self.file {
            None => Ok(std::mem::take(&mut self.memory)),
            Some((_, path)) => super::fs::read(path),
        }
    }

    /// The first bytes, at most so many.
    pub fn head(&self, n: usize) -> Vec<u8> {
        let mut head = Vec::new();
        if let Ok(reader) = self.open() {
            drop(reader.take(n as u64).read_to_end(&mut head));
        }
        head
    }

    /// Writes all of it to a new file.
    pub fn save(&self, to: &Path) -> Result<()> {
        match &self.file {
            None => super::fs::create(to, &self.memory, 0o666),
            Some((_, path)) => super::fs::copy_new(path, to),
        }
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let unwanted = self.unwanted.as_ref();
        if unwanted.is_some_and(|unwanted| unwanted.load(Ordering::Relaxed)) {
            return Err(io::Error::other("nobody wants it any more"));
        }
        if self.file.is_none() && self.memory.len() + bytes.len() > IN_MEMORY {
            let place = self.place.take();
            let path = place.map_or_else(|| Err(Error::user("There is no place for it.")), |p| p());
            let path = path.map_err(|error| io::Error::other(error.message))?;
            let mut file = fs::File::create_new(&path)?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some((file, path));
        }
        match &mut self.file {
            Some((file, _)) => file.write_all(bytes)?,
            None => self.memory.extend_from_slice(bytes),
        }
        self.size += bytes.len() as u64;
        self.sha256.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a [`Spool`].
#[derive(Debug)]
pub enum Reader<'a> {
    Memory(Cursor<&'a [u8]>),
    File(BufReader<fs::File>),
}

impl Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(into),
            Self::File(file) => file.read(into),
        }
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::File(file) => file.seek(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_goes_to_a_file_that_passes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passing");
        let place = path.clone();
        let mut spool = Spool::new(Box::new(move || Ok(place)));
        spool.write_all(b"first").unwrap();
        assert!(!path.exists());
        spool.clear().unwrap();
        let long = vec![7; IN_MEMORY + 1];
        spool.write_all(b"x").unwrap();
        spool.write_all(&long).unwrap();
        assert!(path.exists());
        spool.clear().unwrap();
        spool.write_all(b"ab").unwrap();
        spool.write_all(&long).unwrap();
        assert_eq!(spool.size(), long.len() as u64 + 2);
        assert_eq!(spool.head(3), [b'a', b'b', 7]);
        let bytes = spool.bytes().unwrap();
        assert_eq!(bytes.len() as u64, spool.size());
        assert_eq!(spool.sha256(), Spool::of_bytes(bytes).sha256());
        let mut reader = spool.open().unwrap();
        reader.seek(SeekFrom::End(-1)).unwrap();
        let mut last = Vec::new();
        reader.read_to_end(&mut last).unwrap();
        assert_eq!(last, [7]);
        let kept = folder.path().join("kept");
        spool.save(&kept).unwrap();
        drop(spool);
        assert!(!path.exists());
        let again = folder.path().join("again");
        let place = again.clone();
        let mut there = Spool::new(Box::new(move || Ok(place)));
        there.take_file(&kept).unwrap();
        assert_eq!(there.size(), long.len() as u64 + 2);
        assert!(again.exists());
        drop(there);
        assert!(kept.exists() && !again.exists());
        let error = Spool::of_bytes(Vec::new()).take_file(&again).unwrap_err();
        assert!(error.message.ends_with("again: no such file or directory."));
    }

    #[test]
    fn what_is_unwanted_is_written_no_more() {
        let unwanted = Arc::new(AtomicBool::new(false));
        let mut spool = Spool::of_bytes(Vec::new()).until(Arc::clone(&unwanted));
        spool.write_all(b"a").unwrap();
        unwanted.store(true, Ordering::Relaxed);
        spool.write_all(b"b").unwrap_err();
        assert_eq!(spool.into_bytes().unwrap(), b"a");
    }
}

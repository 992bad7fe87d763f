//! Files and directories. Every error names the path and what was being done to it.
//!
//! Paths are `&str` where they come from options (Python's are strings too) and `&Path` elsewhere: all functions take
//! both. Changes go through [`step`], which lets the kill test stop the process between any two of them.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use super::copies::{copy_bytes, copy_new};
use crate::error::{Error, Result};

/// Names an io error: `[Errno 2] No such file or directory: '/b/x'`-like facts in our own words.
pub(super) fn failed(doing: &str, path: &Path, error: &io::Error) -> Box<Error> {
    let reason = error.to_string();
    let reason = reason
        .split(" (os error")
        .next()
        .unwrap_or(&reason)
        .to_lowercase();
    Error::user(format!("Couldn't {doing} {}: {reason}.", path.display()))
}

pub(super) fn context<T>(result: io::Result<T>, doing: &str, path: &Path) -> Result<T> {
    result.map_err(|error| failed(doing, path, &error))
}

/// Called before each change of the disk. In debug builds the process stops itself before the step that [`stop_at`] was
/// told: the kill test walks through all of them.
pub(super) fn step() {
    #[cfg(debug_assertions)]
    steps::step();
}

/// Whether steps are counted: then what the system does as one call is done in pieces, so that each state between them is
/// met.
pub(super) fn in_pieces() -> bool {
    #[cfg(debug_assertions)]
    return steps::are_counted();
    #[cfg(not(debug_assertions))]
    return false;
}

#[cfg(debug_assertions)]
pub use steps::stop_at;

#[cfg(debug_assertions)]
mod steps {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static LEFT: AtomicU64 = AtomicU64::new(0);
    static SIGNAL: OnceLock<String> = OnceLock::new();

    /// The process sends itself a signal (`KILL`, `INT`, `STOP`) before its `n`th change of the disk; 0 for never.
    pub fn stop_at(n: u64, signal: &str) {
        LEFT.store(n, Ordering::Relaxed);
        SIGNAL.get_or_init(|| format!("-{signal}"));
    }

    pub(super) fn are_counted() -> bool {
        SIGNAL.get().is_some()
    }

    pub(super) fn step() {
        if LEFT.load(Ordering::Relaxed) > 0 && LEFT.fetch_sub(1, Ordering::Relaxed) == 1 {
            let signal = SIGNAL.get().map_or("-KILL", String::as_str);
            let sent = std::process::Command::new("kill")
                .args([signal, &std::process::id().to_string()])
                .status();
            drop(sent);
            if signal != "-STOP" {
                std::process::abort();
            }
        }
    }
}

pub fn exists(path: impl AsRef<Path>) -> bool {
    path.as_ref().exists()
}

/// Whether anything has this name, a dangling link too.
pub fn is_there(path: impl AsRef<Path>) -> bool {
    fs::symlink_metadata(path).is_ok()
}

pub fn is_dir(path: impl AsRef<Path>) -> bool {
    path.as_ref().is_dir()
}

pub fn is_file(path: impl AsRef<Path>) -> bool {
    path.as_ref().is_file()
}

/// Whether it is a file that somebody may execute.
pub fn is_executable(path: impl AsRef<Path>) -> bool {
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.mode() & 0o111 != 0)
}

pub fn is_link(path: impl AsRef<Path>) -> bool {
    fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_symlink())
}

pub fn read(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    context(fs::read(&path), "read", path.as_ref())
}

/// The bytes, or `None` where no such file is.
pub fn read_if_there(path: impl AsRef<Path>) -> Result<Option<Vec<u8>>> {
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failed("read", path.as_ref(), &error)),
    }
}

/// The text of a file that must be UTF-8.
pub fn read_text(path: impl AsRef<Path>) -> Result<String> {
    let bytes = read(&path)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::user(format!(
            "Couldn't read {}: byte {at} is not UTF-8.",
            path.as_ref().display()
        ))
    })
}

/// The text of a file, other bytes than UTF-8 replaced; for metadata that only matters in parts.
pub fn read_lossy(path: impl AsRef<Path>) -> Result<String> {
    Ok(String::from_utf8_lossy(&read(path)?).into_owned())
}

/// Names in a directory, sorted; none where no such directory is.
pub fn list(path: impl AsRef<Path>) -> Result<Vec<String>> {
    let mut names = list_unsorted(path)?;
    names.sort_unstable();
    Ok(names)
}

/// As [`list`], in the order of the file system: that of Python's `os.listdir`.
pub fn list_unsorted(path: impl AsRef<Path>) -> Result<Vec<String>> {
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed("list", path.as_ref(), &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = context(entry, "list", path.as_ref())?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// Size, modification time in nanoseconds, inode and mode of what is there, links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub size: u64,
    pub modified: i128,
    pub inode: u64,
    pub device: u64,
    pub mode: u32,
    pub is_dir: bool,
}

pub fn stat(path: impl AsRef<Path>) -> Option<Stat> {
    fs::metadata(path).ok().map(|m| stat_of(&m))
}

/// As [`stat`], of the link itself.
pub fn stat_link(path: impl AsRef<Path>) -> Option<Stat> {
    fs::symlink_metadata(path).ok().map(|m| stat_of(&m))
}

pub(super) fn stat_of(m: &fs::Metadata) -> Stat {
    Stat {
        size: m.size(),
        modified: i128::from(m.mtime()) * 1_000_000_000 + i128::from(m.mtime_nsec()),
        inode: m.ino(),
        device: m.dev(),
        mode: m.mode() & 0o7777,
        is_dir: m.is_dir(),
    }
}

/// The path with all links resolved, as far as it is there; the rest is kept. Python's `os.path.realpath`.
pub fn real_path(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent != path => real_path(parent).join(name),
        _ => path.to_path_buf(),
    }
}

/// Makes a directory and its parents, 0777 less the umask.
pub fn make_directory(path: impl AsRef<Path>) -> Result<()> {
    if is_dir(&path) {
        return Ok(());
    }
    context(
        make_directories(path.as_ref()),
        "make the directory",
        path.as_ref(),
    )
}

fn make_directories(path: &Path) -> io::Result<()> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        && !parent.is_dir()
    {
        make_directories(parent)?;
    }
    step();
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Writes a new file, in a directory that is there; fails where something of that name is. The mode is taken less the umask.
pub fn create(path: impl AsRef<Path>, bytes: &[u8], mode: u32) -> Result<()> {
    step();
    let path = path.as_ref();
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|f| write(f, bytes));
    context(written, "write", path)
}

fn write(mut file: fs::File, bytes: &[u8]) -> io::Result<()> {
    let begun = if in_pieces() { bytes.len() / 2 } else { 0 };
    if begun > 0 {
        step();
        file.write_all(&bytes[..begun])?;
        step();
    }
    file.write_all(&bytes[begun..])
}

/// Flushes a file's bytes, or the names in a directory, to the disk.
pub fn sync(path: impl AsRef<Path>) -> Result<()> {
    step();
    context(
        fs::File::open(&path).and_then(|f| f.sync_all()),
        "flush",
        path.as_ref(),
    )
}

/// Puts a whole file in place of whatever file has the name: written beside it, then renamed. An old one keeps its mode.
pub fn replace(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    let path = path.as_ref();
    let beside = beside(path);
    remove_file_if_there(&beside)?;
    create(&beside, bytes, 0o666)?;
    if let Some(old) = stat(path) {
        set_mode(&beside, old.mode)?;
    }
    rename(&beside, path)
}

/// A name beside `path` for a file that is about to take its place.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.rbuildout-{}", std::process::id()))
}

pub fn set_mode(path: impl AsRef<Path>, mode: u32) -> Result<()> {
    step();
    context(
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)),
        "change the mode of",
        path.as_ref(),
    )
}

/// Moves within one file system, replacing a file of that name in one step.
pub fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    step();
    context(fs::rename(from, &to), "put in place", to.as_ref())
}

/// The file that writing to `path` would reach: links are followed, a dangling one to where it points.
pub fn write_target(path: &str) -> Result<String> {
    let mut target = PathBuf::from(path);
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("/")).join(next),
            Err(_) => return Ok(target.to_string_lossy().into_owned()),
        }
    }
    Err(Error::user(format!(
        "Couldn't write {path}: too many levels of symbolic links."
    )))
}

/// Gives a new file the owner and group of the one that it is to replace, as far as this user may.
pub fn keep_owner(new: impl AsRef<Path>, old: impl AsRef<Path>) {
    let (Ok(old), Ok(now)) = (fs::metadata(old), fs::metadata(&new)) else {
        return;
    };
    if (old.uid(), old.gid()) != (now.uid(), now.gid()) {
        step();
        // Not being allowed to is no reason to fail: Python would have kept the file, we keep its content.
        drop(std::os::unix::fs::chown(
            new,
            Some(old.uid()),
            Some(old.gid()),
        ));
    }
}

/// Whether a rename from one to the other is possible.
pub fn same_file_system(a: impl AsRef<Path>, b: impl AsRef<Path>) -> bool {
    match (fs::symlink_metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev(),
        _ => true,
    }
}

/// A second name for a file.
pub fn hard_link(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    step();
    fs::hard_link(from, to)
}

/// A symbolic link to `to` at `place`, where nothing is.
pub fn link(to: impl AsRef<Path>, place: impl AsRef<Path>) -> Result<()> {
    step();
    context(
        std::os::unix::fs::symlink(to, &place),
        "make the link",
        place.as_ref(),
    )
}

/// Sets a file's modification time, in seconds since 1970.
pub fn set_modified(path: impl AsRef<Path>, seconds: u64) -> Result<()> {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.min(1 << 40));
    let set = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_times(fs::FileTimes::new().set_modified(time)));
    context(set, "set the time of", path.as_ref())
}

/// Copies a file with its mode and modification time.
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    step();
    context(
        copy_file(from.as_ref(), to.as_ref()),
        "copy to",
        to.as_ref(),
    )
}

pub(super) fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    if in_pieces() {
        let bytes = fs::read(from)?;
        fs::write(to, &bytes[..bytes.len() / 2])?;
        step();
    }
    fs::copy(from, to)?;
    step();
    let modified = fs::metadata(from)?.modified()?;
    fs::OpenOptions::new()
        .write(true)
        .open(to)?
        .set_times(fs::FileTimes::new().set_modified(modified))
}

/// Copies a file, or a directory with all that is in it; links stay links.
pub fn copy_tree(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    if is_link(from) {
        let target = context(fs::read_link(from), "read", from)?;
        return link(target, to);
    }
    if !is_dir(from) {
        return copy(from, to);
    }
    make_directory(to)?;
    list(from)?
        .iter()
        .try_for_each(|name| copy_tree(from.join(name), to.join(name)))
}

/// Makes sure that a file, or all files of a directory, are on the disk.
pub fn sync_tree(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    if is_link(path) || !is_dir(path) {
        return if is_link(path) { Ok(()) } else { sync(path) };
    }
    list(path)?
        .iter()
        .try_for_each(|name| sync_tree(path.join(name)))
}

/// Whether two files, or two directories with all that is in them, have the same names and bytes.
pub fn same_tree(a: impl AsRef<Path>, b: impl AsRef<Path>) -> Result<bool> {
    let (a, b) = (a.as_ref(), b.as_ref());
    if is_link(a) || is_dir(a) != is_dir(b) || !is_there(a) {
        return Ok(false);
    }
    if !is_dir(a) {
        return Ok(read(a)? == read(b)?);
    }
    let names = list(a)?;
    if names != list(b)? {
        return Ok(false);
    }
    for name in names {
        if !same_tree(a.join(&name), b.join(&name))? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub fn remove_file(path: impl AsRef<Path>) -> Result<()> {
    step();
    context(fs::remove_file(&path), "remove", path.as_ref())
}

pub fn remove_file_if_there(path: impl AsRef<Path>) -> Result<()> {
    if is_there(&path) {
        remove_file(path)
    } else {
        Ok(())
    }
}

/// Removes a directory with all that is in it.
pub fn remove_tree(path: impl AsRef<Path>) -> Result<()> {
    if in_pieces() && !is_link(&path) {
        context(empty_tree(path.as_ref()), "remove", path.as_ref())?;
    }
    step();
    context(fs::remove_dir_all(&path), "remove", path.as_ref())
}

fn empty_tree(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            empty_tree(&entry.path())?;
            step();
            fs::remove_dir(entry.path())?;
        } else {
            step();
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A lock on a file, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: fs::File,
}

/// Takes the lock of a directory (it leaves nothing in it), or says by `None` that another process has it; with `wait` it
/// waits for it instead.
pub fn lock(path: impl AsRef<Path>, wait: bool) -> Result<Option<Lock>> {
    let path = path.as_ref();
    let file = context(fs::File::open(path), "open", path)?;
    if wait {
        context(file.lock(), "lock", path)?;
        return Ok(Some(Lock { _file: file }));
    }
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(failed("lock", path, &error)),
    }
}

/// Takes the lock of a directory together with others; waits while somebody has it alone. See [`lock`].
pub fn lock_shared(path: impl AsRef<Path>) -> Result<Lock> {
    let path = path.as_ref();
    let file = context(fs::File::open(path), "open", path)?;
    context(file.lock_shared(), "lock", path)?;
    Ok(Lock { _file: file })
}

/// Sets the modification time of a file or directory to now.
pub fn touch(path: impl AsRef<Path>) -> Result<()> {
    let now = fs::FileTimes::new().set_modified(std::time::SystemTime::now());
    let touched = fs::File::open(&path).and_then(|file| file.set_times(now));
    context(touched, "change the time of", path.as_ref())
}

/// How long ago a file or directory was last changed.
pub fn age(path: impl AsRef<Path>) -> Option<std::time::Duration> {
    let modified = fs::metadata(path).and_then(|m| m.modified()).ok()?;
    Some(modified.elapsed().unwrap_or_default())
}

/// More than most files have that are read by [`head`].
const MOST: usize = 8192;

/// The first bytes of a file, at most `n`; empty where it can't be read. For `#!` lines.
pub fn head(path: impl AsRef<Path>, n: u64) -> Vec<u8> {
    // Room for what most files are, so that they are read at once.
    let room = usize::try_from(n).map_or(MOST, |n| n.min(MOST));
    let mut bytes = Vec::with_capacity(room);
    match fs::File::open(path).and_then(|f| f.take(n).read_to_end(&mut bytes)) {
        Ok(_) => bytes,
        Err(_) => Vec::new(),
    }
}

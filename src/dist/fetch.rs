//! From a distribution on offer to an egg in the eggs directory: download, check the hash, unpack, put in place.
//!
//! Wheels and ready-made eggs. What has to be built first is refused with the reason. With a download cache every archive
//! is kept there too, whole and checked, under its own name. The line about a download is zc.buildout's, at the
//! point where it downloads, whether the wheel has been fetched before or not. zc.buildout: easy_install.py, `_fetch`,
//! `_move_to_eggs_dir_and_compile`; _package_index.py, `_download_to`.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::cache::{Cache, Unpacked, own_name};
use super::distribution::{Distribution, Precedence};
use super::egg::{Placed, Recipe};
use super::index::file_name;
use super::link_mode::LinkMode;
use super::ready_made;
use super::scan::normalised;
use crate::digest::hex;
use crate::error::{Diagnostic, Error, Result};
use crate::log::{DEBUG, INFO, Log, WARNING};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::{Failure, FailureKind, Network};
use crate::sys::url;
use crate::wording::redacted;

/// Downloads, checks, unpacks.
#[derive(Debug)]
pub struct Fetcher {
    network: Rc<Network>,
    cache: Cache,
    facts: Rc<Facts>,
    log: Log,
    /// `download-cache` with its `dist`.
    download_cache: Option<String>,
    link_mode: LinkMode,
    /// Wheels fetched in advance, by location.
    ready: HashMap<String, Unpacked>,
}

/// At most so many downloads at a time.
const AT_ONCE: usize = 16;

impl Fetcher {
    /// `cache`: the directory that all projects of the user share.
    pub fn new(network: Rc<Network>, cache: &str, facts: Rc<Facts>, log: Log) -> Self {
        Self {
            network,
            cache: Cache::new(cache),
            facts,
            log,
            download_cache: None,
            link_mode: LinkMode::default(),
            ready: HashMap::new(),
        }
    }

    /// Keeps archives in this directory too.
    #[must_use]
    pub fn with_download_cache(mut self, directory: Option<String>) -> Self {
        self.download_cache = directory;
        self
    }

    /// Puts files from the cache into eggs in this way.
    #[must_use]
    pub fn with_link_mode(mut self, mode: LinkMode) -> Self {
        self.link_mode = mode;
        self
    }

    fn source(&self) -> Source<'_> {
        Source {
            network: &self.network,
            cache: &self.cache,
            kept: self.download_cache.as_deref(),
        }
    }

    /// Downloads these at once, without a word, so that [`Fetcher::into_eggs`] need not wait. What fails is tried again there.
    pub fn prefetch(&mut self, distributions: &[Distribution]) {
        let wanted: Vec<&str> = distributions
            .iter()
            .filter(|d| d.precedence == Precedence::Wheel)
            .map(|d| d.location.as_str())
            .filter(|location| !self.ready.contains_key(*location))
            .collect();
        let (source, facts) = (self.source(), &*self.facts);
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..wanted.len().min(AT_ONCE) {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(location) = wanted.get(at) else {
                            return;
                        };
                        let fetched = source
                            .wheel(location)
                            .and_then(|wheel| source.cache.compiled(&wheel, facts).map(|_| wheel));
                        if let Ok(wheel) = fetched {
                            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                            done.push(((*location).to_owned(), wheel));
                        }
                    }
                });
            }
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.ready.extend(done);
    }

    /// Puts a distribution on offer into the eggs directory and returns it as installed.
    pub fn into_eggs(
        &mut self,
        distribution: &Distribution,
        eggs_directory: &str,
    ) -> Result<Distribution> {
        if !matches!(distribution.precedence, Precedence::Wheel | Precedence::Egg) {
            return Err(self.not_built(distribution));
        }
        let location = &distribution.location;
        let is_kept = self.download_cache.is_some()
            && self.download_cache == local_path(location).map(|path| parent_of(&path));
        let shown = redacted(location);
        self.log.say(
            DEBUG,
            &if is_kept {
                format!("Download cache has {distribution} at: {shown}")
            } else {
                format!("Fetching {distribution} from: {shown}")
            },
        );
        if url::scheme(location).is_some() && url::file_path(location).is_none() {
            let line = format!("Downloading {}", redacted(location));
            self.log.say_as("root", INFO, &line);
        }
        if distribution.precedence == Precedence::Egg {
            let placed = self.ready_made(distribution, eggs_directory)?;
            return Ok(self.placed(placed, distribution));
        }
        let wheel = match self.ready.remove(location) {
            Some(wheel) => wheel,
            None => self.source().wheel(location)?,
        };
        let compiled = self.cache.compiled(&wheel, &self.facts)?;
        let source = source_url(location);
        let recipe = Recipe {
            wheel: &wheel,
            compiled: &compiled,
            facts: &self.facts,
            source: &source,
            link_mode: self.link_mode,
        };
        let placed = recipe.place(eggs_directory)?;
        let installed = &placed.distribution;
        if super::name::canonical(&installed.project_name)
            != super::name::canonical(&distribution.project_name)
            || installed.version != distribution.version
        {
            return Err(Error::user(format!(
                "{} has no distribution for {distribution}",
                installed.location
            ))
            .hint(
                "wheel",
                format!("the wheel {source} calls itself {installed}"),
                "tell those who made it; another version may do meanwhile",
            ));
        }
        Ok(self.placed(placed, distribution))
    }

    fn ready_made(&self, distribution: &Distribution, eggs_directory: &str) -> Result<Placed> {
        let location = &distribution.location;
        let name = file_name(location);
        if let Some(path) = local_path(location).filter(|path| fs::is_dir(path)) {
            let from = ready_made::Source::Directory(Path::new(&path));
            return ready_made::place(&from, &name, distribution, eggs_directory);
        }
        let bytes = self.source().archive(location)?;
        let from = ready_made::Source::Archive(&bytes);
        let placed = ready_made::place(&from, &name, distribution, eggs_directory)?;
        self.source().keep(location, &bytes)?;
        Ok(placed)
    }

    /// The installed distribution, with a word where another process was faster.
    fn placed(&self, placed: Placed, distribution: &Distribution) -> Distribution {
        let installed = placed.distribution;
        if placed.was_there {
            self.log.say(
                WARNING,
                &format!(
                    "Path {} unexpectedly already exists.\n\
                     It contains the expected distribution for {distribution}.\n\
                     Maybe a buildout running in parallel has added it. We will accept it.\n\
                     If this contains a wrong package, please remove it yourself.",
                    installed.location
                ),
            );
        }
        installed
    }

    fn not_built(&self, distribution: &Distribution) -> Box<Error> {
        let kind = match distribution.precedence {
            Precedence::Binary => "an installer for Windows",
            Precedence::Checkout | Precedence::Develop => "a checkout of its sources",
            _ => "an archive of its sources",
        };
        let shown = redacted(&distribution.location);
        let python = &self.facts.python_version;
        Error::user(format!("Couldn't install: {distribution}")).with(
            Diagnostic::error(
                "wheel",
                format!("{shown} is {kind}, and rbuildout can't build distributions yet"),
            )
            .help(format!(
                "pin a version of {} that has a wheel for Python {python} on {}, or use a Python that this one has \
                 a wheel for",
                distribution.project_name, self.facts.platform
            ))
            .help("or build one with 'pip wheel --no-deps' and name its directory in find-links"),
        )
    }
}

/// Where archives come from.
#[derive(Clone, Copy, Debug)]
struct Source<'a> {
    network: &'a Network,
    cache: &'a Cache,
    /// The download cache.
    kept: Option<&'a str>,
}

impl Source<'_> {
    /// The wheel at a location, unpacked.
    fn wheel(self, location: &str) -> Result<Unpacked> {
        // With a download cache the archive itself is wanted.
        if self.kept.is_none()
            && local_path(location).is_none()
            && let Some(("sha256", hash)) = expected_hash(location)
            && let Some(found) = self.cache.find(hash)
        {
            return Ok(found);
        }
        let bytes = self.archive(location)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let wheel = self.cache.add(&bytes, &sha256, &file_name(location))?;
        self.keep(location, &bytes)?;
        Ok(wheel)
    }

    /// The bytes at a location, from the disk or from the network; their hash is right where the location names one.
    fn archive(self, location: &str) -> Result<Vec<u8>> {
        let name = file_name(location);
        if let Some(path) = local_path(location) {
            let bytes = fs::read(&path)?;
            check_hash(location, &bytes, &name)?;
            return Ok(bytes);
        }
        let passing = self.cache.passing()?;
        let fetched = self
            .network
            .download(location, &passing, &name)
            .map_err(|failure| not_downloaded(location, &failure))
            .and_then(|_| fs::read(&passing));
        fs::remove_file_if_there(&passing)?;
        let bytes = fetched?;
        refuse_page(location, &bytes)?;
        check_hash(location, &bytes, &name)?;
        Ok(bytes)
    }

    /// Puts an archive that could be unpacked into the download cache, by one rename, unless it came from there.
    fn keep(self, location: &str, bytes: &[u8]) -> Result<()> {
        let Some(kept) = self.kept else {
            return Ok(());
        };
        if local_path(location).is_some_and(|path| parent_of(&path) == kept) {
            return Ok(());
        }
        let name = file_name(location);
        let kept = Path::new(kept);
        let passing = kept.join(own_name());
        let name = name
            .strip_suffix(".zip")
            .filter(|n| n.ends_with(".egg"))
            .unwrap_or(&name);
        let name = name.replace(['/', '\\', ':'], "_");
        fs::create(&passing, bytes, 0o666)?;
        fs::rename(&passing, kept.join(name))
    }
}

/// The path of a location on this machine.
fn local_path(location: &str) -> Option<String> {
    match url::scheme(location) {
        None => Some(url::without_fragment(location).to_owned()),
        Some(_) => url::file_path(location),
    }
}

/// The directory of a file, without links.
fn parent_of(path: &str) -> String {
    normalised(path.rsplit_once('/').map_or("", |(parent, _)| parent))
}

/// A server that answers with a page where a file should be.
// zc.buildout: _package_index.py, `_invalid_download_html`.
fn refuse_page(location: &str, bytes: &[u8]) -> Result<()> {
    let start: Vec<u8> = bytes
        .iter()
        .skip_while(|b| b.is_ascii_whitespace())
        .take(9)
        .map(u8::to_ascii_lowercase)
        .collect();
    if !start.starts_with(b"<html") && !start.starts_with(b"<!doctype") {
        return Ok(());
    }
    let shown = redacted(location);
    Err(
        Error::user(format!("Unexpected HTML page found at {shown}")).hint(
            "download",
            format!("{} is a page, not an archive", file_name(location)),
            "a proxy, or a page that wants a login, may be in between",
        ),
    )
}

fn check_hash(location: &str, bytes: &[u8], name: &str) -> Result<()> {
    let Some((kind, expected)) = expected_hash(location) else {
        return Ok(());
    };
    let Some(got) = digest(kind, bytes).filter(|got| got != expected) else {
        return Ok(());
    };
    Err(Error::user(format!(
        "{kind} validation failed for {name}; possible download problem?"
    ))
    .with(
        Diagnostic::error(
            "hash",
            format!("{name} is not the file that the index names; it has been thrown away"),
        )
        .help(format!("expected {kind} {expected}"))
        .help(format!("got      {kind} {got}"))
        .help("try again; if it stays so, a proxy or mirror in between changes files"),
    ))
}

/// The hash that a URL carries. zc.buildout: _package_index.py, `HashChecker`. SHA-1 is not checked.
fn expected_hash(location: &str) -> Option<(&str, &str)> {
    let fragment = url::parts(location).fragment?;
    fragment.split('&').find_map(|piece| {
        let (kind, hash) = piece.split_once('=')?;
        let known = matches!(kind, "sha256" | "sha224" | "sha384" | "sha512" | "md5");
        let is_hex = !hash.is_empty()
            && hash
                .bytes()
                .all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        (known && is_hex).then_some((kind, hash))
    })
}

fn digest(kind: &str, bytes: &[u8]) -> Option<String> {
    Some(match kind {
        "sha256" => hex(&Sha256::digest(bytes)),
        "sha224" => hex(&Sha224::digest(bytes)),
        "sha384" => hex(&Sha384::digest(bytes)),
        "sha512" => hex(&Sha512::digest(bytes)),
        "md5" => hex(&Md5::digest(bytes)),
        _ => return None,
    })
}

fn source_url(location: &str) -> String {
    let bare = url::without_fragment(location);
    match url::scheme(bare) {
        Some(_) => redacted(bare),
        None => format!("file://{}", url::quote_path(bare)),
    }
}

fn not_downloaded(location: &str, failure: &Failure) -> Box<Error> {
    let shown = redacted(url::without_fragment(location));
    let (message, help) = match failure.kind {
        // zc.buildout: _package_index.py, `_download_to`, `open_url`.
        FailureKind::Status(401 | 403) => (
            format!("Can't download {shown}: {failure}"),
            "give user and password in the URL of the index or in the netrc file",
        ),
        FailureKind::Status(_) => (
            format!("Can't download {shown}: {failure}"),
            "try again later, or pin a version that is on offer",
        ),
        FailureKind::Tls => (
            format!("Download error for {shown}: {}", failure.reason),
            "name the certificates to trust in PIP_CERT, SSL_CERT_FILE or REQUESTS_CA_BUNDLE",
        ),
        FailureKind::Offline => (
            format!("Download error for {shown}: {}", failure.reason),
            "run once with the network, without -o and without offline = true",
        ),
        _ => (
            format!("Download error for {shown}: {}", failure.reason),
            "check the network and the settings of its proxy (https_proxy, no_proxy)",
        ),
    };
    Error::user(message).hint(
        "download",
        format!("{} did not come", file_name(location)),
        help,
    )
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;

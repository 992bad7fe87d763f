//! From a distribution on offer to an egg in the eggs directory: download, check the hash, unpack, put in place.
//!
//! Wheels go in as they are, archives of sources are built into wheels first ([`Builder`]). The line about a download is zc.buildout's, at the
//! point where it downloads, whether the wheel has been fetched before or not. zc.buildout: easy_install.py, `_fetch`,
//! `_move_to_eggs_dir_and_compile`; _package_index.py, `_download_to`.

use std::collections::HashMap;
use std::rc::Rc;

use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::builder::{BuildSettings, Builder, Built, Job, PROGRAMS, Sources, side_by_side};
use super::cache::{Cache, Unpacked};
use super::candidate::ARCHIVES;
use super::distribution::{Distribution, Precedence};
use super::egg::Recipe;
use super::index::file_name;
use crate::digest::hex;
use crate::error::{Diagnostic, Error, Result};
use crate::log::{INFO, Log, WARNING};
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
    builder: Builder,
    /// Wheels fetched or built in advance, by location.
    ready: HashMap<String, Ready>,
    /// Whether eggs keep the programs of their wheels.
    programs: bool,
}

/// A wheel, and the hash of the file that it came in or was built from.
#[derive(Clone, Debug)]
struct Ready {
    wheel: Unpacked,
    sha256: String,
}

/// At most so many downloads at a time.
const AT_ONCE: usize = 16;

impl Fetcher {
    /// `cache`: the directory that all projects of the user share.
    pub fn new(network: Rc<Network>, cache: &str, facts: Rc<Facts>, log: Log) -> Self {
        let builder = Builder::new(
            Rc::clone(&network),
            cache,
            Rc::clone(&facts),
            BuildSettings::default(),
        );
        Self {
            network,
            cache: Cache::new(cache),
            facts,
            log,
            builder,
            ready: HashMap::new(),
            programs: false,
        }
    }

    /// With what builds need to know.
    #[must_use]
    pub(super) fn with_builder(mut self, cache: &str, settings: BuildSettings) -> Self {
        let (network, facts) = (Rc::clone(&self.network), Rc::clone(&self.facts));
        self.builder = Builder::new(network, cache, facts, settings);
        self
    }

    pub(super) fn builder(&mut self) -> &mut Builder {
        &mut self.builder
    }

    /// Eggs are to keep the programs of their wheels: they are for builds.
    pub(super) fn keep_programs(&mut self) {
        self.programs = true;
    }

    /// Downloads these at once, without a word, and builds what is to be built, so that [`Fetcher::into_eggs`] need not
    /// wait. What fails is tried again there.
    pub fn prefetch(&mut self, distributions: &[Distribution]) {
        let is_new = |d: &&Distribution| !self.ready.contains_key(&d.location);
        let new: Vec<&Distribution> = distributions.iter().filter(is_new).collect();
        let (wheels, sources): (Vec<&Distribution>, Vec<&Distribution>) = new
            .into_iter()
            .filter(|d| d.precedence == Precedence::Wheel || is_built(d))
            .partition(|d| d.precedence == Precedence::Wheel);
        let (network, cache, facts) = (&*self.network, &self.cache, &*self.facts);
        let fetched = side_by_side(&wheels, AT_ONCE, |distribution| -> Result<Ready> {
            let ready = fetch(network, cache, &distribution.location)?;
            cache.compiled(&ready.wheel, facts)?;
            Ok(ready)
        });
        let done = wheels.iter().zip(fetched);
        let done = done.filter_map(|(d, ready)| Some((d.location.clone(), ready.ok()?)));
        let done: Vec<(String, Ready)> = done.collect();
        self.ready.extend(done);
        // A failed build is not remembered: what is said about it belongs where it is needed.
        if sources.len() > 1 {
            for (distribution, ready) in sources.iter().zip(self.build(&sources)) {
                if let Ok(ready) = ready {
                    self.ready.insert(distribution.location.clone(), ready);
                }
            }
        }
    }

    /// Wheels of these archives of sources, built now or earlier.
    fn build(&mut self, sources: &[&Distribution]) -> Vec<Result<Ready>> {
        let known: Vec<Option<Ready>> = sources
            .iter()
            .map(|source| self.built_before(sha256_of(&source.location)?))
            .collect();
        let missing: Vec<&Distribution> = sources
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.is_none())
            .map(|(source, _)| *source)
            .collect();
        let network = &*self.network;
        let cache = &self.cache;
        let archives = side_by_side(&missing, AT_ONCE, |source| {
            download(network, cache, &source.location)
        });
        let mut jobs = Vec::new();
        // For each what is known without a build, or the hash of what is to be built.
        let mut outcomes: Vec<std::result::Result<String, Result<Ready>>> = Vec::new();
        for (source, archive) in missing.iter().zip(archives) {
            outcomes.push(match archive {
                Err(error) => Err(Err(error)),
                Ok(bytes) => {
                    let sha256 = hex(&Sha256::digest(&bytes));
                    if let Some(ready) = self.built_before(&sha256) {
                        Err(Ok(ready))
                    } else {
                        jobs.push(Job {
                            name: source.to_string(),
                            log_name: format!("{}-{}", source.project_name, source.version),
                            sources: Sources::Archive(bytes),
                        });
                        Ok(sha256)
                    }
                }
            });
        }
        let mut built = self.builder.build(&jobs).into_iter();
        let mut fresh = Vec::new();
        for outcome in outcomes {
            fresh.push(match outcome {
                Err(known) => known,
                Ok(sha256) => match built.next() {
                    Some(Ok(built)) => self.keep(&built, sha256),
                    Some(Err(error)) => Err(error),
                    None => Err(Error::user("A build has no result.")),
                },
            });
        }
        let mut fresh = fresh.into_iter();
        known
            .into_iter()
            .filter_map(|known| known.map(Ok).or_else(|| fresh.next()))
            .collect()
    }

    /// The wheel that an archive of this hash was built into before.
    fn built_before(&self, sha256: &str) -> Option<Ready> {
        let wheel = self.cache.find(&self.builder.known(sha256)?)?;
        Some(Ready {
            wheel,
            sha256: sha256.to_owned(),
        })
    }

    /// Puts a wheel that was built into the cache.
    fn keep(&self, built: &Built, sha256: String) -> Result<Ready> {
        let file = built
            .wheel
            .as_ref()
            .ok_or_else(|| Error::user("A build has made no wheel."))?;
        let bytes = fs::read(file)?;
        let hash = hex(&Sha256::digest(&bytes));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let wheel = self.cache.add(&bytes, &hash, &name)?;
        self.cache.compiled(&wheel, &self.facts)?;
        self.builder.remember(&sha256, &hash)?;
        Ok(Ready { wheel, sha256 })
    }

    /// Puts a distribution on offer into the eggs directory and returns it as installed.
    pub fn into_eggs(
        &mut self,
        distribution: &Distribution,
        eggs_directory: &str,
    ) -> Result<Distribution> {
        if distribution.precedence != Precedence::Wheel && !is_built(distribution) {
            return Err(self.not_built(distribution));
        }
        let location = &distribution.location;
        if url::scheme(location).is_some() && url::file_path(location).is_none() {
            let line = format!("Downloading {}", redacted(location));
            self.log.say_as("root", INFO, &line);
        }
        let ready = match self.ready.remove(location) {
            Some(ready) => ready,
            None if is_built(distribution) => match self.build(&[distribution]).pop() {
                Some(built) => built?,
                None => return Err(self.not_built(distribution)),
            },
            None => fetch(&self.network, &self.cache, location)?,
        };
        let compiled = self.cache.compiled(&ready.wheel, &self.facts)?;
        let source = source_url(location);
        let recipe = Recipe {
            wheel: &ready.wheel,
            compiled: &compiled,
            facts: &self.facts,
            source: &source,
            source_sha256: &ready.sha256,
            programs: self.programs.then_some(PROGRAMS),
        };
        let placed = recipe.place(eggs_directory)?;
        let installed = placed.distribution;
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
        Ok(installed)
    }

    fn not_built(&self, distribution: &Distribution) -> Box<Error> {
        let kind = match distribution.precedence {
            Precedence::Egg | Precedence::Binary => "a ready-made egg",
            _ => "a checkout of its sources",
        };
        let shown = redacted(&distribution.location);
        let python = &self.facts.python_version;
        Error::user(format!("Couldn't install: {distribution}")).with(
            Diagnostic::error(
                "wheel",
                format!("{shown} is {kind}; rbuildout installs wheels and archives of sources"),
            )
            .help(format!(
                "pin a version of {} that has a wheel for Python {python} on {}, or an archive of its sources",
                distribution.project_name, self.facts.platform
            ))
            .help("or build one with 'pip wheel --no-deps' and name its directory in find-links"),
        )
    }
}

/// Whether it is an archive to be built.
fn is_built(distribution: &Distribution) -> bool {
    let base = file_name(&distribution.location);
    match distribution.precedence {
        Precedence::Source => true,
        // `…/main.zip#egg=NAME-VERSION`; a checkout by a version control system is not fetched.
        Precedence::Checkout => ARCHIVES.iter().any(|end| base.ends_with(end)),
        _ => false,
    }
}

/// The wheel at a location, from the cache, from the disk or from the network.
fn fetch(network: &Network, cache: &Cache, location: &str) -> Result<Ready> {
    let known = sha256_of(location).and_then(|hash| cache.find(hash));
    let is_remote = local_path(location).is_none();
    if let Some(wheel) = known.filter(|_| is_remote) {
        let sha256 = wheel.sha256.clone();
        return Ok(Ready { wheel, sha256 });
    }
    let bytes = download(network, cache, location)?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let wheel = cache.add(&bytes, &sha256, &file_name(location))?;
    Ok(Ready { wheel, sha256 })
}

/// The bytes at a location, with the hash that is expected of them.
fn download(network: &Network, cache: &Cache, location: &str) -> Result<Vec<u8>> {
    let name = file_name(location);
    let expected = expected_hash(location);
    if let Some(path) = local_path(location) {
        let bytes = fs::read(&path)?;
        return check(bytes, expected, &name);
    }
    let passing = cache.passing()?;
    let fetched = network
        .download(location, &passing, &name)
        .map_err(|failure| not_downloaded(location, &failure))
        .and_then(|_| fs::read(&passing))
        .and_then(|bytes| check(bytes, expected, &name));
    fs::remove_file_if_there(&passing)?;
    fetched
}

/// The file that a location is, if it is on this machine.
fn local_path(location: &str) -> Option<String> {
    match url::scheme(location) {
        None => Some(url::without_fragment(location).to_owned()),
        Some(_) => url::file_path(location),
    }
}

fn sha256_of(location: &str) -> Option<&str> {
    match expected_hash(location) {
        Some(("sha256", hash)) => Some(hash),
        _ => None,
    }
}

fn check(bytes: Vec<u8>, expected: Option<(&str, &str)>, name: &str) -> Result<Vec<u8>> {
    if let Some((kind, expected)) = expected {
        let got = digest(kind, &bytes);
        if got.as_deref().is_some_and(|got| got != expected) {
            let got = got.unwrap_or_default();
            return Err(Error::user(format!(
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
            ));
        }
    }
    Ok(bytes)
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
    let shown = redacted(location);
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

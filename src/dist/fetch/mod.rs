//! From a distribution on offer to an egg in the eggs directory: download, check the hash, unpack, put in place.
//!
//! Wheels and ready-made eggs go in as they are, archives of sources are built into wheels first ([`Builder`]). With a
//! download cache every archive is kept there too, whole and checked, under its own name. The line about a download is zc.buildout's, at the
//! point where it downloads, whether the wheel has been fetched before or not. zc.buildout: easy_install.py, `_fetch`,
//! `_move_to_eggs_dir_and_compile`; _package_index.py, `_download_to`.

mod custom;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::digest::hex;
use crate::dist::build::BuildOptions;
use crate::dist::builder::{
    BuildSettings, Builder, Built, Job, PROGRAMS, Sources, processors, side_by_side,
};
use crate::dist::cache::{Cache, Unpacked};
use crate::dist::candidate::ARCHIVES;
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::egg::{Placed, Recipe};
use crate::dist::index::file_name;
use crate::dist::link_mode::LinkMode;
use crate::dist::name;
use crate::dist::ready_made;
use crate::dist::remains;
use crate::dist::scan::normalised;
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
            download_cache: None,
            link_mode: LinkMode::default(),
            builder,
            ready: HashMap::new(),
            programs: false,
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

    fn source(&self) -> Source<'_> {
        Source {
            network: &self.network,
            cache: &self.cache,
            kept: self.download_cache.as_deref(),
        }
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
        let (source, facts) = (self.source(), &*self.facts);
        let fetched = side_by_side(&wheels, AT_ONCE, |distribution| {
            source.wheel(&distribution.location)
        });
        let unpacked: Vec<&Unpacked> = fetched.iter().flatten().map(|ready| &ready.wheel).collect();
        let batches = batches(&unpacked, processors());
        // What fails is tried again where it is needed.
        drop(side_by_side(&batches, batches.len(), |batch| {
            source.cache.compile(batch, facts)
        }));
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

    /// Wheels of these archives of sources, built now or earlier; in their order.
    fn build(&mut self, sources: &[&Distribution]) -> Vec<Result<Ready>> {
        let before =
            |wanted: &&Distribution| self.built_before(self.source().known_hash(&wanted.location)?);
        // An answer, or none for what is to be built: that is the next one of `jobs`.
        let mut answers: Vec<Option<Result<Ready>>> = sources
            .iter()
            .map(|wanted| before(wanted).map(Ok))
            .collect();
        let missing: Vec<(usize, &Distribution)> = sources
            .iter()
            .copied()
            .enumerate()
            .filter(|(at, _)| answers.get(*at).is_some_and(Option::is_none))
            .collect();
        let from = self.source();
        let archives = side_by_side(&missing, AT_ONCE, |(_, wanted)| {
            from.archive(&wanted.location)
        });
        let mut jobs = Vec::new();
        let mut places = Vec::new();
        for ((at, wanted), archive) in missing.into_iter().zip(archives) {
            match archive {
                Err(error) => answers[at] = Some(Err(error)),
                Ok(bytes) => {
                    let sha256 = hex(&Sha256::digest(&bytes));
                    if let Some(ready) = self.built_before(&sha256) {
                        let kept = self.source().keep(&wanted.location, &bytes);
                        answers[at] = Some(kept.map(|()| ready));
                        continue;
                    }
                    places.push((at, wanted, sha256));
                    jobs.push(Job {
                        name: wanted.to_string(),
                        log_name: format!("{}-{}", wanted.project_name, wanted.version),
                        sources: Sources::Archive(bytes),
                        options: BuildOptions::default(),
                    });
                }
            }
        }
        let built = self.builder.build(&jobs);
        for (((at, wanted, sha256), job), built) in places.into_iter().zip(&jobs).zip(built) {
            let ready = built.and_then(|built| {
                let ready = self.keep(&built, sha256)?;
                if let Sources::Archive(bytes) = &job.sources {
                    self.source().keep(&wanted.location, bytes)?;
                }
                Ok(ready)
            });
            answers[at] = Some(ready);
        }
        answers.into_iter().flatten().collect()
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
        let is_built = is_built(distribution);
        if !is_built && !matches!(distribution.precedence, Precedence::Wheel | Precedence::Egg) {
            return Err(self.not_built(distribution));
        }
        self.announce(distribution);
        let location = &distribution.location;
        if distribution.precedence == Precedence::Egg {
            let placed = self.ready_made(distribution, eggs_directory)?;
            return Ok(self.placed(placed, distribution));
        }
        let ready = match self.ready.remove(location) {
            Some(ready) => ready,
            None if is_built => match self.build(&[distribution]).pop() {
                Some(built) => built?,
                None => return Err(self.not_built(distribution)),
            },
            None => self.source().wheel(location)?,
        };
        let compiled = self.cache.compiled(&ready.wheel, &self.facts)?;
        let source = source_url(location);
        let recipe = Recipe {
            wheel: &ready.wheel,
            compiled: &compiled,
            facts: &self.facts,
            source: &source,
            source_sha256: &ready.sha256,
            wanted: &distribution.project_name,
            is_built,
            tooling: self.builder.tooling(),
            programs: self.programs.then_some(PROGRAMS),
            link_mode: self.link_mode,
        };
        let placed = recipe.place(eggs_directory)?;
        check_same(&placed.distribution, distribution, &source)?;
        Ok(self.placed(placed, distribution))
    }

    /// The lines about a download.
    fn announce(&self, distribution: &Distribution) {
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
            _ => "a checkout of its sources",
        };
        let shown = redacted(&distribution.location);
        let python = &self.facts.python_version;
        Error::user(format!("Couldn't install: {distribution}")).with(
            Diagnostic::error(
                "wheel",
                format!("{shown} is {kind}; rbuildout installs wheels, eggs and archives of sources"),
            )
            .help(format!(
                "pin a version of {} that has a wheel for Python {python} on {}, or an archive of its sources",
                distribution.project_name, self.facts.platform
            ))
            .help("or build one with 'pip wheel --no-deps' and name its directory in find-links"),
        )
    }
}

/// What a wheel calls itself must be what it was on offer as.
fn check_same(installed: &Distribution, distribution: &Distribution, source: &str) -> Result<()> {
    if name::canonical(&installed.project_name) != name::canonical(&distribution.project_name)
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
    Ok(())
}

/// So many lists of wheels that are about as much work each.
fn batches<'w>(wheels: &[&'w Unpacked], n: usize) -> Vec<Vec<&'w Unpacked>> {
    let mut largest_first = wheels.to_vec();
    largest_first.sort_by_key(|wheel| std::cmp::Reverse(wheel.files.len()));
    let mut batches = vec![(0, Vec::new()); n];
    for wheel in largest_first {
        if let Some((files, batch)) = batches.iter_mut().min_by_key(|(files, _)| *files) {
            *files += wheel.files.len() + 1;
            batch.push(wheel);
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
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
    fn wheel(self, location: &str) -> Result<Ready> {
        if let Some(hash) = self.known_hash(location)
            && let Some(wheel) = self.cache.find(hash)
        {
            let sha256 = hash.to_owned();
            return Ok(Ready { wheel, sha256 });
        }
        let bytes = self.archive(location)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let wheel = self
            .cache
            .add(&bytes, &sha256, &file_name(location))
            .map_err(|error| broken(location, error))?;
        self.keep(location, &bytes)?;
        Ok(Ready { wheel, sha256 })
    }

    /// The hash of what is at a location, where it need not be fetched to be known. With a download cache the archive
    /// itself is wanted.
    fn known_hash(self, location: &str) -> Option<&str> {
        match expected_hash(location) {
            Some(("sha256", hash)) if self.kept.is_none() && local_path(location).is_none() => {
                Some(hash)
            }
            _ => None,
        }
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
        let passing = remains::passing(kept)?;
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

/// Adds where a wheel came from that can't be unpacked.
fn broken(location: &str, error: Box<Error>) -> Box<Error> {
    error.hint(
        "archive",
        format!("it is what {} gave", source_url(location)),
        "nothing of it has been kept; try again, and if it stays so tell those who made it, or pin another version",
    )
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
    // zc.buildout: _package_index.py, `_download_to`, `open_url`.
    let message = match failure.kind {
        FailureKind::Status(_) => format!("Can't download {shown}: {failure}"),
        _ => format!("Download error for {shown}: {}", failure.reason),
    };
    Error::user(message).hint(
        "download",
        format!("{} did not come", file_name(location)),
        failure.advice(),
    )
}

#[cfg(test)]
mod tests;

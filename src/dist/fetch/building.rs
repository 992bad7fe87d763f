//! Archives of sources become wheels of the cache, once for an archive and an interpreter.
//!
//! The archives come by the crew; the builds themselves are the [`Builder`]'s, several at a time. pip: `_build_one`.
//!
//! [`Builder`]: crate::dist::builder::Builder

use super::Fetcher;
use super::checkout::Checkout;
use super::held::Held;
use super::refusal::source_url;
use super::source::Ready;
use crate::dist::arrivals::Source as Arrival;
use crate::dist::build::BuildOptions;
use crate::dist::builder::{Built, Job, Sources};
use crate::dist::cache::Unpacked;
use crate::dist::candidate::ARCHIVES;
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::index::file_name;
use crate::dist::wheel::Vouches;
use crate::error::{Error, Result};
use crate::sys::fs;
use crate::sys::spool::Spool;

impl Fetcher {
    /// Wheels of these archives of sources, built now or earlier; in their order.
    pub(super) fn build(&mut self, sources: &[&Distribution]) -> Vec<Result<Ready>> {
        for wanted in sources {
            self.order_sources(wanted);
        }
        // An answer, or none for what is to be built: that is the next one of `jobs`.
        let mut answers: Vec<Option<Result<Ready>>> = Vec::new();
        let mut jobs = Vec::new();
        let mut places = Vec::new();
        for (at, wanted) in sources.iter().enumerate() {
            let location = &wanted.location;
            if let Some(ready) = self.built_earlier(location) {
                answers.push(Some(Ok(ready)));
                continue;
            }
            let came = match self.crew().take_archive(location) {
                Some(came) => came,
                None => self.source().archive(location),
            };
            let came = match came {
                Ok(came) => came,
                Err(error) => {
                    answers.push(Some(Err(error)));
                    continue;
                }
            };
            let sha256 = came.sha256();
            if let Some(ready) = self.built_before(&sha256) {
                let held = self.source().hold(location, &came);
                answers.push(Some(held.map(|held| Ready { held, ..ready })));
                continue;
            }
            answers.push(None);
            places.push((at, wanted, sha256));
            jobs.push(Job {
                name: wanted.to_string(),
                log_name: format!("{}-{}", wanted.project_name, wanted.version),
                sources: Sources::Archive {
                    archive: came,
                    from: source_url(location),
                },
                options: BuildOptions::default(),
            });
        }
        let built = self.builder.build(&jobs);
        for (((at, wanted, sha256), job), built) in places.into_iter().zip(&jobs).zip(built) {
            let ready = built.and_then(|built| {
                let mut ready = self.keep(&built, sha256)?;
                if let Sources::Archive { archive, .. } = &job.sources {
                    ready.held = self.source().hold(&wanted.location, archive)?;
                }
                Ok(ready)
            });
            answers[at] = Some(ready);
        }
        answers.into_iter().flatten().collect()
    }

    /// Has an archive of sources fetched, unless its wheel is there.
    pub(super) fn order_sources(&mut self, wanted: &Distribution) {
        if self.built_earlier(&wanted.location).is_none() {
            self.crew().order_archive(&wanted.location);
        }
    }

    /// The wheel that was built earlier of what is at a location, if that is known without fetching it.
    pub(super) fn built_earlier(&mut self, location: &str) -> Option<Ready> {
        let hash = self.source().known_hash(location)?.to_owned();
        self.built_before(&hash)
    }

    /// The wheel that an archive of this hash was built into before.
    fn built_before(&mut self, sha256: &str) -> Option<Ready> {
        let built = self.builder.known(sha256)?;
        Some(Ready {
            wheel: self.source().cache.find(&built)?,
            sha256: Some(sha256.to_owned()),
            is_built: true,
            arrival: Arrival::Cache,
            held: Held::default(),
        })
    }

    /// Puts a wheel that was built into the cache.
    fn keep(&mut self, built: &Built, sha256: String) -> Result<Ready> {
        let (wheel, hash) = self.cached_wheel(built)?;
        self.builder.remember(&sha256, &hash)?;
        Ok(Ready {
            wheel,
            sha256: Some(sha256),
            is_built: true,
            arrival: Arrival::Built,
            held: Held::default(),
        })
    }

    /// Unpacks a wheel that was built into the cache; with its hash.
    pub(super) fn cached_wheel(&self, built: &Built) -> Result<(Unpacked, String)> {
        let file = built
            .wheel
            .as_ref()
            .ok_or_else(|| Error::user("A build has made no wheel."))?;
        let bytes = Spool::of_bytes(fs::read(file)?);
        let hash = bytes.sha256();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Ok((
            self.source()
                .cache
                .add(&bytes, &hash, &name, Vouches::Whole)?,
            hash,
        ))
    }
}

/// Whether it is an archive to be built.
pub(super) fn is_built(distribution: &Distribution) -> bool {
    if Checkout::of(&distribution.location).is_some() {
        return false;
    }
    let base = file_name(&distribution.location);
    match distribution.precedence {
        Precedence::Source => true,
        // `…/main.zip#egg=NAME-VERSION`.
        Precedence::Checkout => ARCHIVES.iter().any(|end| base.ends_with(end)),
        _ => false,
    }
}

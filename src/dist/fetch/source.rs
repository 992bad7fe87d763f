//! [`Source`]: where archives come from (the disk, the network, the cache), and the download cache that keeps them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::came::{check_hash, expected_hash, refuse_page};
use super::held::Held;
use super::refusal::{broken, not_downloaded};
use crate::dist::arrivals::Source as Arrival;
use crate::dist::cache::{Cache, Unpacked};
use crate::dist::index::file_name;
use crate::dist::remains;
use crate::dist::scan::normalised;
use crate::dist::wheel::Vouches;
use crate::error::{Error, Result};
use crate::sys::http::Network;
use crate::sys::spool::Spool;
use crate::sys::url;

/// A wheel, and the hash of the file that it came in or was built from, if it was one.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) wheel: Unpacked,
    pub(super) sha256: Option<String>,
    /// Whether it was built from sources.
    pub(super) is_built: bool,
    /// How it came into this run.
    pub(super) arrival: Arrival,
    /// The archive that it came in.
    pub(super) held: Held,
}

/// Where archives come from. Several threads may ask at once.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) network: Network,
    pub(super) cache: Cache,
    /// The download cache.
    pub(super) kept: Option<String>,
    /// Nobody waits for what comes any more.
    pub(super) unwanted: Arc<AtomicBool>,
}

impl Source {
    /// The wheel at a location, if it need not be fetched.
    pub(super) fn wheel_at_hand(&self, location: &str) -> Option<Ready> {
        let hash = self.known_hash(location)?;
        Some(Ready {
            wheel: self.cache.find(hash)?,
            sha256: Some(hash.to_owned()),
            is_built: false,
            arrival: Arrival::Cache,
            held: Held::default(),
        })
    }

    /// Whether [`Source::wheel_at_hand`] will be quick.
    pub(super) fn is_at_hand(&self, location: &str) -> bool {
        self.known_hash(location)
            .is_some_and(|hash| self.cache.has(hash))
    }

    /// Unpacks the wheel that came from a location.
    pub(super) fn unpacked(&self, location: &str, came: &Spool) -> Result<Ready> {
        let sha256 = came.sha256();
        let vouches = match expected_hash(location) {
            Some(_) => Vouches::Whole,
            None => Vouches::Record,
        };
        let wheel = self
            .cache
            .add(came, &sha256, &file_name(location), vouches)
            .map_err(|error| broken(location, error))?;
        let held = self.hold(location, came)?;
        Ok(Ready {
            wheel,
            sha256: Some(sha256),
            is_built: false,
            arrival: arrival_of(location, came),
            held,
        })
    }

    /// The hash of what is at a location, where it need not be fetched to be known. With a download cache the archive
    /// itself is wanted.
    pub(super) fn known_hash<'l>(&self, location: &'l str) -> Option<&'l str> {
        match expected_hash(location) {
            Some(("sha256", hash)) if self.kept.is_none() && local_path(location).is_none() => {
                Some(hash)
            }
            _ => None,
        }
    }

    /// What is at a location, from the disk or from the network; its hash is right where the location names one.
    pub(super) fn archive(&self, location: &str) -> Result<Spool> {
        let name = file_name(location);
        let cache = self.cache.clone();
        let mut came =
            Spool::new(Box::new(move || cache.passing())).until(Arc::clone(&self.unwanted));
        if let Some(path) = local_path(location) {
            came.take_file(Path::new(&path))?;
        } else {
            self.network
                .download(location, &mut came, &name)
                .map_err(|failure| not_downloaded(&self.network, location, &failure))?;
            refuse_page(location, &came)?;
        }
        check_hash(location, &came, &name)?;
        Ok(came)
    }

    /// Puts an archive that could be unpacked into the download cache, unless it came from there or from a `file:` URL.
    // zc.buildout: easy_install.py, `Installer._fetch`; _package_index.py, `_download_other`.
    pub(super) fn keep(&self, location: &str, archive: &Spool) -> Result<()> {
        self.hold(location, archive)?.settle()
    }

    /// The same, but it is there only once it is settled: by one rename.
    pub(super) fn hold(&self, location: &str, archive: &Spool) -> Result<Held> {
        let Some(kept) = &self.kept else {
            return Ok(Held::default());
        };
        let is_url = url::scheme(location).is_some();
        if local_path(location).is_some_and(|path| is_url || parent_of(&path) == *kept) {
            return Ok(Held::default());
        }
        let name = file_name(location);
        let kept = Path::new(kept);
        let passing = remains::passing(kept)?;
        let name = name
            .strip_suffix(".zip")
            .filter(|n| n.ends_with(".egg"))
            .unwrap_or(&name);
        let name = name.replace(['/', '\\', ':'], "_");
        let held = Held::new(passing.clone(), kept.join(name));
        archive.save(&passing)?;
        Ok(held)
    }
}

/// How an archive came.
pub(super) fn arrival_of(location: &str, came: &Spool) -> Arrival {
    match local_path(location) {
        Some(_) => Arrival::Disk,
        None => Arrival::Network(came.size()),
    }
}

/// The path of a location on this machine.
pub(super) fn local_path(location: &str) -> Option<String> {
    match url::scheme(location) {
        None => Some(url::without_fragment(location).to_owned()),
        Some(_) => url::file_path(location),
    }
}

/// The directory of a file, without links.
pub(super) fn parent_of(path: &str) -> String {
    normalised(path.rsplit_once('/').map_or("", |(parent, _)| parent))
}

/// What is said where a run has no more use for something.
pub(super) fn given_up() -> Box<Error> {
    Error::user("It was not fetched: the run is over.")
}

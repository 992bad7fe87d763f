//! From a distribution on offer to an egg in the eggs directory: download, check the hash, unpack, put in place.
//!
//! Wheels and ready-made eggs go in as they are, archives of sources are built into wheels first (`building.rs`). The work
//! is done by threads (`crew.rs`), before it is needed where somebody says in time what will be. With a download cache
//! every archive is kept there too, whole and checked, under its own name (`source.rs`). The line about a download is
//! zc.buildout's, at the point where it downloads, whether the wheel has been fetched before or not. zc.buildout:
//! easy_install.py, `_fetch`, `_move_to_eggs_dir_and_compile`; _package_index.py, `_download_to`.

mod board;
mod building;
mod came;
mod checkout;
mod crew;
mod custom;
mod held;
mod refusal;
mod source;
mod work;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use self::building::is_built;
pub(super) use self::came::has_hash;
use self::checkout::Checkout;
use self::crew::Crew;
use self::refusal::{check_same, source_url};
use self::source::{Source, arrival_of, local_path, parent_of};
use self::work::Kit;
use crate::dist::arrivals::{Arrivals, Source as Arrival};
use crate::dist::builder::{BuildSettings, Builder};
use crate::dist::cache::{Cache, Unpacked};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::egg::Placed;
use crate::dist::fitness;
use crate::dist::index::file_name;
use crate::dist::link_mode::LinkMode;
use crate::dist::ready_made;
use crate::error::{Diagnostic, Result};
use crate::log::{DEBUG, INFO, Log, WARNING};
use crate::python::Facts;
use crate::sys::fs;
use crate::sys::http::Network;
use crate::sys::url;
use crate::wording::redacted;

/// Downloads, checks, unpacks.
#[derive(Debug)]
pub struct Fetcher {
    network: Rc<Network>,
    facts: Rc<Facts>,
    log: Log,
    kit: Kit,
    builder: Builder,
    arrivals: Arrivals,
    /// Called when there is something to do.
    crew: Option<Crew>,
}

impl Fetcher {
    /// `cache`: the directory that all projects of the user share.
    pub fn new(network: Rc<Network>, cache: &str, facts: Rc<Facts>, log: Log) -> Self {
        let builder = Builder::new(
            Rc::clone(&network),
            cache,
            Rc::clone(&facts),
            BuildSettings::default(),
        );
        let source = Source {
            network: Network::clone(&network),
            cache: Cache::new(cache),
            kept: None,
            unwanted: Arc::default(),
        };
        Self {
            kit: Kit {
                source,
                facts: Arc::new(Facts::clone(&facts)),
                link_mode: LinkMode::default(),
                programs: false,
                tooling: Arc::default(),
            },
            network,
            facts,
            log,
            builder,
            arrivals: Arrivals::default(),
            crew: None,
        }
    }

    /// Keeps archives in this directory too.
    #[must_use]
    pub fn with_download_cache(mut self, directory: Option<String>) -> Self {
        self.kit.source.kept = directory;
        self
    }

    /// Puts files from the cache into eggs in this way.
    #[must_use]
    pub fn with_link_mode(mut self, mode: LinkMode) -> Self {
        self.kit.link_mode = mode;
        self
    }

    /// With what builds need to know.
    #[must_use]
    pub(super) fn with_builder(mut self, cache: &str, settings: BuildSettings) -> Self {
        let (network, facts) = (Rc::clone(&self.network), Rc::clone(&self.facts));
        self.kit.tooling = Arc::new(settings.tooling.clone());
        self.builder = Builder::new(network, cache, facts, settings);
        self
    }

    /// Tells what came to these too.
    pub(super) fn note_in(&mut self, arrivals: Arrivals) {
        self.arrivals = arrivals;
    }

    pub(super) fn builder(&mut self) -> &mut Builder {
        &mut self.builder
    }

    /// Eggs are to keep the programs of their wheels: they are for builds.
    pub(super) fn keep_programs(&mut self) {
        self.kit.programs = true;
    }

    fn source(&self) -> &Source {
        &self.kit.source
    }

    fn crew(&mut self) -> &mut Crew {
        self.crew.get_or_insert_with(|| Crew::new(self.kit.clone()))
    }

    /// Has it made into an egg beside the eggs directory, without a word, so that [`Fetcher::into_eggs`] need not wait. An
    /// archive of sources is only fetched: [`Fetcher::build_ahead`].
    pub(super) fn order(&mut self, distribution: &Distribution, eggs_directory: &str) {
        if distribution.precedence == Precedence::Wheel {
            let wanted = &distribution.project_name;
            self.crew()
                .order(&distribution.location, wanted, eggs_directory);
        } else if is_built(distribution) {
            self.order_sources(distribution);
        }
    }

    /// Whether the cache has the wheel of a distribution.
    pub(super) fn is_at_hand(&self, distribution: &Distribution) -> bool {
        self.source().is_at_hand(&distribution.location)
    }

    /// Builds those of these that are archives of sources, several at a time. A failure is told by [`Fetcher::into_eggs`].
    pub(super) fn build_ahead(&mut self, distributions: &[Distribution], eggs_directory: &str) {
        let is_new =
            |fetcher: &mut Self, d: &&Distribution| is_built(d) && !fetcher.crew().has(&d.location);
        let mut sources: Vec<&Distribution> = distributions.iter().collect();
        sources.retain(|d| is_new(self, d));
        for (distribution, ready) in sources.iter().zip(self.build(&sources)) {
            let location = &distribution.location;
            match ready {
                Ok(ready) => self.crew().order_of(
                    (location, &distribution.project_name),
                    ready,
                    eggs_directory,
                ),
                Err(error) => self.crew().note_failure(location, error),
            }
        }
    }

    /// The unpacked wheel of a distribution that was ordered; waits for it.
    pub(super) fn unpacked(&mut self, distribution: &Distribution) -> Option<Unpacked> {
        self.crew().unpacked(&distribution.location)
    }

    /// Puts a distribution on offer into the eggs directory and returns it as installed.
    pub fn into_eggs(
        &mut self,
        distribution: &Distribution,
        eggs_directory: &str,
    ) -> Result<Distribution> {
        let checkout = Checkout::of(&distribution.location);
        let is_built = is_built(distribution);
        if checkout.is_none()
            && !is_built
            && !matches!(distribution.precedence, Precedence::Wheel | Precedence::Egg)
        {
            return Err(self.not_built(distribution));
        }
        self.announce(distribution);
        let (location, wanted) = (&distribution.location, &distribution.project_name);
        if distribution.precedence == Precedence::Egg {
            let (placed, arrival) = self.ready_made(distribution, eggs_directory)?;
            return Ok(self.placed(placed, distribution, arrival));
        }
        if let Some(checkout) = &checkout {
            let ready = self.checked_out(distribution, checkout)?;
            self.crew()
                .order_of((location, wanted), ready, eggs_directory);
        } else if !is_built {
            self.crew().order(location, wanted, eggs_directory);
        } else if !self.crew().has(location) {
            let built = self.build(&[distribution]).pop();
            let built = built.unwrap_or_else(|| Err(self.not_built(distribution)))?;
            self.crew()
                .order_of((location, wanted), built, eggs_directory);
        }
        let done = self.crew().take(location);
        let mut done = done.unwrap_or_else(|| Err(self.not_built(distribution)))?;
        let source = source_url(location);
        let generation = self.kit.tooling.generation;
        let asks_for_python = if is_built || checkout.is_some() {
            generation.builds_with_pip()
        } else {
            generation.installs_wheels_with_pip()
        };
        let facts = asks_for_python.then_some(&*self.facts);
        fitness::check(&done.ready.wheel, distribution, &source, facts)?;
        // Before the egg is there: a run that is killed in between would never keep the archive.
        std::mem::take(&mut done.ready.held).settle()?;
        let egg = done.egg?;
        let placed = if egg.is_for(eggs_directory) {
            egg.settle()?
        } else {
            let (compiled, _) = self.source().cache.compiled(&done.ready.wheel, &self.facts);
            self.kit
                .recipe(&done.ready, &compiled, &source, wanted)
                .place(eggs_directory)?
        };
        check_same(&placed.distribution, distribution, &source)?;
        Ok(self.placed(placed, distribution, done.ready.arrival))
    }

    /// The lines about a download.
    fn announce(&self, distribution: &Distribution) {
        let location = &distribution.location;
        let kept = &self.source().kept;
        let is_kept = kept.is_some() && *kept == local_path(location).map(|path| parent_of(&path));
        let shown = redacted(location);
        self.log.say(
            DEBUG,
            &if is_kept {
                format!("Download cache has {distribution} at: {shown}")
            } else {
                format!("Fetching {distribution} from: {shown}")
            },
        );
        let is_checkout = Checkout::of(location).is_some();
        if url::scheme(location).is_some() && url::file_path(location).is_none() && !is_checkout {
            let line = format!("Downloading {}", redacted(location));
            self.log.say_as("root", INFO, &line);
        }
    }

    fn ready_made(
        &self,
        distribution: &Distribution,
        eggs_directory: &str,
    ) -> Result<(Placed, Arrival)> {
        let location = &distribution.location;
        let name = file_name(location);
        if let Some(path) = local_path(location).filter(|path| fs::is_dir(path)) {
            let from = ready_made::Source::Directory(Path::new(&path));
            let placed = ready_made::place(&from, &name, distribution, eggs_directory)?;
            return Ok((placed, Arrival::Disk));
        }
        let archive = self.source().archive(location)?;
        let from = ready_made::Source::Archive(&archive);
        let placed = ready_made::place(&from, &name, distribution, eggs_directory)?;
        self.source().keep(location, &archive)?;
        Ok((placed, arrival_of(location, &archive)))
    }

    /// The installed distribution, with a word where another process was faster.
    fn placed(
        &self,
        placed: Placed,
        distribution: &Distribution,
        arrival: Arrival,
    ) -> Distribution {
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
            return installed;
        }
        self.arrivals.note(arrival);
        if self.log.enabled(DEBUG) {
            let told = format!("{installed} came {}", arrival.told());
            self.log.diagnose(Diagnostic::note("came", told));
        }
        installed
    }
}

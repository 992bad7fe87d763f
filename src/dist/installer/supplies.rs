//! [`Order`] and [`Supplies`]: what one installation is to do, and what all of them share.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::InstallPolicy;
use crate::dist::fetch::Fetcher;
use crate::dist::metadata::Metadata;
use crate::dist::offers::Offers;
use crate::dist::picked_versions::PickedVersions;
use crate::dist::seen::Seen;
use crate::log::Log;
use crate::python::Facts;
use crate::sys::http::Network;

/// What one installation is to do.
#[derive(Clone, Debug)]
pub(in crate::dist) struct Order {
    pub(in crate::dist) eggs_directory: String,
    pub(in crate::dist) develop_eggs_directory: String,
    /// Nothing is fetched, the index is not asked.
    pub(in crate::dist) offline: bool,
    pub(in crate::dist) newest: bool,
    pub(in crate::dist) index: Option<String>,
    pub(in crate::dist) find_links: Vec<String>,
    pub(in crate::dist) allow_hosts: Vec<String>,
    pub(in crate::dist) allow_unknown_extras: bool,
    pub(in crate::dist) formats: Formats,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dist) enum Formats {
    Any,
    /// Archives of sources, to be built into the eggs directory of the order; develop eggs do not count.
    Sources,
}

/// What all installations of a run share.
#[derive(Debug)]
pub(in crate::dist) struct Supplies {
    pub(in crate::dist) policy: InstallPolicy,
    pub(in crate::dist) metadata: Metadata,
    pub(in crate::dist) seen: Seen,
    pub(in crate::dist) network: Rc<Network>,
    pub(in crate::dist) fetcher: Fetcher,
    /// By index and find-links.
    pub(in crate::dist) offers: IndexMap<(Option<String>, Vec<String>), Offers>,
    pub(in crate::dist) picked: Rc<RefCell<PickedVersions>>,
    pub(in crate::dist) log: Log,
    /// What is uninstalled, though it is there until the run is over: paths without links.
    pub(in crate::dist) gone: Rc<IndexSet<String>>,
}

impl Supplies {
    /// `cache`: the directory that all projects of the user share.
    pub(in crate::dist) fn new(
        policy: InstallPolicy,
        facts: Rc<Facts>,
        network: Rc<Network>,
        cache: &str,
        log: Log,
        seen: Seen,
    ) -> Self {
        let fetcher = Fetcher::new(Rc::clone(&network), cache, Rc::clone(&facts), log.clone())
            .with_download_cache(policy.download_cache.clone())
            .with_link_mode(policy.link_mode)
            .with_builder(cache, policy.build.clone());
        Self {
            policy,
            metadata: Metadata::new(facts),
            seen,
            network,
            fetcher,
            offers: IndexMap::new(),
            picked: Rc::default(),
            log,
            gone: Rc::default(),
        }
    }
}

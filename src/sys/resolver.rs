//! Names of hosts, each looked up once a while instead of once a request.
//!
//! The library asks for the address before it looks whether it has a connection, in a thread of its own each time so that
//! it can stop waiting: hundreds of threads and questions for one index.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// An answer holds so long; a build may go on for an hour.
const LASTS: Duration = Duration::from_secs(60);

/// Asks as the library does, and remembers the answers.
#[derive(Debug, Default)]
pub(super) struct Remembering {
    known: Mutex<HashMap<String, (Instant, ResolvedSocketAddrs)>>,
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = |uri: &Uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?));
        let Some(host) = host(uri) else {
            return DefaultResolver::default().resolve(uri, config, timeout);
        };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, addresses)) = known.get(&host)
            && asked.elapsed() < LASTS
        {
            return Ok(addresses.clone());
        }
        drop(known);
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(host, (Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}

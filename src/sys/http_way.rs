//! How hosts are reached with some settings: proxies, certificates, connections that are kept.
//!
//! One for all requests of a run, unless an extension changes the settings on its way. What is asked for is `http.rs`'s.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ureq::tls::{PemItem, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::http::{NetworkSettings, PATIENCE};
use super::http_failure::{Failure, FailureKind};
use super::resolver::Remembering;
use super::url;
use crate::wording::redacted;

pub(super) struct Way {
    pub(super) settings: NetworkSettings,
    tls: OnceLock<Result<TlsConfig, Failure>>,
    /// One agent for each proxy in use, `None` for none.
    agents: Mutex<Vec<(Option<String>, ureq::Agent)>>,
    /// Hosts that could not be reached after all attempts: asked once from then on.
    dead: Mutex<Vec<String>>,
}

impl Way {
    pub(super) fn new(settings: NetworkSettings) -> Self {
        Self {
            settings,
            tls: OnceLock::new(),
            agents: Mutex::default(),
            dead: Mutex::default(),
        }
    }

    pub(super) fn is_dead(&self, host: &str) -> bool {
        let dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.iter().any(|name| name == host)
    }

    pub(super) fn bury(&self, host: &str) {
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.push(host.to_owned());
    }

    pub(super) fn agent(&self, url: &str, host: &str) -> Result<ureq::Agent, Failure> {
        let proxy = self.proxy(url::parts(url).scheme, host);
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, agent)) = agents.iter().find(|(known, _)| *known == proxy) {
            return Ok(agent.clone());
        }
        let through = match &proxy {
            Some(proxy) => Some(ureq::Proxy::new(proxy).map_err(|error| Failure {
                kind: FailureKind::Other,
                reason: format!("the proxy {} can't be used: {error}", redacted(proxy)),
            })?),
            None => None,
        };
        let tls = self.tls.get_or_init(|| self.load_tls()).clone()?;
        let wait = Some(Duration::from_secs(
            self.settings.timeout.unwrap_or(PATIENCE),
        ));
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(through)
            .tls_config(tls)
            .user_agent(concat!("rbuildout/", env!("CARGO_PKG_VERSION")))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .save_redirect_history(true)
            .timeout_resolve(wait)
            .timeout_connect(wait)
            .timeout_recv_response(wait)
            .timeout_per_read(wait)
            .max_idle_connections(64)
            .max_idle_connections_per_host(32)
            .build();
        let connector = DefaultConnector::default();
        let agent = ureq::Agent::with_parts(config, connector, Remembering::default());
        agents.push((proxy, agent.clone()));
        Ok(agent)
    }

    fn load_tls(&self) -> Result<TlsConfig, Failure> {
        let roots = match &self.settings.certificates {
            None => RootCerts::PlatformVerifier,
            Some(path) => {
                let refused = |reason: String| Failure {
                    kind: FailureKind::Tls,
                    reason: format!(
                        "the certificates in {} can't be used: {reason}",
                        path.display()
                    ),
                };
                let pem = std::fs::read(path).map_err(|error| {
                    let reason = error.to_string();
                    let reason = reason.split(" (os error").next().unwrap_or(&reason);
                    refused(reason.to_lowercase())
                })?;
                let certificates: Vec<_> = ureq::tls::parse_pem(&pem)
                    .filter_map(|item| match item {
                        Ok(PemItem::Certificate(certificate)) => Some(certificate),
                        _ => None,
                    })
                    .collect();
                if certificates.is_empty() {
                    return Err(refused("there are none".to_owned()));
                }
                RootCerts::from(certificates)
            }
        };
        Ok(TlsConfig::builder().root_certs(roots).build())
    }

    pub(super) fn proxy(&self, scheme: &str, host: &str) -> Option<String> {
        let settings = &self.settings;
        let named = if scheme.eq_ignore_ascii_case("https") {
            &settings.https_proxy
        } else {
            &settings.http_proxy
        };
        named
            .as_ref()
            .or(settings.all_proxy.as_ref())
            .filter(|proxy| !proxy.is_empty())
            .filter(|_| !bypasses(settings.no_proxy.as_deref().unwrap_or(""), host))
            .cloned()
    }
}

/// Whether `no_proxy` names the host or a domain that it is in. Python: `proxy_bypass_environment`.
fn bypasses(no_proxy: &str, host: &str) -> bool {
    if no_proxy.trim() == "*" {
        return true;
    }
    no_proxy.split(',').any(|name| {
        let name = name.trim().trim_start_matches('.').to_lowercase();
        !name.is_empty()
            && (host == name
                || host
                    .strip_suffix(&name)
                    .is_some_and(|rest| rest.ends_with('.')))
    })
}

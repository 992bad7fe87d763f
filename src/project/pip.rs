//! Where the user's pip takes its index, certificates and proxies from.
//!
//! zc.buildout installs with pip; a site behind a company's index or certificate has told pip, not buildout. Taken are the
//! index, certificates, proxies, credentials and time limits. pip's find-links and extra indexes are for builds only, which
//! zc.buildout leaves to pip; for eggs zc.buildout would not see them. pip: `pip config`, its order of files and variables.

use ini::Ini;

use super::Surroundings;
use crate::dist::builder::BuildSettings;
use crate::dist::tooling::Tooling;
use crate::pypath;
use crate::sys::fs;
use crate::sys::http::NetworkSettings;

/// What pip is told.
#[derive(Debug)]
pub(super) struct PipSettings<'a> {
    surroundings: &'a Surroundings,
    /// Configuration files, the strongest first.
    files: Vec<Ini>,
}

impl<'a> PipSettings<'a> {
    pub(super) fn read(surroundings: &'a Surroundings) -> Self {
        let read = |path: &String| {
            let text = fs::read_if_there(path).ok().flatten()?;
            Ini::load_from_str(&String::from_utf8_lossy(&text)).ok()
        };
        Self {
            surroundings,
            files: places(surroundings).iter().filter_map(read).collect(),
        }
    }

    /// `PIP_INDEX_URL`, else `index-url` of [install] or [global].
    pub(super) fn index(&self) -> Option<String> {
        self.setting("index-url")
    }

    /// Where pip looks for what a build needs; `own` is the index of the buildout, which zc.buildout adds to pip's.
    pub(super) fn build_settings(&self, index: Option<&str>, own: Option<&str>) -> BuildSettings {
        let words = |name: &str| -> Vec<String> {
            let value = self.setting(name).unwrap_or_default();
            value.split_whitespace().map(str::to_owned).collect()
        };
        let no_index = self.setting("no-index").is_some_and(|value| {
            matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on")
        });
        let mut indexes = Vec::new();
        if !no_index {
            indexes.extend(index.map(str::to_owned));
            indexes.extend(words("extra-index-url"));
            indexes.extend(own.filter(|own| !own.is_empty()).map(str::to_owned));
        }
        BuildSettings {
            tooling: Tooling::default(),
            indexes,
            find_links: words("find-links"),
            own_find_links: Vec::new(),
            search_path: self
                .surroundings
                .variable("PATH")
                .unwrap_or_default()
                .to_owned(),
            newest: true,
            variables: self.surroundings.variables.clone(),
        }
    }

    fn setting(&self, name: &str) -> Option<String> {
        let variable = format!("PIP_{}", name.to_uppercase().replace('-', "_"));
        if let Some(value) = self.surroundings.variable(&variable) {
            return Some(value.to_owned());
        }
        let underscored = name.replace('-', "_");
        self.files.iter().find_map(|file| {
            ["install", "global"].iter().find_map(|section| {
                let section = file.section(Some(*section))?;
                section
                    .get(name)
                    .or_else(|| section.get(&underscored))
                    .map(str::to_owned)
            })
        })
    }

    /// Whether passwords are to come from the program `keyring`: RBUILDOUT_KEYRING_PROVIDER, else what pip is told. pip's
    /// other ways need a Python, and its default looks for one: here nobody is asked without being told so.
    fn asks_keyring(&self) -> bool {
        let own = self.surroundings.variable("RBUILDOUT_KEYRING_PROVIDER");
        let provider = own.map_or_else(
            || self.setting("keyring-provider"),
            |own| Some(own.to_owned()),
        );
        provider.is_some_and(|provider| provider.eq_ignore_ascii_case("subprocess"))
    }

    /// How to reach the network. `timeout` is the configuration's.
    pub(super) fn network(&self, offline: bool, timeout: Option<u64>) -> NetworkSettings {
        let variable = |name: &str| self.surroundings.variable(name).map(str::to_owned);
        // Lower case first, as urllib and curl have it.
        let either = |name: &str| variable(name).or_else(|| variable(&name.to_uppercase()));
        let certificates = self
            .setting("cert")
            .or_else(|| variable("SSL_CERT_FILE"))
            .or_else(|| variable("REQUESTS_CA_BUNDLE"))
            .or_else(|| variable("CURL_CA_BUNDLE"));
        let proxy = self.setting("proxy");
        let netrc =
            variable("NETRC").unwrap_or_else(|| pypath::join(&self.surroundings.home(), ".netrc"));
        NetworkSettings {
            certificates: certificates.map(Into::into),
            http_proxy: proxy.clone().or_else(|| either("http_proxy")),
            https_proxy: proxy.or_else(|| either("https_proxy")),
            all_proxy: either("all_proxy"),
            no_proxy: either("no_proxy"),
            netrc: Some(netrc.into()),
            keyring: self.asks_keyring(),
            timeout: timeout.or_else(|| {
                self.setting("timeout")
                    .or_else(|| self.setting("default-timeout"))?
                    .parse()
                    .ok()
            }),
            offline,
        }
    }
}

/// pip's configuration files, the strongest first: the environment's, the user's, the machine's.
fn places(surroundings: &Surroundings) -> Vec<String> {
    let home = surroundings.home();
    let mut places = Vec::new();
    match surroundings.variable("PIP_CONFIG_FILE") {
        // pip's word for "read none".
        Some("/dev/null") => return places,
        Some(file) => places.push(file.to_owned()),
        None => {}
    }
    if let Some(environment) = surroundings.variable("VIRTUAL_ENV") {
        places.push(pypath::join(environment, "pip.conf"));
    }
    let config = surroundings
        .variable("XDG_CONFIG_HOME")
        .map_or_else(|| pypath::join(&home, ".config"), str::to_owned);
    places.push(pypath::join(&config, "pip/pip.conf"));
    places.push(pypath::join(&home, ".pip/pip.conf"));
    places.push("/etc/pip.conf".to_owned());
    let machine = surroundings
        .variable("XDG_CONFIG_DIRS")
        .unwrap_or("/etc/xdg");
    places.extend(
        machine
            .split(':')
            .map(|directory| pypath::join(directory, "pip/pip.conf")),
    );
    places
}

//! User and password for a URL: its own, else those of the netrc file, else from the keyring where that is asked for.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use super::keyring::Keyring;
use super::{base64, netrc, url};

/// Where they come from.
pub(super) struct Credentials {
    netrc: Option<PathBuf>,
    /// The text of that file.
    text: OnceLock<String>,
    keyring: Option<Keyring>,
    patience: Duration,
}

impl Credentials {
    /// `patience`: how long a keyring may take.
    pub(super) fn new(netrc: Option<PathBuf>, with_keyring: bool, patience: Duration) -> Self {
        Self {
            netrc,
            text: OnceLock::new(),
            keyring: with_keyring.then(Keyring::default),
            patience,
        }
    }

    pub(super) fn keyring(&self) -> Option<&Keyring> {
        self.keyring.as_ref()
    }

    /// The value of the header for a URL. `user`: what stands in it before the host, quoted.
    pub(super) fn authorization(&self, bare: &str, user: Option<&str>) -> Option<String> {
        let host = url::parts(bare).host();
        let told = match user {
            Some(user) if user.contains(':') => Some(url::unquote(user)),
            Some(user) => {
                let name = url::unquote(user);
                let password = self.of_netrc(&host, Some(&name)).or_else(|| {
                    let keyring = self.keyring.as_ref()?;
                    keyring.password(bare, &name, self.patience)
                });
                Some(format!("{name}:{}", password.unwrap_or_default()))
            }
            None => self.both_of_netrc(&host),
        };
        told.map(|told| format!("Basic {}", base64::standard(told.as_bytes())))
    }

    fn both_of_netrc(&self, host: &str) -> Option<String> {
        let (user, password) = netrc::lookup(self.netrc()?, host)?;
        Some(format!("{user}:{password}"))
    }

    /// The password of this user.
    fn of_netrc(&self, host: &str, user: Option<&str>) -> Option<String> {
        let (known, password) = netrc::lookup(self.netrc()?, host)?;
        (Some(known.as_str()) == user).then_some(password)
    }

    fn netrc(&self) -> Option<&str> {
        let path = self.netrc.as_ref()?;
        Some(self.text.get_or_init(|| {
            super::fs::read_if_there(path)
                .ok()
                .flatten()
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default()
        }))
    }
}

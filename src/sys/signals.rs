//! ^C and SIGTERM while another process works for us: noted, not obeyed at once.
//!
//! At all other times both end the process as they would without us; nothing is changed before the first [`watch`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{Error, Result};

/// What came while we waited.
#[derive(Debug)]
pub(super) struct Signals {
    obeyed: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

/// From now on signals can be noted.
pub(super) fn watch() -> Result<Signals> {
    let signals = Signals {
        obeyed: Arc::new(AtomicBool::new(true)),
        interrupted: Arc::default(),
        terminated: Arc::default(),
    };
    let register = || -> std::io::Result<()> {
        for (signal, noted) in [
            (SIGINT, &signals.interrupted),
            (SIGTERM, &signals.terminated),
        ] {
            flag::register_conditional_default(signal, Arc::clone(&signals.obeyed))?;
            flag::register(signal, Arc::clone(noted))?;
        }
        Ok(())
    };
    register().map_err(|error| Error::user(format!("Couldn't watch for signals: {error}.")))?;
    Ok(signals)
}

impl Signals {
    /// Whether signals end the process, as they do by default, or are noted.
    pub(super) fn obey(&self, obey: bool) {
        self.obeyed.store(obey, Ordering::SeqCst);
    }

    /// Whether ^C came since the last call.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupted.swap(false, Ordering::SeqCst)
    }

    /// Whether SIGTERM came since the last call.
    pub(super) fn terminated(&self) -> bool {
        self.terminated.swap(false, Ordering::SeqCst)
    }
}

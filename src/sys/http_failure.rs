//! Why a request failed, in words that people know: where Python's urllib has a text for it, that text.
//!
//! The texts of the libraries below are for programmers; none of them is shown where the case can be told.

use ureq::Error;

/// Why there was no answer at all, or none that is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    Offline,
    /// The certificate or the encryption was refused.
    Tls,
    /// No such host, no route, refused, broken off.
    Connection,
    Timeout,
    /// An answer with this status where only 200 is of use.
    Status(u16),
    /// Sent on in a circle, or from https to http.
    Redirect,
    /// Longer than anything of use.
    Length,
    /// The disk, while writing what came.
    Disk,
    /// None of these: a URL that is none, an answer that is no HTTP.
    Other,
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// As Python's urllib words it where it is known (`[Errno 111] Connection refused`).
    pub reason: String,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { kind, reason }
    }

    /// An answer with a status that is of no use.
    pub fn of_status(status: u16) -> Self {
        let reason = format!("{status} {}", super::http::status_text(status));
        Self::new(FailureKind::Status(status), reason)
    }

    /// The answer has more than so many bytes.
    pub(super) fn too_long(limit: u64) -> Self {
        let reason = if limit >= 1 << 20 {
            format!("the answer is longer than {} MB", limit >> 20)
        } else {
            format!("the answer is longer than {limit} bytes")
        };
        Self::new(FailureKind::Length, reason)
    }

    /// What a person can do about it.
    pub fn advice(&self) -> &'static str {
        match self.kind {
            FailureKind::Status(401 | 403) => {
                "give user and password in the URL of the index or in the netrc file"
            }
            FailureKind::Status(_) => "try again later, or pin a version that is on offer",
            FailureKind::Tls => {
                "name the certificates to trust in PIP_CERT, SSL_CERT_FILE or REQUESTS_CA_BUNDLE"
            }
            FailureKind::Offline => {
                "run once with the network, without -o and without offline = true"
            }
            FailureKind::Timeout => {
                "try again; where the server is only slow, give it more seconds by socket-timeout in [buildout]"
            }
            FailureKind::Redirect => {
                "name in the option where it is now; tell those who run the server"
            }
            FailureKind::Length => {
                "look whether the URL is right; this is no answer to the question"
            }
            FailureKind::Disk => "make room on the disk",
            _ => "check the network and the settings of its proxy (https_proxy, no_proxy)",
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            FailureKind::Tls => write!(f, "TLS: {}", self.reason),
            _ => f.write_str(&self.reason),
        }
    }
}

/// What the library says. `host`: who was asked.
pub(super) fn of_request(error: &Error, host: &str) -> Failure {
    match error {
        Error::Io(error) => of_io(error, host),
        Error::Timeout(_) => Failure::new(FailureKind::Timeout, "timed out"),
        Error::HostNotFound => Failure::new(
            FailureKind::Connection,
            "[Errno -2] Name or service not known",
        ),
        Error::ConnectionFailed | Error::BodyStalled => {
            Failure::new(FailureKind::Connection, error.to_string())
        }
        Error::TooManyRedirects => Failure::new(FailureKind::Redirect, "too many redirects"),
        Error::BodyExceedsLimit(limit) => Failure::too_long(*limit),
        Error::Protocol(_) => {
            let text = error.to_string();
            let why = text.rsplit(": ").next().unwrap_or(&text);
            Failure::new(FailureKind::Other, format!("what came is no HTTP: {why}"))
        }
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => of_tls(&error.to_string(), host),
        _ => Failure::new(FailureKind::Other, error.to_string()),
    }
}

/// What a socket says; the rest of the library's errors travel inside of these while a body is read.
pub(super) fn of_io(error: &std::io::Error, host: &str) -> Failure {
    use std::io::ErrorKind;
    if let Some(inner) = error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
        return of_request(inner, host);
    }
    let text = error.to_string();
    let kind = match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => FailureKind::Timeout,
        ErrorKind::InvalidData => return of_tls(&text, host),
        _ => FailureKind::Connection,
    };
    let words = text.split(" (os error").next().unwrap_or(&text);
    let reason = match error.raw_os_error() {
        Some(number) => format!("[Errno {number}] {words}"),
        None if kind == FailureKind::Timeout => "timed out".to_owned(),
        None if error.kind() == ErrorKind::UnexpectedEof => {
            "the server broke off the connection".to_owned()
        }
        None => text,
    };
    Failure::new(kind, reason)
}

/// As OpenSSL words it, which people search for; the libraries' types are not at hand, their words are.
fn of_tls(text: &str, host: &str) -> Failure {
    let refused = if text.contains("UnknownIssuer") {
        "unable to get local issuer certificate".to_owned()
    } else if text.contains("certificate expired") {
        "certificate has expired".to_owned()
    } else if text.contains("certificate not valid yet") {
        "certificate is not yet valid".to_owned()
    } else if text.contains("not valid for name") {
        format!("certificate is not valid for '{host}'")
    } else {
        return Failure::new(FailureKind::Tls, text);
    };
    Failure::new(
        FailureKind::Tls,
        format!("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {refused}"),
    )
}

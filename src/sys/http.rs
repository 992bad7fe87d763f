//! GET over HTTP, with certificates, proxies and credentials from where the user's pip takes them.

/// How to reach the network; shared by all who fetch.
#[derive(Debug)]
pub struct Network {}

//! The only place that touches disk, processes and network.
//!
//! Nothing here knows what a buildout is. Every error names the path or URL it is about.

pub mod base64;
mod cache_place;
mod copies;
mod credentials;
pub mod directory;
pub mod fs;
pub mod http;
mod http_failure;
mod http_way;
mod keyring;
mod netrc;
pub mod process;
mod resolver;
mod signals;
pub mod spool;
pub mod talk;
pub mod url;
pub mod worker;

pub use cache_place::cache_place;

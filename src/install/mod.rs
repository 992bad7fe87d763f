//! x
pub mod files;
pub mod installed;
pub mod plan;
pub mod signature;
pub mod transaction;

//! rbuildout: a drop-in replacement for zc.buildout.

pub mod cli;
pub mod config;
pub mod digest;
pub mod dist;
pub mod error;
pub mod install;
pub mod log;
pub mod options;
pub mod project;
pub mod pypath;
pub mod pystr;
pub mod python;
pub mod recipe;
pub mod recipes;
pub mod scripts;
pub mod supervisord;
pub mod sys;
pub mod text;
pub mod wording;

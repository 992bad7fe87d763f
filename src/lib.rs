//! rbuildout: a drop-in replacement for zc.buildout.
//!
//! This page is the map of the crate. What it does for whom is told in README.md; why it is cut this way, in
//! docs/architecture.md; what differs from zc.buildout, in docs/compatibility.md.
//!
//! # The flow of an installation
//!
//! ```text
//! argv, environment ──cli──▶ Request ──project──▶ Project { config, buildout, host, log }
//!
//! text ──config::reader──▶ Assignments ──config::merge──▶ RawConfig ──▶ annotate, query
//!                                                            │
//!                        options, on demand  ◀───────────────┘
//!                                │        ${part:option} starts that part's recipe (recipes)
//!                                ▼
//!                recipe::Rendering of each part: files, scripts, directories, as values
//!                                │        working sets on the way (dist), scripts' texts (scripts)
//!                                ▼
//!        install: plan ──▶ files::Files ──▶ transaction: staged, then put in place by renames
//! ```
//!
//! Up to the last line nothing but directories and eggs comes into being, so a mistake in the last part leaves the first as
//! it was.
//!
//! # Modules and who may import whom
//!
//! A module imports only from lower ranks; `tests/it/tidy.rs` holds that.
//!
//! | rank | module | what it is |
//! |---|---|---|
//! | 0 | [`error`], [`log`], [`log_format`] | why something failed and what to do; progress lines |
//! | 0 | [`clock`] | dates |
//! | 0 | [`generation`] | which zc.buildout a project means, and what that one does otherwise |
//! | 0 | [`text`] | strings that know where each piece of them was written |
//! | 0 | [`pystr`], [`pypath`], [`wording`] | Python's strings and paths; plurals, "did you mean" |
//! | 1 | [`sys`] | disk, processes, network: the only place that touches them |
//! | 2 | [`config`] | files to the merged configuration; pure |
//! | 2 | [`python`] | facts about the interpreter |
//! | 3 | [`options`] | `${…}` and recipes on demand |
//! | 3 | [`dist`] | requirements to eggs and working sets |
//! | 4 | [`checks`] | what is wrong with a configuration and with the conf it gives |
//! | 4 | [`scripts`] | the texts of scripts |
//! | 5 | [`recipe`] | what a recipe is |
//! | 6 | [`recipes`] | zc.recipe.egg, collective.recipe.supervisor |
//! | 7 | [`project`] | the wiring of all these |
//! | 8 | [`install`] | plan, carry out, put in place |
//! | 9 | [`cli`] | argv, environment, printing |
//!
//! # Files on disk and who owns them
//!
//! | file | owner |
//! |---|---|
//! | buildout.cfg and what it extends, `~/.buildout/default.cfg` | read by [`config::load`] through `project::opener` |
//! | `.installed.cfg` | [`install::installed`] |
//! | `.rbuildout/` in the buildout, during a run only | [`install::transaction`] |
//! | scripts in `bin/`, files in `parts/` | [`install::files`], as recipes ask for them |
//! | `bin/`, `parts/`, `develop-eggs/` themselves | [`install`] |
//! | `eggs/v5/NAME.egg` | `dist::egg` |
//! | `eggs/`, `download-cache`, `extends-cache` themselves | `project::settings` |
//! | the file of `update-versions-file` | [`dist::picked_versions`] |
//! | `~/.cache/rbuildout/wheels/` | `dist::cache` |
//! | `~/.cache/rbuildout/interpreters/` | `python::remembered` |
//! | `~/.cache/rbuildout/directory-hashes/` | [`install::signature`] |
//! | pip's configuration, netrc | read by `project::pip`, `sys::netrc` |
//!
//! # Where to begin
//!
//! [`cli::main`] is the program; [`install::install`] reads from top to bottom like an installation;
//! [`options::Buildout`] is the one place with recursion; [`recipe::Recipe`] is what a new recipe implements. Comments of
//! the form `zc.buildout: buildout.py, Buildout.install` name the code that a piece answers to.

pub mod bridge;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod dist;
pub mod error;
pub mod generation;
pub mod install;
pub mod log;
pub mod log_format;
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

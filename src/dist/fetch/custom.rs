//! Eggs that are built with settings of their own: never from the cache, and never into it.
//!
//! zc.buildout: easy_install.py, `Installer.build`.

use std::path::Path;

use super::Fetcher;
use super::refusal::{check_same, source_url};
use crate::dist::build::BuildOptions;
use crate::dist::builder::{Built, Job, Sources};
use crate::dist::cache::Cache;
use crate::dist::compile::Compiler;
use crate::dist::distribution::Distribution;
use crate::dist::egg::Recipe;
use crate::dist::remains;
use crate::dist::wheel::Vouches;
use crate::error::{Error, Result};
use crate::log::DEBUG;
use crate::sys::fs;
use crate::sys::spool::Spool;

impl Fetcher {
    /// Builds an archive of sources that is on offer into an egg in this directory.
    pub(in crate::dist) fn build_with(
        &mut self,
        distribution: &Distribution,
        options: &BuildOptions,
        into: &Path,
    ) -> Result<Distribution> {
        self.announce(distribution);
        let archive = self.source().archive(&distribution.location)?;
        self.source().keep(&distribution.location, &archive)?;
        let sha256 = archive.sha256();
        let job = Job {
            name: distribution.to_string(),
            log_name: format!("{}-{}", distribution.project_name, distribution.version),
            sources: Sources::Archive {
                archive,
                from: source_url(&distribution.location),
            },
            options: options.clone(),
        };
        let built = self.builder.build(&[job]).pop();
        let built = built.unwrap_or_else(|| Err(self.not_built(distribution)))?;
        self.show_log(&built);
        let passing = remains::passing(into)?;
        let made = self.lay_out(&built, &sha256, distribution, &passing, into);
        if fs::is_there(&passing) {
            fs::remove_tree(&passing)?;
        }
        made
    }

    /// `passing`: a directory in the place of the cache.
    fn lay_out(
        &self,
        built: &Built,
        sha256: &str,
        distribution: &Distribution,
        passing: &Path,
        into: &Path,
    ) -> Result<Distribution> {
        let file = built
            .wheel
            .as_ref()
            .ok_or_else(|| Error::user("A build has made no wheel."))?;
        let bytes = Spool::of_bytes(fs::read(file)?);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let cache = Cache::new(&passing.to_string_lossy());
        let wheel = cache.add(&bytes, &bytes.sha256(), &name, Vouches::Whole)?;
        let mut compiler = Compiler::new(&self.facts.executable);
        let compiled = cache.compile(&wheel, &self.facts, &mut compiler)?;
        let source = source_url(&distribution.location);
        let recipe = Recipe {
            wheel: &wheel,
            compiled: &compiled,
            facts: &self.facts,
            source: &source,
            source_sha256: Some(sha256),
            wanted: &distribution.project_name,
            is_built: true,
            tooling: self.builder.tooling(),
            programs: None,
            link_mode: self.kit.link_mode,
        };
        let placed = recipe.place(&into.to_string_lossy())?;
        check_same(&placed.distribution, distribution, &source)?;
        Ok(placed.distribution)
    }

    /// What a build said, for those who want to see everything; pip's output in zc.buildout.
    pub(in crate::dist) fn show_log(&self, built: &Built) {
        if !self.log.enabled(DEBUG) {
            return;
        }
        let said = fs::read_lossy(&built.log).unwrap_or_default();
        if !said.trim().is_empty() {
            self.log.say(DEBUG, said.trim_end());
        }
    }
}

//! `install`: reads top to bottom like `Buildout.install`.
//!
//! Everything is worked out first: parts are rendered one after the other into [`files::Files`], what is installed into
//! [`installed::Installed`]. Only when all of it is known does one [`transaction`] put it in place, so that a mistake in the
//! last part leaves the first as it was. Python recipes write for themselves: before one of them works, what came before it
//! is put in place, and what it replaces is moved aside ([`stash`]). zc.buildout: buildout.py, `Buildout.install`; it removes and writes as it goes.

mod beginning;
pub mod bootstrap;
mod develop;
mod ending;
pub mod files;
pub mod installed;
mod listing;
mod made;
pub mod plan;
mod python_step;
mod removal;
pub mod signature;
pub mod stash;
mod step;
pub mod transaction;
mod upgrade;
mod validation;

use std::time::Duration;

use crate::dist::develop::Developed;
use crate::error::{Diagnostic, Doing, Error, Kind, Result};
use crate::log::{DEBUG, WARNING};
use crate::project::{Closure, Project, Settings};
use crate::pystr::{repr, split};
use crate::text::Text;
use beginning::{load_installed, lock, make_directories};
use ending::unchanged;
use files::Files;
use installed::{Begun, FILES, Installed, SIGNATURE};
use made::Made;
use plan::{Plan, Situation};
use signature::DirectoryHashes;
use transaction::Recovered;
pub use validation::Strictness;

/// Installs these parts, or all of the configuration where none is named.
pub fn install(project: &mut Project, named: &[String]) -> Result<()> {
    install_with(project, named, Strictness::Warns)
}

/// The same, with a say on what is wrong with a supervisord.conf.
pub fn install_with(project: &mut Project, named: &[String], strictness: Strictness) -> Result<()> {
    let installed = install_parts(project, named, strictness);
    if let Err(error) = &installed {
        project.host.will_end(match error.kind {
            Kind::Exit(code) => code,
            _ => 1,
        });
    }
    installed
}

fn install_parts(project: &mut Project, named: &[String], strictness: Strictness) -> Result<()> {
    let mut settings = project.prepare()?;
    project.host.foresee(&mut project.buildout, named);
    let own = transaction::own_directory(&settings.directory);
    let _lock = lock(&settings.directory, &project.log)?;
    let recovered = match transaction::recover(&own)? {
        Recovered::Nothing => None,
        Recovered::Finished => Some("an earlier run was stopped half-way; it has been finished"),
        Recovered::TakenBack => {
            Some("an earlier run failed and was stopped half-way; it has been taken back")
        }
    };
    if let Some(recovered) = recovered {
        project
            .log
            .diagnose(Diagnostic::warning("recovered", recovered));
    }
    let stopped_at = stash::recover(&stash::own_directory(&settings.directory))?;
    let has_extensions = project
        .load_extensions(&mut settings)
        .doing(|| "Installing.".to_owned())?;
    make_directories(project, &["bin", "parts", "develop-eggs"])?;
    upgrade::check(project, &settings)?;
    let mut run = Run {
        installed: load_installed(&settings, stopped_at.as_deref(), &project.log)?,
        files: Files::default(),
        signatures: Vec::new(),
        begun: Vec::new(),
        pending: Vec::new(),
        made: Made::default(),
        has_committed: false,
        times: Vec::new(),
        own,
        settings,
        strictness,
    };
    match run
        .carry_out(project, named)
        .doing(|| "Installing.".to_owned())
    {
        Ok(()) => {
            run.put_in_place()?;
            run.report_times(project);
            if has_extensions {
                project
                    .host
                    .unload_extensions(&mut project.buildout)
                    .doing(|| "Installing.".to_owned())?;
            }
            Ok(())
        }
        Err(mut error) => {
            unwind_trail(&mut error);
            run.remember_unfinished()?;
            if !run.begun.is_empty() && run.installed.exists() && !run.has_committed {
                error = error.with(unchanged());
            }
            Err(error)
        }
    }
}

/// The step of a part stands in place of `Installing.` in the trail, as the variable is the same in zc.buildout.
fn unwind_trail(error: &mut Error) {
    let steps = ["Installing ", "Updating ", "Uninstalling "];
    if error.doing.len() > 1
        && steps.iter().any(|step| {
            error
                .doing
                .get(1)
                .is_some_and(|doing| doing.starts_with(step))
        })
    {
        error.doing.remove(0);
    }
}

/// One run.
struct Run {
    /// Where transactions are staged.
    own: String,
    settings: Settings,
    strictness: Strictness,
    installed: Installed,
    files: Files,
    /// Signatures of parts, as they were computed.
    signatures: Vec<(String, String)>,
    /// Installed parts that zc.buildout would have touched by now.
    begun: Vec<Begun>,
    /// Parts that were installed, that zc.buildout would have taken away by now and that are to come back.
    pending: Vec<Begun>,
    made: Made,
    /// Whether something was put in place already, for a Python recipe.
    has_committed: bool,
    /// How long each part took, and whether it ran in Python.
    times: Vec<(String, bool, Duration)>,
}

impl Run {
    fn carry_out(&mut self, project: &mut Project, named: &[String]) -> Result<()> {
        let developed = develop::develop(project, &self.settings, &mut self.installed, &self.own)?;
        project.host.tell_develop_eggs(&mut project.buildout)?;
        let configured = project.buildout.require("buildout", "parts")?;
        let asked: Vec<String> = if named.is_empty() {
            split(&configured).map(str::to_owned).collect()
        } else {
            named.to_vec()
        };
        for part in &asked {
            project.buildout.initialise(part)?;
            project.buildout.require(part, "recipe")?;
        }
        let wanted = if named.is_empty() {
            project.buildout.parts().to_vec()
        } else {
            asked
        };
        if self.settings.log_level < DEBUG {
            listing::list_options(project)?;
        }
        let mut hashes = DirectoryHashes::new(project.host.cache(), project.host.generation());
        for part in &wanted {
            let computed = match project.host.closure(&mut project.buildout, part)? {
                Closure::Distributions(distributions) => hashes.signature(distributions)?,
                Closure::Native(entry) => signature::own(entry.project, entry.version),
            };
            let before = self
                .installed
                .options(part)
                .get(SIGNATURE)
                .map(Text::to_string);
            self.signatures.push((
                part.clone(),
                signature::settled(&computed, before.as_deref()),
            ));
        }
        let plan = self.plan(project, &wanted, named.is_empty())?;
        self.uninstall(project, &plan)?;
        warn_of_unused_options(project, "buildout");
        let mut parts = plan.staying.clone();
        for (part, action) in &plan.steps {
            self.step(project, part, *action, &mut parts)?;
        }
        if self.installed.has_develop_eggs() {
            if !self.installed.exists() {
                self.installed.save_buildout();
            }
        } else if parts.is_empty() && self.installed.exists() {
            self.installed.remove();
        }
        self.picked_versions(project)?;
        if let Some(report) = Developed::report(&developed) {
            project.log.show(&report);
        }
        Ok(())
    }

    fn signature(&self, part: &str) -> &str {
        self.signatures
            .iter()
            .find(|(name, _)| name == part)
            .map_or("", |(_, signature)| signature)
    }

    fn plan(&self, project: &mut Project, wanted: &[String], all_parts: bool) -> Result<Plan> {
        let situation = Situation {
            installed: &self.installed,
            wanted,
            all_parts,
            directory: &self.settings.directory,
            exists: &|path| self.files.exists(path),
        };
        let buildout = &mut project.buildout;
        plan::plan(&situation, &mut |part| {
            Ok(plan::signed(buildout.all(part)?, self.signature(part)))
        })
    }
}

// zc.buildout: buildout.py, _check_for_unused_options_in_section
fn warn_of_unused_options(project: &Project, section: &str) {
    let unused = project.buildout.unused(section);
    if unused.is_empty() {
        return;
    }
    let names: Vec<String> = unused.iter().map(|name| repr(name)).collect();
    if !project.host.generation().explains_unused_options() {
        let names = names.join(" ");
        let message = format!("Unused options for {section}: {names}.");
        project.log.say(WARNING, &message);
        return;
    }
    let message = format!(
        "Section `{section}` contains unused option(s): {}.\nThis may be an indication for either a typo in the option's name or a bug in the used recipe.",
        names.join(" ")
    );
    project.log.say(WARNING, &message);
}

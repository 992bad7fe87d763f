//! [`outline`]: the conf that a part would write, and all that the recipe makes of its options, without eggs and scripts.
//!
//! What `install` does, as far as it needs no distribution. Nothing stops at the first mistake.

use super::conf::Conf;
use super::setting_losses;
use super::settings::Settings;
use super::{empty, script_names_of};
use crate::error::{Diagnostic, Result};
use crate::options::Buildout;
use crate::pypath;
use crate::text::Text;
use std::collections::BTreeMap;

/// What a part would write.
#[derive(Debug)]
pub struct Outline {
    /// The path of the conf.
    pub path: String,
    pub text: Text,
    /// Lines at which the recipe stops.
    pub faults: Vec<Diagnostic>,
    /// What the recipe drops or takes for something else.
    pub losses: Vec<Diagnostic>,
    /// The directories that it makes.
    pub directories: Vec<String>,
    /// The scripts that it writes into the bin directory, those of plugins left out.
    pub scripts: Vec<String>,
    pub plugins: Text,
}

/// The outline of a part whose recipe was started.
pub fn outline(buildout: &mut Buildout, part: &str) -> Result<Outline> {
    let directory = buildout.require("buildout", "directory")?;
    let settings = Settings::read(|option| buildout.get(part, option), &directory)?;
    let mut faults = Vec::new();
    let mut directories = Vec::new();
    let must = |option, value: &Text| empty(option, value).diagnostics;
    if let Some(daemon) = &settings.daemon {
        if daemon.childlogdir.is_empty() {
            faults.extend(must("childlogdir", &daemon.childlogdir));
        } else {
            directories = daemon.directories(&directory);
        }
    }
    if settings.conf.is_empty() {
        faults.extend(must("supervisord-conf", &settings.conf));
    }
    let conf = Conf::new(&settings);
    faults.extend(conf.faults.into_iter().map(|fault| fault.diagnostic));
    let mut losses = setting_losses::of(&settings, &directory);
    losses.extend(conf.losses);
    let path = pypath::join(&directory, &settings.conf);
    directories.push(pypath::dirname(&path).to_owned());
    Ok(Outline {
        path,
        text: conf.text,
        faults,
        losses,
        directories,
        scripts: script_names_of(part, &settings),
        plugins: settings.plugins,
    })
}

/// The conf that a part with these resolved options wrote, where they are whole.
pub fn written(options: &BTreeMap<String, Text>, directory: &str) -> Option<String> {
    let settings = Settings::read(|option| Ok(options.get(option).cloned()), directory).ok()?;
    let conf = Conf::new(&settings);
    conf.faults.is_empty().then(|| conf.text.to_string())
}

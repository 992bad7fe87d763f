//! `zc.recipe.egg:develop`: a project used where it is, its extensions built with settings of this buildout.
//! zc.recipe.egg: custom.py, `Develop`.

use super::build_options::{build_ext, develop_eggs_directory};
use super::{BUILDOUT, from_base};
use crate::dist::BuildOptions;
use crate::error::Result;
use crate::log;
use crate::options::Buildout;
use crate::recipe::{Effect, PartContext, Recipe, Rendering};

pub(super) fn new(buildout: &mut Buildout, part: &str) -> Result<Box<dyn Recipe>> {
    let develop_eggs_directory = develop_eggs_directory(buildout, part)?;
    let build_ext = build_ext(buildout, part)?;
    let setup = buildout.require(part, "setup")?;
    let directory = buildout.require(BUILDOUT, "directory")?;
    let setup = from_base(&directory, &setup, &setup);
    buildout.set(part, "setup", setup);
    Ok(Box::new(Develop {
        develop_eggs_directory,
        options: BuildOptions {
            build_ext,
            variables: Vec::new(),
        },
    }))
}

#[derive(Debug)]
struct Develop {
    develop_eggs_directory: String,
    options: BuildOptions,
}

impl Recipe for Develop {
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        let setup = cx.buildout.require(cx.part, "setup")?;
        rendering.effects.push(Effect::Log {
            level: log::DEBUG,
            message: format!("Making editable install of {setup}"),
        });
        let (developed, paths) = cx.develop_egg(
            rendering,
            &setup,
            &self.develop_eggs_directory,
            &self.options,
        )?;
        if let Some(warning) = developed.namespace_warning() {
            rendering.effects.push(Effect::Log {
                level: log::WARNING,
                message: warning,
            });
        }
        rendering.installed.extend(paths);
        Ok(())
    }
}

//! `zc.recipe.egg:custom`: an egg built with settings of this buildout, into its develop-eggs directory.
//! zc.recipe.egg: custom.py, `Custom`.

use super::build_options::{build_ext, develop_eggs_directory, shown};
use super::{BUILDOUT, find_links, index, is_true};
use crate::dist::{BuildOptions, CustomRequest};
use crate::error::Result;
use crate::log;
use crate::options::Buildout;
use crate::pystr;
use crate::recipe::{Effect, PartContext, Recipe, Rendering};
use crate::text::Text;

pub(super) fn new(buildout: &mut Buildout, part: &str) -> Result<Box<dyn Recipe>> {
    let develop_eggs_directory = develop_eggs_directory(buildout, part)?;
    let build_ext = build_ext(buildout, part)?;
    let find_links = find_links(buildout, part)?;
    let index = index(buildout, part)?;
    let section = buildout.get(part, "environment")?;
    let variables = match section.filter(|section| !section.is_empty()) {
        Some(section) => buildout.all(&section)?,
        None => std::collections::BTreeMap::new(),
    };
    let pairs = || {
        variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    };
    buildout.set(part, "_environment-data", Text::from(shown(pairs())));
    let eggs = buildout.require(BUILDOUT, "eggs-directory")?;
    buildout.set(part, "_e", eggs);
    let is_offline = is_true(buildout, "offline")?;
    let newest = is_true(buildout, "newest")?;
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(Box::new(Custom {
        request: CustomRequest {
            egg: String::new(),
            develop_eggs_directory,
            newest,
            find_links,
            index: index.map(|index| index.to_string()),
            options: BuildOptions {
                build_ext,
                variables: pairs().map(own).collect(),
            },
        },
        is_offline,
    }))
}

#[derive(Debug)]
struct Custom {
    request: CustomRequest,
    is_offline: bool,
}

impl Recipe for Custom {
    fn render(&self, cx: &mut PartContext<'_>, rendering: &mut Rendering) -> Result<()> {
        if self.is_offline {
            return Ok(());
        }
        let mut egg = cx.buildout.get(cx.part, "egg")?;
        if egg.is_none() {
            egg = cx.buildout.get(cx.part, "eggs")?;
            if egg.is_some() {
                rendering.effects.push(Effect::Log {
                    level: log::WARNING,
                    message: "zc.recipe.egg.custom: The eggs option is deprecated. Use egg instead"
                        .to_owned(),
                });
            }
        }
        let egg = egg.unwrap_or_else(|| Text::from(cx.part));
        let request = CustomRequest {
            egg: pystr::strip(&egg).to_owned(),
            ..self.request.clone()
        };
        let location = cx.custom_egg(rendering, &request)?;
        rendering.installed.push(location);
        Ok(())
    }
}

//! [`Named`]: what `recipe =` of a part says, and whether that recipe is native.
//!
//! zc.buildout: buildout.py, `_recipe`.

use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::error::{Diagnostic, Error, Result};
use crate::options::Buildout;
use crate::recipe::RecipeEntry;
use crate::recipes;
use crate::text::Text;

/// The option of a part that sends it to Python though its recipe is native.
const SWITCH: &str = "rbuildout-native";

/// The recipe of a part: requirement and entry point.
pub(super) struct Named {
    pub(super) spec: Text,
    pub(super) requirement: Requirement,
    pub(super) entry: String,
}

/// What `recipe =` says.
// zc.buildout: buildout.py, _recipe
pub(super) fn named(buildout: &mut Buildout, part: &str) -> Result<Named> {
    parse_recipe(&buildout.require(part, "recipe")?)
}

pub(super) fn parse_recipe(recipe: &Text) -> Result<Named> {
    let (spec, entry) = match recipe.split(':').as_slice() {
        [spec] => (spec.clone(), "default".to_owned()),
        [spec, entry] => (spec.clone(), entry.to_string()),
        _ => {
            let diagnostic =
                Diagnostic::error("recipe", "a recipe is `project` or `project:entry`").at(recipe);
            return Err(Error::user(format!("Invalid recipe: {recipe}")).with(diagnostic));
        }
    };
    let requirement = Requirement::parse(&spec)?;
    Ok(Named {
        spec,
        requirement,
        entry,
    })
}

/// The native recipe for a part, if it has one and wants it.
pub(super) fn native(
    buildout: &mut Buildout,
    part: &str,
    named: &Named,
) -> Result<Option<&'static RecipeEntry>> {
    let Some(entry) = recipes::find(named.requirement.name(), &named.entry) else {
        return Ok(None);
    };
    Ok(buildout.boolean(part, SWITCH, true)?.then_some(entry))
}

pub(super) fn same_project(entry: &RecipeEntry, requirement: &Requirement) -> bool {
    name::canonical(entry.project) == name::canonical(requirement.name())
}

//! The recipes that are native here. Others run in Python, behind the bridge.
//!
//! A new one: its file, a `mod` line and a line in [`RECIPES`].

mod debug;
mod egg;
pub mod supervisor;

use crate::dist::name;
use crate::options::OptionNames;
use crate::recipe::RecipeEntry;

/// All native recipes.
pub static RECIPES: &[&RecipeEntry] = &[&egg::RECIPE, &supervisor::RECIPE, &debug::RECIPE];

/// The native recipe for a distribution, in any spelling of its name, and one of its entry points.
pub fn find(project: &str, entry: &str) -> Option<&'static RecipeEntry> {
    let project = name::canonical(project);
    RECIPES.iter().copied().find(|recipe| {
        name::canonical(recipe.project) == project && recipe.entries.contains(&entry)
    })
}

/// The options that the recipe of a part reads; `None` where that is not known here.
pub fn option_names(recipe: &str) -> OptionNames {
    let (project, entry) = recipe.split_once(':').unwrap_or((recipe, "default"));
    (find(project, entry)?.options)(entry)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn recipes_are_found_in_any_spelling() {
        for name in [
            "collective.recipe.supervisor",
            "Collective-Recipe_Supervisor",
        ] {
            let found = find(name, "default").map(|r| r.project);
            assert_eq!(found, Some("collective.recipe.supervisor"));
        }
        for entry in ["scripts", "custom", "develop"] {
            assert!(find("zc.recipe.egg", entry).is_some());
        }
    }

    #[test]
    fn entry_points_that_need_python_are_not_native() {
        assert!(find("zc.recipe.egg", "other").is_none());
        assert!(find("collective.recipe.supervisor", "scripts").is_none());
        assert!(find("zc.recipe.eggs", "default").is_none());
    }
}

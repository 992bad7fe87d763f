//! Whether a run will need Python for its recipes, told from the configuration as it was read, before anything is resolved.
//!
//! A guess: it only decides how early the recipe host is started, beside all that comes before its first part. Nothing of
//! it is in zc.buildout.

use std::collections::HashSet;

use super::named::{SWITCH, parse_recipe};
use crate::options::{Buildout, references};
use crate::pystr::split;
use crate::recipes;

/// Whether these parts, or all of the configuration where none is named, lead to a recipe that is not native.
pub(super) fn needs_python(buildout: &Buildout, named: &[String]) -> bool {
    let option = |name: &str| buildout.raw("buildout", name).cloned().unwrap_or_default();
    if !option("extensions").trim().is_empty() {
        return true;
    }
    let parts = option("parts");
    let mut pending: Vec<String> = if named.is_empty() {
        split(&parts).map(str::to_owned).collect()
    } else {
        named.to_vec()
    };
    let mut seen = HashSet::new();
    while let Some(section) = pending.pop() {
        if section == "buildout" || !seen.insert(section.clone()) {
            continue;
        }
        let Ok(options) = buildout.expanded(&section) else {
            continue;
        };
        let is_native = |recipe| {
            let switch = options.get(SWITCH).map(|value| value.trim());
            parse_recipe(recipe).is_ok_and(|named| {
                recipes::find(named.requirement.name(), &named.entry).is_some()
                    && switch != Some("false")
            })
        };
        if let Some(recipe) = options.get("recipe")
            && !recipe.contains("${")
            && !is_native(recipe)
        {
            return true;
        }
        for value in options.values().filter(|value| value.contains("${")) {
            let found = references(value).unwrap_or_default();
            pending.extend(found.into_iter().map(|(section, _)| section));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn references_are_followed() {
        let mut buildout = Buildout::new(&crate::config::RawConfig::default());
        let mut set = |section: &str, option: &str, value: &str| {
            buildout.set_raw(section, option, Text::from(value));
        };
        set("buildout", "parts", "native other");
        set("native", "recipe", "zc.recipe.egg:eggs");
        set("native", "eggs", "${plain:eggs}");
        set("plain", "eggs", "${base:name}");
        set("base", "recipe", "zc.recipe.egg");
        set("other", "<", "base");
        set("python", "recipe", "my.recipe");
        set("far", "recipe", "zc.recipe.egg");
        set("far", "eggs", "x ${python:eggs}");
        set("switched", "<", "base");
        set("switched", SWITCH, "false");
        let needs = |parts: &[&str]| {
            let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            needs_python(&buildout, &parts)
        };
        assert!(!needs(&[]) && !needs(&["native", "nowhere"]));
        assert!(needs(&["native", "far"]) && needs(&["python"]) && needs(&["switched"]));
    }
}

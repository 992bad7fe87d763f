//! Names of projects, in the three spellings that the field compares.
//!
//! pkg_resources' `safe_name`, packaging's `canonicalize_name` (PEP 503) and zc.buildout's `normalize_name` are three
//! different functions and none of them may stand for another: which one a rule uses decides what it finds.

/// Runs of `-`, `_` and `.` as one `-`, lower case: `zc.recipe_egg` is `zc-recipe-egg`. packaging: `canonicalize_name`.
pub fn canonical(name: &str) -> String {
    lower(collapse(name, '-', |c| matches!(c, '-' | '_' | '.')))
}

/// The canonical name with `_`: the key of zc.buildout's environments. zc.buildout: utils.py, `normalize_name`.
pub fn environment_key(name: &str) -> String {
    lower(collapse(name, '_', |c| matches!(c, '-' | '_' | '.')))
}

/// Runs of anything but ASCII letters, digits and dots as one `-`. pkg_resources: `safe_name`.
pub fn safe(name: &str) -> String {
    collapse(name, '-', |c| !(c.is_ascii_alphanumeric() || c == '.'))
}

/// pkg_resources' key of a project: its safe name in lower case.
pub fn key(project_name: &str) -> String {
    lower(project_name.to_owned())
}

fn collapse(name: &str, by: char, separates: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(&separates) {
        out.push_str(rest.get(..at).unwrap_or(""));
        out.push(by);
        rest = rest.get(at..).unwrap_or("").trim_start_matches(&separates);
    }
    out.push_str(rest);
    out
}

fn lower(mut name: String) -> String {
    if name.is_ascii() {
        name.make_ascii_lowercase();
        return name;
    }
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_spellings() {
        assert_eq!(canonical("zc.Recipe__Egg"), "zc-recipe-egg");
        assert_eq!(environment_key("zc.recipe.egg"), "zc_recipe_egg");
        assert_eq!(
            safe("collective_recipe_supervisor"),
            "collective-recipe-supervisor"
        );
        assert_eq!(safe("zc.buildout"), "zc.buildout");
    }
}

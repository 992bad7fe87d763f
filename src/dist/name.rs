//! Names of projects, in the three spellings that the field compares.
//!
//! pkg_resources' `safe_name`, packaging's `canonicalize_name` (PEP 503) and zc.buildout's `normalize_name` are three
//! different functions and none of them may stand for another: which one a rule uses decides what it finds.

/// Runs of `-`, `_` and `.` as one `-`, lower case: `zc.recipe_egg` is `zc-recipe-egg`. packaging: `canonicalize_name`.
pub fn canonical(name: &str) -> String {
    collapse(name, |c| matches!(c, '-' | '_' | '.')).to_lowercase()
}

/// The canonical name with `_`: the key of zc.buildout's environments. zc.buildout: utils.py, `normalize_name`.
pub fn environment_key(name: &str) -> String {
    canonical(name).replace('-', "_")
}

/// Runs of anything but ASCII letters, digits and dots as one `-`. pkg_resources: `safe_name`.
pub fn safe(name: &str) -> String {
    collapse(name, |c| !(c.is_ascii_alphanumeric() || c == '.'))
}

fn collapse(name: &str, separates: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(name.len());
    let mut within = false;
    for c in name.chars() {
        if separates(c) {
            if !within {
                out.push('-');
            }
            within = true;
        } else {
            out.push(c);
            within = false;
        }
    }
    out
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

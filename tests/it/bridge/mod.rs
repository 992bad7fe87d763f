//! Python recipes: what they may do, what they may break, and that nothing is lost by it.
//!
//! The recipes are those of fixtures/recipes, in a small wheel that find-links has.

mod both_tools;
mod extensions;
mod failures;
mod library;
mod parts;
mod signals;

use crate::support::pythons::Python;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::wheels::Wheel;

const RECIPES: &str = include_str!("../../../fixtures/recipes/fixture_recipes.py");
const LIBRARY: &str = include_str!("../../../fixtures/recipes/fixture_library.py");

/// What stands in for zc.buildout where only its `UserError` is wanted.
const STAND_IN: &str = "class UserError(Exception):\n    def __str__(self):\n        return ' '.join(map(str, self.args))\n";

/// A buildout that can have the recipes; none where there is no Python 3.
fn with_recipes(configuration: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new()?;
    offer_all(&sandbox);
    configure(&sandbox, configuration);
    Some(sandbox)
}

/// The same with this Python.
fn with_recipes_for(python: Python, configuration: &str) -> Sandbox {
    let sandbox = Sandbox::with(python, "b");
    offer_all(&sandbox);
    configure(&sandbox, configuration);
    sandbox
}

/// Writes buildout.cfg: parts and more, behind what every one of these buildouts has.
fn configure(sandbox: &Sandbox, configuration: &str) {
    let text = format!(
        "[buildout]\nfind-links = packages\nindex = packages/index\nnewest = false\n{configuration}"
    );
    sandbox.write("buildout.cfg", &text);
}

/// The recipes, and what they import of zc.buildout.
fn offer_all(sandbox: &Sandbox) {
    offer_recipes(sandbox);
    let namespace = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
    Wheel::new("zc.buildout", "6.0.1")
        .file("zc/__init__.py", namespace)
        // A directory with another file in it is more than a namespace: its `__init__.py` stays.
        .file("zc/stand_in.py", "")
        .file("zc/buildout/__init__.py", STAND_IN)
        .wheel(&sandbox.at("packages"));
}

/// Each class of the fixture is a recipe, called as the class in lower case.
fn offer_recipes(sandbox: &Sandbox) {
    std::fs::create_dir_all(sandbox.at("packages/index")).unwrap();
    let mut entries = String::from("[zc.buildout]\n");
    for (module, text) in [("fixture_recipes", RECIPES), ("fixture_library", LIBRARY)] {
        let classes = text.lines().filter_map(|line| line.strip_prefix("class "));
        for class in classes {
            let class = class.split('(').next().unwrap();
            let name = class.to_lowercase();
            entries.push_str(&format!("{name} = {module}:{class}\n"));
        }
    }
    entries.push_str("[zc.buildout.uninstall]\nprinting = fixture_recipes:uninstall\n");
    Wheel::new("fixture.recipes", "1.0")
        .entry_points(&entries)
        .file("fixture_recipes.py", RECIPES)
        .file("fixture_library.py", LIBRARY)
        .wheel(&sandbox.at("packages"));
}

/// A section of the record of installed parts.
fn installed(sandbox: &Sandbox, part: &str) -> String {
    let text = sandbox.read(".installed.cfg");
    let head = format!("\n[{part}]\n");
    let section = text.split(&head).nth(1).unwrap_or_default();
    section.split("\n[").next().unwrap().to_owned()
}

/// What is done to which part, in order.
fn steps(ran: &Ran) -> Vec<&str> {
    let starts = ["Installing ", "Updating ", "Uninstalling "];
    let lines = ran.stdout.lines();
    lines
        .filter(|line| starts.iter().any(|start| line.starts_with(start)))
        .collect()
}

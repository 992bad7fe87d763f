//! The text of a script that calls an entry point, byte for byte as zc.buildout writes it.
//!
//! zc.buildout: easy_install.py, `_script`, `script_template`. The `#!` line names the interpreter as it was called:
//! no links resolved, nothing quoted, no limit to its length.

use super::{EntryPoint, Place};
use crate::pystr;
use crate::text::Text;

/// The statements between `sys.path` and the import, with the empty lines that set them off.
pub(super) fn initialization(statements: &Text) -> Text {
    let mut text = Text::new();
    if !statements.is_empty() {
        text.push_str("\n");
        text.push(statements);
        text.push_str("\n");
    }
    text
}

/// What all kinds of scripts share: how `sys` gets its paths. `opening` is what comes before, its last line end not
/// counted.
pub(super) fn paths(opening: &str, place: &Place, after_import: &str, comma: &str) -> Text {
    Text::from(format!(
        "{opening}\n{}\nimport sys\n{after_import}sys.path[0:0] = [\n  {}{comma}\n  ]\n",
        place.setup, place.paths
    ))
}

pub(super) fn script(
    executable: &str,
    place: &Place,
    initialization: &Text,
    entry_point: &EntryPoint,
    arguments: &Text,
) -> Text {
    let EntryPoint { module, attrs, .. } = entry_point;
    let mut text = paths(&format!("#!{executable}"), place, "", ",");
    text.push(initialization);
    text.push_str(&format!(
        "\nimport {module}\n\nif __name__ == '__main__':\n    sys.exit({module}.{attrs}("
    ));
    text.push(arguments);
    text.push_str("))\n");
    text
}

/// Paths as the inside of a Python list, one a line. zc.buildout replaces every `, ` of the list's `repr`, so a path with a
/// comma and a blank is torn in two: so here.
pub(super) fn path_list(paths: &[String]) -> String {
    let list: Vec<String> = paths.iter().map(|path| pystr::repr(path)).collect();
    list.join(", ").replace(", ", ",\n  ")
}

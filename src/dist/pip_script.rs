//! Programs that pip writes for entry points, as far as a RECORD tells of them: path, hash and size.
//!
//! zc.buildout throws the programs themselves away; their rows stay in the RECORD of a project under development. Of an
//! egg's RECORD they are left out (`egg.rs`). pip: wheel.py, `PipScriptMaker`; distlib: scripts.py, `ScriptMaker`.

use super::entry_points::{EntryPoint, EntryPoints};
use super::record::Row;
use super::version::Version;
use crate::python::Facts;

/// The first pip that has a text of its own for programs; before it was distlib's.
const OWN_TEXT: &str = "25.2";
/// The first pip with the present text.
const PRESENT_TEXT: &str = "26.0";

/// The longest first line that a kernel reads whole.
const LONGEST: usize = 127;

/// The rows of all programs: as seen from `lib/python`, where pip installs for a target.
pub(super) fn rows(points: &EntryPoints, facts: &Facts, pip: Option<&Version>) -> Vec<Row> {
    let is_before = |version: &str| pip.is_some_and(|pip| *pip < Version::new(version));
    let body = if is_before(OWN_TEXT) {
        DISTLIB
    } else if is_before(PRESENT_TEXT) {
        FIRST
    } else {
        PRESENT
    };
    ["console_scripts", "gui_scripts"]
        .iter()
        .filter_map(|group| points.get(*group))
        .flatten()
        .filter(|(_, point)| !point.attributes.is_empty())
        .map(|(name, point)| {
            let text = text(point, &facts.executable, body);
            Row::of(format!("../../bin/{name}"), text.as_bytes())
        })
        .collect()
}

const DISTLIB: &str = r"# -*- coding: utf-8 -*-
import re
import sys
from MODULE import NAME
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\.pyw|\.exe)?$', '', sys.argv[0])
    sys.exit(FUNCTION())
";

const FIRST: &str = "import sys
from MODULE import NAME
if __name__ == '__main__':
    if sys.argv[0].endswith('.exe'):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(FUNCTION())
";

const PRESENT: &str = "import sys
from MODULE import NAME
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(FUNCTION())
";

fn text(point: &EntryPoint, executable: &str, body: &str) -> String {
    let has_blank = executable.contains(' ');
    let first = if has_blank || executable.len() + 3 > LONGEST {
        let quote = if has_blank { "\"" } else { "" };
        format!("#!/bin/sh\n'''exec' {quote}{executable}{quote} \"$0\" \"$@\"\n' '''\n")
    } else {
        format!("#!{executable}\n")
    };
    let import = point.attributes.first().map_or("", String::as_str);
    let body = body
        .replace("MODULE", &point.module)
        .replace("NAME", import)
        .replace("FUNCTION", &point.attributes.join("."));
    first + &body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::entry_points;
    use crate::dist::sample::facts;

    #[test]
    fn each_pip_has_its_text() {
        let text = "[console_scripts]\nx = a.b:C.run\n[other]\nz = c\n";
        let points = entry_points::parse(text).unwrap();
        let sizes = ["24.2", "25.3", "26.0"].map(|pip| {
            let rows = rows(&points, &facts(), Some(&Version::new(pip)));
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].path, "../../bin/x");
            rows[0].size.clone()
        });
        // Of what these versions write for `#!/py`.
        assert_eq!(sizes, ["187", "160", "135"]);
    }
}

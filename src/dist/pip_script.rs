//! Programs that pip writes for entry points, as far as a RECORD tells of them: path, hash and size.
//!
//! zc.buildout throws the programs themselves away; their rows stay in the RECORD of a project under development. Of an
//! egg's RECORD they are left out (`egg/`). pip: wheel.py, `PipScriptMaker`; distlib: scripts.py, `ScriptMaker`.

use super::entry_points::{EntryPoint, EntryPoints};
use super::record::Row;
use super::version::Version;
use crate::python::Facts;

/// The first pip that has a text of its own for programs; before it was distlib's.
const OWN_TEXT: &str = "25.2";

/// The longest first line that a kernel reads whole.
const LONGEST: usize = 127;

/// The rows of all programs: as seen from `lib/python`, where pip installs for a target.
pub(super) fn rows(points: &EntryPoints, facts: &Facts, pip: Option<&Version>) -> Vec<Row> {
    let is_old = pip.is_some_and(|pip| *pip < Version::new(OWN_TEXT));
    ["console_scripts", "gui_scripts"]
        .iter()
        .filter_map(|group| points.get(*group))
        .flatten()
        .filter(|(_, point)| !point.attributes.is_empty())
        .map(|(name, point)| {
            let text = text(point, &facts.executable, is_old);
            Row::of(format!("../../bin/{name}"), text.as_bytes())
        })
        .collect()
}

fn text(point: &EntryPoint, executable: &str, is_old: bool) -> String {
    let first = if executable.contains(' ') || executable.len() + 3 > LONGEST {
        let quoted = if executable.contains(' ') {
            format!("\"{executable}\"")
        } else {
            executable.to_owned()
        };
        format!("#!/bin/sh\n'''exec' {quoted} \"$0\" \"$@\"\n' '''\n")
    } else {
        format!("#!{executable}\n")
    };
    let module = &point.module;
    let import = point.attributes.first().map_or("", String::as_str);
    let function = point.attributes.join(".");
    if is_old {
        format!(
            "{first}# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom {module} import {import}\n\
             if __name__ == '__main__':\n    \
             sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n    \
             sys.exit({function}())\n"
        )
    } else {
        format!(
            "{first}import sys\nfrom {module} import {import}\nif __name__ == '__main__':\n    \
             if sys.argv[0].endswith('.exe'):\n        sys.argv[0] = sys.argv[0][:-4]\n    \
             sys.exit({function}())\n"
        )
    }
}

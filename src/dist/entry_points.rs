//! Entry points of an installed distribution. (Stand-in until the real one is merged.)

use super::distribution::Distribution;
use crate::error::Result;
use crate::sys::fs;

/// One entry point of the group `console_scripts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleScript {
    pub name: String,
    pub module: String,
    /// Dotted.
    pub attrs: String,
}

/// The console scripts of a distribution, in the order of its file.
pub fn console_scripts(distribution: &Distribution) -> Result<Vec<ConsoleScript>> {
    let Some(metadata) = &distribution.metadata else {
        return Ok(Vec::new());
    };
    let file = metadata.join("entry_points.txt");
    if !fs::is_file(&file) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut within = false;
    for line in fs::read_text(&file)?.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line == "[console_scripts]";
        } else if within && let Some((name, target)) = line.split_once('=') {
            let (module, attrs) = target.split_once(':').unwrap_or((target, ""));
            found.push(ConsoleScript {
                name: name.trim().into(),
                module: module.trim().into(),
                attrs: attrs.trim().into(),
            });
        }
    }
    Ok(found)
}

//! Entry points of an installed distribution: `name = module:attr`, by group, in the order of the file.
//!
//! What is made of them (scripts, recipes) is for others. pkg_resources: `EntryPoint`.

use indexmap::IndexMap;

use super::distribution::Distribution;
use super::metadata;
use crate::error::{Error, Result};
use crate::pystr::{self, is_space};

/// Where an object is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    pub module: String,
    /// `main` or `Class.method` in its parts; none for the module itself.
    pub attributes: Vec<String>,
}

impl EntryPoint {
    /// `module:attributes`, as it is written.
    pub fn object(&self) -> String {
        match self.attributes.as_slice() {
            [] => self.module.clone(),
            attributes => format!("{}:{}", self.module, attributes.join(".")),
        }
    }
}

/// Entry points by name, by group.
pub type EntryPoints = IndexMap<String, IndexMap<String, EntryPoint>>;

impl Distribution {
    /// The entry points of a group: `console_scripts`, `zc.buildout`.
    // pkg_resources: `Distribution.get_entry_map`.
    pub fn entry_points(&self, group: &str) -> Result<IndexMap<String, EntryPoint>> {
        let Some(place) = &self.metadata else {
            return Ok(IndexMap::new());
        };
        let Some(text) = metadata::text_of(place, "entry_points.txt")? else {
            return Ok(IndexMap::new());
        };
        let mut groups = parse(&text).map_err(|error| {
            error.hint(
                "bad-entry-points",
                format!("the entry points of {self} can't be read"),
                format!("look into {}", place.join("entry_points.txt").display()),
            )
        })?;
        Ok(groups.swap_remove(group).unwrap_or_default())
    }
}

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
    let points = distribution.entry_points("console_scripts")?;
    Ok(points
        .into_iter()
        .map(|(name, point)| ConsoleScript {
            name,
            module: point.module,
            attrs: point.attributes.join("."),
        })
        .collect())
}

/// Reads an entry_points.txt.
// pkg_resources: `EntryPoint.parse_map`, `parse_group`.
pub fn parse(text: &str) -> Result<EntryPoints> {
    let mut groups = EntryPoints::new();
    for (group, lines) in metadata::sections(text)? {
        let Some(group) = group else {
            if lines.is_empty() {
                continue;
            }
            return Err(Error::user("Entry points must be listed in groups"));
        };
        // A heading without a name and without lines says nothing there either, unless it is the last.
        if group.is_empty() && lines.is_empty() {
            continue;
        }
        if !is_module(&group) {
            return Err(Error::user(format!(
                "Invalid group name: {}",
                pystr::repr(&group)
            )));
        }
        if groups.contains_key(&group) {
            return Err(Error::user(format!(
                "Duplicate group name: {}",
                pystr::repr(&group)
            )));
        }
        let mut points = IndexMap::new();
        for line in lines {
            let (name, point) = parse_line(line)?;
            if points.insert(name.clone(), point).is_some() {
                return Err(Error::user(format!(
                    "Duplicate entry point: {}, {}",
                    pystr::repr(&group),
                    pystr::repr(&name)
                )));
            }
        }
        groups.insert(group, points);
    }
    Ok(groups)
}

/// `name = module:attr [extras]`.
// pkg_resources: `EntryPoint.parse`; the name is the shortest that leaves a module behind the `=`.
pub fn parse_line(line: &str) -> Result<(String, EntryPoint)> {
    let line = pystr::strip(line);
    for (at, _) in line.match_indices('=').filter(|(at, _)| *at > 0) {
        let (name, rest) = line.split_at(at);
        let name = pystr::rstrip(name);
        if let Some((module, attribute)) = target(&rest[1..])
            && !name.is_empty()
        {
            if !is_module(module) {
                return Err(Error::user(format!(
                    "Invalid module name: {}",
                    pystr::repr(module)
                )));
            }
            let attributes = attribute.map_or_else(Vec::new, |attribute| {
                attribute.split('.').map(str::to_owned).collect()
            });
            return Ok((
                name.to_owned(),
                EntryPoint {
                    module: module.to_owned(),
                    attributes,
                },
            ));
        }
    }
    Err(Error::user(format!(
        "EntryPoint must be in 'name=module:attrs [extras]' format: {}",
        pystr::repr(line)
    )))
}

/// `module`, `module:attr`, either with `[extras]` behind it.
fn target(text: &str) -> Option<(&str, Option<&str>)> {
    let dotted = |text: &str| {
        text.find(|c: char| !(is_word(c) || c == '.'))
            .unwrap_or(text.len())
    };
    let text = text.trim_start_matches(is_space);
    let (module, rest) = text.split_at(dotted(text));
    if module.is_empty() {
        return None;
    }
    let mut rest = rest.trim_start_matches(is_space);
    let mut attribute = None;
    if let Some(behind) = rest.strip_prefix(':') {
        let behind = behind.trim_start_matches(is_space);
        let (found, left) = behind.split_at(dotted(behind));
        if found.is_empty() {
            return None;
        }
        attribute = Some(found);
        rest = left.trim_start_matches(is_space);
    }
    (rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']')))
        .then_some((module, attribute))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_module(name: &str) -> bool {
    name.split('.')
        .all(|part| !part.is_empty() && part.chars().all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(groups) => groups
                .iter()
                .map(|(group, points)| {
                    let points: Vec<String> = points
                        .iter()
                        .map(|(name, p)| format!("{name}>{}:{}", p.module, p.attributes.join(".")))
                        .collect();
                    format!("[{group}] {}", points.join(" "))
                })
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.message,
        }
    }

    #[test]
    fn the_syntax_is_pkg_resources() {
        // Recorded from `EntryPoint.parse_map`.
        for (text, expected) in [
            (
                "[console_scripts]\nb = x.y:main\na=x:C.m [e,f]\n# no\n\nc = z",
                "[console_scripts] b>x.y:main a>x:C.m c>z:",
            ),
            ("[a.b]\na=b = m:f", "[a.b] a=b>m:f"),
            ("[g]\nx = m : f", "[g] x>m:f"),
            (
                "[g]\nx = m:f [e] # c",
                "EntryPoint must be in 'name=module:attrs [extras]' format: 'x = m:f [e] # c'",
            ),
            (
                "[g]\nx = m-n:f",
                "EntryPoint must be in 'name=module:attrs [extras]' format: 'x = m-n:f'",
            ),
            ("[g]\nx = m..n:f", "Invalid module name: 'm..n'"),
            ("x = m", "Entry points must be listed in groups"),
            ("[g]\nx = m\nx = n", "Duplicate entry point: 'g', 'x'"),
            ("[g]\nx = m\n[g]\ny = n", "Duplicate group name: 'g'"),
            ("[g-h]\nx = m", "Invalid group name: 'g-h'"),
            ("[g", "Invalid section heading: '[g'"),
            ("[ g ]\n x y = m", "[g] x y>m:"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}

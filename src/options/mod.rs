//! Options on demand: `buildout[section][option]`, with substitution and recipes that start when their section is first
//! needed.
//!
//! The one place where buildout's recursion lives: reading `${part:option}` initialises that section, which starts its
//! recipe, which reads and sets options. Recipes are known here only as a [`PartLoader`]. No disk, no output.
//! zc.buildout: buildout.py, `Buildout.__getitem__`, `Options`.

mod layers;
mod section;
mod substitute;

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::config::RawConfig;
use crate::config::macros::{self, RawOptions};
use crate::error::{Diagnostic, Doing, Error, Kind, Result};
use crate::pystr::{repr, split};
use crate::text::Text;
use crate::wording::did_you_mean;
pub use layers::Layer;
use section::Section;
use substitute::{Reference, substitute};
pub use substitute::{reference_places, references};

/// Lists of names of options that a recipe reads; `None` where it reads whatever there is.
pub type OptionNames = Option<&'static [&'static [&'static str]]>;

/// Starts the recipe of a part: `__init__`. Called once a part, when its section is first needed.
pub trait PartLoader {
    fn load(&self, buildout: &mut Buildout, part: &str) -> Result<()>;

    /// An option as the recipe itself answers for it, where it has taken that over.
    fn answer(&self, _buildout: &mut Buildout, _part: &str, _option: &str) -> Result<Answered> {
        Ok(Answered::No)
    }
}

/// Whether a recipe has answered for an option, and with what.
#[derive(Debug)]
pub enum Answered {
    No,
    Value(Option<Text>),
}

/// All sections, resolved as they are asked for.
pub struct Buildout {
    /// Sections as they were read, before `<=`.
    raw: IndexMap<String, RawOptions>,
    /// Sections that somebody asked for.
    sections: IndexMap<String, Section>,
    /// Parts in the order in which their recipes ended their `__init__`.
    parts: Vec<String>,
    loader: Option<Rc<dyn PartLoader>>,
    /// How many sections and options are being resolved, one for the other.
    depth: usize,
}

/// Python gives up earlier, with a traceback.
const DEEPEST: usize = 500;

impl std::fmt::Debug for Buildout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buildout")
            .field("sections", &self.sections)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

/// An option that is being substituted: section and name.
type Key = (String, String);

impl Buildout {
    /// Nothing is resolved yet, not even `[buildout]`.
    pub fn new(config: &RawConfig) -> Self {
        let options = |section: &crate::config::Section| {
            section
                .iter()
                .map(|(k, v)| (k.clone(), v.value.clone()))
                .collect()
        };
        let raw = config
            .sections
            .iter()
            .map(|(name, section)| (name.clone(), options(section)))
            .collect();
        Self {
            raw,
            sections: IndexMap::new(),
            parts: Vec::new(),
            loader: None,
            depth: 0,
        }
    }

    /// One step deeper; whoever takes it takes it back, unless it ends in an error that ends all.
    fn descend(&mut self, section: &str, at: Option<&Text>) -> Result<()> {
        self.depth += 1;
        if self.depth <= DEEPEST {
            return Ok(());
        }
        self.depth = 0;
        let message = format!("More than {DEEPEST} references lead to one another");
        let mut diagnostic = Diagnostic::error(
            "reference-depth",
            format!("[{section}] is reached through too many others"),
        );
        if let Some(at) = at {
            diagnostic = diagnostic.at(at);
        }
        Err(Error::user(message).with(diagnostic))
    }

    /// Who starts recipes from now on.
    pub fn set_loader(&mut self, loader: Rc<dyn PartLoader>) {
        self.loader = Some(loader);
    }

    /// Parts whose recipe was started, in the order in which they were ready.
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Names of the sections that somebody asked for.
    pub fn initialised(&self) -> Vec<String> {
        self.sections.keys().cloned().collect()
    }

    /// Names of all sections.
    pub fn section_names(&self) -> impl Iterator<Item = &str> {
        self.raw.keys().map(String::as_str)
    }

    pub fn has_section(&self, section: &str) -> bool {
        self.raw.contains_key(section)
    }

    /// An option as it was read, before macros and substitution.
    pub fn raw(&self, section: &str, option: &str) -> Option<&Text> {
        self.raw.get(section)?.get(option)
    }

    /// The options of a section before substitution, with those that `<=` copies.
    pub fn expanded(&self, section: &str) -> Result<RawOptions> {
        match self.raw.get_key_value(section) {
            Some((name, raw)) => macros::expand(name, raw, &self.raw),
            None => Ok(RawOptions::new()),
        }
    }

    /// Changes an option before its section is initialised.
    pub fn set_raw(&mut self, section: &str, option: &str, value: Text) {
        self.raw
            .entry(section.to_owned())
            .or_default()
            .insert(option.to_owned(), value);
    }

    /// `buildout[section]`: resolves its references and starts its recipe, the first time.
    // zc.buildout: buildout.py, Buildout.__getitem__, Options._initialize
    pub fn initialise(&mut self, section: &str) -> Result<()> {
        if self.sections.contains_key(section) {
            return Ok(());
        }
        self.descend(section, None)?;
        let done = self
            .initialise_new(section)
            .doing(|| format!("Getting section {section}."));
        self.depth = self.depth.saturating_sub(1);
        done
    }

    fn initialise_new(&mut self, section: &str) -> Result<()> {
        let Some(raw) = self.raw.get(section) else {
            return Err(self.missing_section(section));
        };
        self.sections
            .insert(section.to_owned(), Section::new(raw.clone()));
        self.fill(section)
            .doing(|| format!("Initializing section {section}."))
    }

    fn fill(&mut self, name: &str) -> Result<()> {
        let Some(section) = self.sections.get(name) else {
            return Ok(());
        };
        if section.raw.contains_key("<") {
            let expanded = macros::expand(name, &section.raw, &self.raw)?;
            self.sections
                .insert(name.to_owned(), Section::new(expanded));
        }
        let Some(section) = self.sections.get(name) else {
            return Ok(());
        };
        let mut pending: Vec<(String, Text)> = section
            .raw
            .iter()
            .filter(|(_, v)| v.contains("${"))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        pending.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (option, value) in pending {
            let mut seen = vec![(name.to_owned(), option.clone())];
            let cooked = self
                .substitute(name, &value, &mut seen)
                .doing(|| format!("Getting option {name}:{option}."))?;
            if let Some(section) = self.sections.get_mut(name) {
                section.cooked.insert(option, cooked);
            }
        }
        if name == "buildout" {
            return Ok(());
        }
        if let Some(needed) = self.get(name, "<part-dependencies>")? {
            for part in split(&needed) {
                self.initialise(part)?;
            }
        }
        if self
            .get(name, "recipe")?
            .is_some_and(|recipe| !recipe.is_empty())
        {
            if let Some(loader) = self.loader.clone() {
                loader.load(self, name)?;
            }
            self.parts.push(name.to_owned());
        }
        Ok(())
    }

    /// `buildout[section].get(option)`: the resolved value, which now counts as used.
    pub fn get(&mut self, section: &str, option: &str) -> Result<Option<Text>> {
        self.initialise(section)?;
        self.ask_or_resolve(section, option, &mut Vec::new())
    }

    fn ask_or_resolve(
        &mut self,
        name: &str,
        option: &str,
        seen: &mut Vec<Key>,
    ) -> Result<Option<Text>> {
        if let Some(loader) = self.loader.clone()
            && let Answered::Value(value) = loader.answer(self, name, option)?
        {
            return Ok(value);
        }
        self.resolve(name, option, seen)
    }

    /// `buildout[section][option]`: an error where no such option is.
    pub fn require(&mut self, section: &str, option: &str) -> Result<Text> {
        if let Some(value) = self.get(section, option)? {
            Ok(value)
        } else {
            let message = format!("Missing option: {section}:{option}");
            let error = Error::new(Kind::MissingOption, message);
            Err(match self.option_suggestion(section, option) {
                Some(help) => error.hint(
                    "missing-option",
                    format!("[{section}] has no option `{option}`"),
                    help,
                ),
                None => error,
            })
        }
    }

    // zc.buildout: buildout.py, Options.get
    fn resolve(&mut self, name: &str, option: &str, seen: &mut Vec<Key>) -> Result<Option<Text>> {
        let Some(section) = self.sections.get(name) else {
            return Ok(None);
        };
        if let Some(value) = section.data.get(option) {
            return Ok(Some(value.clone()));
        }
        let Some(mut value) = section.unresolved(option).cloned() else {
            return Ok(None);
        };
        if value.contains("${") {
            value = self
                .resolve_references(name, option, &value, seen)
                .doing(|| format!("Getting option {name}:{option}."))?;
        }
        if let Some(section) = self.sections.get_mut(name) {
            section.data.insert(option.to_owned(), value.clone());
        }
        Ok(Some(value))
    }

    fn resolve_references(
        &mut self,
        name: &str,
        option: &str,
        value: &Text,
        seen: &mut Vec<Key>,
    ) -> Result<Text> {
        let key = (name.to_owned(), option.to_owned());
        if seen.contains(&key) {
            let way: Vec<String> = seen
                .iter()
                .chain([&key])
                .map(|(s, o)| format!("${{{s}:{o}}}"))
                .collect();
            let diagnostic = Diagnostic::error(
                "circular-reference",
                format!("`{name}:{option}` refers to itself"),
            )
            .at(value);
            let help = format!("the way round: {}", way.join(" -> "));
            return Err(
                Error::user("Circular reference in substitutions.\n").with(diagnostic.help(help))
            );
        }
        seen.push(key);
        self.descend(name, Some(value))?;
        let value = self.substitute(name, value, seen);
        self.depth = self.depth.saturating_sub(1);
        seen.pop();
        value
    }

    fn substitute(&mut self, name: &str, value: &Text, seen: &mut Vec<Key>) -> Result<Text> {
        substitute(value, &mut |reference| self.look_up(name, reference, seen))
    }

    // zc.buildout: buildout.py, Options._sub
    fn look_up(
        &mut self,
        name: &str,
        reference: &Reference<'_>,
        seen: &mut Vec<Key>,
    ) -> Result<Text> {
        let section = if reference.section.is_empty() {
            name
        } else {
            reference.section
        };
        self.initialise(section).map_err(|error| {
            // The section itself is unknown: say where it was asked for. Errors inside it have places of their own.
            if error.kind == Kind::MissingSection
                && error.diagnostics.iter().all(|d| d.at.is_none())
            {
                return with_place(error, section, &reference.text);
            }
            error
        })?;
        if let Some(value) = self.ask_or_resolve(section, reference.option, seen)? {
            return Ok(value);
        }
        if reference.option == "_buildout_section_name_" {
            return Ok(Text::from(name));
        }
        let option = reference.option;
        let message = format!("Referenced option does not exist: {section} {option}");
        let diagnostic = Diagnostic::error(
            "unknown-option",
            format!("[{section}] has no option `{option}`"),
        )
        .at(&reference.text);
        let help = self
            .option_suggestion(section, option)
            .unwrap_or_else(|| format!("set `{option}` in [{section}], or correct the reference"));
        Err(Error::new(Kind::MissingOption, message).with(diagnostic.help(help)))
    }

    /// The error about a section that is nowhere.
    pub fn missing_section(&self, section: &str) -> Box<Error> {
        let message = format!(
            "The referenced section, {}, was not defined.",
            repr(section)
        );
        let error = Error::new(Kind::MissingSection, message);
        if let Some(name) = did_you_mean(section, self.section_names()) {
            error.hint(
                "unknown-section",
                format!("there is no section [{section}]"),
                format!("did you mean `{name}`?"),
            )
        } else {
            let help = format!("add a section `[{section}]`, or correct the name");
            error.hint(
                "unknown-section",
                format!("there is no section [{section}]"),
                help,
            )
        }
    }

    fn option_suggestion(&self, section: &str, option: &str) -> Option<String> {
        let names = self.sections.get(section)?.names();
        did_you_mean(option, names.iter().map(String::as_str))
            .map(|name| format!("did you mean `{name}`?"))
    }

    /// `buildout[section][option] = value`. The section must have been asked for.
    pub fn set(&mut self, section: &str, option: &str, value: Text) {
        if let Some(section) = self.sections.get_mut(section) {
            section.data.insert(option.to_owned(), value);
        }
    }

    /// All options of a section, each resolved and now used, by name.
    pub fn all(&mut self, section: &str) -> Result<BTreeMap<String, Text>> {
        Ok(self.in_order(section)?.into_iter().collect())
    }

    /// The same in the order in which the files have them. Python: `dict(buildout[section])`.
    pub fn in_order(&mut self, section: &str) -> Result<IndexMap<String, Text>> {
        self.initialise(section)?;
        let names = self
            .sections
            .get(section)
            .map(Section::names)
            .unwrap_or_default();
        let mut all = IndexMap::new();
        for name in names {
            if let Some(value) = self.resolve(section, &name, &mut Vec::new())? {
                all.insert(name, value);
            }
        }
        Ok(all)
    }

    /// All options of an initialised section as they stand, without counting as used. Python: `Options.copy`.
    pub fn copy(&self, section: &str) -> BTreeMap<String, Text> {
        self.sections
            .get(section)
            .map(Section::copy)
            .unwrap_or_default()
    }

    /// Options of an initialised section that were given and that nobody read, sorted.
    pub fn unused(&self, section: &str) -> Vec<String> {
        let unused = self
            .sections
            .get(section)
            .map(|s| s.unused().into_iter().map(str::to_owned).collect());
        unused.unwrap_or_default()
    }

    /// The value of a boolean option, which is `true` or `false` and nothing else.
    // zc.buildout: buildout.py, bool_option
    pub fn boolean(&mut self, section: &str, option: &str, default: bool) -> Result<bool> {
        let Some(value) = self.get(section, option)? else {
            return Ok(default);
        };
        match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => {
                let message = format!("Invalid value for {} option: {}", repr(option), repr(other));
                let diagnostic =
                    Diagnostic::error("boolean", format!("`{option}` is `true` or `false`"))
                        .at(&value);
                Err(Error::user(message).with(diagnostic))
            }
        }
    }
}

/// Lets an unknown section be told where it was asked for.
fn with_place(mut error: Box<Error>, section: &str, reference: &Text) -> Box<Error> {
    if let Some(diagnostic) = error.diagnostics.first_mut() {
        *diagnostic = diagnostic.clone().at(reference);
        diagnostic.message = format!("there is no section [{section}]");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::history::{AnnotatedValue, Setter};

    fn buildout(sections: &[(&str, &[(&str, &str)])]) -> Buildout {
        let mut config = RawConfig::default();
        for (name, options) in sections {
            let value = |v: &str| AnnotatedValue::new(Text::from(v), Setter::Default, None);
            let options = options
                .iter()
                .map(|(k, v)| ((*k).to_owned(), value(v)))
                .collect();
            config.sections.insert((*name).to_owned(), options);
        }
        Buildout::new(&config)
    }

    struct SetsConf;
    impl PartLoader for SetsConf {
        fn load(&self, buildout: &mut Buildout, part: &str) -> Result<()> {
            let directory = buildout.require("buildout", "directory")?;
            buildout.set(
                part,
                "conf",
                Text::from(format!("{directory}/parts/{part}.conf")),
            );
            Ok(())
        }
    }

    #[test]
    fn references_start_recipes_and_see_what_they_set() {
        let mut b = buildout(&[
            ("buildout", &[("directory", "/b")]),
            (
                "one",
                &[("recipe", "r"), ("x", "${two:conf} ${:y}"), ("y", "1")],
            ),
            ("two", &[("recipe", "r")]),
        ]);
        b.set_loader(Rc::new(SetsConf));
        assert_eq!(
            b.require("one", "x").unwrap().as_str(),
            "/b/parts/two.conf 1"
        );
        assert_eq!(b.parts(), ["two", "one"]);
        assert_eq!(b.unused("two"), Vec::<String>::new());
    }

    #[test]
    fn trails_are_zc_buildouts() {
        let mut b = buildout(&[
            ("buildout", &[]),
            ("one", &[("x", "${two:y}")]),
            ("two", &[("z", "1")]),
        ]);
        let error = b.get("one", "x").unwrap_err();
        assert_eq!(error.message, "Referenced option does not exist: two y");
        assert_eq!(
            error.doing,
            [
                "Getting section one.",
                "Initializing section one.",
                "Getting option one:x."
            ]
        );
        let error = b.get("nosuch", "x").unwrap_err();
        assert_eq!(
            error.message,
            "The referenced section, 'nosuch', was not defined."
        );
        assert_eq!(error.doing, ["Getting section nosuch."]);
    }

    #[test]
    fn circles_are_told() {
        let mut b = buildout(&[("a", &[("x", "${b:y}")]), ("b", &[("y", "${a:x}")])]);
        let error = b.get("a", "x").unwrap_err();
        assert_eq!(error.message, "Circular reference in substitutions.\n");
        assert!(error.diagnostics[0].help[0].starts_with("the way round: ${b:y} -> ${a:x}"));
    }

    #[test]
    fn unused_options_are_those_that_nobody_read() {
        let mut b = buildout(&[("a", &[("x", "1"), ("y", "2")])]);
        assert!(b.get("a", "x").unwrap().is_some());
        assert_eq!(b.unused("a"), ["y"]);
    }
}

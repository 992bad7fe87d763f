//! Options on demand: `buildout[section][option]`, with substitution and recipes that start when their section is first
//! needed. The one place where the recursion of buildout lives. zc.buildout: buildout.py, `Buildout.__getitem__`, `Options`.

use crate::error::Result;
use crate::text::Text;

/// All sections, resolved as they are asked for.
#[derive(Debug, Default)]
pub struct Buildout {}

impl Buildout {
    /// `options.get(option)`: the resolved value; marks it as used.
    pub fn get(&mut self, _section: &str, _option: &str) -> Result<Option<Text>> {
        Ok(None)
    }

    /// `options[option]`: an error where no such option is.
    pub fn require(&mut self, _section: &str, _option: &str) -> Result<Text> {
        Ok(Text::new())
    }

    /// `options[option] = value`.
    pub fn set(&mut self, _section: &str, _option: &str, _value: Text) {}
}

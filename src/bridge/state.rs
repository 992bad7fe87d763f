//! [`Replica`]: what the host knows of the options, and what is new to it.
//!
//! Layers on the wire: `R` the section as it was read, `X` it is no more, `O` the section is initialised, `r`, `c`, `d` its options as read,
//! substituted, used or set. A change without an option says that the section is there; one without a value takes the
//! option away.

use indexmap::IndexMap;

use super::message::{Change, News};
use crate::config::macros::RawOptions;
use crate::options::{Buildout, Layer};

type Known = IndexMap<String, String>;

/// The host's copy, as far as we know it.
#[derive(Debug, Default)]
pub(super) struct Replica {
    files: IndexMap<String, Known>,
    sections: IndexMap<String, [Known; 3]>,
    parts: usize,
}

const LAYERS: [&str; 3] = ["r", "c", "d"];

impl Replica {
    /// The changes since the last message of either side.
    pub(super) fn news(&mut self, buildout: &Buildout) -> Option<News> {
        let mut changes = Vec::new();
        for (section, options) in buildout.file_layers() {
            if !self.files.contains_key(section) {
                changes.push(appearance(section, "R"));
            }
            let known = self.files.entry(section.to_owned()).or_default();
            compare(section, "R", options, known, &mut changes);
        }
        for (section, layers) in buildout.section_layers() {
            if !self.sections.contains_key(section) {
                changes.push(appearance(section, "O"));
            }
            let known = self.sections.entry(section.to_owned()).or_default();
            for (index, (_, options)) in layers.into_iter().enumerate() {
                compare(
                    section,
                    LAYERS[index],
                    options,
                    &mut known[index],
                    &mut changes,
                );
            }
        }
        let parts = buildout.parts().get(self.parts..).unwrap_or(&[]).to_vec();
        self.parts = buildout.parts().len();
        (!changes.is_empty() || !parts.is_empty()).then_some(News {
            d: changes,
            p: parts,
            ..News::default()
        })
    }

    /// Makes the host's changes here.
    pub(super) fn take(&mut self, news: News, buildout: &mut Buildout) {
        for (section, wire, option, value) in news.d {
            let (layer, known) = match wire.as_str() {
                "X" => {
                    buildout.forget_section(&section);
                    self.files.shift_remove(&section);
                    continue;
                }
                "R" => {
                    buildout.add_section(&section);
                    (Layer::File, self.files.entry(section.clone()).or_default())
                }
                other => {
                    let Some(index) = LAYERS.iter().position(|name| *name == other) else {
                        continue;
                    };
                    let layer = [Layer::Read, Layer::Cooked, Layer::Data][index];
                    let known = self.sections.entry(section.clone()).or_default();
                    (layer, &mut known[index])
                }
            };
            let Some(option) = option else { continue };
            buildout.change(&section, layer, &option, value.as_deref());
            match value {
                Some(value) => known.insert(option, value),
                None => known.shift_remove(&option),
            };
        }
    }
}

fn appearance(section: &str, layer: &str) -> Change {
    (section.to_owned(), layer.to_owned(), None, None)
}

fn compare(
    section: &str,
    layer: &str,
    now: &RawOptions,
    known: &mut Known,
    changes: &mut Vec<Change>,
) {
    let mut found = 0;
    for (option, value) in now {
        match known.get_mut(option) {
            Some(old) if old.as_str() == value.as_str() => {
                found += 1;
                continue;
            }
            Some(old) => {
                found += 1;
                *old = value.to_string();
            }
            None => {
                found += 1;
                known.insert(option.clone(), value.to_string());
            }
        }
        let change = (Some(option.clone()), Some(value.to_string()));
        changes.push((section.to_owned(), layer.to_owned(), change.0, change.1));
    }
    if found < known.len() {
        known.retain(|option, _| {
            let stays = now.contains_key(option);
            if !stays {
                changes.push((
                    section.to_owned(),
                    layer.to_owned(),
                    Some(option.clone()),
                    None,
                ));
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;
    use crate::text::Text;

    fn one(section: &str, layer: &str, option: Option<&str>, value: Option<&str>) -> Change {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        (section.into(), layer.into(), owned(option), owned(value))
    }

    #[test]
    fn changes_are_told_once_and_come_back() {
        let mut buildout = Buildout::new(&RawConfig::default());
        buildout.set_raw("a", "x", Text::from("1"));
        let mut replica = Replica::default();
        let told = replica.news(&buildout).unwrap().d;
        assert_eq!(
            told,
            [
                one("a", "R", None, None),
                one("a", "R", Some("x"), Some("1"))
            ]
        );
        assert!(replica.news(&buildout).is_none());
        buildout.initialise("a").unwrap();
        drop(replica.news(&buildout));
        let news = News {
            d: vec![
                one("a", "d", Some("y"), Some("2")),
                one("a", "r", Some("x"), None),
                one("new", "R", None, None),
                one("new", "R", Some("z"), Some("3")),
            ],
            ..News::default()
        };
        replica.take(news, &mut buildout);
        assert_eq!(buildout.get("a", "y").unwrap().unwrap().as_str(), "2");
        assert!(buildout.get("a", "x").unwrap().is_none());
        assert_eq!(buildout.get("new", "z").unwrap().unwrap().as_str(), "3");
        let told = replica.news(&buildout).unwrap().d;
        assert_eq!(
            told,
            [
                one("new", "O", None, None),
                one("new", "r", Some("z"), Some("3")),
                one("new", "d", Some("z"), Some("3")),
            ]
        );
    }
}

//! supervisor's configuration files as Python's `RawConfigParser` reads them: comments behind values, continuation
//! lines, sections and keys that come twice and are merged.
//!
//! The buildout dialect is another one (`config::reader`). Nothing is expanded here; every value keeps the place of each
//! of its lines. supervisor: options.py, `UnhosedConfigParser`; CPython: configparser.py, `_read`.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::pystr::{is_space, repr, rstrip, strip, universal_newlines};
use crate::text::{Origin, Source, Text};

/// A key as it was written last, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Text,
    pub(super) value: Text,
}

#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Its header, where it was met first.
    pub(super) header: Text,
    /// The file where it was met first.
    pub(super) file: String,
    pub(super) entries: IndexMap<String, Entry>,
}

/// What was read so far, of one file or more.
#[derive(Debug, Default)]
pub(super) struct Ini {
    pub(super) sections: IndexMap<String, Section>,
    pub(super) defaults: IndexMap<String, Entry>,
    pub(super) oddities: Vec<Oddity>,
}

/// What is accepted and was hardly meant.
#[derive(Clone, Debug)]
pub(super) enum Oddity {
    /// A comment behind a value: section, key, and the text that is gone.
    Cut(String, String, Text),
    /// A key that a section had already: section, the new key, the old one.
    Again(String, Text, Text),
    /// A header that came before: the new one, the old one.
    SectionAgain(Text, Text),
    /// Text behind a header.
    BehindHeader(Text),
    /// A key whose value before it ends in a comma: section and key.
    Fallen(String, Text),
}

/// Why a file can't be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The name of Python's exception.
    pub(super) exception: &'static str,
    /// Its text.
    pub(super) words: String,
    pub(super) places: Vec<Text>,
}

impl Unreadable {
    /// Whether there are lines before the first section.
    pub(super) fn is_headless(&self) -> bool {
        self.exception == "MissingSectionHeaderError"
    }

    /// Whether Python stops here before it has read more bytes than these.
    pub(super) fn comes_before(&self, text: &str, read: usize) -> bool {
        let line = self.places.first().and_then(Text::start);
        let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let end = line.and_then(|origin| ends.nth((origin.line as usize).saturating_sub(1)));
        self.is_headless() && end.is_some_and(|end| end <= read)
    }
}

const DEFAULT: &str = "DEFAULT";

impl Ini {
    /// `get(section, key)`, without expansion.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        self.sections
            .get(section)
            .and_then(|section| section.entries.get(key))
            .or_else(|| self.defaults.get(key))
    }

    /// `options(section)`.
    pub(super) fn keys(&self, section: &str) -> Vec<String> {
        let own = self.sections.get(section).map(|s| &s.entries);
        let mut keys: Vec<String> = own.into_iter().flat_map(|e| e.keys().cloned()).collect();
        let more = self.defaults.keys().filter(|key| !keys.contains(key));
        let more: Vec<String> = more.cloned().collect();
        keys.extend(more);
        keys
    }

    /// Reads one more file. All of it is read, whatever is wrong with it.
    pub(super) fn read(&mut self, name: &str, text: &str, inline: &[char]) -> Vec<Unreadable> {
        let source = Arc::new(Source {
            name: name.to_owned(),
            text: universal_newlines(text),
            extended_from: None,
        });
        let mut reading = Reading {
            ini: self,
            source: Arc::clone(&source),
            section: None,
            key: None,
            indent: 0,
            headless: None,
            wrong: Vec::new(),
        };
        let text = source.text.as_str();
        let lines = text.strip_suffix('\n').unwrap_or(text);
        if !text.is_empty() {
            for (number, line) in (1u32..).zip(lines.split('\n')) {
                reading.line(number, line, inline);
            }
        }
        let (headless, wrong) = (reading.headless, reading.wrong);
        self.strip_values();
        let mut unreadable = Vec::new();
        let ended = |line: u32| {
            let text = source.line(line);
            let last = line as usize == source.text.split('\n').count();
            format!("{text}{}", if last { "" } else { "\n" })
        };
        if let Some(place) = headless {
            let line = place.start().map_or(0, |origin| origin.line);
            unreadable.push(Unreadable {
                exception: "MissingSectionHeaderError",
                words: format!(
                    "File contains no section headers.\nfile: {}, line: {line}\n{}",
                    repr(name),
                    repr(&ended(line))
                ),
                places: vec![place],
            });
        }
        if !wrong.is_empty() {
            let mut words = format!("Source contains parsing errors: {}", repr(name));
            for place in &wrong {
                let line = place.start().map_or(0, |origin| origin.line);
                words.push_str(&format!("\n\t[line {line:2}]: {}", repr(&ended(line))));
            }
            unreadable.push(Unreadable {
                exception: "ParsingError",
                words,
                places: wrong,
            });
        }
        unreadable
    }

    fn strip_values(&mut self) {
        let own = self
            .sections
            .values_mut()
            .flat_map(|s| s.entries.values_mut());
        for entry in own.chain(self.defaults.values_mut()) {
            let end = rstrip(&entry.value).len();
            if end < entry.value.len() {
                entry.value = entry.value.slice(0..end);
            }
        }
    }

    /// `expand_here`: writes a directory into all values read so far, with no regard to `%%`.
    pub(super) fn expand_here(&mut self, here: &str) {
        const HERE: &str = "%(here)s";
        for section in self.sections.values_mut() {
            for (key, entry) in &self.defaults {
                if entry.value.contains(HERE) && !section.entries.contains_key(key) {
                    section.entries.insert(key.clone(), entry.clone());
                }
            }
            for entry in section.entries.values_mut() {
                while let Some(at) = entry.value.find(HERE) {
                    // Never endless: a directory of that name is left alone.
                    let mut value = entry.value.slice(0..at);
                    value.push_str(here);
                    value.push(&entry.value.slice(at + HERE.len()..entry.value.len()));
                    entry.value = value;
                    if here.contains(HERE) {
                        break;
                    }
                }
            }
        }
    }
}

struct Reading<'a> {
    ini: &'a mut Ini,
    source: Arc<Source>,
    /// The section that lines go to; `None` before the first header.
    section: Option<String>,
    key: Option<String>,
    indent: usize,
    headless: Option<Text>,
    wrong: Vec<Text>,
}

impl Reading<'_> {
    fn line(&mut self, number: u32, line: &str, inline: &[char]) {
        let cut = comment_start(line, inline);
        let origin = Origin {
            source: Arc::clone(&self.source),
            line: number,
            column: 1,
        };
        let whole = Text::at(line, &origin);
        let value = whole.piece(strip(&whole[..cut.unwrap_or(line.len())]));
        if value.is_empty() {
            if cut.is_none()
                && let Some(entry) = self.entry()
            {
                entry.value.push_str("\n");
            }
            return;
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        let cut = cut.map(|at| whole.piece(strip(&whole[at..])));
        if indent > self.indent
            && let Some(entry) = self.entry()
        {
            entry.value.push_str("\n");
            entry.value.push(&value);
            self.note_cut(cut);
            return;
        }
        self.indent = indent;
        if let Some(close) = value
            .rfind(']')
            .filter(|close| value.starts_with('[') && *close > 1)
        {
            self.header(&value.slice(1..close), &value);
            self.key = None;
        } else if self.section.is_none() {
            if self.headless.is_none() {
                self.headless = Some(value);
            }
        } else if let Some(at) = value.find(['=', ':']) {
            let key = value.piece(rstrip(&value[..at]));
            if key.is_empty() {
                self.wrong.push(value.clone());
            }
            let text = value.piece(strip(&value[at + 1..]));
            self.option(&key, text);
            self.note_cut(cut);
        } else {
            self.wrong.push(value);
        }
    }

    fn entries(&mut self) -> Option<&mut IndexMap<String, Entry>> {
        match self.section.as_deref()? {
            DEFAULT => Some(&mut self.ini.defaults),
            name => self.ini.sections.get_mut(name).map(|s| &mut s.entries),
        }
    }

    fn entry(&mut self) -> Option<&mut Entry> {
        // An empty name is no name to go on with.
        let key = self.key.clone().filter(|key| !key.is_empty())?;
        self.entries()?.get_mut(&key)
    }

    fn header(&mut self, header: &Text, value: &Text) {
        let name = header.as_str();
        let end = header.len() + 2;
        if end < value.len() {
            let rest = value.piece(strip(&value[end..]));
            self.ini.oddities.push(Oddity::BehindHeader(rest));
        }
        self.section = Some(name.to_owned());
        if name == DEFAULT {
            return;
        }
        if let Some(known) = self.ini.sections.get(name) {
            let again = Oddity::SectionAgain(header.clone(), known.header.clone());
            self.ini.oddities.push(again);
        } else {
            let section = Section {
                header: header.clone(),
                file: self.source.name.clone(),
                entries: IndexMap::new(),
            };
            self.ini.sections.insert(name.to_owned(), section);
        }
    }

    fn option(&mut self, key: &Text, value: Text) {
        let before = self.entry().is_some_and(|entry| entry.value.ends_with(','));
        let section = self.section.clone().unwrap_or_default();
        if before {
            self.ini
                .oddities
                .push(Oddity::Fallen(section.clone(), key.clone()));
        }
        let name = key.to_lowercase();
        let mut again = None;
        if let Some(entries) = self.entries() {
            let entry = Entry {
                key: key.clone(),
                value,
            };
            again = entries.insert(name.clone(), entry);
        }
        if let Some(old) = again {
            self.ini
                .oddities
                .push(Oddity::Again(section, key.clone(), old.key));
        }
        self.key = Some(name);
    }

    fn note_cut(&mut self, cut: Option<Text>) {
        if let (Some(rest), Some(section), Some(key)) = (cut, &self.section, &self.key) {
            let cut = Oddity::Cut(section.clone(), key.clone(), rest);
            self.ini.oddities.push(cut);
        }
    }
}

/// Where the comment of a line begins.
// configparser: the signs are looked for in rounds, each one's next place at a time; the first round with a blank before
// one of them decides, which need not be the leftmost such place.
fn comment_start(line: &str, inline: &[char]) -> Option<usize> {
    if strip(line).starts_with(['#', ';']) {
        return Some(0);
    }
    let mut signs: Vec<_> = inline
        .iter()
        .map(|sign| line.match_indices(*sign))
        .collect();
    while !signs.is_empty() {
        let mut found: Option<usize> = None;
        signs.retain_mut(|places| {
            let Some((at, _)) = places.next() else {
                return false;
            };
            let blank = line[..at].chars().next_back().is_none_or(is_space);
            if blank {
                found = Some(found.map_or(at, |other| other.min(at)));
            }
            true
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Ini, Vec<String>) {
        let mut ini = Ini::default();
        let wrong = ini.read("c.conf", text, &[';', '#']);
        (ini, wrong.into_iter().map(|u| u.words).collect())
    }

    #[test]
    fn values_are_those_of_the_config_parser() {
        let (ini, wrong) = read(
            "[DEFAULT]\nd = 1\n[a] junk\nK: v ; cut\n  more #x\n\n  last\nx = a;b ;c #d\n[a]\nk2=\n",
        );
        assert!(wrong.is_empty());
        assert_eq!(ini.get("a", "k").unwrap().value.as_str(), "v\nmore\n\nlast");
        assert_eq!(ini.get("a", "x").unwrap().value.as_str(), "a;b ;c");
        assert_eq!(ini.get("a", "d").unwrap().value.as_str(), "1");
        assert_eq!(ini.keys("a"), ["k", "x", "k2", "d"]);
        let last = ini.get("a", "k").unwrap().value.split('\n')[3].start();
        assert_eq!(format!("{last:?}"), "Some(c.conf:7:3)");
        assert_eq!(ini.oddities.len(), 5);
    }

    #[test]
    fn what_cannot_be_read_is_told_in_pythons_words() {
        let (_, wrong) = read("x = 1\n[a]\nnonsense\n= v");
        assert_eq!(
            wrong,
            [
                "File contains no section headers.\nfile: 'c.conf', line: 1\n'x = 1\\n'",
                "Source contains parsing errors: 'c.conf'\n\t[line  3]: 'nonsense\\n'\n\t[line  4]: '= v'"
            ]
        );
    }
}

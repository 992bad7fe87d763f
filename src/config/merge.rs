//! One layer over another: `=`, `+=` and `-=`.
//!
//! Values are merged with their histories. The order in which keys are handled, and the places where zc.buildout cuts two
//! characters off a key (`x +` is `x`, but `x+` is the option before it), are its own and kept: sites depend on what
//! comes out. zc.buildout: buildout.py, `_update`, `_update_section`, `_update_verbose`.
//!
//! [`Layers`] is any number of layers as one, without knowing yet what lies below: so a file that is extended in many
//! ways is merged once, and the result laid wherever it is wanted.

use std::sync::Arc;

use indexmap::IndexMap;

use super::history::{AnnotatedValue, Change, History, Operation, Setter};
use super::{Section, Sections};
use crate::error::{Diagnostic, Error, Result};
use crate::generation::Generation;

/// Several layers, merged among themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    sections: IndexMap<String, SectionLayers>,
    lone: Lone,
}

/// What becomes of `+=` and `-=` in a section that no lower layer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lone {
    /// They become assignments.
    #[default]
    Assigned,
    /// They stay what they are, for a layer that may come: before zc.buildout 3.1.1.
    Kept,
}

impl Lone {
    pub(super) fn of(generation: Generation) -> Self {
        if generation.lays_all_files_in_one_row() {
            Self::Assigned
        } else {
            Self::Kept
        }
    }
}

/// One section of them.
#[derive(Clone, Debug)]
enum SectionLayers {
    /// One layer has it, as it was read.
    One(Section),
    Several(Merged),
}

/// A section of which several layers have something.
#[derive(Clone, Debug)]
struct Merged {
    /// What it is where no lower layer has the section; or the value that then has no name.
    alone: std::result::Result<Section, AnnotatedValue>,
    /// What it does to a lower layer's.
    over: IndexMap<String, Effect>,
}

/// What layers do to one option.
#[derive(Clone, Debug)]
enum Effect {
    Set {
        /// The value, with its history where no lower layer has the option.
        value: AnnotatedValue,
        /// What is added to a lower layer's history; `None` where the value's own takes its place.
        noted: Option<History>,
    },
    /// Lines added and removed.
    Edit(Edits),
}

#[derive(Clone, Debug, Default)]
struct Edits {
    changes: Vec<Arc<Change>>,
    bytes: usize,
}

/// No configuration that means it adds to one option so often, or so much. Files that extend each other in many ways do.
const MOST_EDITS: usize = 100_000;
const MOST_BYTES: usize = 64 << 20;

impl Edits {
    fn push(&mut self, change: Arc<Change>) {
        self.bytes += change.value.len();
        self.changes.push(change);
    }

    fn apply(&self, value: &mut AnnotatedValue) {
        for change in &self.changes {
            value.edit(change);
        }
    }

    /// Applied to what no lower layer has.
    fn alone(&self) -> AnnotatedValue {
        let mut value = AnnotatedValue::implicit();
        self.apply(&mut value);
        value
    }
}

impl Effect {
    fn apply(&self, value: &mut AnnotatedValue) {
        match self {
            Self::Set { value: new, noted } => {
                value.value = new.value.clone();
                if let Some(noted) = noted {
                    value.history.append(noted);
                } else {
                    let lower = std::mem::replace(&mut value.history, new.history.clone());
                    value.history.replace(lower);
                }
            }
            Self::Edit(edits) => edits.apply(value),
        }
    }

    fn alone(&self) -> AnnotatedValue {
        match self {
            Self::Set { value, .. } => value.clone(),
            Self::Edit(edits) => edits.alone(),
        }
    }

    /// This effect, then another.
    fn then(&mut self, next: Self) {
        match (&mut *self, next) {
            (Self::Set { value, noted }, next) => {
                next.apply(value);
                match (noted.as_mut(), next) {
                    (Some(noted), Self::Edit(edits)) => noted.extend(edits.changes),
                    (
                        Some(all),
                        Self::Set {
                            noted: Some(more), ..
                        },
                    ) => all.append(&more),
                    (_, Self::Set { noted: None, .. }) => *noted = None,
                    (None, _) => {}
                }
            }
            (Self::Edit(edits), Self::Edit(more)) => {
                edits.bytes += more.bytes;
                edits.changes.extend(more.changes);
            }
            (
                Self::Edit(edits),
                Self::Set {
                    mut value,
                    noted: None,
                },
            ) => {
                let mut lower = History::default();
                lower.extend(std::mem::take(&mut edits.changes));
                value.history.replace(lower);
                *self = Self::Set { value, noted: None };
            }
            (Self::Edit(edits), next) => {
                let mut value = edits.alone();
                next.apply(&mut value);
                let mut noted = History::default();
                noted.extend(std::mem::take(&mut edits.changes));
                if let Self::Set {
                    noted: Some(more), ..
                } = next
                {
                    noted.append(&more);
                }
                *self = Self::Set {
                    value,
                    noted: Some(noted),
                };
            }
        }
    }

    fn is_endless(&self) -> bool {
        matches!(self, Self::Edit(edits) if edits.changes.len() > MOST_EDITS || edits.bytes > MOST_BYTES)
    }
}

impl SectionLayers {
    fn merged(self, lone: Lone) -> Result<Merged> {
        match self {
            Self::Several(merged) => Ok(merged),
            Self::One(section) => Ok(Merged {
                over: effects(section.clone())?,
                alone: alone(section, lone),
            }),
        }
    }

    fn effects(self) -> Result<IndexMap<String, Effect>> {
        match self {
            Self::One(section) => effects(section),
            Self::Several(merged) => Ok(merged.over),
        }
    }

    fn alone(self, lone: Lone) -> Result<Section> {
        let alone = match self {
            Self::One(section) => alone(section, lone),
            Self::Several(merged) => merged.alone,
        };
        alone.map_err(|value| nameless(&value))
    }
}

impl Layers {
    /// One layer.
    pub(super) fn of(layer: Sections, lone: Lone) -> Self {
        let one = |(name, section)| (name, SectionLayers::One(section));
        Self {
            sections: layer.into_iter().map(one).collect(),
            lone,
        }
    }

    /// Lays others over these.
    pub(super) fn then(&mut self, above: Self) -> Result<()> {
        if self.sections.is_empty() {
            *self = above;
            return Ok(());
        }
        for (name, next) in above.sections {
            let Some(section) = self.sections.get_mut(&name) else {
                self.sections.insert(name, next);
                continue;
            };
            let below = std::mem::replace(section, SectionLayers::One(Section::new()));
            let mut merged = below.merged(self.lone)?;
            for (option, effect) in next.effects()? {
                if let Ok(alone) = &mut merged.alone {
                    apply(alone, &option, &effect);
                }
                match merged.over.get_mut(&option) {
                    Some(before) => {
                        before.then(effect);
                        if before.is_endless() {
                            return Err(endless(&name, &option, before));
                        }
                    }
                    None => {
                        merged.over.insert(option, effect);
                    }
                }
            }
            *section = SectionLayers::Several(merged);
        }
        Ok(())
    }

    /// Where nothing lies below.
    pub(super) fn alone(self) -> Result<Sections> {
        let mut sections = Sections::with_capacity(self.sections.len());
        self.over(&mut sections)?;
        Ok(sections)
    }

    fn over(self, below: &mut Sections) -> Result<()> {
        for (name, section) in self.sections {
            if let Some(base) = below.get_mut(&name) {
                for (option, effect) in &section.effects()? {
                    apply(base, option, effect);
                }
            } else {
                below.insert(name, section.alone(self.lone)?);
            }
        }
        Ok(())
    }
}

fn apply(section: &mut Section, option: &str, effect: &Effect) {
    match section.get_mut(option) {
        Some(value) => effect.apply(value),
        None => {
            section.insert(option.to_owned(), effect.alone());
        }
    }
}

fn endless(section: &str, option: &str, effect: &Effect) -> Box<Error> {
    let message = format!("The files add to {section}:{option} without end");
    let mut diagnostic = Diagnostic::error(
        "extends-bomb",
        format!(
            "more than {MOST_EDITS} additions, or {} MB",
            MOST_BYTES >> 20
        ),
    );
    if let Effect::Edit(edits) = effect
        && let Some(change) = edits.changes.first()
    {
        diagnostic = diagnostic.at(&change.value);
    }
    let help = "a file that adds with `+=` does so once for every way that leads to it; extend it from one place only";
    Error::user(message).with(diagnostic.help(help))
}

/// Lays `above` over `below`.
pub(super) fn merge(mut below: Sections, above: Sections, lone: Lone) -> Result<Sections> {
    Layers::of(above, lone).over(&mut below)?;
    Ok(below)
}

/// Lays the options of one section over those of another.
pub(super) fn merge_section(mut below: Section, above: &Section) -> Result<Section> {
    for (option, effect) in effects(above.clone())? {
        apply(&mut below, &option, &effect);
    }
    Ok(below)
}

/// A section that no lower layer knows. A macro's `+=` and `-=` wait until the section that it copies is known; elsewhere
/// `+=` become assignments and `-=` empty ones, unless the option is assigned beside them.
fn alone(section: Section, lone: Lone) -> std::result::Result<Section, AnnotatedValue> {
    if lone == Lone::Kept || section.contains_key("<") {
        return Ok(section);
    }
    if let Some(nameless) = section.get("") {
        return Err(nameless.clone());
    }
    if !section.keys().any(|key| key.ends_with(['+', '-'])) {
        return Ok(section);
    }
    let mut keys: Vec<String> = section
        .keys()
        .filter(|key| key.ends_with(['+', '-']))
        .cloned()
        .collect();
    keys.sort_unstable();
    // What is taken away leaves its place behind: moving all that follows each time would take too long.
    let mut options: IndexMap<String, Option<AnnotatedValue>> = section
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect();
    for key in keys {
        let plain = all_but_two(&key);
        if options.get(plain).is_some_and(Option::is_some) {
            continue;
        }
        let Some(mut value) = options.get_mut(&key).and_then(Option::take) else {
            continue;
        };
        if key.ends_with('-') {
            value.edit(&Arc::new(Change {
                operation: Operation::Remove,
                value: value.value.clone(),
                setter: Setter::Implicit,
                at: value.at().cloned(),
                besides: value.besides().cloned(),
            }));
        }
        options.insert(plain.to_owned(), Some(value));
    }
    let section: Section = options
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    match merge_section(Section::new(), &section) {
        Ok(merged) => Ok(merged),
        Err(_) => Err(section
            .get("")
            .cloned()
            .unwrap_or_else(AnnotatedValue::implicit)),
    }
}

/// Python: `key[:-2]`.
fn all_but_two(key: &str) -> &str {
    let end = key.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    &key[..end]
}

/// What a section of one layer does to that of a lower one, in the order in which Python would.
fn effects(section: Section) -> Result<IndexMap<String, Effect>> {
    refuse_nameless(&section)?;
    let mut signed: Vec<String> = section
        .keys()
        .filter(|key| key.ends_with(['+', '-']))
        .cloned()
        .collect();
    let mut effects: IndexMap<String, Option<Effect>> = section
        .into_iter()
        .map(|(key, value)| (key, Some(Effect::Set { value, noted: None })))
        .collect();
    // By name, and of one name the + before the -.
    signed.sort_by_cached_key(|key| {
        let name = key.trim_end_matches([' ', '+']).to_owned();
        (name, key.chars().next_back())
    });
    for key in &signed {
        let sign = if key.ends_with('+') { '+' } else { '-' };
        let Some(Effect::Set { value: operand, .. }) = effects.get_mut(key).and_then(Option::take)
        else {
            continue;
        };
        let change = Arc::new(Change {
            operation: if sign == '+' {
                Operation::Add
            } else {
                Operation::Remove
            },
            value: operand.value.clone(),
            setter: operand.setter().clone(),
            at: operand.at().cloned(),
            besides: operand.besides().cloned(),
        });
        let plain = key.trim_end_matches([' ', sign]);
        match effects.get_mut(plain) {
            Some(Some(Effect::Set { value, .. })) => value.edit(&change),
            Some(Some(Effect::Edit(edits))) => edits.push(change),
            _ => {
                let mut edits = Edits::default();
                edits.push(change);
                effects.insert(plain.to_owned(), Some(Effect::Edit(edits)));
            }
        }
    }
    let effects = effects
        .into_iter()
        .filter_map(|(key, effect)| {
            let mut effect = effect?;
            if let Effect::Set { value, noted } = &mut effect {
                *noted = value.as_override().map(|change| {
                    let mut history = History::default();
                    history.push(change);
                    history
                });
            }
            Some((key, effect))
        })
        .collect();
    Ok(effects)
}

fn refuse_nameless(section: &Section) -> Result<()> {
    match section.get("") {
        Some(value) => Err(nameless(value)),
        None => Ok(()),
    }
}

/// zc.buildout takes two characters off `x+` where no lower layer has the section, and dies of the empty name.
fn nameless(value: &AnnotatedValue) -> Box<Error> {
    let diagnostic = Diagnostic::error("option-name", "this leaves an option without a name")
        .at_origin(value.at().cloned(), 1)
        .help("put a blank before the sign, as in `x += 1`, or assign with `=`");
    Error::user("string index out of range").with(diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn section(options: &[(&str, &str)]) -> Section {
        options
            .iter()
            .map(|(k, v)| {
                (
                    (*k).to_owned(),
                    AnnotatedValue::new(Text::from(*v), Setter::File("f".into()), None),
                )
            })
            .collect()
    }

    fn values(section: &Section) -> Vec<(&str, &str)> {
        section
            .iter()
            .map(|(k, v)| (k.as_str(), v.value.as_str()))
            .collect()
    }

    fn layer(options: &[(&str, &str)]) -> Sections {
        [("a".to_owned(), section(options))].into_iter().collect()
    }

    #[test]
    fn adding_and_removing() {
        let below = section(&[("eggs", "a\nb"), ("other", "1")]);
        let above = section(&[("eggs +", "c"), ("eggs -", "a"), ("new +", "x")]);
        assert_eq!(
            values(&merge_section(below, &above).unwrap()),
            [("eggs", "b\nc"), ("other", "1"), ("new", "\nx")]
        );
    }

    #[test]
    fn a_section_of_its_own_takes_additions_as_its_value() {
        let above = layer(&[("x +", "1"), ("y -", "2"), ("z", "3"), ("z +", "4")]);
        let merged = merge(Sections::new(), above, Lone::Assigned).unwrap();
        assert_eq!(values(&merged["a"]), [("z", "3\n4"), ("x", "1"), ("y", "")]);
    }

    #[test]
    fn a_macro_waits() {
        let above = layer(&[("<", "b"), ("x +", "1")]);
        let merged = merge(Sections::new(), above, Lone::Assigned).unwrap();
        assert_eq!(values(&merged["a"]), [("<", "b"), ("x +", "1")]);
    }

    /// Layers merged among themselves first give what they give one after the other.
    #[test]
    fn merging_is_associative() {
        let kinds: [&[(&str, &str)]; 7] = [
            &[("x", "1")],
            &[("x +", "2")],
            &[("x -", "1\n2")],
            &[("x", "3"), ("x +", "4")],
            &[("<", "b"), ("x +", "5")],
            &[("y", "1"), ("x -", "4"), ("x +", "6")],
            &[],
        ];
        let show = |sections: &Sections| {
            let mut out = String::new();
            for (name, section) in sections {
                for (key, value) in section {
                    out.push_str(&format!("{name} {key} {:?}:", value.value));
                    for change in value.history.latest_first() {
                        out.push_str(&format!(" {} {:?}", change.operation.name(), change.value));
                    }
                    out.push('\n');
                }
            }
            out
        };
        for code in 0..7_usize.pow(4) {
            let chosen: Vec<Sections> = (0..4)
                .map(|at| layer(kinds[code / 7_usize.pow(at) % 7]))
                .collect();
            let one_by_one = chosen
                .iter()
                .cloned()
                .fold(Sections::new(), |below, above| {
                    merge(below, above, Lone::Assigned).unwrap()
                });
            let [a, b, c, d] =
                [0, 1, 2, 3].map(|at| Layers::of(chosen[at].clone(), Lone::Assigned));
            let mut right = b;
            right.then(c).unwrap();
            let mut left = a;
            left.then(right).unwrap();
            left.then(d).unwrap();
            assert_eq!(show(&left.alone().unwrap()), show(&one_by_one), "{code}");
        }
    }
}

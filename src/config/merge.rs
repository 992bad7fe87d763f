//! One layer over another: `=`, `+=` and `-=`.
//!
//! Values are merged with their histories. The order in which keys are handled, and the places where zc.buildout cuts two
//! characters off a key (`x +` is `x`, but `x+` is the option before it), are its own and kept: sites depend on what
//! comes out. zc.buildout: buildout.py, `_update`, `_update_section`, `_update_verbose`.

use super::history::{AnnotatedValue, Setter};
use super::{Section, Sections};
use crate::text::Text;

/// Lays `above` over `below`.
pub(super) fn merge(mut below: Sections, above: &Sections) -> Sections {
    for (name, section) in above {
        let merged = match below.get(name) {
            Some(base) => merge_section(base, section),
            // A macro's += and -= wait until the section that it copies is known.
            None if section.contains_key("<") => section.clone(),
            None => merge_section(&Section::new(), &without_base(section)),
        };
        match below.get_mut(name) {
            Some(slot) => *slot = merged,
            None => {
                below.insert(name.clone(), merged);
            }
        }
    }
    below
}

/// A section that no lower layer knows: its `+=` become assignments, its `-=` empty ones.
fn without_base(section: &Section) -> Section {
    let mut section = section.clone();
    let mut keys: Vec<String> = section.keys().cloned().collect();
    keys.sort_unstable();
    for key in keys {
        let adds = key.ends_with('+');
        if !adds && !key.ends_with('-') {
            continue;
        }
        let plain = all_but_two(&key);
        if section.contains_key(plain) {
            continue;
        }
        let Some(mut value) = section.shift_remove(&key) else {
            continue;
        };
        if !adds {
            let operand =
                AnnotatedValue::new(value.value.clone(), Setter::Implicit, value.at().cloned());
            value.remove(&operand);
        }
        section.insert(plain.to_owned(), value);
    }
    section
}

/// Python: `key[:-2]`.
fn all_but_two(key: &str) -> &str {
    let end = key.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    &key[..end]
}

/// Lays the options of one section over those of another.
pub(super) fn merge_section(below: &Section, above: &Section) -> Section {
    let mut above = above.clone();
    let mut keys: Vec<String> = above.keys().cloned().collect();
    // By name, and of one name the + before the -.
    keys.sort_by(|a, b| {
        let of = |key: &String| {
            (
                key.trim_end_matches([' ', '+']).to_owned(),
                key.chars().next_back(),
            )
        };
        of(a).cmp(&of(b))
    });
    for key in keys {
        let sign = key
            .chars()
            .next_back()
            .filter(|sign| matches!(sign, '+' | '-'));
        let Some(sign) = sign else { continue };
        let Some(operand) = above.get(&key).cloned() else {
            continue;
        };
        let plain = key.trim_end_matches([' ', sign]).to_owned();
        let base = above.get(&plain).or_else(|| below.get(&plain)).cloned();
        let mut value =
            base.unwrap_or_else(|| AnnotatedValue::new(Text::new(), Setter::Implicit, None));
        if sign == '+' {
            value.add(&operand);
        } else {
            value.remove(&operand);
        }
        above.insert(plain, value);
        above.shift_remove(&key);
    }
    let mut merged = below.clone();
    for (key, value) in above {
        match merged.get_mut(&key) {
            Some(old) => old.override_with(&value),
            None => {
                merged.insert(key, value);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn adding_and_removing() {
        let below = section(&[("eggs", "a\nb"), ("other", "1")]);
        let above = section(&[("eggs +", "c"), ("eggs -", "a"), ("new +", "x")]);
        assert_eq!(
            values(&merge_section(&below, &above)),
            [("eggs", "b\nc"), ("other", "1"), ("new", "\nx")]
        );
    }

    #[test]
    fn a_section_of_its_own_takes_additions_as_its_value() {
        let mut above = Sections::new();
        above.insert(
            "a".into(),
            section(&[("x +", "1"), ("y -", "2"), ("z", "3"), ("z +", "4")]),
        );
        let merged = merge(Sections::new(), &above);
        assert_eq!(values(&merged["a"]), [("z", "3\n4"), ("x", "1"), ("y", "")]);
    }

    #[test]
    fn a_macro_waits() {
        let mut above = Sections::new();
        above.insert("a".into(), section(&[("<", "b"), ("x +", "1")]));
        let merged = merge(Sections::new(), &above);
        assert_eq!(values(&merged["a"]), [("<", "b"), ("x +", "1")]);
    }
}

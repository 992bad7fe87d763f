//! Values of conditions, and what Python does with them. `None` is said wherever Python would raise or know more.

use std::cmp::Ordering;

/// A value. Tuples and lists are one kind: no condition that tells them apart is decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    None,
    Bool(bool),
    Integer(i64),
    Text(String),
    Sequence(Vec<Value>),
}

impl Value {
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Integer(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
            Self::Sequence(items) => !items.is_empty(),
        }
    }

    fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sequence(a), Self::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            _ => match (self.as_integer(), other.as_integer()) {
                (Some(a), Some(b)) => a == b,
                _ => self == other,
            },
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Sequence(a), Self::Sequence(b)) => {
                match a.iter().zip(b).find(|(a, b)| !a.equals(b)) {
                    Some((a, b)) => a.order(b),
                    None => Some(a.len().cmp(&b.len())),
                }
            }
            _ => Some(self.as_integer()?.cmp(&other.as_integer()?)),
        }
    }

    pub(super) fn compare(&self, operator: &str, other: &Self) -> Option<bool> {
        Some(match operator {
            "==" => self.equals(other),
            "!=" => !self.equals(other),
            "<" => self.order(other)?.is_lt(),
            "<=" => self.order(other)?.is_le(),
            ">" => self.order(other)?.is_gt(),
            ">=" => self.order(other)?.is_ge(),
            "in" => other.contains(self)?,
            "not in" => !other.contains(self)?,
            // Only of these is it plain which objects are the same.
            "is" | "is not" => {
                let plain = |value: &Self| matches!(value, Self::None | Self::Bool(_));
                if !plain(self) && !plain(other) {
                    return None;
                }
                (self == other) == (operator == "is")
            }
            _ => return None,
        })
    }

    fn contains(&self, item: &Self) -> Option<bool> {
        match (self, item) {
            (Self::Sequence(items), item) => Some(items.iter().any(|each| each.equals(item))),
            (Self::Text(text), Self::Text(part)) => Some(text.contains(part.as_str())),
            _ => None,
        }
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(Self::Text(a + &b)),
            (a, b) => Some(Self::Integer(a.as_integer()?.checked_add(b.as_integer()?)?)),
        }
    }

    fn len(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.chars().count()),
            Self::Sequence(items) => Some(items.len()),
            _ => None,
        }
    }

    pub(super) fn item(&self, index: &Self) -> Option<Self> {
        let index = index.as_integer()?;
        let length = i64::try_from(self.len()?).ok()?;
        let at = if index < 0 {
            index.checked_add(length)?
        } else {
            index
        };
        let at = usize::try_from(at).ok()?;
        match self {
            Self::Text(text) => text.chars().nth(at).map(|c| Self::Text(c.to_string())),
            Self::Sequence(items) => items.get(at).cloned(),
            _ => None,
        }
    }

    pub(super) fn slice(&self, from: Option<i64>, to: Option<i64>) -> Option<Self> {
        let length = i64::try_from(self.len()?).ok()?;
        let place = |index: i64| {
            let at = if index < 0 {
                index.saturating_add(length)
            } else {
                index
            };
            usize::try_from(at.clamp(0, length)).unwrap_or(0)
        };
        let from = place(from.unwrap_or(0));
        let count = place(to.unwrap_or(length)).saturating_sub(from);
        match self {
            Self::Text(text) => Some(Self::Text(text.chars().skip(from).take(count).collect())),
            Self::Sequence(items) => Some(Self::Sequence(
                items.iter().skip(from).take(count).cloned().collect(),
            )),
            _ => None,
        }
    }

    /// A method of a string.
    pub(super) fn call(&self, method: &str, arguments: &[Self]) -> Option<Self> {
        let Self::Text(text) = self else { return None };
        let fits = |test: &dyn Fn(&str) -> bool, argument: &Self| match argument {
            Self::Text(part) => Some(test(part)),
            Self::Sequence(parts) => {
                let mut any = false;
                for part in parts {
                    let Self::Text(part) = part else { return None };
                    any |= test(part);
                }
                Some(any)
            }
            _ => None,
        };
        match (method, arguments) {
            ("startswith", [argument]) => {
                fits(&|part| text.starts_with(part), argument).map(Self::Bool)
            }
            ("endswith", [argument]) => {
                fits(&|part| text.ends_with(part), argument).map(Self::Bool)
            }
            // Case beyond ASCII has rules of its own.
            ("lower", []) if text.is_ascii() => Some(Self::Text(text.to_ascii_lowercase())),
            ("upper", []) if text.is_ascii() => Some(Self::Text(text.to_ascii_uppercase())),
            ("strip", []) => Some(Self::Text(crate::pystr::strip(text).to_owned())),
            ("split", []) => Some(Self::Sequence(
                crate::pystr::split(text)
                    .map(|word| Self::Text(word.to_owned()))
                    .collect(),
            )),
            ("split", [Self::Text(separator)]) if !separator.is_empty() => Some(Self::Sequence(
                text.split(separator.as_str())
                    .map(|word| Self::Text(word.to_owned()))
                    .collect(),
            )),
            ("replace", [Self::Text(old), Self::Text(new)]) if !old.is_empty() => {
                Some(Self::Text(text.replace(old.as_str(), new)))
            }
            _ => None,
        }
    }

    /// A function that Python always has.
    pub(super) fn built_in(function: &str, arguments: &[Self]) -> Option<Self> {
        match (function, arguments) {
            ("bool", [value]) => Some(Self::Bool(value.is_true())),
            ("len", [value]) => i64::try_from(value.len()?).ok().map(Self::Integer),
            ("int", [Self::Text(text)]) => {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| text.parse().ok().map(Self::Integer))?
            }
            ("int", [value]) => value.as_integer().map(Self::Integer),
            ("str", [Self::Text(text)]) => Some(Self::Text(text.clone())),
            ("str", [Self::Integer(number)]) => Some(Self::Text(number.to_string())),
            ("tuple" | "list", [Self::Sequence(items)]) => Some(Self::Sequence(items.clone())),
            ("any", [Self::Sequence(items)]) => Some(Self::Bool(items.iter().any(Self::is_true))),
            ("all", [Self::Sequence(items)]) => Some(Self::Bool(items.iter().all(Self::is_true))),
            _ => None,
        }
    }
}

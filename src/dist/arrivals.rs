//! [`Arrivals`]: what a run has put into eggs directories, and where each distribution came from.
//!
//! For the summary at the end and for `-v`. What was built for editing does not count, nor what only builds needed. Not in
//! zc.buildout.

use std::cell::RefCell;
use std::rc::Rc;

/// Where a distribution came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was in the cache: fetched, or built, by an earlier run.
    Cache,
    /// So many bytes over the network.
    Network(u64),
    /// A file of this machine.
    Disk,
    /// Built from sources, now.
    Built,
}

impl Source {
    /// After "came".
    pub fn told(self) -> String {
        match self {
            Self::Cache => "from the cache".to_owned(),
            Self::Network(bytes) => format!("over the network, {}", size(bytes)),
            Self::Disk => "from the disk".to_owned(),
            Self::Built => "from its sources, built now".to_owned(),
        }
    }
}

/// Cheap to clone; clones share what is known.
#[derive(Clone, Debug, Default)]
pub struct Arrivals(Rc<RefCell<Vec<Source>>>);

impl Arrivals {
    pub(super) fn note(&self, source: Source) {
        self.0.borrow_mut().push(source);
    }

    /// `12 distributions installed: 8 from the cache, 3 over the network (3.4 MB), 1 built`; none if there are none.
    pub fn told(&self) -> Option<String> {
        let all = self.0.borrow();
        let of = |wanted: fn(&Source) -> bool| all.iter().filter(|source| wanted(source)).count();
        let bytes = all.iter().map(|source| match source {
            Source::Network(bytes) => *bytes,
            _ => 0,
        });
        let came = format!("over the network ({})", size(bytes.sum()));
        let kinds = [
            (of(|s| matches!(s, Source::Cache)), "from the cache"),
            (of(|s| matches!(s, Source::Network(_))), &came),
            (of(|s| matches!(s, Source::Disk)), "from the disk"),
            (of(|s| matches!(s, Source::Built)), "built"),
        ];
        let kinds = kinds.iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<String> = kinds.map(|(n, how)| format!("{n} {how}")).collect();
        let noun = match all.len() {
            0 => return None,
            1 => "distribution",
            _ => "distributions",
        };
        Some(format!(
            "{} {noun} installed: {}",
            all.len(),
            kinds.join(", ")
        ))
    }
}

/// `12 kB`, `3.4 MB`.
fn size(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_told_by_kinds() {
        let arrivals = Arrivals::default();
        assert_eq!(arrivals.told(), None);
        arrivals.note(Source::Network(3_210));
        let one = "1 distribution installed: 1 over the network (4 kB)";
        assert_eq!(arrivals.told().as_deref(), Some(one));
        for source in [
            Source::Built,
            Source::Cache,
            Source::Network(3_400_000),
            Source::Cache,
        ] {
            arrivals.clone().note(source);
        }
        let five =
            "5 distributions installed: 2 from the cache, 2 over the network (3.4 MB), 1 built";
        assert_eq!(arrivals.told().as_deref(), Some(five));
        assert_eq!(Source::Network(999_999).told(), "over the network, 1000 kB");
    }
}

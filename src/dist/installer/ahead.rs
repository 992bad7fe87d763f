//! Looking ahead: pages are read, metadata is looked at, and eggs are made beside their place, before the walk comes to them.
//!
//! Only a matter of time: what is chosen and said is the same without it. A page and an archive take longer to come than to
//! be looked at, so all that is asked for at the same depth is asked at once, and what is found there to be needed after
//! that; the archives come meanwhile. With metadata that the index has by itself (PEP 658) no depth waits for an archive.
//! What is built, and what it needs, is looked at when nothing else is left. zc.buildout has nothing like it.

use std::collections::HashMap;

use super::choice::is_better;
use super::{Formats, Installer};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::name;
use crate::dist::requirement::Requirement;
use crate::dist::working_set::WorkingSet;

/// What was looked at ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Extras that were asked for together, by the key of the project.
    seen: HashMap<String, Vec<Vec<String>>>,
    /// Whether anything has to be fetched: as long as all is there, the walk is as fast alone.
    fetches: bool,
}

impl Ahead {
    /// Notes a requirement; whether it is one of a project and extras that were not seen before.
    fn is_new(&mut self, requirement: &Requirement) -> bool {
        let extras = requirement.extras();
        if let Some(seen) = self.seen.get_mut(requirement.environment_key()) {
            let is_new = seen.iter().all(|known| known != extras);
            if is_new {
                seen.push(extras.to_vec());
            }
            return is_new;
        }
        let key = requirement.environment_key().to_owned();
        self.seen.insert(key, vec![extras.to_vec()]);
        true
    }
}

/// A requirement, and what will be taken for it.
type Taken = (Requirement, Distribution);

impl Installer<'_> {
    /// Has what these need, and what that needs in turn, fetched and made where it is not there.
    pub(super) fn look_ahead(&mut self, requirements: &[Requirement], set: &WorkingSet) {
        if self.order.offline || self.order.formats != Formats::Any {
            return;
        }
        let mut level = requirements.to_vec();
        let mut is_first = true;
        let mut to_build: Vec<Taken> = Vec::new();
        loop {
            let (there, wanted) = self.tell_apart(&level, set);
            let coming = self.order_best(wanted);
            if coming.is_empty() && to_build.is_empty() && !self.ahead.fetches {
                return;
            }
            self.ahead.fetches = true;
            let (wheels, others): (Vec<Taken>, Vec<Taken>) = coming
                .into_iter()
                .partition(|(_, d)| d.precedence == Precedence::Wheel);
            // A build takes long, and what is not pinned may come out otherwise in the walk.
            let is_certain = |(requirement, _): &Taken| is_first || requirement.is_pinned();
            to_build.extend(others.into_iter().filter(is_certain));
            level = if self.knows_all_pinned() {
                Vec::new()
            } else {
                self.needs(&there, &wheels)
            };
            is_first = false;
            if level.is_empty() && to_build.is_empty() {
                return;
            }
            if level.is_empty() {
                let built = std::mem::take(&mut to_build);
                let all: Vec<Distribution> = built.iter().map(|(_, d)| d.clone()).collect();
                let eggs = &self.order.eggs_directory;
                self.supplies.fetcher.build_ahead(&all, eggs);
                level = self.needs(&[], &built);
            }
        }
    }

    /// Those of these that are new: what is there and will do, and what has to be asked for, with what is there of it.
    fn tell_apart(
        &mut self,
        requirements: &[Requirement],
        set: &WorkingSet,
    ) -> (Vec<Taken>, Vec<(Requirement, Option<Distribution>)>) {
        let mut there = Vec::new();
        let mut wanted = Vec::new();
        for requirement in requirements {
            if set.find_any(requirement).is_some() || !self.ahead.is_new(requirement) {
                continue;
            }
            let Ok(constrained) = self.constraint(requirement) else {
                continue;
            };
            let Ok(found) = self.environment.of(&constrained) else {
                continue;
            };
            let ours = found.iter().find(|d| constrained.accepts(d)).cloned();
            match ours {
                Some(ours)
                    if !self.order.newest
                        || constrained.is_pinned()
                        || ours.precedence == Precedence::Develop =>
                {
                    there.push((constrained, ours));
                }
                ours => wanted.push((constrained, ours)),
            }
        }
        (there, wanted)
    }

    /// Asks for all of these at once, and orders the best of each as soon as it is known.
    fn order_best(&mut self, wanted: Vec<(Requirement, Option<Distribution>)>) -> Vec<Taken> {
        let requirements: Vec<Requirement> = wanted.iter().map(|(r, _)| r.clone()).collect();
        if !requirements.is_empty() {
            self.offers().prefetch(&requirements);
        }
        let prefer_final = self.supplies.policy.prefer_final;
        let mut coming = Vec::new();
        for (requirement, ours) in wanted {
            let offered = self.offers().ahead(&requirement);
            let best = self.best_of(&requirement, &offered).filter(|best| {
                ours.as_ref()
                    .is_none_or(|ours| is_better(&best.version, &ours.version, prefer_final))
            });
            if let Some(best) = best {
                let eggs = &self.order.eggs_directory;
                self.supplies.fetcher.order(&best, eggs);
                coming.push((requirement, best));
            }
        }
        coming
    }

    /// Whether all that [versions] pins was seen: whatever else is needed, nobody can tell which version.
    fn knows_all_pinned(&self) -> bool {
        let versions = &self.supplies.policy.versions;
        let is_seen = |name: &String| self.ahead.seen.contains_key(&name::environment_key(name));
        !versions.is_empty() && versions.keys().all(is_seen)
    }

    /// What these need. What can't be found out is left to the walk.
    fn needs(&mut self, there: &[Taken], coming: &[Taken]) -> Vec<Requirement> {
        for (_, distribution) in coming {
            if !self.supplies.fetcher.is_at_hand(distribution) {
                self.offers().want_metadata(distribution);
            }
        }
        let mut needs = Vec::new();
        for (requirement, distribution) in there {
            if let Ok(dependencies) = self.supplies.metadata.dependencies(distribution) {
                needs.extend(dependencies.requires(requirement.extras()));
            }
        }
        for (requirement, distribution) in coming {
            let text = self.offers().metadata(distribution).or_else(|| {
                let wheel = self.supplies.fetcher.unpacked(distribution)?;
                Some(wheel.info("METADATA"))
            });
            let dependencies = text.and_then(|text| self.supplies.metadata.of_text(&text).ok());
            if let Some(dependencies) = dependencies {
                needs.extend(dependencies.requires(requirement.extras()));
            }
        }
        needs
    }
}

//! What the recipe host asks for: sections, working sets, scripts.
//!
//! zc.buildout: easy_install.py, `Installer.install`, `sort_working_set`, `scripts`, as recipes call them.

use std::rc::Rc;

use indexmap::IndexMap;

use super::host::RecipeHost;
use crate::bridge::{
    Answer, Answers, Dist, InstallQuestion, Picked, ProcessNews, Question, ScriptsQuestion,
    SetContent,
};
use crate::dist::distribution::{Distribution, Precedence};
use crate::dist::working_set::{WorkingSet, sort_working_set};
use crate::dist::{EggsRequest, PolicyChange};
use crate::error::{Error, Result};
use crate::options::Buildout;
use crate::scripts::{self, EntryPoint, Made, ScriptRequest, Wanted};
use crate::text::Text;

impl Answers for RecipeHost {
    fn answer(&self, buildout: &mut Buildout, question: Question) -> Result<Answer> {
        match question {
            Question::Section { name } => {
                buildout.initialise(&name)?;
                Ok(Answer::default())
            }
            Question::Install(question) => self.install_for_recipe(buildout, *question),
            Question::Sort { set, eggs, develop } => {
                let sorted = sort_working_set(&*self.set(set)?, &eggs, &develop)?;
                Ok(self.numbered(Rc::new(sorted)))
            }
            Question::Set { set } => Ok(Answer {
                content: Some(content(&*self.set(set)?)),
                ..Answer::default()
            }),
            Question::Picked {} => {
                let picked = self.picked_versions(buildout)?;
                let requirers = picked.requirers().iter();
                Ok(Answer {
                    picked: Some(Picked {
                        picked: picked
                            .iter()
                            .map(|(name, version)| (name.to_owned(), version.to_owned()))
                            .collect(),
                        required_by: requirers
                            .map(|(name, all)| (name.clone(), all.iter().cloned().collect()))
                            .collect(),
                    }),
                    ..Answer::default()
                })
            }
            Question::Kept { request, set } => self.kept(buildout, request, set),
            Question::Scripts(question) => self.scripts_for_recipe(buildout, *question),
        }
    }

    fn hear(&self, news: ProcessNews) {
        self.take_process_news(news);
    }

    fn python_has_worked(&self) {
        self.seen.forget();
    }
}

impl RecipeHost {
    /// `Installer(...).install(...)` of a recipe, where our installer can do the same.
    fn install_for_recipe(
        &self,
        buildout: &mut Buildout,
        question: InstallQuestion,
    ) -> Result<Answer> {
        let (eggs_directory, develop_eggs_directory, offline) =
            match (&question.dest, question.path.as_slice()) {
                (Some(dest), [develop]) => (dest, develop, false),
                (None, [develop, eggs]) => (eggs, develop, true),
                _ => return Ok(declined()),
            };
        let mut tools = self.take_tools(buildout)?;
        let same_cache = tools.working_sets.policy().is_some_and(|policy| {
            policy.download_cache == question.download_cache
                && policy.install_from_cache == question.install_from_cache
        });
        if !question.check_picked || !same_cache {
            self.give_back(tools);
            return Ok(declined());
        }
        let settings = EggsRequest {
            eggs: question.specs,
            eggs_directory: eggs_directory.clone(),
            develop_eggs_directory: develop_eggs_directory.clone(),
            offline,
            newest: question.newest,
            find_links: question.links,
            index: question.index,
            allow_hosts: question.allow_hosts,
            allow_unknown_extras: question.allow_unknown_extras,
        };
        let changed = PolicyChange {
            versions: question.versions.unwrap_or_else(|| {
                let policy = tools.working_sets.policy();
                policy.map_or_else(IndexMap::new, |policy| policy.versions.clone())
            }),
            prefer_final: question.prefer_final,
            allow_picked_versions: question.allow_picked_versions,
            use_dependency_links: question.use_dependency_links,
        };
        let running = question.running.then(|| tools.running.clone());
        let made = tools.working_sets.install(&settings, changed, running);
        let answer = made.map(|set| {
            if question.running {
                tools.running = set;
                return Answer::default();
            }
            self.numbered(Rc::new(set))
        });
        self.give_back(tools);
        let mut answer = answer?;
        if question.running {
            answer.activate = self.to_activate(buildout)?;
        }
        Ok(answer)
    }

    /// zc.recipe.egg in Python and our own share what they have made. zc.recipe.egg: egg.py, `Eggs._working_set`.
    fn kept(
        &self,
        buildout: &mut Buildout,
        request: EggsRequest,
        set: Option<usize>,
    ) -> Result<Answer> {
        let mut tools = self.take_tools(buildout)?;
        let known = match set.map(|number| self.set(number)) {
            Some(Ok(set)) => {
                tools.working_sets.remember(request, set);
                None
            }
            Some(Err(_)) => None,
            None => tools.working_sets.made(&request),
        };
        self.give_back(tools);
        Ok(known.map_or_else(Answer::default, |set| self.numbered(set)))
    }

    /// Which scripts there are to be. Where the answer is an error, Python's own code finds it at the same place.
    fn scripts_for_recipe(
        &self,
        buildout: &mut Buildout,
        question: ScriptsQuestion,
    ) -> Result<Answer> {
        let generation = self.generation();
        let set = self.set(question.set)?;
        let wanted: Option<Vec<Wanted>> = question
            .wanted
            .into_iter()
            .map(|wanted| match <[String; 3]>::try_from(wanted) {
                Ok([name, module, attrs]) => Some(Wanted::EntryPoint(EntryPoint {
                    name,
                    module,
                    attrs,
                })),
                Err(wanted) => wanted.into_iter().next().map(Wanted::Requirement),
            })
            .collect();
        let Some(wanted) = wanted else {
            return Ok(declined());
        };
        let tools = self.take_tools(buildout)?;
        let developed = tools.working_sets.developed_scripts().clone();
        self.give_back(tools);
        let request = ScriptRequest {
            wanted,
            directory: question.dest,
            scripts: question
                .scripts
                .map(|scripts| scripts.into_iter().collect()),
            extra_paths: question.extra_paths,
            initialization: Text::from(question.initialization),
            arguments: Text::from(question.arguments),
            interpreter: question.interpreter,
            relative_to: question.relative_paths,
            generation,
            developed,
            imports_pkg_resources: generation.has_import_pkg_resources()
                && buildout.boolean("buildout", "import-pkg-resources", true)?,
        };
        let Ok(made) = scripts::scripts(&request, &set, &*self.facts()?) else {
            return Ok(declined());
        };
        let made = made.into_iter().map(|made| match made {
            Made::Script { path, text } => ("script", path, text.to_string()),
            Made::Interpreter { path, text } => ("interpreter", path, text.to_string()),
            Made::Warning(text) => ("warning", String::new(), text),
        });
        Ok(Answer {
            made: Some(made.collect()),
            ..Answer::default()
        })
    }

    fn set(&self, number: usize) -> Result<Rc<WorkingSet>> {
        let sets = self.foreign.sets.borrow();
        let set = sets.get(number).cloned();
        set.ok_or_else(|| Error::user("The recipe host asked for a working set that there is not."))
    }

    fn numbered(&self, set: Rc<WorkingSet>) -> Answer {
        let mut sets = self.foreign.sets.borrow_mut();
        sets.push(set);
        Answer {
            set: Some(sets.len() - 1),
            ..Answer::default()
        }
    }
}

/// Python's own code has to do it.
fn declined() -> Answer {
    Answer {
        declined: true,
        ..Answer::default()
    }
}

fn content(set: &WorkingSet) -> SetContent {
    SetContent {
        entries: set.entries().to_vec(),
        keys: set
            .keys()
            .map(|(entry, keys)| (entry.to_owned(), keys.to_vec()))
            .collect(),
        dists: set.active().map(wire).collect(),
    }
}

fn wire(distribution: &Distribution) -> Dist {
    let metadata = distribution.metadata.as_ref();
    let kind = if distribution.precedence == Precedence::Develop {
        "develop"
    } else {
        "egg"
    };
    (
        distribution.location.clone(),
        distribution.project_name.clone(),
        distribution.version.text().to_owned(),
        metadata.map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
        kind,
    )
}

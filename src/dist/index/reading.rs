//! Links and pages as they are come upon: what a link offers by its name, what a page lists.
//!
//! zc.buildout: _package_index.py, `process_url`, `process_index`, `process_filename`.

use super::Index;
use crate::dist::candidate::Candidates;
use crate::dist::distribution::Distribution;
use crate::dist::evidence::Tally;
use crate::dist::index_page::{self, Links};
use crate::dist::name;
use crate::dist::page_source::{self, Answer};
use crate::dist::pattern::matches;
use crate::log::{DEBUG, INFO, WARNING};
use crate::sys::fs;
use crate::sys::http::Failure;
use crate::sys::url;
use crate::wording::redacted;

impl Index {
    /// Looks at a link: a file on offer, a directory, or with `retrieve` a page. zc.buildout: `process_url`.
    pub(super) fn process(&mut self, link: &str, retrieve: bool) {
        if !self.scanned.insert(link.to_owned()) && !retrieve {
            return;
        }
        if url::scheme(link).is_none() {
            self.process_path(link);
            return;
        }
        let (found, refused) = self.take_offer(link);
        if refused || found || !retrieve || self.fetched.contains(link) {
            return;
        }
        self.fetched.insert(link.to_owned());
        if self.allows(link) {
            self.read_page(link);
        } else {
            self.evidence.add(format!(
                "{}: not read, allow-hosts excludes the host",
                redacted(link)
            ));
        }
    }

    /// Adds what a link offers by its name: whether that is anything, and whether allow-hosts refused it.
    pub(super) fn take_offer(&mut self, link: &str) -> (bool, bool) {
        let read = self.candidates().of_url(link);
        if read.distributions.is_empty() {
            // An egg is one for whatever system; a wheel that does not fit is nothing, so zc.buildout reads it as a page.
            let base = url::without_fragment(link);
            return (read.other_platform && !base.ends_with(".whl"), false);
        }
        if !self.allows(link) {
            return (true, true);
        }
        if self.log.enabled(DEBUG) {
            let line = format!("Found link: {}", redacted(link));
            self.log.say_as("root", DEBUG, &line);
        }
        self.add(read.distributions);
        (true, false)
    }

    pub(super) fn add(&mut self, distributions: Vec<Distribution>) {
        for distribution in distributions {
            let key = name::canonical(&distribution.project_name);
            self.offers.entry(key).or_default().push(distribution);
        }
    }

    pub(super) fn read_page(&mut self, link: &str) {
        let shown = redacted(link);
        self.log.say_as("root", INFO, &format!("Reading {shown}"));
        let answer = match self.coming.take(link) {
            Some(answer) => answer,
            None if link == self.base => page_source::read_root(&self.network, link),
            None => page_source::read(&self.network, link),
        };
        match answer {
            Answer::Failed(failure) => {
                let line = format!(
                    "Download error on {shown}: {} -- Some packages may not be found!",
                    failure.reason
                );
                self.log.say_as("root", WARNING, &line);
                self.evidence.add(format!("{shown}: {failure}"));
                if self.is_of_index(link) {
                    let what = format!("the index can't be asked: {}", failure.reason);
                    self.evidence.trouble(what, failure.advice());
                }
            }
            Answer::Page {
                status,
                message,
                at,
                content_type,
                links,
            } => {
                // zc.buildout: `local_open` answers with an HTTPError, whatever the status.
                if status >= 400 || link.starts_with("file:") {
                    let kind = if status == 401 {
                        "Authentication error"
                    } else {
                        "HTTP error"
                    };
                    self.log.say_as("root", INFO, &format!("{kind}: {message}"));
                }
                if status >= 400 {
                    self.evidence.add(format!("{shown}: {status} {message}"));
                    if matches!(status, 401 | 403)
                        && let Some(why) = self.network.keyring_trouble(link)
                    {
                        self.evidence.add(why);
                    }
                    if !matches!(status, 404 | 410) && self.is_of_index(link) {
                        let what = format!("the index answers {status} {message}");
                        let advice = Failure::of_status(status).advice();
                        self.evidence.trouble(what, advice);
                    }
                }
                self.fetched.insert(at);
                if !index_page::is_readable(&content_type) {
                    if status < 400 {
                        let kind = match content_type.as_str() {
                            "" => "no content type",
                            kind => kind,
                        };
                        self.evidence
                            .add(format!("{shown}: no page with links ({kind})"));
                    }
                    return;
                }
                if let Some(why) = &links.broken {
                    self.evidence.add(format!("{shown}: {why}"));
                    if self.is_of_index(link) {
                        let what = format!("the index answers what is no page: {why}");
                        let advice =
                            "look whether the URL is that of an index; a proxy may be in between";
                        self.evidence.trouble(what, advice);
                    }
                    return;
                }
                self.take_links(&links, &shown, status);
                if self.is_of_index(link) && status != 404 {
                    self.take_pages(link, links.pages);
                }
            }
        }
    }

    pub(super) fn is_of_index(&self, link: &str) -> bool {
        !self.base.is_empty() && link.starts_with(&self.base)
    }

    pub(super) fn take_links(&mut self, links: &Links, shown: &str, status: u16) {
        let mut tally = Tally::default();
        for link in &links.files {
            let requires = link.requires_python.as_deref();
            let refused = self
                .python
                .as_ref()
                .is_some_and(|python| !index_page::allows_python(requires, python));
            if refused && self.wheels_for_any_python && is_wheel(&link.url) {
                let requires = requires.unwrap_or_default().to_owned();
                self.other_python.insert(link.url.clone(), requires);
            } else if refused {
                tally.files += 1;
                tally.other_python.note(requires.unwrap_or(""));
                continue;
            }
            if let Some(why) = &link.yanked {
                tally.yanked += 1;
                self.yanked.insert(link.url.clone(), why.clone());
            }
            if self.scanned.contains(&link.url) {
                continue;
            }
            let read = self.candidates().of_url(&link.url);
            if !read.other_platform && read.distributions.is_empty() {
                continue;
            }
            self.scanned.insert(link.url.clone());
            tally.files += 1;
            if read.other_platform {
                tally.other_platform.note(&read.made_for);
            } else {
                if let Some(hash) = &link.metadata {
                    self.metadata.insert(link.url.clone(), hash.clone());
                }
                let (_, refused) = self.take_offer(&link.url);
                tally.other_host += usize::from(refused);
            }
        }
        if status < 400 {
            self.evidence.add(format!("{shown}: {}", tally.told()));
        }
    }

    /// A file or a directory of files. zc.buildout: `process_filename`.
    pub(super) fn process_path(&mut self, path: &str) {
        if !fs::exists(path) {
            self.log
                .say_as("root", WARNING, &format!("Not found: {path}"));
            self.evidence
                .add(format!("{path}: no such file or directory"));
            return;
        }
        let mut tally = Tally::default();
        if fs::is_dir(path) {
            let folder = fs::real_path(path);
            for item in fs::list(&folder).unwrap_or_default() {
                self.process_file(&folder.join(item).display().to_string(), &mut tally);
            }
        }
        self.process_file(path, &mut tally);
        self.evidence.add(format!("{path}: {}", tally.told()));
    }

    pub(super) fn process_file(&mut self, path: &str, tally: &mut Tally) {
        let base = path.rsplit('/').next().unwrap_or(path);
        if base.is_empty() {
            return;
        }
        // pkg_resources: `normalize_path`.
        let real = fs::real_path(path).display().to_string();
        let read = self.candidates().of_file(&real, base);
        tally.files += usize::from(read.other_platform || !read.distributions.is_empty());
        if read.other_platform {
            tally.other_platform.note(&read.made_for);
        }
        if !read.distributions.is_empty() {
            self.log.say_as("root", DEBUG, &format!("Found: {path}"));
            self.add(read.distributions);
        }
    }

    pub(super) fn candidates(&mut self) -> &Candidates {
        let facts = &self.facts;
        self.candidates
            .get_or_insert_with(|| Candidates::new(facts))
    }

    /// zc.buildout: `url_ok`.
    pub(super) fn allows(&self, link: &str) -> bool {
        let pieces = url::parts(link);
        pieces.scheme.eq_ignore_ascii_case("file")
            || self.allow_hosts.is_empty()
            || self
                .allow_hosts
                .iter()
                .any(|pattern| matches(pattern, pieces.netloc.unwrap_or("")))
    }
}

fn is_wheel(link: &str) -> bool {
    url::without_fragment(link).ends_with(".whl")
}

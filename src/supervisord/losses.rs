//! What supervisord ignores without a word: sections and keys that it does not know, text behind comment signs, keys and
//! sections that come twice, pairs of an `environment` that were torn.

use super::keys::{KINDS, Kind, kind};
use super::pairs::Pairs;
use super::reader::Oddity;
use super::{Reading, name_of};
use crate::error::Diagnostic;
use crate::text::Text;
use crate::wording::did_you_mean;

pub(super) fn find(reading: &mut Reading<'_>) {
    for oddity in std::mem::take(&mut reading.ini.oddities) {
        odd(reading, oddity);
    }
    let sections: Vec<(String, Text)> = reading
        .ini
        .sections
        .iter()
        .map(|(name, section)| (name.clone(), section.header.clone()))
        .collect();
    for (name, header) in sections {
        match kind(&name) {
            None => unknown_section(reading, &name, &header),
            Some(kind) => {
                if kind.section.ends_with("http_server")
                    && name != kind.section
                    && !name.starts_with(&format!("{}:", kind.section))
                {
                    reading.warn(
                        &header,
                        "S01",
                        format!("[{name}] is read as one more [{}]", kind.section),
                        format!("call it [{}:NAME] if that is meant", kind.section),
                    );
                }
                unknown_keys(reading, &name, kind);
            }
        }
    }
}

fn unknown_section(reading: &mut Reading<'_>, name: &str, header: &Text) {
    let lower = name.to_lowercase();
    let (prefix, rest) = match lower.split_once(':') {
        Some((prefix, _)) => (format!("{prefix}:"), format!(":{}", name_of(name))),
        None => (lower, String::new()),
    };
    let known = KINDS.iter().map(|kind| kind.section);
    let near = known
        .clone()
        .find(|known| *known == prefix)
        .or_else(|| did_you_mean(&prefix, known));
    let help = match near {
        Some(near) => format!("did you mean [{}{rest}]?", near.trim_end_matches(':')),
        None => "fine if another program reads it; else its name is wrong".to_owned(),
    };
    let message = format!("supervisord does not read the section [{name}]");
    reading.warn(header, "S01", message, help);
}

fn unknown_keys(reading: &mut Reading<'_>, section: &str, kind: &'static Kind) {
    let Some(read) = reading.ini.sections.get(section) else {
        return;
    };
    let unknown: Vec<(String, Text)> = read
        .entries
        .iter()
        .map(|(name, entry)| (name.clone(), entry.key.clone()))
        .collect();
    for (key, at) in unknown {
        if kind.has(&key) {
            if let Some(since) = Kind::too_new(&key, reading.version) {
                let message = format!(
                    "`{key}` of [{section}] is ignored by supervisor {}",
                    reading.version
                );
                reading.warn(&at, "S02", message, format!("it came with {since}"));
            }
            continue;
        }
        if kind.open {
            continue;
        }
        let underlined = key.replace('-', "_");
        let elsewhere = KINDS.iter().find(|other| other.has(&key));
        let help = if kind.has(&underlined) {
            format!("did you mean `{underlined}`?")
        } else if let Some(near) = did_you_mean(&key, kind.keys()) {
            format!("did you mean `{near}`?")
        } else if let Some(meant) = meant(&key) {
            format!("did you mean `{meant}`?")
        } else if let Some(other) = elsewhere {
            format!("it is a key of [{}…]", other.section)
        } else {
            "take it away".to_owned()
        };
        let message = format!("supervisord ignores `{key}` in [{section}]: it has no such key");
        reading.warn(&at, "S02", message, help);
    }
}

/// Names that other programs have for the same.
fn meant(key: &str) -> Option<&'static str> {
    Some(match key {
        "cwd" | "chdir" | "workdir" | "working_directory" | "workingdirectory" => "directory",
        "env" | "environ" => "environment",
        "cmd" | "exec" | "execstart" => "command",
        "restart" => "autorestart",
        "log" | "logfile" | "stdout" => "stdout_logfile",
        "stderr" => "stderr_logfile",
        "uid" => "user",
        _ => return None,
    })
}

fn odd(reading: &mut Reading<'_>, oddity: Oddity) {
    match oddity {
        Oddity::Cut(section, key, rest) => {
            // A remark of words behind two blanks or more is what comments are for; a sign within a value is not.
            let known = kind(&section).is_some_and(|k| k.open || k.has(&key));
            let remark = rest[1..].starts_with(crate::pystr::is_space) || rest.len() == 1;
            let open = reading.ini.get(&section, &key).is_some_and(|entry| {
                entry.value.matches('"').count() % 2 == 1
                    || entry.value.matches('\'').count() % 2 == 1
            });
            if !known || (remark && !open) {
                return;
            }
            let secret = key.contains("password") || key == "environment";
            let shown = if secret { "the rest" } else { rest.as_str() };
            let message =
                format!("`{key}` of [{section}] ends before {shown}: what follows is a comment");
            reading.warn(
                &rest,
                "S10",
                message,
                "a `;` or `#` with a blank before it begins a comment, in quotes too; take the blank away",
            );
        }
        Oddity::Again(section, key, old) => {
            let message = format!(
                "`{}` comes twice in [{section}]; this one counts, that of line {} does not",
                key.as_str(),
                old.start().map_or(0, |at| at.line)
            );
            reading.warn(&key, "S45", message, "take one of the two away");
        }
        Oddity::SectionAgain(header, old) => {
            let named = header.contains(':');
            let message = format!(
                "[{}] came before, at line {}: the two are one section",
                header.as_str(),
                old.start().map_or(0, |at| at.line)
            );
            let help = if named {
                "give one of them another name"
            } else {
                "write it once"
            };
            reading.warn(&header, "S03", message, help);
        }
        Oddity::BehindHeader(rest) => {
            let message = "supervisord ignores what stands behind a section's name".to_owned();
            reading.warn(&rest, "S01", message, "take it away");
        }
        Oddity::Fallen(section, key) => {
            let message = format!(
                "`{}` is a key of its own in [{section}], though the value above it ends in a comma",
                key.as_str()
            );
            let help = "indent the line if it belongs to the value above";
            reading.warn(&key, "S45", message, help);
        }
    }
}

impl Reading<'_> {
    /// What an `environment` lost on its way through `shlex`.
    pub(super) fn warn_torn(&mut self, section: &str, pairs: &Pairs) {
        if pairs.torn.is_empty() && !pairs.commented {
            return;
        }
        let at = self.place(section, "environment");
        let help = "put the value into double quotes: KEY=\"value\"";
        for (key, sign) in &pairs.torn {
            let separator =
                sign.chars().count() == 1 && !sign.chars().all(|c| c.is_alphanumeric() || c == '_');
            let message = if separator {
                format!("`{key}` in the environment of [{section}] ends before `{sign}`")
            } else {
                format!("`{key}` in the environment of [{section}] loses what follows its quotes")
            };
            self.warn_once(&at, "S13", message, help);
        }
        if pairs.commented {
            let message = format!(
                "the environment of [{section}] has a `#` that is not quoted: the rest of that line is a comment"
            );
            self.warn_once(&at, "S13", message, help);
        }
    }

    /// Processes of one section share their environment: once is enough.
    fn warn_once(&mut self, at: &Text, id: &'static str, message: String, help: &str) {
        if !self.found.said(&message) {
            self.warn(at, id, message, help);
        }
    }

    /// What supervisord accepts with a line in its log.
    pub(super) fn warn_logged(
        &mut self,
        section: &str,
        key: &str,
        id: &'static str,
        words: String,
        warnings: &mut Vec<String>,
    ) {
        let message = words.replace("  ", " ");
        if !self.found.said(&message) {
            let at = self.place(section, key);
            let diagnostic = Diagnostic::warning(id, message).at(&at);
            self.found.note(diagnostic, Some(words.clone()));
        }
        warnings.push(words);
    }
}

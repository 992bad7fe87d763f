//! argv to [`Invocation`]: what was typed, nothing looked up.
//!
//! zc.buildout's own grammar: options and assignments in any order before the command, letters in clusters (`-Nvv`), the
//! value of `-c` glued or apart, that of `-t` apart. The long forms are ours. Everything behind the command is the
//! command's. zc.buildout: buildout.py, `main`.

use crate::config::load::Override;
use crate::error::{Error, Result};
use crate::pystr::strip;
use crate::wording::did_you_mean;

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invocation {
    pub(super) config_file: String,
    pub(super) overrides: Vec<Override>,
    pub(super) user_defaults: bool,
    /// `-D`: a debugger where a Python recipe fails.
    pub(super) debug: bool,
    pub(super) python: Option<String>,
    pub(super) color: Color,
    pub(super) command: String,
    pub(super) arguments: Vec<String>,
    /// The same command line as zc.buildout's own, which has no long forms: what an extension finds as `sys.argv[1:]` and
    /// may read itself, or keep to start `bin/buildout` with (mr.developer does both).
    pub(super) as_buildout: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    Run(Box<Invocation>),
    Help,
    Version,
}

/// Long forms and the letters they stand for.
const LONG: [(&str, &str); 12] = [
    ("--config", "-c"),
    ("--timeout", "-t"),
    ("--newest", "-n"),
    ("--no-newest", "-N"),
    ("--offline", "-o"),
    ("--online", "-O"),
    ("--quiet", "-q"),
    ("--verbose", "-v"),
    ("--no-user-defaults", "-U"),
    ("--debug", "-D"),
    ("--python", ""),
    ("--color", ""),
];

/// Reads the arguments behind the program's name.
pub(super) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Parsed> {
    let mut arguments = arguments.into_iter().peekable();
    let mut verbosity = 0;
    let mut invocation = Invocation {
        config_file: "buildout.cfg".to_owned(),
        overrides: Vec::new(),
        user_defaults: true,
        debug: false,
        python: None,
        color: Color::Auto,
        command: "install".to_owned(),
        arguments: Vec::new(),
        as_buildout: Vec::new(),
    };
    while let Some(argument) = arguments.next_if(|a| a.starts_with('-') || a.contains('=')) {
        let mut same = vec![argument.clone()];
        if argument.starts_with("--") {
            let (name, glued) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            same.clear();
            match name {
                "--help" => return Ok(Parsed::Help),
                "--version" => return Ok(Parsed::Version),
                "--python" => invocation.python = Some(value(name, glued, &mut arguments)?),
                "--color" => invocation.color = color(&value(name, glued, &mut arguments)?)?,
                "--config" => {
                    invocation.config_file = value(name, glued, &mut arguments)?;
                    same = vec!["-c".to_owned(), invocation.config_file.clone()];
                }
                "--timeout" => {
                    let seconds = timeout(value(name, glued, &mut arguments)?)?;
                    invocation.set("socket-timeout", &seconds);
                    same = vec!["-t".to_owned(), seconds];
                }
                _ => match LONG
                    .iter()
                    .find(|(long, _)| *long == name && glued.is_none())
                {
                    Some((_, letter)) => {
                        invocation.letters(&letter[1..], &mut verbosity);
                        same = vec![(*letter).to_owned()];
                    }
                    None => return Err(unknown(name)),
                },
            }
        } else if let Some(cluster) = argument.strip_prefix('-') {
            if cluster
                .chars()
                .take_while(|c| "vqhWUoOnNDA".contains(*c))
                .any(|c| "hWA".contains(c))
            {
                return Ok(Parsed::Help);
            }
            let rest = invocation.letters(cluster, &mut verbosity);
            match rest.split_at_checked(1) {
                Some(("c", "")) => {
                    invocation.config_file = arguments.next().ok_or_else(|| {
                        Error::user(format!("No file name specified for option {argument}"))
                    })?;
                    same.push(invocation.config_file.clone());
                }
                Some(("c", file)) => file.clone_into(&mut invocation.config_file),
                Some(("t", _)) => {
                    let seconds = arguments.next().ok_or_else(|| {
                        Error::user(format!("No timeout value specified for option {argument}"))
                    })?;
                    same.push(seconds.clone());
                    invocation.set("socket-timeout", &timeout(seconds)?);
                }
                _ => {
                    if let Some(letter) = rest.chars().next() {
                        return Err(Error::user(format!("Invalid option -{letter}")));
                    }
                    if cluster.is_empty() {
                        return Err(Error::user("Invalid option -"));
                    }
                }
            }
        } else if let Some((name, value)) = argument.split_once('=') {
            invocation.overrides.push(assignment(name, value)?);
        }
        invocation.as_buildout.append(&mut same);
    }
    if verbosity != 0 {
        invocation.set("verbosity", &verbosity.to_string());
    }
    if let Some(command) = arguments.next() {
        invocation.as_buildout.push(command.clone());
        invocation.command = command;
    }
    invocation.arguments = arguments.collect();
    let theirs = invocation
        .arguments
        .iter()
        .filter(|argument| *argument != "--strict");
    invocation.as_buildout.extend(theirs.cloned());
    Ok(Parsed::Run(Box::new(invocation)))
}

impl Invocation {
    fn set(&mut self, option: &str, value: &str) {
        self.overrides.push(Override {
            section: "buildout".into(),
            option: option.into(),
            value: value.into(),
        });
    }

    /// Takes the letters that stand alone; gives back the rest of the cluster.
    fn letters<'a>(&mut self, cluster: &'a str, verbosity: &mut i32) -> &'a str {
        for (at, letter) in cluster.char_indices() {
            match letter {
                'v' => *verbosity += 10,
                'q' => *verbosity -= 10,
                'U' => self.user_defaults = false,
                'o' => self.set("offline", "true"),
                'O' => self.set("offline", "false"),
                'n' => self.set("newest", "true"),
                'N' => self.set("newest", "false"),
                'D' => self.debug = true,
                _ => return &cluster[at..],
            }
        }
        ""
    }
}

fn value(
    name: &str,
    glued: Option<String>,
    arguments: &mut impl Iterator<Item = String>,
) -> Result<String> {
    glued
        .or_else(|| arguments.next())
        .ok_or_else(|| Error::user(format!("No value specified for option {name}")))
}

fn timeout(seconds: String) -> Result<String> {
    if strip(&seconds).parse::<i64>().is_ok() {
        Ok(seconds)
    } else {
        Err(Error::user("Timeout value must be numeric"))
    }
}

fn color(value: &str) -> Result<Color> {
    match value {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(Error::user(format!(
            "Invalid value for option --color: {value} (auto, always or never)"
        ))),
    }
}

fn unknown(name: &str) -> Box<Error> {
    let known = LONG
        .iter()
        .map(|(long, _)| *long)
        .chain(["--help", "--version"]);
    let help = match did_you_mean(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`rbuildout --help` lists the options".to_owned(),
    };
    Error::user(format!("Invalid option {name}")).hint("option", "there is no such option", help)
}

fn assignment(name: &str, value: &str) -> Result<Override> {
    let parts: Vec<&str> = name.split(':').collect();
    let (section, option) = match parts.as_slice() {
        [option] => ("buildout", *option),
        [section, option] => (*section, *option),
        _ => {
            let help = "an assignment is `section:option=value`";
            return Err(Error::user(format!("Invalid option: {name}")).hint(
                "assignment",
                "too many colons",
                help,
            ));
        }
    };
    let text = |s: &str| strip(s).to_owned();
    Ok(Override {
        section: text(section),
        option: text(option),
        value: text(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> std::result::Result<Invocation, String> {
        match parse(line.split(' ').map(str::to_owned)) {
            Ok(Parsed::Run(invocation)) => Ok(*invocation),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.message),
        }
    }

    fn overrides(invocation: &Invocation) -> String {
        let one = |o: &Override| format!("{}:{}={}", o.section, o.option, o.value);
        invocation
            .overrides
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn options_and_assignments_in_any_order() {
        let i = run("-Nvv a:b=1 -cx.cfg c=2 -t 5 install supervisor -v").unwrap();
        assert_eq!(
            (i.config_file.as_str(), i.command.as_str()),
            ("x.cfg", "install")
        );
        assert_eq!(i.arguments, ["supervisor", "-v"]);
        assert_eq!(
            overrides(&i),
            "buildout:newest=false a:b=1 buildout:c=2 buildout:socket-timeout=5 buildout:verbosity=20"
        );
    }

    #[test]
    fn long_forms() {
        let i = run("--no-newest --config x.cfg --python=/py annotate").unwrap();
        assert_eq!(
            (i.config_file.as_str(), i.python.as_deref()),
            ("x.cfg", Some("/py"))
        );
        assert_eq!(overrides(&i), "buildout:newest=false");
    }

    #[test]
    fn as_zc_buildout_would_have_been_told() {
        let i = run(
            "--python /py -Nvv --config x.cfg --timeout=5 -t 6 -c y.cfg --color=never a:b=1 --offline install --strict p",
        )
        .unwrap();
        assert_eq!(
            i.as_buildout.join(" "),
            "-Nvv -c x.cfg -t 5 -t 6 -c y.cfg a:b=1 -o install p"
        );
    }

    #[test]
    fn mistakes() {
        assert_eq!(
            run("-c").unwrap_err(),
            "No file name specified for option -c"
        );
        assert_eq!(run("-t x").unwrap_err(), "Timeout value must be numeric");
        assert_eq!(run("-x").unwrap_err(), "Invalid option -x");
        assert_eq!(run("a:b:c=1").unwrap_err(), "Invalid option: a:b:c");
        assert_eq!(run("-vh").unwrap_err(), "Help");
    }
}

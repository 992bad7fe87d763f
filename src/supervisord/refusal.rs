//! How refusals are told to people: the option and what is wrong with it, then what to do.
//!
//! Supervisor's own words often name no option, and print values that are secrets; they go beside these.

use super::datatypes::Bad;

/// The sentence for a value that supervisord refuses.
pub(super) fn message(section: &str, key: &str, bad: &Bad) -> String {
    let subject = format!("`{key}` of [{section}]");
    let reason = match bad.id {
        _ if bad.words.contains(" is badly formatted: ") => {
            let reason = bad.words.rsplit(" is badly formatted: ").next();
            format!(
                "has a `%` that is no expansion ({})",
                reason.unwrap_or_default()
            )
        }
        _ if bad.words.contains(" which cannot be expanded.") => {
            let name = bad
                .words
                .split("contains names ('")
                .nth(1)
                .unwrap_or_default();
            let name = name.split("')").next().unwrap_or_default();
            format!("uses `%({name})s`, which supervisord does not know here")
        }
        "S13" => "is not a list of KEY=\"value\" pairs".to_owned(),
        _ => return format!("{subject}: {}", bad.words),
    };
    format!("{subject} {reason}")
}

/// What to do about a refusal of this id.
pub(super) fn help(id: &str) -> Option<&'static str> {
    Some(match id {
        "S06" => {
            "name programs that have a [program:…] section; `programs` is a list with commas between and none at the end"
        }
        "S07" => "names of programs, groups and listeners have no blank, `:` or `/`",
        "S08" => "add `command = …`",
        "S11" => {
            "write `%%` for a percent sign (`%%%%` in *_logfile, and in the environment of [supervisord] up to 4.3)"
        }
        "S12" => "the variable must be in the environment that supervisord is started with",
        "S13" => {
            "put values into double quotes, and commas between the pairs: KEY=\"value\",OTHER=\"value\""
        }
        "S16" => "make the directory, or name one that is there",
        "S18" => "sizes are whole numbers, alone or with KB, MB or GB behind them",
        "S20" => "true or false",
        "S21" => "true, false or unexpected",
        "S23" => {
            "a value of this form is not accepted; numbers are whole, modes are octal, exit codes are 0 to 255"
        }
        "S24" => "leave `killasgroup` out: it follows `stopasgroup`",
        "S25" => "say `process_name = %(program_name)s_%(process_num)02d`",
        "S26" => "name a user (or its number) that this machine has",
        "S28" => "see the table of event types in supervisor's manual",
        "S30" => "`port = 127.0.0.1:9001`: a host and a number from 1 to 65535",
        "S31" => "give both `username` and `password`",
        "S36" => "add `files = …` or take [include] away",
        "S44" => "critical, error, warn, info, debug, trace or blather",
        "S46" => "supervisord must be able to import it: `module:attribute`",
        "S47" => "`socket = tcp://host:port` or `socket = unix:///absolute/path`",
        _ => return None,
    })
}

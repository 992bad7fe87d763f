//! `--help` and `--version`.

use std::fmt::Write as _;

use super::commands::{COMMANDS, Command};
use crate::config::defaults::IMITATED_VERSION;

/// The help.
pub(super) fn text() -> String {
    let mut out = String::from(
        "rbuildout does what zc.buildout's bin/buildout does: it installs the parts of a buildout.cfg.

Usage: rbuildout [OPTION]... [SECTION:OPTION=VALUE]... [COMMAND [ARGUMENT]...]

Commands:
",
    );
    for Command {
        name,
        usage,
        summary,
        ..
    } in COMMANDS
    {
        let command = format!("{name} {usage}");
        if command.len() < 24 {
            let _ = writeln!(out, "  {command:<24}{summary}");
        } else {
            let _ = writeln!(out, "  {command}\n{:26}{summary}", "");
        }
    }
    out.push_str(
        "
Options:
  -c, --config FILE       The configuration; buildout.cfg where none is named
  -N, --no-newest         Keep eggs that satisfy what is asked for; ask the index only for missing ones
  -n, --newest            Ask the index for newer eggs (the default)
  -o, --offline           Use only what is there
  -O, --online            Use the network, whatever the configuration says
  -U, --no-user-defaults  Don't read ~/.buildout/default.cfg
  -t, --timeout SECONDS   How long to wait for the network
  -v, --verbose           Say more; may be repeated
  -q, --quiet             Say less; may be repeated
  -D, --debug             Start the debugger where a recipe in Python fails
      --python FILE       The interpreter, where the configuration names none
      --color WHEN        auto, always or never
  -h, --help              This text
      --version           The version

Assignments stand for options of the configuration: `buildout:parts=supervisor`, `supervisor:port=9002`;
`section:option+=value` and `-=` add and remove lines. Options and assignments come before the command, in any order.

Examples:
  rbuildout                          install everything
  rbuildout -N install supervisor    one part, without asking for newer eggs
  rbuildout annotate supervisor      where do its values come from?
  rbuildout check --conf FILE        is this supervisord.conf right?
",
    );
    out
}

/// The help in the shape of zc.buildout's, for those who call us by its name.
pub(super) fn text_of_buildout() -> String {
    let mut out = String::from(
        "Usage: buildout [options] [assignments] [command [command arguments]]

Options:

  -c config_file

    Specify the path to the buildout configuration file to be used.
    This defaults to the file named \"buildout.cfg\" in the current
    working directory.

  -N, -n                Not newest, newest
  -o, -O                Offline, online
  -U                    Without ~/.buildout/default.cfg
  -t seconds            How long to wait for the network
  -v, -q                Say more, say less
  -D                    Start the debugger where a recipe in Python fails

  -h, --help

    This text; that of `rbuildout --help` says more.

  --version

    The version of zc.buildout that this program stands for.

Commands:

",
    );
    for command in COMMANDS {
        let _ = writeln!(
            out,
            "  {} {}\n\n    {}\n",
            command.name, command.usage, command.summary
        );
    }
    out
}

/// The version, and that of zc.buildout whose behaviour it has; called by zc.buildout's name, that alone.
pub(super) fn version(as_buildout: bool) -> String {
    if as_buildout {
        return format!("buildout version {IMITATED_VERSION}\n");
    }
    format!(
        "rbuildout {} (as buildout version {IMITATED_VERSION})\n",
        env!("CARGO_PKG_VERSION")
    )
}

//! `--help` and `--version`.

use std::fmt::Write as _;

use super::commands::COMMANDS;
use crate::config::defaults::IMITATED_VERSION;

/// The help.
pub(super) fn text() -> String {
    let mut out = String::from(
        "rbuildout does what zc.buildout's bin/buildout does: it installs the parts of a buildout.cfg.

Usage: rbuildout [OPTION]... [SECTION:OPTION=VALUE]... [COMMAND [ARGUMENT]...]

Commands:
",
    );
    for command in COMMANDS {
        let _ = writeln!(
            out,
            "  {:<24}{}",
            format!("{} {}", command.name, command.usage),
            command.summary
        );
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
  -D, --debug             Accepted for compatibility
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

/// The version, and that of zc.buildout whose behaviour it has.
pub(super) fn version() -> String {
    format!(
        "rbuildout {} (as buildout version {IMITATED_VERSION})\n",
        env!("CARGO_PKG_VERSION")
    )
}

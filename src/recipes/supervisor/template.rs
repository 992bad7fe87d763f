//! Sections of supervisord.conf with their fixed text, and how values get into them.
//!
//! Byte for byte what the original's templates give: where a blank line stands between sections and where it does not.
//! collective.recipe.supervisor: templates.py.

use crate::text::Text;

/// Puts values in place of `{name}`; each keeps its origin. What a value holds is not looked at.
pub(super) fn fill(template: &str, values: &[(&str, &Text)]) -> Text {
    let mut out = Text::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        if let Some((_, value)) = values.iter().find(|(n, _)| *n == name) {
            out.push(value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

// The last three are whole lines, or empty ones where their options are not set.
pub(super) const SUPERVISORD: &str = "\
[supervisord]
childlogdir = {childlogdir}
logfile = {logfile}
logfile_maxbytes = {logfile-maxbytes}
logfile_backups = {logfile-backups}
loglevel = {loglevel}
pidfile = {pidfile}
umask = {umask}
nodaemon = {nodaemon}
nocleanup = {nocleanup}
{supervisord-user}
{supervisord-directory}
{supervisord-environment}
";

pub(super) const ENV_PATH: &str = "environment=PATH={env-path}\n";

pub(super) const INET_HTTP_SERVER: &str = "\
[inet_http_server]
port = {port}
username = {user}
password = {password}

";

// `chown` is a whole line, or an empty one.
pub(super) const UNIX_HTTP_SERVER: &str = "\
[unix_http_server]
file = {file}
username = {user}
password = {password}
chmod = {chmod}
{chown}

";

pub(super) const SUPERVISORCTL: &str = "\
[supervisorctl]
serverurl = {serverurl}
username = {user}
password = {password}

";

pub(super) const RPC_INTERFACE: &str = "\
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

";

pub(super) const INCLUDE: &str = "
[include]
files = {files}
";

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_not_templates() {
        let (a, b) = ("{b} }".into(), "x".into());
        let filled = fill("{a}-{b}-{nothing}\n", &[("a", &a), ("b", &b)]);
        assert_eq!(filled.as_str(), "{b} }-x-\n");
    }
}

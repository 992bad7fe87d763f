//! What supervisord accepts and was hardly meant: fixtures/supervisord/warnings.txt has a configuration each, and behind
//! `--` all findings with their lines and columns. With RBUILDOUT_RECORD the file is written anew.

use std::fmt::Write as _;

use rbuildout::error::Severity;
use rbuildout::supervisord::Version;

use super::{CONF, Files, check, fixtures};

/// A configuration that nothing is to be said about.
const RIGHT: &str = "[supervisord]
logfile = /site/log/s.log
pidfile = /site/s.pid
childlogdir = /site/log
[unix_http_server]
file = /run/s.sock
[supervisorctl]
serverurl = unix:///run/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
";

fn findings(conf: &str, version: Version) -> String {
    let conf = match conf.strip_prefix("@bare\n") {
        Some(conf) => format!("[supervisord]\n{conf}"),
        None => format!("{RIGHT}{conf}"),
    };
    let files = Files::from([(CONF.to_owned(), conf)]);
    let mut out = String::new();
    for finding in check(&files, version).findings {
        let diagnostic = finding.diagnostic;
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let at = diagnostic.at.unwrap();
        let _ = writeln!(
            out,
            "{} {severity} {}:{} {}",
            diagnostic.id, at.line, at.column, diagnostic.message
        );
    }
    out
}

#[test]
fn each_silent_mistake_is_told_with_its_place() {
    let file = fixtures().join("warnings.txt");
    let recorded = std::fs::read_to_string(&file).unwrap();
    let mut cases = recorded.split("\n== ");
    let mut now = cases.next().unwrap().to_owned();
    let mut count = 0;
    for case in cases {
        let (name, rest) = case.split_once('\n').unwrap();
        let conf = rest.split_once("\n--\n").map_or(rest, |(conf, _)| conf);
        let conf = format!("{}\n", conf.trim_end_matches('\n'));
        let found = findings(&conf, Version::CURRENT);
        let _ = write!(now, "\n== {name}\n{conf}--\n{found}");
        count += 1;
    }
    if std::env::var("RBUILDOUT_RECORD").is_ok() {
        std::fs::write(&file, &now).unwrap();
    }
    assert!(count > 40, "{count}");
    for (ours, theirs) in now.split("\n== ").zip(recorded.split("\n== ")) {
        assert_eq!(ours.trim_end(), theirs.trim_end());
    }
}

#[test]
fn a_right_configuration_has_no_findings() {
    assert_eq!(findings("", Version::CURRENT), "");
}

#[test]
fn releases_differ() {
    let [v33, v42, v43, v44] = ["3.3.5", "4.2.0", "4.3", "4.4"].map(|v| Version::parse(v).unwrap());
    let syslog = "[program:x]\ncommand = /bin/cat\nstdout_syslog = maybe\n";
    assert!(findings(syslog, v43).contains("S20 error 13:17"));
    assert!(findings(syslog, v33).contains("S02 warning 13:1"));
    // Variables of `environment` are known to other values since 4.2.2.
    let own = "[program:x]\ncommand = /bin/cat %(ENV_A)s\nenvironment = A=1\n";
    assert!(findings(own, v42).contains("S12 error 12:11"));
    assert_eq!(findings(own, v43), "");
    // The pairs are in shlex's POSIX mode since 4.4.
    let escaped = "[program:x]\ncommand = /bin/cat\nenvironment = A=a\\ b\n";
    assert!(findings(escaped, v43).contains("S13 error 13:15"));
    assert_eq!(findings(escaped, v44), "");
    // `%(numprocs)d` came with 4.2.0.
    let numprocs = "[program:x]\ncommand = /bin/cat %(numprocs)d\n";
    assert!(findings(numprocs, v33).contains("S11 error 12:11"));
    assert_eq!(findings(numprocs, v42), "");
    assert_eq!(Version::parse("5.0"), None);
}

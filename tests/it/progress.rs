//! How a run goes on, for people: the line of a terminal while it works, the summary at the end, the origins with `-v`.

use std::time::Duration;

use super::support::sandbox::{Ran, Sandbox};
use super::support::server::{Answer, Server};
use super::support::wheels::Wheel;

const PROJECTS: [&str; 3] = ["first", "second", "third"];

/// A buildout with three eggs of an index whose last one comes slowly, and one of a directory.
fn buildout(server: &Server) -> Option<Sandbox> {
    let sandbox = Sandbox::configured(&format!(
        "[buildout]\nparts = a\nindex = {}/simple/\nfind-links = near\n\
         [versions]\nfirst = 1.0\nsecond = 1.0\nthird = 1.0\nnearby = 1.0\n\
         [a]\nrecipe = zc.recipe.egg\neggs =\n  first\n  second\n  third\n  nearby\n",
        server.url
    ))?;
    Wheel::new("nearby", "1.0").wheel(&sandbox.at("near"));
    for project in PROJECTS {
        let wheel = Wheel::new(project, "1.0");
        let made = sandbox.at("made");
        wheel.wheel(&made);
        let bytes = std::fs::read(made.join(wheel.file_name())).unwrap();
        let hash = rbuildout::digest::hex(&<sha2::Sha256 as sha2::Digest>::digest(&bytes));
        let path = format!("/f/{}", wheel.file_name());
        let page = format!("<a href=\"{path}#sha256={hash}\">x</a>");
        server.on(&format!("/simple/{project}/"), [Answer::Html(page)]);
        let half = bytes.len().div_ceil(2);
        server.on(
            &path,
            [if project == "third" {
                Answer::Slow(bytes, half, Duration::from_millis(200))
            } else {
                Answer::File(bytes)
            }],
        );
    }
    Some(sandbox)
}

/// What a terminal shows in the end.
fn screen(ran: &Ran) -> Vec<String> {
    let lines = ran.stdout.split("\r\n").map(|line| {
        let mut shown: Vec<char> = Vec::new();
        for piece in line.split('\r') {
            let chars: Vec<char> = piece.chars().collect();
            shown.splice(..chars.len().min(shown.len()), chars);
        }
        shown.into_iter().collect::<String>().trim_end().to_owned()
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// The summary of a screen, without the seconds and the size.
fn summary(lines: &[String]) -> String {
    let last = lines.last().unwrap();
    let (what, took) = last
        .split_once("; ")
        .unwrap_or_else(|| panic!("{lines:#?}"));
    let seconds = took.strip_suffix(" s").unwrap();
    seconds.parse::<f64>().unwrap();
    match (what.find(" ("), what.find(')')) {
        (Some(from), Some(to)) => format!("{}{}", &what[..from], &what[to + 1..]),
        _ => what.to_owned(),
    }
}

#[test]
fn a_terminal_has_a_line_while_it_works_and_a_summary() {
    let server = Server::new();
    let Some(mut sandbox) = buildout(&server) else {
        return;
    };
    sandbox.set("NO_COLOR", "1");
    let first = sandbox.on_terminal(&[]).succeeds();
    assert!(first.stdout.contains("\r["), "{first:?}");
    assert!(first.stdout.contains("  third-1.0"), "{first:?}");
    let lines = screen(&first);
    // Nothing is left of the line, and no other line was drawn into.
    assert!(lines.contains(&"Got third 1.0.".to_owned()), "{lines:#?}");
    assert!(
        !lines.iter().any(|line| line.starts_with('[')),
        "{lines:#?}"
    );
    assert_eq!(
        summary(&lines),
        "rbuildout: note[summary]: 4 distributions installed: 3 over the network, 1 from the disk"
    );
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    let again = screen(&sandbox.on_terminal(&[]).succeeds());
    assert_eq!(
        summary(&again),
        "rbuildout: note[summary]: 4 distributions installed: 3 from the cache, 1 from the disk"
    );
    // Nothing came, nothing to tell.
    let nothing = screen(&sandbox.on_terminal(&[]).succeeds());
    assert_eq!(nothing, ["Updating a."]);
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    assert!(screen(&sandbox.on_terminal(&["-qq"]).succeeds()).is_empty());
}

#[test]
fn elsewhere_origins_are_told_to_those_who_ask() {
    let server = Server::new();
    let Some(sandbox) = buildout(&server) else {
        return;
    };
    let ours = |ran: &Ran| -> Vec<String> {
        let lines = ran.stderr.lines();
        let came = |line: &&str| line.contains("note[came]") || line.contains("note[summary]");
        lines.filter(came).map(str::to_owned).collect()
    };
    let told = sandbox.run(&["-v"]).succeeds();
    let mut lines = ours(&told);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert_eq!(
        summary(&lines),
        "rbuildout: note[summary]: 4 distributions installed: 3 over the network, 1 from the disk"
    );
    lines.pop();
    assert!(lines[0].starts_with("rbuildout: note[came]: first 1.0 came over the network, "));
    assert!(lines[0].ends_with(" kB"));
    assert_eq!(
        lines[3],
        "rbuildout: note[came]: nearby 1.0 came from the disk"
    );
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    let again = ours(&sandbox.run(&["-v"]).succeeds());
    assert_eq!(
        again[0],
        "rbuildout: note[came]: first 1.0 came from the cache"
    );
    std::fs::remove_dir_all(sandbox.at("eggs")).unwrap();
    sandbox.run(&[]).succeeds().is_quiet();
}

//! Find-links and the index as a buildout names them: when they are looked at, and what is kept of what they offer.

use crate::support::sandbox::Sandbox;
use crate::support::server::{Answer, Server};

#[test]
fn local_find_links_are_told_before_the_parts() {
    let configuration =
        "[buildout]\nparts = a\nfind-links = nowhere\n[a]\nrecipe = zc.recipe.egg\neggs =\n";
    let Some(sandbox) = Sandbox::configured(configuration) else {
        return;
    };
    let told = "root: Not found: nowhere\n";
    let before = format!("{told}Installing a.\n");
    sandbox.run(&[]).succeeds().prints(&before);
    // Unless zc.buildout looks for newer ones of itself, the first part that has find-links is the first to look.
    let after = format!("Updating a.\n{told}");
    sandbox.run(&["-N"]).succeeds().prints(&after);
}

#[test]
fn an_index_that_is_named_as_nothing_is_not_replaced() {
    let configuration =
        "[buildout]\nparts = a\n[a]\nrecipe = zc.recipe.egg\neggs = plug-gamma\nindex =\n";
    let Some(mut sandbox) = Sandbox::configured(configuration) else {
        return;
    };
    let server = Server::new();
    server.on("/simple/plug-gamma/", [Answer::Html(String::new())]);
    sandbox.set("PIP_INDEX_URL", &format!("{}/simple/", server.url));
    let ran = sandbox.run(&[]);
    ran.fails_with(&["Error: Couldn't find a distribution for 'plug-gamma'."])
        .prints("root: Not found: /plug-gamma/\n");
    assert_eq!(server.asked("/simple/plug-gamma/"), 0);
    // The one of pip is there for who names none.
    sandbox.write("buildout.cfg", &configuration.replace("index =\n", ""));
    sandbox
        .run(&[])
        .fails_with(&["Error: Couldn't find a distribution for 'plug-gamma'."]);
    assert_eq!(server.asked("/simple/plug-gamma/"), 1);
}

#[test]
fn what_a_file_url_names_is_not_copied_into_the_download_cache() {
    let Some(sandbox) = Sandbox::configured("") else {
        return;
    };
    let sandbox = sandbox.wheels("packages", &["plug-gamma-0.9"]);
    for (links, copied) in [("file://[ROOT]/packages", 0), ("packages", 1)] {
        drop(std::fs::remove_dir_all(sandbox.at("eggs")));
        let options =
            format!("find-links = {links}\nindex = packages/index\ndownload-cache = kept");
        sandbox.write(
            "buildout.cfg",
            &format!(
                "[buildout]\nparts = a\n{options}\n[a]\nrecipe = zc.recipe.egg\neggs = plug-gamma\n"
            ),
        );
        sandbox.run(&[]).succeeds().prints("Got plug-gamma 0.9.\n");
        assert_eq!(sandbox.names("kept/dist").len(), copied, "{links}");
    }
}

//! Passwords from a program called `keyring` that is first in PATH: when it is asked, what it is asked, what is said where it
//! fails, and that its answer is nowhere.

use std::path::Path;

use crate::support::index::base64;
use crate::support::sandbox::{Ran, Sandbox};
use crate::support::server::{Answer, Server};

const WHEEL: &str = "plug_gamma-0.9-py2.py3-none-any.whl";
const SECRET: &str = "hunter2";

/// A buildout that wants plug-gamma from an index that lets in joe with the secret; `keyring` is this script.
struct Asking {
    server: Server,
    sandbox: Sandbox,
}

impl Asking {
    fn new(user: &str, script: &str) -> Option<Self> {
        let server = Server::new();
        let index = server.url.replace("://", &format!("://{user}"));
        let mut sandbox = Sandbox::configured(&format!(
            "[buildout]\nparts = a\nindex = {index}/simple\nsocket-timeout = 2\n\
             [a]\nrecipe = zc.recipe.egg\neggs = plug-gamma\n"
        ))?
        .wheels("packages", &["plug-gamma-0.9"]);
        let wheel = std::fs::read(sandbox.at("packages").join(WHEEL)).unwrap();
        let credentials = base64(format!("joe:{SECRET}").as_bytes());
        let header = format!("authorization: basic {credentials}\r\n");
        let page = Answer::Html(format!("<a href=\"/f/{WHEEL}\">x</a>"));
        for (path, answer) in [
            ("/simple/plug-gamma/".to_owned(), page),
            (format!("/f/{WHEEL}"), Answer::File(wheel)),
        ] {
            let for_joe = Answer::Authorized(header.clone(), Box::new(answer));
            server.on(&path, [for_joe]);
        }
        if !script.is_empty() {
            let script = format!("#!/bin/sh\necho \"$@\" >> \"$HOME/asked\"\n{script}\n");
            sandbox.write("../bin/keyring", &script);
            let program = sandbox.at("../bin/keyring");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(program, mode).unwrap();
        }
        let path = format!("{}:/usr/bin:/bin", sandbox.at("../bin").display());
        sandbox.set("PATH", &path);
        sandbox.set("RBUILDOUT_KEYRING_PROVIDER", "subprocess");
        Some(Self { server, sandbox })
    }

    /// What happened; the secret is neither said nor written.
    fn run(&self) -> Ran {
        let ran = self.sandbox.run(&["-vv"]);
        assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
        let around = std::fs::canonicalize(self.sandbox.at("..")).unwrap();
        let script = around.join("bin/keyring");
        nowhere(&around, &script);
        ran
    }

    /// What `keyring` was asked, a line for each time; the server's address as a token.
    fn asked(&self) -> String {
        let asked = std::fs::read_to_string(self.sandbox.at("../home/asked")).unwrap_or_default();
        let address = self.server.url.split('/').nth(2).unwrap();
        asked.replace(address, "HOST")
    }

    /// It failed, and this is said of the keyring.
    #[track_caller]
    fn fails_with(&self, help: &str) {
        let address = self.server.url.split('/').nth(2).unwrap();
        let ran = self.run();
        let help = format!("  help: {}\n", help.replace("HOST", address));
        ran.fails_with(&["401 Unauthorized", &help]);
    }
}

#[track_caller]
fn nowhere(directory: &Path, but: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            nowhere(&path, but);
        } else if path != but {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(SECRET), "{}", path.display());
        }
    }
}

/// A script that knows joe's password for this service.
fn knows(service: &str) -> String {
    format!(
        "[ \"$1 $3\" = \"get joe\" ] || exit 2\ncase \"$2\" in {service}) echo {SECRET};; *) exit 1;; esac"
    )
}

#[test]
fn it_is_asked_once_for_the_index_or_the_host() {
    for (service, asked) in [
        ("http://*/simple", "get http://HOST/simple joe\n"),
        ("127.0.0.1:*", "get http://HOST/simple joe\nget HOST joe\n"),
    ] {
        let Some(asking) = Asking::new("joe@", &knows(service)) else {
            return;
        };
        asking.run().succeeds();
        assert_eq!(asking.asked(), asked, "{service}");
        assert!(asking.sandbox.has("bin/gamma"));
    }
}

#[test]
fn it_is_asked_only_by_those_who_want_it() {
    let Some(mut asking) = Asking::new("joe@", &knows("*")) else {
        return;
    };
    for provider in ["", "disabled", "auto", "import"] {
        asking.sandbox.set("RBUILDOUT_KEYRING_PROVIDER", provider);
        let ran = asking.run();
        assert!(!ran.stderr.contains("keyring"), "{}", ran.stderr);
        ran.fails_with(&["401 Unauthorized"]);
    }
    asking.sandbox.unset("RBUILDOUT_KEYRING_PROVIDER");
    asking.run().fails_with(&["401 Unauthorized"]);
    assert_eq!(asking.asked(), "");
    // What pip is told counts where nothing else is said.
    asking
        .sandbox
        .write("pip.conf", "[global]\nkeyring-provider = subprocess\n");
    let file = asking.sandbox.at("pip.conf").display().to_string();
    asking.sandbox.set("PIP_CONFIG_FILE", &file);
    asking.sandbox.set("RBUILDOUT_KEYRING_PROVIDER", "disabled");
    asking.run().fails_with(&["401 Unauthorized"]);
    assert_eq!(asking.asked(), "");
    asking.sandbox.unset("RBUILDOUT_KEYRING_PROVIDER");
    asking.run().succeeds();
    assert_eq!(asking.asked(), "get http://HOST/simple joe\n");
}

#[test]
fn passwords_that_are_known_otherwise_are_not_asked_for() {
    let Some(asking) = Asking::new("joe@", &knows("*")) else {
        return;
    };
    let netrc = format!("machine 127.0.0.1 login joe password {SECRET}\n");
    asking.sandbox.write("../home/.netrc", &netrc);
    let ran = asking.sandbox.run(&[]).succeeds();
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
    assert_eq!(asking.asked(), "");
}

#[test]
fn why_it_gave_none_is_told() {
    for (user, script, help) in [
        (
            "joe@",
            "exit 1".to_owned(),
            "keyring knows no password of joe for http://HOST/simple or HOST",
        ),
        (
            "joe@",
            format!("echo {SECRET}; echo secret store is locked: {SECRET} >&2; exit 3"),
            "keyring ended with status 3: secret store is locked: ****",
        ),
        (
            "joe@",
            format!("sleep 30; echo {SECRET}"),
            "keyring gave no answer within 2 s; socket-timeout in [buildout] gives it more",
        ),
        (
            "joe@",
            "echo wrong".to_owned(),
            "HOST does not take the password that keyring has of joe",
        ),
        (
            "joe@",
            String::new(),
            "there is no keyring: Couldn't run keyring: no such file or directory.",
        ),
        (
            "",
            knows("*"),
            "keyring was not asked: the URL names no user, as in https://USER@HOST/",
        ),
    ] {
        let Some(asking) = Asking::new(user, &script) else {
            return;
        };
        asking.fails_with(help);
    }
}

#[test]
fn a_configuration_that_is_extended_may_need_it_too() {
    let Some(asking) = Asking::new("joe@", &knows("http://*/base.cfg")) else {
        return;
    };
    let credentials = base64(format!("joe:{SECRET}").as_bytes());
    let header = format!("authorization: basic {credentials}\r\n");
    let text = Answer::Text("text/plain", "[buildout]\nparts =\n".to_owned());
    asking
        .server
        .on("/base.cfg", [Answer::Authorized(header, Box::new(text))]);
    let url = asking.server.url.replace("://", "://joe@");
    asking.sandbox.write(
        "buildout.cfg",
        &format!("[buildout]\nextends = {url}/base.cfg\n"),
    );
    asking.run().succeeds();
    assert_eq!(asking.asked(), "get http://HOST/base.cfg joe\n");
    asking
        .sandbox
        .write("../bin/keyring", "#!/bin/sh\nexit 1\n");
    let ran = asking.run();
    ran.fails_with(&[
        "error[extends-url]",
        "help: keyring knows no password of joe for http://",
    ]);
}

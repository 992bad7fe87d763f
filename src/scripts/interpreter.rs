//! The `interpreter =` script: a Python with the `sys.path` of the working set.
//!
//! zc.buildout: easy_install.py, `_pyscript`, `py_script_template`. It is executed as it stands, so it must be the same
//! text.

use super::{Place, template};
use crate::generation::InterpreterText;
use crate::python::Facts;
use crate::text::Text;

pub(super) fn script(
    facts: &Facts,
    place: &Place,
    initialization: &Text,
    kind: InterpreterText,
) -> Text {
    let comma = if place.paths.is_empty() { "" } else { "," };
    let mut text = template::paths(&format!("#!{}", facts.executable), place, "\n", comma);
    text.push(initialization);
    text.push_str(&body(facts, kind));
    text
}

/// The body that a generation writes.
fn body(facts: &Facts, kind: InterpreterText) -> String {
    let mut body = BODY.to_owned();
    match kind {
        InterpreterText::Present => {}
        InterpreterText::WithBlanks => {
            let end = "the extension.";
            body = body.replace(end, &format!("{end}{:14}", ""));
        }
        InterpreterText::WithoutIsolation => {
            for piece in [OPTIONS_EXPLAINED, ISOLATION] {
                body = body.replace(piece, "");
            }
            body = body.replace("'Iic:m:'", "'ic:m:'");
        }
    }
    if facts.python_version.starts_with("2.") {
        body = body.replace("with open(__file__) as", "with open(__file__, 'U') as");
    }
    body
}

const OPTIONS_EXPLAINED: &str = r#"    # The Python interpreter wrapper allows only some of the options that a
    # "regular" Python interpreter accepts.
"#;

const ISOLATION: &str = r"        elif _opt == '-I':
            # Allow yet silently ignore the `-I` option. The original behaviour
            # for this option is to create an isolated Python runtime. It was
            # deemed acceptable to allow the option here as this Python wrapper
            # is isolated from the system Python already anyway.
            # The specific use-case that led to this change is how the Python
            # language extension for Visual Studio Code calls the Python
            # interpreter when initializing the extension.
            pass
";

/// What the script does: as much of Python's command line as `-I`, `-i`, `-c`, `-m` and a file.
const BODY: &str = r#"

_interactive = True
if len(sys.argv) > 1:
    # The Python interpreter wrapper allows only some of the options that a
    # "regular" Python interpreter accepts.
    _options, _args = __import__("getopt").getopt(sys.argv[1:], 'Iic:m:')
    _interactive = False
    for (_opt, _val) in _options:
        if _opt == '-i':
            _interactive = True
        elif _opt == '-c':
            exec(_val)
        elif _opt == '-m':
            sys.argv[1:] = _args
            _args = []
            __import__("runpy").run_module(
                 _val, {}, "__main__", alter_sys=True)
        elif _opt == '-I':
            # Allow yet silently ignore the `-I` option. The original behaviour
            # for this option is to create an isolated Python runtime. It was
            # deemed acceptable to allow the option here as this Python wrapper
            # is isolated from the system Python already anyway.
            # The specific use-case that led to this change is how the Python
            # language extension for Visual Studio Code calls the Python
            # interpreter when initializing the extension.
            pass

    if _args:
        sys.argv[:] = _args
        __file__ = _args[0]
        del _options, _args
        with open(__file__) as __file__f:
            exec(compile(__file__f.read(), __file__, "exec"))

if _interactive:
    del _interactive
    __import__("code").interact(banner="", local=globals())
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_ones_do_not_know_is_taken_out() {
        assert!(BODY.contains(OPTIONS_EXPLAINED) && BODY.contains(ISOLATION));
    }
}

//! Conditions of sections that hold nowhere: a value that the variable never has.

use std::sync::Arc;

use super::Check;
use super::finding::Finding;
use super::subject::Subject;
use crate::config::outline::Kind;
use crate::error::Diagnostic;
use crate::text::Origin;
use crate::wording::did_you_mean;

pub(super) const CHECK: Check = Check {
    ids: &[(
        "dead-condition",
        "the condition of a section compares with a value that there is not",
    )],
    run,
};

/// Variables of conditions that have few values, and these.
const VALUES: &[(&str, &[&str])] = &[
    ("os_name", &["posix", "nt", "java"]),
    (
        "sys_platform",
        &[
            "linux", "linux2", "darwin", "win32", "cygwin", "freebsd", "aix", "sunos5", "java",
        ],
    ),
    (
        "platform_system",
        &[
            "Linux", "Darwin", "Windows", "Java", "FreeBSD", "SunOS", "AIX", "OpenBSD", "NetBSD",
        ],
    ),
    (
        "platform_python_implementation",
        &["CPython", "PyPy", "Jython", "IronPython"],
    ),
    (
        "implementation_name",
        &["cpython", "pypy", "jython", "ironpython"],
    ),
];

fn run(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for (source, lines) in &subject.files {
        for line in lines {
            let Kind::Header {
                expression: Some(expression),
                column,
                ..
            } = &line.kind
            else {
                continue;
            };
            let Some((offset, variable, value)) = never_equal(expression) else {
                continue;
            };
            let before = expression[..offset].chars().count();
            let at = Origin {
                source: Arc::clone(source),
                line: line.number,
                column: column + u32::try_from(before).unwrap_or(0),
            };
            let values = VALUES.iter().find(|(name, _)| *name == variable);
            let values = values.map_or(&[][..], |(_, values)| *values);
            let help = match did_you_mean(value, values.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => match values
                    .iter()
                    .find(|known| known.eq_ignore_ascii_case(value))
                {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it is one of {}", values.join(", ")),
                },
            };
            let message = format!("`{variable}` is never `{value}`: this section never counts");
            let diagnostic = Diagnostic::warning("dead-condition", message)
                .at_origin(Some(at), value.chars().count())
                .help(help);
            found.push(Finding::new(diagnostic));
        }
    }
}

/// The first comparison of a condition that can't hold: where the value begins, the variable, the value.
fn never_equal(expression: &str) -> Option<(usize, &str, &str)> {
    // With an `or` or a `not` the rest may hold all the same.
    let words = || expression.split(|c: char| !c.is_alphanumeric() && c != '_');
    if words().any(|word| matches!(word, "or" | "not" | "if")) {
        return None;
    }
    for (variable, values) in VALUES {
        for (at, _) in expression.match_indices(variable) {
            let rest = &expression[at + variable.len()..];
            let Some(rest) = rest.trim_start().strip_prefix("==") else {
                continue;
            };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let Some((value, _)) = rest[1..].split_once(quote) else {
                continue;
            };
            let known = values.contains(&value)
                || (*variable == "sys_platform"
                    && values.iter().any(|known| value.starts_with(known)));
            if !known {
                let offset = (value.as_ptr() as usize) - (expression.as_ptr() as usize);
                return Some((offset, variable, value));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::never_equal;

    #[test]
    fn only_what_never_holds_is_told() {
        assert_eq!(
            never_equal("platform_system == 'linux'"),
            Some((20, "platform_system", "linux"))
        );
        assert_eq!(never_equal("sys_platform == 'freebsd13'"), None);
        assert_eq!(never_equal("os_name == 'x' or python3"), None);
        assert_eq!(never_equal("not os_name == 'x'"), None);
        assert_eq!(never_equal("'linux' in sys_platform"), None);
    }
}

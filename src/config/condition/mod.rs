//! `[name:expression]` in Python's syntax, decided without starting a Python.
//!
//! A subset: comparisons, `and`, `or`, `not`, `in`, `if … else`, tuples, lists, indexing, strings, integers, `+`, attributes and
//! methods that conditions use, over the names that zc.buildout gives them. What is outside of it is not wrong: `None`
//! says that the interpreter has to be asked, which also words the error if there is one. Environment markers come first and
//! are not read here. zc.buildout: configparser.py, `parse`; buildout.py, `_default_globals`.

mod syntax;
mod value;

use indexmap::IndexMap;

use syntax::{Expression, parse};
pub use value::Value;

/// What names stand for: `python3`, `sys.platform`, `platform.machine()`.
pub type Names = IndexMap<String, Value>;

/// The facts of an interpreter that conditions are about.
#[derive(Clone, Debug, Default)]
pub struct Interpreter {
    /// `sys.version`.
    pub version: String,
    /// `platform.python_version()`: `3.13.0rc1`.
    pub full_version: String,
    /// `sys.platform`.
    pub platform: String,
    /// `os.name`.
    pub os_name: String,
    /// `little` or `big`.
    pub byte_order: String,
    /// 32 or 64.
    pub pointer_bits: u32,
    /// `platform.system()`, `.machine()`, `.release()`, `.version()`, `.python_implementation()`.
    pub system: String,
    pub machine: String,
    pub release: String,
    pub system_version: String,
    pub implementation: String,
    /// `sys.executable`, `.prefix`, `.base_prefix`.
    pub executable: String,
    pub prefix: String,
    pub base_prefix: String,
}

/// Minor versions that have a name: `python27`, `python311`.
const MINOR_VERSIONS: [&str; 24] = [
    "24", "25", "26", "27", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "310",
    "311", "312", "313", "314", "315", "316", "317", "318", "319",
];

impl Interpreter {
    /// The names that a condition may use.
    pub fn names(&self) -> Names {
        let numbers: Vec<&str> = self.full_version.splitn(3, '.').collect();
        let number = |at: usize| numbers.get(at).copied().unwrap_or("0");
        let (major, minor) = (number(0), number(1));
        let mut names = Names::new();
        let mut flag = |name: String, value: bool| {
            names.insert(name, Value::Bool(value));
        };
        flag("python2".to_owned(), major == "2");
        flag("python3".to_owned(), major == "3");
        let both = format!("{major}{minor}");
        for version in MINOR_VERSIONS {
            flag(format!("python{version}"), both == version);
        }
        let version = self.version.to_lowercase();
        let kinds = [("pypy", "pypy"), ("jython", "java"), ("ironpython", "iron")];
        let is = |word: &str| version.contains(word);
        flag(
            "cpython".to_owned(),
            !kinds.iter().any(|(_, word)| is(word)),
        );
        for (name, word) in kinds {
            flag(name.to_owned(), is(word));
        }
        let platform = self.platform.to_lowercase();
        for (name, word) in [
            ("linux", "linux"),
            ("windows", "win32"),
            ("cygwin", "cygwin"),
            ("solaris", "sunos"),
            ("macosx", "darwin"),
        ] {
            flag(name.to_owned(), platform.contains(word));
        }
        flag(
            "posix".to_owned(),
            self.os_name.to_lowercase().contains("posix"),
        );
        flag("bits32".to_owned(), self.pointer_bits == 32);
        flag("bits64".to_owned(), self.pointer_bits == 64);
        flag("little_endian".to_owned(), self.byte_order == "little");
        flag("big_endian".to_owned(), self.byte_order == "big");

        for (name, text) in [
            ("sys.version", &self.version),
            ("sys.platform", &self.platform),
            ("sys.byteorder", &self.byte_order),
            ("sys.executable", &self.executable),
            ("sys.prefix", &self.prefix),
            ("sys.base_prefix", &self.base_prefix),
            ("os.name", &self.os_name),
            ("platform.system()", &self.system),
            ("platform.machine()", &self.machine),
            ("platform.release()", &self.release),
            ("platform.version()", &self.system_version),
            ("platform.python_version()", &self.full_version),
            ("platform.python_implementation()", &self.implementation),
        ] {
            names.insert(name.to_owned(), Value::Text(text.clone()));
        }
        names.insert("os.sep".to_owned(), Value::Text("/".to_owned()));
        let texts = [0, 1, 2].map(|at| Value::Text(number(at).to_owned()));
        names.insert(
            "platform.python_version_tuple()".to_owned(),
            Value::Sequence(texts.to_vec()),
        );
        let parse = |text: &str| text.parse().ok().map(Value::Integer);
        if let (Some(major), Some(minor), Some(info)) =
            (parse(major), parse(minor), version_info(number(2)))
        {
            let all = [vec![major.clone(), minor.clone()], info].concat();
            for (name, value) in ["major", "minor", "micro", "releaselevel", "serial"]
                .iter()
                .zip(&all)
            {
                names.insert(format!("sys.version_info.{name}"), value.clone());
            }
            names.insert("sys.version_info".to_owned(), Value::Sequence(all));
        }
        let largest = if self.pointer_bits == 32 {
            i64::from(i32::MAX)
        } else {
            i64::MAX
        };
        names.insert("sys.maxsize".to_owned(), Value::Integer(largest));
        names
    }
}

/// Of `0rc1`: micro version, release level and serial number, as `sys.version_info` has them.
fn version_info(micro: &str) -> Option<Vec<Value>> {
    let end = micro
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(micro.len());
    let (number, rest) = micro.split_at(end);
    let (level, serial) = match rest.strip_prefix("rc") {
        Some(serial) => ("candidate", serial),
        None => match rest.split_at_checked(1) {
            Some(("a", serial)) => ("alpha", serial),
            Some(("b", serial)) => ("beta", serial),
            // `+`: built between two releases.
            _ => ("final", "0"),
        },
    };
    let serial = serial.trim_end_matches('+');
    Some(vec![
        Value::Integer(number.parse().ok()?),
        Value::Text(level.to_owned()),
        Value::Integer(serial.parse().ok()?),
    ])
}

/// Takes back the escapes of `#` and `;`, which would begin a comment.
pub fn unescaped(expression: &str) -> String {
    expression.replace("\\x23", "#").replace("\\x3b", ";")
}

/// Whether an expression holds; `None` where only Python can tell.
pub fn holds(expression: &str, names: &Names) -> Option<bool> {
    let parsed = parse(expression)?;
    Some(evaluate(&parsed, names)?.is_true())
}

/// The dotted name that an expression is, with `()` for a call without arguments.
fn dotted(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Name(name) => Some(name.clone()),
        Expression::Attribute(of, name) => Some(format!("{}.{name}", dotted(of)?)),
        Expression::Call(called, arguments) if arguments.is_empty() => {
            Some(format!("{}()", dotted(called)?))
        }
        _ => None,
    }
}

fn evaluate(expression: &Expression, names: &Names) -> Option<Value> {
    if let Some(value) = dotted(expression).and_then(|name| names.get(&name)) {
        return Some(value.clone());
    }
    match expression {
        Expression::Literal(value) => Some(value.clone()),
        Expression::Sequence(items) => {
            let items: Option<Vec<Value>> =
                items.iter().map(|item| evaluate(item, names)).collect();
            Some(Value::Sequence(items?))
        }
        Expression::Not(inner) => Some(Value::Bool(!evaluate(inner, names)?.is_true())),
        Expression::Negative(inner) => match evaluate(inner, names)? {
            Value::Integer(number) => number.checked_neg().map(Value::Integer),
            _ => None,
        },
        Expression::And(left, right) => {
            let left = evaluate(left, names)?;
            if left.is_true() {
                evaluate(right, names)
            } else {
                Some(left)
            }
        }
        Expression::Or(left, right) => {
            let left = evaluate(left, names)?;
            if left.is_true() {
                Some(left)
            } else {
                evaluate(right, names)
            }
        }
        Expression::If(then, condition, otherwise) => {
            if evaluate(condition, names)?.is_true() {
                evaluate(then, names)
            } else {
                evaluate(otherwise, names)
            }
        }
        Expression::Comparison(first, others) => {
            let mut left = evaluate(first, names)?;
            for (operator, right) in others {
                let right = evaluate(right, names)?;
                if !left.compare(operator, &right)? {
                    return Some(Value::Bool(false));
                }
                left = right;
            }
            Some(Value::Bool(true))
        }
        Expression::Sum(left, right) => evaluate(left, names)?.plus(evaluate(right, names)?),
        Expression::Item(of, index) => evaluate(of, names)?.item(&evaluate(index, names)?),
        Expression::Slice(of, from, to) => {
            let bound = |index: &Option<Box<Expression>>| match index {
                None => Some(None),
                Some(index) => match evaluate(index, names)? {
                    Value::Integer(number) => Some(Some(number)),
                    _ => None,
                },
            };
            evaluate(of, names)?.slice(bound(from)?, bound(to)?)
        }
        Expression::Call(called, arguments) => {
            let arguments: Option<Vec<Value>> = arguments
                .iter()
                .map(|argument| evaluate(argument, names))
                .collect();
            match &**called {
                Expression::Attribute(of, method) => evaluate(of, names)?.call(method, &arguments?),
                Expression::Name(function) => Value::built_in(function, &arguments?),
                _ => None,
            }
        }
        Expression::Name(_) | Expression::Attribute(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Interpreter {
            version: "3.11.7 (main, Jan  1 2024, 00:00:00) [GCC 12.2.0]".into(),
            full_version: "3.11.7".into(),
            platform: "linux".into(),
            os_name: "posix".into(),
            byte_order: "little".into(),
            pointer_bits: 64,
            system: "Linux".into(),
            machine: "x86_64".into(),
            release: "6.1".into(),
            system_version: "#1".into(),
            implementation: "CPython".into(),
            executable: "/py".into(),
            prefix: "/p".into(),
            base_prefix: "/p".into(),
        }
        .names()
    }

    // The expectations were taken from CPython 3.11 on Linux.
    #[test]
    fn the_subset_is_decided() {
        let names = names();
        for (expression, expected) in [
            ("python3", true),
            ("python27", false),
            ("python311 and not windows", true),
            (" linux or platform.machine() != 'riscv64'", true),
            ("not linux or platform.machine() != 'riscv64'", true),
            ("sys.version_info >= (3, 8)", true),
            ("sys.version_info[:2] == (3, 11)", true),
            ("sys.version_info[0] < 3", false),
            ("sys.version_info.major == 3", true),
            ("(3, 6) <= sys.version_info < (3, 12)", true),
            ("sys.version.startswith('3.11')", true),
            ("sys.platform in ('darwin', 'linux')", true),
            ("sys.platform.startswith(('win', 'lin'))", true),
            ("'win' in sys.platform", false),
            ("sys.platform not in ['linux']", false),
            ("platform.system().lower() == 'linux'", true),
            ("int(platform.python_version_tuple()[1]) > 9", true),
            ("platform.python_version()[0:3] == \"3.1\"", true),
            ("bits64 and little_endian", true),
            ("sys.maxsize > 2147483647", true),
            ("os.name == 'posix' and cpython", true),
            ("True", true),
            ("0", false),
            ("''", false),
            ("None", false),
            ("()", false),
            ("1, 0", true),
            ("1 if windows else 0", false),
            ("'a' + 'b' == r'ab'", true),
            ("-1 < 0 == False", true),
            ("'3' is not None", true),
            ("sys.version_info == 3", false),
            ("len(sys.version_info) == 5", true),
            ("'\\x23' == '#'", true),
        ] {
            assert_eq!(
                holds(&unescaped(expression), &names),
                Some(expected),
                "{expression}"
            );
        }
    }

    #[test]
    fn the_rest_is_pythons() {
        let names = names();
        for expression in [
            "nonsense",
            "sys.version_info > 3",
            "os.environ.get('X')",
            "[x for x in ()]",
            "lambda: 1",
            "1 +",
            "",
            " ",
            "'unclosed",
            "f'{1}'",
            "b'x'",
            "1.5 > 1",
            "re.match('a', 'b')",
            "sys.version_info[9]",
            "'x' < 1",
            "1 if 2",
            "((((",
            "9999999999999999999999",
            "import sys",
            "a = 1",
        ] {
            assert_eq!(holds(expression, &names), None, "{expression}");
        }
        assert_eq!(holds(&"(".repeat(100_000), &names), None);
        assert_eq!(holds(&"not ".repeat(100_000), &names), None);
        assert_eq!(holds(&"-".repeat(100_000), &names), None);
    }
}

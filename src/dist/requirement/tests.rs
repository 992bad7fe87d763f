//! Tables recorded from pkg_resources of zc.buildout 6.0.1 with packaging 26.3.

use super::*;

/// Text, then `str()` and the key.
#[rustfmt::skip]
const READABLE: &[(&str, &str, &str)] = &[
    ("superlance", "superlance", "superlance"),
    ("superlance==2.0.0", "superlance==2.0.0", "superlance"),
    ("superlance [Web, a_b] >= 1.0 , <3", "superlance[a_b,web]<3,>=1.0", "superlance"),
    ("Foo.Bar>1,<2,!=1.5", "Foo.Bar!=1.5,<2,>1", "foo.bar"),
    ("a(>=1)", "a>=1", "a"),
    ("a ( >=1 , <2 )", "a<2,>=1", "a"),
    ("x @ https://h/x.whl", "x @ https://h/x.whl", "x"),
    ("x@https://h/x.whl ; python_version>'3'", "x @ https://h/x.whl ; python_version > \"3\"", "x"),
    ("a;python_version<'3.12' and (extra=='Foo_Bar' or os.name == \"nt\")", "a; python_version < \"3.12\" and (extra == \"foo-bar\" or os_name == \"nt\")", "a"),
    ("a; ((python_version<'3'))", "a; python_version < \"3\"", "a"),
    ("a;extra=='B.c'", "a; extra == \"b-c\"", "a"),
    ("a;(extra=='B.c')", "a; extra == \"b-c\"", "a"),
    ("a===2010e", "a===2010e", "a"),
    ("a == 1.*", "a==1.*", "a"),
    ("a!=1.0.*", "a!=1.0.*", "a"),
    ("a~=1.4.2", "a~=1.4.2", "a"),
    ("a==1.0+x.Y", "a==1.0+x.Y", "a"),
    ("a; python_version not in '2.7 3.0'", "a; python_version not in \"2.7 3.0\"", "a"),
    ("a; '3' <= python_version", "a; \"3\" <= python_version", "a"),
    ("a==1.0a.dev", "a==1.0a.dev", "a"),
    ("a_", "a_", "a-"),
    ("a>=1,", "a>=1", "a"),
    ("a<2,>=1,<2", "a<2,>=1", "a"),
    ("a # comment", "a", "a"),
    ("zope.interface==4.1.3 ; python_implementation=='CPython'", "zope.interface==4.1.3; platform_python_implementation == \"CPython\"", "zope.interface"),
    ("a==1 ; extra=='x' # y", "a==1; extra == \"x\"", "a"),
    ("a\\\nb", "b", "b"),
    ("a[x_Y,x-y,z.z]", "a[x-y,x_y,z.z]", "a"),
    ("a ==1.0-rc1", "a==1.0-rc1", "a"),
    ("a==v1.0", "a==v1.0", "a"),
    ("a @ http://x ;extra=='x'", "a @ http://x ; extra == \"x\"", "a"),
    ("a===1,>2", "a===1,>2", "a"),
    ("a;extra == 'x' or extra == 'y' and os_name=='posix'", "a; extra == \"x\" or extra == \"y\" and os_name == \"posix\"", "a"),
];

const NAME_ENDS: &str = "Expected semicolon (after name with no version specifier) or end";
const VERSION_ENDS: &str =
    "Expected comma (within version specifier), semicolon (after version specifier) or end";
const NO_OPERAND: &str = "Expected a marker variable or quoted string";
const NO_NAME: &str = "Expected package name at the start of dependency specifier";
const OPEN_BRACKET: &str = "Expected matching RIGHT_BRACKET for LEFT_BRACKET, after extras";

/// Text, the words of the error, and the marks under the text.
#[rustfmt::skip]
const UNREADABLE: &[(&str, &str, &str)] = &[
    ("x[e] @ file:///a b; os_name=='posix'", "Expected semicolon (after URL and whitespace) or end", "       ~~~~~~~~~~^"),
    ("a~=1", NAME_ENDS, " ^"),
    ("a>=1.0.*", ".* suffix can only be used with `==` or `!=` operators", " ~~~~~~^"),
    ("a>=1.0+x", "Local version label can only be used with `==` or `!=` operators", " ~~~~~^"),
    ("a>1 b", VERSION_ENDS, " ~~~^"),
    ("a b", NAME_ENDS, "  ^"),
    ("!!!", NO_NAME, "^"),
    ("a==", NAME_ENDS, " ^"),
    ("a[", OPEN_BRACKET, " ~^"),
    ("a[b", OPEN_BRACKET, " ~~^"),
    ("a[b c]", "Expected comma between extra names", "    ^"),
    ("a[b,]", "Expected extra name after comma", "    ^"),
    ("a;", NO_OPERAND, "  ^"),
    ("a;foo=='1'", NO_OPERAND, "  ^"),
    ("a;python_version", "Expected marker operator, one of <=, <, !=, ==, >=, >, ~=, ===, in, not in", "                ^"),
    ("a;python_version<3", NO_OPERAND, "                 ^"),
    ("-a", NO_NAME, "^"),
    ("a-", NAME_ENDS, " ^"),
    ("a.", NAME_ENDS, " ^"),
    ("a=1", NAME_ENDS, " ^"),
    ("a>=1,,<2", VERSION_ENDS, " ~~~~^"),
    ("a(>=1", "Expected matching RIGHT_PARENTHESIS for LEFT_PARENTHESIS, after version specifier", " ~~~~^"),
    ("a; (extra=='x'", "Expected matching RIGHT_PARENTHESIS for LEFT_PARENTHESIS, after marker expression", "   ~~~~~~~~~~~^"),
    ("a @", "Expected URL after @", "   ^"),
    ("a; not in", NO_OPERAND, "   ^"),
    ("a; os_name not 'x'", "Expected 'in' after 'not'", "               ^"),
    ("a==1.0_2", VERSION_ENDS, " ~~~~~^"),
];

#[rustfmt::skip]
const VERSIONS: &[&str] = &[
    "1.0", "1", "1.0.0", "1.0a1", "1.0b2", "1.0.dev1", "1.0.post1", "1.0+x", "1.0+y", "1.0.post1+z",
    "1.4", "1.4.2", "1.4.2.1", "1.5", "2.0", "2.0.post1", "2.0a1", "0.9", "1!1.0", "2010e",
    "1.4.2-preview", "1.0.post2", "1.4a2", "1.0.post1.dev2",
];

/// Clauses, then which of the versions are in.
const CONTAINED: &[(&str, &str)] = &[
    ("", "111111111111111111111111"),
    ("==1.0", "111000011000000000000000"),
    ("==1.0.0", "111000011000000000000000"),
    ("==1.*", "111111111111110000001111"),
    ("!=1.*", "000000000000001111100000"),
    ("!=1.0", "000111100111111111101111"),
    (">=1.0", "111000111111111110101111"),
    ("<=1.0", "111111011000000001000000"),
    ("<1.0", "000000000000000001000000"),
    (">1.0", "000000000011111110101010"),
    ("~=1.4", "000000000011110000001000"),
    ("~=1.4.2", "000000000001100000000000"),
    ("===1.0", "100000000000000000000000"),
    ("===1.0.0", "001000000000000000000000"),
    (">=1.0a1", "111110111111111110101111"),
    ("<1.0a1", "000001000000000001000000"),
    ("==1.0+x", "000000010000000000000000"),
    ("<2.0.post1", "111111111111111011001111"),
    (">1.0.post1", "000000000011111110101110"),
    (">=1.0,<2", "111000111111110000001111"),
    (">1.0a1", "111010111111111110101111"),
    ("~=1.4a1", "000000000011110000001010"),
    ("==1!1.0", "000000000000000000100000"),
    ("===2010e", "000000000000000000010000"),
    ("<=1.0.dev1", "000001000000000001000000"),
    ("==1.0.dev1", "000001000000000000000000"),
];

/// A marker, its text, and whether it holds without an extra, with `x`, with `X-y` (`E`: an error).
#[rustfmt::skip]
const MARKERS: &[(&str, &str, &str)] = &[
    ("python_version<'3.12'", "python_version < \"3.12\"", "111"),
    ("python_version<'3.9'", "python_version < \"3.9\"", "000"),
    ("python_version>='3.10' and os_name=='posix'", "python_version >= \"3.10\" and os_name == \"posix\"", "111"),
    ("python_version in '2.7 3.11'", "python_version in \"2.7 3.11\"", "111"),
    ("python_version not in '2.7 3.11'", "python_version not in \"2.7 3.11\"", "000"),
    ("'3.8' <= python_version", "\"3.8\" <= python_version", "111"),
    ("extra=='x'", "extra == \"x\"", "010"),
    ("extra=='X_y'", "extra == \"x-y\"", "001"),
    ("extra!='x'", "extra != \"x\"", "101"),
    ("os_name=='nt' or extra=='x' and python_version>'3'", "os_name == \"nt\" or extra == \"x\" and python_version > \"3\"", "010"),
    ("(os_name=='nt' or extra=='x') and python_version<'3'", "(os_name == \"nt\" or extra == \"x\") and python_version < \"3\"", "000"),
    ("platform_release>='6'", "platform_release >= \"6\"", "000"),
    ("platform_release=='6.1.0-13-amd64'", "platform_release == \"6.1.0-13-amd64\"", "111"),
    ("sys_platform>'a'", "sys_platform > \"a\"", "000"),
    ("sys_platform<='linux'", "sys_platform <= \"linux\"", "111"),
    ("python_version=='3.*'", "python_version == \"3.*\"", "111"),
    ("python_full_version~='3.11.2'", "python_full_version ~= \"3.11.2\"", "111"),
    ("python_version==='3.11'", "python_version === \"3.11\"", "111"),
    ("'linux' in sys_platform", "\"linux\" in sys_platform", "111"),
    ("'lin' not in sys_platform", "\"lin\" not in sys_platform", "000"),
    ("os_name~='x'", "os_name ~= \"x\"", "EEE"),
    ("'a'=='b'", "\"a\" == \"b\"", "EEE"),
    ("python_version<'three'", "python_version < \"three\"", "000"),
];

fn environment() -> IndexMap<String, String> {
    [
        ("python_version", "3.11"),
        ("python_full_version", "3.11.7"),
        ("os_name", "posix"),
        ("sys_platform", "linux"),
        ("platform_release", "6.1.0-13-amd64"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

#[test]
fn texts_are_packagings() {
    for (text, written, key) in READABLE {
        let requirement = Requirement::parse(text).unwrap();
        assert_eq!(requirement.to_string(), *written);
        assert_eq!(requirement.key(), *key);
    }
}

#[test]
fn errors_are_packagings() {
    for (text, words, marks) in UNREADABLE {
        let error = Requirement::parse(text).unwrap_err();
        assert_eq!(error.message, format!("{words}\n    {text}\n    {marks}"));
    }
    assert!(Requirement::parse("").is_err());
    assert!(Requirement::parse("a\nb").is_err());
}

#[test]
fn versions_are_contained_as_packaging_says() {
    for (clauses, expected) in CONTAINED {
        let requirement = Requirement::parse(&format!("a{clauses}")).unwrap();
        let contained: String = VERSIONS
            .iter()
            .map(|v| {
                if requirement.contains(&Version::new(v)) {
                    '1'
                } else {
                    '0'
                }
            })
            .collect();
        assert_eq!((*clauses, contained.as_str()), (*clauses, *expected));
    }
}

#[test]
fn markers_hold_as_packaging_says() {
    for (marker, written, expected) in MARKERS {
        let requirement = Requirement::parse(&format!("a; {marker}")).unwrap();
        assert_eq!(requirement.to_string(), format!("a; {written}"));
        let holds: String = ["", "x", "X-y"]
            .iter()
            .map(|extra| match requirement.holds(&environment(), extra) {
                Ok(true) => '1',
                Ok(false) => '0',
                Err(_) => 'E',
            })
            .collect();
        assert_eq!((*marker, holds.as_str()), (*marker, *expected));
    }
}

#[test]
fn equal_requirements_are_equal() {
    let parse = |text: &str| Requirement::parse(text).unwrap();
    assert_eq!(parse("A==1.0,>0"), parse("a>0, ==1.0.0"));
    assert_ne!(parse("a~=1.0"), parse("a~=1.0.0"));
    assert_ne!(parse("a_b"), parse("a.b"));
}

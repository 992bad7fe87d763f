//! An interpreter for tests.

use std::rc::Rc;

use crate::python::Facts;
use crate::sys::http::Network;

pub(super) fn facts() -> Rc<Facts> {
    let facts = serde_json::from_str(
        r##"{
            "executable": "/py",
            "python_version": "3.11",
            "python_full_version": "3.11.7",
            "platform": "linux-x86_64",
            "build_platform": "linux-x86_64",
            "version": "3.11.7",
            "implementation": "CPython",
            "soabi": null,
            "pointer_bits": 64,
            "byte_order": "little",
            "glibc": null,
            "musl": null,
            "prefix": "/py",
            "base_prefix": "/py",
            "purelib": "/py/site-packages",
            "platlib": "/py/site-packages",
            "cache_tag": "cpython-311",
            "tags": ["py3-none-any"],
            "markers": {
                "implementation_name": "cpython",
                "implementation_version": "3.11.7",
                "os_name": "posix",
                "platform_machine": "x86_64",
                "platform_python_implementation": "CPython",
                "platform_release": "6.1.0",
                "platform_system": "Linux",
                "platform_version": "#1 SMP",
                "python_full_version": "3.11.7",
                "python_version": "3.11",
                "sys_platform": "linux"
            },
            "sys_path": [],
            "pip_index": null
        }"##,
    );
    Rc::new(facts.unwrap())
}

/// A network that nobody asks: tests give a directory as index.
pub(super) fn network() -> Rc<Network> {
    Rc::new(Network::new(crate::sys::http::NetworkSettings::default()))
}

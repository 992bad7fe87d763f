//! Wheel tags that an interpreter can use, best first: PEP 425, 600 and 656 as packaging's `sys_tags` orders them.

use super::facts::Raw;

/// `cp311-cp311-linux_x86_64`, …, `py30-none-any`.
pub(super) fn tags(raw: &Raw) -> Vec<String> {
    let version = numbers(&raw.python_version);
    let platforms = platforms(raw);
    let mut tags = Vec::new();
    let mut interpreter = None;
    if raw.implementation == "CPython" {
        let name = format!("cp{}{}", version.0, version.1);
        cpython(raw, version, &name, &platforms, &mut tags);
        interpreter = Some(name);
    }
    let pythons = pythons(version);
    for python in &pythons {
        for platform in &platforms {
            tags.push(format!("{python}-none-{platform}"));
        }
    }
    if let Some(name) = interpreter {
        tags.push(format!("{name}-none-any"));
    }
    tags.extend(pythons.iter().map(|python| format!("{python}-none-any")));
    for tag in &mut tags {
        tag.make_ascii_lowercase();
    }
    tags
}

fn cpython(
    raw: &Raw,
    version: (u32, u32),
    name: &str,
    platforms: &[String],
    tags: &mut Vec<String>,
) {
    let threaded = version >= (3, 13) && raw.free_threaded;
    let mut abis = abis(raw, version, threaded);
    let stable = if threaded { "abi3t" } else { "abi3" };
    let has_stable = version >= (3, 2);
    if has_stable {
        abis.push(stable.to_owned());
    }
    abis.push("none".to_owned());
    for abi in &abis {
        for platform in platforms {
            tags.push(format!("{name}-{abi}-{platform}"));
        }
    }
    if has_stable {
        for minor in (2..version.1).rev() {
            for platform in platforms {
                tags.push(format!("cp{}{minor}-{stable}-{platform}", version.0));
            }
        }
    }
}

/// `cp311`, `cp37m`, `cp27mu`, `cp313t`; for a debug build the one without the mark too.
fn abis(raw: &Raw, version: (u32, u32), threaded: bool) -> Vec<String> {
    let digits = format!("{}{}", version.0, version.1);
    let threaded = if threaded { "t" } else { "" };
    let debug = if raw.debug { "d" } else { "" };
    let old = version < (3, 8);
    let pymalloc = if old && raw.pymalloc { "m" } else { "" };
    let wide = version < (3, 3) && raw.wide_unicode;
    let wide = if wide { "u" } else { "" };
    let mut abis = vec![format!("cp{digits}{threaded}{debug}{pymalloc}{wide}")];
    if !old && raw.debug {
        abis.push(format!("cp{digits}{threaded}"));
    }
    abis
}

/// `py311`, `py3`, `py310`, … `py30`.
fn pythons(version: (u32, u32)) -> Vec<String> {
    let (major, minor) = version;
    let mut names = vec![format!("py{major}{minor}"), format!("py{major}")];
    names.extend((0..minor).rev().map(|minor| format!("py{major}{minor}")));
    names
}

fn platforms(raw: &Raw) -> Vec<String> {
    if let Some(version) = &raw.mac_version {
        return mac(raw, numbers(version));
    }
    let own = raw.build_platform.replace(['.', '-', ' '], "_");
    let Some(arch) = own.strip_prefix("linux_") else {
        return vec![own];
    };
    // packaging: tags.py, `_linux_platforms`: a 32 bit Python on a 64 bit kernel.
    let arch = match arch {
        "x86_64" if raw.pointer_bits == 32 => "i686",
        "aarch64" if raw.pointer_bits == 32 => "armv8l",
        other => other,
    };
    let archs: &[&str] = if arch == "armv8l" {
        &["armv8l", "armv7l"]
    } else {
        &[arch]
    };
    let mut out: Vec<String> = archs.iter().map(|arch| format!("linux_{arch}")).collect();
    if let Some(glibc) = &raw.glibc {
        manylinux(raw, archs, numbers(glibc), &mut out);
    }
    if let Some((major, minor)) = raw.musl.as_deref().map(numbers) {
        for arch in archs {
            out.extend(
                (0..=minor)
                    .rev()
                    .map(|minor| format!("musllinux_{major}_{minor}_{arch}")),
            );
        }
    }
    out
}

fn manylinux(raw: &Raw, archs: &[&str], glibc: (u32, u32), out: &mut Vec<String>) {
    const ANY: &[&str] = &[
        "x86_64",
        "aarch64",
        "ppc64",
        "ppc64le",
        "s390x",
        "loongarch64",
        "riscv64",
    ];
    let hard_float = raw
        .host_type
        .as_deref()
        .is_some_and(|host| host.ends_with("eabihf"));
    let fits = if archs.contains(&"armv7l") {
        hard_float
    } else {
        archs.contains(&"i686") || archs.iter().any(|arch| ANY.contains(arch))
    };
    if !fits || glibc.0 != 2 {
        return;
    }
    let old = archs.iter().any(|arch| matches!(*arch, "x86_64" | "i686"));
    let first = if old { 5 } else { 17 };
    for arch in archs {
        for minor in (first..=glibc.1).rev() {
            out.push(format!("manylinux_2_{minor}_{arch}"));
            let name = match minor {
                17 => "manylinux2014",
                12 => "manylinux2010",
                5 => "manylinux1",
                _ => continue,
            };
            out.push(format!("{name}_{arch}"));
        }
    }
}

/// packaging: tags.py, `mac_platforms`.
fn mac(raw: &Raw, version: (u32, u32)) -> Vec<String> {
    let arch = match (raw.pointer_bits, raw.machine.as_str()) {
        (32, machine) if machine.starts_with("ppc") => "ppc",
        (32, _) => "i386",
        (_, machine) => machine,
    };
    let mut out = Vec::new();
    let mut add = |major: u32, minor: u32, formats: &[&str]| {
        out.extend(
            formats
                .iter()
                .map(|format| format!("macosx_{major}_{minor}_{format}")),
        );
    };
    if version.0 == 10 {
        for minor in (0..=version.1).rev() {
            add(10, minor, &mac_formats((10, minor), arch));
        }
    } else {
        for major in (11..=version.0).rev() {
            add(major, 0, &mac_formats((major, 0), arch));
        }
        for minor in (4..=16).rev() {
            if arch == "x86_64" {
                add(10, minor, &mac_formats((10, minor), arch));
            } else {
                add(10, minor, &["universal2"]);
            }
        }
    }
    out
}

fn mac_formats(version: (u32, u32), arch: &str) -> Vec<&str> {
    let mut formats = vec![arch];
    match arch {
        "x86_64" | "i386" if version < (10, 4) => return Vec::new(),
        "x86_64" => formats.extend(["intel", "fat64", "fat3"]),
        "i386" => formats.extend(["intel", "fat3", "fat"]),
        "ppc" if version > (10, 6) => return Vec::new(),
        "ppc" => formats.extend(["fat3", "fat"]),
        _ => {}
    }
    if matches!(arch, "arm64" | "x86_64") {
        formats.push("universal2");
    }
    if matches!(arch, "x86_64" | "i386" | "ppc") {
        formats.push("universal");
    }
    formats
}

/// The first two numbers of `2.36-9`.
fn numbers(version: &str) -> (u32, u32) {
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .map(|digits| digits.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::facts::tests::raw;
    use super::*;

    #[test]
    fn an_old_python_in_full() {
        let mut raw = raw();
        raw.python_version = "3.3".to_owned();
        assert_eq!(
            tags(&raw).join(" "),
            "cp33-cp33m-linux_x86_64 cp33-cp33m-manylinux_2_6_x86_64 cp33-cp33m-manylinux_2_5_x86_64 \
             cp33-cp33m-manylinux1_x86_64 cp33-abi3-linux_x86_64 cp33-abi3-manylinux_2_6_x86_64 \
             cp33-abi3-manylinux_2_5_x86_64 cp33-abi3-manylinux1_x86_64 cp33-none-linux_x86_64 \
             cp33-none-manylinux_2_6_x86_64 cp33-none-manylinux_2_5_x86_64 cp33-none-manylinux1_x86_64 \
             cp32-abi3-linux_x86_64 cp32-abi3-manylinux_2_6_x86_64 cp32-abi3-manylinux_2_5_x86_64 \
             cp32-abi3-manylinux1_x86_64 py33-none-linux_x86_64 py33-none-manylinux_2_6_x86_64 \
             py33-none-manylinux_2_5_x86_64 py33-none-manylinux1_x86_64 py3-none-linux_x86_64 \
             py3-none-manylinux_2_6_x86_64 py3-none-manylinux_2_5_x86_64 py3-none-manylinux1_x86_64 \
             py32-none-linux_x86_64 py32-none-manylinux_2_6_x86_64 py32-none-manylinux_2_5_x86_64 \
             py32-none-manylinux1_x86_64 py31-none-linux_x86_64 py31-none-manylinux_2_6_x86_64 \
             py31-none-manylinux_2_5_x86_64 py31-none-manylinux1_x86_64 py30-none-linux_x86_64 \
             py30-none-manylinux_2_6_x86_64 py30-none-manylinux_2_5_x86_64 py30-none-manylinux1_x86_64 \
             cp33-none-any py33-none-any py3-none-any py32-none-any py31-none-any py30-none-any"
        );
    }

    #[test]
    fn flags_of_the_abi() {
        let mut raw = raw();
        for (version, debug, threaded, first) in [
            ("2.7", false, false, "cp27-cp27mu-linux_x86_64"),
            ("3.11", true, false, "cp311-cp311d-linux_x86_64"),
            ("3.14", false, true, "cp314-cp314t-linux_x86_64"),
        ] {
            raw.python_version = version.to_owned();
            raw.debug = debug;
            raw.free_threaded = threaded;
            assert_eq!(tags(&raw)[0], first);
        }
        assert!(!tags(&raw).iter().any(|tag| tag.contains("-abi3-")));
        raw.glibc = None;
        raw.musl = Some("1.2.4".to_owned());
        assert_eq!(tags(&raw)[1], "cp314-cp314t-musllinux_1_2_x86_64");
        raw.mac_version = Some("11.2".to_owned());
        raw.machine = "arm64".to_owned();
        assert_eq!(
            platforms(&raw)[..3],
            [
                "macosx_11_0_arm64",
                "macosx_11_0_universal2",
                "macosx_10_16_universal2"
            ]
        );
    }
}

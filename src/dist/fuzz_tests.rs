//! Archives changed at random: whatever becomes of them, nothing is written outside, nothing panics, nothing corrupt is
//! taken for whole.
//!
//! A short run in `cargo test`; `RBUILDOUT_MUTATIONS=50000 cargo test --release mutated_archives` for more,
//! `RBUILDOUT_SEED=N` for others.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::cache::Cache;
use super::record::Row;
use super::sdist;
use super::wheel::Vouches;
use super::wheel::tests::archive;
use crate::sys::directory;
use crate::sys::fs;
use crate::sys::spool::Spool;

#[expect(
    clippy::disallowed_methods,
    reason = "who wants more of a test says so by a variable"
)]
fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().unwrap())
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Names that lead out, or are odd; all of one length with a harmless one in the archives below, so that a change of bytes
/// makes one of the other.
const NAMES: [&str; 12] = [
    "a/bb/cc/dd.py",
    "../../../d.py",
    "/etc/ccc/d.py",
    "a/../../../xx",
    "a/..\\..\\xx.py",
    "a/bb/cc/dd/..",
    "a/bb//cc/d.py",
    "a/./bb/./d.py",
    "a-1.data/x/ff",
    "b.dist-info/x",
    "a/__init__.py",
    "\u{1}/\u{7f}/\u{e4}/\u{e4}/efg",
];

fn a_wheel(chance: &mut Chance) -> Vec<u8> {
    let text = "some text, some text, some text\n".repeat(1 + chance.below(40));
    let other = if chance.below(2) == 0 {
        NAMES[0]
    } else {
        chance.of(&NAMES)
    };
    let rows = [("a/__main__.py", text.as_str()), (other, "x = 1\n")]
        .map(|(path, text)| Row::of(path.to_owned(), text.as_bytes()));
    let mut record = super::record::write(rows.to_vec());
    match chance.below(6) {
        0 => record.push_str("../../../outside,,\r\n"),
        1 => record.push_str("a/__main__.py,sha256=AAAA,3\r\n"),
        2 => record.push_str("\"a,,\"\"\r\n,,,,\n\"\u{0}"),
        _ => {}
    }
    archive(&[
        ("a/__main__.py", &text),
        (other, "x = 1\n"),
        ("a-1.data/purelib/p.py", "y"),
        ("a-1.data/scripts/tool", "#!python\n"),
        ("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
        ("a-1.dist-info/WHEEL", "Wheel-Version: 1.0\n"),
        ("a-1.dist-info/RECORD", &record),
    ])
}

fn a_tar(chance: &mut Chance) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for n in 0..2 + chance.below(6) {
        let mut header = tar::Header::new_ustar();
        let usual = format!("a-1/f{n}");
        let name = match n {
            0 => "a-1/setup.py",
            _ if chance.below(4) > 0 => &usual,
            _ => chance.of(&NAMES),
        };
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let kinds = [
            tar::EntryType::Regular,
            tar::EntryType::Symlink,
            tar::EntryType::Link,
            tar::EntryType::Directory,
            tar::EntryType::Fifo,
            tar::EntryType::XHeader,
            tar::EntryType::GNULongName,
            tar::EntryType::GNUSparse,
        ];
        let kind = if n == 0 {
            0
        } else {
            chance.below(kinds.len() * 4)
        };
        let kind = kinds.get(kind).copied().unwrap_or(tar::EntryType::Regular);
        header.set_entry_type(kind);
        if kind == tar::EntryType::Symlink || kind == tar::EntryType::Link {
            let to = chance.of(&[
                "..",
                "../..",
                "/etc",
                "bb",
                "a/bb/cc/dd.py",
                ".",
                "../../secret",
            ]);
            header.as_old_mut().linkname[..to.len()].copy_from_slice(to.as_bytes());
        }
        let contents = "x = 1\n".repeat(chance.below(300));
        header.set_size(contents.len() as u64);
        header.set_mode(0o7777);
        header.set_cksum();
        archive.append(&header, contents.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn packed(bytes: &[u8], by: usize) -> Vec<u8> {
    match by {
        0 => {
            let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            to.write_all(bytes).unwrap();
            to.finish().unwrap()
        }
        1 => {
            let mut to = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            to.write_all(bytes).unwrap();
            to.finish().unwrap()
        }
        _ => bytes.to_vec(),
    }
}

/// Cuts, changes, doubles.
fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..chance.below(5) {
        let at = chance.below(bytes.len());
        match chance.below(8) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes[at] ^= 1 << chance.below(8),
            2 => bytes[at] = *chance.of(&[&b'.', &b'/', &0, &255, &b'\\']),
            3 => {
                let piece = bytes[at..(at + 1 + chance.below(60)).min(bytes.len())].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => drop(bytes.drain(at..(at + chance.below(20)).min(bytes.len()))),
            5 => {
                // A name by another one, wherever it stands.
                let (from, to) = (chance.of(&NAMES), chance.of(&NAMES));
                let mut place = 0;
                while place + from.len() <= bytes.len() {
                    if &bytes[place..place + from.len()] == from.as_bytes() {
                        bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
                    }
                    place += 1;
                }
            }
            6 => {
                // Sizes and places, four bytes at once.
                let number = u32::try_from(chance.below(1 << 31)).unwrap().to_le_bytes();
                for (n, byte) in number.into_iter().enumerate() {
                    if let Some(place) = bytes.get_mut(at + n) {
                        *place = byte;
                    }
                }
            }
            _ => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

/// Only these names are in a directory.
#[track_caller]
fn holds_only(folder: &Path, allowed: &[&str], what: &str) {
    for name in fs::list(folder).unwrap() {
        assert!(allowed.contains(&name.as_str()), "{what}: {name}");
    }
}

/// No link below leads out.
#[track_caller]
fn links_stay_inside(top: &Path, below: &Path, what: &str) {
    for entry in directory::entries(below) {
        let path = below.join(&entry.name);
        if entry.is_link {
            assert!(
                fs::real_path(&path).starts_with(top),
                "{what}: {}",
                path.display()
            );
        } else if entry.is_dir {
            links_stay_inside(top, &path, what);
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of a long run")]
fn mutated_archives() {
    let rounds = from_environment("RBUILDOUT_MUTATIONS", 400);
    let seed = from_environment("RBUILDOUT_SEED", 20_261_124);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create(folder.join("secret"), b"kept", 0o600).unwrap();
    let mut ended: BTreeMap<&str, u64> = BTreeMap::new();
    for round in 0..rounds {
        let chance = &mut Chance(seed.wrapping_add(round).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let what = format!("round {round} of seed {seed}");
        let place = folder.join("in");
        fs::make_directory(&place).unwrap();
        let (kind, went_well) = if chance.below(2) == 0 {
            let mut bytes = a_wheel(chance);
            mutate(&mut bytes, chance);
            let cache = Cache::new(&place.to_string_lossy());
            let sha256 = crate::digest::hex(&Sha256::digest(&bytes));
            let added = cache.add(&Spool::of_bytes(bytes), &sha256, "a-1.whl", Vouches::Record);
            holds_only(&place, &["wheels"], &what);
            let wheels = fs::list(place.join("wheels")).unwrap();
            match &added {
                Ok(_) => {
                    assert_eq!(wheels, [sha256], "{what}");
                }
                Err(_) => assert_eq!(wheels, [""; 0], "{what}"),
            }
            ("wheel", added.is_ok())
        } else {
            let tar = a_tar(chance);
            let by = chance.below(3);
            let mut bytes = tar;
            if chance.below(2) == 0 {
                // Beneath the packing, where check sums don't help.
                mutate(&mut bytes, chance);
                bytes = packed(&bytes, by);
            } else {
                bytes = packed(&bytes, by);
                mutate(&mut bytes, chance);
            }
            let unpacked = sdist::unpack(&Spool::of_bytes(bytes), &place.join("to"));
            holds_only(&place, &["to"], &what);
            links_stay_inside(&fs::real_path(place.join("to")), &place.join("to"), &what);
            (["tar.gz", "tar.bz2", "tar"][by], unpacked.is_ok())
        };
        holds_only(folder, &["secret", "in"], &what);
        assert_eq!(
            fs::read_text(folder.join("secret")).unwrap(),
            "kept",
            "{what}"
        );
        fs::remove_tree(&place).unwrap();
        *ended.entry(kind).or_default() += 1;
        *ended
            .entry(if went_well { "taken" } else { "refused" })
            .or_default() += 1;
    }
    println!("{rounds} archives: {ended:?}");
    assert!(
        ended["taken"] > rounds / 20 && ended["refused"] > rounds / 5,
        "{ended:?}"
    );
}

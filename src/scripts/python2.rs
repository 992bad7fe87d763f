//! The order in which Python 2 goes through a dictionary: that of its hash table.
//!
//! Scripts of one distribution come in this order there, and so do they in the record of what is installed. It is the
//! same in each run: Python 2.7 hashes strings without a seed. CPython: stringobject.c, `string_hash`; dictobject.c,
//! `lookdict_string`, `dictresize`.

use indexmap::IndexMap;

/// The entries in the order of the hash table that they make when they are put in one after the other.
pub(super) fn in_dict_order<V>(named: IndexMap<String, V>) -> IndexMap<String, V> {
    let mut table: Vec<Option<(String, V)>> = empty(8);
    let mut used = 0;
    for entry in named {
        insert(&mut table, entry);
        used += 1;
        if used * 3 >= table.len() * 2 {
            let mut size = 8;
            while size <= used * 4 {
                size *= 2;
            }
            let old = std::mem::replace(&mut table, empty(size));
            for entry in old.into_iter().flatten() {
                insert(&mut table, entry);
            }
        }
    }
    table.into_iter().flatten().collect()
}

fn empty<V>(size: usize) -> Vec<Option<(String, V)>> {
    (0..size).map(|_| None).collect()
}

fn insert<V>(table: &mut [Option<(String, V)>], entry: (String, V)) {
    let mask = table.len() as u64 - 1;
    let hash = hash(entry.0.as_bytes());
    let mut at = hash & mask;
    let mut perturb = hash;
    loop {
        let slot = usize::try_from(at & mask)
            .ok()
            .and_then(|at| table.get_mut(at));
        match slot {
            Some(slot @ None) => {
                *slot = Some(entry);
                return;
            }
            Some(Some(_)) => {}
            None => return,
        }
        at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
    }
}

/// Of a 64-bit build.
fn hash(bytes: &[u8]) -> u64 {
    let Some(first) = bytes.first() else { return 0 };
    let start = u64::from(*first) << 7;
    let mixed = bytes.iter().fold(start, |hash, byte| {
        hash.wrapping_mul(1_000_003) ^ u64::from(*byte)
    });
    match mixed ^ bytes.len() as u64 {
        u64::MAX => u64::MAX - 1,
        hash => hash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str]) -> Vec<String> {
        let named: IndexMap<String, ()> = names.iter().map(|n| ((*n).to_owned(), ())).collect();
        in_dict_order(named).into_keys().collect()
    }

    /// Each expected list was printed by CPython 2.7.18.
    #[test]
    fn as_python_2_goes_through_them() {
        assert_eq!(
            order(&[
                "httpok",
                "crashsms",
                "crashmail",
                "crashmailbatch",
                "fatalmailbatch",
                "memmon"
            ]),
            [
                "httpok",
                "crashmailbatch",
                "memmon",
                "crashsms",
                "fatalmailbatch",
                "crashmail"
            ]
        );
        assert_eq!(
            order(&[
                "supervisord",
                "supervisorctl",
                "echo_supervisord_conf",
                "pidproxy"
            ]),
            [
                "echo_supervisord_conf",
                "pidproxy",
                "supervisorctl",
                "supervisord"
            ]
        );
        assert_eq!(
            order(&[
                "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
                "q", "r", "s", "t", "u", "v"
            ]),
            [
                "a", "c", "b", "e", "d", "g", "f", "i", "h", "k", "j", "m", "l", "o", "n", "q",
                "p", "s", "r", "u", "t", "v"
            ]
        );
        assert_eq!(
            order(&[
                "zeopack",
                "runzeo",
                "zeoctl",
                "zeo-nagios",
                "fsdump",
                "fsoids",
                "fsrefs",
                "fstail",
                "repozo"
            ]),
            [
                "fstail",
                "zeopack",
                "fsdump",
                "zeoctl",
                "runzeo",
                "zeo-nagios",
                "fsrefs",
                "repozo",
                "fsoids"
            ]
        );
    }
}

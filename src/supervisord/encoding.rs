//! Bytes as UTF-8, which is what Python takes for granted, and its words for what is none.
//!
//! Python reads a file in chunks, so that the position it tells is that in a chunk. CPython: io.TextIOWrapper, codecs.

use super::datatypes::Bad;

/// How many bytes Python reads at a time.
const CHUNK: usize = 8192;

/// The text of a file.
#[derive(Debug)]
pub(super) struct Decoded {
    /// With U+FFFD for what is no UTF-8.
    pub(super) text: String,
    pub(super) wrong: Option<Undecodable>,
}

/// Where a file stops to be UTF-8.
#[derive(Debug)]
pub(super) struct Undecodable {
    pub(super) bad: Bad,
    /// The place in the file.
    pub(super) at: usize,
    /// How many bytes Python had made lines of before it came upon it.
    pub(super) read: usize,
}

pub(super) fn decode(bytes: &[u8]) -> Decoded {
    Decoded {
        text: String::from_utf8_lossy(bytes).into_owned(),
        wrong: first_wrong(bytes),
    }
}

fn first_wrong(bytes: &[u8]) -> Option<Undecodable> {
    // What is not yet decoded begins here: a character may stand across the end of a chunk.
    let mut start = 0;
    let mut read = 0;
    while read < bytes.len() {
        let end = bytes.len().min(read + CHUNK);
        if let Err(error) = std::str::from_utf8(&bytes[start..end]) {
            let at = error.valid_up_to();
            if let Some(length) = error.error_len() {
                return Some(undecodable(bytes, start, at, Some(length), read));
            }
            start += at;
        } else {
            start = end;
        }
        read = end;
    }
    (start < bytes.len()).then(|| undecodable(bytes, start, 0, None, start))
}

fn undecodable(
    bytes: &[u8],
    start: usize,
    position: usize,
    length: Option<usize>,
    read: usize,
) -> Undecodable {
    let at = start + position;
    let first = bytes.get(at).copied().unwrap_or_default();
    let (length, reason) = match length {
        None => (bytes.len() - at, "unexpected end of data"),
        Some(n) if n > 1 || (0xc2..0xf5).contains(&first) => (n, "invalid continuation byte"),
        Some(_) => (1, "invalid start byte"),
    };
    let what = if length == 1 {
        format!("byte 0x{first:02x} in position {position}")
    } else {
        format!("bytes in position {position}-{}", position + length - 1)
    };
    Undecodable {
        bad: Bad::new(
            "S43",
            format!("'utf-8' codec can't decode {what}: {reason}"),
        ),
        at,
        read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expectations were taken from CPython 3.11.
    #[test]
    fn positions_are_those_in_a_chunk() {
        let words = |bytes: &[u8]| decode(bytes).wrong.map(|wrong| wrong.bad.words);
        let said = |what: &str| Some(format!("'utf-8' codec can't decode {what}"));
        assert_eq!(words("é".repeat(9_000).as_bytes()), None);
        assert_eq!(
            words(b"a\xff"),
            said("byte 0xff in position 1: invalid start byte")
        );
        assert_eq!(
            words(b"a\xe9b"),
            said("byte 0xe9 in position 1: invalid continuation byte")
        );
        assert_eq!(
            words(b"ab\xe2\x82"),
            said("bytes in position 0-1: unexpected end of data")
        );
        let far = [&[b'x'; CHUNK + 5][..], b"\xff"].concat();
        assert_eq!(
            words(&far),
            said("byte 0xff in position 5: invalid start byte")
        );
        assert_eq!(
            decode(&far).wrong.map(|wrong| (wrong.at, wrong.read)),
            Some((CHUNK + 5, CHUNK))
        );
    }
}

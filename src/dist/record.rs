//! RECORD: the list of files of a wheel, with hashes, as pip reads and writes it. CSV with `\r\n`.

use std::collections::HashMap;

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::sys::base64;

/// One line: path, `sha256=…`, size; the latter two may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) hash: String,
    pub(super) size: String,
}

impl Row {
    /// A file without hash and size.
    pub(super) fn bare(path: String) -> Self {
        Self {
            path,
            hash: String::new(),
            size: String::new(),
        }
    }

    /// A file with these contents.
    pub(super) fn of(path: String, contents: &[u8]) -> Self {
        Self {
            path,
            hash: format!("sha256={}", base64::url_safe(&Sha256::digest(contents))),
            size: contents.len().to_string(),
        }
    }
}

/// The rows of a RECORD, in its order.
pub(super) fn read(text: &str) -> Vec<Row> {
    text.lines()
        .map(|line| {
            let mut cells = cells(line).into_iter();
            Row {
                path: cells.next().unwrap_or_default(),
                hash: cells.next().unwrap_or_default(),
                size: cells.next().unwrap_or_default(),
            }
        })
        .filter(|row| !row.path.is_empty())
        .collect()
}

/// What a RECORD says of the files of a wheel. Rows without a hash, or with one of a kind that wheels must not have, say
/// nothing.
#[derive(Debug, Default)]
pub(super) struct Promised(HashMap<String, (Kind, String)>);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Sha256,
    Sha384,
    Sha512,
}

impl Promised {
    pub(super) fn of(rows: Vec<Row>) -> Self {
        let is_of_itself = |path: &str| {
            let name = path.split_once(".dist-info/").map_or("", |(_, name)| name);
            ["RECORD", "RECORD.jws", "RECORD.p7s"].contains(&name)
        };
        let rows = rows.into_iter().filter(|row| !is_of_itself(&row.path));
        let promised = rows.filter_map(|row| {
            let (kind, hash) = row.hash.split_once('=')?;
            let kind = match kind.to_ascii_lowercase().as_str() {
                "sha256" => Kind::Sha256,
                "sha384" => Kind::Sha384,
                "sha512" => Kind::Sha512,
                _ => return None,
            };
            let hash = hash.trim_end_matches('=').to_owned();
            Some((row.path, (kind, hash)))
        });
        Self(promised.collect())
    }

    /// Whether a file is as it was promised.
    pub(super) fn keeps(&self, path: &str, contents: &[u8]) -> bool {
        self.0.get(path).is_none_or(|(kind, hash)| {
            let digest = match kind {
                Kind::Sha256 => Sha256::digest(contents).to_vec(),
                Kind::Sha384 => Sha384::digest(contents).to_vec(),
                Kind::Sha512 => Sha512::digest(contents).to_vec(),
            };
            base64::url_safe(&digest) == *hash
        })
    }
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => push(&mut cells, c),
        }
    }
    cells
}

fn push(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}

/// The text of these rows, sorted. pip: wheel.py, `_normalized_outrows`.
pub(super) fn write(mut rows: Vec<Row>) -> String {
    rows.sort_unstable();
    rows.dedup_by(|a, b| a.path == b.path);
    let mut text = String::new();
    for Row { path, hash, size } in rows {
        if path.contains(['"', ',', '\n', '\r']) {
            let path = path.replace('"', "\"\"");
            text.push_str(&format!("\"{path}\",{hash},{size}\r\n"));
        } else {
            text.push_str(&format!("{path},{hash},{size}\r\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        let text = "b.py,sha256=x,3\r\n\"a,\"\"b\"\".py\",,\r\nd/RECORD,,\r\n";
        let rows = read(text);
        assert_eq!(rows[1], Row::bare("a,\"b\".py".to_owned()));
        assert_eq!(
            write(rows),
            "\"a,\"\"b\"\".py\",,\r\nb.py,sha256=x,3\r\nd/RECORD,,\r\n"
        );
        assert_eq!(
            Row::of("REQUESTED".to_owned(), b"").hash,
            "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
        );
    }
}

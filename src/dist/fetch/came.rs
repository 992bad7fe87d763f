//! What came is looked at before it is used: is it a page, has it the hash that its URL names?
//!
//! zc.buildout: _package_index.py, `HashChecker`, `_invalid_download_html`.

use md5::Md5;
use sha2::{Digest, Sha224, Sha384, Sha512};

use crate::digest::hex;
use crate::dist::index::file_name;
use crate::error::{Diagnostic, Error, Result};
use crate::sys::spool::Spool;
use crate::sys::url;
use crate::wording::redacted;

/// A server that answers with a page where a file should be.
// zc.buildout: _package_index.py, `_invalid_download_html`.
pub(super) fn refuse_page(location: &str, came: &Spool) -> Result<()> {
    let start: Vec<u8> = came
        .head(512)
        .iter()
        .skip_while(|b| b.is_ascii_whitespace())
        .take(9)
        .map(u8::to_ascii_lowercase)
        .collect();
    if !start.starts_with(b"<html") && !start.starts_with(b"<!doctype") {
        return Ok(());
    }
    let shown = redacted(location);
    Err(
        Error::user(format!("Unexpected HTML page found at {shown}")).hint(
            "download",
            format!("{} is a page, not an archive", file_name(location)),
            "a proxy, or a page that wants a login, may be in between",
        ),
    )
}

/// The hash is the one that the URL names, if it names any.
pub(super) fn check_hash(location: &str, came: &Spool, name: &str) -> Result<()> {
    let Some((kind, expected)) = expected_hash(location) else {
        return Ok(());
    };
    let Some(got) = digest(kind, came)?.filter(|got| got != expected) else {
        return Ok(());
    };
    Err(Error::user(format!(
        "{kind} validation failed for {name}; possible download problem?"
    ))
    .with(
        Diagnostic::error(
            "hash",
            format!("{name} is not the file that the index names; it has been thrown away"),
        )
        .help(format!("expected {kind} {expected}"))
        .help(format!("got      {kind} {got}"))
        .help("try again; if it stays so, a proxy or mirror in between changes files"),
    ))
}

/// The hash that a URL carries. zc.buildout: _package_index.py, `HashChecker`. SHA-1 is not checked.
pub(super) fn expected_hash(location: &str) -> Option<(&str, &str)> {
    let fragment = url::parts(location).fragment?;
    fragment.split('&').find_map(|piece| {
        let (kind, hash) = piece.split_once('=')?;
        let known = matches!(kind, "sha256" | "sha224" | "sha384" | "sha512" | "md5");
        let is_hex = !hash.is_empty()
            && hash
                .bytes()
                .all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        (known && is_hex).then_some((kind, hash))
    })
}

/// Whether a text has this hash, `sha256=…`. None said, or of a kind that is not checked, will do.
pub(in crate::dist) fn has_hash(said: &str, bytes: Vec<u8>) -> Option<Vec<u8>> {
    let came = Spool::of_bytes(bytes);
    let fits = match said.split_once('=') {
        Some((kind, hash)) => digest(kind, &came).ok()?.is_none_or(|got| got == hash),
        None => true,
    };
    fits.then(|| came.into_bytes().ok())?
}

fn digest(kind: &str, came: &Spool) -> Result<Option<String>> {
    Ok(Some(match kind {
        "sha256" => came.sha256(),
        "sha224" => hex(&Sha224::digest(came.bytes()?)),
        "sha384" => hex(&Sha384::digest(came.bytes()?)),
        "sha512" => hex(&Sha512::digest(came.bytes()?)),
        "md5" => hex(&Md5::digest(came.bytes()?)),
        _ => return Ok(None),
    }))
}

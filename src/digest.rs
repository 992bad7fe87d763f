//! How digests are written: in lower-case hexadecimal, as Python's `hexdigest`. Which digest of what is not decided here.

/// The bytes of a digest as text.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_lower_case_digits_a_byte() {
        assert_eq!(super::hex(&[0, 0x1f, 0xa0, 255]), "001fa0ff");
    }
}

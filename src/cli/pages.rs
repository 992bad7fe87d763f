//! What `explain` shows: the pages of docs/checks/, and the chapters of docs/checks.md for all other ids.

/// The pages, by their ids.
pub const PAGES: &[(&str, &str)] = &[
    ("R01", include_str!("../../docs/checks/R01.md")),
    ("R02", include_str!("../../docs/checks/R02.md")),
    ("R03", include_str!("../../docs/checks/R03.md")),
    ("R04", include_str!("../../docs/checks/R04.md")),
    ("R05", include_str!("../../docs/checks/R05.md")),
    ("R06", include_str!("../../docs/checks/R06.md")),
    ("R07", include_str!("../../docs/checks/R07.md")),
    ("R08", include_str!("../../docs/checks/R08.md")),
    ("R09", include_str!("../../docs/checks/R09.md")),
    ("R10", include_str!("../../docs/checks/R10.md")),
    ("R11", include_str!("../../docs/checks/R11.md")),
    ("R12", include_str!("../../docs/checks/R12.md")),
    ("R13", include_str!("../../docs/checks/R13.md")),
    ("R14", include_str!("../../docs/checks/R14.md")),
    ("R15", include_str!("../../docs/checks/R15.md")),
    ("R16", include_str!("../../docs/checks/R16.md")),
    ("R17", include_str!("../../docs/checks/R17.md")),
    ("R18", include_str!("../../docs/checks/R18.md")),
    ("R19", include_str!("../../docs/checks/R19.md")),
    ("R20", include_str!("../../docs/checks/R20.md")),
    ("R21", include_str!("../../docs/checks/R21.md")),
    ("R22", include_str!("../../docs/checks/R22.md")),
    ("R23", include_str!("../../docs/checks/R23.md")),
    ("S01", include_str!("../../docs/checks/S01.md")),
    ("S02", include_str!("../../docs/checks/S02.md")),
    ("S03", include_str!("../../docs/checks/S03.md")),
    ("S04", include_str!("../../docs/checks/S04.md")),
    ("S05", include_str!("../../docs/checks/S05.md")),
    ("S06", include_str!("../../docs/checks/S06.md")),
    ("S07", include_str!("../../docs/checks/S07.md")),
    ("S08", include_str!("../../docs/checks/S08.md")),
    ("S09", include_str!("../../docs/checks/S09.md")),
    ("S10", include_str!("../../docs/checks/S10.md")),
    ("S11", include_str!("../../docs/checks/S11.md")),
    ("S12", include_str!("../../docs/checks/S12.md")),
    ("S13", include_str!("../../docs/checks/S13.md")),
    ("S14", include_str!("../../docs/checks/S14.md")),
    ("S16", include_str!("../../docs/checks/S16.md")),
    ("S17", include_str!("../../docs/checks/S17.md")),
    ("S18", include_str!("../../docs/checks/S18.md")),
    ("S19", include_str!("../../docs/checks/S19.md")),
    ("S20", include_str!("../../docs/checks/S20.md")),
    ("S21", include_str!("../../docs/checks/S21.md")),
    ("S22", include_str!("../../docs/checks/S22.md")),
    ("S23", include_str!("../../docs/checks/S23.md")),
    ("S24", include_str!("../../docs/checks/S24.md")),
    ("S25", include_str!("../../docs/checks/S25.md")),
    ("S26", include_str!("../../docs/checks/S26.md")),
    ("S27", include_str!("../../docs/checks/S27.md")),
    ("S28", include_str!("../../docs/checks/S28.md")),
    ("S29", include_str!("../../docs/checks/S29.md")),
    ("S30", include_str!("../../docs/checks/S30.md")),
    ("S31", include_str!("../../docs/checks/S31.md")),
    ("S32", include_str!("../../docs/checks/S32.md")),
    ("S33", include_str!("../../docs/checks/S33.md")),
    ("S34", include_str!("../../docs/checks/S34.md")),
    ("S35", include_str!("../../docs/checks/S35.md")),
    ("S36", include_str!("../../docs/checks/S36.md")),
    ("S37", include_str!("../../docs/checks/S37.md")),
    ("S38", include_str!("../../docs/checks/S38.md")),
    ("S39", include_str!("../../docs/checks/S39.md")),
    ("S40", include_str!("../../docs/checks/S40.md")),
    ("S41", include_str!("../../docs/checks/S41.md")),
    ("S42", include_str!("../../docs/checks/S42.md")),
    ("S43", include_str!("../../docs/checks/S43.md")),
    ("S44", include_str!("../../docs/checks/S44.md")),
    ("S45", include_str!("../../docs/checks/S45.md")),
    ("S46", include_str!("../../docs/checks/S46.md")),
    ("S47", include_str!("../../docs/checks/S47.md")),
    (
        "address-twice",
        include_str!("../../docs/checks/address-twice.md"),
    ),
    (
        "dead-condition",
        include_str!("../../docs/checks/dead-condition.md"),
    ),
    (
        "duplicate-option",
        include_str!("../../docs/checks/duplicate-option.md"),
    ),
    ("listens", include_str!("../../docs/checks/listens.md")),
    (
        "readable-password",
        include_str!("../../docs/checks/readable-password.md"),
    ),
    (
        "resolution",
        include_str!("../../docs/checks/resolution.md"),
    ),
    (
        "shadowed-option",
        include_str!("../../docs/checks/shadowed-option.md"),
    ),
    (
        "shared-file",
        include_str!("../../docs/checks/shared-file.md"),
    ),
    (
        "unpinned-egg",
        include_str!("../../docs/checks/unpinned-egg.md"),
    ),
    (
        "zeo-address",
        include_str!("../../docs/checks/zeo-address.md"),
    ),
];

const CHAPTERS: &str = include_str!("../../docs/checks.md");

/// The text about an id, in whatever case it was written.
pub fn page(id: &str) -> Option<String> {
    let is_it = |known: &str| known.eq_ignore_ascii_case(id);
    if let Some((_, text)) = PAGES.iter().find(|(known, _)| is_it(known)) {
        return Some((*text).to_owned());
    }
    let (heading, rest) = chapters().find(|(heading, _)| is_it(heading))?;
    Some(format!("# {heading}\n\n{}\n", rest.trim()))
}

/// All ids that have a text.
pub fn ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = PAGES.iter().map(|(id, _)| *id).collect();
    ids.extend(chapters().map(|(heading, _)| heading));
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The chapters of the third level: heading and text.
fn chapters() -> impl Iterator<Item = (&'static str, &'static str)> {
    CHAPTERS.split("\n### ").skip(1).filter_map(|chapter| {
        let (heading, text) = chapter.split_once('\n')?;
        let end = text.find("\n## ").unwrap_or(text.len());
        Some((heading.trim_matches('`'), &text[..end]))
    })
}

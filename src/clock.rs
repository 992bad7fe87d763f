//! Dates as Python writes them, for what carries one: `update-versions-file`, lines of the log.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in UTC, as Python writes a `datetime`.
pub fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    written(since.as_secs(), since.subsec_micros())
}

/// Days to a date by the calendar of 400 years, counted from a March.
pub(crate) fn written(seconds: u64, microseconds: u32) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{microseconds:06}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_are_right() {
        assert_eq!(super::written(0, 0), "1970-01-01 00:00:00.000000");
        assert_eq!(super::written(951_782_400, 5), "2000-02-29 00:00:00.000005");
        assert_eq!(
            super::written(1_798_761_599, 0),
            "2026-12-31 23:59:59.000000"
        );
    }
}

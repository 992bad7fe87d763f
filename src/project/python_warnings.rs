//! PYTHONWARNINGS: whether warnings that zc.buildout's Python would print are wanted. Python: `warnings`, `-W`.

use super::Surroundings;

impl Surroundings {
    /// Whether a `UserWarning` is ignored.
    pub(super) fn ignores_warnings(&self) -> bool {
        let wanted = self.variable("PYTHONWARNINGS").unwrap_or_default();
        // The last one that fits counts. Of those for one message or module none is about ours.
        let last = wanted.split(',').rev().find_map(|filter| {
            let mut fields = filter.split(':').map(str::trim);
            let action = fields.next().filter(|action| !action.is_empty())?;
            let message = fields.next().unwrap_or_default();
            let category = fields.next().unwrap_or_default();
            let rest = fields.next().unwrap_or_default();
            let fits = message.is_empty()
                && rest.is_empty()
                && matches!(category, "" | "UserWarning" | "Warning");
            fits.then_some(action)
        });
        last.is_some_and(|action| "ignore".starts_with(action))
    }
}

#[cfg(test)]
mod tests {
    use super::Surroundings;

    #[test]
    fn the_last_filter_that_fits_counts() {
        for (value, ignored) in [
            ("ignore", true),
            ("i", true),
            ("ignore::DeprecationWarning", false),
            ("ignore::UserWarning", true),
            ("ignore,default", false),
            ("error,ignore", true),
            ("ignore:some words", false),
            ("ignore:::setuptools", false),
            ("", false),
        ] {
            let surroundings = Surroundings {
                program: String::new(),
                cwd: String::new(),
                variables: [("PYTHONWARNINGS".to_owned(), value.to_owned())].into(),
            };
            assert_eq!(surroundings.ignores_warnings(), ignored, "{value}");
        }
    }
}

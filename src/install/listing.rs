//! The listing of `-vv`. zc.buildout: buildout.py, `Buildout.install`, "Configuration data".

use super::plan;
use crate::config::writer;
use crate::error::Result;
use crate::log::Entry;
use crate::project::Project;
use crate::text::Text;
use crate::wording::without_credentials;

/// Every section that was needed, resolved. It ends up in logs, so passwords are left out of it.
pub(super) fn list_options(project: &mut Project) -> Result<()> {
    let mut text = String::from("\nConfiguration data:\n");
    let mut sections = project.buildout.initialised();
    sections.sort_unstable();
    for section in sections {
        let mut options = project.buildout.all(&section)?;
        for (option, value) in &mut options {
            if plan::is_secret(option) {
                *value = Text::from(plan::HIDDEN);
            } else if value.contains("://") {
                *value = Text::from(without_credentials(value));
            }
        }
        text.push_str(&writer::section(&section, &options));
    }
    project.log.show(&Entry::Line(text));
    Ok(())
}

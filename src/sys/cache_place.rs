//! Where a cache can be kept: where it belongs, or in the temporary directory where nothing can be written there.
//!
//! Services run as users whose home is nowhere, or somebody else's. What is put into a temporary directory that all can
//! write to must be ours alone: programs come out of it.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Access, access};

/// `wanted`, if it is there to be written to or can be made; else a directory of this user's own below `temporary`, made if
/// need be. Where that fails too it is `wanted` again: who writes there learns why.
pub fn cache_place(wanted: &str, temporary: &str) -> String {
    if can_be_written(Path::new(wanted)) {
        return wanted.to_owned();
    }
    private(temporary).unwrap_or_else(|| wanted.to_owned())
}

fn can_be_written(path: &Path) -> bool {
    let there = path.ancestors().find(|ancestor| ancestor.exists());
    there.is_none_or(|there| {
        there.is_dir() && access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    })
}

fn private(temporary: &str) -> Option<String> {
    let user = rustix::process::getuid().as_raw();
    let path = format!("{}/rbuildout-{user}", temporary.trim_end_matches('/'));
    match DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) => Some(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(&path).ok()?;
            let for_others = there.mode() & 0o077;
            let is_ours = there.is_dir() && there.uid() == user && for_others == 0;
            is_ours.then_some(path)
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_place_of_ours_where_the_wanted_one_can_not_be() {
        let there = tempfile::tempdir().unwrap();
        let at = |path: &str| there.path().join(path).display().to_string();
        let temporary = at("");
        let wanted = at("home/.cache/rbuildout");
        assert_eq!(cache_place(&wanted, &temporary), wanted);
        assert!(
            !Path::new(&at("home")).exists(),
            "nothing is made too early"
        );
        // A file where a directory should be refuses even who may do everything.
        fs::write(at("home"), "").unwrap();
        let user = rustix::process::getuid().as_raw();
        let own = at(&format!("rbuildout-{user}"));
        assert_eq!(cache_place(&wanted, &temporary), own);
        let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&own), 0o700);
        assert_eq!(cache_place(&wanted, &temporary), own);
        // What others can write to is not trusted, nor a link.
        fs::set_permissions(&own, fs::Permissions::from_mode(0o770)).unwrap();
        assert_eq!(cache_place(&wanted, &temporary), wanted);
        fs::remove_dir(&own).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        symlink(at("elsewhere"), &own).unwrap();
        assert_eq!(cache_place(&wanted, &temporary), wanted);
        assert_eq!(cache_place(&wanted, &at("no/such")), wanted);
    }
}

//! [`World`]: packages on offer, and runs over a buildout with what changes before each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All that a case is made of. In its texts `[ROOT]` is its directory and `[INDEX]` the URL of the served index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) packages: Vec<Package>,
    pub(super) steps: Vec<Step>,
}

/// One version of a project, as a wheel or as an archive of sources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// The name as the file has it.
    pub(super) file: String,
    pub(super) place: Place,
    /// Lines of METADATA.
    pub(super) metadata: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) entry_points: String,
    /// Path and text; none for the usual module.
    pub(super) modules: BTreeMap<String, String>,
    /// What top_level.txt says, and namespace_packages.txt.
    pub(super) top: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) is_source: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) is_yanked: bool,
}

/// Where a package is on offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// A directory of projects.
    #[default]
    Index,
    /// A directory of files.
    Links,
    /// Pages of a server.
    Served,
}

/// A run, and what happens before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) arguments: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) files: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) removed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) published: Vec<Package>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// How a step ended and what it left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) status: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Texts of files, and names in directories, after a run that succeeds, where they are others than before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) left: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Recorded {
    pub(super) world: World,
    /// Of the steps up to the first that fails.
    pub(super) outcomes: Vec<Outcome>,
}

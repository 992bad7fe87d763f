//! What is said over the pipes, typed. docs/bridge.md is the reference.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::dist::EggsRequest;

/// The version of the protocol; both sides are of one binary, so that a difference is a mistake in the cache.
pub(super) const PROTOCOL: u32 = 1;

/// What rbuildout asks the host for.
#[derive(Debug, Serialize)]
#[serde(tag = "m", rename_all = "lowercase")]
pub enum Request {
    Init(Box<Init>),
    /// Calls extensions: as they are loaded, or unloaded.
    Extensions {
        /// `module:function` each.
        objects: Vec<String>,
        activate: Activation,
    },
    /// The develop eggs are new.
    Develop {},
    /// Python's own installer, for the host itself.
    Install(Box<InstallOrder>),
    /// What Python's own installer has picked.
    Picked {},
    /// `__init__` of a part's recipe.
    Load {
        part: String,
        #[serde(flatten)]
        recipe: RecipeObject,
    },
    /// An option of a part whose recipe has a `get` of its own.
    Get {
        part: String,
        option: String,
    },
    /// `install` or `update`.
    Call {
        part: String,
        method: &'static str,
    },
    /// The uninstaller of an installed part's recipe.
    Uninstall {
        part: String,
        #[serde(flatten)]
        recipe: RecipeObject,
        options: BTreeMap<String, String>,
    },
    /// The run is over, with this exit code.
    Bye {
        status: u8,
    },
}

/// Eggs that have become active in the host.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Activation {
    /// New locations for the front of `sys.path`, in this order.
    pub path: Vec<String>,
    /// New locations for its end.
    pub last: Vec<String>,
    /// All locations of the host's working set, whose order is another one; empty where nothing is new.
    pub entries: Vec<String>,
}

impl Activation {
    fn is_empty(&self) -> bool {
        self.path.is_empty() && self.last.is_empty()
    }
}

/// The arguments of `zc.buildout.easy_install.install`.
#[derive(Debug, Serialize)]
pub struct InstallOrder {
    pub specs: Vec<String>,
    /// The eggs directory; none when nothing may be installed.
    pub dest: Option<String>,
    pub path: Vec<String>,
    pub links: Vec<String>,
    pub index: Option<String>,
    pub newest: bool,
    pub allow_hosts: Vec<String>,
    pub activate: Activation,
}

/// Python's installer is done.
#[derive(Debug, Deserialize)]
pub struct InstallDone {
    /// The working set of the host by now.
    pub entries: Vec<String>,
}

/// A recipe's class or function, and the eggs that it is in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RecipeObject {
    /// The requirement and the entry point, as `recipe =` names them.
    pub spec: String,
    pub entry: String,
    /// `module:Class` as the distribution's entry points have it; none where they have no such.
    pub object: Option<String>,
    pub activate: Activation,
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an attribute of its own in Python"
)]
#[derive(Debug, Serialize)]
pub struct Init {
    pub proto: u32,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// `-D`: a debugger where a recipe fails.
    pub debug: bool,
    pub newest: bool,
    pub offline: bool,
    pub links: Vec<String>,
    pub allow_hosts: Vec<String>,
    pub log: LogSettings,
    /// Attributes of easy_install's class `Installer`.
    pub installer: InstallerSettings,
    /// The functions of the host's easy_install that rbuildout can stand for.
    pub functions: &'static [&'static str],
    pub socket_timeout: Option<u64>,
}

#[derive(Debug, Serialize)]
pub struct LogSettings {
    pub level: i32,
    pub format: String,
}

#[derive(Debug, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an attribute of its own in Python"
)]
pub struct InstallerSettings {
    #[serde(rename = "_versions")]
    pub versions: IndexMap<String, String>,
    #[serde(rename = "_prefer_final")]
    pub prefer_final: bool,
    #[serde(rename = "_allow_picked_versions")]
    pub allow_picked_versions: bool,
    #[serde(rename = "_use_dependency_links")]
    pub use_dependency_links: bool,
    #[serde(rename = "_store_required_by")]
    pub store_required_by: bool,
    #[serde(rename = "_download_cache")]
    pub download_cache: Option<String>,
    #[serde(rename = "_install_from_cache")]
    pub install_from_cache: bool,
}

/// What the host asks rbuildout for.
#[derive(Debug, Deserialize)]
#[serde(tag = "m", rename_all = "lowercase")]
pub enum Question {
    /// A section that nobody has asked for yet.
    Section { name: String },
    /// `Installer.install`.
    Install(Box<InstallQuestion>),
    /// `sort_working_set` of a working set that an answer has named.
    Sort {
        set: usize,
        eggs: String,
        develop: String,
    },
    /// What is in a working set.
    Set { set: usize },
    /// What was picked by now.
    Picked {},
    /// A working set that native parts and zc.recipe.egg share: is there one, or here is one.
    Kept {
        request: EggsRequest,
        set: Option<usize>,
    },
    /// `scripts`.
    Scripts(Box<ScriptsQuestion>),
}

/// The arguments of `zc.buildout.easy_install.scripts`.
#[derive(Debug, Deserialize)]
pub struct ScriptsQuestion {
    /// The working set.
    pub set: usize,
    /// A requirement each, or name, module and attributes.
    pub wanted: Vec<Vec<String>>,
    pub dest: String,
    pub scripts: Option<Vec<(String, String)>>,
    pub extra_paths: Vec<String>,
    pub arguments: String,
    pub interpreter: Option<String>,
    pub initialization: String,
    pub relative_paths: Option<String>,
}

/// What was picked, and by the text of the requirement who asked for it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Picked {
    pub picked: BTreeMap<String, String>,
    pub required_by: BTreeMap<String, Vec<String>>,
}

/// The arguments of `Installer(...).install(specs, working_set)`, and the class's settings as they are now.
#[derive(Debug, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an argument of its own in Python"
)]
pub struct InstallQuestion {
    pub specs: Vec<String>,
    /// The eggs directory; none when nothing may be installed.
    pub dest: Option<String>,
    pub links: Vec<String>,
    pub index: Option<String>,
    pub path: Vec<String>,
    pub newest: bool,
    /// None where they are those that hold for all.
    pub versions: Option<IndexMap<String, String>>,
    pub allow_hosts: Vec<String>,
    pub check_picked: bool,
    pub allow_unknown_extras: bool,
    pub prefer_final: bool,
    pub allow_picked_versions: bool,
    pub use_dependency_links: bool,
    pub download_cache: Option<String>,
    pub install_from_cache: bool,
    /// The working set of the host itself is meant.
    pub running: bool,
}

/// The answer to a question.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// The number of the working set that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<usize>,
    /// What is in a working set.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub content: Option<SetContent>,
    /// Scripts, and lines for the log among them: `script`, `interpreter` or `warning`, path, text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Vec<(&'static str, String, String)>>,
    #[serde(skip_serializing_if = "Activation::is_empty")]
    pub activate: Activation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked: Option<Picked>,
    /// Python's own installer has to do it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub declined: bool,
}

/// A working set, as pkg_resources' `WorkingSet` has it.
#[derive(Debug, Serialize)]
pub struct SetContent {
    pub entries: Vec<String>,
    /// Keys by location, in order.
    pub keys: Vec<(String, Vec<String>)>,
    /// By key, in the order in which they came.
    pub dists: Vec<Dist>,
}

/// Location, project, version, directory of the metadata, `egg` or `develop`.
pub type Dist = (String, String, String, String, &'static str);

/// `__init__` is done.
#[derive(Debug, Deserialize)]
pub struct Loaded {
    /// Whether the recipe has an `update`.
    pub update: bool,
    /// Whether its options have a `get` that it has put there.
    pub own_get: bool,
}

/// What a recipe says of an option.
#[derive(Debug, Deserialize)]
pub struct Got {
    pub value: Option<String>,
}

/// `install` or `update` is done.
#[derive(Debug, Deserialize)]
pub struct Called {
    /// None where it returned None.
    pub paths: Option<Vec<String>>,
}

/// Changes of the shared state since the sender last spoke.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct News {
    /// Section, layer, option, value; see [`super::state`].
    #[serde(default)]
    pub(super) d: Vec<Change>,
    /// Parts whose `__init__` has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) p: Vec<String>,
    /// From the host only: what changed around it.
    #[serde(flatten, skip_serializing)]
    pub(super) process: ProcessNews,
}

/// What Python code has changed of its process and of easy_install since the host last spoke.
#[derive(Debug, Default, Deserialize)]
pub struct ProcessNews {
    /// `os.environ`; none for what is gone.
    #[serde(default)]
    pub env: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub umask: Option<u32>,
    /// Attributes of easy_install's class `Installer`.
    #[serde(default)]
    pub installer: InstallerNews,
    /// What stands in the place of zc.buildout's own functions, by name; all of it.
    #[serde(default)]
    pub patched: Option<Vec<String>>,
    #[serde(default)]
    pub listing: ListingNews,
}

/// See [`InstallerSettings`].
#[derive(Debug, Default, Deserialize)]
pub struct InstallerNews {
    #[serde(rename = "_versions")]
    pub versions: Option<IndexMap<String, String>>,
    #[serde(rename = "_prefer_final")]
    pub prefer_final: Option<bool>,
    #[serde(rename = "_allow_picked_versions")]
    pub allow_picked_versions: Option<bool>,
    #[serde(rename = "_use_dependency_links")]
    pub use_dependency_links: Option<bool>,
    #[serde(rename = "_store_required_by")]
    pub store_required_by: Option<bool>,
}

/// What the end of the run is to tell of picked versions, where Python code has changed it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ListingNews {
    pub show_picked_versions: Option<bool>,
    pub update_versions_file: Option<String>,
}

pub(super) type Change = (String, String, Option<String>, Option<String>);

/// An error on its way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct WireError {
    pub(super) kind: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) doing: Vec<String>,
    #[serde(default)]
    pub(super) code: Option<i64>,
    /// The number of the Python exception.
    #[serde(default)]
    pub(super) foreign: Option<u64>,
    /// The number of our error, whose diagnostics wait here.
    #[serde(default)]
    pub(super) known: Option<u64>,
    /// A debugger has shown it already.
    #[serde(default)]
    pub(super) debugged: bool,
}

/// A line of the host.
#[derive(Debug, Deserialize)]
pub(super) struct Incoming {
    #[serde(default)]
    pub(super) id: Option<i64>,
    #[serde(default)]
    pub(super) re: Option<i64>,
    #[serde(default)]
    pub(super) s: Option<News>,
    #[serde(default)]
    pub(super) ok: Option<serde_json::Value>,
    #[serde(default)]
    pub(super) err: Option<WireError>,
    /// A question, if it is one.
    #[serde(flatten)]
    pub(super) rest: serde_json::Value,
}

/// A line of ours.
#[derive(Debug, Serialize)]
pub(super) struct Outgoing<T: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) re: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) s: Option<News>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ok: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) err: Option<WireError>,
    #[serde(flatten)]
    pub(super) rest: T,
}

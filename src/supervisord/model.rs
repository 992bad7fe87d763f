//! What would run: the model that supervisord makes of a configuration it accepts.
//!
//! The names of the fields are supervisor's own; they are the `model` of `check --format json`.

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::datatypes::{AutoRestart, LogFile};
use crate::text::Text;

/// All that supervisord makes of a configuration.
#[derive(Clone, Debug, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are supervisor's options"
)]
pub struct Model {
    pub childlogdir: String,
    pub directory: Option<String>,
    pub environment: IndexMap<String, String>,
    pub groups: Vec<Group>,
    pub http: Vec<Server>,
    pub identifier: String,
    pub infos: Vec<String>,
    pub logfile: String,
    pub logfile_backups: i128,
    pub logfile_maxbytes: i128,
    pub loglevel: Option<u32>,
    pub minfds: i128,
    pub minprocs: i128,
    pub nocleanup: bool,
    pub nodaemon: bool,
    pub pidfile: String,
    /// The names of the rpc interfaces.
    pub rpc: Vec<String>,
    /// What processes get as `SUPERVISOR_SERVER_URL`.
    pub serverurl: Option<String>,
    pub silent: bool,
    pub strip_ansi: bool,
    pub umask: i128,
    pub user: Option<String>,
    /// What supervisord writes to its log about the configuration.
    pub warnings: Vec<String>,
}

/// What kind of group, by supervisor's class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum GroupKind {
    #[serde(rename = "ProcessGroupConfig")]
    Programs,
    #[serde(rename = "EventListenerPoolConfig")]
    Listeners,
    #[serde(rename = "FastCGIGroupConfig")]
    FastCgi,
}

#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub kind: GroupKind,
    pub name: String,
    pub priority: i128,
    pub processes: Vec<Process>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_size: Option<i128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_handler: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// The section that it comes from.
    pub section: String,
    #[serde(skip)]
    pub at: Text,
}

#[derive(Clone, Debug, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are supervisor's options"
)]
pub struct Process {
    #[serde(serialize_with = "auto_restart")]
    pub autorestart: AutoRestart,
    pub autostart: bool,
    pub command: String,
    pub directory: Option<String>,
    pub environment: IndexMap<String, String>,
    pub exitcodes: Vec<i128>,
    pub killasgroup: bool,
    pub name: String,
    pub priority: i128,
    pub redirect_stderr: bool,
    pub serverurl: Option<String>,
    pub startretries: i128,
    pub startsecs: i128,
    pub stderr_capture_maxbytes: i128,
    pub stderr_events_enabled: bool,
    #[serde(flatten)]
    pub stderr: Output,
    pub stdout_capture_maxbytes: i128,
    pub stdout_events_enabled: bool,
    #[serde(flatten, with = "stdout_fields")]
    pub stdout: Output,
    pub stopasgroup: bool,
    pub stopsignal: i128,
    pub stopwaitsecs: i128,
    pub uid: Option<i128>,
    pub umask: Option<i128>,
    /// The section that it comes from.
    pub section: String,
    #[serde(skip)]
    pub at: Text,
}

/// Where one stream of a process goes.
#[derive(Clone, Debug, Serialize)]
pub struct Output {
    #[serde(rename = "stderr_logfile", serialize_with = "log_file")]
    pub logfile: LogFile,
    #[serde(rename = "stderr_logfile_maxbytes")]
    pub maxbytes: i128,
    #[serde(rename = "stderr_logfile_backups")]
    pub backups: i128,
    #[serde(rename = "stderr_syslog")]
    pub syslog: bool,
}

mod stdout_fields {
    use super::{Output, log_file};
    use serde::{Serialize, Serializer};

    #[derive(Serialize)]
    struct Fields<'a> {
        #[serde(rename = "stdout_logfile", serialize_with = "log_file")]
        logfile: &'a super::LogFile,
        #[serde(rename = "stdout_logfile_maxbytes")]
        maxbytes: i128,
        #[serde(rename = "stdout_logfile_backups")]
        backups: i128,
        #[serde(rename = "stdout_syslog")]
        syslog: bool,
    }

    pub(super) fn serialize<S: Serializer>(output: &Output, to: S) -> Result<S::Ok, S::Error> {
        let fields = Fields {
            logfile: &output.logfile,
            maxbytes: output.maxbytes,
            backups: output.backups,
            syslog: output.syslog,
        };
        fields.serialize(to)
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn auto_restart<S: Serializer>(value: &AutoRestart, to: S) -> Result<S::Ok, S::Error> {
    match value {
        AutoRestart::Never => to.serialize_bool(false),
        AutoRestart::Unexpected => to.serialize_str("RestartWhenExitUnexpected"),
        AutoRestart::Always => to.serialize_str("RestartUnconditionally"),
    }
}

fn log_file<S: Serializer>(value: &LogFile, to: S) -> Result<S::Ok, S::Error> {
    match value {
        LogFile::File(path) => to.serialize_str(path),
        LogFile::Automatic => to.serialize_str("AUTO"),
        LogFile::Nowhere | LogFile::Syslog => to.serialize_none(),
    }
}

/// An address that supervisord listens on.
#[derive(Clone, Debug, Serialize)]
pub struct Server {
    #[serde(flatten)]
    pub address: Address,
    pub name: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub section: String,
    #[serde(skip)]
    pub at: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Address {
    /// An empty host is every address of the machine.
    Inet { host: String, port: i128 },
    Unix {
        file: String,
        chmod: i128,
        chown: (i128, i128),
    },
}

/// What supervisorctl makes of the same file.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    pub serverurl: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub prompt: String,
    pub history_file: Option<String>,
    #[serde(skip)]
    pub at: Text,
}

//! The API server's audit log as values.
//!
//! Why it exists: it is the one witness of Kubernetes writes and of the rights that the operator uses which
//! the operator cannot influence. The API server writes an event before it answers (mode `blocking`), so what a
//! client has seen is in the log. Must not: change the log.

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// One answered request. Events of reads exist only for the users named in the options.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// `ResponseComplete`, or `ResponseStarted` for a watch that goes on.
    pub stage: String,
    /// get, list, watch, create, update, patch, delete, deletecollection.
    pub verb: String,
    /// Path and query.
    #[serde(rename = "requestURI")]
    pub request_uri: String,
    /// Who asked.
    pub user: AuditUser,
    /// The program that asked, as it calls itself.
    #[serde(default)]
    pub user_agent: String,
    /// What was asked for; absent for paths such as `/version`.
    pub object_ref: Option<AuditObject>,
    /// The answer.
    pub response_status: Option<AuditStatus>,
    /// The body of a write (Secrets excepted).
    pub request_object: Option<Value>,
    /// When the request came, RFC 3339.
    pub request_received_timestamp: String,
}

/// The user of an event.
#[derive(Debug, Clone, Deserialize)]
pub struct AuditUser {
    /// The user name.
    pub username: String,
    /// All groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// The object of an event; what a request does not name is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditObject {
    /// The API group; empty for the core group.
    pub api_group: String,
    /// The plural.
    pub resource: String,
    /// For example `status`.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// The answer of an event.
#[derive(Debug, Clone, Deserialize)]
pub struct AuditStatus {
    /// The HTTP status code.
    pub code: u16,
}

impl AuditEvent {
    /// Whether the verb changes something.
    pub fn is_write(&self) -> bool {
        matches!(self.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection")
    }

    /// Whether the user asked.
    pub fn is_by(&self, user: &str) -> bool {
        self.user.username == user
    }

    /// The plural, with the subresource behind a slash.
    pub fn resource(&self) -> String {
        match &self.object_ref {
            None => String::new(),
            Some(object) if object.subresource.is_empty() => object.resource.clone(),
            Some(object) => format!("{}/{}", object.resource, object.subresource),
        }
    }

    /// The HTTP status code; 0 when the log has none.
    pub fn code(&self) -> u16 {
        self.response_status.as_ref().map_or(0, |status| status.code)
    }
}

/// A reader of the audit log. Copies read independently.
#[derive(Debug, Clone)]
pub struct AuditLog {
    path: PathBuf,
}

impl AuditLog {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf() }
    }

    /// A position to read from later.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn position(&self) -> anyhow::Result<u64> {
        match std::fs::metadata(&self.path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error).context("the audit log cannot be read"),
        }
    }

    /// All events.
    ///
    /// # Errors
    /// When the log cannot be read or a line is not an audit event.
    pub fn events(&self) -> anyhow::Result<Vec<AuditEvent>> {
        self.events_since(0)
    }

    /// The events after a position, in the order of the log; a line that is still being written is left out.
    ///
    /// # Errors
    /// When the log cannot be read or a line is not an audit event.
    pub fn events_since(&self, position: u64) -> anyhow::Result<Vec<AuditEvent>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context("the audit log cannot be read"),
        };
        let mut text = String::new();
        file.seek(SeekFrom::Start(position))?;
        file.read_to_string(&mut text).context("the audit log cannot be read")?;
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).with_context(|| format!("not an audit event: {line}")))
            .collect()
    }

    /// The writes of one user after a position.
    ///
    /// # Errors
    /// As [`AuditLog::events_since`].
    pub fn writes_since(&self, position: u64, user: &str) -> anyhow::Result<Vec<AuditEvent>> {
        let mut events = self.events_since(position)?;
        events.retain(|event| event.is_write() && event.is_by(user));
        Ok(events)
    }
}

//! What an account holds, as plain records. Their wire form is made by the resource's own module.
//!
//! Must not hold derived values (those are in the account's index) nor anything about requests.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Role of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    #[serde(rename = "end-user")]
    EndUser,
    #[serde(rename = "agent")]
    Agent,
    #[serde(rename = "admin")]
    Admin,
}

impl Role {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "end-user" => Some(Self::EndUser),
            "agent" => Some(Self::Agent),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::EndUser => "end-user",
            Self::Agent => "agent",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn is_staff(self) -> bool {
        self != Self::EndUser
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Value of the primary e-mail identity.
    pub(crate) email: Option<String>,
    pub(crate) role: Role,
    pub(crate) custom_role_id: Option<u64>,
    pub(crate) external_id: Option<String>,
    pub(crate) suspended: bool,
    pub(crate) active: bool,
    pub(crate) verified: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Writable fields that are not the default: phone, notes, details, alias, tags, …
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) extra: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: u64,
    pub(crate) user_id: u64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) verified: bool,
    pub(crate) primary: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: u64,
    pub(crate) is_public: bool,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) default: bool,
    pub(crate) deleted: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) id: u64,
    pub(crate) user_id: u64,
    pub(crate) group_id: u64,
    pub(crate) default: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) status: String,
    pub(crate) endpoint: String,
    pub(crate) http_method: String,
    pub(crate) request_format: String,
    pub(crate) subscriptions: Vec<String>,
    /// As sent, with its credential. Never rendered.
    pub(crate) authentication: Option<Value>,
    pub(crate) custom_headers: Map<String, Value>,
    pub(crate) signing_secret: String,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: u64,
    pub(crate) updated: Option<(Timestamp, u64)>,
    #[serde(default)]
    pub(crate) invocations: Vec<Invocation>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) status_code: Option<u16>,
    pub(crate) latest_completed_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) active: bool,
    /// Came with the account.
    pub(crate) default: bool,
    pub(crate) position: u64,
    pub(crate) category_id: u64,
    pub(crate) all: Vec<Value>,
    pub(crate) any: Vec<Value>,
    pub(crate) actions: Vec<Value>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Category {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) position: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TicketField {
    pub(crate) id: u64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) removable: bool,
    pub(crate) active: bool,
    pub(crate) position: u64,
    pub(crate) creator_user_id: Option<u64>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// The other writable fields that are not the default.
    pub(crate) extra: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    /// Minutes since Sunday 00:00: start and end.
    pub(crate) intervals: Vec<(u32, u32)>,
    pub(crate) holidays: Vec<Holiday>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Holiday {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) start_date: String,
    pub(crate) end_date: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) subject: String,
    pub(crate) status: String,
    pub(crate) assignee_id: Option<u64>,
    pub(crate) group_id: Option<u64>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Ticket {
    /// Whether it still needs somebody.
    pub(crate) fn is_unsolved(&self) -> bool {
        !matches!(self.status.as_str(), "solved" | "closed")
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CustomRole {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) role_type: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) items: Vec<Value>,
    pub(crate) actor: u64,
    pub(crate) created_at: Timestamp,
    /// When it is due to be done; `None`: it never will be (a fault).
    pub(crate) works_at: Timestamp,
    pub(crate) done_at: Option<Timestamp>,
    /// Positions that are to fail (a fault).
    #[serde(default)]
    pub(crate) failing: Vec<usize>,
    /// Set once the items were carried out.
    pub(crate) results: Option<Vec<Value>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OauthClient {
    pub(crate) identifier: String,
    pub(crate) secret: String,
    /// Tokens act as this user.
    pub(crate) user_id: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub(crate) token: String,
    pub(crate) user_id: u64,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Timestamp,
}

/// A mail that the helpdesk sent to somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) about: String,
    pub(crate) at: Timestamp,
}

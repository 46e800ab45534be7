//! Desired: what one store's resource declares, in the model's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Agent, AgentKey, Department, DepartmentKey, EventRoute, License, LicenseKey, Membership, MembershipKey,
    OpeningHours, OpeningHoursKey, PhoneField, PhoneFieldKey, RouteKey, RoutingKey, RoutingRule, Webhook,
    WebhookKey,
};

/// The declared objects of one kind, by key.
pub type Table<K, R> = BTreeMap<K, R>;

/// What one store's resource declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// The agreed number of licenses.
    pub licenses: Table<LicenseKey, License>,
    /// The field for the WhatsApp number.
    pub phone_fields: Table<PhoneFieldKey, PhoneField>,
    /// The departments.
    pub departments: Table<DepartmentKey, Department>,
    /// The agents.
    pub agents: Table<AgentKey, Agent>,
    /// Who answers where.
    #[serde(skip)]
    pub memberships: Table<MembershipKey, Membership>,
    /// The endpoints.
    pub webhooks: Table<WebhookKey, Webhook>,
    /// What is sent to them.
    #[serde(skip)]
    pub routes: Table<RouteKey, EventRoute>,
    /// Where conversations land.
    #[serde(skip)]
    pub routing: Table<RoutingKey, RoutingRule>,
    /// When people answer.
    #[serde(skip)]
    pub hours: Table<OpeningHoursKey, OpeningHours>,
}

impl Desired {
    /// Nothing at all: what a deleted or retired store declares.
    pub fn none() -> Self {
        Self::default()
    }
}

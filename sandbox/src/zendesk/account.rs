//! One helpdesk account: its records, the indexes over them, and its id counter.
//!
//! Must keep the indexes true whenever a record changes: every change of an indexed value goes through a method here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::limits::Meters;
use super::plan::Plan;
use super::records::{
    AccessToken, Category, CustomRole, Group, Identity, Job, Mail, Membership, OauthClient, Role, Schedule,
    Ticket, TicketField, Trigger, User, Webhook,
};

/// Features of the account that people switch, not the API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Features {
    /// Group names must be unique (`groups.check_group_name_uniqueness`).
    pub(crate) unique_group_names: bool,
    /// Bulk import and update of users; off unless the vendor enables it.
    pub(crate) bulk_users: bool,
    /// Trigger categories.
    pub(crate) trigger_categories: bool,
    /// Tags on users.
    pub(crate) user_tagging: bool,
    /// Whether limits are kept at all.
    pub(crate) rate_limits: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            unique_group_names: true,
            bulk_users: false,
            trigger_categories: true,
            user_tagging: true,
            rate_limits: true,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) subdomain: String,
    pub(crate) plan: Plan,
    /// Overrides the plan's limit.
    pub(crate) requests_per_minute: Option<u32>,
    /// Seats bought; `None`: without end.
    pub(crate) seats: Option<usize>,
    pub(crate) features: Features,
    pub(crate) minted: u64,
    pub(crate) owner: u64,
    pub(crate) default_group: u64,
    pub(crate) default_category: u64,
    pub(crate) users: BTreeMap<u64, User>,
    pub(crate) identities: BTreeMap<u64, Identity>,
    pub(crate) groups: BTreeMap<u64, Group>,
    pub(crate) memberships: BTreeMap<u64, Membership>,
    pub(crate) webhooks: BTreeMap<String, Webhook>,
    pub(crate) triggers: BTreeMap<u64, Trigger>,
    pub(crate) categories: BTreeMap<u64, Category>,
    pub(crate) ticket_fields: BTreeMap<u64, TicketField>,
    pub(crate) schedules: BTreeMap<u64, Schedule>,
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    pub(crate) jobs: BTreeMap<String, Job>,
    pub(crate) custom_roles: Vec<CustomRole>,
    pub(crate) oauth_clients: Vec<OauthClient>,
    pub(crate) access_tokens: BTreeMap<String, AccessToken>,
    pub(crate) api_tokens: Vec<String>,
    pub(crate) mails: Vec<Mail>,
    /// Objects that do not show in lists before a moment.
    #[serde(default)]
    pub(crate) unlisted: HashMap<String, Timestamp>,
    /// Users that search does not know before a moment.
    #[serde(default)]
    pub(crate) unsearchable: HashMap<u64, Timestamp>,
    #[serde(skip)]
    pub(crate) index: Index,
    #[serde(skip)]
    pub(crate) meters: Meters,
}

/// What is derived from the records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    emails: HashMap<String, u64>,
    external_ids: HashMap<String, u64>,
    identities_of: HashMap<u64, BTreeSet<u64>>,
    memberships_of: HashMap<u64, BTreeSet<u64>>,
    members_of: HashMap<u64, BTreeSet<u64>>,
}

impl Account {
    /// A new id in the shape of the vendor's: a number above 2^32.
    pub(crate) fn mint(&mut self) -> u64 {
        self.minted += 1;
        let digest = Sha256::digest(self.subdomain.as_bytes());
        let shard = u64::from(digest[0]) * 1_000_000_000;
        6_130_000_000_000 + shard + self.minted * 128 + u64::from(digest[1] % 64)
    }

    /// Hexadecimal digits that look random and are the same in every run.
    pub(crate) fn mint_hex(&mut self, digits: usize) -> String {
        self.minted += 1;
        let digest = Sha256::digest(format!("{}/{}", self.subdomain, self.minted).as_bytes());
        let mut text = String::new();
        for byte in digest {
            text.push_str(&format!("{byte:02x}"));
        }
        text.truncate(digits);
        text
    }

    /// A ULID: 48 bits of time and 80 bits that look random.
    pub(crate) fn mint_ulid(&mut self, now: Timestamp) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let hex = self.mint_hex(20);
        let tail = u128::from_str_radix(&hex, 16).unwrap_or_default();
        let time = u128::try_from(now.as_millisecond()).unwrap_or_default() & 0xffff_ffff_ffff;
        let mut bits = (time << 80) | tail;
        let mut text = [b'0'; 26];
        for symbol in text.iter_mut().rev() {
            *symbol = ALPHABET[usize::try_from(bits & 31).unwrap_or_default()];
            bits >>= 5;
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Requests a minute that the account may make.
    pub(crate) fn rate(&self) -> u32 {
        self.requests_per_minute.unwrap_or_else(|| self.plan.requests_per_minute())
    }

    /// Builds the indexes anew, after the records were loaded.
    pub(crate) fn reindex(&mut self) {
        let mut index = Index::default();
        for user in self.users.values() {
            if let Some(external_id) = &user.external_id {
                index.external_ids.insert(external_id.to_lowercase(), user.id);
            }
        }
        for identity in self.identities.values() {
            index.identities_of.entry(identity.user_id).or_default().insert(identity.id);
            if identity.kind == "email" {
                index.emails.insert(identity.value.to_lowercase(), identity.user_id);
            }
        }
        for membership in self.memberships.values() {
            index.memberships_of.entry(membership.user_id).or_default().insert(membership.id);
            index.members_of.entry(membership.group_id).or_default().insert(membership.id);
        }
        self.index = index;
    }

    /// The user that holds an e-mail address, primary or not.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<u64> {
        self.index.emails.get(&email.to_lowercase()).copied()
    }

    /// The user with an external id, compared without case.
    pub(crate) fn user_by_external_id(&self, external_id: &str) -> Option<u64> {
        self.index.external_ids.get(&external_id.to_lowercase()).copied()
    }

    /// Changes the external id of a user, index included.
    pub(crate) fn set_external_id(&mut self, user_id: u64, external_id: Option<String>) {
        let Some(user) = self.users.get_mut(&user_id) else { return };
        if let Some(old) = user.external_id.take() {
            self.index.external_ids.remove(&old.to_lowercase());
        }
        if let Some(new) = &external_id {
            self.index.external_ids.insert(new.to_lowercase(), user_id);
        }
        user.external_id = external_id;
    }

    pub(crate) fn add_identity(&mut self, identity: Identity) {
        if identity.kind == "email" {
            self.index.emails.insert(identity.value.to_lowercase(), identity.user_id);
        }
        self.index.identities_of.entry(identity.user_id).or_default().insert(identity.id);
        self.identities.insert(identity.id, identity);
    }

    pub(crate) fn remove_identity(&mut self, id: u64) -> Option<Identity> {
        let identity = self.identities.remove(&id)?;
        if identity.kind == "email" {
            self.index.emails.remove(&identity.value.to_lowercase());
        }
        if let Some(ids) = self.index.identities_of.get_mut(&identity.user_id) {
            ids.remove(&id);
        }
        Some(identity)
    }

    /// Ids of a user's identities, oldest first.
    pub(crate) fn identity_ids(&self, user_id: u64) -> Vec<u64> {
        self.index.identities_of.get(&user_id).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    pub(crate) fn add_membership(&mut self, membership: Membership) {
        self.index.memberships_of.entry(membership.user_id).or_default().insert(membership.id);
        self.index.members_of.entry(membership.group_id).or_default().insert(membership.id);
        self.memberships.insert(membership.id, membership);
    }

    pub(crate) fn remove_membership(&mut self, id: u64) -> Option<Membership> {
        let membership = self.memberships.remove(&id)?;
        for (index, key) in [
            (&mut self.index.memberships_of, membership.user_id),
            (&mut self.index.members_of, membership.group_id),
        ] {
            if let Some(ids) = index.get_mut(&key) {
                ids.remove(&id);
            }
        }
        Some(membership)
    }

    /// Ids of a user's memberships, oldest first.
    pub(crate) fn membership_ids(&self, user_id: u64) -> Vec<u64> {
        self.index.memberships_of.get(&user_id).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    /// Ids of a group's memberships, oldest first.
    pub(crate) fn member_ids(&self, group_id: u64) -> Vec<u64> {
        self.index.members_of.get(&group_id).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    /// The user's default group.
    pub(crate) fn default_group_of(&self, user_id: u64) -> Option<u64> {
        let ids = self.index.memberships_of.get(&user_id)?;
        ids.iter().filter_map(|id| self.memberships.get(id)).find(|one| one.default).map(|one| one.group_id)
    }

    /// Type of the user's custom role: 0 custom agent, 1 light agent, 3 contributor, 4 admin.
    pub(crate) fn role_type(&self, user: &User) -> Option<u8> {
        let id = user.custom_role_id.filter(|_| self.plan.has_custom_roles())?;
        self.custom_roles.iter().find(|role| role.id == id).map(|role| role.role_type)
    }

    /// Whether a user takes a seat.
    pub(crate) fn takes_seat(&self, user: &User) -> bool {
        user.active && user.role.is_staff() && !matches!(self.role_type(user), Some(1 | 3))
    }

    /// Seats in use.
    pub(crate) fn seats_used(&self) -> usize {
        self.users.values().filter(|user| self.takes_seat(user)).count()
    }

    /// The custom role that a plain agent or administrator carries on Enterprise.
    pub(crate) fn standard_role(&self, role: Role) -> Option<u64> {
        let wanted = match role {
            Role::EndUser => return None,
            Role::Agent => 0,
            Role::Admin => 4,
        };
        let found = self.custom_roles.iter().find(|custom| custom.role_type == wanted);
        found.filter(|_| self.plan.has_custom_roles()).map(|custom| custom.id)
    }
}

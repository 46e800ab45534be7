//! A fresh account: owner, integration user, default group, system ticket fields, the category "Notifications" with
//! the vendor's usual trigger.
//!
//! Must make every object through the same records as the API, so that nothing is special about it afterwards.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Map, json};

use super::account::{Account, Features, Index};
use super::config::AccountConfig;
use super::limits::Meters;
use super::records::{
    Category, CustomRole, Group, Identity, Membership, OauthClient, Role, TicketField, Trigger, User,
};

/// Builds an account as the vendor would hand it over.
pub(crate) fn account(config: &AccountConfig, now: Timestamp) -> Account {
    let mut account = Account {
        subdomain: config.subdomain.clone(),
        plan: config.plan,
        requests_per_minute: config.requests_per_minute,
        seats: config.seats,
        features: Features::default(),
        minted: 0,
        owner: 0,
        default_group: 0,
        default_category: 0,
        users: BTreeMap::new(),
        identities: BTreeMap::new(),
        groups: BTreeMap::new(),
        memberships: BTreeMap::new(),
        webhooks: BTreeMap::new(),
        triggers: BTreeMap::new(),
        categories: BTreeMap::new(),
        ticket_fields: BTreeMap::new(),
        schedules: BTreeMap::new(),
        tickets: BTreeMap::new(),
        jobs: BTreeMap::new(),
        custom_roles: Vec::new(),
        oauth_clients: Vec::new(),
        access_tokens: BTreeMap::new(),
        api_tokens: vec![config.api_token.clone()],
        mails: Vec::new(),
        unlisted: HashMap::new(),
        unsearchable: HashMap::new(),
        index: Index::default(),
        meters: Meters::default(),
    };
    for (name, role_type) in [("Light agent", 1), ("Contributor", 3), ("Staff", 0), ("Administrator", 4)] {
        let id = account.mint();
        account.custom_roles.push(CustomRole { id, name: name.to_owned(), role_type });
    }
    account.default_group = group(&mut account, "Support", now);
    account.owner = administrator(&mut account, ("Owner", &config.owner_email()), now);
    let user_id = administrator(&mut account, ("Integration", &config.integration_email()), now);
    let (identifier, secret) = config.oauth_client.clone();
    account.oauth_clients.push(OauthClient { identifier, secret, user_id });
    account.default_category = account.mint();
    let id = account.default_category;
    let category =
        Category { id, name: "Notifications".to_owned(), position: 1, created_at: now, updated_at: now };
    account.categories.insert(id, category);
    trigger(&mut account, now);
    system_fields(&mut account, now);
    account
}

fn system_fields(account: &mut Account, now: Timestamp) {
    let fields = [
        ("subject", "Subject"),
        ("description", "Description"),
        ("status", "Status"),
        ("tickettype", "Type"),
        ("priority", "Priority"),
        ("group", "Group"),
        ("assignee", "Assignee"),
    ];
    for (position, (kind, title)) in (1..).zip(fields) {
        field(account, (kind, title, position), now);
    }
}

fn group(account: &mut Account, name: &str, now: Timestamp) -> u64 {
    let id = account.mint();
    let group = Group {
        id,
        is_public: true,
        name: name.to_owned(),
        description: String::new(),
        default: true,
        deleted: false,
        created_at: now,
        updated_at: now,
    };
    account.groups.insert(id, group);
    id
}

fn administrator(account: &mut Account, (name, email): (&str, &str), now: Timestamp) -> u64 {
    let id = account.mint();
    let user = User {
        id,
        name: name.to_owned(),
        email: Some(email.to_owned()),
        role: Role::Admin,
        custom_role_id: account.standard_role(Role::Admin),
        external_id: None,
        suspended: false,
        active: true,
        verified: true,
        created_at: now,
        updated_at: now,
        extra: Map::new(),
    };
    account.users.insert(id, user);
    let identity = Identity {
        id: account.mint(),
        user_id: id,
        kind: "email".to_owned(),
        value: email.to_owned(),
        verified: true,
        primary: true,
        created_at: now,
        updated_at: now,
    };
    account.add_identity(identity);
    let membership = Membership {
        id: account.mint(),
        user_id: id,
        group_id: account.default_group,
        default: true,
        created_at: now,
        updated_at: now,
    };
    account.add_membership(membership);
    id
}

fn trigger(account: &mut Account, now: Timestamp) {
    let id = account.mint();
    let body = "Your request ({{ticket.id}}) has been received.";
    let trigger = Trigger {
        id,
        title: "Notify requester of new proactive ticket".to_owned(),
        description: None,
        active: true,
        default: true,
        position: 1,
        category_id: account.default_category,
        all: vec![
            json!({"field": "update_type", "operator": "is", "value": "Create"}),
            json!({"field": "role", "operator": "is", "value": "agent"}),
        ],
        any: Vec::new(),
        actions: vec![
            json!({"field": "notification_user", "value": ["requester_id", "Request received", body]}),
        ],
        created_at: now,
        updated_at: now,
    };
    account.triggers.insert(id, trigger);
}

fn field(account: &mut Account, (kind, title, position): (&str, &str, u64), now: Timestamp) {
    let id = account.mint();
    let field = TicketField {
        id,
        kind: kind.to_owned(),
        title: title.to_owned(),
        removable: false,
        active: true,
        position,
        creator_user_id: None,
        created_at: now,
        updated_at: now,
        extra: Map::new(),
    };
    account.ticket_fields.insert(id, field);
}

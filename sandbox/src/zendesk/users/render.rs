//! The wire form of a user.
//!
//! Must show every key that a recorded user has, in every reply, whatever the user's role.

use serde_json::{Value, json};

use super::super::account::Account;
use super::super::context::seconds;
use super::super::records::{Role, User};

/// A user as every endpoint shows it. `base` is what absolute links start with.
pub(crate) fn render(account: &Account, user: &User, base: &str) -> Value {
    let extra = |key: &str| user.extra.get(key).cloned().unwrap_or(Value::Null);
    let or = |key: &str, default: Value| user.extra.get(key).cloned().unwrap_or(default);
    let staff = user.role.is_staff();
    let restriction = if staff { extra("ticket_restriction") } else { json!("requested") };
    let restricted = !staff || !restriction.is_null();
    let custom_role_id = user.custom_role_id.filter(|_| account.plan.has_custom_roles() && staff);
    let role_type = if staff { account.role_type(user) } else { None };
    let mut value = json!({
        "id": user.id, "url": format!("{base}/api/v2/users/{}.json", user.id), "name": user.name,
        "email": user.email, "created_at": seconds(user.created_at), "updated_at": seconds(user.updated_at),
        "time_zone": or("time_zone", json!("America/Sao_Paulo")),
        "iana_time_zone": or("iana_time_zone", json!("America/Sao_Paulo")),
        "phone": extra("phone"), "shared_phone_number": extra("shared_phone_number"), "photo": null,
        "locale_id": or("locale_id", json!(1)), "locale": or("locale", json!("en-US")),
        "organization_id": extra("organization_id"), "role": user.role.word(), "verified": user.verified,
        "external_id": user.external_id, "tags": or("tags", json!([])), "alias": extra("alias"),
        "active": user.active, "shared": false, "shared_agent": false, "last_login_at": null,
        "two_factor_auth_enabled": false, "signature": extra("signature"), "details": extra("details"),
        "notes": extra("notes"),
    });
    let more = json!({
        "role_type": role_type, "custom_role_id": custom_role_id,
        "moderator": or("moderator", json!(user.role == Role::Admin)), "ticket_restriction": restriction,
        "only_private_comments": or("only_private_comments", json!(false)), "restricted_agent": restricted,
        "suspended": user.suspended, "default_group_id": account.default_group_of(user.id),
        "report_csv": user.role == Role::Admin, "user_fields": or("user_fields", json!({})),
    });
    if let (Some(value), Some(more)) = (value.as_object_mut(), more.as_object()) {
        value.extend(more.clone());
    }
    value
}

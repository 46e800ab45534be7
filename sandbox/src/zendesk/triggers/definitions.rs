//! `GET /triggers/definitions`: what conditions and actions may use, with the account's own groups and webhooks.
//!
//! Must list active webhooks only.

use serde_json::{Value, json};

use super::super::account::Account;
use super::rules::{ACTIONS, CONDITIONS};

fn values(account: &Account, field: &str) -> Value {
    let option = |value: &str, title: &str| json!({"value": value, "title": title, "enabled": true});
    match field {
        "group_id" => {
            let living = account.groups.values().filter(|group| !group.deleted);
            living.map(|group| option(&group.id.to_string(), &group.name)).collect()
        }
        "notification_webhook" => {
            let active = account.webhooks.values().filter(|webhook| webhook.status == "active");
            active.map(|webhook| option(&webhook.id, &webhook.name)).collect()
        }
        "status" => ["new", "open", "pending", "hold", "solved", "closed"]
            .iter()
            .map(|one| option(one, one))
            .collect(),
        "update_type" => json!([option("Create", "Created"), option("Change", "Updated")]),
        "via_id" | "current_via_id" => {
            json!([option("0", "Web form"), option("4", "Email"), option("5", "Web service (API)")])
        }
        "comment_is_public" => json!([
            option("true", "Public"),
            option("false", "Private"),
            option("not_relevant", "Present (public or private)"),
            option("requester_can_see_comment", "Present, and requester can see the comment")
        ]),
        _ => json!([]),
    }
}

pub(super) fn definitions(account: &Account) -> Value {
    let condition = |(field, title, operators): &(&str, &str, &[&str])| {
        let operators: Vec<Value> = operators
            .iter()
            .map(|one| json!({"value": one, "title": one, "terminal": matches!(*one, "changed" | "not_changed")}))
            .collect();
        json!({"title": title, "subject": field, "type": "list", "group": "ticket", "nullable": false,
            "repeatable": false, "operators": operators, "values": values(account, field)})
    };
    let conditions: Vec<Value> = CONDITIONS.iter().map(condition).collect();
    let actions: Vec<Value> = ACTIONS
        .iter()
        .map(|(field, title)| {
            json!({"title": title, "subject": field, "type": "list", "group": "ticket", "nullable": false,
                "repeatable": field.starts_with("notification_"), "values": values(account, field)})
        })
        .collect();
    json!({"definitions": {"conditions_all": conditions, "conditions_any": conditions, "actions": actions}})
}

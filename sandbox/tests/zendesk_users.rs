//! Users: what the helpdesk does with accounts of people, over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use reqwest::Method;
use sandbox::zendesk::{AccountConfig, Config};
use serde_json::{Value, json};
use support::Desk;

#[tokio::test]
async fn a_fresh_user_has_every_key_of_a_recorded_one() {
    let desk = Desk::unlimited().await;
    let reply = desk.post("users", json!({"user": {"name": "testUser"}})).await.expect(201);
    let user = reply.body["user"].as_object().unwrap();
    let keys = "id url name email created_at updated_at time_zone iana_time_zone phone shared_phone_number photo \
        locale_id locale organization_id role verified external_id tags alias active shared shared_agent \
        last_login_at two_factor_auth_enabled signature details notes role_type custom_role_id moderator \
        ticket_restriction only_private_comments restricted_agent suspended default_group_id report_csv user_fields";
    for key in keys.split_whitespace() {
        assert!(user.contains_key(key), "{key} is missing");
    }
    assert_eq!(user.len(), keys.split_whitespace().count());
    assert_eq!(user["role"], "end-user");
    assert_eq!(user["ticket_restriction"], "requested");
    assert!(user["id"].as_u64().unwrap() > 1 << 32);
    let id = reply.id("user");
    assert!(reply.header("location").ends_with(&format!("/api/v2/users/{id}.json")));
    assert_eq!(reply.header("x-zendesk-api-version"), "v2");
}

#[tokio::test]
async fn paths_with_and_without_json_reach_the_same_user() {
    let desk = Desk::unlimited().await;
    let id = desk.agent("ana").await;
    let plain = desk.get(&format!("users/{id}")).await.expect(200);
    let suffixed = desk.get(&format!("users/{id}.json")).await.expect(200);
    assert_eq!(plain.body, suffixed.body);
    assert_eq!(plain.header("etag"), suffixed.header("etag"));
}

#[tokio::test]
async fn an_email_that_somebody_has_is_refused_in_shape_b() {
    let desk = Desk::unlimited().await;
    desk.agent("ana").await;
    let reply =
        desk.post("users", json!({"user": {"name": "x", "email": "ANA@loja.example"}})).await.expect(422);
    assert_eq!(reply.body["error"], "RecordInvalid");
    assert_eq!(reply.body["details"]["email"][0]["error"], "DuplicateValue");
}

#[tokio::test]
async fn an_external_id_is_unique_without_case_and_found_without_case() {
    let desk = Desk::unlimited().await;
    let user = json!({"user": {"name": "a", "external_id": "K8S:One"}});
    let id = desk.post("users", user).await.expect(201).id("user");
    desk.post("users", json!({"user": {"name": "b", "external_id": "k8s:one"}})).await.expect(422);
    let listed = desk.get("users?external_id=k8s:ONE").await.expect(200);
    assert_eq!(listed.body["users"][0]["id"].to_string(), id);
    let many = desk.get("users/show_many?external_ids=k8s:one,nobody").await.expect(200);
    assert_eq!(many.body["count"], 1);
}

#[tokio::test]
async fn create_or_update_matches_and_overwrites_the_case_of_the_external_id() {
    let desk = Desk::unlimited().await;
    let first = json!({"user": {"name": "a", "external_id": "k8s:one"}});
    let created = desk.post("users/create_or_update", first).await.expect(201);
    let second = json!({"user": {"name": "b", "external_id": "K8S:ONE"}});
    let updated = desk.post("users/create_or_update", second).await.expect(200);
    assert_eq!(created.id("user"), updated.id("user"));
    assert_eq!(updated.body["user"]["external_id"], "K8S:ONE");
    assert_eq!(updated.body["user"]["name"], "b");
}

#[tokio::test]
async fn a_changed_email_is_one_more_identity_and_not_the_primary_one() {
    let desk = Desk::unlimited().await;
    let id = desk.agent("ana").await;
    let reply =
        desk.put(&format!("users/{id}"), json!({"user": {"email": "new@loja.example"}})).await.expect(200);
    assert_eq!(reply.body["user"]["email"], "ana@loja.example");
    let identities = desk.get(&format!("users/{id}/identities")).await.expect(200).body["identities"].clone();
    assert_eq!(identities.as_array().unwrap().len(), 2);
    assert_eq!(identities[1]["primary"], false);

    let second = identities[1]["id"].to_string();
    let made = desk.put(&format!("users/{id}/identities/{second}/make_primary"), json!({})).await.expect(200);
    assert_eq!(made.body["identities"][1]["primary"], true);
    let first = identities[0]["id"].to_string();
    desk.delete(&format!("users/{id}/identities/{first}")).await.expect(204);
    assert_eq!(desk.get(&format!("users/{id}")).await.body["user"]["email"], "new@loja.example");
    // The address that was given up is free again.
    desk.post("users", json!({"user": {"name": "x", "email": "ana@loja.example"}})).await.expect(201);
}

#[tokio::test]
async fn forbidden_and_unknown_keys_are_dropped_with_a_warning() {
    let desk = Desk::unlimited().await;
    let user = json!({"user": {"name": "a", "id": 7, "photo": {}, "active": false}});
    let reply = desk.post("users", user).await.expect(201);
    let warning = reply.header("x-zendesk-api-warn");
    assert!(warning.contains(":controller=>\"users\", :action=>\"create\""), "{warning}");
    assert!(warning.contains("[\"user.id\", \"user.photo\", \"user.active\"]"), "{warning}");
    assert_eq!(reply.body["user"]["active"], true);
    assert_ne!(reply.id("user"), "7");
}

#[tokio::test]
async fn deletion_is_soft_answers_the_user_and_can_be_made_permanent() {
    let desk = Desk::unlimited().await;
    let id = desk.agent("ana").await;
    desk.delete(&format!("deleted_users/{id}")).await.expect(404);
    let reply = desk.delete(&format!("users/{id}")).await.expect(200);
    assert_eq!(reply.body["user"]["active"], false);
    assert_eq!(desk.get(&format!("users/{id}")).await.expect(200).body["user"]["active"], false);
    let agents = desk.get("users?role=agent").await.expect(200);
    assert_eq!(agents.body["users"], json!([]));
    desk.delete(&format!("users/{id}")).await.expect(404);
    desk.delete(&format!("deleted_users/{id}")).await.expect(200);
    desk.get(&format!("users/{id}")).await.expect(404);
}

#[tokio::test]
async fn a_new_agent_joins_the_default_group_takes_a_seat_and_is_emailed_unless_told_not_to() {
    let desk = Desk::unlimited().await;
    let before = desk.account_state()["seats"]["used"].as_u64().unwrap();
    let id = desk.agent("ana").await;
    let user = desk.get(&format!("users/{id}")).await.body["user"].clone();
    assert_eq!(user["default_group_id"], desk.account_state()["default_group_id"]);
    let quiet =
        json!({"user": {"name": "b", "email": "b@loja.example", "role": "agent", "skip_verify_email": true}});
    desk.post("users", quiet).await.expect(201);
    let state = desk.account_state();
    assert_eq!(state["seats"]["used"].as_u64().unwrap(), before + 2);
    let mails: Vec<&Value> = state["mails"].as_array().unwrap().iter().map(|mail| &mail["to"]).collect();
    assert_eq!(mails, ["ana@loja.example"]);
}

#[tokio::test]
async fn a_custom_role_makes_an_end_user_an_agent_and_a_light_agent_takes_no_seat() {
    let desk = Desk::unlimited().await;
    let roles = desk.get("custom_roles").await.expect(200).body["custom_roles"].clone();
    let light = roles.as_array().unwrap().iter().find(|role| role["role_type"] == 1).unwrap()["id"].clone();
    let before = desk.account_state()["seats"]["used"].clone();
    let user = json!({"user": {"name": "a", "role": "end-user", "custom_role_id": light}});
    let reply = desk.post("users", user).await.expect(201);
    assert_eq!(reply.body["user"]["role"], "agent");
    assert_eq!(reply.body["user"]["role_type"], 1);
    assert_eq!(desk.account_state()["seats"]["used"], before);
    let filtered = desk.get(&format!("users?permission_set={light}")).await.expect(200);
    assert_eq!(filtered.body["count"], 1);
}

#[tokio::test]
async fn seats_run_out_with_the_token_in_every_assumed_shape_and_a_suspended_agent_keeps_one() {
    let account = AccountConfig { seats: Some(3), ..AccountConfig::new("lojacentro") };
    let desk = Desk::with(Config { accounts: vec![account], ..Config::default() }).await;
    desk.features(json!({"rateLimits": false})).await;
    let id = desk.agent("ana").await;
    desk.put(&format!("users/{id}"), json!({"user": {"suspended": true}})).await.expect(200);
    let bob = json!({"user": {"name": "bob", "role": "agent"}});
    let reply = desk.post("users", bob.clone()).await.expect(422);
    assert_eq!(reply.body["details"]["role"][0]["error"], "MaxAgentExceeded");
    for shape in ["base", "text"] {
        desk.assume(json!({"seatError": shape, "seatErrorStatus": 400})).await;
        let reply = desk.post("users", bob.clone()).await.expect(400);
        assert!(reply.text.contains("MaxAgentExceeded"), "{}", reply.text);
    }
    desk.put(&format!("users/{id}"), json!({"user": {"role": "end-user"}})).await.expect(200);
    desk.post("users", bob).await.expect(201);
}

#[tokio::test]
async fn a_downgrade_drops_memberships_unless_assumed_otherwise_and_tickets_get_a_new_assignee() {
    for (position, left) in [("yes", 0), ("no", 1)] {
        let desk = Desk::unlimited().await;
        desk.assume(json!({"downgradeDropsMemberships": position})).await;
        let id = desk.agent("ana").await;
        let ticket = json!({"account": "lojacentro", "assignee_id": id.parse::<u64>().unwrap()});
        desk.control(Method::POST, "tickets", ticket).await.expect(201);
        let assigned = format!("users/{id}/tickets/assigned");
        assert_eq!(desk.get(&format!("{assigned}/count")).await.expect(200).body["count"]["value"], 1);
        desk.put(&format!("users/{id}"), json!({"user": {"role": "end-user"}})).await.expect(200);
        let state = desk.account_state();
        let memberships = state["group_memberships"].as_array().unwrap();
        let own = memberships.iter().filter(|one| one["user_id"].as_u64() == id.parse().ok()).count();
        assert_eq!(own, left, "{position}");
        assert_eq!(desk.get(&assigned).await.expect(200).body["tickets"], json!([]));
        let client = &state["oauth_clients"][0];
        assert_eq!(state["tickets"][0]["assignee_id"], client["user_id"]);
    }
}

#[tokio::test]
async fn the_owner_cannot_be_edited_through_the_api_but_by_a_person() {
    let mut desk = Desk::unlimited().await;
    let owner = desk.account_state()["owner_id"].to_string();
    let change = json!({"user": {"name": "Other"}});
    desk.put(&format!("users/{owner}"), change.clone()).await.expect(403);
    desk.delete(&format!("users/{owner}")).await.expect(403);
    desk.assume(json!({"immutableStatus": 422})).await;
    desk.put(&format!("users/{owner}"), change.clone()).await.expect(422);
    desk.person = Some("Marta".to_owned());
    desk.put(&format!("users/{owner}"), change).await.expect(200);
    assert_eq!(desk.zendesk.ledger().entries().last().unwrap().person.as_deref(), Some("Marta"));
}

#[tokio::test]
async fn bulk_import_is_forbidden_until_enabled_and_then_is_a_job_with_results_per_item() {
    let desk = Desk::unlimited().await;
    let users = json!({"users": [{"name": "a", "external_id": "a"}, {"name": ""}, {"name": "c"}]});
    desk.post("users/create_many", users.clone()).await.expect(403);
    desk.features(json!({"bulkUsers": true})).await;
    let too_many: Vec<Value> = (0..101).map(|_| json!({"name": "a"})).collect();
    let reply = desk.post("users/create_many", json!({ "users": too_many })).await.expect(400);
    assert_eq!(reply.body["error"], "TooManyValues");
    assert!(reply.body["description"].as_str().unwrap().contains("Maximum 100 users"));

    desk.zendesk.clock().freeze();
    let job = desk.post("users/create_many", users).await.expect(200).body["job_status"].clone();
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("V3-") && id.len() == 35, "{id}");
    assert_eq!(job["status"], "queued");
    assert_eq!(
        desk.get("users?external_id=a").await.body["users"],
        json!([]),
        "a queued job has done nothing"
    );
    let path = format!("job_statuses/{id}");
    desk.zendesk.clock().advance(std::time::Duration::from_millis(300));
    assert_eq!(desk.get(&path).await.expect(200).body["job_status"]["status"], "working");
    desk.zendesk.clock().advance(std::time::Duration::from_secs(1));
    let done = desk.get(&path).await.expect(200).body["job_status"].clone();
    assert_eq!(done["status"], "completed");
    assert_eq!(done["results"][0]["status"], "Created");
    assert_eq!(done["results"][1]["success"], false);
    assert_eq!(desk.get("users?external_id=a").await.body["users"][0]["name"], "a");
    desk.zendesk.clock().advance(std::time::Duration::from_secs(25 * 3600));
    // The token of the test is older than that, so a person looks.
    let person = [("x-sandbox-person", "Marta")];
    desk.raw((Method::GET, &format!("/api/v2/{path}")), &person, None).await.expect(404);
}

/// A job that updates one user and names one that is not there; its results.
async fn update_of(desk: &Desk, user: &str) -> Value {
    let users = json!({"users": [{"id": user, "name": "b", "external_id": "b"}, {"id": 1, "name": "c"}]});
    let job = desk.put("users/update_many", users).await.expect(200).body["job_status"].clone();
    desk.zendesk.clock().advance(std::time::Duration::from_secs(2));
    let path = format!("job_statuses/{}", job["id"].as_str().unwrap());
    desk.get(&path).await.expect(200).body["job_status"]["results"].clone()
}

#[tokio::test]
async fn updates_in_bulk_are_refused_like_imports_or_allowed_and_say_and_write_what_is_assumed() {
    let desk = Desk::unlimited().await;
    let user = desk.agent("ana").await;
    desk.put("users/update_many", json!({"users": [{"id": user, "name": "b"}]})).await.expect(403);
    desk.assume(json!({"bulkUserUpdates": "allowed", "userJobsWriteExternalId": "no"})).await;
    desk.post("users/create_many", json!({"users": [{"name": "a"}]})).await.expect(403);
    let results = update_of(&desk, &user).await;
    assert_eq!(
        results[0],
        json!({"index": 0, "id": user.parse::<u64>().unwrap(), "status": "Updated", "success": true})
    );
    assert_eq!((&results[1]["index"], &results[1]["success"]), (&json!(1), &json!(false)));
    let shown = desk.get(&format!("users/{user}")).await.body["user"].clone();
    assert_eq!((&shown["name"], &shown["external_id"]), (&json!("b"), &Value::Null));

    desk.assume(json!({"userJobsWriteExternalId": "yes", "jobResults": "recorded"})).await;
    let results = update_of(&desk, &user).await;
    assert_eq!(results[0], json!({"id": user.parse::<u64>().unwrap(), "status": "Updated"}));
    assert!(results[1]["index"].is_null() && results[1]["error"].is_string(), "{results}");
    assert_eq!(desk.get(&format!("users/{user}")).await.body["user"]["external_id"], "b");
}

#[tokio::test]
async fn search_lags_behind_the_list() {
    let desk = Desk::unlimited().await;
    desk.assume(json!({"searchDelayMilliseconds": 120_000})).await;
    let id = desk.agent("ana").await;
    assert_eq!(desk.get("users?role=agent").await.body["users"][0]["id"].to_string(), id);
    let search = "users/search?query=email:ana@loja.example";
    assert_eq!(desk.get(search).await.expect(200).body["count"], 0);
    desk.assume(json!({"externalIdFilterLags": "yes"})).await;
    desk.put(&format!("users/{id}"), json!({"user": {"external_id": "x"}})).await.expect(200);
    assert_eq!(desk.get("users?external_id=x").await.body["users"], json!([]));
    desk.zendesk.clock().advance(std::time::Duration::from_secs(121));
    assert_eq!(desk.get(search).await.body["users"][0]["id"].to_string(), id);
    assert_eq!(desk.get("users?external_id=x").await.body["count"], 1);
}

#[tokio::test]
async fn what_is_inferred_about_agents_can_be_switched_off() {
    let desk = Desk::unlimited().await;
    let switches =
        json!({"agentsJoinDefaultGroup": "no", "agentsAreEmailed": "no", "deletionFreesIdentifiers": "no"});
    desk.assume(switches).await;
    let id = desk.agent("ana").await;
    assert!(desk.get(&format!("users/{id}")).await.body["user"]["default_group_id"].is_null());
    assert_eq!(desk.account_state()["mails"], json!([]));
    desk.delete(&format!("users/{id}")).await.expect(200);
    let again = json!({"user": {"name": "ana", "email": "ana@loja.example"}});
    desk.post("users", again.clone()).await.expect(422);
    desk.assume(json!({"deletionFreesIdentifiers": "yes"})).await;
    let other = desk.agent("rui").await;
    desk.delete(&format!("users/{other}")).await.expect(200);
    desk.agent("rui").await;
}

#[tokio::test]
async fn the_restriction_of_an_agent_is_taken_unless_a_custom_role_governs_it() {
    let desk = Desk::unlimited().await;
    let id = desk.agent("ana").await;
    let path = format!("users/{id}");
    let restrict = json!({"user": {"ticket_restriction": "groups"}});
    let governed = desk.put(&path, restrict.clone()).await.expect(200).body["user"].clone();
    assert_eq!(
        (governed["ticket_restriction"].clone(), governed["restricted_agent"].clone()),
        (json!(null), json!(false))
    );
    desk.assume(json!({"customRoleGovernsRestriction": "no"})).await;
    let taken = desk.put(&path, restrict).await.expect(200).body["user"].clone();
    assert_eq!(
        (taken["ticket_restriction"].clone(), taken["restricted_agent"].clone()),
        (json!("groups"), json!(true))
    );
    desk.put(&path, json!({"user": {"ticket_restriction": "some"}})).await.expect(422);
}

#[tokio::test]
async fn tickets_of_a_removed_agent_go_to_the_oldest_of_the_group_if_assumed() {
    let desk = Desk::unlimited().await;
    desk.assume(json!({"ticketsOfRemoved": "oldestOfGroup"})).await;
    let group = desk.group("Vendas").await;
    let agents = [desk.agent("ana").await, desk.agent("rui").await];
    for agent in &agents {
        let body = json!({"group_membership": {"user_id": agent, "group_id": group}});
        desk.post("group_memberships", body).await.expect(201);
    }
    let number = |id: &str| id.parse::<u64>().unwrap();
    let ticket =
        json!({"account": "lojacentro", "assignee_id": number(&agents[0]), "group_id": number(&group)});
    desk.control(Method::POST, "tickets", ticket).await.expect(201);
    desk.delete(&format!("users/{}", agents[0])).await.expect(200);
    assert_eq!(desk.account_state()["tickets"][0]["assignee_id"].to_string(), agents[1]);
}

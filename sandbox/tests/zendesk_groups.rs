//! Groups and memberships.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::Desk;

fn ids(list: &Value, key: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| one[key].to_string()).collect()
}

#[tokio::test]
async fn a_group_has_the_recorded_shape_and_an_empty_description() {
    let desk = Desk::unlimited().await;
    let reply = desk.post("groups", json!({"group": {"name": "Vendas"}})).await.expect(201);
    let id = reply.id("group");
    let group = &reply.body["group"];
    assert_eq!(group["description"], "");
    assert_eq!(group["is_public"], true);
    assert_eq!((group["default"].clone(), group["deleted"].clone()), (json!(false), json!(false)));
    assert!(reply.header("location").ends_with(&format!("groups/{id}.json")));
    let changed =
        desk.put(&format!("groups/{id}"), json!({"group": {"description": "x", "id": 5}})).await.expect(200);
    assert!(changed.header("x-zendesk-api-warn").contains("[\"group.id\"]"));
    assert!(changed.header("location").ends_with(&format!("groups/{id}.json")));
    assert_eq!(changed.body["group"]["name"], "Vendas");
}

#[tokio::test]
async fn a_deleted_group_stays_in_the_list_unless_excluded_and_its_name_is_free() {
    let desk = Desk::unlimited().await;
    let id = desk.group("Vendas").await;
    desk.delete(&format!("groups/{id}")).await.expect(204);
    desk.delete(&format!("groups/{id}")).await.expect(404);
    let all = desk.get("groups").await.expect(200);
    let deleted =
        all.body["groups"].as_array().unwrap().iter().find(|one| one["name"] == "Vendas").unwrap().clone();
    assert_eq!(deleted["deleted"], true);
    let rest = desk.get("groups?exclude_deleted=true").await.expect(200);
    assert!(!ids(&rest.body["groups"], "id").contains(&id));
    assert_eq!(desk.get(&format!("groups/{id}")).await.expect(200).body["group"]["deleted"], true);
    desk.assume(json!({"deletedGroup": "gone"})).await;
    desk.get(&format!("groups/{id}")).await.expect(404);
    desk.group("Vendas").await;
}

#[tokio::test]
async fn names_are_unique_only_while_the_account_checks_it() {
    let desk = Desk::unlimited().await;
    desk.group("Vendas").await;
    let reply = desk.post("groups", json!({"group": {"name": "vendas"}})).await.expect(422);
    assert_eq!(reply.body["details"]["name"][0]["error"], "DuplicateValue");
    let settings = json!({"settings": {"groups": {"check_group_name_uniqueness": false}}});
    desk.put("account/settings", settings).await.expect(200);
    desk.group("vendas").await;
    let reply = desk.post("groups", json!({"group": {"name": " "}})).await.expect(422);
    assert!(reply.body["details"]["name"][0]["description"].is_string());
}

#[tokio::test]
async fn a_private_group_never_becomes_public_and_the_default_group_cannot_be_touched() {
    let desk = Desk::unlimited().await;
    let private = json!({"group": {"name": "p", "is_public": false}});
    let id = desk.post("groups", private).await.expect(201).id("group");
    desk.put(&format!("groups/{id}"), json!({"group": {"is_public": true}})).await.expect(422);
    let default = desk.account_state()["default_group_id"].to_string();
    desk.put(&format!("groups/{default}"), json!({"group": {"name": "x"}})).await.expect(403);
    desk.delete(&format!("groups/{default}")).await.expect(403);
    let body = json!({"group": {"name": "a person may"}});
    let person = [("x-sandbox-person", "Marta")];
    desk.raw((Method::PUT, &format!("/api/v2/groups/{default}")), &person, Some(body)).await.expect(200);
}

#[tokio::test]
async fn a_group_that_is_somebodys_default_cannot_be_removed_until_the_default_moves() {
    let desk = Desk::unlimited().await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let body = json!({"group_membership": {"user_id": user, "group_id": group}});
    let reply = desk.post("group_memberships", body).await.expect(201);
    assert_eq!(reply.body["group_membership"]["default"], false);
    let membership = reply.id("group_membership");
    let path = format!("users/{user}/group_memberships/{membership}/make_default");
    let all = desk.put(&path, json!({})).await.expect(200).body["group_memberships"].clone();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(desk.get(&format!("users/{user}")).await.body["user"]["default_group_id"].to_string(), group);
    desk.delete(&format!("groups/{group}")).await.expect(422);

    let other =
        desk.get(&format!("users/{user}/group_memberships")).await.body["group_memberships"][0].clone();
    desk.put(&format!("users/{user}"), json!({"user": {"default_group_id": other["group_id"]}}))
        .await
        .expect(200);
    desk.delete(&format!("groups/{group}")).await.expect(204);
    desk.get(&format!("group_memberships/{membership}")).await.expect(404);
}

#[tokio::test]
async fn a_membership_is_deleted_by_its_own_id_and_only_agents_have_one() {
    let desk = Desk::unlimited().await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let body = json!({"group_membership": {"user_id": user, "group_id": group}});
    let id = desk.post("group_memberships", body.clone()).await.expect(201).id("group_membership");
    let reply = desk.post("group_memberships", body.clone()).await.expect(422);
    assert_eq!(reply.body["error"], "RecordInvalid");
    desk.assume(json!({"duplicateMembership": "existing"})).await;
    assert_eq!(desk.post("group_memberships", body).await.expect(201).id("group_membership"), id);

    assert_eq!(ids(&desk.get(&format!("groups/{group}/users")).await.body["users"], "id"), [user.as_str()]);
    let of_group = desk.get(&format!("groups/{group}/memberships")).await.expect(200);
    assert_eq!(ids(&of_group.body["group_memberships"], "id"), [id.as_str()]);
    let of_user = desk.get(&format!("users/{user}/groups")).await.expect(200);
    assert!(ids(&of_user.body["groups"], "id").contains(&group));

    desk.delete(&format!("group_memberships/{group}")).await.expect(404);
    desk.delete(&format!("group_memberships/{id}")).await.expect(204);
    let shopper = desk.post("users", json!({"user": {"name": "s"}})).await.expect(201).id("user");
    let body = json!({"group_membership": {"user_id": shopper, "group_id": group}});
    desk.post("group_memberships", body).await.expect(422);
}

#[tokio::test]
async fn removing_the_default_membership_moves_the_default_or_is_refused_as_assumed() {
    let desk = Desk::unlimited().await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let body = json!({"group_membership": {"user_id": user, "group_id": group}});
    desk.post("group_memberships", body).await.expect(201);
    let list = format!("users/{user}/group_memberships");
    let default = desk.get(&list).await.body["group_memberships"][0]["id"].to_string();
    desk.assume(json!({"defaultMembership": "refused"})).await;
    desk.delete(&format!("group_memberships/{default}")).await.expect(422);
    desk.assume(json!({"defaultMembership": "moves"})).await;
    desk.delete(&format!("group_memberships/{default}")).await.expect(204);
    let left = desk.get(&list).await.body["group_memberships"].clone();
    assert_eq!(ids(&left, "group_id"), [group]);
    assert_eq!(left[0]["default"], true);
}

#[tokio::test]
async fn memberships_in_bulk_are_jobs_that_report_each_failure_inside_a_completed_job() {
    let desk = Desk::unlimited().await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let items = json!({"group_memberships": [{"user_id": user, "group_id": group}, {"user_id": 1, "group_id": group}]});
    let job = desk.post("group_memberships/create_many", items).await.expect(200);
    let path = format!("job_statuses/{}", job.body["job_status"]["id"].as_str().unwrap());
    desk.zendesk.clock().advance(std::time::Duration::from_secs(2));
    let done = desk.get(&path).await.expect(200).body["job_status"].clone();
    assert_eq!((done["status"].clone(), done["progress"].clone()), (json!("completed"), json!(2)));
    assert_eq!(done["results"][0]["success"], true);
    assert_eq!(done["results"][1]["success"], false);
    let created = done["results"][0]["id"].to_string();
    desk.get(&format!("group_memberships/{created}")).await.expect(200);

    desk.delete(&format!("group_memberships/destroy_many?ids={created}")).await.expect(200);
    desk.zendesk.clock().advance(std::time::Duration::from_secs(2));
    desk.get(&format!("group_memberships/{created}")).await.expect(404);
    let many: Vec<Value> = (0..101).map(|_| json!({"user_id": 1, "group_id": 1})).collect();
    let reply =
        desk.post("group_memberships/create_many", json!({ "group_memberships": many })).await.expect(400);
    assert_eq!(reply.body["error"], "TooManyValues");
    assert_eq!(reply.body["max_count"], 100);
}

#[tokio::test]
async fn a_membership_job_honors_the_default_or_ignores_it_as_assumed() {
    let desk = Desk::unlimited().await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let items = || json!({"group_memberships": [{"user_id": user, "group_id": group, "default": true}]});
    let list = format!("users/{user}/group_memberships");
    for (position, is_default) in [("no", false), ("yes", true)] {
        desk.assume(json!({"jobsHonorDefault": position})).await;
        desk.post("group_memberships/create_many", items()).await.expect(200);
        desk.zendesk.clock().advance(std::time::Duration::from_secs(2));
        let rows = desk.get(&list).await.body["group_memberships"].clone();
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["group_id"].as_u64() == group.parse().ok())
            .unwrap();
        assert_eq!(row["default"], is_default, "jobsHonorDefault: {position}");
        desk.delete(&format!("group_memberships/{}", row["id"])).await.expect(204);
    }
}

#[tokio::test]
async fn a_thirty_first_job_is_refused_with_the_assumed_status() {
    let desk = Desk::unlimited().await;
    desk.assume(json!({"jobQueuedMilliseconds": 60_000})).await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let items = || json!({"group_memberships": [{"user_id": user, "group_id": group}]});
    for _ in 0..30 {
        desk.post("group_memberships/create_many", items()).await.expect(200);
    }
    assert_eq!(
        desk.post("group_memberships/create_many", items()).await.expect(429).body["error"],
        "TooManyJobs"
    );
    desk.assume(json!({"tooManyJobsStatus": 422})).await;
    desk.post("group_memberships/create_many", items()).await.expect(422);
}

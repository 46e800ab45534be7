//! A store moves to another account: neither side is lost, and the old one is left only after the bot was switched.

use reqwest::Method;
use sandbox::zendesk::{AccountConfig, CLIENT_ID, CLIENT_SECRET, Config, Plan};
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Desk, World, account, secret, small};

const NEW: &str = "lojanorte";

async fn two_accounts() -> Desk {
    let plan = |name: &str| AccountConfig { plan: Plan::Professional, ..AccountConfig::new(name) };
    let desk = Desk::with(Config { accounts: vec![plan(ACCOUNT), plan(NEW)], ..Config::default() }).await;
    for name in [ACCOUNT, NEW] {
        let unlimited = json!({"features": {"rateLimits": false}});
        desk.control(Method::PUT, &format!("accounts/{name}"), unlimited).await;
    }
    desk
}

/// How many live objects of an account carry a mark.
fn marked(world: &World, account: &str) -> usize {
    let state = world.desk.zendesk.state()["accounts"][account].clone();
    let live = |object: &&Value| {
        object["deleted"] != true && object["active"] != false && object.to_string().contains("hso1c/")
    };
    ["users", "groups", "webhooks", "triggers", "ticket_fields"]
        .iter()
        .map(|kind| state[kind].as_array().unwrap().iter().filter(live).count())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_moves_keeps_its_old_side_until_the_bot_was_switched() {
    let mut world = World::with_desk(two_accounts().await).await;
    let mut spec = small();
    spec["deletionPolicy"] = json!("Deactivate");
    let mut store = world.onboard(spec).await;
    let objects = marked(&world, ACCOUNT);
    let data =
        json!({"host": format!("{NEW}.zendesk.com"), "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
    world.apply(secret("north-credentials", "humansupport.dev/credentials", data)).await;
    let mut north = account();
    north["metadata"]["name"] = json!("north");
    north["spec"]["zendesk"]["subdomain"] = json!(NEW);
    north["spec"]["credentialsSecretRef"]["name"] = json!("north-credentials");
    world.apply(north).await;
    let mark = world.desk.mark();
    store.edit(|spec| spec["accountRef"]["name"] = json!("north")).await;
    let moved = store.settle().await;
    assert_eq!(marked(&world, NEW), objects, "the new side is complete");
    let on_old: Vec<_> =
        world.desk.writes(mark).into_iter().filter(|entry| entry.account == ACCOUNT).collect();
    assert!(on_old.is_empty(), "the old side serves customers until the bot is switched: {on_old:?}");
    let phases = |object: &Value| -> Vec<(String, String)> {
        let bindings = object["status"]["bindings"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        bindings.iter().map(|binding| (text(&binding["account"]), text(&binding["phase"]))).collect()
    };
    let both = [("HelpdeskAccount/north", "Active"), ("HelpdeskAccount/zendesk", "Leaving")];
    assert_eq!(phases(&moved), both.map(|(account, phase)| (account.to_owned(), phase.to_owned())));
    // Killed here, it still knows which side it leaves.
    world.kill_operator();
    world.start_operator().await;
    store.settle().await;
    assert_eq!(marked(&world, ACCOUNT), objects);
    store.do_pending_steps().await;
    store.until("the old side is left", |object| phases(object).len() == 1).await;
    assert_eq!(world.desk.user("ana@loja.example")["suspended"], true);
    assert_eq!(world.desk.one("webhooks", "name", "lojacentro/handler")["status"], "inactive");
    assert_eq!(marked(&world, NEW), objects, "the new side is as it was");
}

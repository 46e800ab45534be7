//! One partner token for many Zenvia accounts: the platform says which store gets which, and a store without an entry
//! gets nothing.

use sandbox::zenvia::{PARTNER_TOKEN, api_token};
use serde_json::{Value, json};

use crate::harness::{
    API_HOST, CHAT_HOST, HANDLER_HOST, MEMBER, OTHER_MEMBER, Store, World, ZenviaWorld, agent, condition,
    handler_token, secret, zenvia_small,
};

const CREDENTIALS: &str = "humansupport.dev/credentials";

fn account(entries: Value) -> Value {
    json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "ClusterHelpdeskAccount",
        "metadata": {"name": "zenvia-partner"},
        "spec": {
            "zenvia": {"api": "Partner", "plan": "Advanced", "accounts": entries},
            "credentialsSecretRef": {"name": "partner"},
            "allowedNamespaces": {},
            "limits": {"requestsPerMinute": 100_000, "webhookHosts": [HANDLER_HOST]},
        },
    })
}

fn entry_for(account: u64, store: &str) -> Value {
    json!({"accountId": account.to_string(), "namespace": format!("ns-{store}"), "store": store,
        "subscriptionsSecretRef": {"name": format!("{store}-api")}})
}

/// A store in a namespace of its own.
async fn store(world: &World, name: &str) -> Store {
    let namespace = format!("ns-{name}");
    world.cluster.namespace(&namespace).await;
    let mut token = handler_token();
    token["metadata"]["namespace"] = json!(namespace);
    world.cluster.apply(&token, "tests").await.unwrap();
    let mut spec = zenvia_small();
    spec["accountRef"] = json!({"kind": "ClusterHelpdeskAccount", "name": "zenvia-partner"});
    spec["store"] = json!(name);
    spec["agents"] = json!([agent(name, "sales")]);
    let store = Store::new(&world.cluster, (&namespace, "loja"), spec);
    store.apply().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn each_store_gets_the_account_that_the_platform_wrote_for_it_and_no_other() {
    let mut world = ZenviaWorld::over(World::of_a_platform().await).await;
    let partner = json!({"chatHost": CHAT_HOST, "partnerToken": PARTNER_TOKEN});
    world.world.apply(secret("partner", CREDENTIALS, partner)).await;
    for (name, id) in [("norte", MEMBER), ("sul", OTHER_MEMBER)] {
        let values = json!({"apiHost": API_HOST, "apiToken": api_token(id)});
        world.world.apply(secret(&format!("{name}-api"), CREDENTIALS, values)).await;
    }
    let cluster = world.world.cluster.clone();
    cluster.apply(&account(json!([entry_for(MEMBER, "norte")])), "tests").await.unwrap();
    world.world.start_operator().await;
    let (norte, sul) = (store(&world.world, "norte").await, store(&world.world, "sul").await);
    norte.until_ready().await;
    let said = sul.until_stalled("AccountNotAllowed").await;
    assert!(said.contains("`zenvia.accounts`"), "{said}");
    let object = sul.get().await;
    let step = &object["status"]["pendingSteps"][0];
    assert_eq!((&step["name"], &step["value"]), (&json!("ObtainPartnerAccount"), &json!("ns-sul/sul")));
    assert_eq!(world.zenvia.account(MEMBER)["license_quantity"], 5);
    assert_eq!(emails(&world, MEMBER), ["norte@loja.example"]);
    let others = world.zenvia.writes(0);
    assert!(others.iter().all(|entry| entry.account == MEMBER.to_string()), "nothing in another account");

    // The platform obtains the account: the step closes by itself.
    let entries = json!([entry_for(MEMBER, "norte"), entry_for(OTHER_MEMBER, "sul")]);
    cluster.apply(&account(entries), "tests").await.unwrap();
    let object = sul.until_ready().await;
    let steps = object["status"]["pendingSteps"].to_string();
    assert!(!steps.contains("ObtainPartnerAccount"), "{steps}");
    assert_eq!(emails(&world, OTHER_MEMBER), ["sul@loja.example"]);
    assert_eq!(emails(&world, MEMBER), ["norte@loja.example"], "each has its own");
    for (id, url) in [(MEMBER, "norte"), (OTHER_MEMBER, "sul")] {
        let subscriptions = world.zenvia.all_of(id, "subscriptions");
        assert_eq!(subscriptions.len(), 2, "{url}: {subscriptions:#?}");
    }
    the_platform_cannot_swap_an_account_under_a_store(&world, (&norte, &sul)).await;
    let account = cluster.api("ClusterHelpdeskAccount", None).get("zenvia-partner").await.unwrap();
    let account = serde_json::to_value(account).unwrap();
    assert_eq!(condition(&account, "Ready")["status"], "True");
    assert_eq!(account["status"]["stores"], 2);
}

/// A swapped entry would leave the store's people in the former account, known to nobody.
async fn the_platform_cannot_swap_an_account_under_a_store(
    world: &ZenviaWorld,
    (norte, sul): (&Store, &Store),
) {
    let cluster = &world.world.cluster;
    let mark = world.zenvia.mark();
    let swapped = json!([entry_for(OTHER_MEMBER, "norte"), entry_for(MEMBER, "sul")]);
    cluster.apply(&account(swapped), "tests").await.unwrap();
    for store in [norte, sul] {
        let said = store.until_stalled("AccountMismatch").await;
        assert!(said.contains("`accountRef`"), "{said}");
    }
    assert_eq!(world.zenvia.writes(mark).len(), 0, "{}", world.zenvia.writes_text(mark));
    let entries = json!([entry_for(MEMBER, "norte"), entry_for(OTHER_MEMBER, "sul")]);
    cluster.apply(&account(entries), "tests").await.unwrap();
    norte.until_ready().await;
    sul.until_ready().await;
}

fn emails(world: &ZenviaWorld, account: u64) -> Vec<String> {
    let agents = world.zenvia.all_of(account, "agents");
    agents.iter().map(|agent| agent["email"].as_str().unwrap().to_owned()).collect()
}
